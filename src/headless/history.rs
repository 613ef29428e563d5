//! `rationale history`

use std::path::Path;

use crate::domain::experiment::{Experiment, History};
use crate::domain::failure::Failure;
use crate::domain::known_run::Apart;
use crate::domain::openings::Opening;
use crate::effects::runs;
use crate::headless::Console;
use crate::safe;
use crate::text::figure;
use crate::text::wrap::{fit, pad, pad_left};

/// Prints the experiments of a project.
pub fn history(project: &Path, filter: Option<&str>, as_json: bool) -> Result<(), Failure> {
    let state = project.join(".rationale");
    let history = if state.join("history.sqlite").exists() {
        runs::read_history(&state)?
    } else if project.is_dir() {
        History::default()
    } else {
        return Err(Failure::input(
            safe!("{}", project.display()),
            safe!("there is no such folder"),
            safe!("name the folder of the data file with --project"),
        ));
    };
    let shown: Vec<&Experiment> =
        history.experiments.iter().filter(|experiment| filter.is_none_or(|word| matches(experiment, word))).collect();
    if as_json {
        Console.json(&crate::json::history(&history, &shown));
        return Ok(());
    }
    if shown.is_empty() {
        Console.out(if filter.is_some() { "nothing matches" } else { "nothing has been tried yet" });
    }
    for experiment in &shown {
        Console.out(&line(experiment, history.why_apart(experiment).map(Apart::words)));
    }
    let is_shown = |opening: &&Opening| shown.iter().any(|one| one.id == opening.experiment);
    for (idx, opening) in history.openings.iter().filter(is_shown).enumerate() {
        if idx == 0 {
            Console.out("\nsealed rows were opened:");
        }
        Console.out(&format!("  {}", safe!("{}", opening.line(&history))));
    }
    Ok(())
}

/// Whether a word occurs in what the list shows of an experiment.
fn matches(experiment: &Experiment, word: &str) -> bool {
    let verdict = experiment.run().and_then(|run| run.verdict.as_ref()).map_or("", |verdict| verdict.label.words());
    let word = word.to_lowercase();
    [
        experiment.id.as_str(),
        &experiment.task,
        &experiment.title(),
        experiment.decision_words(),
        verdict,
        &experiment.data,
    ]
    .iter()
    .any(|text| text.to_lowercase().contains(&word))
}

fn line(experiment: &Experiment, apart: Option<&str>) -> String {
    let network = if experiment.has_network() { "network · " } else { "" };
    let title = safe!("{network}{}", experiment.title());
    let score = experiment.run().and_then(super::super::domain::experiment::Run::score).map_or_else(
        || "–".to_owned(),
        |(mean, std)| {
            std.map_or_else(|| figure::score(mean), |std| format!("{} ±{}", figure::score(mean), figure::score(std)))
        },
    );
    let verdict = match experiment.run().map(|run| (&run.outcome, &run.verdict)) {
        _ if apart.is_some() => apart.unwrap_or_default().to_owned(),
        Some((_, Some(verdict))) if verdict.shown().is_some() => {
            let (low, high) = verdict.shown().unwrap_or_default();
            format!("{} [{}, {}]", verdict.label.words(), figure::signed_score(low), figure::signed_score(high))
        }
        Some((Some(outcome), _)) => outcome.status.word().to_owned(),
        Some((None, _)) => "running".to_owned(),
        None => experiment.decision_words().to_owned(),
    };
    format!(
        "{}  {}  {}  {}  {}  {}",
        pad(&experiment.id, 4),
        pad(&experiment.task, 8),
        pad(&fit(title.as_str(), 48), 48),
        pad_left(&score, 14),
        pad(&verdict, 36),
        figure::dollars(experiment.cost_usd)
    )
}
