//! `evaluate`: reads a report where there is one, and says what the next one looks into.

use crate::analyst::brief::Brief;
use crate::analyst::model::quote;
use crate::analyst::{Answer, BY_RULES, fence, think};

/// The column of what is ranked together: as was told, or one that is named like a query.
fn ranked_by(brief: &Brief) -> Option<String> {
    let told = brief.setting("group").map(ToOwned::to_owned);
    let is_query = |name: &str| {
        let words = crate::domain::profile::words_of(name);
        ["query", "qid", "session", "search", "race"].iter().any(|word| words.iter().any(|other| other == word))
    };
    told.or_else(|| brief.columns.iter().map(|column| column.name.clone()).find(|name| is_query(name)))
}

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let subject = brief.code.first().map_or("the best run", |(experiment, _, _)| experiment.as_str());
    let mut thinking = think::read_through(brief);
    let findings: Vec<&str> = brief.report.iter().filter_map(|line| line["finding"].as_str()).collect();
    thinking.push_str(&format!("\n### What is judged\n\n**{subject}**. "));
    thinking.push_str(if findings.is_empty() {
        "Nothing has been computed about it yet, so the plan comes first.\n"
    } else {
        "A report on it is there; I sort its sentences, I add no number of my own.\n"
    });
    let segments: Vec<String> = match brief.setting("segments") {
        Some(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        None => brief
            .features()
            .filter(|column| matches!(column.role.as_str(), "categorical" | "boolean" | "datetime" | "numeric"))
            .filter(|column| column.role != "categorical" || column.distinct.is_none_or(|n| n <= 30))
            .take(8)
            .map(|column| column.name.clone())
            .collect(),
    };
    let business = brief.setting("business_metric").map(ToOwned::to_owned).or_else(|| {
        let is_binary = brief.framing.as_ref().is_some_and(|framing| framing.problem == "binary");
        is_binary.then(|| "precision at recall >= 0.8".to_owned())
    });
    let plan = format!(
        "{}segments = [{}]\n{}n_bootstrap = 1000\n",
        business.as_ref().map_or_else(String::new, |text| format!("business_metric = {}\n", quote(text))),
        segments.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", "),
        ranked_by(brief).map_or_else(String::new, |name| format!("group = {}\n", quote(&name))),
    );
    let lines = |wanted: &[&str], none: &str| {
        let of: Vec<String> = findings
            .iter()
            .filter(|line| wanted.iter().any(|word| line.to_lowercase().contains(word)))
            .map(|line| format!("- {line}\n"))
            .collect();
        if of.is_empty() { format!("{none}\n") } else { of.concat() }
    };
    let reading = if findings.is_empty() {
        "Look first at the interval of the deciding metric, then at calibration or residuals, then at the worst segment. An interval that reaches the baseline's would change the picture.\n".to_owned()
    } else {
        findings.iter().take(4).map(|line| format!("- {line}\n")).collect()
    };
    let comparison: Vec<String> = brief
        .history
        .iter()
        .filter_map(|tried| {
            Some(format!(
                "- {} has {:.4}{}\n",
                tried.id,
                tried.mean?,
                tried.verdict.as_ref().map_or_else(String::new, |verdict| format!(", {verdict}"))
            ))
        })
        .collect();
    let importance: Vec<&str> = brief
        .report
        .iter()
        .filter(|line| line["lost_when_shuffled"].as_f64().is_some_and(|lost| lost > 0.0))
        .filter_map(|line| line["column"].as_str())
        .take(3)
        .collect();
    let mut recommendations = lines(
        &["calibrat", "rising", "more rows", "rises", "gap", "recommend"],
        "- Compute the report, then ask again: only numbers should move the next step.",
    );
    if !importance.is_empty() {
        recommendations
            .push_str(&format!("- Most rests on {}: watch these columns first in use.\n", importance.join(", ")));
    }
    let failed: Vec<String> = brief
        .report
        .iter()
        .filter(|line| line["standing"] == "fail")
        .filter_map(|line| Some(format!("- {}: {}\n", line["check"].as_str()?, line["detail"].as_str()?)))
        .collect();
    recommendations.push_str(&failed.concat());
    let text = format!(
        "## Reading\n\n{reading}\n## Errors\n\n{}\n## Comparison\n\n{}\n## Recommendations\n\n{recommendations}\n## Hypothesis\n\nThe report on {subject} shows for whom it errs, and whether its margin over the others holds. (rule: evaluation)\n\n## Expected effect\n\nA segment that is worse beyond chance becomes the next experiment; without one, the score stands.\n\n{}{BY_RULES}",
        lines(
            &["segment", "where ", "error", "class"],
            "Not computed yet: the report names the worst segments with intervals, corrected for how many were looked at."
        ),
        if comparison.is_empty() {
            "Nothing else has been run on these folds.\n".to_owned()
        } else {
            comparison.concat()
        },
        fence("toml", "evaluation.toml", &plan),
    );
    Answer { thinking, text }
}
