//! Training curves: read out of tables, logs and events, and what their course says.

use serde_json::Value;

/// A curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// Step and value; a value may be no finite number.
    pub points: Vec<(f64, f64)>,
}

/// Curves, and what was assumed while they were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// In the order in which they first appear.
    pub curves: Vec<Curve>,
    /// What was skipped or assumed.
    pub notes: Vec<String>,
}

const MAX_CURVES: usize = 200;
const MAX_POINTS: usize = 5_000_000;
/// Fewer points carry no claim.
const MIN_POINTS: usize = 5;
const STEPS: [&str; 7] = ["step", "epoch", "iteration", "iter", "batch", "global_step", "it"];

impl Curves {
    fn add(&mut self, name: &str, step: f64, value: f64) {
        let at = match self.curves.iter().position(|curve| curve.name == name) {
            Some(at) => at,
            None if self.curves.len() < MAX_CURVES => {
                self.curves.push(Curve { name: name.to_owned(), points: Vec::new() });
                self.curves.len() - 1
            }
            None => return,
        };
        if self.curves[at].points.len() < MAX_POINTS {
            self.curves[at].points.push((step, value));
        }
    }
}

/// Reads curves, whatever their form: CSV, JSON lines, a framework's log, or bare numbers. Never fails.
pub fn parse(text: &str) -> Curves {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or(line).trim())
        .filter(|line| !line.is_empty())
        .collect();
    let mut curves = Curves::default();
    let Some(first) = lines.first() else {
        curves.notes.push("no curves were found: the text is empty".into());
        return curves;
    };
    let mark = [',', '\t', ';'].into_iter().find(|mark| first.contains(*mark));
    let is_table = mark.is_some_and(|mark| {
        first.split(mark).all(|cell| number(cell).is_none() && !cell.contains([':', '=', '{'])) && lines.len() > 1
    });
    if first.starts_with('{') {
        from_json(&lines, &mut curves);
    } else if let (true, Some(mark)) = (is_table, mark) {
        from_table(&lines, mark, &mut curves);
    } else {
        from_log(&lines, &mut curves);
    }
    if curves.curves.is_empty() {
        for value in text.split(|c: char| c.is_whitespace() || c == ',').filter_map(number) {
            let step = curves.curves.first().map_or(0, |curve| curve.points.len());
            curves.add("value", count(step), value);
        }
    }
    if curves.curves.is_empty() {
        curves.notes.push("no curves were found in the text".into());
    }
    curves
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['%', ',']);
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        lower if lower.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => lower.parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of points")]
fn count(n: usize) -> f64 {
    n as f64
}

fn is_step(name: &str) -> bool {
    STEPS.contains(&name.trim().to_ascii_lowercase().as_str())
}

fn from_table(lines: &[&str], mark: char, curves: &mut Curves) {
    let header: Vec<&str> = lines[0].split(mark).map(|cell| cell.trim().trim_matches('"')).collect();
    let place = |names: &[&str]| header.iter().position(|name| names.contains(&name.to_ascii_lowercase().as_str()));
    let step_at = header.iter().position(|name| is_step(name));
    // One measurement a line, named in the line.
    if let (Some(key), Some(value)) = (place(&["metric", "key", "name", "tag"]), place(&["value"])) {
        for (row, line) in lines[1..].iter().enumerate() {
            let cells: Vec<&str> = line.split(mark).collect();
            let step = step_at.and_then(|at| number(cells.get(at)?)).unwrap_or_else(|| count(row));
            if let (Some(name), Some(value)) = (cells.get(key), cells.get(value).and_then(|cell| number(cell))) {
                curves.add(name.trim().trim_matches('"'), step, value);
            }
        }
        return;
    }
    if step_at.is_none() {
        curves.notes.push("no column is named like a step, so rows are counted".into());
    }
    for (row, line) in lines[1..].iter().enumerate() {
        let cells: Vec<&str> = line.split(mark).collect();
        let step = step_at.and_then(|at| number(cells.get(at)?)).unwrap_or_else(|| count(row));
        for (idx, cell) in cells.iter().enumerate().filter(|(idx, _)| Some(*idx) != step_at) {
            if let (Some(name), Some(value)) = (header.get(idx), number(cell)) {
                curves.add(name, step, value);
            }
        }
    }
}

