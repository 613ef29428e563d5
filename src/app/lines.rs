//! A text that grows at its end, held as lines, so that adding costs what is added and showing costs what is shown.

use crate::text::markdown::LineState;

/// Longer lines are cut into several, so that no single one is costly to draw.
const MAX_LINE: usize = 4096;

/// A growing text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    text: String,
    /// Where each line starts, and what Markdown has open there.
    starts: Vec<(usize, LineState)>,
}

impl Lines {
    /// A text that is whole already.
    pub fn of(text: &str) -> Self {
        let mut lines = Self::default();
        lines.push(text);
        lines
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if self.starts.is_empty() {
            self.starts.push((0, LineState::default()));
        }
        for part in piece.split_inclusive('\n') {
            self.text.push_str(part);
            let (start, state) = self.starts.last().cloned().unwrap_or_default();
            if part.ends_with('\n') {
                let after = state.after(self.text[start..].trim_end_matches('\n'));
                self.starts.push((self.text.len(), after));
            } else if self.text.len() - start > MAX_LINE {
                let at = self.text[start..]
                    .rfind(' ')
                    .filter(|at| *at > MAX_LINE / 2)
                    .map_or(self.text.len(), |at| start + at + 1);
                self.starts.push((at, state));
            }
        }
    }

    /// Lines; an empty text has none, and a line end at the very end opens no new one.
    pub fn len(&self) -> usize {
        match self.starts.last() {
            Some((start, _)) if *start == self.text.len() && self.starts.len() > 1 => self.starts.len() - 1,
            _ => self.starts.len(),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A line without its end, and what Markdown has open before it.
    pub fn line(&self, idx: usize) -> Option<(&str, &LineState)> {
        let (start, state) = self.starts.get(idx)?;
        let end = self.starts.get(idx + 1).map_or(self.text.len(), |(next, _)| *next);
        Some((self.text[*start..end].trim_end_matches('\n'), state))
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first line from `from` on (or the last before it, going back) that contains `needle`, upper and lower case alike.
    pub fn find(&self, needle: &str, from: usize, backwards: bool) -> Option<usize> {
        let matches = |idx: &usize| self.line(*idx).is_some_and(|(line, _)| line.to_lowercase().contains(needle));
        if backwards { (0..from.min(self.len())).rev().find(matches) } else { (from..self.len()).find(matches) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_text_arrives(text in "([ab`]{0,5}\n?){0,20}", cut in 0usize..60) {
            let cut = cut.min(text.len());
            let whole = Lines::of(&text);
            let mut pieces = Lines::default();
            pieces.push(&text[..cut]);
            pieces.push(&text[cut..]);
            prop_assert_eq!(&whole, &pieces);
            let joined: Vec<&str> = (0..whole.len()).map(|idx| whole.line(idx).unwrap().0).collect();
            prop_assert_eq!(joined, text.lines().collect::<Vec<_>>());
        }
    }
}
