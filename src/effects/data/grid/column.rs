//! One column of a text file while its cells go by: what they are, and everything that a profile says of them.

use std::cmp::Reverse;

use super::cells::Cells;
use super::numbers::{Decoded, NumberPass, Room, float_of_key, int_of_key, key_of_float, key_of_int};
use super::read;
use super::tally::{hash, mix};
use super::texts::{Lookup, TextPass, Top, most};
use crate::domain::kind::{self, Kind};
use crate::domain::profile::{
    Accuracy, ColumnProfile, FEW_FAR_OUT, Histogram, Numbers, QUANTILES, Role, Value, YearLast, role_of, share,
};
use crate::text::RawText;

/// Most frequent values that are kept.
const N_TOP: usize = 10;
/// Bins of a histogram.
const N_BINS: usize = 20;
/// Rows named as evidence.
pub const N_ROWS: usize = 5;
/// Microseconds of a day.
const DAY: f64 = 86_400e6;

/// What the cells so far can be, the narrowest that fits them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// No value yet.
    Empty,
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// Truth values.
    Bool,
    /// Days.
    Date,
    /// Days and points in time.
    Datetime,
    /// Whole numbers of one width, some with a zero in front: codes, and so text, until another width comes.
    Code,
    /// Texts.
    Text,
}

impl Form {
    fn kind(self) -> Kind {
        match self {
            Self::Int => Kind::Int,
            Self::Empty | Self::Float => Kind::Float,
            Self::Bool => Kind::Bool,
            Self::Date => Kind::Date,
            Self::Datetime => Kind::Datetime,
            Self::Code | Self::Text => Kind::Text,
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Code | Self::Text)
    }

    /// What a column of this form is after a value that does not fit it.
    fn widened(self, cell: &[u8]) -> Self {
        match (self, read::kind_of(cell)) {
            (Self::Empty | Self::Int, Kind::Float) => Self::Float,
            (Self::Empty, Kind::Int) => Self::Int,
            (Self::Empty, Kind::Bool) => Self::Bool,
            (Self::Empty, Kind::Date) => Self::Date,
            (Self::Empty | Self::Date, Kind::Datetime) => Self::Datetime,
            _ => Self::Text,
        }
    }
}

/// What only another look at the file can tell.
#[derive(Debug)]
pub enum Open {
    /// The column turned out to be of another kind late: its values before that were read as something narrower.
    Kind,
    /// The texts of frequent hashes.
    Texts(Lookup),
    /// The first rows of values below and above these.
    FarOut(f64, f64),
}

/// A column and all that is known of it so far.
#[derive(Debug)]
pub struct ColumnPass {
    form: Form,
    salt: u64,
    room: Room,
    n_rows: u64,
    n_values: u64,
    n_marked: u64,
    codes: Codes,
    /// From which row on cells were read as what.
    forms: Vec<(u64, Form)>,
    is_stale: bool,
    numbers: NumberPass,
    texts: TextPass,
}

#[derive(Clone, Copy, Debug, Default)]
struct Codes {
    width: usize,
    is_padded: bool,
    is_ragged: bool,
}

impl Codes {
    #[inline]
    fn see(&mut self, cell: &[u8]) {
        if self.is_ragged {
            return;
        }
        let cell = if cell.first().is_some_and(u8::is_ascii_digit) && cell.last().is_some_and(u8::is_ascii_digit) {
            cell
        } else {
            std::str::from_utf8(cell).map_or(cell, |cell| cell.trim().as_bytes())
        };
        self.is_ragged = self.width != 0 && self.width != cell.len();
        self.width = cell.len();
        self.is_padded |= cell.len() > 1 && cell[0] == b'0';
    }

    fn are_codes(self) -> bool {
        self.is_padded && !self.is_ragged
    }
}

/// Room for the values of one piece, used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    values: Decoded,
    hashes: Vec<u64>,
    n_marked: u64,
}

impl ColumnPass {
    /// A column of which nothing has been seen; `idx` is its place in the file.
    pub fn new(idx: usize, room: Room) -> Self {
        Self {
            form: Form::Empty,
            salt: mix(idx as u64 + 1),
            room,
            n_rows: 0,
            n_values: 0,
            n_marked: 0,
            codes: Codes::default(),
            forms: Vec::new(),
            is_stale: false,
            numbers: NumberPass::new(room),
            texts: TextPass::new(room),
        }
    }

