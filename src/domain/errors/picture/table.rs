//! Residuals along each column as small bars with intervals.

use crate::domain::errors::ErrorAnalysis;
use crate::domain::errors::picture::{Ink, Line, Unit, chance, not_checked, wrapped};
use crate::domain::errors::residuals::{BinResidual, ColumnResidual};
use crate::domain::verdict::CONFIDENCE;
use crate::safe;
use crate::text::figure;
use crate::text::wrap::{fit, pad, pad_left, width};

/// Columns that come nearest, where none explains anything beyond chance.
const N_NEAREST: usize = 3;

/// The part on residuals.
pub fn residuals(analysis: &ErrorAnalysis, columns: usize) -> Vec<Line> {
    let found = &analysis.residuals;
    if let Some(why) = &found.not_checked {
        return not_checked(why, columns);
    }
    let unit = Unit::of(analysis);
    let mut lines = Vec::new();
    let mean = found.mean.map_or_else(|| "unknown".to_owned(), |mean| unit.signed(mean));
    wrapped(&format!("Residual: {}; {mean} in the mean.", found.what), columns, Ink::Dim, &mut lines);
    let is_told = |column: &&ColumnResidual| column.p_adjusted.is_some_and(|p| p <= 1.0 - CONFIDENCE);
    let told: Vec<&ColumnResidual> = found.columns.iter().filter(is_told).collect();
    let n = figure::plural(found.n_columns, "column");
    let (shown, rest): (Vec<&ColumnResidual>, Vec<&ColumnResidual>) = if told.is_empty() {
        let said = format!("None of {n} moves it beyond chance (F test, Holm over all); nearest to it:");
        wrapped(&said, columns, Ink::Plain, &mut lines);
        (found.columns.iter().take(N_NEAREST).collect(), found.columns.iter().skip(N_NEAREST).collect())
    } else {
        let said = format!("{} of {n} move it beyond chance (F test, Holm over all).", told.len());
        wrapped(&said, columns, Ink::Plain, &mut lines);
        (told, found.columns.iter().filter(|column| !is_told(column)).collect())
    };
    let centre = found.centre.unwrap_or(0.0);
    let reach = shown
        .iter()
        .flat_map(|column| &column.bins)
        .flat_map(|bin| {
            let (low, high) = bin.interval.unwrap_or((bin.mean, bin.mean));
            [(low - centre).abs(), (high - centre).abs()]
        })
        .fold(0.0, f64::max);
    let longest = shown.iter().flat_map(|column| &column.bins).map(|bin| width(safe!("{}", bin.label).as_str())).max();
    let label = longest.unwrap_or(0).clamp(10, (columns / 3).clamp(12, 30));
    // Where there is room, the interval in figures as well.
    let with_span = columns >= 90;
    let values = if with_span { 38 } else { 17 };
    let bar = columns.saturating_sub(label + values + 2).clamp(11, 61);
    for column in &shown {
        lines.push(Line::default());
        lines.push(about(column, columns));
        for bin in &column.bins {
            let mut line = bar_of(bin, (label, bar), (centre, reach));
            line = line.and(&pad_left(&unit.signed(bin.mean), 9), Ink::Plain);
            if with_span {
                let span = bin.interval.map(|interval| unit.span(interval)).unwrap_or_default();
                line = line.and(&format!(" {}", pad(&span, 20)), Ink::Dim);
            }
            lines.push(line.and(&pad_left(&figure::count(bin.n), 8), Ink::Dim));
        }
    }
    if !rest.is_empty() {
        lines.push(Line::default());
        lines.push(Line::of("Not distinguishable from chance", Ink::Heading));
        let names: Vec<String> = rest
            .iter()
            .map(|column| match column.p_adjusted.filter(|p| *p < 0.5) {
                Some(p) => format!("{} (p {})", safe!("{}", column.column), chance(Some(p))),
                None => safe!("{}", column.column).to_string(),
            })
            .collect();
        wrapped(&names.join(" · "), columns, Ink::Dim, &mut lines);
    }
    lines
}

fn about(column: &ColumnResidual, columns: usize) -> Line {
    let room = columns.saturating_sub(45).clamp(10, 60);
    let share = column.explained.map_or_else(|| "unknown".to_owned(), figure::share);
    Line::of(&format!("{}  ", fit(safe!("{}", column.column).as_str(), room)), Ink::Heading)
        .and(&format!("explains {share} of the variance · p {}", chance(column.p_adjusted)), Ink::Dim)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place on a screen"
)]
fn bar_of(bin: &BinResidual, (label, bar): (usize, usize), (centre, reach): (f64, f64)) -> Line {
    let middle = bar / 2;
    let place = |value: f64| {
        let share = if reach > 0.0 { (value - centre) / reach } else { 0.0 };
        (middle as f64 + share * middle as f64).round().max(0.0) as usize
    };
    let (low, high) = bin.interval.unwrap_or((bin.mean, bin.mean));
    let is_off = low > centre || high < centre;
    let mut line =
        Line::of(&pad_left(&fit(safe!("{}", bin.label).as_str(), label), label), Ink::Plain).and("  ", Ink::Plain);
    for at in 0..bar {
        let (glyph, ink) = if at == place(bin.mean) {
            (if is_off { "◆" } else { "●" }, if is_off { Ink::Bad } else { Ink::Mark })
        } else if (place(low)..=place(high)).contains(&at) {
            ("─", if is_off { Ink::Bad } else { Ink::Mark })
        } else if at == middle {
            ("│", Ink::Faint)
        } else {
            (" ", Ink::Plain)
        };
        line = line.and(glyph, ink);
    }
    line
}
