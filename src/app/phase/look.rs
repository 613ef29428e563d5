//! Searching, sorting, filtering and counting in the data pane, and what comes of it.

use crate::app::Model;
use crate::app::cell::Viewer;
use crate::app::chord::{Chord, Key};
use crate::app::command::Command;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::JobKind;
use crate::app::layout::Pane;
use crate::app::msg::JobEvent;
use crate::app::overlay::Overlay;
use crate::app::phase::moves::show_page;
use crate::app::phase::{say, show};
use crate::app::table::{self, Asks, Find, Line, Passing, Work};
use crate::domain::dataset::Column;
use crate::domain::kind::Kind;
use crate::domain::view::{Counts, Found, Needle, Step, Value};
use crate::safe;
use crate::text::figure;

fn columns(model: &Model) -> &[Column] {
    model.dataset.source.as_ref().map(|source| source.columns.as_slice()).unwrap_or_default()
}

fn kind_of(model: &Model, column: usize) -> Kind {
    columns(model).get(column).map_or(Kind::Text, |column| column.kind)
}

fn n_rows_in_sight(model: &Model) -> usize {
    model.layout.inner(Pane::Data).map_or(1, |inner| model.dataset.grid(inner).n_rows)
}

/// A command that belongs to the data pane alone.
pub(super) fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.dataset.source.is_none() {
        return Vec::new();
    }
    if model.layout.focused() != Pane::Data {
        return say(model, "that is for the data pane; 1 goes there".into());
    }
    let (place, column) = model.dataset.cursor;
    match command {
        Command::Sort => sort(model, column),
        Command::OnlyThis | Command::NotThis => {
            let Some(row) = model.dataset.row_at(place).filter(|_| model.dataset.n_shown() > 0) else {
                return say(model, "no row is shown; Backspace takes the last filter back".into());
            };
            let is_not = command == Command::NotThis;
            let step = Step::Filter { column, kind: kind_of(model, column), value: Value::OfRow(row), is_not };
            begin_step(model, step, false)
        }
        Command::TakeBack => take_back(model),
        Command::CopyRecipe => {
            if model.dataset.view.steps.is_empty() {
                return say(model, "all rows are shown in the order of the file; there is no recipe".into());
            }
            let recipe = model.dataset.view.recipe(columns(model));
            model.notice.show("copied the view as pandas code".into(), model.meter.now);
            vec![Effect::Copy(recipe)]
        }
        Command::GoTo => {
            model.dataset.line = Some(Line { asks: Asks::GoTo, text: String::new() });
            Vec::new()
        }
        _ => {
            let kind = kind_of(model, column);
            begin(model, Work::Counts, Job::Counts { column, kind })
        }
    }
}

/// A command about searching, while the data pane has the focus.
pub(super) fn on_search(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.dataset.source.is_none() {
        return Vec::new();
    }
    if command == Command::Search {
        model.dataset.line = Some(Line { asks: Asks::Search, text: String::new() });
        return Vec::new();
    }
    if model.dataset.find.needle.is_none() {
        return say(model, "nothing is searched for; / begins".into());
    }
    let (place, _) = model.dataset.cursor;
    if command == Command::NextMatch { search(model, place + 1, true) } else { search(model, place, false) }
}

fn search(model: &mut Model, from: u64, forwards: bool) -> Vec<Effect> {
    let Some((needle, _)) = model.dataset.find.needle.clone() else { return Vec::new() };
    let rows = model.dataset.view.rows().cloned();
    let n_rows = model.dataset.n_shown();
    begin(model, Work::Search, Job::Find { needle, from, forwards, rows, n_rows })
}

/// Begins a pass over all rows in place of the one that goes on.
fn begin(model: &mut Model, work: Work, job: Job) -> Vec<Effect> {
    model.dataset.passing = Some(Passing { work, since: model.meter.now, n_bytes: 0 });
    model.jobs.restart(job)
}

