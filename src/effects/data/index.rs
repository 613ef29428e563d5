//! Where records start, found at the speed of memory and without keeping more than one offset for a thousand rows.

use memchr::{memchr, memchr2};

/// One offset is kept for so many records.
pub const STRIDE: u64 = 1024;

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// Lines, empty ones skipped.
    Lines,
    /// Lines in which a quoted field may hold line ends; the delimiter tells where a field begins.
    Quoted(u8),
}

/// Offsets of every [`STRIDE`]th record.
#[derive(Clone, Debug)]
pub struct Index {
    /// Offset of record `i * STRIDE`.
    pub offsets: Vec<u64>,
    /// Records so far, the header not among them.
    pub n_records: u64,
    /// Whether the end has been reached.
    pub is_complete: bool,
}

/// Reads the file once, in pieces of any size, and fills an [`Index`].
#[derive(Debug)]
pub struct Scanner {
    records: Records,
    skip: u64,
    at: u64,
    in_quotes: bool,
    before: u8,
    record_start: u64,
    is_blank: bool,
    /// What has been found.
    pub index: Index,
}

impl Scanner {
    /// A scanner that starts at `start` and leaves out the first `n_header` records.
    pub fn new(records: Records, start: u64, n_header: u64) -> Self {
        Self {
            records,
            skip: n_header,
            at: start,
            in_quotes: false,
            before: b'\n',
            record_start: start,
            is_blank: true,
            index: Index { offsets: Vec::new(), n_records: 0, is_complete: false },
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let base = self.at;
        let mut pos = 0;
        while pos < bytes.len() {
            if self.in_quotes {
                let Some(found) = memchr(b'"', &bytes[pos..]) else { break };
                pos += found + 1;
                self.in_quotes = false;
                self.before = b'"';
                continue;
            }
            let found = match self.records {
                Records::Lines => memchr(b'\n', &bytes[pos..]),
                Records::Quoted(_) => memchr2(b'\n', b'"', &bytes[pos..]),
            };
            let Some(found) = found else {
                self.is_blank = self.is_blank && bytes[pos..].iter().all(|byte| matches!(byte, b'\r'));
                break;
            };
            let hit = pos + found;
            self.is_blank = self.is_blank && bytes[pos..hit].iter().all(|byte| matches!(byte, b'\r'));
            let before = if hit > 0 && found > 0 { bytes[hit - 1] } else { self.before };
            if bytes[hit] == b'\n' {
                self.end_record(base + hit as u64 + 1);
                self.before = b'\n';
            } else {
                self.is_blank = false;
                let opens = match self.records {
                    // A quote opens where a field begins, and goes on after it was doubled.
                    Records::Quoted(delimiter) => {
                        before == delimiter || before == b'\n' || before == b'\r' || (before == b'"' && found == 0)
                    }
                    Records::Lines => false,
                };
                self.in_quotes = opens;
                self.before = if opens { 0 } else { b'x' };
            }
            pos = hit + 1;
        }
        if let Some(last) = bytes.last()
            && !self.in_quotes
            && pos < bytes.len()
        {
            self.before = *last;
        }
        self.at += bytes.len() as u64;
    }

    fn end_record(&mut self, next: u64) {
        if !self.is_blank {
            if self.skip > 0 {
                self.skip -= 1;
            } else {
                if self.index.n_records.is_multiple_of(STRIDE) {
                    self.index.offsets.push(self.record_start);
                }
                self.index.n_records += 1;
            }
        }
        self.record_start = next;
        self.is_blank = true;
    }

    /// The end of the file: a last record may lack its line end.
    pub fn finish(&mut self) {
        if self.record_start < self.at {
            self.end_record(self.at);
        }
        self.index.is_complete = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(text: &[u8], pieces: usize) -> Index {
        let mut scanner = Scanner::new(Records::Quoted(b','), 0, 1);
        text.chunks(pieces.max(1)).for_each(|piece| scanner.push(piece));
        scanner.finish();
        scanner.index
    }

    #[test]
    fn line_ends_inside_quotes_are_not_record_ends() {
        let text = b"a,b\n1,\"two\nlines\"\n\n2,\"she said \"\"hi\n\"\"\"\r\n3,x\"y\n4,z";
        for pieces in 1..text.len() {
            let index = scan(text, pieces);
            assert_eq!((index.n_records, index.offsets.clone()), (4, vec![4]), "in pieces of {pieces}");
        }
    }

    proptest! {
        #[test]
        fn it_finds_as_many_records_as_the_reader(
            cells in prop::collection::vec(prop::collection::vec("[a-c \"\n,]{0,4}", 2), 1..40), pieces in 1usize..9,
        ) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(["head", "er"]).unwrap();
            for record in &cells {
                writer.write_record(record).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let n = csv::Reader::from_reader(text.as_slice()).records().count() as u64;
            prop_assert_eq!(scan(&text, pieces).n_records, n);
        }

        #[test]
        fn it_agrees_with_the_reader_on_any_bytes(
            tokens in prop::collection::vec(prop::sample::select(vec!["a", "b", ",", "\"", "\n", "\r\n"]), 0..40), pieces in 1usize..9,
        ) {
            // A lone carriage return would end a record for the reader and not for us; it is not among these.
            let text = tokens.concat();
            let text = format!("h\n{text}");
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            let n = reader.byte_records().filter_map(Result::ok).count() as u64;
            prop_assert_eq!(scan(text.as_bytes(), pieces).n_records, n, "{:?}", text);
        }
    }
}
