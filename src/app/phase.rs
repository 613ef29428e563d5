//! The main job: open, frame, ask, review, run. Rules that span slices are here and nowhere else.

pub mod again;
pub mod decisions;
pub mod environment;
pub mod evaluator;
pub mod look;
pub mod moves;
pub mod reports;
pub mod running;

use crate::app::Model;
use crate::app::asking;
use crate::app::charts;
use crate::app::command::Command;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::errors;
use crate::app::figures;
use crate::app::form;
use crate::app::jobs::{JobId, JobKind};
use crate::app::layout::Pane;
use crate::app::overlay::{Overlay, Then};
use crate::app::phase::decisions::{on_review, run};
use crate::app::phase::moves::{copy, focus, focus_step, move_of, open_selected, scroll, show_page, sideways};
use crate::app::replay::{self, Replay};
use crate::app::review::View;
use crate::app::sheet;
use crate::app::transcript::Shown;
use crate::domain::again::Again;
use crate::domain::failure::Failure;
use crate::domain::question::{Follow, Question, Wish};
use crate::domain::task::Task;
use crate::safe;
use crate::text::{SafeText, figure};
use std::path::PathBuf;

/// Where the main job stands. Each variant holds what only makes sense there.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// No data set is open.
    Welcome {
        /// Data sets that were opened before.
        recent: Vec<PathBuf>,
        /// Where the demo would be copied.
        demo: PathBuf,
        /// Which line is selected.
        selected: usize,
    },
    /// A data set is being opened.
    Opening {
        /// The job.
        job: JobId,
        /// Its name.
        label: SafeText,
        /// Since when, in milliseconds of the program's clock.
        since: u64,
    },
    /// It could not be opened.
    Broken(Failure),
    /// Nothing goes on; there may be something to decide.
    Ready,
    /// A question is being made.
    Pricing {
        /// The job.
        job: JobId,
        /// What will be asked.
        task: Task,
        /// Since when.
        since: u64,
    },
    /// An answer is on its way.
    Asking {
        /// The job.
        job: JobId,
        /// What was asked.
        task: Task,
        /// Since when.
        since: u64,
        /// What is being waited for.
        waiting: Waiting,
        /// Blocks that hold code, as text or as the input of a tool.
        kinds: Vec<(usize, Holds)>,
    },
    /// A recording is played.
    Replaying(Box<Replay>),
    /// Code runs.
    Running {
        /// The job.
        job: JobId,
        /// Since when.
        since: u64,
        /// Whether it was asked to stop.
        stopping: bool,
    },
}

/// How a block holds code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// In fences of a text.
    Text,
    /// In the files that a tool is handed.
    Files,
}

/// What an answer waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// For the server to accept the request.
    Connection,
    /// For the next attempt.
    Retry {
        /// Why.
        why: SafeText,
        /// Until when, in milliseconds of the program's clock.
        until: u64,
    },
    /// For the first event.
    FirstEvent,
    /// For nothing: it streams.
    Nothing,
    /// For the end, since it was told to stop.
    Stop,
}

impl Phase {
    /// The job that the phase waits for.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Welcome { .. } | Self::Broken(_) | Self::Ready | Self::Replaying(_) => None,
            Self::Opening { job, .. }
            | Self::Pricing { job, .. }
            | Self::Asking { job, .. }
            | Self::Running { job, .. } => Some(*job),
        }
    }
}

/// Opens a data set.
pub fn open(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let label = safe!("{}", path.file_name().map_or_else(|| path.to_string_lossy(), std::ffi::OsStr::to_string_lossy));
    start_opening(model, Job::Open(path), label)
}

fn start_opening(model: &mut Model, job: Job, label: SafeText) -> Vec<Effect> {
    let mut effects = model.jobs.cancel_all();
    let (job, start) = model.jobs.start(job);
    model.phase = Phase::Opening { job, label, since: model.meter.now };
    effects.push(start);
    effects
}

