//! Events of one answer, put together by the index of their block. No input or output here.
//!
//! Blocks may overlap, lack fields, or never close; whatever is not known is passed over and said.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::turn::{BlockKind, CacheMiss, Rate, RefusalDetails, StopReason, StreamEvent, Turn, Usage};
use crate::effects::api::sse::Frame;
use crate::text::RawText;

/// An answer in the making.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    id: String,
    model: String,
    base: usize,
    refusal: Option<RefusalDetails>,
    miss: Option<CacheMiss>,
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
    /// Fields of the block as they came, each with its bytes.
    fields: Vec<(String, Box<RawValue>)>,
    /// The whole block as it came, where it came whole.
    whole: Option<Box<RawValue>>,
    text: String,
    signature: Option<String>,
    citations: Vec<Box<RawValue>>,
    is_closed: bool,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    index: Option<usize>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
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
    #[serde(borrow)]
    citation: Option<&'a RawValue>,
    stop_reason: Option<String>,
    stop_details: Option<WireDetails>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireDetails {
    category: Option<String>,
    explanation: Option<String>,
}

impl WireDetails {
    fn into_refusal(self) -> RefusalDetails {
        RefusalDetails { category: self.category.map(RawText::new), explanation: self.explanation.map(RawText::new) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    id: Option<String>,
    model: Option<String>,
    usage: Option<WireUsage>,
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
    stop_reason: Option<String>,
    stop_details: Option<WireDetails>,
    diagnostics: Option<WireDiagnostics>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireDiagnostics {
    cache_miss_reason: Option<WireMiss>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMiss {
    #[serde(rename = "type")]
    kind: String,
    cache_missed_input_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cache_creation_input_tokens: Option<i64>,
    cache_read_input_tokens: Option<i64>,
    cache_creation: Option<WireCacheCreation>,
    output_tokens_details: Option<WireOutputDetails>,
    server_tool_use: Option<WireServerTools>,
    service_tier: Option<String>,
    speed: Option<String>,
    inference_geo: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireOutputDetails {
    thinking_tokens: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireServerTools {
    web_search_requests: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCacheCreation {
    ephemeral_5m_input_tokens: Option<i64>,
    ephemeral_1h_input_tokens: Option<i64>,
}

impl WireUsage {
    fn to_usage(&self) -> Usage {
        // A count below zero is not one.
        let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        let written = self.cache_creation.as_ref();
        let hour = written.and_then(|parts| count(parts.ephemeral_1h_input_tokens));
        let minutes = written.and_then(|parts| count(parts.ephemeral_5m_input_tokens));
        // Some servers tell the sum, some its parts, some both: what was written is paid wherever it stands.
        let parts = (hour.is_some() || minutes.is_some()).then(|| hour.unwrap_or(0) + minutes.unwrap_or(0));
        Usage {
            input_tokens: count(self.input_tokens),
            output_tokens: count(self.output_tokens),
            cache_creation_input_tokens: count(self.cache_creation_input_tokens).max(parts),
            cache_creation_1h_tokens: hour,
            cache_read_input_tokens: count(self.cache_read_input_tokens),
            thinking_tokens: self.output_tokens_details.as_ref().and_then(|details| count(details.thinking_tokens)),
            web_searches: self.server_tool_use.as_ref().and_then(|tools| count(tools.web_search_requests)),
            rate: Rate {
                is_batch: self.service_tier.as_deref() == Some("batch"),
                is_us: self.inference_geo.as_deref() == Some("us"),
                is_fast: self.speed.as_deref() == Some("fast"),
            },
        }
    }
}

impl Accumulator {
    /// One whose blocks are numbered from `base` on, for an answer that goes on after others.
    pub fn numbered_from(base: usize) -> Self {
        Self { base, ..Self::default() }
    }

    /// The number that a block after the last would have.
    pub fn next_number(&self) -> usize {
        self.base + self.blocks.keys().next_back().map_or(0, |last| last + 1)
    }

    /// Takes one frame of the stream and adds what a reader should hear of it.
    pub fn take(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>) {
        let (name, data) = match frame {
            Frame::Comment => return events.push(StreamEvent::Alive),
            Frame::Event(name, data) => (name, data),
        };
        if self.is_complete {
            return events.push(StreamEvent::Unknown(format!("{name} after the end")));
        }
        let wire = match serde_json::from_str::<Wire<'_>>(data) {
            Ok(wire) => wire,
            Err(error) => {
                if name == "error" {
                    self.error = Some(data.chars().take(500).collect());
                } else if data != "[DONE]" {
                    events.push(StreamEvent::Unknown(format!("{name} that can't be read")));
                    // Where a piece of the answer is damaged, what comes after it would be taken for all of it.
                    if name.starts_with("content_block_") && !error.is_data() {
                        self.error = Some(format!("the stream is damaged: {name} is no JSON"));
                    }
                }
                return;
            }
        };
        let kind = if wire.kind.is_empty() { name } else { &wire.kind };
        match kind {
            "message_start" => self.start(wire.message.unwrap_or_default(), events),
            "content_block_start" => self.open_raw(wire.index, wire.content_block, events),
            "content_block_delta" => self.delta(wire.index, wire.delta, events),
            "content_block_stop" => {
                if let Some((index, block)) =
                    wire.index.and_then(|index| self.blocks.get_mut(&index).map(|block| (index, block)))
                    && !block.is_closed
                {
                    block.is_closed = true;
                    events.push(StreamEvent::BlockStopped { index: index + self.base });
                }
            }
            "message_delta" => {
                if let Some(delta) = wire.delta {
                    if let Some(word) = delta.stop_reason {
                        self.stop = Some(StopReason::from_word(&word));
                    }
                    if let Some(details) = delta.stop_details {
                        self.refusal = Some(details.into_refusal());
                    }
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

    fn start(&mut self, message: Message<'_>, events: &mut Vec<StreamEvent>) {
        if self.has_started {
            return events.push(StreamEvent::Unknown("a second message_start".into()));
        }
        self.has_started = true;
        self.id = message.id.unwrap_or_default();
        self.model = message.model.unwrap_or_default();
        self.miss = message
            .diagnostics
            .and_then(|diagnostics| diagnostics.cache_miss_reason)
            .filter(|miss| !miss.kind.is_empty())
            .map(|miss| CacheMiss { reason: miss.kind, tokens: miss.cache_missed_input_tokens });
        if let Some(usage) = message.usage {
            self.usage.update(usage.to_usage());
        }
        events.push(StreamEvent::Started { model: self.model.clone(), usage: self.usage });
    }

    fn open_raw(&mut self, index: Option<usize>, block: Option<&RawValue>, events: &mut Vec<StreamEvent>) {
        let fields = block.and_then(|block| serde_json::from_str::<Fields>(block.get()).ok()).unwrap_or_default().0;
        self.open(index, fields, events);
    }

    fn open(&mut self, index: Option<usize>, fields: Vec<(String, Box<RawValue>)>, events: &mut Vec<StreamEvent>) {
        let Some(index) = index.filter(|index| *index < 100_000) else { return };
        if self.blocks.contains_key(&index) {
            return events.push(StreamEvent::Unknown("a block that is open already".into()));
        }
        let kind = kind_of(&fields);
        let text = ["text", "thinking"].iter().find_map(|name| string_field(&fields, name)).unwrap_or_default();
        events.push(StreamEvent::BlockStarted { index: index + self.base, kind: kind.clone() });
        if !text.is_empty() {
            events.push(StreamEvent::Delta { index: index + self.base, text: RawText::new(&text) });
        }
        let signature = string_field(&fields, "signature").filter(|text| !text.is_empty());
        let open = Open { kind, fields, whole: None, text, signature, citations: Vec::new(), is_closed: false };
        self.blocks.insert(index, open);
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
            "citations_delta" => {
                if let (Some(block), Some(citation)) = (self.blocks.get_mut(&index), delta.citation) {
                    block.citations.push(citation.to_owned());
                }
                return;
            }
            other => return events.push(StreamEvent::Unknown(other.chars().take(80).collect())),
        };
        let Some(piece) = piece.filter(|piece| !piece.is_empty()) else { return };
        if !self.blocks.contains_key(&index) {
            // A server that forgot to open its block: the kind of the delta tells what it is.
            let kind = if delta.kind == "thinking_delta" { "\"thinking\"" } else { "\"text\"" };
            let fields = RawValue::from_string(kind.to_owned()).map(|kind| vec![("type".to_owned(), kind)]);
            self.open(Some(index), fields.unwrap_or_default(), events);
        }
        if let Some(block) = self.blocks.get_mut(&index) {
            block.text.push_str(&piece);
            events.push(StreamEvent::Delta { index: index + self.base, text: RawText::new(piece) });
        }
    }

    /// Takes an answer that came as one JSON document. Returns whether it was one.
    pub fn take_whole(&mut self, body: &[u8], events: &mut Vec<StreamEvent>) -> bool {
        let Ok(mut message) = serde_json::from_slice::<Message<'_>>(body) else { return false };
        let Some(content) = message.content.take() else { return false };
        self.stop = message.stop_reason.as_deref().map(StopReason::from_word);
        self.refusal = message.stop_details.take().map(WireDetails::into_refusal);
        self.start(message, events);
        for (index, block) in content.into_iter().enumerate() {
            self.open_raw(Some(index), Some(block), events);
            if let Some(open) = self.blocks.get_mut(&index) {
                open.is_closed = true;
                open.whole = Some(block.to_owned());
                let input =
                    open.fields.iter().find(|(name, _)| name == "input").map(|(_, value)| value.get().to_owned());
                if let Some(input) = input.filter(|_| matches!(open.kind, BlockKind::ToolUse(_))) {
                    events.push(StreamEvent::Delta { index: index + self.base, text: RawText::new(&input) });
                    open.text = input;
                }
            }
            events.push(StreamEvent::BlockStopped { index: index + self.base });
        }
        events.push(StreamEvent::Used(self.usage));
        self.is_complete = true;
        true
    }

    /// Whether anything of an answer has come.
    pub fn has_started(&self) -> bool {
        self.has_started || !self.blocks.is_empty() || self.error.is_some()
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
        let raw_blocks = self.blocks.values().filter_map(Open::to_raw).collect();
        let blocks = self.blocks.into_values().map(|block| (block.kind, RawText::new(block.text))).collect();
        let stop = stop.or(self.stop).unwrap_or(StopReason::EndTurn);
        Turn {
            id: self.id,
            model: self.model,
            blocks,
            raw_blocks,
            stop,
            usage: self.usage,
            refusal: self.refusal,
            miss: self.miss,
        }
    }
}

impl Open {
    /// The block as it goes back to the server; nothing for one that never closed or whose input is no JSON.
    fn to_raw(&self) -> Option<RawText> {
        // What has no kind is no block: every later request would be refused for it.
        if !self.is_closed || string_field(&self.fields, "type").is_none() {
            return None;
        }
        if let Some(whole) = &self.whole {
            return Some(RawText::new(whole.get()));
        }
        let mut fields: Vec<(&str, Cow<'_, str>)> =
            self.fields.iter().map(|(name, value)| (name.as_str(), Cow::Borrowed(value.get()))).collect();
        let mut set = |name: &'static str, value: String| match fields.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = Cow::Owned(value),
            None => fields.push((name, Cow::Owned(value))),
        };
        match self.kind {
            BlockKind::Thinking => {
                set("thinking", quoted(&self.text));
                // A server that signs nothing gets its block back as it came.
                if let Some(signature) = &self.signature {
                    set("signature", quoted(signature));
                }
            }
            BlockKind::Text => {
                set("text", quoted(&self.text));
                if !self.citations.is_empty() {
                    let list: Vec<&str> = self.citations.iter().map(|citation| citation.get()).collect();
                    set("citations", format!("[{}]", list.join(",")));
                }
            }
            BlockKind::ToolUse(_) => {
                let input = if self.text.trim().is_empty() { "{}" } else { self.text.trim() };
                serde_json::from_str::<&RawValue>(input).ok()?;
                set("input", input.to_owned());
            }
            BlockKind::RedactedThinking | BlockKind::Unknown(_) => {}
        }
        let length = fields.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
        let mut block = String::with_capacity(length);
        for (at, (name, value)) in fields.iter().enumerate() {
            block.push(if at == 0 { '{' } else { ',' });
            block.push_str(&quoted(name));
            block.push(':');
            block.push_str(value);
        }
        block.push_str(if block.is_empty() { "{}" } else { "}" });
        Some(RawText::new(block))
    }
}

/// A text as JSON, without a copy beside it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The fields of an object in their order, each value as its own bytes.
#[derive(Default)]
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fields;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

fn string_field(fields: &[(String, Box<RawValue>)], name: &str) -> Option<String> {
    let (_, value) = fields.iter().find(|(other, _)| other == name)?;
    serde_json::from_str(value.get()).ok()
}

fn kind_of(fields: &[(String, Box<RawValue>)]) -> BlockKind {
    match string_field(fields, "type").unwrap_or_default().as_str() {
        "text" => BlockKind::Text,
        "thinking" => BlockKind::Thinking,
        "redacted_thinking" => BlockKind::RedactedThinking,
        "tool_use" => BlockKind::ToolUse(string_field(fields, "name").unwrap_or_default()),
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
