//! Looks at sealed rows: which there were, what each gave, and what they leave of a question that is framed anew.

use crate::domain::bootstrap::Interval;
use crate::domain::experiment::{Event, History, Run};
use crate::domain::framing::Framing;
use crate::domain::run::{Outcome, Role, RunSpec};
use crate::domain::split::SplitKind;
use crate::text::figure;

/// One look at sealed rows, as it was written down before it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The experiment that was judged.
    pub experiment: String,
    /// Its run that was judged.
    pub run_id: String,
    /// Name of the data file.
    pub data: String,
    /// Fingerprint of the framing under which the rows were sealed.
    pub frame: String,
    /// How often they had been opened before.
    pub n_before: u64,
    /// Whether earlier runs had been scored on some of these rows, under another cut.
    pub was_seen: bool,
    /// The run on the sealed rows; nothing where it never started.
    pub look: Option<String>,
}

/// What a look gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<'a> {
    /// Name of the metric.
    pub metric: &'a str,
    /// The score; unknown where there is none.
    pub score: Option<f64>,
    /// Where it may lie for other rows of the same kind; unknown of looks from before it was worked out.
    pub interval: Option<&'a Interval>,
    /// Rows that it is about.
    pub n_rows: Option<u64>,
}

impl<'a> Seen<'a> {
    /// What the outcome of a run on the sealed rows holds.
    pub fn of(spec: &'a RunSpec, outcome: &'a Outcome) -> Self {
        Self {
            metric: spec.framing.metric.name(),
            score: outcome.scores(spec.framing.metric).and_then(|scores| scores.first().copied()),
            interval: outcome.findings.test_interval.as_ref(),
            n_rows: outcome.folds.first().map(|fold| fold.n_valid),
        }
    }

    /// `balanced_accuracy .931, 95 % interval [.871, .982]`; nothing where there is no score.
    fn score_in_words(&self) -> Option<String> {
        let interval = self.interval.map_or_else(|| "interval unknown".to_owned(), Interval::in_words);
        Some(format!("{} {}, {interval}", self.metric, figure::score(self.score?)))
    }
}

/// The score on sealed rows, called what it is: a test score only where nobody had seen the rows.
pub fn in_words(spec: &RunSpec, outcome: &Outcome, n_before: u64, was_seen: bool) -> String {
    let seen = Seen::of(spec, outcome);
    let Some(score) = seen.score_in_words() else {
        return format!("the sealed rows gave no score: {}", outcome.reason.clone().unwrap_or_default());
    };
    let n = figure::plural(seen.n_rows.unwrap_or(0), "row");
    if was_seen {
        format!(
            "{score}, on {n}, of which earlier runs were scored on some before the question was framed anew: no test score"
        )
    } else if n_before == 0 {
        format!("test score: {score}, on {}, opened for the first time", n.replacen("row", "sealed row", 1))
    } else {
        let times = usize::try_from(n_before + 1).unwrap_or(usize::MAX);
        format!("{score}, on {n} that were opened {}: no test score any more", figure::times(times))
    }
}

impl Opening {
    /// The look that an event begins, with what is known so far.
    pub(crate) fn of(history: &History, event: &Event, at: &str) -> Option<Self> {
        let Event::HoldoutOpened { experiment, run_id, data, frame, n_before } = event else { return None };
        let runs = history.find(experiment).map_or(&[][..], |one| &one.runs);
        let judged = runs.iter().find(|run| run.spec.run_id == *run_id);
        Some(Self {
            at: at.to_owned(),
            experiment: experiment.clone(),
            run_id: run_id.clone(),
            data: data.clone(),
            frame: frame.clone(),
            n_before: *n_before,
            was_seen: judged.is_some_and(|run| history.was_seen(data, &run.spec.framing)),
            look: None,
        })
    }

    /// Whether what it gave may be called a test score.
    pub fn is_test(&self) -> bool {
        self.n_before == 0 && !self.was_seen
    }

