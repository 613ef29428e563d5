//! What lies over the panes: at most one thing, and it gets the keys.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::cell::Viewer;
use crate::app::chord::{Chord, Key};
use crate::app::command::Command;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::figures::{self, Figures};
use crate::app::jobs::JobId;
use crate::app::lines::Lines;
use crate::app::msg::Offer;
use crate::app::scroll::{self, Move};
use crate::app::{Model, asking, charts, errors, form, framing, phase, sheet};
use crate::domain::before::Look;
use crate::domain::environment::{Kind, Lacks};
use crate::domain::framing::{Field, Proposal};
use crate::domain::own_metric::Candidate;
use crate::domain::question::{Follow, Question, Wish};
use crate::domain::task::Task;
use crate::domain::view::Counts;
use crate::text::SafeText;

/// What lies over the panes.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The tasks.
    Tasks {
        /// Which is selected.
        selected: usize,
    },
    /// The user's own words.
    Prompt {
        /// The words.
        editor: Editor,
        /// For which task.
        task: Task,
        /// The experiment whose conversation goes on, and how.
        follows: Option<(String, Follow)>,
    },
    /// What a task is told.
    Form {
        /// The form.
        form: Box<form::Form>,
    },
    /// What shows that an item is done.
    Note {
        /// The words.
        editor: Editor,
        /// The item.
        item: String,
        /// Whether it may not be empty.
        needs_note: bool,
    },
    /// The stages of the guided flow.
    Stages {
        /// Which is selected.
        selected: usize,
    },
    /// Models that can be asked.
    Models {
        /// What each endpoint offers; nothing while it is being found out.
        offers: Option<Vec<Offer>>,
        /// Which is selected.
        selected: usize,
        /// Whether this machine was searched for servers.
        looked: bool,
    },
    /// A question with its price, before it is asked.
    Price {
        /// The question.
        question: Box<Question>,
        /// Its bytes, while they are looked at.
        bytes: Option<Lines>,
        /// First line in sight.
        first: usize,
        /// Why the person should look twice.
        caution: Option<SafeText>,
    },
    /// The word that opens the sealed rows.
    Word {
        /// What was typed.
        editor: Editor,
        /// The experiment that is judged on them.
        experiment: String,
        /// Its run.
        run_id: String,
        /// How often they were opened before.
        n_before: usize,
    },
    /// Why something is rejected.
    Reason {
        /// The words.
        editor: Editor,
        /// What is rejected.
        what: Rejects,
    },
    /// What there is to say before a run.
    Before {
        /// What was found.
        looks: Vec<Look>,
        /// Which is selected.
        selected: usize,
        /// The run.
        job: Box<Job>,
        /// Distributions that it imports and that are not there.
        missing: Vec<String>,
    },
    /// The kinds of environment.
    Environments {
        /// Which is selected.
        selected: usize,
    },
    /// What is fetched for an isolated environment, before it is.
    Install {
        /// What it needs.
        lacks: Lacks,
        /// What waits for it.
        job: Box<Job>,
    },
    /// Commands by name.
    Palette {
        /// What was typed.
        typed: String,
        /// Which is selected.
        selected: usize,
    },
    /// The keys.
    Help {
        /// First line in sight.
        first: usize,
    },
    /// What is wrong with the data.
    Warnings {
        /// Which is selected.
        selected: usize,
    },
    /// The framing as a form.
    Frame {
        /// What is proposed.
        proposal: Box<Proposal>,
        /// Which part is selected.
        selected: usize,
        /// Columns to leave out, while they are chosen: which is selected.
        columns: Option<usize>,
    },
    /// A metric of the user's own, before it is approved.
    Evaluator {
        /// The file beside what was approved of it.
        candidate: Box<Candidate>,
        /// What is looked at: a sign and a line.
        lines: Vec<(char, String)>,
        /// First line in sight.
        first: usize,
        /// What waits for it.
        then: Box<Job>,
    },
    /// An experiment as a document.
    Detail {
        /// Its name.
        experiment: String,
        /// The document.
        lines: Lines,
        /// First line in sight.
        first: usize,
    },
    /// Figures of a run.
    Figures(Figures),
    /// Charts of the table.
    Charts(Box<charts::Page>),
    /// The errors of a run, taken apart.
    Errors(Box<errors::Page>),
    /// A whole cell of the table.
    Cell(Box<Viewer>),
    /// The values of a column.
    Counts {
        /// How often each occurs.
        counts: Box<Counts>,
        /// Which is selected.
        selected: usize,
    },
    /// A question with yes and no.
    Confirm {
        /// The question.
        question: SafeText,
        /// What yes does.
        then: Then,
    },
}

