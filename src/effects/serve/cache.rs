//! The accounts of a prompt cache: what was read from it, what was written into it, why it did not serve.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::domain::prompt::guess_tokens;

/// Fewest tokens that are worth keeping.
const MIN_TOKENS: u64 = 512;
/// Blocks before a mark among which an earlier entry is looked for.
const LOOK_BACK: usize = 20;
/// What frames a prompt and is never kept.
const FRAME: u64 = 4;
/// Most entries, and most answers that are remembered for the reason of a miss.
const MAX_ENTRIES: usize = 10_000;

/// What one request used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Read at full price.
    pub input: u64,
    /// Read from the cache.
    pub read: u64,
    /// Written for five minutes.
    pub written_5m: u64,
    /// Written for an hour.
    pub written_1h: u64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    until: Instant,
    ttl: Duration,
}

/// A piece of the prompt: the hash of everything up to it, the tokens up to it, its mark.
#[derive(Clone, Debug)]
struct Piece {
    hash: blake3::Hash,
    tokens: u64,
    ttl: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Seen {
    id: String,
    model: String,
    tools: blake3::Hash,
    system: blake3::Hash,
    messages: Vec<blake3::Hash>,
}

/// The cache.
#[derive(Debug, Default)]
pub struct Cache {
    entries: HashMap<blake3::Hash, Entry>,
    seen: VecDeque<Seen>,
}

const MINUTES: Duration = Duration::from_mins(5);
const HOUR: Duration = Duration::from_hours(1);

fn ttl_of(value: &Value) -> Option<Duration> {
    let mark = value.get("cache_control").filter(|mark| !mark.is_null())?;
    Some(if mark["ttl"] == "1h" { HOUR } else { MINUTES })
}

fn bare(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let kept: serde_json::Map<String, Value> = fields
                .iter()
                .filter(|(name, _)| *name != "cache_control")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            Value::Object(kept).to_string()
        }
        other => other.to_string(),
    }
}

/// Tokens of a block: its text by length, a picture by its size.
pub fn tokens_of(block: &Value) -> u64 {
    match block["type"].as_str() {
        Some("image") => picture_tokens(block["source"]["data"].as_str().unwrap_or_default()),
        Some("text") => guess_tokens(block["text"].as_str().unwrap_or_default()),
        Some("tool_result") => match &block["content"] {
            Value::Array(inner) => 8 + inner.iter().map(tokens_of).sum::<u64>(),
            other => 8 + guess_tokens(&other.to_string()),
        },
        Some("thinking") => guess_tokens(block["thinking"].as_str().unwrap_or_default()),
        _ => guess_tokens(&bare(block)),
    }
}

fn picture_tokens(data: &str) -> u64 {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default();
    picture_size(&bytes).map_or(1_600, |(width, height)| u64::from(width.div_ceil(28)) * u64::from(height.div_ceil(28)))
}

/// Width and height as the head of a picture says.
pub fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.into_dimensions().ok()
}

/// The prompt in the order in which it is cached: tools, system, messages.
fn pieces(request: &Value) -> Vec<Piece> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(request["model"].as_str().unwrap_or_default().as_bytes());
    let mut pieces: Vec<Piece> = Vec::new();
    let mut tokens = 0;
    let mut add = |label: &str, value: &Value, n: u64| {
        hasher.update(label.as_bytes());
        hasher.update(bare(value).as_bytes());
        hasher.update(&[0]);
        tokens += n;
        pieces.push(Piece { hash: hasher.finalize(), tokens, ttl: ttl_of(value) });
    };
    for tool in request["tools"].as_array().into_iter().flatten() {
        add("tool", tool, guess_tokens(&bare(tool)));
    }
    match &request["system"] {
        Value::String(text) => add("system", &json!({"type": "text", "text": text}), guess_tokens(text)),
        Value::Array(blocks) => blocks.iter().for_each(|block| add("system", block, tokens_of(block))),
        _ => {}
    }
    // How the model thinks, and what it has to call, is part of what messages are cached under.
    let thinking = format!("{}{}{}", request["thinking"], request["output_config"], request["tool_choice"]);
    for message in request["messages"].as_array().into_iter().flatten() {
        let label = format!("{}{thinking}", message["role"]);
        match &message["content"] {
            Value::String(text) => add(&label, &json!({"type": "text", "text": text}), guess_tokens(text) + 4),
            Value::Array(blocks) => blocks.iter().for_each(|block| add(&label, block, tokens_of(block) + 1)),
            _ => {}
        }
    }
    if let (Some(ttl), Some(last)) = (ttl_of(request), pieces.last_mut()) {
        last.ttl = last.ttl.or(Some(ttl));
    }
    pieces
}

/// Tokens of a whole prompt.
pub fn count(request: &Value) -> u64 {
    FRAME + pieces(request).last().map_or(0, |last| last.tokens)
}

impl Cache {
    /// What a request reads from the cache and writes into it.
    pub fn take(&mut self, request: &Value, now: Instant) -> Used {
        let pieces = pieces(request);
        self.entries.retain(|_, entry| entry.until > now);
        if self.entries.len() > MAX_ENTRIES {
            self.entries.clear();
        }
        let marks: Vec<usize> =
            (0..pieces.len()).filter(|at| pieces[*at].ttl.is_some() && pieces[*at].tokens >= MIN_TOKENS).collect();
        let mut hit = None;
        for mark in marks.iter().rev() {
            let first = mark.saturating_sub(LOOK_BACK);
            hit = (first..=*mark).rev().find(|at| self.entries.contains_key(&pieces[*at].hash));
            if hit.is_some() {
                break;
            }
        }
        let read = hit.map_or(0, |at| pieces[at].tokens);
        if let Some(at) = hit {
            // What stands before a hit was read as well, and lives on.
            for piece in &pieces[..=at] {
                if let Some(entry) = self.entries.get_mut(&piece.hash) {
                    entry.until = now + entry.ttl;
                }
            }
        }
        let mut used = Used { read, ..Used::default() };
        let mut upto = read;
        for mark in marks.into_iter().filter(|mark| hit.is_none_or(|hit| *mark > hit)) {
            let piece = &pieces[mark];
            let ttl = piece.ttl.unwrap_or(MINUTES);
            if ttl == HOUR {
                used.written_1h += piece.tokens - upto;
            } else {
                used.written_5m += piece.tokens - upto;
            }
            upto = piece.tokens;
            self.entries.insert(piece.hash, Entry { until: now + ttl, ttl });
        }
        used.input = FRAME + pieces.last().map_or(0, |last| last.tokens) - upto;
        used
    }

