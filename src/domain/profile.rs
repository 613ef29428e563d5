//! What is known of each column after every row has been read.

use serde::{Deserialize, Serialize};

use crate::domain::kind::{self, Kind};
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::{RawText, SafeText, figure};

/// What a column is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A quantity.
    Numeric,
    /// One of a limited number of values.
    Categorical,
    /// One of two values.
    Boolean,
    /// A point in time.
    Datetime,
    /// Free text.
    Text,
    /// A name of the row: a different value in each.
    Identifier,
    /// The same value in every row.
    Constant,
}

impl Role {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Boolean => "boolean",
            Self::Datetime => "datetime",
            Self::Text => "text",
            Self::Identifier => "identifier",
            Self::Constant => "constant",
        }
    }
}

/// A smallest or largest value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text, or a day or time in ISO form.
    Text(RawText),
}

impl Value {
    /// As it is drawn.
    pub fn label(&self) -> SafeText {
        match self {
            Self::Int(value) => crate::safe!("{value}"),
            Self::Float(value) => crate::safe!("{}", figure::value(*value)),
            Self::Text(value) => sanitize_for(Place::Cell, value.expose()),
        }
    }
}

/// Counts between edges: `counts[i]` values lie in `[edges[i], edges[i + 1])`, the last bin closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Edges in the column's own unit; for days and times, seconds since 1970-01-01 UTC.
    pub edges: Vec<f64>,
    /// One fewer than edges.
    pub counts: Vec<u64>,
}

/// Up to this share of values far out stands apart; a larger share is the shape of the column.
pub const FEW_FAR_OUT: f64 = 0.01;

/// Probabilities of the quantiles that a profile holds.
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Numbers of a numeric column. Null values are in none of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with one degree of freedom taken off; unknown for fewer than two values.
    pub std: Option<f64>,
    /// At [`QUANTILES`], interpolated linearly.
    pub quantiles: [f64; 5],
}

/// Days that are written with their year last, and what they tell of whether the day or the month comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearLast {
    /// How many there are.
    pub n: u64,
    /// Of those, how many have a first number that can only be a day.
    pub n_day_first: u64,
    /// Of those, how many have a second number that can only be a day.
    pub n_month_first: u64,
}

/// How far the numbers of a column can be trusted where not every value could be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Standard error of the count of different values, as a share; none if exact.
    pub distinct_error: Option<f64>,
    /// By how much the rank of a quantile, a histogram's edge or a limit for far-out values may be off at most, as a
    /// share of the values; none if exact.
    pub rank_error: Option<f64>,
    /// By how much the counts of frequent values may be too low; none if exact.
    pub top_error: Option<u64>,
}

/// What is known of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Its name in the file.
    pub name: RawText,
    /// What its cells are.
    pub kind: Kind,
    /// What it is good for.
    pub role: Role,
    /// Rows of the table.
    pub n_rows: u64,
    /// Rows without a value.
    pub n_null: u64,
    /// Rows whose cell holds a text that means *no value* (`NA`, `null`, …) rather than nothing.
    pub n_marked_null: u64,
    /// Different values, nulls not counted.
    pub n_distinct: u64,
    /// Whether `n_distinct` is exact.
    pub distinct_exact: bool,
    /// Smallest value.
    pub min: Option<Value>,
    /// Largest value.
    pub max: Option<Value>,
    /// For numeric columns.
    pub numbers: Option<Numbers>,
    /// Most frequent values, the most frequent first.
    pub top: Vec<(RawText, u64)>,
    /// For numeric columns and points in time.
    pub histogram: Option<Histogram>,
    /// Mean length of a text in characters.
    pub mean_chars: Option<f64>,
    /// In a text column: how many values read as a number.
    pub n_numeric_text: u64,
    /// In a text column: values that keep it from being numeric, a few of them.
    pub not_numeric: Vec<RawText>,
    /// In a text column: days that are written with their year last.
    #[serde(default)]
    pub year_last: YearLast,
    /// Values further than `far_out_reach` quartile ranges outside the quartiles.
    pub n_far_out: u64,
    /// Three (Tukey 1977, *far out*), or ten for a column whose long tail has many values beyond three.
    pub far_out_reach: u8,
    /// Rows of a few of those.
    pub far_out_rows: Vec<u64>,
    /// Whether no value is smaller than one above it.
    pub is_sorted: bool,
    /// What of this is estimated, and how well.
    #[serde(default)]
    pub accuracy: Accuracy,
}

impl ColumnProfile {
    /// Its name on the screen.
    pub fn label(&self) -> SafeText {
        sanitize_for(Place::Cell, self.name.expose())
    }

    /// Share of rows without a value; zero for a table without rows.
    pub fn null_share(&self) -> f64 {
        share(self.n_null, self.n_rows)
    }

    /// Rows with a value.
    pub fn n_values(&self) -> u64 {
        self.n_rows - self.n_null
    }
}

/// `part` of `whole`, zero where there is no whole.
#[expect(clippy::cast_precision_loss, reason = "a share is shown with two digits")]
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What is known of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows.
    pub n_rows: u64,
    /// One profile a column, in the file's order.
    pub columns: Vec<ColumnProfile>,
    /// Rows that repeat an earlier row in every column.
    pub n_duplicate_rows: u64,
    /// A few of those.
    pub duplicate_rows: Vec<u64>,
    /// Rows that were compared for that, from the first on; those after them were not checked.
    #[serde(default)]
    pub n_rows_compared: u64,
    /// What is wrong with records of delimited text.
    #[serde(default)]
    pub flaws: Flaws,
    /// BLAKE3 of the file's bytes, in hexadecimal.
    pub data_hash: String,
}

