//! Sixty-four bytes at a time: where fields and records end, with quotes taken into account.
//!
//! The rules are those of the `csv` crate: a quote opens where a field begins, a doubled quote inside stands for one,
//! any other quote is a character like the rest; line feed, carriage return and runs of them end a record.

use wide::u8x16;

/// Bytes looked at in one step.
pub const BLOCK: usize = 64;

/// What is carried from one block to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// All ones inside quotes, else zero.
    inside: u64,
    /// One where a quote as the next byte would open a field, else zero.
    may_open: u64,
    /// One where the next byte begins a record unless it ends a line, else zero.
    after_end: u64,
}

impl State {
    /// Where a record begins.
    pub const START: Self = Self { inside: 0, may_open: 1, after_end: 1 };

    /// What the state most likely is after `before`, when nothing is known of the text before it.
    pub fn guess(before: u8, delimiter: u8) -> Self {
        let is_end = matches!(before, b'\n' | b'\r');
        let opens = is_end || before == delimiter || before == b'"';
        Self { inside: 0, may_open: u64::from(opens), after_end: u64::from(is_end) }
    }

    /// Whether the last record is over.
    pub fn is_at_start(self) -> bool {
        self.after_end == 1
    }
}

/// Bit `i` speaks of byte `i` of the block.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Delimiters that end a field.
    pub delimiters: u64,
    /// Line feeds and carriage returns that end a record, or a blank line.
    pub ends: u64,
    /// First bytes of records.
    pub starts: u64,
}

/// Goes over a text block by block.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    delimiter: u8,
    /// After the last block.
    pub state: State,
}

impl Walk {
    /// A walk that starts in `state`.
    pub fn new(delimiter: u8, state: State) -> Self {
        Self { delimiter, state }
    }

    /// Takes a block of which the first `n` bytes count. `FIELDS` says whether delimiters are wanted.
    #[inline]
    pub fn step<const FIELDS: bool>(&mut self, block: &[u8; BLOCK], n: usize) -> Marks {
        let valid = if n >= BLOCK { u64::MAX } else { (1 << n) - 1 };
        let (quotes, raw_ends) = quotes_and_ends(block);
        let (mut quotes, raw_ends) = (quotes & valid, raw_ends & valid);
        let state = self.state;
        let (inside, ends, delimiters);
        if quotes == 0 {
            inside = state.inside;
            ends = raw_ends & !inside;
            delimiters = if FIELDS || n > 0 && is_at(block, n - 1, self.delimiter) {
                equal(block, self.delimiter) & valid & !inside
            } else {
                0
            };
        } else {
            let raw_delimiters = equal(block, self.delimiter) & valid;
            loop {
                let after = prefix_xor(quotes) ^ state.inside;
                let opens = quotes & after;
                let opened_by = ((raw_ends | raw_delimiters) & !after | quotes) << 1 | state.may_open;
                let literal = opens & !opened_by;
                if literal == 0 {
                    inside = after;
                    break;
                }
                // A quote in the middle of a bare field is a character; what follows is to be read anew.
                quotes &= !(literal & literal.wrapping_neg());
            }
            ends = raw_ends & !inside;
            delimiters = raw_delimiters & !inside;
        }
        let starts = !ends & valid & (ends << 1 | state.after_end);
        if n > 0 {
            let last = n.min(BLOCK) - 1;
            self.state = State {
                inside: 0u64.wrapping_sub(inside >> last & 1),
                may_open: (ends | delimiters | quotes) >> last & 1,
                after_end: ends >> last & 1,
            };
        }
        Marks { delimiters, ends, starts }
    }
}

#[inline]
fn is_at(block: &[u8; BLOCK], at: usize, byte: u8) -> bool {
    block[at & (BLOCK - 1)] == byte
}

/// Bit `i` is the parity of bits `0..=i`.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// The block that begins at `at`, filled up with zeros beyond the end, and how many of its bytes are there.
#[inline]
pub fn block_at(bytes: &[u8], at: usize) -> ([u8; BLOCK], usize) {
    if let Some(block) = bytes.get(at..at + BLOCK).and_then(|block| block.try_into().ok()) {
        return (block, BLOCK);
    }
    let rest = &bytes[at.min(bytes.len())..];
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    (block, rest.len())
}

#[inline]
fn lane(block: &[u8; BLOCK], idx: usize) -> u8x16 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&block[idx * 16..idx * 16 + 16]);
    u8x16::from(bytes)
}

#[inline]
fn equal(block: &[u8; BLOCK], byte: u8) -> u64 {
    let wanted = u8x16::splat(byte);
    (0..4).fold(0, |mask, idx| mask | u64::from(lane(block, idx).simd_eq(wanted).to_bitmask()) << (16 * idx))
}

/// Quotes, and line feeds or carriage returns.
#[inline]
fn quotes_and_ends(block: &[u8; BLOCK]) -> (u64, u64) {
    let (quote, feed, carriage) = (u8x16::splat(b'"'), u8x16::splat(b'\n'), u8x16::splat(b'\r'));
    let mut masks = (0, 0);
    for idx in 0..4 {
        let bytes = lane(block, idx);
        let ends = bytes.simd_eq(feed) | bytes.simd_eq(carriage);
        masks.0 |= u64::from(bytes.simd_eq(quote).to_bitmask()) << (16 * idx);
        masks.1 |= u64::from(ends.to_bitmask()) << (16 * idx);
    }
    masks
}
