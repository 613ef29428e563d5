//! The errors of a run as an overlay: which part is looked at, what is in sight, which row Enter leads to.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::JobId;
use crate::app::layout::Pane;
use crate::app::overlay::Overlay;
use crate::app::phase::{again, moves, say};
use crate::app::scroll::{self, Move};
use crate::domain::errors::ErrorAnalysis;
use crate::domain::errors::picture::{self, Line, Tab};
use crate::domain::failure::Failure;
use crate::safe;
use crate::text::{SafeText, figure};

/// Rows of the window that hold no lines of a part: tabs, what is seen as a whole, air, keys, two borders; header and
/// status of the screen.
const AROUND: u16 = 8;
/// Columns that hold none: borders and air.
const BESIDE: u16 = 4;

/// How far it has come.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It is being read since then, in milliseconds of the program's clock.
    Reading(u64),
    /// It is here.
    Ready(Box<ErrorAnalysis>),
    /// It could not be made.
    Not(Failure),
}

/// The overlay.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The experiment, and what it is about.
    pub title: SafeText,
    /// Its run.
    pub run_id: String,
    /// How far it has come.
    pub state: State,
    /// Which part is looked at.
    pub tab: Tab,
    job: JobId,
    /// Which of the lines that lead to a row is selected.
    selected: usize,
    /// First line in sight.
    first: usize,
}

/// What is in sight of a part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Every line of the part.
    pub lines: Vec<Line>,
    /// First in sight.
    pub first: usize,
    /// The selected one, where lines lead to rows.
    pub selected: Option<usize>,
}

/// Columns and rows that a part has on a screen of this size.
fn room(size: (u16, u16)) -> (usize, usize) {
    (usize::from(size.0.saturating_sub(BESIDE)), usize::from(size.1.saturating_sub(AROUND)))
}

impl Page {
    /// What is in sight on a screen of this size.
    pub fn view(&self, size: (u16, u16)) -> View {
        let State::Ready(analysis) = &self.state else { return View::default() };
        let (columns, rows) = room(size);
        let lines = picture::lines(analysis, self.tab, (columns, rows));
        let leading = leading(&lines);
        let Some(selected) = leading.get(self.selected.min(leading.len().saturating_sub(1))).copied() else {
            let first = self.first.min(lines.len().saturating_sub(rows));
            return View { lines, first, selected: None };
        };
        // What belongs to a line stands below it, up to the next one.
        let next = leading.iter().find(|other| **other > selected).copied().unwrap_or(lines.len());
        let first = if self.selected == 0 {
            0
        } else {
            let last = next.min(selected + rows / 2).saturating_sub(1).max(selected);
            (last + 1).saturating_sub(rows).max(selected.saturating_sub(rows / 2).min(lines.len().saturating_sub(rows)))
        };
        View { lines, first, selected: Some(selected) }
    }

    /// Moves the selection, or what is in sight.
    pub fn scroll(&mut self, by: Move, size: (u16, u16)) {
        let (_, rows) = room(size);
        let lines = self.view(size).lines;
        let n = leading(&lines).len();
        if n > 0 {
            self.selected = scroll::moved(self.selected, n, rows / 2, by);
        } else {
            self.first = scroll::moved(self.first, lines.len().saturating_sub(rows) + 1, rows, by);
        }
    }

    fn step(&mut self, by: usize) {
        let State::Ready(analysis) = &self.state else { return };
        let tabs = Tab::of(analysis);
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        self.tab = tabs[(at + by % tabs.len()) % tabs.len()];
        (self.selected, self.first) = (0, 0);
    }
}

fn leading(lines: &[Line]) -> Vec<usize> {
    lines.iter().enumerate().filter(|(_, line)| line.row.is_some()).map(|(at, _)| at).collect()
}

/// Opens it for the run of the selected experiment.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some((experiment, run)) = again::subject(model) else {
        return say(model, "select an experiment that ran: 4".into());
    };
    if run.outcome.is_none() {
        return say(model, safe!("{experiment} still runs"));
    }
    let run_id = run.spec.run_id;
    let (job, start) = model.jobs.start(Job::Errors(run_id.clone()));
    let state = State::Reading(model.meter.now);
    let about = model.history.history.find(&experiment).and_then(|one| one.hypothesis.clone());
    let title = about.map_or_else(|| safe!("{experiment}"), |about| safe!("{experiment} · {}", about.expose()));
    model.overlay =
        Some(Overlay::Errors(Box::new(Page { title, run_id, state, tab: Tab::Segments, job, selected: 0, first: 0 })));
    vec![start]
}

/// A command that means something of its own here; nothing for the others.
pub fn on_command(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let size = model.layout.size();
    let Some(Overlay::Errors(page)) = &mut model.overlay else { return None };
    match command {
        Command::Right | Command::NextPane => page.step(1),
        Command::Left | Command::PreviousPane => {
            let n = if let State::Ready(analysis) = &page.state { Tab::of(analysis).len() } else { 1 };
            page.step(n - 1);
        }
        Command::Cancel | Command::Quit => {
            let job = page.job;
            model.overlay = None;
            return Some(model.jobs.cancel(job));
        }
        Command::Copy => {
            let text: Vec<String> = page.view(size).lines.iter().map(Line::text).collect();
            return Some(vec![Effect::Copy(text.join("\n"))]);
        }
        Command::Open => {
            let view = page.view(size);
            let row = view.selected.and_then(|at| view.lines.get(at)).and_then(|line| line.row);
            return Some(row.map_or_else(Vec::new, |row| go_to(model, row)));
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// To a row of the data.
fn go_to(model: &mut Model, row: u64) -> Vec<Effect> {
    model.overlay = None;
    model.layout.focus(Pane::Data);
    let n_rows = model.layout.inner(Pane::Data).map_or(1, |inner| model.dataset.grid(inner).n_rows);
    model.dataset.go_to(row, None, n_rows);
    model.notice.show(safe!("row {} – M goes back to the errors", figure::count(row)), model.meter.now);
    moves::show_page(model)
}

/// It was made.
pub fn on_analysed(model: &mut Model, run_id: &str, analysis: Box<ErrorAnalysis>) -> Vec<Effect> {
    if let Some(Overlay::Errors(page)) = &mut model.overlay
        && page.run_id == run_id
    {
        page.state = State::Ready(analysis);
    }
    Vec::new()
}

/// It could not be made; that is said where it was asked for.
pub fn on_failed(model: &mut Model, failure: Failure) {
    match &mut model.overlay {
        Some(Overlay::Errors(page)) if matches!(page.state, State::Reading(_)) => page.state = State::Not(failure),
        _ => model.notice.show(safe!("{failure}"), model.meter.now),
    }
}
