//! Whether the columns of one table look like those of another: population stability, Kolmogorov and Smirnov, new values.
#![expect(clippy::cast_precision_loss, reason = "numbers of rows are far below 2^53")]

use std::collections::BTreeMap;

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::domain::errors::stats::holm;
use crate::text::{RawText, SafeText};

/// From this stability index on a column is said to be a little shifted, and shifted (Siddiqi 2006, *Credit Risk Scorecards*).
pub const LIMITS: (f64, f64) = (0.1, 0.25);
/// Share of the rows with new values from which these count by themselves.
const NEW_SHARE: f64 = 0.01;
/// Most bins of numbers, and most values that are counted by themselves.
const BINS: usize = 10;
const VALUES: usize = 20;
/// From so many different values on, most of them of one row, a column names rows rather than describing them.
const NAMES_ROWS: (usize, f64) = (50, 0.9);
/// Values that are listed.
const LISTED: usize = 10;

/// One column of one table.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// The numbers, or points in time, that are there.
    Numbers(Vec<f64>),
    /// Rows of each value.
    Values(BTreeMap<String, u64>),
}

/// A column with its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What is there.
    pub side: Side,
    /// Rows without a value.
    pub n_null: u64,
}

impl Sample {
    fn n_held(&self) -> u64 {
        match &self.side {
            Side::Numbers(numbers) => numbers.len() as u64,
            Side::Values(values) => values.values().sum(),
        }
    }

    /// Rows in all.
    pub fn n_rows(&self) -> u64 {
        self.n_held() + self.n_null
    }

    /// Share of the rows without a value.
    pub fn null_share(&self) -> f64 {
        self.n_null as f64 / (self.n_rows() as f64).max(1.0)
    }
}

/// What is said of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// No more difference than chance makes, or a small one.
    Same,
    /// Beyond chance, and from 0.1 on.
    Slight,
    /// Beyond chance, and from 0.25 on.
    Shifted,
    /// It could not be compared.
    NotChecked(&'static str),
}

impl Label {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Same => "alike".to_owned(),
            Self::Slight => "a little shifted".to_owned(),
            Self::Shifted => "shifted".to_owned(),
            Self::NotChecked(why) => format!("not checked: {why}"),
        }
    }
}

/// How a column differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// What is said of it.
    pub label: Label,
    /// Population stability index over the bins, rows without a value being one of them.
    pub psi: Option<f64>,
    /// What it stays below in 95 of 100 cases where nothing has changed.
    pub psi_by_chance: Option<f64>,
    /// Greatest distance of the two distribution functions; of numbers only.
    pub ks: Option<f64>,
    /// Of the Kolmogorov–Smirnov test for numbers, of χ² for values.
    pub p_value: Option<f64>,
    /// After Holm over all columns.
    pub p_adjusted: Option<f64>,
    /// Values that the first table does not have, with their rows in the second, the most frequent first; and how many.
    pub new: (Vec<(RawText, u64)>, usize),
    /// Values that the second table does not have, with their rows in the first; and how many.
    pub gone: (Vec<(RawText, u64)>, usize),
    /// Shares of rows without a value.
    pub null_share: (f64, f64),
}

/// What two tables have in common, and what differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Columns of both: name, how it differs.
    pub columns: Vec<(SafeText, Drift)>,
    /// Columns that only the first has.
    pub gone: Vec<SafeText>,
    /// Columns that only the second has.
    pub new: Vec<SafeText>,
}

