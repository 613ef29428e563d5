//! What a request has to keep, as strictly as the real service sees it.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use serde_json::Value;

use crate::effects::serve::sign;

/// Why a request is refused: status, type, sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: StatusCode,
    /// The service's word.
    pub kind: &'static str,
    /// The sentence.
    pub message: String,
}

/// A request that is not as it should be.
pub fn bad(message: impl Into<String>) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, kind: "invalid_request_error", message: message.into() }
}

type Checked = Result<(), Refusal>;

/// The version that the client speaks.
pub fn version(headers: &HeaderMap) -> Result<&'static str, Refusal> {
    match headers.get("anthropic-version").and_then(|value| value.to_str().ok()) {
        Some("2023-06-01") => Ok("2023-06-01"),
        Some("2026-10-21") => Ok("2026-10-21"),
        Some(_) => Err(bad("anthropic-version: unknown version")),
        None => Err(bad("anthropic-version: header is required")),
    }
}

/// Checks what every request has: model, messages, tools, thinking, marks.
pub fn request(request: &Value, version: &str) -> Checked {
    if !request.is_object() {
        return Err(bad("the body is not a JSON object"));
    }
    for field in ["temperature", "top_p", "top_k"] {
        if version == "2026-10-21" && request.get(field).is_some() {
            return Err(bad(format!("{field}: not accepted in version 2026-10-21")));
        }
    }
    if request["model"].as_str().is_none_or(str::is_empty) {
        return Err(bad("model: Field required"));
    }
    let Some(messages) = request["messages"].as_array() else { return Err(bad("messages: Field required")) };
    if messages.is_empty() {
        return Err(bad("messages: at least one message is required"));
    }
    if messages.len() > 100_000 {
        return Err(bad("messages: at most 100000 messages are allowed"));
    }
    system(&request["system"])?;
    tools(request)?;
    for (idx, message) in messages.iter().enumerate() {
        one_message(idx, message)?;
    }
    roles(messages)?;
    pairs(messages)?;
    marks(request)?;
    signatures(request, messages)
}

/// Checks what belongs to an answer: its length, how it thinks, its form.
pub fn answer(request: &Value) -> Checked {
    let Some(max_tokens) = request["max_tokens"].as_u64() else { return Err(bad("max_tokens: Field required")) };
    if max_tokens > 128_000 {
        return Err(bad("max_tokens: at most 128000 for this model"));
    }
    let thinking = &request["thinking"];
    match thinking["type"].as_str() {
        None if thinking.is_null() => {}
        Some("adaptive") => match thinking.get("display").map(Value::as_str) {
            None | Some(Some("summarized" | "omitted")) => {}
            Some(_) => return Err(bad("thinking.display: must be summarized or omitted")),
        },
        Some("disabled" | "between_tools") => {}
        Some("enabled") => {
            let budget = thinking["budget_tokens"].as_u64().unwrap_or(0);
            if budget < 1024 {
                return Err(bad("thinking.enabled.budget_tokens: must be at least 1024"));
            }
            if budget >= max_tokens {
                return Err(bad("max_tokens: must be greater than thinking.budget_tokens"));
            }
        }
        _ => return Err(bad("thinking.type: must be adaptive, between_tools, disabled or enabled")),
    }
    let config = &request["output_config"];
    if let Some(effort) = config.get("effort")
        && !effort.as_str().is_some_and(|effort| ["low", "medium", "high", "xhigh", "max"].contains(&effort))
    {
        return Err(bad("output_config.effort: must be low, medium, high, xhigh or max"));
    }
    if let Some(format) = config.get("format") {
        if format["type"] != "json_schema" || !format["schema"].is_object() {
            return Err(bad("output_config.format: must be a json_schema with its schema"));
        }
        crate::effects::api::request::check_schema(&format["schema"])
            .map_err(|why| bad(format!("output_config.format.{why}")))?;
    }
    Ok(())
}

fn system(system: &Value) -> Checked {
    match system {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(blocks) if blocks.iter().all(|block| block["type"] == "text" && block["text"].is_string()) => {
            Ok(())
        }
        _ => Err(bad("system: must be text or a list of text blocks")),
    }
}

