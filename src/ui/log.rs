//! A run as it goes on: what is done, fold scores, bars, curves, alarms, what it uses, what it prints.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::layout::Pane;
use crate::app::live::Live;
use crate::app::phase::Phase;
use crate::text::chart::{self, Series};
use crate::text::figure;
use crate::text::wrap::{self, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// The tones of curves, in order.
const TONES: [Role; 4] = [Role::Accent, Role::Good, Role::Caution, Role::Screen];
/// Rows that curves get at most.
const CHART_ROWS: u16 = 9;
/// Bars and alarms that are shown at most.
const MOST: usize = 3;

/// The pane.
pub fn pane(model: &Model, live: &Live, canvas: &mut Canvas<'_>, inner: Rect) {
    let mut y = inner.y;
    // A reason for a failure may be long, and its end says what to do.
    let width = inner.width.saturating_sub(2);
    for row in wrap(live.stage.as_str(), usize::from(width)).into_iter().take(usize::from(inner.height / 2)) {
        canvas.put(inner.x + 1, y, width, &live.stage.as_str()[row], Role::Screen);
        y += 1;
    }
    y = scores(model, live, canvas, inner, y);
    for (fold, label, done, total) in live.bars.iter().rev().take(MOST) {
        let text = bar(*fold, label, *done, *total, usize::from(width));
        canvas.put(inner.x + 1, y, width, &text, Role::Screen);
        y += 1;
    }
    for alarm in live.hint.iter().chain(live.alarms.iter().rev()).take(MOST) {
        for row in wrap(alarm.as_str(), usize::from(width.saturating_sub(2))).into_iter().take(2) {
            canvas.put_pieces(inner.x + 1, y, width, [("! ", Role::Caution), (&alarm.as_str()[row], Role::Caution)]);
            y += 1;
        }
    }
    y = curves(live, canvas, inner, y);
    let load = live.load.words();
    if !load.is_empty() && !live.is_over {
        canvas.put(inner.x + 1, y, width, &load, Role::Dim);
        y += 1;
    }
    y += 1;
    printed(model, live, canvas, inner, y);
}

/// The score of each fold that is done.
fn scores(model: &Model, live: &Live, canvas: &mut Canvas<'_>, inner: Rect, y: u16) -> u16 {
    let Some(framing) = model.framing.framing.as_ref().filter(|_| !live.folds.is_empty()) else { return y };
    let metric = framing.metric.name();
    let n_folds = (framing.folds * framing.repeats.max(1)).max(live.folds.last().map_or(0, |fold| fold.fold + 1));
    let score = |number: u32| match live.folds.iter().find(|fold| fold.fold == number) {
        Some(fold) => fold.metrics.get(metric).copied().flatten().map_or_else(|| "–".to_owned(), figure::score),
        None => "…".to_owned(),
    };
    // Of many folds the latest are in sight.
    let room = usize::from(inner.width).saturating_sub(wrap::width(metric) + 6) / 6;
    let first = n_folds
        .saturating_sub(u32::try_from(room).unwrap_or(u32::MAX))
        .min(u32::try_from(live.folds.len()).unwrap_or(0));
    let scores: Vec<String> = (first..n_folds).map(score).collect();
    let scores = scores.join("  ");
    let pieces = [(metric, Role::Dim), ("  ", Role::Dim), (scores.as_str(), Role::Good)];
    canvas.put_pieces(inner.x + 1, y, inner.width.saturating_sub(1), pieces);
    y + 1
}

/// `fold 2 · epochs  ███████░░░  14 of 20`
fn bar(fold: u32, label: &str, done: u64, total: Option<u64>, width: usize) -> String {
    let name = format!("fold {} · {label}", fold + 1);
    let Some(total) = total.filter(|total| *total > 0) else { return format!("{name}  {}", figure::count(done)) };
    let counts = format!("{} of {}", figure::count(done), figure::count(total));
    let room = width.saturating_sub(wrap::width(&name) + wrap::width(&counts) + 4).min(40);
    let share = crate::domain::profile::share(done.min(total), total);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "columns")]
    let full = (share * room as f64).round() as usize;
    format!("{name}  {}{}  {counts}", "█".repeat(full), "░".repeat(room - full.min(room)))
}

/// Curves of the fold that told last.
fn curves(live: &Live, canvas: &mut Canvas<'_>, inner: Rect, mut y: u16) -> u16 {
    let drawn = live.drawn();
    let rows = CHART_ROWS.min(inner.height.saturating_sub(y - inner.y + 6));
    if drawn.is_empty() || rows < 4 {
        return y;
    }
    let series: Vec<Series<'_>> = drawn.iter().map(|(name, points)| Series { name, points }).collect();
    for row in chart::braille(&series, usize::from(inner.width.saturating_sub(2)), usize::from(rows)) {
        let mut x = inner.x + 1;
        for (glyph, of) in row {
            let role = if of == usize::MAX { Role::Dim } else { TONES[of % TONES.len()] };
            x += canvas.put(x, y, inner.right().saturating_sub(x), &glyph.to_string(), role);
        }
        y += 1;
    }
    let mut x = inner.x + 1;
    for (at, (name, points)) in drawn.iter().enumerate() {
        let last = points.last().map_or_else(String::new, |(_, value)| figure::value(*value));
        let text = format!("{name} {last}   ");
        x += canvas.put(x, y, inner.right().saturating_sub(x), &text, TONES[at % TONES.len()]);
    }
    y + 1
}

/// What it printed.
fn printed(model: &Model, live: &Live, canvas: &mut Canvas<'_>, inner: Rect, y: u16) {
    let rows = usize::from(inner.bottom().saturating_sub(y + 1));
    let follow = matches!(model.phase, Phase::Running { .. }) || model.layout.focused() != Pane::Code;
    let first = if follow {
        live.log.len().saturating_sub(rows)
    } else {
        model.review.first.min(live.log.len().saturating_sub(1))
    };
    if live.log.is_empty() && !live.run_id.is_empty() {
        canvas.put(inner.x + 1, y, inner.width.saturating_sub(1), "It has printed nothing.", Role::Dim);
    }
    for (line, idx) in (y..).zip(first..live.log.len()).take(rows) {
        if let Some((text, _)) = live.log.line(idx) {
            canvas.put(inner.x + 1, line, inner.width.saturating_sub(1), text, Role::Dim);
        }
    }
    let mut notes = Vec::new();
    if live.n_repeats() > 0 {
        notes.push(format!("the last line came {} more", figure::plural(live.n_repeats(), "time")));
    }
    if live.n_left_out > 0 {
        notes.push(format!("{} before these in the log on disk", figure::plural(live.n_left_out, "line")));
    }
    let hint = if live.is_over { "o shows the code" } else { "& background · Esc asks to stop it" };
    notes.push(hint.to_owned());
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, &notes.join(" · "), Role::Dim);
}