fn sort(model: &mut Model, column: usize) -> Vec<Effect> {
    let view = &model.dataset.view;
    let step = view.next_order(column);
    let replaces = view.ends_with_order();
    if step == Step::Unsort && replaces {
        return take_back(model);
    }
    begin_step(model, step, replaces)
}

fn begin_step(model: &mut Model, step: Step, replaces: bool) -> Vec<Effect> {
    let steps = &model.dataset.view.steps;
    let n_kept = steps.len() - usize::from(replaces && !steps.is_empty());
    let base = steps[..n_kept].last().map(|(_, rows)| rows.clone());
    begin(model, Work::View { replaces }, Job::Step { step, base })
}

fn take_back(model: &mut Model) -> Vec<Effect> {
    if model.dataset.view.steps.is_empty() {
        return say(model, "no sort and no filter is on".into());
    }
    // A step that is being worked out builds on the one that goes.
    let mut effects = stop(model);
    effects.extend(change(model, |steps| {
        steps.pop();
    }));
    effects
}

/// Changes the steps; a window of the rows before is of no use any more.
fn change(model: &mut Model, change: impl FnOnce(&mut Vec<(Step, crate::domain::view::RowOrder)>)) -> Vec<Effect> {
    let page = n_rows_in_sight(model);
    let mut effects = model.jobs.cancel_kind(JobKind::Page);
    model.dataset.change_view(page, |view| change(&mut view.steps));
    effects.extend(show_page(model));
    effects
}

fn stop(model: &mut Model) -> Vec<Effect> {
    model.dataset.passing = None;
    model.dataset.version += 1;
    model.jobs.cancel_kind(JobKind::Look)
}

/// Esc in the data pane: ends the pass that goes on, else forgets the search; nothing where there is neither.
pub(super) fn cancel(model: &mut Model) -> Option<Vec<Effect>> {
    if model.layout.focused() != Pane::Data {
        return None;
    }
    let data = &mut model.dataset;
    if let Some(passing) = data.passing {
        if passing.work == Work::Search {
            data.find = Find::default();
        }
        return Some(stop(model));
    }
    data.find.needle.take()?;
    data.version += 1;
    Some(Vec::new())
}

/// A key while a line is typed in the data pane.
pub fn on_line_key(model: &mut Model, chord: Chord) -> Vec<Effect> {
    model.dataset.version += 1;
    match chord.key {
        Key::Esc => {
            model.dataset.line = None;
            Vec::new()
        }
        Key::Enter => match model.dataset.line.take() {
            Some(Line { asks: Asks::Search, text }) => begin_search(model, text),
            Some(Line { asks: Asks::GoTo, text }) => go_to(model, text),
            None => Vec::new(),
        },
        _ => {
            if let Some(line) = &mut model.dataset.line {
                line.on_key(chord);
            }
            Vec::new()
        }
    }
}

fn begin_search(model: &mut Model, text: String) -> Vec<Effect> {
    let Some(needle) = Needle::parse(&text) else {
        model.dataset.find = Find::default();
        return Vec::new();
    };
    match needle.regex() {
        Ok(regex) => {
            model.dataset.find.needle = Some((needle, regex));
            let (place, _) = model.dataset.cursor;
            search(model, place, true)
        }
        Err(why) => {
            // What was typed can be mended.
            model.dataset.line = Some(Line { asks: Asks::Search, text });
            say(model, safe!("the expression can't be read: {why}"))
        }
    }
}

