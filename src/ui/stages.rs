//! The guided flow: in the header in one line, and as a page with what each exit check found.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::domain::flow::{self, Stage};
use crate::safe;
use crate::text::wrap::{pad, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{choice, put_on, window};
use crate::ui::theme::Role;

/// The stages in one line: `explore ✓  features ●  train ○ …`.
pub fn line(stages: &[Stage]) -> String {
    let current = flow::current(stages);
    let each =
        stages.iter().enumerate().map(|(at, stage)| format!("{} {}", stage.task.id(), stage.sign(current == Some(at))));
    each.collect::<Vec<_>>().join("  ")
}

/// The page.
pub fn draw(model: &Model, canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let stages = model.stages();
    let current = flow::current(&stages);
    let state = if current.is_none() { "every check holds" } else { "measured from the history" };
    let inner = window(canvas, body, 96, 17, "Stages", state);
    let mut y = inner.y;
    for (at, stage) in stages.iter().enumerate() {
        let is_selected = at == selected;
        if y + 1 >= inner.bottom() {
            break;
        }
        choice(canvas, inner, y, is_selected);
        let sign = stage.sign(current == Some(at)).to_string();
        let role = if stage.is_done { Role::Good } else { Role::Dim };
        put_on(canvas, (inner.x, y, 2), &sign, role, is_selected);
        put_on(canvas, (inner.x + 2, y, 12), &pad(stage.task.id(), 12), Role::Title, is_selected);
        let said = safe!("{}", stage.said);
        put_on(canvas, (inner.x + 14, y, inner.width.saturating_sub(14)), said.as_str(), Role::Screen, is_selected);
        y += 1;
        let check = format!("holds when {}", stage.check);
        // Where there is little room, only the selected one says what it measures.
        if !is_selected && (inner.height < 16 || inner.width < 80) {
            continue;
        }
        for row in wrap(&check, usize::from(inner.width.saturating_sub(14))) {
            if y + 1 < inner.bottom() {
                canvas.put(inner.x + 14, y, inner.width.saturating_sub(14), &check[row], Role::Faint);
                y += 1;
            }
        }
        // Air between stages, where there is room for it.
        y += u16::from(inner.height >= 16);
    }
    canvas.put_right(
        inner.right(),
        inner.bottom() - 1,
        inner.width,
        "Enter goes there · any stage, in any order · Esc closes",
        Role::Accent,
    );
}
