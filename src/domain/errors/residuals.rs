//! Along which column the error moves.

use serde::Serialize;

use crate::domain::errors::Answers;
use crate::domain::errors::bins::{Coded, MISSING};
use crate::domain::errors::stats::{self, Sums};

/// Columns that are kept, the ones that explain most.
const MAX_COLUMNS: usize = 20;
/// Fewest rows of a bin that a mean is taken of.
const MIN_ROWS: usize = 5;

/// The mean residual in one bin of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinResidual {
    /// The range or value.
    pub label: String,
    /// Rows.
    pub n: u64,
    /// Mean residual.
    pub mean: f64,
    /// Where that lies with 95 % confidence, by Student's t, rows taken as independent.
    pub interval: Option<(f64, f64)>,
}

/// Residuals along one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnResidual {
    /// The column.
    pub column: String,
    /// Share of the residuals' variance between its bins (eta²).
    pub explained: Option<f64>,
    /// Of the F test that it is none.
    pub p_value: Option<f64>,
    /// After Holm over all columns.
    pub p_adjusted: Option<f64>,
    /// Its bins.
    pub bins: Vec<BinResidual>,
}

/// Residuals along the columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Residuals {
    /// Why nothing was looked at.
    pub not_checked: Option<String>,
    /// What a residual is here.
    pub what: String,
    /// Its mean over all rows.
    pub mean: Option<f64>,
    /// Where it would lie if nothing were wrong: zero for a residual with a sign, else its mean.
    pub centre: Option<f64>,
    /// Columns that were looked at, which the p-values are adjusted for.
    pub n_columns: u64,
    /// The columns that explain most, in that order.
    pub columns: Vec<ColumnResidual>,
}

impl Residuals {
    /// Nothing, and why.
    pub fn not_checked(why: &str) -> Self {
        Self { not_checked: Some(why.to_owned()), ..Self::default() }
    }
}

/// The residual of each row, and what it is.
///
/// Of a number: truth minus prediction. Of two classes: one or zero, as the positive class came true or not, minus its
/// probability. Of more: one minus the probability of the true class. Without probabilities: one where the class is wrong.
fn residuals(answers: &Answers) -> (String, Vec<f64>) {
    match answers {
        Answers::Numbers { truth, predicted } => (
            "truth minus prediction".to_owned(),
            truth.iter().zip(predicted).map(|(truth, predicted)| truth - predicted).collect(),
        ),
        Answers::Classes { names, positive: Some(class), truth, chances: Some(chances), .. } if names.len() == 2 => (
            format!("{} came true (1) or not (0), minus its probability", names[*class]),
            truth
                .iter()
                .zip(chances)
                .map(|(truth, chances)| f64::from(u8::from(truth == class)) - chances[*class])
                .collect(),
        ),
        Answers::Classes { truth, chances: Some(chances), .. } => (
            "one minus the probability of the true class".to_owned(),
            truth.iter().zip(chances).map(|(truth, chances)| 1.0 - chances[*truth]).collect(),
        ),
        Answers::Classes { truth, predicted, chances: None, .. } => (
            "one where the class is wrong, else zero".to_owned(),
            truth.iter().zip(predicted).map(|(truth, predicted)| f64::from(u8::from(truth != predicted))).collect(),
        ),
    }
}

/// The mean residual in the bins of each column, columns that explain most first.
pub fn by_column(answers: &Answers, columns: &[Coded]) -> Residuals {
    let (what, residuals) = residuals(answers);
    if residuals.len() < 4 * MIN_ROWS {
        return Residuals { what, ..Residuals::not_checked("there are too few rows") };
    }
    let all = Sums::of(residuals.iter().copied());
    let mut found: Vec<ColumnResidual> = Vec::new();
    for column in columns {
        let mut bins = vec![Sums::default(); column.n_bins() + 1];
        for (code, residual) in column.codes.iter().zip(&residuals) {
            let at = usize::from(*code).min(column.n_bins());
            bins[at].add(residual - all.mean());
        }
        let enough: Vec<Sums> = bins.iter().copied().filter(|bin| bin.n >= MIN_ROWS).collect();
        let tested = stats::between(&enough);
        let label = |at: usize| {
            let code = if at == column.n_bins() { MISSING } else { u16::try_from(at).unwrap_or(MISSING) };
            column.label(code)
        };
        let bins = bins
            .iter()
            .enumerate()
            .filter(|(_, bin)| bin.n >= MIN_ROWS)
            .map(|(at, bin)| BinResidual {
                label: label(at),
                n: bin.n as u64,
                mean: bin.mean() + all.mean(),
                interval: bin.interval().map(|(low, high)| (low + all.mean(), high + all.mean())),
            })
            .collect();
        found.push(ColumnResidual {
            column: column.name.clone(),
            explained: tested.map(|(share, _)| share),
            p_value: tested.map(|(_, p)| p),
            p_adjusted: None,
            bins,
        });
    }
    let chances: Vec<f64> = found.iter().filter_map(|column| column.p_value).collect();
    let mut adjusted = stats::holm(&chances).into_iter();
    for column in found.iter_mut().filter(|column| column.p_value.is_some()) {
        column.p_adjusted = adjusted.next().map(|(p, _)| p);
    }
    let has_sign = match answers {
        Answers::Numbers { .. } => true,
        Answers::Classes { names, positive, chances, .. } => {
            names.len() == 2 && positive.is_some() && chances.is_some()
        }
    };
    let centre = Some(if has_sign { 0.0 } else { all.mean() });
    let n_columns = found.len() as u64;
    found.retain(|column| column.explained.is_some());
    // By p-value, since a column with many bins explains more by chance.
    let rank = |column: &ColumnResidual| (column.p_value.unwrap_or(1.0), -column.explained.unwrap_or(0.0));
    found.sort_by(|a, b| rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal));
    found.truncate(MAX_COLUMNS);
    Residuals { not_checked: None, what, mean: Some(all.mean()), centre, n_columns, columns: found }
}
