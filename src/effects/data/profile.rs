//! The profile of every column on every row, a group of columns at a time, so that memory stays bounded.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use polars::prelude::{ChunkAgg, ChunkQuantile, ChunkVar, DataType, QuantileMethod, Series, SeriesMethods};
use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::domain::kind::{self, Kind};
use crate::domain::profile::{
    Accuracy, ColumnProfile, FEW_FAR_OUT, Flaws, Histogram, Numbers, Profile, QUANTILES, Role, Value, YearLast,
    role_of, share,
};
use crate::effects::data::Table;
use crate::effects::data::columnar::value_text;
use crate::effects::data::convert::Place;
use crate::effects::data::frame::TypedColumn;
use crate::effects::data::grid::pass::{Event, Outcome};
use crate::safe;
use crate::text::RawText;

/// Most frequent values that are kept.
const N_TOP: usize = 10;
/// Bins of a histogram.
const N_BINS: usize = 20;
/// Rows named as evidence.
const N_ROWS: usize = 5;
/// Text read at once, in bytes of the file.
const GROUP_BYTES: u64 = 600_000_000;

/// Profiles every column. `done` hears of each as soon as it is known.
pub fn profile(
    table: &Table,
    cancel: &CancellationToken,
    done: &mut dyn FnMut(usize, &ColumnProfile),
) -> Result<Profile, Failure> {
    let source = &table.source;
    let stopped =
        || Failure::work(source.label.clone(), safe!("profiling was stopped"), safe!("press P to start it again"));
    if let Some(text) = table.delimited() {
        let outcome = text.profile(cancel, &mut |event| {
            if let Event::Column(idx, column, _) = event {
                done(idx, &column);
            }
        });
        return match outcome {
            Ok(outcome) => Ok(of_pass(outcome, done)),
            Err(_) if cancel.is_cancelled() => Err(stopped()),
            Err(error) => Err(table.unreadable(&error)),
        };
    }
    let n_columns = source.columns.len();
    let n_groups = usize::try_from(source.n_bytes / GROUP_BYTES).unwrap_or(0) + 1;
    let group_size = n_columns.div_ceil(n_groups).max(1);
    let mut columns = Vec::with_capacity(n_columns);
    let mut row_hashes: Vec<u64> = Vec::new();
    for group in (0..n_columns).collect::<Vec<_>>().chunks(group_size) {
        let frame =
            table.frame(group, cancel).map_err(|failure| if cancel.is_cancelled() { stopped() } else { failure })?;
        for (idx, column) in group.iter().zip(&frame.columns) {
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            hash_into(&mut row_hashes, column);
            let known = profile_column(column);
            done(*idx, &known);
            columns.push(known);
        }
    }
    let n_rows = row_hashes.len() as u64;
    let duplicates = repeats(&row_hashes);
    let work = |error: anyhow::Error| {
        Failure::work(source.label.clone(), safe!("{error:#}"), safe!("check that the file is still there"))
    };
    Ok(Profile {
        n_rows,
        columns,
        n_duplicate_rows: duplicates.len() as u64,
        duplicate_rows: duplicates.iter().take(N_ROWS).map(|(row, _)| *row as u64).collect(),
        n_rows_compared: n_rows,
        flaws: Flaws { long: table.other_keys(), ..Flaws::default() },
        data_hash: hash_file(&source.path, cancel).map_err(work)?,
    })
}

fn of_pass(outcome: Outcome, done: &mut dyn FnMut(usize, &ColumnProfile)) -> Profile {
    let columns = outcome.columns;
    columns.iter().enumerate().for_each(|(idx, column)| done(idx, column));
    Profile {
        n_rows: outcome.n_rows,
        columns,
        n_duplicate_rows: outcome.repeats.n,
        duplicate_rows: outcome.repeats.rows,
        n_rows_compared: outcome.repeats.n_checked,
        flaws: outcome.flaws,
        data_hash: outcome.hash,
    }
}

