//! What the data says about the target: how well one column alone predicts it, and what was written after it.

use crate::domain::metric::{Metric, Problem};
use crate::domain::profile::share;
use crate::text::RawText;

/// The cells of one column, as far as prediction cares.
#[derive(Clone, Debug, PartialEq)]
pub enum Feature {
    /// Numbers, and points in time as numbers.
    Numbers(Vec<Option<f64>>),
    /// Values by code.
    Codes(Vec<Option<u32>>),
}

/// The target's cells.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A class by code, below the number of classes.
    Classes(Vec<Option<u32>>, u32),
    /// A number.
    Numbers(Vec<Option<f64>>),
}

/// How well one column alone predicts the target, on rows it was not fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// Index of the column.
    pub column: usize,
    /// What `score` is: ROC AUC, balanced accuracy or R².
    pub metric: Metric,
    /// The score.
    pub score: f64,
    /// Rows it rests on.
    pub n_rows: u64,
    /// The class in whose rows alone the column has a value, with the share of that class that has one.
    pub filled_only_for: Option<(RawText, f64)>,
    /// A few rows that show it.
    pub rows: Vec<u64>,
}

/// A date that lies after the date at which the row was observed.
#[derive(Clone, Debug, PartialEq)]
pub struct DateAfter {
    /// Index of the column.
    pub column: usize,
    /// Index of the column that says when the row was observed.
    pub reference: usize,
    /// Rows where it lies after.
    pub n_after: u64,
    /// Rows where both have a value.
    pub n_compared: u64,
    /// A few of the rows.
    pub rows: Vec<u64>,
}

/// What the data says about the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Index of the target's column.
    pub target: Option<usize>,
    /// Classes with their rows, the most frequent first; empty for a numeric target.
    pub classes: Vec<(RawText, u64)>,
    /// Every other column's score.
    pub alone: Vec<Alone>,
    /// Dates after the reference date.
    pub dates_after: Vec<DateAfter>,
}

const FOLDS: usize = 5;
const MAX_BINS: usize = 32;

/// Scores one column as the only predictor: bins of the column predict by the target's mean (or the most
/// frequent class) in the other four fifths of the rows; a missing value is a bin of its own.
///
/// Returns the metric, the score and the rows it rests on; `None` where there is nothing to predict.
pub fn score_alone(feature: &Feature, target: &Target) -> Option<(Metric, f64, u64)> {
    let (bins, n_bins) = bins_of(feature);
    match target {
        Target::Classes(classes, 2) => {
            let (predicted, truth) = predict_means(&bins, n_bins, |row| classes[row].map(f64::from));
            roc_auc(&predicted, &truth).map(|auc| (Metric::RocAuc, auc, truth.len() as u64))
        }
        Target::Classes(classes, n_classes) => balanced_accuracy(&bins, n_bins, classes, *n_classes as usize)
            .map(|(score, n)| (Metric::BalancedAccuracy, score, n)),
        Target::Numbers(numbers) => {
            let (predicted, truth) = predict_means(&bins, n_bins, |row| numbers[row]);
            r_squared(&predicted, &truth).map(|score| (Metric::R2, score, truth.len() as u64))
        }
    }
}

/// A bin for each row; bin 0 holds the rows without a value.
fn bins_of(feature: &Feature) -> (Vec<usize>, usize) {
    match feature {
        Feature::Codes(codes) => {
            let n = codes.iter().flatten().max().map_or(1, |max| *max as usize + 2);
            (codes.iter().map(|code| code.map_or(0, |code| code as usize + 1)).collect(), n)
        }
        Feature::Numbers(numbers) => {
            let mut sorted: Vec<f64> = numbers.iter().flatten().copied().filter(|value| !value.is_nan()).collect();
            sorted.sort_by(f64::total_cmp);
            let mut edges: Vec<f64> =
                (1..MAX_BINS).filter_map(|bin| sorted.get(bin * sorted.len() / MAX_BINS).copied()).collect();
            edges.dedup();
            let bin = |value: f64| 1 + edges.partition_point(|edge| *edge <= value);
            let bins = numbers.iter().map(|value| value.filter(|value| !value.is_nan()).map_or(0, bin)).collect();
            (bins, edges.len() + 2)
        }
    }
}

