//! The core: a model, messages that change it, effects that it asks for. No input, no output, no clock.

pub mod asking;
pub mod cell;
pub mod charts;
pub mod chord;
pub mod code_rows;
pub mod command;
pub mod dataset;
pub mod detail;
pub mod editor;
pub mod effect;
pub mod errors;
pub mod figures;
pub mod form;
pub mod framing;
pub mod history;
pub mod jobs;
pub mod json_code;
pub mod keymap;
pub mod layout;
pub mod lines;
pub mod live;
pub mod meter;
pub mod money_page;
pub mod msg;
pub mod notice;
pub mod overlay;
pub mod paste;
pub mod phase;
pub mod replay;
pub mod review;
pub mod reviewed;
pub mod scroll;
pub mod sheet;
pub mod stream_code;
pub mod table;
pub mod transcript;

use std::path::PathBuf;

use crate::app::command::Command;
use crate::app::dataset::DatasetPane;
use crate::app::effect::{Effect, Job};
use crate::app::framing::FramingSlice;
use crate::app::history::HistoryPane;
use crate::app::jobs::{JobKind, Jobs};
use crate::app::keymap::Keymap;
use crate::app::layout::{Layout, Pane};
use crate::app::meter::Meter;
use crate::app::msg::Msg;
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::phase::Phase;
use crate::app::review::ReviewPane;
use crate::app::transcript::Transcript;

/// Everything that the screen is a function of.
#[derive(Debug)]
pub struct Model {
    /// Size, focus, zoom.
    pub layout: Layout,
    /// The data set.
    pub dataset: DatasetPane,
    /// What is known of it, and the question.
    pub framing: FramingSlice,
    /// Thinking and answer.
    pub transcript: Transcript,
    /// Code under review, and the log of its run.
    pub review: ReviewPane,
    /// What has been tried.
    pub history: HistoryPane,
    /// Where the main job stands.
    pub phase: Phase,
    /// Which jobs are alive.
    pub jobs: Jobs,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// The line for what passes.
    pub notice: Notice,
    /// Tokens, money, endpoint.
    pub meter: Meter,
    /// Which key means what, and the time.
    pub keys: Keymap,
}

impl Model {
    /// A workbench that is about to open `path`, or shows the welcome page.
    pub fn new(keys: Keymap, meter: Meter, recent: Vec<PathBuf>, demo: PathBuf) -> Self {
        Self {
            layout: Layout::default(),
            dataset: DatasetPane::default(),
            framing: FramingSlice::default(),
            transcript: Transcript::default(),
            review: ReviewPane::default(),
            history: HistoryPane::default(),
            phase: Phase::Welcome { recent, demo, selected: 0 },
            jobs: Jobs::default(),
            overlay: None,
            notice: Notice::default(),
            meter,
            keys,
        }
    }

    /// Whether something on the screen moves with time.
    pub fn is_moving(&self) -> bool {
        self.jobs.any_timed() || self.notice.is_shown() || self.keys.is_armed() || self.plays()
    }

    /// The stages of the guided flow on the data that is open.
    pub fn stages(&self) -> Vec<crate::domain::flow::Stage> {
        let frame = self.framing.framing.as_ref().map(crate::domain::framing::Framing::fingerprint);
        crate::domain::flow::stages(&self.history.history, &self.history.data, frame.as_deref())
    }

    /// Whether a recording is shown.
    pub fn is_replaying(&self) -> bool {
        matches!(self.phase, Phase::Replaying(_))
    }

    /// Whether a recording moves on.
    pub fn plays(&self) -> bool {
        matches!(&self.phase, Phase::Replaying(replay) if replay.is_playing)
    }
}

/// The one place where state changes.
///
/// Routes `msg` to the slice that owns it and returns what the outside world must do about it. Never blocks, never
/// fails, reads no clock.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            model.meter.now = now;
            model.notice.expire(now);
            model.keys.expire(now);
            if model.is_replaying() {
                replay::on_clock(model, now);
            }
            Vec::new()
        }
        Msg::Resized(columns, rows) => {
            model.layout.resize(columns, rows);
            overlay::rewrap(model);
            let mut effects = phase::moves::show_page(model);
            effects.extend(figures::draw(model));
            effects
        }
        Msg::Key(chord) => on_key(model, chord),
        Msg::Paste(text) => paste::on_paste(model, &text),
        Msg::Click(column, row) => {
            if model.overlay.is_none()
                && let Some(pane) = model.layout.pane_at(column, row)
            {
                model.layout.focus(pane);
            }
            Vec::new()
        }
        Msg::Wheel { column, row, lines } => on_wheel(model, column, row, lines),
        Msg::Open(path) => phase::open(model, path),
        Msg::Replay(recording) => replay::open(model, recording),
        Msg::Recorded(stamped) => {
            if model.history.apply(&stamped) {
                model.meter.on_history(&model.history.history, &stamped.at);
            } else if model.history.is_loaded && model.history.is_behind() && !model.jobs.any(JobKind::Load) {
                return model.jobs.restart(Job::Load);
            }
            Vec::new()
        }
        Msg::Edited { path, code } => {
            model.review.replace_code(&path, code);
            Vec::new()
        }
        Msg::Noticed(text) => {
            model.notice.show(text, model.meter.now);
            Vec::new()
        }
        Msg::Job { id, event } => {
            // The only gate against stale results: a job that was cancelled or replaced is no longer alive, so
            // whatever it still sends is dropped.
            if !model.jobs.is_alive(id) {
                return Vec::new();
            }
            phase::reports::on_job(model, id, event)
        }
    }
}

/// A key goes to what takes text, then to the overlay, then through the table of keys.
fn on_key(model: &mut Model, chord: chord::Chord) -> Vec<Effect> {
    if model.keys.is_interrupt(chord) {
        return phase::on_interrupt(model);
    }
    model.keys.disarm();
    if model.overlay.is_some() {
        return overlay::on_key(model, chord);
    }
    if model.review.is_editing() && model.layout.focused() == Pane::Code {
        model.review.on_edit_key(chord);
        return Vec::new();
    }
    if model.dataset.line.is_some() && model.layout.focused() == Pane::Data {
        return phase::look::on_line_key(model, chord);
    }
    if model.transcript.search.is_typing() {
        model.transcript.on_search_key(chord);
        return Vec::new();
    }
    match model.keys.command(chord) {
        Some(command) => phase::on_command(model, command),
        None => Vec::new(),
    }
}

fn on_wheel(model: &mut Model, column: u16, row: u16, lines: i32) -> Vec<Effect> {
    if model.overlay.is_some() {
        let command = if lines < 0 { Command::Up } else { Command::Down };
        return (0..lines.unsigned_abs()).flat_map(|_| overlay::on_command(model, command)).collect();
    }
    match model.layout.pane_at(column, row) {
        Some(pane) => phase::moves::scroll(model, pane, scroll::Move::Lines(lines)),
        None => Vec::new(),
    }
}
