//! The values that charts are drawn from: columns of the open table, of all rows or of those that the view shows.

use std::collections::HashMap;

use polars::prelude::{DataType, IdxCa, NamedFrom, PlSmallStr};
use tokio_util::sync::CancellationToken;

use super::Table;
use super::frame::TypedColumn;
use crate::domain::charts::{self, Chart, MAX_MATRIX, Subject, Values, Wanted};
use crate::domain::failure::Failure;
use crate::domain::kind::Kind;
use crate::domain::view::RowOrder;
use crate::text::SafeText;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap::fit;

impl Table {
    /// Draws columns of this table, of the rows of a view or of all.
    pub fn draw(&self, wanted: Wanted, rows: Option<&RowOrder>, cancel: &CancellationToken) -> Result<Chart, Failure> {
        let n = self.source.columns.len();
        let columns: Vec<usize> = match wanted {
            Wanted::Alone { column, .. } => vec![column],
            Wanted::Pair { x, y } => vec![x, y],
            // Twice as many as are drawn: some may not be comparable.
            Wanted::Matrix => (0..n.min(MAX_MATRIX * 2)).collect(),
        };
        let frame = self.frame(&columns, cancel)?;
        let subjects: Vec<Subject> = columns
            .iter()
            .zip(&frame.columns)
            .map(|(idx, column)| Subject {
                label: self.source.columns[*idx].label.clone(),
                values: values(column, rows),
            })
            .collect();
        Ok(match (wanted, subjects.as_slice()) {
            (Wanted::Alone { n_bins, .. }, [alone]) => charts::alone(alone, n_bins),
            (Wanted::Pair { .. }, [x, y]) => charts::pair(x, y),
            (Wanted::Matrix, all) => charts::matrix(all),
            _ => Chart::Nothing("the column is not there"),
        })
    }
}

fn values(column: &TypedColumn, rows: Option<&RowOrder>) -> Values {
    let taken = rows.and_then(|rows| {
        let wanted = IdxCa::new(PlSmallStr::EMPTY, rows.rows());
        column.series.take(&wanted).ok()
    });
    let series = taken.as_ref().unwrap_or(&column.series);
    let numbers = |divisor: f64| -> Vec<f64> {
        let cast = series.to_physical_repr().cast(&DataType::Float64);
        let finite =
            |value: Option<f64>| value.filter(|value| value.is_finite()).map_or(f64::NAN, |value| value / divisor);
        cast.as_ref()
            .ok()
            .and_then(|series| series.f64().ok())
            .map_or_else(Vec::new, |held| held.iter().map(finite).collect())
    };
    match column.kind {
        Kind::Int | Kind::Float => Values::Numbers(numbers(1.0)),
        Kind::Datetime => Values::Moments(numbers(1e6)),
        Kind::Date => Values::Moments(numbers(1.0).into_iter().map(|days| days * 86_400.0).collect()),
        Kind::Bool => {
            let codes =
                series.bool().map_or_else(|_| Vec::new(), |held| held.iter().map(|one| one.map(u32::from)).collect());
            Values::Names(codes, vec!["false".into(), "true".into()])
        }
        Kind::Text | Kind::Other => {
            let mut known: HashMap<&str, u32> = HashMap::new();
            let mut names: Vec<SafeText> = Vec::new();
            let Ok(held) = series.str() else { return Values::Names(Vec::new(), names) };
            let codes = held
                .iter()
                .map(|text| {
                    let text = text?;
                    Some(*known.entry(text).or_insert_with(|| {
                        let shown = sanitize_for(Place::Cell, text.get(..200).unwrap_or(text));
                        names.push(crate::safe!("{}", fit(shown.as_str(), 60)));
                        u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
                    }))
                })
                .collect();
            Values::Names(codes, names)
        }
    }
}