fn json_number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| number(value.as_str()?))
}

fn from_json(lines: &[&str], curves: &mut Curves) {
    let mut n_skipped = 0;
    for (row, line) in lines.iter().enumerate() {
        // Some writers put NaN where JSON has no word for it.
        let parsed = serde_json::from_str::<Value>(line)
            .or_else(|_| serde_json::from_str(&line.replace("NaN", "\"NaN\"").replace("Infinity", "\"Infinity\"")));
        let Ok(Value::Object(fields)) = parsed else {
            n_skipped += 1;
            continue;
        };
        for metric in fields.get("metrics").and_then(Value::as_array).into_iter().flatten() {
            if let (Some(name), Some(value)) = (metric["key"].as_str(), json_number(&metric["value"])) {
                curves.add(name, metric["step"].as_f64().unwrap_or_else(|| count(row)), value);
            }
        }
        let step = fields.iter().find(|(name, _)| is_step(name)).and_then(|(_, value)| value.as_f64());
        for (name, value) in fields.iter().filter(|(name, _)| !is_step(name) && !name.starts_with("time")) {
            if let Some(value) = json_number(value) {
                curves.add(name, step.unwrap_or_else(|| count(row)), value);
            }
        }
    }
    if n_skipped > 0 {
        curves.notes.push(format!("{n_skipped} lines are no JSON and were skipped"));
    }
}

/// `name: value`, `name=value`, `name value` between bars; a step from `Epoch 3/10`, `step 3`, `[3]`.
fn from_log(lines: &[&str], curves: &mut Curves) {
    let mut epoch = None;
    for (row, line) in lines.iter().enumerate() {
        let spaced: String =
            line.chars().map(|c| if matches!(c, '|' | ',' | '\t' | '(' | ')') { ' ' } else { c }).collect();
        let spaced = spaced.replace(": ", ":").replace(" = ", "=").replace("'s ", "_");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut step = None;
        let mut found: Vec<(String, f64)> = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let bare = word.trim_matches(['[', ']', ':', '-']);
            if let Some(next) = words.get(at + 1).filter(|_| is_step(bare)) {
                step = number(next.split('/').next().unwrap_or_default().trim_end_matches(':')).or(step);
                continue;
            }
            if word.starts_with('[') && word.ends_with(']') {
                step = number(bare).or(step);
                continue;
            }
            let pair = word.rsplit_once(['=', ':']);
            match pair {
                Some((name, value)) if !name.is_empty() => {
                    if let Some(value) = number(value) {
                        if is_step(name) { step = Some(value) } else { found.push((name.to_owned(), value)) }
                    } else if is_step(name) {
                        step = number(value.split('/').next().unwrap_or_default()).or(step);
                    }
                }
                _ => {
                    let is_name = word.starts_with(|c: char| c.is_alphabetic())
                        && (word.contains(['_', '-']) || word.eq_ignore_ascii_case("loss"));
                    if let Some(value) = words.get(at + 1).and_then(|next| number(next)).filter(|_| is_name) {
                        found.push(((*word).to_owned(), value));
                    }
                }
            }
        }
        if found.is_empty() {
            epoch = step.or(epoch);
            continue;
        }
        let at = step.or(epoch).unwrap_or_else(|| count(row));
        for (name, value) in found {
            curves.add(&name, at, value);
        }
    }
}

/// Whether smaller is better.
pub fn is_loss(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["loss", "error", "rmse", "mae", "mse", "perplexity", "logloss", "nll"].iter().any(|word| lower.contains(word))
}

/// A name without what says on which rows it was measured, and whether those are held back.
fn quantity(name: &str) -> (String, bool) {
    let words: Vec<String> = name
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    let held = ["val", "valid", "validation", "eval", "test", "dev"];
    let is_held = words.iter().any(|word| held.contains(&word.as_str()));
    let kept: Vec<String> = words
        .into_iter()
        .filter(|word| !held.contains(&word.as_str()) && !["train", "training"].contains(&word.as_str()))
        .filter(|word| !word.chars().all(|c| c.is_ascii_digit()))
        .collect();
    (kept.join("_"), is_held)
}

