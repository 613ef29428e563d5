//! Where the lines of an NDJSON file start, without keeping more than one offset for a thousand of them.

use memchr::memchr;

use crate::effects::data::grid::index::{Index, STRIDE};

/// Reads the file once, in pieces of any size, and notes where lines start; empty ones are skipped.
#[derive(Debug)]
pub struct Scanner {
    at: u64,
    line_start: u64,
    is_blank: bool,
    offsets: Vec<u64>,
    n_lines: u64,
    is_complete: bool,
}

impl Scanner {
    /// A scanner that starts at `start`.
    pub fn new(start: u64) -> Self {
        Self { at: start, line_start: start, is_blank: true, offsets: Vec::new(), n_lines: 0, is_complete: false }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let base = self.at;
        let mut pos = 0;
        while let Some(found) = memchr(b'\n', &bytes[pos..]) {
            self.see(&bytes[pos..pos + found]);
            pos += found + 1;
            self.end_line(base + pos as u64);
        }
        self.see(&bytes[pos..]);
        self.at += bytes.len() as u64;
    }

    fn see(&mut self, part: &[u8]) {
        self.is_blank = self.is_blank && part.iter().all(|byte| *byte == b'\r');
    }

    fn end_line(&mut self, next: u64) {
        if !self.is_blank {
            if self.n_lines.is_multiple_of(STRIDE) {
                self.offsets.push(self.line_start);
            }
            self.n_lines += 1;
        }
        self.line_start = next;
        self.is_blank = true;
    }

    /// The end of the file: a last line may lack its line end.
    pub fn finish(&mut self) {
        if self.line_start < self.at {
            self.end_line(self.at);
        }
        self.is_complete = true;
    }

    /// What has been found.
    pub fn index(&self) -> Index {
        Index::of_lines(&self.offsets, self.n_lines, self.is_complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_in_pieces_of_any_size() {
        let text = b"{}\n\n{\"a\": \"\\\"\"}\r\n\r\n{}";
        for n in 1..=text.len() {
            let mut scanner = Scanner::new(0);
            text.chunks(n).for_each(|piece| scanner.push(piece));
            scanner.finish();
            assert_eq!(scanner.index(), Index::of_lines(&[0], 3, true), "in pieces of {n}");
        }
    }
}
