//! The confusion matrix as shaded cells.

use crate::domain::errors::ErrorAnalysis;
use crate::domain::errors::picture::{Ink, Line, not_checked, wrapped};
use crate::safe;
use crate::text::figure;
use crate::text::wrap::{fit, pad, pad_left, width};

/// Narrowest and widest cell.
const CELL: (usize, usize) = (6, 12);
/// Columns of the share of rows that are right.
const RECALL: usize = 9;

/// The part on confusion.
pub fn confusion(analysis: &ErrorAnalysis, columns: usize) -> Vec<Line> {
    let Some(found) = &analysis.confusion else { return not_checked("a number is predicted", columns) };
    let mut lines = Vec::new();
    wrapped("Down: the truth. Across: what it was taken for. Shade: share of the row.", columns, Ink::Dim, &mut lines);
    lines.push(Line::default());
    let names: Vec<String> = found.classes.iter().map(|name| safe!("{name}").to_string()).collect();
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let label = longest.clamp(6, 20).min(columns / 4) + 2;
    let cell = columns.saturating_sub(label + RECALL) / names.len().max(1);
    if cell < CELL.0 {
        let needed = label + RECALL + CELL.0 * names.len();
        wrapped(
            &format!("The matrix of {} classes needs {needed} columns; its greatest mistakes:", names.len()),
            columns,
            Ink::Caution,
            &mut lines,
        );
    } else {
        let cell = cell.min(CELL.1).min(longest.max(CELL.0) + 3);
        let mut head = Line::of(&" ".repeat(label), Ink::Plain);
        for name in &names {
            head = head.and(&pad_left(&fit(name, cell - 1), cell), Ink::Dim);
        }
        lines.push(head.and(&pad_left("right", RECALL), Ink::Dim));
        for (truth, counts) in found.counts.iter().enumerate() {
            let mut line = Line::of(&pad(&fit(&names[truth], label - 1), label), Ink::Strong);
            for (predicted, count) in counts.iter().enumerate() {
                let share = found.shares[truth][predicted];
                let (text, ink) = shaded(*count, share, cell, truth == predicted);
                line = line.and(&text, ink);
            }
            let right = found.shares[truth][truth].map_or_else(|| "–".to_owned(), figure::share);
            lines.push(line.and(&pad_left(&right, RECALL), Ink::Plain));
        }
        lines.push(Line::default());
        lines.push(Line::of("of a row  ░ ≤ 25 %  ▒ ≤ 50 %  ▓ ≤ 75 %  █ above", Ink::Faint));
    }
    lines.push(Line::default());
    lines.push(Line::of("Most often taken for another", Ink::Heading));
    if found.pairs.is_empty() {
        lines.push(Line::of("  No row is wrong.", Ink::Good));
    }
    for pair in &found.pairs {
        let said = format!(
            "  {} taken for {}: {}, {} of {}",
            pair.truth,
            pair.predicted,
            figure::plural(pair.n, "row"),
            figure::share(pair.share),
            pair.truth
        );
        wrapped(&said, columns, Ink::Plain, &mut lines);
    }
    lines
}

/// A cell: its shade, then its count at the right.
fn shaded(count: u64, share: Option<f64>, cell: usize, is_right: bool) -> (String, Ink) {
    let share = share.unwrap_or(0.0);
    if count == 0 {
        return (pad_left("·", cell), Ink::Faint);
    }
    let glyph = match share {
        share if share <= 0.25 => "░",
        share if share <= 0.5 => "▒",
        share if share <= 0.75 => "▓",
        _ => "█",
    };
    let count = figure::count(count);
    let n_shades = cell.saturating_sub(width(&count) + 2).min(3);
    let text = format!("{} {count}", glyph.repeat(n_shades));
    let ink = match (is_right, share) {
        (true, _) => Ink::Good,
        (false, share) if share >= 0.05 => Ink::Bad,
        (false, _) => Ink::Dim,
    };
    (pad_left(&text, cell), ink)
}
