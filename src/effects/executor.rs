//! The process that executes one run: cuts the folds, starts confined Python, watches it, evaluates, writes the outcome.
//!
//! It is this program started again, so that reading data and running code can't take the workbench down with it. It
//! tells what happens on standard output, one JSON line each, and stops when it is told to on standard input.

pub mod child;
pub mod court;
pub mod dry;
mod ear;
pub mod evaluator;
pub mod folds;
mod harvest;
mod interval;
pub mod kinds;
pub mod own;
mod teller;
pub mod tree;
pub mod watch;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::domain::findings::{Check, Standing};
use crate::domain::own_metric::Version;
use crate::domain::run::{FileKind, Fold, Outcome, Role, RunSpec, Status, hash};
use crate::domain::run_event::RunEvent;
use crate::effects::executor::child::{FoldResult, Place, Predicted, Work};
use crate::effects::executor::dry::Dry;
use crate::effects::executor::evaluator::Evaluator;
use crate::effects::executor::folds::Folds;
use crate::effects::executor::watch::{End, Watch};
use crate::safe;
use crate::text::SafeText;

pub use teller::Teller;

/// The hidden argument under which the program executes a run.
pub const EXECUTE: &str = "__execute";

/// Executes the run in `folder` to its end and returns the exit code.
pub fn execute(folder: &Path) -> u8 {
    let Ok(teller) = Teller::new(folder) else { return 1 };
    let lock = fs::File::create(folder.join("executor.lock"));
    let held = lock.as_ref().map(|file| rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive));
    if !matches!(held, Ok(Ok(()))) {
        return 1; // somebody executes it already
    }
    let start = Instant::now();
    let mut outcome = match run(folder, &teller) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::empty(Status::Failed, safe!("{error:#}")),
    };
    outcome.duration_s = start.elapsed().as_secs_f64();
    let saved = write_synced(&folder.join("outcome.json"), &serde_json::to_vec_pretty(&outcome).unwrap_or_default());
    teller.tell(&RunEvent::Finished { outcome: Box::new(outcome.clone()) });
    teller.finish();
    u8::from(saved.is_err() || outcome.status != Status::Finished)
}

/// Writes a file so that it is whole after a crash: beside, synced, renamed, folder synced.
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn run(folder: &Path, teller: &Teller) -> Result<Outcome> {
    let spec: RunSpec =
        serde_json::from_slice(&fs::read(folder.join("run.json"))?).context("run.json can't be read")?;
    for (path, hash) in spec.beside.iter().chain([(&spec.entry, &spec.code_hash)]) {
        let code = fs::read(folder.join("code").join(path));
        let code = code.with_context(|| format!("{path} can't be read, so the approved code was not run"))?;
        if blake3::hash(&code).to_hex().as_str() != hash {
            bail!("the code on disk is not what was approved, so it was not run");
        }
    }
    let harness = Harness::lay_out(folder, &spec)?;
    let watch = Watch::start(spec.limits, &harness.folder, teller.clone());
    watch_stdin(&watch);
    teller.stage("reading the data");
    let folds = Folds::cut(&spec)?;
    let place = Place { spec: &spec, harness: &harness, folds: &folds, watch: &watch, teller };
    let outcome = match spec.kind {
        FileKind::Script => run_script(&spec, &harness, &folds, &watch, teller),
        FileKind::Model | FileKind::Clean | FileKind::Features => {
            let work = Work::of(&spec, &harness);
            let predicted_s = match dry::run(place, &work) {
                Dry::NotNeeded => None,
                Dry::GoOn(seconds) => seconds,
                Dry::Fails(why, line) => {
                    let mut outcome = Outcome::empty(Status::Failed, safe!("the dry run: {why}"));
                    outcome.line = line;
                    watch.finish();
                    return Ok(outcome);
                }
            };
            run_folds(place, &work).map(|judged| judged.outcome).map(|mut outcome| {
                outcome.predicted_s = predicted_s;
                outcome.findings.noise = kinds::noise(place, &outcome);
                outcome
            })
        }
        FileKind::Search => kinds::search(place),
        FileKind::Pipeline => kinds::pipeline(place),
        FileKind::Modern => kinds::modern(place),
        FileKind::Evaluation => kinds::evaluation(place),
        FileKind::Checklist => kinds::checklist(place),
        FileKind::Document => bail!("{} is a document; there is nothing to run", spec.entry),
    };
    let mut outcome = outcome?;
    outcome.findings.court = match spec.role {
        Role::Permutes => court::permuted(place, &outcome),
        _ => court::hold(place, &outcome),
    };
    watch.finish();
    let used = watch.used();
    outcome.peak_memory_bytes = used.memory;
    (outcome.cpu_s, outcome.disk_bytes, outcome.gpu_bytes) = (used.cpu_s, used.disk, used.gpu);
    outcome.artefacts = harvest::harvest(folder, teller)?;
    outcome.seeds = child::seeds(folder);
    Ok(outcome)
}

