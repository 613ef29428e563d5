//! Charts of the table as an overlay: which columns, which kind, what is in sight.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::{JobId, JobKind};
use crate::app::layout::Pane;
use crate::app::overlay::Overlay;
use crate::app::phase::say;
use crate::domain::charts::picture;
use crate::domain::charts::{Chart, Wanted};
use crate::domain::failure::Failure;
use crate::safe;
use crate::text::SafeText;
use crate::text::ink::Line;

/// Rows of the window that hold no lines of a chart: tabs, air, keys, two borders; header and status of the screen.
const AROUND: u16 = 7;
/// Columns that hold none: borders and air.
const BESIDE: u16 = 4;
/// Bins of a histogram that can be chosen.
const BINS: (usize, usize) = (2, 120);

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The column alone.
    Alone,
    /// The column against another.
    Pair,
    /// All pairs of columns.
    Matrix,
}

impl Tab {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 3] = [Self::Alone, Self::Pair, Self::Matrix];

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Alone => "Alone",
            Self::Pair => "Against another",
            Self::Matrix => "All pairs",
        }
    }
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// It is being worked out since then, in milliseconds of the program's clock.
    Reading(u64),
    /// It is here.
    Ready(Box<Chart>),
    /// It could not be made.
    Not(Failure),
}

/// The overlay.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The column that is looked at.
    pub column: usize,
    /// The one that it is set against.
    pub other: usize,
    /// What is drawn.
    pub tab: Tab,
    /// How far it has come.
    pub state: State,
    /// First line in sight.
    pub first: usize,
    n_bins: Option<usize>,
    job: JobId,
}

impl Page {
    /// The lines of the chart on a screen of this size.
    pub fn lines(&self, size: (u16, u16)) -> Vec<Line> {
        let (columns, rows) = (usize::from(size.0.saturating_sub(BESIDE)), usize::from(size.1.saturating_sub(AROUND)));
        match &self.state {
            State::Ready(chart) => picture::lines(chart, (columns, rows)),
            State::Reading(_) | State::Not(_) => Vec::new(),
        }
    }

    fn wanted(&self) -> Wanted {
        match self.tab {
            Tab::Alone => Wanted::Alone { column: self.column, n_bins: self.n_bins },
            Tab::Pair => Wanted::Pair { x: self.other, y: self.column },
            Tab::Matrix => Wanted::Matrix,
        }
    }
}

/// Opens it for the column under the cursor.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let n = model.dataset.n_columns();
    if n == 0 || model.layout.focused() != Pane::Data {
        return say(model, "that is for the data pane; 1 goes there".into());
    }
    let column = model.dataset.cursor.1;
    let target = model.framing.framing.as_ref().and_then(|framing| {
        let source = model.dataset.source.as_ref()?;
        source.columns.iter().position(|one| one.name == framing.target)
    });
    let other = target.filter(|target| *target != column).unwrap_or((column + 1) % n);
    let (job, start) = model
        .jobs
        .start(Job::Draw { wanted: Wanted::Alone { column, n_bins: None }, rows: model.dataset.view.rows().cloned() });
    let state = State::Reading(model.meter.now);
    let page = Page { column, other, tab: Tab::Alone, state, first: 0, n_bins: None, job };
    model.overlay = Some(Overlay::Charts(Box::new(page)));
    vec![start]
}

/// Works out what the page shows now, in place of what it showed.
fn draw(model: &mut Model) -> Vec<Effect> {
    let now = model.meter.now;
    let rows = model.dataset.view.rows().cloned();
    let mut effects = model.jobs.cancel_kind(JobKind::Draw);
    let Some(Overlay::Charts(page)) = &mut model.overlay else { return effects };
    let (job, start) = model.jobs.start(Job::Draw { wanted: page.wanted(), rows });
    (page.job, page.state, page.first) = (job, State::Reading(now), 0);
    effects.push(start);
    effects
}

/// A command that means something of its own here; nothing for the others.
pub fn on_command(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let size = model.layout.size();
    let n_columns = model.dataset.n_columns();
    let Some(Overlay::Charts(page)) = &mut model.overlay else { return None };
    let step = |at: usize, by: usize| (at + by) % n_columns.max(1);
    match command {
        Command::Right | Command::NextPane | Command::Left | Command::PreviousPane => {
            let by = if matches!(command, Command::Right | Command::NextPane) { 1 } else { Tab::ALL.len() - 1 };
            let at = Tab::ALL.iter().position(|tab| *tab == page.tab).unwrap_or(0);
            page.tab = Tab::ALL[(at + by) % Tab::ALL.len()];
        }
        Command::Up | Command::Down => {
            let by = if command == Command::Down { 1 } else { n_columns.saturating_sub(1) };
            match page.tab {
                Tab::Alone => {
                    page.column = step(page.column, by);
                    page.n_bins = None;
                }
                Tab::Pair => {
                    page.other = step(page.other, by);
                    if page.other == page.column {
                        page.other = step(page.other, by);
                    }
                }
                Tab::Matrix => return Some(scroll(page, size, if command == Command::Down { 1 } else { -1 })),
            }
        }
        Command::PageDown => return Some(scroll(page, size, 10)),
        Command::PageUp => return Some(scroll(page, size, -10)),
        Command::Faster | Command::Slower => {
            let State::Ready(chart) = &page.state else { return Some(Vec::new()) };
            let Chart::Histogram(found) = chart.as_ref() else { return Some(Vec::new()) };
            let n = found.counts.len();
            let n = if command == Command::Faster { n + n.div_ceil(4) } else { n - n / 4 };
            page.n_bins = Some(n.clamp(BINS.0, BINS.1));
        }
        Command::Cancel | Command::Quit => {
            let job = page.job;
            model.overlay = None;
            return Some(model.jobs.cancel(job));
        }
        Command::Copy => {
            let text: Vec<String> = page.lines(size).iter().map(Line::text).collect();
            return Some(vec![Effect::Copy(text.join("\n"))]);
        }
        _ => return None,
    }
    Some(draw(model))
}

fn scroll(page: &mut Page, size: (u16, u16), by: i32) -> Vec<Effect> {
    let rows = usize::from(size.1.saturating_sub(AROUND));
    let last = page.lines(size).len().saturating_sub(rows);
    page.first = page.first.saturating_add_signed(by as isize).min(last);
    Vec::new()
}

/// It was worked out.
pub fn on_drawn(model: &mut Model, id: JobId, chart: Box<Chart>) -> Vec<Effect> {
    if let Some(Overlay::Charts(page)) = &mut model.overlay
        && page.job == id
    {
        page.state = State::Ready(chart);
    }
    Vec::new()
}

/// It could not be made; that is said where it was asked for.
pub fn on_failed(model: &mut Model, failure: Failure) {
    match &mut model.overlay {
        Some(Overlay::Charts(page)) if matches!(page.state, State::Reading(_)) => page.state = State::Not(failure),
        _ => model.notice.show(safe!("{failure}"), model.meter.now),
    }
}

/// What the page is about, in words.
pub fn title(model: &Model, page: &Page) -> SafeText {
    let name = |at: usize| {
        let column = model.dataset.source.as_ref().and_then(|source| source.columns.get(at));
        column.map(|column| column.label.clone()).unwrap_or_default()
    };
    match page.tab {
        Tab::Alone => name(page.column),
        Tab::Pair => safe!("{} by {}", name(page.column), name(page.other)),
        Tab::Matrix => "associations".into(),
    }
}
