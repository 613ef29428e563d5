//! The guided flow: five stages, each with an exit check that is measured from the history, and what is missing for it.

use crate::domain::checklist;
use crate::domain::experiment::{Experiment, History, Run};
use crate::domain::findings::{Part, Standing};
use crate::domain::run::{FileKind, Status};
use crate::domain::task::Task;
use crate::domain::verdict::Label;
use crate::text::figure;

/// Attempts after which a baseline that nothing beats is taken for the answer.
const ENOUGH: usize = 3;

/// One stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name, which is that of its main task.
    pub task: Task,
    /// Whether its exit check holds.
    pub is_done: bool,
    /// What the exit check measures.
    pub check: &'static str,
    /// What it found: why it holds, or what is missing.
    pub said: String,
}

impl Stage {
    /// Its sign in the header.
    pub fn sign(&self, is_current: bool) -> char {
        match (self.is_done, is_current) {
            (true, _) => '✓',
            (false, true) => '●',
            (false, false) => '○',
        }
    }
}

/// The stages on one data file under one framing. `frame` is nothing where the question is not fixed yet.
pub fn stages(history: &History, data: &str, frame: Option<&str>) -> Vec<Stage> {
    let mine: Vec<&Experiment> = history.experiments.iter().filter(|one| one.data == data).collect();
    let framed: Vec<(&Experiment, &Run)> = mine
        .iter()
        .flat_map(|one| one.runs.iter().map(move |run| (*one, run)))
        .filter(|(_, run)| frame.is_some_and(|frame| run.spec.framing.fingerprint() == frame) && is_finished(run))
        .collect();
    let class = framed.iter().rev().find(|(_, run)| run.score().is_some()).map(|(_, run)| run.class());
    let best = class.as_deref().and_then(|class| history.champion(class));
    vec![
        explored(&mine, frame),
        featured(&framed),
        trained(&framed, best),
        evaluated(&framed, best),
        ready(&framed, best),
    ]
}

/// The place of the stage that is worked on: the first whose check does not hold.
pub fn current(stages: &[Stage]) -> Option<usize> {
    stages.iter().position(|stage| !stage.is_done)
}

fn is_finished(run: &Run) -> bool {
    run.outcome.as_ref().is_some_and(|outcome| outcome.status == Status::Finished)
}

fn explored(mine: &[&Experiment], frame: Option<&str>) -> Stage {
    let found =
        mine.iter().rev().find(|one| matches!(one.task.as_str(), "explore" | "design") && one.decision.allows_run());
    let (is_done, said) = match (found, frame) {
        (Some(one), Some(_)) => (true, format!("{} was accepted and the question is fixed", one.id)),
        (None, Some(_)) => (false, "no assessment of the data was accepted yet".to_owned()),
        (_, None) => (false, "the question is not fixed yet".to_owned()),
    };
    Stage {
        task: Task::Explore,
        is_done,
        check: "the question is fixed, and an assessment of the data was accepted",
        said,
    }
}

fn featured(framed: &[(&Experiment, &Run)]) -> Stage {
    let found = framed.iter().rev().find(|(_, run)| run.spec.kind == FileKind::Features);
    let (is_done, said) = match found {
        Some((one, run)) => {
            let parts: Vec<&Part> = run
                .outcome
                .iter()
                .flat_map(|outcome| &outcome.findings.parts)
                .filter(|part| part.kind == "feature")
                .collect();
            let helped = parts.iter().filter(|part| part.label == Some(Label::Better)).count();
            (
                true,
                format!(
                    "{}: {helped} of {} helped beyond the noise",
                    one.id,
                    figure::plural(parts.len() as u64, "feature")
                ),
            )
        }
        None => (false, "no feature has been measured on these folds".to_owned()),
    };
    Stage { task: Task::Features, is_done, check: "features were measured, each against the same baseline", said }
}

