//! Tools that the rules do not know: called where they are demanded or named, with input made from their schema.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::analyst::converse::{Choice, Heard, Offered, Part};

/// Calls what has to be called, or says what came back.
pub fn converse(heard: &Heard) -> Vec<Part> {
    let is_forced = matches!(heard.choice, Choice::Any | Choice::Tool(_));
    if !heard.returned.is_empty() && !is_forced {
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
        .map(|offered| Part::Call(offered.name.clone(), fitting(&offered.schema, &heard.words)))
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
    Filling { words, numbers: numbers(words).into(), texts: texts(words).into(), root: schema }.value(schema, 0)
}

/// Deepest nesting that is followed; a schema may name itself.
const MAX_DEPTH: usize = 12;

/// What is filled in: each number and each text of the question once, as long as there are some.
struct Filling<'a> {
    words: &'a str,
    numbers: VecDeque<f64>,
    texts: VecDeque<String>,
    root: &'a Value,
}

impl Filling<'_> {
    /// A value that fits: what the schema lists, what it names as usual, what the question holds, else the least.
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
            return values.iter().find(|value| self.names(value)).unwrap_or(&values[0]).clone();
        }
        if let Some(constant) = schema.get("const").or_else(|| schema.get("default")) {
            return constant.clone();
        }
        if let Some(other) = self.other(schema).filter(|_| depth < MAX_DEPTH) {
            return self.value(&other, depth + 1);
        }
        let bound = |name: &str| schema[name].as_f64();
        match kind_of(schema) {
            "object" => self.object(schema, depth),
            "array" => {
                let n = schema["minItems"].as_u64().unwrap_or(1).clamp(u64::from(depth < MAX_DEPTH), 100);
                Value::Array((0..n).map(|_| self.value(&schema["items"], depth + 1)).collect())
            }
            "boolean" => json!(true),
            kind @ ("integer" | "number") => {
                let fits = |number: &f64| {
                    bound("minimum").is_none_or(|min| *number >= min)
                        && bound("maximum").is_none_or(|max| *number <= max)
                        && (kind == "number" || number.fract() == 0.0)
                };
                let at = self.numbers.iter().position(fits);
                let number = at.and_then(|at| self.numbers.remove(at));
                let number = number.or(bound("minimum")).unwrap_or(1.0_f64.min(bound("maximum").unwrap_or(1.0)));
                #[expect(clippy::cast_possible_truncation, reason = "a number out of a sentence")]
                if kind == "integer" { json!(number.ceil() as i64) } else { json!(number) }
            }
            "null" => Value::Null,
            _ => json!(self.text(schema)),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let fields: Map<String, Value> = properties
            .filter(|(name, _)| required.contains(&name.as_str()) && depth < MAX_DEPTH)
            .map(|(name, schema)| (name.clone(), self.value(schema, depth + 1)))
            .collect();
        Value::Object(fields)
    }

    /// The schema that stands for this one: what it refers to, or the first of those it leaves open.
    fn other(&self, schema: &Value) -> Option<Value> {
        if let Some(path) = schema["$ref"].as_str() {
            return self.root.pointer(path.strip_prefix('#')?).cloned();
        }
        let open = ["anyOf", "oneOf"].iter().find_map(|name| schema[name].as_array());
        if let Some(first) = open.and_then(|all| all.iter().find(|one| one["type"] != "null").or(all.first())) {
            return Some(first.clone());
        }
        // All of them at once: their fields together.
        let all = schema["allOf"].as_array().filter(|all| !all.is_empty())?;
        let mut joined = json!({});
        for one in all {
            let one = self.other(one).unwrap_or_else(|| one.clone());
            for (name, value) in one.as_object().into_iter().flatten() {
                match (joined.get_mut(name), value) {
                    (Some(Value::Object(have)), Value::Object(more)) => have.extend(more.clone()),
                    (Some(Value::Array(have)), Value::Array(more)) => have.extend(more.iter().cloned()),
                    _ => joined[name] = value.clone(),
                }
            }
        }
        Some(joined)
    }

    /// Whether a listed value stands in the question as a word.
    fn names(&self, value: &Value) -> bool {
        let Some(text) = value.as_str().filter(|text| !text.is_empty()).map(str::to_lowercase) else {
            return value.as_f64().is_some_and(|number| self.numbers.contains(&number));
        };
        let words = self.words.to_lowercase();
        let is_edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
        words
            .match_indices(&text)
            .any(|(at, _)| is_edge(words[..at].chars().next_back()) && is_edge(words[at + text.len()..].chars().next()))
    }

    fn text(&mut self, schema: &Value) -> String {
        // Forms that a word of the question would not have.
        let fixed = match schema["format"].as_str() {
            Some("date") => "2026-01-01",
            Some("time") => "12:00:00Z",
            Some("date-time") => "2026-01-01T12:00:00Z",
            Some("duration") => "P1D",
            Some("email") => "nobody@example.com",
            Some("hostname") => "example.com",
            Some("uri") => "https://example.com/",
            Some("ipv4") => "127.0.0.1",
            Some("ipv6") => "::1",
            Some("uuid") => "00000000-0000-4000-8000-000000000000",
            _ => "",
        };
        if !fixed.is_empty() {
            return fixed.to_owned();
        }
        // The last one serves again where more are asked for.
        if self.texts.len() > 1 {
            return self.texts.pop_front().unwrap_or_default();
        }
        self.texts.front().cloned().unwrap_or_else(|| "unknown".to_owned())
    }
}

