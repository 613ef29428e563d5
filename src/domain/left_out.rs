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
        let why = self.why.as_ref().map_or_else(String::new, |why| format!(" because {why}"));
        format!(
            "the framing leaves {} out{why}, so no code is given it; F, then c takes it in again, or exclude in rationale.toml",
            self.name
        )
    }
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

/// The column that an error of Python misses and that was left out. `messages` are those of the error and of what caused it.
pub fn missed<'a>(all: &'a [LeftOut], kind: &str, messages: &[&str]) -> Option<&'a LeftOut> {
    if !matches!(kind, "KeyError" | "ValueError" | "AttributeError" | "ColumnNotFoundError") {
        return None;
    }
    let names = |message: &str, name: &str| {
        ['\'', '"'].iter().any(|mark| message.contains(&format!("{mark}{name}{mark}")))
            || kind == "ColumnNotFoundError" && message.split_whitespace().any(|word| word == name)
    };
    all.iter().find(|column| messages.iter().any(|message| names(message, &column.name)))
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
        let found = |kind: &str, messages: &[&str]| missed(&all, kind, messages).map(|column| column.name.as_str());
        assert_eq!(found("KeyError", &["'id'"]), Some("id"));
        assert_eq!(found("KeyError", &["\"['reason'] not in index\""]), Some("reason"));
        assert_eq!(found("AttributeError", &["'DataFrame' object has no attribute 'reason'"]), Some("reason"));
        let of_columns = "A given column is not a column of the dataframe";
        assert_eq!(found("ValueError", &[of_columns, "'id'"]), Some("id"));
        assert_eq!(found("ColumnNotFoundError", &["id"]), Some("id"));
        // Another name that holds it, and errors of another kind.
        assert_eq!(found("KeyError", &["'paid'"]), None);
        assert_eq!(found("ValueError", &[of_columns]), None);
        assert_eq!(found("ZeroDivisionError", &["'id'"]), None);
    }

    #[test]
    fn the_sentence_says_why_where_that_is_known() {
        let column = |why: Option<&str>| LeftOut { name: "id".into(), why: why.map(ToOwned::to_owned) }.sentence();
        assert_eq!(
            column(Some("it names a row")),
            "the framing leaves id out because it names a row, so no code is given it; F, then c takes it in again, or exclude in rationale.toml"
        );
        assert!(column(None).starts_with("the framing leaves id out, so no code is given it;"));
    }
}
