//! What a run finds out beside its score: parts and their gain, trials of a search, checks, lines of a report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::bootstrap::Interval;
use crate::domain::court::{Testimony, Witness};
use crate::domain::verdict::Label;
use crate::text::figure;

/// One step of a cleaning, one feature, one column of an importance: a part of a whole that was looked at alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Part {
    /// Its name in the code.
    pub name: String,
    /// `step`, `stack`, `feature`, `importance`, `learning`.
    pub kind: String,
    /// What it says of itself.
    pub doc: String,
    /// Rows that it touched, of those trained on in the first fold.
    pub n_rows: Option<u64>,
    /// Cells that it touched.
    pub n_cells: Option<u64>,
    /// What it changed, in words: gaps before and after, columns added and dropped.
    pub change: Option<String>,
    /// Microseconds for one row.
    pub us_per_row: Option<f64>,
    /// The primary metric with it, fold by fold.
    pub scores: Vec<Option<f64>>,
    /// Mean over the folds of the score with it minus the score without.
    pub difference: Option<f64>,
    /// Where that mean lies.
    pub interval: Option<(f64, f64)>,
    /// What the interval says.
    pub label: Option<Label>,
    /// What is odd about it.
    pub note: Option<String>,
}

/// One configuration that a search tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trial {
    /// Its number, from zero.
    pub number: u64,
    /// `complete`, `pruned`, `fail`.
    pub state: String,
    /// Mean of the primary metric over the inner folds.
    pub value: Option<f64>,
    /// Its parameters.
    pub params: BTreeMap<String, Value>,
    /// Seconds it took.
    pub seconds: Option<f64>,
}

/// How something that was checked stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It could not be looked at.
    #[default]
    NotChecked,
    /// It waits for a person.
    Open,
}

impl Standing {
    /// The words in JSON and on the screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotChecked => "not checked",
            Self::Open => "open",
        }
    }

    /// Its sign, beside the words.
    pub fn sign(self) -> char {
        match self {
            Self::Pass => '✓',
            Self::Fail => '✗',
            Self::NotChecked => '?',
            Self::Open => '○',
        }
    }
}

/// Something that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// What that rests on.
    pub detail: String,
}

impl Check {
    /// A check with its evidence.
    pub fn new(name: &str, standing: Standing, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), standing, detail: detail.into() }
    }
}

/// How far a score moves when nothing changes but chance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noise {
    /// Mean of the primary metric on each cut of the folds.
    pub means: Vec<f64>,
    /// Standard deviation of those means, one degree of freedom taken off.
    pub sd_over_cuts: Option<f64>,
    /// Standard deviation over the folds of one cut, in the mean.
    pub sd_over_folds: Option<f64>,
}

/// Everything that a run finds out beside its score.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Findings {
    /// Parts with what they changed and gained.
    pub parts: Vec<Part>,
    /// Trials of a search on all rows outside the holdout; their values are inner scores, chosen by the search.
    pub trials: Vec<Trial>,
    /// The best of them.
    pub best: BTreeMap<String, Value>,
    /// Checks.
    pub checks: Vec<Check>,
    /// Sentences of a report, the most important first.
    pub summary: Vec<String>,
    /// How far the linear baseline moves from cut to cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// How far the score on the sealed rows can be trusted; of a run that opened them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_interval: Option<Interval>,
    /// What the leakage court saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub court: Vec<Witness>,
}