/// What is wrong with records of delimited text; each is a row all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaws {
    /// Records with fewer fields than there are columns: the rest has no value.
    pub short: Occurrences,
    /// Records with more fields than there are columns: these have no place in the table.
    pub long: Occurrences,
    /// Records with bytes that are no UTF-8; U+FFFD stands for them.
    pub damaged: Occurrences,
}

impl Flaws {
    /// Adds those of a piece that begins at row `first_row`.
    pub fn join(&mut self, piece: &Self, first_row: u64) {
        self.short.join(&piece.short, first_row);
        self.long.join(&piece.long, first_row);
        self.damaged.join(&piece.damaged, first_row);
    }

    /// Leaves out the first record and what is wrong with it: it holds the names.
    pub fn drop_first(&mut self) {
        [&mut self.short, &mut self.long, &mut self.damaged].into_iter().for_each(Occurrences::drop_first);
    }
}

/// In how many rows something occurs, and in which first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrences {
    /// Rows.
    pub n: u64,
    /// The first few of them, from 0.
    pub rows: Vec<u64>,
}

impl Occurrences {
    /// Rows that are kept.
    const N_ROWS: usize = 5;

    /// In this row too, which comes after the last one.
    pub fn add(&mut self, row: u64) {
        self.n += 1;
        // One more than is wanted: the first may turn out to be no row.
        if self.rows.len() <= Self::N_ROWS {
            self.rows.push(row);
        }
    }

    fn join(&mut self, piece: &Self, first_row: u64) {
        self.n += piece.n;
        self.rows.extend(piece.rows.iter().map(|row| row + first_row));
        self.rows.truncate(Self::N_ROWS);
    }

    fn drop_first(&mut self) {
        if self.rows.first() == Some(&0) {
            self.n -= 1;
            self.rows.remove(0);
        }
        self.rows.iter_mut().for_each(|row| *row -= 1);
    }
}

impl Profile {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name.expose() == name)
    }
}

/// Decides what a column is good for from its counts.
pub fn role_of(column: &ColumnProfile) -> Role {
    let n = column.n_values();
    if column.n_distinct <= 1 && column.kind != Kind::Other {
        return Role::Constant;
    }
    let all_different = column.n_distinct == n && n >= 20;
    let nearly_all_different = n >= 20 && share(column.n_distinct, n) > 0.95;
    match column.kind {
        Kind::Bool => Role::Boolean,
        Kind::Date | Kind::Datetime => Role::Datetime,
        Kind::Int => {
            let is_flag =
                column.n_distinct == 2 && column.min == Some(Value::Int(0)) && column.max == Some(Value::Int(1));
            let is_counter = match (&column.min, &column.max) {
                (Some(Value::Int(min)), Some(Value::Int(max))) => {
                    all_different && max.abs_diff(*min).saturating_add(1) <= n + n / 10
                }
                _ => false,
            };
            if is_flag {
                Role::Boolean
            } else if is_counter || (nearly_all_different && names_a_row(column.name.expose())) {
                Role::Identifier
            } else {
                Role::Numeric
            }
        }
        Kind::Float => Role::Numeric,
        Kind::Other => Role::Text,
        Kind::Text => {
            let chars = column.mean_chars.unwrap_or(0.0);
            let has_spaces = column.top.iter().any(|(value, _)| value.expose().trim().contains(' '));
            if nearly_all_different && chars <= 64.0 && (!has_spaces || names_a_row(column.name.expose())) {
                Role::Identifier
            } else if (column.n_distinct <= 50 || share(column.n_distinct, n) <= 0.2) && chars <= 40.0 {
                Role::Categorical
            } else {
                Role::Text
            }
        }
    }
}

/// Whether a column's name says that it names the row.
pub fn names_a_row(name: &str) -> bool {
    let words = words_of(name);
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "id" | "ids" | "uuid" | "guid" | "key" | "index" | "number" | "no" | "nr" | "code" | "hash"
        )
    }) || name.ends_with("ID")
        || name.ends_with("Id")
}

/// The words of a name written in snake, kebab or camel case, in lower case.
pub fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut before_is_lower = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            if !open || (before_is_lower && c.is_uppercase()) {
                words.push(String::new());
            }
            open = true;
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        } else {
            open = false;
        }
        before_is_lower = c.is_lowercase();
    }
    words
}

/// Counts of `histogram` brought to `n` bins, for a small drawing.
pub fn rebin(counts: &[u64], n: usize) -> Vec<u64> {
    if counts.is_empty() || n == 0 {
        return Vec::new();
    }
    let mut bins = vec![0; n.min(counts.len())];
    let n_bins = bins.len();
    for (idx, count) in counts.iter().enumerate() {
        bins[idx * n_bins / counts.len()] += count;
    }
    bins
}

/// A point of time of a histogram's edge as text.
pub fn show_edge(kind: Kind, edge: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a date fit")]
    match kind {
        Kind::Date => kind::show_date((edge / 86_400.0) as i64),
        Kind::Datetime => kind::show_datetime((edge * 1e6) as i64),
        Kind::Int | Kind::Float | Kind::Bool | Kind::Other | Kind::Text => figure::value(edge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_into_words() {
        assert_eq!(words_of("customer_id"), ["customer", "id"]);
        assert_eq!(words_of("lastLogin Date-2"), ["last", "login", "date", "2"]);
        assert!(names_a_row("PassengerId") && names_a_row("order no") && !names_a_row("idle_time"));
    }

    #[test]
    fn bins_join_without_losing_a_count() {
        assert_eq!(rebin(&[1, 2, 3, 4, 5, 6], 3), [3, 7, 11]);
        assert_eq!(rebin(&[1, 2], 8), [1, 2]);
    }
}
