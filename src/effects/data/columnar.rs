//! Parquet and Arrow IPC files, read by polars a slice at a time.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use polars::prelude::{
    DataType, Float64Chunked, IdxSize, IntoSeries, LazyFrame, PlRefPath, ScanArgsParquet, Schema, Series, TimeUnit,
    UnifiedScanArgs, col,
};
use tokio_util::sync::CancellationToken;

use crate::domain::dataset::{Cell, Column, Format, Page, Source};
use crate::domain::failure::Failure;
use crate::domain::kind::{self, Kind};
use crate::effects::data::frame::{Frame, TypedColumn};
use crate::effects::data::sniff;
use crate::safe;
use crate::text::sanitize::{Place, sanitize_for};

/// An open Parquet or Arrow IPC file.
#[derive(Debug)]
pub struct Columnar {
    path: PathBuf,
    format: Format,
    names: Vec<String>,
    n_rows: u64,
}

impl Columnar {
    /// Reads the footer.
    pub fn open(path: &Path, format: Format) -> Result<(Source, Self), Failure> {
        let label = sniff::label(path);
        let broken = |error: String| {
            Failure::input(
                sniff::label(path),
                safe!("it is not a whole {} file: {error}", format.word()),
                safe!("write it again, or open another"),
            )
        };
        let (schema, n_rows) = caught(|| {
            let schema = scan(path, format)?.collect_schema()?;
            let n_rows = scan(path, format)?.select([polars::prelude::len()]).collect()?;
            let n_rows =
                n_rows.columns().first().and_then(|column| column.get(0).ok()).and_then(|value| value.extract::<u64>());
            Ok((schema, n_rows.unwrap_or_default()))
        })
        .map_err(broken)?;
        let n_bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let columns = columns_of(&schema);
        if n_rows == 0 {
            return Err(Failure::input(
                label,
                safe!("it has columns but no rows"),
                safe!("open a file with at least one row"),
            ));
        }
        let names = schema.iter_names().map(ToString::to_string).collect();
        let source =
            Source { path: path.to_owned(), label, format, n_bytes, columns, n_rows: Some(n_rows), notes: Vec::new() };
        Ok((source, Self { path: path.to_owned(), format, names, n_rows }))
    }

    /// Rows, as the footer says.
    pub fn n_rows(&self) -> u64 {
        self.n_rows
    }

    /// Reads a window of cells.
    pub fn page(&self, first_row: u64, n: usize) -> Result<Page> {
        let slice = caught(|| {
            scan(&self.path, self.format)?
                .slice(i64::try_from(first_row).unwrap_or(i64::MAX), IdxSize::try_from(n).unwrap_or(IdxSize::MAX))
                .collect()
        })
        .map_err(anyhow::Error::msg)?;
        let columns: Vec<TypedColumn> =
            slice.columns().iter().map(|column| typed(column.as_materialized_series())).collect();
        let rows = (0..slice.height()).map(|row| columns.iter().map(|column| show(column, row)).collect()).collect();
        Ok(Page { first_row, rows })
    }

    /// A value as text; nothing where there is none.
    pub fn cell(&self, row: u64, column: usize) -> Result<Option<String>> {
        let Some(name) = self.names.get(column) else { return Ok(None) };
        let slice = caught(|| {
            let first = i64::try_from(row).unwrap_or(i64::MAX);
            scan(&self.path, self.format)?.select([col(name.as_str())]).slice(first, 1).collect()
        })
        .map_err(anyhow::Error::msg)?;
        Ok(slice.columns().first().and_then(|column| value_text(&typed(column.as_materialized_series()), 0)))
    }

    /// Reads columns with every row.
    pub fn frame(&self, columns: &[usize], cancel: &CancellationToken) -> Result<Frame> {
        let names: Vec<_> = columns.iter().map(|idx| col(self.names[*idx].as_str())).collect();
        let frame = caught(|| scan(&self.path, self.format)?.select(names).collect()).map_err(anyhow::Error::msg)?;
        if cancel.is_cancelled() {
            bail!("reading was stopped");
        }
        Ok(Frame { columns: frame.columns().iter().map(|column| typed(column.as_materialized_series())).collect() })
    }
}

