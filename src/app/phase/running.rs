//! Runs as they tell: begun, followed, sent to the background, found again, ended.

use crate::app::Model;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::{JobId, JobKind};
use crate::app::layout::Pane;
use crate::app::live::Live;
use crate::app::msg::JobEvent;
use crate::app::phase::{Phase, environment, say};
use crate::app::review::View;
use crate::app::sheet;
use crate::domain::failure::Failure;
use crate::domain::run::Status;
use crate::domain::run_event::RunEvent;
use crate::domain::verdict::Label;
use crate::safe;
use crate::text::{SafeText, figure};

/// Seconds that a run is granted at a time.
pub const GRANTED_S: u64 = 300;
/// Most runs at once.
pub const MAX_AT_ONCE: usize = 2;

/// What a job that runs something reports.
pub(super) fn on_run(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let now = model.meter.now;
    match event {
        JobEvent::Environment(line) => {
            if model.history.runs.of_job(id).is_none() {
                model.history.runs.begin(Live::begin(id, now));
                model.review.on_run_started();
            }
            if let Some(live) = model.history.runs.of_job(id) {
                live.stage = "making the Python environment".into();
                live.print(line.as_str());
            }
            Vec::new()
        }
        JobEvent::RunStarted { experiment, run_id, level, ran_ms } => {
            let mut live = Live::begin(id, now);
            live.ran_ms = ran_ms;
            (live.experiment, live.run_id, live.level) = (experiment.clone(), run_id, Some(level));
            let is_front = model.phase.job() == Some(id);
            let shown = model.history.runs.shown().map(|live| live.run_id.clone());
            model.history.runs.begin(live);
            if is_front {
                model.review.on_run_started();
                model.history.select(&experiment);
            } else if let Some(shown) = shown {
                model.history.runs.show(&shown);
            }
            Vec::new()
        }
        JobEvent::Run(event) => {
            let alarm = matches!(event, RunEvent::Alarm { .. });
            let finished = matches!(event, RunEvent::FoldFinished { .. });
            let Some(live) = model.history.runs.of_job(id) else { return Vec::new() };
            live.on_event(&event);
            let said = if alarm { live.alarms.last().cloned() } else { None };
            let experiment = live.experiment.clone();
            if finished && let Some(hint) = hopeless(model, id) {
                if let Some(live) = model.history.runs.of_job(id) {
                    live.hint = Some(hint);
                }
                return Vec::new();
            }
            said.map_or_else(Vec::new, |said| say(model, safe!("{experiment}: {said}")))
        }
        JobEvent::RunEnded { experiment, outcome, verdict } => {
            if model.phase.job() == Some(id) {
                model.history.select(&experiment);
                environment::offer(model, &experiment, &outcome);
            }
            let said = match (outcome.status, verdict.label, verdict.shown()) {
                (Status::Finished, Label::NotChecked, _) => safe!("{experiment} finished; {}", verdict.method),
                (Status::Finished, label, Some((low, high))) => {
                    safe!(
                        "{experiment} is {} [{}, {}] – Enter in the history shows why",
                        label.words(),
                        figure::signed_score(low),
                        figure::signed_score(high)
                    )
                }
                (status, _, _) => {
                    safe!("{experiment} {}: {}", status.word(), outcome.reason.clone().unwrap_or_default())
                }
            };
            if let Some(live) = model.history.runs.of_job(id) {
                live.stage = said.clone();
            }
            say(model, said)
        }
        JobEvent::LookedAgain(said) => {
            end(model, id, Some(&said));
            say(model, said)
        }
        JobEvent::RunsEnded => {
            let is_front = model.phase.job() == Some(id);
            let experiment = model.history.runs.of_job(id).map(|live| live.experiment.clone());
            end(model, id, None);
            if !is_front {
                return Vec::new();
            }
            let is_mine = experiment.is_some() && experiment == model.review.experiment;
            if is_mine
                && sheet::findings(model).is_some_and(|findings| !findings.is_empty())
                && sheet::of(model).is_some()
            {
                // What the run found out is told line by line where the answer was.
                model.review.view = View::Sheet;
                model.review.version += 1;
            } else if model.layout.focused() == Pane::Code {
                model.layout.focus(Pane::History);
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// It did not come to a run, or its end could not be written down.
pub(super) fn on_failed(model: &mut Model, id: JobId, failure: &Failure) {
    let now = model.meter.now;
    if model.history.runs.of_job(id).is_none() {
        model.history.runs.begin(Live::begin(id, now));
    }
    end(model, id, Some(&safe!("{failure}")));
    model.review.view = View::Log;
    model.review.version += 1;
    model.notice.show(safe!("{}: {}", failure.what, failure.why), now);
}

pub(super) fn end(model: &mut Model, id: JobId, said: Option<&SafeText>) {
    model.history.runs.end(id, said);
    if model.phase.job() == Some(id) {
        model.phase = Phase::Ready;
    }
}

/// Runs that an earlier session left running are followed again, in the background.
pub(super) fn find_again(model: &mut Model, alive: &[(String, String)]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (experiment, run_id) in alive {
        let job = Job::Attach { experiment: experiment.clone(), run_id: run_id.clone() };
        effects.push(model.jobs.start(job).1);
    }
    if let Some((experiment, _)) = alive.first() {
        effects
            .extend(say(model, safe!("{experiment} went on without the workbench and is followed again; & shows it")));
    }
    effects
}

/// Sends the run that is waited for to the background; brings one from there to the front.
pub fn background(model: &mut Model) -> Vec<Effect> {
    if let Phase::Running { .. } = model.phase {
        model.phase = Phase::Ready;
        model.review.view = View::Code;
        model.review.version += 1;
        return say(model, "the run goes on in the background; & brings it back".into());
    }
    if !matches!(model.phase, Phase::Ready) {
        return say(model, "first this has to end; Esc stops it".into());
    }
    let Some(job) = model.history.runs.next_alive().filter(|job| model.jobs.is_alive(*job)) else {
        return say(model, "no run goes on in the background".into());
    };
    let since = model.history.runs.shown().map_or(model.meter.now, |live| live.since);
    model.phase = Phase::Running { job, since, stopping: false };
    model.review.view = View::Log;
    model.review.version += 1;
    model.layout.focus(Pane::Code);
    Vec::new()
}

/// Somebody said yes to stopping a run; one that has ended meanwhile is let be.
pub fn stop(model: &mut Model, asked: JobId) -> Vec<Effect> {
    match &mut model.phase {
        Phase::Running { job, stopping, .. } if *job == asked => {
            *stopping = true;
            vec![Effect::Stop(asked)]
        }
        _ => Vec::new(),
    }
}

/// Grants the run that is shown five minutes beyond its limit.
pub(super) fn more_time(model: &mut Model) -> Vec<Effect> {
    let Some(run_id) = model.history.runs.grant(GRANTED_S) else {
        return say(model, "no run is shown that goes on".into());
    };
    let limit = model.history.run_limit(&run_id).unwrap_or(0);
    let granted = model.history.runs.shown().map_or(GRANTED_S, |live| live.granted_s);
    let mut effects = vec![model.jobs.start(Job::MoreTime(run_id)).1];
    effects.extend(say(model, safe!("five minutes more: it may go on until {}", figure::clock(limit + granted))));
    effects
}

/// Whether there is room for one more run.
pub(super) fn is_full(model: &Model) -> bool {
    model.jobs.alive().into_iter().filter(|job| model.jobs.kind(*job) == Some(JobKind::Run)).count() >= MAX_AT_ONCE
}

/// After two folds or more: on every one of them the run is behind the best so far, and by more than its folds differ.
fn hopeless(model: &Model, id: JobId) -> Option<SafeText> {
    let live = model.history.runs.going_on(id)?;
    let best = model.history.best()?;
    let run = best.run().filter(|run| run.spec.run_id != live.run_id)?;
    let metric = run.spec.framing.metric;
    let theirs = run.outcome.as_ref()?.scores(metric)?;
    let own: Vec<(u32, f64)> = live
        .folds
        .iter()
        .filter_map(|fold| Some((fold.fold, fold.metrics.get(metric.name()).copied().flatten()?)))
        .collect();
    let behind: Vec<f64> = own
        .iter()
        .filter_map(|(fold, score)| {
            let other = theirs.get(*fold as usize)?;
            let gap = score - other;
            Some(if metric.direction().prefers(1.0, 0.0) { -gap } else { gap })
        })
        .collect();
    if behind.len() < 2 || behind.len() != own.len() {
        return None;
    }
    let (mean, spread) = crate::domain::run::mean_std(&behind);
    let clear = behind.iter().all(|gap| *gap > 0.0) && mean > 2.0 * spread.unwrap_or(0.0);
    clear.then(|| safe!("it will not beat {}: behind it on every one of the first {} folds", best.id, behind.len()))
}
