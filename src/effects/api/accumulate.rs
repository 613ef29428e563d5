//! Events of one answer, put together by the index of their block. No input or output here.
//!
//! Blocks may overlap, lack fields, or never close; whatever is not known is passed over and said.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::domain::turn::{BlockKind, StopReason, StreamEvent, Turn, Usage};
use crate::effects::api::sse::Frame;
use crate::text::RawText;

/// An answer in the making.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    model: String,
    blocks: BTreeMap<usize, Open>,
    usage: Usage,
    stop: Option<StopReason>,
    is_complete: bool,
    has_started: bool,
    error: Option<String>,
}

#[derive(Clone, Debug)]
struct Open {
    kind: BlockKind,
    start: Map<String, Value>,
    text: String,
    signature: Option<String>,
    is_closed: bool,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    index: Option<usize>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    content_block: Option<Map<String, Value>>,
    message: Option<Message>,
    usage: Option<WireUsage>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    text: Option<String>,
    thinking: Option<String>,
    partial_json: Option<String>,
    signature: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    model: Option<String>,
    usage: Option<WireUsage>,
    content: Option<Vec<Map<String, Value>>>,
    stop_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cache_creation_input_tokens: Option<i64>,
    cache_read_input_tokens: Option<i64>,
    cache_creation: Option<WireCacheCreation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCacheCreation {
    ephemeral_1h_input_tokens: Option<i64>,
}

impl WireUsage {
    fn to_usage(&self) -> Usage {
        // A count below zero is not one.
        let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        Usage {
            input_tokens: count(self.input_tokens),
            output_tokens: count(self.output_tokens),
            cache_creation_input_tokens: count(self.cache_creation_input_tokens),
            cache_creation_1h_tokens: self
                .cache_creation
                .as_ref()
                .and_then(|parts| count(parts.ephemeral_1h_input_tokens)),
            cache_read_input_tokens: count(self.cache_read_input_tokens),
        }
    }
}

impl Accumulator {
    /// Takes one frame of the stream and adds what a reader should hear of it.
    pub fn take(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>) {
        let (name, data) = match frame {
            Frame::Comment => return events.push(StreamEvent::Alive),
            Frame::Event(name, data) => (name, data),
        };
        if self.is_complete {
            return events.push(StreamEvent::Unknown(format!("{name} after the end")));
        }
        let Ok(wire) = serde_json::from_str::<Wire<'_>>(data) else {
            if name == "error" {
                self.error = Some(data.chars().take(500).collect());
            } else if data != "[DONE]" {
                events.push(StreamEvent::Unknown(format!("{name} that can't be read")));
            }
            return;
        };
        let kind = if wire.kind.is_empty() { name } else { &wire.kind };
        match kind {
            "message_start" => self.start(wire.message.unwrap_or_default(), events),
            "content_block_start" => self.open(wire.index, wire.content_block.unwrap_or_default(), events),
            "content_block_delta" => self.delta(wire.index, wire.delta, events),
            "content_block_stop" => {
                if let Some((index, block)) =
                    wire.index.and_then(|index| self.blocks.get_mut(&index).map(|block| (index, block)))
                    && !block.is_closed
                {
                    block.is_closed = true;
                    events.push(StreamEvent::BlockStopped { index });
                }
            }
            "message_delta" => {
                if let Some(word) = wire.delta.and_then(|delta| delta.stop_reason) {
                    self.stop = Some(StopReason::from_word(&word));
                }
                if let Some(usage) = wire.usage {
                    self.usage.update(usage.to_usage());
                    events.push(StreamEvent::Used(self.usage));
                }
            }
            "message_stop" => self.is_complete = true,
            "ping" => events.push(StreamEvent::Alive),
            "error" => self.error = Some(error_text(wire.error.map_or(data, RawValue::get))),
            _ if wire.error.is_some() => self.error = Some(error_text(wire.error.map_or(data, RawValue::get))),
            other => events.push(StreamEvent::Unknown(other.chars().take(80).collect())),
        }
    }

    fn start(&mut self, message: Message, events: &mut Vec<StreamEvent>) {
        if self.has_started {
            return events.push(StreamEvent::Unknown("a second message_start".into()));
        }
        self.has_started = true;
        self.model = message.model.unwrap_or_default();
        if let Some(usage) = message.usage {
            self.usage.update(usage.to_usage());
        }
        events.push(StreamEvent::Started { model: self.model.clone(), usage: self.usage });
    }

    fn open(&mut self, index: Option<usize>, start: Map<String, Value>, events: &mut Vec<StreamEvent>) {
        let Some(index) = index.filter(|index| *index < 100_000) else { return };
        if self.blocks.contains_key(&index) {
            return events.push(StreamEvent::Unknown("a block that is open already".into()));
        }
        let kind = kind_of(&start);
        let text =
            ["text", "thinking"].iter().find_map(|field| start.get(*field)?.as_str()).unwrap_or_default().to_owned();
        events.push(StreamEvent::BlockStarted { index, kind: kind.clone() });
        if !text.is_empty() {
            events.push(StreamEvent::Delta { index, text: RawText::new(&text) });
        }
        let signature =
            start.get("signature").and_then(Value::as_str).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        self.blocks.insert(index, Open { kind, start, text, signature, is_closed: false });
    }