/// A command, while no overlay is open.
#[expect(clippy::too_many_lines, reason = "one arm for each command")]
pub fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Phase::Welcome { .. } | Phase::Broken(_) = model.phase
        && let Some(effects) = on_welcome(model, command)
    {
        return effects;
    }
    if let Some(effects) = replay::on_command(model, command) {
        return effects;
    }
    match command {
        Command::Replay => replay::of_selected(model),
        Command::Slower | Command::Faster => say(model, "no replay is on; p plays the recording of an answer".into()),
        Command::Quit => ask_to_quit(model),
        Command::Help => show(model, Overlay::Help { first: 0 }),
        Command::Palette => show(model, Overlay::Palette { typed: String::new(), selected: 0 }),
        Command::Redraw => vec![Effect::Redraw],
        Command::Suspend => vec![Effect::Suspend],
        Command::Cancel => cancel(model),
        Command::NextPane => focus_step(model, 1),
        Command::PreviousPane => focus_step(model, Pane::ALL.len() - 1),
        Command::FocusData => focus(model, Pane::Data),
        Command::FocusThinking => focus(model, Pane::Thinking),
        Command::FocusCode => focus(model, Pane::Code),
        Command::FocusHistory => focus(model, Pane::History),
        Command::Zoom => {
            model.layout.toggle_zoom();
            show_page(model)
        }
        Command::Tasks
        | Command::Prompt
        | Command::Run
        | Command::Frame
        | Command::FollowUp
        | Command::Reword
        | Command::Continue => on_loop(model, command),
        Command::Models => asking::models(model),
        Command::Environment => environment::choose(model),
        Command::Stages => stages(model),
        Command::Sheet => sheet::toggle(model),
        Command::AskAgain => sheet::ask_again(model),
        Command::ShiftUp | Command::ShiftDown => sheet::shift(model, command == Command::ShiftDown),
        Command::BringBack => decisions::bring_back(model),
        Command::Quick => decisions::quick(model),
        Command::Background => running::background(model),
        Command::MoreTime => running::more_time(model),
        Command::Rerun => again::ask(model, &Again::Replay),
        Command::Confirm => again::ask(model, &Again::Confirm),
        Command::ShuffleLabels => again::ask(model, &Again::ShuffleLabels),
        Command::Errors => errors::open(model),
        Command::OpenHoldout => again::ask(model, &Again::OpenHoldout(String::new())),
        Command::Figures => figures::open(model),
        Command::Money => asking::money(model),
        Command::Accept
        | Command::Reject
        | Command::AcceptAll
        | Command::RejectAll
        | Command::AcceptFile
        | Command::RejectFile
        | Command::NextHunk
        | Command::PreviousHunk
        | Command::Why
        | Command::Undo
        | Command::Redo
        | Command::Edit
        | Command::EditOutside
        | Command::Diff
        | Command::Log
        | Command::NextFile
        | Command::PreviousFile => on_review(model, command),
        Command::Warnings => warnings(model),
        Command::Profile => profile(model),
        Command::Sort
        | Command::OnlyThis
        | Command::NotThis
        | Command::TakeBack
        | Command::CopyRecipe
        | Command::GoTo
        | Command::Counts => look::on_command(model, command),
        Command::Charts => charts::open(model),
        Command::Search | Command::NextMatch | Command::PreviousMatch if model.layout.focused() == Pane::Data => {
            look::on_search(model, command)
        }
        Command::Search => {
            model.layout.focus(Pane::Thinking);
            model.transcript.begin_search();
            Vec::new()
        }
        Command::NextMatch | Command::PreviousMatch => {
            if model.transcript.find(command == Command::NextMatch) {
                Vec::new()
            } else {
                say(model, "nothing found".into())
            }
        }
        Command::Fold => {
            model.transcript.toggle_fold();
            Vec::new()
        }
        Command::Copy => copy(model),
        Command::Open => open_selected(model),
        Command::Up | Command::Down | Command::PageUp | Command::PageDown | Command::Top | Command::Bottom => {
            let pane = model.layout.focused();
            scroll(model, pane, move_of(command))
        }
        Command::Left | Command::Right => sideways(model, if command == Command::Left { -1 } else { 1 }),
    }
}

fn warnings(model: &mut Model) -> Vec<Effect> {
    let has_notes = model.dataset.source.as_ref().is_some_and(|source| !source.notes.is_empty());
    if model.dataset.warnings.is_empty() && !(has_notes && model.framing.known.is_some()) {
        let said = if model.framing.known.is_some() { "no warnings" } else { "the data is still being profiled" };
        return say(model, said.into());
    }
    show(model, Overlay::Warnings { selected: 0 })
}

fn show(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.overlay = Some(overlay);
    Vec::new()
}

pub(super) fn say(model: &mut Model, text: SafeText) -> Vec<Effect> {
    model.notice.show(text, model.meter.now);
    Vec::new()
}

/// Commands of the page that is shown while no data set is open; nothing for those that mean the same everywhere.
fn on_welcome(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let (recent, demo, selected) = match &mut model.phase {
        Phase::Welcome { recent, demo, selected } => (recent.clone(), demo.clone(), selected),
        _ => {
            return match command {
                Command::Quit | Command::Help | Command::Palette | Command::Redraw | Command::Suspend => None,
                _ => Some(Vec::new()),
            };
        }
    };
    match command {
        Command::Up => *selected = selected.saturating_sub(1),
        Command::Down => *selected = (*selected + 1).min(recent.len()),
        Command::Open => {
            let at = *selected;
            return Some(match recent.get(at) {
                Some(path) => open(model, path.clone()),
                None => start_opening(model, Job::Demo(demo), "the demo".into()),
            });
        }
        Command::Quit | Command::Help | Command::Palette | Command::Redraw | Command::Suspend => return None,
        _ => {}
    }
    Some(Vec::new())
}

