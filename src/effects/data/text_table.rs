//! CSV, TSV and NDJSON files: pages by offset, rows counted in one pass, columns read typed.

use std::cell::Cell as StdCell;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;

use crate::domain::dataset::{Cell, Column, Format, Page, Source};
use crate::domain::failure::Failure;
use crate::domain::kind::{self, Guess, Kind};
use crate::domain::profile::Occurrences;
use crate::effects::data::Progress;
use crate::effects::data::convert::{self, Converted};
use crate::effects::data::frame::{Frame, TextColumn};
use crate::effects::data::grid::index::{self, Index};
use crate::effects::data::grid::{pass, records, search};
use crate::effects::data::index::Scanner;
use crate::effects::data::layers::{self, Layers, Packing};
use crate::effects::data::ndjson;
use crate::effects::data::profile;
use crate::effects::data::sniff::{self, Shape, Sniffed};
use crate::effects::data::spool::{self, Spool};
use crate::safe;
use crate::text::SafeText;
use crate::text::sanitize::{Place, sanitize_for};

/// Cells longer than this are cut for the screen.
const MAX_CELL: usize = 2_000;

/// An open text file.
#[derive(Debug)]
pub struct TextTable {
    path: PathBuf,
    layers: Layers,
    /// Bytes of the text that were in the spool from the start.
    n_head: u64,
    spool: Option<Spool>,
    layout: Layout,
    names: Vec<String>,
    index: RwLock<Index>,
    n_bytes: u64,
    converted: Option<Origin>,
    other_keys: OnceLock<Occurrences>,
}

/// Where converted rows came from.
#[derive(Debug)]
struct Origin {
    /// Its bytes are what is hashed.
    file: PathBuf,
    /// Held so that the rows stay as long as the table is open.
    _rows: tempfile::TempPath,
}

#[derive(Clone, Copy, Debug)]
struct Layout {
    format: Format,
    delimiter: u8,
    has_header: bool,
    start: u64,
}

impl Layout {
    fn records(self, n_columns: usize) -> records::Layout {
        let Self { delimiter, has_header, start, .. } = self;
        records::Layout { delimiter, has_header, start: usize::try_from(start).unwrap_or_default(), n_columns }
    }

    fn reader<R: Read>(self, bytes: R) -> csv::Reader<R> {
        csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(64 * 1024)
            .from_reader(bytes)
    }
}

/// What is said of a file with names of columns alone.
pub fn no_rows(name: SafeText) -> Failure {
    Failure::input(name, safe!("it has a header but no rows"), safe!("open a file with at least one row"))
}

impl TextTable {
    /// Opens what has been sniffed.
    pub fn open(path: &Path, sniffed: &Sniffed) -> Result<(Source, Self), Failure> {
        let Shape::Text { format, delimiter, has_header, start } = sniffed.shape else {
            return Err(Failure::work(sniff::label(path), safe!("it is not a text file"), safe!("report this")));
        };
        let layout = Layout { format, delimiter, has_header, start };
        let name = sniff::label(path);
        let mut notes = Vec::new();
        let head = complete_records(sniffed, layout);
        let mut names = names_of(head, layout);
        if layout.has_header && has_row_names(head, layout, names.len()) {
            names.insert(0, "row".to_owned());
            notes.push(safe!("each row has one field more than the header: the first is taken for its name"));
        }
        let unique = make_unique(&names);
        if unique != names {
            notes.push(safe!("columns of the same name were numbered"));
        }
        if format != Format::Ndjson && !has_header {
            notes.push(safe!("no header: columns are numbered"));
        }
        if matches!(format, Format::Csv) && delimiter != b',' {
            notes.push(safe!("fields are cut at “{}”", char::from(delimiter)));
        }
        if sniffed.layers.packing != Packing::None {
            notes.push(safe!("unpacked from {}", sniffed.layers.packing.word()));
        }
        notes.extend(sniffed.layers.encoding.note().map(SafeText::from));
        notes.extend(sniffed.notes.iter().cloned());
        let whole_head = &sniffed.head[start_of(layout)..];
        let index = if format == Format::Ndjson {
            let mut scanner = Scanner::new(start);
            scanner.push(whole_head);
            if sniffed.head_is_all {
                scanner.finish();
            }
            scanner.index()
        } else {
            Index::of_head(whole_head, layout.records(names.len()), sniffed.head_is_all)
        };
        if index.n_rows() == 0 && sniffed.head_is_all {
            return Err(no_rows(name));
        }
        let work = |error: std::io::Error| {
            Failure::work(sniff::label(path), safe!("{error}"), safe!("make room in the temporary folder"))
        };
        let spool = if sniffed.layers.is_none() { None } else { Some(Spool::new().map_err(work)?) };
        if let Some(spool) = &spool {
            spool.write(&sniffed.head).map_err(work)?;
        }
        let n_rows = index.is_complete.then_some(index.n_rows());
        let index = RwLock::new(index);
        let table = Self {
            path: path.to_owned(),
            layers: sniffed.layers,
            n_head: sniffed.head.len() as u64,
            spool,
            layout,
            names: unique,
            index,
            n_bytes: sniffed.n_bytes,
            converted: None,
            other_keys: OnceLock::new(),
        };
        let kinds = table.guess_kinds(head);
        let columns = table.names.iter().zip(kinds).map(|(name, kind)| Column::new(name, kind)).collect();
        let format = if sniffed.layers.is_json { Format::Json } else { format };
        let source =
            Source { path: path.to_owned(), label: name, format, n_bytes: sniffed.n_bytes, columns, n_rows, notes };
        Ok((source, table))
    }

