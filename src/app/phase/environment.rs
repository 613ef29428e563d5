//! What code runs in: chosen, offered where something is missing, and made only after a yes.

use crate::app::Model;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::JobId;
use crate::app::overlay::Overlay;
use crate::app::phase::{busy, decisions, running, say};
use crate::domain::before::Look;
use crate::domain::environment::{Install, Kind, Lacks};
use crate::domain::imports;
use crate::domain::pynotes::Weight;
use crate::domain::run::{Outcome, Role, Status};
use crate::safe;

/// Lists the kinds of environment.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    if model.dataset.source.is_none() {
        return say(model, "open a data set first".into());
    }
    let now = model.review.place.kind;
    let selected = Kind::ALL.iter().position(|kind| *kind == now).unwrap_or(0);
    model.overlay = Some(Overlay::Environments { selected });
    Vec::new()
}

/// One of them was chosen.
pub fn settle(model: &mut Model, selected: usize) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    let Some(kind) = Kind::ALL.get(selected).copied() else { return Vec::new() };
    let mut effects = vec![model.jobs.start(Job::Settle { kind, then: None }).1];
    effects.extend(say(
        model,
        safe!(
            "code runs in “{0}” in this session; environment = \"{0}\" under [python] in rationale.toml keeps it",
            kind.word()
        ),
    ));
    effects
}

/// What a job imports that is not where it would run.
pub(super) fn missing(model: &Model, job: &Job) -> Vec<String> {
    match job {
        Job::Run { files, .. } | Job::Quick { files, .. } => imports::missing(files, &model.review.place.names),
        _ => Vec::new(),
    }
}

/// Installs what is missing into the project's own environment, and runs then.
pub fn install(model: &mut Model, missing: Vec<String>, job: Box<Job>) -> Vec<Effect> {
    match model.review.place.kind {
        Kind::Project if !missing.is_empty() => {
            model.overlay = None;
            decisions::start(model, Job::Install { what: Install::Packages(missing), then: Some(job) })
        }
        Kind::Interpreter if !missing.is_empty() => say(
            model,
            "nothing is installed into an interpreter; I runs it isolated, ctrl-e chooses the project's own".into(),
        ),
        _ => Vec::new(),
    }
}

/// Runs in an isolated environment from now on, beginning with this job.
pub fn isolate(model: &mut Model, job: Box<Job>) -> Vec<Effect> {
    if model.review.place.kind == Kind::Isolated {
        return Vec::new();
    }
    model.overlay = None;
    vec![model.jobs.start(Job::Settle { kind: Kind::Isolated, then: Some(job) }).1]
}

/// The choice is made; what waited for it begins.
pub(super) fn on_settled(model: &mut Model, then: Option<Box<Job>>) -> Vec<Effect> {
    match (then, busy(model)) {
        (Some(job), None) => decisions::start(model, *job),
        (Some(_), Some(busy)) => say(model, busy),
        (None, _) => Vec::new(),
    }
}

/// An environment has to be made first: what it takes is shown before anything is fetched.
pub(super) fn on_lacks(model: &mut Model, id: JobId, lacks: Lacks, job: Box<Job>) -> Vec<Effect> {
    let is_front = model.phase.job() == Some(id);
    running::end(model, id, None);
    if !is_front || model.overlay.is_some() {
        return say(
            model,
            safe!("the isolated environment is not made yet: {}; run again to make it", lacks.sentence()),
        );
    }
    model.overlay = Some(Overlay::Install { lacks, job });
    Vec::new()
}

/// Somebody said yes.
pub fn make(model: &mut Model, lacks: Lacks, job: Box<Job>) -> Vec<Effect> {
    decisions::start(model, Job::Install { what: Install::Isolated(lacks.headers), then: Some(job) })
}

/// It is installed; what waited for it begins.
pub(super) fn on_installed(model: &mut Model, id: JobId, then: Option<Box<Job>>) -> Vec<Effect> {
    let is_front = model.phase.job() == Some(id);
    running::end(model, id, Some(&"the environment is ready".into()));
    match then {
        Some(job) if is_front => decisions::start(model, *job),
        _ => say(model, "the environment is ready; x runs".into()),
    }
}

/// Offers what a run lacked that ended at an import; nothing where it ended for another reason.
pub(super) fn offer(model: &mut Model, experiment: &str, outcome: &Outcome) {
    let reason = outcome.reason.as_ref().filter(|_| outcome.status == Status::Failed);
    let Some(name) = reason.and_then(|reason| imports::lacking(reason.as_str())) else { return };
    let files = model.review.to_run();
    let is_mine = model.review.experiment.as_deref() == Some(experiment) && model.review.decision.allows_run();
    if !is_mine || files.is_empty() || model.overlay.is_some() || model.review.place.kind == Kind::Isolated {
        return;
    }
    let text = safe!("{name} is not in the environment, and the run ended at its import");
    let look = Look {
        path: files.first().map(|file| file.path.clone()),
        line: outcome.line,
        weight: Weight::Bad,
        text,
        can_split: false,
    };
    // What ended at the import is what begins again.
    let runs = model.history.history.find(experiment).map(|one| one.runs.as_slice()).unwrap_or_default();
    let was_quick = runs.last().is_some_and(|run| run.spec.role == Role::Quick);
    let experiment = experiment.to_owned();
    let job = if was_quick { Job::Quick { experiment, files } } else { Job::Run { experiment, files } };
    let job = Box::new(job);
    model.overlay = Some(Overlay::Before { looks: vec![look], selected: 0, job, missing: vec![name] });
}
