//! Brings the columns of a table into the form in which predicting by one of them alone is scored.

use std::collections::HashMap;

use polars::prelude::DataType;
use tokio_util::sync::CancellationToken;

use crate::domain::facts::{self, Alone, DateAfter, Facts, Feature, Target};
use crate::domain::failure::Failure;
use crate::domain::framing;
use crate::domain::kind::Kind;
use crate::domain::metric::Problem;
use crate::domain::profile::{self, Profile};
use crate::effects::data::Table;
use crate::effects::data::columnar::value_text;
use crate::effects::data::frame::TypedColumn;
use crate::text::RawText;

/// Words in the name of a column that says when the row was observed.
const REFERENCE_WORDS: [&str; 9] =
    ["snapshot", "asof", "cutoff", "observation", "observed", "label", "outcome", "reference", "prediction"];

/// Scores every column against the target; a target that can't be one has facts without scores.
pub fn facts(
    table: &Table,
    profile: &Profile,
    target: Option<usize>,
    cancel: &CancellationToken,
) -> Result<Facts, Failure> {
    let mut facts = Facts { target, dates_after: dates_after(table, profile, cancel)?, ..Facts::default() };
    let Some(target_idx) = target else { return Ok(facts) };
    let Some((problem, _)) = profile.columns.get(target_idx).and_then(|column| framing::problem_of(column).ok()) else {
        return Ok(facts);
    };
    let frame = table.frame(&[target_idx], cancel)?;
    let Some(column) = frame.columns.first() else { return Ok(facts) };
    let (codes, classes) = codes_of(column);
    let target = if problem.is_classification() {
        let mut counts: Vec<(RawText, u64)> = classes.iter().map(|class| (RawText::new(class), 0)).collect();
        codes.iter().flatten().for_each(|code| counts[*code as usize].1 += 1);
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.expose().cmp(b.0.expose())));
        facts.classes = counts;
        Target::Classes(codes, u32::try_from(classes.len()).unwrap_or(u32::MAX))
    } else {
        Target::Numbers(numbers_of(column))
    };
    for idx in 0..profile.columns.len() {
        if idx != target_idx && !cancel.is_cancelled() {
            let frame = table.frame(&[idx], cancel)?;
            if let Some(alone) = frame.columns.first().and_then(|column| alone(idx, column, &target, &classes, problem))
            {
                facts.alone.push(alone);
            }
        }
    }
    Ok(facts)
}

fn alone(idx: usize, column: &TypedColumn, target: &Target, classes: &[String], problem: Problem) -> Option<Alone> {
    let feature = match column.kind {
        Kind::Text | Kind::Bool | Kind::Other => Feature::Codes(codes_of(column).0),
        Kind::Int | Kind::Float | Kind::Date | Kind::Datetime => Feature::Numbers(numbers_of(column)),
    };
    let (metric, score, n_rows) = facts::score_alone(&feature, target)?;
    debug_assert_eq!(metric, facts::alone_metric(problem), "one metric a problem");
    let filled = match target {
        Target::Classes(codes, n_classes) if column.series.null_count() > 0 => {
            let has_value: Vec<bool> = column.series.is_not_null().iter().map(|flag| flag.unwrap_or(false)).collect();
            facts::filled_only_for(&has_value, codes, *n_classes)
        }
        Target::Classes(_, _) | Target::Numbers(_) => None,
    };
    let rows = filled.as_ref().map(|(_, _, rows)| rows.clone()).unwrap_or_default();
    let filled_only_for =
        filled.and_then(|(code, share, _)| classes.get(code as usize).map(|class| (RawText::new(class), share)));
    Some(Alone { column: idx, metric, score, n_rows, filled_only_for, rows })
}

/// A code for each value, in order of first appearance, with the values as text.
pub fn codes_of(column: &TypedColumn) -> (Vec<Option<u32>>, Vec<String>) {
    let mut codes = HashMap::new();
    let mut values = Vec::new();
    let rows = (0..column.series.len())
        .map(|row| {
            let text = value_text(column, row)?;
            Some(*codes.entry(text).or_insert_with_key(|text: &String| {
                values.push(text.clone());
                u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
            }))
        })
        .collect();
    (rows, values)
}

/// Numbers, and points in time as numbers.
pub fn numbers_of(column: &TypedColumn) -> Vec<Option<f64>> {
    column
        .series
        .to_physical_repr()
        .cast(&DataType::Float64)
        .ok()
        .and_then(|floats| floats.f64().map(|floats| floats.iter().collect()).ok())
        .unwrap_or_else(|| vec![None; column.series.len()])
}

fn dates_after(table: &Table, profile: &Profile, cancel: &CancellationToken) -> Result<Vec<DateAfter>, Failure> {
    let times: Vec<usize> = (0..profile.columns.len()).filter(|idx| profile.columns[*idx].kind.is_time()).collect();
    let is_reference = |idx: &&usize| {
        let words = profile::words_of(profile.columns[**idx].name.expose());
        words.iter().any(|word| REFERENCE_WORDS.contains(&word.as_str()))
            || words.windows(2).any(|pair| pair == ["as", "of"])
    };
    let Some(reference) = times.iter().find(is_reference).copied() else { return Ok(Vec::new()) };
    let micros = |idx: usize| -> Result<Vec<Option<f64>>, Failure> {
        let frame = table.frame(&[idx], cancel)?;
        let scale = if profile.columns[idx].kind == Kind::Date { 86_400e6 } else { 1.0 };
        Ok(frame
            .columns
            .first()
            .map(numbers_of)
            .unwrap_or_default()
            .into_iter()
            .map(|value| value.map(|value| value * scale))
            .collect())
    };
    let reference_times = micros(reference)?;
    // A day without a time of day is not over before its end.
    let grace = if profile.columns[reference].kind == Kind::Date { 86_400e6 - 1.0 } else { 0.0 };
    let mut found = Vec::new();
    for column in times.into_iter().filter(|idx| *idx != reference) {
        let own = micros(column)?;
        let both: Vec<(usize, f64, f64)> = own
            .iter()
            .zip(&reference_times)
            .enumerate()
            .filter_map(|(row, (own, reference))| Some((row, (*own)?, (*reference)?)))
            .collect();
        let after: Vec<usize> =
            both.iter().filter(|(_, own, reference)| *own > reference + grace).map(|(row, _, _)| *row).collect();
        if !after.is_empty() {
            let rows = after.iter().take(5).map(|row| *row as u64).collect();
            found.push(DateAfter {
                column,
                reference,
                n_after: after.len() as u64,
                n_compared: both.len() as u64,
                rows,
            });
        }
    }
    Ok(found)
}
