//! What a request has to keep, as strictly as the real service sees it.

use std::collections::HashSet;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use serde_json::Value;

use crate::effects::serve::cache;
use crate::effects::serve::sign::{self, Forgery};

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
    sampling(request, version)?;
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
        one_message(idx, message, version)?;
    }
    roles(messages)?;
    pairs(messages)?;
    marks(request)?;
    if let Some(asked) = request.get("diagnostics").filter(|asked| !asked.is_null())
        && !matches!(asked.get("previous_message_id"), Some(Value::Null | Value::String(_)))
    {
        return Err(bad("diagnostics.previous_message_id: must be the id of a message, or null"));
    }
    signatures(request, messages)
}

/// Parameters of sampling: gone in the newer version, within their bounds in the older.
fn sampling(request: &Value, version: &str) -> Checked {
    for (field, most) in [("temperature", 1.0), ("top_p", 1.0), ("top_k", f64::INFINITY)] {
        let Some(value) = request.get(field) else { continue };
        if version == "2026-10-21" {
            return Err(bad(format!("{field}: not accepted in version 2026-10-21")));
        }
        if !value.as_f64().is_some_and(|number| (0.0..=most).contains(&number)) {
            return Err(bad(format!("{field}: must be a number from 0 to {most}")));
        }
    }
    Ok(())
}

/// Checks what belongs to an answer: its length, how it thinks, its form.
pub fn answer(request: &Value) -> Checked {
    let max_tokens = match &request["max_tokens"] {
        Value::Null => return Err(bad("max_tokens: Field required")),
        value => value.as_u64().ok_or_else(|| bad("max_tokens: must be a whole number, at least 0"))?,
    };
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
        Some("between_tools") if thinking.get("display").is_some() => {
            return Err(bad("thinking.between_tools.display: Extra inputs are not permitted"));
        }
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
    match request.get("stop_sequences") {
        None | Some(Value::Null) => {}
        Some(Value::Array(list)) if list.iter().all(|text| text.as_str().is_some_and(|t| !t.trim().is_empty())) => {}
        Some(_) => return Err(bad("stop_sequences: each stop sequence must contain non-whitespace")),
    }
    if max_tokens == 0 { warming(request) } else { Ok(()) }
}

/// A request that only fills the cache asks for nothing else.
fn warming(request: &Value) -> Checked {
    let is_forced = matches!(request["tool_choice"]["type"].as_str(), Some("any" | "tool"));
    for (is_asked, what) in [
        (request["stream"] == true, "stream"),
        (request["thinking"]["type"] == "enabled", "thinking.type enabled"),
        (request["output_config"].get("format").is_some(), "output_config.format"),
        (is_forced, "a forced tool_choice"),
    ] {
        if is_asked {
            return Err(bad(format!("max_tokens: 0 is not possible together with {what}")));
        }
    }
    Ok(())
}

fn system(system: &Value) -> Checked {
    match system {
        Value::Null | Value::String(_) => Ok(()),
        Value::Array(blocks) => {
            for (at, block) in blocks.iter().enumerate() {
                if block["type"] != "text" || !block["text"].is_string() {
                    return Err(bad(format!("system.{at}: must be a text block")));
                }
                if block["text"] == "" {
                    return Err(bad(format!("system.{at}: text content blocks must be non-empty")));
                }
            }
            Ok(())
        }
        _ => Err(bad("system: must be text or a list of text blocks")),
    }
}

