//! What printed lines tell of how far a run is: progress bars, trials, epochs with their numbers; and what is alarming in it.

use std::collections::BTreeMap;

/// What a line tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// How far it is: what is counted, how many are done, of how many.
    Progress(String, u64, Option<u64>),
    /// A number on the way: name, step, value; no value where it is not a number.
    Metric(String, f64, Option<f64>),
}

/// Numbers in one line of an `events.jsonl`, in the form of the body of `MLflow`'s `runs/log-batch`: name, step, value.
///
/// A whole number, a fraction and a number that is written as text are all numbers. What is reported and is none – `NaN`
/// and `Infinity` as Python writes them, `null`, other text – is there without a value, and never missing or zero.
pub fn reported(line: &str) -> Vec<(String, f64, Option<f64>)> {
    let parsed = serde_json::from_str(line).or_else(|_| serde_json::from_str(&without_bare_words(line)));
    let Ok::<serde_json::Value, _>(parsed) = parsed else { return Vec::new() };
    let metrics = parsed["metrics"].as_array().into_iter().flatten();
    let read = |metric: &serde_json::Value| {
        let key = metric["key"].as_str()?.chars().take(MAX_KEY).collect();
        let value = &metric["value"];
        let value = value.as_f64().or_else(|| number(value.as_str()?.trim())).filter(|value| value.is_finite());
        Some((key, metric["step"].as_f64().unwrap_or(0.0), value))
    };
    metrics.filter_map(read).collect()
}

/// Longest name of a number that is reported, in characters.
const MAX_KEY: usize = 250;

/// `NaN`, `Infinity` and `-Infinity` outside of strings, which JSON does not know and Python writes, as `null`.
fn without_bare_words(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let (mut rest, mut is_text) = (line, false);
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !is_text && rest.starts_with(word));
        if let Some(word) = word {
            clean.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        let n = if is_text && c == '\\' { rest.chars().take(2).map(char::len_utf8).sum() } else { c.len_utf8() };
        is_text ^= c == '"';
        clean.push_str(&rest[..n]);
        rest = &rest[n..];
    }
    clean
}

/// Reads one printed line. Lines that say nothing of the kind give nothing.
pub fn read(line: &str) -> Vec<Told> {
    let line = line.trim();
    if line.len() > 2_000 {
        return Vec::new();
    }
    bar(line).or_else(|| trial(line)).unwrap_or_else(|| epoch(line))
}

/// A bar of tqdm: `epochs:  40%|████      | 4/10 [00:01<00:02,  2.1it/s]`.
fn bar(line: &str) -> Option<Vec<Told>> {
    let (before, rest) = line.split_once("%|")?;
    let percent = before.rsplit([' ', ':']).next()?;
    percent.parse::<u8>().ok()?;
    let label = before[..before.len() - percent.len()].trim().trim_end_matches(':').trim();
    let counts = rest.rsplit_once("| ")?.1.split_whitespace().next()?;
    let (done, total) = counts.split_once('/')?;
    let label = if label.is_empty() { "steps" } else { label };
    Some(vec![Told::Progress(short(label), done.parse().ok()?, total.parse().ok())])
}

/// A trial of Optuna: `[I …] Trial 12 finished with value: 0.81 and parameters: {…}. Best is trial 3 with value: 0.82.`
fn trial(line: &str) -> Option<Vec<Told>> {
    let rest = line.split_once("Trial ")?.1;
    let (number, rest) = rest.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    if rest.starts_with("pruned") || rest.starts_with("failed") {
        return Some(vec![Told::Progress("trial".into(), u64::from(number) + 1, None)]);
    }
    let value = rest.strip_prefix("finished with value: ")?.split_whitespace().next()?;
    Some(vec![
        Told::Progress("trial".into(), u64::from(number) + 1, None),
        Told::Metric(
            "trial value".into(),
            f64::from(number),
            value.parse().ok().filter(|value: &f64| value.is_finite()),
        ),
    ])
}

