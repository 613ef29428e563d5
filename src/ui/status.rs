//! The line at the top says where we are; the line at the bottom what can be done here and now.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::command::Command;
use crate::app::dataset::Rows;
use crate::app::layout::Pane;
use crate::app::phase::Phase;
use crate::app::phase::decisions::needs_baseline;
use crate::app::sheet;
use crate::text::{figure, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Columns from which on the stages stand in the line at the top.
const STAGES: u16 = 150;

/// The line at the top.
pub fn header(model: &Model, canvas: &mut Canvas<'_>, line: Rect) {
    let has_stages = line.width >= STAGES && model.framing.framing.is_some();
    let is_short = line.width < 120 || has_stages && line.width < 190;
    let endpoint = if is_short { &model.meter.endpoint_short } else { &model.meter.endpoint };
    let right = canvas.put_right(line.right().saturating_sub(1), line.y, line.width / 2, endpoint, Role::Dim);
    let room = right.saturating_sub(line.x + 2);
    let at = 1 + canvas.put(line.x + 1, line.y, room, "rationale", Role::Title);
    let Some(source) = &model.dataset.source else { return };
    let right = if has_stages { stages_in(model, canvas, line, right) } else { right };
    let room = right.saturating_sub(line.x + 2);
    let rows = match model.dataset.rows {
        Rows::Exactly(n) => figure::count(n),
        Rows::AtLeast(n) => format!("{}+", figure::count(n)),
    };
    let mut said = format!("  {} · {rows} × {}", source.label, source.columns.len());
    let question = match &model.framing.framing {
        Some(framing) => {
            let target = crate::safe!("{}", framing.target.expose());
            let metric = format!("{} {}", framing.metric.name(), framing.metric.direction().arrow());
            let long = format!(" · {target} ({}, {metric})", framing.problem.word());
            // What would be cut is said shorter.
            let fits = wrap::width(&said) + wrap::width(&long) <= usize::from(room.saturating_sub(at));
            if fits { long } else { format!(" · {target} · {metric}") }
        }
        None if model.framing.known.is_some() => " · not framed yet".to_owned(),
        None => String::new(),
    };
    said.push_str(&question);
    canvas.put(line.x + at, line.y, room.saturating_sub(at), &said, Role::Screen);
}

/// The stages at the right of the line at the top, where there is room. Returns where they begin.
fn stages_in(model: &Model, canvas: &mut Canvas<'_>, line: Rect, right: u16) -> u16 {
    let text = super::stages::line(&model.stages());
    canvas.put_right(right.saturating_sub(4), line.y, line.width / 2, &text, Role::Dim)
}

/// The line at the bottom.
pub fn line(model: &Model, canvas: &mut Canvas<'_>, line: Rect) {
    let everywhere = [
        (Command::Tasks, "tasks"),
        (Command::Stages, "stages"),
        (Command::Palette, "commands"),
        (Command::Help, "help"),
    ];
    let width = line.width.saturating_sub(2);
    if let Some(notice) = model.notice.text() {
        canvas.put(line.x + 1, line.y, width, notice.as_str(), Role::Accent);
        return;
    }
    // As many as fit into a third of the line, the help among them.
    let first = match line.width {
        150.. => 0,
        120.. => 2,
        _ => 3,
    };
    let global = hints(model, &everywhere[first..]);
    let mut right =
        canvas.put_right(line.right().saturating_sub(1), line.y, width / 3, &global, Role::Dim).saturating_sub(2);
    if model.dataset.source.is_some() {
        let mut money = if model.meter.is_free && model.meter.spent.n_unknown == 0 {
            model.meter.money().replace("$0.00", "free, $0.00")
        } else {
            model.meter.money()
        };
        if line.width < 80 {
            money = money.split(" of ").next().unwrap_or_default().to_owned();
        }
        if let Some(cache) = model.meter.cache().filter(|_| line.width >= 120) {
            money = format!("{cache} · {money}");
        }
        if let Some(tight) = model.meter.tight_limit() {
            money = format!("{tight} · {money}");
        }
        if let Some(tokens) = model.meter.tokens().filter(|_| line.width >= 140) {
            money = format!("{tokens} · {money}");
        }
        right = canvas.put_right(right, line.y, width / 2, &money, Role::Dim).saturating_sub(3);
    }
    let (state, mut keys) = state(model);
    let behind = behind(model);
    let state = match &behind {
        Some(runs) => {
            keys.insert(0, (Command::Background, "shows it"));
            runs
        }
        None => state,
    };
    let taken = canvas.put(line.x + 1, line.y, right.saturating_sub(line.x + 1), state, Role::Accent);
    let room = right.saturating_sub(line.x + 3 + taken);
    // A hint is shown whole or not at all.
    let fitting = (0..=keys.len()).rev().map(|n| hints(model, &keys[..n]));
    let shown = fitting.into_iter().find(|text| wrap::width(text) <= usize::from(room)).unwrap_or_default();
    canvas.put(line.x + 3 + taken, line.y, room, &shown, Role::Screen);
}

/// Runs that go on in the background, for whom nothing else on a small screen may tell.
fn behind(model: &Model) -> Option<String> {
    if matches!(model.phase, Phase::Running { .. }) {
        return None;
    }
    match model.history.runs.alive().as_slice() {
        [] => None,
        [one] if one.experiment.is_empty() => Some("● a run goes on".to_owned()),
        [one] => Some(format!("● {} runs", one.experiment)),
        several => Some(format!("● {} runs go on", several.len())),
    }
}

/// Keys with what they do: `a accept · r reject`.
fn hints(model: &Model, commands: &[(Command, &str)]) -> String {
    let shown: Vec<String> = commands
        .iter()
        .filter_map(|(command, word)| model.keys.hint(*command).map(|chord| format!("{chord} {word}")))
        .collect();
    shown.join(" · ")
}

/// The key between the parts of the answer and its code.
fn sheet_key(model: &Model) -> (Command, &'static str) {
    (Command::Sheet, if sheet::is_shown(model) { "code" } else { "parts" })
}

/// Where we are in a word, and the keys that matter there.
fn state(model: &Model) -> (&'static str, Vec<(Command, &'static str)>) {
    match &model.phase {
        Phase::Welcome { .. } => return ("welcome", vec![(Command::Open, "open"), (Command::Quit, "leave")]),
        Phase::Broken(_) => return ("not open", vec![(Command::Quit, "leave")]),
        Phase::Opening { .. } => return ("opening", vec![(Command::Quit, "leave")]),
        Phase::Pricing { .. } => return ("asking the price", vec![(Command::Cancel, "stop")]),
        Phase::Asking { .. } => {
            return ("asking", vec![(Command::Cancel, "stop"), (Command::Fold, "fold"), (Command::Bottom, "follow")]);
        }
        Phase::Replaying(replay) => {
            let word = if replay.is_playing { "pause" } else { "play" };
            let mut keys = vec![(Command::Replay, word), (Command::Cancel, "back"), (Command::Right, "5 s on")];
            keys.extend([(Command::NextFile, "next block"), (Command::Faster, "faster"), (Command::Slower, "slower")]);
            return ("replay", keys);
        }
        Phase::Running { .. } => {
            let keys = vec![(Command::Background, "background"), (Command::Cancel, "stop?"), (Command::Log, "output")];
            return ("running", keys);
        }
        Phase::Ready => {}
    }
    if model.review.is_editing() && model.layout.focused() == Pane::Code {
        return ("editing", vec![(Command::Cancel, "done")]);
    }
    if model.framing.known.is_none() {
        return ("profiling", vec![(Command::Zoom, "zoom"), (Command::NextPane, "next pane")]);
    }
    if model.framing.framing.is_none() {
        return ("not framed", vec![(Command::Frame, "frame the question"), (Command::Warnings, "warnings")]);
    }
    if model.layout.focused() == Pane::Data && !model.dataset.view.steps.is_empty() {
        let keys = vec![
            (Command::TakeBack, "takes back"),
            (Command::Sort, "sort"),
            (Command::CopyRecipe, "copy as pandas"),
            (Command::OnlyThis, "only this"),
            (Command::NotThis, "not this"),
        ];
        return ("a view; the analysis keeps all rows", keys);
    }
    if crate::app::phase::decisions::by_hunk(model) {
        let keys = vec![
            (Command::Accept, "accept hunk"),
            (Command::Reject, "reject hunk"),
            (Command::NextHunk, "next"),
            (Command::AcceptAll, "accept all"),
            (Command::Edit, "edit"),
            (Command::Why, "why"),
        ];
        return ("reviewing", keys);
    }
    if model.review.is_open() {
        let mut keys = vec![(Command::Accept, "accept"), (Command::Reject, "reject")];
        if !model.review.files.is_empty() {
            keys.push((Command::Edit, "edit"));
            let has_parts = model.review.task.is_some_and(sheet::is_first) && sheet::of(model).is_some();
            keys.push(if has_parts { sheet_key(model) } else { (Command::Diff, "diff") });
        }
        return ("reviewing", keys);
    }
    if model.review.decision.allows_run() && !model.review.files.is_empty() {
        return ("accepted", vec![(Command::Run, "run"), sheet_key(model), (Command::Tasks, "ask")]);
    }
    if needs_baseline(model) {
        return ("ready", vec![(Command::Run, "run the baselines"), (Command::Warnings, "warnings")]);
    }
    match model.layout.focused() {
        Pane::History => {
            ("ready", vec![(Command::Open, "open"), (Command::BringBack, "bring back"), (Command::Tasks, "ask")])
        }
        Pane::Data => {
            ("ready", vec![(Command::Warnings, "warnings"), (Command::Frame, "framing"), (Command::Zoom, "zoom")])
        }
        Pane::Thinking => {
            ("ready", vec![(Command::Fold, "fold"), (Command::Search, "search"), (Command::Copy, "copy")])
        }
        Pane::Code => ("ready", vec![(Command::Log, "output"), (Command::Copy, "copy"), (Command::Zoom, "zoom")]),
    }
}