/// Tasks, words, runs and the framing: each needs the one before it.
fn on_loop(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    if model.framing.known.is_none() {
        return say(model, "first the data has to be profiled; it takes a moment".into());
    }
    if model.jobs.any(JobKind::Frame) {
        // Whoever types ahead is not asked to type again.
        model.framing.next = Some(command);
        return Vec::new();
    }
    if command == Command::Frame || model.framing.framing.is_none() {
        return show_frame(model);
    }
    if command == Command::Run && model.review.deciding.is_some() {
        model.framing.next = Some(command);
        return Vec::new();
    }
    if matches!(command, Command::Tasks | Command::Prompt) && model.review.is_unsettled() {
        return say(model, decisions::UNSETTLED.into());
    }
    match command {
        Command::Tasks => {
            // The usual next wish is what the stage that is worked on asks for.
            let stages = model.stages();
            let wanted = crate::domain::flow::current(&stages).map_or(Task::Next, |at| stages[at].task);
            let selected = Task::ALL.iter().position(|task| *task == wanted).unwrap_or(0);
            show(model, Overlay::Tasks { selected })
        }
        Command::Prompt => show(model, Overlay::Prompt { editor: Editor::default(), task: Task::Ask, follows: None }),
        Command::FollowUp => asking::follow(model, Follow::On),
        Command::Reword => asking::follow(model, Follow::Instead),
        Command::Continue => asking::follow(model, Follow::Continue),
        _ => run(model),
    }
}

pub(super) fn busy(model: &Model) -> Option<SafeText> {
    match &model.phase {
        Phase::Asking { .. } => Some("an answer is on its way; Esc stops it".into()),
        Phase::Running { .. } => {
            Some("a run goes on; & sends it to the background, Esc asks whether to stop it".into())
        }
        Phase::Pricing { .. } => Some("a question is being made".into()),
        Phase::Opening { .. } => Some("the data set is being opened".into()),
        Phase::Welcome { .. } | Phase::Broken(_) => Some("open a data set first".into()),
        Phase::Replaying(_) => Some("a replay is on; Esc goes back to where you were".into()),
        Phase::Ready => None,
    }
}

/// Shows the stages, the one that is worked on selected.
fn stages(model: &mut Model) -> Vec<Effect> {
    let selected = crate::domain::flow::current(&model.stages()).unwrap_or(0);
    show(model, Overlay::Stages { selected })
}

/// Asks for a task with its form.
pub fn begin(model: &mut Model, task: Task) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    if model.framing.framing.is_none() {
        return show_frame(model);
    }
    form::open(model, task, "")
}

/// Shows the framing as a form: what was fixed, or what is proposed.
fn show_frame(model: &mut Model) -> Vec<Effect> {
    let proposal = match (model.framing.as_proposal(), &model.framing.proposal) {
        (Some(fixed), _) => fixed,
        (None, Some(Ok(proposal))) => proposal.clone(),
        (None, Some(Err(failure))) => return say(model, safe!("{failure}")),
        (None, None) => return say(model, "first the data has to be profiled; it takes a moment".into()),
    };
    show(model, Overlay::Frame { proposal: Box::new(proposal), selected: 0, columns: None })
}

/// Another target was chosen in the form: the rest of the proposal depends on it.
pub fn look_into_target(model: &mut Model, target: usize) -> Vec<Effect> {
    model.jobs.restart(Job::Target(target))
}

/// The form is accepted as it stands.
pub fn accept_frame(model: &mut Model) -> Vec<Effect> {
    if model.jobs.any(JobKind::Profile) {
        return say(model, "the new target is still being looked into".into());
    }
    let Some(Overlay::Frame { proposal, .. }) = model.overlay.take() else { return Vec::new() };
    if model.framing.framing.as_ref() == Some(&proposal.framing) {
        return Vec::new();
    }
    model.framing.framing = Some(proposal.framing.clone());
    model.framing.n_holdout = None;
    model.framing.is_new = true;
    model.meter.cap = Some(proposal.framing.cap_usd);
    model.jobs.restart(Job::Frame(Box::new(proposal.framing.clone())))
}