/// What the course of one curve is.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Points.
    pub n: usize,
    /// First finite value.
    pub first: Option<f64>,
    /// Last finite value.
    pub last: Option<f64>,
    /// Step and value of the best.
    pub best: Option<(f64, f64)>,
    /// Least squares slope of the last third, per step.
    pub slope_last_third: Option<f64>,
    /// Robust size of what jumps from point to point.
    pub noise: Option<f64>,
    /// Points far from their neighbours.
    pub n_spikes: usize,
    /// Step since which the best improves by less than a hundredth of the range.
    pub plateau_since: Option<f64>,
    /// First step whose value is not finite.
    pub first_not_finite: Option<f64>,
    /// Whether it ends far worse than it began.
    pub diverges: bool,
    /// Largest minus smallest finite value.
    pub range: f64,
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Facts of every curve.
pub fn facts(curves: &Curves) -> Vec<Facts> {
    curves.curves.iter().map(facts_of).collect()
}

fn facts_of(curve: &Curve) -> Facts {
    let finite: Vec<(f64, f64)> = curve.points.iter().filter(|(_, value)| value.is_finite()).copied().collect();
    let is_loss = is_loss(&curve.name);
    let better = |a: f64, b: f64| if is_loss { a < b } else { a > b };
    let best = finite.iter().copied().reduce(|best, next| if better(next.1, best.1) { next } else { best });
    let low = finite.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = finite.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let range = if finite.is_empty() { 0.0 } else { high - low };
    let middles: Vec<f64> = (0..finite.len())
        .filter_map(|at| {
            let (from, to) = (at.saturating_sub(2), (at + 3).min(finite.len()));
            median(finite[from..to].iter().map(|point| point.1).collect())
        })
        .collect();
    let off: Vec<f64> = finite.iter().zip(&middles).map(|(point, middle)| (point.1 - middle).abs()).collect();
    // 1.4826 makes the median distance that of a normal distribution.
    let noise = median(off.clone()).map(|middle| middle * 1.4826).filter(|_| finite.len() >= MIN_POINTS);
    let bound = noise.map(|noise| (6.0 * noise).max(0.05 * range));
    // A spike goes away and comes back; the steep beginning of a smooth course does not.
    let is_peak = |at: usize| {
        let value = |at: usize| finite.get(at).map(|point| point.1);
        match (at.checked_sub(1).and_then(value), value(at), value(at + 1)) {
            (Some(before), Some(own), Some(after)) => (own - before) * (own - after) > 0.0,
            _ => false,
        }
    };
    let n_spikes = bound
        .filter(|bound| *bound > 0.0)
        .map_or(0, |bound| off.iter().enumerate().filter(|(at, off)| **off > bound && is_peak(*at)).count());
    let mut plateau_since = None;
    if let (Some(best), true) = (best, finite.len() >= MIN_POINTS && range > 0.0) {
        let near = finite.iter().find(|point| (point.1 - best.1).abs() <= 0.01 * range);
        let last = finite.last().map_or(0.0, |point| point.0);
        let first = finite.first().map_or(0.0, |point| point.0);
        plateau_since = near.map(|point| point.0).filter(|since| last - since > 0.25 * (last - first));
    }
    let diverges = match (finite.first(), finite.last(), best) {
        (Some(first), Some(last), Some(best)) if finite.len() >= MIN_POINTS && is_loss => {
            last.1 > first.1 + 0.5 * (first.1 - best.1).abs().max(first.1.abs() * 0.2)
        }
        _ => false,
    };
    Facts {
        name: curve.name.clone(),
        n: curve.points.len(),
        first: finite.first().map(|point| point.1),
        last: finite.last().map(|point| point.1),
        best,
        slope_last_third: slope(&finite[finite.len() - finite.len() / 3..]),
        noise,
        n_spikes,
        plateau_since,
        first_not_finite: curve.points.iter().find(|(_, value)| !value.is_finite()).map(|point| point.0),
        diverges,
        range,
    }
}

