//! A request in the wire format of the Messages API, as the model and the server behind the endpoint take it.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::domain::conversation::{Conversation, Head, text_block};
use crate::domain::endpoint::Endpoint;
use crate::domain::failure::Failure;
use crate::domain::price::{Models, ThinkingForm};
use crate::domain::prompt::Prompt;
use crate::domain::tools::{Dialect, Tool};
use crate::safe;
use crate::text::{RawText, SafeText};

/// Everything that decides the bytes of a request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// To whom.
    pub endpoint: &'a Endpoint,
    /// What models take.
    pub models: &'a Models,
    /// What has been said.
    pub conversation: &'a Conversation,
    /// Most tokens of the answer.
    pub max_tokens: u64,
    /// How hard to think.
    pub effort: &'a str,
    /// Whether thinking is wanted.
    pub thinks: bool,
    /// The schema that the answer has to keep, as JSON.
    pub format: Option<&'a RawText>,
    /// How long what comes first is worth keeping.
    pub keep: Keep,
    /// The server's name of the answer before this one.
    pub previous: Option<&'a str>,
}

/// How long a server should keep what comes first in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Five minutes: nobody is expected to ask again later.
    Minutes,
    /// An hour, at twice the price of writing: somebody sits there and reads.
    Hour,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u64,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Value>,
    system: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<&'a RawValue>,
    messages: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Value>,
}

#[derive(Serialize)]
struct OutputConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: &'a RawValue,
}

impl Request<'_> {
    /// The body. Equal requests have equal bytes, and blocks of the conversation keep theirs.
    pub fn body(&self) -> Result<RawText, Failure> {
        let head = &self.conversation.head;
        let flags = self.endpoint.flags;
        let raw = |text: &str| {
            RawValue::from_string(text.to_owned()).map_err(|error| {
                Failure::work(safe!("the request"), safe!("{error}"), safe!("report this together with the log"))
            })
        };
        let messages = raw(&self.conversation.messages_json(flags.signatures))?;
        let tools = head.tools.iter().map(|tool| raw(tool.expose())).collect::<Result<Vec<_>, _>>()?;
        let schema = match self.format.filter(|_| flags.structured_outputs) {
            Some(schema) => Some(raw(schema.expose())?),
            None => None,
        };
        let form =
            if self.thinks { self.endpoint.thinking(self.models) } else { self.endpoint.no_thinking(self.models) };
        let effort = self.effort(form);
        let has_config = effort.is_some() || schema.is_some();
        let body = Body {
            model: if head.model.is_empty() { "default" } else { &head.model },
            max_tokens: self.max_tokens,
            stream: true,
            thinking: form.and_then(|form| self.thinking(form)),
            output_config: has_config.then(|| OutputConfig {
                effort,
                format: schema.as_deref().map(|schema| Format { kind: "json_schema", schema }),
            }),
            cache_control: flags.cache_control.then(|| json!({"type": "ephemeral"})),
            system: self.system(head),
            tools: tools.iter().map(AsRef::as_ref).collect(),
            messages: &messages,
            diagnostics: flags.diagnostics.then(|| json!({"previous_message_id": self.previous})),
        };
        let text = serde_json::to_string(&body).map_err(|error| {
            Failure::work(safe!("the request"), safe!("{error}"), safe!("report this together with the log"))
        })?;
        check_limits(&text, self.conversation)?;
        Ok(RawText::new(text))
    }

    fn system(&self, head: &Head) -> Vec<Value> {
        let n = head.system.len();
        head.system
            .iter()
            .enumerate()
            .map(|(at, text)| {
                let mut block = json!({"type": "text", "text": text.expose()});
                if at + 1 == n && self.endpoint.flags.cache_control {
                    block["cache_control"] = mark(self.keep);
                }
                block
            })
            .collect()
    }

    fn thinking(&self, form: ThinkingForm) -> Option<Value> {
        match form {
            ThinkingForm::Adaptive if self.thinks => Some(json!({"type": "adaptive", "display": "summarized"})),
            ThinkingForm::Adaptive => Some(json!({"type": "adaptive", "display": "omitted"})),
            ThinkingForm::Enabled => {
                let budget =
                    16_000.min(self.max_tokens.saturating_sub(4_000)).max(self.max_tokens / 2).clamp(1024, 16_000);
                (budget < self.max_tokens).then(|| json!({"type": "enabled", "budget_tokens": budget}))
            }
            ThinkingForm::BetweenTools => Some(json!({"type": "between_tools"})),
            ThinkingForm::Disabled => Some(json!({"type": "disabled"})),
        }
    }

    fn effort(&self, form: Option<ThinkingForm>) -> Option<String> {
        if !matches!(self.endpoint.flags.thinking, crate::domain::endpoint::ThinkingStyle::ByModel) {
            return None;
        }
        let wanted = if self.thinks || form != Some(ThinkingForm::Adaptive) { self.effort } else { "low" };
        let effort = self.endpoint.effort(self.models, wanted)?;
        // The forms that keep a model from thinking are refused above this.
        let is_high = matches!(effort.as_str(), "xhigh" | "max");
        let is_low_form = matches!(form, Some(ThinkingForm::BetweenTools | ThinkingForm::Disabled));
        Some(if is_high && is_low_form { "high".to_owned() } else { effort })
    }
}

