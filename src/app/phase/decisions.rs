//! What the person decides about an answer, and the runs that follow from it.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::layout::Pane;
use crate::app::overlay::{Overlay, Then};
use crate::app::phase::moves::focus;
use crate::app::phase::{Phase, say, show};
use crate::app::review::View;
use crate::app::sheet;
use crate::domain::experiment::Decision;
use crate::safe;

pub(super) fn on_review(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::NextFile | Command::PreviousFile if model.layout.focused() == Pane::Thinking => {
            model.transcript.jump(command == Command::NextFile);
            return Vec::new();
        }
        Command::NextFile | Command::PreviousFile => {
            model.review.step_file(command == Command::NextFile);
            return Vec::new();
        }
        Command::Log => {
            model.review.view = if model.review.view == View::Log { View::Code } else { View::Log };
            model.review.first = 0;
            return focus(model, Pane::Code);
        }
        _ => {}
    }
    if model.review.files.is_empty() && !model.review.is_open() {
        return say(model, "there is nothing under review; t asks for something".into());
    }
    if matches!(model.phase, Phase::Running { .. }) && command != Command::Diff {
        return say(model, "a run goes on; Esc stops it".into());
    }
    match command {
        Command::Diff => {
            model.review.view = if model.review.view == View::Diff { View::Code } else { View::Diff };
            focus(model, Pane::Code)
        }
        Command::Edit => {
            let place = if sheet::is_shown(model) { sheet::line(model) } else { None };
            if let Some((path, _)) = &place {
                model.review.show_file(path);
            }
            model.review.begin_edit(place.map_or(1, |(_, line)| line));
            focus(model, Pane::Code)
        }
        Command::EditOutside => match model.review.file() {
            Some(file) => {
                vec![Effect::EditOutside { path: file.now.path.clone(), code: file.now.code.expose().to_owned() }]
            }
            None => Vec::new(),
        },
        Command::Accept => accept(model),
        _ if model.review.is_open() => show(model, Overlay::Reason { editor: Editor::default() }),
        _ => say(model, "it has been decided already".into()),
    }
}

pub(super) fn accept(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    if review.deciding.is_some() {
        return Vec::new();
    }
    if !review.is_open() {
        return say(model, safe!("it is {} already; x runs it", review.decision.word()));
    }
    if let Some(refusal) = review.refusal.clone().filter(|_| !review.is_edited()) {
        return say(model, safe!("it can't be accepted: {refusal}"));
    }
    if review.hides_unseen() {
        let question = "The code holds characters that do not show as what they are; they are marked ⟨U+…⟩. Accept it all the same?";
        return show(model, Overlay::Confirm { question: question.into(), then: Then::AcceptHidden });
    }
    let decision = if review.is_edited() { Decision::Edited } else { Decision::Accepted };
    decide(model, decision, None)
}

/// Rejects what is under review.
pub fn reject(model: &mut Model, reason: String) -> Vec<Effect> {
    if !model.review.is_open() || model.review.deciding.is_some() {
        return Vec::new();
    }
    decide(model, Decision::Rejected, Some(reason).filter(|reason| !reason.is_empty()))
}

pub(super) fn decide(model: &mut Model, decision: Decision, reason: Option<String>) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    let files = if decision == Decision::Rejected { Vec::new() } else { model.review.approved() };
    model.review.deciding = Some(decision);
    model.review.version += 1;
    let (_, start) = model.jobs.start(Job::Decide { experiment, decision, reason, files });
    vec![start]
}

/// Brings an experiment of the history back under review, as it was decided then.
pub(super) fn bring_back(model: &mut Model) -> Vec<Effect> {
    if let Some(busy) = crate::app::phase::busy(model) {
        return say(model, busy);
    }
    let Some(experiment) = model.history.selected().cloned() else {
        return say(model, "select an experiment first: 4".into());
    };
    if model.review.is_edited() && model.review.is_open() {
        return say(model, "what is under review was edited and not decided; a or r first".into());
    }
    if experiment.files.is_empty() && experiment.text.is_empty() {
        return say(model, safe!("{} holds nothing to look at", experiment.id));
    }
    let before = crate::app::phase::reports::accepted_before(model, &experiment.id);
    model.review.bring_back(&experiment, before);
    let is_sheet = model.review.task.is_some_and(sheet::is_first)
        || sheet::findings(model).is_some_and(|findings| !findings.is_empty());
    if is_sheet && sheet::of(model).is_some() {
        sheet::show(model);
    }
    focus(model, Pane::Code)
}

/// Runs one file of the answer, where it was accepted.
pub fn run_file(model: &mut Model, path: &str) -> Vec<Effect> {
    if let Some(busy) = crate::app::phase::busy(model) {
        return say(model, busy);
    }
    if !model.review.decision.allows_run() {
        return say(model, "accept the answer first: a".into());
    }
    model.review.show_file(path);
    run(model)
}

/// Runs what was accepted; without that the baselines that are missing.
pub(super) fn run(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    let job = if let (true, Some(experiment), false) =
        (review.decision.allows_run(), &review.experiment, review.files.is_empty())
    {
        Job::Run { experiment: experiment.clone(), files: review.to_run() }
    } else if review.is_open() && !review.files.is_empty() {
        return say(model, "accept it first: a".into());
    } else if needs_baseline(model) {
        Job::Baselines
    } else {
        return say(model, "nothing is accepted; t asks for something to run".into());
    };
    let (job, start) = model.jobs.start(job);
    model.phase = Phase::Running { job, since: model.meter.now, stopping: false };
    model.layout.focus(Pane::Code);
    vec![start]
}

/// Whether no baseline has a score on the folds of today's question.
pub fn needs_baseline(model: &Model) -> bool {
    let Some(framing) = &model.framing.framing else { return true };
    let fingerprint = framing.fingerprint();
    !model.history.list().iter().any(|experiment| {
        experiment.task == "baseline"
            && experiment.runs.iter().any(|run| run.score().is_some() && run.spec.framing.fingerprint() == fingerprint)
    })
}
