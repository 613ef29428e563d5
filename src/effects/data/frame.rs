//! Columns in memory, typed by all of their cells, as polars series.

use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, IntoSeries, NamedFrom, PlSmallStr, Series, TimeUnit,
};

use crate::domain::kind::{self, Guess, Kind};
use crate::effects::data::text_table::RawCell;

/// A column with every row.
#[derive(Clone, Debug)]
pub struct TypedColumn {
    /// What its cells are.
    pub kind: Kind,
    /// Int → Int64, Float → Float64, Bool → Boolean, Date → Date, Datetime → Datetime(µs), all else → String.
    pub series: Series,
    /// Cells that held a text for *no value*.
    pub n_marked_null: u64,
    /// In a text column: values that read as numbers.
    pub n_numeric_text: u64,
    /// In a text column: a few values that don't.
    pub not_numeric: Vec<String>,
}

/// Some columns with every row.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// In the order asked for.
    pub columns: Vec<TypedColumn>,
}

impl Frame {
    /// Types text columns by their cells.
    pub fn from_text(names: &[&str], columns: Vec<TextColumn>) -> Self {
        Self { columns: names.iter().zip(columns).map(|(name, column)| column.into_typed(name)).collect() }
    }

    /// The columns of these indices.
    #[must_use]
    pub fn pick(&self, columns: &[usize]) -> Self {
        Self { columns: columns.iter().filter_map(|idx| self.columns.get(*idx).cloned()).collect() }
    }

    /// Rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.series.len())
    }

    /// As a polars frame.
    pub fn to_polars(&self) -> polars::prelude::PolarsResult<DataFrame> {
        DataFrame::new(
            self.n_rows(),
            self.columns.iter().map(|column| PolarsColumn::from(column.series.clone())).collect(),
        )
    }
}

/// The cells of one column of a text file, end to end.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    is_valid: Vec<bool>,
    n_marked_null: u64,
    has_strings: bool,
    has_nested: bool,
}

impl TextColumn {
    /// Adds the next row's cell.
    pub fn push(&mut self, cell: Option<RawCell<'_>>) {
        let valid = match cell {
            None => false,
            Some(RawCell::Field(field)) => {
                let is_marker = field.len() <= 8 && std::str::from_utf8(field).is_ok_and(kind::is_null_marker);
                self.n_marked_null += u64::from(is_marker && !field.is_empty());
                if !is_marker {
                    match std::str::from_utf8(field) {
                        Ok(_) => self.bytes.extend_from_slice(field),
                        Err(_) => self.bytes.extend_from_slice(String::from_utf8_lossy(field).as_bytes()),
                    }
                }
                !is_marker
            }
            Some(RawCell::String(text)) => {
                self.has_strings = true;
                self.bytes.extend_from_slice(text.as_bytes());
                true
            }
            Some(RawCell::Scalar(text)) => {
                self.bytes.extend_from_slice(text.as_bytes());
                true
            }
            Some(RawCell::Nested(text)) => {
                self.has_nested = true;
                self.bytes.extend_from_slice(text.as_bytes());
                true
            }
        };
        self.ends.push(self.bytes.len());
        self.is_valid.push(valid);
    }

    fn cells(&self) -> impl Iterator<Item = Option<&str>> {
        self.ends.iter().enumerate().map(|(row, end)| {
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            self.is_valid[row].then(|| std::str::from_utf8(&self.bytes[start..*end]).unwrap_or_default())
        })
    }

    /// What the cells so far can be.
    pub fn guess(&self) -> Kind {
        if self.has_nested {
            return Kind::Other;
        }
        let mut guess = Guess::default();
        for cell in self.cells().flatten() {
            guess.see(cell);
            if guess.is_text_for_good() {
                break;
            }
        }
        match guess.kind() {
            // What JSON wrote as a string stays one, unless it is a day or a time.
            Kind::Int | Kind::Float | Kind::Bool if self.has_strings => Kind::Text,
            kind @ (Kind::Int | Kind::Float | Kind::Bool | Kind::Date | Kind::Datetime | Kind::Other | Kind::Text) => {
                kind
            }
        }
    }

    fn into_typed(self, name: &str) -> TypedColumn {
        let kind = self.guess();
        let name: PlSmallStr = name.into();
        let mut n_numeric_text = 0;
        let mut not_numeric: Vec<String> = Vec::new();
        let series = match kind {
            Kind::Int => Series::new(name, self.cells().map(|cell| cell.and_then(kind::int)).collect::<Vec<_>>()),
            Kind::Float => Series::new(name, self.cells().map(|cell| cell.and_then(kind::float)).collect::<Vec<_>>()),
            Kind::Bool => Series::new(name, self.cells().map(|cell| cell.and_then(kind::boolean)).collect::<Vec<_>>()),
            Kind::Date => {
                let days = Series::new(name, self.cells().map(|cell| cell.and_then(kind::date)).collect::<Vec<_>>());
                days.cast(&DataType::Date).unwrap_or(days)
            }
            Kind::Datetime => {
                let read = |cell: &str| {
                    kind::datetime(cell).or_else(|| kind::date(cell).map(|days| i64::from(days) * 86_400_000_000))
                };
                let micros = Series::new(name, self.cells().map(|cell| cell.and_then(read)).collect::<Vec<_>>());
                micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap_or(micros)
            }
            Kind::Text | Kind::Other => {
                for cell in self.cells().flatten() {
                    if kind::float(cell).is_some() {
                        n_numeric_text += 1;
                    } else if not_numeric.len() < 5 && !not_numeric.iter().any(|other| other == cell) {
                        not_numeric.push(cell.chars().take(40).collect());
                    }
                }
                let strings: polars::prelude::StringChunked = self.cells().collect();
                strings.with_name(name).into_series()
            }
        };
        TypedColumn { kind, series, n_marked_null: self.n_marked_null, n_numeric_text, not_numeric }
    }
}
