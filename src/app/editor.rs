//! The text area; the one file outside `ui` that names its crate.

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

use crate::app::chord::{Chord, Key};
use crate::text::sanitize::is_hidden;

/// Longest text that can be pasted, in bytes.
const MAX_PASTE: usize = 1 << 20;

/// A text that is being written.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new("")
    }
}

impl PartialEq for Editor {
    fn eq(&self, other: &Self) -> bool {
        self.area.lines() == other.area.lines() && self.cursor() == other.cursor()
    }
}

impl Editor {
    /// An editor that begins with `text`, the cursor at its start.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(text.lines().map(ToOwned::to_owned).collect());
        area.set_tab_length(4);
        area.set_max_histories(500);
        Self { area }
    }

    /// The text, each line with its end, none where there is nothing.
    pub fn text(&self) -> String {
        let lines = self.area.lines();
        if lines.iter().all(String::is_empty) && lines.len() <= 1 {
            return String::new();
        }
        lines.join("\n") + "\n"
    }

    /// Line and column of the cursor, from zero.
    pub fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    /// The area, to be drawn.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Puts the cursor at the end.
    pub fn to_end(&mut self) {
        self.area.move_cursor(CursorMove::Bottom);
        self.area.move_cursor(CursorMove::End);
    }

    /// Puts the cursor at the beginning of a line, counted from one.
    pub fn to_line(&mut self, line: usize) {
        let row = u16::try_from(line.saturating_sub(1)).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(row, 0));
    }

    /// Takes a key.
    pub fn on_key(&mut self, chord: Chord) {
        let key = match chord.key {
            Key::Char(c) => AreaKey::Char(c),
            Key::Enter => AreaKey::Enter,
            Key::Tab => AreaKey::Tab,
            Key::Backspace => AreaKey::Backspace,
            Key::Delete => AreaKey::Delete,
            Key::Up => AreaKey::Up,
            Key::Down => AreaKey::Down,
            Key::Left => AreaKey::Left,
            Key::Right => AreaKey::Right,
            Key::Home => AreaKey::Home,
            Key::End => AreaKey::End,
            Key::PageUp => AreaKey::PageUp,
            Key::PageDown => AreaKey::PageDown,
            Key::Esc | Key::BackTab | Key::Insert | Key::F(_) => return,
        };
        self.area.input(Input { key, ctrl: chord.ctrl, alt: chord.alt, shift: false });
    }

    /// Inserts text that was pasted, without its control characters and what does not show. Returns whether it was too long to be taken whole.
    pub fn paste(&mut self, text: &str) -> bool {
        let clean: String = text
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .chars()
            .filter(|c| !is_hidden(*c) && (!c.is_control() || matches!(c, '\n' | '\t')))
            .collect();
        let mut end = clean.len().min(MAX_PASTE);
        while !clean.is_char_boundary(end) {
            end -= 1;
        }
        self.area.insert_str(&clean[..end]);
        end < clean.len()
    }
}