fn scan(path: &Path, format: Format) -> polars::prelude::PolarsResult<LazyFrame> {
    let path = PlRefPath::new(path.to_string_lossy());
    if format == Format::Parquet {
        LazyFrame::scan_parquet(path, ScanArgsParquet::default())
    } else {
        LazyFrame::scan_ipc(path, polars::prelude::IpcScanOptions::default(), UnifiedScanArgs::default())
    }
}

/// A damaged file can make a reader panic; that costs a message and not the session.
fn caught<T>(read: impl FnOnce() -> polars::prelude::PolarsResult<T>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
        Err(_) => Err("its contents make no sense".to_owned()),
    }
}

fn columns_of(schema: &Schema) -> Vec<Column> {
    schema.iter().map(|(name, dtype)| Column::new(name, kind_of(dtype))).collect()
}

fn kind_of(dtype: &DataType) -> Kind {
    match dtype {
        dtype if dtype.is_integer() => Kind::Int,
        dtype if dtype.is_float() || dtype.is_decimal() => Kind::Float,
        DataType::Boolean => Kind::Bool,
        DataType::Date => Kind::Date,
        DataType::Datetime(_, _) => Kind::Datetime,
        dtype if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() => Kind::Text,
        _ => Kind::Other,
    }
}

/// Brings a series to one of our kinds. A number that is not one counts as no value, as in a text file.
fn typed(series: &Series) -> TypedColumn {
    let kind = kind_of(series.dtype());
    let cast = |dtype: &DataType| series.cast(dtype).unwrap_or_else(|_| series.clone());
    let mut n_marked_null = 0;
    let series = match kind {
        Kind::Int => {
            let wide = cast(&DataType::Int64);
            // Unsigned numbers beyond 63 bits would become nulls.
            if wide.null_count() == series.null_count() { wide } else { return typed(&cast(&DataType::Float64)) }
        }
        Kind::Float => {
            let wide = cast(&DataType::Float64);
            wide.f64().map_or_else(
                |_| wide.clone(),
                |floats| {
                    n_marked_null = floats.iter().flatten().filter(|value| value.is_nan()).count() as u64;
                    let numbers: Float64Chunked =
                        floats.iter().map(|value| value.filter(|value| !value.is_nan())).collect();
                    numbers.with_name(series.name().clone()).into_series()
                },
            )
        }
        Kind::Bool => series.clone(),
        Kind::Date => cast(&DataType::Date),
        Kind::Datetime => cast(&DataType::Datetime(TimeUnit::Microseconds, None)),
        Kind::Text => cast(&DataType::String),
        Kind::Other => {
            let texts = (0..series.len())
                .map(|row| series.get(row).ok().filter(|value| !value.is_null()).map(|value| value.to_string()));
            let texts: polars::prelude::StringChunked = texts.collect();
            texts.with_name(series.name().clone()).into_series()
        }
    };
    TypedColumn { kind, series, n_marked_null, n_numeric_text: 0, not_numeric: Vec::new() }
}

/// A value as it is shown, cut where it is long.
pub fn show(column: &TypedColumn, row: usize) -> Cell {
    let text = value_text(column, row)?;
    let cut = text.char_indices().nth(2_000).map_or(text.len(), |(at, _)| at);
    Some(sanitize_for(Place::Cell, &text[..cut]))
}

/// A value as text: numbers in their shortest form, days and times in ISO form.
pub fn value_text(column: &TypedColumn, row: usize) -> Option<String> {
    let series = &column.series;
    match column.kind {
        Kind::Int => series.i64().ok()?.get(row).map(|value| value.to_string()),
        Kind::Float => series.f64().ok()?.get(row).map(|value| format!("{value:?}")),
        Kind::Bool => series.bool().ok()?.get(row).map(|value| if value { "true".into() } else { "false".into() }),
        Kind::Date => series.date().ok()?.physical().get(row).map(|days| kind::show_date(i64::from(days))),
        Kind::Datetime => series.datetime().ok()?.physical().get(row).map(kind::show_datetime),
        Kind::Text | Kind::Other => series.str().ok()?.get(row).map(ToOwned::to_owned),
    }
}