fn mark(keep: Keep) -> Value {
    match keep {
        Keep::Minutes => json!({"type": "ephemeral"}),
        Keep::Hour => json!({"type": "ephemeral", "ttl": "1h"}),
    }
}

/// What stands before the first message of a conversation about a task.
pub fn head(prompt: &Prompt, endpoint: &Endpoint, tools: &[Tool]) -> Head {
    let dialect = Dialect { strict: endpoint.flags.strict_tools, eager: endpoint.flags.eager_tools };
    Head {
        model: endpoint.model.clone(),
        system: vec![RawText::new(&prompt.rules), RawText::new(&prompt.project)],
        tools: tools.iter().map(|tool| tool.definition(dialect)).collect(),
    }
}

/// The blocks of the first message: the history in its pieces, pictures, the task.
///
/// The last piece of the history that no longer grows is marked, so that a server keeps what stands up to there.
pub fn first_message(prompt: &Prompt, endpoint: &Endpoint, keep: Keep, pictures: &[RawText]) -> Vec<RawText> {
    let n = prompt.history.len();
    let mut blocks: Vec<RawText> = prompt
        .history
        .iter()
        .enumerate()
        .map(|(at, piece)| {
            if at + 2 == n && endpoint.flags.cache_control {
                let block = json!({"type": "text", "text": piece, "cache_control": mark(keep)});
                RawText::new(block.to_string())
            } else {
                text_block(piece)
            }
        })
        .collect();
    blocks.extend(pictures.iter().cloned());
    blocks.push(text_block(&prompt.user));
    blocks
}

/// Most bytes of a request.
const MAX_BODY: usize = 32_000_000;
/// Most messages of a request.
const MAX_MESSAGES: usize = 100_000;
/// Most images of a request.
const MAX_IMAGES: usize = 100;
/// Most bytes of an image in text form.
const MAX_IMAGE: usize = 10_000_000;

/// Refuses what every server would refuse, before anything leaves.
fn check_limits(body: &str, conversation: &Conversation) -> Result<(), Failure> {
    let refuse = |why: String, next: &'static str| {
        Err(Failure::input(safe!("the request"), safe!("{why}"), SafeText::from(next)))
    };
    if body.len() > MAX_BODY {
        return refuse(
            format!("it is {} bytes long and {MAX_BODY} are allowed", body.len()),
            "leave pictures out, or begin a new conversation",
        );
    }
    if conversation.messages.len() > MAX_MESSAGES {
        return refuse(format!("it has more than {MAX_MESSAGES} messages"), "begin a new conversation");
    }
    let images: Vec<usize> = conversation
        .blocks()
        .map(RawText::expose)
        .filter(|block| block.contains("\"type\":\"image\""))
        .map(str::len)
        .collect();
    if images.len() > MAX_IMAGES {
        return refuse(format!("it holds more than {MAX_IMAGES} pictures"), "begin a new conversation");
    }
    if images.iter().any(|length| *length > MAX_IMAGE) {
        return refuse(format!("a picture is larger than {MAX_IMAGE} bytes"), "make the picture smaller");
    }
    Ok(())
}

