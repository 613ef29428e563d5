//! Rows that repeat an earlier one, by the hashes of all rows.

use super::column::N_ROWS;
use super::tally::{Tally, mix};

/// Hashes of this many rows are kept.
pub const MAX_ROWS: usize = 8 << 20;

/// The hashes of the first rows.
#[derive(Debug, Default)]
pub struct Rows {
    hashes: Vec<u64>,
    /// Rows in all.
    pub n_rows: u64,
}

/// What came of looking for repeated rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Rows that repeat an earlier one.
    pub n: u64,
    /// The first few.
    pub rows: Vec<u64>,
    /// Rows that were compared, from the first on.
    pub n_checked: u64,
}

impl Rows {
    /// Makes room for about `n` rows.
    pub fn expect(&mut self, n: u64) {
        self.hashes.reserve_exact(usize::try_from(n).unwrap_or(MAX_ROWS).min(MAX_ROWS));
    }

    /// Adds the rows of the next piece.
    pub fn push(&mut self, hashes: &[u64]) {
        let n = MAX_ROWS.saturating_sub(self.hashes.len()).min(hashes.len());
        self.hashes.extend_from_slice(&hashes[..n]);
        self.n_rows += hashes.len() as u64;
    }

    /// Corrects the rows from `first_row` on.
    pub fn correct(&mut self, first_row: u64, by: &[u64]) {
        let first = usize::try_from(first_row).unwrap_or(usize::MAX);
        let own = self.hashes.get_mut(first..).unwrap_or_default();
        own.iter_mut().zip(by).for_each(|(hash, by)| *hash = hash.wrapping_add(*by));
    }

    /// Finds the rows that repeat an earlier one, a part of all possible hashes at a time so that the table is small.
    pub fn repeats(&self) -> Repeats {
        let n_parts = (self.hashes.len() / (1 << 18)).next_power_of_two().max(1) as u64;
        let mut found = Repeats { n_checked: self.hashes.len() as u64, ..Repeats::default() };
        for part in 0..n_parts {
            let mut seen = Tally::default();
            let mut first = Vec::new();
            for (row, hash) in (0..).zip(&self.hashes) {
                // The table spreads by other bits of the same mixture.
                if mix(*hash) >> 48 & (n_parts - 1) != part {
                    continue;
                }
                let mut is_new = false;
                seen.add(*hash, 1, || {
                    is_new = true;
                    0
                });
                if !is_new {
                    found.n += 1;
                    if first.len() < N_ROWS {
                        first.push(row);
                    }
                }
            }
            found.rows.extend(first);
        }
        found.rows.sort_unstable();
        found.rows.truncate(N_ROWS);
        found
    }
}
