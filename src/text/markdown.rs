//! One line of Markdown at a time → styled pieces, so that a growing text never has to be read again.
//!
//! Block structure that spans lines (lazy continuation, reference links) is left alone on purpose: a
//! line that has been drawn never changes because of a later one.

use std::ops::Range;

use super::wrap;

/// What a piece of text is; the theme decides how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// Running text.
    Plain,
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Inline code.
    Code,
    /// A heading.
    Heading,
    /// What stands back: quotes, rules, marks.
    Dim,
    /// A line inside a fence, to be coloured by its language.
    Fenced,
}

/// A line ready to be laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StyledLine {
    /// What is drawn, markers removed.
    pub text: String,
    /// Which part of `text` has which tone, in order and without gaps.
    pub spans: Vec<(Range<usize>, Tone)>,
    /// Columns by which rows after the first are moved in.
    pub hang: usize,
}

impl StyledLine {
    fn push(&mut self, piece: &str, tone: Tone) {
        if piece.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(piece);
        match self.spans.last_mut() {
            Some((range, last)) if *last == tone => range.end = self.text.len(),
            _ => self.spans.push((start..self.text.len(), tone)),
        }
    }

    /// Rows at a width: each a list of pieces with their tone.
    pub fn rows(&self, columns: usize) -> Vec<Vec<(&str, Tone)>> {
        wrap::wrap_hanging(&self.text, columns, self.hang)
            .into_iter()
            .map(|row| {
                // Spaces that hang over the end of a row are no reason to say that it was cut.
                let end = row.start + self.text[row.clone()].trim_end().len();
                self.spans
                    .iter()
                    .filter_map(|(range, tone)| {
                        let part = range.start.max(row.start)..range.end.min(end);
                        (part.start < part.end).then(|| (&self.text[part], *tone))
                    })
                    .collect()
            })
            .collect()
    }
}

/// What is open at the start of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    fence: Option<Fence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fence {
    mark: char,
    length: usize,
    names_file: bool,
}

impl LineState {
    /// Whether the next line is inside a code fence.
    pub fn in_fence(&self) -> bool {
        self.fence.is_some()
    }

    /// Whether the next line is inside a fence that names a file, which is shown elsewhere.
    pub fn in_file(&self) -> bool {
        self.fence.is_some_and(|fence| fence.names_file)
    }

    /// What is open after `line`.
    #[must_use]
    pub fn after(&self, line: &str) -> Self {
        match (fence_of(line), self.fence) {
            (Some((mark, length, rest)), Some(open))
                if mark == open.mark && length >= open.length && rest.trim().is_empty() =>
            {
                Self { fence: None }
            }
            (Some((mark, length, info)), None) => {
                Self { fence: Some(Fence { mark, length, names_file: file_of(info).is_some() }) }
            }
            _ => self.clone(),
        }
    }
}

/// The path that the text behind a fence names.
pub fn file_of(info: &str) -> Option<&str> {
    let word = info.split([' ', '=', ':', '"', '\'', ',', '{', '}']).rfind(|word| word.contains('.'))?;
    let (stem, extension) = word.rsplit_once('.')?;
    (!stem.is_empty() && (1..=5).contains(&extension.len()) && extension.chars().all(|c| c.is_ascii_alphanumeric()))
        .then_some(word)
}

/// The fence that `line` opens or closes: its character, its length, and what follows.
pub fn fence_of(line: &str) -> Option<(char, usize, &str)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let body = line.trim_start_matches(' ');
    let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = body.chars().take_while(|c| *c == mark).count();
    let rest = &body[length..];
    let valid = indent < 4 && length >= 3 && !(mark == '`' && rest.contains('`'));
    valid.then_some((mark, length, rest))
}

/// Styles one line, given what was open before it.
pub fn style(line: &str, before: &LineState) -> StyledLine {
    let mut styled = StyledLine::default();
    if let Some((_, _, info)) = fence_of(line) {
        match file_of(info).filter(|_| !before.in_fence()) {
            Some(path) => {
                styled.push("▹ ", Tone::Dim);
                styled.push(path, Tone::Code);
                styled.push("  in pane 3", Tone::Dim);
            }
            // The language where a block begins, and a short rule where it ends.
            None if before.in_fence() && before.after(line).in_fence() => styled.push(line, Tone::Fenced),
            None if before.in_fence() || matches!(info.trim(), "" | "text") => styled.push("┄┄┄", Tone::Dim),
            None => styled.push(&format!("┄┄┄ {}", info.trim()), Tone::Dim),
        }
        return styled;
    }
    if before.in_fence() {
        styled.push(line, Tone::Fenced);
        styled.hang = 2;
        return styled;
    }
    let body = line.trim_start_matches(' ');
    let indent = line.len() - body.len();
    let level = body.chars().take_while(|c| *c == '#').count();
    if (1..=6).contains(&level) && body[level..].starts_with(' ') {
        styled.push(body[level..].trim(), Tone::Heading);
        return styled;
    }
    if body.len() >= 3 && ["---", "***", "___"].iter().any(|rule| body.trim_end() == *rule) {
        styled.push("───", Tone::Dim);
        return styled;
    }
    if let Some(cells) = table_row(body) {
        table(&cells, &mut styled);
        return styled;
    }
    styled.push(&" ".repeat(indent), Tone::Plain);
    styled.hang = indent;
    let body = if let Some(rest) = body.strip_prefix("- ").or_else(|| body.strip_prefix("* ")) {
        styled.push("• ", Tone::Dim);
        styled.hang += 2;
        rest
    } else if let Some(rest) = body.strip_prefix("> ") {
        styled.push("│ ", Tone::Dim);
        styled.hang += 2;
        rest
    } else {
        let digits = body.chars().take_while(char::is_ascii_digit).count();
        if digits > 0 && body[digits..].starts_with(". ") {
            styled.push(&body[..digits + 2], Tone::Dim);
            styled.hang += digits + 2;
            &body[digits + 2..]
        } else {
            body
        }
    };
    inline(body, &mut styled);
    styled
}

