//! Which jobs are alive. An id is never used again, so a late report can't be taken for a new one.

use std::collections::BTreeMap;

use crate::app::effect::{Effect, Job};

/// The name of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What a job is for, as far as the core must know it while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Opening a data set.
    Open,
    /// Counting rows.
    Count,
    /// Reading a window.
    Page,
    /// Profiling, or finding out about another target.
    Profile,
    /// Fixing the question.
    Frame,
    /// Reading the history.
    Load,
    /// Looking after the history.
    Watch,
    /// Making a question.
    Price,
    /// Asking.
    Ask,
    /// Finding out about models, or choosing one.
    Models,
    /// Reading a recording.
    Replay,
    /// Remembering a decision.
    Decide,
    /// Remembering a tick.
    Tick,
    /// Drawing a figure.
    Figure,
    /// Taking the errors of a run apart.
    Errors,
    /// A pass over all rows: a search, a sort, a filter, a count of values.
    Look,
    /// Reading one cell.
    Cell,
    /// Drawing columns.
    Draw,
    /// Running.
    Run,
}

/// The jobs that are alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    last: u64,
    alive: BTreeMap<JobId, JobKind>,
}

impl Jobs {
    /// Begins a job.
    pub fn start(&mut self, job: Job) -> (JobId, Effect) {
        self.last += 1;
        let id = JobId(self.last);
        let kind = match &job {
            Job::Open(_) | Job::Demo(_) => JobKind::Open,
            Job::Count => JobKind::Count,
            Job::Page { .. } => JobKind::Page,
            Job::Profile | Job::Target(_) => JobKind::Profile,
            Job::Frame(_) => JobKind::Frame,
            Job::Load => JobKind::Load,
            Job::Watch(_) => JobKind::Watch,
            Job::Price { .. } => JobKind::Price,
            Job::Ask { .. } => JobKind::Ask,
            Job::Models | Job::Detect | Job::Choose(_) => JobKind::Models,
            Job::Replay(_) => JobKind::Replay,
            Job::Decide { .. } | Job::TakeBack { .. } => JobKind::Decide,
            Job::Figure { .. } => JobKind::Figure,
            Job::Errors(_) => JobKind::Errors,
            Job::Find { .. } | Job::Step { .. } | Job::Counts { .. } => JobKind::Look,
            Job::Cell { .. } => JobKind::Cell,
            Job::Draw { .. } => JobKind::Draw,
            Job::Tick { .. } | Job::MoreTime(_) | Job::Approve { .. } | Job::Settle { .. } => JobKind::Tick,
            Job::Baselines
            | Job::Install { .. }
            | Job::Run { .. }
            | Job::Quick { .. }
            | Job::Again { .. }
            | Job::Attach { .. } => JobKind::Run,
        };
        self.alive.insert(id, kind);
        (id, Effect::Start(id, Box::new(job)))
    }

    /// Begins a job in place of all that are of its kind.
    pub fn restart(&mut self, job: Job) -> Vec<Effect> {
        let (id, start) = self.start(job);
        let kind = self.alive.get(&id).copied();
        let old: Vec<JobId> = self
            .alive
            .iter()
            .filter(|(other, its)| **other != id && Some(**its) == kind)
            .map(|(other, _)| *other)
            .collect();
        let mut effects: Vec<Effect> = old.into_iter().flat_map(|other| self.cancel(other)).collect();
        effects.push(start);
        effects
    }

    /// Ends a job; what it still reports is dropped.
    pub fn cancel(&mut self, id: JobId) -> Vec<Effect> {
        if self.alive.remove(&id).is_some() { vec![Effect::Cancel(id)] } else { Vec::new() }
    }

    /// Ends every job of a kind.
    pub fn cancel_kind(&mut self, kind: JobKind) -> Vec<Effect> {
        let own: Vec<JobId> = self.alive.iter().filter(|(_, its)| **its == kind).map(|(id, _)| *id).collect();
        own.into_iter().flat_map(|id| self.cancel(id)).collect()
    }

    /// Ends every job.
    pub fn cancel_all(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.alive).into_keys().map(Effect::Cancel).collect()
    }

    /// A job has reported its end.
    pub fn end(&mut self, id: JobId) {
        self.alive.remove(&id);
    }

    /// Whether a job may still report.
    pub fn is_alive(&self, id: JobId) -> bool {
        self.alive.contains_key(&id)
    }

    /// What a job that is alive is for.
    pub fn kind(&self, id: JobId) -> Option<JobKind> {
        self.alive.get(&id).copied()
    }

    /// Whether a job of that kind is alive.
    pub fn any(&self, kind: JobKind) -> bool {
        self.alive.values().any(|other| *other == kind)
    }

    /// The jobs that are alive.
    pub fn alive(&self) -> Vec<JobId> {
        self.alive.keys().copied().collect()
    }

    /// Whether a job is alive whose elapsed time is shown.
    pub fn any_timed(&self) -> bool {
        self.alive.values().any(|kind| {
            !matches!(
                kind,
                JobKind::Page | JobKind::Cell | JobKind::Decide | JobKind::Tick | JobKind::Load | JobKind::Watch
            )
        })
    }
}