fn slope(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < 3 {
        return None;
    }
    let n = count(points.len());
    let (mean_x, mean_y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let above: f64 = points.iter().map(|point| (point.0 - mean_x) * (point.1 - mean_y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - mean_x).powi(2)).sum();
    (below > 0.0).then_some(above / below)
}

/// A quantity on training rows against the same on rows held back.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What is measured.
    pub quantity: String,
    /// Last value on training rows.
    pub train: f64,
    /// Last value on rows held back.
    pub valid: f64,
    /// How much worse it is on rows held back.
    pub gap: f64,
    /// Whether the gap grew in the last third.
    pub widening: bool,
    /// Step of the best value on rows held back.
    pub valid_best_step: f64,
    /// Share of the course behind that step.
    pub since_best: f64,
    /// How much worse the last value is than the best on rows held back, against the range of the training curve.
    pub lost: f64,
}

/// Gaps of every quantity that is there on both sides.
pub fn gaps(curves: &Curves) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for valid in &curves.curves {
        let (what, is_held) = quantity(&valid.name);
        let train = curves.curves.iter().find(|other| {
            let (other_what, other_held) = quantity(&other.name);
            !other_held && other_what == what
        });
        let (Some(train), true) = (train, is_held) else { continue };
        let (own, theirs) = (facts_of(train), facts_of(valid));
        let (Some(a), Some(b), Some(best)) = (own.last, theirs.last, theirs.best) else { continue };
        let sign = if is_loss(&what) { 1.0 } else { -1.0 };
        let apart = |share: f64| {
            let at = |curve: &Curve| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the curve")]
                let place = (count(curve.points.len().saturating_sub(1)) * share) as usize;
                curve.points.get(place).map(|point| point.1)
            };
            Some(sign * (at(valid)? - at(train)?))
        };
        let span = valid.points.last().map_or(0.0, |point| point.0) - valid.points.first().map_or(0.0, |point| point.0);
        let end = valid.points.last().map_or(0.0, |point| point.0);
        gaps.push(Gap {
            quantity: what,
            train: a,
            valid: b,
            gap: sign * (b - a),
            widening: apart(1.0).zip(apart(0.66)).is_some_and(|(now, before)| now > before + 0.02 * own.range),
            valid_best_step: best.0,
            since_best: if span > 0.0 { (end - best.0) / span } else { 0.0 },
            lost: if own.range > 0.0 { (b - best.1).abs() / own.range } else { 0.0 },
        });
    }
    gaps
}

/// What a course can mean, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A value is not finite.
    NotFinite,
    /// It ends worse than it began.
    Diverges,
    /// Rows held back are far easier than training rows.
    LeakLike,
    /// Rows held back get worse while training gets better.
    Overfits,
    /// Neither side learns.
    Underfits,
    /// Single points jump.
    Spikes,
    /// Nothing improves any more.
    Plateau,
    /// It was still improving.
    StillImproving,
    /// Nothing stands out.
    Quiet,
}

/// A finding with the numbers it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it means.
    pub kind: Kind,
    /// Of which curve.
    pub curve: String,
    /// In one sentence.
    pub sentence: String,
}

