//! A way to look at a table: which rows, in which order. The data stays as it is, and so does every analysis of it.

use std::fmt;
use std::sync::Arc;

use crate::domain::dataset::Column;
use crate::domain::kind::{self, Kind};
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap::fit;
use crate::text::{RawText, SafeText};

/// Numbers of rows of the file, in the order in which they are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct RowOrder(Arc<[u32]>);

impl RowOrder {
    /// Rows in this order.
    pub fn new(rows: Vec<u32>) -> Self {
        Self(rows.into())
    }

    /// The rows.
    pub fn rows(&self) -> &[u32] {
        &self.0
    }

    /// The place of a row of the file; none where it is not shown.
    pub fn place_of(&self, row: u64) -> Option<u64> {
        self.0.iter().position(|other| u64::from(*other) == row).map(|at| at as u64)
    }
}

impl fmt::Debug for RowOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RowOrder({} rows)", self.0.len())
    }
}

/// A value that cells are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// That of this row of the file, which has to be read first.
    OfRow(u64),
    /// This one; nothing stands for *no value*.
    Is(Option<RawText>),
}

/// One step of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Rows in the order of a column, those without a value last; equal values keep the order of the file.
    Sort {
        /// The column.
        column: usize,
        /// Whether the largest comes first.
        is_descending: bool,
    },
    /// The order of the file again.
    Unsort,
    /// Rows whose cell has a value, or has not. Numbers are compared as numbers.
    Filter {
        /// The column.
        column: usize,
        /// What its cells are.
        kind: Kind,
        /// The value.
        value: Value,
        /// Whether rows with it are left out.
        is_not: bool,
    },
}

impl Step {
    /// In a few words: `plan = basic`, `by price ▼`.
    pub fn label(&self, columns: &[Column]) -> SafeText {
        let name = |column: usize| columns.get(column).map(|column| column.label.to_string()).unwrap_or_default();
        match self {
            Self::Sort { column, is_descending } => {
                crate::safe!("by {} {}", name(*column), if *is_descending { '▼' } else { '▲' })
            }
            Self::Unsort => "in the file's order".into(),
            Self::Filter { column, value, is_not, .. } => {
                let sign = if *is_not { '≠' } else { '=' };
                let shown = match value {
                    Value::Is(Some(text)) => fit(sanitize_for(Place::Cell, text.expose()).as_str(), 24),
                    Value::Is(None) => "∅".to_owned(),
                    Value::OfRow(row) => format!("that of row {row}"),
                };
                crate::safe!("{} {sign} {shown}", name(*column))
            }
        }
    }
}

/// The steps as pandas code on a frame `df`: filters from left to right, then the last order.
pub fn recipe<'a>(steps: impl IntoIterator<Item = &'a Step>, columns: &[Column]) -> String {
    let mut code = "df".to_owned();
    let mut order = String::new();
    for step in steps {
        match step {
            Step::Sort { column, is_descending } => {
                let by = columns.get(*column).map(|column| literal(column.name.expose())).unwrap_or_default();
                let descending = if *is_descending { ", ascending=False" } else { "" };
                order = format!(".sort_values({by}{descending}, kind=\"stable\")");
            }
            Step::Unsort => order.clear(),
            Step::Filter { column, kind, value, is_not } => {
                let by = columns.get(*column).map(|column| literal(column.name.expose())).unwrap_or_default();
                let test = match (value, is_not) {
                    (Value::Is(Some(value)), _) => {
                        let sign = if *is_not { "!=" } else { "==" };
                        format!("{sign} {}", constant(*kind, value.expose()))
                    }
                    (_, false) => ".isna()".to_owned(),
                    (_, true) => ".notna()".to_owned(),
                };
                let space = if test.starts_with('.') { "" } else { " " };
                code = format!("{code}.loc[lambda t: t[{by}]{space}{test}]");
            }
        }
    }
    code + &order
}

fn constant(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Int | Kind::Float => match (kind::int(value), kind::float(value)) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(number)) if number.is_finite() => format!("{number:?}"),
            _ => literal(value),
        },
        Kind::Bool => match kind::boolean(value) {
            Some(true) => "True".to_owned(),
            Some(false) => "False".to_owned(),
            None => literal(value),
        },
        Kind::Date | Kind::Datetime | Kind::Text | Kind::Other => literal(value),
    }
}

