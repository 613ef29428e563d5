//! A recording played again in the panes: a position on its time line, a speed, and what was there before.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::effect::{Effect, Job};
use crate::app::layout::Pane;
use crate::app::phase::{self, Holds, Phase};
use crate::app::review::ReviewPane;
use crate::app::transcript::{Shown, Transcript};
use crate::domain::task::Task;
use crate::domain::tools::Tool;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::safe;
use crate::text::SafeText;
use std::path::PathBuf;

/// A recording, decoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tape {
    /// Task, model, endpoint and time, in one line.
    pub heading: SafeText,
    /// Id of the task.
    pub task: String,
    /// What happened, and when, in milliseconds since its beginning.
    pub events: Vec<(u64, StreamEvent)>,
    /// Whether the recording ends in the middle of a piece.
    pub is_torn: bool,
    /// Whether there was more than is kept here.
    pub is_cut: bool,
}

impl Tape {
    /// How long it is, in milliseconds.
    pub fn length(&self) -> u64 {
        self.events.last().map_or(0, |(at, _)| *at)
    }

    /// Where blocks begin, and whether each is a call of a tool.
    pub fn marks(&self) -> impl Iterator<Item = (u64, bool)> {
        self.events.iter().filter_map(|(at, event)| match event {
            StreamEvent::BlockStarted { kind, .. } => Some((*at, matches!(kind, BlockKind::ToolUse(_)))),
            _ => None,
        })
    }
}

/// Speeds, in percent of the original.
const SPEEDS: [u64; 10] = [10, 25, 50, 100, 200, 400, 800, 1600, 3200, 6400];
/// How far an arrow goes, in milliseconds.
const STEP: u64 = 5_000;

/// A replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The recording.
    pub tape: Tape,
    /// Where it is, in microseconds of the recording.
    at: u64,
    /// Whether it moves.
    pub is_playing: bool,
    speed: usize,
    next: usize,
    clock: u64,
    kinds: Vec<(usize, Holds)>,
    before: Box<(Phase, Transcript, ReviewPane)>,
}

impl PartialEq for Replay {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && self.next == other.next && self.is_playing == other.is_playing && self.tape == other.tape
    }
}

impl Replay {
    /// Where it is, in milliseconds of the recording.
    pub fn position(&self) -> u64 {
        self.at / 1000
    }

    /// How fast it goes: `1×`.
    pub fn speed(&self) -> String {
        let percent = SPEEDS[self.speed];
        if percent.is_multiple_of(100) {
            format!("{}×", percent / 100)
        } else {
            format!("0.{}×", percent.to_string().trim_end_matches('0'))
        }
    }

    /// Whether its end is reached.
    pub fn is_over(&self) -> bool {
        self.next >= self.tape.events.len()
    }
}

/// Asks for a recording.
pub fn open(model: &mut Model, recording: Recording) -> Vec<Effect> {
    if let Some(busy) =
        phase::busy(model).filter(|_| !matches!(model.phase, Phase::Welcome { .. } | Phase::Replaying(_)))
    {
        return phase::say(model, busy);
    }
    vec![model.jobs.start(Job::Replay(recording)).1]
}

/// Which recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// A file.
    File {
        /// Where it is.
        path: PathBuf,
        /// How fast, in percent of the original.
        percent: u64,
    },
    /// One of the open project, by its name.
    Named(String),
}

/// The recording of the selected experiment.
pub fn of_selected(model: &mut Model) -> Vec<Effect> {
    let selected = match model.layout.focused() {
        Pane::History => model.history.selected(),
        _ => model
            .review
            .experiment
            .as_ref()
            .and_then(|id| model.history.history.find(id))
            .or_else(|| model.history.selected()),
    };
    match selected.and_then(|experiment| experiment.recording.clone()) {
        Some(name) => open(model, Recording::Named(name)),
        None => phase::say(model, "there is no recording of it; choose an answer of a model in the history".into()),
    }
}

/// The recording is here.
pub fn begin(model: &mut Model, tape: Tape, percent: u64) -> Vec<Effect> {
    let before = match std::mem::replace(&mut model.phase, Phase::Ready) {
        Phase::Replaying(replay) => replay.before,
        other => Box::new((other, std::mem::take(&mut model.transcript), std::mem::take(&mut model.review))),
    };
    let speed = SPEEDS.iter().position(|known| *known >= percent).unwrap_or(SPEEDS.len() - 1);
    let clock = model.meter.now;
    let kinds = Vec::new();
    let mut replay = Replay { tape, at: 0, is_playing: true, speed, next: 0, clock, kinds, before };
    rewind(model, &mut replay);
    model.phase = Phase::Replaying(Box::new(replay));
    model.layout.focus(Pane::Thinking);
    Vec::new()
}

fn rewind(model: &mut Model, replay: &mut Replay) {
    model.transcript.begin(&safe!("replay · {}", replay.tape.heading), 0);
    model.transcript.clock = Some(0);
    model.review.begin(Task::from_id(&replay.tape.task).unwrap_or(Task::Explore));
    replay.next = 0;
    replay.kinds.clear();
}

