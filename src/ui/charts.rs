//! Charts of the table: tabs, the chart, the keys that change it.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::charts::{self, Page, State, Tab};
use crate::domain::charts::Chart;
use crate::safe;
use crate::text::figure;
use crate::text::wrap::wrap;
use crate::ui::canvas::Canvas;
use crate::ui::errors::role;
use crate::ui::overlay::boxed;
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(model: &Model, canvas: &mut Canvas<'_>, body: Rect, page: &Page) {
    let n_left_out = model.dataset.rows.sure().saturating_sub(model.dataset.n_shown());
    let of = match model.dataset.view.rows() {
        Some(_) if n_left_out > 0 => {
            format!(" · of {} that the view shows", figure::plural(model.dataset.n_shown(), "row"))
        }
        _ => String::new(),
    };
    let inner = boxed(canvas, body, "Charts", &format!("{}{of}", charts::title(model, page)));
    let mut x = inner.x;
    for tab in Tab::ALL {
        let label = if tab == page.tab { format!("[{}]", tab.label()) } else { format!(" {} ", tab.label()) };
        let ink = if tab == page.tab { Role::Accent } else { Role::Dim };
        x += canvas.put(x, inner.y, inner.right().saturating_sub(x), &label, ink) + 1;
    }
    let area = Rect { y: inner.y + 1, height: inner.height.saturating_sub(2), ..inner };
    let mut keys = "←→ kind · ".to_owned();
    match &page.state {
        State::Reading(since) => {
            let seconds = model.meter.now.saturating_sub(*since) / 1000;
            canvas.put(area.x, area.y, area.width, &format!("Reading, {}", figure::clock(seconds)), Role::Dim);
        }
        State::Not(failure) => {
            let said = safe!("{failure}");
            for (row, y) in wrap(said.as_str(), usize::from(area.width)).into_iter().zip(area.y..area.bottom()) {
                canvas.put(area.x, y, area.width, &said.as_str()[row], Role::Caution);
            }
        }
        State::Ready(chart) => {
            let lines = page.lines(model.layout.size());
            for (line, y) in lines.iter().skip(page.first).zip(area.y..area.bottom()) {
                let mut x = area.x;
                for (text, ink) in &line.pieces {
                    x += canvas.put(x, y, area.right().saturating_sub(x), text.as_str(), role(*ink));
                }
            }
            if matches!(chart.as_ref(), Chart::Histogram(_)) {
                keys.push_str("+- bins · ");
            }
            if lines.len() > page.first + usize::from(area.height) {
                keys.push_str("PgDn more · ");
            }
        }
    }
    keys.push_str(match page.tab {
        Tab::Alone => "↑↓ column · y copies · Esc closes",
        Tab::Pair => "↑↓ other column · y copies · Esc closes",
        Tab::Matrix => "y copies · Esc closes",
    });
    canvas.put_right(inner.right(), inner.bottom() - 1, inner.width, &keys, Role::Dim);
}
