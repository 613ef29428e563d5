//! Where things are on the screen: the one function that both scrolling and drawing go by.

use ratatui::layout::Rect;

/// A pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The data set.
    Data,
    /// Thinking and answer.
    Thinking,
    /// Code under review, or the output of its run.
    Code,
    /// What has been tried.
    History,
}

impl Pane {
    /// In the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Data, Self::Thinking, Self::Code, Self::History];

    /// Its number, which is also its key.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|pane| *pane == self).map_or(0, |idx| idx + 1)
    }
}

/// Size, focus and zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    columns: u16,
    rows: u16,
    focus: Pane,
    zoom: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { columns: 80, rows: 24, focus: Pane::Data, zoom: false }
    }
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The line at the top.
    pub header: Rect,
    /// Panes with their borders.
    pub panes: Vec<(Pane, Rect)>,
    /// Panes that are one line each.
    pub strip: Vec<(Pane, Rect)>,
    /// The line at the bottom.
    pub status: Rect,
    /// Everything between the two lines.
    pub body: Rect,
}

/// The smallest screen that is drawn on.
pub const MIN: (u16, u16) = (60, 16);

impl Layout {
    /// The terminal has another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        (self.columns, self.rows) = (columns, rows);
    }

    /// Columns and rows.
    pub fn size(self) -> (u16, u16) {
        (self.columns, self.rows)
    }

    /// The pane that keys go to.
    pub fn focused(self) -> Pane {
        self.focus
    }

    /// Keys go to this pane.
    pub fn focus(&mut self, pane: Pane) {
        self.focus = pane;
    }

    /// Keys go to a pane that is some steps on.
    pub fn step(&mut self, by: usize) {
        // On the screen the order is that of the clock: data, thinking, code, history.
        let at = self.focus.number() - 1;
        self.focus = Pane::ALL[(at + by) % Pane::ALL.len()];
    }

    /// The focused pane on the whole screen, or back.
    pub fn toggle_zoom(&mut self) {
        self.zoom = !self.zoom;
    }

    /// Whether the focused pane has the whole screen.
    pub fn is_zoomed(self) -> bool {
        self.zoom
    }

    /// Whether the screen is too small to draw on.
    pub fn is_too_small(self) -> bool {
        self.columns < MIN.0 || self.rows < MIN.1
    }

    /// Where everything is.
    pub fn plan(self) -> Plan {
        let header = Rect::new(0, 0, self.columns, 1.min(self.rows));
        let status = Rect::new(0, self.rows.saturating_sub(1), self.columns, 1.min(self.rows));
        let body = Rect::new(0, 1, self.columns, self.rows.saturating_sub(2));
        let (mut panes, mut strip) = (Vec::new(), Vec::new());
        if self.zoom {
            panes.push((self.focus, body));
        } else if self.columns >= 120 && self.rows >= 30 {
            let left = self.columns / 2;
            let upper = body.height * 11 / 20;
            let rects = [
                Rect::new(0, body.y, left, upper),
                Rect::new(left, body.y, self.columns - left, upper),
                Rect::new(left, body.y + upper, self.columns - left, body.height - upper),
                Rect::new(0, body.y + upper, left, body.height - upper),
            ];
            panes.extend(Pane::ALL.into_iter().zip(rects));
        } else {
            let height = body.height.saturating_sub(3);
            panes.push((self.focus, Rect { height, ..body }));
            let others = Pane::ALL.into_iter().filter(|pane| *pane != self.focus);
            strip.extend(
                others.zip(0u16..).map(|(pane, idx)| (pane, Rect::new(0, body.y + height + idx, self.columns, 1))),
            );
        }
        Plan { header, panes, strip, status, body }
    }

    /// The inside of a pane's border; nothing where it is not open.
    pub fn inner(self, pane: Pane) -> Option<Rect> {
        let plan = self.plan();
        let (_, rect) = plan.panes.into_iter().find(|(other, _)| *other == pane)?;
        Some(Rect {
            x: rect.x + 1,
            y: rect.y + 1,
            width: rect.width.saturating_sub(2),
            height: rect.height.saturating_sub(2),
        })
    }

    /// The pane at a column and a row.
    pub fn pane_at(self, column: u16, row: u16) -> Option<Pane> {
        let plan = self.plan();
        plan.panes
            .iter()
            .chain(&plan.strip)
            .find(|(_, rect)| rect.contains((column, row).into()))
            .map(|(pane, _)| *pane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_cover_the_screen_without_overlapping_at_any_size() {
        for columns in (0..260).step_by(7) {
            for rows in (0..90).step_by(3) {
                for zoom in [false, true] {
                    let layout = Layout { columns, rows, focus: Pane::Code, zoom };
                    let plan = layout.plan();
                    let area: u32 = plan
                        .panes
                        .iter()
                        .chain(&plan.strip)
                        .map(|(_, rect)| u32::from(rect.width) * u32::from(rect.height))
                        .sum();
                    if !layout.is_too_small() {
                        assert_eq!(area, u32::from(columns) * u32::from(rows - 2), "{columns} × {rows}");
                        assert!(layout.inner(Pane::Code).is_some());
                    }
                }
            }
        }
    }
}