/// Refuses a schema that a server would refuse: every object lists what it may hold, nothing refers to itself, and
/// there are no bounds.
pub fn check_schema(schema: &Value) -> Result<(), String> {
    fn walk(value: &Value, root: &Value, path: &str, n_optional: &mut usize) -> Result<(), String> {
        match value {
            Value::Object(fields) => {
                for bound in ["minimum", "maximum", "minLength", "maxLength", "maxItems", "multipleOf", "pattern"] {
                    if fields.contains_key(bound) {
                        return Err(format!("{path}: {bound} is not allowed"));
                    }
                }
                if let Some(place) = fields.get("$ref").and_then(Value::as_str) {
                    let is_own = place.starts_with("#/$defs/") || place.starts_with("#/definitions/");
                    let meant = place.strip_prefix('#').and_then(|place| root.pointer(place)).filter(|_| is_own);
                    let meant = meant.ok_or_else(|| format!("{path}: $ref to {place} is not allowed"))?;
                    if leads_to(meant, root, place, &mut Vec::new()) {
                        return Err(format!("{path}: {place} refers to itself"));
                    }
                }
                if fields.get("minItems").is_some_and(|n| n.as_u64().is_none_or(|n| n > 1)) {
                    return Err(format!("{path}: minItems may be 0 or 1"));
                }
                if fields.get("type").is_some_and(|kind| kind == "object") {
                    if fields.get("additionalProperties") != Some(&Value::Bool(false)) {
                        return Err(format!("{path}: additionalProperties must be false"));
                    }
                    let n = fields.get("properties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
                    let required = fields.get("required").and_then(Value::as_array).map_or(0, Vec::len);
                    *n_optional += n.saturating_sub(required);
                }
                for (name, child) in fields {
                    match (name.as_str(), child) {
                        ("enum" | "const" | "default" | "examples", _) => {}
                        // Names of fields are no words of the schema.
                        ("properties" | "$defs" | "definitions", Value::Object(children)) => {
                            for (field, child) in children {
                                walk(child, root, &format!("{path}.{name}.{field}"), n_optional)?;
                            }
                        }
                        _ => walk(child, root, &format!("{path}.{name}"), n_optional)?,
                    }
                }
                Ok(())
            }
            Value::Array(items) => items.iter().try_for_each(|item| walk(item, root, path, n_optional)),
            _ => Ok(()),
        }
    }
    let mut n_optional = 0;
    walk(schema, schema, "schema", &mut n_optional)?;
    if n_optional > 24 { Err(format!("{n_optional} fields are optional and 24 may be")) } else { Ok(()) }
}

/// Whether a schema leads to that place, by whatever way; each place on the way is looked at once.
fn leads_to<'a>(schema: &'a Value, root: &'a Value, place: &str, seen: &mut Vec<&'a str>) -> bool {
    match schema {
        Value::Object(fields) => fields.iter().any(|(name, child)| match (name.as_str(), child) {
            ("$ref", Value::String(other)) if other == place => true,
            ("$ref", Value::String(other)) if seen.contains(&other.as_str()) => false,
            ("$ref", Value::String(other)) => {
                seen.push(other);
                let meant = other.strip_prefix('#').and_then(|other| root.pointer(other));
                meant.is_some_and(|meant| leads_to(meant, root, place, seen))
            }
            ("enum" | "const" | "default" | "examples", _) => false,
            _ => leads_to(child, root, place, seen),
        }),
        Value::Array(items) => items.iter().any(|item| leads_to(item, root, place, seen)),
        _ => false,
    }
}

/// How many tokens an answer may take, beside a prompt of `n_prompt`.
pub fn max_tokens(endpoint: &Endpoint, models: &Models, n_prompt: u64) -> u64 {
    let facts = models.facts(&endpoint.model);
    let most = endpoint.info.as_ref().and_then(|info| info.max_output).or(facts.map(|facts| facts.max_output));
    let wanted = most.map_or(4_096, |most| most.min(32_000));
    match endpoint.context(models) {
        Some(context) => wanted.min(context.saturating_sub(n_prompt + n_prompt / 5 + 64)).max(256),
        None => wanted.min(4_096),
    }
}

