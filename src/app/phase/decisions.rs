//! What the person decides about an answer, and the runs that follow from it.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::layout::Pane;
use crate::app::overlay::{Overlay, Rejects, Then};
use crate::app::phase::moves::focus;
use crate::app::phase::{Phase, environment, running, say, show};
use crate::app::review::{ReviewPane, View};
use crate::app::reviewed::{Fate, File};
use crate::app::sheet;
use crate::domain::before;
use crate::domain::experiment::Decision;
use crate::domain::hunks::Choice;
use crate::domain::question::Follow;
use crate::domain::run::{CodeFile, FileKind};
use crate::domain::task::Task;
use crate::safe;

/// Why nothing else may take the place of what is under review.
pub const UNSETTLED: &str = "what is under review was edited and not decided; a or r first";

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
            let selected = model.history.selected().filter(|_| model.layout.focused() == Pane::History);
            let asked = selected.and_then(|one| one.run()).map(|run| run.spec.run_id.clone());
            let other = asked.is_some_and(|run_id| model.history.runs.show(&run_id));
            model.review.view = if model.review.view == View::Log && !other { View::Code } else { View::Log };
            model.review.first = 0;
            return focus(model, Pane::Code);
        }
        _ => {}
    }
    if model.review.files.is_empty() && !model.review.is_open() {
        return say(model, "there is nothing under review; t asks for something".into());
    }
    if matches!(model.phase, Phase::Running { .. }) && command != Command::Diff {
        return say(model, "a run goes on; & sends it to the background, Esc asks whether to stop it".into());
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
        Command::Accept if by_hunk(model) => choose(model, |review| review.choose(&Choice::Accepted)),
        Command::AcceptFile if model.review.is_open() => choose(model, |review| review.choose_file(&Choice::Accepted)),
        Command::AcceptAll if model.review.is_open() => {
            if model.review.n_open_hunks() > 0 {
                model.review.choose_rest(&Choice::Accepted);
            }
            accept(model)
        }
        Command::Accept | Command::AcceptAll | Command::AcceptFile => accept(model),
        Command::Undo | Command::Redo => undo(model, command == Command::Undo),
        Command::NextHunk | Command::PreviousHunk => {
            if !model.review.step_hunk(command == Command::NextHunk) {
                return say(model, "this file has no version before, so it has no hunks".into());
            }
            model.review.view = View::Code;
            show_hunk(model);
            focus(model, Pane::Code)
        }
        Command::Why => why(model),
        Command::Reject if by_hunk(model) => reason(model, Rejects::Hunk),
        Command::RejectFile if model.review.is_open() && model.review.files.len() > 1 => reason(model, Rejects::File),
        _ if model.review.is_open() => reason(model, Rejects::All),
        _ => say(model, "it has been decided already".into()),
    }
}

fn reason(model: &mut Model, what: Rejects) -> Vec<Effect> {
    show(model, Overlay::Reason { editor: Editor::default(), what })
}

/// Whether keys decide the hunk that is looked at, and not the whole.
pub fn by_hunk(model: &Model) -> bool {
    let review = &model.review;
    review.is_by_hunk() && review.n_open_hunks() > 0 && matches!(review.view, View::Code | View::Diff)
}

/// Decides something, shows the next hunk, and where none is left decides the whole.
fn choose(model: &mut Model, decide: impl FnOnce(&mut ReviewPane) -> bool) -> Vec<Effect> {
    model.review.view = View::Code;
    if decide(&mut model.review) {
        show_hunk(model);
        return Vec::new();
    }
    if model.review.files.iter().any(File::has_hunks) || model.review.approved().is_empty() {
        return conclude(model);
    }
    Vec::new()
}