/// A text as a string of Python, in which every character that does not show is written as its code.
fn literal(text: &str) -> String {
    use std::fmt::Write as _;

    let mut code = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => code.extend(['\\', c]),
            '\n' => code.push_str("\\n"),
            '\r' => code.push_str("\\r"),
            '\t' => code.push_str("\\t"),
            c if c.is_control() || crate::text::sanitize::is_hidden(c) => {
                let _ = write!(code, "\\U{:08x}", u32::from(c));
            }
            c => code.push(c),
        }
    }
    code.push('"');
    code
}

/// What is looked for in the cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    /// The text or the expression.
    pub text: String,
    /// Whether it is a regular expression.
    pub is_regex: bool,
}

impl Needle {
    /// Reads what was typed: `re:` begins a regular expression. None where nothing is left.
    pub fn parse(typed: &str) -> Option<Self> {
        let (text, is_regex) = typed.strip_prefix("re:").map_or((typed, false), |rest| (rest, true));
        (!text.is_empty()).then(|| Self { text: text.to_owned(), is_regex })
    }

    /// Whether large and small letters are the same: where none is large. A letter after a backslash, as in `\S`, is no letter.
    pub fn ignores_case(&self) -> bool {
        let mut is_escaped = false;
        !self.text.chars().any(|c| {
            let counts = c.is_uppercase() && !(self.is_regex && is_escaped);
            is_escaped = c == '\\' && !is_escaped;
            counts
        })
    }

    /// The expression that finds it, for what is on the screen.
    ///
    /// Fails with what is wrong with it, in one line.
    pub fn regex(&self) -> Result<regex::Regex, SafeText> {
        let source = if self.is_regex { self.text.clone() } else { regex::escape(&self.text) };
        regex::RegexBuilder::new(&source)
            .case_insensitive(self.ignores_case())
            .dot_matches_new_line(true)
            .build()
            .map_err(|error| {
                let text = error.to_string();
                crate::safe!("{}", text.lines().last().unwrap_or_default().trim_start_matches("error: "))
            })
    }
}

/// A cell that a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its place among the rows that are shown.
    pub place: u64,
    /// Its column.
    pub column: usize,
    /// Whether the search went over the end, or the beginning.
    pub is_wrapped: bool,
}

/// How often each value of a column occurs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The column.
    pub column: usize,
    /// Values with their numbers of rows, the most frequent first; nothing stands for *no value*.
    pub values: Vec<(Option<RawText>, u64)>,
    /// Different values, *no value* among them.
    pub n_distinct: u64,
    /// Whether there are more values than are counted, so that `n_distinct` is only the least.
    pub is_cut: bool,
    /// Rows that were counted.
    pub n_rows: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_pandas_code() {
        let columns = [Column::new("pl\"an", Kind::Text), Column::new("n", Kind::Float), Column::new("b", Kind::Bool)];
        let filter = |column, kind, value: Option<&str>, is_not| Step::Filter {
            column,
            kind,
            value: Value::Is(value.map(RawText::new)),
            is_not,
        };
        let steps = [
            filter(0, Kind::Text, Some("a\n\u{202e}b"), false),
            filter(1, Kind::Float, Some("1.50"), true),
            Step::Sort { column: 0, is_descending: false },
            filter(2, Kind::Bool, Some("true"), false),
            filter(1, Kind::Float, None, true),
            Step::Sort { column: 1, is_descending: true },
        ];
        assert_eq!(
            recipe(&steps, &columns),
            "df.loc[lambda t: t[\"pl\\\"an\"] == \"a\\n\\U0000202eb\"].loc[lambda t: t[\"n\"] != 1.5]\
             .loc[lambda t: t[\"b\"] == True].loc[lambda t: t[\"n\"].notna()]\
             .sort_values(\"n\", ascending=False, kind=\"stable\")"
        );
        assert_eq!(recipe(&[steps[2].clone(), Step::Unsort], &columns), "df");
        assert_eq!(steps[1].label(&columns).as_str(), "n ≠ 1.50");
    }

    #[test]
    fn letters_that_are_all_small_find_large_ones_too() {
        let ignores = |typed: &str| Needle::parse(typed).unwrap().ignores_case();
        assert_eq!(
            [ignores("abc"), ignores("aBc"), ignores(r"re:\Sx"), ignores(r"re:\\Sx")],
            [true, false, true, false]
        );
        assert_eq!([Needle::parse(""), Needle::parse("re:")], [None, None]);
        let wrong = Needle::parse("re:(").unwrap().regex().unwrap_err();
        assert_eq!(wrong.as_str(), "unclosed group");
    }
}