fn tools(request: &Value) -> Checked {
    let tools = request["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for (idx, tool) in tools.iter().enumerate() {
        let name = tool["name"].as_str().unwrap_or_default();
        let is_name =
            (1..=128).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !is_name {
            return Err(bad(format!("tools.{idx}.name: must match ^[a-zA-Z0-9_-]{{1,128}}$")));
        }
        if names.contains(&name) {
            return Err(bad("tools: Tool names must be unique."));
        }
        if tool.get("type").is_none_or(|kind| kind == "custom") && tool["input_schema"]["type"] != "object" {
            return Err(bad(format!("tools.{idx}.input_schema.type: must be object")));
        }
        names.push(name);
    }
    if tools.iter().filter(|tool| tool["strict"] == true).count() > 20 {
        return Err(bad("tools: at most 20 strict tools"));
    }
    let choice = &request["tool_choice"];
    match choice["type"].as_str() {
        None if choice.is_null() => Ok(()),
        Some("auto" | "none") => Ok(()),
        Some("any") if !tools.is_empty() => Ok(()),
        Some("tool") if choice["name"].as_str().is_some_and(|name| names.contains(&name)) => Ok(()),
        _ => Err(bad("tool_choice: must be auto, any, none, or a tool that is offered")),
    }
}

fn one_message(idx: usize, message: &Value) -> Checked {
    let role = message["role"].as_str();
    if !matches!(role, Some("user" | "assistant" | "system")) {
        return Err(bad(format!("messages.{idx}.role: must be user, assistant or system")));
    }
    let blocks = match &message["content"] {
        Value::String(text) if text.is_empty() => {
            return Err(bad(format!("messages.{idx}: all messages must have non-empty content")));
        }
        Value::String(_) => return Ok(()),
        Value::Array(blocks) if !blocks.is_empty() => blocks,
        _ => return Err(bad(format!("messages.{idx}.content: must be text or a list of blocks"))),
    };
    for (at, block) in blocks.iter().enumerate() {
        let place = format!("messages.{idx}.content.{at}");
        let kind = block["type"].as_str().unwrap_or_default();
        match (kind, role) {
            ("text", _) if block["text"].as_str().is_some_and(|text| !text.is_empty()) => {}
            ("text", _) => return Err(bad(format!("{place}: text content blocks must be non-empty"))),
            ("image", Some("user")) => image(&place, block)?,
            ("document", Some("user")) => {}
            ("tool_result", Some("user")) if block["tool_use_id"].is_string() => {
                for (inner, content) in block["content"].as_array().into_iter().flatten().enumerate() {
                    if content["type"] == "image" {
                        image(&format!("{place}.content.{inner}"), content)?;
                    }
                }
            }
            ("thinking", Some("assistant")) if block["thinking"].is_string() => {}
            ("redacted_thinking", Some("assistant")) if block["data"].is_string() => {}
            ("tool_use", Some("assistant"))
                if block["id"].is_string() && block["name"].is_string() && block["input"].is_object() => {}
            _ => return Err(bad(format!("{place}.type: {kind} is not accepted here, or lacks a field"))),
        }
    }
    Ok(())
}

fn image(place: &str, block: &Value) -> Checked {
    let source = &block["source"];
    if source["type"] != "base64" {
        return Err(bad(format!("{place}.source.type: this server reads base64 only")));
    }
    if !source["media_type"]
        .as_str()
        .is_some_and(|kind| ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&kind))
    {
        return Err(bad(format!("{place}.source.media_type: must be image/png, image/jpeg, image/gif or image/webp")));
    }
    let data = source["data"].as_str().unwrap_or_default();
    if data.len() > 10_000_000 {
        return Err(bad(format!("{place}.source.data: larger than 10 MB")));
    }
    base64::engine::general_purpose::STANDARD
        .decode(data)
        .map(|_| ())
        .map_err(|_| bad(format!("{place}.source.data: not base64")))
}

