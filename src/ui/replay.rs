//! The time line of a replay: where it is, how fast, where blocks begin and tools were called.

use ratatui::layout::Rect;

use crate::app::replay::Replay;
use crate::text::{figure, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Draws it in one line.
pub fn time_line(replay: &Replay, canvas: &mut Canvas<'_>, line: Rect) {
    let (at, length) = (replay.position(), replay.tape.length());
    let state = if replay.is_over() {
        "■"
    } else if replay.is_playing {
        "▶"
    } else {
        "‖"
    };
    let left = format!("{state} {} ", figure::clock(at / 1000));
    let right = format!(" {} · {}", figure::clock(length / 1000), replay.speed());
    let taken = canvas.put(line.x, line.y, line.width, &left, Role::Accent);
    let width_right = u16::try_from(wrap::width(&right)).unwrap_or(0);
    let width = line.width.saturating_sub(taken + width_right);
    let cells = usize::from(width);
    if cells >= 8 && length > 0 {
        let place =
            |when: u64| usize::try_from(when.min(length) * (u64::from(width) - 1) / length).unwrap_or(0).min(cells - 1);
        let mut row: Vec<(&str, Role)> = vec![("─", Role::Faint); cells];
        for (when, is_tool) in replay.tape.marks() {
            row[place(when)] = if is_tool { ("◆", Role::Dim) } else { ("┬", Role::Dim) };
        }
        row[place(at)] = ("●", Role::Accent);
        for (x, (mark, role)) in (line.x + taken..).zip(row) {
            canvas.put(x, line.y, 1, mark, role);
        }
    }
    canvas.put_right(line.right(), line.y, width_right, &right, Role::Dim);
}