    /// Converts a table of a workbook or a database, and opens the rows; `n_bytes` is the size of the file itself.
    pub fn of_converted(place: &convert::Place, kind: convert::Kind, n_bytes: u64) -> Result<(Source, Self), Failure> {
        let name = sniff::label(&place.file);
        let Converted { file, report } = convert::convert(place, kind, convert::Wanted::Rows)?;
        let gone = |error: std::io::Error| Failure::work(name.clone(), safe!("{error}"), safe!("open it again"));
        let (head, head_is_all) = convert::head_of(&file).map_err(gone)?;
        let n_rows_bytes = std::fs::metadata(&file).map_err(gone)?.len();
        let has_header = report.body == convert::Body::Named || sniff::has_header(&head, b',');
        let shape = Shape::Text { format: Format::Csv, delimiter: b',', has_header, start: 0 };
        let layers = Layers::default();
        let sniffed = Sniffed { shape, head, head_is_all, layers, n_bytes: n_rows_bytes, notes: Vec::new() };
        let (mut source, mut table) =
            Self::open(&file, &sniffed).map_err(|failure| Failure { what: name.clone(), ..failure })?;
        source.notes.splice(0..0, convert::safe_notes(&report.notes));
        source.format = report.was.format();
        source.n_bytes = n_bytes;
        table.converted = Some(Origin { file: place.file.clone(), _rows: file });
        Ok((source, table))
    }

    fn guess_kinds(&self, head: &[u8]) -> Vec<Kind> {
        let mut columns: Vec<TextColumn> = self.names.iter().map(|_| TextColumn::default()).collect();
        let wanted: Vec<usize> = (0..self.names.len()).collect();
        let mut n = 0;
        let _ = self.each_record(head, self.layout.has_header, &mut |cells| {
            for idx in &wanted {
                columns[*idx].push(cells.get(*idx).copied().flatten());
            }
            n += 1;
            Ok(n < 1000)
        });
        columns.iter().map(TextColumn::guess).collect()
    }

    /// Reads a window of cells.
    pub fn page(&self, first_row: u64, n: usize) -> Result<Page> {
        let mut rows = Vec::with_capacity(n);
        self.each_from(first_row, &mut |cells| {
            rows.push(self.shown(cells));
            Ok(rows.len() < n)
        })?;
        Ok(Page { first_row, rows })
    }

    /// Goes through the file once: counts rows, remembers offsets, unpacks what is packed.
    pub fn count(&self, cancel: &CancellationToken, progress: &mut dyn FnMut(Progress)) -> Result<u64> {
        {
            let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
            if index.is_complete {
                return Ok(index.n_rows());
            }
        }
        let reader = spool::Tee::new(layers::open(&self.path, self.layers)?, self.spool.as_ref(), self.n_head);
        let mut tell = |n_rows, n_read: u64| {
            progress(Progress { n_rows, n_bytes: (n_read.min(self.n_bytes), self.n_bytes) });
        };
        if !self.is_delimited() {
            return self.count_lines(reader, cancel, &mut tell);
        }
        let layout = self.layout.records(self.names.len());
        index::count(reader, layout, n_workers(), &self.index, &|| cancel.is_cancelled(), &mut tell)
    }