/// The first type of a schema that is not nothing.
fn kind_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

/// The numbers of a text, in order.
fn numbers(words: &str) -> Vec<f64> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    words
        .split(|c: char| !is_part(c))
        .filter_map(|word| word.trim_end_matches(['.', '-']).parse::<f64>().ok())
        .filter(|number| number.is_finite())
        .collect()
}

/// What a text names: what it quotes, else its words with a capital behind the first, else its last word.
fn texts(words: &str) -> Vec<String> {
    let quoted: Vec<String> = words
        .split(['"', '“', '”'])
        .skip(1)
        .step_by(2)
        .filter(|quoted| !quoted.trim().is_empty())
        .map(ToOwned::to_owned)
        .collect();
    if !quoted.is_empty() {
        return quoted;
    }
    let all: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let names: Vec<String> = all
        .iter()
        .skip(1)
        .filter(|word| word.starts_with(char::is_uppercase) && **word != "I")
        .map(|word| (*word).to_owned())
        .collect();
    if names.is_empty() { all.last().map(|word| (*word).to_owned()).into_iter().collect() } else { names }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyst::converse::Returned;

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
    #[test]
    fn what_is_forced_is_called_again_and_results_are_repeated() {
        let returned = vec![Returned { name: "get_weather".into(), text: "sunny".into(), is_error: false }];
        let with = |choice| converse(&Heard { returned: returned.clone(), ..heard("the weather in Paris", choice) });
        assert_eq!(with(Choice::Auto).last(), Some(&Part::Text("get_weather says: sunny".into())));
        assert!(matches!(with(Choice::Any).last(), Some(Part::Call(..))));
    }

    #[test]
    fn values_fit_their_schema() {
        let fits =
            |schema: Value, words: &str, expected: Value| assert_eq!(fitting(&schema, words), expected, "{schema}");
        let number = json!({"type": "number"});
        let sum = json!({"type": "object", "properties": {"a": number, "b": number, "c": {"type": "string"}}, "required": ["a", "b"]});
        fits(sum, "add 2.5 and -3.", json!({"a": 2.5, "b": -3.0}));
        fits(json!({"enum": ["very good", "good"]}), "it was Good", json!("good"));
        fits(json!({"enum": [1, 2]}), "take 2", json!(2));
        fits(json!({"anyOf": [{"type": "null"}, {"type": "integer"}]}), "7", json!(7));
        fits(json!({"type": ["null", "boolean"]}), "", json!(true));
        fits(json!({"type": "integer", "minimum": 10}), "3", json!(10));
        fits(json!({"type": "string", "format": "date"}), "soon", json!("2026-01-01"));
        fits(
            json!({"type": "array", "items": {"type": "string"}, "minItems": 2}),
            "from \"a b\" to \"c\"",
            json!(["a b", "c"]),
        );
        let shared = json!({"$ref": "#/$defs/Place", "$defs": {"Place": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}});
        fits(shared, "weather in Paris today", json!({"city": "Paris"}));
        let all = json!({"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"default": 2}}, "required": ["b"]}]});
        fits(all, "", json!({"a": 1, "b": 2}));
        // A schema that names itself comes to an end.
        let endless = json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]});
        assert!(fitting(&endless, "x").is_object());
    }
}
