//! Putting text into cells: by role, cut to its place, never beyond it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::sanitize::is_hidden;
use crate::text::wrap;
use crate::ui::theme::{Role, Theme};

/// What stands in the border of a pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Titles {
    /// Number of the pane.
    pub number: usize,
    /// Its name.
    pub name: &'static str,
    /// How it is.
    pub state: String,
}

/// A buffer with a theme.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
}

impl<'a> Canvas<'a> {
    /// A canvas on a buffer.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme }
    }

    /// How a role looks on what lies below it.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The buffer, for a widget that draws by itself.
    pub fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// Puts `text` at a place, cut to `width` columns, and returns the columns it took.
    pub fn put(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let style = self.style(role);
        self.put_styled(x, y, width, text, style)
    }

    /// As [`Canvas::put`], in a style of its own.
    pub fn put_styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() || width == 0 {
            return 0;
        }
        let width = width.min(area.right() - x);
        let fitting = wrap::fit(text, usize::from(width));
        let (end, _) = self.buffer.set_stringn(x, y, &fitting, usize::from(width), style);
        end - x
    }

    /// Puts `text` so that it ends before column `right`, and returns where it begins.
    pub fn put_right(&mut self, right: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let fitting = wrap::fit(text, usize::from(width));
        let taken = u16::try_from(wrap::width(&fitting)).unwrap_or(width).min(width);
        let x = right.saturating_sub(taken);
        self.put(x, y, taken, &fitting, role);
        x
    }

    /// Puts pieces one after the other, cut to `width` columns in all, and returns the columns they took.
    pub fn put_pieces<'t>(
        &mut self,
        x: u16,
        y: u16,
        width: u16,
        pieces: impl IntoIterator<Item = (&'t str, Role)>,
    ) -> u16 {
        let mut taken = 0;
        for (text, role) in pieces {
            taken += self.put(x + taken, y, width.saturating_sub(taken), text, role);
        }
        taken
    }

    /// Puts `text` into an area, wrapped between words, cut where the area ends.
    pub fn paragraph(&mut self, area: Rect, text: &str, role: Role) {
        for (y, row) in (area.top()..area.bottom()).zip(wrap::wrap(text, usize::from(area.width))) {
            self.put(area.x, y, area.width, &text[row], role);
        }
    }

    /// Puts cells that are drawn already into the middle of an area; what does not fit is cut.
    pub fn blit(&mut self, area: Rect, cells: &Buffer) {
        let (x, y) = (
            area.x + area.width.saturating_sub(cells.area.width) / 2,
            area.y + area.height.saturating_sub(cells.area.height) / 2,
        );
        let place = Rect { x, y, ..cells.area }.intersection(area).intersection(self.buffer.area);
        for row in 0..place.height {
            for column in 0..place.width {
                self.buffer[(place.x + column, place.y + row)] = cells[(column, row)].clone();
            }
        }
    }

    /// Gives every cell of an area the style of a role and empties it.
    pub fn fill(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
                self.buffer[(x, y)].set_style(style);
            }
        }
    }

    /// Puts a sign into every cell of an area that holds something which would not show as what it is. For widgets that
    /// draw by themselves.
    pub fn reveal(&mut self, area: Rect) {
        let style = self.style(Role::Bad);
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                let cell = &mut self.buffer[(x, y)];
                if cell.symbol().chars().any(|c| is_hidden(c) || c.is_control()) {
                    cell.set_symbol("\u{FFFD}").set_style(style);
                }
            }
        }
    }

    /// Gives every cell of an area the style of a role and leaves what it holds.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Draws a border with its titles and returns what is inside.
    pub fn frame(&mut self, area: Rect, is_focused: bool, titles: &Titles) -> Rect {
        let role = if is_focused { Role::BorderFocus } else { Role::Border };
        self.border(area, role);
        let right = area.right().saturating_sub(2);
        let name = if titles.number == 0 {
            format!(" {} ", titles.name)
        } else {
            format!(" {} {} ", titles.number, titles.name)
        };
        let taken = self.put(
            area.x + 1,
            area.y,
            area.width.saturating_sub(2),
            &name,
            if is_focused { Role::Accent } else { Role::Title },
        );
        if !titles.state.is_empty() {
            let room = area.width.saturating_sub(taken + 5);
            self.put_right(right, area.y, room, &format!(" {} ", titles.state), Role::Dim);
        }
        Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        }
    }

    fn border(&mut self, area: Rect, role: Role) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, right, top, bottom) = (area.x, area.right() - 1, area.y, area.bottom() - 1);
        let across = "─".repeat(usize::from(area.width - 2));
        self.put(left, top, area.width, &format!("╭{across}╮"), role);
        self.put(left, bottom, area.width, &format!("╰{across}╯"), role);
        for y in top + 1..bottom {
            self.put(left, y, 1, "│", role);
            self.put(right, y, 1, "│", role);
        }
    }
}

/// A bar of eight heights for each count, the highest full.
pub fn spark(counts: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let max = counts.iter().copied().max().unwrap_or(0);
    counts
        .iter()
        .map(|count| match (max, count) {
            (0, _) | (_, 0) => '·',
            _ => BARS[usize::try_from((count * 7).div_ceil(max)).unwrap_or(7).min(7)],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_counts() {
        assert_eq!(spark(&[0, 1, 4, 8]), "·▂▅█");
        assert_eq!(spark(&[]), "");
        assert_eq!(spark(&[0, 0]), "··");
    }
}