    /// Remembers a request by the name of its answer, and says why the cache did not serve it fully, where that was asked.
    pub fn diagnose(&mut self, request: &Value, id: &str, used: Used) -> Option<Value> {
        let hash = |value: &Value| blake3::hash(value.to_string().as_bytes());
        let system = match &request["system"] {
            Value::Array(blocks) => hash(&json!(blocks.iter().map(bare).collect::<Vec<_>>())),
            other => hash(other),
        };
        let messages: Vec<blake3::Hash> = request["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|message| match &message["content"] {
                Value::Array(blocks) => blocks.iter().map(|block| blake3::hash(bare(block).as_bytes())).collect(),
                other => vec![hash(other)],
            })
            .collect();
        let model = request["model"].as_str().unwrap_or_default().to_owned();
        let now = Seen { id: id.to_owned(), model, tools: hash(&request["tools"]), system, messages };
        let asked = request.get("diagnostics").filter(|asked| asked.is_object());
        let answer = asked.map(|asked| {
            let Some(previous) = asked["previous_message_id"].as_str() else { return Value::Null };
            let reason = match self.seen.iter().find(|seen| seen.id == previous) {
                None => Some("previous_message_not_found"),
                Some(seen) if seen.model != now.model => Some("model_changed"),
                Some(seen) if seen.tools != now.tools => Some("tools_changed"),
                Some(seen) if seen.system != now.system => Some("system_changed"),
                Some(seen) if !now.messages.starts_with(&seen.messages) => Some("messages_changed"),
                Some(_) => None,
            };
            match reason {
                None => Value::Null,
                Some("previous_message_not_found") => {
                    json!({"cache_miss_reason": {"type": "previous_message_not_found"}})
                }
                Some(reason) => {
                    let missed = used.input + used.written_5m + used.written_1h;
                    json!({"cache_miss_reason": {"type": reason, "cache_missed_input_tokens": missed}})
                }
            }
        });
        self.seen.push_back(now);
        if self.seen.len() > 1_000 {
            self.seen.pop_front();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(words: &[&str], ttl: &str) -> Value {
        let messages: Vec<Value> =
            words.iter().map(|word| json!({"role": "user", "content": [{"type": "text", "text": word}]})).collect();
        json!({
            "model": "m", "cache_control": {"type": "ephemeral"},
            "system": [{"type": "text", "text": "r".repeat(3500)}, {"type": "text", "text": "p".repeat(3500), "cache_control": {"type": "ephemeral", "ttl": ttl}}],
            "messages": messages,
        })
    }

    #[test]
    fn what_is_marked_is_written_once_and_read_while_it_lives() {
        let mut cache = Cache::default();
        let now = Instant::now();
        let long = "w".repeat(700);
        let first = cache.take(&request(&[&long], "1h"), now);
        assert_eq!(first, Used { input: 4, read: 0, written_5m: 201, written_1h: 2000 });
        let second = cache.take(&request(&[&long, "more"], "1h"), now + Duration::from_mins(1));
        assert_eq!(second, Used { input: 4, read: 2201, written_5m: 3, written_1h: 0 });
        // After six minutes the hour still holds, the five minutes do not.
        let later = cache.take(&request(&[&long, "other"], "1h"), now + Duration::from_mins(7));
        assert_eq!((later.read, later.written_5m), (2000, 204));
        let cold = cache.take(&request(&[&long], "1h"), now + Duration::from_hours(3));
        assert_eq!(cold, first);
        // Too little is not kept.
        let small = json!({"model": "m", "cache_control": {"type": "ephemeral"}, "messages": [{"role": "user", "content": "hi"}]});
        assert_eq!(cache.take(&small, now), Used { input: count(&small), ..Used::default() });
    }

    #[test]
    fn a_miss_has_its_reason() {
        let mut cache = Cache::default();
        let mut ask = |mut request: Value, id: &str, previous: Value| {
            request["diagnostics"] = json!({ "previous_message_id": previous });
            cache.diagnose(&request, id, Used::default()).unwrap()["cache_miss_reason"]["type"].clone()
        };
        assert_eq!(ask(request(&["a"], "1h"), "m1", Value::Null), Value::Null);
        assert_eq!(ask(request(&["a", "b"], "1h"), "m2", json!("m1")), Value::Null);
        assert_eq!(ask(request(&["x", "b"], "1h"), "m3", json!("m2")), json!("messages_changed"));
        let mut other = request(&["a"], "1h");
        other["model"] = json!("n");
        assert_eq!(ask(other, "m4", json!("m1")), json!("model_changed"));
        let mut other = request(&["a"], "1h");
        other["system"] = json!("else");
        assert_eq!(ask(other, "m5", json!("m1")), json!("system_changed"));
        assert_eq!(ask(request(&["a"], "1h"), "m6", json!("m99")), json!("previous_message_not_found"));
    }
}
