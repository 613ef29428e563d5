//! Jobs that run something: baselines, approved files, a run that went on, an earlier run once more.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Desk, Reporter, blocking};
use crate::app::effect::Job;
use crate::app::msg::JobEvent;
use crate::domain::again::Again;
use crate::domain::environment::Lacks;
use crate::domain::failure::Failure;
use crate::domain::run::{CodeFile, Role, Status};
use crate::effects::session::Session;
use crate::effects::{again, confirm, environment};
use crate::safe;

/// Runs the baselines that are missing. Returns whether all of them finished.
pub(super) async fn baselines(
    desk: &Arc<Desk>,
    reporter: &Reporter,
    stop: &CancellationToken,
) -> Result<bool, Failure> {
    let (session, known, framing) = (desk.session()?, desk.known()?, desk.framing()?);
    let missing = session.missing_baselines(&framing, &known.profile.data_hash)?;
    for (name, file) in missing {
        if stop.is_cancelled() {
            return Ok(false);
        }
        // What a run needs is found out before anything is remembered of it.
        make_ready(&session, std::slice::from_ref(&file), reporter).await?;
        let experiment = session.bring("baseline", &framing, name, file.clone())?;
        if !run(desk, reporter, stop, (&experiment, &[file]), Role::Own).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is missing before the baselines that are to run, and these files, can run.
pub(super) async fn lacks(desk: &Arc<Desk>, sets: &[Vec<CodeFile>]) -> Result<Option<Box<Lacks>>, Failure> {
    let (session, known, framing) = (desk.session()?, desk.known()?, desk.framing()?);
    let mut all = sets.to_vec();
    blocking(move || {
        let missing = session.missing_baselines(&framing, &known.profile.data_hash)?;
        all.extend(missing.into_iter().map(|(_, file)| vec![file]));
        Ok(environment::lacks(&session, &all)?.map(Box::new))
    })
    .await
}

async fn make_ready(
    session: &Arc<Session>,
    files: &[CodeFile],
    reporter: &Reporter,
) -> Result<crate::effects::session::Ready, Failure> {
    let (session, files, reporter) = (Arc::clone(session), files.to_vec(), reporter.clone());
    blocking(move || {
        let mut tell = |line: &str| reporter.send_blocking(JobEvent::Environment(safe!("{line}")));
        let ready = session.make_ready(&files, &mut tell)?;
        reporter.send_blocking(JobEvent::Place(Box::new(environment::place(&session)?)));
        Ok(ready)
    })
    .await
}

/// Runs approved files. Returns whether the run finished.
pub(super) async fn run(
    desk: &Arc<Desk>,
    reporter: &Reporter,
    stop: &CancellationToken,
    (experiment, files): (&str, &[CodeFile]),
    role: Role,
) -> Result<bool, Failure> {
    let (session, known, framing) = (desk.session()?, desk.known()?, desk.framing()?);
    let mut ready = make_ready(&session, files, reporter).await?;
    ready.also.role = role;
    let spec = session.prepare_run(experiment, &framing, &known.profile.data_hash, files, ready)?;
    reporter
        .send(JobEvent::RunStarted {
            experiment: experiment.to_owned(),
            run_id: spec.run_id.clone(),
            level: spec.level,
            ran_ms: 0,
        })
        .await;
    let (sender, forward) = forwarding(reporter);
    let done = session.run(&spec, &sender, stop).await;
    drop(sender);
    let _ = forward.await;
    let (outcome, verdict) = done?;
    let finished = outcome.status == Status::Finished;
    reporter
        .send(JobEvent::RunEnded {
            experiment: experiment.to_owned(),
            outcome: Box::new(outcome),
            verdict: Box::new(verdict),
        })
        .await;
    Ok(finished)
}

/// Follows a run that an earlier session left running.
pub(super) async fn attach(
    desk: &Arc<Desk>,
    reporter: &Reporter,
    stop: &CancellationToken,
    (experiment, run_id): (&str, &str),
) -> Result<JobEvent, Failure> {
    let session = desk.session()?;
    let history = session.history()?;
    let Some(spec) = again::find(&history, run_id).ok().map(|run| run.spec.clone()) else {
        return Ok(JobEvent::RunsEnded);
    };
    let now = jiff::Timestamp::now().as_millisecond();
    let began = spec.created_at.parse().map_or(now, jiff::Timestamp::as_millisecond);
    let ran_ms = u64::try_from(now - began).unwrap_or(0);
    let started = JobEvent::RunStarted {
        experiment: experiment.to_owned(),
        run_id: run_id.to_owned(),
        level: spec.level,
        ran_ms,
    };
    reporter.send(started).await;
    let (sender, forward) = forwarding(reporter);
    let done = session.attach(&spec, &sender, stop).await;
    drop(sender);
    let _ = forward.await;
    if let Some((outcome, verdict)) = done? {
        let ended = JobEvent::RunEnded {
            experiment: experiment.to_owned(),
            outcome: Box::new(outcome),
            verdict: Box::new(verdict),
        };
        reporter.send(ended).await;
    }
    Ok(JobEvent::RunsEnded)
}

/// A way for what a run tells to the workbench.
fn forwarding(reporter: &Reporter) -> (mpsc::Sender<crate::domain::run_event::RunEvent>, JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel(256);
    let reporter = reporter.clone();
    let forward = tokio::spawn(async move {
        while let Some(event) = receiver.recv().await {
            reporter.send(JobEvent::Run(event)).await;
        }
    });
    (sender, forward)
}

/// Looks at an earlier run once more.
pub(super) async fn look_again(
    desk: &Arc<Desk>,
    reporter: &Reporter,
    stop: &CancellationToken,
    (experiment, run_id): (&str, &str),
    what: &Again,
) -> Result<JobEvent, Failure> {
    let session = desk.session()?;
    let files = confirm::files_of(&session, &again::find(&session.history()?, run_id)?.spec)?;
    let (looked, sets) = (Arc::clone(&session), vec![files.clone()]);
    if let Some(lacks) = blocking(move || environment::lacks(&looked, &sets)).await? {
        let job = Job::Again { run_id: run_id.to_owned(), experiment: experiment.to_owned(), what: what.clone() };
        return Ok(JobEvent::Lacks(Box::new(lacks), Box::new(job)));
    }
    let ready = make_ready(&session, &files, reporter).await?;
    let run_id = run_id.to_owned();
    let started = JobEvent::RunStarted {
        experiment: experiment.to_owned(),
        run_id: run_id.clone(),
        level: ready.level,
        ran_ms: 0,
    };
    reporter.send(started).await;
    let (sender, forward) = forwarding(reporter);
    let done = again::perform(&session, &run_id, what, ready, &sender, stop).await;
    drop(sender);
    let _ = forward.await;
    Ok(JobEvent::LookedAgain(done?.said))
}
