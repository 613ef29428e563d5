//! What belongs to looking at the table: the line for searches and views, a whole cell, the values of a column.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::cell::Viewer;
use crate::app::table::{Asks, Passing};
use crate::domain::view::Counts;
use crate::text::chart::bar;
use crate::text::figure;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::wrap::{fit, pad, pad_left, width};
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{boxed, choice, put_on};
use crate::ui::theme::Role;

/// What is typed, what goes on, what is searched for, or how the rows were chosen; whether there was something to say.
pub fn line(model: &Model, canvas: &mut Canvas<'_>, (x, y, room): (u16, u16, u16)) -> bool {
    let data = &model.dataset;
    if let Some(line) = &data.line {
        let (sign, hint) = match line.asks {
            Asks::Search => ("/", "Enter searches · re: begins an expression"),
            Asks::GoTo => ("#", "row number or column name · Enter goes"),
        };
        let safe = crate::safe!("{}", line.text);
        // The end of what is typed stays in sight.
        let n_columns = usize::from(room.saturating_sub(2));
        let mut from = 0;
        while width(&safe.as_str()[from..]) > n_columns {
            from += safe.as_str()[from..].chars().next().map_or(1, char::len_utf8);
        }
        let pieces = [(sign, Role::Accent), (&safe.as_str()[from..], Role::Screen), ("▏", Role::Accent)];
        let taken = canvas.put_pieces(x, y, room, pieces);
        let rest = room.saturating_sub(taken + 2);
        if usize::from(rest) >= width(hint) {
            canvas.put(x + taken + 2, y, rest, hint, Role::Dim);
        }
        return true;
    }
    if let Some(passing) = &data.passing {
        canvas.put(x, y, room, &format!("{} · Esc stops", progress(model, passing)), Role::Accent);
        return true;
    }
    if let Some((needle, _)) = &data.find.needle {
        let prefix = if needle.is_regex { "/re:" } else { "/" };
        let text = crate::safe!("{}", needle.text);
        let hint = "n next · N before · Esc ends it";
        let n_text = usize::from(room).saturating_sub(width(hint) + prefix.len() + 2).max(8);
        let text = fit(text.as_str(), n_text);
        let pieces = [(prefix, Role::Accent), (text.as_str(), Role::Screen), ("  ", Role::Dim), (hint, Role::Dim)];
        canvas.put_pieces(x, y, room, pieces);
        return true;
    }
    if let (Some(source), false) = (&data.source, data.view.steps.is_empty()) {
        let recipe = sanitize_for(Place::Cell, &data.view.recipe(&source.columns));
        canvas.put(x, y, room, recipe.as_str(), Role::Code);
        return true;
    }
    false
}

/// How far a pass is: its share of the file, which pass where there are several, and since when.
fn progress(model: &Model, passing: &Passing) -> String {
    let size = model.dataset.source.as_ref().map_or(0, |source| source.n_bytes);
    let seconds = model.meter.now.saturating_sub(passing.since) / 1000;
    let mut said = vec![passing.work.word().to_owned()];
    if let (n, Some(percent)) = (passing.n_bytes, (passing.n_bytes * 100).checked_div(size)) {
        let pass = percent / 100;
        said.push(match (n, pass) {
            (0, _) => "begins".to_owned(),
            (_, 0) => format!("{percent} %"),
            _ => format!("{} % of pass {}", percent % 100, pass + 1),
        });
    }
    said.push(figure::clock(seconds));
    said.join(" · ")
}

/// A whole cell.
pub fn cell(canvas: &mut Canvas<'_>, body: Rect, viewer: &Viewer) {
    let mut said = vec![viewer.title.to_string(), figure::plural(viewer.n_chars, "character")];
    if viewer.is_json {
        said.push("JSON, laid out".to_owned());
    }
    if viewer.is_cut {
        said.push("only the first million is shown".to_owned());
    }
    let inner = boxed(canvas, body, "Cell", &said.join(" · "));
    for (y, row) in (inner.y..inner.bottom().saturating_sub(1)).zip(viewer.in_sight()) {
        canvas.put(inner.x, y, inner.width, row, Role::Screen);
    }
    let keys = format!("line {} of {} · y copies · Esc closes", viewer.first + 1, viewer.n_rows().max(1));
    canvas.put_right(inner.right(), inner.bottom().saturating_sub(1), inner.width, &keys, Role::Dim);
}

/// The values of a column with their numbers of rows, shares and bars.
pub fn counts(model: &Model, canvas: &mut Canvas<'_>, body: Rect, counts: &Counts, selected: usize) {
    let name = model.dataset.source.as_ref().and_then(|source| source.columns.get(counts.column));
    let name = name.map(|column| column.label.to_string()).unwrap_or_default();
    let least = if counts.is_cut { " or more" } else { "" };
    let state = format!(
        "{name} · {}{least} in all {}",
        figure::plural(counts.n_distinct, "value"),
        figure::plural(counts.n_rows, "row")
    );
    let inner = boxed(canvas, body, "Values", &state);
    let n_rows = usize::from(inner.height.saturating_sub(1));
    let first = selected.saturating_sub(n_rows.saturating_sub(1));
    let most = counts.values.first().map_or(1, |(_, n)| *n).max(1);
    let n_digits = u16::try_from(width(&figure::count(most))).unwrap_or(9).max(4);
    // Value, count, share, bar.
    let n_value = inner.width.saturating_sub(n_digits + 9).min(inner.width / 2);
    let n_bar = inner.width.saturating_sub(n_value + n_digits + 10);
    for (y, (idx, (value, n))) in
        (inner.y..inner.bottom().saturating_sub(1)).zip(counts.values.iter().enumerate().skip(first))
    {
        let is_selected = idx == selected;
        choice(canvas, inner, y, is_selected);
        let (text, role) = match value {
            Some(value) => (sanitize_for(Place::Cell, value.expose()), Role::Screen),
            None => ("∅ no value".into(), Role::Dim),
        };
        put_on(canvas, (inner.x, y, n_value), &pad(text.as_str(), usize::from(n_value)), role, is_selected);
        let mut x = inner.x + n_value;
        let number = pad_left(&figure::count(*n), usize::from(n_digits + 1));
        x += put_on(canvas, (x, y, n_digits + 1), &number, Role::Screen, is_selected);
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = figure::share(*n as f64 / counts.n_rows.max(1) as f64);
        x += put_on(canvas, (x, y, 8), &pad_left(&share, 8), Role::Dim, is_selected) + 1;
        put_on(canvas, (x, y, n_bar), &bar(*n, most, usize::from(n_bar)), Role::Bar, is_selected);
    }
    let said = "Enter shows only its rows · Esc closes";
    canvas.put_right(inner.right(), inner.bottom().saturating_sub(1), inner.width, said, Role::Dim);
}