fn predict_means(bins: &[usize], n_bins: usize, truth_of: impl Fn(usize) -> Option<f64>) -> (Vec<f64>, Vec<f64>) {
    let mut sums = vec![(0.0, 0.0); n_bins * FOLDS];
    let mut total = (0.0, 0.0);
    let rows: Vec<(usize, f64)> = (0..bins.len()).filter_map(|row| truth_of(row).map(|truth| (row, truth))).collect();
    for (row, truth) in &rows {
        let cell = &mut sums[bins[*row] * FOLDS + row % FOLDS];
        *cell = (cell.0 + truth, cell.1 + 1.0);
        total = (total.0 + truth, total.1 + 1.0);
    }
    let prior = if total.1 > 0.0 { total.0 / total.1 } else { 0.0 };
    let per_bin: Vec<(f64, f64)> = sums
        .chunks(FOLDS)
        .map(|folds| folds.iter().fold((0.0, 0.0), |sum, fold| (sum.0 + fold.0, sum.1 + fold.1)))
        .collect();
    rows.into_iter()
        .map(|(row, truth)| {
            let (all, own) = (per_bin[bins[row]], sums[bins[row] * FOLDS + row % FOLDS]);
            // One row's worth of prior keeps a rare value from looking certain.
            ((all.0 - own.0 + prior) / (all.1 - own.1 + 1.0), truth)
        })
        .unzip()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn balanced_accuracy(bins: &[usize], n_bins: usize, classes: &[Option<u32>], n_classes: usize) -> Option<(f64, u64)> {
    let mut counts = vec![0u64; n_bins * FOLDS * n_classes];
    let at = |bin: usize, fold: usize, class: usize| (bin * FOLDS + fold) * n_classes + class;
    let mut prior = vec![0u64; n_classes];
    for (row, class) in classes.iter().enumerate().filter_map(|(row, class)| class.map(|class| (row, class as usize))) {
        counts[at(bins[row], row % FOLDS, class)] += 1;
        prior[class] += 1;
    }
    let (mut hits, mut seen) = (vec![0u64; n_classes], vec![0u64; n_classes]);
    for (row, class) in classes.iter().enumerate().filter_map(|(row, class)| class.map(|class| (row, class as usize))) {
        // Weighted by the inverse of the class's size, which is what balanced accuracy rewards.
        let weight = |other: usize| {
            let n: u64 =
                (0..FOLDS).filter(|fold| *fold != row % FOLDS).map(|fold| counts[at(bins[row], fold, other)]).sum();
            n as f64 / prior[other].max(1) as f64
        };
        let best = (0..n_classes).max_by(|a, b| weight(*a).total_cmp(&weight(*b)))?;
        seen[class] += 1;
        hits[class] += u64::from(best == class);
    }
    let recalls: Vec<f64> =
        seen.iter().zip(&hits).filter(|(seen, _)| **seen > 0).map(|(seen, hits)| share(*hits, *seen)).collect();
    (recalls.len() > 1).then(|| (recalls.iter().sum::<f64>() / recalls.len() as f64, seen.iter().sum()))
}

/// Area under the ROC curve by ranks, ties counting half. `truth` holds 0 and 1.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
pub fn roc_auc(predicted: &[f64], truth: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..predicted.len()).collect();
    order.sort_by(|a, b| predicted[*a].total_cmp(&predicted[*b]));
    let n_positive = truth.iter().filter(|truth| **truth > 0.5).count() as f64;
    let n_negative = truth.len() as f64 - n_positive;
    if n_positive == 0.0 || n_negative == 0.0 {
        return None;
    }
    let mut rank_sum = 0.0;
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && predicted[order[end]].total_cmp(&predicted[order[start]]).is_eq() {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        rank_sum += rank * order[start..end].iter().filter(|row| truth[**row] > 0.5).count() as f64;
        start = end;
    }
    Some((rank_sum - n_positive * (n_positive + 1.0) / 2.0) / (n_positive * n_negative))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn r_squared(predicted: &[f64], truth: &[f64]) -> Option<f64> {
    let mean = truth.iter().sum::<f64>() / truth.len().max(1) as f64;
    let total: f64 = truth.iter().map(|value| (value - mean).powi(2)).sum();
    let rest: f64 = truth.iter().zip(predicted).map(|(value, guess)| (value - guess).powi(2)).sum();
    (total > 0.0).then(|| 1.0 - rest / total)
}

/// The class in whose rows alone a column has a value: at least nine in ten of its rows have one, and at most
/// one in a hundred of all others. Returns the class's code, that share, and a few rows.
pub fn filled_only_for(has_value: &[bool], classes: &[Option<u32>], n_classes: u32) -> Option<(u32, f64, Vec<u64>)> {
    let mut counts = vec![(0u64, 0u64); n_classes as usize];
    for (filled, class) in has_value.iter().zip(classes) {
        if let Some(count) = class.and_then(|class| counts.get_mut(class as usize)) {
            *count = (count.0 + u64::from(*filled), count.1 + 1);
        }
    }
    let all = counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    counts.iter().enumerate().find_map(|(code, (filled, n))| {
        let code = u32::try_from(code).ok()?;
        let (rest_filled, rest_n) = (all.0 - filled, all.1 - n);
        let found = *n >= 5 && rest_n >= 5 && share(*filled, *n) >= 0.9 && share(rest_filled, rest_n) <= 0.01;
        found.then(|| {
            let rows = (0..has_value.len()).filter(|row| has_value[*row] && classes[*row] == Some(code)).take(5);
            (code, share(*filled, *n), rows.map(|row| row as u64).collect())
        })
    })
}

/// What a target's problem is measured by when one column alone predicts it.
pub fn alone_metric(problem: Problem) -> Metric {
    match problem {
        Problem::Binary => Metric::RocAuc,
        Problem::Multiclass => Metric::BalancedAccuracy,
        Problem::Regression => Metric::R2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_by_ranks_equals_the_definition_by_pairs() {
        let predicted = [0.1, 0.4, 0.35, 0.8, 0.4];
        let truth = [0.0, 0.0, 1.0, 1.0, 1.0];
        let mut won = 0.0;
        for positive in [2, 3, 4] {
            for negative in [0, 1] {
                let (p, n): (f64, f64) = (predicted[positive], predicted[negative]);
                won += if p > n {
                    1.0
                } else if p < n {
                    0.0
                } else {
                    0.5
                };
            }
        }
        assert_eq!(roc_auc(&predicted, &truth), Some(won / 6.0));
        assert_eq!(roc_auc(&[0.5], &[1.0]), None);
    }

    #[test]
    fn a_column_that_is_filled_only_after_the_outcome_predicts_alone() {
        let classes: Vec<Option<u32>> = (0..1000).map(|row| Some(u32::from(row % 4 == 0))).collect();
        let reason = Feature::Codes((0..1000).map(|row| (row % 4 == 0).then_some(row % 3)).collect());
        let (metric, score, n) = score_alone(&reason, &Target::Classes(classes.clone(), 2)).unwrap();
        assert_eq!((metric, n), (Metric::RocAuc, 1000));
        assert!(score > 0.999, "{score}");
        let has_value: Vec<bool> = (0..1000).map(|row| row % 4 == 0).collect();
        assert_eq!(filled_only_for(&has_value, &classes, 2), Some((1, 1.0, vec![0, 4, 8, 12, 16])));
    }

    #[test]
    fn an_identifier_predicts_nothing_on_rows_it_was_not_fitted_to() {
        let mut random = crate::domain::split::SplitMix::new(3);
        let classes: Vec<Option<u32>> = (0..2000).map(|_| Some(u32::from(random.below(3) == 0))).collect();
        let id = Feature::Codes((0..2000).map(Some).collect());
        let noise = Feature::Numbers((0..2000).map(|row| Some(f64::from((row * 7919) % 2003))).collect());
        for feature in [id, noise] {
            let (_, score, _) = score_alone(&feature, &Target::Classes(classes.clone(), 2)).unwrap();
            assert!((0.4..0.6).contains(&score), "{score}");
        }
    }

    #[test]
    fn a_copy_of_a_numeric_target_is_seen() {
        let target: Vec<Option<f64>> = (0..500).map(|row| Some(f64::from(row * row))).collect();
        let copy = Feature::Numbers(target.iter().map(|value| value.map(|value| value * 2.0 + 1.0)).collect());
        let (metric, score, _) = score_alone(&copy, &Target::Numbers(target)).unwrap();
        assert!(metric == Metric::R2 && score > 0.99, "{score}");
    }
}
