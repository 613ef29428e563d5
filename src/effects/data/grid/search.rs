//! Finds a text or a pattern in the cells of a file: raw bytes first, cells only of records that hit.

use std::io::{Read, Result as IoResult};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Literal};

use super::cells::Cells;
use super::index::Index;
use super::pass::{Alarm, join, lock};
use super::records::{Layout, PIECE, Pieces};
use super::scan::{BLOCK, State, Walk, block_at};

/// How a pattern is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As the text itself.
    Text,
    /// As a regular expression.
    Regex,
}

/// What is looked for in each cell.
#[derive(Debug)]
pub struct Pattern {
    cell: Regex,
    raw: Raw,
}

/// What a record must hold, as it stands in the file, for a cell of it to hit.
#[derive(Debug)]
enum Raw {
    Text(Box<Finder<'static>>),
    Regex(Box<Regex>),
}

impl Pattern {
    /// A text or a regular expression; `.` matches line ends too, since cells may hold them.
    ///
    /// Fails with what is wrong with the expression.
    pub fn new(pattern: &str, language: Language, ignores_case: bool) -> Result<Self> {
        let is_regex = language == Language::Regex;
        let source = if is_regex { pattern.to_owned() } else { regex::escape(pattern) };
        let build = |source: &str, ignores_case: bool| {
            RegexBuilder::new(source).case_insensitive(ignores_case).dot_matches_new_line(true).build()
        };
        let cell = build(&source, ignores_case)?;
        let raw = if !is_regex && !ignores_case && !pattern.contains('"') {
            Raw::Text(Box::new(Finder::new(pattern.as_bytes()).into_owned()))
        } else {
            let hir = regex_syntax::ParserBuilder::new()
                .case_insensitive(ignores_case)
                .dot_matches_new_line(true)
                .utf8(false)
                .build()
                .parse(&source)?;
            Raw::Regex(Box::new(build(&loosened(&hir).to_string(), false).context("the expression is too long")?))
        };
        Ok(Self { cell, raw })
    }

    /// Whether a cell hits.
    pub fn is_in(&self, cell: &[u8]) -> bool {
        match &self.raw {
            Raw::Text(finder) => finder.find(cell).is_some(),
            Raw::Regex(_) => self.cell.is_match(cell),
        }
    }

    fn find_raw(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.raw {
            Raw::Text(finder) => finder.find(&bytes[from..]).map(|at| at + from),
            Raw::Regex(regex) => regex.find_at(bytes, from).map(|found| found.start()),
        }
    }
}

/// The expression as it can stand in the file: without conditions on what is around it, since cells have other
/// neighbours there, and with two quotes in place of one, since quotes in quoted cells are doubled.
fn loosened(hir: &Hir) -> Hir {
    let twice = || Hir::literal(*b"\"\"");
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(Literal(bytes)) => Hir::concat(
            bytes
                .split_inclusive(|byte| *byte == b'"')
                .flat_map(|part| match part {
                    [text @ .., b'"'] => {
                        vec![Hir::literal(text.to_vec()), Hir::alternation(vec![twice(), Hir::literal(*b"\"")])]
                    }
                    text => vec![Hir::literal(text.to_vec())],
                })
                .collect(),
        ),
        HirKind::Class(class) => {
            let has_quote = match class {
                Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&'"')),
                Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&b'"')),
            };
            if has_quote { Hir::alternation(vec![twice(), hir.clone()]) } else { hir.clone() }
        }
        HirKind::Repetition(repetition) => {
            let mut loose = repetition.clone();
            loose.sub = Box::new(loosened(&repetition.sub));
            Hir::repetition(loose)
        }
        HirKind::Capture(capture) => loosened(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loosened).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(loosened).collect()),
    }
}

/// A cell that hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Row in the file, from zero.
    pub row: u64,
    /// The first column of that row that hits.
    pub column: usize,
}

/// A file to be searched.
pub struct Place<'a> {
    /// Opens it at an offset.
    pub open_at: &'a (dyn Fn(u64) -> IoResult<Box<dyn Read + Send>> + Sync),
    /// How it is laid out.
    pub layout: Layout,
    /// What is known of its rows; it need not be complete.
    pub index: &'a Index,
    /// Whether the search is to end early.
    pub is_stopped: &'a (dyn Fn() -> bool + Sync),
    /// Workers.
    pub n_workers: usize,
}

