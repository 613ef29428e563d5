//! How the table in the data pane is looked at: a stack of sorts and filters, a search, a line that is being typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::chord::{Chord, Key};
use crate::domain::dataset::Column;
use crate::domain::view::{self, Needle, RowOrder, Step};
use crate::text::SafeText;

/// Longest line that can be typed, in characters.
const MAX_TYPED: usize = 500;

/// Sorts and filters, the last one on top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Each step with the rows after it.
    pub steps: Vec<(Step, RowOrder)>,
}

impl View {
    /// The rows that are shown; nothing stands for all in the order of the file.
    pub fn rows(&self) -> Option<&RowOrder> {
        self.steps.last().map(|(_, rows)| rows)
    }

    /// The order that is in force: a column, and whether its largest value comes first.
    pub fn order(&self) -> Option<(usize, bool)> {
        self.steps.iter().rev().find_map(|(step, _)| match step {
            Step::Sort { column, is_descending } => Some(Some((*column, *is_descending))),
            Step::Unsort => Some(None),
            Step::Filter { .. } => None,
        })?
    }

    /// The order that follows on the one in force when the key is pressed on a column.
    pub fn next_order(&self, column: usize) -> Step {
        match self.order() {
            Some((same, false)) if same == column => Step::Sort { column, is_descending: true },
            Some((same, true)) if same == column => Step::Unsort,
            _ => Step::Sort { column, is_descending: false },
        }
    }

    /// Whether the last step is an order, which the next order takes the place of.
    pub fn ends_with_order(&self) -> bool {
        matches!(self.steps.last(), Some((Step::Sort { .. } | Step::Unsort, _)))
    }

    /// What is in force, one after the other: the filters, then the order.
    pub fn labels(&self, columns: &[Column]) -> Vec<SafeText> {
        let filters = self.steps.iter().map(|(step, _)| step).filter(|step| matches!(step, Step::Filter { .. }));
        let order = self.order().map(|(column, is_descending)| Step::Sort { column, is_descending });
        filters.chain(&order).map(|step| step.label(columns)).collect()
    }

    /// The view as pandas code.
    pub fn recipe(&self, columns: &[Column]) -> String {
        view::recipe(self.steps.iter().map(|(step, _)| step), columns)
    }
}

/// A search in the table.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// What is looked for, and the expression that marks it on the screen.
    pub needle: Option<(Needle, regex::Regex)>,
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A text to search for.
    Search,
    /// A row, or a column.
    GoTo,
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What for.
    pub asks: Asks,
    /// The text so far.
    pub text: String,
}

impl Line {
    /// Takes a key that writes. Enter and Esc are the caller's.
    pub fn on_key(&mut self, chord: Chord) {
        match chord.key {
            Key::Backspace => {
                self.text.pop();
            }
            Key::Char('u') if chord.ctrl => self.text.clear(),
            Key::Char(c) if !chord.ctrl && !chord.alt => self.push(c),
            _ => {}
        }
    }

    /// Takes a pasted text, without what does not show.
    pub fn paste(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        let is_seen = !c.is_control() && !crate::text::sanitize::is_hidden(c);
        if is_seen && self.text.chars().count() < MAX_TYPED {
            self.text.push(c);
        }
    }
}

/// What goes on over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A search.
    Search,
    /// A sort or a filter; whether it takes the place of the last step.
    View {
        /// Whether the last step is left out.
        replaces: bool,
    },
    /// Counting the values of a column.
    Counts,
}

impl Work {
    /// What it does, in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Search => "searching",
            Self::View { .. } => "sorting and filtering",
            Self::Counts => "counting values",
        }
    }
}

/// A pass over all rows, while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passing {
    /// What for.
    pub work: Work,
    /// Since when, in milliseconds of the program's clock.
    pub since: u64,
    /// Bytes read so far; the file may be read several times.
    pub n_bytes: u64,
}

/// Columns whose names match what was typed, the best first.
pub fn columns_like(typed: &str, columns: &[Column]) -> Vec<usize> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(bool, u32, usize)> = columns
        .iter()
        .enumerate()
        .filter_map(|(idx, column)| {
            let score = pattern.score(Utf32Str::new(column.label.as_str(), &mut buffer), &mut matcher)?;
            Some((column.label.as_str() == typed, score, idx))
        })
        .collect();
    scored.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.2.cmp(&b.2)));
    scored.into_iter().map(|(_, _, idx)| idx).collect()
}
