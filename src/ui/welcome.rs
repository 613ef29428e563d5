//! The page before a data set is open: where to begin, what is being opened, or why it could not be.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::phase::Phase;
use crate::text::figure;
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// The page.
pub fn page(model: &Model, canvas: &mut Canvas<'_>, body: Rect) {
    let left = body.x + body.width.saturating_sub(64) / 2;
    let width = body.right().saturating_sub(left + 1);
    let top = body.y + body.height / 5;
    match &model.phase {
        Phase::Welcome { recent, selected, demo } => {
            canvas.put(left, top, width, "rationale", Role::Title);
            canvas.put(left, top + 1, width, "Machine learning with a colleague who shows the reasons.", Role::Dim);
            let mut y = top + 3;
            for (idx, path) in recent.iter().enumerate() {
                entry(
                    canvas,
                    (left, y, width),
                    idx == *selected,
                    crate::safe!("{}", path.display()).as_str(),
                    "opened before",
                );
                y += 1;
            }
            let copy = format!("copied to {}", crate::safe!("{}", demo.display()));
            entry(
                canvas,
                (left, y, width),
                *selected == recent.len(),
                "the demo: 5,000 customers, some of whom left",
                &copy,
            );
            canvas.put(left, y + 2, width, "Or from the shell:  rationale train.csv", Role::Dim);
            canvas.put(
                left,
                y + 3,
                width,
                "Opens CSV, TSV, NDJSON, Parquet and Arrow, also packed as gz or zst.",
                Role::Dim,
            );
        }
        Phase::Opening { label, since, .. } => {
            let elapsed = model.meter.now.saturating_sub(*since) / 1000;
            canvas.put(left, top, width, &format!("Opening {label}"), Role::Title);
            canvas.put(left, top + 1, width, &figure::clock(elapsed), Role::Dim);
        }
        Phase::Broken(failure) => {
            let text = failure.to_string();
            for (y, row) in (top..body.bottom()).zip(crate::text::wrap::wrap(&text, usize::from(width.min(64)))) {
                canvas.put(left, y, width, &text[row], Role::Caution);
            }
        }
        Phase::Replaying(_) | Phase::Ready | Phase::Pricing { .. } | Phase::Asking { .. } | Phase::Running { .. } => {}
    }
}

fn entry(canvas: &mut Canvas<'_>, (x, y, width): (u16, u16, u16), is_selected: bool, text: &str, note: &str) {
    let (sign, role) = if is_selected { ("▸ ", Role::Accent) } else { ("  ", Role::Screen) };
    let taken = canvas.put_pieces(x, y, width, [(sign, Role::Accent), (text, role)]);
    canvas.put(x + taken + 2, y, width.saturating_sub(taken + 2), note, Role::Faint);
}
