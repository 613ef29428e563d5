//! Which runs can be compared, which is best, and which one a report is about.

use crate::domain::experiment::{Experiment, History, Run, class_of};
use crate::domain::framing::Framing;
use crate::domain::known_run::{Apart, difference_in_class};
use crate::domain::run::{FileKind, Outcome, Role, RunSpec, Status, Subject};
use crate::domain::verdict::{self, Label, Pair, Verdict};

/// Most runs whose scores a new one is held against.
const MAX_KNOWN: usize = 200;
/// Most runs that a report compares its subject with.
const MAX_OTHERS: usize = 4;

impl History {
    /// Every finished run of one class, in order, with its experiment; those that only repeat another one are left out.
    fn comparable<'a>(&'a self, class: &'a str) -> impl Iterator<Item = (&'a Experiment, &'a Run)> {
        self.experiments
            .iter()
            .flat_map(|experiment| experiment.runs.iter().map(move |run| (experiment, run)))
            .filter(move |(_, run)| run.score().is_some() && run.spec.role == Role::Own && run.class() == class)
    }

    /// The latest run on a data file that has a score and was made to be judged: what others are held against.
    pub fn newest_scored(&self, data: &str) -> Option<&Run> {
        let own = self.experiments.iter().rev().filter(|experiment| experiment.data == data);
        own.flat_map(|experiment| experiment.runs.iter().rev())
            .find(|run| run.score().is_some() && run.spec.role == Role::Own)
    }

    /// Why the score of an experiment can't be compared with the latest ones on its data file; nothing where it can, or
    /// has none.
    pub fn why_apart(&self, experiment: &Experiment) -> Option<Apart> {
        let own = experiment.run().filter(|run| run.score().is_some())?;
        let newest = self.newest_scored(&experiment.data)?;
        let today = self.framed_anew(newest, &experiment.data).unwrap_or(&newest.spec.framing);
        difference_in_class(&own.spec, &newest.spec, today)
    }

    /// The framing of a data file, where the question was framed anew since its newest run.
    fn framed_anew(&self, newest: &Run, data: &str) -> Option<&Framing> {
        let (_, _, framing, _) = self.framings.iter().find(|(name, _, _, _)| name == data)?;
        (newest.spec.framing.fingerprint() != framing.fingerprint()).then_some(framing)
    }

    /// The class of scores that are held against each other today: that of the newest run, unless the question was framed anew
    /// since; then nothing has been scored yet.
    pub fn class_of_today(&self, data: &str) -> Option<String> {
        let newest = self.newest_scored(data)?;
        self.framed_anew(newest, data).is_none().then(|| newest.class())
    }

    /// The best run of a class: the first that predicts better than a constant does, until one is *better* than it beyond
    /// the noise and has passed its check. A constant is the best only where nothing has a higher mean.
    pub fn champion<'a>(&'a self, class: &'a str) -> Option<(&'a Experiment, &'a Run)> {
        self.comparable(class).reduce(|best, next| {
            let stands_out = next.1.verdict.as_ref().is_some_and(|verdict| {
                verdict.label == Label::Better && verdict.against.as_deref() == Some(best.1.spec.run_id.as_str())
            });
            let beats_constant = best.1.is_constant()
                && !next.1.is_constant()
                && match (next.1.score(), best.1.score()) {
                    (Some((own, _)), Some((other, _))) => next.1.spec.framing.metric.direction().prefers(own, other),
                    _ => false,
                };
            if beats_constant || stands_out && !next.1.is_challenged() { next } else { best }
        })
    }

    /// The run that a new one is compared with: the best so far; for a cleaning or features, the baseline that they are put
    /// in front of; for the first model, the constant.
    fn opponent<'a>(&'a self, spec: &RunSpec, class: &'a str) -> Option<(&'a Experiment, &'a Run)> {
        if matches!(spec.kind, FileKind::Clean | FileKind::Features) {
            let linear = crate::domain::run::hash(crate::domain::baseline::linear(spec.framing.problem));
            if let Some(found) = self.comparable(class).filter(|(_, run)| run.spec.code_hash == linear).last() {
                return Some(found);
            }
        }
        self.champion(class)
    }

    /// Fold scores of every run of the class whose code is another, by experiment: the latest of them. Where a metric of
    /// the user's own decides, they are those of the usual one, which witnesses understand.
    pub fn scores_of_others(&self, spec: &RunSpec) -> Vec<(String, Vec<f64>)> {
        let class = class_of(spec);
        let all: Vec<(String, Vec<f64>)> = self
            .comparable(&class)
            .filter(|(_, run)| run.spec.code_hash != spec.code_hash)
            .filter_map(|(experiment, run)| {
                let metric = spec.framing.metric.builtin(spec.framing.problem);
                Some((experiment.id.clone(), run.outcome.as_ref()?.scores(metric)?))
            })
            .collect();
        all[all.len().saturating_sub(MAX_KNOWN)..].to_vec()
    }

    /// Fold scores of the linear baseline of the class.
    pub fn baseline_scores(&self, spec: &RunSpec) -> Option<Vec<f64>> {
        let class = class_of(spec);
        let linear = crate::domain::run::hash(crate::domain::baseline::linear(spec.framing.problem));
        let found = self.comparable(&class).filter(|(_, run)| run.spec.code_hash == linear).last()?;
        found.1.outcome.as_ref()?.scores(spec.framing.metric.builtin(spec.framing.problem))
    }

    /// What changing hands would take from a run: the best so far, where the run is *better* than that and it is no constant.
    pub fn to_confirm(&self, spec: &RunSpec, verdict: &Verdict) -> Option<&Run> {
        let against = verdict.against.as_deref().filter(|_| verdict.label == Label::Better)?;
        let runs = self.experiments.iter().flat_map(|experiment| &experiment.runs);
        let is_it = |run: &&Run| run.spec.run_id == against && !run.is_constant() && run.class() == class_of(spec);
        runs.rev().find(is_it)
    }

    /// The noise floor on these folds, as the linear baseline found it.
    pub fn noise_floor(&self, class: &str) -> Option<f64> {
        self.comparable(class).filter_map(|(_, run)| run.outcome.as_ref()?.findings.noise.as_ref()?.sd_over_cuts).last()
    }

    /// What the outcome of a run says against the best so far of its class.
    pub fn judge(&self, spec: &RunSpec, outcome: &Outcome) -> Verdict {
        let class = class_of(spec);
        let earlier: Vec<f64> = self
            .comparable(&class)
            .filter_map(|(_, run)| run.verdict.as_ref().filter(|verdict| verdict.label != Label::NotChecked))
            .map(|verdict| verdict.p_value.unwrap_or(1.0))
            .collect();
        let n_before = earlier.len() as u64;
        if outcome.status != Status::Finished {
            return Verdict::not_checked("the run did not finish", n_before);
        }
        if !spec.kind.is_solution() {
            return Verdict::not_checked("it is no solution, so there is nothing to compare", n_before);
        }
        if spec.role != Role::Own {
            return Verdict::not_checked(spec.role.why_no_verdict(), n_before);
        }
        let Some(own) = outcome.scores(spec.framing.metric) else {
            return Verdict::not_checked(&why_no_score(spec, outcome), n_before);
        };
        let Some((_, best)) = self.opponent(spec, &class) else {
            return Verdict::not_checked("it is the first run on these folds", n_before);
        };
        if self.differs_in_seed_only(spec, best) {
            return Verdict::not_checked(
                &format!(
                    "nothing but the seed differs from {}, so it is a repeat and no gain",
                    self.name_of_run(&best.spec.run_id)
                ),
                n_before,
            );
        }
        let Some(other) = best.outcome.as_ref().and_then(|outcome| outcome.scores(spec.framing.metric)) else {
            return Verdict::not_checked("the best run so far has no score on every fold", n_before);
        };
        // A run on one cut of the folds shares that cut with one on several.
        let shared = own.len().min(other.len());
        let (own, other) = (&own[..shared], &other[..shared]);
        let pair = Pair { own, other, valid_to_train: outcome.valid_to_train() };
        let verdict = verdict::compare(pair, spec.framing.metric.direction(), &best.spec.run_id, &earlier);
        Verdict { noise_floor: self.noise_floor(&class), ..verdict }
    }

    /// Whether the code of a run is that of another but for its seeds.
    fn differs_in_seed_only(&self, spec: &RunSpec, other: &Run) -> bool {
        let code = |experiment: &str, spec: &RunSpec| {
            let files = &self.find(experiment)?.files;
            files
                .iter()
                .find(|file| file.path == spec.entry && file.hash() == spec.code_hash)
                .map(|file| file.code.clone())
        };
        match (code(&spec.experiment, spec), code(&other.spec.experiment, &other.spec)) {
            (Some(own), Some(theirs)) => crate::domain::changes::is_seed_only(theirs.expose(), own.expose()),
            _ => false,
        }
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

/// Why the score that decides is not known, in one sentence.
fn why_no_score(spec: &RunSpec, outcome: &Outcome) -> String {
    let name = spec.framing.metric.id();
    let said = outcome.findings.checks.iter().find(|check| check.name == name && spec.own_metric.is_some());
    said.map_or_else(
        || "the deciding metric is not defined on every fold".to_owned(),
        |check| format!("{} is unknown: {}", spec.framing.metric.name(), check.detail),
    )
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
