//! A prompt in the wire format of the Messages API, as the model and the server behind the endpoint take it.

use serde_json::{Value, json};

use crate::domain::endpoint::{Endpoint, EndpointKind};
use crate::domain::price::{Models, ThinkingForm};
use crate::domain::prompt::Prompt;

/// The body of a request. Keys and blocks are always in the same order, so that equal prompts have equal bytes.
pub fn build(prompt: &Prompt, endpoint: &Endpoint, models: &Models, max_tokens: u64) -> Value {
    let mut body = json!({"model": endpoint.model, "max_tokens": max_tokens, "stream": true});
    if endpoint.model.is_empty() {
        body["model"] = json!("default");
    }
    let form = endpoint.thinking(models);
    match form {
        Some(ThinkingForm::Adaptive) => {
            body["thinking"] = json!({"type": "adaptive", "display": "summarized"});
        }
        Some(ThinkingForm::Enabled) => {
            let budget = (max_tokens / 2).clamp(1024, 16_000);
            if budget < max_tokens {
                body["thinking"] = json!({"type": "enabled", "budget_tokens": budget});
            }
        }
        Some(ThinkingForm::BetweenTools) => body["thinking"] = json!({"type": "between_tools"}),
        Some(ThinkingForm::Disabled) | None => {}
    }
    let takes_effort = models.facts(&endpoint.model).is_some_and(|facts| facts.effort.is_some());
    if takes_effort {
        body["output_config"] = json!({"effort": endpoint.effort.as_deref().unwrap_or(&prompt.effort)});
    }
    let mut system = json!([{"type": "text", "text": prompt.system}]);
    if endpoint.kind != EndpointKind::Compatible {
        system[0]["cache_control"] = json!({"type": "ephemeral"});
    }
    body["system"] = system;
    body["messages"] = json!([{"role": "user", "content": [{"type": "text", "text": prompt.user}]}]);
    body
}

/// How many tokens an answer may take, beside a prompt of `n_prompt`.
pub fn max_tokens(endpoint: &Endpoint, models: &Models, context: Option<u64>, n_prompt: u64) -> u64 {
    let facts = models.facts(&endpoint.model);
    let wanted = facts.map_or(4_096, |facts| facts.max_output.min(32_000));
    match context.or(facts.map(|facts| facts.context)) {
        Some(context) => wanted.min(context.saturating_sub(n_prompt + n_prompt / 5 + 64)).max(256),
        None => wanted.min(4_096),
    }
}

/// How many tokens a prompt may take.
pub fn prompt_budget(endpoint: &Endpoint, models: &Models, context: Option<u64>) -> u64 {
    match context.or_else(|| models.facts(&endpoint.model).map(|facts| facts.context)) {
        Some(context) if context < 100_000 => context * 6 / 10,
        Some(_) => 100_000,
        None => 24_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::Task;

    fn prompt() -> Prompt {
        Prompt {
            task: Task::Train,
            title: "t".into(),
            system: "s".into(),
            user: "u".into(),
            effort: "high".into(),
            n_tokens: 2,
        }
    }

    fn endpoint(kind: EndpointKind, model: &str) -> Endpoint {
        Endpoint { kind, model: model.into(), base_url: "https://example.com".into(), ..Endpoint::offline() }
    }

    #[test]
    fn todays_models_get_adaptive_thinking_and_no_sampling_parameter() {
        let body = build(&prompt(), &endpoint(EndpointKind::Anthropic, "claude-opus-5-5"), &Models::builtin(), 32_000);
        let expected = json!({
            "model": "claude-opus-5-5", "max_tokens": 32_000, "stream": true,
            "thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"},
            "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "u"}]}],
        });
        assert_eq!(body.to_string(), expected.to_string());
    }

    #[test]
    fn an_older_model_gets_a_budget_and_a_local_one_no_cache_marks() {
        let models = Models::builtin();
        let old = build(&prompt(), &endpoint(EndpointKind::Anthropic, "claude-haiku-4-5"), &models, 32_000);
        assert_eq!(old["thinking"], json!({"type": "enabled", "budget_tokens": 16_000}));
        assert_eq!(old.get("output_config"), None);
        let local = build(&prompt(), &endpoint(EndpointKind::Compatible, "qwen"), &models, 2048);
        assert_eq!(local["thinking"], json!({"type": "enabled", "budget_tokens": 1024}));
        assert_eq!(local["system"], json!([{"type": "text", "text": "s"}]));
    }

    #[test]
    fn an_answer_fits_beside_its_prompt() {
        let models = Models::builtin();
        let local = endpoint(EndpointKind::Compatible, "qwen");
        assert_eq!(max_tokens(&local, &models, Some(4096), 2000), 4096 - 2000 - 400 - 64);
        assert_eq!(prompt_budget(&local, &models, Some(4096)), 2457);
        assert_eq!(max_tokens(&endpoint(EndpointKind::Anthropic, "claude-opus-5-5"), &models, None, 5000), 32_000);
    }
}
