//! Columns that the framing leaves out of every run: why, and how code gets them back.

use serde::{Deserialize, Serialize};

use crate::domain::framing::{Framing, why_left_out};
use crate::domain::known::Known;

/// A column that no run is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// What the data says against it; nothing where that is not known, or a person left it out.
    pub why: Option<String>,
}

impl LeftOut {
    /// In one sentence: that it is left out, why, and how it comes back.
    pub fn sentence(&self) -> String {
        sentence(&[self])
    }
}

/// In one sentence: that these are left out, why, and how they come back.
pub fn sentence(columns: &[&LeftOut]) -> String {
    let said = |column: &&LeftOut| {
        let why = column.why.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
        format!("{}{why}", column.name)
    };
    let all: Vec<String> = columns.iter().map(said).collect();
    let it = if columns.len() == 1 { "it" } else { "them" };
    let leaks = columns.iter().all(|column| column.why.as_deref().is_some_and(|why| why.contains("leak")));
    let next = if leaks {
        format!("take {it} out of the code too")
    } else {
        format!("F, then c takes {it} in again, or exclude in rationale.toml")
    };
    format!("the framing leaves {} out, so no code is given {it}; {next}", all.join(" and "))
}

/// Every column that a framing leaves out, with what is known against it.
pub fn of(framing: &Framing, known: Option<&Known>) -> Vec<LeftOut> {
    let why = |name: &str| {
        let known = known?;
        known.warnings.iter().find_map(|warning| {
            let column = known.profile.columns.get(*warning.columns.first()?)?;
            (column.name.expose() == name).then(|| why_left_out(warning)).flatten().map(|(_, one)| one.to_owned())
        })
    };
    let names = framing.exclude.iter().map(|name| name.expose().to_owned());
    names.map(|name| LeftOut { why: why(&name), name }).collect()
}

/// Columns that an error of Python misses and that were left out. `messages` are those of the error and of what caused it.
pub fn missed<'a>(all: &'a [LeftOut], kind: &str, messages: &[&str]) -> Vec<&'a LeftOut> {
    if !matches!(kind, "KeyError" | "ValueError" | "AttributeError" | "ColumnNotFoundError") {
        return Vec::new();
    }
    let names = |message: &str, name: &str| {
        ['\'', '"'].iter().any(|mark| message.contains(&format!("{mark}{name}{mark}")))
            || kind == "ColumnNotFoundError" && message.split_whitespace().any(|word| word == name)
    };
    all.iter().filter(|column| messages.iter().any(|message| names(message, &column.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_misses_a_column_that_was_left_out_is_told_from_others() {
        let all = [
            LeftOut { name: "id".into(), why: Some("it names a row and says nothing else".into()) },
            LeftOut { name: "reason".into(), why: None },
        ];
        let found = |kind: &str, messages: &[&str]| {
            missed(&all, kind, messages).into_iter().map(|column| column.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(found("KeyError", &["'id'"]), ["id"]);
        assert_eq!(found("KeyError", &["\"['reason'] not in index\""]), ["reason"]);
        assert_eq!(found("AttributeError", &["'DataFrame' object has no attribute 'reason'"]), ["reason"]);
        assert_eq!(found("ValueError", &["Some are not columns of the dataframe: {'reason', 'id'}"]), ["id", "reason"]);
        let of_columns = "A given column is not a column of the dataframe";
        assert_eq!(found("ValueError", &[of_columns, "'id'"]), ["id"]);
        assert_eq!(found("ColumnNotFoundError", &["id"]), ["id"]);
        // Another name that holds it, and errors of another kind.
        let none: [&str; 0] = [];
        assert_eq!(found("KeyError", &["'paid'"]), none);
        assert_eq!(found("ValueError", &[of_columns]), none);
        assert_eq!(found("ZeroDivisionError", &["'id'"]), none);
    }

    #[test]
    fn the_sentence_says_why_where_that_is_known() {
        let column = |name: &str, why: Option<&str>| LeftOut { name: name.into(), why: why.map(ToOwned::to_owned) };
        let (id, reason) = (column("id", Some("it is an identifier")), column("reason", None));
        assert_eq!(
            sentence(&[&id]),
            "the framing leaves id (it is an identifier) out, so no code is given it; F, then c takes it in again, or exclude in rationale.toml"
        );
        assert_eq!(
            sentence(&[&id, &reason]),
            "the framing leaves id (it is an identifier) and reason out, so no code is given them; F, then c takes them in again, or exclude in rationale.toml"
        );
    }
}