/// Every hunk is decided, so the whole is: taken with what is left of it, or rejected where nothing is.
fn conclude(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    let nothing_left = review.files.iter().all(|file| match file.fate {
        Fate::Added => !file.is_kept(),
        Fate::Changed | Fate::Deleted | Fate::Renamed(_) => file.now.code.expose() == file.old(),
    });
    if let (true, Some(stands)) = (nothing_left, review.stands) {
        return decide(model, stands, None);
    }
    if !nothing_left {
        return accept(model);
    }
    let mut reasons: Vec<String> = Vec::new();
    for hunk in review.decided_hunks() {
        if let Choice::Rejected(reason) = hunk.choice
            && !reason.is_empty()
            && !reasons.contains(&reason)
        {
            reasons.push(reason);
        }
    }
    decide(model, Decision::Rejected, Some(reasons.join("; ")).filter(|reason| !reason.is_empty()))
}

fn show_hunk(model: &mut Model) {
    if let Some(inner) = model.layout.inner(Pane::Code) {
        model.review.show_hunk(usize::from(inner.width), usize::from(inner.height));
    }
}

fn undo(model: &mut Model, back: bool) -> Vec<Effect> {
    if model.review.deciding.is_some() {
        return say(model, "the decision is being written down".into());
    }
    let stood = model.review.standing();
    let said = if back {
        model.review.undo().unwrap_or_else(|| "there is nothing before this".to_owned())
    } else if model.review.redo() {
        "one step on".to_owned()
    } else {
        "there is nothing after this".to_owned()
    };
    model.review.view = View::Code;
    show_hunk(model);
    let mut effects = say(model, safe!("{said}"));
    effects.extend(settle(model, stood.as_ref()));
    effects
}

/// Writes down what a step back or on did to the acceptance: taken back, given again, or as before it was edited.
fn settle(model: &mut Model, stood: Option<&(Decision, Vec<CodeFile>)>) -> Vec<Effect> {
    let stands = model.review.standing();
    let Some(experiment) = model.review.experiment.clone().filter(|_| stands.as_ref() != stood) else {
        return Vec::new();
    };
    match stands {
        None => {
            let files = model.review.approved();
            let (job, start) = model.jobs.start(Job::TakeBack { experiment, files });
            model.review.deciding = Some((job, Decision::Pending));
            vec![start]
        }
        Some((decision, _)) if model.review.decision.allows_run() => {
            // It counts once it is on disk.
            model.review.decision = Decision::Pending;
            decide(model, decision, None)
        }
        Some((decision, files)) => {
            let job = Job::Decide { experiment, decision, reason: None, files, hunks: Vec::new() };
            let (job, start) = model.jobs.start(job);
            model.review.deciding = Some((job, Decision::Pending));
            vec![start]
        }
    }
}

/// Opens the editor for more words with a question about the hunk that is looked at.
fn why(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    let (Some(file), Some(experiment)) = (review.file(), review.experiment.clone()) else {
        return say(model, "there is nothing under review; t asks for something".into());
    };
    if model.history.history.find(&experiment).is_none_or(|one| one.model.is_none()) {
        return say(model, "no model wrote this, so none can be asked why".into());
    }
    let decided = file.decided();
    let place = match decided.get(file.left.len() + file.hunk).filter(|_| file.has_hunks()) {
        Some(hunk) => format!(
            "Why is hunk {} of {} in {} as it is (line {}: {})?",
            hunk.number, hunk.of, hunk.path, hunk.line, hunk.text
        ),
        None => format!("Why is {} as it is?", file.now.path),
    };
    let words = format!("{place} Answer in words; the code stays as it is.");
    let task = review.task.unwrap_or(Task::Train);
    show(model, Overlay::Prompt { editor: Editor::new(&words), task, follows: Some((experiment, Follow::On)) })
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
        let question = "The code holds characters that do not show as what they are (marked ⟨U+…⟩, or noted beside the line). Accept it all the same?";
        return show(model, Overlay::Confirm { question: question.into(), then: Then::AcceptHidden });
    }
    let decision = if review.is_edited() { Decision::Edited } else { Decision::Accepted };
    model.review.keep();
    decide(model, decision, None)
}