/// The cells of a row of a table, with the spaces that line them up; nothing where the line is none.
fn table_row(body: &str) -> Option<Vec<&str>> {
    let inside = body.trim_end().strip_prefix('|')?.strip_suffix('|')?;
    (!inside.is_empty()).then(|| inside.split('|').collect())
}

/// A row of a table: thin bars between its cells, and a rule where the head ends.
fn table(cells: &[&str], styled: &mut StyledLine) {
    let is_rule = |cell: &&str| {
        let cell = cell.trim();
        !cell.is_empty() && cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':'))
    };
    let is_head_end = cells.iter().all(is_rule);
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            styled.push(if is_head_end { "┼" } else { "│" }, Tone::Dim);
        }
        if is_head_end {
            styled.push(&"─".repeat(wrap::width(cell)), Tone::Dim);
        } else {
            inline(cell, styled);
        }
    }
}

/// Bold, italic and code inside a line. A marker without its partner is shown as it is.
fn inline(body: &str, styled: &mut StyledLine) {
    const MARKERS: [(&str, Tone); 4] =
        [("**", Tone::Strong), ("__", Tone::Strong), ("`", Tone::Code), ("*", Tone::Emphasis)];
    let mut rest = body;
    let mut plain_from = 0;
    while plain_from < rest.len() {
        let Some((at, marker, tone)) = MARKERS
            .iter()
            .filter_map(|(marker, tone)| rest[plain_from..].find(marker).map(|at| (at + plain_from, *marker, *tone)))
            .min_by_key(|(at, marker, _)| (*at, usize::MAX - marker.len()))
        else {
            break;
        };
        let inside = at + marker.len();
        let closed = rest[inside..].find(marker).filter(|length| {
            let piece = &rest[inside..inside + length];
            !piece.is_empty()
                && (marker == "`" || (!piece.starts_with(' ') && !piece.ends_with(' ')))
                && (marker != "__" || !rest[..at].ends_with(|c: char| c.is_alphanumeric()))
        });
        match closed {
            Some(length) => {
                styled.push(&rest[..at], Tone::Plain);
                styled.push(&rest[inside..inside + length], tone);
                rest = &rest[inside + length + marker.len()..];
                plain_from = 0;
            }
            None => plain_from = inside,
        }
    }
    styled.push(rest, Tone::Plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(line: &str) -> Vec<(String, Tone)> {
        let styled = style(line, &LineState::default());
        styled.spans.iter().map(|(range, tone)| (styled.text[range.clone()].to_owned(), *tone)).collect()
    }

    fn owned(pieces: &[(&str, Tone)]) -> Vec<(String, Tone)> {
        pieces.iter().map(|(text, tone)| ((*text).to_owned(), *tone)).collect()
    }

    #[test]
    fn markers_become_tones() {
        assert_eq!(pieces("## Data quality"), owned(&[("Data quality", Tone::Heading)]));
        assert_eq!(
            pieces("- **age** has `3` gaps"),
            owned(&[
                ("• ", Tone::Dim),
                ("age", Tone::Strong),
                (" has ", Tone::Plain),
                ("3", Tone::Code),
                (" gaps", Tone::Plain)
            ])
        );
        assert_eq!(pieces("2 * 3 * 4 = 24"), owned(&[("2 * 3 * 4 = 24", Tone::Plain)]));
        assert_eq!(pieces("snake__case__name"), owned(&[("snake__case__name", Tone::Plain)]));
        assert_eq!(pieces("an open **marker"), owned(&[("an open **marker", Tone::Plain)]));
    }

    #[test]
    fn a_fence_holds_until_it_is_closed_by_its_like() {
        let open = LineState::default().after("````python path=a.py");
        assert!(open.after("```").in_fence());
        assert!(!open.after("````").in_fence());
        assert_eq!(style("x = '**'", &open).spans, [(0..8, Tone::Fenced)]);
    }

    #[test]
    fn fences_and_tables_are_drawn_and_not_shown_as_they_are_written() {
        let text = |line: &str, before: &LineState| style(line, before).text;
        let none = LineState::default();
        let open = none.after("```python");
        assert_eq!((text("```python", &none), text("```", &open)), ("┄┄┄ python".to_owned(), "┄┄┄".to_owned()));
        assert_eq!(text("~~~", &open), "~~~", "what does not close the block is part of it");
        assert_eq!(text("| a | b |", &none), " a │ b ");
        assert_eq!(text("|---|--:|", &none), "───┼───");
        assert_eq!(text("| **a** | `b` |", &none), " a │ b ");
        assert_eq!(text("a | b", &none), "a | b");
        let rows = style("| a |        b |", &none);
        let rows: Vec<String> =
            rows.rows(8).into_iter().map(|row| row.into_iter().map(|(text, _)| text).collect()).collect();
        assert_eq!(rows, [" a │", "b"], "no row is longer than its place");
        assert_eq!(text("| a | b |", &open), "| a | b |", "code stays as it is");
    }

    #[test]
    fn rows_under_a_bullet_are_moved_in() {
        let styled = style("- alpha beta gamma", &LineState::default());
        assert_eq!(styled.hang, 2);
        let rows: Vec<String> =
            styled.rows(12).into_iter().map(|row| row.into_iter().map(|(text, _)| text).collect()).collect();
        assert_eq!(rows, ["• alpha beta", "gamma"]);
    }
}
