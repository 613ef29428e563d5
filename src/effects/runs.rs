//! Starting a run in a process of its own, following what it tells, and finding what became of runs that nobody followed.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::environment::{Captured, freeze};
use crate::domain::experiment::{History, class_of};
use crate::domain::failure::Failure;
use crate::domain::framing::Framing;
use crate::domain::left_out::LeftOut;
use crate::domain::run::{CodeFile, Interpreter, Level, Limits, Outcome, Role, RunSpec, Status, Subject};
use crate::domain::run_event::RunEvent;
use crate::effects::environment::{self, Made};
use crate::effects::executor;
use crate::effects::own_metric::Approved;
use crate::effects::project::Project;
use crate::effects::store::Store;
use crate::effects::{python, sandbox};
use crate::safe;

/// The lock of whoever follows a run, in its folder.
const FOLLOWER: &str = "follower.lock";

/// What a new run needs beside its project.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// The experiment.
    pub experiment: &'a str,
    /// BLAKE3 of the data set.
    pub data_hash: &'a str,
    /// The question.
    pub framing: &'a Framing,
    /// The approved files; the first is the one that runs.
    pub files: &'a [CodeFile],
    /// The interpreter.
    pub python: Interpreter,
    /// The environment that it is of.
    pub made: Made,
    /// How well it is confined.
    pub level: Level,
    /// What it may use.
    pub limits: Limits,
    /// The run that it is about, and those that one is compared with.
    pub about: Option<(Subject, Vec<Subject>)>,
    /// What the task was told.
    pub settings: &'a [(String, String)],
    /// What it is for, where that is not to be judged.
    pub also: Also,
    /// What there was to say before it.
    pub before: Vec<String>,
    /// Columns that its code is not given.
    pub left_out: Vec<LeftOut>,
    /// What else is known on these folds.
    pub history: &'a History,
    /// The user's own metric, where that decides.
    pub own_metric: Option<Approved>,
}

/// What sets a run apart from one that is made to be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Also {
    /// What it is for.
    pub role: Role,
    /// The first repeat of the folds that it runs.
    pub first_repeat: u32,
    /// What seeds random choices of the code.
    pub solver_seed: Option<u64>,
    /// Whether it may use the network.
    pub network: bool,
}

/// Where the runs of a project lie.
pub fn folder(project: &Project, run_id: &str) -> PathBuf {
    project.state.join("runs").join(run_id)
}

/// Lays out the folder of a run: approved code read-only, and `run.json` with everything that decides what it does.
pub fn lay_out(project: &Project, new: &NewRun<'_>) -> Result<RunSpec, Failure> {
    let make = || -> Result<RunSpec> {
        let main = new.files.first().context("there is no code to run")?;
        let now = jiff::Timestamp::now();
        let random = uuid::Uuid::now_v7().simple().to_string();
        let run_id = format!("{}-{}", now.strftime("%Y%m%d-%H%M%S"), &random[random.len() - 6..]);
        fs::create_dir_all(project.state.join("runs"))?;
        let folder = folder(project, &run_id);
        fs::create_dir(&folder)?;
        for file in new.files {
            let path = folder.join("code").join(&file.path);
            fs::create_dir_all(path.parent().context("a file needs a folder")?)?;
            executor::write_synced(&path, file.code.expose().as_bytes())?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o400))?;
        }
        if let Some(own) = &new.own_metric {
            let path = folder.join(executor::OWN_FILE);
            fs::create_dir_all(path.parent().context("a file needs a folder")?)?;
            executor::write_synced(&path, own.code.expose().as_bytes())?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o400))?;
        }
        let mut python = new.python.clone();
        if python.all.is_empty() {
            // One that a record names: what is in it today counts.
            python.all = python::inspect(Path::new(&python.program))?.all;
        }
        let frozen = freeze(&python.version, &std::mem::take(&mut python.all));
        executor::write_synced(&folder.join(environment::FREEZE), frozen.as_bytes())?;
        let Made { kind, header, lock } = &new.made;
        for (name, text) in [(environment::HEADER, header), (environment::LOCK, lock)] {
            if let Some(text) = text {
                executor::write_synced(&folder.join(name), text.as_bytes())?;
            }
        }
        let captured = Captured::of(*kind, &frozen, header.as_deref(), lock.as_deref());
        let mut spec = RunSpec {
            run_id,
            experiment: new.experiment.to_owned(),
            data: project.data.to_string_lossy().into_owned(),
            data_hash: new.data_hash.to_owned(),
            framing: new.framing.clone(),
            kind: main.kind,
            entry: main.path.clone(),
            code_hash: main.hash(),
            beside: new.files[1..].iter().map(|file| (file.path.clone(), file.hash())).collect(),
            evaluator_hash: executor::evaluator_hash(new.own_metric.as_ref().map(|own| &own.version)),
            own_metric: new.own_metric.as_ref().map(|own| own.version.clone()),
            python,
            environment: Some(captured),
            limits: new.limits,
            level: new.level,
            created_at: now.to_string(),
            subject: new.about.as_ref().map(|(subject, _)| subject.clone()),
            others: new.about.as_ref().map(|(_, others)| others.clone()).unwrap_or_default(),
            settings: new.settings.iter().cloned().collect(),
            role: new.also.role.clone(),
            first_repeat: new.also.first_repeat,
            solver_seed: new.also.solver_seed,
            network: new.also.network,
            before: new.before.clone(),
            left_out: new.left_out.clone(),
            known_scores: Vec::new(),
            baseline_scores: None,
            noise_floor: None,
        };
        if spec.role == Role::Own && spec.kind.is_solution() {
            spec.known_scores = new.history.scores_of_others(&spec);
            spec.baseline_scores = new.history.baseline_scores(&spec);
            spec.noise_floor = new.history.noise_floor(&class_of(&spec));
        }
        executor::write_synced(&folder.join("run.json"), &serde_json::to_vec_pretty(&spec)?)?;
        Ok(spec)
    };
    make().map_err(|error| {
        Failure::work(
            safe!("the run could not be prepared"),
            safe!("{error:#}"),
            safe!("make room on the disk or check its permissions"),
        )
    })
}

