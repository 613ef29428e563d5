//! The form of a task: a line for each thing that it can be told.

use ratatui::layout::Rect;

use crate::app::form::Form;
use crate::safe;
use crate::text::figure;
use crate::text::wrap::pad;
use crate::ui::canvas::Canvas;
use crate::ui::code::draw_area;
use crate::ui::overlay::{choice, put_on, window};
use crate::ui::theme::Role;

/// Columns of the names.
const NAMES: u16 = 18;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, body: Rect, form: &Form) {
    let n = u16::try_from(form.entries.len()).unwrap_or(8);
    let inner = window(canvas, body, 100, n + 4, "Ask", form.task.id());
    canvas.put(inner.x, inner.y, inner.width, form.task.doc(), Role::Dim);
    let width = inner.width.saturating_sub(NAMES);
    for ((idx, entry), y) in form.entries.iter().enumerate().zip(inner.y + 1..inner.bottom().saturating_sub(2)) {
        let is_selected = idx == form.selected;
        choice(canvas, inner, y, is_selected);
        let name = entry.field.name.replace('_', " ");
        put_on(canvas, (inner.x, y, NAMES), &pad(&name, usize::from(NAMES)), Role::Title, is_selected);
        let at = (inner.x + NAMES, y, width);
        if !entry.field.choices.is_empty() {
            choices(canvas, at, entry.field.choices, &entry.value, is_selected);
        } else if is_selected && !entry.value.is_empty() {
            draw_area(&form.editor, canvas, Rect { x: at.0, y, width, height: 1 }, false);
        } else if entry.value.is_empty() {
            let text = match (entry.proposal.is_empty(), is_selected) {
                (true, _) => entry.field.doc.to_owned(),
                (false, true) => format!("→ takes: {}", entry.proposal),
                (false, false) => format!("proposed: {}", entry.proposal),
            };
            put_on(canvas, at, safe!("{text}").as_str(), Role::Faint, is_selected);
        } else {
            let lines = entry.value.lines().count();
            let text = if lines > 1 { figure::plural(lines as u64, "line") } else { entry.value.clone() };
            put_on(canvas, at, safe!("{text}").as_str(), Role::Screen, is_selected);
        }
    }
    let below = inner.bottom().saturating_sub(2);
    match form.refusal {
        Some(why) => canvas.put_pieces(inner.x, below, inner.width, [("! ", Role::Caution), (why, Role::Caution)]),
        None => canvas.put_pieces(inner.x, below, inner.width, [(hint(form), Role::Dim)]),
    };
    canvas.put_right(
        inner.right(),
        inner.bottom() - 1,
        inner.width,
        if inner.width >= 80 {
            "Enter asks the price · ↑↓ line · → takes what is proposed · Esc closes"
        } else {
            "Enter asks the price · Esc closes"
        },
        Role::Accent,
    );
}

/// What the selected line is for, where it does not say so itself.
fn hint(form: &Form) -> &'static str {
    form.entry()
        .filter(|entry| !entry.value.is_empty() || !entry.proposal.is_empty())
        .map_or("", |entry| entry.field.doc)
}

fn choices(canvas: &mut Canvas<'_>, at: (u16, u16, u16), all: &[&str], value: &str, is_selected: bool) {
    let (mut x, y, mut width) = at;
    for choice in all {
        let is_it = *choice == value;
        let role = if is_it { Role::Accent } else { Role::Faint };
        let sign = if is_it { "● " } else { "○ " };
        let taken = put_on(canvas, (x, y, width), &format!("{sign}{choice}   "), role, is_selected);
        (x, width) = (x + taken, width.saturating_sub(taken));
    }
}
