//! The data pane: names, kinds, histograms, cells, and what is known of the column under the cursor.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::dataset::{DatasetPane, HEAD, Rows};
use crate::app::jobs::JobKind;
use crate::app::layout::Pane;
use crate::domain::kind::Kind;
use crate::domain::profile::{ColumnProfile, Role as ColumnRole, rebin};
use crate::text::wrap::{fit, pad, pad_left};
use crate::text::{SafeText, figure};
use crate::ui::canvas::{Canvas, spark};
use crate::ui::table;
use crate::ui::theme::Role;

/// Name and state.
pub fn titles(model: &Model) -> (&'static str, String) {
    let data = &model.dataset;
    let warnings = match (&model.framing.known, data.warnings.len()) {
        (None, _) if data.failure.is_some() => "not profiled".to_owned(),
        (None, _) if model.jobs.any(JobKind::Profile) => {
            let (done, all) = data.progress();
            if done < all { format!("profiling {done} of {all}") } else { "looking for trouble".to_owned() }
        }
        (None, _) => String::new(),
        (Some(_), 0) => "no warnings".to_owned(),
        (Some(_), n) => figure::plural(n as u64, "warning"),
    };
    let warnings = match &data.source {
        Some(source) if !data.view.steps.is_empty() => {
            let shown = figure::count(data.n_shown());
            let all = match data.rows {
                Rows::Exactly(n) => figure::plural(n, "row"),
                Rows::AtLeast(n) => format!("{} rows or more", figure::count(n)),
            };
            let mut said = vec![format!("{shown} of {all}")];
            said.extend(data.view.labels(&source.columns).iter().map(ToString::to_string));
            said.join(" · ")
        }
        _ => warnings,
    };
    let privacy = model.framing.framing.as_ref().map(|framing| framing.privacy.label());
    let notes = data.source.iter().flat_map(|source| &source.notes).map(SafeText::as_str);
    let parts: Vec<&str> =
        [Some(warnings.as_str()), privacy].into_iter().flatten().filter(|part| !part.is_empty()).chain(notes).collect();
    ("Data", parts.join(" · "))
}

/// The pane.
pub fn pane(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let data = &model.dataset;
    if data.source.is_none() || inner.height <= HEAD {
        return;
    }
    let grid = data.grid(inner);
    head(data, canvas, inner, &grid.columns);
    let target = model.framing.framing.as_ref().map(|framing| framing.target.expose());
    cells(data, canvas, inner, &grid);
    footer(model, canvas, inner, target);
}

fn head(data: &DatasetPane, canvas: &mut Canvas<'_>, inner: Rect, columns: &[(usize, u16, u16)]) {
    let Some(source) = &data.source else { return };
    for (idx, at, width) in columns {
        let Some(column) = source.columns.get(*idx) else { continue };
        let profile = data.profiles.get(*idx).and_then(Option::as_ref);
        let is_current = *idx == data.cursor.1;
        let x = inner.x + at;
        let right = is_number(column.kind);
        let label = match data.view.order() {
            Some((by, is_descending)) if by == *idx => {
                let sign = if is_descending { '▼' } else { '▲' };
                format!("{} {sign}", fit(column.label.as_str(), usize::from(width.saturating_sub(2))))
            }
            _ => column.label.to_string(),
        };
        let place =
            |text: &str| if right { pad_left(text, usize::from(*width)) } else { pad(text, usize::from(*width)) };
        canvas.put(x, inner.y, *width, &place(&label), if is_current { Role::Accent } else { Role::Head });
        let kind = match profile {
            Some(profile) => kind_line(profile),
            None => column.kind.word().to_owned(),
        };
        canvas.put(x, inner.y + 1, *width, &place(&kind), Role::Dim);
        let bars = profile.map_or_else(|| "········".to_owned(), bars);
        canvas.put(x, inner.y + 2, *width, &place(&bars), if profile.is_some() { Role::Bar } else { Role::Faint });
    }
    canvas.put(inner.x, inner.y + 3, inner.width, &"─".repeat(usize::from(inner.width)), Role::Border);
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Int | Kind::Float)
}

fn kind_line(profile: &ColumnProfile) -> String {
    let word = match profile.role {
        ColumnRole::Identifier => "id",
        ColumnRole::Constant => "constant",
        ColumnRole::Numeric
        | ColumnRole::Categorical
        | ColumnRole::Boolean
        | ColumnRole::Datetime
        | ColumnRole::Text => profile.kind.word(),
    };
    if profile.n_null == 0 {
        word.to_owned()
    } else {
        format!("{word} {}∅", figure::share(profile.null_share()).replace(' ', ""))
    }
}

fn bars(profile: &ColumnProfile) -> String {
    match &profile.histogram {
        Some(histogram) => spark(&rebin(&histogram.counts, 8)),
        None if matches!(profile.role, ColumnRole::Identifier | ColumnRole::Text) => "········".to_owned(),
        None => spark(&profile.top.iter().take(8).map(|(_, count)| *count).collect::<Vec<_>>()),
    }
}

