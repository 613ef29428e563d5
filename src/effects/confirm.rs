//! Looking at a run again before it may be called the best: another cut of the folds, another seed, equal scores, the court.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::court::{Testimony, Witness};
use crate::domain::experiment::{Event, History, Run};
use crate::domain::failure::Failure;
use crate::domain::findings::{Check, Standing};
use crate::domain::known_run::Confirmation;
use crate::domain::run::{CodeFile, Outcome, Role, RunSpec, Status, mean_std};
use crate::domain::run_event::RunEvent;
use crate::domain::split::SplitKind;
use crate::domain::suggestion;
use crate::domain::verdict::Verdict;
use crate::effects::environment::Made;
use crate::effects::runs::{self, Also};
use crate::effects::session::{Ready, Session};
use crate::safe;
use crate::text::{RawText, figure};

/// A run that took longer than this is confirmed on request only, in seconds.
pub const AT_ONCE_S: f64 = 120.0;

/// Who is told, and who may end it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Who is told.
    pub events: &'a mpsc::Sender<RunEvent>,
    /// Who may end it.
    pub cancel: &'a CancellationToken,
}

/// Looks again at a run that is *better* than the best so far, and writes down what came of it. Does nothing for others.
pub async fn confirm(
    session: &Session,
    spec: &RunSpec,
    outcome: &Outcome,
    verdict: &Verdict,
    line: Line<'_>,
) -> Result<Option<Confirmation>, Failure> {
    let history = session.history()?;
    let Some(best) = history.to_confirm(spec, verdict).cloned() else { return Ok(None) };
    let mut checks = vec![equal_scores(spec, outcome), court(&outcome.findings.court), size_of_gain(spec, verdict)];
    let mut made = Vec::new();
    let again = again(session, spec, &best, &history, line, &mut made).await;
    if line.cancel.is_cancelled() {
        return Ok(None);
    }
    checks.insert(0, again.unwrap_or_else(|why| Check::new("another cut", Standing::NotChecked, why)));
    let confirmation = Confirmation::of(checks, made);
    session.record(Event::Confirmed {
        experiment: spec.experiment.clone(),
        run_id: spec.run_id.clone(),
        confirmation: Box::new(confirmation.clone()),
    })?;
    Ok(Some(confirmation))
}

/// Both runs on a cut of the folds that neither was chosen on, with another seed; by time, on the same folds with another
/// seed.
async fn again(
    session: &Session,
    spec: &RunSpec,
    best: &Run,
    history: &History,
    line: Line<'_>,
    made: &mut Vec<String>,
) -> Result<Check, String> {
    let tell = |text: &str| RunEvent::Stage { text: text.to_owned() };
    let _ = line.events.send(tell("better than the best so far; looking again on another cut of the folds")).await;
    let own = repeated(session, spec, line).await?;
    made.push(own.0.clone());
    let known = history.experiments.iter().flat_map(|experiment| &experiment.runs).rev().find(|run| {
        run.spec.role == Role::Confirms && run.spec.code_hash == best.spec.code_hash && run.class() == best.class()
    });
    let theirs = match known.and_then(|run| run.outcome.as_ref()?.scores(spec.framing.metric)) {
        Some(scores) => scores,
        None => {
            let _ = line.events.send(tell("and the best so far on the same cut")).await;
            let (run_id, scores) = repeated(session, &best.spec, line).await?;
            made.push(run_id);
            scores
        }
    };
    let differences: Vec<f64> = own.1.iter().zip(&theirs).map(|(own, other)| own - other).collect();
    let (mean, _) = mean_std(&differences);
    let holds = spec.framing.metric.direction().prefers(mean, 0.0);
    let place = if spec.framing.split == SplitKind::Time { "the same folds" } else { "another cut of the folds" };
    Ok(Check::new(
        "another cut",
        if holds { Standing::Pass } else { Standing::Fail },
        format!(
            "with another seed on {place} the difference is {} ({})",
            figure::signed_score(mean),
            if holds { "it holds" } else { "it is gone" }
        ),
    ))
}

/// Runs the same code on the repeat of the folds after the framing's own, and gives the name of the run and its scores.
async fn repeated(session: &Session, spec: &RunSpec, line: Line<'_>) -> Result<(String, Vec<f64>), String> {
    let also = Also {
        role: Role::Confirms,
        first_repeat: if spec.framing.split == SplitKind::Time { 0 } else { spec.framing.repeats.max(1) },
        solver_seed: Some(spec.framing.seed.wrapping_add(1)),
        network: spec.network,
    };
    let outcome = once_more(session, spec, also, line).await.map_err(|failure| failure.to_string())?;
    let scores = outcome.1.scores(spec.framing.metric).filter(|_| outcome.1.status == Status::Finished);
    let scores = scores.ok_or_else(|| {
        format!("the run on another cut {}: {}", outcome.1.status.word(), outcome.1.reason.unwrap_or_default())
    })?;
    Ok((outcome.0.run_id, scores))
}

