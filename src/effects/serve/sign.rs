//! Signatures of thinking: bound to the model, the tools, the system prompt and every message before.

use base64::Engine;
use serde_json::Value;

/// A restart keeps old conversations valid, and nothing depends on this being secret.
const KEY: [u8; 32] = *b"rationale's rules sign their own";

/// What a piece of thinking is bound to. Marks for the cache may move without harm.
fn bound(request: &Value, before: &[Value]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(&KEY);
    for part in [&request["model"], &request["tools"], &normal(&request["system"])] {
        hasher.update(without_marks(part).to_string().as_bytes());
        hasher.update(&[0]);
    }
    for message in before {
        hasher.update(message["role"].as_str().unwrap_or_default().as_bytes());
        hasher.update(without_marks(&normal(&message["content"])).to_string().as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize()
}

/// A text and a list with that one text are the same.
fn normal(content: &Value) -> Value {
    match content {
        Value::String(text) => serde_json::json!([{"type": "text", "text": text}]),
        other => other.clone(),
    }
}

fn without_marks(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .filter(|(name, _)| *name != "cache_control")
                .map(|(name, value)| (name.clone(), without_marks(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_marks).collect()),
        other => other.clone(),
    }
}

/// The signature of thinking that answers `request`, whose messages are `before`.
pub fn signature(request: &Value, before: &[Value], thinking: &str) -> String {
    let mut bytes = bound(request, before).as_bytes().to_vec();
    bytes.extend_from_slice(&blake3::keyed_hash(&KEY, thinking.as_bytes()).as_bytes()[..16]);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Whether a signature was made for what stands before.
pub fn is_valid(request: &Value, before: &[Value], signature: &str) -> bool {
    let bytes = base64::engine::general_purpose::STANDARD.decode(signature).unwrap_or_default();
    bytes.len() == 48 && bytes[..32] == *bound(request, before).as_bytes()
}