    /// The same column, to be read again from the first row on, now that it is known what it is.
    #[must_use]
    pub fn again(&self) -> Self {
        let mut again = Self::new(0, self.room);
        (again.form, again.salt, again.forms) = (self.form, self.salt, self.forms.clone());
        again
    }

    /// Values and whether most of them differ.
    pub fn variety(&self) -> (u64, bool) {
        let is_varied = if self.form.is_text() { self.texts.is_mixed() } else { self.numbers.is_mixed() };
        (self.n_values, is_varied)
    }

    /// Gives another share of memory.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
        self.numbers.set_room(room);
        self.texts.set_room(room);
    }

    /// Takes the next piece, and adds what this column contributes to the hash of each row.
    pub fn push(&mut self, cells: &Cells, column: usize, scratch: &mut Scratch, row_hashes: &mut [u64]) {
        let codes = self.codes;
        loop {
            self.codes = codes;
            let Some(wider) = self.decode(self.form, cells, column, scratch) else { break };
            // What was kept of earlier values can't always be turned into what this kind needs (the text of `007` is
            // gone), so the column is read again from the start in a second look that reads this column alone.
            if self.n_values > 0 && !(self.form.is_text() && wider.is_text()) {
                self.is_stale = true;
                (self.numbers, self.texts) = (NumberPass::new(self.room), TextPass::new(self.room));
            }
            self.form = wider;
        }
        if self.forms.last().is_none_or(|(_, form)| *form != self.form) {
            self.forms.push((cells.first_row, self.form));
        }
        self.contribute(self.form, scratch, row_hashes, u64::wrapping_add);
        self.keep(cells, column, scratch);
    }

    /// Takes the next piece of a second look, and corrects the hashes of rows that were read as something else.
    pub fn push_again(&mut self, cells: &Cells, column: usize, scratch: &mut Scratch, row_hashes: &mut [u64]) {
        self.codes = Codes::default();
        let before = self.forms.iter().rev().find(|(row, _)| *row <= cells.first_row).map(|(_, form)| *form);
        if let Some(before) = before
            && before.is_text() != self.form.is_text()
        {
            self.decode(before, cells, column, scratch);
            self.contribute(before, scratch, row_hashes, u64::wrapping_sub);
            self.decode(self.form, cells, column, scratch);
            self.contribute(self.form, scratch, row_hashes, u64::wrapping_add);
        } else {
            self.decode(self.form, cells, column, scratch);
        }
        self.keep(cells, column, scratch);
    }

    fn keep(&mut self, cells: &Cells, column: usize, scratch: &mut Scratch) {
        let n_values = if self.form.is_text() { scratch.hashes.len() } else { scratch.values.keys.len() };
        self.n_rows += cells.n_rows as u64;
        self.n_values += n_values as u64;
        self.n_marked += scratch.n_marked;
        if self.is_stale {
            return;
        }
        if self.form.is_text() {
            self.texts.push(cells.column(column).filter(|cell| !read::is_null(cell)), &scratch.hashes);
        } else {
            self.numbers.push(&scratch.values, cells.first_row);
        }
    }

    /// Reads the cells as `form`; the form that fits where that one does not.
    fn decode(&mut self, form: Form, cells: &Cells, column: usize, scratch: &mut Scratch) -> Option<Form> {
        scratch.values.clear();
        scratch.hashes.clear();
        scratch.n_marked = 0;
        #[expect(clippy::cast_precision_loss, reason = "as a double, on purpose")]
        match form {
            Form::Empty => {
                let first = cells.column(column).find(|cell| !read::is_null(cell));
                scratch.n_marked = cells.column(column).filter(|cell| !cell.is_empty()).count() as u64;
                first.map(|cell| form.widened(cell))
            }
            Form::Int => {
                let mut codes = self.codes;
                let wider = each(form, cells, column, scratch, |cell| {
                    let value = read::int(cell)?;
                    codes.see(cell);
                    Some((key_of_int(value), value as f64))
                });
                self.codes = codes;
                wider.or_else(|| codes.are_codes().then_some(Form::Code))
            }
            Form::Float => each(form, cells, column, scratch, |cell| {
                let value = read::float(cell)?;
                Some((key_of_float(value), value))
            }),
            Form::Bool => each(form, cells, column, scratch, |cell| {
                let value = read::boolean(cell)?;
                Some((u64::from(value), f64::from(u8::from(value))))
            }),
            Form::Date => each(form, cells, column, scratch, |cell| {
                let value = read::date(cell)?;
                Some((key_of_int(i64::from(value)), f64::from(value)))
            }),
            Form::Datetime => each(form, cells, column, scratch, |cell| {
                let value = read::datetime(cell)?;
                Some((key_of_int(value), value as f64))
            }),
            Form::Code | Form::Text => {
                let mut codes = self.codes;
                #[expect(clippy::cast_possible_truncation, reason = "rows of a piece")]
                for (row, cell) in cells.column(column).enumerate() {
                    if read::is_null(cell) {
                        scratch.n_marked += u64::from(!cell.is_empty());
                        continue;
                    }
                    if form == Form::Code {
                        if read::int(cell).is_none() {
                            return Some(Form::Text);
                        }
                        codes.see(cell);
                        if codes.is_ragged {
                            self.codes = codes;
                            return Some(Form::Int);
                        }
                    }
                    scratch.hashes.push(hash(cell));
                    scratch.values.rows.push(row as u32);
                }
                self.codes = codes;
                None
            }
        }
    }

    fn contribute(&self, form: Form, scratch: &Scratch, row_hashes: &mut [u64], by: fn(u64, u64) -> u64) {
        let mut add = |row: u32, hash: u64| {
            let slot = &mut row_hashes[row as usize];
            *slot = by(*slot, mix(hash ^ self.salt));
        };
        if form.is_text() {
            scratch.values.rows.iter().zip(&scratch.hashes).for_each(|(row, hash)| add(*row, *hash));
        } else {
            // A day is hashed as the moment it begins, so that it stays the same once a time of day turns up.
            let unit = if form == Form::Date { DAY } else { 1.0 };
            let floats = scratch.values.floats.iter();
            scratch.values.rows.iter().zip(floats).for_each(|(row, value)| add(*row, (value * unit).to_bits()));
        }
    }

    /// The profile of what was seen so far, and what only another look at the file can tell.
    pub fn finish(&mut self, name: &str) -> (ColumnProfile, Option<Open>) {
        let mut profile = ColumnProfile {
            name: RawText::new(name),
            kind: self.form.kind(),
            role: Role::Text,
            n_rows: self.n_rows,
            n_null: self.n_rows - self.n_values,
            n_marked_null: self.n_marked,
            n_distinct: 0,
            distinct_exact: true,
            min: None,
            max: None,
            numbers: None,
            top: Vec::new(),
            histogram: None,
            mean_chars: None,
            n_numeric_text: 0,
            not_numeric: Vec::new(),
            n_far_out: 0,
            far_out_reach: 3,
            far_out_rows: Vec::new(),
            year_last: YearLast::default(),
            is_sorted: !self.form.is_text() && self.numbers.is_sorted,
            accuracy: Accuracy::default(),
        };
        let mut accuracy = Accuracy::default();
        let open = if self.is_stale {
            Some(Open::Kind)
        } else if self.form.is_text() {
            self.finish_texts(&mut profile, &mut accuracy)
        } else {
            self.finish_numbers(&mut profile, &mut accuracy)
        };
        profile.role = role_of(&profile);
        profile.accuracy = accuracy;
        (profile, open)
    }

    fn finish_texts(&mut self, profile: &mut ColumnProfile, accuracy: &mut Accuracy) -> Option<Open> {
        let seen = self.texts.seen(N_TOP);
        let text = |text: String| Value::Text(RawText::new(text));
        (profile.min, profile.max) = seen.range.map_or((None, None), |(min, max)| (Some(text(min)), Some(text(max))));
        profile.n_distinct = seen.n_distinct;
        profile.distinct_exact = seen.distinct_error.is_none();
        profile.mean_chars = (self.n_values > 0).then(|| share(seen.n_chars, self.n_values));
        profile.n_numeric_text = seen.n_numeric;
        profile.year_last = seen.year_last;
        profile.not_numeric = self.texts.not_numeric.iter().map(RawText::new).collect();
        accuracy.distinct_error = seen.distinct_error;
        accuracy.top_error = (seen.top_error > 0).then_some(seen.top_error);
        match seen.top {
            Top::Texts(texts) => {
                profile.top = ranked(texts);
                None
            }
            Top::Hashes(hashes) => Some(Open::Texts(Lookup::new(&hashes))),
        }
    }

    fn finish_numbers(&mut self, profile: &mut ColumnProfile, accuracy: &mut Accuracy) -> Option<Open> {
        let kind = profile.kind;
        let sorted = self.numbers.sorted();
        profile.n_distinct = sorted.n_distinct;
        profile.distinct_exact = sorted.distinct_error.is_none();
        accuracy.distinct_error = sorted.distinct_error;
        accuracy.rank_error = sorted.rank_error;
        let frequent = sorted.frequent.unwrap_or_else(|| (most(sorted.runs.clone(), N_TOP), 0));
        accuracy.top_error = (frequent.1 > 0).then_some(frequent.1);
        let is_negative_zero =
            |key: u64| kind == Kind::Float && key == key_of_float(0.0) && self.numbers.zero_is_negative == Some(true);
        let word = |key: u64| if is_negative_zero(key) { "-0.0".to_owned() } else { show(kind, key) };
        profile.top = ranked(frequent.0.into_iter().map(|(key, count)| (word(key), count)).collect());
        let (min, max) = self.numbers.range?;
        let value = |key: u64| match kind {
            Kind::Int => Value::Int(int_of_key(key)),
            Kind::Float => Value::Float(float_of_key(key)),
            Kind::Bool | Kind::Date | Kind::Datetime | Kind::Other | Kind::Text => {
                Value::Text(RawText::new(show(kind, key)))
            }
        };
        (profile.min, profile.max) = (Some(value(min)), Some(value(max)));
        if kind != Kind::Bool {
            profile.histogram =
                histogram(sorted.runs.iter().map(|(key, n)| (axis(kind, *key), *n)), axis(kind, min), axis(kind, max));
        }
        if !kind.is_number() {
            return None;
        }
        let runs: Vec<(f64, u64)> = sorted.runs.iter().map(|(key, n)| (axis(kind, *key), *n)).collect();
        let quantiles = quantiles(&runs, self.n_values);
        #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
        let std = (self.n_values > 1).then(|| (self.numbers.m2 / (self.n_values - 1) as f64).sqrt());
        profile.numbers = Some(Numbers { mean: self.numbers.mean, std, quantiles });
        self.far_out(profile, &runs, quantiles)
    }

    fn far_out(&self, profile: &mut ColumnProfile, runs: &[(f64, u64)], quantiles: [f64; 5]) -> Option<Open> {
        let key = |value: f64| if profile.kind == Kind::Int { int_key_from(value) } else { key_of_float(value) };
        let iqr = quantiles[3] - quantiles[1];
        let mut open = None;
        // A long tail has many values beyond three times the range of its middle half; what stands apart even from
        // such a tail shows beyond ten times.
        for n_ranges in [3u8, 10].into_iter().filter(|_| iqr > 0.0) {
            let reach = f64::from(n_ranges) * iqr;
            let (low, high) = (quantiles[1] - reach, quantiles[3] + reach);
            let (below, above) = self.numbers.beyond(key(low.ceil_if(profile.kind)), key(high.floor_if(profile.kind)));
            let count = |is_far: &dyn Fn(f64) -> bool| -> u64 {
                runs.iter().filter(|(value, _)| is_far(*value)).map(|(_, n)| n).sum()
            };
            let n_below = below.as_ref().map_or_else(|| count(&|value| value < low), |rows| rows.len() as u64);
            let n_above = above.as_ref().map_or_else(|| count(&|value| value > high), |rows| rows.len() as u64);
            profile.far_out_reach = n_ranges;
            profile.n_far_out = n_below + n_above;
            profile.far_out_rows.clear();
            open = None;
            if let (Some(mut rows), Some(above)) = (below, above) {
                rows.extend(above);
                rows.sort_unstable();
                rows.truncate(N_ROWS);
                profile.far_out_rows = rows;
            } else if profile.n_far_out > 0 {
                open = Some(Open::FarOut(low, high));
            }
            if share(profile.n_far_out, profile.n_values()) <= FEW_FAR_OUT {
                break;
            }
        }
        open
    }

    /// Rows of the piece whose values lie outside.
    pub fn outside(&mut self, low: f64, high: f64, cells: &Cells, column: usize, scratch: &mut Scratch) -> Vec<u64> {
        self.decode(self.form, cells, column, scratch);
        let values = scratch.values.floats.iter().zip(&scratch.values.rows);
        values
            .filter(|(value, _)| **value < low || **value > high)
            .map(|(_, row)| cells.first_row + u64::from(*row))
            .collect()
    }
}