    /// In one line: when, for whom, what it gave.
    pub fn line(&self, history: &History) -> String {
        let gave = match history.look(self) {
            None => "no run came of it".to_owned(),
            Some(Run { outcome: None, .. }) => "it goes on".to_owned(),
            Some(Run { spec, outcome: Some(outcome), .. }) => in_words(spec, outcome, self.n_before, self.was_seen),
        };
        let second = self.at.split_once('.').map_or_else(|| self.at.clone(), |(second, _)| format!("{second}Z"));
        format!("{second}  {} ({}): {gave}", self.experiment, self.run_id)
    }
}

/// What decides which rows are sealed, and which are in which fold.
fn is_same_cut(one: &Framing, other: &Framing) -> bool {
    let cut = |one: &Framing| {
        (one.seed, one.holdout.to_bits(), one.split, one.group.clone(), one.time.clone(), one.target.clone())
    };
    cut(one) == cut(other)
}

/// Whether a run under `earlier` may have been scored on rows that are sealed under `now`. In order of time the sealed rows
/// are the last ones, so that fewer of them are some of those that were sealed before.
fn may_have_scored(earlier: &Framing, now: &Framing) -> bool {
    let is_time = |one: &Framing| one.split == SplitKind::Time;
    let is_nested = is_time(earlier) && is_time(now) && earlier.time == now.time && earlier.target == now.target;
    if is_nested { now.holdout > earlier.holdout } else { !is_same_cut(earlier, now) }
}

impl History {
    /// Looks at the sealed rows of a data file, the first first.
    pub fn openings_of<'a>(&'a self, data: &'a str) -> impl Iterator<Item = &'a Opening> {
        self.openings.iter().filter(move |opening| opening.data == data)
    }

    /// How often sealed rows of a data file were opened, under whichever framing: another cut deals out the same rows.
    pub fn n_openings(&self, data: &str) -> usize {
        self.openings_of(data).count()
    }

    /// The run that an opening led to.
    pub fn look(&self, opening: &Opening) -> Option<&Run> {
        let look = opening.look.as_ref()?;
        self.find(&opening.experiment)?.runs.iter().find(|run| run.spec.run_id == *look)
    }

    /// A run on sealed rows belongs to the last opening for its experiment, which was written down just before it.
    pub(crate) fn note_look(&mut self, experiment: &str, spec: &RunSpec) {
        if spec.role != Role::OpensHoldout {
            return;
        }
        if let Some(opening) = self.openings.iter_mut().rev().find(|one| one.experiment == experiment) {
            opening.look.get_or_insert_with(|| spec.run_id.clone());
        }
    }

    /// Whether rows that are sealed under this framing may have been scored on under another: somebody who frames the
    /// question anew after looking has no rows left that nobody has seen.
    pub fn was_seen(&self, data: &str, framing: &Framing) -> bool {
        let mine = self.experiments.iter().filter(|one| one.data == data);
        mine.flat_map(|one| &one.runs).any(|run| {
            run.score().is_some() && run.spec.role == Role::Own && may_have_scored(&run.spec.framing, framing)
        })
    }

    /// What this framing makes of rows that were seen under another one, in a sentence; nothing where it changes nothing.
    pub fn seen_before(&self, data: &str, framing: &Framing) -> Option<String> {
        let elsewhere = self
            .openings_of(data)
            .filter(|opening| {
                let judged = self.find(&opening.experiment).map(|one| one.runs.iter());
                let judged = judged.and_then(|mut runs| runs.find(|run| run.spec.run_id == opening.run_id));
                judged.is_none_or(|run| !is_same_cut(&run.spec.framing, framing))
            })
            .count();
        if elsewhere > 0 {
            Some(format!(
                "sealed rows were opened {} under another cut, so rows seen then may lie in the folds now",
                figure::times(elsewhere)
            ))
        } else if framing.holdout > 0.0 && self.was_seen(data, framing) {
            Some(
                "runs were scored under another cut, so rows sealed now were seen then: none gives a test score".into(),
            )
        } else {
            None
        }
    }
}
