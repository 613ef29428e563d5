//! One key with its modifiers, as it is written in the configuration and shown in hints.

use std::fmt;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "keys are what they are called")]
pub enum Key {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// A key with its modifiers. Shift is part of the character where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Whether Ctrl is held.
    pub ctrl: bool,
    /// Whether Alt is held.
    pub alt: bool,
}

impl Chord {
    /// A key alone.
    pub fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false }
    }

    /// A key with Ctrl.
    pub fn ctrl(letter: char) -> Self {
        Self { key: Key::Char(letter), ctrl: true, alt: false }
    }

    /// Reads `a`, `E`, `ctrl-r`, `alt-enter`, `shift-tab`, `space`, `f5`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        loop {
            let lower = rest.to_ascii_lowercase();
            if lower.starts_with("ctrl-") && rest.len() > 5 {
                ctrl = true;
                rest = &rest[5..];
            } else if lower.starts_with("alt-") && rest.len() > 4 {
                alt = true;
                rest = &rest[4..];
            } else if lower.starts_with("shift-") && rest.len() > 6 {
                shift = true;
                rest = &rest[6..];
            } else {
                break;
            }
        }
        let mut chars = rest.chars();
        let key = match (chars.next(), chars.next()) {
            (Some(c), None) if shift => Key::Char(c.to_ascii_uppercase()),
            (Some(c), None) => Key::Char(c),
            _ => match rest.to_ascii_lowercase().as_str() {
                "enter" | "return" => Key::Enter,
                "esc" | "escape" => Key::Esc,
                "tab" if shift => Key::BackTab,
                "tab" => Key::Tab,
                "backtab" => Key::BackTab,
                "backspace" => Key::Backspace,
                "delete" | "del" => Key::Delete,
                "insert" => Key::Insert,
                "up" => Key::Up,
                "down" => Key::Down,
                "left" => Key::Left,
                "right" => Key::Right,
                "home" => Key::Home,
                "end" => Key::End,
                "pageup" => Key::PageUp,
                "pagedown" => Key::PageDown,
                "space" => Key::Char(' '),
                "minus" => Key::Char('-'),
                name => Key::F(name.strip_prefix('f')?.parse().ok().filter(|number| (1..=24).contains(number))?),
            },
        };
        Some(Self { key, ctrl, alt })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            formatter.write_str("Ctrl-")?;
        }
        if self.alt {
            formatter.write_str("Alt-")?;
        }
        match self.key {
            Key::Char(' ') => formatter.write_str("Space"),
            Key::Char(c) if self.ctrl => write!(formatter, "{}", c.to_ascii_uppercase()),
            Key::Char(c) => write!(formatter, "{c}"),
            Key::Enter => formatter.write_str("Enter"),
            Key::Esc => formatter.write_str("Esc"),
            Key::Tab => formatter.write_str("Tab"),
            Key::BackTab => formatter.write_str("Shift-Tab"),
            Key::Backspace => formatter.write_str("Backspace"),
            Key::Delete => formatter.write_str("Delete"),
            Key::Insert => formatter.write_str("Insert"),
            Key::Up => formatter.write_str("↑"),
            Key::Down => formatter.write_str("↓"),
            Key::Left => formatter.write_str("←"),
            Key::Right => formatter.write_str("→"),
            Key::Home => formatter.write_str("Home"),
            Key::End => formatter.write_str("End"),
            Key::PageUp => formatter.write_str("PgUp"),
            Key::PageDown => formatter.write_str("PgDn"),
            Key::F(number) => write!(formatter, "F{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let shown = |text: &str| Chord::parse(text).map(|chord| chord.to_string());
        assert_eq!(shown("a").as_deref(), Some("a"));
        assert_eq!(shown("shift-e").as_deref(), Some("E"));
        assert_eq!(shown("Ctrl-r").as_deref(), Some("Ctrl-R"));
        assert_eq!(shown("shift-tab").as_deref(), Some("Shift-Tab"));
        assert_eq!(shown("alt-enter").as_deref(), Some("Alt-Enter"));
        assert_eq!(shown("-").as_deref(), Some("-"));
        assert_eq!(shown("f5").as_deref(), Some("F5"));
        assert_eq!(shown("hyper-x"), None);
        assert_eq!(shown(""), None);
    }
}