/// Writes `run.json` anew, before the run starts.
pub fn rewrite(project: &Project, spec: &RunSpec) -> Result<(), Failure> {
    let write = || -> Result<()> {
        executor::write_synced(&folder(project, &spec.run_id).join("run.json"), &serde_json::to_vec_pretty(spec)?)
    };
    write().map_err(|error| Failure::work(safe!("the run"), safe!("{error:#}"), safe!("make room on the disk")))
}

/// Executes a run in a process of its own and follows it to its end; the caller holds its [`follower`]. Stopping it stops
/// the whole tree.
pub async fn execute(
    project: &Project,
    spec: &RunSpec,
    events: &mpsc::Sender<RunEvent>,
    cancel: &CancellationToken,
) -> Outcome {
    match follow_new(&folder(project, &spec.run_id), events, cancel).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::empty(Status::Failed, safe!("the run could not be executed: {error:#}")),
    }
}

async fn follow_new(folder: &Path, events: &mpsc::Sender<RunEvent>, cancel: &CancellationToken) -> Result<Outcome> {
    let program = sandbox::own_program()?;
    let log = fs::File::create(folder.join("executor.log"))?;
    let mut command = Command::new(program);
    command.arg(executor::EXECUTE).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
    // Nothing of our environment is needed there, and a key least of all. It stays when we go: the run is found again.
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").process_group(0);
    let mut child = command.spawn().context("this program can't start itself")?;
    let mut leash = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut outcome = None;
    loop {
        let line = tokio::select! {
            () = cancel.cancelled(), if leash.is_some() => {
                if let Some(mut leash) = leash.take() {
                    let _ = leash.write_all(b"s").await;
                    let _ = leash.flush().await;
                }
                continue;
            }
            line = lines.next_line() => line?,
        };
        let Some(line) = line else { break };
        let Ok(event) = serde_json::from_str::<RunEvent>(&line) else { continue };
        if let RunEvent::Finished { outcome: told } = &event {
            outcome = Some((**told).clone());
        }
        let _ = events.send(event).await;
        if outcome.is_some() {
            break;
        }
    }
    drop(leash);
    if tokio::time::timeout(Duration::from_secs(10), child.wait()).await.is_err() {
        child.kill().await?;
    }
    Ok(outcome.unwrap_or_else(unexpected))
}

fn unexpected() -> Outcome {
    Outcome::empty(
        Status::Failed,
        "the process that executed the run ended unexpectedly; executor.log in its folder may say why".into(),
    )
}

/// Whoever follows a run holds this lock from before it is recorded until its end is, so that no other instance does, or
/// takes it for abandoned.
pub fn follower(project: &Project, run_id: &str) -> Option<fs::File> {
    let path = folder(project, run_id).join(FOLLOWER);
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(file)
}

