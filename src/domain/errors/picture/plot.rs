//! Predictions against what was observed: dots with intervals in braille, a table beside or below.

use crate::domain::errors::ErrorAnalysis;
use crate::domain::errors::calibration::{Bin, Calibration};
use crate::domain::errors::picture::{Ink, Line, Unit, beside, not_checked, wrapped};
use crate::domain::metric::Problem;
use crate::text::chart::{self, Series};
use crate::text::figure;
use crate::text::wrap::{pad, pad_left};

/// Columns of the table of bins.
const TABLE: usize = 46;

/// The part on calibration; of a number, on the mean residual along the prediction.
pub fn calibration(analysis: &ErrorAnalysis, (columns, rows): (usize, usize)) -> Vec<Line> {
    let found = &analysis.calibration;
    if let Some(why) = &found.not_checked {
        return not_checked(why, columns);
    }
    let unit = Unit::of(analysis);
    let is_number = analysis.problem == Problem::Regression;
    let mut lines = Vec::new();
    let said = if is_number {
        "Mean residual (truth minus prediction) along the prediction: above zero it predicts too low, below zero too high."
            .to_owned()
    } else {
        format!("The {} against how often it came true.", found.what)
    };
    wrapped(&said, columns, Ink::Dim, &mut lines);
    if let Some(sentence) = sentence(found) {
        wrapped(&sentence, columns, Ink::Plain, &mut lines);
    }
    lines.push(Line::default());
    let is_wide = columns >= 100;
    let room = rows.saturating_sub(lines.len() + 3);
    let height = if is_wide { room.clamp(8, 24) } else { room.clamp(7, 16) };
    let wide = if is_wide { (columns - TABLE - 6).min(80) } else { columns.min(72) };
    let picture = picture(found, is_number, wide, height);
    let table = table(found, unit, is_number);
    if is_wide {
        lines.extend(beside(picture, table, 6));
    } else {
        lines.extend(picture);
        lines.push(Line::default());
        lines.extend(table);
    }
    lines
}

/// The calibration error with its bins, what chance would make of it, and the score taken apart.
pub fn sentence(found: &Calibration) -> Option<String> {
    let (ece, chance, brier, parts) = (found.ece?, found.ece_by_chance?, found.brier?, found.decomposition?);
    let within = format!("{}{}", if parts.within < 0.0 { "− " } else { "+ " }, figure::score(parts.within.abs()));
    Some(format!(
        "Calibration error {} over {} (by chance alone about {}). Brier {} = reliability {} − resolution {} + uncertainty {} {within} within bins.",
        figure::score(ece),
        figure::plural(found.bins.len() as u64, "bin"),
        figure::score(chance),
        figure::score(brier),
        figure::score(parts.reliability),
        figure::score(parts.resolution),
        figure::score(parts.uncertainty),
    ))
}

/// Whether an interval leaves out what it should hold.
fn is_off(bin: &Bin, is_number: bool) -> bool {
    let expected = if is_number { 0.0 } else { bin.predicted };
    bin.interval.is_some_and(|(low, high)| expected < low || expected > high)
}