/// What is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejects {
    /// The hunk that is looked at.
    Hunk,
    /// The file that is shown.
    File,
    /// The whole answer.
    All,
}

/// What yes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Leave.
    Quit,
    /// Accept code that holds hidden characters.
    AcceptHidden,
    /// Stop this run.
    StopRun(JobId),
}

/// Commands that match what was typed, the best first.
pub fn matches(typed: &str) -> Vec<Command> {
    if typed.trim().is_empty() {
        return Command::ALL.to_vec();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Command)> = Command::ALL
        .iter()
        .filter_map(|command| {
            let name = pattern.score(Utf32Str::new(command.name(), &mut buffer), &mut matcher).map(|score| score * 2);
            let doc = pattern.score(Utf32Str::new(command.doc(), &mut buffer), &mut matcher);
            name.max(doc).map(|score| (score, *command))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, command)| command).collect()
}

/// A key goes to the text of the overlay, else through the table of keys.
pub fn on_key(model: &mut Model, chord: Chord) -> Vec<Effect> {
    if chord.key == Key::Esc {
        return on_command(model, Command::Cancel);
    }
    let now = model.meter.now;
    match &mut model.overlay {
        Some(Overlay::Models { looked: false, .. }) if chord == Chord::plain(Key::Char('s')) => {
            return asking::detect(model);
        }
        Some(Overlay::Prompt { editor, task, follows }) => match (chord.key, chord.alt || chord.ctrl) {
            (Key::Enter, false) => return on_command(model, Command::Open),
            (Key::Enter | Key::Char('j'), true) => editor.on_key(Chord::plain(Key::Enter)),
            (Key::Tab, false) if follows.is_none() => *task = next_task(*task, 1),
            (Key::BackTab, _) if follows.is_none() => *task = next_task(*task, Task::ALL.len() - 1),
            _ => editor.on_key(chord),
        },
        Some(Overlay::Form { form }) => match (chord.key, chord.alt || chord.ctrl) {
            (Key::Enter, false) => return on_command(model, Command::Open),
            _ => form.on_key(chord),
        },
        Some(Overlay::Reason { editor, .. } | Overlay::Note { editor, .. } | Overlay::Word { editor, .. }) => {
            match chord.key {
                Key::Enter => return on_command(model, Command::Open),
                _ => editor.on_key(chord),
            }
        }
        Some(Overlay::Palette { typed, selected }) => match chord.key {
            Key::Char(c) if !chord.ctrl && !chord.alt => {
                typed.push(c);
                *selected = 0;
            }
            Key::Backspace => {
                typed.pop();
                *selected = 0;
            }
            Key::Enter => return on_command(model, Command::Open),
            Key::Up => *selected = selected.saturating_sub(1),
            Key::Down => *selected = (*selected + 1).min(matches(typed).len().saturating_sub(1)),
            _ => {}
        },
        Some(Overlay::Confirm { .. }) => match chord.key {
            Key::Char('y') | Key::Enter => return on_command(model, Command::Open),
            Key::Char('n') => return on_command(model, Command::Cancel),
            _ if model.keys.command(chord) == Some(Command::Background) && asks_to_stop(model) => {
                close(model);
                return phase::running::background(model);
            }
            _ => {}
        },
        Some(Overlay::Price { question, bytes, first, .. }) if chord == Chord::plain(Key::Char('v')) => {
            *bytes = if bytes.is_some() {
                None
            } else {
                Some(Lines::of(crate::safe!("{}", question.body.expose()).as_str()))
            };
            *first = 0;
        }
        Some(Overlay::Before { .. }) if chord == Chord::plain(Key::Char('x')) => {
            return on_command(model, Command::Open);
        }
        Some(Overlay::Before { job, missing, .. }) if chord == Chord::plain(Key::Char('i')) => {
            let (job, missing) = (job.clone(), missing.clone());
            return phase::environment::install(model, missing, job);
        }
        Some(Overlay::Before { job, missing, .. }) if chord == Chord::plain(Key::Char('I')) => {
            if !missing.is_empty() {
                let job = job.clone();
                return phase::environment::isolate(model, job);
            }
        }
        Some(Overlay::Before { looks, .. }) if chord == Chord::plain(Key::Char('s')) => {
            if let Some(look) = looks.iter().find(|look| look.can_split) {
                let what = look.text.to_string();
                return phase::decisions::split(model, &what);
            }
        }
        Some(Overlay::Before { looks, selected, .. }) if chord == Chord::plain(Key::Char('g')) => {
            if let Some(Look { path: Some(path), line: Some(line), .. }) = looks.get(*selected).cloned() {
                return phase::decisions::go_to(model, &path, line as usize);
            }
        }
        Some(Overlay::Evaluator { .. }) if chord == Chord::plain(Key::Char('a')) => {
            return phase::evaluator::approve(model);
        }
        Some(Overlay::Frame { .. }) if chord == Chord::plain(Key::Char('a')) => return phase::accept_frame(model),
        Some(Overlay::Frame { columns, .. }) if chord == Chord::plain(Key::Char('c')) => {
            *columns = if columns.is_some() { None } else { Some(0) };
        }
        _ => {
            if let Some(command) = model.keys.command(chord) {
                return on_command(model, command);
            }
        }
    }
    model.notice.expire(now);
    Vec::new()
}

