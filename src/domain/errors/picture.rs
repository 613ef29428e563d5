//! An analysis of errors in lines of a given width, for a terminal, a page or a file.

pub mod matrix;
pub mod plot;
pub mod table;

use crate::domain::errors::examples::Example;
use crate::domain::errors::segments::{Segment, TooLarge};
use crate::domain::errors::{ErrorAnalysis, Loss};
use crate::domain::metric::Problem;
use crate::safe;
use crate::text::figure;
pub use crate::text::ink::{Ink, Line};
use crate::text::wrap::{pad, pad_left, wrap};

/// A part of the analysis that is looked at by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Where it is worse than elsewhere.
    Segments,
    /// Whether predictions mean what they say.
    Calibration,
    /// Which class is taken for which.
    Confusion,
    /// Along which column the error moves.
    Residuals,
    /// Rows to look at.
    Examples,
}

impl Tab {
    /// The parts that make sense for an analysis.
    pub fn of(analysis: &ErrorAnalysis) -> Vec<Self> {
        let all = [Self::Segments, Self::Calibration, Self::Confusion, Self::Residuals, Self::Examples];
        all.into_iter().filter(|tab| *tab != Self::Confusion || analysis.confusion.is_some()).collect()
    }

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Segments => "Segments",
            Self::Calibration => "Calibration",
            Self::Confusion => "Confusion",
            Self::Residuals => "Residuals",
            Self::Examples => "Examples",
        }
    }
}

/// A text in as many lines as it needs.
fn wrapped(text: &str, columns: usize, ink: Ink, into: &mut Vec<Line>) {
    let text = safe!("{text}");
    into.extend(wrap(text.as_str(), columns.max(20)).into_iter().map(|row| Line::of(&text.as_str()[row], ink)));
}

/// Two blocks beside each other.
fn beside(left: Vec<Line>, right: Vec<Line>, gap: usize) -> Vec<Line> {
    let columns = left.iter().map(Line::width).max().unwrap_or(0) + gap;
    let n = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    (0..n)
        .map(|_| {
            let mut line = left.next().unwrap_or_default();
            let other = right.next().unwrap_or_default();
            let taken = line.width();
            line.pieces.push((safe!("{}", " ".repeat(columns - taken)), Ink::Plain));
            line.pieces.extend(other.pieces);
            line
        })
        .collect()
}

/// A p-value: `<.001` or `.012`.
pub fn chance(p: Option<f64>) -> String {
    match p {
        None => "unknown".to_owned(),
        Some(p) if p < 0.001 => "<.001".to_owned(),
        Some(p) => figure::score(p),
    }
}

/// A loss, or a residual, in digits that fit what it is.
#[derive(Clone, Copy, Debug)]
struct Unit {
    is_of_target: bool,
}

impl Unit {
    fn of(analysis: &ErrorAnalysis) -> Self {
        Self { is_of_target: analysis.problem == Problem::Regression }
    }

    fn plain(self, value: f64) -> String {
        let text = if self.is_of_target { figure::value(value) } else { figure::score(value) };
        text.replace('-', "−")
    }

    fn signed(self, value: f64) -> String {
        if value < 0.0 { format!("−{}", self.plain(-value)) } else { format!("+{}", self.plain(value)) }
    }

    fn span(self, (low, high): (f64, f64)) -> String {
        format!("[{}, {}]", self.signed(low), self.signed(high))
    }
}

/// What is seen of the analysis as a whole, in a line.
pub fn head(analysis: &ErrorAnalysis) -> String {
    let unit = Unit::of(analysis);
    let mean = analysis.mean_loss.map_or_else(|| "unknown".to_owned(), |mean| unit.plain(mean));
    format!("{} unseen in training · {} {mean}", figure::plural(analysis.n_rows, "row"), analysis.loss.words())
}

/// A part in lines of at most `size.0` columns; `size.1` rows are in sight, which decides how high a picture is.
pub fn lines(analysis: &ErrorAnalysis, tab: Tab, size: (usize, usize)) -> Vec<Line> {
    match tab {
        Tab::Segments => segments(analysis, size.0),
        Tab::Calibration => plot::calibration(analysis, size),
        Tab::Confusion => matrix::confusion(analysis, size.0),
        Tab::Residuals => table::residuals(analysis, size.0),
        Tab::Examples => examples(analysis, size.0),
    }
}

