//! The thinking pane: blocks as they stream, drawn from the line in sight, whatever lies above.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::phase::{Phase, Waiting};
use crate::app::transcript::{At, Block, Shown, Transcript};
use crate::domain::tools::Tool;
use crate::text::figure;
use crate::text::markdown::{Tone, style};
use crate::ui::canvas::Canvas;
use crate::ui::replay;
use crate::ui::theme::Role;

/// Name and state.
pub fn titles(model: &Model) -> (&'static str, String) {
    let now = model.meter.now;
    let elapsed = |since: u64| figure::clock(now.saturating_sub(since) / 1000);
    let state = match &model.phase {
        Phase::Pricing { task, since, .. } => format!("{} · finding out the price · {}", task.id(), elapsed(*since)),
        Phase::Asking { task, since, waiting, .. } => {
            let what = match waiting {
                Waiting::Connection => "waiting for the server".to_owned(),
                Waiting::FirstEvent => "the server reads".to_owned(),
                Waiting::Retry { why, until } => {
                    format!("{why}, again in {} s", until.saturating_sub(now).div_ceil(1000))
                }
                Waiting::Stop => "stopping".to_owned(),
                Waiting::Nothing => live(&model.transcript, now),
            };
            format!("{} · {} · {what}", task.id(), elapsed(*since))
        }
        Phase::Replaying(replay) => {
            let live = if replay.is_playing { "playing" } else { "paused" };
            format!("replay · {live} · ~{} tokens", figure::tokens(model.transcript.n_tokens()))
        }
        _ if model.transcript.blocks.is_empty() => "nothing asked yet".to_owned(),
        _ => format!("{} tokens", figure::tokens(model.transcript.n_tokens())),
    };
    ("Thinking", state)
}

/// A stream that is silent looks different from one that flows.
fn live(transcript: &Transcript, now: u64) -> String {
    let tokens = format!("~{} tokens", figure::tokens(transcript.n_tokens()));
    match transcript.last_arrival.map(|at| now.saturating_sub(at) / 1000) {
        Some(silent) if silent >= 3 => format!("{tokens} · silent for {}", figure::clock(silent)),
        _ => format!("{tokens} · live"),
    }
}

/// The pane.
pub fn pane(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let transcript = &model.transcript;
    if transcript.blocks.is_empty() {
        return empty(model, canvas, inner);
    }
    if inner.height < 2 {
        return;
    }
    let mut body = Rect { height: inner.height - 1, ..inner };
    let n_rows = usize::from(body.height);
    if transcript.n_lines() > n_rows && !transcript.calls().is_empty() && body.width > 20 {
        body.width -= 1;
        rail(transcript, canvas, Rect { x: body.right(), width: 1, ..body });
    }
    let mut rows: Vec<Row> = Vec::with_capacity(n_rows);
    match transcript.anchor {
        Some(anchor) => {
            let mut at = Some(anchor);
            while let Some(line) = at.filter(|_| rows.len() < n_rows) {
                rows.extend(rows_of(model, line, body.width));
                at = transcript.next(line);
            }
            rows.truncate(n_rows);
        }
        None => {
            let mut at = Some(transcript.end_at());
            while let Some(line) = at.filter(|_| rows.len() < n_rows) {
                let mut above = rows_of(model, line, body.width);
                above.append(&mut rows);
                rows = above;
                at = transcript.previous(line);
            }
            let surplus = rows.len().saturating_sub(n_rows);
            rows.drain(..surplus);
        }
    }
    let needle = transcript.search.needle.as_deref().unwrap_or_default();
    for (y, row) in (body.y..).zip(&rows) {
        row.draw(canvas, body, y, needle);
    }
    footer(model, canvas, Rect { y: inner.bottom() - 1, height: 1, ..inner });
}

/// The whole text as one column at the side: where one is, and where tools were called. It costs what there are blocks.
fn rail(transcript: &Transcript, canvas: &mut Canvas<'_>, rect: Rect) {
    let n = transcript.n_lines().max(1);
    let row = |line: usize| {
        let row = line * usize::from(rect.height) / n;
        rect.y + u16::try_from(row).unwrap_or(u16::MAX).min(rect.height.saturating_sub(1))
    };
    let here = transcript.anchor.unwrap_or_else(|| transcript.end_at());
    canvas.put(rect.x, row(transcript.line_number(here)), 1, "▐", Role::Faint);
    for line in transcript.calls() {
        canvas.put(rect.x, row(line), 1, "◆", Role::Accent);
    }
}

