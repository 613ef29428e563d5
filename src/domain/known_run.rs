//! A run as the history knows it: what decided it, what it gave, what that says, and whether that was confirmed.

use serde::{Deserialize, Serialize};

use crate::domain::court::in_words;
use crate::domain::findings::{Check, Standing};
use crate::domain::run::{Outcome, RunSpec, Status, hash};
use crate::domain::verdict::{Label, Verdict};

/// What came of looking at a run again before it may be called the best.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    /// Whether it may be called the best.
    pub passed: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// Runs that were made for it.
    pub runs: Vec<String>,
}

impl Confirmation {
    /// What those checks come to: nothing failed, and the other cut of the folds was looked at.
    pub fn of(checks: Vec<Check>, runs: Vec<String>) -> Self {
        let passed = checks.iter().all(|check| check.standing != Standing::Fail)
            && checks.iter().any(|check| check.standing == Standing::Pass);
        Self { passed, checks, runs }
    }
}

/// A run as the history knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What decided it.
    pub spec: RunSpec,
    /// What it gave; nothing while it goes on.
    pub outcome: Option<Outcome>,
    /// What that says.
    pub verdict: Option<Verdict>,
    /// Whether it holds when looked at again; nothing where nobody looked.
    pub confirmation: Option<Confirmation>,
}

impl Run {
    /// A run that goes on.
    pub fn begun(spec: RunSpec) -> Self {
        Self { spec, outcome: None, verdict: None, confirmation: None }
    }

    /// The score that decides, with its spread over the folds.
    pub fn score(&self) -> Option<(f64, Option<f64>)> {
        let outcome = self.outcome.as_ref().filter(|outcome| outcome.status == Status::Finished)?;
        let scores = outcome.scores(self.spec.framing.metric)?;
        Some(crate::domain::run::mean_std(&scores))
    }

    /// Runs of the same class were judged on the same rows by the same evaluator.
    pub fn class(&self) -> String {
        class_of(&self.spec)
    }

    /// Whether it is the baseline that predicts a constant.
    pub fn is_constant(&self) -> bool {
        self.spec.code_hash == hash(crate::domain::baseline::dummy(self.spec.framing.problem))
    }

    /// Whether it is *better* than the best so far and that has not been confirmed. Verdicts of a version that did not
    /// confirm are taken as they are.
    pub fn is_challenged(&self) -> bool {
        let Some(verdict) = &self.verdict else { return false };
        if verdict.label != Label::Better || verdict.p_value.is_none() {
            return false;
        }
        !self.confirmation.as_ref().is_some_and(|confirmation| confirmation.passed)
    }

    /// What the court said of it, in a few words.
    pub fn court(&self) -> Option<String> {
        let court = &self.outcome.as_ref()?.findings.court;
        (!court.is_empty()).then(|| in_words(court))
    }
}

/// What must be equal for two scores to be comparable: data, question, evaluator.
pub fn class_of(spec: &RunSpec) -> String {
    format!("{}/{}/{}", &spec.data_hash, spec.framing.fingerprint(), &spec.evaluator_hash)
}

/// Why the scores of two runs can't be compared; nothing where they can.
pub fn difference_in_class(own: &RunSpec, other: &RunSpec) -> Option<&'static str> {
    let (mine, theirs) = (&own.framing, &other.framing);
    if own.data_hash != other.data_hash {
        Some("the data was another")
    } else if mine.target != theirs.target || mine.problem != theirs.problem || mine.positive != theirs.positive {
        Some("the question was another")
    } else if mine.metric != theirs.metric {
        Some("the metric was another")
    } else if mine.fingerprint() != theirs.fingerprint() {
        Some("the split was another")
    } else if own.evaluator_hash != other.evaluator_hash {
        Some("the evaluator was another version")
    } else {
        None
    }
}
