//! The pass over a file that profiles every column: pieces are cut side by side, and each column takes them in order.
//!
//! A worker takes the next piece, cuts it into cells and hands it to one column after the other; a column waits for the
//! piece before. So workers follow each other through the columns as on an assembly line: nothing has to be merged,
//! every value is seen in the file's order, and the result does not depend on who was faster.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::cells::Cells;
use super::column::{ColumnPass, N_ROWS, Open, Scratch, ranked};
use super::numbers::Room;
use super::records::{Layout, Pieces, Place};
use super::rows::{Repeats, Rows};
use crate::domain::profile::{ColumnProfile, Flaws};

/// Memory for the values of all columns.
pub const BUDGET: usize = 96 << 20;

/// What a pass reports while it runs.
#[derive(Debug)]
pub enum Event {
    /// Rows and bytes so far.
    Progress(u64, u64),
    /// A column as it stands after the first so many rows.
    Column(usize, Box<ColumnProfile>, u64),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// One a column, in the file's order.
    pub columns: Vec<ColumnProfile>,
    /// Rows.
    pub n_rows: u64,
    /// What is wrong with records, by the numbers of their rows.
    pub flaws: Flaws,
    /// Repeated rows.
    pub repeats: Repeats,
    /// BLAKE3 of the bytes that were read.
    pub hash: String,
}

/// What is to be read, and how.
pub struct Task<'a> {
    /// Opens the file at its start.
    pub open: &'a (dyn Fn() -> std::io::Result<Box<dyn Read + Send>> + Sync),
    /// How it is laid out.
    pub layout: Layout,
    /// Names of the columns.
    pub names: &'a [String],
    /// Bytes in all; none if it is packed.
    pub n_bytes: Option<u64>,
    /// Whether the pass is to end early.
    pub is_stopped: &'a (dyn Fn() -> bool + Sync),
    /// Workers.
    pub n_workers: usize,
    /// Memory for the values of all columns; [`BUDGET`].
    pub budget: usize,
}

/// What a column is doing in a pass.
enum Work {
    First(Box<ColumnPass>),
    Again(Box<ColumnPass>),
    Texts(super::texts::Lookup),
    FarOut { column: Box<ColumnPass>, low: f64, high: f64, rows: Vec<u64> },
}

struct Slot {
    column: usize,
    turn: Mutex<(u64, Work)>,
    next: Condvar,
}

/// Locks, also after a worker failed while it held the lock.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Profiles a file.
pub fn profile(task: &Task<'_>, hear: &mut dyn FnMut(Event)) -> Result<Outcome> {
    let mut pieces = Pieces::new((task.open)()?, task.layout, true);
    let generous = Room { n_bytes: task.budget, n_expected: None, n_tail: n_tail(task.layout.n_columns) };
    let mut columns: Vec<ColumnPass> = (0..task.layout.n_columns).map(|idx| ColumnPass::new(idx, generous)).collect();
    let (mut cells, mut scratch, mut rows) = (Cells::default(), Scratch::default(), Rows::default());
    // The first piece by itself: it says how much there is to expect, and shows something at once.
    let place = take(&mut pieces, &mut cells, task.layout)?.context("there is nothing in it")?;
    let mut hashes = vec![0; cells.n_rows];
    for (idx, column) in columns.iter_mut().enumerate() {
        column.push(&cells, idx, &mut scratch, &mut hashes);
        hear(Event::Column(idx, Box::new(column.finish(&task.names[idx]).0), cells.n_rows as u64));
    }
    share_out(&mut columns, &cells, place, task);
    if let Some(n_bytes) = task.n_bytes {
        rows.expect(expected_rows(&cells, place, n_bytes));
    }
    rows.push(&hashes);
    let flaws = std::mem::take(&mut cells.flaws);
    let slots: Vec<Slot> =
        columns.into_iter().enumerate().map(|(idx, column)| Slot::new(idx, 1, Work::First(Box::new(column)))).collect();
    let rows = Mutex::new((1, rows, flaws));
    let line = Line { is_first: true, task, pieces: Mutex::new(pieces), slots, rows, moved: Condvar::new() };
    line.run(hear)?;
    let hash = lock(&line.pieces).hash().unwrap_or_default();
    let (_, mut rows, flaws) = line.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut columns: Vec<ColumnPass> = line.slots.into_iter().filter_map(Slot::into_column).collect();
    let finished = finish(&mut columns, task);
    let columns = look_again(task, columns, finished, &mut rows)?;
    Ok(Outcome { columns, n_rows: rows.n_rows, flaws, repeats: rows.repeats(), hash })
}

