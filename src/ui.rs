//! The screen as a function of the model.

pub mod canvas;
pub mod charts;
pub mod code;
pub mod dataset;
pub mod environment;
pub mod errors;
pub mod evaluator;
pub mod figures;
pub mod form;
pub mod highlight;
pub mod history;
pub mod log;
pub mod models;
pub mod overlay;
pub mod replay;
pub mod sheet;
pub mod stages;
pub mod status;
pub mod table;
pub mod theme;
pub mod thinking;
pub mod welcome;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::layout::{MIN, Pane};
use crate::app::phase::Phase;
use crate::ui::canvas::Canvas;
use crate::ui::highlight::Cache;
use crate::ui::theme::{Role, Theme};

/// Draws everything. The cache may change how fast that is, never what comes out.
pub fn render(model: &Model, theme: &Theme, cache: &mut Cache, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut canvas = Canvas::new(frame.buffer_mut(), theme);
    canvas.fill(area, Role::Screen);
    if area.width == 0 || area.height == 0 {
        return;
    }
    if area.width < MIN.0 || area.height < MIN.1 {
        return too_small(&mut canvas, area);
    }
    let plan = model.layout.plan();
    status::header(model, &mut canvas, plan.header);
    match &model.phase {
        Phase::Welcome { .. } | Phase::Opening { .. } | Phase::Broken(_) if model.dataset.source.is_none() => {
            welcome::page(model, &mut canvas, plan.body);
        }
        _ => {
            for (pane, rect) in &plan.panes {
                let is_focused = *pane == model.layout.focused();
                let titles = titles(model, *pane);
                let inner = canvas.frame(*rect, is_focused, &titles);
                match pane {
                    Pane::Data => dataset::pane(model, &mut canvas, inner),
                    Pane::Thinking => thinking::pane(model, &mut canvas, inner),
                    Pane::Code => code::pane(model, &mut canvas, cache, inner),
                    Pane::History => history::pane(model, &mut canvas, inner),
                }
            }
            for (pane, rect) in &plan.strip {
                strip(model, &mut canvas, *pane, *rect);
            }
        }
    }
    status::line(model, &mut canvas, plan.status);
    if let Some(overlay) = &model.overlay {
        overlay::draw(model, overlay, &mut canvas, plan.body);
    }
}

/// What stands in the border of a pane: its name at the left, how it is at the right.
fn titles(model: &Model, pane: Pane) -> canvas::Titles {
    let (name, state) = match pane {
        Pane::Data => dataset::titles(model),
        Pane::Thinking => thinking::titles(model),
        Pane::Code => code::titles(model),
        Pane::History => history::titles(model),
    };
    canvas::Titles { number: pane.number(), name, state }
}

/// A pane as one line: still alive, though it is not open.
fn strip(model: &Model, canvas: &mut Canvas<'_>, pane: Pane, rect: Rect) {
    let titles = titles(model, pane);
    let mut at = canvas.put(rect.x, rect.y, rect.width, &format!(" {} ", titles.number), Role::Dim);
    at += canvas.put(rect.x + at, rect.y, rect.width - at, &format!("{:<10}", titles.name), Role::Title);
    canvas.put(rect.x + at, rect.y, rect.width.saturating_sub(at + 1), &titles.state, Role::Dim);
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let lines = [
        "This window is a little small.".to_owned(),
        format!("{} × {} is needed, it is {} × {}.", MIN.0, MIN.1, area.width, area.height),
    ];
    let top = area.height.saturating_sub(2) / 2;
    for (idx, line) in (0u16..).zip(&lines) {
        if top + idx < area.height {
            let left = area.width.saturating_sub(u16::try_from(line.chars().count()).unwrap_or(0)) / 2;
            canvas.put(left, top + idx, area.width - left, line, Role::Dim);
        }
    }
}