/// To a row by its number in the file, or to a column by its name.
fn go_to(model: &mut Model, text: String) -> Vec<Effect> {
    let typed = text.trim();
    if typed.is_empty() {
        return Vec::new();
    }
    let digits: String = typed.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
    let page = n_rows_in_sight(model);
    if let Ok(row) = digits.parse::<u64>() {
        let n = model.dataset.rows.sure();
        if row >= n {
            let last = figure::count(n.saturating_sub(1));
            model.dataset.line = Some(Line { asks: Asks::GoTo, text });
            return say(model, safe!("the last row known is {last}"));
        }
        let Some(place) = model.dataset.place_of(row) else {
            return say(model, safe!("row {} is left out by a filter", figure::count(row)));
        };
        model.dataset.go_to(place, None, page);
        return show_page(model);
    }
    let Some(column) = table::columns_like(typed, columns(model)).first().copied() else {
        let said = safe!("no column has a name like {typed}");
        model.dataset.line = Some(Line { asks: Asks::GoTo, text });
        return say(model, said);
    };
    model.dataset.go_to(model.dataset.cursor.0, Some(column), page);
    show_page(model)
}

/// Reads the whole cell under the cursor.
pub(super) fn open_cell(model: &mut Model) -> Vec<Effect> {
    let (place, column) = model.dataset.cursor;
    match model.dataset.row_at(place) {
        Some(row) => model.jobs.restart(Job::Cell { row, column }),
        None => Vec::new(),
    }
}

/// Only rows with the value that is selected among those counted.
pub fn filter_to(model: &mut Model, counts: &Counts, selected: usize) -> Vec<Effect> {
    let Some((value, _)) = counts.values.get(selected).cloned() else { return Vec::new() };
    let column = counts.column;
    let step = Step::Filter { column, kind: kind_of(model, column), value: Value::Is(value), is_not: false };
    begin_step(model, step, false)
}

/// A pass over the rows reports.
pub(super) fn on_report(model: &mut Model, event: JobEvent) -> Vec<Effect> {
    model.dataset.version += 1;
    match event {
        JobEvent::Passed(n_bytes) => {
            if let Some(passing) = &mut model.dataset.passing {
                passing.n_bytes = passing.n_bytes.max(n_bytes);
            }
            Vec::new()
        }
        JobEvent::Found(found) => {
            model.dataset.passing = None;
            on_found(model, found)
        }
        JobEvent::Stepped(step, rows, is_exact) => {
            let replaces =
                matches!(model.dataset.passing.take(), Some(Passing { work: Work::View { replaces: true }, .. }));
            let effects = change(model, |steps| {
                if replaces {
                    steps.pop();
                }
                steps.push((step, rows));
            });
            if !is_exact {
                let said = "texts that agree in their first 64 bytes keep the order of the file";
                model.notice.show(said.into(), model.meter.now);
            }
            effects
        }
        JobEvent::Counts(counts) => {
            model.dataset.passing = None;
            show(model, Overlay::Counts { counts, selected: 0 })
        }
        JobEvent::Cell(row, column, text) => {
            let name = columns(model).get(column).map(|column| column.label.clone()).unwrap_or_default();
            match text {
                Some(text) if model.overlay.is_none() => {
                    let width = model.layout.size().0;
                    show(model, Overlay::Cell(Box::new(Viewer::new(safe!("{name} · row {row}"), text, width))))
                }
                Some(_) => Vec::new(),
                None => say(model, "no value".into()),
            }
        }
        _ => Vec::new(),
    }
}

fn on_found(model: &mut Model, found: Option<Found>) -> Vec<Effect> {
    let Some(Found { place, column, is_wrapped }) = found else {
        let n = match (model.dataset.view.rows(), model.dataset.rows) {
            (None, crate::app::dataset::Rows::AtLeast(_)) => "the whole file".to_owned(),
            _ => figure::plural(model.dataset.n_shown(), "row"),
        };
        return say(model, safe!("nothing found in {n}"));
    };
    if model.dataset.view.rows().is_none() && place >= model.dataset.rows.sure() {
        // The search was faster than the count.
        model.dataset.rows = crate::app::dataset::Rows::AtLeast(place + 1);
    }
    let page = n_rows_in_sight(model);
    model.dataset.go_to(place, Some(column), page);
    if is_wrapped {
        model.notice.show("the search went on from the other end".into(), model.meter.now);
    }
    show_page(model)
}
