//! Searching, sorting, filtering and counting the rows of any table; delimited text by its own engine, the rest by columns.

use std::cmp::Ordering;
use std::collections::HashMap;

use tokio_util::sync::CancellationToken;

use super::columnar::value_text;
use super::frame::TypedColumn;
use super::grid::order::{FirstPage, Identity};
use super::grid::search::{Hit, Language, Pattern};
use super::{Body, Table};
use crate::domain::dataset::Page;
use crate::domain::failure::Failure;
use crate::domain::kind::Kind;
use crate::domain::view::{Counts, Found, Needle, RowOrder, Step, Value};
use crate::safe;
use crate::text::RawText;

/// Values that a table of frequencies lists at most.
const MAX_LISTED: usize = 10_000;

/// Who hears how many bytes have been read so far, from several threads.
pub type Hear<'a> = &'a (dyn Fn(u64) + Sync);

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// The step, its value read.
    pub step: Step,
    /// The rows.
    pub rows: RowOrder,
    /// Whether the order is the whole truth: of texts that agree in their first 64 bytes it is not.
    pub is_exact: bool,
}

impl Table {
    /// The rows of the file with these numbers, in this order; a row that is not there has no cells.
    pub fn page_of(&self, place: u64, wanted: &[u32]) -> Result<Page, Failure> {
        let rows = match &self.body {
            Body::Text(table) => table.rows(wanted).map_err(|error| self.unreadable(&error))?,
            Body::Columnar(_) if self.source.n_bytes <= super::KEEP_BYTES => {
                let all: Vec<usize> = (0..self.source.columns.len()).collect();
                let frame = self.frame(&all, &CancellationToken::new())?;
                let row = |row: usize| frame.columns.iter().map(|column| super::columnar::show(column, row)).collect();
                wanted.iter().map(|number| row(*number as usize)).collect()
            }
            Body::Columnar(table) => {
                let mut rows = Vec::new();
                for row in wanted {
                    let page = table.page(u64::from(*row), 1).map_err(|error| self.unreadable(&error))?;
                    rows.push(page.rows.into_iter().next().unwrap_or_default());
                }
                rows
            }
        };
        Ok(Page { first_row: place, rows })
    }

    /// A cell as it stands in the file; nothing where it has no value.
    pub fn cell(&self, row: u64, column: usize) -> Result<Option<String>, Failure> {
        match &self.body {
            Body::Text(table) => table.cell(row, column),
            Body::Columnar(table) => table.cell(row, column),
        }
        .map_err(|error| self.unreadable(&error))
    }

    /// The next cell that holds `needle`, from place `from` on or before it, then over the end; `rows` are those that are
    /// shown, or all `n_rows` in the order of the file.
    pub fn find(
        &self,
        needle: &Needle,
        (from, forwards): (u64, bool),
        (rows, n_rows): (Option<&RowOrder>, u64),
        cancel: &CancellationToken,
        hear: Hear<'_>,
    ) -> Result<Option<Found>, Failure> {
        let language = if needle.is_regex { Language::Regex } else { Language::Text };
        let pattern = Pattern::new(&needle.text, language, needle.ignores_case()).map_err(|error| {
            Failure::input(safe!("{}", needle.text), safe!("{error:#}"), safe!("change the expression"))
        })?;
        let found = |hit: Hit, is_wrapped| Some(Found { place: hit.row, column: hit.column, is_wrapped });
        let Some(rows) = rows else {
            let first = |from| Ok::<_, Failure>(self.hits(&pattern, from, 1, cancel, hear)?.first().copied());
            return Ok(if forwards {
                match first(from)? {
                    Some(hit) => found(hit, false),
                    None if from > 0 => first(0)?.and_then(|hit| found(hit, true)),
                    None => None,
                }
            } else {
                match self.last_hit(&pattern, from, cancel, hear)? {
                    Some(hit) => found(hit, false),
                    None => self.last_hit(&pattern, n_rows, cancel, hear)?.and_then(|hit| found(hit, true)),
                }
            });
        };
        let hits = self.hits(&pattern, 0, usize::MAX, cancel, hear)?;
        let at = |place: usize| {
            let row = u64::from(*rows.rows().get(place)?);
            let idx = hits.binary_search_by_key(&row, |hit| hit.row).ok()?;
            Some(Hit { row: place as u64, column: hits[idx].column })
        };
        let n = rows.rows().len();
        let from = usize::try_from(from).unwrap_or(n).min(n);
        let (mut near, mut far): (Box<dyn Iterator<Item = usize>>, Box<dyn Iterator<Item = usize>>) = if forwards {
            (Box::new(from..n), Box::new(0..from))
        } else {
            (Box::new((0..from).rev()), Box::new((from..n).rev()))
        };
        Ok(match near.find_map(at) {
            Some(hit) => found(hit, false),
            None => far.find_map(at).and_then(|hit| found(hit, true)),
        })
    }

