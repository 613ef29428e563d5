//! Where a run goes wrong: its predictions on rows that it was not trained on, taken apart.
//!
//! Values in, one plain value out. What could not be looked at says why, in `not_checked`.

pub mod bins;
pub mod calibration;
pub mod confusion;
pub mod examples;
pub mod picture;
pub mod report;
pub mod residuals;
pub mod segments;
pub mod stats;

use serde::Serialize;

use crate::domain::errors::bins::Coded;
use crate::domain::errors::calibration::Calibration;
use crate::domain::errors::confusion::Confusion;
use crate::domain::errors::examples::Examples;
use crate::domain::errors::residuals::Residuals;
use crate::domain::errors::segments::Segments;
use crate::domain::errors::stats::real;
use crate::domain::metric::Problem;

/// How numbers of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    Number,
    /// Days since 1970-01-01.
    Day,
    /// Microseconds since 1970-01-01 UTC.
    Moment,
}

/// The cells of a column, one for each predicted row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Numbers, and points in time as numbers.
    Numbers {
        /// How they are written.
        scale: Scale,
        /// One a row.
        values: Vec<Option<f64>>,
    },
    /// Values by name.
    Levels {
        /// Index into `names`, one a row.
        codes: Vec<Option<u32>>,
        /// The values.
        names: Vec<String>,
    },
}

/// A column of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// Truth and prediction of each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {
    /// A class.
    Classes {
        /// Names of the classes.
        names: Vec<String>,
        /// The class that counts as positive, where there are two.
        positive: Option<usize>,
        /// Index of the true class, one a row.
        truth: Vec<usize>,
        /// Index of the predicted class, one a row.
        predicted: Vec<usize>,
        /// Probabilities, rows × classes, each row adding up to one; nothing where the model gives none.
        chances: Option<Vec<Vec<f64>>>,
    },
    /// A number.
    Numbers {
        /// One a row.
        truth: Vec<f64>,
        /// One a row.
        predicted: Vec<f64>,
    },
}

/// Everything that an analysis is made from. Each list has one entry for each predicted row.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The column that is predicted.
    pub target: String,
    /// Index of each row in the data file, from zero.
    pub rows: Vec<u64>,
    /// What has to stay together where rows are not independent: the group of each row.
    pub groups: Option<Vec<u64>>,
    /// Truth and prediction.
    pub answers: Answers,
    /// Columns that the model was given, or why they are not here.
    pub columns: Result<Vec<Column>, String>,
    /// What was left out while this was read.
    pub notes: Vec<String>,
}

/// What is averaged where rows are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Squared error of the probabilities, summed over the classes; of two classes, that of one (Brier 1950,
    /// *Verification of forecasts expressed in terms of probability*, Monthly Weather Review 78). Bounded, so a mean over a
    /// few dozen rows does not hang on one of them as the mean of log losses does.
    Brier,
    /// One where the class is wrong, else zero: the model gives no probabilities.
    ZeroOne,
    /// Absolute error in units of the target.
    AbsoluteError,
}

impl Loss {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Brier => "mean Brier score",
            Self::ZeroOne => "share of wrong rows",
            Self::AbsoluteError => "mean absolute error",
        }
    }
}

/// A run's errors, taken apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorAnalysis {
    /// The column that is predicted.
    pub target: String,
    /// What kind of answer.
    pub problem: Problem,
    /// Rows that were predicted by a model that was not trained on them.
    pub n_rows: u64,
    /// What is averaged.
    pub loss: Loss,
    /// Its mean over all rows.
    pub mean_loss: Option<f64>,
    /// Where it is worse than elsewhere.
    pub segments: Segments,
    /// Whether probabilities mean what they say; for a number, the mean residual along the prediction.
    pub calibration: Calibration,
    /// Which class is taken for which; nothing where a number is predicted.
    pub confusion: Option<Confusion>,
    /// Along which column the error moves.
    pub residuals: Residuals,
    /// Rows to look at.
    pub examples: Examples,
    /// What was left out while predictions and data were read.
    pub notes: Vec<String>,
}

/// Cells of columns that are looked at: the memory and the time of an analysis are bounded by it.
pub const MAX_CELLS: usize = 20_000_000;

/// Takes a run's errors apart.
pub fn analyse(input: &Input) -> ErrorAnalysis {
    let n = input.rows.len();
    let (loss, losses) = losses(&input.answers);
    let mean_loss = (n > 0).then(|| losses.iter().sum::<f64>() / real(n));
    let mut notes = input.notes.clone();
    let columns: Result<&[Column], &str> = match &input.columns {
        Ok(columns) => {
            let most = (MAX_CELLS / n.max(1)).max(1);
            if columns.len() > most {
                let left = columns.len() - most;
                notes.push(format!("the last {left} columns were not looked at: with {n} rows that is too much"));
            }
            Ok(&columns[..columns.len().min(most)])
        }
        Err(why) => Err(why),
    };
    let coded = columns.map(|columns| columns.iter().filter_map(|column| Coded::of(column, n)).collect::<Vec<_>>());
    let (segments, residuals) = match coded {
        Ok(coded) => (
            segments::find(&segments::Question {
                rows: &input.rows,
                groups: input.groups.as_deref(),
                losses: &losses,
                columns: &coded,
            }),
            residuals::by_column(&input.answers, &coded),
        ),
        Err(why) => (Segments::not_checked(why), Residuals::not_checked(why)),
    };
    ErrorAnalysis {
        target: input.target.clone(),
        problem: match &input.answers {
            Answers::Numbers { .. } => Problem::Regression,
            Answers::Classes { names, .. } if names.len() > 2 => Problem::Multiclass,
            Answers::Classes { .. } => Problem::Binary,
        },
        n_rows: n as u64,
        loss,
        mean_loss,
        segments,
        calibration: calibration::of(&input.answers),
        confusion: confusion::of(&input.answers),
        residuals,
        examples: examples::of(input),
        notes,
    }
}

/// The loss of each row.
fn losses(answers: &Answers) -> (Loss, Vec<f64>) {
    match answers {
        Answers::Numbers { truth, predicted } => (
            Loss::AbsoluteError,
            truth.iter().zip(predicted).map(|(truth, predicted)| (truth - predicted).abs()).collect(),
        ),
        Answers::Classes { truth, predicted, chances: None, .. } => (
            Loss::ZeroOne,
            truth.iter().zip(predicted).map(|(truth, predicted)| f64::from(u8::from(truth != predicted))).collect(),
        ),
        Answers::Classes { truth, chances: Some(chances), .. } => {
            (Loss::Brier, truth.iter().zip(chances).map(|(truth, chances)| brier(*truth, chances)).collect())
        }
    }
}

/// Squared error of the probabilities of one row; of two classes both have the same, and it counts once.
pub fn brier(truth: usize, chances: &[f64]) -> f64 {
    let sum: f64 =
        chances.iter().enumerate().map(|(class, chance)| (chance - f64::from(u8::from(class == truth))).powi(2)).sum();
    if chances.len() == 2 { sum / 2.0 } else { sum }
}

#[cfg(test)]
mod tests;
