//! One answer of the analyst in the wire format: as a whole, or as events.

use serde_json::{Value, json};

use crate::analyst::call::fitting;
use crate::analyst::converse::{Choice, Heard, Offered, Part, Returned, converse};
use crate::domain::endpoint::RULES_MODEL;
use crate::domain::prompt::guess_tokens;
use crate::effects::serve::cache::Used;
use crate::effects::serve::sign;

/// An answer, cut to its limit.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its name.
    pub id: String,
    model: String,
    blocks: Vec<Value>,
    stop: &'static str,
    stop_sequence: Option<String>,
    usage: Value,
    diagnostics: Option<Value>,
    /// Tools whose input is written in small pieces.
    eager: Vec<String>,
}

/// All text of a message, whatever its shape.
pub fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks
            .iter()
            .filter(|block| block["type"] == "text")
            .filter_map(|block| block["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

/// What the rules hear of a request.
fn hear(request: &Value) -> Heard {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text = vec![text_of(&request["system"])];
    // Rules that come in the middle count like those at the beginning.
    text.extend(
        messages.iter().filter(|message| message["role"] != "assistant").map(|message| text_of(&message["content"])),
    );
    let said: Vec<String> = messages
        .iter()
        .filter(|message| message["role"] == "assistant")
        .map(|message| text_of(&message["content"]))
        .collect();
    let names: Vec<(&str, &str)> = messages
        .iter()
        .flat_map(|message| message["content"].as_array().into_iter().flatten())
        .filter(|block| block["type"] == "tool_use")
        .filter_map(|block| Some((block["id"].as_str()?, block["name"].as_str()?)))
        .collect();
    // Results count since the person last said something – with those that came together with it.
    let has_words = |message: &Value| message["role"] == "user" && !text_of(&message["content"]).is_empty();
    let since = messages.iter().rposition(has_words).unwrap_or(0);
    let returned = messages[since..]
        .iter()
        .flat_map(|message| message["content"].as_array().into_iter().flatten())
        .filter(|block| block["type"] == "tool_result")
        .map(|block| Returned {
            name: block["tool_use_id"]
                .as_str()
                .and_then(|id| names.iter().find(|(other, _)| *other == id))
                .map(|(_, name)| (*name).to_owned())
                .unwrap_or_default(),
            text: text_of(&block["content"]),
            is_error: block["is_error"] == true,
        })
        .collect();
    let choice = &request["tool_choice"];
    Heard {
        text: text.join("\n\n"),
        words: messages.get(since).map(|message| text_of(&message["content"])).unwrap_or_default(),
        said: if since == 0 { String::new() } else { said.join("\n\n") },
        tools: request["tools"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|tool| Offered {
                name: tool["name"].as_str().unwrap_or_default().to_owned(),
                schema: tool["input_schema"].clone(),
            })
            .collect(),
        choice: match choice["type"].as_str() {
            Some("any") => Choice::Any,
            Some("tool") => Choice::Tool(choice["name"].as_str().unwrap_or_default().to_owned()),
            Some("none") => Choice::Never,
            _ => Choice::Auto,
        },
        one_at_a_time: choice["disable_parallel_tool_use"] == true,
        returned,
    }
}

/// Whether the last thing that came are results of tools.
fn follows_results(messages: &[Value]) -> bool {
    let last = messages.iter().rfind(|message| message["role"] == "user");
    last.into_iter()
        .filter_map(|message| message["content"].as_array())
        .flatten()
        .any(|block| block["type"] == "tool_result")
}

impl Reply {
    /// Answers a request that has been checked.
    pub fn new(request: &Value, used: Used, tier: &str) -> Self {
        let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let max_tokens = request["max_tokens"].as_u64().unwrap_or(0);
        let thinks = match request["thinking"]["type"].as_str() {
            None | Some("disabled") => false,
            Some("between_tools") => follows_results(messages),
            Some(_) => true,
        };
        let is_omitted = request["thinking"]["display"] == "omitted";
        let mut parts = converse(&hear(request));
        let calls = parts.iter().any(|part| matches!(part, Part::Call(..)));
        if let Some(schema) = request["output_config"]["format"].get("schema").filter(|_| !calls) {
            let words = text_of(&messages.last().unwrap_or(&Value::Null)["content"]);
            parts = vec![Part::Text(fitting(schema, &words).to_string())];
        }
        // Nothing but the cache was asked for.
        if max_tokens == 0 {
            parts.clear();
        }
        let mut left = usize::try_from(max_tokens.saturating_mul(7) / 2).unwrap_or(usize::MAX);
        let (mut blocks, mut stop, mut n_thinking, mut n_output) =
            (Vec::new(), if max_tokens == 0 { "max_tokens" } else { "end_turn" }, 0, 0);
        let mut stop_sequence = None;
        for part in parts {
            match part {
                Part::Thinking(_) if !thinks => {}
                Part::Thinking(_) if left == 0 => stop = "max_tokens",
                Part::Thinking(mut thinking) => {
                    if cut(&mut thinking, &mut left) {
                        stop = "max_tokens";
                    }
                    n_thinking += guess_tokens(&thinking);
                    n_output += guess_tokens(&thinking);
                    let signature = sign::signature(request, messages, &thinking);
                    let shown = if is_omitted { String::new() } else { thinking };
                    blocks.push(json!({"type": "thinking", "thinking": shown, "signature": signature}));
                }
                Part::Text(mut text) => {
                    let sequences = request["stop_sequences"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let found = sequences
                        .iter()
                        .filter_map(Value::as_str)
                        .filter_map(|sequence| Some((text.find(sequence)?, sequence)))
                        .min();
                    if let Some((at, sequence)) = found {
                        text.truncate(at);
                        stop = "stop_sequence";
                        stop_sequence = Some(sequence.to_owned());
                    }
                    if cut(&mut text, &mut left) {
                        (stop, stop_sequence) = ("max_tokens", None);
                    }
                    n_output += guess_tokens(&text);
                    if !text.is_empty() {
                        blocks.push(json!({"type": "text", "text": text}));
                    }
                }
                Part::Call(name, input) => {
                    let mut text = input.to_string();
                    n_output += guess_tokens(&text);
                    // A call that does not fit is not begun.
                    if cut(&mut text, &mut left) {
                        stop = "max_tokens";
                        break;
                    }
                    let id = format!("toolu_{}", uuid::Uuid::now_v7().simple());
                    blocks.push(json!({"type": "tool_use", "id": id, "name": name, "input": input}));
                    stop = "tool_use";
                }
            }
            if matches!(stop, "max_tokens" | "stop_sequence") {
                break;
            }
        }
        let usage = json!({
            "input_tokens": used.input, "cache_creation_input_tokens": used.written_5m + used.written_1h,
            "cache_read_input_tokens": used.read,
            "cache_creation": {"ephemeral_5m_input_tokens": used.written_5m, "ephemeral_1h_input_tokens": used.written_1h},
            "output_tokens": n_output, "output_tokens_details": {"thinking_tokens": n_thinking}, "service_tier": tier,
        });
        let tools = request["tools"].as_array().into_iter().flatten();
        let eager = tools
            .filter(|tool| tool["eager_input_streaming"] == true)
            .filter_map(|tool| tool["name"].as_str().map(ToOwned::to_owned))
            .collect();
        Self {
            id: format!("msg_{}", uuid::Uuid::now_v7().simple()),
            model: request["model"].as_str().unwrap_or(RULES_MODEL).to_owned(),
            blocks,
            stop,
            stop_sequence,
            usage,
            diagnostics: None,
            eager,
        }
    }

    /// With its thinking held back: whoever gets it can send it back and not read it.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        for block in self.blocks.iter_mut().filter(|block| block["type"] == "thinking") {
            *block = json!({"type": "redacted_thinking", "data": block["signature"]});
        }
        self
    }

    /// Tokens of the answer.
    pub fn n_output(&self) -> u64 {
        self.usage["output_tokens"].as_u64().unwrap_or_default()
    }

    /// Why the cache did not serve, where that was asked.
    #[must_use]
    pub fn with_diagnostics(mut self, diagnostics: Option<Value>) -> Self {
        self.diagnostics = diagnostics;
        self
    }

    /// The whole message.
    pub fn whole(&self) -> Value {
        let mut message = json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": self.blocks,
            "stop_reason": self.stop, "stop_sequence": self.stop_sequence, "stop_details": null, "usage": self.usage,
        });
        if let Some(diagnostics) = &self.diagnostics {
            message["diagnostics"] = diagnostics.clone();
        }
        message
    }

    /// The message as events.
    pub fn events(&self) -> Vec<String> {
        let mut start = self.whole();
        start["content"] = json!([]);
        start["stop_reason"] = Value::Null;
        start["stop_sequence"] = Value::Null;
        // What it will write is not known at the start.
        start["usage"]["output_tokens"] = json!(1);
        if let Some(usage) = start["usage"].as_object_mut() {
            usage.remove("output_tokens_details");
        }
        let mut events = vec![event("message_start", json!({ "message": start }))];
        for (index, block) in self.blocks.iter().enumerate() {
            let mut empty = block.clone();
            let mut deltas = Vec::new();
            match block["type"].as_str() {
                Some("thinking") => {
                    empty["thinking"] = json!("");
                    empty["signature"] = json!("");
                    let text = block["thinking"].as_str().unwrap_or_default();
                    deltas.extend(
                        pieces(text, 14).into_iter().map(|piece| json!({"type": "thinking_delta", "thinking": piece})),
                    );
                    deltas.push(json!({"type": "signature_delta", "signature": block["signature"]}));
                }
                Some("tool_use") => {
                    empty["input"] = json!({});
                    let text = block["input"].to_string();
                    deltas.push(json!({"type": "input_json_delta", "partial_json": ""}));
                    let is_eager = self.eager.iter().any(|name| block["name"] == name.as_str());
                    let length = if is_eager { 24 } else { 400 };
                    deltas.extend(
                        pieces(&text, length)
                            .into_iter()
                            .map(|piece| json!({"type": "input_json_delta", "partial_json": piece})),
                    );
                }
                // It stands whole in its first event.
                Some("redacted_thinking") => {}
                _ => {
                    empty["text"] = json!("");
                    let text = block["text"].as_str().unwrap_or_default();
                    deltas
                        .extend(pieces(text, 14).into_iter().map(|piece| json!({"type": "text_delta", "text": piece})));
                }
            }
            events.push(event("content_block_start", json!({"index": index, "content_block": empty})));
            if index == 0 {
                events.push(event("ping", json!({})));
            }
            events.extend(
                deltas.into_iter().map(|delta| event("content_block_delta", json!({"index": index, "delta": delta}))),
            );
            events.push(event("content_block_stop", json!({"index": index})));
        }
        let delta = json!({"stop_reason": self.stop, "stop_sequence": self.stop_sequence, "stop_details": null});
        let mut usage = self.usage.clone();
        if let Some(fields) = usage.as_object_mut() {
            fields.remove("cache_creation");
            fields.remove("service_tier");
        }
        events.push(event("message_delta", json!({"delta": delta, "usage": usage})));
        events.push(event("message_stop", json!({})));
        events
    }
}

fn event(name: &str, fields: Value) -> String {
    let mut data = json!({ "type": name });
    if let (Some(data), Value::Object(fields)) = (data.as_object_mut(), fields) {
        data.extend(fields);
    }
    format!("event: {name}\ndata: {data}\n\n")
}

/// Cuts a text to what is left. Returns whether something was cut.
fn cut(text: &mut String, left: &mut usize) -> bool {
    if text.len() <= *left {
        *left -= text.len();
        return false;
    }
    let mut end = *left;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    *left = 0;
    true
}

/// A few words at a time.
fn pieces(text: &str, length: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(length);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let end = rest[end..].find([' ', '\n']).map_or(rest.len(), |more| end + more + 1);
        let mut end = end.min(length * 4).min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces
}