/// A byte on standard input stops the run. That it closes means that the one who started us has ended, which is no reason
/// to end: whoever comes next finds the run by its folder.
fn watch_stdin(watch: &Arc<Watch>) {
    let watch = Arc::clone(watch);
    std::thread::spawn(move || {
        let mut byte = [0; 64];
        loop {
            match std::io::stdin().read(&mut byte) {
                Ok(0) | Err(_) => return,
                Ok(n) if byte[..n].contains(&b's') => return watch.end(End::Stopped),
                Ok(_) => {}
            }
        }
    });
}

/// Files of ours that a run needs beside the code.
#[derive(Clone, Debug)]
pub struct Harness {
    /// The run's folder.
    pub folder: PathBuf,
    /// The approved code.
    pub code: PathBuf,
    /// `runner.py`
    pub runner: PathBuf,
    /// `evaluate.py`
    pub evaluate: PathBuf,
    /// The linear baseline, which a cleaning is put in front of.
    pub baseline: PathBuf,
    /// `parts.py`
    pub parts: PathBuf,
    /// `captured.py`
    pub captured: PathBuf,
    /// `report.py`
    pub report: PathBuf,
    /// `court.py`
    pub court: PathBuf,
    /// `own_metric.py` and the user's own metric as approved, where it decides. No code is given them.
    pub own: Option<(PathBuf, PathBuf)>,
    /// `seeds.py`
    pub seeds: PathBuf,
}

/// The runner.
pub const RUNNER: &str = include_str!("../../assets/python/runner.py");
/// The evaluator.
pub const EVALUATE: &str = include_str!("../../assets/python/evaluate.py");
/// What runs a metric of the user's own.
const OWN_METRIC: &str = include_str!("../../assets/python/own_metric.py");
const PARTS: &str = include_str!("../../assets/python/parts.py");
const CAPTURED: &str = include_str!("../../assets/python/captured.py");
/// The court.
pub const COURT: &str = include_str!("../../assets/python/court.py");
const SEEDS: &str = include_str!("../../assets/python/seeds.py");
const REPORT: &str = include_str!("../../assets/python/report.py");

/// Where a run keeps its copy of the user's own metric.
pub const OWN_FILE: &str = "metric/approved.py";

/// BLAKE3 of what computes the scores: our evaluator, and where it decides, the user's own metric with what runs it.
pub fn evaluator_hash(own: Option<&Version>) -> String {
    let base = hash(EVALUATE);
    own.map_or_else(|| base.clone(), |own| hash(&format!("{base}\n{}\n{}", hash(OWN_METRIC), own.hash)))
}

