//! Moving through the panes: focus, scrolling, the window of cells in sight, what Enter and copying mean in each.

use crate::app::Model;
use crate::app::command::Command;
use crate::app::detail;
use crate::app::effect::{Effect, Job};
use crate::app::layout::Pane;
use crate::app::lines::Lines;
use crate::app::overlay::Overlay;
use crate::app::phase::look;
use crate::app::phase::{say, show};
use crate::app::review::View;
use crate::app::scroll::{self, Move};
use crate::app::sheet;
use crate::safe;
use crate::text::figure;

pub(super) fn move_of(command: Command) -> Move {
    match command {
        Command::Up => Move::Lines(-1),
        Command::PageUp => Move::Pages(-1),
        Command::PageDown => Move::Pages(1),
        Command::Top => Move::Top,
        Command::Bottom => Move::Bottom,
        _ => Move::Lines(1),
    }
}

pub(super) fn focus(model: &mut Model, pane: Pane) -> Vec<Effect> {
    model.layout.focus(pane);
    show_page(model)
}

pub(super) fn focus_step(model: &mut Model, by: usize) -> Vec<Effect> {
    model.layout.step(by);
    show_page(model)
}

pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.layout.focused() {
        Pane::Data => model.dataset.cell().map(ToString::to_string).unwrap_or_default(),
        Pane::Thinking => model.transcript.copied(),
        Pane::Code => model.review.file().map(|file| file.now.code.expose().to_owned()).unwrap_or_default(),
        Pane::History => model.history.selected().map(|experiment| experiment.id.clone()).unwrap_or_default(),
    };
    if text.is_empty() {
        return say(model, "there is nothing to copy here".into());
    }
    let said = safe!("copied {}", figure::plural(text.chars().count() as u64, "character"));
    model.notice.show(said, model.meter.now);
    vec![Effect::Copy(text)]
}

pub(super) fn open_selected(model: &mut Model) -> Vec<Effect> {
    match model.layout.focused() {
        Pane::History => match model.history.selected() {
            Some(experiment) => {
                let (id, page) = (experiment.id.clone(), detail::page(&model.history.history, experiment));
                show(model, Overlay::Detail { experiment: id, lines: Lines::of(safe!("{page}").as_str()), first: 0 })
            }
            None => Vec::new(),
        },
        Pane::Thinking => {
            model.transcript.toggle_fold();
            Vec::new()
        }
        Pane::Data => match model.dataset.cell() {
            Some(_) => look::open_cell(model),
            None => say(model, "no value".into()),
        },
        Pane::Code if sheet::is_shown(model) => sheet::enter(model),
        Pane::Code => Vec::new(),
    }
}

/// Moves through a pane.
pub fn scroll(model: &mut Model, pane: Pane, by: Move) -> Vec<Effect> {
    let Some(inner) = model.layout.inner(pane) else { return Vec::new() };
    let page = usize::from(inner.height);
    match pane {
        Pane::Data => {
            let n_rows = model.dataset.grid(inner).n_rows;
            model.dataset.move_rows(by, n_rows);
            return show_page(model);
        }
        Pane::Thinking => model.transcript.scroll(by, page.saturating_sub(1)),
        Pane::Code if sheet::is_shown(model) => {
            let n = sheet::of(model).map_or(0, |sheet| sheet.rows.len());
            model.review.row = scroll::moved(model.review.row, n, page, by);
            model.review.version += 1;
        }
        Pane::Code if model.review.view == View::Log && model.history.runs.shown().is_some() => {
            let n = model.history.runs.shown().map_or(0, |live| live.log.len());
            model.review.first =
                scroll::moved(model.review.first, n.saturating_sub(page.saturating_sub(1)).max(1), page, by);
            model.review.version += 1;
        }
        Pane::Code => model.review.scroll(by, page, usize::from(inner.width)),
        Pane::History => model.history.scroll(by, page.saturating_sub(1)),
    }
    Vec::new()
}

pub(super) fn sideways(model: &mut Model, by: i32) -> Vec<Effect> {
    match model.layout.focused() {
        Pane::Data => {
            model.dataset.move_columns(by);
            if let Some(inner) = model.layout.inner(Pane::Data) {
                model.dataset.keep_column_in_sight(inner);
            }
        }
        Pane::Code => model.review.step_file(by > 0),
        Pane::Thinking => model.transcript.jump(by > 0),
        Pane::History => {}
    }
    Vec::new()
}

/// Asks for the window of cells that is in sight, where it is not here.
pub fn show_page(model: &mut Model) -> Vec<Effect> {
    let Some(inner) = model.layout.inner(Pane::Data) else { return Vec::new() };
    model.dataset.keep_column_in_sight(inner);
    let n_rows = model.dataset.grid(inner).n_rows;
    match model.dataset.wanted(n_rows) {
        Some((first_row, n)) => {
            let rows = model.dataset.view.rows().map(|shown| {
                let from = usize::try_from(first_row).unwrap_or(usize::MAX);
                shown.rows().iter().skip(from).take(n).copied().collect()
            });
            model.jobs.restart(Job::Page { first_row, n, rows })
        }
        None => Vec::new(),
    }
}

/// To the column of a warning, and to the first row that shows it.
pub fn go_to_warning(model: &mut Model, idx: usize) -> Vec<Effect> {
    let Some(warning) = model.dataset.warnings.get(idx).cloned() else { return Vec::new() };
    model.layout.focus(Pane::Data);
    let n_rows = model.layout.inner(Pane::Data).map_or(1, |inner| model.dataset.grid(inner).n_rows);
    let row = warning.rows.first().copied();
    if row.is_some_and(|row| model.dataset.place_of(row).is_none()) {
        // What is pointed at has to be seen.
        model.dataset.change_view(n_rows, |view| view.steps.clear());
    }
    let place = row.and_then(|row| model.dataset.place_of(row)).unwrap_or(model.dataset.cursor.0);
    model.dataset.go_to(place, warning.columns.first().copied(), n_rows);
    let rows = warning.rows.iter().map(|row| figure::count(*row)).collect::<Vec<_>>().join(", ");
    let said = if rows.is_empty() {
        warning.message.clone()
    } else {
        safe!("{} – for example rows {rows}", warning.message)
    };
    model.notice.show(said, model.meter.now);
    show_page(model)
}

/// After a window has arrived the wanted one may have moved on; a window that is still not covered is not asked for again
/// and again, since the file may have become shorter.
pub(super) fn show_page_once(model: &mut Model) -> Vec<Effect> {
    if model.dataset.page.rows.is_empty() { Vec::new() } else { show_page(model) }
}
