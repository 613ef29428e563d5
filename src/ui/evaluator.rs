//! A metric of the user's own: what it is, where it stands, and its text or what changed in it.

use ratatui::layout::Rect;

use crate::domain::own_metric::Candidate;
use crate::text::figure;
use crate::text::wrap::wrap;
use crate::ui::canvas::Canvas;
use crate::ui::overlay::boxed;
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, body: Rect, candidate: &Candidate, lines: &[(char, String)], first: usize) {
    let inner = boxed(canvas, body, "Your own metric", "it will score the runs; nothing ran yet");
    let (about, role) = match &candidate.declared {
        Ok(declared) => {
            let needs = declared.needs.map_or_else(String::new, |needs| format!(" · needs {}", needs.word()));
            let rows = if declared.wants_rows { " · is given the rows" } else { "" };
            let metric = &declared.metric;
            (format!("{} {}{needs}{rows}", metric.name(), metric.direction().arrow()), Role::Strong)
        }
        Err(why) => (format!("it can't be used: {why}"), Role::Bad),
    };
    let said =
        [(about, role), (candidate.standing(), Role::Caution), (format!("BLAKE3 {}", candidate.hash()), Role::Dim)];
    let mut y = inner.y;
    for (text, role) in &said {
        let text = crate::safe!("{text}");
        for row in wrap(text.as_str(), usize::from(inner.width)) {
            if y + 2 < inner.bottom() {
                canvas.put(inner.x, y, inner.width, &text.as_str()[row], *role);
                y += 1;
            }
        }
    }
    y += 1;
    for (sign, line) in lines.iter().skip(first) {
        if y + 1 >= inner.bottom() {
            break;
        }
        let role = match sign {
            '+' => Role::Good,
            '-' => Role::Bad,
            _ => Role::Screen,
        };
        canvas.put(inner.x, y, inner.width, &format!("{sign} {line}"), role);
        y += 1;
    }
    let of = figure::plural(lines.len() as u64, "line");
    let hint = if candidate.declared.is_ok() {
        format!("{of} · ↑↓ moves · a approves it and runs · Esc leaves it")
    } else {
        format!("{of} · ↑↓ moves · Esc closes")
    };
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, &hint, Role::Accent);
}
