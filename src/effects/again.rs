//! Looking at an earlier run once more: replaying it, opening the sealed rows for it, shuffling its labels, confirming it.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::experiment::{Event, History, Run};
use crate::domain::failure::Failure;
use crate::domain::findings::{Check, Standing};
use crate::domain::openings;
use crate::domain::run::{Interpreter, Outcome, Role, RunSpec, Status};
use crate::domain::run_event::RunEvent;
use crate::domain::verdict::Verdict;
use crate::effects::confirm::{self, Line};
use crate::effects::environment::{self, Made};
use crate::effects::project::Project;
use crate::effects::runs::{self, Also};
use crate::effects::session::{Ready, Session};
use crate::effects::{data, follow};
use crate::safe;
use crate::text::SafeText;

pub use crate::domain::again::{Again, word};

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The run that was made.
    pub spec: RunSpec,
    /// What it gave.
    pub outcome: Outcome,
    /// What that says.
    pub verdict: Verdict,
    /// In one sentence.
    pub said: SafeText,
}

/// The run of that name, or the latest run of that experiment that was made to be judged.
pub fn find<'a>(history: &'a History, name: &str) -> Result<&'a Run, Failure> {
    let all = || history.experiments.iter().flat_map(|experiment| &experiment.runs);
    let by_experiment = || history.find(name).and_then(|experiment| experiment.run());
    all().find(|run| run.spec.run_id == name).or_else(by_experiment).ok_or_else(|| {
        Failure::input(
            safe!("{name}"),
            safe!("there is no such run"),
            safe!("rationale history names the runs there are"),
        )
    })
}

/// Does it, and remembers what came of it.
pub async fn perform(
    session: &Session,
    name: &str,
    again: &Again,
    ready: Ready,
    events: &mpsc::Sender<RunEvent>,
    cancel: &CancellationToken,
) -> Result<Done, Failure> {
    let history = session.history()?;
    let run = find(&history, name)?.clone();
    let line = Line { events, cancel };
    match again {
        Again::Replay => replay(session, &run, ready, line).await,
        Again::OpenHoldout(word) => open_holdout(session, &history, &run, word, line).await,
        Again::ShuffleLabels => shuffle(session, &run, line).await,
        Again::Confirm => confirm_again(session, &run, line).await,
    }
}

/// Runs the code of a run again as another kind of run. What it tells is passed on whole.
async fn make(
    session: &Session,
    run: &Run,
    (python, made): (Interpreter, Made),
    also: Also,
    line: Line<'_>,
) -> Result<(RunSpec, Outcome, Verdict), Failure> {
    let spec = &run.spec;
    let files = confirm::files_of(session, spec)?;
    let level = session.world.config.allowed_level(&session.world.sandbox())?;
    let ready = Ready { python, level, also, made };
    let mut new = session.prepare_run(&spec.experiment, &spec.framing, &spec.data_hash, &files, ready)?;
    if new.role == Role::Permutes {
        let observed = run.outcome.as_ref().and_then(|outcome| outcome.scores(spec.framing.metric)).unwrap_or_default();
        new.known_scores = vec![("observed".to_owned(), observed)];
        runs::rewrite(&session.project, &new)?;
    }
    let mut outcome = runs::execute(&session.project, &new, line.events, line.cancel).await;
    follow::complete(session, &new, &mut outcome)?;
    if let Role::Replays(_) = new.role {
        let check = agreement(&session.project, spec, run.outcome.as_ref(), &new, &outcome);
        outcome.findings.checks.insert(0, check);
    }
    let verdict = session.conclude(&new, outcome.clone())?;
    Ok((new, outcome, verdict))
}

