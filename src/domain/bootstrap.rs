//! How far a score on few rows can be trusted: the percentile bootstrap over rows, or over groups of rows.

use serde::{Deserialize, Serialize};

use crate::domain::errors::stats::quantile;
use crate::domain::split::SplitMix;
use crate::domain::verdict::CONFIDENCE;
use crate::text::figure;

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Single rows, which are taken as independent of each other.
    #[default]
    Rows,
    /// Whole groups, since rows of a group belong together.
    Groups,
}

/// Where the score of the same model on other rows of the same kind lies, as far as these rows can tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Interval {
    /// Its ends in units of the metric; nothing where it was not worked out.
    pub interval: Option<(f64, f64)>,
    /// The confidence that it is made for.
    pub confidence: f64,
    /// What was drawn.
    pub unit: Unit,
    /// How many of them there are.
    pub n_units: u64,
    /// How often as many were drawn.
    pub n_resamples: u64,
    /// How it was computed, or why it was not.
    pub method: String,
}

/// Fewer rows or groups say nothing of their own spread.
const MIN_UNITS: usize = 10;
/// Share of the resamples on which the score has to be defined.
const MIN_DEFINED: f64 = 0.9;

impl Interval {
    /// No interval, and why.
    pub fn not_checked(unit: Unit, n_units: usize, why: &str) -> Self {
        Self {
            interval: None,
            confidence: CONFIDENCE,
            unit,
            n_units: n_units as u64,
            n_resamples: 0,
            method: format!("not checked: {why}"),
        }
    }

    /// `95 % interval [.871, .982]`, or `interval not checked: why`.
    pub fn in_words(&self) -> String {
        match self.interval {
            Some((low, high)) => {
                format!("{:.0} % interval [{}, {}]", self.confidence * 100.0, figure::score(low), figure::score(high))
            }
            None => format!("interval {}", self.method),
        }
    }
}

/// The rows of each unit: row by row, or the rows of each group, in the order in which groups are first met.
pub fn units(n_rows: usize, groups: Option<&[u64]>) -> Vec<Vec<usize>> {
    let Some(groups) = groups else { return (0..n_rows).map(|row| vec![row]).collect() };
    let mut places = std::collections::BTreeMap::new();
    let mut units: Vec<Vec<usize>> = Vec::new();
    for (row, group) in groups.iter().enumerate().take(n_rows) {
        let place = *places.entry(*group).or_insert_with(|| {
            units.push(Vec::new());
            units.len() - 1
        });
        units[place].push(row);
    }
    units
}