/// A command while an overlay is open.
pub fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    let step = match command {
        Command::Up => Some(Move::Lines(-1)),
        Command::Down => Some(Move::Lines(1)),
        Command::PageUp => Some(Move::Pages(-1)),
        Command::PageDown => Some(Move::Pages(1)),
        Command::Top => Some(Move::Top),
        Command::Bottom => Some(Move::Bottom),
        _ => None,
    };
    if let (Some(Overlay::Figures(_)), Some(Move::Lines(by))) = (&model.overlay, step) {
        return figures::step(model, by);
    }
    if let Some(effects) = errors::on_command(model, command).or_else(|| charts::on_command(model, command)) {
        return effects;
    }
    if let Some(by) = step {
        select(model, by);
        return Vec::new();
    }
    match command {
        Command::Cancel | Command::Quit => {
            close(model);
            Vec::new()
        }
        Command::Open => open(model),
        Command::Left | Command::Right => {
            let by = if command == Command::Left { -1 } else { 1 };
            if let Some(Overlay::Figures(_)) = model.overlay { figures::step(model, by) } else { change(model, by) }
        }
        Command::Copy => match &model.overlay {
            Some(Overlay::Detail { lines, .. }) => vec![Effect::Copy(lines.text().to_owned())],
            Some(Overlay::Cell(viewer)) => vec![Effect::Copy(viewer.raw.expose().to_owned())],
            Some(Overlay::Price { question, .. }) => vec![Effect::Copy(question.body.expose().to_owned())],
            _ => Vec::new(),
        },
        Command::Help => {
            model.overlay = Some(Overlay::Help { first: 0 });
            Vec::new()
        }
        Command::Redraw => vec![Effect::Redraw],
        Command::Suspend => vec![Effect::Suspend],
        _ => Vec::new(),
    }
}

fn asks_to_stop(model: &Model) -> bool {
    matches!(model.overlay, Some(Overlay::Confirm { then: Then::StopRun(_), .. }))
}

/// Closes it; a list of columns inside a form closes alone, and so do bytes.
fn close(model: &mut Model) {
    match &mut model.overlay {
        Some(Overlay::Frame { columns: columns @ Some(_), .. }) => *columns = None,
        Some(Overlay::Price { bytes: bytes @ Some(_), .. }) => *bytes = None,
        _ => model.overlay = None,
    }
}

