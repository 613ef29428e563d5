//! The main job: open, frame, ask, review, run. Rules that span slices are here and nowhere else.

use std::path::PathBuf;

use crate::app::Model;
use crate::app::command::Command;
use crate::app::dataset::{PAGE_ROWS, Rows};
use crate::app::detail;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::{JobId, JobKind};
use crate::app::layout::Pane;
use crate::app::lines::Lines;
use crate::app::msg::JobEvent;
use crate::app::overlay::{Overlay, Then};
use crate::app::review::View;
use crate::app::scroll::Move;
use crate::app::transcript::Shown;
use crate::domain::experiment::Decision;
use crate::domain::failure::Failure;
use crate::domain::framing::Field;
use crate::domain::question::{Question, Wish};
use crate::domain::run::Status;
use crate::domain::task::Task;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::domain::verdict::Label;
use crate::safe;
use crate::text::{RawText, SafeText, figure};

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
        /// Which blocks are text of the answer.
        text_blocks: Vec<usize>,
    },
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
            Self::Welcome { .. } | Self::Broken(_) | Self::Ready => None,
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
pub fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Phase::Welcome { .. } | Phase::Broken(_) = model.phase
        && let Some(effects) = on_welcome(model, command)
    {
        return effects;
    }
    match command {
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
        Command::Tasks | Command::Prompt | Command::Run | Command::Frame => on_loop(model, command),
        Command::Accept
        | Command::Reject
        | Command::Edit
        | Command::EditOutside
        | Command::Diff
        | Command::Log
        | Command::NextFile
        | Command::PreviousFile => on_review(model, command),
        Command::Warnings => {
            if model.dataset.warnings.is_empty() {
                let said =
                    if model.framing.known.is_some() { "no warnings" } else { "the data is still being profiled" };
                say(model, said.into())
            } else {
                show(model, Overlay::Warnings { selected: 0 })
            }
        }
        Command::Profile => profile(model),
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

fn move_of(command: Command) -> Move {
    match command {
        Command::Up => Move::Lines(-1),
        Command::PageUp => Move::Pages(-1),
        Command::PageDown => Move::Pages(1),
        Command::Top => Move::Top,
        Command::Bottom => Move::Bottom,
        _ => Move::Lines(1),
    }
}

fn show(model: &mut Model, overlay: Overlay) -> Vec<Effect> {
    model.overlay = Some(overlay);
    Vec::new()
}

fn say(model: &mut Model, text: SafeText) -> Vec<Effect> {
    model.notice.show(text, model.meter.now);
    Vec::new()
}

fn focus(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.layout.focus(pane);
    show_page(model)
}

fn focus_step(model: &mut Model, by: usize) -> Vec<Effect> {
    model.layout.step(by);
    show_page(model)
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
    match command {
        Command::Tasks => {
            // After a first look the usual next wish is a model, then the next experiment.
            let selected = if model.history.list().iter().all(|experiment| experiment.model.is_none()) { 0 } else { 3 };
            show(model, Overlay::Tasks { selected })
        }
        Command::Prompt => show(model, Overlay::Prompt { editor: Editor::default(), task: Task::Train }),
        _ => run(model),
    }
}

fn busy(model: &Model) -> Option<SafeText> {
    match &model.phase {
        Phase::Asking { .. } => Some("an answer is on its way; Esc stops it".into()),
        Phase::Running { .. } => Some("a run goes on; Esc stops it".into()),
        Phase::Pricing { .. } => Some("a question is being made".into()),
        Phase::Opening { .. } => Some("the data set is being opened".into()),
        Phase::Welcome { .. } | Phase::Broken(_) => Some("open a data set first".into()),
        Phase::Ready => None,
    }
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
pub fn price(model: &mut Model, task: Task, request: String) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    if model.framing.framing.is_none() {
        return show_frame(model);
    }
    let (job, start) = model.jobs.start(Job::Price { task, wish: Wish { request, settings: Vec::new() } });
    model.phase = Phase::Pricing { job, task, since: model.meter.now };
    vec![start]
}

fn on_priced(model: &mut Model, question: Box<Question>) -> Vec<Effect> {
    model.phase = Phase::Ready;
    let (spent, n_unknown) = model.meter.spent;
    let caution = match (question.most_usd, model.meter.cap) {
        (None, _) => Some(safe!("what {} costs is not known", question.endpoint.model)),
        (Some(most), _) if most > 0.0 && n_unknown > 0 => {
            Some(safe!("{} earlier answers have no known price, so the cap can't be checked", n_unknown))
        }
        (Some(most), Some(cap)) if spent + most > cap => {
            Some(safe!("this may pass the spending cap of {}", figure::dollars(Some(cap))))
        }
        (Some(most), Some(cap)) if most > 0.0 && spent + most > 0.8 * cap => {
            Some(safe!("this may use more than four fifths of the cap of {}", figure::dollars(Some(cap))))
        }
        _ => None,
    };
    show(model, Overlay::Price { question, bytes: None, first: 0, caution })
}

/// Asks a question whose price was shown.
pub fn ask(model: &mut Model, question: Box<Question>) -> Vec<Effect> {
    let task = question.prompt.task;
    let now = model.meter.now;
    let heading = safe!("{} · {}", question.prompt.title, question.endpoint.label());
    model.transcript.begin(&heading, now);
    model.review.begin(task);
    model.meter.usage = crate::domain::turn::Usage::default();
    let parent = model.history.best().map(|best| best.id.clone());
    let (job, start) = model.jobs.start(Job::Ask { question, parent });
    model.phase = Phase::Asking { job, task, since: now, waiting: Waiting::Connection, text_blocks: Vec::new() };
    model.layout.focus(Pane::Thinking);
    vec![start]
}

fn on_review(model: &mut Model, command: Command) -> Vec<Effect> {
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
            model.review.begin_edit();
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

fn accept(model: &mut Model) -> Vec<Effect> {
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

fn decide(model: &mut Model, decision: Decision, reason: Option<String>) -> Vec<Effect> {
    let Some(experiment) = model.review.experiment.clone() else { return Vec::new() };
    let files = if decision == Decision::Rejected { Vec::new() } else { model.review.approved() };
    model.review.deciding = Some(decision);
    model.review.version += 1;
    let (_, start) = model.jobs.start(Job::Decide { experiment, decision, reason, files });
    vec![start]
}

/// Runs what was accepted; without that the baselines that are missing.
fn run(model: &mut Model) -> Vec<Effect> {
    let review = &model.review;
    let job = if let (true, Some(experiment), false) =
        (review.decision.allows_run(), &review.experiment, review.files.is_empty())
    {
        Job::Run { experiment: experiment.clone(), files: review.approved() }
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

fn cancel(model: &mut Model) -> Vec<Effect> {
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
        Phase::Running { job, stopping, .. } => {
            *stopping = true;
            vec![Effect::Stop(*job)]
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
        Phase::Ready | Phase::Welcome { .. } | Phase::Broken(_) | Phase::Opening { .. } => Vec::new(),
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

fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.layout.focused() {
        Pane::Data => model.dataset.cell().map(ToString::to_string).unwrap_or_default(),
        Pane::Thinking => model.transcript.copied(),
        Pane::Code => model.review.file().map(|file| file.now.code.expose().to_owned()).unwrap_or_default(),
        Pane::History => model.history.selected().map(|experiment| experiment.id.clone()).unwrap_or_default(),
    };
    if text.is_empty() {
        return say(model, "there is nothing to copy here".into());
    }
    let said = safe!("copied {}", figure::plural(text.chars().count() as u64, "character"));
    model.notice.show(said, model.meter.now);
    vec![Effect::Copy(text)]
}

fn open_selected(model: &mut Model) -> Vec<Effect> {
    match model.layout.focused() {
        Pane::History => match model.history.selected() {
            Some(experiment) => {
                let (id, page) = (experiment.id.clone(), detail::page(&model.history.history, experiment));
                show(model, Overlay::Detail { experiment: id, lines: Lines::of(safe!("{page}").as_str()), first: 0 })
            }
            None => Vec::new(),
        },
        Pane::Thinking => {
            model.transcript.toggle_fold();
            Vec::new()
        }
        Pane::Data => match model.dataset.cell() {
            Some(cell) => {
                let text = cell.to_string();
                say(model, safe!("{text}"))
            }
            None => say(model, "no value".into()),
        },
        Pane::Code => Vec::new(),
    }
}

/// Moves through a pane.
pub fn scroll(model: &mut Model, pane: Pane, by: Move) -> Vec<Effect> {
    let Some(inner) = model.layout.inner(pane) else { return Vec::new() };
    let page = usize::from(inner.height);
    match pane {
        Pane::Data => {
            let n_rows = model.dataset.grid(inner).n_rows;
            model.dataset.move_rows(by, n_rows);
            return show_page(model);
        }
        Pane::Thinking => model.transcript.scroll(by, page.saturating_sub(1)),
        Pane::Code => model.review.scroll(by, page),
        Pane::History => model.history.scroll(by, page.saturating_sub(1)),
    }
    Vec::new()
}

fn sideways(model: &mut Model, by: i32) -> Vec<Effect> {
    match model.layout.focused() {
        Pane::Data => {
            model.dataset.move_columns(by);
            if let Some(inner) = model.layout.inner(Pane::Data) {
                model.dataset.keep_column_in_sight(inner);
            }
        }
        Pane::Code => model.review.step_file(by > 0),
        Pane::Thinking => model.transcript.jump(by > 0),
        Pane::History => {}
    }
    Vec::new()
}

/// Asks for the window of cells that is in sight, where it is not here.
pub fn show_page(model: &mut Model) -> Vec<Effect> {
    let Some(inner) = model.layout.inner(Pane::Data) else { return Vec::new() };
    model.dataset.keep_column_in_sight(inner);
    let n_rows = model.dataset.grid(inner).n_rows;
    match model.dataset.wanted(n_rows) {
        Some((first_row, n)) => model.jobs.restart(Job::Page { first_row, n }),
        None => Vec::new(),
    }
}

/// To the column of a warning, and to the first row that shows it.
pub fn go_to_warning(model: &mut Model, idx: usize) -> Vec<Effect> {
    let Some(warning) = model.dataset.warnings.get(idx).cloned() else { return Vec::new() };
    model.layout.focus(Pane::Data);
    let n_rows = model.layout.inner(Pane::Data).map_or(1, |inner| model.dataset.grid(inner).n_rows);
    let row = warning.rows.first().copied().unwrap_or(model.dataset.cursor.0);
    model.dataset.go_to(row, warning.columns.first().copied(), n_rows);
    let rows = warning.rows.iter().map(|row| figure::count(*row)).collect::<Vec<_>>().join(", ");
    let said = if rows.is_empty() {
        warning.message.clone()
    } else {
        safe!("{} – for example rows {rows}", warning.message)
    };
    model.notice.show(said, model.meter.now);
    show_page(model)
}

fn ask_to_quit(model: &mut Model) -> Vec<Effect> {
    let question = match &model.phase {
        Phase::Asking { .. } => "An answer is on its way. Stop it and leave? What came is kept.",
        Phase::Running { .. } => "A run goes on. Stop it and leave? It will be closed as stopped.",
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

/// A job that is alive reports.
pub fn on_job(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let kind = model.jobs.kind(id);
    if event.is_last() {
        model.jobs.end(id);
    }
    let now = model.meter.now;
    match event {
        JobEvent::Opened(source, page) => on_opened(model, *source, page),
        JobEvent::Counting(n) => {
            model.dataset.rows = Rows::AtLeast(n.max(model.dataset.rows.sure()));
            model.dataset.version += 1;
            Vec::new()
        }
        JobEvent::Counted(n) => {
            model.dataset.rows = Rows::Exactly(n);
            model.dataset.version += 1;
            show_page(model)
        }
        JobEvent::Paged(page) => {
            model.dataset.page = page;
            model.dataset.version += 1;
            show_page_once(model)
        }
        JobEvent::Profiled(idx, column) => {
            model.dataset.on_profiled(idx, *column);
            Vec::new()
        }
        JobEvent::Known(known, proposal, framing) => {
            on_known(model, *known, proposal.map(|proposal| *proposal), framing.map(|framing| *framing))
        }
        JobEvent::Framed(n_holdout) => {
            model.framing.n_holdout = Some(n_holdout);
            let is_new = std::mem::take(&mut model.framing.is_new);
            if let Some(next) = model.framing.next.take() {
                return on_loop(model, next);
            }
            if !is_new {
                return Vec::new();
            }
            let hint = if needs_baseline(model) { " – x runs the baselines" } else { "" };
            say(model, safe!("the question is fixed; {} are sealed{hint}", figure::plural(n_holdout, "row")))
        }
        JobEvent::Loaded(history, recovered) => {
            model.history.on_loaded(*history);
            model.meter.set_spent(model.history.spent());
            match recovered.last() {
                Some(last) => {
                    offer_kept(model);
                    say(model, last.clone())
                }
                None => Vec::new(),
            }
        }
        JobEvent::Packages(packages) => {
            model.review.set_packages(packages);
            Vec::new()
        }
        JobEvent::Priced(question) => on_priced(model, question),
        JobEvent::Waiting { wait_ms, why, .. } => {
            if let Phase::Asking { waiting, .. } = &mut model.phase {
                *waiting = Waiting::Retry { why, until: now + wait_ms };
            }
            Vec::new()
        }
        JobEvent::Connected => {
            if let Phase::Asking { waiting, .. } = &mut model.phase {
                *waiting = Waiting::FirstEvent;
            }
            Vec::new()
        }
        JobEvent::Stream(event) => on_stream(model, &event),
        JobEvent::Answered(asked) => on_answered(model, &asked),
        JobEvent::Decided => {
            let decision = model.review.deciding.take().unwrap_or(Decision::Accepted);
            model.review.decision = decision;
            model.review.version += 1;
            if let Some(next) = model.framing.next.take() {
                return on_loop(model, next);
            }
            let runs = decision.allows_run() && !model.review.files.is_empty();
            let hint = if runs { " – x runs it" } else { " – t asks for something else" };
            say(model, safe!("{}{hint}", decision.word()))
        }
        JobEvent::Environment(_)
        | JobEvent::RunStarted { .. }
        | JobEvent::Run(_)
        | JobEvent::RunEnded { .. }
        | JobEvent::RunsEnded => on_run(model, event),
        JobEvent::Done => Vec::new(),
        JobEvent::Failed(failure) => on_failed(model, kind, failure),
    }
}

/// A run, or what is needed for it, reports.
fn on_run(model: &mut Model, event: JobEvent) -> Vec<Effect> {
    let now = model.meter.now;
    match event {
        JobEvent::Environment(line) => {
            model.review.on_environment(&line, now);
            Vec::new()
        }
        JobEvent::RunStarted { experiment, run_id, level } => {
            model.review.on_run_started(&experiment, &run_id, level, now);
            model.history.select(&experiment);
            Vec::new()
        }
        JobEvent::Run(event) => {
            model.review.on_run_event(&event);
            Vec::new()
        }
        JobEvent::RunEnded { experiment, outcome, verdict } => {
            model.history.select(&experiment);
            let said = match (outcome.status, verdict.label, verdict.interval) {
                (Status::Finished, Label::NotChecked, _) => safe!("{experiment} finished; {}", verdict.method),
                (Status::Finished, label, Some((low, high))) => {
                    safe!(
                        "{experiment} is {} [{}, {}] – Enter in the history shows why",
                        label.words(),
                        figure::signed_score(low),
                        figure::signed_score(high)
                    )
                }
                (status, _, _) => {
                    safe!("{experiment} {}: {}", status.word(), outcome.reason.clone().unwrap_or_default())
                }
            };
            if let Some(live) = &mut model.review.live {
                live.stage = said.clone();
            }
            say(model, said)
        }
        JobEvent::RunsEnded => {
            model.phase = Phase::Ready;
            if model.layout.focused() == Pane::Code {
                model.layout.focus(Pane::History);
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// After a window has arrived the wanted one may have moved on; a window that is still not covered is not asked for again
/// and again, since the file may have become shorter.
fn show_page_once(model: &mut Model) -> Vec<Effect> {
    if model.dataset.page.rows.is_empty() { Vec::new() } else { show_page(model) }
}

fn on_opened(
    model: &mut Model,
    source: crate::domain::dataset::Source,
    page: crate::domain::dataset::Page,
) -> Vec<Effect> {
    debug_assert!(page.rows.len() <= PAGE_ROWS * 2, "a first page is small");
    let n_rows = source.n_rows;
    model.history.data = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    model.dataset.on_opened(source, page);
    model.framing = crate::app::framing::FramingSlice::default();
    model.phase = Phase::Ready;
    let mut effects = Vec::new();
    for job in [Some(Job::Load), n_rows.is_none().then_some(Job::Count), Some(Job::Profile)].into_iter().flatten() {
        effects.push(model.jobs.start(job).1);
    }
    effects.extend(show_page(model));
    effects
}

fn on_known(
    model: &mut Model,
    known: crate::domain::known::Known,
    proposal: Result<crate::domain::framing::Proposal, Failure>,
    framing: Option<crate::domain::framing::Framing>,
) -> Vec<Effect> {
    model.dataset.rows = Rows::Exactly(known.profile.n_rows);
    for (idx, column) in known.profile.columns.iter().enumerate() {
        model.dataset.on_profiled(idx, column.clone());
    }
    model.dataset.warnings.clone_from(&known.warnings);
    model.framing.known = Some(known);
    if let Some(Overlay::Frame { proposal: form, selected, .. }) = &mut model.overlay {
        // Another target was chosen in the form.
        match &proposal {
            Ok(new) => **form = new.clone(),
            Err(failure) => {
                *selected = Field::ALL.iter().position(|field| *field == Field::Target).unwrap_or(0);
                model.notice.show(safe!("{failure}"), model.meter.now);
            }
        }
    }
    model.framing.proposal = Some(proposal);
    match framing {
        Some(framing) => {
            model.meter.cap = Some(framing.cap_usd);
            model.framing.framing = Some(framing.clone());
            model.jobs.restart(Job::Frame(Box::new(framing)))
        }
        None => Vec::new(),
    }
}

fn on_stream(model: &mut Model, event: &StreamEvent) -> Vec<Effect> {
    let now = model.meter.now;
    if let Phase::Asking { waiting, text_blocks, .. } = &mut model.phase {
        if *waiting != Waiting::Stop && *event != StreamEvent::Alive {
            *waiting = Waiting::Nothing;
        }
        match event {
            StreamEvent::BlockStarted { index, kind: BlockKind::Text } => text_blocks.push(*index),
            StreamEvent::Delta { index, text } if text_blocks.contains(index) => model.review.on_text(text.expose()),
            StreamEvent::Started { usage, .. } | StreamEvent::Used(usage) => model.meter.usage.update(*usage),
            _ => {}
        }
    }
    model.transcript.on_event(event, now);
    Vec::new()
}

fn on_answered(model: &mut Model, asked: &crate::domain::question::Asked) -> Vec<Effect> {
    let now = model.meter.now;
    model.phase = Phase::Ready;
    model.transcript.end(now);
    model.meter.usage.update(asked.turn.usage);
    if let Some(why) = &asked.broken {
        model.transcript.say(Shown::Note, &safe!("interrupted: {why}; what came is kept"), now);
    } else if let Some(note) = asked.turn.stop.note() {
        model.transcript.say(Shown::Note, &note.into(), now);
    }
    let before = accepted_before(model, &asked.experiment);
    model.review.on_answer(asked, before);
    model.history.select(&asked.experiment);
    if !model.review.files.is_empty() {
        model.layout.focus(Pane::Code);
    }
    Vec::new()
}

/// The latest accepted version of a file before an experiment.
fn accepted_before(model: &Model, experiment: &str) -> impl Fn(&str) -> Option<RawText> + use<> {
    let accepted: Vec<(String, RawText)> = model
        .history
        .list()
        .into_iter()
        .filter(|other| other.id != experiment && other.decision.allows_run())
        .flat_map(|other| other.files.iter().map(|file| (file.path.clone(), file.code.clone())))
        .collect();
    move |path: &str| accepted.iter().find(|(other, _)| other == path).map(|(_, code)| code.clone())
}

/// Shows the latest answer that was broken off before: kept, offered, never run.
fn offer_kept(model: &mut Model) {
    let now = model.meter.now;
    let Some(kept) = model
        .history
        .list()
        .first()
        .filter(|latest| latest.stop == Some(crate::domain::turn::StopReason::Interrupted))
        .map(|latest| (*latest).clone())
    else {
        return;
    };
    let heading = safe!("{} · {} · kept from before", kept.id, kept.task);
    model.transcript.show(&heading, kept.thinking.expose(), kept.text.expose(), now);
    model.transcript.say(Shown::Note, &"this answer was interrupted; what came is kept – t asks again".into(), now);
    model.transcript.is_live = false;
}

/// A failure appears where it happened.
fn on_failed(model: &mut Model, kind: Option<JobKind>, failure: Failure) -> Vec<Effect> {
    let now = model.meter.now;
    match kind {
        Some(JobKind::Open) => model.phase = Phase::Broken(failure),
        Some(JobKind::Profile | JobKind::Count) => {
            model.dataset.failure = Some(failure);
            model.dataset.version += 1;
        }
        Some(JobKind::Frame) => {
            model.framing.framing = None;
            model.framing.next = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Ask) => {
            model.phase = Phase::Ready;
            model.transcript.end(now);
            model.transcript.say(Shown::Note, &safe!("{failure}"), now);
        }
        Some(JobKind::Price) => {
            model.phase = Phase::Ready;
            model.transcript.say(Shown::Note, &safe!("{failure}"), now);
            model.layout.focus(Pane::Thinking);
        }
        Some(JobKind::Decide) => {
            model.review.deciding = None;
            model.framing.next = None;
            model.notice.show(safe!("{failure}"), now);
        }
        Some(JobKind::Run) => {
            model.phase = Phase::Ready;
            let live = model.review.live.get_or_insert_with(Default::default);
            live.stage = safe!("{failure}");
            model.review.view = View::Log;
            model.review.version += 1;
            model.notice.show(safe!("{}: {}", failure.what, failure.why), now);
        }
        Some(JobKind::Page | JobKind::Load) | None => model.notice.show(safe!("{failure}"), now),
    }
    Vec::new()
}
