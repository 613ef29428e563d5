//! The history pane: experiments with their verdicts, and the metric over time.

use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use crate::app::Model;
use crate::app::layout::Pane;
use crate::domain::experiment::{Decision, Experiment};
use crate::domain::metric::Direction;
use crate::domain::run::{Role as Purpose, Status};
use crate::domain::turn::StopReason;
use crate::domain::verdict::Label;
use crate::text::figure;
use crate::text::wrap::{fit, pad, pad_left, wrap};
use crate::ui::canvas::Canvas;
use crate::ui::theme::Role;

/// Name and state.
pub fn titles(model: &Model) -> (&'static str, String) {
    let list = model.history.list();
    if list.is_empty() {
        let said = if model.history.is_loaded { "nothing tried yet" } else { "" };
        return ("History", said.to_owned());
    }
    let best = model.history.best().map_or_else(String::new, |best| format!(" · best {}", best.id));
    let opened = match model.history.history.n_openings(&model.history.data) {
        0 => String::new(),
        n => format!(" · holdout opened {}", figure::times(n)),
    };
    ("History", format!("{}{best}{opened}", list.len()))
}

/// The pane.
pub fn pane(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let list = model.history.list();
    if list.is_empty() {
        return empty(model, canvas, inner);
    }
    let points = points(model);
    let chart_height = if points.len() >= 2 && inner.height >= 14 { inner.height / 3 } else { 0 };
    let rows = Rect { height: inner.height - chart_height, ..inner };
    table(model, &list, canvas, rows);
    if chart_height > 0 {
        chart(model, &points, canvas, Rect { y: inner.y + rows.height, height: chart_height, ..inner });
    }
}

fn empty(model: &Model, canvas: &mut Canvas<'_>, inner: Rect) {
    let said = if model.framing.framing.is_some() {
        "No experiments yet. The first one is a baseline: press x."
    } else {
        "No experiments yet. The first one is a baseline, once the question is framed: press F."
    };
    let width = inner.width.saturating_sub(3);
    for (row, y) in wrap(said, usize::from(width)).into_iter().zip(inner.y + 1..inner.bottom()) {
        canvas.put(inner.x + 2, y, width, &said[row], Role::Dim);
    }
}

/// Columns by the width that there is: id, mark, what, score, against, verdict, dollars.
struct Columns {
    what: usize,
    score: usize,
    against: usize,
    verdict: usize,
    cost: usize,
}

fn columns(width: u16) -> Columns {
    let width = usize::from(width);
    let fixed = 6;
    let (score, against, verdict, cost) = match width {
        0..60 => (13, 0, 0, 0),
        60..76 => (13, 0, 20, 0),
        76..96 => (13, 4, 20, 7),
        _ => (14, 5, 36, 8),
    };
    let gaps = [score, against, verdict, cost].iter().filter(|width| **width > 0).count() * 2;
    Columns {
        what: width.saturating_sub(fixed + score + against + verdict + cost + gaps).max(8),
        score,
        against,
        verdict,
        cost,
    }
}

fn table(model: &Model, list: &[&Experiment], canvas: &mut Canvas<'_>, area: Rect) {
    let columns = columns(area.width);
    let metric = model.framing.framing.as_ref().map_or("score", |framing| framing.metric.name());
    let mut head = format!("{}{}  {}", " ".repeat(6), pad("what", columns.what), pad_left(metric, columns.score));
    for (name, width) in [("vs", columns.against), ("verdict", columns.verdict)] {
        if width > 0 {
            head.push_str(&format!("  {}", pad(name, width)));
        }
    }
    if columns.cost > 0 {
        head.push_str(&format!("  {}", pad_left("cost", columns.cost)));
    }
    canvas.put(area.x, area.y, area.width, &head, Role::Dim);
    let best = model.history.best().map(|best| best.id.clone());
    let is_focused = model.layout.focused() == Pane::History;
    for (y, (idx, experiment)) in (area.y + 1..area.bottom()).zip(list.iter().enumerate().skip(model.history.first)) {
        let is_selected = idx == model.history.selected;
        if is_selected {
            canvas.tint(Rect { y, height: 1, ..area }, if is_focused { Role::Selected } else { Role::Row });
        }
        let pieces = line(model, experiment, best.as_deref() == Some(&experiment.id), &columns);
        let below = if is_selected { Some(if is_focused { Role::Selected } else { Role::Row }) } else { None };
        let mut at = 0;
        for (text, role) in pieces {
            let mut style = canvas.style(role);
            if let Some(below) = below {
                style.bg = canvas.style(below).bg;
                style = style.add_modifier(canvas.style(below).add_modifier);
            }
            at += canvas.put_styled(area.x + at, y, area.width.saturating_sub(at), &text, style);
        }
    }
}