/// Looks at the file once more where the first pass left something open.
fn look_again(
    task: &Task<'_>,
    mut passes: Vec<ColumnPass>,
    finished: Vec<(ColumnProfile, Option<Open>)>,
    rows: &mut Rows,
) -> Result<Vec<ColumnProfile>> {
    let mut known: Vec<ColumnProfile> = Vec::with_capacity(finished.len());
    let mut open: Vec<(usize, Open)> = Vec::new();
    for (idx, (profile, left)) in finished.into_iter().enumerate() {
        known.push(profile);
        open.extend(left.map(|left| (idx, left)));
    }
    // A column that is read again may itself leave something open, hence the second round; there is no third.
    for _ in 0..2 {
        if open.is_empty() {
            break;
        }
        let slots = open
            .drain(..)
            .map(|(idx, left)| {
                let pass = &passes[idx];
                Slot::new(
                    idx,
                    0,
                    match left {
                        Open::Kind => Work::Again(Box::new(pass.again())),
                        Open::Texts(lookup) => Work::Texts(lookup),
                        Open::FarOut(low, high) => {
                            Work::FarOut { column: Box::new(pass.again()), low, high, rows: Vec::new() }
                        }
                    },
                )
            })
            .collect();
        let pieces = Mutex::new(Pieces::new((task.open)()?, task.layout, false));
        let own = Mutex::new((0, std::mem::take(rows), Flaws::default()));
        let line = Line { is_first: false, task, pieces, slots, rows: own, moved: Condvar::new() };
        line.run(&mut |_| {})?;
        *rows = line.rows.into_inner().unwrap_or_else(PoisonError::into_inner).1;
        for slot in line.slots {
            let idx = slot.column;
            match slot.turn.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
                Work::Again(mut column) => {
                    let (profile, left) = column.finish(&task.names[idx]);
                    passes[idx] = *column;
                    known[idx] = profile;
                    open.extend(left.map(|left| (idx, left)));
                }
                Work::Texts(lookup) => {
                    known[idx].top = ranked(lookup.texts());
                    known[idx].role = crate::domain::profile::role_of(&known[idx]);
                }
                Work::FarOut { rows, .. } => known[idx].far_out_rows = rows,
                Work::First(_) => {}
            }
        }
    }
    Ok(known)
}