/// Compares a column of a second table with that of the first.
pub fn compare(before: &Sample, now: &Sample) -> Drift {
    let mut drift = Drift {
        label: Label::Same,
        psi: None,
        psi_by_chance: None,
        ks: None,
        p_value: None,
        p_adjusted: None,
        new: (Vec::new(), 0),
        gone: (Vec::new(), 0),
        null_share: (before.null_share(), now.null_share()),
    };
    let counts = match (&before.side, &now.side) {
        (Side::Numbers(first), Side::Numbers(second)) => {
            drift.ks = ks(first, second);
            drift.p_value = drift.ks.map(|d| ks_chance(d, first.len(), second.len()));
            in_bins(first, second)
        }
        (Side::Values(first), Side::Values(second)) => {
            drift.new = only_in(second, first);
            drift.gone = only_in(first, second);
            let single = first.values().filter(|n| **n == 1).count();
            if first.len() > NAMES_ROWS.0 && single as f64 > NAMES_ROWS.1 * first.len() as f64 {
                drift.label = Label::NotChecked("nearly every row has a value of its own");
                return drift;
            }
            let counts = by_value(first, second);
            drift.p_value = chi_squared(&counts);
            counts
        }
        _ => {
            drift.label = Label::NotChecked("it holds numbers in one and texts in the other");
            return drift;
        }
    };
    let mut counts = counts;
    if before.n_null + now.n_null > 0 {
        counts.push((before.n_null, now.n_null));
    }
    if before.n_rows() == 0 || now.n_rows() == 0 {
        drift.label = Label::NotChecked("there are no rows");
        return drift;
    }
    let psi = stability(&counts);
    let by_chance = stability_by_chance(counts.len(), before.n_rows(), now.n_rows());
    (drift.psi, drift.psi_by_chance) = (Some(psi), Some(by_chance));
    let n_new: u64 = match (&before.side, &now.side) {
        (Side::Values(first), Side::Values(second)) => {
            second.iter().filter(|(value, _)| !first.contains_key(*value)).map(|(_, n)| n).sum()
        }
        _ => 0,
    };
    drift.label = match psi {
        psi if psi >= LIMITS.1 && psi > by_chance => Label::Shifted,
        psi if psi >= LIMITS.0 && psi > by_chance => Label::Slight,
        _ if n_new as f64 >= NEW_SHARE * now.n_rows() as f64 && n_new > 0 => Label::Slight,
        _ => Label::Same,
    };
    drift
}

/// Adjusts the p-values for the number of columns that have one.
pub fn adjust(drifts: &mut [Drift]) {
    let chances: Vec<f64> = drifts.iter().filter_map(|drift| drift.p_value).collect();
    let with = drifts.iter_mut().filter(|drift| drift.p_value.is_some());
    for (drift, (p, _)) in with.zip(holm(&chances)) {
        drift.p_adjusted = Some(p);
    }
}

fn only_in(mine: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>) -> (Vec<(RawText, u64)>, usize) {
    let mut only: Vec<(&String, u64)> =
        mine.iter().filter(|(value, _)| !other.contains_key(*value)).map(|(value, n)| (value, *n)).collect();
    only.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let listed = only.iter().take(LISTED).map(|(value, n)| (RawText::new(value.as_str()), *n)).collect();
    (listed, only.len())
}

/// Rows of both in bins of as equal a number of rows of the first as its values allow.
fn in_bins(first: &[f64], second: &[f64]) -> Vec<(u64, u64)> {
    let mut sorted = first.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return vec![(0, second.len() as u64)];
    }
    let mut edges: Vec<f64> = (1..BINS).map(|at| sorted[at * sorted.len() / BINS]).collect();
    edges.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let mut counts = vec![(0, 0); edges.len() + 1];
    let bin = |value: &f64| edges.partition_point(|edge| edge <= value);
    for value in first {
        counts[bin(value)].0 += 1;
    }
    for value in second {
        counts[bin(value)].1 += 1;
    }
    counts.retain(|(a, b)| a + b > 0);
    counts
}

/// Rows of both for the most frequent values; the rest together.
fn by_value(first: &BTreeMap<String, u64>, second: &BTreeMap<String, u64>) -> Vec<(u64, u64)> {
    let mut both: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (value, n) in first {
        both.entry(value).or_default().0 += n;
    }
    for (value, n) in second {
        both.entry(value).or_default().1 += n;
    }
    let mut counts: Vec<(u64, u64)> = both.into_values().collect();
    counts.sort_by_key(|(a, b)| std::cmp::Reverse(a + b));
    if counts.len() > VALUES {
        let rest = counts.split_off(VALUES - 1);
        counts.push(rest.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)));
    }
    counts
}