fn picture(found: &Calibration, is_number: bool, columns: usize, rows: usize) -> Vec<Line> {
    let highs = found.bins.iter().flat_map(|bin| [bin.predicted, bin.interval.map_or(bin.observed, |(_, high)| high)]);
    let reference: Vec<(f64, f64)> = if is_number {
        let edge = |pick: fn(f64, f64) -> f64| found.bins.iter().map(|bin| bin.predicted).reduce(pick);
        vec![(edge(f64::min).unwrap_or(0.0), 0.0), (edge(f64::max).unwrap_or(1.0), 0.0)]
    } else {
        // Both axes alike, from one tenth to another, so that what is as it should be is the diagonal.
        let lows = found.bins.iter().flat_map(|bin| [bin.predicted, bin.interval.map_or(bin.observed, |(low, _)| low)]);
        let least = ((lows.fold(1.0, f64::min) * 10.0).floor() / 10.0).clamp(0.0, 0.9);
        let most = ((highs.fold(0.0, f64::max) * 10.0).ceil() / 10.0).clamp(least + 0.1, 1.0);
        vec![(least, least), (most, most)]
    };
    let mut reaches: Vec<(f64, f64)> = Vec::new();
    for bin in &found.bins {
        let (low, high) = bin.interval.unwrap_or((bin.observed, bin.observed));
        reaches.extend([(bin.predicted, low), (bin.predicted, high), (f64::NAN, f64::NAN)]);
    }
    let series = [Series { name: "", points: &reference }, Series { name: "", points: &reaches }];
    let cells = chart::braille(&series, columns, rows);
    let Some(first) = cells.first() else { return Vec::new() };
    let left = first.iter().position(|(glyph, _)| matches!(glyph, '┤' | '│')).map_or(0, |at| at + 1);
    let bounds = bounds(&reference, &reaches);
    let mut marks = std::collections::BTreeMap::new();
    for bin in &found.bins {
        marks.insert(place(bin, bounds, (left, columns, rows - 1)), is_off(bin, is_number));
    }
    let mut lines = vec![Line::of(if is_number { "mean residual" } else { "came true" }, Ink::Dim)];
    for (y, row) in cells.iter().enumerate() {
        let mut line = Line::default();
        for (x, (glyph, which)) in row.iter().enumerate() {
            let (glyph, ink) = match (marks.get(&(x, y)), which) {
                (Some(true), _) => ('◆', Ink::Bad),
                (Some(false), _) => ('●', Ink::Mark),
                (None, 0) => (*glyph, Ink::Faint),
                (None, 1) => (*glyph, Ink::Mark),
                (None, _) => (*glyph, Ink::Dim),
            };
            match line.pieces.last_mut() {
                Some((text, last)) if *last == ink => {
                    *text = std::mem::take(text).and(&crate::safe!("{glyph}"));
                }
                _ => line = line.and(glyph.encode_utf8(&mut [0; 4]), ink),
            }
        }
        lines.push(line);
    }
    lines.push(Line::of(&pad_left("predicted, mean of the bin", columns), Ink::Dim));
    lines.push(
        Line::of("● as predicted  ", Ink::Mark)
            .and("◆ off  ", Ink::Bad)
            .and("│ 95 %  ", Ink::Mark)
            .and(if is_number { "⠤ no error" } else { "⠔ as it should be" }, Ink::Dim),
    );
    lines
}

fn bounds(reference: &[(f64, f64)], reaches: &[(f64, f64)]) -> ((f64, f64), (f64, f64)) {
    let points = || reference.iter().chain(reaches).filter(|(x, y)| x.is_finite() && y.is_finite());
    let span = |pick: fn(&(f64, f64)) -> f64| {
        points()
            .map(pick)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    (span(|(x, _)| *x), span(|(_, y)| *y))
}

/// The cell of a bin's dot, where the chart draws its intervals.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place on a screen"
)]
fn place(bin: &Bin, (x, y): ((f64, f64), (f64, f64)), (left, columns, rows): (usize, usize, usize)) -> (usize, usize) {
    let dots = |value: f64, (low, high): (f64, f64), n: usize| {
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        ((share * (n - 1) as f64).round().max(0.0) as usize).min(n - 1)
    };
    let across = dots(bin.predicted, x, 2 * columns.saturating_sub(left).max(1));
    let up = dots(bin.observed, y, 4 * rows.max(1));
    (left + across / 2, (4 * rows.max(1) - 1 - up) / 4)
}

fn table(found: &Calibration, unit: Unit, is_number: bool) -> Vec<Line> {
    let (second, wide) = if is_number { ("residual", 12) } else { ("came true", 12) };
    let mut lines = vec![Line::of(
        &format!("{}{}  {}{}", pad_left("predicted", 10), pad_left(second, wide), pad("95 %", 16), pad_left("rows", 6)),
        Ink::Dim,
    )];
    for bin in &found.bins {
        let show = |value: f64| if is_number { unit.signed(value) } else { unit.plain(value) };
        let span = bin.interval.map_or_else(
            || "–".to_owned(),
            |(low, high)| if is_number { unit.span((low, high)) } else { format!("[{}, {}]", show(low), show(high)) },
        );
        let ink = if is_off(bin, is_number) { Ink::Bad } else { Ink::Plain };
        lines.push(
            Line::of(&pad_left(&unit.plain(bin.predicted), 10), Ink::Plain)
                .and(&pad_left(&show(bin.observed), wide), ink)
                .and(&format!("  {}", pad(&span, 16)), Ink::Dim)
                .and(&pad_left(&figure::count(bin.n), 6), Ink::Dim)
                .and(if is_off(bin, is_number) { " ◆" } else { "" }, Ink::Bad),
        );
    }
    lines
}
