//! A chart in lines of a given width and height.

use super::stats::{Summary, place};
use super::{Boxes, Chart, Course, Cross, DOTS, Histogram, Matrix, Measure, Scatter};
use crate::domain::kind;
use crate::text::chart::{self, Series, bar, dot_bit};
use crate::text::ink::{Ink, Line};
use crate::text::wrap::{fit, pad, pad_left, width};
use crate::text::{SafeText, figure};

/// Columns of the labels beside a picture.
const GUTTER: usize = 8;

/// The chart, and what it says in words above it. `x` and `y` are the names of its columns.
pub fn lines(chart: &Chart, (columns, rows): (usize, usize)) -> Vec<Line> {
    let columns = columns.max(30);
    match chart {
        Chart::Histogram(found) => histogram(found, columns, rows),
        Chart::Bars(bars, n_left_out, n_null) => frequencies(bars, *n_left_out, *n_null, columns),
        Chart::Boxes(found) => boxes(found, columns),
        Chart::Scatter(found) => scatter(found, columns, rows),
        Chart::Course(found) => course(found, columns, rows),
        Chart::Cross(found) => cross(found, columns),
        Chart::Matrix(found) => matrix(found, columns),
        Chart::Nothing(why) => vec![Line::of(why, Ink::Dim)],
    }
}

/// A number, or a point in time where that is what the numbers are.
fn shown(value: f64, is_time: bool) -> String {
    if !is_time {
        return figure::value(value);
    }
    #[expect(clippy::cast_possible_truncation, reason = "microseconds of any year that can be written")]
    let text = kind::show_datetime((value * 1e6) as i64);
    text.get(..10).unwrap_or(&text).to_owned()
}

fn said(summary: &Summary, is_time: bool) -> Vec<Line> {
    let value = |value: f64| shown(value, is_time);
    let (n, n_null) = summary.n;
    let [low, q1, middle, q3, high] = summary.five.map(value);
    let mut first = format!("{} with a value", figure::plural(n, "row"));
    if n_null > 0 {
        first.push_str(&format!(", {} without", figure::count(n_null)));
    }
    let mut second = format!("from {low} to {high} · half between {q1} and {q3} · middle {middle}");
    if !is_time {
        second.push_str(&format!(" · mean {}", value(summary.mean)));
        if let Some(std) = summary.std {
            second.push_str(&format!(" ± {}", value(std)));
        }
        if let Some(skew) = summary.skew {
            first.push_str(&format!(" · skew {skew:.2}"));
        }
        if let Some(kurtosis) = summary.kurtosis {
            first.push_str(&format!(" · excess kurtosis {kurtosis:.2}"));
        }
    }
    vec![Line::of(&first, Ink::Dim), Line::of(&second, Ink::Dim)]
}

/// A box with its whiskers in so many cells.
fn strip(five: [f64; 5], bounds: (f64, f64), columns: usize) -> String {
    let at = five.map(|value| place(value, bounds, columns));
    (0..columns)
        .map(|cell| match cell {
            _ if cell == at[2] => '┃',
            _ if cell >= at[1] && cell <= at[3] => '▒',
            _ if cell == at[0] => '├',
            _ if cell == at[4] => '┤',
            _ if cell > at[0] && cell < at[4] => '─',
            _ => ' ',
        })
        .collect()
}

fn histogram(found: &Histogram, columns: usize, rows: usize) -> Vec<Line> {
    let mut lines = said(&found.summary, found.is_time);
    let n = found.counts.len();
    let room = columns.saturating_sub(GUTTER + 1);
    // Bins as wide as there is room; more bins than cells stand together.
    let each = (room / n.max(1)).max(1);
    let merged: Vec<u64> = found.counts.chunks(n.div_ceil(room.max(1)).max(1)).map(|bins| bins.iter().sum()).collect();
    let drawn = (merged.len() * each).min(room);
    let most = merged.iter().copied().max().unwrap_or(1).max(1);
    let height = rows.saturating_sub(lines.len() + 5).clamp(3, 24);
    lines.push(Line::default());
    for row in 0..height {
        let label = if row == 0 { figure::count(most) } else { String::new() };
        let mut line = String::new();
        for count in &merged {
            let eighths = usize::try_from(u128::from(*count) * (height as u128) * 8 / u128::from(most)).unwrap_or(0);
            // A bin that is not empty shows.
            let eighths = if *count > 0 { eighths.max(1) } else { 0 };
            let filled = eighths.saturating_sub((height - 1 - row) * 8).min(8);
            let block = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"][filled];
            line.push_str(&block.repeat(each));
        }
        lines.push(Line::of(&format!("{}│", pad_left(&label, GUTTER)), Ink::Faint).and(&line, Ink::Mark));
    }
    lines.push(Line::of(&format!("{}└{}", " ".repeat(GUTTER), "─".repeat(drawn)), Ink::Faint));
    let bounds = (found.edges[0], found.edges[n]);
    lines
        .push(Line::of(&" ".repeat(GUTTER + 1), Ink::Plain).and(&strip(found.summary.five, bounds, drawn), Ink::Plain));
    lines.push(ends(bounds, drawn, |value| shown(value, found.is_time)));
    lines
}

