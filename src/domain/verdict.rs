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
    /// Where that mean lies with the stated confidence.
    pub interval: Option<(f64, f64)>,
    /// The confidence of the interval.
    pub confidence: f64,
    /// What it says.
    pub label: Label,
    /// How many comparisons have been made on these folds, this one included.
    pub n_comparisons: u64,
    /// How it was computed, or why it was not.
    pub method: String,
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
        }
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

/// Compares two runs by the corrected resampled t interval.
///
/// The folds share training rows, so the plain t interval is too narrow. Nadeau and Bengio (2003, *Inference for the
/// generalization error*, Machine Learning 52) put `1/J + n_valid/n_train` in place of `1/J`.
pub fn compare(pair: Pair<'_>, direction: Direction, against: &str, n_comparisons: u64) -> Verdict {
    if pair.own.len() != pair.other.len() || pair.own.len() < 2 {
        return Verdict::not_checked("the two runs do not share at least two folds", n_comparisons);
    }
    let differences: Vec<f64> = pair.own.iter().zip(pair.other).map(|(own, other)| own - other).collect();
    let (mean, std) = mean_std(&differences);
    let n = u32::try_from(differences.len()).unwrap_or(u32::MAX);
    let error = std.unwrap_or(0.0) * (1.0 / f64::from(n) + pair.valid_to_train).sqrt();
    let reach = t_quantile(f64::from(n - 1)) * error;
    let interval = (mean - reach, mean + reach);
    let (up, down) = (interval.0 > 0.0, interval.1 < 0.0);
    let label = match direction {
        Direction::Maximize if up => Label::Better,
        Direction::Maximize if down => Label::Worse,
        Direction::Minimize if down => Label::Better,
        Direction::Minimize if up => Label::Worse,
        Direction::Maximize | Direction::Minimize => Label::NotDistinguishable,
    };
    Verdict {
        against: Some(against.to_owned()),
        mean_difference: Some(mean),
        interval: Some(interval),
        confidence: CONFIDENCE,
        label,
        n_comparisons,
        method: format!("paired differences over {n} folds, corrected resampled t interval (Nadeau and Bengio 2003)"),
    }
}

fn t_quantile(degrees: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(own: &[f64], other: &[f64], direction: Direction) -> Verdict {
        compare(Pair { own, other, valid_to_train: 0.25 }, direction, "r1", 3)
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
    fn what_cannot_be_compared_is_not_checked() {
        assert_eq!(check(&[0.8], &[0.7], Direction::Maximize).label, Label::NotChecked);
        assert_eq!(check(&[0.8, 0.9], &[0.7], Direction::Maximize).label, Label::NotChecked);
    }
}
