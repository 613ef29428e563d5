//! A recording that can be given away: every field that carries data is masked, its shape stays.
//!
//! Letters become `x` and digits `1`, byte for byte, so that pieces keep their lengths and times. Words of the protocol
//! (types, names of tools, the model, usage) and the syntax of JSON, Markdown and code stay.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::effects::recording::{self, Recording};

/// Fields whose texts belong to the protocol.
const PROTOCOL: [&str; 13] = [
    "type",
    "role",
    "model",
    "stop_reason",
    "name",
    "service_tier",
    "speed",
    "inference_geo",
    "media_type",
    "category",
    "id",
    "tool_use_id",
    "request_id",
];

/// Writes a masked copy. Fails where `to` exists, and leaves nothing half written.
pub fn share(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        bail!("{} exists already", to.display());
    }
    let masked = mask(&recording::read(from)?);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(folder).with_context(|| format!("{} can't be written", folder.display()))?;
    file.write_all(&recording::to_bytes(&masked)?)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(to).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// The recording with its data masked.
pub fn mask(recording: &Recording) -> Recording {
    let whole: Vec<u8> = recording.pieces.iter().flat_map(|(_, piece)| piece.iter().copied()).collect();
    let mut masker = Masker::default();
    let mut masked = Vec::with_capacity(whole.len());
    for line in whole.split_inclusive(|byte| *byte == b'\n' || *byte == b'\r') {
        masker.line(line, &mut masked);
    }
    let mut at = 0;
    let pieces = recording
        .pieces
        .iter()
        .map(|(when, piece)| {
            let cut = masked.get(at..at + piece.len()).unwrap_or_default().to_vec();
            at += piece.len();
            (*when, cut)
        })
        .collect();
    Recording { heading: recording.heading.clone(), pieces, is_torn: recording.is_torn }
}

fn masked_byte(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'1',
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => b'x',
        other => other,
    }
}

/// What is open in a stream.
#[derive(Debug, Default)]
struct Masker {
    /// The inputs of tools that arrive in pieces, by the number of their block.
    inputs: HashMap<u64, Inner>,
}

impl Masker {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let bare = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        out.extend_from_slice(&line[..line.len() - bare.len()]);
        let json_at = if bare.first() == Some(&b'{') {
            Some(0)
        } else if bare.starts_with(b"data:") {
            Some(5 + bare[5..].iter().take_while(|byte| **byte == b' ').count())
        } else {
            None
        };
        match json_at {
            Some(at) => {
                out.extend_from_slice(&bare[..at]);
                self.json(&bare[at..], out);
            }
            // Names of events stay, whatever else stands on a line of its own does not.
            None if bare.starts_with(b"event:") || bare.starts_with(b"retry:") => out.extend_from_slice(bare),
            None => out.extend(bare.iter().map(|byte| masked_byte(*byte))),
        }
    }

    /// Masks the strings of a JSON text, and numbers inside the input of a tool.
    fn json(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let block = index_of(text);
        let mut walk = Walk::default();
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            if byte != b'"' {
                walk.punctuation(byte);
                let is_number = byte.is_ascii_digit() && walk.is_in_data();
                out.push(if is_number { b'1' } else { byte });
                at += 1;
                continue;
            }
            let end = string_end(text, at);
            let inside = &text[at + 1..end.min(text.len())];
            out.push(b'"');
            if walk.wants_key() {
                out.extend_from_slice(inside);
                walk.key(inside);
            } else if walk.last_key() == b"partial_json" {
                self.inputs.entry(block).or_default().mask(inside, out);
            } else if walk.is_protocol() {
                out.extend_from_slice(inside);
            } else {
                mask_string(inside, out);
            }
            if end < text.len() {
                out.push(b'"');
            }
            at = end + 1;
        }
    }
}