/// Rejects a hunk, a file, or all that is under review.
pub fn reject(model: &mut Model, what: Rejects, reason: String) -> Vec<Effect> {
    if !model.review.is_open() || model.review.deciding.is_some() {
        return Vec::new();
    }
    match what {
        Rejects::Hunk => return choose(model, |review| review.choose(&Choice::Rejected(reason))),
        Rejects::File => return choose(model, |review| review.choose_file(&Choice::Rejected(reason))),
        Rejects::All => {}
    }
    if let Some(stands) = model.review.stands {
        // The edit is rejected, and not what was accepted before it.
        model.review.step_back();
        return decide(model, stands, Some(reason).filter(|reason| !reason.is_empty()));
    }
    decide(model, Decision::Rejected, Some(reason).filter(|reason| !reason.is_empty()))
}

pub(super) fn decide(model: &mut Model, decision: Decision, reason: Option<String>) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    let files = if decision == Decision::Rejected { Vec::new() } else { model.review.approved() };
    let hunks = model.review.decided_hunks();
    let (job, start) = model.jobs.start(Job::Decide { experiment, decision, reason, files, hunks });
    model.review.deciding = Some((job, decision));
    model.review.version += 1;
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
    if model.review.is_unsettled() {
        return say(model, UNSETTLED.into());
    }
    if experiment.files.is_empty() && experiment.text.is_empty() {
        return say(model, safe!("{} holds nothing to look at", experiment.id));
    }
    let earlier = crate::app::phase::reports::accepted_before(model, &experiment.id);
    crate::app::phase::reports::take_question(model);
    model.review.bring_back(&experiment, earlier);
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
    if let Job::Run { experiment, files } = &job {
        let looks =
            before::look(&model.history.history, before::Coming { experiment, files, network: false }, |file| {
                model.review.notes_on(file)
            });
        if !looks.is_empty() {
            let missing = environment::missing(model, &job);
            return show(model, Overlay::Before { looks, selected: 0, job: Box::new(job), missing });
        }
    }
    start(model, job)
}

/// Runs what was accepted on part of the rows of one fold.
pub(super) fn quick(model: &mut Model) -> Vec<Effect> {
    if let Some(busy) = crate::app::phase::busy(model) {
        return say(model, busy);
    }
    let review = &model.review;
    match (&review.experiment, review.to_run()) {
        (Some(experiment), files)
            if review.decision.allows_run() && files.first().is_some_and(|file| file.kind == FileKind::Model) =>
        {
            let job = Job::Quick { experiment: experiment.clone(), files };
            start(model, job)
        }
        _ => say(model, "a quick look takes a model that was accepted; b brings one back from the history".into()),
    }
}

/// Shows a line of a file under review.
pub fn go_to(model: &mut Model, path: &str, line: usize) -> Vec<Effect> {
    model.overlay = None;
    model.review.show_file(path);
    if let Some(inner) = model.layout.inner(Pane::Code) {
        model.review.show_line(line, usize::from(inner.width), usize::from(inner.height));
    }
    focus(model, Pane::Code)
}

/// Starts a run.
pub fn start(model: &mut Model, job: Job) -> Vec<Effect> {
    if running::is_full(model) {
        let said = safe!(
            "{} runs go on already; & shows them, Esc asks whether to stop the one that is shown",
            running::MAX_AT_ONCE
        );
        return say(model, said);
    }
    let (job, start) = model.jobs.start(job);
    model.phase = Phase::Running { job, since: model.meter.now, stopping: false };
    model.layout.focus(Pane::Code);
    vec![start]
}

/// Asks for one change at a time instead of several at once.
pub fn split(model: &mut Model, what: &str) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    let words = format!(
        "Your answer makes several changes at once: {what}. Make only the one that you expect most of, so that its effect can be measured, and name the others as next steps."
    );
    let task = model.review.task.unwrap_or(Task::Train);
    show(model, Overlay::Prompt { editor: Editor::new(&words), task, follows: Some((experiment, Follow::On)) })
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