    fn delta(&mut self, index: Option<usize>, delta: Option<Delta<'_>>, events: &mut Vec<StreamEvent>) {
        let (Some(index), Some(delta)) = (index, delta) else { return };
        let piece = match delta.kind.as_ref() {
            "text_delta" => delta.text,
            "thinking_delta" => delta.thinking,
            "input_json_delta" => delta.partial_json,
            "signature_delta" => {
                if let (Some(block), Some(signature)) =
                    (self.blocks.get_mut(&index), delta.signature.filter(|text| !text.is_empty()))
                {
                    block.signature = Some(signature);
                }
                return;
            }
            other => return events.push(StreamEvent::Unknown(other.chars().take(80).collect())),
        };
        let Some(piece) = piece.filter(|piece| !piece.is_empty()) else { return };
        if !self.blocks.contains_key(&index) {
            // A server that forgot to open its block: the kind of the delta tells what it is.
            let kind = if delta.kind == "thinking_delta" { "thinking" } else { "text" };
            self.open(Some(index), Map::from_iter([("type".to_owned(), json!(kind))]), events);
        }
        if let Some(block) = self.blocks.get_mut(&index) {
            block.text.push_str(&piece);
            events.push(StreamEvent::Delta { index, text: RawText::new(piece) });
        }
    }

    /// Takes an answer that came as one JSON document. Returns whether it was one.
    pub fn take_whole(&mut self, body: &[u8], events: &mut Vec<StreamEvent>) -> bool {
        let Ok(mut message) = serde_json::from_slice::<Message>(body) else { return false };
        let Some(content) = message.content.take() else { return false };
        self.stop = message.stop_reason.as_deref().map(StopReason::from_word);
        self.start(message, events);
        for (index, block) in content.into_iter().enumerate() {
            self.open(Some(index), block, events);
            if let Some(open) = self.blocks.get_mut(&index) {
                open.is_closed = true;
                if let Some(input) = open.start.get("input") {
                    open.text = input.to_string();
                }
            }
            events.push(StreamEvent::BlockStopped { index });
        }
        events.push(StreamEvent::Used(self.usage));
        self.is_complete = true;
        true
    }

    /// Whether `message_stop` has come.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// What an `error` event said.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// The answer. `stop` overrules what the server said, for an answer that was broken off.
    pub fn finish(self, stop: Option<StopReason>) -> Turn {
        let blocks = self.blocks.values().map(|block| (block.kind.clone(), RawText::new(&block.text))).collect();
        let raw_blocks = self.blocks.values().filter_map(Open::to_json).collect();
        let stop = stop.or(self.stop).unwrap_or(StopReason::EndTurn);
        Turn { model: self.model, blocks, raw_blocks, stop, usage: self.usage }
    }
}

impl Open {
    /// The block as it goes back to the server; nothing for one that never closed.
    fn to_json(&self) -> Option<Value> {
        if !self.is_closed {
            return None;
        }
        let mut block = self.start.clone();
        match self.kind {
            BlockKind::Thinking => {
                block.insert("thinking".into(), json!(self.text));
                block.insert("signature".into(), json!(self.signature.clone().unwrap_or_default()));
            }
            BlockKind::Text => {
                block.insert("text".into(), json!(self.text));
            }
            BlockKind::ToolUse(_) => {
                let input = if self.text.trim().is_empty() { "{}" } else { &self.text };
                block.insert("input".into(), serde_json::from_str(input).ok()?);
            }
            BlockKind::RedactedThinking | BlockKind::Unknown(_) => {}
        }
        Some(Value::Object(block))
    }
}

fn kind_of(start: &Map<String, Value>) -> BlockKind {
    match start.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => BlockKind::Text,
        "thinking" => BlockKind::Thinking,
        "redacted_thinking" => BlockKind::RedactedThinking,
        "tool_use" => BlockKind::ToolUse(start.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()),
        other => BlockKind::Unknown(other.to_owned()),
    }
}

/// What an error says, from any of the shapes in which servers write one.
fn error_text(raw: &str) -> String {
    let value: Value = serde_json::from_str(raw).unwrap_or_default();
    let message = value["message"].as_str().or_else(|| value["error"]["message"].as_str()).or_else(|| value.as_str());
    let kind = value["type"].as_str().or_else(|| value["error"]["type"].as_str());
    match (kind, message) {
        (Some(kind), Some(message)) => format!("{message} ({kind})"),
        (None, Some(message)) => message.to_owned(),
        _ => raw.chars().take(200).collect(),
    }
}
