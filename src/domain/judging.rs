//! Which runs can be compared, which is best, and which one a report is about.

use crate::domain::experiment::{Experiment, History, Run, class_of};
use crate::domain::run::{FileKind, Outcome, RunSpec, Status, Subject};
use crate::domain::verdict::{self, Label, Pair, Verdict};

/// Most runs that a report compares its subject with.
const MAX_OTHERS: usize = 4;

impl History {
    /// Every finished run of one class, in order, with its experiment.
    fn comparable<'a>(&'a self, class: &'a str) -> impl Iterator<Item = (&'a Experiment, &'a Run)> {
        self.experiments
            .iter()
            .flat_map(|experiment| experiment.runs.iter().map(move |run| (experiment, run)))
            .filter(move |(_, run)| run.score().is_some() && run.class() == class)
    }

    /// The best run of a class: the first, until one is *better* than it beyond the noise.
    pub fn champion<'a>(&'a self, class: &'a str) -> Option<(&'a Experiment, &'a Run)> {
        self.comparable(class).reduce(|best, next| {
            let wins = next.1.verdict.as_ref().is_some_and(|verdict| {
                verdict.label == Label::Better && verdict.against.as_deref() == Some(best.1.spec.run_id.as_str())
            });
            if wins { next } else { best }
        })
    }

    /// The run that a new one is compared with: the best so far; for a cleaning or features, the baseline that they are put
    /// in front of.
    fn opponent<'a>(&'a self, spec: &RunSpec, class: &'a str) -> Option<(&'a Experiment, &'a Run)> {
        if matches!(spec.kind, FileKind::Clean | FileKind::Features) {
            let linear = crate::domain::run::hash(crate::domain::baseline::linear(spec.framing.problem));
            if let Some(found) = self.comparable(class).filter(|(_, run)| run.spec.code_hash == linear).last() {
                return Some(found);
            }
        }
        self.champion(class)
    }

    /// What the outcome of a run says against the best so far of its class.
    pub fn judge(&self, spec: &RunSpec, outcome: &Outcome) -> Verdict {
        let class = class_of(spec);
        let n_before = self
            .comparable(&class)
            .filter(|(_, run)| run.verdict.as_ref().is_some_and(|verdict| verdict.label != Label::NotChecked))
            .count() as u64;
        if outcome.status != Status::Finished {
            return Verdict::not_checked("the run did not finish", n_before);
        }
        if !spec.kind.is_solution() {
            return Verdict::not_checked("it is no solution, so there is nothing to compare", n_before);
        }
        let Some(own) = outcome.scores(spec.framing.metric) else {
            return Verdict::not_checked("the deciding metric is not defined on every fold", n_before);
        };
        let Some((_, best)) = self.opponent(spec, &class) else {
            return Verdict::not_checked("it is the first run on these folds", n_before);
        };
        let Some(other) = best.outcome.as_ref().and_then(|outcome| outcome.scores(spec.framing.metric)) else {
            return Verdict::not_checked("the best run so far has no score on every fold", n_before);
        };
        let (n_valid, n_train) =
            outcome.folds.iter().fold((0, 0), |sum, fold| (sum.0 + fold.n_valid, sum.1 + fold.n_train));
        let pair = Pair { own: &own, other: &other, valid_to_train: crate::domain::profile::share(n_valid, n_train) };
        verdict::compare(pair, spec.framing.metric.direction(), &best.spec.run_id, n_before + 1)
    }

    /// The run that a report or a checklist is about: that of the named experiment, else the best on these folds; and
    /// the runs that it is compared with. Fails with a sentence where the name means nothing.
    pub fn subject(
        &self,
        frame: &str,
        data_hash: &str,
        named: Option<&str>,
    ) -> Result<Option<(Subject, Vec<Subject>)>, String> {
        let all: Vec<(&Experiment, &Run)> = self
            .experiments
            .iter()
            .flat_map(|experiment| experiment.runs.iter().map(move |run| (experiment, run)))
            .filter(|(_, run)| {
                run.score().is_some()
                    && run.spec.kind.is_solution()
                    && run.spec.data_hash == data_hash
                    && run.spec.framing.fingerprint() == frame
            })
            .collect();
        let class = all.last().map(|(_, run)| run.class()).unwrap_or_default();
        let chosen = match named {
            Some(name) => {
                let found = all.iter().rev().find(|(experiment, run)| experiment.id == name || run.spec.run_id == name);
                Some(*found.ok_or_else(|| format!("{name} has no finished run on today's folds"))?)
            }
            None => self.champion(&class),
        };
        let Some((experiment, run)) = chosen else { return Ok(None) };
        let mut others: Vec<(&Experiment, &Run)> = all
            .iter()
            .filter(|(_, other)| other.spec.run_id != run.spec.run_id && other.class() == run.class())
            .copied()
            .collect();
        let direction = run.spec.framing.metric.direction();
        others.sort_by(|a, b| {
            let mean = |run: &Run| run.score().map_or(0.0, |(mean, _)| mean);
            match direction {
                crate::domain::metric::Direction::Maximize => mean(b.1).total_cmp(&mean(a.1)),
                crate::domain::metric::Direction::Minimize => mean(a.1).total_cmp(&mean(b.1)),
            }
        });
        others.truncate(MAX_OTHERS);
        Ok(Some((
            subject_of(experiment, run),
            others.into_iter().map(|(experiment, run)| subject_of(experiment, run)).collect(),
        )))
    }

    /// The latest run of that kind which finished on these folds, with its experiment.
    pub fn latest(&self, frame: &str, kind: FileKind) -> Option<(&Experiment, &Run, &Outcome)> {
        self.experiments
            .iter()
            .rev()
            .flat_map(|experiment| experiment.runs.iter().rev().map(move |run| (experiment, run)))
            .filter(|(_, run)| run.spec.kind == kind && run.spec.framing.fingerprint() == frame)
            .find_map(|(experiment, run)| {
                let outcome = run.outcome.as_ref().filter(|outcome| outcome.status == Status::Finished)?;
                Some((experiment, run, outcome))
            })
    }
}

fn subject_of(experiment: &Experiment, run: &Run) -> Subject {
    Subject {
        experiment: experiment.id.clone(),
        title: experiment.title(),
        run_id: run.spec.run_id.clone(),
        kind: run.spec.kind,
        entry: run.spec.entry.clone(),
        code_hash: run.spec.code_hash.clone(),
    }
}
