//! Answers about more values than are kept, each with a bound on its error.

use super::tally::{Entry, Tally, mix};

/// Quantiles: a stack of buffers; a full one is sorted and every second value goes on with twice the weight.
///
/// Munro and Paterson, *Selection and sorting with limited storage*, 1980. Each such step moves a rank by at most the
/// weight of one value, so the sum of these weights bounds the error of every rank, without any chance in it. The
/// value that is kept alternates, so that errors cancel.
#[derive(Clone, Debug)]
pub struct Ranks {
    levels: Vec<Vec<u64>>,
    takes_odd: Vec<bool>,
    size: usize,
    n: u64,
    error: u64,
}

impl Ranks {
    /// Buffers of `size` values, an even number.
    pub fn new(size: usize) -> Self {
        Self { levels: vec![Vec::with_capacity(size)], takes_odd: vec![false], size: size.max(2) & !1, n: 0, error: 0 }
    }

    /// Takes a value.
    #[inline]
    pub fn add(&mut self, key: u64) {
        self.n += 1;
        self.levels[0].push(key);
        if self.levels[0].len() >= self.size {
            self.halve(0);
        }
    }

    /// Takes a value `weight` times.
    pub fn add_weighted(&mut self, key: u64, weight: u64) {
        self.n += weight;
        for level in (0..64).filter(|level| weight >> level & 1 == 1) {
            while self.levels.len() <= level {
                self.levels.push(Vec::new());
                self.takes_odd.push(false);
            }
            self.levels[level].push(key);
            if self.levels[level].len() >= self.size {
                self.halve(level);
            }
        }
    }

    #[cold]
    fn halve(&mut self, level: usize) {
        if self.levels.len() == level + 1 {
            self.levels.push(Vec::with_capacity(self.size));
            self.takes_odd.push(false);
        }
        let (below, above) = self.levels.split_at_mut(level + 1);
        let (Some(from), Some(to)) = (below.last_mut(), above.first_mut()) else { return };
        from.sort_unstable();
        to.extend(from.chunks_exact(2).map(|pair| pair[usize::from(self.takes_odd[level])]));
        let rest = if from.len() % 2 == 1 { from.last().copied() } else { None };
        from.clear();
        from.extend(rest);
        self.takes_odd[level] = !self.takes_odd[level];
        self.error += 1 << level;
        if self.levels[level + 1].len() >= self.size {
            self.halve(level + 1);
        }
    }

    /// Values with their weights, in ascending order; the weights add up to all values.
    pub fn weighted(&self) -> Vec<(u64, u64)> {
        let mut all: Vec<(u64, u64)> = self
            .levels
            .iter()
            .enumerate()
            .flat_map(|(level, keys)| keys.iter().map(move |key| (*key, 1u64 << level)))
            .collect();
        all.sort_unstable();
        all
    }

    /// By how much a rank may be off at most, as a share of all values.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn error(&self) -> f64 {
        if self.n == 0 { 0.0 } else { self.error as f64 / self.n as f64 }
    }
}

/// Different values: Flajolet, Fusy, Gandouet and Meunier, *`HyperLogLog`*, 2007, with Ertl's estimator, *New cardinality
/// estimation algorithms for `HyperLogLog` sketches*, 2017, which needs no corrections for small and large numbers.
#[derive(Clone, Debug)]
pub struct Distinct {
    registers: Vec<u8>,
}

/// Index bits of [`Distinct`].
const BITS: u32 = 14;

impl Default for Distinct {
    fn default() -> Self {
        Self { registers: vec![0; 1 << BITS] }
    }
}

impl Distinct {
    /// Standard error as a share: 1.04 / √2¹⁴.
    pub const ERROR: f64 = 1.04 / 128.0;

    /// Takes a value's key.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "14 bits, and at most 51")]
    pub fn add(&mut self, key: u64) {
        let hash = mix(mix(key));
        let rank = ((hash << BITS | 1 << (BITS - 1)).leading_zeros() + 1) as u8;
        let register = &mut self.registers[(hash >> (64 - BITS)) as usize];
        *register = (*register).max(rank);
    }

    /// How many there are, about.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rounded count"
    )]
    pub fn estimate(&self) -> u64 {
        const MAX: usize = 64 - BITS as usize;
        let m = self.registers.len() as f64;
        let mut counts = [0u32; MAX + 2];
        self.registers.iter().for_each(|rank| counts[usize::from(*rank).min(MAX + 1)] += 1);
        let mut sum = m * tau(1.0 - f64::from(counts[MAX + 1]) / m);
        for rank in (1..=MAX).rev() {
            sum = 0.5 * (sum + f64::from(counts[rank]));
        }
        sum += m * sigma(f64::from(counts[0]) / m);
        (m * m / (2.0 * std::f64::consts::LN_2) / sum).round() as u64
    }
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

/// Frequent values: Misra and Gries, *Finding repeated elements*, 1982, with many counters lowered at once.
///
/// A value's true count lies between its counter and its counter plus [`Frequent::error`]; what has no counter occurred
/// at most [`Frequent::error`] times.
#[derive(Clone, Debug)]
pub struct Frequent {
    counters: Tally,
    size: usize,
    error: u64,
}

impl Frequent {
    /// At most `size` counters.
    pub fn new(size: usize) -> Self {
        Self { counters: Tally::default(), size: size.max(32), error: 0 }
    }

    /// Counts a value.
    #[inline]
    pub fn add(&mut self, key: u64, by: u32) {
        self.counters.add(key, by, || 0);
        if self.counters.len() > self.size {
            self.lower();
        }
    }

    #[cold]
    fn lower(&mut self) {
        let mut counts: Vec<u32> = self.counters.entries().map(|entry| entry.count).collect();
        let middle = counts.len() / 2;
        let by = *counts.select_nth_unstable(middle).1;
        self.error += u64::from(by);
        let mut lowered = Tally::with_room(self.size + 1);
        for Entry { key, count, note } in self.counters.entries().filter(|entry| entry.count > by) {
            lowered.add(key, count - by, || note);
        }
        self.counters = lowered;
    }

    /// Values that surely are more frequent than any that is not among them, with a count that is right or too low.
    pub fn sure(&self) -> Vec<(u64, u64)> {
        let sure = |entry: &Entry| u64::from(entry.count) > self.error;
        self.counters.entries().filter(sure).map(|entry| (entry.key, u64::from(entry.count))).collect()
    }

    /// By how much a count may be too low.
    pub fn error(&self) -> u64 {
        self.error
    }
}
