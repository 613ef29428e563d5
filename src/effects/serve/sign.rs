//! Signatures of thinking: bound to the model, the tools, the system prompt and every message before.

use base64::Engine;
use serde_json::Value;

/// A restart keeps old conversations valid, and nothing depends on this being secret.
const KEY: [u8; 32] = *b"rationale's rules sign their own";

/// What a piece of thinking is bound to. Marks for the cache may move without harm, and a text is a list with that text.
fn bound(request: &Value, before: &[Value]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(&KEY);
    let mut add = |label: &str, value: &Value| {
        hasher.update(label.as_bytes());
        hasher.update(&[0]);
        hasher.update(without_marks(value).to_string().as_bytes());
        hasher.update(&[0]);
    };
    add("model", &request["model"]);
    each(&request["tools"], |tool| add("tool", tool));
    each(&request["system"], |block| add("system", block));
    for message in before {
        let role = message["role"].as_str().unwrap_or_default();
        each(&message["content"], |block| add(role, block));
    }
    hasher.finalize()
}

/// The blocks of a content, whatever its shape.
fn each(content: &Value, mut act: impl FnMut(&Value)) {
    match content {
        Value::String(text) if !text.is_empty() => act(&serde_json::json!({"type": "text", "text": text})),
        Value::Array(blocks) => blocks.iter().for_each(act),
        _ => {}
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

/// What is wrong with thinking that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// It is no signature of this server.
    NotOurs,
    /// It was made in another conversation.
    Elsewhere,
    /// The thinking is not the one that was signed.
    Changed,
}

/// Bytes for the conversation, for the thinking, and for the two together.
const PARTS: (usize, usize, usize) = (32, 48, 64);

fn mac(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::keyed_hash(&KEY, bytes).as_bytes()[..16]);
    short
}

/// The signature of thinking that answers `request`, whose messages are `before`.
pub fn signature(request: &Value, before: &[Value], thinking: &str) -> String {
    let mut bytes = bound(request, before).as_bytes().to_vec();
    bytes.extend_from_slice(&mac(thinking.as_bytes()));
    bytes.extend_from_slice(&mac(&bytes));
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Checks a signature against what stands before. Thinking whose text was left out is known by its signature alone.
pub fn check(request: &Value, before: &[Value], signature: &str, thinking: &str) -> Result<(), Forgery> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(signature).unwrap_or_default();
    let (conversation, text, end) = PARTS;
    if bytes.len() != end || bytes[text..] != mac(&bytes[..text]) {
        return Err(Forgery::NotOurs);
    }
    if bytes[..conversation] != *bound(request, before).as_bytes() {
        return Err(Forgery::Elsewhere);
    }
    if !thinking.is_empty() && bytes[conversation..text] != mac(thinking.as_bytes()) {
        return Err(Forgery::Changed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_signature_holds_for_one_conversation_and_one_thought() {
        let said = |content: Value| json!({"role": "user", "content": content});
        let request = json!({"model": "m", "tools": [{"name": "t"}], "system": "rules"});
        let before = [said(json!("a")), said(json!("b"))];
        let made = signature(&request, &before, "hm");
        let check = |request: &Value, before: &[Value], thinking: &str| check(request, before, &made, thinking);
        assert_eq!(check(&request, &before, "hm"), Ok(()));
        assert_eq!(check(&request, &before, ""), Ok(()), "left out");
        // Written another way, with marks for the cache, and with neighbours joined, it is the same conversation.
        let mark = json!({"type": "ephemeral"});
        let blocks = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b", "cache_control": mark}]);
        let marked = json!({"model": "m", "tools": [{"name": "t", "cache_control": mark}], "system": [{"type": "text", "text": "rules"}]});
        assert_eq!(check(&marked, &[said(blocks)], "hm"), Ok(()));
        assert_eq!(check(&request, &before, "hm!"), Err(Forgery::Changed));
        assert_eq!(check(&request, &before[..1], "hm"), Err(Forgery::Elsewhere));
        for (field, value) in [("model", json!("n")), ("tools", json!([])), ("system", json!("other rules"))] {
            let mut other = request.clone();
            other[field] = value;
            assert_eq!(check(&other, &before, "hm"), Err(Forgery::Elsewhere), "{field}");
        }
        assert_eq!(super::check(&request, &before, "c2ln", "hm"), Err(Forgery::NotOurs));
        let forged = format!("A{}", &made[1..]);
        assert_ne!(forged, made, "chosen so");
        assert_eq!(super::check(&request, &before, &forged, "hm"), Err(Forgery::NotOurs));
    }
}