fn line(model: &Model, experiment: &Experiment, is_best: bool, columns: &Columns) -> Vec<(String, Role)> {
    let is_running = experiment.run().is_some_and(|run| run.outcome.is_none());
    let (mark, mark_role) = match (is_running, is_best, experiment.decision) {
        (true, _, _) => ("● ", Role::Accent),
        (_, true, _) => ("★ ", Role::Accent),
        (_, _, Decision::Rejected) => ("× ", Role::Dim),
        (_, _, Decision::Pending) => ("○ ", Role::Dim),
        _ => ("  ", Role::Dim),
    };
    let title = crate::safe!("{}", experiment.title());
    let title = if experiment.title() == experiment.task { experiment.task.clone() } else { title.to_string() };
    let title = if experiment.has_network() { format!("network · {title}") } else { title };
    // What can't be compared with the latest scores is grey, and says why in place of a verdict.
    let apart = model.history.why_apart(experiment);
    // Where there is no room for verdicts, it says why in place of what it is.
    let title = match apart {
        Some(why) if columns.verdict == 0 => why.short().to_owned(),
        _ => title,
    };
    let plain = if apart.is_some() { Role::Dim } else { Role::Screen };
    let mut pieces = vec![
        (pad(&experiment.id, 4), Role::Dim),
        (mark.to_owned(), mark_role),
        (pad(&fit(&title, columns.what), columns.what), plain),
        (format!("  {}", pad_left(&score(model, experiment), columns.score)), plain),
    ];
    if columns.against > 0 {
        pieces.push((format!("  {}", pad(&against(model, experiment), columns.against)), Role::Dim));
    }
    if columns.verdict > 0 {
        let (words, role) = match apart {
            Some(why) if columns.verdict >= 36 => (why.words().to_owned(), Role::Dim),
            Some(why) => (fit(why.short(), columns.verdict), Role::Dim),
            None => verdict(experiment, columns.verdict),
        };
        pieces.push((format!("  {}", pad(&words, columns.verdict)), role));
    }
    if columns.cost > 0 {
        let cost = if experiment.is_unanswered() { "–".to_owned() } else { figure::dollars(experiment.cost_usd) };
        pieces.push((format!("  {}", pad_left(&cost, columns.cost)), Role::Dim));
    }
    pieces
}

fn score(model: &Model, experiment: &Experiment) -> String {
    let Some(run) = experiment.run() else { return "–".to_owned() };
    if let Some((mean, std)) = run.score() {
        return std
            .map_or_else(|| figure::score(mean), |std| format!("{} ±{}", figure::score(mean), figure::score(std)));
    }
    match &run.outcome {
        None => {
            // One that another instance follows tells us nothing before its end.
            let live = model.history.runs.find(&run.spec.run_id);
            live.map_or_else(|| "running".into(), |live| format!("running {}/{}", live.folds.len(), run.spec.n_folds()))
        }
        Some(outcome) if outcome.status == Status::Finished && !outcome.reported_by_script.is_empty() => {
            "its own word".to_owned()
        }
        Some(outcome) => outcome.status.word().to_owned(),
    }
}

fn against(model: &Model, experiment: &Experiment) -> String {
    let run_id = experiment.run().and_then(|run| run.verdict.as_ref()).and_then(|verdict| verdict.against.as_deref());
    run_id.map_or_else(String::new, |run_id| model.history.history.name_of_run(run_id))
}

fn verdict(experiment: &Experiment, width: usize) -> (String, Role) {
    let Some(run) = experiment.run() else {
        return match (experiment.is_unanswered(), experiment.decision) {
            (true, _) => ("being answered".into(), Role::Dim),
            (_, Decision::Pending) if experiment.stop == Some(StopReason::Interrupted) => {
                ("interrupted".into(), Role::Dim)
            }
            _ => (experiment.decision_words().into(), Role::Dim),
        };
    };
    let Some(verdict) = &run.verdict else { return (String::new(), Role::Dim) };
    let role = match verdict.label {
        Label::Better => Role::Good,
        Label::Worse => Role::Bad,
        Label::NotDistinguishable | Label::NotChecked => Role::Dim,
    };
    let interval =
        verdict.shown().map(|(low, high)| format!("[{},{}]", figure::signed_score(low), figure::signed_score(high)));
    // Better, but not yet confirmed: it does not take over before it is.
    let words = match (verdict.label, &run.confirmation) {
        (Label::Better, Some(confirmation)) if !confirmation.passed => "better, not confirmed",
        (label, _) => label.words(),
    };
    let long = interval.map_or_else(|| words.to_owned(), |interval| format!("{words} {interval}"));
    (if crate::text::wrap::width(&long) <= width { long } else { fit(words, width) }, role)
}