/// The percentile bootstrap interval of a score (Efron 1979, *Bootstrap methods: another look at the jackknife*, Annals of
/// Statistics 7; of groups, Field and Welsh 2007, *Bootstrapping clustered data*, J. R. Statist. Soc. B 69): as many units as
/// there are, drawn with replacement `n_resamples` times from `seed`; the score of the rows of each draw; and the 2.5 % and
/// 97.5 % quantiles of those, interpolated linearly. The model stays what it is, so what it owes to the rows that it was
/// trained on is not in it. `score` is handed positions of rows; draws on which it is undefined (`Ok(None)`) are left out, and
/// an `Err` says why no more is asked.
pub fn percentile(
    (n_rows, groups): (usize, Option<&[u64]>),
    seed: u64,
    n_resamples: usize,
    mut score: impl FnMut(&[usize]) -> Result<Option<f64>, String>,
) -> Interval {
    let unit = if groups.is_some() { Unit::Groups } else { Unit::Rows };
    let word = if groups.is_some() { "group" } else { "row" };
    let units = units(n_rows, groups);
    let not_checked = |why: &str| Interval::not_checked(unit, units.len(), why);
    if units.len() < MIN_UNITS {
        return not_checked(&format!(
            "{} are too few; {MIN_UNITS} are needed",
            figure::plural(units.len() as u64, word)
        ));
    }
    let mut chance = SplitMix::new(seed);
    let mut scores = Vec::with_capacity(n_resamples);
    for _ in 0..n_resamples {
        let rows: Vec<usize> =
            (0..units.len()).flat_map(|_| units[chance.below(units.len())].iter().copied()).collect();
        match score(&rows) {
            Ok(score) => scores.extend(score.filter(|score| score.is_finite())),
            Err(why) => return not_checked(&why),
        }
    }
    let share = crate::domain::profile::share(scores.len() as u64, n_resamples as u64);
    if share < MIN_DEFINED || scores.is_empty() {
        return not_checked(&format!("the score is defined on {} of {n_resamples} resamples", scores.len()));
    }
    scores.sort_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Interval {
        interval: Some((quantile(&scores, tail), quantile(&scores, 1.0 - tail))),
        confidence: CONFIDENCE,
        unit,
        n_units: units.len() as u64,
        n_resamples: scores.len() as u64,
        method: format!(
            "percentile bootstrap over {} ({} resamples; Efron 1979)",
            figure::plural(units.len() as u64, word),
            figure::count(scores.len() as u64)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: &[f64], rows: &[usize]) -> f64 {
        let n = u32::try_from(rows.len()).unwrap();
        rows.iter().map(|row| values[*row]).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_textbook_and_the_same_each_time() {
        // 300 values, of which 210 are one: the standard error of the mean is sqrt(.7 · .3 / 300) = .02646.
        let values: Vec<f64> = (0..300).map(|row| f64::from(u8::from(row % 10 < 7))).collect();
        let of = |seed| percentile((300, None), seed, 1_000, |rows| Ok(Some(mean(&values, rows))));
        let found = of(7);
        let (low, high) = found.interval.unwrap();
        assert!(
            (low - (0.7 - 1.96 * 0.02646)).abs() < 0.006 && (high - (0.7 + 1.96 * 0.02646)).abs() < 0.006,
            "{found:?}"
        );
        assert_eq!((found.clone(), found.unit, found.n_units, found.n_resamples), (of(7), Unit::Rows, 300, 1_000));
        assert_eq!(found.method, "percentile bootstrap over 300 rows (1,000 resamples; Efron 1979)");
        assert!(found.in_words().starts_with("95 % interval [.6"), "{}", found.in_words());
    }

    #[test]
    fn rows_of_a_group_are_drawn_together() {
        // Thirty groups of ten equal values: over rows it would be three times as narrow.
        let groups: Vec<u64> = (0..300).map(|row| row % 30).collect();
        let values: Vec<f64> = groups.iter().map(|group| f64::from(u32::try_from(*group % 2).unwrap())).collect();
        let width = |groups: Option<&[u64]>| {
            let found = percentile((300, groups), 1, 500, |rows| Ok(Some(mean(&values, rows))));
            found.interval.map(|(low, high)| (high - low, found.n_units)).unwrap()
        };
        let (over_groups, over_rows) = (width(Some(&groups)), width(None));
        assert_eq!((over_groups.1, over_rows.1), (30, 300));
        assert!(over_groups.0 > 2.5 * over_rows.0, "{over_groups:?} {over_rows:?}");
        percentile((300, Some(&groups)), 1, 20, |rows| {
            assert_eq!(rows.len(), 300);
            let drawn: Vec<usize> =
                (0..30).map(|group| rows.iter().filter(|row| **row % 30 == group).count()).collect();
            assert!(drawn.iter().all(|n| n % 10 == 0), "{drawn:?}");
            Ok(Some(0.0))
        });
    }

    #[test]
    fn what_can_not_be_told_is_not_checked() {
        let few = percentile((9, None), 1, 100, |_| Ok(Some(0.5)));
        assert_eq!(
            (few.interval, few.in_words().as_str()),
            (None, "interval not checked: 9 rows are too few; 10 are needed")
        );
        let groups = [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3];
        let few = percentile((12, Some(&groups)), 1, 100, |_| Ok(Some(0.5)));
        assert_eq!(few.method, "not checked: 3 groups are too few; 10 are needed");
        let mut n = 0;
        let undefined = percentile((40, None), 1, 100, |_| {
            n += 1;
            Ok((n % 5 > 0).then_some(0.5))
        });
        assert_eq!(undefined.method, "not checked: the score is defined on 80 of 100 resamples");
        let broken = percentile((40, None), 1, 100, |_| Err("the metric ended".to_owned()));
        assert_eq!(broken.method, "not checked: the metric ended");
    }

    /// Of 1,000 samples in which a share of 0.8 is true, how many intervals hold it: of so many rows on their own, or of as
    /// many groups of ten rows that share half of what decides.
    fn coverage(n: usize, is_grouped: bool) -> usize {
        let mut chance = SplitMix::new(11);
        let mut holds = |share: usize| chance.below(100) < share;
        let size = if is_grouped { 10 } else { 1 };
        (0..1_000)
            .filter(|sample| {
                // A group is a good or a bad one: .95 or .65, as often as each other.
                let values: Vec<f64> = (0..n)
                    .flat_map(|_| {
                        let share = if !is_grouped {
                            80
                        } else if holds(50) {
                            95
                        } else {
                            65
                        };
                        (0..size).map(|_| f64::from(u8::from(holds(share)))).collect::<Vec<_>>()
                    })
                    .collect();
                let groups: Option<Vec<u64>> = is_grouped.then(|| (0..n as u64 * 10).map(|row| row / 10).collect());
                let found =
                    percentile((values.len(), groups.as_deref()), *sample, 200, |rows| Ok(Some(mean(&values, rows))));
                found.interval.is_some_and(|(low, high)| (low..=high).contains(&0.8))
            })
            .count()
    }

    #[test]
    fn it_holds_the_truth_about_as_often_as_it_says() {
        // What docs/statistics.md says of it; the Monte Carlo error is 0.7 points.
        assert_eq!([coverage(70, false), coverage(300, false), coverage(30, true)], [931, 938, 937]);
    }
}