/// The screen has another width.
pub fn rewrap(model: &mut Model) {
    let width = model.layout.size().0;
    if let Some(Overlay::Cell(viewer)) = &mut model.overlay {
        viewer.wrap(width);
    }
}

fn select(model: &mut Model, by: Move) {
    let page = usize::from(model.layout.size().1.saturating_sub(6));
    let n_columns = model.dataset.n_columns();
    let n_warnings = model.dataset.warnings.len();
    match &mut model.overlay {
        Some(Overlay::Before { looks, selected, .. }) => *selected = scroll::moved(*selected, looks.len(), page, by),
        Some(Overlay::Stages { selected }) => *selected = scroll::moved(*selected, 5, page, by),
        Some(Overlay::Environments { selected }) => *selected = scroll::moved(*selected, Kind::ALL.len(), page, by),
        Some(Overlay::Form { form }) => {
            form.step(if matches!(by, Move::Lines(n) if n < 0) { form.entries.len().saturating_sub(1) } else { 1 });
        }
        Some(Overlay::Tasks { selected }) => *selected = scroll::moved(*selected, Task::ALL.len(), page, by),
        Some(Overlay::Models { selected, offers, .. }) => {
            let n = offers.as_deref().map_or(0, |offers| asking::choices(offers).len());
            *selected = scroll::moved(*selected, n, page, by);
        }
        Some(Overlay::Warnings { selected }) => *selected = scroll::moved(*selected, n_warnings, page, by),
        Some(Overlay::Frame { columns: Some(column), .. }) => *column = scroll::moved(*column, n_columns, page, by),
        Some(Overlay::Frame { selected, .. }) => *selected = scroll::moved(*selected, Field::ALL.len(), page, by),
        Some(Overlay::Help { first }) => {
            *first = scroll::moved(*first, crate::app::command::Command::ALL.len() + 12, page, by);
        }
        Some(Overlay::Detail { first, lines, .. } | Overlay::Price { first, bytes: Some(lines), .. }) => {
            *first = scroll::moved(*first, lines.len(), page, by);
        }
        Some(Overlay::Evaluator { first, lines, .. }) => *first = scroll::moved(*first, lines.len(), page, by),
        Some(
            Overlay::Palette { .. }
            | Overlay::Prompt { .. }
            | Overlay::Reason { .. }
            | Overlay::Word { .. }
            | Overlay::Note { .. }
            | Overlay::Confirm { .. }
            | Overlay::Figures(_)
            | Overlay::Install { .. }
            | Overlay::Price { .. }
            | Overlay::Charts(_),
        )
        | None => {}
        Some(Overlay::Errors(open)) => open.scroll(by, model.layout.size()),
        Some(Overlay::Cell(viewer)) => viewer.scroll(by, usize::from(model.layout.size().1.saturating_sub(5))),
        Some(Overlay::Counts { counts, selected }) => {
            *selected = scroll::moved(*selected, counts.values.len(), page, by);
        }
    }
}