/// One row on the screen: pieces with their roles, and what stands at the right.
struct Row {
    pieces: Vec<(String, Role)>,
    right: Option<String>,
}

impl Row {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, y: u16, needle: &str) {
        let mut width = body.width;
        if let Some(right) = &self.right {
            let start = canvas.put_right(body.right(), y, body.width / 2, right, Role::Faint);
            width = start.saturating_sub(body.x + 1);
        }
        let mut at = 0;
        for (text, role) in &self.pieces {
            at += put_marked(canvas, (body.x + at, y, width.saturating_sub(at)), text, *role, needle);
        }
    }
}

/// Puts a piece with every match of the search marked.
fn put_marked(canvas: &mut Canvas<'_>, (x, y, width): (u16, u16, u16), text: &str, role: Role, needle: &str) -> u16 {
    if needle.is_empty() {
        return canvas.put(x, y, width, text, role);
    }
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return canvas.put(x, y, width, text, role);
    }
    let mut taken = 0;
    let mut from = 0;
    while let Some(found) = lower[from..].find(needle).map(|at| at + from) {
        taken += canvas.put(x + taken, y, width.saturating_sub(taken), &text[from..found], role);
        taken += canvas.put(x + taken, y, width.saturating_sub(taken), &text[found..found + needle.len()], Role::Match);
        from = found + needle.len();
    }
    taken + canvas.put(x + taken, y, width.saturating_sub(taken), &text[from..], role)
}

fn rows_of(model: &Model, at: At, width: u16) -> Vec<Row> {
    let Some(block) = model.transcript.blocks.get(at.block) else { return Vec::new() };
    if at.line == 0 {
        return heading(model, at.block, block);
    }
    let Some((line, state)) = block.lines.line(at.line - 1).filter(|(_, state)| !state.in_file()) else {
        return Vec::new();
    };
    let indent = 2;
    let columns = usize::from(width).saturating_sub(indent).max(8);
    let base = match block.kind {
        Shown::Thinking | Shown::Question | Shown::Redacted => Role::Dim,
        Shown::Note => Role::Caution,
        Shown::Answer | Shown::Tool(_) => Role::Screen,
    };
    style(line, state)
        .rows(columns)
        .into_iter()
        .enumerate()
        .map(|(idx, pieces)| {
            let hang = if idx == 0 { 0 } else { style(line, state).hang };
            let mut row = vec![(" ".repeat(indent + hang), base)];
            row.extend(pieces.into_iter().map(|(text, tone)| (text.to_owned(), role_of(tone, base))));
            Row { pieces: row, right: None }
        })
        .collect()
}

fn role_of(tone: Tone, base: Role) -> Role {
    match tone {
        Tone::Plain => base,
        Tone::Strong => Role::Strong,
        Tone::Emphasis => Role::Emphasis,
        Tone::Code | Tone::Fenced => Role::Code,
        Tone::Heading => Role::Heading,
        Tone::Dim => Role::Faint,
    }
}

fn heading(model: &Model, idx: usize, block: &Block) -> Vec<Row> {
    let arrow = if block.is_folded { "▸" } else { "▾" };
    let title = match &block.kind {
        Shown::Question => return question(block),
        Shown::Thinking => "Thinking".to_owned(),
        Shown::Answer => "Answer".to_owned(),
        Shown::Tool(name) => return tool(model, idx, block, name.as_str()),
        Shown::Redacted => "Thinking that only the server can read".to_owned(),
        Shown::Note => return Vec::new(),
    };
    let now = model.transcript.clock.unwrap_or(model.meter.now);
    let seconds = block.until.unwrap_or(now).saturating_sub(block.since) / 1000;
    let mut right = figure::tokens(block.n_tokens());
    // How long a block took that was read from disk is not known.
    if block.until != Some(block.since) {
        right.push_str(&format!(" · {}", figure::clock(seconds)));
    }
    let mut rows = Vec::new();
    if idx > 0 {
        rows.push(Row { pieces: Vec::new(), right: None });
    }
    rows.push(Row { pieces: vec![(format!("{arrow} "), Role::Accent), (title, Role::Title)], right: Some(right) });
    rows
}

