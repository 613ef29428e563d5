//! The rows of a file in the order of one column, or those that have one value there.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use super::cells::Cells;
use super::numbers::{key_of_float, key_of_int};
use super::pass::{Alarm, STOPPED, join, lock};
use super::read;
use super::records::Pieces;
use super::search::Place;
use crate::domain::kind::Kind;
use crate::domain::view::Counts;
use crate::text::RawText;

/// How often the file is read at most to tell long texts apart that begin alike: eight bytes each time.
const MAX_LOOKS: usize = 8;

/// How many rows make the first page, and who shows it.
pub struct FirstPage<'a>(pub usize, pub &'a mut dyn FnMut(&[u32]));

/// Rows in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Numbers of rows; those without a value last.
    pub rows: Vec<u32>,
    /// Whether it is the whole truth: texts that agree in their first 64 bytes are left in the file's order.
    pub is_exact: bool,
}

/// Calls `take` with each piece, cut to the one column, on several threads and so in no order.
fn each_piece(place: &Place<'_>, column: usize, take: &(dyn Fn(&Cells) -> Result<()> + Sync)) -> Result<()> {
    let layout = place.layout;
    let offset = layout.start as u64;
    let pieces = Mutex::new(Pieces::<Box<dyn Read + Send>>::resume((place.open_at)(offset)?, layout, offset, 0));
    let has_failed = std::sync::atomic::AtomicBool::new(false);
    let n_header = usize::from(layout.has_header);
    let work = || -> Result<()> {
        let mut cells = Cells::default();
        loop {
            if has_failed.load(std::sync::atomic::Ordering::Relaxed) || (place.is_stopped)() {
                bail!(STOPPED);
            }
            let Some(piece) = lock(&pieces).next(&mut cells.bytes)? else { return Ok(()) };
            cells.cut_one(column, layout.delimiter);
            cells.first_row = piece.first_row.saturating_sub(n_header as u64);
            if piece.first_row == 0 && n_header > 0 {
                cells.drop_first();
            }
            take(&cells)?;
        }
    };
    std::thread::scope(|scope| {
        let workers = (0..place.n_workers.max(1))
            .map(|_| {
                let (work, has_failed) = (&work, &has_failed);
                scope.spawn(move || Alarm::guard(has_failed, work))
            })
            .collect();
        join(workers)
    })
}

fn row(cells: &Cells, idx: usize) -> Result<u32> {
    Ok(u32::try_from(cells.first_row + idx as u64)?)
}

/// The key of a value among those of its kind; none where there is no value, or none of that kind.
fn key(kind: Kind, cell: &[u8]) -> Option<u64> {
    if read::is_null(cell) {
        return None;
    }
    match kind {
        Kind::Int => read::int(cell).map(key_of_int),
        Kind::Float => read::float(cell).map(key_of_float),
        Kind::Bool => read::boolean(cell).map(u64::from),
        Kind::Date => read::date(cell).map(|days| key_of_int(i64::from(days))),
        Kind::Datetime => read::datetime(cell).map(key_of_int),
        Kind::Text | Kind::Other => Some(eight(cell, 0)),
    }
}

/// Eight bytes of a text from `at` on, as a number of the same order; zeros beyond its end.
fn eight(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    let mut bytes = [0; 8];
    let n = rest.len().min(8);
    bytes[..n].copy_from_slice(&rest[..n]);
    u64::from_be_bytes(bytes)
}

/// The next wider kind.
fn wider(kind: Kind) -> Kind {
    match kind {
        Kind::Int => Kind::Float,
        Kind::Date => Kind::Datetime,
        Kind::Float | Kind::Bool | Kind::Datetime | Kind::Text | Kind::Other => Kind::Text,
    }
}