/// Findings, the gravest first.
pub fn findings(curves: &Curves) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |kind, curve: &str, sentence: String| found.push(Finding { kind, curve: curve.to_owned(), sentence });
    for facts in facts(curves) {
        let name = &facts.name;
        if let Some(step) = facts.first_not_finite {
            add(Kind::NotFinite, name, format!("{name} is not a finite number from step {step} on"));
        }
        if facts.n < MIN_POINTS || facts.range <= 0.0 {
            continue;
        }
        let (first, last) = (facts.first.unwrap_or(0.0), facts.last.unwrap_or(0.0));
        // Rows held back that get worse while training gets better are no sign of steps that are too large.
        let (what, is_held) = quantity(name);
        let learns = curves.curves.iter().any(|other| {
            let (other_what, other_held) = quantity(&other.name);
            !other_held && other_what == what && !facts_of(other).diverges
        });
        if facts.diverges && !(is_held && learns) {
            add(Kind::Diverges, name, format!("{name} goes from {first:.4} to {last:.4}: it ends worse than it began"));
        }
        if facts.n_spikes > 0 {
            add(
                Kind::Spikes,
                name,
                format!("{} of {} points of {name} jump away from their neighbours", facts.n_spikes, facts.n),
            );
        }
        let is_train = !quantity(name).1;
        if let Some(since) = facts.plateau_since.filter(|_| is_train) {
            add(
                Kind::Plateau,
                name,
                format!("{name} has improved by less than a hundredth of its range since step {since}"),
            );
        }
        let falls = facts.slope_last_third.is_some_and(|slope| if is_loss(name) { slope < 0.0 } else { slope > 0.0 });
        if falls && facts.plateau_since.is_none() && facts.best.map(|best| best.1) == facts.last {
            add(Kind::StillImproving, name, format!("{name} was still improving at its end, {last:.4}"));
        }
    }
    for gap in gaps(curves) {
        let name = &gap.quantity;
        if gap.since_best > 0.15 && gap.lost > 0.03 && gap.gap > 0.0 {
            add(
                Kind::Overfits,
                name,
                format!(
                    "{name} on rows held back was best at step {} and has got worse since, over {:.0} % of the course; it ends at {:.4} against {:.4} in training",
                    gap.valid_best_step,
                    gap.since_best * 100.0,
                    gap.valid,
                    gap.train
                ),
            );
        } else if gap.gap < 0.0 && gap.gap.abs() > 0.2 * gap.train.abs() {
            add(
                Kind::LeakLike,
                name,
                format!(
                    "{name} is far better on rows held back ({:.4}) than in training ({:.4})",
                    gap.valid, gap.train
                ),
            );
        } else if gap.gap.abs() < 0.05 * gap.train.abs() && is_loss(name) {
            add(
                Kind::Underfits,
                name,
                format!(
                    "{name} is nearly the same in training ({:.4}) and on rows held back ({:.4}): there is room for more capacity if both are too high",
                    gap.train, gap.valid
                ),
            );
        }
    }
    if found.is_empty() {
        let n = curves.curves.iter().map(|curve| curve.points.len()).max().unwrap_or(0);
        let sentence = if n < MIN_POINTS {
            format!("{n} points are too few to say anything")
        } else {
            "nothing stands out in the curves".to_owned()
        };
        found.push(Finding { kind: Kind::Quiet, curve: String::new(), sentence });
    }
    found.sort_by_key(|finding| finding.kind);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(curves: &Curves) -> Vec<&str> {
        curves.curves.iter().map(|curve| curve.name.as_str()).collect()
    }

    #[test]
    fn curves_are_read_from_every_usual_form() {
        let cases = [
            ("epoch,loss,val_loss\n1,0.9,1.0\n2,0.5,0.8\n", vec!["loss", "val_loss"], vec![(1.0, 0.9), (2.0, 0.5)]),
            ("metric,step,value\nauc,1,0.9\nauc,2,0.5\n", vec!["auc"], vec![(1.0, 0.9), (2.0, 0.5)]),
            ("{\"epoch\":1,\"loss\":0.9}\n{\"epoch\":2,\"loss\":0.5}\n", vec!["loss"], vec![(1.0, 0.9), (2.0, 0.5)]),
            (
                "{\"metrics\":[{\"key\":\"loss\",\"value\":0.9,\"step\":1}]}\n{\"metrics\":[{\"key\":\"loss\",\"value\":0.5,\"step\":2}]}",
                vec!["loss"],
                vec![(1.0, 0.9), (2.0, 0.5)],
            ),
            (
                "Epoch 1/2\n10/10 - 1s - loss: 0.9 - val_loss: 1.0\nEpoch 2/2\n10/10 - 1s - loss: 0.5 - val_loss: 0.8\n",
                vec!["loss", "val_loss"],
                vec![(1.0, 0.9), (2.0, 0.5)],
            ),
            (
                "[1] train-auc:0.9 eval-auc:0.8\n[2] train-auc:0.5 eval-auc:0.4\n",
                vec!["train-auc", "eval-auc"],
                vec![(1.0, 0.9), (2.0, 0.5)],
            ),
            (
                "step 1 | train_loss 0.9 | lr 3e-4\nstep 2 | train_loss 0.5 | lr 3e-4\n",
                vec!["train_loss"],
                vec![(1.0, 0.9), (2.0, 0.5)],
            ),
            ("0.9, 0.5", vec!["value"], vec![(0.0, 0.9), (1.0, 0.5)]),
        ];
        for (text, expected, points) in cases {
            let curves = parse(text);
            assert_eq!(names(&curves), expected, "{text}");
            assert_eq!(curves.curves[0].points, points, "{text}");
        }
        assert!(parse("nothing here").curves.is_empty());
    }

    fn table(rows: impl Iterator<Item = (f64, f64)>) -> Curves {
        let body: String = rows.enumerate().map(|(at, (a, b))| format!("{at},{a},{b}\n")).collect();
        parse(&format!("epoch,loss,val_loss\n{body}"))
    }

    fn kinds(curves: &Curves) -> Vec<Kind> {
        findings(curves).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn each_course_gets_its_finding() {
        let over = table((0..50).map(|at| {
            let x = f64::from(at);
            ((-x / 12.0).exp(), 0.5 + 0.4 * (-x / 6.0).exp() + (x - 15.0).max(0.0) * 0.012)
        }));
        assert!(kinds(&over).contains(&Kind::Overfits), "{:?}", findings(&over));
        let worse = table((0..20).map(|at| (1.0 + f64::from(at), 1.0 + f64::from(at))));
        assert_eq!(kinds(&worse).first(), Some(&Kind::Diverges));
        let broken = table((0..20).map(|at| (if at > 9 { f64::NAN } else { 1.0 }, 1.0)));
        assert_eq!(kinds(&broken).first(), Some(&Kind::NotFinite));
        let jumps = table((0..40).map(|at| (if at == 20 { 9.0 } else { 1.0 - f64::from(at) / 100.0 }, 2.0)));
        assert!(kinds(&jumps).contains(&Kind::Spikes), "{:?}", findings(&jumps));
        let leaks = table((0..20).map(|at| (1.0 - f64::from(at) / 100.0, 0.2 - f64::from(at) / 1000.0)));
        assert!(kinds(&leaks).contains(&Kind::LeakLike), "{:?}", findings(&leaks));
        let flat = table((0..40).map(|at| ((-f64::from(at)).exp(), 1.0)));
        assert!(kinds(&flat).contains(&Kind::Plateau), "{:?}", findings(&flat));
        assert_eq!(kinds(&parse("loss\n1\n2\n")), [Kind::Quiet]);
    }

    #[test]
    fn smooth_courses_have_no_spikes_and_overfitting_is_no_divergence() {
        let smooth = table((1..21).map(|at| (1.0 / f64::from(at), 2.0)));
        assert!(!kinds(&smooth).contains(&Kind::Spikes), "{:?}", findings(&smooth));
        let over = table((0..20).map(|at| {
            (
                0.9 * (-f64::from(at) / 6.0).exp(),
                0.85 - 0.15 * f64::from(at.min(4)) / 4.0 + 0.04 * f64::from((at - 4).max(0)),
            )
        }));
        assert_eq!(kinds(&over).first(), Some(&Kind::Overfits), "{:?}", findings(&over));
    }

    #[test]
    fn no_bytes_end_in_a_panic() {
        let seed = "epoch,loss\n1,0.5\n[3] a:1 b=2 {\"x\":NaN} Epoch 1/2 ü\r\n";
        let mut state = 7u64;
        for _ in 0..3_000 {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(state >> 33).unwrap() % bytes.len();
                bytes[at] = state.to_le_bytes()[1];
            }
            let curves = parse(&String::from_utf8_lossy(&bytes));
            let _ = (findings(&curves), gaps(&curves));
        }
    }
}
