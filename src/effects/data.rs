//! Opening a data set and reading windows of it, without ever reading more than is asked for.

pub mod charts;
pub mod columnar;
pub mod convert;
pub mod drift;
pub mod export;
pub mod facts;
pub mod frame;
pub mod grid;
pub mod index;
pub mod layers;
pub mod ndjson;
pub mod piped;
pub mod profile;
pub mod sniff;
pub mod spool;
pub mod text_table;
pub mod view;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

use crate::domain::dataset::{Page, Source};
use crate::domain::failure::Failure;
use crate::domain::kind::Kind;
use crate::domain::profile::Occurrences;
use crate::domain::view::Counts;
use crate::effects::data::convert::Place;
use crate::effects::data::frame::Frame;
use crate::effects::data::grid::{order, search};
use crate::safe;

/// Tables up to this size are kept in memory once they have been read whole.
const KEEP_BYTES: u64 = 400_000_000;

/// An open data set.
#[derive(Debug)]
pub struct Table {
    /// What is known of it without reading it whole.
    pub source: Source,
    body: Body,
    whole: OnceLock<Frame>,
}

#[derive(Debug)]
enum Body {
    Text(Box<text_table::TextTable>),
    Columnar(columnar::Columnar),
}

/// How far a pass over the file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows so far.
    pub n_rows: u64,
    /// Bytes of the file so far, and in all.
    pub n_bytes: (u64, u64),
}

