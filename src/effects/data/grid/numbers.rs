//! What is kept of a column of numbers, truth values or points in time while its values go by.

use super::sketch::{Distinct, Frequent, Ranks};
use super::tally::Tally;

/// How much a column may keep.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes for its values.
    pub n_bytes: usize,
    /// Values to be expected; none if unknown.
    pub n_expected: Option<u64>,
    /// Values kept at each end, to name rows far out.
    pub n_tail: usize,
}

/// Different values that are counted one by one, if there is room.
pub const MAX_COUNTED: usize = 100_000;
/// From so many values on it is looked whether counting them one by one is worth its while.
const ENOUGH: u64 = 4096;

impl Room {
    /// Most different values to be counted one by one.
    pub fn n_counted(self) -> usize {
        MAX_COUNTED.min(self.n_bytes / 40)
    }

    /// Whether every value can be kept.
    pub fn holds_all(self) -> bool {
        self.n_expected.is_none_or(|n| n * 8 <= self.n_bytes as u64)
    }

    /// Values that can be kept.
    pub fn n_kept(self) -> usize {
        self.n_bytes / 8
    }

    /// Whether a table with `n_distinct` of `n` values had better make way for a list.
    pub fn is_too_varied(self, n_distinct: usize, n: u64) -> bool {
        n_distinct > self.n_counted() || (n >= ENOUGH && n_distinct as u64 * 2 > n && self.n_expected.is_some())
    }
}

/// Brings a double into an unsigned number of the same order.
#[inline]
pub fn key_of_float(value: f64) -> u64 {
    // Minus zero is zero.
    let bits = (value + 0.0).to_bits();
    bits ^ (0u64.wrapping_sub(bits >> 63) | 1 << 63)
}

/// The double of a key.
pub fn float_of_key(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key ^ 1 << 63 } else { !key })
}

/// Brings a whole number into an unsigned one of the same order.
#[inline]
pub fn key_of_int(value: i64) -> u64 {
    value.cast_unsigned() ^ 1 << 63
}

/// The whole number of a key.
pub fn int_of_key(key: u64) -> i64 {
    (key ^ 1 << 63).cast_signed()
}

/// The values of a piece of a column, in order, nulls left out.
#[derive(Debug, Default)]
pub struct Decoded {
    /// In the order of the values.
    pub keys: Vec<u64>,
    /// As doubles.
    pub floats: Vec<f64>,
    /// Rows of the piece.
    pub rows: Vec<u32>,
}

impl Decoded {
    /// Forgets the values.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.floats.clear();
        self.rows.clear();
    }
}

#[derive(Clone, Debug)]
enum Store {
    /// Every different value and its count.
    Counts(Tally),
    /// Every value.
    All(Vec<u64>),
    /// Too many for either.
    Sketch(Box<(Ranks, Distinct, Frequent)>),
}

/// Everything about the values so far.
#[derive(Clone, Debug)]
pub struct NumberPass {
    room: Room,
    /// Values.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sum of squared distances from the mean.
    pub m2: f64,
    /// Smallest and largest key.
    pub range: Option<(u64, u64)>,
    /// Whether no value is smaller than the one before.
    pub is_sorted: bool,
    n_runs: u64,
    last: Option<(u64, f64)>,
    /// Whether the first zero had a minus sign; zeros are one value, shown as the first was written.
    pub zero_is_negative: Option<bool>,
    store: Store,
    low: Tail,
    high: Tail,
}

/// The values of a column in ascending order with their counts.
#[derive(Debug)]
pub struct Sorted {
    /// Keys and how often they occur.
    pub runs: Vec<(u64, u64)>,
    /// Different values.
    pub n_distinct: u64,
    /// Standard error of that as a share; none if it is exact.
    pub distinct_error: Option<f64>,
    /// By how much a rank may be off, as a share of the values; none if exact.
    pub rank_error: Option<f64>,
    /// Frequent values where `runs` does not tell them, and by how much their counts may be too low.
    pub frequent: Option<(Vec<(u64, u64)>, u64)>,
}

