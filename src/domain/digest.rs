//! The history as a model reads it: one line of JSON an experiment, oldest first, bounded.
//!
//! A line depends on its experiment alone, so a new experiment leaves every earlier byte as it was.

use serde_json::json;

use crate::domain::experiment::{Decision, Experiment, History};
use crate::domain::pynotes;
use crate::domain::run::Status;

/// Experiments that are shown; of older ones only the number is told.
const MAX_LINES: usize = 80;
/// Characters of any one text.
const MAX_TEXT: usize = 300;

/// The digest of everything tried on one data file under one framing.
pub fn digest(history: &History, data: &str, frame: &str) -> Vec<String> {
    let mine: Vec<&Experiment> = history
        .experiments
        .iter()
        .filter(|experiment| {
            experiment.data == data
                && experiment.frame == frame
                && (experiment.stop.is_some() || experiment.model.is_none())
                && experiment.task != "explore"
                && (experiment.talk.follows.is_none() || !experiment.files.is_empty())
        })
        .collect();
    let n_left_out = mine.len().saturating_sub(MAX_LINES);
    let mut lines = Vec::new();
    if n_left_out > 0 {
        lines.push(json!({"left_out": n_left_out, "why": "older experiments"}).to_string());
    }
    lines.extend(mine.into_iter().skip(n_left_out).map(|experiment| line(history, experiment)));
    lines
}

/// The line of one experiment.
pub fn line(history: &History, experiment: &Experiment) -> String {
    let cut = |text: &str| text.chars().take(MAX_TEXT).collect::<String>();
    let mut fields = serde_json::Map::new();
    fields.insert("id".into(), json!(experiment.id));
    if let Some(parent) = &experiment.parent {
        fields.insert("parent".into(), json!(parent));
    }
    fields.insert("task".into(), json!(experiment.task));
    fields.insert("hypothesis".into(), json!(cut(&experiment.title())));
    if experiment.decision != Decision::Accepted {
        fields.insert("decision".into(), json!(experiment.decision.word()));
    }
    if let Some(reason) = &experiment.reason {
        fields.insert("reason".into(), json!(cut(reason.expose())));
    }
    let uses = experiment.files.iter().flat_map(|file| pynotes::estimators(file.code.expose())).collect::<Vec<_>>();
    if !uses.is_empty() {
        fields.insert("uses".into(), json!(uses));
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
                    fields.insert("why".into(), json!(cut(reason.as_str())));
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