/// How many tokens a prompt may take.
pub fn prompt_budget(endpoint: &Endpoint, models: &Models) -> u64 {
    match endpoint.context(models) {
        Some(context) if context < 100_000 => context * 6 / 10,
        Some(_) => 100_000,
        None => 24_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::capability::ModelInfo;
    use crate::domain::endpoint::{EndpointKind, Server};
    use crate::domain::task::Task;

    fn prompt() -> Prompt {
        Prompt {
            task: Task::Train,
            title: "t".into(),
            rules: "s".into(),
            project: "p".into(),
            history: vec!["a".into(), "b".into(), "c".into()],
            user: "u".into(),
            effort: "high".into(),
            n_tokens: 2,
        }
    }

    fn endpoint(server: Server, model: &str) -> Endpoint {
        let kind = if server == Server::Anthropic { EndpointKind::Anthropic } else { EndpointKind::Compatible };
        Endpoint {
            kind,
            server,
            flags: server.flags(),
            model: model.into(),
            base_url: "https://example.com".into(),
            free: None,
            ..Endpoint::offline()
        }
    }

    fn talk(endpoint: &Endpoint) -> Conversation {
        let mut talk = Conversation::new(head(&prompt(), endpoint, &[]));
        talk.say(first_message(&prompt(), endpoint, Keep::Hour, &[]));
        talk
    }

    fn body_with(endpoint: &Endpoint, max_tokens: u64, change: impl Fn(&mut Request<'_>)) -> Value {
        let (models, conversation) = (Models::builtin(), talk(endpoint));
        let mut request = Request {
            endpoint,
            models: &models,
            conversation: &conversation,
            max_tokens,
            effort: "high",
            thinks: true,
            format: None,
            keep: Keep::Hour,
            previous: None,
        };
        change(&mut request);
        serde_json::from_str(request.body().unwrap().expose()).unwrap()
    }

    fn body(endpoint: &Endpoint, max_tokens: u64) -> Value {
        body_with(endpoint, max_tokens, |_| {})
    }

    #[test]
    fn todays_models_get_adaptive_thinking_marks_for_the_cache_and_no_sampling_parameter() {
        let expected = json!({
            "model": "claude-opus-5-5", "max_tokens": 32_000, "stream": true,
            "thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"},
            "cache_control": {"type": "ephemeral"},
            "system": [{"type": "text", "text": "s"}, {"type": "text", "text": "p", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": "a"},
                {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "text", "text": "c"},
                {"type": "text", "text": "u"},
            ]}],
            "diagnostics": {"previous_message_id": null},
        });
        assert_eq!(body(&endpoint(Server::Anthropic, "claude-opus-5-5"), 32_000).to_string(), expected.to_string());
    }

    #[test]
    fn each_model_gets_the_form_that_it_takes() {
        let thinking = |server, model: &str| body(&endpoint(server, model), 32_000)["thinking"].clone();
        assert_eq!(
            thinking(Server::Anthropic, "claude-haiku-4-5"),
            json!({"type": "enabled", "budget_tokens": 16_000})
        );
        assert_eq!(thinking(Server::Anthropic, "claude-unheard-of"), Value::Null);
        assert_eq!(thinking(Server::Vllm, "qwen"), Value::Null);
        let quiet = |model: &str, effort: &'static str| {
            let body = body_with(&endpoint(Server::Anthropic, model), 4096, |request| {
                request.thinks = false;
                request.effort = effort;
            });
            (body["thinking"].clone(), body["output_config"]["effort"].clone())
        };
        assert_eq!(quiet("claude-haiku-5-5", "low"), (json!({"type": "disabled"}), json!("low")));
        assert_eq!(quiet("claude-sonnet-5-5", "max"), (json!({"type": "between_tools"}), json!("high")));
        assert_eq!(quiet("claude-opus-5-5", "high"), (json!({"type": "adaptive", "display": "omitted"}), json!("low")));
    }

    #[test]
    fn what_the_server_says_of_a_model_goes_before_what_we_know() {
        let mut other = endpoint(Server::Anthropic, "claude-opus-5-5");
        other.info = Some(ModelInfo {
            thinking: Some(vec![ThinkingForm::BetweenTools]),
            effort: Some(vec!["low".into(), "medium".into()]),
            max_output: Some(2_000),
            context: Some(10_000),
            ..ModelInfo::default()
        });
        let body = body(&other, 2_000);
        assert_eq!(
            (&body["thinking"], &body["output_config"]["effort"]),
            (&json!({"type": "between_tools"}), &json!("medium"))
        );
        assert_eq!(max_tokens(&other, &Models::builtin(), 1_000), 2_000);
        assert_eq!(prompt_budget(&other, &Models::builtin()), 6_000);
    }

    #[test]
    fn a_local_server_gets_a_budget_and_no_marks() {
        let body = body(&endpoint(Server::LlamaCpp, "qwen"), 2048);
        let expected = json!({
            "model": "qwen", "max_tokens": 2048, "stream": true, "thinking": {"type": "enabled", "budget_tokens": 1024},
            "system": [{"type": "text", "text": "s"}, {"type": "text", "text": "p"}],
            "messages": [{"role": "user", "content": [
                {"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"type": "text", "text": "c"}, {"type": "text", "text": "u"},
            ]}],
        });
        assert_eq!(body.to_string(), expected.to_string());
    }

    #[test]
    fn an_answer_can_be_held_to_a_schema() {
        const SCHEMA: &str = r#"{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}},"required":["b","a"],"additionalProperties":false}"#;
        let schema: &'static RawText = Box::leak(Box::new(RawText::new(SCHEMA)));
        let body = body_with(&endpoint(Server::Anthropic, "claude-haiku-5-5"), 256, |request| {
            request.format = Some(schema);
            request.thinks = false;
        });
        assert_eq!(body["output_config"]["format"]["type"], "json_schema");
        assert_eq!(body["output_config"]["format"]["schema"].to_string(), schema.expose());
        assert_eq!(check_schema(&serde_json::from_str(schema.expose()).unwrap()), Ok(()));
        // Fields may be named like words of the schema, and parts of it may be named and used.
        let named = json!({"type": "object", "properties": {"pattern": {"$ref": "#/$defs/p"}, "minimum": {"type": "null"}}, "required": ["pattern", "minimum"],
            "additionalProperties": false, "$defs": {"p": {"type": "string"}}});
        assert_eq!(check_schema(&named), Ok(()));
        for (schema, why) in [
            (json!({"type": "object", "properties": {}}), "schema: additionalProperties must be false"),
            (json!({"type": "string", "maxLength": 3}), "schema: maxLength is not allowed"),
            (json!({"type": "array", "items": {"$ref": "#"}}), "schema.items: $ref to # is not allowed"),
            (
                json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}),
                "schema: #/$defs/a refers to itself",
            ),
        ] {
            assert_eq!(check_schema(&schema).unwrap_err(), why);
        }
    }

    #[test]
    fn what_every_server_would_refuse_is_not_sent() {
        let endpoint = endpoint(Server::Anthropic, "claude-opus-5-5");
        let models = Models::builtin();
        let mut conversation = talk(&endpoint);
        conversation.say(vec![text_block(&"x".repeat(MAX_BODY))]);
        let request = Request {
            endpoint: &endpoint,
            models: &models,
            conversation: &conversation,
            max_tokens: 100,
            effort: "low",
            thinks: true,
            format: None,
            keep: Keep::Minutes,
            previous: None,
        };
        let said = request.body().unwrap_err().to_string();
        assert!(said.contains("bytes long and 32000000 are allowed – leave pictures out"), "{said}");
    }

    #[test]
    fn an_answer_fits_beside_its_prompt() {
        let models = Models::builtin();
        let mut local = endpoint(Server::LlamaCpp, "qwen");
        local.info = Some(ModelInfo { context: Some(4096), ..ModelInfo::default() });
        assert_eq!(max_tokens(&local, &models, 2000), 4096 - 2000 - 400 - 64);
        assert_eq!(prompt_budget(&local, &models), 2457);
        assert_eq!(max_tokens(&endpoint(Server::Anthropic, "claude-opus-5-5"), &models, 5000), 32_000);
    }
}