/// Finishes columns side by side: sorting what was kept is a good part of the work.
fn finish(columns: &mut [ColumnPass], task: &Task<'_>) -> Vec<(ColumnProfile, Option<Open>)> {
    let n = columns.len();
    let queue = Mutex::new(columns.iter_mut().enumerate());
    let done = Mutex::new((0..n).map(|_| None).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..task.n_workers.max(1) {
            scope.spawn(|| {
                loop {
                    let Some((idx, column)) = lock(&queue).next() else { break };
                    let known = column.finish(&task.names[idx]);
                    lock(&done)[idx] = Some(known);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
}

fn n_tail(n_columns: usize) -> usize {
    ((8 << 20) / 64 / n_columns.max(1)).clamp(16, 1024)
}

fn expected_rows(cells: &Cells, place: Place, n_bytes: u64) -> u64 {
    let n_rows = cells.n_rows as u64;
    if n_bytes <= place.n_bytes {
        return n_rows;
    }
    // A little more than the first piece lets expect.
    n_bytes.saturating_mul(n_rows + n_rows / 32 + 1) / (cells.bytes.len() as u64).max(1)
}

/// Columns whose values differ need room for every value; the others for a table of their different values.
fn share_out(columns: &mut [ColumnPass], cells: &Cells, place: Place, task: &Task<'_>) {
    let n_columns = columns.len().max(1);
    let n_expected = task.n_bytes.map(|n_bytes| expected_rows(cells, place, n_bytes));
    let n_tail = n_tail(n_columns);
    let all_fit = n_expected.is_some_and(|n| n * 8 * n_columns as u64 <= task.budget as u64);
    let n_mixed = columns.iter().filter(|column| column.variety().1).count().max(1);
    for column in columns {
        let (n_values, is_mixed) = column.variety();
        let n_bytes = if all_fit || is_mixed { task.budget / n_mixed } else { task.budget / n_columns };
        let n_own = n_expected.map(|n| n * n_values / (cells.n_rows as u64).max(1));
        column.set_room(Room { n_bytes, n_expected: n_own, n_tail });
    }
}

fn take<R: Read>(pieces: &mut Pieces<R>, cells: &mut Cells, layout: Layout) -> Result<Option<Place>> {
    let place = pieces.next(&mut cells.bytes)?;
    if let Some(place) = place {
        cut(cells, place, layout);
    }
    Ok(place)
}

fn cut(cells: &mut Cells, place: Place, layout: Layout) {
    cells.cut(layout.n_columns, layout.delimiter);
    cells.first_row = place.first_row;
    if place.has_header {
        cells.drop_first();
    }
}

struct Line<'a, R> {
    is_first: bool,
    task: &'a Task<'a>,
    pieces: Mutex<Pieces<R>>,
    slots: Vec<Slot>,
    rows: Mutex<(u64, Rows, Flaws)>,
    moved: Condvar,
}

impl Slot {
    fn new(column: usize, turn: u64, work: Work) -> Self {
        Self { column, turn: Mutex::new((turn, work)), next: Condvar::new() }
    }

    fn into_column(self) -> Option<ColumnPass> {
        match self.turn.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
            Work::First(column) => Some(*column),
            Work::Again(_) | Work::Texts(_) | Work::FarOut { .. } => None,
        }
    }
}

impl<R: Read + Send> Line<'_, R> {
    fn run(&self, hear: &mut dyn FnMut(Event)) -> Result<()> {
        let has_failed = AtomicBool::new(false);
        let (events, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            let workers = (0..self.task.n_workers.max(1))
                .map(|_| {
                    let (events, has_failed) = (events.clone(), &has_failed);
                    scope.spawn(move || Alarm::guard(has_failed, || self.work(&events, has_failed)))
                })
                .collect();
            drop(events);
            heard.into_iter().for_each(hear);
            join(workers)
        })
    }

    fn work(&self, events: &Sender<Event>, has_failed: &AtomicBool) -> Result<()> {
        let (mut cells, mut scratch, mut hashes) = (Cells::default(), Scratch::default(), Vec::new());
        let is_stopped = || has_failed.load(Ordering::Relaxed) || (self.task.is_stopped)();
        loop {
            if is_stopped() {
                bail!(STOPPED);
            }
            let Some(place) = lock(&self.pieces).next(&mut cells.bytes)? else { return Ok(()) };
            cut(&mut cells, place, self.task.layout);
            hashes.clear();
            hashes.resize(cells.n_rows, 0);
            let mut is_correction = false;
            for slot in &self.slots {
                let mut turn = wait(&slot.turn, &slot.next, |turn| turn.0 == place.piece, &is_stopped)?;
                match &mut turn.1 {
                    Work::First(column) => {
                        column.push(&cells, slot.column, &mut scratch, &mut hashes);
                        if matches!(place.piece, 8 | 64 | 512 | 4096) {
                            let known = column.finish(&self.task.names[slot.column]);
                            if !matches!(known.1, Some(Open::Kind)) {
                                let n_rows = place.first_row + cells.n_rows as u64;
                                let _ = events.send(Event::Column(slot.column, Box::new(known.0), n_rows));
                            }
                        }
                    }
                    Work::Again(column) => {
                        is_correction = true;
                        column.push_again(&cells, slot.column, &mut scratch, &mut hashes);
                    }
                    Work::Texts(lookup) => cells.column(slot.column).for_each(|cell| lookup.see(cell)),
                    Work::FarOut { column, low, high, rows } => {
                        if rows.len() < N_ROWS {
                            rows.extend(column.outside(*low, *high, &cells, slot.column, &mut scratch));
                            rows.truncate(N_ROWS);
                        }
                    }
                }
                turn.0 += 1;
                drop(turn);
                slot.next.notify_all();
            }
            let mut rows = wait(&self.rows, &self.moved, |rows| rows.0 == place.piece, &is_stopped)?;
            if is_correction && !self.is_first {
                rows.1.correct(place.first_row, &hashes);
            } else if self.is_first {
                rows.1.push(&hashes);
                rows.2.join(&cells.flaws, place.first_row);
            }
            rows.0 += 1;
            drop(rows);
            self.moved.notify_all();
            let _ = events.send(Event::Progress(place.first_row + cells.n_rows as u64, place.n_bytes));
        }
    }
}

/// What a worker says that ended because it was told to.
pub const STOPPED: &str = "reading was stopped";

/// Tells the other workers when this one fails, by an error or a panic, so that none waits for it.
pub struct Alarm<'a>(&'a AtomicBool);

impl Alarm<'_> {
    /// Does `work`, and rings if it fails.
    pub fn guard<T>(has_failed: &AtomicBool, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let alarm = Alarm(has_failed);
        let result = work();
        if result.is_ok() {
            std::mem::forget(alarm);
        }
        result
    }
}

/// Waits for all workers; the error of the first that failed by itself.
pub fn join(workers: Vec<ScopedJoinHandle<'_, Result<()>>>) -> Result<()> {
    let mut failure: Option<anyhow::Error> = None;
    for worker in workers {
        if let Err(error) = worker.join().unwrap_or_else(|_| Err(anyhow!("a worker failed"))) {
            // The others only say that they were stopped.
            let is_better = failure.as_ref().is_none_or(|first| first.to_string() == STOPPED);
            failure = if is_better { Some(error) } else { failure };
        }
    }
    failure.map_or(Ok(()), Err)
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Waits until it is this one's turn.
pub fn wait<'a, T>(
    mutex: &'a Mutex<T>,
    moved: &Condvar,
    is_mine: impl Fn(&T) -> bool,
    is_stopped: &dyn Fn() -> bool,
) -> Result<MutexGuard<'a, T>> {
    let mut guard = lock(mutex);
    while !is_mine(&guard) {
        if is_stopped() {
            bail!(STOPPED);
        }
        guard = moved.wait_timeout(guard, Duration::from_millis(20)).unwrap_or_else(PoisonError::into_inner).0;
    }
    Ok(guard)
}
