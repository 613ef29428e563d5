//! A figure of a run, over the panes.

use ratatui::layout::Rect;

use crate::app::figures::{Drawing, Figures};
use crate::safe;
use crate::text::figure;
use crate::ui::canvas::Canvas;
use crate::ui::overlay::boxed;
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, body: Rect, figures: &Figures) {
    let name = figures.names.get(figures.selected).map(String::as_str).unwrap_or_default();
    let mut state = vec![figures.experiment.clone(), name.to_owned()];
    if figures.names.len() > 1 {
        state.push(format!("{} of {}", figures.selected + 1, figures.names.len()));
    }
    if let Some(Ok(drawing)) = &figures.drawn {
        let (width, height) = drawing.pixels;
        state.push(format!("{width} × {height} pixels, {}", figure::bytes(drawing.n_bytes)));
    }
    let state = safe!("{}", state.join(" · "));
    let inner = boxed(canvas, body, "Figure", state.as_str());
    let area = Rect { height: inner.height.saturating_sub(1), ..inner };
    match &figures.drawn {
        None => {
            canvas.put(area.x, area.y, area.width, "drawing …", Role::Dim);
        }
        Some(Err(failure)) => {
            let said = safe!("{failure}");
            canvas.paragraph(area, said.as_str(), Role::Screen);
        }
        Some(Ok(Drawing { cells: None, .. })) => {
            let said = safe!("This terminal draws no pictures. The file is .rationale/runs/{}/{name}", figures.run_id);
            canvas.paragraph(area, said.as_str(), Role::Screen);
        }
        Some(Ok(Drawing { cells: Some(cells), .. })) => canvas.blit(area, cells),
    }
    let more = if figures.names.len() > 1 { "← → the other figures · Esc closes" } else { "Esc closes" };
    canvas.put_right(inner.right(), inner.bottom().saturating_sub(1), inner.width, more, Role::Dim);
}