    fn hits(
        &self,
        pattern: &Pattern,
        from: u64,
        limit: usize,
        cancel: &CancellationToken,
        hear: Hear<'_>,
    ) -> Result<Vec<Hit>, Failure> {
        if let Some(found) = self.search(pattern, (from, limit), cancel, &|_, n_bytes| hear(n_bytes)) {
            return found;
        }
        let mut first: HashMap<u64, usize> = HashMap::new();
        let mut end = u64::MAX;
        self.each_column(cancel, hear, |column, values| {
            let n = values.series.len() as u64;
            for row in from..n.min(end) {
                let is_hit = |text: String| pattern.is_in(text.as_bytes());
                if value_text(values, usize::try_from(row).unwrap_or(usize::MAX)).is_some_and(is_hit) {
                    first.entry(row).or_insert(column);
                    if limit == 1 {
                        end = row;
                    }
                }
            }
        })?;
        let mut hits: Vec<Hit> = first.into_iter().map(|(row, column)| Hit { row, column }).collect();
        hits.sort_unstable();
        hits.truncate(limit);
        Ok(hits)
    }

    fn last_hit(
        &self,
        pattern: &Pattern,
        before: u64,
        cancel: &CancellationToken,
        hear: Hear<'_>,
    ) -> Result<Option<Hit>, Failure> {
        if let Some(found) = self.search_back(pattern, before, cancel) {
            return found;
        }
        let hits = self.hits(pattern, 0, usize::MAX, cancel, hear)?;
        Ok(hits.into_iter().rev().find(|hit| hit.row < before))
    }

    fn each_column(
        &self,
        cancel: &CancellationToken,
        hear: Hear<'_>,
        mut take: impl FnMut(usize, &TypedColumn),
    ) -> Result<(), Failure> {
        let n = self.source.columns.len();
        for column in 0..n {
            let frame = self.frame(&[column], cancel)?;
            if cancel.is_cancelled() {
                return Err(Failure::work(safe!("{}", self.source.label), safe!("it was stopped"), safe!("try again")));
            }
            frame.columns.iter().for_each(|values| take(column, values));
            hear(self.source.n_bytes / n as u64 * (column as u64 + 1));
        }
        Ok(())
    }

    /// The rows after one more step; `base` are those before it, none stands for all in the order of the file.
    pub fn step(
        &self,
        step: Step,
        base: Option<&RowOrder>,
        cancel: &CancellationToken,
        hear: Hear<'_>,
    ) -> Result<Stepped, Failure> {
        let mut is_exact = true;
        let (step, rows) = match step {
            Step::Sort { column, is_descending } => {
                let sorted = match self.sort(column, is_descending, (cancel, hear), FirstPage(0, &mut |_| {})) {
                    Some(sorted) => {
                        let sorted = sorted?;
                        is_exact = sorted.is_exact;
                        sorted.rows
                    }
                    None => sorted_rows(&self.frame(&[column], cancel)?.columns, is_descending),
                };
                let shown = base.map(|base| members(base.rows()));
                let is_shown = |row: &u32| shown.as_ref().is_none_or(|shown| has(shown, *row));
                (step, sorted.into_iter().filter(is_shown).collect())
            }
            Step::Unsort => {
                let mut rows = base.map(|base| base.rows().to_vec()).unwrap_or_default();
                rows.sort_unstable();
                (step, rows)
            }
            Step::Filter { column, kind, value, is_not } => {
                let value = match value {
                    Value::OfRow(row) => self.cell(row, column)?.map(RawText::new),
                    Value::Is(value) => value,
                };
                let text = value.as_ref().map(RawText::expose);
                let kept = match self.filter((column, kind), text, is_not, (cancel, hear)) {
                    Some(kept) => kept?,
                    None => {
                        let wanted = Identity::of_value(kind, text.map(str::as_bytes));
                        let frame = self.frame(&[column], cancel)?;
                        let is_kept = |values: &TypedColumn, row: usize| {
                            let text = value_text(values, row);
                            (Identity::of_value(kind, text.as_deref().map(str::as_bytes)) == wanted) != is_not
                        };
                        let rows = |values: &TypedColumn| -> Vec<u32> {
                            let n = u32::try_from(values.series.len()).unwrap_or(u32::MAX);
                            (0..n).filter(|row| is_kept(values, *row as usize)).collect()
                        };
                        frame.columns.first().map(rows).unwrap_or_default()
                    }
                };
                let rows = match base {
                    Some(base) => {
                        let kept = members(&kept);
                        base.rows().iter().copied().filter(|row| has(&kept, *row)).collect()
                    }
                    None => kept,
                };
                (Step::Filter { column, kind, value: Value::Is(value), is_not }, rows)
            }
        };
        Ok(Stepped { step, rows: RowOrder::new(rows), is_exact })
    }