/// Whether somebody follows a run.
pub fn is_followed(state: &Path, run_id: &str) -> bool {
    is_locked(&state.join("runs").join(run_id).join(FOLLOWER))
}

/// Whether the process that executes a run is there: it holds a lock as long as it lives.
pub fn is_alive(state: &Path, run_id: &str) -> bool {
    is_locked(&state.join("runs").join(run_id).join("executor.lock"))
}

/// Asked with a lock that others may hold too, so that two who ask are not in each other's way.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = fs::File::open(path) else { return false };
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockShared).is_err()
}

/// What a run left when its executor ended, whoever followed it.
fn left(folder: &Path) -> Option<Outcome> {
    fs::read(folder.join("outcome.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
}

/// The history of a project as a command reads it that writes nothing: runs whose process is gone have ended.
pub fn read_history(state: &Path) -> Result<History, Failure> {
    let (events, n_unknown) = Store::open(state)?.load()?;
    let mut history = History { n_unknown, ..History::from_events(&events) };
    settle(state, &mut history);
    Ok(history)
}

fn settle(state: &Path, history: &mut History) {
    let open: Vec<RunSpec> = history
        .experiments
        .iter()
        .flat_map(|experiment| &experiment.runs)
        .filter(|run| run.outcome.is_none())
        .map(|run| run.spec.clone())
        .filter(|spec| !is_followed(state, &spec.run_id) && !is_alive(state, &spec.run_id))
        .collect();
    for spec in open {
        let outcome = left(&state.join("runs").join(&spec.run_id)).unwrap_or_else(abandoned);
        let verdict = history.judge(&spec, &outcome);
        history.conclude((&spec.experiment, &spec.run_id), outcome, verdict);
    }
}

fn abandoned() -> Outcome {
    Outcome::empty(Status::Interrupted, "the workbench ended before the run did".into())
}

/// Follows a run that went on without us, from what it has told so far to its end; the caller holds its [`follower`].
pub async fn attach(
    project: &Project,
    run_id: &str,
    events: &mpsc::Sender<RunEvent>,
    cancel: &CancellationToken,
) -> Option<Outcome> {
    let folder = folder(project, run_id);
    let mut told = fs::File::open(folder.join("progress.jsonl")).ok()?;
    let mut rest: Vec<u8> = Vec::new();
    let mut asked = false;
    loop {
        // Whether it lives is asked before what it told is read, so that nothing is missed.
        let lives = is_alive(&project.state, run_id);
        // Reading goes on where it ended; a line that is not whole waits for its end.
        let _ = told.read_to_end(&mut rest);
        if let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') {
            let lines: Vec<u8> = rest.drain(..=end).collect();
            for line in lines.split(|byte| *byte == b'\n') {
                if let Ok(event) = serde_json::from_slice::<RunEvent>(line)
                    && !matches!(event, RunEvent::Finished { .. })
                {
                    let _ = events.send(event).await;
                }
            }
        }
        if !lives {
            break;
        }
        if cancel.is_cancelled() && !std::mem::replace(&mut asked, true) {
            let _ = fs::write(folder.join(executor::watch::STOP), "");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Some(left(&folder).unwrap_or_else(unexpected))
}

/// Grants a run five minutes beyond its limit, counted from what was granted before.
pub fn more_time(project: &Project, run_id: &str) -> Result<u64, Failure> {
    let path = folder(project, run_id).join(executor::watch::MORE_TIME);
    let before: u64 = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let granted = before + 300;
    fs::write(&path, granted.to_string())
        .map(|()| granted)
        .map_err(|error| Failure::work(safe!("more time"), safe!("{error}"), safe!("check the run's folder")))
}

/// What became of a run that nobody followed to its end.
pub fn recover(project: &Project, run_id: &str) -> Recovered {
    let folder = folder(project, run_id);
    if is_alive(&project.state, run_id) {
        return Recovered::StillRuns;
    }
    end_leftovers(&folder);
    Recovered::Ended(Box::new(left(&folder).unwrap_or_else(abandoned)))
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Recovered {
    /// Another instance executes it.
    StillRuns,
    /// It is over.
    Ended(Box<Outcome>),
}

/// Ends processes that an executor left behind when it was killed: they carry the run's folder in their environment.
fn end_leftovers(folder: &Path) {
    let mark = format!("RATIONALE_RUN={}", folder.to_string_lossy());
    let Ok(entries) = fs::read_dir("/proc") else { return };
    for entry in entries.flatten() {
        let Some(pid) =
            entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(rustix::process::Pid::from_raw)
        else {
            continue;
        };
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        if environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes())) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}
