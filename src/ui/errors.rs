//! The errors of a run: tabs, what is seen as a whole, the lines of the part that is looked at.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::errors::{Page, State};
use crate::domain::errors::picture::{self, Ink, Tab};
use crate::safe;
use crate::text::figure;
use crate::text::wrap::{fit, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{boxed, choice, put_on};
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, canvas: &mut Canvas<'_>, body: Rect, open: &Page) {
    let state = fit(open.title.as_str(), usize::from(body.width.saturating_sub(16)));
    let inner = boxed(canvas, body, "Errors", &state);
    match &open.state {
        State::Reading(since) => {
            let seconds = model.meter.now.saturating_sub(*since) / 1000;
            let said = format!("Reading predictions and data, {}", figure::clock(seconds));
            canvas.put(inner.x, inner.y, inner.width, &said, Role::Dim);
            keys(canvas, inner, "Esc closes");
        }
        State::Not(failure) => {
            let said = safe!("{failure}");
            for (row, y) in wrap(said.as_str(), usize::from(inner.width)).into_iter().zip(inner.y..inner.bottom() - 1) {
                canvas.put(inner.x, y, inner.width, &said.as_str()[row], Role::Caution);
            }
            keys(canvas, inner, "Esc closes");
        }
        State::Ready(analysis) => {
            tabs(canvas, inner, &Tab::of(analysis), open.tab);
            canvas.put(inner.x, inner.y + 1, inner.width, safe!("{}", picture::head(analysis)).as_str(), Role::Dim);
            if !analysis.notes.is_empty() {
                let notes = safe!("! {}", analysis.notes.join("; "));
                canvas.put(inner.x, inner.y + 2, inner.width, notes.as_str(), Role::Caution);
            }
            let lines = Rect { y: inner.y + 3, height: inner.height.saturating_sub(4), ..inner };
            let (left, leads) = part(model, canvas, lines, open);
            let enter = if leads { "Enter goes to the row · " } else { "" };
            let copy = if inner.width < 70 { "" } else { "y copies · " };
            let more =
                if left > 0 { format!("↓ {} · ", figure::plural(left as u64, "more line")) } else { String::new() };
            keys(canvas, inner, &format!("{more}←→ part · {enter}{copy}Esc closes"));
        }
    }
}

fn keys(canvas: &mut Canvas<'_>, inner: Rect, said: &str) {
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, said, Role::Dim);
}

fn tabs(canvas: &mut Canvas<'_>, inner: Rect, tabs: &[Tab], at: Tab) {
    let gap = if inner.width < 70 { 0 } else { 3 };
    let mut x = inner.x;
    for tab in tabs {
        let is_at = *tab == at;
        // Which one is looked at shows without colours as well.
        let label = if is_at { format!("[{}]", tab.label()) } else { format!(" {} ", tab.label()) };
        x += canvas.put(
            x,
            inner.y,
            inner.right().saturating_sub(x),
            &label,
            if is_at { Role::Accent } else { Role::Dim },
        );
        x += gap;
    }
}

/// The lines in sight. Returns how many lie below, and whether lines lead to rows.
fn part(model: &Model, canvas: &mut Canvas<'_>, area: Rect, open: &Page) -> (usize, bool) {
    let view = open.view(model.layout.size());
    let rows = usize::from(area.height);
    for ((at, line), y) in view.lines.iter().enumerate().skip(view.first).zip(area.y..area.bottom()) {
        let is_selected = view.selected == Some(at);
        choice(canvas, area, y, is_selected);
        let mut x = area.x;
        for (text, ink) in &line.pieces {
            x += put_on(canvas, (x, y, area.right().saturating_sub(x)), text.as_str(), role(*ink), is_selected);
        }
    }
    (view.lines.len().saturating_sub(view.first + rows), view.selected.is_some())
}

/// The role of a piece on the screen.
pub(super) fn role(ink: Ink) -> Role {
    match ink {
        Ink::Plain => Role::Screen,
        Ink::Dim => Role::Dim,
        Ink::Faint => Role::Faint,
        Ink::Strong => Role::Title,
        Ink::Heading => Role::Heading,
        Ink::Good => Role::Good,
        Ink::Caution => Role::Caution,
        Ink::Bad => Role::Bad,
        Ink::Mark => Role::Accent,
    }
}