fn not_checked(why: &str, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    wrapped(&format!("not checked: {why}"), columns, Ink::Caution, &mut lines);
    lines
}

/// From this width on a segment takes one line.
const WIDE: usize = 104;

fn segments(analysis: &ErrorAnalysis, columns: usize) -> Vec<Line> {
    let found = &analysis.segments;
    if let Some(why) = &found.not_checked {
        return not_checked(why, columns);
    }
    let mut lines = Vec::new();
    let said = format!(
        "{} of {} were compared on one half of the rows. {} went to the other half, which had no part in choosing them; what is shown is of that half alone.",
        figure::plural(found.n_candidates, "segment"),
        figure::plural(found.n_columns, "column"),
        figure::count(found.n_confirmed_on),
    );
    wrapped(&said, columns, Ink::Dim, &mut lines);
    lines.push(Line::default());
    if found.found.is_empty() {
        wrapped("No segment is worse than the rest beyond chance.", columns, Ink::Strong, &mut lines);
    } else {
        table_of(analysis, "Worse than elsewhere", &found.found, columns, &mut lines);
        lines.push(Line::default());
        let said = "Worse may also mean harder: where the truth is less certain, every model errs more.";
        wrapped(said, columns, Ink::Dim, &mut lines);
    }
    if !found.others.is_empty() {
        lines.push(Line::default());
        table_of(analysis, "Not distinguishable from chance", &found.others, columns, &mut lines);
    }
    if let Some(TooLarge { words, share }) = &found.too_large {
        let more = match found.n_too_large {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let said = format!(
            "What more than half of the rows have in common is no segment; it says that the other rows are easier: {words}, {}{more}.",
            figure::share(*share)
        );
        lines.push(Line::default());
        wrapped(&said, columns, Ink::Dim, &mut lines);
    }
    lines
}

fn table_of(analysis: &ErrorAnalysis, title: &str, segments: &[Segment], columns: usize, lines: &mut Vec<Line>) {
    let first = columns.saturating_sub(74).max(30);
    if columns >= WIDE {
        lines.push(Line::of(&pad(title, first), Ink::Heading).and(
            &format!(
                "{}{}{}{}  {}{}",
                pad_left("rows", 8),
                pad_left("loss", 9),
                pad_left("elsewhere", 11),
                pad_left("ratio", 8),
                pad("difference, adjusted 95 %", 30),
                pad_left("p", 6)
            ),
            Ink::Dim,
        ));
    } else {
        lines.push(Line::of(title, Ink::Heading));
    }
    for segment in segments {
        one_segment(analysis, segment, (columns, first), lines);
    }
}

fn one_segment(analysis: &ErrorAnalysis, segment: &Segment, (columns, first): (usize, usize), lines: &mut Vec<Line>) {
    let unit = Unit::of(analysis);
    let known = |value: Option<f64>, show: &dyn Fn(f64) -> String| value.map_or_else(|| "–".to_owned(), show);
    let (ink, sign) = if segment.is_finding { (Ink::Bad, "▼ ") } else { (Ink::Dim, "≈ ") };
    let row = segment.rows.first().copied();
    let loss = known(segment.mean_loss, &|loss| unit.plain(loss));
    let elsewhere = known(segment.mean_loss_elsewhere, &|loss| unit.plain(loss));
    let ratio = known(segment.ratio, &|ratio| format!("{ratio:.1}×"));
    let difference = known(segment.difference, &|difference| unit.signed(difference));
    let span = segment.interval.map(|interval| unit.span(interval)).unwrap_or_default();
    let p = chance(segment.p_adjusted);
    let text_ink = if segment.is_finding { Ink::Strong } else { Ink::Plain };
    let words = safe!("{}", segment.words);
    let mut pieces = wrap(words.as_str(), if columns >= WIDE { first - 3 } else { columns.saturating_sub(2) }.max(12))
        .into_iter()
        .map(|range| words.as_str()[range].trim_end().to_owned());
    let mut head = Line::of(sign, ink);
    let name = pieces.next().unwrap_or_default();
    if columns >= WIDE {
        head = head.and(&pad(&name, first - 2), text_ink).and(
            &format!(
                "{}{}{}{}  {}{}",
                pad_left(&figure::count(segment.n_confirming), 8),
                pad_left(&loss, 9),
                pad_left(&elsewhere, 11),
                pad_left(&ratio, 8),
                pad(&format!("{difference} {span}"), 30),
                pad_left(&p, 6)
            ),
            Ink::Plain,
        );
    } else {
        head = head.and(&name, text_ink);
    }
    lines.push(head.to(row));
    lines.extend(pieces.map(|rest| Line::of("  ", Ink::Plain).and(&rest, text_ink)));
    if columns < WIDE {
        let rows = figure::plural(segment.n_confirming, "row");
        let said = format!("  {rows} · {loss}, elsewhere {elsewhere} ({ratio})");
        lines.push(Line::of(&said, Ink::Plain));
        lines.push(Line::of(&format!("  {difference} {span} · p {p}"), Ink::Dim));
    }
    if segment.is_explained_by_less && !segment.is_finding {
        let said = "not told from the rows that lack one of its conditions, which p is about";
        let mut more = Vec::new();
        wrapped(said, columns - 2, Ink::Dim, &mut more);
        lines.extend(more.into_iter().map(|line| Line::of("  ", Ink::Plain).and(&line.text(), Ink::Dim)));
    }
    if !segment.also.is_empty() {
        let mut more = Vec::new();
        wrapped(&format!("nearly the same rows: {}", segment.also.join("; ")), columns - 2, Ink::Dim, &mut more);
        lines.extend(more.into_iter().map(|line| Line::of("  ", Ink::Plain).and(&line.text(), Ink::Dim)));
    }
    let rows: Vec<String> = segment.rows.iter().map(|row| figure::count(*row)).collect();
    if segment.is_finding && !rows.is_empty() {
        lines.push(Line::of(&format!("  worst rows {}", rows.join(" · ")), Ink::Faint));
    }
}

fn examples(analysis: &ErrorAnalysis, columns: usize) -> Vec<Line> {
    let unit = Unit::of(analysis);
    let found = &analysis.examples;
    let mut lines = Vec::new();
    wrapped("Rows are numbered from 0, as in the data pane.", columns, Ink::Dim, &mut lines);
    let wrong = if analysis.loss == Loss::Brier { "Wrong, and sure of it" } else { "Wrong" };
    let parts = [
        (wrong, &found.wrong, "No row is wrong."),
        ("Greatest residuals", &found.residuals, "There are none."),
        ("Narrowest decisions", &found.nearest, "There are none."),
    ];
    for (title, list, nothing) in parts {
        let Some(list) = list else { continue };
        lines.push(Line::default());
        let last = if analysis.problem == Problem::Regression { "residual" } else { "confidence" };
        let wide = (columns.saturating_sub(30) / 2).clamp(10, 28);
        lines.push(Line::of(title, Ink::Heading));
        if list.is_empty() {
            lines.push(Line::of(&format!("  {nothing}"), Ink::Dim));
            continue;
        }
        let heading = format!(
            "{}  {}{}{}",
            pad_left("row", 12),
            pad("truth", wide),
            pad("  predicted", wide),
            pad_left(last, 12)
        );
        lines.push(Line::of(&heading, Ink::Dim));
        lines.extend(list.iter().map(|one| example(one, wide, unit)));
    }
    lines
}

fn example(one: &Example, wide: usize, unit: Unit) -> Line {
    let last = match (one.residual, one.confidence) {
        (Some(residual), _) => unit.signed(residual),
        (None, Some(confidence)) => figure::share(confidence),
        (None, None) => "–".to_owned(),
    };
    let is_right = one.truth == one.predicted;
    let ink = match one.residual {
        None if is_right => Ink::Good,
        None => Ink::Bad,
        Some(_) => Ink::Plain,
    };
    let (truth, predicted) = (safe!("{}", one.truth), safe!("{}", one.predicted));
    let sign = match one.residual {
        None if is_right => "✓ ",
        None => "✗ ",
        Some(_) => "  ",
    };
    Line::of(&pad_left(&figure::count(one.row), 12), Ink::Plain)
        .and("  ", Ink::Plain)
        .and(&format!("{} ", pad(truth.as_str(), wide - 1)), Ink::Strong)
        .and(&format!("{sign}{}", pad(predicted.as_str(), wide - 2)), ink)
        .and(&pad_left(&last, 12), Ink::Plain)
        .to(Some(one.row))
}
