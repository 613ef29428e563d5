//! The only way from raw text to text that may be drawn.

use unicode_width::UnicodeWidthChar;

use super::SafeText;

/// How many combining marks one letter may carry before the rest is left out.
const MAX_MARKS: u8 = 4;

/// Where the text will stand, which decides how line ends and joiners are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Running text: line ends are kept, and so are joiners inside emoji and Indic or Arabic words.
    Prose,
    /// Source code, names, anything that is approved by reading it: every hidden character shows.
    Code,
    /// One cell of a table: a single line.
    Cell,
}

/// Makes `raw` safe to draw as running text.
pub fn sanitize(raw: &str) -> SafeText {
    sanitize_for(Place::Prose, raw)
}

/// Makes `raw` safe to draw where `place` says.
pub fn sanitize_for(place: Place, raw: &str) -> SafeText {
    let mut sanitizer = Sanitizer::new(place);
    let mut safe = String::with_capacity(raw.len());
    sanitizer.push(raw, &mut safe);
    SafeText(safe)
}

/// Whether `code` holds a character that a reader would not see as what it is.
pub fn hides_something(code: &str) -> bool {
    code.chars().any(|c| is_deceptive(c) || is_joiner(c) || is_selector(c) || is_control(c))
}

/// Whether one character would not show as what it is.
pub fn is_hidden(c: char) -> bool {
    is_deceptive(c) || is_joiner(c) || is_selector(c)
}

/// Makes a stream of pieces safe. Nothing is parsed: an escape becomes the visible `␛` and what
/// followed it stays plain text, so the result does not depend on where the stream was cut.
#[derive(Clone, Debug)]
pub struct Sanitizer {
    place: Place,
    before: char,
    n_marks: u8,
}

impl Sanitizer {
    /// A sanitizer at the start of a text.
    pub fn new(place: Place) -> Self {
        Self { place, before: ' ', n_marks: 0 }
    }

    /// Appends the safe form of `piece` to `safe`.
    pub fn push(&mut self, piece: &str, safe: &mut String) {
        for c in piece.chars() {
            self.push_char(c, safe);
        }
    }

    /// Appends `piece` and returns what became of it.
    pub fn next(&mut self, piece: &str) -> SafeText {
        let mut safe = String::with_capacity(piece.len());
        self.push(piece, &mut safe);
        SafeText(safe)
    }

    fn push_char(&mut self, c: char, safe: &mut String) {
        let before = std::mem::replace(&mut self.before, c);
        match c {
            '\n' if self.place == Place::Cell => safe.push('␊'),
            '\n' => safe.push('\n'),
            '\t' if self.place == Place::Cell => safe.push('␉'),
            '\t' => safe.push_str("    "),
            '\r' if self.place == Place::Prose => {}
            '\0'..='\x1f' => safe.extend(char::from_u32(0x2400 + u32::from(c))),
            '\x7f' => safe.push('␡'),
            '\u{80}'..='\u{9f}' => safe.push(char::REPLACEMENT_CHARACTER),
            c if is_joiner(c) || is_selector(c) => {
                if self.place == Place::Prose && !before.is_ascii() && !is_deceptive(before) {
                    safe.push(c);
                } else {
                    push_code_point(c, safe);
                }
            }
            c if is_deceptive(c) => push_code_point(c, safe),
            c if c.width() == Some(0) => {
                self.n_marks = self.n_marks.saturating_add(1);
                if self.n_marks <= MAX_MARKS {
                    safe.push(c);
                }
                return;
            }
            c => safe.push(c),
        }
        self.n_marks = 0;
    }
}

fn push_code_point(c: char, safe: &mut String) {
    safe.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
}

fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
}

/// Zero-width joiner and non-joiner: right inside some words and emoji, a trick elsewhere.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Characters that are invisible, that turn the direction of what follows, that carry hidden text,
/// or that mean something else to each terminal.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(place: Place, raw: &str, drawn: &str) {
        assert_eq!(sanitize_for(place, raw).as_str(), drawn);
    }

    #[test]
    fn escapes_become_visible_and_do_nothing() {
        check(Place::Prose, "\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇");
        check(Place::Prose, "\u{9b}31m", "\u{FFFD}31m");
        check(Place::Prose, "a\tb\r\nc", "a    b\nc");
        check(Place::Cell, "two\nlines\tand a tab", "two␊lines␉and a tab");
        check(Place::Code, "x = 1\r\n", "x = 1␍\n");
    }

    #[test]
    fn what_hides_is_shown_by_its_code_point() {
        check(Place::Code, "if adm\u{200B}in:\u{202E}", "if adm⟨U+200B⟩in:⟨U+202E⟩");
        check(Place::Prose, "a\u{200D}b", "a⟨U+200D⟩b");
        check(Place::Prose, "👩\u{200D}💻", "👩\u{200D}💻");
        check(Place::Code, "👩\u{200D}💻", "👩⟨U+200D⟩💻");
        check(Place::Cell, "\u{E0041}", "⟨U+E0041⟩");
        assert!(hides_something("print(\u{2066})"));
        assert!(!hides_something("naïve = '日本'\n\tpass"));
    }

    #[test]
    fn a_letter_carries_at_most_four_marks() {
        let zalgo = format!("a{}b", "\u{0301}".repeat(200));
        check(Place::Prose, &zalgo, &format!("a{}b", "\u{0301}".repeat(4)));
    }

    proptest! {
        #[test]
        fn nothing_that_moves_a_terminal_is_left(chars in prop::collection::vec(any::<char>(), 0..200)) {
            let raw: String = chars.into_iter().collect();
            for place in [Place::Prose, Place::Code, Place::Cell] {
                let safe = sanitize_for(place, &raw);
                prop_assert!(!safe.as_str().chars().any(|c| is_control(c) || c == '\t' || is_deceptive(c)));
                prop_assert!(place != Place::Cell || !safe.as_str().contains('\n'));
            }
        }

        #[test]
        fn sanitizing_twice_changes_nothing(chars in prop::collection::vec(any::<char>(), 0..200)) {
            let raw: String = chars.into_iter().collect();
            let once = sanitize(&raw);
            prop_assert_eq!(sanitize(once.as_str()), once);
        }

        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            chars in prop::collection::vec(prop_oneof![any::<char>(), Just('\u{200D}'), Just('\u{301}'), Just('\r'), Just('\n')], 0..80),
            cut in 0usize..80,
        ) {
            let cut = cut.min(chars.len());
            let whole: String = chars.iter().collect();
            let (first, second): (String, String) = (chars[..cut].iter().collect(), chars[cut..].iter().collect());
            let mut sanitizer = Sanitizer::new(Place::Prose);
            let mut pieces = String::new();
            sanitizer.push(&first, &mut pieces);
            sanitizer.push(&second, &mut pieces);
            prop_assert_eq!(pieces, sanitize(&whole).0);
        }
    }
}