fn trained(framed: &[(&Experiment, &Run)], best: Option<(&Experiment, &Run)>) -> Stage {
    let tried = framed
        .iter()
        .filter(|(one, run)| {
            one.task != "baseline" && matches!(run.spec.kind, FileKind::Model | FileKind::Search | FileKind::Pipeline)
        })
        .count();
    let (is_done, said) = match best {
        Some((one, _)) if one.task != "baseline" => (true, format!("{} is better than the baselines", one.id)),
        Some((one, _)) if tried >= ENOUGH => (
            true,
            format!(
                "{} stands: none of {} is better beyond the noise",
                one.id,
                figure::plural(tried as u64, "attempt")
            ),
        ),
        Some(_) if tried > 0 => (
            false,
            format!("none of {} is better than the baseline beyond the noise", figure::plural(tried as u64, "attempt")),
        ),
        Some(_) => (false, "no model has been run yet".to_owned()),
        None => (false, "the baselines have not been run yet".to_owned()),
    };
    Stage {
        task: Task::Train,
        is_done,
        check: "a model is better than the baselines beyond the noise, or three attempts show that none is",
        said,
    }
}

fn evaluated(framed: &[(&Experiment, &Run)], best: Option<(&Experiment, &Run)>) -> Stage {
    let report = framed.iter().rev().find(|(_, run)| run.spec.kind == FileKind::Evaluation);
    let about = |run: &Run| run.spec.subject.as_ref().map(|subject| subject.run_id.clone());
    let (is_done, said) = match (report, best) {
        (Some((one, run)), Some((_, best_run))) if about(run).as_ref() == Some(&best_run.spec.run_id) => {
            (true, format!("{} reports on the best run", one.id))
        }
        (Some((one, run)), Some((best, _))) => {
            let subject = run.spec.subject.as_ref().map_or("another run", |subject| subject.experiment.as_str());
            (false, format!("{} is about {subject}, but the best is {}", one.id, best.id))
        }
        _ => (false, "there is no report on the best run".to_owned()),
    };
    Stage { task: Task::Evaluate, is_done, check: "a report on the best run was made from its saved predictions", said }
}

fn ready(framed: &[(&Experiment, &Run)], best: Option<(&Experiment, &Run)>) -> Stage {
    let found = framed.iter().rev().find(|(_, run)| run.spec.kind == FileKind::Checklist);
    let about = |run: &Run| run.spec.subject.as_ref().map(|subject| subject.run_id.clone());
    let (is_done, said) = match (found, best) {
        (Some((one, run)), Some((_, best_run))) if about(run).as_ref() == Some(&best_run.spec.run_id) => {
            let (n, fails, open) = counted(one, run);
            let is_done = n > 0 && fails + open == 0;
            let word = if is_done {
                "every item holds".to_owned()
            } else {
                format!("{fails} of {n} items fail, {open} are open")
            };
            (is_done, format!("{}: {word}", one.id))
        }
        (Some((one, _)), Some((best, _))) => (false, format!("{} is not about the best run, {}", one.id, best.id)),
        _ => (false, "there is no checklist for the best run".to_owned()),
    };
    Stage { task: Task::Production, is_done, check: "every item of the checklist holds or was ticked", said }
}

/// Items of a checklist: how many, how many fail, how many are open or unchecked.
fn counted(experiment: &Experiment, run: &Run) -> (usize, usize, usize) {
    let Some(file) = experiment.files.iter().find(|file| file.kind == FileKind::Checklist) else { return (0, 0, 0) };
    let checks = run.outcome.as_ref().map(|outcome| outcome.findings.checks.as_slice()).unwrap_or_default();
    checklist::items(file.code.expose()).iter().fold((0, 0, 0), |(n, fails, open), item| {
        match checklist::standing(item, checks, &experiment.ticked).0 {
            Standing::Pass => (n + 1, fails, open),
            Standing::Fail => (n + 1, fails + 1, open),
            Standing::NotChecked | Standing::Open => (n + 1, fails, open + 1),
        }
    })
}