/// Population stability index: the sum over bins of (b − a) · ln(b / a) of the shares (Siddiqi 2006), half a row being added
/// to each bin so that an empty one does not make it infinite.
fn stability(counts: &[(u64, u64)]) -> f64 {
    let k = counts.len() as f64;
    let total = counts.iter().fold((0.0, 0.0), |sum, (a, b)| (sum.0 + *a as f64, sum.1 + *b as f64));
    counts
        .iter()
        .map(|(a, b)| {
            let (a, b) = ((*a as f64 + 0.5) / (total.0 + 0.5 * k), (*b as f64 + 0.5) / (total.1 + 0.5 * k));
            (b - a) * (b / a).ln()
        })
        .sum()
}

/// Where nothing has changed, the index times n·m / (n + m) is χ² with one degree of freedom less than there are bins
/// (Yurdakul and Naranjo 2020, *Statistical properties of the population stability index*).
fn stability_by_chance(n_bins: usize, n: u64, m: u64) -> f64 {
    let degrees = n_bins.saturating_sub(1);
    let quantile = ChiSquared::new(degrees.max(1) as f64).map_or(f64::INFINITY, |chi| chi.inverse_cdf(0.95));
    if degrees == 0 { 0.0 } else { quantile * (1.0 / n as f64 + 1.0 / m as f64) }
}

/// Greatest distance of the two empirical distribution functions.
fn ks(first: &[f64], second: &[f64]) -> Option<f64> {
    if first.is_empty() || second.is_empty() {
        return None;
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(first), sorted(second));
    let (mut i, mut j, mut most) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let at = a[i].min(b[j]);
        while i < a.len() && a[i] <= at {
            i += 1;
        }
        while j < b.len() && b[j] <= at {
            j += 1;
        }
        most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    Some(most)
}

/// How often chance alone gives such a distance: Kolmogorov's series with the correction for few rows of Stephens (1970).
fn ks_chance(distance: f64, n: usize, m: usize) -> f64 {
    let root = (n as f64 * m as f64 / (n + m) as f64).sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * distance;
    if lambda < 0.2 {
        return 1.0;
    }
    let series: f64 = (1..=100i32)
        .map(|k| {
            let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
            sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
        })
        .sum();
    series.clamp(0.0, 1.0)
}