/// `METRIC loss=0.31 step=10`, `epoch 3/10: loss=0.4 val_loss: 0.5`, `[100] train's auc: 0.81`, `step 5 loss nan`.
fn epoch(line: &str) -> Vec<Told> {
    let lower = line.to_lowercase();
    let words: Vec<&str> = line.split([' ', '\t', ',', ';', '|']).filter(|word| !word.is_empty()).collect();
    let mut pairs: Vec<(String, Option<f64>)> = Vec::new();
    let mut step: Option<f64> = None;
    let mut total: Option<u64> = None;
    let mut unit = "epoch";
    let is_metric = lower.starts_with("metric ");
    let bracket = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).and_then(|(step, _)| step.parse().ok());
    if let Some(found) = bracket {
        step = Some(found);
    }
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let bare = word.trim_matches(|c: char| matches!(c, ':' | '(' | ')' | '[' | ']' | '-'));
        let name = bare.to_lowercase();
        if let Some(found) = ["epoch", "step", "iter", "iteration", "round"].into_iter().find(|unit| *unit == name) {
            if let Some(next) = words.peek() {
                let next = next.trim_matches(|c: char| matches!(c, ':' | '(' | ')' | '[' | ']'));
                let (done, of) = next.split_once('/').map_or((next, None), |(done, of)| (done, Some(of)));
                if let Ok(number) = done.parse::<f64>() {
                    (step, unit) = (Some(number), found);
                    total = of.and_then(|of| of.parse().ok());
                    words.next();
                }
            }
            continue;
        }
        let (key, value) = match bare.split_once(['=', ':']) {
            Some((key, value)) if !value.is_empty() => (key, value),
            // `loss: 0.4`, `loss 0.4`
            _ => match words.peek().filter(|next| number(next).is_some()) {
                Some(next) => {
                    let next = *next;
                    words.next();
                    (bare, next)
                }
                None => continue,
            },
        };
        let key = key.trim_matches(|c: char| matches!(c, ':' | '\'' | '"'));
        if let Some(value) = number(value).filter(|_| is_name(key)) {
            match key {
                "step" | "epoch" => step = Some(value),
                _ => pairs.push((short(key), Some(value).filter(|value| value.is_finite()))),
            }
        }
    }
    let Some(step) = step.or_else(|| is_metric.then_some(0.0)) else { return Vec::new() };
    let mut told: Vec<Told> = Vec::new();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    if let Some(total) = total.filter(|_| step >= 0.0) {
        told.push(Told::Progress(unit.to_owned(), step as u64, Some(total)));
    }
    told.extend(pairs.into_iter().map(|(key, value)| Told::Metric(key, step, value)));
    told
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| matches!(c, ',' | ';' | ')' | ']'));
    match text.to_lowercase().as_str() {
        "nan" | "-nan" => Some(f64::NAN),
        "inf" | "+inf" | "infinity" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => text.parse().ok(),
        _ => None,
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= 40
        && key.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !matches!(key.to_lowercase().as_str(), "time" | "eta" | "lr" | "s" | "ms" | "at" | "in" | "of")
}

fn short(label: &str) -> String {
    label.chars().take(40).collect()
}

/// Watches the numbers of a run and says once for each curve what is alarming about it.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    curves: BTreeMap<String, Course>,
}

#[derive(Clone, Debug, Default)]
struct Course {
    n: u32,
    best: Option<f64>,
    first: Option<f64>,
    n_rising: u32,
    last: Option<f64>,
    said_nan: bool,
    said_diverging: bool,
}

/// A loss that is this many times its best after rising this often in a row diverges.
const DIVERGES: (f64, u32) = (3.0, 5);

