//! Reads a delimited file piece by piece, each of whole records, and numbers them.

use std::io::{self, ErrorKind, Read};

use super::scan::{BLOCK, State, Walk, block_at};

/// Bytes of a piece, and one record more where it does not fit.
pub const PIECE: usize = 1 << 20;
/// A record longer than this is no record.
pub const MAX_RECORD: usize = 64 << 20;

/// What is said of such a record.
pub const ENDLESS: &str = "a record does not end within 64 MiB; a quote may be missing";

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Between fields.
    pub delimiter: u8,
    /// Whether the first record names the columns.
    pub has_header: bool,
    /// Bytes before the first record: a byte order mark.
    pub start: usize,
    /// Columns.
    pub n_columns: usize,
}

/// Gives out the pieces of a file in order.
pub struct Pieces<R> {
    reader: R,
    walk: Walk,
    hasher: Option<blake3::Hasher>,
    rest: Vec<u8>,
    start: usize,
    n_header: u64,
    n_records: u64,
    n_given: u64,
    /// Bytes read.
    pub n_bytes: u64,
    is_over: bool,
}

/// Where a piece stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub piece: u64,
    /// Rows before it.
    pub first_row: u64,
    /// Whether it begins with the names of the columns.
    pub has_header: bool,
    /// Bytes of the file up to its end.
    pub n_bytes: u64,
    /// Offset of its first byte in the file.
    pub offset: u64,
}

impl<R: Read> Pieces<R> {
    /// Pieces of `reader`; `has_hash` says whether all bytes are hashed on the way.
    pub fn new(reader: R, layout: Layout, has_hash: bool) -> Self {
        Self {
            reader,
            walk: Walk::new(layout.delimiter, State::START),
            hasher: has_hash.then(blake3::Hasher::new),
            rest: Vec::new(),
            start: layout.start,
            n_header: u64::from(layout.has_header),
            n_records: 0,
            n_given: 0,
            n_bytes: 0,
            is_over: false,
        }
    }

    /// Pieces from `offset` on, where the record with the number `first` begins; a header counts as a record here.
    pub fn resume(reader: R, layout: Layout, offset: u64, first: u64) -> Self {
        let layout = Layout { has_header: false, start: 0, ..layout };
        Self { n_records: first, n_bytes: offset, ..Self::new(reader, layout, false) }
    }

    /// BLAKE3 of all bytes in hexadecimal; of those that have been read.
    pub fn hash(&self) -> Option<String> {
        self.hasher.as_ref().map(|hasher| hasher.finalize().to_hex().to_string())
    }

    /// Puts the next piece into `bytes`; none at the end.
    pub fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<Place>> {
        bytes.clear();
        bytes.append(&mut self.rest);
        let n_before = self.n_records;
        let n_open = u64::from(!bytes.is_empty());
        let offset = self.n_bytes - bytes.len() as u64;
        let mut end = 0;
        while !self.is_over {
            let from = bytes.len();
            bytes.resize(from + PIECE, 0);
            let n = fill(&mut self.reader, &mut bytes[from..])?;
            bytes.truncate(from + n);
            self.is_over = n < PIECE;
            self.n_bytes += n as u64;
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&bytes[from..]);
            }
            let mut at = from;
            if self.n_given == 0 && from == 0 {
                bytes.drain(..self.start.min(n));
            }
            while at < bytes.len() {
                let (block, n) = block_at(bytes, at);
                let marks = self.walk.step::<false>(&block, n);
                self.n_records += u64::from(marks.starts.count_ones());
                if marks.ends != 0 {
                    end = at + 64 - marks.ends.leading_zeros() as usize;
                }
                at += BLOCK;
            }
            if end > 0 {
                break;
            }
            if bytes.len() > MAX_RECORD {
                return Err(io::Error::new(ErrorKind::InvalidData, ENDLESS));
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if !self.is_over {
            self.rest.extend_from_slice(&bytes[end..]);
            bytes.truncate(end);
        }
        let first = n_before - n_open;
        let place = Place {
            piece: self.n_given,
            first_row: first.saturating_sub(self.n_header),
            has_header: first == 0 && self.n_header > 0,
            n_bytes: self.n_bytes,
            offset: offset + if self.n_given == 0 { self.start as u64 } else { 0 },
        };
        self.n_given += 1;
        Ok(Some(place))
    }
}

/// Fills `buffer` as far as the reader goes.
pub fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}