impl Table {
    /// Opens the file at `path` and reads its beginning; `book.xlsx#Sheet2` is one table of a file that has several.
    ///
    /// Fails with one sentence where there is no such file, where it is empty, a device, or nothing that is read here.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let place = Place::of(path);
        let sniffed = sniff::sniff(&place)?;
        let (source, body) = match sniffed.shape {
            sniff::Shape::Converted(kind) => {
                let (source, body) = text_table::TextTable::of_converted(&place, kind, sniffed.n_bytes)?;
                (source, Body::Text(Box::new(body)))
            }
            sniff::Shape::Columnar(format) => {
                let (source, body) = columnar::Columnar::open(&place.file, format)?;
                (source, Body::Columnar(body))
            }
            sniff::Shape::Text { .. } => {
                let (source, body) = text_table::TextTable::open(&place.file, &sniffed)?;
                (source, Body::Text(Box::new(body)))
            }
        };
        let source = Source { path: path.to_owned(), label: sniff::label(path), ..source };
        if source.columns.is_empty() {
            let label = &source.label;
            return Err(Failure::input(
                safe!("{label}"),
                safe!("it has no columns"),
                safe!("open a file with at least one column"),
            ));
        }
        Ok(Self { source, body, whole: OnceLock::new() })
    }

    /// Whether the file at `path` can be opened, as far as that shows without reading all of it.
    pub fn check(path: &Path) -> Result<(), Failure> {
        let place = Place::of(path);
        match sniff::sniff(&place)?.shape {
            sniff::Shape::Converted(kind) => convert::convert(&place, kind, convert::Wanted::Names).map(|_| ()),
            sniff::Shape::Columnar(_) | sniff::Shape::Text { .. } => Self::open(path).map(|_| ()),
        }
    }

    /// Reads `n` rows from `first_row` on; fewer at the end, none beyond it.
    pub fn page(&self, first_row: u64, n: usize) -> Result<Page, Failure> {
        match &self.body {
            Body::Text(table) => table.page(first_row, n),
            Body::Columnar(table) => table.page(first_row, n),
        }
        .map_err(|error| self.unreadable(&error))
    }

    /// Counts the rows and remembers where they are; `progress` hears of it now and then.
    pub fn count(&self, cancel: &CancellationToken, progress: &mut dyn FnMut(Progress)) -> Result<u64, Failure> {
        let n_rows = match &self.body {
            Body::Text(table) => table.count(cancel, progress).map_err(|error| self.unreadable(&error))?,
            Body::Columnar(table) => table.n_rows(),
        };
        if n_rows == 0 { Err(text_table::no_rows(self.source.label.clone())) } else { Ok(n_rows) }
    }

    /// Reads the columns of these indices with every row, typed.
    ///
    /// A small table is read whole once and kept.
    pub fn frame(&self, columns: &[usize], cancel: &CancellationToken) -> Result<Frame, Failure> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole.pick(columns));
        }
        if self.source.n_bytes <= KEEP_BYTES {
            let all: Vec<usize> = (0..self.source.columns.len()).collect();
            let whole = self.read(&all, cancel)?;
            return Ok(self.whole.get_or_init(|| whole).pick(columns));
        }
        self.read(columns, cancel)
    }

    /// The rows from `from` on that hold `pattern` in a cell, up to `limit`; `hear` gets them as they are found, and the
    /// bytes searched so far. None for a file that is not delimited text.
    pub fn search(
        &self,
        pattern: &search::Pattern,
        (from, limit): (u64, usize),
        cancel: &CancellationToken,
        hear: &(dyn Fn(&[search::Hit], u64) + Sync),
    ) -> Option<Result<Vec<search::Hit>, Failure>> {
        let look = |place: &search::Place<'_>| search::forward(place, pattern, from, limit, hear);
        let found = self.delimited()?.look(cancel, &|_| {}, look);
        Some(found.map_err(|error| self.unreadable(&error)))
    }

    /// The last row before `before` that holds `pattern`, among the rows counted so far.
    pub fn search_back(
        &self,
        pattern: &search::Pattern,
        before: u64,
        cancel: &CancellationToken,
    ) -> Option<Result<Option<search::Hit>, Failure>> {
        let found = self.delimited()?.look(cancel, &|_| {}, |place| search::backward(place, pattern, before));
        Some(found.map_err(|error| self.unreadable(&error)))
    }

    /// The rows in the order of one column, those without a value last; `first` gets the first page early, `hear` the
    /// bytes read so far.
    pub fn sort(
        &self,
        column: usize,
        is_descending: bool,
        (cancel, hear): (&CancellationToken, view::Hear<'_>),
        first: order::FirstPage<'_>,
    ) -> Option<Result<order::Order, Failure>> {
        let kind = self.source.columns.get(column)?.kind;
        let look = |place: &search::Place<'_>| order::sort(place, column, kind, is_descending, first);
        Some(self.delimited()?.look(cancel, hear, look).map_err(|error| self.unreadable(&error)))
    }

    /// The rows whose cell in a column of that kind is `value`, or is not if `is_not`; nothing stands for no value.
    pub fn filter(
        &self,
        (column, kind): (usize, Kind),
        value: Option<&str>,
        is_not: bool,
        (cancel, hear): (&CancellationToken, view::Hear<'_>),
    ) -> Option<Result<Vec<u32>, Failure>> {
        let value = value.unwrap_or_default().as_bytes();
        let look = |place: &search::Place<'_>| order::filter(place, (column, kind), value, is_not);
        Some(self.delimited()?.look(cancel, hear, look).map_err(|error| self.unreadable(&error)))
    }

    /// How often each value of a column of that kind occurs; in no order.
    fn tally(
        &self,
        (column, kind): (usize, Kind),
        (cancel, hear): (&CancellationToken, view::Hear<'_>),
    ) -> Option<Result<Counts, Failure>> {
        let counts = self.delimited()?.look(cancel, hear, |place| order::counts(place, column, kind));
        Some(counts.map_err(|error| self.unreadable(&error)))
    }

    /// Rows of JSON with keys that are no columns, once all rows have been read.
    fn other_keys(&self) -> Occurrences {
        match &self.body {
            Body::Text(table) => table.other_keys(),
            Body::Columnar(_) => Occurrences::default(),
        }
    }

    /// The table as delimited text, where it is that.
    fn delimited(&self) -> Option<&text_table::TextTable> {
        match &self.body {
            Body::Text(table) => table.is_delimited().then_some(table),
            Body::Columnar(_) => None,
        }
    }

    fn read(&self, columns: &[usize], cancel: &CancellationToken) -> Result<Frame, Failure> {
        match &self.body {
            Body::Text(table) => table.frame(columns, cancel),
            Body::Columnar(table) => table.frame(columns, cancel),
        }
        .map_err(|error| self.unreadable(&error))
    }

    /// What the bytes are to blame for is bad input; that a disk or the memory fails, or someone stopped it, is not.
    fn unreadable(&self, error: &anyhow::Error) -> Failure {
        let of_the_bytes =
            [ErrorKind::InvalidData, ErrorKind::InvalidInput, ErrorKind::UnexpectedEof, ErrorKind::Other];
        let cause = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
        let is_input = cause.is_none_or(|cause| of_the_bytes.contains(&cause.kind()))
            && !error.to_string().ends_with("was stopped");
        let fail = if is_input { Failure::input } else { Failure::work };
        let next = safe!("check that the file is whole and not being written");
        fail(safe!("{}", self.source.label), safe!("{error:#}"), next)
    }
}
