//! Figures that a run left, one at a time, drawn as the terminal can.

use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use crate::app::Model;
use crate::app::effect::{Effect, Job};
use crate::app::overlay::Overlay;
use crate::app::phase;
use crate::domain::failure::Failure;
use crate::domain::manner::is_picture;
use crate::safe;

/// A figure, ready for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Width and height of the file, in pixels.
    pub pixels: (u32, u32),
    /// Length of the file in bytes.
    pub n_bytes: u64,
    /// Its cells; nothing where the terminal draws no pictures. They may hold escape sequences, which come from the
    /// encoder of pictures and never from the file.
    pub cells: Option<Buffer>,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The experiment.
    pub experiment: String,
    /// Its run.
    pub run_id: String,
    /// Names of the figures, inside the run's folder.
    pub names: Vec<String>,
    /// Which is shown.
    pub selected: usize,
    /// The figure, or why it can't be shown; nothing while it is being drawn.
    pub drawn: Option<Result<Drawing, Failure>>,
}

/// How many cells there are for a figure on a screen of that size.
pub fn room((columns, rows): (u16, u16)) -> Size {
    Size::new(columns.saturating_sub(4), rows.saturating_sub(6))
}

/// Shows the figures of an experiment's run.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some((experiment, run)) = phase::again::subject(model) else {
        return phase::say(model, "select an experiment that ran: 4".into());
    };
    let artefacts = run.outcome.as_ref().map(|outcome| outcome.artefacts.as_slice()).unwrap_or_default();
    let names: Vec<String> = artefacts.iter().filter(|name| is_picture(name)).cloned().collect();
    if names.is_empty() {
        return phase::say(model, safe!("{experiment} left no figures; code may save them in the folder figures"));
    }
    let run_id = run.spec.run_id;
    model.overlay = Some(Overlay::Figures(Figures { experiment, run_id, names, selected: 0, drawn: None }));
    draw(model)
}

/// To another figure.
pub fn step(model: &mut Model, by: i32) -> Vec<Effect> {
    let Some(Overlay::Figures(figures)) = &mut model.overlay else { return Vec::new() };
    let n = figures.names.len();
    let next = if by < 0 { figures.selected + n - 1 } else { figures.selected + 1 } % n.max(1);
    if next == figures.selected {
        return Vec::new();
    }
    figures.selected = next;
    figures.drawn = None;
    draw(model)
}

/// Asks for the figure at the size of today's screen.
pub fn draw(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Figures(figures)) = &model.overlay else { return Vec::new() };
    let Some(name) = figures.names.get(figures.selected).cloned() else { return Vec::new() };
    let room = room(model.layout.size());
    let job = Job::Figure { run_id: figures.run_id.clone(), name, room: (room.width, room.height) };
    model.jobs.restart(job)
}

/// It is drawn, or can't be.
pub fn on_drawn(model: &mut Model, drawn: Result<Drawing, Failure>) -> Vec<Effect> {
    if let Some(Overlay::Figures(figures)) = &mut model.overlay {
        figures.drawn = Some(drawn);
    }
    Vec::new()
}