/// Whole numbers are compared as whole numbers.
trait Whole {
    fn ceil_if(self, kind: Kind) -> f64;
    fn floor_if(self, kind: Kind) -> f64;
}

impl Whole for f64 {
    fn ceil_if(self, kind: Kind) -> f64 {
        if kind == Kind::Int { self.ceil() } else { self }
    }
    fn floor_if(self, kind: Kind) -> f64 {
        if kind == Kind::Int { self.floor() } else { self }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of the range")]
fn int_key_from(value: f64) -> u64 {
    key_of_int(value as i64)
}

#[inline]
fn each(
    form: Form,
    cells: &Cells,
    column: usize,
    scratch: &mut Scratch,
    mut read: impl FnMut(&[u8]) -> Option<(u64, f64)>,
) -> Option<Form> {
    let values = &mut scratch.values;
    #[expect(clippy::cast_possible_truncation, reason = "rows of a piece")]
    for (row, cell) in cells.column(column).enumerate() {
        if cell.is_empty() {
            continue;
        }
        if let Some((key, float)) = read(cell) {
            values.keys.push(key);
            values.floats.push(float);
            values.rows.push(row as u32);
        } else if read::is_null(cell) {
            scratch.n_marked += 1;
        } else {
            return Some(form.widened(cell));
        }
    }
    None
}

/// The most frequent first; ties in order of the value.
pub fn ranked(mut values: Vec<(String, u64)>) -> Vec<(RawText, u64)> {
    values.sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
    values.into_iter().take(N_TOP).map(|(value, count)| (RawText::new(value), count)).collect()
}

fn show(kind: Kind, key: u64) -> String {
    match kind {
        Kind::Int => int_of_key(key).to_string(),
        Kind::Float => format!("{:?}", float_of_key(key)),
        Kind::Bool => if key == 1 { "true" } else { "false" }.to_owned(),
        Kind::Date => kind::show_date(int_of_key(key)),
        Kind::Datetime => kind::show_datetime(int_of_key(key)),
        Kind::Other | Kind::Text => String::new(),
    }
}

/// Where a value lies on the axis of a histogram; points in time in seconds.
#[expect(clippy::cast_precision_loss, reason = "as a double, on purpose")]
fn axis(kind: Kind, key: u64) -> f64 {
    match kind {
        Kind::Int => int_of_key(key) as f64,
        Kind::Date => int_of_key(key) as f64 / (1.0 / 86_400.0),
        Kind::Datetime => int_of_key(key) as f64 / 1e6,
        Kind::Float | Kind::Bool | Kind::Other | Kind::Text => float_of_key(key),
    }
}

/// At [`QUANTILES`], interpolated linearly between the two values next to the place.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among the values"
)]
fn quantiles(runs: &[(f64, u64)], n: u64) -> [f64; 5] {
    let mut runs = runs.iter().copied();
    let (mut value, mut end) = runs.next().unwrap_or((f64::NAN, n));
    QUANTILES.map(|q| {
        let place = (n.saturating_sub(1)) as f64 * q;
        let (below, above) = (place.floor() as u64, place.ceil() as u64);
        while end <= below {
            let Some((next, count)) = runs.next() else { break };
            (value, end) = (next, end + count);
        }
        let lower = value;
        let upper = if above < end { value } else { runs.clone().next().map_or(value, |(next, _)| next) };
        if lower.total_cmp(&upper).is_eq() { lower } else { (place - below as f64) * (upper - lower) + lower }
    })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index of a bin"
)]
fn histogram(values: impl Iterator<Item = (f64, u64)>, min: f64, max: f64) -> Option<Histogram> {
    if !(min.is_finite() && max.is_finite()) {
        return None;
    }
    if min.total_cmp(&max).is_eq() {
        return Some(Histogram { edges: vec![min, max], counts: vec![values.map(|(_, n)| n).sum()] });
    }
    let step = (max - min) / N_BINS as f64;
    let mut counts = vec![0; N_BINS];
    for (value, n) in values {
        counts[(((value - min) / step) as usize).min(N_BINS - 1)] += n;
    }
    let edges = (0..=N_BINS).map(|bin| if bin == N_BINS { max } else { min + step * bin as f64 }).collect();
    Some(Histogram { edges, counts })
}