/// A call of a tool in one line: its name, the beginning of its input, what it gave.
fn tool(model: &Model, idx: usize, block: &Block, name: &str) -> Vec<Row> {
    let arrow = if block.is_folded { "▸" } else { "▾" };
    let input = block.lines.line(0).map(|(line, _)| line.trim_end()).unwrap_or_default();
    let files: Vec<&str> = model.review.growing_paths();
    let input: String = if name == Tool::ProposeFiles.name() {
        // The code stands in its own pane.
        files.join(", ")
    } else {
        input.chars().take(160).collect()
    };
    let (given, role) = match &block.result {
        None if block.until.is_none() => ("…".to_owned(), Role::Faint),
        None => (String::new(), Role::Faint),
        Some((summary, false)) => (format!("→ {}", summary.as_str()), Role::Dim),
        Some((summary, true)) => (format!("→ failed: {}", summary.as_str()), Role::Caution),
    };
    let mut rows = Vec::new();
    if idx > 0 && !model.transcript.blocks.get(idx - 1).is_some_and(|before| matches!(before.kind, Shown::Tool(_))) {
        rows.push(Row { pieces: Vec::new(), right: None });
    }
    rows.push(Row {
        pieces: vec![
            (format!("{arrow} "), Role::Accent),
            (name.to_owned(), Role::Title),
            (format!("  {input} "), Role::Dim),
            (given, role),
        ],
        right: None,
    });
    rows
}

fn question(block: &Block) -> Vec<Row> {
    let text = block.lines.line(0).map(|(line, _)| line.to_owned()).unwrap_or_default();
    vec![Row { pieces: vec![("◦ ".to_owned(), Role::Faint), (text, Role::Dim)], right: None }]
}

fn footer(model: &Model, canvas: &mut Canvas<'_>, line: Rect) {
    let transcript = &model.transcript;
    if let Some(needle) = &transcript.search.needle {
        let hint = if transcript.search.is_typing() {
            "Enter finds · Esc closes"
        } else {
            "n next · N before · Esc closes"
        };
        let cursor = if transcript.search.is_typing() { "▏" } else { "" };
        let start = canvas.put_right(line.right(), line.y, line.width / 2, hint, Role::Dim);
        canvas.put_pieces(
            line.x,
            line.y,
            start.saturating_sub(line.x + 1),
            [("/", Role::Accent), (needle.as_str(), Role::Screen), (cursor, Role::Accent)],
        );
        return;
    }
    if let Phase::Replaying(replay) = &model.phase {
        return replay::time_line(replay, canvas, line);
    }
    let is_live = matches!(model.phase, Phase::Asking { .. });
    let said = match (transcript.anchor, is_live) {
        (None, true) => "↓ following · Esc stops",
        (Some(_), true) => "reading · G follows · Esc stops",
        (Some(_), false) => "reading · G to the end",
        (None, false) => "",
    };
    canvas.put_right(line.right(), line.y, line.width, said, Role::Dim);
}

fn empty(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let endpoint = format!("Answers come from: {}", model.meter.endpoint);
    let lines: Vec<(&str, Role)> = match (&model.framing.known, &model.framing.framing) {
        (None, _) => vec![("The data is being looked at first.", Role::Dim)],
        (Some(_), None) => vec![
            ("First the question is framed: F shows what is proposed.", Role::Screen),
            (endpoint.as_str(), Role::Dim),
        ],
        (Some(_), Some(_)) => {
            vec![("t chooses what to ask for, i takes your own words.", Role::Screen), (endpoint.as_str(), Role::Dim)]
        }
    };
    for (y, (text, role)) in (inner.y + 1..inner.bottom()).zip(lines) {
        canvas.put(inner.x + 2, y, inner.width.saturating_sub(3), text, role);
    }
}