    fn count_lines(
        &self,
        mut reader: impl Read,
        cancel: &CancellationToken,
        tell: &mut dyn FnMut(u64, u64),
    ) -> Result<u64> {
        let mut scanner = Scanner::new(self.layout.start);
        let mut buffer = vec![0; 1 << 20];
        let (mut skip, mut n_read) = (start_of(self.layout), 0u64);
        loop {
            if cancel.is_cancelled() {
                bail!("counting was stopped");
            }
            let n = sniff::read_up_to(&mut reader, &mut buffer).context("reading")?;
            if n == 0 {
                scanner.finish();
            }
            scanner.push(&buffer[skip.min(n)..n]);
            skip = 0;
            n_read += n as u64;
            let index = scanner.index();
            let n_rows = index.n_rows();
            *self.index.write().unwrap_or_else(PoisonError::into_inner) = index;
            if n == 0 {
                return Ok(n_rows);
            }
            tell(n_rows, n_read);
        }
    }

    /// Where searches, orders and filters read.
    fn place<'a>(
        &'a self,
        open_at: &'a OpenAt<'_>,
        index: &'a Index,
        is_stopped: &'a (dyn Fn() -> bool + Sync),
    ) -> search::Place<'a> {
        let layout = self.layout.records(self.names.len());
        search::Place { open_at, layout, index, is_stopped, n_workers: n_workers() }
    }

    /// Does `work` on the rows; not for NDJSON. A packed file must have been counted, and so unpacked, before.
    /// `hear` is told how many bytes have been read so far; a file may be read several times.
    pub fn look<T>(
        &self,
        cancel: &CancellationToken,
        hear: &(dyn Fn(u64) + Sync),
        work: impl FnOnce(&search::Place<'_>) -> Result<T>,
    ) -> Result<T> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner).clone();
        if self.spool.is_some() && !index.is_complete {
            bail!("it is still being unpacked");
        }
        let n_read = Arc::new(AtomicU64::new(0));
        let open_at = |offset| {
            let mut file = self.reader().map_err(std::io::Error::other)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok(Box::new(Counted { file, n_read: Arc::clone(&n_read) }) as Box<dyn Read + Send>)
        };
        // Every worker asks this before each piece.
        let is_stopped = || {
            hear(n_read.load(Ordering::Relaxed));
            cancel.is_cancelled()
        };
        work(&self.place(&open_at, &index, &is_stopped))
    }

    /// The rows of these numbers, in this order; a row that is not there has no cells.
    pub fn rows(&self, wanted: &[u32]) -> Result<Vec<Vec<Cell>>> {
        let mut found = vec![Vec::new(); wanted.len()];
        let mut in_file: Vec<usize> = (0..wanted.len()).collect();
        in_file.sort_by_key(|idx| wanted[*idx]);
        // Rows that are near each other are read in one go.
        for near in in_file.chunk_by(|a, b| u64::from(wanted[*b] - wanted[*a]) < index::STRIDE) {
            let mut rest = near.iter().copied().peekable();
            let mut row = near.first().map_or(0, |idx| wanted[*idx]);
            self.each_from(u64::from(row), &mut |cells| {
                while let Some(idx) = rest.next_if(|idx| wanted[*idx] == row) {
                    found[idx] = self.shown(cells);
                }
                row += 1;
                Ok(rest.peek().is_some())
            })?;
        }
        Ok(found)
    }

    /// A cell as it stands in the file; nothing where it has no value.
    pub fn cell(&self, row: u64, column: usize) -> Result<Option<String>> {
        let mut found = None;
        self.each_from(row, &mut |cells| {
            found = cells.get(column).copied().flatten().map(|cell| text_of(cell).into_owned());
            Ok(false)
        })?;
        Ok(found.filter(|text| self.layout.format == Format::Ndjson || !kind::is_null_marker(text)))
    }

    /// Hands over one record after the other from a row on.
    fn each_from(&self, row: u64, take: &mut dyn FnMut(&[Option<RawCell<'_>>]) -> Result<bool>) -> Result<()> {
        let found = self.index.read().unwrap_or_else(PoisonError::into_inner).find(row);
        let Some(index::Start { offset, n_before: mut skip }) = found else { return Ok(()) };
        let mut file = self.reader()?;
        file.seek(SeekFrom::Start(offset))?;
        self.each_record(BufReader::new(file), false, &mut |cells| {
            if skip > 0 {
                skip -= 1;
                return Ok(true);
            }
            take(cells)
        })?;
        Ok(())
    }

    fn shown(&self, cells: &[Option<RawCell<'_>>]) -> Vec<Cell> {
        let cell = |idx: usize| cells.get(idx).copied().flatten().and_then(|cell| show(cell, self.layout.format));
        (0..self.names.len()).map(cell).collect()
    }

    /// Reads columns with every row, typed by all of their cells.
    pub fn frame(&self, columns: &[usize], cancel: &CancellationToken) -> Result<Frame> {
        let reader = layers::open(&self.path, self.layers)?;
        let mut cells: Vec<TextColumn> = columns.iter().map(|_| TextColumn::default()).collect();
        let mut n_rows = 0u64;
        let mut reader = BufReader::with_capacity(1 << 18, reader);
        let mut mark = vec![0; start_of(self.layout)];
        reader.read_exact(&mut mark)?;
        let others = self.each_record(reader, self.layout.has_header, &mut |record| {
            for (column, idx) in cells.iter_mut().zip(columns) {
                column.push(record.get(*idx).copied().flatten());
            }
            n_rows += 1;
            if n_rows.is_multiple_of(4096) && cancel.is_cancelled() {
                bail!("reading was stopped");
            }
            Ok(true)
        })?;
        let _ = self.other_keys.set(others);
        let names: Vec<&str> = columns.iter().map(|idx| self.names[*idx].as_str()).collect();
        Ok(Frame::from_text(&names, cells))
    }

    /// Rows of JSON with keys that are no columns, once all rows have been read.
    pub fn other_keys(&self) -> Occurrences {
        self.other_keys.get().cloned().unwrap_or_default()
    }

    /// Whether [`Self::profile`] can read it.
    pub fn is_delimited(&self) -> bool {
        self.layout.format != Format::Ndjson
    }

    /// Profiles every column in one pass, in bounded memory; `hear` is told how it goes.
    pub fn profile(&self, cancel: &CancellationToken, hear: &mut dyn FnMut(pass::Event)) -> Result<pass::Outcome> {
        let is_packed = !self.layers.is_none();
        let mut outcome = pass::profile(
            &pass::Task {
                open: &|| layers::open(&self.path, self.layers),
                layout: self.layout.records(self.names.len()),
                names: &self.names,
                n_bytes: (!is_packed).then_some(self.n_bytes),
                is_stopped: &|| cancel.is_cancelled(),
                n_workers: n_workers(),
                budget: pass::BUDGET,
            },
            hear,
        )?;
        let origin = self.converted.as_ref().map(|origin| &origin.file);
        // The pass saw the bytes unpacked or converted.
        if let Some(file) = origin.or(is_packed.then_some(&self.path)) {
            outcome.hash = profile::hash_file(file, cancel)?;
        }
        Ok(outcome)
    }

    fn reader(&self) -> Result<File> {
        match &self.spool {
            Some(spool) => Ok(spool.reader()?),
            None => File::open(&self.path).context("the file can't be opened any more"),
        }
    }

    /// Hands over one record after the other until `take` says it has enough.
    fn each_record<R: Read>(
        &self,
        bytes: R,
        skip_header: bool,
        take: &mut dyn FnMut(&[Option<RawCell<'_>>]) -> Result<bool>,
    ) -> Result<Occurrences> {
        if self.layout.format == Format::Ndjson {
            return ndjson::each_record(bytes, &self.names, take);
        }
        let left = Rc::new(StdCell::new(records::MAX_RECORD));
        let mut reader = self.layout.reader(Bounded { bytes, left: Rc::clone(&left) });
        let mut record = csv::ByteRecord::new();
        if skip_header {
            reader.read_byte_record(&mut record)?;
        }
        while reader.read_byte_record(&mut record)? {
            left.set(records::MAX_RECORD);
            let cells: Vec<Option<RawCell<'_>>> = record.iter().map(|cell| Some(RawCell::Field(cell))).collect();
            if !take(&cells)? {
                break;
            }
        }
        Ok(Occurrences::default())
    }
}

/// A cell as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub enum RawCell<'a> {
    /// A field of a CSV file, to be read as whatever it looks like.
    Field(&'a [u8]),
    /// A JSON string.
    String(&'a str),
    /// A JSON number or truth value.
    Scalar(&'a str),
    /// A JSON list or object.
    Nested(&'a str),
}

fn text_of(cell: RawCell<'_>) -> std::borrow::Cow<'_, str> {
    match cell {
        RawCell::Field(bytes) => String::from_utf8_lossy(bytes),
        RawCell::String(text) | RawCell::Scalar(text) | RawCell::Nested(text) => text.into(),
    }
}

/// Gives so many bytes and no more until it is told to go on: what is no record does not fill the memory.
struct Bounded<R> {
    bytes: R,
    left: Rc<StdCell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.bytes.read(buffer)?;
        let Some(left) = self.left.get().checked_sub(n) else {
            return Err(std::io::Error::new(ErrorKind::InvalidData, records::ENDLESS));
        };
        self.left.set(left);
        Ok(n)
    }
}

/// A file whose bytes are counted as they are read.
struct Counted {
    file: File,
    n_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.n_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

fn show(cell: RawCell<'_>, format: Format) -> Cell {
    let text = text_of(cell);
    if format != Format::Ndjson && kind::is_null_marker(&text) {
        return None;
    }
    let cut = text.char_indices().nth(MAX_CELL).map_or(text.len(), |(at, _)| at);
    Some(sanitize_for(Place::Cell, &text[..cut]))
}

fn start_of(layout: Layout) -> usize {
    usize::try_from(layout.start).unwrap_or_default()
}

/// Opens a file at an offset.
type OpenAt<'a> = dyn Fn(u64) -> std::io::Result<Box<dyn Read + Send>> + Sync + 'a;

/// Threads that read side by side.
fn n_workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8)
}

/// The part of the head that holds whole records, without the byte order mark.
fn complete_records(sniffed: &Sniffed, layout: Layout) -> &[u8] {
    let head = &sniffed.head[start_of(layout)..];
    if sniffed.head_is_all {
        return head;
    }
    // A quoted line end may be among them, which costs the last record of a guess and no more.
    memchr::memrchr(b'\n', head).map_or(head, |end| &head[..=end])
}

/// Names of the columns.
fn names_of(head: &[u8], layout: Layout) -> Vec<String> {
    if layout.format == Format::Ndjson {
        return ndjson::names(head);
    }
    let mut record = csv::ByteRecord::new();
    let _ = layout.reader(head).read_byte_record(&mut record);
    if layout.has_header {
        let mut names: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        for (idx, name) in names.iter_mut().enumerate() {
            if name.trim().is_empty() {
                *name = format!("column_{}", idx + 1);
            }
        }
        names
    } else {
        (1..=record.len()).map(|idx| format!("column_{idx}")).collect()
    }
}

/// Whether the first rows all have one field more than the header, and not because each line ends with a delimiter: so R
/// writes names of rows.
fn has_row_names(head: &[u8], layout: Layout, n_names: usize) -> bool {
    let mut reader = layout.reader(head);
    let rows: Vec<csv::ByteRecord> = reader.byte_records().skip(1).take(20).filter_map(Result::ok).collect();
    let is_one_more = rows.iter().all(|row| row.len() == n_names + 1);
    rows.len() > 1 && is_one_more && rows.iter().any(|row| row.iter().next_back().is_some_and(|cell| !cell.is_empty()))
}

/// Numbers names that occur again, as pandas does: `a`, `a.1`, `a.2`.
fn make_unique(names: &[String]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    // The last number of each name, so that a hundred thousand of one name are not counted through each time.
    let mut last: std::collections::HashMap<&str, u64> = std::collections::HashMap::new();
    names
        .iter()
        .map(|name| {
            let mut unique = name.clone();
            while !seen.insert(unique.clone()) {
                let n = last.entry(name).or_default();
                *n += 1;
                unique = format!("{name}.{n}");
            }
            unique
        })
        .collect()
}

/// What a few cells look like; used where a whole column has not been read.
pub fn guess_cells<'a>(cells: impl Iterator<Item = &'a str>) -> Kind {
    let mut guess = Guess::default();
    cells.for_each(|cell| guess.see(cell));
    guess.kind()
}