/// Sorts the rows by a column, which is of that kind or, where a value does not fit it, of a wider one; equal values keep the file's order. `first` gets the first
/// `n_first` rows as soon as every value has been read, before all are sorted.
pub fn sort(place: &Place<'_>, column: usize, kind: Kind, is_descending: bool, first: FirstPage<'_>) -> Result<Order> {
    let FirstPage(n_first, show) = first;
    let flip = if is_descending { u64::MAX } else { 0 };
    let keyed = Mutex::new((Vec::<(u64, u32)>::new(), Vec::<u32>::new()));
    let does_fit = std::sync::atomic::AtomicBool::new(true);
    let read = each_piece(place, column, &|cells| {
        let (mut own, mut null) = (Vec::with_capacity(cells.n_rows), Vec::new());
        for (idx, cell) in cells.column(0).enumerate() {
            match key(kind, cell) {
                Some(key) => own.push((key ^ flip, row(cells, idx)?)),
                None if !read::is_null(cell) => {
                    does_fit.store(false, std::sync::atomic::Ordering::Relaxed);
                    bail!("a value of another kind");
                }
                None => null.push(row(cells, idx)?),
            }
        }
        let mut keyed = lock(&keyed);
        keyed.0.extend(own);
        keyed.1.extend(null);
        Ok(())
    });
    if !does_fit.into_inner() {
        drop(keyed);
        return sort(place, column, wider(kind), is_descending, FirstPage(n_first, show));
    }
    read?;
    let (mut keyed, mut nulls) = keyed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let is_text = matches!(kind, Kind::Text | Kind::Other);
    if !is_text && n_first > 0 && n_first < keyed.len() {
        keyed.select_nth_unstable(n_first);
        let mut page = keyed[..n_first].to_vec();
        page.sort_unstable();
        show(&page.iter().map(|(_, row)| *row).collect::<Vec<_>>());
    }
    keyed.sort_unstable();
    let is_exact = !is_text || tell_apart(place, column, flip, &mut keyed)?;
    let mut rows = Vec::with_capacity(keyed.len() + nulls.len());
    rows.extend(keyed.into_iter().map(|(_, row)| row));
    nulls.sort_unstable();
    rows.extend(nulls);
    Ok(Order { rows, is_exact })
}

/// Sorts rows whose texts agree in their first eight bytes by the next eight, and so on.
fn tell_apart(place: &Place<'_>, column: usize, flip: u64, sorted: &mut [(u64, u32)]) -> Result<bool> {
    /// A row that has no equal, or whose text is over.
    const DONE: u32 = u32::MAX;
    let n_rows = sorted.iter().map(|(_, row)| *row as usize + 1).max().unwrap_or(0);
    let mut ties: Vec<std::ops::Range<usize>> = ties_of(sorted, 0, flip);
    for look in 1..MAX_LOOKS {
        if ties.is_empty() {
            return Ok(true);
        }
        // Where in `sorted` the row is now.
        let mut place_of = vec![DONE; n_rows];
        for at in ties.iter().cloned().flatten() {
            place_of[sorted[at].1 as usize] = u32::try_from(at)?;
        }
        let keys = Mutex::new(&mut *sorted);
        each_piece(place, column, &|cells| {
            let own: Vec<(u32, u64)> = cells
                .column(0)
                .enumerate()
                .filter_map(|(idx, cell)| {
                    let at = *place_of.get(usize::try_from(cells.first_row).ok()? + idx)?;
                    (at != DONE).then(|| (at, eight(cell, look * 8) ^ flip))
                })
                .collect();
            let mut keys = lock(&keys);
            for (at, key) in own {
                keys[at as usize].0 = key;
            }
            Ok(())
        })?;
        drop(place_of);
        let mut next = Vec::new();
        for tie in ties {
            let group = &mut sorted[tie.clone()];
            group.sort_unstable();
            next.extend(ties_of(group, tie.start, flip));
        }
        ties = next;
    }
    Ok(ties.is_empty())
}

/// Stretches of equal keys whose texts go on.
fn ties_of(sorted: &[(u64, u32)], start: usize, flip: u64) -> Vec<std::ops::Range<usize>> {
    let mut at = start;
    sorted
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|group| {
            let range = at..at + group.len();
            at = range.end;
            // A zero in the last byte: the text was over before.
            (group.len() > 1 && (group[0].0 ^ flip) & 0xFF != 0).then_some(range)
        })
        .collect()
}

/// What makes two cells of a column the same value: numbers are compared as numbers, all else byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity<'a> {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// The bits of another number.
    Float(u64),
    /// Anything else.
    Text(&'a [u8]),
}