/// What a tool, and a call of one, may be named.
fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn tools(request: &Value) -> Checked {
    let tools = request["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for (idx, tool) in tools.iter().enumerate() {
        let name = tool["name"].as_str().unwrap_or_default();
        if !is_name(name) {
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

fn one_message(idx: usize, message: &Value, version: &str) -> Checked {
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
            ("text", Some("user")) if version == "2026-10-21" && has_citations(block) => {
                return Err(bad(format!("{place}.citations: must be empty in version 2026-10-21")));
            }
            ("text", _) if block["text"].as_str().is_some_and(|text| !text.is_empty()) => {}
            ("text", _) => return Err(bad(format!("{place}: text content blocks must be non-empty"))),
            ("image", Some("user")) => image(&place, block)?,
            // Documents are read by nobody here; held-back thinking is checked with its seal.
            ("document", Some("user")) | ("redacted_thinking", Some("assistant")) => {}
            ("tool_result", Some("user")) if block["tool_use_id"].is_string() => {
                result(&place, &block["content"])?;
            }
            ("thinking", Some("assistant")) if block["thinking"].is_string() => {}
            ("tool_use", Some("assistant"))
                if block["id"].as_str().is_some_and(is_name)
                    && block["name"].is_string()
                    && block["input"].is_object() => {}
            _ => return Err(bad(format!("{place}.type: {kind} is not accepted here, or lacks a field"))),
        }
    }
    Ok(())
}

fn has_citations(block: &Value) -> bool {
    block["citations"].as_array().is_some_and(|citations| !citations.is_empty())
}

/// What a tool gave: text, or blocks of a few kinds.
fn result(place: &str, content: &Value) -> Checked {
    let blocks = match content {
        Value::Null | Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err(bad(format!("{place}.content: must be text or a list of blocks"))),
    };
    for (inner, block) in blocks.iter().enumerate() {
        let place = format!("{place}.content.{inner}");
        match block["type"].as_str().unwrap_or_default() {
            "text" if block["text"].is_string() => {}
            "image" => image(&place, block)?,
            "document" | "search_result" | "tool_reference" => {}
            kind => return Err(bad(format!("{place}.type: {kind} is not accepted in a tool_result"))),
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
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .map_err(|_| bad(format!("{place}.source.data: not base64")))?;
    if bytes.is_empty() {
        return Err(bad(format!("{place}.source.data: empty")));
    }
    match cache::picture_size(&bytes) {
        Some((width, height)) if width.max(height) > 8_000 => {
            Err(bad(format!("{place}: At least one of the image dimensions exceed max allowed size: 8000 pixels")))
        }
        _ => Ok(()),
    }
}

fn roles(messages: &[Value]) -> Checked {
    if messages[0]["role"] == "system" {
        return Err(bad("messages.0.role: the first message can't be a system message"));
    }
    for (idx, message) in messages.iter().enumerate().filter(|(_, message)| message["role"] == "system") {
        let is_after_user = messages[idx - 1]["role"] == "user";
        let is_before_answer = messages.get(idx + 1).is_none_or(|next| next["role"] == "assistant");
        if !is_after_user || !is_before_answer {
            return Err(bad(format!(
                "messages.{idx}.role: a system message comes directly after a user message, and is last or followed by an assistant message"
            )));
        }
        if message["content"].as_array().into_iter().flatten().any(|block| block["type"] != "text") {
            return Err(bad(format!("messages.{idx}.content: a system message holds text only")));
        }
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

/// Every call has its one result at the beginning of the next message, and every result its call.
fn pairs(messages: &[Value]) -> Checked {
    // Neighbours of one role are one message.
    let mut runs: Vec<(usize, &Value, Vec<&Value>)> = Vec::new();
    for (idx, message) in messages.iter().enumerate().filter(|(_, message)| message["role"] != "system") {
        let blocks = message["content"].as_array().into_iter().flatten();
        match runs.last_mut() {
            Some((_, role, run)) if **role == message["role"] => {
                // Words between results stand for themselves even where they are no list.
                run.extend(message["content"].is_string().then_some(message));
                run.extend(blocks);
            }
            _ => runs.push((idx, &message["role"], blocks.collect())),
        }
    }
    let ids = |blocks: &[&Value], kind: &str, field: &str| -> Vec<String> {
        let found = blocks.iter().filter(|block| block["type"] == kind);
        found.filter_map(|block| block[field].as_str().map(ToOwned::to_owned)).collect()
    };
    let mut seen = HashSet::new();
    let mut before: Vec<String> = Vec::new();
    for (at, (idx, _, blocks)) in runs.iter().enumerate() {
        let calls = ids(blocks, "tool_use", "id");
        if let Some(twice) = calls.iter().find(|id| !seen.insert((*id).clone())) {
            return Err(bad(format!("messages.{idx}: `tool_use` ids must be unique, and {twice} is not")));
        }
        let results = runs.get(at + 1).map(|next| ids(&next.2, "tool_result", "tool_use_id")).unwrap_or_default();
        let missing: Vec<String> = calls.iter().filter(|id| !results.contains(id)).cloned().collect();
        if !missing.is_empty() {
            return Err(bad(format!(
                "messages.{idx}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
                missing.join(", ")
            )));
        }
        let own = ids(blocks, "tool_result", "tool_use_id");
        if let Some(stray) = own.iter().find(|id| !before.contains(id)) {
            return Err(bad(format!(
                "messages.{idx}: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )));
        }
        if let Some(twice) = own.iter().enumerate().find(|(at, id)| own[..*at].contains(id)) {
            return Err(bad(format!(
                "messages.{idx}: each tool_use must have a single result; {} has several",
                twice.1
            )));
        }
        let first_other = blocks.iter().position(|block| block["type"] != "tool_result");
        let last_result = blocks.iter().rposition(|block| block["type"] == "tool_result");
        if matches!((first_other, last_result), (Some(other), Some(result)) if other < result) {
            return Err(bad(format!("messages.{idx}: tool_result blocks must come first in the content")));
        }
        before = calls;
    }
    Ok(())
}

/// At most four marks, the hour before five minutes; the one at the top stands on the last block.
fn marks(request: &Value) -> Checked {
    let lists = [&request["tools"], &request["system"]].into_iter().filter_map(Value::as_array).flatten();
    let messages = request["messages"].as_array().into_iter().flatten();
    let blocks = messages.filter_map(|message| message["content"].as_array()).flatten();
    let mut ttls = Vec::new();
    let mut last = None;
    for value in lists.chain(blocks) {
        for inner in value["content"].as_array().into_iter().flatten() {
            ttls.extend(mark(inner)?);
        }
        last = mark(value)?;
        ttls.extend(last);
    }
    let has_list =
        request["messages"].as_array().and_then(|all| all.last()).is_some_and(|last| last["content"].is_array());
    if let Some(top) = mark(request)? {
        if last.is_some_and(|last| has_list && last != top) {
            return Err(bad("cache_control: the last block has cache_control with another ttl"));
        }
        ttls.push(top);
    }
    if ttls.windows(2).any(|pair| !pair[0] && pair[1]) {
        return Err(bad("cache_control: a ttl of 1h must not come after a ttl of 5m"));
    }
    if ttls.len() > 4 {
        return Err(bad(format!("A maximum of 4 blocks with cache_control may be provided. Found {}.", ttls.len())));
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

/// Thinking that comes back belongs to what stands before it, and is as it was.
fn signatures(request: &Value, messages: &[Value]) -> Checked {
    for (idx, message) in messages.iter().enumerate().filter(|(_, message)| message["role"] == "assistant") {
        // Neighbours of one role are one message: what this one is bound to ends where its run begins.
        let before = messages[..idx].iter().rposition(|other| other["role"] != "assistant").map_or(0, |at| at + 1);
        for (at, block) in message["content"].as_array().into_iter().flatten().enumerate() {
            let (field, seal, text) = match block["type"].as_str() {
                Some("thinking") => ("signature", &block["signature"], block["thinking"].as_str().unwrap_or_default()),
                Some("redacted_thinking") => ("data", &block["data"], ""),
                _ => continue,
            };
            let kind = block["type"].as_str().unwrap_or_default();
            let place = format!("messages.{idx}.content.{at}");
            let seal = seal.as_str().unwrap_or_default();
            if seal.is_empty() {
                return Err(bad(format!("{place}.{kind}.{field}: Field required")));
            }
            let why = match sign::check(request, &messages[..before], seal, text) {
                Ok(()) => continue,
                Err(Forgery::NotOurs) => "it was not made by this server, or was changed",
                Err(Forgery::Elsewhere) => "it is bound to a different conversation",
                Err(Forgery::Changed) => "`thinking` blocks cannot be modified; they must remain as they were",
            };
            return Err(bad(format!("{place}: Invalid `{field}` in `{kind}` block: {why}")));
        }
        let last = message["content"].as_array().and_then(|blocks| blocks.last());
        if last.is_some_and(|last| matches!(last["type"].as_str(), Some("thinking" | "redacted_thinking"))) {
            return Err(bad(format!("messages.{idx}: The final block in an assistant message cannot be `thinking`.")));
        }
    }
    Ok(())
}
