//! Rows to look at: the surest mistakes, the greatest residuals, the narrowest decisions.

use serde::Serialize;

use crate::domain::errors::{Answers, Input};

/// Rows of each kind.
const N: usize = 10;

/// A row to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// Its index in the data file, from zero.
    pub row: u64,
    /// The truth: a class, or a number.
    pub truth: String,
    /// What was predicted.
    pub predicted: String,
    /// Probability of what was predicted.
    pub confidence: Option<f64>,
    /// Truth minus prediction, of a number.
    pub residual: Option<f64>,
}

/// Rows to look at. A list that makes no sense here is not there; one that holds nothing is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Examples {
    /// Wrong classes, the surest first; where there are no probabilities, in the order of the rows.
    pub wrong: Option<Vec<Example>>,
    /// The greatest residuals.
    pub residuals: Option<Vec<Example>>,
    /// The narrowest decisions: the two most likely classes are nearest to each other.
    pub nearest: Option<Vec<Example>>,
}

/// Chooses rows.
pub fn of(input: &Input) -> Examples {
    match &input.answers {
        Answers::Numbers { truth, predicted } => {
            let mut order: Vec<usize> = (0..truth.len()).collect();
            let size = |row: usize| (truth[row] - predicted[row]).abs();
            order.sort_by(|a, b| size(*b).total_cmp(&size(*a)).then(a.cmp(b)));
            let of = |row: usize| Example {
                row: input.rows[row],
                truth: crate::text::figure::value(truth[row]),
                predicted: crate::text::figure::value(predicted[row]),
                confidence: None,
                residual: Some(truth[row] - predicted[row]),
            };
            Examples { residuals: Some(order.into_iter().take(N).map(of).collect()), ..Examples::default() }
        }
        Answers::Classes { names, truth, predicted, chances, .. } => {
            let confidence = |row: usize| chances.as_ref().map(|chances| chances[row][predicted[row]]);
            let example = |row: usize| Example {
                row: input.rows[row],
                truth: names[truth[row]].clone(),
                predicted: names[predicted[row]].clone(),
                confidence: confidence(row),
                residual: None,
            };
            let mut wrong: Vec<usize> = (0..truth.len()).filter(|row| truth[*row] != predicted[*row]).collect();
            let sure = |row: usize| confidence(row).unwrap_or(0.0);
            wrong.sort_by(|a, b| sure(*b).total_cmp(&sure(*a)).then(a.cmp(b)));
            let nearest = chances.as_ref().map(|chances| {
                let margin = |row: usize| {
                    let (mut first, mut second) = (0.0_f64, 0.0_f64);
                    for chance in &chances[row] {
                        if *chance > first {
                            (first, second) = (*chance, first);
                        } else {
                            second = second.max(*chance);
                        }
                    }
                    first - second
                };
                let mut order: Vec<usize> = (0..truth.len()).collect();
                order.sort_by(|a, b| margin(*a).total_cmp(&margin(*b)).then(a.cmp(b)));
                order.into_iter().take(N).map(example).collect()
            });
            Examples { wrong: Some(wrong.into_iter().take(N).map(example).collect()), residuals: None, nearest }
        }
    }
}
