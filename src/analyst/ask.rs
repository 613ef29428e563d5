//! `ask`: what rules can say to a free question – facts on the columns and experiments that it names.

use crate::analyst::brief::Brief;
use crate::analyst::{Answer, BY_RULES, think};
use crate::text::figure;

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let question = brief.request.clone().unwrap_or_default();
    let lower = question.to_lowercase();
    let words = crate::domain::profile::words_of(&question);
    let thinking = "I am a set of rules, not a language model. I look for columns, experiments and a few words in the question, and say what stands in the request about them.\n".to_owned();
    let mut said: Vec<String> = Vec::new();
    let named = |name: &str| {
        let name = name.to_lowercase();
        lower.contains(&name) && (name.len() > 3 || words.contains(&name))
    };
    for column in brief.columns.iter().filter(|column| named(&column.name)).take(6) {
        let (_, why) = think::use_of(brief, column);
        let missing = column.null.map_or_else(
            || "how much is missing is not told at this privacy level".to_owned(),
            |share| format!("{} of the rows have no value", figure::share(share)),
        );
        said.push(format!("- `{}`: {why} {missing}.", column.name));
        said.extend(brief.warnings.iter().filter(|warned| warned.r#in.contains(&column.name)).map(|warned| {
            format!(
                "- Warning on `{}`: {}",
                column.name,
                warned.message.clone().unwrap_or_else(|| warned.warning.clone())
            )
        }));
    }
    let about = |any: &[&str]| any.iter().any(|word| lower.contains(word));
    for tried in brief.history.iter().filter(|tried| words.contains(&tried.id)) {
        said.push(describe(tried));
    }
    if about(&["best", "history", "tried", "experiment", "result", "score"]) {
        let maximize = brief.framing.as_ref().is_none_or(|framing| framing.direction != "minimize");
        let best = brief.history.iter().filter(|tried| tried.mean.is_some()).max_by(|a, b| {
            let key = |mean: Option<f64>| mean.map_or(f64::MIN, |mean| if maximize { mean } else { -mean });
            key(a.mean).total_cmp(&key(b.mean))
        });
        said.push(best.map_or_else(
            || "- Nothing has been run on these folds yet.".to_owned(),
            |best| format!("- Highest mean so far, noise aside: {}", describe(best).trim_start_matches("- ")),
        ));
    }
    if about(&["missing", "null", "gap", "empty"]) {
        let mut gaps: Vec<_> =
            brief.columns.iter().filter(|column| column.null.is_some_and(|share| share > 0.0)).collect();
        gaps.sort_by(|a, b| b.null.unwrap_or(0.0).total_cmp(&a.null.unwrap_or(0.0)));
        let list: Vec<String> = gaps
            .iter()
            .take(8)
            .map(|column| format!("`{}` {}", column.name, figure::share(column.null.unwrap_or(0.0))))
            .collect();
        said.push(if list.is_empty() {
            "- No column has gaps.".into()
        } else {
            format!("- Gaps: {}.", list.join(", "))
        });
    }
    if about(&["duplicate", "repeat"]) {
        said.push(format!("- {} repeat an earlier row.", figure::plural(brief.n_duplicates, "row")));
    }
    if about(&["warning", "wrong", "problem", "leak", "quality"]) {
        said.extend(brief.warnings.iter().take(8).map(|warned| {
            format!(
                "- *{}* – {}",
                warned.severity,
                warned.message.clone().unwrap_or_else(|| format!("{} in {}", warned.warning, warned.r#in.join(", ")))
            )
        }));
    }
    said.extend(
        brief
            .report
            .iter()
            .filter_map(|line| line["finding"].as_str())
            .filter(|_| about(&["report", "error", "segment", "evaluat", "worst"]))
            .take(6)
            .map(|line| format!("- {line}")),
    );
    said.dedup();
    let text = if question.trim().is_empty() {
        format!("No question was written. Write one: i.\n{BY_RULES}")
    } else if said.is_empty() {
        format!(
            "I can't answer that: rules read facts, they don't reason about words. The table has {} of {}. Name a column or an experiment, or ask for gaps, duplicates, warnings or the best result; for more, choose a language model.\n{BY_RULES}",
            figure::plural(brief.n_rows, "row"),
            figure::plural(brief.columns.len() as u64, "column")
        )
    } else {
        format!("What stands in the data and the history about this:\n\n{}\n{BY_RULES}", said.join("\n"))
    };
    Answer { thinking, text }
}

fn describe(tried: &crate::analyst::brief::Tried) -> String {
    let score = tried.mean.map_or_else(|| "no score".to_owned(), |mean| format!("{mean:.4}"));
    let verdict = tried.verdict.as_ref().map_or_else(String::new, |verdict| format!(", {verdict}"));
    let ended = tried.run.as_ref().map_or_else(String::new, |run| {
        format!(", {run}{}", tried.why.as_ref().map_or_else(String::new, |why| format!(": {why}")))
    });
    format!("- {}: {} – {score}{verdict}{ended}", tried.id, tried.hypothesis)
}
