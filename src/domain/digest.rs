//! The history as a model reads it: one line of JSON an experiment, oldest first, bounded.
//!
//! A line depends on its experiment alone, so a new experiment leaves every earlier byte as it was.

use serde_json::json;

use crate::domain::experiment::{Decision, Experiment, History};
use crate::domain::findings::{Findings, Part, Standing};
use crate::domain::framing::Privacy;
use crate::domain::pynotes;
use crate::domain::run::Status;

/// Experiments that are shown; of older ones only the number is told.
const MAX_LINES: usize = 80;
/// Characters of any one text.
const MAX_TEXT: usize = 300;

/// The digest of everything tried on one data file under one framing.
pub fn digest(history: &History, data: &str, frame: &str, privacy: Privacy) -> Vec<String> {
    let mine: Vec<&Experiment> = history
        .experiments
        .iter()
        .filter(|experiment| {
            experiment.data == data
                && experiment.frame == frame
                && (experiment.stop.is_some() || experiment.model.is_none())
                && !matches!(experiment.task.as_str(), "explore" | "ask" | "label")
                && (experiment.talk.follows.is_none() || !experiment.files.is_empty())
        })
        .collect();
    let n_left_out = mine.len().saturating_sub(MAX_LINES);
    let mut lines = Vec::new();
    if n_left_out > 0 {
        lines.push(json!({"left_out": n_left_out, "why": "older experiments"}).to_string());
    }
    lines.extend(mine.into_iter().skip(n_left_out).map(|experiment| line(history, experiment, privacy)));
    lines
}

/// A reason as the privacy level allows it: an error may quote a cell.
pub fn without_cells(reason: &str, privacy: Privacy) -> String {
    match privacy {
        Privacy::Schema => reason.split(':').next().unwrap_or_default().to_owned(),
        Privacy::Statistics => {
            let mut told = String::new();
            let mut inside: Option<char> = None;
            for c in reason.chars() {
                match inside {
                    Some(mark) if c == mark => {
                        inside = None;
                        told.push('…');
                        told.push(c);
                    }
                    Some(_) => {}
                    None => {
                        told.push(c);
                        inside = matches!(c, '\'' | '"' | '`').then_some(c);
                    }
                }
            }
            told
        }
        _ => reason.to_owned(),
    }
}

/// The line of one experiment.
pub fn line(history: &History, experiment: &Experiment, privacy: Privacy) -> String {
    let cut = |text: &str| text.chars().take(MAX_TEXT).collect::<String>();
    let mut fields = serde_json::Map::new();
    fields.insert("id".into(), json!(experiment.id));
    if let Some(parent) = &experiment.parent {
        fields.insert("parent".into(), json!(parent));
    }
    fields.insert("task".into(), json!(experiment.task));
    fields.insert("hypothesis".into(), json!(cut(&experiment.title())));
    if experiment.decision != Decision::Accepted {
        fields.insert("decision".into(), json!(experiment.decision_words()));
    }
    let rejected = experiment.rejected_hunks();
    if !rejected.is_empty() {
        fields.insert("rejected".into(), json!(rejected.iter().map(|one| cut(one)).collect::<Vec<_>>()));
    }
    if let Some(reason) = &experiment.reason {
        fields.insert("reason".into(), json!(cut(reason.expose())));
    }
    let uses = experiment.files.iter().flat_map(|file| pynotes::estimators(file.code.expose())).collect::<Vec<_>>();
    if !uses.is_empty() {
        fields.insert("uses".into(), json!(uses));
    }
    if let Some(findings) = experiment.run().and_then(|run| run.outcome.as_ref()).map(|outcome| &outcome.findings) {
        tell_findings(&mut fields, findings);
    }
    if experiment.has_network() {
        fields.insert("network".into(), json!(true));
    }
    if let Some(run) = experiment.run() {
        let round = |value: f64| (value * 1e5).round() / 1e5;
        match &run.outcome {
            None => {
                fields.insert("run".into(), json!("going on"));
            }
            Some(outcome) if outcome.status == Status::Finished => {
                if let Some((mean, std)) = run.score() {
                    fields.insert("metric".into(), json!(run.spec.framing.metric.name()));
                    fields.insert("mean".into(), json!(round(mean)));
                    fields.insert("std".into(), json!(std.map(round)));
                }
            }
            Some(outcome) => {
                fields.insert("run".into(), json!(outcome.status.word()));
                if let Some(reason) = &outcome.reason {
                    fields.insert("why".into(), json!(cut(&without_cells(reason.as_str(), privacy))));
                }
            }
        }
        if let Some(verdict) = &run.verdict {
            fields.insert("verdict".into(), json!(verdict.label.words()));
            if let (Some(against), Some((low, high))) = (&verdict.against, verdict.interval) {
                let of =
                    history.experiments.iter().find(|other| other.runs.iter().any(|run| run.spec.run_id == *against));
                fields.insert("against".into(), json!(of.map(|other| other.id.clone())));
                fields.insert("interval".into(), json!([round(low), round(high)]));
            }
        }
    }
    serde_json::Value::Object(fields).to_string()
}

/// What a run found out, in a few fields: what each part gained, the best configuration, checks that failed.
fn tell_findings(fields: &mut serde_json::Map<String, serde_json::Value>, findings: &Findings) {
    let kept = |part: &&Part| matches!(part.kind.as_str(), "step" | "feature" | "stack");
    let gained: Vec<String> = findings
        .parts
        .iter()
        .filter(kept)
        .take(12)
        .map(|part| match (part.difference, part.label) {
            (Some(difference), Some(label)) => format!("{} {difference:+.4} {}", part.name, label.words()),
            _ => format!("{} not checked", part.name),
        })
        .collect();
    if !gained.is_empty() {
        fields.insert("parts".into(), json!(gained));
    }
    if !findings.best.is_empty() {
        fields.insert("best".into(), json!(findings.best));
    }
    let failed: Vec<&str> = findings
        .checks
        .iter()
        .filter(|check| check.standing == Standing::Fail)
        .map(|check| check.name.as_str())
        .collect();
    if !failed.is_empty() {
        fields.insert("failed_checks".into(), json!(failed));
    }
}