/// The ends of an axis below it, and its middle where there is room.
fn ends(bounds: (f64, f64), columns: usize, show: impl Fn(f64) -> String) -> Line {
    let (low, high) = (show(bounds.0), show(bounds.1));
    let middle = show(f64::midpoint(bounds.0, bounds.1));
    let room = columns.saturating_sub(width(&low) + width(&high));
    let text = if room > width(&middle) + 6 {
        let left = (columns / 2).saturating_sub(width(&low) + width(&middle) / 2);
        let right = room.saturating_sub(left + width(&middle));
        format!("{low}{}{middle}{}{high}", " ".repeat(left), " ".repeat(right))
    } else {
        format!("{low}{}{high}", " ".repeat(room.max(1)))
    };
    Line::of(&format!("{}{text}", " ".repeat(GUTTER + 1)), Ink::Dim)
}

fn frequencies(bars: &[(SafeText, u64)], n_left_out: usize, n_null: u64, columns: usize) -> Vec<Line> {
    let n: u64 = bars.iter().map(|(_, n)| n).sum();
    let mut first = format!("{} with a value", figure::plural(n, "row"));
    if n_left_out > 0 {
        first = format!("{} in the {} most frequent values", figure::plural(n, "row"), bars.len());
    }
    if n_null > 0 {
        first.push_str(&format!(", {} without", figure::count(n_null)));
    }
    let mut lines = vec![Line::of(&first, Ink::Dim), Line::default()];
    let most = bars.first().map_or(1, |(_, n)| *n);
    let n_name = (columns / 3).min(32);
    for (name, n) in bars {
        lines.push(
            Line::of(&pad(&fit(name.as_str(), n_name), n_name), Ink::Plain)
                .and(&pad_left(&figure::count(*n), 9), Ink::Plain)
                .and("  ", Ink::Plain)
                .and(&bar(*n, most, columns.saturating_sub(n_name + 12)), Ink::Mark),
        );
    }
    if n_left_out > 0 {
        lines.push(Line::of(&format!("{} more values are not drawn", figure::count(n_left_out as u64)), Ink::Dim));
    }
    lines
}

fn boxes(found: &Boxes, columns: usize) -> Vec<Line> {
    let n_name = (columns / 4).clamp(8, 24);
    let room = columns.saturating_sub(n_name + 10 + 12);
    let bounds = found.groups.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, plot)| {
        (low.min(plot.five[0]), high.max(plot.five[4]))
    });
    let mut lines = Vec::new();
    if let Some(eta) = found.eta_squared {
        lines.push(Line::of(&format!("the groups explain {} of the variance (η²)", figure::share(eta)), Ink::Dim));
    }
    lines.push(
        Line::of(&pad("group", n_name), Ink::Dim)
            .and(&pad_left("rows", 9), Ink::Dim)
            .and(&pad_left("middle", 11), Ink::Dim)
            .and("  whiskers within 1.5 × the box", Ink::Faint),
    );
    for (name, plot) in &found.groups {
        let beyond = if plot.n_beyond > 0 { format!(" +{}", figure::count(plot.n_beyond)) } else { String::new() };
        lines.push(
            Line::of(&pad(&fit(name.as_str(), n_name), n_name), Ink::Plain)
                .and(&pad_left(&figure::count(plot.n), 9), Ink::Dim)
                .and(&pad_left(&figure::value(plot.five[2]), 11), Ink::Plain)
                .and("  ", Ink::Plain)
                .and(&strip(plot.five, bounds, room.saturating_sub(8)), Ink::Mark)
                .and(&beyond, Ink::Dim),
        );
    }
    let left = n_name + 9 + 11 + 2;
    let mut axis = ends(bounds, room.saturating_sub(8), figure::value).text();
    axis = format!("{}{}", " ".repeat(left), axis.trim_start());
    lines.push(Line::of(&axis, Ink::Dim));
    if found.groups.iter().any(|(_, plot)| plot.n_beyond > 0) {
        lines.push(Line::of("+n: rows beyond the whiskers, not drawn", Ink::Faint));
    }
    if found.n_left_out > 0 {
        lines.push(Line::of(
            &format!("{} are not drawn", figure::plural(found.n_left_out as u64, "smaller group")),
            Ink::Dim,
        ));
    }
    lines
}

