//! One whole cell: JSON laid out in lines, what hides shown as its code, wrapped to the screen.

use std::ops::Range;

use crate::app::scroll::{self, Move};
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap::wrap;
use crate::text::{RawText, SafeText};

/// Characters that are shown at most; all of them are copied.
const MAX_SHOWN: usize = 1_000_000;

/// A cell that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Where it stands.
    pub title: SafeText,
    /// What it holds.
    pub raw: RawText,
    /// Characters that it holds.
    pub n_chars: u64,
    /// Whether not all of it is shown.
    pub is_cut: bool,
    /// Whether it was laid out as JSON.
    pub is_json: bool,
    /// First row in sight.
    pub first: usize,
    text: SafeText,
    rows: Vec<Range<usize>>,
}

impl Viewer {
    /// A cell on a screen of so many columns.
    pub fn new(title: SafeText, raw: RawText, width: u16) -> Self {
        let json = laid_out(raw.expose());
        let shown = json.as_deref().unwrap_or(raw.expose());
        let end = shown.char_indices().nth(MAX_SHOWN).map_or(shown.len(), |(at, _)| at);
        let text = sanitize_for(Place::Code, &shown[..end]);
        let (is_cut, is_json) = (end < shown.len(), json.is_some());
        let n_chars = raw.expose().chars().count() as u64;
        let mut viewer = Self { title, raw, n_chars, is_cut, is_json, first: 0, text, rows: Vec::new() };
        viewer.wrap(width);
        viewer
    }

    /// Wraps the text for a screen of so many columns.
    pub fn wrap(&mut self, width: u16) {
        let columns = usize::from(width.saturating_sub(4)).max(1);
        self.rows.clear();
        let mut at = 0;
        for line in self.text.as_str().split_inclusive('\n') {
            let own = line.trim_end_matches('\n');
            self.rows.extend(wrap(own, columns).into_iter().map(|row| row.start + at..row.end + at));
            at += line.len();
        }
        self.first = self.first.min(self.rows.len().saturating_sub(1));
    }

    /// The rows from the first one in sight on.
    pub fn in_sight(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().skip(self.first).map(|row| &self.text.as_str()[row.clone()])
    }

    /// Rows in all.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Moves through it; `page` rows are in sight.
    pub fn scroll(&mut self, by: Move, page: usize) {
        self.first = scroll::moved(self.first, self.rows.len().saturating_sub(page) + 1, page, by);
    }
}

/// An object or a list of JSON with a line for each part, every value as it is written; nothing for other texts.
fn laid_out(raw: &str) -> Option<String> {
    if !raw.trim_start().starts_with(['{', '[']) || serde_json::from_str::<serde::de::IgnoredAny>(raw).is_err() {
        return None;
    }
    let (mut out, mut depth, mut is_string, mut is_escaped) = (String::new(), 0usize, false, false);
    let open = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    let mut chars = raw.chars().filter(|c| !matches!(c, '\u{feff}')).peekable();
    while let Some(c) = chars.next() {
        if is_string {
            out.push(c);
            is_string = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        match c {
            '"' => {
                is_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    open(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                open(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                open(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_no_value_is_changed() {
        let raw = r#" {"a":1.10,"b":[],"c":["x, {\"y\": 1}\\",9007199254740993],"d":{ }}"#;
        let laid = laid_out(raw).unwrap();
        assert_eq!(
            laid,
            "{\n  \"a\": 1.10,\n  \"b\": [],\n  \"c\": [\n    \"x, {\\\"y\\\": 1}\\\\\",\n    9007199254740993\n  ],\n  \"d\": {}\n}"
        );
        assert_eq!([laid_out("{not json}"), laid_out("12"), laid_out("[1,")], [None, None, None]);
    }

    #[test]
    fn a_long_cell_is_wrapped_and_what_hides_shows() {
        let raw = RawText::new("ab\u{202e}cd\n".to_owned() + &"word ".repeat(10));
        let mut viewer = Viewer::new("x".into(), raw, 24);
        let rows: Vec<&str> = viewer.in_sight().collect();
        assert!(rows[0].contains("202E"), "{rows:?}");
        assert_eq!(rows.len(), 4, "{rows:?}");
        viewer.scroll(Move::Bottom, 2);
        assert_eq!((viewer.first, viewer.in_sight().count()), (2, 2));
        viewer.wrap(80);
        assert_eq!((viewer.n_rows(), viewer.first), (2, 1));
    }
}
