//! Whether probabilities mean what they say, and whether numbers are too high or too low along the prediction.

use serde::Serialize;

use crate::domain::errors::Answers;
use crate::domain::errors::stats::{Sums, equal_counts, real, wilson};
use crate::text::figure;

/// Most bins.
const MAX_BINS: usize = 10;
/// Rows that a bin should have.
const ROWS_A_BIN: usize = 20;

/// Rows with about the same prediction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Rows.
    pub n: u64,
    /// Smallest and largest prediction.
    pub range: (f64, f64),
    /// Mean prediction: a probability, or a number in units of the target.
    pub predicted: f64,
    /// What was observed: the share of rows for which it came true, or the mean residual (truth minus prediction).
    pub observed: f64,
    /// Where that lies with 95 % confidence, by Wilson for a share, by Student's t for a mean.
    pub interval: Option<(f64, f64)>,
}

/// The Brier score taken apart (Murphy 1973, *A new vector partition of the probability score*, J. Applied Meteorology 12):
/// score = reliability − resolution + uncertainty + within. The last is what binning hides (Stephenson, Coelho and Jolliffe
/// 2008, *Two extra components in the Brier score decomposition*, Weather and Forecasting 23).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Decomposition {
    /// Mean squared distance of the observed shares from the predictions: zero is perfect.
    pub reliability: f64,
    /// Mean squared distance of the observed shares from the overall share: more is better.
    pub resolution: f64,
    /// What a constant prediction of the overall share scores.
    pub uncertainty: f64,
    /// What is left, since predictions inside a bin differ.
    pub within: f64,
}

/// Predictions in bins against what was observed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Why nothing was looked at.
    pub not_checked: Option<String>,
    /// Which prediction of what.
    pub what: String,
    /// By prediction, ascending; about the same number of rows in each.
    pub bins: Vec<Bin>,
    /// Expected calibration error: mean distance of observed share and mean prediction over the bins, by their rows (Naeini,
    /// Cooper and Hauskrecht 2015, *Obtaining well calibrated probabilities using Bayesian binning*, AAAI).
    pub ece: Option<f64>,
    /// What that distance would be by chance alone, were the probabilities right: the mean of a half-normal distribution,
    /// `√(2/π) · √(p (1 − p) / n)` in each bin.
    pub ece_by_chance: Option<f64>,
    /// Brier score of what the bins are about.
    pub brier: Option<f64>,
    /// That score taken apart.
    pub decomposition: Option<Decomposition>,
}

impl Calibration {
    fn not_checked(why: String) -> Self {
        Self { not_checked: Some(why), ..Self::default() }
    }
}

/// Bins for so many rows.
fn n_bins(n: usize) -> usize {
    (n / ROWS_A_BIN).clamp(1, MAX_BINS)
}

/// Bins predictions. Of two classes the probability of the positive one is looked at, of more the greatest in each row (Guo
/// et al. 2017, *On calibration of modern neural networks*, ICML).
pub fn of(answers: &Answers) -> Calibration {
    match answers {
        Answers::Numbers { truth, predicted } => of_numbers(truth, predicted),
        Answers::Classes { chances: None, .. } => {
            Calibration::not_checked("the model gives no probabilities".to_owned())
        }
        Answers::Classes { names, positive, truth, chances: Some(chances), .. } => {
            let (what, pairs): (String, Vec<(f64, bool)>) = match (names.len(), positive) {
                (2, Some(class)) => (
                    format!("probability of {}", names.get(*class).map_or("the positive class", String::as_str)),
                    chances.iter().zip(truth).map(|(row, truth)| (row[*class], truth == class)).collect(),
                ),
                _ => (
                    "probability of the class that is most likely in the row".to_owned(),
                    chances
                        .iter()
                        .zip(truth)
                        .map(|(row, truth)| {
                            let top = (0..row.len()).fold(0, |top, at| if row[at] > row[top] { at } else { top });
                            (row.get(top).copied().unwrap_or(0.0), *truth == top)
                        })
                        .collect(),
                ),
            };
            of_chances(what, pairs)
        }
    }
}

fn of_chances(what: String, mut pairs: Vec<(f64, bool)>) -> Calibration {
    let n = pairs.len();
    if n < 2 * ROWS_A_BIN {
        return Calibration::not_checked(format!("{} are too few to bin", figure::plural(n as u64, "row")));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let sorted: Vec<f64> = pairs.iter().map(|(chance, _)| *chance).collect();
    let mut start = 0;
    let mut bins = Vec::new();
    for end in equal_counts(&sorted, n_bins(n)) {
        let rows = &pairs[start..end];
        let hits = rows.iter().filter(|(_, hit)| *hit).count();
        bins.push(Bin {
            n: rows.len() as u64,
            range: (sorted[start], sorted[end - 1]),
            predicted: sorted[start..end].iter().sum::<f64>() / real(rows.len()),
            observed: real(hits) / real(rows.len()),
            interval: Some(wilson(hits, rows.len())),
        });
        start = end;
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    let weighed = |of: &dyn Fn(&Bin) -> f64| bins.iter().map(|bin| bin.n as f64 / real(n) * of(bin)).sum::<f64>();
    let share = real(pairs.iter().filter(|(_, hit)| *hit).count()) / real(n);
    let brier = pairs.iter().map(|(chance, hit)| (chance - f64::from(u8::from(*hit))).powi(2)).sum::<f64>() / real(n);
    let reliability = weighed(&|bin| (bin.predicted - bin.observed).powi(2));
    let resolution = weighed(&|bin| (bin.observed - share).powi(2));
    let uncertainty = share * (1.0 - share);
    #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
    let by_chance = |bin: &Bin| {
        let p = bin.predicted.clamp(0.0, 1.0);
        (std::f64::consts::FRAC_2_PI * p * (1.0 - p) / bin.n as f64).sqrt()
    };
    Calibration {
        not_checked: None,
        what,
        ece: Some(weighed(&|bin| (bin.predicted - bin.observed).abs())),
        ece_by_chance: Some(weighed(&by_chance)),
        brier: Some(brier),
        decomposition: Some(Decomposition {
            reliability,
            resolution,
            uncertainty,
            within: brier - (reliability - resolution + uncertainty),
        }),
        bins,
    }
}

fn of_numbers(truth: &[f64], predicted: &[f64]) -> Calibration {
    let n = truth.len();
    if n < 2 * ROWS_A_BIN {
        return Calibration::not_checked(format!("{} are too few to bin", figure::plural(n as u64, "row")));
    }
    let mut pairs: Vec<(f64, f64)> = predicted.iter().copied().zip(truth.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let sorted: Vec<f64> = pairs.iter().map(|(predicted, _)| *predicted).collect();
    let mut start = 0;
    let mut bins = Vec::new();
    for end in equal_counts(&sorted, n_bins(n)) {
        let residuals = Sums::of(pairs[start..end].iter().map(|(predicted, truth)| truth - predicted));
        bins.push(Bin {
            n: residuals.n as u64,
            range: (sorted[start], sorted[end - 1]),
            predicted: sorted[start..end].iter().sum::<f64>() / real(end - start),
            observed: residuals.mean(),
            interval: residuals.interval(),
        });
        start = end;
    }
    Calibration { what: "mean residual, truth minus prediction".to_owned(), bins, ..Calibration::default() }
}