/// Re-executes a run: the same code, data, seed and folds, in the environment and with the evaluator of today.
async fn replay(session: &Session, run: &Run, ready: Ready, line: Line<'_>) -> Result<Done, Failure> {
    let hash = data::profile::hash_file(&session.project.data, line.cancel)
        .map_err(|error| Failure::work(safe!("the data"), safe!("{error:#}"), safe!("check that the file is there")))?;
    if hash != run.spec.data_hash {
        return Err(Failure::input(
            safe!("{}", run.spec.run_id),
            safe!("the data changed since: its hash was {} and is {}", &run.spec.data_hash[..12], &hash[..12]),
            safe!("put the file back as it was, or run the code on today's data with rationale run"),
        ));
    }
    let also = Also {
        role: Role::Replays(run.spec.run_id.clone()),
        first_repeat: run.spec.first_repeat,
        solver_seed: run.spec.solver_seed,
        network: run.spec.network,
    };
    let (spec, outcome, verdict) = make(session, run, (ready.python, ready.made), also, line).await?;
    let said = outcome.findings.checks.first().map_or_else(String::new, |check| check.detail.clone());
    Ok(Done { said: safe!("{said}"), spec, outcome, verdict })
}

/// Ingredients that differ between two runs, in words.
pub fn changed(project: &Project, before: &RunSpec, now: &RunSpec) -> Vec<String> {
    let mut changed = Vec::new();
    let mut note = |what: &str, before: &str, now: &str| {
        if before != now {
            changed.push(format!("{what}: {before} → {now}"));
        }
    };
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    note("code", &short(&before.code_hash), &short(&now.code_hash));
    note("data", &short(&before.data_hash), &short(&now.data_hash));
    note("seed", &before.seed().to_string(), &now.seed().to_string());
    note("evaluator", &short(&before.evaluator_hash), &short(&now.evaluator_hash));
    note("Python", &before.python.version, &now.python.version);
    let kind = |spec: &RunSpec| spec.environment.as_ref().map(|environment| environment.kind.word());
    if let (Some(before), Some(now)) = (kind(before), kind(now)) {
        note("environment", before, now);
    }
    // Of a run of which only some packages were written down, only those can be compared.
    let all = (environment::versions(project, before), environment::versions(project, now));
    let is_whole = before.environment.is_some() && now.environment.is_some();
    let compared = if is_whole { all } else { (before.python.packages.clone(), now.python.packages.clone()) };
    let names: std::collections::BTreeSet<&String> = compared.0.keys().chain(compared.1.keys()).collect();
    for name in names {
        let version =
            |all: &std::collections::BTreeMap<String, String>| all.get(name).map_or("none", String::as_str).to_owned();
        note(name, &version(&compared.0), &version(&compared.1));
    }
    note("columns left out", &format!("{:?}", before.framing.exclude), &format!("{:?}", now.framing.exclude));
    note("sandbox", before.level.word(), now.level.word());
    changed
}

/// Whether the numbers of a replay agree with those of the run, fold by fold, and if not what differs.
fn agreement(project: &Project, before: &RunSpec, was: Option<&Outcome>, now: &RunSpec, outcome: &Outcome) -> Check {
    let name = "replay";
    let metric = before.framing.metric;
    let differs = changed(project, before, now);
    let listed = if differs.is_empty() { "every ingredient is the same".to_owned() } else { differs.join("; ") };
    let scores = |outcome: Option<&Outcome>| outcome.and_then(|outcome| outcome.scores(metric));
    let (Some(old), Some(new)) = (scores(was), scores(Some(outcome))) else {
        let ended = (was.map(|was| was.status), outcome.status);
        return if ended.0 == Some(ended.1) && ended.1 != Status::Finished {
            Check::new(name, Standing::Pass, format!("it {} again ({listed})", ended.1.word()))
        } else {
            let before = was.map_or("unknown", |was| was.status.word());
            Check::new(name, Standing::Fail, format!("before it was {before}, now it is {}; {listed}", ended.1.word()))
        };
    };
    let widest = old.iter().zip(&new).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max);
    if old.len() == new.len() && widest == 0.0 {
        return Check::new(
            name,
            Standing::Pass,
            format!("every fold has the same {} to the last bit; {listed}", metric.name()),
        );
    }
    let why = if differs.is_empty() {
        "every ingredient is the same, so the code draws from a source of chance that has no seed".to_owned()
    } else {
        format!("what differs: {listed}")
    };
    Check::new(name, Standing::Fail, format!("{} differs by up to {widest:.3e} between folds; {why}", metric.name()))
}