fn cells(data: &DatasetPane, canvas: &mut Canvas<'_>, inner: Rect, grid: &crate::app::dataset::Grid) {
    let top = inner.y + HEAD;
    for (line, row) in (0u16..).zip(data.first.0..).take(grid.n_rows) {
        if row >= data.n_shown() {
            if row == 0 && data.view.rows().is_some() {
                let said = "no rows – Backspace takes the last filter back";
                canvas.put(inner.x + grid.gutter, top, inner.width - grid.gutter, said, Role::Dim);
            }
            break;
        }
        let y = top + line;
        let is_current = row == data.cursor.0;
        if is_current {
            canvas.tint(Rect { y, height: 1, ..inner }, Role::Row);
        }
        let number = data.row_at(row).map_or_else(String::new, |row| row.to_string());
        let number = pad_left(&number, usize::from(grid.gutter - 1));
        canvas.put(inner.x, y, grid.gutter, &number, if is_current { Role::Accent } else { Role::Faint });
        let Some(values) = data.page.row(row) else {
            canvas.put(inner.x + grid.gutter, y, inner.width - grid.gutter, "…", Role::Faint);
            continue;
        };
        for (idx, at, width) in &grid.columns {
            let right = data
                .source
                .as_ref()
                .and_then(|source| source.columns.get(*idx))
                .is_some_and(|column| is_number(column.kind));
            let (text, role) = match values.get(*idx).and_then(Option::as_ref) {
                Some(cell) => (cell.as_str(), None),
                None => ("∅", Some(Role::Faint)),
            };
            let shown = if right { pad_left(text, usize::from(*width)) } else { pad(text, usize::from(*width)) };
            let role = if is_current && *idx == data.cursor.1 { Some(Role::Cell) } else { role };
            let mut style = canvas.style(role.unwrap_or(Role::Screen));
            if is_current && role != Some(Role::Cell) {
                style = style.patch(canvas.style(Role::Row));
            }
            canvas.put_styled(inner.x + at, y, *width, &shown, style);
            if let Some((_, regex)) = &data.find.needle
                && let Some(cell) = values.get(*idx).and_then(Option::as_ref)
            {
                mark(canvas, (inner.x + at, y, *width), (cell.as_str(), &shown), regex);
            }
        }
    }
}

/// Marks what the search finds in a cell; where it is beyond what is shown, the end of the cell.
fn mark(canvas: &mut Canvas<'_>, (x, y, width): (u16, u16, u16), (cell, shown): (&str, &str), regex: &regex::Regex) {
    if !regex.is_match(cell) {
        return;
    }
    let columns = |text: &str| u16::try_from(crate::text::wrap::width(text)).unwrap_or(width);
    let mut is_marked = false;
    for found in regex.find_iter(shown).filter(|found| !found.is_empty() && !found.as_str().trim().is_empty()).take(20)
    {
        let (at, taken) = (columns(&shown[..found.start()]), columns(found.as_str()));
        canvas.tint(Rect { x: x + at, y, width: taken.min(width.saturating_sub(at)), height: 1 }, Role::Match);
        is_marked = true;
    }
    if !is_marked {
        canvas.tint(Rect { x: x + width.saturating_sub(1), y, width: 1, height: 1 }, Role::Match);
    }
}

/// What is known of the column under the cursor, and which row it is on.
fn footer(model: &Model, canvas: &mut Canvas<'_>, inner: Rect, target: Option<&str>) {
    let data = &model.dataset;
    let y = inner.bottom() - 1;
    let rows = match data.rows {
        _ if data.view.rows().is_some() => match data.row_at(data.cursor.0) {
            Some(row) => format!(
                "row {} · {} of {}",
                figure::count(row),
                figure::count(data.cursor.0 + 1),
                figure::count(data.n_shown())
            ),
            None => String::new(),
        },
        Rows::Exactly(n) => format!("row {} of {}", figure::count(data.cursor.0), figure::count(n)),
        Rows::AtLeast(n) => format!("row {} of {} or more, counting", figure::count(data.cursor.0), figure::count(n)),
    };
    let start = canvas.put_right(inner.right(), y, inner.width, &rows, Role::Dim);
    let room = start.saturating_sub(inner.x + 2);
    if let Some(failure) = &data.failure {
        canvas.put(inner.x, y, room, &format!("not profiled: {} – P tries again", failure.why), Role::Caution);
        return;
    }
    if table::line(model, canvas, (inner.x, y, room)) {
        return;
    }
    let Some(Some(profile)) = data.profiles.get(data.cursor.1) else { return };
    let mut said = vec![profile.label().to_string()];
    if target == Some(profile.name.expose()) {
        said.push("the target".into());
    }
    if model.framing.framing.as_ref().is_some_and(|framing| framing.exclude.contains(&profile.name)) {
        said.push("left out".into());
    }
    said.push(profile.role.word().into());
    said.push(figure::plural(profile.n_distinct, "value"));
    if profile.n_null > 0 {
        let marked = if profile.n_marked_null > 0 {
            format!(" ({} as NA, null or the like)", figure::count(profile.n_marked_null))
        } else {
            String::new()
        };
        said.push(format!("{} missing{marked}", figure::count(profile.n_null)));
    }
    if let (Some(min), Some(max)) = (&profile.min, &profile.max)
        && (profile.kind.is_number() || profile.kind.is_time())
    {
        said.push(format!("{} … {}", min.label(), max.label()));
    }
    if let Some(numbers) = &profile.numbers {
        said.push(format!("median {}", figure::value(numbers.quantiles[2])));
    } else if let Some((value, count)) = profile.top.first().filter(|_| profile.role == ColumnRole::Categorical) {
        said.push(format!(
            "mostly {} ({})",
            fit(crate::safe!("{}", value.expose()).as_str(), 20),
            figure::count(*count)
        ));
    }
    let focused = model.layout.focused() == Pane::Data;
    canvas.put(inner.x, y, room, &said.join(" · "), if focused { Role::Screen } else { Role::Dim });
}
