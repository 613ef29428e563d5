//! Reasoning column by column: what each number in the profile means for a model, and which rule says so.

use crate::analyst::brief::{Brief, Column};
use crate::text::figure;

/// What is to be done with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A quantity as it is.
    Number,
    /// A quantity spread over orders of magnitude.
    Skewed,
    /// Text that is nearly always a number.
    NumberInText,
    /// One of some values.
    Category,
    /// A point in time.
    Time,
    /// Free text.
    Words,
    /// Nothing.
    Drop,
}

/// Whether a column without negative values has a long upper tail.
pub fn is_skewed(column: &Column) -> bool {
    let (Some(low), Some(middle), Some(high)) = (column.q05, column.q50, column.q95) else { return false };
    let is_positive = column.min.as_f64().is_some_and(|min| min >= 0.0);
    is_positive && middle > 0.0 && high - middle > 4.0 * (middle - low)
}

/// What to do with a column, and why.
pub fn use_of(brief: &Brief, column: &Column) -> (Use, String) {
    if let Some(warned) = brief.warning("target-leak", &column.name).filter(|warned| warned.severity == "high") {
        let said = warned.message.clone().unwrap_or_else(|| format!("{} predicts the target alone", column.name));
        return (
            Use::Drop,
            format!("{said}. A column that is written after the outcome is not there when it is needed: leave it out."),
        );
    }
    if brief.framing.as_ref().is_some_and(|framing| framing.group.as_ref() == Some(&column.name)) {
        return (
            Use::Drop,
            "the split keeps its values together, so what is learnt of one of them is never asked for again: leave it out."
                .into(),
        );
    }
    let is_number_in_text = column.r#type == "String" && column.numeric_text.is_some_and(|share| share > 0.5);
    match column.role.as_str() {
        "text" | "categorical" if is_number_in_text => number_in_text(column),
        "constant" => (Use::Drop, "the same in every row, so it can't separate anything: leave it out.".into()),
        "identifier" => (Use::Drop, "a name of the row. A model would learn rows by heart: leave it out.".into()),
        "datetime" => (
            Use::Time,
            "a point in time. Its age, month and weekday can carry signal; the date itself does not repeat.".into(),
        ),
        "text" => (Use::Words, "free text. Words and pairs of words, weighed by how rare they are.".into()),
        "categorical" | "boolean" if column.r#type == "String" => {
            let n = column.distinct.unwrap_or(0);
            let how = if n > 40 { "rare values are pooled" } else { "each value gets a place of its own" };
            (Use::Category, format!("{}{how}.", distinct(column)))
        }
        "boolean" => (Use::Number, "yes or no: as it is.".into()),
        _ if column.r#type == "String" && column.numeric_text.is_some_and(|share| share > 0.5) => {
            number_in_text(column)
        }
        _ if is_skewed(column) => (
            Use::Skewed,
            format!(
                "half of its values lie below {}, one in twenty above {}: a long tail. Its logarithm spreads them for a linear model; trees don't mind.",
                shown(column.q50),
                shown(column.q95)
            ),
        ),
        _ => (Use::Number, range(column)),
    }
}

fn number_in_text(column: &Column) -> (Use, String) {
    let share = figure::share(column.numeric_text.unwrap_or(0.0));
    (
        Use::NumberInText,
        format!("text, yet {share} of its values are numbers. Read it as a number; the rest becomes missing."),
    )
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "?".into(), figure::value)
}

fn distinct(column: &Column) -> String {
    column.distinct.map_or_else(String::new, |n| format!("{n} values; "))
}

fn range(column: &Column) -> String {
    match (column.min.as_f64(), column.q50, column.max.as_f64()) {
        (Some(min), Some(middle), Some(max)) => {
            let far = if column.far_out > 0 {
                format!(" {} far outside its quartiles.", figure::plural(column.far_out, "value"))
            } else {
                String::new()
            };
            format!(
                "from {} to {}, half of them at most {}.{far} As it is.",
                figure::value(min),
                figure::value(max),
                figure::value(middle)
            )
        }
        _ => "a number: as it is.".into(),
    }
}

/// The reasoning that every task begins with: the table, the target, then each column.
pub fn read_through(brief: &Brief) -> String {
    let mut said = String::from(
        "I am a set of rules, not a language model; I reason from the profile in the request alone.\n\n### What the table is\n\n",
    );
    let n_columns = brief.columns.len();
    said.push_str(&format!(
        "{} of {}.",
        figure::plural(brief.n_rows, "row"),
        figure::plural(n_columns as u64, "column")
    ));
    said.push_str(match brief.n_rows {
        0..500 => " That is little: a model with few choices to make, and wide intervals.\n",
        500..5_000 => " Enough for a boosted model if it is held back, not enough for a large one.\n",
        5_000..200_000 => " Enough for boosting with early stopping.\n",
        _ => " Plenty: speed matters more than squeezing each row.\n",
    });
    if brief.n_duplicates > 0 {
        said.push_str(&format!(
            "{} an earlier one in every column. The split keeps a row and its copy on one side, so they can't leak; in training they count twice.\n",
            if brief.n_duplicates == 1 { "1 row repeats".to_owned() } else { format!("{} rows repeat", figure::count(brief.n_duplicates)) }
        ));
    }
    said.push_str("\n### The target\n\n");
    said.push_str(&target(brief));
    said.push_str("\n### Column by column\n\n");
    for column in brief.columns.iter().filter(|column| column.name != brief.target()) {
        let left_out = brief.framing.as_ref().is_some_and(|framing| framing.left_out.contains(&column.name));
        let (_, why) = use_of(brief, column);
        let missing = match column.null.unwrap_or(0.0) {
            share if share >= 0.6 => {
                format!(" Empty in {}: whether it is filled may say more than its value.", figure::share(share))
            }
            share if share > 0.0 => format!(" Missing in {}.", figure::share(share)),
            _ => String::new(),
        };
        let kept = if left_out { " The framing leaves it out." } else { "" };
        said.push_str(&format!("- **{}**: {why}{missing}{kept}\n", column.name));
    }
    said
}

fn target(brief: &Brief) -> String {
    let Some(framing) = &brief.framing else {
        return "The question is not framed yet, so I look at the columns alone.\n".into();
    };
    let column = brief.columns.iter().find(|column| column.name == framing.target);
    let mut said = format!("**{}**, {}, measured by {}.", framing.target, framing.problem, framing.metric);
    if let Some(column) = column.filter(|_| brief.is_classification()) {
        let n: u64 = column.top.values().sum();
        if let Some((class, rows)) = column.top.iter().min_by_key(|(_, rows)| **rows).filter(|_| n > 0) {
            let share = crate::domain::profile::share(*rows, n);
            said.push_str(&format!(" The rarest class, {class}, has {} of the rows.", figure::share(share)));
            said.push_str(if share < 0.1 {
                " That is imbalance: accuracy would look good for a model that never answers it."
            } else {
                " No need to weigh classes."
            });
        }
    } else if let Some(column) = column
        && is_skewed(column)
    {
        said.push_str(" It has a long upper tail: squared error listens to a few large values.");
    }
    if framing.split == "time" {
        said.push_str(" Later rows are predicted from earlier ones, so nothing may look ahead.");
    } else if framing.split == "grouped" {
        said.push_str(" Groups stay together, so what is special to one group does not help.");
    }
    said.push('\n');
    said
}
