//! Where records start: one place kept for about a thousand of them, found by several workers side by side.
//!
//! A worker does not know whether its block begins inside quotes. It takes the likely answer, and when its turn comes to
//! be joined to the block before, it looks at its block again if the answer was another.

use std::io::Read;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, PoisonError, RwLock};

use anyhow::{Result, anyhow};

use super::pass::{Alarm, STOPPED, lock, wait};
use super::records::{Layout, PIECE, fill};
use super::scan::{BLOCK, State, Walk, block_at};

/// At most so many records lie between two places that are kept.
pub const STRIDE: u64 = 1024;

/// Places of records in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Numbers of records, the header among them, and their offsets in bytes.
    marks: Vec<(u64, u64)>,
    n_header: u64,
    n_records: u64,
    /// Whether the end has been reached.
    pub is_complete: bool,
}

impl Index {
    /// An index of what is known of the beginning of a file, from byte `layout.start` on.
    pub fn of_head(head: &[u8], layout: Layout, is_all: bool) -> Self {
        let found = look(head, layout.start as u64, layout.delimiter, State::START);
        // A last record that is cut off is found again, with its offset, when the file is counted.
        let n_open = u64::from(!is_all && !found.end.is_at_start() && found.n_starts > 0);
        let n_records = found.n_starts - n_open;
        let mut marks = found.marks;
        marks.retain(|(record, _)| *record < n_records);
        Self { marks, n_header: u64::from(layout.has_header), n_records, is_complete: is_all }
    }

    /// An index of lines, of which every [`STRIDE`]th has its offset in `offsets`.
    pub fn of_lines(offsets: &[u64], n_records: u64, is_complete: bool) -> Self {
        let marks = (0..).step_by(1024).zip(offsets.iter().copied()).collect();
        Self { marks, n_header: 0, n_records, is_complete }
    }

    /// Rows so far, the header not among them.
    pub fn n_rows(&self) -> u64 {
        self.n_records.saturating_sub(self.n_header)
    }

    /// A row at or before `row`, less than [`STRIDE`] before it where that is known, and its offset.
    ///
    /// None if there are no rows. A header is row -1 and so has to be read over, which is what the second number says.
    pub fn find(&self, row: u64) -> Option<Start> {
        let record = row + self.n_header;
        let at = self.marks.partition_point(|(first, _)| *first <= record).checked_sub(1)?;
        let (first, offset) = self.marks[at];
        Some(Start { offset, n_before: record - first })
    }

    /// Ranges of bytes that hold the rows before `row`, the last first: offset, length, first record, whether the
    /// header is in it.
    pub fn before(&self, row: u64) -> impl Iterator<Item = (u64, u64, u64)> {
        let end = self.find(row).map_or(0, |start| start.offset);
        let at = self.marks.partition_point(|(_, offset)| *offset < end);
        self.marks[..at].iter().enumerate().rev().map(move |(idx, (first, offset))| {
            let next = self.marks.get(idx + 1).map_or(end, |(_, next)| (*next).min(end));
            (*offset, next - offset, *first)
        })
    }

    /// Records before the first row.
    pub fn n_header(&self) -> u64 {
        self.n_header
    }
}

/// Where to begin reading for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Offset of a record.
    pub offset: u64,
    /// Records to be left out from there.
    pub n_before: u64,
}

/// What a block holds.
#[derive(Debug)]
struct Found {
    end: State,
    n_starts: u64,
    /// Numbers within the block, and offsets.
    marks: Vec<(u64, u64)>,
}

fn look(bytes: &[u8], offset: u64, delimiter: u8, state: State) -> Found {
    let mut walk = Walk::new(delimiter, state);
    let (mut n_starts, mut marks, mut at, mut next) = (0, Vec::new(), 0, 0);
    while at < bytes.len() {
        let (block, n) = block_at(bytes, at);
        let mut starts = walk.step::<false>(&block, n).starts;
        let n_here = u64::from(starts.count_ones());
        if n_starts + n_here > next {
            for _ in n_starts..next {
                starts &= starts - 1;
            }
            marks.push((next, offset + at as u64 + u64::from(starts.trailing_zeros())));
            next += STRIDE;
        }
        n_starts += n_here;
        at += BLOCK;
    }
    Found { end: walk.state, n_starts, marks }
}

/// Goes through a file once and fills `index`; `hear` is told rows and bytes now and then.
///
/// `reader` stands at the start of the file.
pub fn count(
    reader: impl Read + Send,
    layout: Layout,
    n_workers: usize,
    index: &RwLock<Index>,
    is_stopped: &(dyn Fn() -> bool + Sync),
    hear: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    struct Blocks<R> {
        reader: R,
        offset: u64,
        n: u64,
        before: u8,
    }
    let start = layout.start as u64;
    let blocks = Mutex::new(Blocks { reader, offset: 0, n: 0, before: b'\n' });
    let joined = Mutex::new((0u64, State::START));
    let moved = Condvar::new();
    let has_failed = std::sync::atomic::AtomicBool::new(false);
    let stop = || has_failed.load(std::sync::atomic::Ordering::Relaxed) || is_stopped();
    let work = |events: &mpsc::Sender<(u64, u64)>| -> Result<()> {
        let mut bytes = vec![0; PIECE];
        loop {
            if stop() {
                return Err(anyhow!(STOPPED));
            }
            let (number, offset, before, n) = {
                let mut blocks = lock(&blocks);
                let n = fill(&mut blocks.reader, &mut bytes)?;
                let place = (blocks.n, blocks.offset, blocks.before, n);
                blocks.n += 1;
                blocks.offset += n as u64;
                blocks.before = bytes[..n].last().copied().unwrap_or(b'\n');
                place
            };
            if n == 0 {
                return Ok(());
            }
            let skip = layout.start.min(n) * usize::from(number == 0);
            let own = &bytes[skip..n];
            let likely = if number == 0 { State::START } else { State::guess(before, layout.delimiter) };
            let mut found = look(own, offset + skip as u64, layout.delimiter, likely);
            let mut turn = wait(&joined, &moved, |turn| turn.0 == number, &stop)?;
            if turn.1 != likely {
                found = look(own, offset + skip as u64, layout.delimiter, turn.1);
            }
            *turn = (number + 1, found.end);
            let n_rows = {
                let mut index = index.write().unwrap_or_else(PoisonError::into_inner);
                if number == 0 {
                    *index = Index { n_header: u64::from(layout.has_header), ..Index::default() };
                }
                let n_records = index.n_records;
                index.marks.extend(found.marks.iter().map(|(record, offset)| (n_records + record, *offset)));
                index.n_records += found.n_starts;
                index.n_rows()
            };
            drop(turn);
            moved.notify_all();
            let _ = events.send((n_rows, offset + n as u64));
        }
    };
    let (events, heard) = mpsc::channel();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_workers.max(1))
            .map(|_| {
                let (events, work, has_failed) = (events.clone(), &work, &has_failed);
                scope.spawn(move || Alarm::guard(has_failed, || work(&events)))
            })
            .collect();
        drop(events);
        for (n_rows, n_bytes) in heard {
            hear(n_rows, n_bytes.max(start));
        }
        super::pass::join(workers)
    })?;
    let mut index = index.write().unwrap_or_else(PoisonError::into_inner);
    index.n_header = u64::from(layout.has_header);
    index.is_complete = true;
    Ok(index.n_rows())
}
