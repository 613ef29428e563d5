//! The code pane: code with notes beside its lines, what differs, or what the run prints.

use ratatui::layout::Rect;
use similar::{ChangeTag, TextDiff};

use crate::app::Model;
use crate::app::code_rows::{self, From, Row};
use crate::app::live::Live;
use crate::app::phase::decisions::needs_baseline;
use crate::app::review::{File, ReviewPane, View};
use crate::domain::experiment::Decision;
use crate::domain::hunks::{self, Choice};
use crate::domain::pynotes::{Note, Weight};
use crate::domain::suggestion;
use crate::text::figure;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap::{self, pad_left};
use crate::ui::canvas::Canvas;
use crate::ui::highlight::{self, Cache};
use crate::ui::theme::Role;

/// Name and state.
pub fn titles(model: &Model) -> (&'static str, String) {
    let review = &model.review;
    if review.view == View::Sheet
        && let Some(sheet) = crate::app::sheet::of(model)
    {
        let state = crate::app::sheet::state(model);
        let edited = if review.is_edited() && review.is_open() { ", edited" } else { "" };
        let whose = review.experiment.as_deref().map_or_else(String::new, |id| format!("{id} · "));
        return ("Answer", format!("{whose}{} · {state}{edited}", sheet.name));
    }
    if review.view == View::Log
        && let Some(live) = model.history.runs.shown()
    {
        return ("Run", log_state(model, live));
    }
    if let Some(file) = review.growing.files.last() {
        return ("Code", format!("{} · being written", sanitize_for(Place::Code, &file.path)));
    }
    let Some(file) = review.file() else { return ("Code", "nothing under review".to_owned()) };
    let which = if review.files.len() > 1 {
        format!("{} of {} · ", review.current + 1, review.files.len())
    } else {
        String::new()
    };
    let state = match (review.is_editing(), &review.deciding, review.decision) {
        (true, _, _) => "editing",
        (false, Some(_), _) => "being written down",
        (false, None, Decision::Pending) if review.is_edited() => "edited, undecided",
        (false, None, Decision::Pending) => "undecided",
        (false, None, decision) => decision.word(),
    };
    let view = if review.view == View::Diff { " · what differs" } else { "" };
    let hunk = if file.has_hunks() && review.is_by_hunk() {
        format!("hunk {} of {} · ", file.hunk + 1, file.hunks.len())
    } else {
        String::new()
    };
    ("Code", format!("{which}{} · {hunk}{state}{view}", sanitize_for(Place::Code, &file.now.path)))
}