    /// How often each value of a column occurs in all rows of the file.
    pub fn counts(
        &self,
        column: usize,
        kind: Kind,
        cancel: &CancellationToken,
        hear: Hear<'_>,
    ) -> Result<Counts, Failure> {
        let mut counts = match self.tally((column, kind), (cancel, hear)) {
            Some(counts) => counts?,
            None => {
                let frame = self.frame(&[column], cancel)?;
                let mut tally: HashMap<Option<String>, u64> = HashMap::new();
                for values in &frame.columns {
                    (0..values.series.len()).for_each(|row| *tally.entry(value_text(values, row)).or_default() += 1);
                }
                let n_distinct = tally.len() as u64;
                let values: Vec<_> = tally.into_iter().map(|(value, n)| (value.map(RawText::new), n)).collect();
                let n_rows = values.iter().map(|(_, n)| n).sum();
                Counts { column, values, n_distinct, is_cut: false, n_rows }
            }
        };
        let text = |value: &Option<RawText>| value.as_ref().map(|value| value.expose().to_owned());
        counts.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| text(&a.0).cmp(&text(&b.0))));
        counts.values.truncate(MAX_LISTED);
        Ok(counts)
    }
}

fn members(rows: &[u32]) -> Vec<u64> {
    let mut bits = vec![0u64; rows.iter().max().map_or(0, |last| *last as usize / 64 + 1)];
    for row in rows {
        bits[*row as usize / 64] |= 1 << (row % 64);
    }
    bits
}

fn has(bits: &[u64], row: u32) -> bool {
    bits.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}

/// Rows in the order of a typed column, those without a value last.
fn sorted_rows(columns: &[TypedColumn], is_descending: bool) -> Vec<u32> {
    let Some(column) = columns.first() else { return Vec::new() };
    let n = column.series.len();
    let mut rows: Vec<u32> = (0..u32::try_from(n).unwrap_or(u32::MAX)).collect();
    match column.kind {
        Kind::Int => by_keys(&mut rows, is_descending, |row| column.series.i64().ok()?.get(row), Ord::cmp),
        Kind::Float => by_keys(&mut rows, is_descending, |row| column.series.f64().ok()?.get(row), f64::total_cmp),
        Kind::Bool => by_keys(&mut rows, is_descending, |row| column.series.bool().ok()?.get(row), Ord::cmp),
        Kind::Date => {
            by_keys(&mut rows, is_descending, |row| column.series.date().ok()?.physical().get(row), Ord::cmp);
        }
        Kind::Datetime => {
            by_keys(&mut rows, is_descending, |row| column.series.datetime().ok()?.physical().get(row), Ord::cmp);
        }
        Kind::Text | Kind::Other => {
            by_keys(&mut rows, is_descending, |row| column.series.str().ok()?.get(row), |a: &&str, b: &&str| a.cmp(b));
        }
    }
    rows
}

fn by_keys<K>(
    rows: &mut [u32],
    is_descending: bool,
    key: impl Fn(usize) -> Option<K>,
    compare: impl Fn(&K, &K) -> Ordering,
) {
    let keys: Vec<Option<K>> = (0..rows.len()).map(key).collect();
    rows.sort_by(|a, b| match (&keys[*a as usize], &keys[*b as usize]) {
        (Some(a), Some(b)) if is_descending => compare(b, a),
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
}
