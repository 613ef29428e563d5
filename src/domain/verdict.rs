//! Better, worse or not distinguishable: what paired folds can and can't tell.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::domain::metric::Direction;
use crate::domain::run::mean_std;

/// What the interval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Label {
    /// The whole interval lies on the better side.
    #[serde(rename = "better")]
    Better,
    /// The whole interval lies on the worse side.
    #[serde(rename = "worse")]
    Worse,
    /// The interval holds zero.
    #[serde(rename = "not distinguishable")]
    NotDistinguishable,
    /// There was nothing to compare with.
    #[serde(rename = "not checked")]
    NotChecked,
}

impl Label {
    /// The words in JSON and on the screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotDistinguishable => "not distinguishable",
            Self::NotChecked => "not checked",
        }
    }
}

/// The comparison of one run with another on the same folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The run it was compared with.
    pub against: Option<String>,
    /// Mean over the folds of this run's score minus the other's.
    pub mean_difference: Option<f64>,
    /// Where that mean lies with the stated confidence, for this comparison by itself.
    pub interval: Option<(f64, f64)>,
    /// The confidence of the interval.
    pub confidence: f64,
    /// What it says, all comparisons that were made taken together.
    pub label: Label,
    /// How many comparisons have been made on these folds, this one included.
    pub n_comparisons: u64,
    /// How it was computed, or why it was not.
    pub method: String,
    /// How often chance alone gives a difference of this size, for this comparison by itself.
    #[serde(default)]
    pub p_value: Option<f64>,
    /// The same for all comparisons taken together, after Holm.
    #[serde(default)]
    pub p_adjusted: Option<f64>,
    /// The interval that the label is read from: wider where more was compared.
    #[serde(default)]
    pub adjusted_interval: Option<(f64, f64)>,
    /// How far the linear baseline's mean moves when nothing but the cut of the folds changes: one standard deviation.
    #[serde(default)]
    pub noise_floor: Option<f64>,
}

/// The confidence of every interval.
pub const CONFIDENCE: f64 = 0.95;

impl Verdict {
    /// No comparison, and why.
    pub fn not_checked(why: &str, n_comparisons: u64) -> Self {
        Self {
            against: None,
            mean_difference: None,
            interval: None,
            confidence: CONFIDENCE,
            label: Label::NotChecked,
            n_comparisons,
            method: why.to_owned(),
            p_value: None,
            p_adjusted: None,
            adjusted_interval: None,
            noise_floor: None,
        }
    }

    /// The interval that the label is read from.
    pub fn shown(&self) -> Option<(f64, f64)> {
        self.adjusted_interval.or(self.interval)
    }

    /// What the number of comparisons did to it, where that matters: this one alone would have said something else.
    pub fn caveat(&self) -> Option<String> {
        let (low, high) = self.interval?;
        let alone = low > 0.0 || high < 0.0;
        (alone && self.label == Label::NotDistinguishable).then(|| {
            format!(
                "alone it would stand out, among {} comparisons it does not (p {:.3}, after Holm {:.3})",
                self.n_comparisons,
                self.p_value.unwrap_or(1.0),
                self.p_adjusted.unwrap_or(1.0)
            )
        })
    }
}

/// Scores of a run and of the one it is compared with, fold by fold.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The run in question.
    pub own: &'a [f64],
    /// The run it is compared with.
    pub other: &'a [f64],
    /// Rows validated on divided by rows trained on, in the mean.
    pub valid_to_train: f64,
}

/// A mean of paired differences with what is known of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Difference {
    mean: f64,
    error: f64,
    degrees: f64,
}

impl Difference {
    fn of(pair: Pair<'_>) -> Self {
        let differences: Vec<f64> = pair.own.iter().zip(pair.other).map(|(own, other)| own - other).collect();
        let (mean, std) = mean_std(&differences);
        let n = f64::from(u32::try_from(differences.len()).unwrap_or(u32::MAX));
        Self { mean, error: std.unwrap_or(0.0) * (1.0 / n + pair.valid_to_train).sqrt(), degrees: n - 1.0 }
    }

    fn interval(self, confidence: f64) -> (f64, f64) {
        let quantile = StudentsT::new(0.0, 1.0, self.degrees)
            .map_or(f64::INFINITY, |t| t.inverse_cdf(f64::midpoint(1.0, confidence)));
        let reach = if self.error > 0.0 { quantile * self.error } else { 0.0 };
        (self.mean - reach, self.mean + reach)
    }

    /// Two-sided.
    fn p_value(self) -> f64 {
        if self.error > 0.0 {
            let t = (self.mean / self.error).abs();
            StudentsT::new(0.0, 1.0, self.degrees).map_or(1.0, |distribution| 2.0 * distribution.sf(t))
        } else if self.mean == 0.0 {
            1.0
        } else {
            0.0
        }
    }
}