/// Scores of the class of today's best, the oldest first: number of the experiment, mean.
fn points(model: &Model) -> Vec<(f64, f64)> {
    let Some(class) = model
        .history
        .best()
        .and_then(|best| best.runs.iter().rev().find(|run| run.score().is_some()))
        .map(crate::domain::experiment::Run::class)
    else {
        return Vec::new();
    };
    let list = model.history.list();
    list.iter()
        .rev()
        .flat_map(|experiment| experiment.runs.iter())
        .filter(|run| run.class() == class && run.spec.role == Purpose::Own)
        .filter_map(super::super::domain::experiment::Run::score)
        .zip(1u32..)
        .map(|((mean, _), number)| (f64::from(number), mean))
        .collect()
}

/// What the chart draws: every point, and how far its scale goes.
struct Plot {
    /// Points within the scale.
    inside: Vec<(f64, f64)>,
    /// Points beyond it, moved to its border.
    at_border: Vec<(f64, f64)>,
    /// How many of those are below, and above.
    n_beyond: (usize, usize),
    /// The lowest and the highest score of the scale.
    bounds: (f64, f64),
}

impl Plot {
    fn of(points: &[(f64, f64)]) -> Self {
        let range = |points: &[(f64, f64)]| {
            points.iter().fold((f64::MAX, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)))
        };
        // The first baseline may be far off and would flatten the rest; then the scale is made without it.
        let (low, high) = match points {
            [(_, first), rest @ ..] if rest.len() > 2 => {
                let (low, high) = range(rest);
                let reach = 2.0 * (high - low);
                if (low - reach..=high + reach).contains(first) { range(points) } else { (low, high) }
            }
            _ => range(points),
        };
        let margin = ((high - low) * 0.1).max(1e-6);
        let (low, high) = (low - margin, high + margin);
        let (inside, beyond): (Vec<_>, Vec<_>) = points.iter().partition(|(_, y)| (low..=high).contains(y));
        let n_below = beyond.iter().filter(|(_, y)| *y < low).count();
        Self {
            n_beyond: (n_below, beyond.len() - n_below),
            at_border: beyond.into_iter().map(|(x, y)| (x, y.clamp(low, high))).collect(),
            inside,
            bounds: (low, high),
        }
    }

    /// `over 6 runs, 1 below the scale`
    fn in_words(&self) -> String {
        let mut words = format!("over {} runs", self.inside.len() + self.at_border.len());
        for (n, side) in [(self.n_beyond.0, "below"), (self.n_beyond.1, "above")] {
            if n > 0 {
                words.push_str(&format!(", {n} {side} the scale"));
            }
        }
        words
    }
}

fn chart(model: &Model, points: &[(f64, f64)], canvas: &mut Canvas<'_>, area: Rect) {
    let Some(framing) = &model.framing.framing else { return };
    let direction = framing.metric.direction();
    let plot = Plot::of(points);
    let (low, high) = plot.bounds;
    let mut best = None;
    let steps: Vec<(f64, f64)> = points
        .iter()
        .map(|(x, y)| {
            let next =
                best.map_or(*y, |best: f64| if direction == Direction::Maximize { best.max(*y) } else { best.min(*y) });
            best = Some(next);
            (*x, next.clamp(low, high))
        })
        .collect();
    let first = points.first().map_or(0.0, |(x, _)| *x);
    let last = points.last().map_or(1.0, |(x, _)| *x);
    let dim = canvas.style(Role::Dim);
    let scatter = |data, role| {
        Dataset::default().marker(Marker::Dot).graph_type(GraphType::Scatter).style(canvas.style(role)).data(data)
    };
    let datasets = vec![
        Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(canvas.style(Role::Bar))
            .data(&steps),
        scatter(&plot.inside, Role::Accent),
        scatter(&plot.at_border, Role::Caution),
    ];
    let y_labels = vec![figure::score(low), figure::score(high)];
    let x_axis = Axis::default().style(dim).bounds([first - 0.3, last + 0.3]);
    let y_axis = Axis::default().style(dim).bounds([low, high]).labels(y_labels);
    let chart_area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    Chart::new(datasets)
        .style(canvas.style(Role::Screen))
        .x_axis(x_axis)
        .y_axis(y_axis)
        .render(chart_area, canvas.buffer());
    let label = format!("{} {} {} · line: best so far", framing.metric.name(), direction.arrow(), plot.in_words());
    canvas.put(area.x, area.y, area.width, &label, Role::Dim);
}