/// Runs the code of an earlier run again under another role, byte for byte as it was approved, and remembers the run.
pub async fn once_more(
    session: &Session,
    spec: &RunSpec,
    also: Also,
    line: Line<'_>,
) -> Result<(RunSpec, Outcome), Failure> {
    let files = files_of(session, spec)?;
    let made = Made::of_run(session, spec);
    let ready = Ready { python: spec.python.clone(), level: spec.level, also, made };
    let new = session.prepare_run(&spec.experiment, &spec.framing, &spec.data_hash, &files, ready)?;
    let outcome = runs::execute(&session.project, &new, &hush(line.events), line.cancel).await;
    session.conclude(&new, outcome.clone())?;
    Ok((new, outcome))
}

/// What a run that repeats another one tells: all but its end and its folds, which would be taken for those of that one.
fn hush(events: &mpsc::Sender<RunEvent>) -> mpsc::Sender<RunEvent> {
    let (sender, mut receiver) = mpsc::channel(64);
    let events = events.clone();
    session_task(async move {
        while let Some(event) = receiver.recv().await {
            if matches!(event, RunEvent::Load { .. }) {
                let _ = events.send(event).await;
            }
        }
    });
    sender
}

#[expect(clippy::disallowed_methods, reason = "it ends with the run that it listens to")]
fn session_task(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// The files of a run as they lie in its folder, the one that runs first.
pub fn files_of(session: &Session, spec: &RunSpec) -> Result<Vec<CodeFile>, Failure> {
    let folder = session.run_folder(&spec.run_id).join("code");
    let mut files = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(code) = std::fs::read_to_string(&path) else { continue };
            let name = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().into_owned();
            let kind = if name == spec.entry { spec.kind } else { suggestion::kind_of(&name, &code) };
            files.push(CodeFile { kind, path: name, code: RawText::new(code) });
        }
    }
    files.sort_by_key(|file| (file.path != spec.entry, file.path.clone()));
    match files.first() {
        Some(first) if first.path == spec.entry && first.hash() == spec.code_hash => Ok(files),
        _ => Err(Failure::work(
            safe!("the code of run {}", spec.run_id),
            safe!("it is not what was approved, or it is gone"),
            safe!("accept the experiment again and run it"),
        )),
    }
}

fn equal_scores(spec: &RunSpec, outcome: &Outcome) -> Check {
    let own = outcome.scores(spec.framing.metric.builtin(spec.framing.problem)).unwrap_or_default();
    let same = spec.known_scores.iter().find(|(_, other)| {
        !own.is_empty()
            && other.len() == own.len()
            && own.iter().zip(other).all(|(own, other)| (own - other).abs() < 1e-12)
    });
    match same {
        Some((other, _)) => Check::new(
            "its own scores",
            Standing::Fail,
            format!(
                "every fold has exactly the score of {other}, whose code is another: the change may not reach the model"
            ),
        ),
        None => Check::new("its own scores", Standing::Pass, "no other code has the same scores"),
    }
}

fn court(court: &[Witness]) -> Check {
    let found: Vec<&str> = court
        .iter()
        .filter(|witness| witness.standing == Testimony::Finding)
        .map(|witness| witness.title.as_str())
        .collect();
    let none_looked = court.iter().all(|witness| witness.standing == Testimony::NotChecked);
    if none_looked {
        Check::new("court", Standing::NotChecked, "no witness could look")
    } else if found.is_empty() {
        Check::new("court", Standing::Pass, crate::domain::court::in_words(court))
    } else {
        Check::new("court", Standing::Fail, format!("found: {}", found.join(", ")))
    }
}

/// The gain beside what moves without any change.
fn size_of_gain(spec: &RunSpec, verdict: &Verdict) -> Check {
    let name = "noise floor";
    let (Some(gain), Some(floor)) = (verdict.mean_difference, spec.noise_floor.or(verdict.noise_floor)) else {
        return Check::new(name, Standing::NotChecked, "how far the baseline moves from cut to cut is not known");
    };
    let detail = format!(
        "the gain is {}; the baseline moves by {} from cut to cut",
        figure::signed_score(gain),
        figure::score(floor)
    );
    // Folds are paired, so a gain below the floor can be real: it is said, and does not decide.
    Check::new(name, if gain.abs() >= floor { Standing::Pass } else { Standing::NotChecked }, detail)
}
