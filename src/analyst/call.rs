//! Tools that the rules do not know: called where they are demanded or named, with input made from their schema.

use serde_json::{Map, Value, json};

use crate::analyst::converse::{Choice, Heard, Offered, Part};

/// Calls what has to be called, or says what came back.
pub fn converse(heard: &Heard) -> Vec<Part> {
    if !heard.returned.is_empty() {
        let lines: Vec<String> = heard
            .returned
            .iter()
            .map(|returned| {
                let how = if returned.is_error { "failed" } else { "says" };
                format!("{} {how}: {}", returned.name, returned.text.trim())
            })
            .collect();
        return vec![Part::Thinking("The results are here; I repeat them.\n".into()), Part::Text(lines.join("\n"))];
    }
    let wanted: Vec<&Offered> = match &heard.choice {
        Choice::Never => Vec::new(),
        Choice::Tool(name) => heard.tools.iter().filter(|offered| offered.name == *name).collect(),
        Choice::Any => {
            let named = named(heard);
            if named.is_empty() { heard.tools.iter().take(1).collect() } else { named }
        }
        Choice::Auto => named(heard),
    };
    let n = if heard.one_at_a_time { 1 } else { wanted.len() };
    let calls: Vec<Part> = wanted
        .into_iter()
        .take(n)
        .map(|offered| Part::Call(offered.name.clone(), object(&offered.schema, &heard.words)))
        .collect();
    if calls.is_empty() {
        let text =
            "I am a set of rules. No tool that is offered is named in the question, and I can't answer it freely.";
        return vec![Part::Text(text.into())];
    }
    let thinking = "I am a set of rules, not a language model; I call what the question names.\n";
    std::iter::once(Part::Thinking(thinking.into())).chain(calls).collect()
}

/// Tools whose name, or every longer word of it, occurs in the question.
fn named(heard: &Heard) -> Vec<&Offered> {
    let words = heard.words.to_lowercase();
    heard
        .tools
        .iter()
        .filter(|offered| {
            let name = offered.name.to_lowercase();
            let mut parts = name.split(['_', '-']).filter(|part| part.len() > 3).peekable();
            words.contains(&name) || parts.peek().is_some() && parts.all(|part| words.contains(part))
        })
        .collect()
}

/// A value that fits a schema, with what the question holds.
pub fn fitting(schema: &Value, words: &str) -> Value {
    value(schema, words)
}

fn object(schema: &Value, words: &str) -> Value {
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let required: Vec<&str> =
        schema["required"].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let fields: Map<String, Value> = properties
        .iter()
        .filter(|(name, _)| required.contains(&name.as_str()))
        .map(|(name, schema)| (name.clone(), value(schema, words)))
        .collect();
    Value::Object(fields)
}

/// A value that fits a schema: what it lists, what it names as usual, what the question holds, else the least.
fn value(schema: &Value, words: &str) -> Value {
    if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
        let all: Vec<&str> = words.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').collect();
        let named = values.iter().find(|value| value.as_str().is_some_and(|text| all.contains(&text)));
        return named.unwrap_or(&values[0]).clone();
    }
    if let Some(constant) = schema.get("const").or_else(|| schema.get("default")) {
        return constant.clone();
    }
    let number = || {
        words
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .find_map(|word| word.parse::<f64>().ok())
            .filter(|number| number.is_finite())
    };
    match schema["type"].as_str() {
        Some("object") => object(schema, words),
        Some("array") => json!([value(&schema["items"], words)]),
        Some("boolean") => json!(true),
        #[expect(clippy::cast_possible_truncation, reason = "a number out of a sentence")]
        Some("integer") => json!(number().unwrap_or(1.0) as i64),
        Some("number") => json!(number().unwrap_or(1.0)),
        Some("null") => Value::Null,
        _ => json!(text(words)),
    }
}

/// What is quoted in the question, or its last capitalized word, or its last word.
fn text(words: &str) -> String {
    if let Some(quoted) = words.split(['"', '“', '”']).nth(1).filter(|quoted| !quoted.is_empty()) {
        return quoted.to_owned();
    }
    let bare = |word: &&str| !word.is_empty();
    let all: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(bare).collect();
    let capital = all.iter().skip(1).rfind(|word| word.starts_with(char::is_uppercase));
    capital.or(all.last()).map_or_else(|| "unknown".to_owned(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(words: &str, choice: Choice) -> Heard {
        let schema = json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["c", "f"]}}, "required": ["city", "days", "unit"]});
        let tools =
            vec![Offered { name: "get_weather".into(), schema }, Offered { name: "other".into(), schema: json!({}) }];
        Heard { text: words.into(), words: words.into(), tools, choice, ..Heard::default() }
    }

    #[test]
    fn a_tool_is_called_where_it_is_named_or_demanded() {
        let call = |words: &str, choice| converse(&heard(words, choice)).last().cloned().unwrap();
        let expected = Part::Call("get_weather".into(), json!({"city": "Paris", "days": 3, "unit": "c"}));
        assert_eq!(call("What is the weather in Paris for 3 days?", Choice::Auto), expected);
        assert!(matches!(call("Hello", Choice::Any), Part::Call(name, _) if name == "get_weather"));
        assert!(matches!(call("Hello", Choice::Tool("other".into())), Part::Call(name, _) if name == "other"));
        assert!(matches!(call("Hello", Choice::Auto), Part::Text(_)));
        assert!(matches!(call("the weather in Paris", Choice::Never), Part::Text(_)));
    }
}