fn log_state(model: &Model, live: &Live) -> String {
    let n_folds = model.framing.framing.as_ref().map_or(0, |framing| framing.folds * framing.repeats.max(1));
    let mut parts = vec![live.experiment.clone()];
    if n_folds > 0 && !live.folds.is_empty() {
        parts.push(format!("{}/{n_folds} folds", live.folds.len()));
    }
    if let Some(level) = live.level {
        parts.push(format!("sandbox {}", level.word()));
        if model.history.has_network(&live.run_id) {
            parts.push("network allowed".to_owned());
        }
    }
    if !live.is_over {
        let seconds = (model.meter.now.saturating_sub(live.since) + live.ran_ms) / 1000;
        let n_done = live.folds.len() as u64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds")]
        let all = match (n_done, u64::from(n_folds)) {
            // The folds that are done say more than the few rows of a dry run.
            (1.., n) if n_done < n => Some(seconds * n / n_done),
            (1.., _) => None,
            _ => live.predicted_s.map(|s| s.max(0.0) as u64),
        };
        let of = all.map_or_else(String::new, |all| format!(" of about {}", figure::clock(all)));
        parts.push(format!("{}{of}", figure::clock(seconds)));
        if let Some(limit) = model.history.run_limit(&live.run_id) {
            parts.push(format!("ends at {}", figure::clock(limit.saturating_add(live.granted_s))));
        }
    }
    if model.history.runs.n_alive() > 1 {
        parts.push(format!("{} runs", model.history.runs.n_alive()));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// The pane.
pub fn pane(model: &Model, canvas: &mut Canvas<'_>, cache: &mut Cache, inner: Rect) {
    let review = &model.review;
    match (model.history.runs.shown(), review.view) {
        (Some(live), View::Log) => return super::log::pane(model, live, canvas, inner),
        _ if !review.growing.files.is_empty() => return growing(review, canvas, cache, inner),
        _ => {}
    }
    if review.view == View::Sheet && review.editor.is_none() {
        return super::sheet::pane(model, canvas, inner);
    }
    if let Some(editor) = &review.editor {
        return edit(editor, canvas, inner);
    }
    let Some(file) = review.file() else { return empty(model, canvas, inner) };
    if review.view == View::Diff { diff(review, file, canvas, inner) } else { code(review, file, canvas, cache, inner) }
}

fn empty(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let review = &model.review;
    let mut lines: Vec<(String, Role)> = Vec::new();
    if review.experiment.is_some() && review.is_open() {
        let needs_file = review.task.is_some_and(|task| task.file().is_some());
        let said = if needs_file {
            "This answer holds no code, so it can't be accepted. r rejects it with a reason."
        } else {
            "This answer holds no code. a keeps it, r rejects it with a reason."
        };
        lines.push((said.into(), Role::Screen));
        if !review.warnings.is_empty() {
            lines.push(("R asks again and says what was missing:".into(), Role::Screen));
        }
    } else if model.framing.framing.is_some() && needs_baseline(model) {
        lines.push(("x runs the baselines: first no effort, then a straight line.".into(), Role::Screen));
        lines.push(("No model is asked for them, and everything later is compared with them.".into(), Role::Dim));
    } else {
        lines.push(("Proposed code comes here, and runs only after you accepted it.".into(), Role::Dim));
    }
    lines.extend(review.warnings.iter().map(|warning| (warning.to_string(), Role::Caution)));
    for (y, (text, role)) in (inner.y + 1..inner.bottom()).zip(lines) {
        canvas.put(inner.x + 2, y, inner.width.saturating_sub(3), &text, role);
    }
}

fn growing(review: &ReviewPane, canvas: &mut Canvas<'_>, cache: &mut Cache, inner: Rect) {
    let Some(file) = review.growing.files.last() else { return };
    let lines = cache.python(file.code.expose());
    let n = lines.len();
    let first = n.saturating_sub(usize::from(inner.height));
    for (y, (idx, line)) in (inner.y..inner.bottom()).zip(lines.iter().enumerate().skip(first)) {
        let x = gutter(canvas, inner, y, Some(idx + 1), " ");
        canvas.put_pieces(
            x,
            y,
            inner.right().saturating_sub(x),
            line.iter().map(|(text, role)| (text.as_str(), *role)),
        );
    }
}

fn gutter(canvas: &mut Canvas<'_>, inner: Rect, y: u16, number: Option<usize>, sign: &str) -> u16 {
    let text = number.map_or_else(|| "    ".to_owned(), |number| pad_left(&number.to_string(), 4));
    let role = match sign {
        "+" => Role::Added,
        "-" => Role::Removed,
        _ => Role::Faint,
    };
    canvas.put(inner.x, y, 5, &text, Role::Faint);
    canvas.put(inner.x + 5, y, 2, sign, role);
    inner.x + 7
}

fn code(review: &ReviewPane, file: &File, canvas: &mut Canvas<'_>, cache: &mut Cache, inner: Rect) {
    let is_python = suggestion::is_python(&file.now.path);
    let lines =
        if is_python { cache.python(file.target.expose()).clone() } else { highlight::plain(file.target.expose()) };
    let old = hunks::lines(file.old());
    let card = review.card();
    let rows = code_rows::rows(review, &card, usize::from(inner.width));
    for (y, row) in (inner.y..inner.bottom()).zip(rows.iter().skip(review.first)) {
        match *row {
            Row::Card(at, part) => card_row(canvas, inner, y, (at, &card[at]), part),
            Row::Hunk(at) => heading(canvas, inner, y, file, at, review.is_open()),
            Row::Line { number, from, hunk, part } => {
                let is_there = number.is_some();
                let sign = match (from, hunk) {
                    _ if part > 0 => "↪",
                    (From::Old(_), _) => "-",
                    (From::New(_), Some(_)) => "+",
                    (From::New(_), None) => " ",
                };
                let x = gutter(canvas, inner, y, number.filter(|_| part == 0), sign);
                if hunk == Some(file.hunk) && review.is_open() {
                    canvas.put(inner.x + 6, y, 1, "▌", Role::Accent);
                }
                let width = inner.right().saturating_sub(x);
                // What is not in the file as it stands is dim, whichever side it is from.
                match from {
                    From::New(at) if is_there => {
                        let pieces =
                            lines.get(at).map_or_else(Vec::new, |line| part_of(line, usize::from(width), part));
                        canvas.put_pieces(x, y, width, pieces.iter().map(|(text, role)| (text.as_str(), *role)));
                    }
                    From::New(at) => {
                        let text: String = lines.get(at).into_iter().flatten().map(|(text, _)| text.as_str()).collect();
                        faded(canvas, (x, y, width), &text, part, Role::Faint);
                    }
                    From::Old(at) => {
                        let text = old.get(at).map_or("", |text| text.trim_end_matches(['\n', '\r']));
                        let role = if is_there { Role::Screen } else { Role::Removed };
                        faded(canvas, (x, y, width), sanitize_for(Place::Code, text).as_str(), part, role);
                    }
                }
            }
            Row::Note(at) => note(canvas, inner, y, &file.notes[at]),
        }
    }
}

fn card_row(canvas: &mut Canvas<'_>, inner: Rect, y: u16, (at, text): (usize, &str), part: usize) {
    let width = inner.width.saturating_sub(2);
    let role = match text.starts_with("! ") {
        true => Role::Caution,
        false if at == 0 => Role::Emphasis,
        false => Role::Screen,
    };
    if let Some(piece) = wrap::wrap(text, usize::from(width)).get(part) {
        canvas.put(inner.x + 1, y, width + 1, &text[piece.clone()], role);
    }
}

/// Which hunk it is, and what was decided.
fn heading(canvas: &mut Canvas<'_>, inner: Rect, y: u16, file: &File, at: usize, is_open: bool) {
    let hunk = &file.hunks[at];
    let (word, role) = match &hunk.choice {
        Choice::Undecided if is_open => ("undecided".to_owned(), Role::Accent),
        Choice::Undecided => ("taken".to_owned(), Role::Dim),
        Choice::Accepted => ("✓ accepted".to_owned(), Role::Good),
        Choice::Rejected(reason) if reason.is_empty() => ("✗ rejected".to_owned(), Role::Bad),
        Choice::Rejected(reason) => (format!("✗ rejected: {}", sanitize_for(Place::Cell, reason)), Role::Bad),
    };
    let name = format!("hunk {} of {} · ", at + 1, file.hunks.len());
    let role = if at == file.hunk || hunk.choice != Choice::Undecided { role } else { Role::Dim };
    let x = inner.x + 5;
    let taken = canvas.put(x, y, inner.width.saturating_sub(5), &name, Role::Dim);
    canvas.put(x + taken, y, inner.right().saturating_sub(x + taken), &word, role);
}

fn note(canvas: &mut Canvas<'_>, inner: Rect, y: u16, note: &Note) {
    let (sign, role) = match note.weight {
        Weight::Good => ("✓", Role::Good),
        Weight::Plain => ("·", Role::Dim),
        Weight::Caution => ("!", Role::Caution),
        Weight::Bad => ("✗", Role::Bad),
    };
    canvas.put(inner.x + 5, y, 1, "┊", Role::Faint);
    canvas.put_pieces(
        inner.x + 11,
        y,
        inner.width.saturating_sub(11),
        [(sign, role), (" ", role), (note.text.as_str(), role)],
    );
}

/// One part of a coloured line that is longer than the pane is wide.
fn part_of(line: &[(String, Role)], columns: usize, part: usize) -> Vec<(String, Role)> {
    let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
    let ranges = code_rows::split(&text, columns.saturating_sub(1).max(8));
    let Some(range) = ranges.get(part) else { return Vec::new() };
    let mut at = 0;
    let mut pieces = Vec::new();
    for (text, role) in line {
        let (start, end) = (range.start.max(at), range.end.min(at + text.len()));
        if start < end {
            pieces.push((text[start - at..end - at].to_owned(), *role));
        }
        at += text.len();
    }
    pieces
}

fn faded(canvas: &mut Canvas<'_>, (x, y, width): (u16, u16, u16), text: &str, part: usize, role: Role) {
    let ranges = code_rows::split(text, usize::from(width).saturating_sub(1).max(8));
    if let Some(range) = ranges.get(part) {
        canvas.put(x, y, width, &text[range.clone()], role);
    }
}

fn diff(review: &ReviewPane, file: &File, canvas: &mut Canvas<'_>, inner: Rect) {
    let (old, what) = match &file.before {
        Some(before) if !review.is_edited() => (before.expose(), "against the version that was accepted last"),
        _ if review.is_edited() => (file.proposed.expose(), "your edit against what was proposed"),
        _ => {
            canvas.put(
                inner.x + 2,
                inner.y + 1,
                inner.width.saturating_sub(3),
                "There is no version before this one.",
                Role::Dim,
            );
            return;
        }
    };
    let changes = TextDiff::from_lines(old, file.now.code.expose());
    canvas.put(inner.x + 1, inner.y, inner.width.saturating_sub(1), what, Role::Dim);
    let lines = changes.grouped_ops(3).into_iter().enumerate().flat_map(|(idx, group)| {
        let gap = (idx > 0).then(|| (ChangeTag::Equal, "⋯".to_owned(), None));
        let inside: Vec<_> = group
            .iter()
            .flat_map(|operation| changes.iter_changes(operation))
            .map(|change| (change.tag(), change.value().trim_end_matches('\n').to_owned(), change.new_index()))
            .collect();
        gap.into_iter().chain(inside)
    });
    for (y, (tag, text, number)) in (inner.y + 1..inner.bottom()).zip(lines.skip(review.first)) {
        let (sign, role) = match tag {
            ChangeTag::Equal => (" ", Role::Dim),
            ChangeTag::Insert => ("+", Role::Added),
            ChangeTag::Delete => ("-", Role::Removed),
        };
        let x = gutter(canvas, inner, y, number.map(|number| number + 1), sign);
        canvas.put(x, y, inner.right().saturating_sub(x), sanitize_for(Place::Code, &text).as_str(), role);
    }
}

fn edit(editor: &crate::app::editor::Editor, canvas: &mut Canvas<'_>, inner: Rect) {
    let (line, column) = editor.cursor();
    let hint = format!("line {}, column {} · Esc takes the edit over", line + 1, column + 1);
    let area = Rect { height: inner.height.saturating_sub(1), ..inner };
    draw_area(editor, canvas, area, true);
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, &hint, Role::Dim);
}

/// Draws a text area in the colours of the theme.
pub fn draw_area(editor: &crate::app::editor::Editor, canvas: &mut Canvas<'_>, area: Rect, with_numbers: bool) {
    use ratatui::widgets::Widget;

    let mut drawn = editor.area().clone();
    drawn.set_style(canvas.style(Role::Screen));
    drawn.set_cursor_line_style(canvas.style(Role::Screen));
    drawn.set_cursor_style(canvas.style(Role::Cell));
    if with_numbers {
        drawn.set_line_number_style(canvas.style(Role::Faint));
    }
    (&drawn).render(area, canvas.buffer());
    canvas.reveal(area);
}