/// Compares two runs by the corrected resampled t interval. `earlier` holds the p-value of each comparison that was made
/// before on the same folds; one that is not known counts as 1.
///
/// The folds share training rows, so the plain t interval is too narrow. Nadeau and Bengio (2003, *Inference for the
/// generalization error*, Machine Learning 52) put `1/J + n_valid/n_train` in place of `1/J`. What was tried before widens
/// it further, after Holm (1979, *A simple sequentially rejective multiple test procedure*, Scand. J. Statist. 6).
pub fn compare(pair: Pair<'_>, direction: Direction, against: &str, earlier: &[f64]) -> Verdict {
    let n_comparisons = earlier.len() as u64 + 1;
    if pair.own.len() != pair.other.len() || pair.own.len() < 2 {
        return Verdict::not_checked("the two runs do not share at least two folds", n_comparisons - 1);
    }
    let difference = Difference::of(pair);
    let p_value = difference.p_value();
    let (p_adjusted, alpha) = holm(p_value, earlier);
    let adjusted = difference.interval(1.0 - alpha);
    let is_distinct = p_adjusted <= 1.0 - CONFIDENCE;
    let label = match direction {
        _ if !is_distinct => Label::NotDistinguishable,
        Direction::Maximize if difference.mean > 0.0 => Label::Better,
        Direction::Minimize if difference.mean < 0.0 => Label::Better,
        Direction::Maximize | Direction::Minimize => Label::Worse,
    };
    let n = pair.own.len();
    let adjusting = if n_comparisons > 1 {
        format!(", adjusted for {n_comparisons} comparisons (Holm 1979)")
    } else {
        String::new()
    };
    Verdict {
        against: Some(against.to_owned()),
        mean_difference: Some(difference.mean),
        interval: Some(difference.interval(CONFIDENCE)),
        confidence: CONFIDENCE,
        label,
        n_comparisons,
        method: format!(
            "paired differences over {n} folds, corrected resampled t interval (Nadeau and Bengio 2003){adjusting}"
        ),
        p_value: Some(p_value),
        p_adjusted: Some(p_adjusted),
        adjusted_interval: Some(adjusted),
        noise_floor: None,
    }
}

/// The p-value after Holm's step-down among all that were compared, and the level at which the interval of this one alone
/// says the same: at it the interval leaves zero out exactly where the adjusted p-value is at most 5 %.
pub(crate) fn holm(own: f64, earlier: &[f64]) -> (f64, f64) {
    let alpha = 1.0 - CONFIDENCE;
    let mut all: Vec<f64> = earlier.to_vec();
    all.push(own);
    all.sort_by(f64::total_cmp);
    let rank = all.partition_point(|p| *p < own);
    let factor = |place: usize| f64::from(u32::try_from(all.len() - place).unwrap_or(u32::MAX));
    let adjusted = (0..=rank).map(|place| (factor(place) * all[place]).min(1.0)).fold(0.0, f64::max);
    let level = if own > 0.0 { alpha * own / adjusted } else { alpha / factor(rank) };
    (adjusted, level.clamp(f64::MIN_POSITIVE, alpha))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(own: &[f64], other: &[f64], direction: Direction) -> Verdict {
        compare(Pair { own, other, valid_to_train: 0.25 }, direction, "r1", &[])
    }

    #[test]
    fn the_interval_is_the_one_computed_by_hand() {
        // Differences .01 .02 .03 .02 .02: mean .02, sd .00707107; sqrt(1/5 + 1/4) = .670820; t(4, .975) = 2.776445.
        let verdict = check(&[0.81, 0.82, 0.83, 0.82, 0.82], &[0.80; 5], Direction::Maximize);
        let (low, high) = verdict.interval.unwrap();
        assert!((verdict.mean_difference.unwrap() - 0.02).abs() < 1e-12);
        assert!((low - 0.006_830_3).abs() < 1e-6 && (high - 0.033_169_7).abs() < 1e-6, "{low} {high}");
        assert_eq!(verdict.label, Label::Better);
        assert_eq!(check(&[0.81, 0.82, 0.83, 0.82, 0.82], &[0.80; 5], Direction::Minimize).label, Label::Worse);
    }

    #[test]
    fn noise_is_not_called_better() {
        let verdict = check(&[0.81, 0.79, 0.83, 0.78, 0.82], &[0.80; 5], Direction::Maximize);
        assert_eq!(verdict.label, Label::NotDistinguishable);
        assert_eq!(check(&[0.8; 5], &[0.8; 5], Direction::Maximize).label, Label::NotDistinguishable);
    }

    #[test]
    fn what_was_tried_before_counts() {
        let (own, other) = ([0.81, 0.82, 0.83, 0.82, 0.82], [0.80; 5]);
        let check = |earlier: &[f64]| {
            compare(Pair { own: &own, other: &other, valid_to_train: 0.25 }, Direction::Maximize, "r1", earlier)
        };
        // t = .02 / (.00707107 · .670820) = 4.21637 with 4 degrees of freedom: p = .0135 two-sided.
        let alone = check(&[]);
        assert!((alone.p_value.unwrap() - 0.0135).abs() < 1e-4, "{alone:?}");
        assert_eq!((alone.p_adjusted, alone.adjusted_interval, alone.caveat()), (alone.p_value, alone.interval, None));
        // Among four that showed nothing it is the first of five, so its p-value counts five times: .0675.
        let among = check(&[0.5, 0.9, 0.4, 1.0]);
        assert!((among.p_adjusted.unwrap() - 5.0 * alone.p_value.unwrap()).abs() < 1e-12);
        assert_eq!((among.label, among.interval), (Label::NotDistinguishable, alone.interval));
        let (low, high) = among.adjusted_interval.unwrap();
        assert!(low < 0.0 && high > 0.04, "{low} {high}");
        assert_eq!(
            among.caveat().unwrap(),
            "alone it would stand out, among 5 comparisons it does not (p 0.014, after Holm 0.068)"
        );
        // Behind one that stands out by far it is the second of two, and counts once.
        let behind = check(&[1e-6]);
        assert_eq!((behind.label, behind.p_adjusted), (Label::Better, alone.p_value));
        // Holm is a step-down: what comes after one that does not stand out does not stand out.
        assert!((holm(0.03, &[0.02, 0.02]).0 - 0.06).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_compared_is_not_checked() {
        assert_eq!(check(&[0.8], &[0.7], Direction::Maximize).label, Label::NotChecked);
        assert_eq!(check(&[0.8, 0.9], &[0.7], Direction::Maximize).label, Label::NotChecked);
    }
}
