//! A column as a few ranges or values, so that rows can be compared by it.

use serde::Serialize;

use crate::domain::errors::stats::{equal_counts, real};
use crate::domain::errors::{Cells, Column, Scale};
use crate::domain::kind;
use crate::text::figure;

/// The code of a row without a value.
pub const MISSING: u16 = u16::MAX;

/// Rows of a value below which it is one of the others.
const MIN_LEVEL: usize = 30;
/// Values of a column that stand for themselves; the less frequent ones are the others.
const MAX_LEVELS: usize = 24;
/// Ranges of a column of numbers.
const MAX_BINS: usize = 10;
/// Rows of a range.
const ROWS_A_BIN: usize = 30;

/// A range of numbers, or a value.
#[derive(Clone, Debug, PartialEq)]
enum Bin {
    /// Values from `least` up to `most`, both of which occur.
    Range { least: f64, most: f64 },
    /// This value.
    Level(String),
    /// So many values, none of which has enough rows.
    Others(usize),
}

/// A column whose every row has a code.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// Its name.
    pub name: String,
    /// One a row: index of a bin, or [`MISSING`].
    pub codes: Vec<u16>,
    scale: Scale,
    bins: Vec<Bin>,
}

/// A condition that a row meets or does not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// Values are above this; for days and times, in days or microseconds since 1970-01-01.
    pub above: Option<f64>,
    /// And no more than this.
    pub up_to: Option<f64>,
    /// Or the value is this.
    pub value: Option<String>,
    /// Or there is none, or there is one.
    pub is_missing: Option<bool>,
    /// In words.
    pub words: String,
}

impl Coded {
    /// Cuts a column of `n` rows; nothing where all rows would be in one bin.
    pub fn of(column: &Column, n: usize) -> Option<Self> {
        let name = column.name.clone();
        let (scale, bins, codes) = match &column.cells {
            Cells::Numbers { scale, values } => {
                let (bins, codes) = of_numbers(values, n);
                (*scale, bins, codes)
            }
            Cells::Levels { codes, names } => {
                let (bins, codes) = of_levels(codes, names);
                (Scale::Number, bins, codes)
            }
        };
        let first = codes.first()?;
        codes.iter().any(|code| code != first).then_some(Self { name, codes, scale, bins })
    }

    /// How many bins it has, the missing values not counted.
    pub fn n_bins(&self) -> usize {
        self.bins.len()
    }

    /// Whether its bins follow each other.
    pub fn is_ordered(&self) -> bool {
        matches!(self.bins.first(), Some(Bin::Range { .. }))
    }

    /// What the bins from `low` to `high` have in common.
    pub fn condition(&self, low: u16, high: u16) -> Condition {
        let column = self.name.clone();
        let mut condition =
            Condition { column, above: None, up_to: None, value: None, is_missing: None, words: String::new() };
        if low == MISSING || high == MISSING - 1 {
            condition.is_missing = Some(low == MISSING);
            condition.words = format!("{} is {}", self.name, if low == MISSING { "missing" } else { "given" });
            return condition;
        }
        let bins = (self.bins.get(usize::from(low)), self.bins.get(usize::from(high)));
        match bins {
            (Some(Bin::Range { least, .. }), Some(Bin::Range { most, .. })) => {
                let before = low.checked_sub(1).and_then(|before| self.bins.get(usize::from(before)));
                if let Some(Bin::Range { most, .. }) = before {
                    condition.above = Some(*most);
                }
                let is_last = usize::from(high) + 1 == self.bins.len();
                condition.up_to = (!is_last).then_some(*most);
                condition.words = if least.total_cmp(most).is_eq() {
                    format!("{} = {}", self.name, self.written(*most))
                } else {
                    match (condition.above, condition.up_to) {
                        (None, Some(most)) => format!("{} ≤ {}", self.name, self.written(most)),
                        (Some(above), None) => format!("{} > {}", self.name, self.written(above)),
                        (Some(above), Some(most)) => {
                            format!("{} < {} ≤ {}", self.written(above), self.name, self.written(most))
                        }
                        (None, None) => format!("{} is given", self.name),
                    }
                };
            }
            (Some(Bin::Level(level)), _) => {
                condition.value = Some(level.clone());
                condition.words = if level.is_empty() {
                    format!("{} is empty", self.name)
                } else {
                    format!("{} = {level}", self.name)
                };
            }
            (Some(Bin::Others(n)), _) => {
                condition.words = format!("{} is one of {n} rare values", self.name);
            }
            _ => condition.words.clone_from(&self.name),
        }
        condition
    }

    /// A bin in a few words, beside the column's name.
    pub fn label(&self, code: u16) -> String {
        match self.bins.get(usize::from(code)) {
            Some(Bin::Range { least, most }) if least.total_cmp(most).is_eq() => self.written(*most),
            Some(Bin::Range { least, most }) => format!("{} – {}", self.written(*least), self.written(*most)),
            Some(Bin::Level(level)) => level.clone(),
            Some(Bin::Others(n)) => format!("{n} rare values"),
            None => "missing".to_owned(),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "days and microseconds are whole")]
    fn written(&self, value: f64) -> String {
        match self.scale {
            Scale::Number => figure::value(value).replace('-', "−"),
            Scale::Day => kind::show_date(value as i64),
            Scale::Moment => kind::show_datetime(value as i64),
        }
    }
}

fn code(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(MISSING - 1)
}

fn of_numbers(values: &[Option<f64>], n: usize) -> (Vec<Bin>, Vec<u16>) {
    let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
    let mut sorted: Vec<f64> = values.iter().filter_map(finite).collect();
    sorted.sort_by(f64::total_cmp);
    let n_bins = (n / ROWS_A_BIN).clamp(2, MAX_BINS);
    let ends = equal_counts(&sorted, n_bins);
    let mut start = 0;
    let mut bins = Vec::new();
    for end in &ends {
        bins.push((sorted[start], sorted[end - 1]));
        start = *end;
    }
    let codes = values
        .iter()
        .map(|value| finite(value).map_or(MISSING, |value| code(bins.partition_point(|(_, most)| *most < value))))
        .collect();
    (bins.into_iter().map(|(least, most)| Bin::Range { least, most }).collect(), codes)
}

fn of_levels(codes: &[Option<u32>], names: &[String]) -> (Vec<Bin>, Vec<u16>) {
    let mut counts: Vec<(usize, usize)> = (0..names.len()).map(|level| (0, level)).collect();
    for level in codes.iter().flatten() {
        if let Some(count) = counts.get_mut(*level as usize) {
            count.0 += 1;
        }
    }
    let n_known: usize = counts.iter().map(|(count, _)| count).sum();
    // A small table keeps values with a tenth of its rows.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of rows")]
    let least = MIN_LEVEL.min((real(n_known) / 10.0).ceil() as usize).max(2);
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let kept: Vec<usize> =
        counts.iter().filter(|(count, _)| *count >= least).take(MAX_LEVELS).map(|(_, level)| *level).collect();
    let n_others = counts.iter().filter(|(count, level)| *count > 0 && !kept.contains(level)).count();
    let mut place = vec![code(kept.len()); names.len()];
    for (at, level) in kept.iter().enumerate() {
        place[*level] = code(at);
    }
    let mut bins: Vec<Bin> = kept.iter().map(|level| Bin::Level(names[*level].clone())).collect();
    if n_others > 0 {
        bins.push(Bin::Others(n_others));
    }
    let codes = codes.iter().map(|level| level.map_or(MISSING, |level| place[level as usize])).collect();
    (bins, codes)
}