/// BLAKE3 of a file's bytes, in hexadecimal; of a table of a file that has several, of the whole file.
pub fn hash_file(path: &Path, cancel: &CancellationToken) -> Result<String> {
    let mut file =
        std::fs::File::open(Place::of(path).file).with_context(|| format!("{} can't be opened", path.display()))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    while !cancel.is_cancelled() {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Mixes a column into the hash of each row.
pub fn hash_into(rows: &mut Vec<u64>, column: &TypedColumn) {
    if rows.is_empty() {
        rows.resize(column.series.len(), 0);
    }
    let mut mix = |row: usize, bytes: Option<&[u8]>| {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        rows[row] = (rows[row].rotate_left(5) ^ hasher.finish()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    };
    match column.kind {
        Kind::Text | Kind::Other => {
            if let Ok(texts) = column.series.str() {
                texts.iter().enumerate().for_each(|(row, text)| mix(row, text.map(str::as_bytes)));
            }
        }
        Kind::Int | Kind::Float | Kind::Bool | Kind::Date | Kind::Datetime => {
            if let Ok(numbers) = column.series.cast(&DataType::Float64)
                && let Ok(numbers) = numbers.f64()
            {
                numbers.iter().enumerate().for_each(|(row, number)| {
                    mix(row, number.map(|number| number.to_bits().to_le_bytes()).as_ref().map(<[u8; 8]>::as_slice));
                });
            }
        }
    }
}

/// Rows whose hash occurred before, with the row where it first did.
pub fn repeats(row_hashes: &[u64]) -> Vec<(usize, usize)> {
    let mut first = HashMap::with_capacity(row_hashes.len());
    row_hashes
        .iter()
        .enumerate()
        .filter_map(|(row, hash)| match first.entry(*hash) {
            std::collections::hash_map::Entry::Occupied(entry) => Some((row, *entry.get())),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(row);
                None
            }
        })
        .collect()
}

/// Everything that is known of one column.
pub fn profile_column(column: &TypedColumn) -> ColumnProfile {
    let series = &column.series;
    let (n_distinct, top) = most_frequent(column);
    let mut profile = ColumnProfile {
        name: RawText::new(series.name().as_str()),
        kind: column.kind,
        role: Role::Text,
        n_rows: series.len() as u64,
        n_null: series.null_count() as u64,
        n_marked_null: column.n_marked_null,
        n_distinct,
        distinct_exact: true,
        min: None,
        max: None,
        numbers: None,
        top,
        histogram: None,
        mean_chars: None,
        n_numeric_text: column.n_numeric_text,
        not_numeric: column.not_numeric.iter().map(RawText::new).collect(),
        year_last: YearLast::default(),
        n_far_out: 0,
        far_out_reach: 3,
        far_out_rows: Vec::new(),
        is_sorted: is_sorted(column),
        accuracy: Accuracy::default(),
    };
    match column.kind {
        Kind::Int | Kind::Float => numbers(series, column.kind, &mut profile),
        Kind::Date | Kind::Datetime => times(series, column.kind, &mut profile),
        Kind::Text | Kind::Other => texts(series, &mut profile),
        Kind::Bool => {
            if let Ok(flags) = series.bool() {
                let seen: Vec<bool> = flags.iter().flatten().collect();
                let word = |flag: bool| Value::Text(RawText::new(if flag { "true" } else { "false" }));
                profile.min = seen.iter().min().map(|flag| word(*flag));
                profile.max = seen.iter().max().map(|flag| word(*flag));
            }
        }
    }
    profile.role = role_of(&profile);
    profile
}

/// How many different values, and the most frequent with their counts; ties in order of the value.
fn most_frequent(column: &TypedColumn) -> (u64, Vec<(RawText, u64)>) {
    let counted = column.series.value_counts(false, false, "count".into(), false);
    let Ok(counted) = counted else { return (0, Vec::new()) };
    let (Some(values), Some(counts)) = (counted.columns().first(), counted.columns().get(1)) else {
        return (0, Vec::new());
    };
    let counts = counts.cast(&DataType::UInt64).unwrap_or_else(|_| counts.clone());
    let Ok(counts) = counts.as_materialized_series().u64().cloned() else { return (0, Vec::new()) };
    let values = TypedColumn { series: values.as_materialized_series().clone(), ..column.clone() };
    let mut order: Vec<(u64, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(row, _)| values.series.get(*row).is_ok_and(|value| !value.is_null()))
        .map(|(row, count)| (count.unwrap_or_default(), row))
        .collect();
    let n_distinct = order.len() as u64;
    let by_count = |a: &(u64, usize), b: &(u64, usize)| b.0.cmp(&a.0);
    if order.len() > 4 * N_TOP {
        order.select_nth_unstable_by(N_TOP, by_count);
        let least = order[..N_TOP].iter().map(|(count, _)| *count).min().unwrap_or_default();
        order.retain(|(count, _)| *count >= least);
        order.truncate(100_000);
    }
    let mut top: Vec<(u64, String)> =
        order.into_iter().filter_map(|(count, row)| value_text(&values, row).map(|text| (count, text))).collect();
    top.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    (n_distinct, top.into_iter().take(N_TOP).map(|(count, text)| (RawText::new(text), count)).collect())
}

fn numbers(series: &Series, kind: Kind, profile: &mut ColumnProfile) {
    let Ok(floats) = series.cast(&DataType::Float64) else { return };
    let Ok(values) = floats.f64() else { return };
    let (Some(min), Some(max), Some(mean)) =
        (values.iter().flatten().reduce(f64::min), values.iter().flatten().reduce(f64::max), values.mean())
    else {
        return;
    };
    let exact = |text: Option<i64>, float: f64| {
        if kind == Kind::Int { text.map_or(Value::Float(float), Value::Int) } else { Value::Float(float) }
    };
    let ints = series.i64().ok();
    profile.min = Some(exact(ints.and_then(|ints| ints.iter().flatten().min()), min));
    profile.max = Some(exact(ints.and_then(|ints| ints.iter().flatten().max()), max));
    let quantiles = QUANTILES.map(|q| values.quantile(q, QuantileMethod::Linear).ok().flatten().unwrap_or(f64::NAN));
    profile.numbers = Some(Numbers { mean, std: values.std(1), quantiles });
    profile.histogram = histogram(values.iter().flatten(), min, max);
    let iqr = quantiles[3] - quantiles[1];
    // A long tail has many values beyond three times the range of its middle half; what stands apart even from such a
    // tail shows beyond ten times.
    for n_ranges in [3, 10].into_iter().filter(|_| iqr > 0.0) {
        let reach = f64::from(n_ranges) * iqr;
        let (low, high) = (quantiles[1] - reach, quantiles[3] + reach);
        let is_far = |value: f64| value < low || value > high;
        let far: Vec<u64> = (0..)
            .zip(values.iter())
            .filter_map(|(row, value): (u64, Option<f64>)| value.is_some_and(is_far).then_some(row))
            .collect();
        profile.far_out_reach = n_ranges;
        profile.n_far_out = far.len() as u64;
        profile.far_out_rows = far.into_iter().take(N_ROWS).collect();
        if share(profile.n_far_out, profile.n_values()) <= FEW_FAR_OUT {
            break;
        }
    }
}

fn times(series: &Series, kind: Kind, profile: &mut ColumnProfile) {
    let per_second = if kind == Kind::Date { 1.0 / 86_400.0 } else { 1e6 };
    let Ok(physical) = series.to_physical_repr().cast(&DataType::Int64) else { return };
    let Ok(values) = physical.i64() else { return };
    let (Some(min), Some(max)) = (values.iter().flatten().min(), values.iter().flatten().max()) else { return };
    let show = |value: i64| {
        Value::Text(RawText::new(if kind == Kind::Date { kind::show_date(value) } else { kind::show_datetime(value) }))
    };
    profile.min = Some(show(min));
    profile.max = Some(show(max));
    #[expect(clippy::cast_precision_loss, reason = "a bin of a histogram of times")]
    let seconds = |value: i64| value as f64 / per_second;
    profile.histogram = histogram(values.iter().flatten().map(seconds), seconds(min), seconds(max));
}

fn texts(series: &Series, profile: &mut ColumnProfile) {
    let Ok(values) = series.str() else { return };
    profile.min = values.iter().flatten().min().map(|text| Value::Text(RawText::new(text)));
    profile.max = values.iter().flatten().max().map(|text| Value::Text(RawText::new(text)));
    for (first, second) in values.iter().flatten().filter_map(kind::year_last) {
        profile.year_last.n += 1;
        profile.year_last.n_day_first += u64::from(first > 12);
        profile.year_last.n_month_first += u64::from(second > 12);
    }
    let (n, chars) =
        values.iter().flatten().fold((0u64, 0u64), |(n, chars), text| (n + 1, chars + text.chars().count() as u64));
    profile.mean_chars = (n > 0).then(|| crate::domain::profile::share(chars, n));
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a bin"
)]
fn histogram(values: impl Iterator<Item = f64>, min: f64, max: f64) -> Option<Histogram> {
    if !(min.is_finite() && max.is_finite()) {
        return None;
    }
    if min.total_cmp(&max).is_eq() {
        return Some(Histogram { edges: vec![min, max], counts: vec![values.count() as u64] });
    }
    let step = (max - min) / N_BINS as f64;
    let mut counts = vec![0; N_BINS];
    for value in values {
        counts[(((value - min) / step) as usize).min(N_BINS - 1)] += 1;
    }
    let edges = (0..=N_BINS).map(|bin| if bin == N_BINS { max } else { min + step * bin as f64 }).collect();
    Some(Histogram { edges, counts })
}

fn is_sorted(column: &TypedColumn) -> bool {
    let physical = column.series.to_physical_repr();
    match column.kind {
        Kind::Text | Kind::Other => false,
        Kind::Int | Kind::Float | Kind::Bool | Kind::Date | Kind::Datetime => physical
            .cast(&DataType::Float64)
            .is_ok_and(|floats| floats.f64().is_ok_and(|values| values.iter().flatten().is_sorted())),
    }
}