impl Alarms {
    /// Takes one more number into account.
    pub fn take(&mut self, key: &str, step: f64, value: Option<f64>) -> Option<String> {
        let course = self.curves.entry(key.to_owned()).or_default();
        course.n += 1;
        let Some(value) = value.filter(|value| value.is_finite()) else {
            let is_new = !std::mem::replace(&mut course.said_nan, true);
            return is_new.then(|| {
                format!("{key} is not a number from step {step} on: Esc asks whether to stop the run, t debug looks for the cause")
            });
        };
        let is_loss =
            ["loss", "error", "rmse", "mse", "mae", "deviance"].iter().any(|word| key.to_lowercase().contains(word));
        course.n_rising = if course.last.is_some_and(|last| value > last) { course.n_rising + 1 } else { 0 };
        course.last = Some(value);
        let first = *course.first.get_or_insert(value);
        let best = course.best.map_or(value, |best| best.min(value));
        course.best = Some(best);
        let reach = DIVERGES.0 * best.abs().max(first.abs() * 1e-3).max(f64::MIN_POSITIVE);
        if is_loss && course.n_rising >= DIVERGES.1 && value > reach && !course.said_diverging {
            course.said_diverging = true;
            return Some(format!(
                "{key} diverges: {} at step {step}, its best was {}",
                crate::text::figure::short(value),
                crate::text::figure::short(best)
            ));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(key: &str, step: f64, value: f64) -> Told {
        Told::Metric(key.into(), step, Some(value))
    }

    #[test]
    fn lines_of_practice_are_read() {
        let bar = |label: &str, done, total| Told::Progress(label.into(), done, Some(total));
        let table: [(&str, Vec<Told>); 14] = [
            ("epochs:  40%|████      | 4/10 [00:01<00:02,  2.1it/s]", vec![bar("epochs", 4, 10)]),
            (" 7%|▋         | 70/1000 [00:00<00:03, 300.1it/s]", vec![bar("steps", 70, 1000)]),
            (
                "[I 2026-11-25 10:00:00,1] Trial 12 finished with value: 0.81 and parameters: {'x': 1}. Best is trial 3 with value: 0.82.",
                vec![Told::Progress("trial".into(), 13, None), metric("trial value", 12.0, 0.81)],
            ),
            ("[I 2026] Trial 4 pruned. ", vec![Told::Progress("trial".into(), 5, None)]),
            ("METRIC loss=0.31 step=10", vec![metric("loss", 10.0, 0.31)]),
            ("METRIC accuracy=1", vec![metric("accuracy", 0.0, 1.0)]),
            ("METRIC loss=3e-1 step=2", vec![metric("loss", 2.0, 0.3)]),
            (
                "epoch 3/10: loss=0.4 val_loss: 0.5",
                vec![bar("epoch", 3, 10), metric("loss", 3.0, 0.4), metric("val_loss", 3.0, 0.5)],
            ),
            ("Epoch 7 loss nan", vec![Told::Metric("loss".into(), 7.0, None)]),
            ("[100]\ttrain's auc: 0.81\tvalid_0's auc: 0.79", Vec::new()),
            ("step 5 loss 0.25", vec![metric("loss", 5.0, 0.25)]),
            ("fitting 3 of 7 at 0.5", Vec::new()),
            ("loss: 0.5", Vec::new()),
            ("", Vec::new()),
        ];
        for (line, expected) in table {
            let found = read(line);
            if line.starts_with("[100]") {
                assert!(found.iter().all(|told| matches!(told, Told::Metric(_, 100.0, Some(_)))), "{line}: {found:?}");
            } else {
                assert_eq!(found, expected, "{line}");
            }
        }
    }

    #[test]
    fn what_is_alarming_is_said_once() {
        let mut alarms = Alarms::default();
        let mut said = Vec::new();
        for (step, value) in [0.9, 0.5, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6].into_iter().enumerate() {
            said.extend(alarms.take("train_loss", f64::from(u32::try_from(step).unwrap()), Some(value)));
        }
        assert_eq!(said, ["train_loss diverges: 1.4 at step 7, its best was 0.40"]);
        assert!(alarms.take("loss", 3.0, None).unwrap().starts_with("loss is not a number from step 3 on"));
        assert_eq!(alarms.take("loss", 4.0, None), None);
        assert_eq!(alarms.take("loss", 5.0, Some(f64::NAN)), None);
        // A score that falls and a loss that merely wobbles are no alarm.
        let mut calm = Alarms::default();
        for step in 0..40 {
            let at = f64::from(step);
            assert_eq!(calm.take("auc", at, Some(0.5 + at)), None);
            assert_eq!(calm.take("loss", at, Some(1.0 / (1.0 + at) + 0.01 * f64::from(step % 3))), None);
        }
    }
}
