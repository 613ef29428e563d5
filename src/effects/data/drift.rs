//! The columns of two open tables, as they are compared with each other.

use std::collections::BTreeMap;

use polars::prelude::DataType;
use tokio_util::sync::CancellationToken;

use super::Table;
use super::columnar::value_text;
use super::frame::TypedColumn;
use crate::domain::drift::{self, Compared, Drift, Sample, Side};
use crate::domain::failure::Failure;
use crate::domain::kind::Kind;

/// Columns that are read at once.
const AT_ONCE: usize = 8;

/// Compares the columns of `now` with those of the same name of `before`.
pub fn compare(before: &Table, now: &Table, cancel: &CancellationToken) -> Result<Compared, Failure> {
    let place = |table: &Table, name: &str| table.source.columns.iter().position(|one| one.name.expose() == name);
    let only = |mine: &Table, other: &Table| {
        let columns = mine.source.columns.iter();
        columns.filter(|one| place(other, one.name.expose()).is_none()).map(|one| one.label.clone()).collect()
    };
    let both: Vec<(usize, usize)> = (before.source.columns.iter().enumerate())
        .filter_map(|(idx, column)| Some((idx, place(now, column.name.expose())?)))
        .collect();
    let mut columns = Vec::new();
    // Some columns at a time: memory does not grow with their number, and a large file is not read for each.
    for some in both.chunks(AT_ONCE) {
        let (mine, theirs): (Vec<usize>, Vec<usize>) = some.iter().copied().unzip();
        let (first, second) = (before.frame(&mine, cancel)?, now.frame(&theirs, cancel)?);
        for (idx, (first, second)) in mine.iter().zip(first.columns.iter().zip(&second.columns)) {
            let label = before.source.columns[*idx].label.clone();
            columns.push((label, drift::compare(&sample(first), &sample(second))));
        }
    }
    let mut drifts: Vec<Drift> = columns.iter().map(|(_, drift)| drift.clone()).collect();
    drift::adjust(&mut drifts);
    for ((_, slot), drift) in columns.iter_mut().zip(drifts) {
        *slot = drift;
    }
    Ok(Compared { columns, gone: only(before, now), new: only(now, before) })
}

fn sample(column: &TypedColumn) -> Sample {
    let n = column.series.len();
    let is_number = matches!(column.kind, Kind::Int | Kind::Float | Kind::Date | Kind::Datetime);
    let side = if is_number {
        let cast = column.series.to_physical_repr().cast(&DataType::Float64);
        let held = cast.as_ref().ok().and_then(|series| series.f64().ok());
        Side::Numbers(held.map_or_else(Vec::new, |held| held.iter().flatten().filter(|one| one.is_finite()).collect()))
    } else {
        let mut values = BTreeMap::new();
        for text in (0..n).filter_map(|row| value_text(column, row)) {
            *values.entry(text).or_default() += 1;
        }
        Side::Values(values)
    };
    let n_held = match &side {
        Side::Numbers(numbers) => numbers.len(),
        Side::Values(values) => values.values().map(|n: &u64| usize::try_from(*n).unwrap_or(0)).sum(),
    };
    Sample { side, n_null: (n - n_held) as u64 }
}
