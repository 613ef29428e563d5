//! A data set as the screen sees it: where it came from, its columns, a window of its cells.

use crate::domain::kind::Kind;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::{RawText, SafeText};

/// How the bytes of a file are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, or with another delimiter.
    Csv,
    /// Tab-separated.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// An array of JSON objects, or objects over several lines.
    Json,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC file.
    Arrow,
    /// A sheet of an Excel workbook.
    Excel,
    /// A sheet of an ODS workbook.
    Ods,
    /// A table of an SQLite database.
    Sqlite,
}

impl Format {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Excel => "excel",
            Self::Ods => "ods",
            Self::Sqlite => "sqlite",
        }
    }
}

/// A column as its head is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the file.
    pub name: RawText,
    /// Its name on the screen.
    pub label: SafeText,
    /// What its cells are, as far as they have been read.
    pub kind: Kind,
}

impl Column {
    /// A column with this name.
    pub fn new(name: &str, kind: Kind) -> Self {
        let label = if name.is_empty() { SafeText::from("(no name)") } else { sanitize_for(Place::Cell, name) };
        Self { name: RawText::new(name), label, kind }
    }
}

/// What is known of a data set as soon as it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The path as given.
    pub path: std::path::PathBuf,
    /// The file's name on the screen.
    pub label: SafeText,
    /// How it is read.
    pub format: Format,
    /// Size on disk in bytes.
    pub n_bytes: u64,
    /// Its columns, with kinds guessed from the first rows of a text file.
    pub columns: Vec<Column>,
    /// Rows, where the file says so by itself.
    pub n_rows: Option<u64>,
    /// What a reader should know about how it was read: the delimiter, the missing header.
    pub notes: Vec<SafeText>,
}

/// One cell of a window. `None` is *no value*.
pub type Cell = Option<SafeText>;

/// A window of cells: some rows, all columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Index of the first row.
    pub first_row: u64,
    /// The rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Page {
    /// Whether the window holds this row.
    pub fn holds(&self, row: u64) -> bool {
        row >= self.first_row && row < self.first_row + self.rows.len() as u64
    }

    /// The cells of a row, if the window holds it.
    pub fn row(&self, row: u64) -> Option<&[Cell]> {
        let idx = usize::try_from(row.checked_sub(self.first_row)?).ok()?;
        self.rows.get(idx).map(Vec::as_slice)
    }
}