impl Harness {
    fn lay_out(folder: &Path, spec: &RunSpec) -> Result<Self> {
        if evaluator_hash(spec.own_metric.as_ref()) != spec.evaluator_hash {
            bail!("this run was made for another evaluator");
        }
        let own = folder.join("harness");
        fs::create_dir_all(&own)?;
        let put = |name: &str, text: &str| -> Result<PathBuf> {
            let path = own.join(name);
            fs::write(&path, text)?;
            Ok(path)
        };
        let folder = folder.canonicalize()?;
        let own_metric = match &spec.own_metric {
            Some(version) => {
                let file = folder.join(OWN_FILE);
                if blake3::hash(&fs::read(&file)?).to_hex().as_str() != version.hash {
                    bail!("the metric in the run's folder is not what was approved, so nothing was run");
                }
                Some((put("own_metric.py", OWN_METRIC)?.canonicalize()?, file))
            }
            None => None,
        };
        Ok(Self {
            own: own_metric,
            code: folder.join("code").join(&spec.entry),
            runner: put("runner.py", RUNNER)?.canonicalize()?,
            evaluate: put("evaluate.py", EVALUATE)?.canonicalize()?,
            baseline: put("baseline.py", crate::domain::baseline::linear(spec.framing.problem))?.canonicalize()?,
            parts: put("parts.py", PARTS)?.canonicalize()?,
            captured: put("captured.py", CAPTURED)?.canonicalize()?,
            report: put("report.py", REPORT)?.canonicalize()?,
            seeds: put("seeds.py", SEEDS)?.canonicalize()?,
            court: put("court.py", COURT)?.canonicalize()?,
            folder,
        })
    }

    /// Files of ours that a process may read.
    fn own(&self) -> impl Iterator<Item = &PathBuf> {
        [
            &self.runner,
            &self.evaluate,
            &self.baseline,
            &self.parts,
            &self.captured,
            &self.report,
            &self.court,
            &self.seeds,
        ]
        .into_iter()
    }
}

/// What a run of folds gave: the outcome, and what was predicted beside it.
#[derive(Debug)]
pub struct Judged {
    /// The outcome.
    pub outcome: Outcome,
    /// Primary metric of each variant of each fold: fold, name, kind, score.
    pub variants: Vec<(u32, String, String, Option<f64>)>,
    /// Predictions of each fold.
    pub results: Vec<(Predicted, Fold)>,
}

