//! A run as the history knows it: what decided it, what it gave, what that says, and whether that was confirmed.

use serde::{Deserialize, Serialize};

use crate::domain::court::in_words;
use crate::domain::findings::{Check, Standing};
use crate::domain::framing::Framing;
use crate::domain::run::{Outcome, Role, RunSpec, Status, hash};
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

/// Why the scores of two runs can't be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Other bytes of data.
    Data,
    /// Another target, kind of problem or positive class.
    Question,
    /// Another metric.
    Metric,
    /// Rows were dealt in another way.
    Split,
    /// Another version of what computes the scores.
    Evaluator,
    /// A quick look beside a whole run.
    Fidelity,
}

impl Apart {
    /// In one sentence, about the run that is not the latest.
    pub fn words(self) -> &'static str {
        match self {
            Self::Data => "the data was another",
            Self::Question => "the question was another",
            Self::Metric => "the metric was another",
            Self::Split => "the split was another",
            Self::Evaluator => "the evaluator was another version",
            Self::Fidelity => "it is a quick look at part of the rows",
        }
    }

    /// In two words, where there is no room for more.
    pub fn short(self) -> &'static str {
        match self {
            Self::Data => "other data",
            Self::Question => "other question",
            Self::Metric => "other metric",
            Self::Split => "other split",
            Self::Evaluator => "other evaluator",
            Self::Fidelity => "quick look",
        }
    }
}

/// Why the scores of two runs can't be compared; nothing where they can.
///
/// The other run is taken as made under `theirs`, which is its own framing, or the one that has been fixed since.
pub fn difference_in_class(own: &RunSpec, other: &RunSpec, theirs: &Framing) -> Option<Apart> {
    let mine = &own.framing;
    if own.data_hash != other.data_hash {
        Some(Apart::Data)
    } else if mine.target != theirs.target || mine.problem != theirs.problem || mine.positive != theirs.positive {
        Some(Apart::Question)
    } else if mine.metric != theirs.metric {
        Some(Apart::Metric)
    } else if mine.fingerprint() != theirs.fingerprint() {
        Some(Apart::Split)
    } else if own.evaluator_hash != other.evaluator_hash {
        Some(Apart::Evaluator)
    } else if (own.role == Role::Quick) != (other.role == Role::Quick) {
        Some(Apart::Fidelity)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing() -> Framing {
        let value = serde_json::json!({
            "target": "sex", "problem": "binary", "positive": "male", "metric": "metric.py:profit:maximize",
            "split": "stratified", "group": null, "time": null, "folds": 5, "seed": 7, "holdout": 0.2, "exclude": [],
            "privacy": "statistics", "cap_usd": 5.0,
        });
        serde_json::from_value(value).unwrap()
    }

    fn spec(framing: &Framing) -> RunSpec {
        let value = serde_json::json!({
            "run_id": "r1", "experiment": "e1", "data": "d.csv", "data_hash": "d1", "framing": framing, "kind": "model",
            "entry": "model.py", "code_hash": "c1", "evaluator_hash": "v1",
            "python": {"program": "python", "version": "3.11", "read": [], "packages": {}},
            "limits": {"wall_s": 1, "memory_bytes": 1, "output_bytes": 1, "file_bytes": 1, "n_jobs": 1},
            "level": "full", "created_at": "2026-11-25T00:00:00Z",
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn two_runs_are_compared_only_where_all_that_makes_a_score_is_the_same() {
        let run = spec(&framing());
        let differs = |change: &dyn Fn(&mut RunSpec)| {
            let mut other = run.clone();
            change(&mut other);
            let (there, back) =
                (difference_in_class(&run, &other, &other.framing), difference_in_class(&other, &run, &run.framing));
            assert_eq!(there, back);
            // What says why, and what keeps scores apart, agree.
            assert_eq!(there.is_some(), class_of(&run) != class_of(&other));
            there
        };
        assert_eq!(differs(&|_| {}), None);
        assert_eq!(differs(&|other| other.code_hash = "c2".into()), None);
        assert_eq!(differs(&|other| other.data_hash = "d2".into()), Some(Apart::Data));
        assert_eq!(
            differs(&|other| other.framing.target = crate::text::RawText::new("species")),
            Some(Apart::Question)
        );
        assert_eq!(differs(&|other| other.framing.metric = crate::domain::metric::Metric::F1), Some(Apart::Metric));
        assert_eq!(differs(&|other| other.framing.seed = 8), Some(Apart::Split));
        assert_eq!(differs(&|other| other.evaluator_hash = "v2".into()), Some(Apart::Evaluator));
    }
}
