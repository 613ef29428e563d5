//! Code inside the input of a tool, while that input is still being written: the strings `path` and `code` of a JSON text
//! that arrives in pieces.

use crate::app::stream_code::Growing;
use crate::text::RawText;

/// Finds files in a growing JSON text. Each piece costs what it adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonCode {
    stack: Vec<Level>,
    string: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Object { key: String, wants_key: bool },
    Array,
}

/// A string that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text {
    is_key: bool,
    is_code: bool,
    value: String,
    escape: Escape,
    high: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Started,
    Unicode(String),
}

/// Deeper JSON than this is not looked into.
const MAX_DEPTH: usize = 64;

impl JsonCode {
    /// Takes a piece of the JSON and adds what it holds to `files`.
    pub fn push(&mut self, piece: &str, files: &mut Vec<Growing>) {
        for c in piece.chars() {
            self.take(c, files);
        }
    }

    fn take(&mut self, c: char, files: &mut Vec<Growing>) {
        let Some(string) = &mut self.string else {
            match c {
                '"' => self.begin_string(),
                '{' if self.stack.len() < MAX_DEPTH => {
                    if self.is_in_files() {
                        files.push(Growing { path: "code".to_owned(), code: RawText::default() });
                    }
                    self.stack.push(Level::Object { key: String::new(), wants_key: true });
                }
                '[' if self.stack.len() < MAX_DEPTH => self.stack.push(Level::Array),
                '}' | ']' => {
                    self.stack.pop();
                }
                ',' => {
                    if let Some(Level::Object { wants_key, .. }) = self.stack.last_mut() {
                        *wants_key = true;
                    }
                }
                ':' => {
                    if let Some(Level::Object { wants_key, .. }) = self.stack.last_mut() {
                        *wants_key = false;
                    }
                }
                _ => {}
            }
            return;
        };
        match std::mem::take(&mut string.escape) {
            Escape::None => match c {
                '"' => self.end_string(files),
                '\\' => string.escape = Escape::Started,
                c => Self::add(string, c, files),
            },
            Escape::Started => match c {
                'u' => string.escape = Escape::Unicode(String::new()),
                'n' => Self::add(string, '\n', files),
                't' => Self::add(string, '\t', files),
                'r' => Self::add(string, '\r', files),
                'b' => Self::add(string, '\u{8}', files),
                'f' => Self::add(string, '\u{c}', files),
                c => Self::add(string, c, files),
            },
            Escape::Unicode(mut digits) => {
                digits.push(c);
                if digits.len() < 4 {
                    string.escape = Escape::Unicode(digits);
                    return;
                }
                let unit = u32::from_str_radix(&digits, 16).unwrap_or(0xFFFD);
                match (string.high.take(), unit) {
                    (None, 0xD800..0xDC00) => string.high = Some(unit),
                    (Some(high), 0xDC00..0xE000) => {
                        let code = 0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
                        Self::add(string, char::from_u32(code).unwrap_or('\u{FFFD}'), files);
                    }
                    (_, unit) => Self::add(string, char::from_u32(unit).unwrap_or('\u{FFFD}'), files),
                }
            }
        }
    }

    /// Whether the innermost level is the list of files.
    fn is_in_files(&self) -> bool {
        matches!(self.stack.as_slice(), [Level::Object { key, .. }, Level::Array] if key == "files")
    }

    fn is_in_file(&self) -> bool {
        matches!(self.stack.as_slice(), [Level::Object { key, .. }, Level::Array, Level::Object { .. }] if key == "files")
    }

    fn begin_string(&mut self) {
        let (is_key, key) = match self.stack.last() {
            Some(Level::Object { wants_key, key }) => (*wants_key, key.clone()),
            _ => (false, String::new()),
        };
        let is_code = !is_key && key == "code" && self.is_in_file();
        self.string = Some(Text { is_key, is_code, ..Text::default() });
    }

    fn add(string: &mut Text, c: char, files: &mut [Growing]) {
        if string.is_code {
            if let Some(file) = files.last_mut() {
                file.code.push(c.encode_utf8(&mut [0; 4]));
            }
        } else if string.value.len() < 1_000 {
            string.value.push(c);
        }
    }

    fn end_string(&mut self, files: &mut [Growing]) {
        let Some(string) = self.string.take() else { return };
        let in_file = self.is_in_file();
        if let Some(Level::Object { key, .. }) = self.stack.last_mut() {
            if string.is_key {
                *key = string.value;
            } else if in_file
                && key == "path"
                && let Some(file) = files.last_mut()
            {
                file.path = string.value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_while_it_is_written_wherever_the_json_is_cut() {
        let code = "def f():\n\t\"\"\"é \u{1F600} \\ {\"code\": 1}\"\"\"\n";
        let input = serde_json::json!({
            "hypothesis": "code: x", "path": "no", "code": "not this",
            "files": [{"path": "model.py", "code": code, "more": {"code": "nor this"}}, {"code": "b = 2\n", "path": "b.py"}],
            "last": ["code"],
        })
        .to_string()
        .replace('é', "\\u00e9")
        .replace('\u{1F600}', "\\ud83d\\ude00");
        let expected = vec![
            Growing { path: "model.py".into(), code: RawText::new(code) },
            Growing { path: "b.py".into(), code: RawText::new("b = 2\n") },
        ];
        for cut in (0..=input.len()).filter(|cut| input.is_char_boundary(*cut)) {
            let (mut reader, mut files) = (JsonCode::default(), Vec::new());
            reader.push(&input[..cut], &mut files);
            let whole: Vec<&str> = expected.iter().map(|file| file.code.expose()).collect();
            for (file, whole) in files.iter().zip(&whole) {
                assert!(whole.starts_with(file.code.expose()), "cut at {cut}");
            }
            reader.push(&input[cut..], &mut files);
            assert_eq!(files, expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_json_does_no_harm() {
        for text in ["}}}]]]", "{\"files\":[{\"code\":\"\\ud800x\\uZZZZ", "[[[[[[", "\"\\"] {
            let (mut reader, mut files) = (JsonCode::default(), Vec::new());
            reader.push(text, &mut files);
            reader.push(&"[".repeat(1000), &mut files);
        }
    }
}