impl<'a> Identity<'a> {
    /// That of a cell of delimited text.
    pub fn of(kind: Kind, cell: &'a [u8]) -> Self {
        Self::of_value(kind, (!read::is_null(cell)).then_some(cell))
    }

    /// That of a value; nothing stands for no value.
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    pub fn of_value(kind: Kind, cell: Option<&'a [u8]>) -> Self {
        let Some(cell) = cell else { return Self::Null };
        if !kind.is_number() {
            return Self::Text(cell);
        }
        match (read::int(cell), read::float(cell)) {
            (Some(whole), _) => Self::Int(whole),
            (None, Some(number)) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
                Self::Int(number as i64)
            }
            (None, Some(number)) => Self::Float(number.to_bits()),
            (None, None) => Self::Text(cell),
        }
    }
}

/// Rows whose cell in a column of that kind is `value`, or is not if `is_not`; an empty `value` stands for all cells
/// without one.
pub fn filter(place: &Place<'_>, (column, kind): (usize, Kind), value: &[u8], is_not: bool) -> Result<Vec<u32>> {
    let found = Mutex::new(Vec::new());
    let wanted = Identity::of(kind, value);
    each_piece(place, column, &|cells| {
        let mut own = Vec::new();
        for (idx, cell) in cells.column(0).enumerate() {
            if (Identity::of(kind, cell) == wanted) != is_not {
                own.push(row(cells, idx)?);
            }
        }
        lock(&found).extend(own);
        Ok(())
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_unstable();
    Ok(found)
}

/// How many different values are counted at most.
pub const MAX_DISTINCT: usize = 1 << 20;

/// How often each value of a column of that kind occurs. Of numbers that are written in several ways the shortest stands
/// for all. Where there are more than [`MAX_DISTINCT`] values, those that come later are not counted.
pub fn counts(place: &Place<'_>, column: usize, kind: Kind) -> Result<Counts> {
    type Tally = HashMap<Identity<'static>, u64>;
    let all = Mutex::new((Tally::new(), HashMap::<Vec<u8>, u64>::new(), 0u64, false));
    let shown = Mutex::new(HashMap::<Identity<'static>, Vec<u8>>::new());
    each_piece(place, column, &|cells| {
        let mut own: HashMap<Identity<'_>, (u64, &[u8])> = HashMap::new();
        for cell in cells.column(0) {
            let entry = own.entry(Identity::of(kind, cell)).or_insert((0, cell));
            entry.0 += 1;
            if (cell.len(), cell) < (entry.1.len(), entry.1) {
                entry.1 = cell;
            }
        }
        let mut all = lock(&all);
        all.2 += cells.n_rows as u64;
        for (identity, (n, cell)) in own {
            let is_full = all.0.len() + all.1.len() >= MAX_DISTINCT;
            let identity = match identity {
                Identity::Text(text) => {
                    if let Some(count) = all.1.get_mut(text) {
                        *count += n;
                    } else if is_full {
                        all.3 = true;
                    } else {
                        all.1.insert(text.to_vec(), n);
                    }
                    continue;
                }
                Identity::Null => Identity::Null,
                Identity::Int(whole) => Identity::Int(whole),
                Identity::Float(bits) => Identity::Float(bits),
            };
            if is_full && !all.0.contains_key(&identity) {
                all.3 = true;
                continue;
            }
            *all.0.entry(identity.clone()).or_default() += n;
            let mut shown = lock(&shown);
            let text = shown.entry(identity).or_insert_with(|| cell.to_vec());
            if (cell.len(), cell) < (text.len(), text) {
                *text = cell.to_vec();
            }
        }
        Ok(())
    })?;
    let (numbers, texts, n_rows, is_cut) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    let shown = shown.into_inner().unwrap_or_else(PoisonError::into_inner);
    let raw = |text: &[u8]| Some(RawText::new(String::from_utf8_lossy(text)));
    let mut values: Vec<(Option<RawText>, u64)> = texts.iter().map(|(text, n)| (raw(text), *n)).collect();
    values.extend(numbers.iter().map(|(identity, n)| match identity {
        Identity::Null => (None, *n),
        identity => (shown.get(identity).and_then(|text| raw(text)), *n),
    }));
    Ok(Counts { column, n_distinct: values.len() as u64, values, is_cut, n_rows })
}