/// Pearson's χ² for the same shares in both; none where fewer than two values are frequent enough (five rows expected).
fn chi_squared(counts: &[(u64, u64)]) -> Option<f64> {
    let total = counts.iter().fold((0.0, 0.0), |sum, (a, b)| (sum.0 + *a as f64, sum.1 + *b as f64));
    let all = total.0 + total.1;
    let expected = |(a, b): (f64, f64)| ((a + b) * total.0 / all, (a + b) * total.1 / all);
    let mut rare = (0.0, 0.0);
    let mut cells = Vec::new();
    for (a, b) in counts.iter().map(|(a, b)| (*a as f64, *b as f64)) {
        let (ea, eb) = expected((a, b));
        if ea < 5.0 || eb < 5.0 {
            rare = (rare.0 + a, rare.1 + b);
        } else {
            cells.push((a, b));
        }
    }
    let (ea, eb) = expected(rare);
    if ea >= 5.0 && eb >= 5.0 {
        cells.push(rare);
    }
    if cells.len() < 2 {
        return None;
    }
    let statistic: f64 = cells
        .iter()
        .map(|cell| {
            let (ea, eb) = expected(*cell);
            (cell.0 - ea).powi(2) / ea + (cell.1 - eb).powi(2) / eb
        })
        .sum();
    ChiSquared::new((cells.len() - 1) as f64).ok().map(|chi| chi.sf(statistic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::split::SplitMix;

    fn numbers(values: Vec<f64>) -> Sample {
        Sample { side: Side::Numbers(values), n_null: 0 }
    }

    fn values(counts: &[(&str, u64)]) -> Sample {
        let counts = counts.iter().map(|(value, n)| ((*value).to_owned(), *n)).collect();
        Sample { side: Side::Values(counts), n_null: 0 }
    }

    fn uniform(seed: u64, n: usize) -> Vec<f64> {
        let mut chance = SplitMix::new(seed);
        (0..n).map(|_| chance.below(1_000_000) as f64 / 1e6).collect()
    }

    #[test]
    fn tests_are_those_of_their_sources() {
        // scipy 1.16: ks_2samp([1, 2, 3, 4], [3, 4, 5, 6]).statistic
        assert_eq!(ks(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0]), Some(0.5));
        // scipy 1.16: kstwobign.sf(1.0) = 0.26999967
        let root: f64 = (100.0f64 * 100.0 / 200.0).sqrt();
        let p = ks_chance(1.0 / (root + 0.12 + 0.11 / root), 100, 100);
        assert!((p - 0.269_999_67).abs() < 1e-7, "{p}");
        // scipy 1.16: chi2_contingency([[30, 70], [50, 50]], correction=False).pvalue = 0.003892417122778637
        let p = chi_squared(&[(30, 50), (70, 50)]).unwrap();
        assert!((p - 0.003_892_417_122_778_637).abs() < 1e-12, "{p}");
        assert_eq!(chi_squared(&[(3, 4), (90, 80)]), None);
    }

    #[test]
    fn what_is_drawn_from_the_same_is_alike_and_what_is_moved_is_not() {
        let (mut n_alarms, mut n_low) = (0, 0);
        for seed in 0..200 {
            let (a, b) = (uniform(seed, 300), uniform(seed + 1_000, 60));
            let drift = compare(&numbers(a), &numbers(b));
            n_alarms += u32::from(drift.label != Label::Same);
            n_low += u32::from(drift.p_value.unwrap() < 0.05);
        }
        // At most one in twenty, with room for three standard errors.
        assert!(n_alarms <= 19 && n_low <= 19, "{n_alarms} {n_low}");
        let moved = uniform(7, 500).into_iter().map(|value| value + 0.5).collect();
        let drift = compare(&numbers(uniform(1, 500)), &numbers(moved));
        assert_eq!(drift.label, Label::Shifted);
        assert!(drift.p_value.unwrap() < 1e-12 && drift.ks.unwrap() > 0.4, "{drift:?}");
    }

    #[test]
    fn new_and_gone_values_are_named_and_rows_without_a_value_count() {
        let drift = compare(&values(&[("a", 50), ("b", 45), ("old", 5)]), &values(&[("a", 52), ("b", 40), ("new", 8)]));
        assert_eq!(drift.new, (vec![(RawText::new("new"), 8)], 1));
        assert_eq!(drift.gone, (vec![(RawText::new("old"), 5)], 1));
        assert_eq!(drift.label, Label::Shifted);
        // One of a hundred is enough to be told of, though the index hardly moves.
        let drift = compare(&values(&[("a", 5_000), ("b", 5_000)]), &values(&[("a", 490), ("b", 500), ("c", 10)]));
        assert!(drift.label == Label::Slight && drift.psi.unwrap() < 0.1, "{drift:?}");
        let holes = Sample { n_null: 40, ..values(&[("a", 30), ("b", 30)]) };
        let drift = compare(&values(&[("a", 50), ("b", 50)]), &holes);
        assert_eq!((drift.label, drift.null_share), (Label::Shifted, (0.0, 0.4)));
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let ids = |from: u64| {
            let names: Vec<String> = (from..from + 100).map(|at| format!("id{at}")).collect();
            values(&names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>())
        };
        assert_eq!(compare(&ids(0), &ids(500)).label, Label::NotChecked("nearly every row has a value of its own"));
        let other = compare(&numbers(vec![1.0]), &values(&[("a", 1)]));
        assert_eq!(other.label, Label::NotChecked("it holds numbers in one and texts in the other"));
        assert_eq!(other.psi, None);
    }
}
