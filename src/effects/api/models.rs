//! A server's list of models, in the shape of Anthropic's servers or of OpenAI's.

use serde_json::Value;

use crate::domain::capability::ModelInfo;
use crate::domain::endpoint::EFFORTS;
use crate::domain::price::ThinkingForm;

/// Reads an answer of `/v1/models`.
pub fn list(answer: &Value) -> Vec<ModelInfo> {
    let entries = answer["data"].as_array().or_else(|| answer["models"].as_array());
    entries.map(Vec::as_slice).unwrap_or_default().iter().filter_map(info).collect()
}

/// Where the next page begins; nothing on the last.
pub fn next_page(answer: &Value) -> Option<String> {
    answer["has_more"].as_bool().filter(|more| *more).and(answer["last_id"].as_str()).map(ToOwned::to_owned)
}

fn info(model: &Value) -> Option<ModelInfo> {
    let supported = |value: &Value| value["supported"].as_bool();
    let abilities = &model["capabilities"];
    let forms = [
        ("adaptive", ThinkingForm::Adaptive),
        ("enabled", ThinkingForm::Enabled),
        ("between_tools", ThinkingForm::BetweenTools),
        ("disabled", ThinkingForm::Disabled),
    ];
    let types = &abilities["thinking"]["types"];
    let thinking = types.is_object().then(|| {
        forms.into_iter().filter(|(name, _)| supported(&types[*name]) == Some(true)).map(|(_, form)| form).collect()
    });
    let effort = &abilities["effort"];
    let levels = supported(effort).map(|takes| {
        let levels = EFFORTS.into_iter().filter(|level| takes && supported(&effort[*level]) == Some(true));
        levels.map(ToOwned::to_owned).collect()
    });
    Some(ModelInfo {
        id: model["id"].as_str().or_else(|| model["name"].as_str())?.to_owned(),
        name: model["display_name"].as_str().unwrap_or_default().to_owned(),
        context: ["max_input_tokens", "max_model_len", "context_length"]
            .iter()
            .find_map(|field| model[*field].as_u64())
            .or_else(|| model["meta"]["n_ctx"].as_u64())
            .or_else(|| model["meta"]["n_ctx_train"].as_u64()),
        max_output: model["max_tokens"].as_u64(),
        thinking,
        effort: levels,
        images: supported(&abilities["image_input"]),
        structured: supported(&abilities["structured_outputs"]),
        batches: supported(&abilities["batch"]),
        is_deprecated: model["lifecycle"].as_str() == Some("deprecated"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_are_read() {
        let anthropic = json!({"data": [{"id": "claude-sonnet-5-5", "type": "model", "display_name": "Claude Sonnet 5.5",
            "lifecycle": "deprecated", "max_input_tokens": 1_000_000, "max_tokens": 128_000,
            "capabilities": {"batch": {"supported": true}, "image_input": {"supported": true}, "structured_outputs": {"supported": false},
                "effort": {"supported": true, "low": {"supported": true}, "high": {"supported": true}, "max": {"supported": false}},
                "thinking": {"supported": true, "types": {"adaptive": {"supported": true}, "disabled": {"supported": false}, "between_tools": {"supported": true}}}}}],
            "has_more": true, "last_id": "claude-sonnet-5-5"});
        let expected = ModelInfo {
            id: "claude-sonnet-5-5".into(),
            name: "Claude Sonnet 5.5".into(),
            context: Some(1_000_000),
            max_output: Some(128_000),
            thinking: Some(vec![ThinkingForm::Adaptive, ThinkingForm::BetweenTools]),
            effort: Some(vec!["low".into(), "high".into()]),
            images: Some(true),
            structured: Some(false),
            batches: Some(true),
            is_deprecated: true,
        };
        assert_eq!(list(&anthropic), [expected]);
        assert_eq!(next_page(&anthropic).as_deref(), Some("claude-sonnet-5-5"));
        let openai = json!({"object": "list", "data": [{"id": "qwen", "object": "model", "meta": {"n_ctx": 16384}}, {"object": "model"}]});
        assert_eq!(list(&openai), [ModelInfo { id: "qwen".into(), context: Some(16384), ..ModelInfo::default() }]);
        assert_eq!(next_page(&openai), None);
        assert!(list(&json!("nonsense")).is_empty());
    }
}