async fn open_holdout(
    session: &Session,
    history: &History,
    run: &Run,
    typed: &str,
    line: Line<'_>,
) -> Result<Done, Failure> {
    let frame = run.spec.framing.fingerprint();
    let n_before = history.n_openings(&session.project.data_name);
    let refuse = |why: SafeText, next: SafeText| Err(Failure::input(safe!("the sealed rows"), why, next));
    if typed.trim() != word(n_before) {
        let times = if n_before == 0 {
            "they are opened once".to_owned()
        } else {
            format!(
                "they were opened {} before, and another look makes them rows that were chosen on",
                crate::text::figure::times(n_before)
            )
        };
        return refuse(safe!("{times}"), safe!("type the words “{}” to do it", word(n_before)));
    }
    if run.score().is_none() || !run.spec.kind.is_solution() {
        return refuse(safe!("{} has no score on the folds", run.spec.run_id), safe!("choose a run that finished"));
    }
    if run.spec.framing.holdout <= 0.0 {
        return refuse(
            safe!("none were sealed when the question was framed"),
            safe!("frame the question with a holdout"),
        );
    }
    // Written down before it is done: there is no look that leaves no trace.
    session.record(Event::HoldoutOpened {
        experiment: run.spec.experiment.clone(),
        run_id: run.spec.run_id.clone(),
        data: session.project.data_name.clone(),
        frame,
        n_before: n_before as u64,
    })?;
    let also = Also { role: Role::OpensHoldout, network: run.spec.network, ..Also::default() };
    let python = (run.spec.python.clone(), Made::of_run(session, &run.spec));
    let (spec, outcome, verdict) = make(session, run, python, also, line).await?;
    let was_seen = history.was_seen(&session.project.data_name, &spec.framing);
    let said = openings::in_words(&spec, &outcome, n_before as u64, was_seen);
    Ok(Done { said: safe!("{said}"), spec, outcome, verdict })
}

async fn shuffle(session: &Session, run: &Run, line: Line<'_>) -> Result<Done, Failure> {
    if run.score().is_none() || !run.spec.kind.is_solution() {
        return Err(Failure::input(
            safe!("{}", run.spec.run_id),
            safe!("it has no score on the folds"),
            safe!("choose a run that finished"),
        ));
    }
    let also = Also { role: Role::Permutes, network: run.spec.network, ..Also::default() };
    let python = (run.spec.python.clone(), Made::of_run(session, &run.spec));
    let (spec, outcome, verdict) = make(session, run, python, also, line).await?;
    let said = outcome.findings.court.first().map_or_else(
        || outcome.reason.clone().unwrap_or_default().to_string(),
        |witness| format!("shuffled labels: {}, {}", witness.standing.words(), witness.detail),
    );
    Ok(Done { said: safe!("{said}"), spec, outcome, verdict })
}

async fn confirm_again(session: &Session, run: &Run, line: Line<'_>) -> Result<Done, Failure> {
    let (Some(outcome), Some(verdict)) = (&run.outcome, &run.verdict) else {
        return Err(Failure::input(safe!("{}", run.spec.run_id), safe!("it has no verdict"), safe!("run it first")));
    };
    let confirmation = confirm::confirm(session, &run.spec, outcome, verdict, line).await?;
    let said = match confirmation {
        Some(confirmation) if confirmation.passed => safe!("{} is confirmed: it is the best now", run.spec.experiment),
        Some(_) => safe!("{} is not confirmed: the best stays what it was", run.spec.experiment),
        None => safe!("there is nothing to confirm: it is not better than a model that is the best"),
    };
    Ok(Done { spec: run.spec.clone(), outcome: outcome.clone(), verdict: verdict.clone(), said })
}