fn scatter(found: &Scatter, columns: usize, rows: usize) -> Vec<Line> {
    let sign = |name: &str, value: Option<f64>| match value {
        Some(value) => format!("{name} {value:.3}"),
        None => format!("{name} not defined"),
    };
    let mut lines = vec![Line::of(
        &format!(
            "{} with both values · {} · {}",
            figure::plural(found.n_rows, "row"),
            sign("Pearson's r", found.pearson),
            sign("Spearman's ρ", found.spearman)
        ),
        Ink::Dim,
    )];
    let room = columns.saturating_sub(GUTTER + 1).min(160);
    let height = rows.saturating_sub(lines.len() + 3).clamp(4, 40);
    let (across, down) = (room * 2, height * 4);
    let mut bits = vec![0u8; room * height];
    let mut counts = vec![0u64; room * height];
    for (at, n) in found.dots.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (x, y) = ((at % DOTS.0) * across / DOTS.0, (at / DOTS.0) * down / DOTS.1);
        let cell = (y / 4) * room + x / 2;
        bits[cell] |= dot_bit(x % 2, y % 4);
        counts[cell] += u64::from(*n);
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let ((low_x, high_x), (low_y, high_y)) = found.bounds;
    for row in 0..height {
        let label = match row {
            0 => figure::short(high_y),
            _ if row == height / 2 => figure::short(f64::midpoint(low_y, high_y)),
            _ if row + 1 == height => figure::short(low_y),
            _ => String::new(),
        };
        let mut line = Line::of(&format!("{}│", pad_left(&label, GUTTER)), Ink::Faint);
        // Where many rows lie, the dots stand out.
        let mut from = 0;
        while from < room {
            let ink_of = |at: usize| if counts[row * room + at] * 4 > most { Ink::Mark } else { Ink::Plain };
            let to = (from..room).find(|at| ink_of(*at) != ink_of(from)).unwrap_or(room);
            let text: String = (from..to)
                .map(|at| match bits[row * room + at] {
                    0 => ' ',
                    bits => char::from_u32(0x2800 + u32::from(bits)).unwrap_or('·'),
                })
                .collect();
            line = line.and(&text, ink_of(from));
            from = to;
        }
        lines.push(line);
    }
    lines.push(Line::of(&format!("{}└{}", " ".repeat(GUTTER), "─".repeat(room)), Ink::Faint));
    lines.push(ends((low_x, high_x), room, figure::value));
    lines
}

fn course(found: &Course, columns: usize, rows: usize) -> Vec<Line> {
    let step = match found.step_s {
        step if step < 60.0 => "second",
        step if step < 600.0 => "minute",
        step if step < 3_600.0 => "ten minutes",
        step if step < 21_600.0 => "hour",
        step if step < 86_400.0 => "six hours",
        step if step < 604_800.0 => "day",
        step if step < 2_000_000.0 => "seven days",
        step if step < 7_000_000.0 => "month of 30.4 days",
        step if step < 30_000_000.0 => "quarter of 91.3 days",
        step if step < 150_000_000.0 => "year of 365.25 days",
        step if step < 300_000_000.0 => "five years",
        _ => "ten years or more",
    };
    let mut lines = vec![Line::of(
        &format!("{} with both values · each point is the mean of one {step}", figure::plural(found.n_rows, "row")),
        Ink::Dim,
    )];
    let height = rows.saturating_sub(lines.len() + 1).clamp(4, 40);
    let cells = chart::braille(&[Series { name: "", points: &found.points }], columns, height);
    let n = cells.len();
    for row in cells.into_iter().take(n.saturating_sub(1)) {
        let text: String = row.iter().map(|(c, _)| *c).collect();
        lines.push(Line::of(&text, Ink::Mark));
    }
    if let (Some((first, _)), Some((last, _))) = (found.points.first(), found.points.last()) {
        lines.push(ends((*first, *last), columns.saturating_sub(GUTTER + 2), |value| shown(value, true)));
    }
    lines
}