impl NumberPass {
    /// Nothing seen yet.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            n: 0,
            mean: 0.0,
            m2: 0.0,
            range: None,
            is_sorted: true,
            n_runs: 0,
            last: None,
            zero_is_negative: None,
            store: Store::Counts(Tally::default()),
            low: Tail::new(room.n_tail),
            high: Tail::new(room.n_tail),
        }
    }

    /// Whether most values differ from each other.
    pub fn is_mixed(&self) -> bool {
        match &self.store {
            Store::Counts(tally) => tally.len() as u64 * 2 > self.n,
            Store::All(_) | Store::Sketch(_) => true,
        }
    }

    /// Gives another share of memory.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
        if matches!(self.store, Store::All(_)) && !room.holds_all() {
            self.summarise();
        }
    }

    /// Takes the next piece, whose first row is `first_row`.
    pub fn push(&mut self, piece: &Decoded, first_row: u64) {
        let (Some(first), Some(last)) = (piece.keys.first(), piece.keys.last()) else { return };
        self.moments(&piece.floats);
        if self.zero_is_negative.is_none() {
            let zero = piece.floats.iter().find(|value| **value == 0.0);
            self.zero_is_negative = zero.map(|zero| zero.is_sign_negative());
        }
        let (min, max) = piece.keys.iter().fold((u64::MAX, 0), |(min, max), key| (min.min(*key), max.max(*key)));
        self.range = Some(self.range.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
        let joins = self.last.is_none_or(|(_, before)| before <= piece.floats[0]);
        self.is_sorted = self.is_sorted && joins && piece.floats.is_sorted();
        if self.is_sorted {
            let n_changes = piece.keys.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64;
            self.n_runs += n_changes + u64::from(self.last.is_none_or(|(key, _)| key != *first));
        }
        self.last = Some((*last, piece.floats[piece.floats.len() - 1]));
        for (key, row) in piece.keys.iter().zip(&piece.rows) {
            if *key < self.low.bound {
                self.low.add(*key, first_row + u64::from(*row));
            }
            if !*key < self.high.bound {
                self.high.add(!*key, first_row + u64::from(*row));
            }
        }
        self.keep(&piece.keys);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    fn moments(&mut self, values: &[f64]) {
        // The piece by itself in two passes, then joined: Chan, Golub and LeVeque, *Updating formulae and a pairwise
        // algorithm for computing sample variances*, 1979.
        let n = values.len() as f64;
        let mean = lanes(values, |value| value) / n;
        let m2 = lanes(values, |value| (value - mean) * (value - mean));
        let before = self.n as f64;
        let delta = mean - self.mean;
        let all = before + n;
        if self.n == 0 {
            (self.mean, self.m2) = (mean, m2);
        } else {
            self.mean += delta * n / all;
            self.m2 += m2 + delta * delta * before * n / all;
        }
        self.n += values.len() as u64;
    }

    fn keep(&mut self, keys: &[u64]) {
        match &mut self.store {
            Store::Counts(tally) => {
                for key in keys {
                    tally.add(*key, 1, || 0);
                }
                if self.room.is_too_varied(tally.len(), self.n) {
                    self.spread();
                }
            }
            Store::All(all) => {
                if all.len() + keys.len() > self.room.n_kept() {
                    self.summarise();
                    self.keep(keys);
                } else {
                    all.extend_from_slice(keys);
                }
            }
            Store::Sketch(sketch) => {
                let (ranks, distinct, frequent) = &mut **sketch;
                for key in keys {
                    ranks.add(*key);
                    distinct.add(*key);
                    frequent.add(*key, 1);
                }
            }
        }
    }

    fn spread(&mut self) {
        if !self.room.holds_all() || self.n > self.room.n_kept() as u64 {
            return self.summarise();
        }
        if let Store::Counts(tally) = &self.store {
            let room = self.room.n_expected.map_or(0, |n| usize::try_from(n + n / 16).unwrap_or(0));
            let mut all = Vec::with_capacity(room.min(self.room.n_kept()));
            for entry in tally.entries() {
                all.extend(std::iter::repeat_n(entry.key, entry.count as usize));
            }
            self.store = Store::All(all);
        }
    }

    fn summarise(&mut self) {
        let size = (self.room.n_bytes / (8 * 16)).clamp(64, 8192);
        let mut sketch = (Ranks::new(size), Distinct::default(), Frequent::new(size / 2));
        match &self.store {
            Store::Counts(tally) => {
                for entry in tally.entries() {
                    sketch.0.add_weighted(entry.key, u64::from(entry.count));
                    sketch.1.add(entry.key);
                    sketch.2.add(entry.key, entry.count);
                }
            }
            Store::All(all) => {
                for key in all {
                    sketch.0.add(*key);
                    sketch.1.add(*key);
                    sketch.2.add(*key, 1);
                }
            }
            Store::Sketch(_) => return,
        }
        self.store = Store::Sketch(Box::new(sketch));
    }

    /// Sorts what was kept.
    pub fn sorted(&mut self) -> Sorted {
        let exact = |runs: Vec<(u64, u64)>| Sorted {
            n_distinct: runs.len() as u64,
            runs,
            distinct_error: None,
            rank_error: None,
            frequent: None,
        };
        match &mut self.store {
            Store::Counts(tally) => {
                let mut runs: Vec<(u64, u64)> =
                    tally.entries().map(|entry| (entry.key, u64::from(entry.count))).collect();
                runs.sort_unstable();
                exact(runs)
            }
            Store::All(all) => {
                all.sort_unstable();
                exact(all.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect())
            }
            Store::Sketch(sketch) => {
                let (ranks, distinct, frequent) = &**sketch;
                // In a sorted column each value stands in one run, however many there are.
                let known = self.is_sorted.then_some(self.n_runs);
                Sorted {
                    runs: ranks.weighted(),
                    n_distinct: known.unwrap_or_else(|| distinct.estimate().min(self.n)),
                    distinct_error: if known.is_some() { None } else { Some(Distinct::ERROR) },
                    rank_error: Some(ranks.error()),
                    frequent: Some((frequent.sure(), frequent.error())),
                }
            }
        }
    }

    /// Values below `low` and above `high`, with their rows; none for a side on which not all of them were kept.
    pub fn beyond(&self, low: u64, high: u64) -> (Option<Vec<u64>>, Option<Vec<u64>>) {
        (self.low.below(low), self.high.below(!high))
    }
}

/// Eight sums side by side, so that they need not wait for each other.
#[inline]
fn lanes(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let chunks = values.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().map(|value| of(*value)).sum();
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += of(*value);
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The smallest values and their rows.
#[derive(Clone, Debug)]
struct Tail {
    /// Only smaller ones are of interest.
    bound: u64,
    size: usize,
    kept: Vec<(u64, u64)>,
    is_all: bool,
}

impl Tail {
    fn new(size: usize) -> Self {
        Self { bound: u64::MAX, size, kept: Vec::new(), is_all: true }
    }

    #[cold]
    fn add(&mut self, key: u64, row: u64) {
        self.kept.push((key, row));
        if self.kept.len() >= 2 * self.size.max(1) {
            self.kept.select_nth_unstable(self.size);
            self.kept.truncate(self.size);
            self.bound = self.kept.iter().map(|(key, _)| *key).max().unwrap_or(u64::MAX);
            self.is_all = false;
        }
    }

    /// Rows of all values below `bound`, if all of them are here.
    fn below(&self, bound: u64) -> Option<Vec<u64>> {
        let is_whole = self.is_all || bound <= self.bound;
        is_whole.then(|| self.kept.iter().filter(|(key, _)| *key < bound).map(|(_, row)| *row).collect())
    }
}