fn change(model: &mut Model, by: i32) -> Vec<Effect> {
    let names: Vec<crate::text::RawText> = model
        .dataset
        .source
        .as_ref()
        .map(|source| source.columns.iter().map(|column| column.name.clone()).collect())
        .unwrap_or_default();
    let Some(Overlay::Frame { proposal, selected, columns: None }) = &mut model.overlay else { return Vec::new() };
    let Some(field) = Field::ALL.get(*selected).copied() else { return Vec::new() };
    let own = model.framing.known.as_ref().map(|known| known.own_metrics.as_slice()).unwrap_or_default();
    match framing::step(proposal, field, by, &names, own) {
        Some(target) => phase::look_into_target(model, target),
        None => Vec::new(),
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.overlay.take() {
        Some(Overlay::Tasks { selected }) => match Task::ALL.get(selected) {
            Some(task) => phase::begin(model, *task),
            None => Vec::new(),
        },
        Some(Overlay::Prompt { editor, task, follows }) => {
            let words = editor.text().trim().to_owned();
            if follows.is_some() && words.is_empty() {
                model.overlay = Some(Overlay::Prompt { editor, task, follows });
                return phase::say(model, "write a few words first".into());
            }
            phase::price(model, task, Wish { request: words, settings: Vec::new() }, follows)
        }
        Some(Overlay::Models { offers, selected, .. }) => {
            asking::choose(model, offers.as_deref().unwrap_or_default(), selected)
        }
        Some(Overlay::Word { editor, experiment, run_id, n_before }) => {
            phase::again::on_word(model, experiment, run_id, &editor.text(), n_before)
        }
        Some(Overlay::Before { job, .. }) => phase::decisions::start(model, *job),
        Some(Overlay::Environments { selected }) => phase::environment::settle(model, selected),
        Some(Overlay::Install { lacks, job }) => phase::environment::make(model, lacks, job),
        Some(Overlay::Form { form }) => form::send(model, form),
        Some(Overlay::Stages { selected }) => match model.stages().get(selected).map(|stage| stage.task) {
            Some(task) => phase::begin(model, task),
            None => Vec::new(),
        },
        Some(Overlay::Note { editor, item, needs_note }) => {
            let note = editor.text().trim().to_owned();
            if needs_note && note.is_empty() {
                model.overlay = Some(Overlay::Note { editor, item, needs_note });
                return phase::say(model, "write why the difference is right".into());
            }
            sheet::on_note(model, item, &note)
        }
        Some(Overlay::Price { question, .. }) => phase::ask(model, question),
        Some(Overlay::Reason { editor, what }) => {
            phase::decisions::reject(model, what, editor.text().trim().to_owned())
        }
        Some(Overlay::Palette { typed, selected }) => match matches(&typed).get(selected) {
            Some(command) => phase::on_command(model, *command),
            None => Vec::new(),
        },
        Some(Overlay::Warnings { selected }) => phase::moves::go_to_warning(model, selected),
        Some(Overlay::Frame { mut proposal, selected, columns }) => match columns {
            Some(column) => {
                if let Some(name) = model
                    .dataset
                    .source
                    .as_ref()
                    .and_then(|source| source.columns.get(column))
                    .map(|column| column.name.clone())
                {
                    framing::toggle_excluded(&mut proposal.framing, &name);
                }
                model.overlay = Some(Overlay::Frame { proposal, selected, columns });
                Vec::new()
            }
            None if Field::ALL.get(selected) == Some(&Field::Exclude) => {
                model.overlay = Some(Overlay::Frame { proposal, selected, columns: Some(0) });
                Vec::new()
            }
            None => {
                model.overlay = Some(Overlay::Frame { proposal, selected, columns });
                phase::accept_frame(model)
            }
        },
        Some(Overlay::Confirm { then, .. }) => match then {
            Then::Quit => phase::quit(model),
            Then::StopRun(job) => phase::running::stop(model, job),
            Then::AcceptHidden => {
                model.review.saw_hidden = true;
                phase::on_command(model, Command::Accept)
            }
        },
        // What is approved is approved with a key of its own, never by the way.
        Some(kept @ Overlay::Evaluator { .. }) => {
            model.overlay = Some(kept);
            Vec::new()
        }
        Some(Overlay::Counts { counts, selected }) => phase::look::filter_to(model, &counts, selected),
        Some(
            Overlay::Help { .. }
            | Overlay::Cell(_)
            | Overlay::Detail { .. }
            | Overlay::Figures(_)
            | Overlay::Errors(_)
            | Overlay::Charts(_),
        )
        | None => Vec::new(),
    }
}

fn next_task(task: Task, by: usize) -> Task {
    let at = Task::ALL.iter().position(|other| *other == task).unwrap_or(0);
    Task::ALL[(at + by) % Task::ALL.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_finds_by_name_and_by_what_a_command_does() {
        assert_eq!(matches("acc").first(), Some(&Command::Accept));
        assert_eq!(matches("editor").first(), Some(&Command::EditOutside));
        assert_eq!(matches("wrong with").first(), Some(&Command::Warnings));
        assert_eq!(matches("").len(), Command::ALL.len());
    }
}