fn cross(found: &Cross, columns: usize) -> Vec<Line> {
    let mut first = format!("{} with both values", figure::plural(found.n_rows, "row"));
    match found.cramers_v {
        Some(v) => first.push_str(&format!(" · Cramér's V {v:.3}, corrected for few rows")),
        None => first.push_str(" · Cramér's V not defined"),
    }
    let n_name = (columns / 4).clamp(8, 24);
    let each = (columns.saturating_sub(n_name) / found.across.len().max(1)).clamp(7, 14);
    let n_across = (columns.saturating_sub(n_name) / each).min(found.across.len());
    let mut head = Line::of(&" ".repeat(n_name), Ink::Plain);
    for name in &found.across[..n_across] {
        head = head.and(&pad_left(&fit(name.as_str(), each - 1), each), Ink::Dim);
    }
    let mut lines = vec![Line::of(&first, Ink::Dim), head];
    for (name, counts) in found.down.iter().zip(&found.counts) {
        let total: u64 = counts.iter().sum();
        let mut line = Line::of(&pad(&fit(name.as_str(), n_name), n_name), Ink::Plain);
        for n in &counts[..n_across] {
            let ink = match n * 100 / total.max(1) {
                50.. => Ink::Mark,
                10.. => Ink::Plain,
                _ => Ink::Faint,
            };
            line = line.and(&pad_left(&figure::count(*n), each), ink);
        }
        lines.push(line);
    }
    let n_columns = found.n_left_out.1 + found.across.len() - n_across;
    if found.n_left_out.0 + n_columns > 0 {
        let said = format!(
            "not shown: {} down, {} across",
            figure::count(found.n_left_out.0 as u64),
            figure::count(n_columns as u64)
        );
        lines.push(Line::of(&said, Ink::Dim));
    }
    lines
}

/// Only r has a direction.
fn signed(measure: Measure, value: f64) -> String {
    if measure == Measure::Pearson { format!("{value:+.3}") } else { format!("{value:.3} ") }
}

fn matrix(found: &Matrix, columns: usize) -> Vec<Line> {
    const EACH: usize = 6;
    let n_name = (columns / 5).clamp(8, 20);
    let n_across = (columns.saturating_sub(n_name + 4) / EACH).min(found.labels.len());
    let ink_of = |value: f64| match value.abs() {
        size if size >= 0.7 => Ink::Mark,
        size if size >= 0.4 => Ink::Strong,
        size if size >= 0.2 => Ink::Plain,
        _ => Ink::Faint,
    };
    let mut lines =
        vec![Line::of("r of numbers · V of names · η of numbers in groups; on the rows with both values", Ink::Dim)];
    let mut head = Line::of(&" ".repeat(n_name + 4), Ink::Plain);
    for at in 1..=n_across {
        head = head.and(&pad_left(&at.to_string(), EACH), Ink::Dim);
    }
    lines.push(head);
    for (at, (name, cells)) in found.labels.iter().zip(&found.cells).enumerate() {
        let mut line = Line::of(&pad_left(&format!("{} ", at + 1), 4), Ink::Dim)
            .and(&pad(&fit(name.as_str(), n_name), n_name), Ink::Plain);
        for (other, cell) in cells[..n_across].iter().enumerate() {
            line = match cell {
                _ if other == at => line.and(&pad_left("·", EACH), Ink::Faint),
                Some((_, value, _)) => line.and(&pad_left(&format!("{value:.2}"), EACH), ink_of(*value)),
                None => line.and(&pad_left("–", EACH), Ink::Faint),
            };
        }
        lines.push(line);
    }
    let mut strongest: Vec<_> = (0..found.labels.len())
        .flat_map(|a| (a + 1..found.labels.len()).map(move |b| (a, b)))
        .filter_map(|(a, b)| found.cells[a][b].map(|(measure, value, n)| (a, b, measure, value, n)))
        .collect();
    strongest.sort_by(|a, b| b.3.abs().total_cmp(&a.3.abs()));
    lines.push(Line::default());
    lines.push(Line::of("strongest", Ink::Heading));
    for (a, b, measure, value, n) in strongest.into_iter().take(8) {
        lines.push(
            Line::of(&format!("{} {}", measure.sign(), signed(measure, value)), ink_of(value))
                .and(&format!("  {} and {}", found.labels[a], found.labels[b]), Ink::Plain)
                .and(&format!("  on {}", figure::plural(n, "row")), Ink::Dim),
        );
    }
    if found.n_left_out > 0 {
        lines.push(Line::of(
            &format!("{} are not drawn", figure::plural(found.n_left_out as u64, "more column")),
            Ink::Dim,
        ));
    }
    lines
}