/// Makes a question out of a task and finds out its price.
pub fn price(model: &mut Model, task: Task, wish: Wish, follows: Option<(String, Follow)>) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    if model.framing.framing.is_none() {
        return show_frame(model);
    }
    let (job, start) = model.jobs.start(Job::Price { task, wish, follows });
    model.phase = Phase::Pricing { job, task, since: model.meter.now };
    vec![start]
}

/// Asks a question whose price was shown.
pub fn ask(model: &mut Model, question: Box<Question>) -> Vec<Effect> {
    if question.follows.is_none() && model.review.is_unsettled() {
        return say(model, decisions::UNSETTLED.into());
    }
    let task = question.prompt.task;
    let now = model.meter.now;
    let label = question.endpoint.label();
    let heading = match &question.follows {
        None => safe!("{} · {label}", question.prompt.title),
        Some((experiment, Follow::Continue)) => safe!("the rest of {experiment} · {label}"),
        Some((experiment, _)) => safe!("more on {experiment} · {label}"),
    };
    if question.follows.is_some() && !model.transcript.blocks.is_empty() {
        model.transcript.go_on(&heading, now);
    } else {
        model.transcript.begin(&heading, now);
    }
    if question.follows.is_some() {
        model.review.begin_follow();
    } else {
        model.review.begin(task);
    }
    if question.n_stripped > 0 {
        let said = safe!(
            "{} of earlier thinking stay behind, since what stood before them has changed",
            figure::plural(question.n_stripped as u64, "block")
        );
        model.transcript.say(Shown::Note, &said, now);
    }
    model.meter.usage = crate::domain::turn::Usage::default();
    model.meter.miss = None;
    model.meter.asked = Some(question.clone());
    let parent = match &question.follows {
        Some((experiment, _)) => Some(experiment.clone()),
        None => model.history.best().map(|best| best.id.clone()),
    };
    let (job, start) = model.jobs.start(Job::Ask { question, parent });
    let kinds = Vec::new();
    model.phase = Phase::Asking { job, task, since: now, waiting: Waiting::Connection, kinds };
    model.layout.focus(Pane::Thinking);
    vec![start]
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = look::cancel(model) {
        return effects;
    }
    if model.transcript.search.needle.is_some() {
        model.transcript.search = crate::app::transcript::Search::default();
        model.transcript.version += 1;
        return Vec::new();
    }
    match &mut model.phase {
        Phase::Asking { job, waiting, .. } => {
            *waiting = Waiting::Stop;
            vec![Effect::Stop(*job)]
        }
        Phase::Running { job, .. } => {
            let then = Then::StopRun(*job);
            let question =
                "Stop the run? What it has done so far is kept, and it can't go on. & sends it to the background.";
            show(model, Overlay::Confirm { question: question.into(), then })
        }
        Phase::Pricing { job, .. } => {
            let job = *job;
            model.phase = Phase::Ready;
            model.jobs.cancel(job)
        }
        Phase::Ready if model.layout.is_zoomed() => {
            model.layout.toggle_zoom();
            show_page(model)
        }
        Phase::Ready if model.review.view != View::Code => {
            model.review.view = View::Code;
            Vec::new()
        }
        Phase::Ready | Phase::Welcome { .. } | Phase::Broken(_) | Phase::Opening { .. } | Phase::Replaying(_) => {
            Vec::new()
        }
    }
}

fn profile(model: &mut Model) -> Vec<Effect> {
    if model.dataset.source.is_none() {
        return Vec::new();
    }
    model.dataset.profiles.iter_mut().for_each(|slot| *slot = None);
    model.dataset.failure = None;
    model.jobs.restart(Job::Profile)
}

fn ask_to_quit(model: &mut Model) -> Vec<Effect> {
    let question = match &model.phase {
        Phase::Asking { .. } => "An answer is on its way. Stop it and leave? What came is kept.",
        Phase::Running { .. } => "A run goes on, and will without the workbench; the next start finds it. Leave?",
        _ if model.history.runs.n_alive() > 0 => {
            "A run goes on in the background, and will without the workbench. Leave?"
        }
        _ if model.review.is_edited() && model.review.is_open() => {
            "The code was edited and not accepted. Leave? The edit is lost, the answer is kept."
        }
        _ => return quit(model),
    };
    show(model, Overlay::Confirm { question: question.into(), then: Then::Quit })
}

/// Leaves. Whatever goes on is stopped, and what came of it is kept.
pub fn quit(_model: &mut Model) -> Vec<Effect> {
    vec![Effect::Quit]
}

/// Ctrl-C: the second within a moment leaves.
pub fn on_interrupt(model: &mut Model) -> Vec<Effect> {
    if model.keys.arm(model.meter.now) {
        return quit(model);
    }
    let first = cancel(model);
    model.notice.show("Ctrl-C again leaves".into(), model.meter.now);
    first
}