fn roles(messages: &[Value]) -> Checked {
    if messages[0]["role"] == "system" {
        return Err(bad("messages.0.role: the first message can't be a system message"));
    }
    if messages.last().is_some_and(|last| last["role"] == "assistant" && !ends_paused(last)) {
        return Err(bad(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    Ok(())
}

/// An answer that the server paused may be sent back as it is.
fn ends_paused(message: &Value) -> bool {
    message["content"].as_array().is_some_and(|blocks| blocks.iter().any(|block| block["type"] == "server_tool_use"))
}

/// Every call has its result at the beginning of the next message, and every result its call.
fn pairs(messages: &[Value]) -> Checked {
    let ids = |message: &Value, kind: &str, field: &str| -> Vec<String> {
        let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        blocks
            .iter()
            .filter(|block| block["type"] == kind)
            .filter_map(|block| block[field].as_str().map(ToOwned::to_owned))
            .collect()
    };
    for (idx, message) in messages.iter().enumerate() {
        let calls = ids(message, "tool_use", "id");
        let next = messages.get(idx + 1);
        let results = next.map(|next| ids(next, "tool_result", "tool_use_id")).unwrap_or_default();
        let missing: Vec<String> = calls.iter().filter(|id| !results.contains(id)).cloned().collect();
        if !missing.is_empty() {
            return Err(bad(format!(
                "messages.{idx}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
                missing.join(", ")
            )));
        }
        let own = ids(message, "tool_result", "tool_use_id");
        let before = idx.checked_sub(1).map(|before| ids(&messages[before], "tool_use", "id")).unwrap_or_default();
        if let Some(stray) = own.iter().find(|id| !before.contains(id)) {
            return Err(bad(format!(
                "messages.{idx}: unexpected `tool_use_id` found in `tool_result` blocks: {stray}"
            )));
        }
        let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        let first_other = blocks.iter().position(|block| block["type"] != "tool_result");
        let last_result = blocks.iter().rposition(|block| block["type"] == "tool_result");
        if matches!((first_other, last_result), (Some(other), Some(result)) if other < result) {
            return Err(bad(format!("messages.{idx}: tool_result blocks must come first in the content")));
        }
    }
    Ok(())
}

/// At most four marks, the hour before five minutes.
fn marks(request: &Value) -> Checked {
    let lists = [&request["tools"], &request["system"]].into_iter().filter_map(Value::as_array).flatten();
    let messages = request["messages"].as_array().into_iter().flatten();
    let blocks = messages.filter_map(|message| message["content"].as_array()).flatten();
    let mut ttls = Vec::new();
    for value in lists.chain(blocks) {
        ttls.extend(mark(value)?);
    }
    if ttls.windows(2).any(|pair| !pair[0] && pair[1]) {
        return Err(bad("cache_control: a ttl of 1h must not come after a ttl of 5m"));
    }
    let n = ttls.len() + usize::from(mark(request)?.is_some());
    if n > 4 {
        return Err(bad(format!("A maximum of 4 blocks with cache_control may be provided. Found {n}.")));
    }
    Ok(())
}

/// Whether something is marked, and whether for an hour.
fn mark(value: &Value) -> Result<Option<bool>, Refusal> {
    let Some(mark) = value.get("cache_control").filter(|mark| !mark.is_null()) else { return Ok(None) };
    if matches!(value["type"].as_str(), Some("thinking" | "redacted_thinking")) {
        return Err(bad("cache_control: thinking blocks can't be marked"));
    }
    match (mark["type"].as_str(), mark.get("ttl").and_then(Value::as_str)) {
        (Some("ephemeral"), None | Some("5m")) => Ok(Some(false)),
        (Some("ephemeral"), Some("1h")) => Ok(Some(true)),
        _ => Err(bad("cache_control: must be ephemeral with a ttl of 5m or 1h")),
    }
}

/// Thinking that comes back belongs to what stands before it.
fn signatures(request: &Value, messages: &[Value]) -> Checked {
    for (idx, message) in messages.iter().enumerate().filter(|(_, message)| message["role"] == "assistant") {
        for (at, block) in message["content"].as_array().into_iter().flatten().enumerate() {
            let is_fine = match block["type"].as_str() {
                Some("thinking") => {
                    let signature = block["signature"].as_str().unwrap_or_default();
                    if signature.is_empty() {
                        return Err(bad(format!("messages.{idx}.content.{at}.thinking.signature: Field required")));
                    }
                    sign::is_valid(request, &messages[..idx], signature)
                }
                Some("redacted_thinking") => {
                    sign::is_valid(request, &messages[..idx], block["data"].as_str().unwrap_or_default())
                }
                _ => true,
            };
            if !is_fine {
                return Err(bad(format!(
                    "messages.{idx}.content.{at}: Invalid `signature` in `thinking` block: it is bound to a different conversation"
                )));
            }
        }
    }
    Ok(())
}