/// Time has passed.
pub fn on_clock(model: &mut Model, now: u64) {
    let mut phase = std::mem::replace(&mut model.phase, Phase::Ready);
    if let Phase::Replaying(replay) = &mut phase {
        let passed = now.saturating_sub(replay.clock);
        replay.clock = now;
        if replay.is_playing {
            // Milliseconds by percent are hundredths of a millisecond.
            replay.at = (replay.at + passed * SPEEDS[replay.speed] * 10).min(replay.tape.length() * 1000);
            play_to_position(model, replay);
        }
    }
    model.phase = phase;
}

/// Applies what lies between what is shown and the position.
fn play_to_position(model: &mut Model, replay: &mut Replay) {
    let at = replay.position();
    while let Some((when, event)) = replay.tape.events.get(replay.next).filter(|(when, _)| *when <= at) {
        match event {
            StreamEvent::BlockStarted { index, kind: BlockKind::Text } => replay.kinds.push((*index, Holds::Text)),
            StreamEvent::BlockStarted { index, kind: BlockKind::ToolUse(name) }
                if name == Tool::ProposeFiles.name() =>
            {
                replay.kinds.push((*index, Holds::Files));
            }
            StreamEvent::Delta { index, text } => match replay.kinds.iter().find(|(other, _)| other == index) {
                Some((_, Holds::Text)) => model.review.on_text(text.expose()),
                Some((_, Holds::Files)) => model.review.on_files(text.expose()),
                None => {}
            },
            _ => {}
        }
        model.transcript.on_event(event, *when);
        replay.next += 1;
    }
    model.transcript.clock = Some(at);
    if replay.is_over() && replay.is_playing {
        replay.is_playing = false;
        model.transcript.end(at);
        if replay.tape.is_torn {
            model.transcript.say(Shown::Note, &"the recording ends in the middle of a piece".into(), at);
        }
        if replay.tape.is_cut {
            model.transcript.say(Shown::Note, &"the recording is longer; the rest is not played".into(), at);
        }
    }
}

/// To a moment of the recording, in milliseconds.
fn seek(model: &mut Model, replay: &mut Replay, to: u64) {
    let to = to.min(replay.tape.length());
    if to < replay.position() || replay.is_over() {
        let anchor = model.transcript.anchor;
        rewind(model, replay);
        model.transcript.anchor = anchor;
    }
    let was_playing = std::mem::replace(&mut replay.is_playing, false);
    replay.at = to * 1000;
    play_to_position(model, replay);
    replay.is_playing = was_playing && !replay.is_over();
    if model.transcript.anchor.is_some_and(|at| at > model.transcript.end_at()) {
        model.transcript.anchor = None;
    }
}

/// A command while a replay is on; nothing for those that mean the same everywhere.
pub fn on_command(model: &mut Model, command: Command) -> Option<Vec<Effect>> {
    let Phase::Replaying(_) = model.phase else { return None };
    if !matches!(
        command,
        Command::Replay
            | Command::Open
            | Command::Left
            | Command::Right
            | Command::NextFile
            | Command::PreviousFile
            | Command::Top
            | Command::Bottom
            | Command::Slower
            | Command::Faster
            | Command::Cancel
            | Command::PageDown
    ) {
        return match command {
            Command::Quit
            | Command::Help
            | Command::Palette
            | Command::Redraw
            | Command::Suspend
            | Command::NextPane
            | Command::PreviousPane
            | Command::FocusData
            | Command::FocusThinking
            | Command::FocusCode
            | Command::FocusHistory
            | Command::Zoom
            | Command::Up
            | Command::Down
            | Command::PageUp
            | Command::Search
            | Command::NextMatch
            | Command::PreviousMatch
            | Command::Fold
            | Command::Copy
            | Command::Money => None,
            _ => Some(phase::say(model, "a replay is on; Esc goes back to where you were".into())),
        };
    }
    let Phase::Replaying(mut replay) = std::mem::replace(&mut model.phase, Phase::Ready) else { return None };
    let at = replay.position();
    match command {
        Command::Replay | Command::Open | Command::PageDown => {
            if replay.is_over() {
                seek(model, &mut replay, 0);
                replay.is_playing = true;
            } else {
                replay.is_playing = !replay.is_playing;
            }
            replay.clock = model.meter.now;
        }
        Command::Left => seek(model, &mut replay, at.saturating_sub(STEP)),
        Command::Right => seek(model, &mut replay, at + STEP),
        Command::PreviousFile => {
            // From just behind a beginning one goes to the one before it.
            let to = replay.tape.marks().map(|(when, _)| when).filter(|when| when + 400 < at).last().unwrap_or(0);
            seek(model, &mut replay, to);
        }
        Command::NextFile => {
            let to = replay.tape.marks().map(|(when, _)| when).find(|when| *when > at).unwrap_or(replay.tape.length());
            seek(model, &mut replay, to);
        }
        Command::Top => seek(model, &mut replay, 0),
        Command::Bottom => {
            let end = replay.tape.length();
            seek(model, &mut replay, end);
        }
        Command::Slower => replay.speed = replay.speed.saturating_sub(1),
        Command::Faster => replay.speed = (replay.speed + 1).min(SPEEDS.len() - 1),
        _ => {
            let (phase, transcript, review) = *replay.before;
            let (thinking, code) = (model.transcript.version, model.review.version);
            (model.phase, model.transcript, model.review) = (phase, transcript, review);
            model.transcript.version += thinking + 1;
            model.review.version += code + 1;
            return Some(Vec::new());
        }
    }
    model.phase = Phase::Replaying(replay);
    Some(Vec::new())
}
