//! The answer under review in its parts, with a chart above them where there is a course to see.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::sheet;
use crate::domain::sheet::{Row, Tone};
use crate::safe;
use crate::text::chart::{self, Series};
use crate::text::wrap::{fit, width, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::overlay::{choice, put_on};
use crate::ui::theme::Role;

/// Colours of lines in a chart; each has its name in the legend as well.
const LINES: [Role; 6] = [Role::Accent, Role::Good, Role::Caution, Role::Bad, Role::Title, Role::Dim];

/// Draws it.
pub fn pane(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let Some(sheet) = sheet::of(model) else {
        canvas.put(
            inner.x + 2,
            inner.y + 1,
            inner.width.saturating_sub(3),
            "There is nothing to take apart here.",
            Role::Dim,
        );
        return;
    };
    let mut area = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let top = card(model, canvas, area);
    area = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    let plotted = sheet::plot(model);
    if !plotted.is_empty() && area.height >= 14 {
        let height = (area.height / 3).clamp(5, 12);
        plot(canvas, Rect { height, ..area }, &plotted);
        area = Rect { y: area.y + height + 1, height: area.height - height - 1, ..area };
    }
    let selected = model.review.row.min(sheet.rows.len().saturating_sub(1));
    let columns = usize::from(area.width);
    // From the selected line upwards as many as fit above its details.
    let below: usize = sheet.rows.get(selected).map_or(0, |row| details(row, columns).len());
    let room = usize::from(area.height).saturating_sub(below.min(usize::from(area.height) / 2) + 1);
    let mut first = selected;
    let mut taken = 0;
    while first > 0 {
        let lines = label_lines(&sheet.rows[first - 1], columns).len();
        if taken + lines > room {
            break;
        }
        taken += lines;
        first -= 1;
    }
    let mut y = area.y;
    for (idx, row) in sheet.rows.iter().enumerate().skip(first) {
        let is_selected = idx == selected;
        let lines = label_lines(row, columns);
        for (number, line) in lines.iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            choice(canvas, area, y, is_selected);
            let part = if number == 0 { Part::First(line) } else { Part::Later(line) };
            one(canvas, Rect { y, height: 1, ..area }, row, part, is_selected);
            y += 1;
        }
        if is_selected {
            for line in details(row, columns) {
                if y >= area.bottom() {
                    return;
                }
                canvas.put(area.x + 4, y, area.width.saturating_sub(4), &line, Role::Dim);
                y += 1;
            }
        }
    }
}

/// What was odd about the answer comes before its parts. Returns how many rows that took.
fn card(model: &Model, canvas: &mut Canvas<'_>, area: Rect) -> u16 {
    let review = &model.review;
    let refusal = review.refusal.iter().map(|refusal| format!("! it can't be accepted: {refusal}"));
    let lines: Vec<String> = refusal.chain(review.warnings.iter().map(|warning| format!("! {warning}"))).collect();
    let mut y = area.y;
    for text in &lines {
        for row in wrap(text, usize::from(area.width)) {
            if y + 4 < area.bottom() {
                canvas.put(area.x, y, area.width, &text[row], Role::Caution);
                y += 1;
            }
        }
    }
    if !lines.is_empty() && y + 4 < area.bottom() {
        canvas.put(area.x, y, area.width, "R asks again and says so", Role::Dim);
        y += 2;
    }
    y - area.y
}

/// Columns that the measured value takes at the right.
fn value_width(row: &Row) -> usize {
    if row.value.is_empty() { 0 } else { width(row.value.as_str()) + 2 }
}

fn label_lines(row: &Row, columns: usize) -> Vec<String> {
    let indent = if row.tone == Tone::Heading { 0 } else { 4 };
    let room = columns.saturating_sub(indent + value_width(row)).max(12);
    let text = row.label.as_str();
    wrap(text, room).into_iter().map(|range| text[range].to_owned()).collect()
}

fn details(row: &Row, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for text in &row.detail {
        let text = text.as_str();
        lines.extend(wrap(text, columns.saturating_sub(4).max(12)).into_iter().map(|range| text[range].to_owned()));
    }
    lines
}

/// A line of a label that may need more than one.
#[derive(Clone, Copy)]
enum Part<'a> {
    First(&'a str),
    Later(&'a str),
}

fn one(canvas: &mut Canvas<'_>, area: Rect, row: &Row, part: Part<'_>, is_selected: bool) {
    let y = area.y;
    let (line, is_first) = match part {
        Part::First(line) => (line, true),
        Part::Later(line) => (line, false),
    };
    let role = match row.tone {
        Tone::Heading => Role::Heading,
        Tone::Plain => Role::Screen,
        Tone::Good => Role::Good,
        Tone::Caution => Role::Caution,
        Tone::Bad => Role::Bad,
        Tone::Dim => Role::Faint,
    };
    let put = |canvas: &mut Canvas<'_>, x: u16, width: u16, text: &str, role: Role| {
        if is_selected { put_on(canvas, (x, y, width), text, role, true) } else { canvas.put(x, y, width, text, role) }
    };
    if row.tone == Tone::Heading {
        put(canvas, area.x, area.width, line, role);
        return;
    }
    if is_first {
        put(canvas, area.x + 1, 3, row.sign.as_str(), role);
    }
    let text_role = if matches!(row.tone, Tone::Dim) { Role::Faint } else { Role::Screen };
    put(canvas, area.x + 4, area.width.saturating_sub(4), line, text_role);
    if is_first && !row.value.is_empty() {
        let value = fit(row.value.as_str(), usize::from(area.width / 2));
        let n = u16::try_from(width(&value)).unwrap_or(0);
        put(canvas, area.right().saturating_sub(n), n, &value, role);
    }
}

/// A chart in braille, its lines named below it.
fn plot(canvas: &mut Canvas<'_>, area: Rect, lines: &[(String, Vec<(f64, f64)>)]) {
    let series: Vec<Series<'_>> = lines.iter().map(|(name, points)| Series { name, points }).collect();
    let height = area.height.saturating_sub(1);
    for (cells, y) in chart::braille(&series, usize::from(area.width), usize::from(height)).iter().zip(area.y..) {
        for ((glyph, which), x) in cells.iter().zip(area.x..) {
            let role = LINES.get(*which).copied().unwrap_or(Role::Faint);
            canvas.put(x, y, 1, glyph.encode_utf8(&mut [0; 4]), role);
        }
    }
    let mut x = area.x;
    for ((name, _), role) in lines.iter().zip(LINES) {
        let name = safe!("━ {name}   ");
        x += canvas.put(x, area.bottom() - 1, area.right().saturating_sub(x), name.as_str(), role);
    }
}