impl Findings {
    /// Whether nothing was found out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All of it in lines, for a page or a terminal.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.summary.clone();
        let mut part = |heading: &str, body: Vec<String>| {
            if body.is_empty() {
                return;
            }
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(heading.to_owned());
            lines.extend(body);
        };
        let of = |kinds: &[&str]| -> Vec<String> {
            self.parts.iter().filter(|part| kinds.contains(&part.kind.as_str())).map(Part::line).collect()
        };
        part("Checks", self.checks.iter().map(Check::line).collect());
        part("Steps, each against the stack without it", of(&["step"]));
        part("Stacks, each against no cleaning", of(&["stack"]));
        part("Features, each alone against none", of(&["feature"]));
        part("What is lost when a column is shuffled", of(&["importance"]));
        part("Trained on a share of the rows", of(&["learning"]));
        if !self.best.is_empty() {
            let best: Vec<String> =
                self.best.iter().map(|(name, value)| format!("  {name} = {}", shown(value))).collect();
            part("Best configuration", best);
        }
        part("Trials", self.trials.iter().map(Trial::line).collect());
        part("Leakage court", self.court.iter().map(Witness::line).collect());
        part("Noise floor", self.noise.iter().map(Noise::line).collect());
        lines
    }

    /// Whether the best of the trials is the highest.
    pub fn rises(&self) -> bool {
        let best = self.trials.iter().find(|trial| trial.params == self.best).and_then(|trial| trial.value);
        let done = self.trials.iter().filter(|trial| trial.state == "complete").filter_map(|trial| trial.value);
        best.is_none_or(|best| done.into_iter().all(|value| value <= best))
    }

    /// The course of a search: each trial that came to its end, and the best so far.
    #[expect(clippy::cast_precision_loss, reason = "numbers of trials")]
    pub fn progress(&self) -> Vec<(String, Vec<(f64, f64)>)> {
        let done: Vec<(f64, f64)> = self
            .trials
            .iter()
            .filter(|trial| trial.state == "complete")
            .filter_map(|trial| Some((trial.number as f64, trial.value?)))
            .collect();
        if done.len() < 2 {
            return Vec::new();
        }
        let rises = self.rises();
        let mut best = done[0].1;
        let so_far = done
            .iter()
            .map(|point| {
                best = if rises { best.max(point.1) } else { best.min(point.1) };
                (point.0, best)
            })
            .collect();
        vec![("trial".to_owned(), done), ("best so far".to_owned(), so_far)]
    }

    /// The learning curve: share of the training rows against the mean score.
    pub fn learning(&self) -> Vec<(String, Vec<(f64, f64)>)> {
        let mut points: Vec<(f64, f64)> = self
            .parts
            .iter()
            .filter(|part| part.kind == "learning")
            .filter_map(|part| {
                let scores: Vec<f64> = part.scores.iter().copied().collect::<Option<_>>()?;
                (!scores.is_empty())
                    .then(|| Some((part.name.parse().ok()?, crate::domain::run::mean_std(&scores).0)))?
            })
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if points.len() < 2 { Vec::new() } else { vec![("score by share of the training rows".to_owned(), points)] }
    }

    /// Witnesses of the leakage court that found something.
    pub fn accusations(&self) -> impl Iterator<Item = &Witness> {
        self.court.iter().filter(|witness| witness.standing == Testimony::Finding)
    }

    /// Whether a check failed.
    pub fn has_failure(&self) -> bool {
        self.checks.iter().any(|check| check.standing == Standing::Fail)
    }
}

impl Noise {
    /// In one line.
    pub fn line(&self) -> String {
        match self.sd_over_cuts {
            Some(sd) => format!(
                "  {} over {} other cuts of the folds; {} from fold to fold",
                figure::score(sd),
                self.means.len(),
                self.sd_over_folds.map_or_else(|| "unknown".to_owned(), figure::score)
            ),
            None => "  not checked: the folds can't be cut in another way".to_owned(),
        }
    }
}

impl Check {
    /// In one line.
    pub fn line(&self) -> String {
        format!("  {} {:<18} {:<12} {}", self.standing.sign(), self.name, self.standing.words(), self.detail)
    }
}

impl Part {
    /// In one line: name, gain with its interval, what it touched.
    pub fn line(&self) -> String {
        let gain = match (self.difference, self.interval) {
            (Some(mean), Some((low, high))) => format!(
                "{} [{}, {}] {}",
                figure::signed_score(mean),
                figure::signed_score(low),
                figure::signed_score(high),
                self.label.map_or("", Label::words)
            ),
            (Some(mean), None) => figure::signed_score(mean),
            (None, _) => {
                let scores: Option<Vec<f64>> = self.scores.iter().copied().collect();
                scores.filter(|scores| !scores.is_empty()).map_or_else(
                    || "not checked".to_owned(),
                    |scores| figure::score(crate::domain::run::mean_std(&scores).0),
                )
            }
        };
        let mut about = Vec::new();
        if let (Some(rows), Some(cells)) = (self.n_rows, self.n_cells) {
            about.push(format!("{} and {}", figure::plural(rows, "row"), figure::plural(cells, "cell")));
        }
        about.extend(self.change.clone());
        about.extend(self.us_per_row.map(|cost| format!("{} µs a row", figure::short(cost))));
        about.extend(self.note.clone());
        let name: String = self.name.chars().take(32).collect();
        format!("  {name:<32} {gain:<46} {}", about.join(" · ")).trim_end().to_owned()
    }
}

impl Trial {
    /// In one line.
    pub fn line(&self) -> String {
        let value = self.value.map_or_else(|| "–".to_owned(), figure::score);
        let params: Vec<String> = self.params.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
        format!("  {:>4} {value:>8} {:<9} {}", self.number, self.state, params.join(" · "))
    }
}

fn shown(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), figure::value)
}