/// Rows that hit, in order, in a piece of whole records of which the first has the number `first`.
fn hits_in(bytes: &[u8], first: u64, layout: Layout, pattern: &Pattern, row: &mut Cells) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut hit_at = pattern.find_raw(bytes, 0);
    if hit_at.is_none() {
        return hits;
    }
    // Records are counted up to each hit, and only those that hit are cut.
    let mut walk = Walk::new(layout.delimiter, State::START);
    let (mut record, mut start, mut at) = (first, None::<usize>, 0);
    let mut close = |record: u64, start: usize, end: usize, hit_at: &mut Option<usize>| {
        let Some(hit) = *hit_at else { return };
        if hit >= end {
            return;
        }
        row.bytes.clear();
        row.bytes.extend_from_slice(&bytes[start..end]);
        row.cut(layout.n_columns, layout.delimiter);
        if row.n_rows > 0
            && let Some(column) = (0..layout.n_columns).find(|column| pattern.is_in(row.cell(0, *column)))
        {
            hits.push(Hit { row: record, column });
        }
        *hit_at = pattern.find_raw(bytes, end);
    };
    while at < bytes.len() && hit_at.is_some() {
        let (block, n) = block_at(bytes, at);
        let mut starts = walk.step::<false>(&block, n).starts;
        while starts != 0 {
            let here = at + starts.trailing_zeros() as usize;
            starts &= starts - 1;
            if let Some(start) = start {
                close(record, start, here, &mut hit_at);
                record += 1;
            }
            start = Some(here);
        }
        at += BLOCK;
    }
    if let Some(start) = start
        && hit_at.is_some()
    {
        close(record, start, bytes.len(), &mut hit_at);
    }
    hits
}

/// Rows that hit from `from` on, in order, up to `limit` of them; `hear` gets them as they are found, piece by piece,
/// and the number of bytes searched so far.
pub fn forward(
    place: &Place<'_>,
    pattern: &Pattern,
    from: u64,
    limit: usize,
    hear: &(dyn Fn(&[Hit], u64) + Sync),
) -> Result<Vec<Hit>> {
    let n_header = u64::from(place.layout.has_header);
    let (offset, first) = match place.index.find(from) {
        Some(start) if start.offset > place.layout.start as u64 => (start.offset, from + n_header - start.n_before),
        _ => (place.layout.start as u64, 0),
    };
    let pieces = Mutex::new(Pieces::resume((place.open_at)(offset)?, place.layout, offset, first));
    let found = Mutex::new(Vec::<Hit>::new());
    // No piece after the one in which the limit was reached need be looked at.
    let last_piece = AtomicU64::new(u64::MAX);
    let counts = Mutex::new(std::collections::BTreeMap::<u64, usize>::new());
    let has_failed = std::sync::atomic::AtomicBool::new(false);
    let work = || -> Result<()> {
        let (mut bytes, mut row) = (Vec::new(), Cells::default());
        loop {
            if has_failed.load(Ordering::Relaxed) || (place.is_stopped)() {
                anyhow::bail!(super::pass::STOPPED);
            }
            let Some(piece) = lock(&pieces).next(&mut bytes)? else { return Ok(()) };
            if piece.piece > last_piece.load(Ordering::Relaxed) {
                return Ok(());
            }
            let mut hits = hits_in(&bytes, piece.first_row, place.layout, pattern, &mut row);
            hits.retain_mut(|hit| {
                let is_row = hit.row >= from + n_header;
                hit.row = hit.row.saturating_sub(n_header);
                is_row
            });
            let mut counts = lock(&counts);
            counts.insert(piece.piece, hits.len());
            let mut sum = 0;
            for (expected, (number, n)) in (0..).zip(counts.iter()) {
                sum += n;
                if *number != expected {
                    break;
                }
                if sum >= limit {
                    last_piece.fetch_min(*number, Ordering::Relaxed);
                    break;
                }
            }
            drop(counts);
            hear(&hits, piece.n_bytes);
            lock(&found).extend(hits);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..place.n_workers.max(1))
            .map(|_| {
                let (work, has_failed) = (&work, &has_failed);
                scope.spawn(move || Alarm::guard(has_failed, work))
            })
            .collect();
        join(workers)
    })?;
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort_unstable();
    found.truncate(limit);
    Ok(found)
}

/// The last row before `before` that hits, among the rows that the index knows.
pub fn backward(place: &Place<'_>, pattern: &Pattern, before: u64) -> Result<Option<Hit>> {
    let n_header = u64::from(place.layout.has_header);
    let (mut bytes, mut row) = (Vec::new(), Cells::default());
    let last = place.index.find(before).map(|start| (start.offset, PIECE as u64, before + n_header - start.n_before));
    // The stretch that holds `before` itself, then those in front of it.
    for (idx, (offset, n_bytes, first)) in last.into_iter().chain(place.index.before(before)).enumerate() {
        if (place.is_stopped)() {
            anyhow::bail!(super::pass::STOPPED);
        }
        if idx == 0 {
            let mut pieces = Pieces::resume((place.open_at)(offset)?, place.layout, offset, first);
            pieces.next(&mut bytes)?;
        } else {
            bytes.clear();
            (place.open_at)(offset)?.take(n_bytes).read_to_end(&mut bytes)?;
        }
        let hits = hits_in(&bytes, first, place.layout, pattern, &mut row);
        let is_before = |hit: &&Hit| hit.row >= n_header && hit.row - n_header < before;
        if let Some(hit) = hits.iter().rev().find(is_before) {
            return Ok(Some(Hit { row: hit.row - n_header, ..*hit }));
        }
    }
    Ok(None)
}