fn run_folds(place: Place<'_>, work: &Work) -> Result<Judged> {
    let Place { spec, harness, folds, watch, teller } = place;
    let evaluator = Mutex::new(Evaluator::start(spec, harness)?);
    let next = Mutex::new(0..spec.n_folds());
    let results: Mutex<Vec<(Predicted, Fold)>> = Mutex::new(Vec::new());
    let variants = Mutex::new(Vec::new());
    // The first failure counts; those after it are folds that were ended because of it.
    let first_failure: Mutex<Option<(SafeText, Option<u32>)>> = Mutex::new(None);
    let fail = |why: &SafeText, line: Option<u32>| {
        let mut first = first_failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| (why.clone(), line));
        watch.end(End::Failed);
    };
    teller.stage("running");
    std::thread::scope(|scope| {
        for _ in 0..spec.limits.n_jobs.clamp(1, spec.n_folds()) {
            scope.spawn(|| {
                loop {
                    let number = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(number) = number.filter(|_| watch.ended().is_none()) else { return };
                    teller.tell(&RunEvent::FoldStarted { fold: number });
                    let mut predicted = match place.fold(work, number) {
                        FoldResult::Predicted(predicted) => predicted,
                        FoldResult::Failed { why, line } => return fail(&why, line),
                    };
                    let mut judge = evaluator.lock().unwrap_or_else(PoisonError::into_inner);
                    let mut score = |predicted: &Predicted| judge.score(spec, folds, number, predicted);
                    let metrics = match score(&predicted) {
                        Ok(metrics) => metrics,
                        Err(error) => return fail(&safe!("the evaluator: {error:#}"), None),
                    };
                    let mut beside = Vec::new();
                    for (name, kind, variant) in std::mem::take(&mut predicted.variants) {
                        match score(&variant) {
                            Ok(scores) => {
                                let primary = scores.get(spec.framing.metric.name()).copied().flatten();
                                beside.push((number, name, kind, primary));
                            }
                            Err(error) => return fail(&safe!("the evaluator: {error:#}"), None),
                        }
                    }
                    drop(judge);
                    variants.lock().unwrap_or_else(PoisonError::into_inner).extend(beside);
                    let fold = Fold {
                        fold: number,
                        n_train: folds.n_train(number),
                        n_valid: predicted.rows.len() as u64,
                        metrics,
                        fit_s: predicted.fit_s,
                        predict_s: predicted.predict_s,
                    };
                    teller.tell(&RunEvent::FoldFinished { fold: fold.clone() });
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((predicted, fold));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(_, fold)| fold.fold);
    let variants = variants.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut outcome = Outcome::empty(Status::Finished, SafeText::default());
    outcome.reason = None;
    outcome.folds = results.iter().map(|(_, fold)| fold.clone()).collect();
    conclude(&mut outcome, watch.ended(), first_failure.into_inner().unwrap_or_else(PoisonError::into_inner));
    folds::save_predictions(&harness.folder, folds, spec, &results)?;
    folds::save_metrics(&harness.folder, &outcome.folds)?;
    outcome.findings.parts = kinds::parts(place, &outcome, &variants);
    let mut evaluator = evaluator.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some((fold, why)) = evaluator.unknown.iter().min_by_key(|(fold, _)| *fold) {
        // The run and its predictions stay what they are; the score is unknown, and that is said once.
        let n = evaluator.unknown.iter().map(|(fold, _)| fold).collect::<std::collections::BTreeSet<_>>().len();
        let others = if n > 1 { format!(" (and on {} more)", n - 1) } else { String::new() };
        let detail = format!("on fold {}: {why}{others}", fold + 1);
        outcome.findings.checks.push(Check::new(&spec.framing.metric.id(), Standing::NotChecked, detail));
    } else if let (Role::OpensHoldout, Status::Finished, Some((predicted, _))) =
        (&spec.role, outcome.status, results.first())
    {
        teller.stage("drawing the sealed rows again and again, for the interval of the score");
        outcome.findings.test_interval = Some(interval::of(&mut evaluator, spec, folds, predicted));
    }
    Ok(Judged { outcome, variants, results })
}

fn run_script(
    spec: &RunSpec,
    harness: &Harness,
    folds: &Folds,
    watch: &Arc<Watch>,
    teller: &Teller,
) -> Result<Outcome> {
    teller.stage("running the script");
    let data = folds.write_training_rows(&harness.folder)?;
    let result = child::run_script(spec, harness, &data, watch, teller);
    let mut outcome = Outcome::empty(Status::Finished, SafeText::default());
    outcome.reason = None;
    outcome.reported_by_script = child::reported(&harness.folder.join("fold-0"));
    let failed = match result {
        FoldResult::Failed { why, line } => Some((why, line)),
        FoldResult::Predicted(_) => None,
    };
    conclude(&mut outcome, watch.ended(), failed);
    Ok(outcome)
}

/// How the run ended: what ended it from outside counts before what the code said of it.
fn conclude(outcome: &mut Outcome, ended: Option<End>, failed: Option<(SafeText, Option<u32>)>) {
    (outcome.status, outcome.reason, outcome.line) = match (ended, failed) {
        (Some(End::Stopped), _) => (Status::Stopped, Some(safe!("it was stopped")), None),
        (Some(End::TimedOut(seconds)), _) => {
            (Status::TimedOut, Some(safe!("it took longer than {seconds} seconds")), None)
        }
        (Some(End::Stalled(seconds)), _) => (
            Status::Failed,
            Some(safe!("it stalled: for {seconds} seconds it printed nothing and used no processor")),
            None,
        ),
        (Some(End::Memory(bytes)), _) => {
            (Status::Failed, Some(safe!("it held more than {} of memory", crate::text::figure::bytes(bytes))), None)
        }
        (Some(End::Output(bytes)), _) => {
            (Status::Failed, Some(safe!("it printed more than {}", crate::text::figure::bytes(bytes))), None)
        }
        (Some(End::Processes(n)), _) => {
            (Status::Failed, Some(safe!("it had more than {n} processes and threads at once")), None)
        }
        (Some(End::Disk(bytes)), _) => {
            (Status::Failed, Some(safe!("it wrote more than {} to disk", crate::text::figure::bytes(bytes))), None)
        }
        (Some(End::Files(n)), _) => (Status::Failed, Some(safe!("it made more than {n} files and folders")), None),
        (Some(End::Unseen), _) => (Status::Failed, Some(safe!("it made folders that can't be looked into")), None),
        (_, Some((why, line))) => (Status::Failed, Some(why), line),
        (Some(End::Failed), None) => (Status::Failed, Some(safe!("a fold failed")), None),
        (None, None) => (Status::Finished, None, None),
    };
}