/// The number of the block that an event is about.
fn index_of(text: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(text);
    let after = text.find("\"index\":").map(|at| &text[at + 8..]).unwrap_or_default();
    after.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

/// Where the string that begins at `at` has its closing quote, or the end of the text.
fn string_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != b'"' {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    end.min(text.len())
}

/// The length of the escape or character at the beginning, in bytes.
fn unit(text: &[u8]) -> usize {
    match text {
        [b'\\', b'u', ..] => 6.min(text.len()),
        [b'\\', _, ..] => 2,
        _ => 1,
    }
}

fn mask_string(inside: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < inside.len() {
        let n = unit(&inside[at..]);
        mask_unit(&inside[at..at + n], out);
        at += n;
    }
}

fn mask_unit(unit: &[u8], out: &mut Vec<u8>) {
    match unit {
        // A control character stays one; any other becomes as many letters as it had bytes.
        [b'\\', b'u', digits @ ..] if digits.starts_with(b"00") && digits.len() == 4 && digits[2] < b'2' => {
            out.extend_from_slice(unit);
        }
        [b'\\', b'u', ..] => out.extend(std::iter::repeat_n(b'x', unit.len())),
        [b'\\', ..] => out.extend_from_slice(unit),
        other => out.extend(other.iter().map(|byte| masked_byte(*byte))),
    }
}

/// Where one is in a JSON text.
#[derive(Debug, Default)]
struct Walk {
    /// For each level: whether it is an object, and its latest key.
    levels: Vec<(bool, Vec<u8>)>,
    after_colon: bool,
}

impl Walk {
    fn punctuation(&mut self, byte: u8) {
        match byte {
            b'{' => self.levels.push((true, Vec::new())),
            b'[' => self.levels.push((false, Vec::new())),
            b'}' | b']' => {
                self.levels.pop();
            }
            _ => {}
        }
        match byte {
            b':' => self.after_colon = true,
            b'{' | b',' | b'}' | b']' => self.after_colon = false,
            _ => {}
        }
    }

    fn wants_key(&self) -> bool {
        self.levels.last().is_some_and(|(is_object, _)| *is_object) && !self.after_colon
    }

    fn key(&mut self, key: &[u8]) {
        if let Some((_, last)) = self.levels.last_mut() {
            *last = key.to_vec();
        }
    }

    /// The key under which the value stands, through lists.
    fn last_key(&self) -> &[u8] {
        self.levels.iter().rev().find(|(is_object, _)| *is_object).map(|(_, key)| key.as_slice()).unwrap_or_default()
    }

    /// Whether the value stands somewhere inside what a tool is given or what is quoted.
    fn is_in_data(&self) -> bool {
        let n = self.levels.len();
        self.levels
            .iter()
            .take(n.saturating_sub(1))
            .any(|(_, key)| matches!(key.as_slice(), b"input" | b"citation" | b"citations"))
    }

    fn is_protocol(&self) -> bool {
        !self.is_in_data() && PROTOCOL.iter().any(|name| name.as_bytes() == self.last_key())
    }
}

/// JSON inside strings that arrive in pieces: its strings are masked, its keys and its syntax stay.
#[expect(clippy::struct_excessive_bools, reason = "each says what is open")]
#[derive(Debug, Default)]
struct Inner {
    /// For each level, whether it is an object.
    levels: Vec<bool>,
    after_colon: bool,
    in_string: bool,
    is_key: bool,
    is_escaped: bool,
    n_hex: usize,
}

impl Inner {
    fn mask(&mut self, inside: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < inside.len() {
            let n = unit(&inside[at..]);
            let raw = &inside[at..at + n];
            // The character that the outer string stands for.
            let c = match raw {
                [b'\\', b'n', ..] => b'\n',
                [b'\\', b't', ..] => b'\t',
                [b'\\', b'u', ..] => b'x',
                [b'\\', c, ..] | [c, ..] => *c,
                [] => b' ',
            };
            if self.hides(c) {
                mask_unit(raw, out);
            } else {
                out.extend_from_slice(raw);
            }
            at += n;
        }
    }

    /// Takes one character; says whether it has to be masked.
    fn hides(&mut self, c: u8) -> bool {
        if !self.in_string {
            match c {
                b'"' => {
                    self.in_string = true;
                    self.is_key = self.levels.last() == Some(&true) && !self.after_colon;
                }
                b'{' => self.levels.push(true),
                b'[' => self.levels.push(false),
                b'}' | b']' => {
                    self.levels.pop();
                }
                _ => {}
            }
            match c {
                b':' => self.after_colon = true,
                b'{' | b',' | b'}' | b']' => self.after_colon = false,
                _ => {}
            }
            return c.is_ascii_digit();
        }
        if self.n_hex > 0 {
            // Hexadecimal digits of an inner escape become zeros and ones, which are still digits.
            self.n_hex -= 1;
            return false;
        }
        if self.is_escaped {
            self.is_escaped = false;
            if c == b'u' {
                self.n_hex = 4;
            }
            return false;
        }
        match c {
            b'\\' => {
                self.is_escaped = true;
                false
            }
            b'"' => {
                self.in_string = false;
                false
            }
            _ => !self.is_key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(line: &str) -> String {
        let (mut masker, mut out) = (Masker::default(), Vec::new());
        for line in line.split_inclusive('\n') {
            masker.line(line.as_bytes(), &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn data_is_masked_and_the_protocol_stays() {
        assert_eq!(
            masked(
                r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Anna (42),\n \u00e9t\u00e9 é \"x\""}}"#
            ),
            r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"xxxx (11),\n xxxxxxxxxxxxx xx \"x\""}}"#
        );
        assert_eq!(
            masked(
                r#"data: {"message":{"id":"msg_1","model":"claude-opus-5-5","usage":{"input_tokens":41}},"type":"message_start"}"#
            ),
            r#"data: {"message":{"id":"msg_1","model":"claude-opus-5-5","usage":{"input_tokens":41}},"type":"message_start"}"#
        );
        assert_eq!(
            masked(
                r#"data: {"content_block":{"type":"tool_use","id":"t","name":"query","input":{"sql":"SELECT 7","n":35}}}"#
            ),
            r#"data: {"content_block":{"type":"tool_use","id":"t","name":"query","input":{"sql":"xxxxxx 1","n":11}}}"#
        );
        assert_eq!(masked(": Anna 42\n"), ": xxxx 11\n");
    }

    #[test]
    fn the_input_of_a_tool_is_masked_over_its_pieces() {
        let delta = |piece: &str| {
            format!(
                "data: {{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{{\"type\":\"input_json_delta\",\"partial_json\":{}}}}}\n",
                serde_json::json!(piece)
            )
        };
        let input = r#"{"path": "a.py", "code": "x = \"Anna\"\n", "n": 1988, "ok": true}"#;
        let expected = r#"{"path": "x.xx", "code": "x = \"xxxx\"\n", "n": 1111, "ok": true}"#;
        for cut in 0..=input.len() {
            let out = masked(&format!("{}{}", delta(&input[..cut]), delta(&input[cut..])));
            let whole: String = out
                .lines()
                .map(|line| {
                    let value: serde_json::Value = serde_json::from_str(line.strip_prefix("data: ").unwrap()).unwrap();
                    value["delta"]["partial_json"].as_str().unwrap().to_owned()
                })
                .collect();
            assert_eq!(whole, expected, "cut at {cut}");
        }
    }
}
