//! The rows of the code pane: what should be read first, code or hunks, notes. Drawing and scrolling both go by them.

use crate::app::review::ReviewPane;
use crate::app::reviewed::File;
use crate::domain::hunks;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap;

/// Where a line of code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The version before, by its line from zero.
    Old(usize),
    /// The version under review, by its line from zero.
    New(usize),
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A piece of what should be read first: which line of it, and which row of that.
    Card(usize, usize),
    /// The heading of a hunk.
    Hunk(usize),
    /// A line of code, or a part of one that is longer than the pane is wide.
    Line {
        /// Its number in the file as it stands, from one; nothing for what is not in it.
        number: Option<usize>,
        /// Its text.
        from: From,
        /// The hunk that it belongs to.
        hunk: Option<usize>,
        /// Which part of the line.
        part: usize,
    },
    /// A note of the file.
    Note(usize),
}

/// Columns left of the code.
pub const GUTTER: usize = 7;

/// The rows of the file that is shown, in a pane of that width.
pub fn rows(review: &ReviewPane, card: &[String], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, text) in card.iter().enumerate() {
        rows.extend((0..wrap::wrap(text, width.saturating_sub(2)).len().max(1)).map(|part| Row::Card(at, part)));
    }
    if let Some(file) = review.file() {
        lines(file, width.saturating_sub(GUTTER + 1), &mut rows);
    }
    rows
}

/// The first row of a hunk.
pub fn row_of_hunk(rows: &[Row], hunk: usize) -> Option<usize> {
    rows.iter().position(|row| *row == Row::Hunk(hunk))
}

fn lines(file: &File, columns: usize, rows: &mut Vec<Row>) {
    let old = hunks::lines(file.old());
    let new = hunks::lines(file.target.expose());
    // What stands in the file as it is now gets its number, and the notes of that line behind it.
    let mut number = 0;
    let mut add = |rows: &mut Vec<Row>, from: From, hunk: Option<usize>, stands: bool| {
        number += usize::from(stands);
        let text = match from {
            From::Old(at) => old.get(at),
            From::New(at) => new.get(at),
        };
        let n_parts = parts(text.map_or("", |text| text.trim_end_matches(['\n', '\r'])), columns);
        rows.extend((0..n_parts).map(|part| Row::Line { number: stands.then_some(number), from, hunk, part }));
        if stands {
            let notes = file.notes.iter().enumerate().filter(|(_, note)| note.line as usize == number);
            rows.extend(notes.map(|(at, _)| Row::Note(at)));
        }
    };
    let shown = if file.has_hunks() { file.hunks.as_slice() } else { &[] };
    let is_there = file.has_hunks() || !file.now.code.is_empty();
    let mut at = 0;
    for (idx, hunk) in shown.iter().enumerate() {
        (at..hunk.new.start).for_each(|line| add(rows, From::New(line), None, true));
        rows.push(Row::Hunk(idx));
        let rejected = hunk.choice.is_rejected();
        hunk.old.clone().for_each(|line| add(rows, From::Old(line), Some(idx), rejected));
        hunk.new.clone().for_each(|line| add(rows, From::New(line), Some(idx), !rejected));
        at = hunk.new.end;
    }
    (at..new.len()).for_each(|line| add(rows, From::New(line), None, is_there));
}

/// How many rows a line takes: nothing that is approved may be out of sight.
fn parts(text: &str, columns: usize) -> usize {
    let text = sanitize_for(Place::Code, text);
    split(text.as_str(), columns.max(8)).len()
}

/// Cuts a line where it is full, counted in columns.
pub fn split(text: &str, columns: usize) -> Vec<std::ops::Range<usize>> {
    use unicode_segmentation::UnicodeSegmentation;

    let mut ranges = Vec::new();
    let (mut start, mut at, mut taken) = (0, 0, 0);
    for grapheme in text.graphemes(true) {
        let width = wrap::width(grapheme);
        if taken + width > columns {
            ranges.push(start..at);
            (start, taken) = (at, 0);
        }
        at += grapheme.len();
        taken += width;
    }
    ranges.push(start..at);
    ranges
}
