//! Lines of pieces that say how they should be taken, for a terminal, a page or a file.

use crate::safe;
use crate::text::SafeText;
use crate::text::wrap::width;

/// How a piece should be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// As text.
    Plain,
    /// It stands back.
    Dim,
    /// It stands far back.
    Faint,
    /// What a line is about.
    Strong,
    /// A heading.
    Heading,
    /// It is right.
    Good,
    /// Look twice.
    Caution,
    /// It is wrong.
    Bad,
    /// A mark in a picture.
    Mark,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Pieces, one after the other.
    pub pieces: Vec<(SafeText, Ink)>,
    /// The row of the data that it leads to.
    pub row: Option<u64>,
}

impl Line {
    /// A line of one piece.
    pub fn of(text: &str, ink: Ink) -> Self {
        Self { pieces: vec![(safe!("{text}"), ink)], row: None }
    }

    /// One more piece.
    #[must_use]
    pub fn and(mut self, text: &str, ink: Ink) -> Self {
        self.pieces.push((safe!("{text}"), ink));
        self
    }

    /// A line that leads to a row.
    #[must_use]
    pub fn to(mut self, row: Option<u64>) -> Self {
        self.row = row;
        self
    }

    /// Columns that it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(text, _)| width(text.as_str())).sum()
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let text: String = self.pieces.iter().map(|(text, _)| text.as_str()).collect();
        text.trim_end().to_owned()
    }
}
