//! Cuts a piece of text that holds whole records into cells, without an allocation for any of them.

use super::scan::{BLOCK, State, Walk, block_at};
use crate::domain::profile::Flaws;

/// A piece of a file: whole records, and where their cells are.
#[derive(Debug, Default)]
pub struct Cells {
    /// The text. Quoted cells with doubled quotes are unquoted in place.
    pub bytes: Vec<u8>,
    /// Start and length of each cell, row by row; a cell that a short record lacks is empty.
    spans: Vec<(u32, u32)>,
    n_columns: usize,
    /// Records.
    pub n_rows: usize,
    /// Number of the first one in the file.
    pub first_row: u64,
    /// What is wrong with its records, by their numbers within the piece.
    pub flaws: Flaws,
}

impl Cells {
    /// A piece that is still to be cut.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Cuts `self.bytes`, at most 4 GiB, into rows of `n_columns` cells; further fields of a record are left out.
    pub fn cut(&mut self, n_columns: usize, delimiter: u8) {
        self.spans.clear();
        self.n_columns = n_columns;
        self.n_rows = 0;
        self.flaws = Flaws::default();
        let mut walk = Walk::new(delimiter, State::START);
        let (mut begin, mut column, mut at) = (0, 0, 0);
        while at < self.bytes.len() {
            let (block, n) = block_at(&self.bytes, at);
            let marks = walk.step::<true>(&block, n);
            let mut events = marks.delimiters | marks.ends;
            while events != 0 {
                let bit = events.trailing_zeros();
                events &= events - 1;
                let here = at + bit as usize;
                let is_end = marks.ends >> bit & 1 == 1;
                if is_end && column == 0 && here == begin {
                    begin = here + 1;
                    continue;
                }
                if column < n_columns {
                    let span = self.span(begin, here);
                    self.spans.push(span);
                }
                column += 1;
                begin = here + 1;
                if is_end {
                    self.end_row(column);
                    column = 0;
                }
            }
            at += BLOCK;
        }
        if column > 0 || begin < self.bytes.len() {
            if column < n_columns {
                let span = self.span(begin, self.bytes.len());
                self.spans.push(span);
            }
            self.end_row(column + 1);
        }
        self.make_valid();
    }

    /// Cuts `self.bytes` into rows of one cell, that of `column`; a record that lacks it has an empty one.
    pub fn cut_one(&mut self, column: usize, delimiter: u8) {
        self.spans.clear();
        (self.n_columns, self.n_rows, self.flaws) = (1, 0, Flaws::default());
        let mut walk = Walk::new(delimiter, State::START);
        let (mut begin, mut own, mut at) = (0, 0, 0);
        while at < self.bytes.len() {
            let (block, n) = block_at(&self.bytes, at);
            let marks = walk.step::<true>(&block, n);
            let mut events = marks.delimiters | marks.ends;
            while events != 0 {
                let bit = events.trailing_zeros();
                let here = at + bit as usize;
                let is_end = marks.ends >> bit & 1 == 1;
                let is_blank = is_end && own == 0 && here == begin;
                if own == column && !is_blank {
                    let span = self.span(begin, here);
                    self.spans.push(span);
                }
                begin = here + 1;
                events &= events - 1;
                if is_end {
                    if !is_blank {
                        self.end_one(own, column);
                    }
                    own = 0;
                } else {
                    own += 1;
                    if own > column {
                        // On to the end of the record.
                        let from = marks.ends & !((2u64 << bit).wrapping_sub(1));
                        events &= !(from & from.wrapping_neg()).wrapping_sub(1);
                    }
                }
            }
            at += BLOCK;
        }
        if own > 0 || begin < self.bytes.len() {
            if own == column {
                let span = self.span(begin, self.bytes.len());
                self.spans.push(span);
            }
            self.end_one(own, column);
        }
        self.make_valid();
    }

    #[inline]
    fn end_one(&mut self, own: usize, column: usize) {
        if own < column {
            self.spans.push((0, 0));
        }
        self.n_rows += 1;
    }

    #[inline]
    fn end_row(&mut self, n_fields: usize) {
        if n_fields != self.n_columns {
            let kind = if n_fields < self.n_columns { &mut self.flaws.short } else { &mut self.flaws.long };
            kind.add(self.n_rows as u64);
            for _ in n_fields..self.n_columns {
                self.spans.push((0, 0));
            }
        }
        self.n_rows += 1;
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a piece is at most 4 GiB")]
    fn span(&mut self, begin: usize, end: usize) -> (u32, u32) {
        if begin < end && self.bytes[begin] == b'"' {
            let (begin, end) = unquote(&mut self.bytes, begin, end);
            return (begin as u32, (end - begin) as u32);
        }
        (begin as u32, (end - begin) as u32)
    }

    /// Replaces what is not UTF-8 by U+FFFD, cell by cell, as `String::from_utf8_lossy` does.
    #[expect(clippy::cast_possible_truncation, reason = "a piece is at most 4 GiB")]
    fn make_valid(&mut self) {
        if std::str::from_utf8(&self.bytes).is_ok() {
            return;
        }
        let mut last = None;
        for idx in 0..self.spans.len() {
            let (start, len) = self.spans[idx];
            let cell = &self.bytes[start as usize..start as usize + len as usize];
            if std::str::from_utf8(cell).is_err() {
                let row = idx / self.n_columns.max(1);
                if last.replace(row) != Some(row) {
                    self.flaws.damaged.add(row as u64);
                }
                let text = String::from_utf8_lossy(cell).into_owned();
                self.spans[idx] = (self.bytes.len() as u32, text.len() as u32);
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The cell in that row and column.
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> &[u8] {
        let (start, len) = self.spans[row * self.n_columns + column];
        &self.bytes[start as usize..start as usize + len as usize]
    }

    /// The cells of one column.
    #[inline]
    pub fn column(&self, column: usize) -> impl Iterator<Item = &[u8]> {
        self.spans
            .get(column..)
            .unwrap_or_default()
            .iter()
            .step_by(self.n_columns.max(1))
            .map(|(start, len)| &self.bytes[*start as usize..*start as usize + *len as usize])
    }

    /// Leaves out the first record.
    pub fn drop_first(&mut self) {
        if self.n_rows > 0 {
            self.spans.drain(..self.n_columns.min(self.spans.len()));
            self.n_rows -= 1;
            self.flaws.drop_first();
        }
    }
}

/// Takes the quotes off the field at `begin..end`, in place; where the cell is then.
pub fn unquote(bytes: &mut [u8], begin: usize, end: usize) -> (usize, usize) {
    let inner = begin + 1;
    let Some(first) = memchr::memchr(b'"', &bytes[inner..end]) else { return (inner, end) };
    if inner + first + 1 == end {
        return (inner, end - 1);
    }
    let (mut to, mut from, mut is_inside) = (inner, inner, true);
    while from < end {
        let byte = bytes[from];
        from += 1;
        if is_inside && byte == b'"' {
            if from < end && bytes[from] == b'"' {
                from += 1;
            } else {
                is_inside = false;
                continue;
            }
        }
        bytes[to] = byte;
        to += 1;
    }
    (inner, to)
}
