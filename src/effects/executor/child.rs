//! One confined Python: fed through its standard input, listened to, waited for, and read with suspicion afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::imports;
use crate::domain::left_out;
use crate::domain::metric::Problem;
use crate::domain::run::{FileKind, Limits, RunSpec, Scores};
use crate::domain::telling;
use crate::effects::executor::ear;
use crate::effects::executor::folds::Folds;
use crate::effects::executor::watch::Watch;
use crate::effects::executor::{Harness, Teller};
use crate::effects::sandbox::{self, Policy};
use crate::safe;
use crate::text::SafeText;

/// Files of a fold that are larger than this are not read.
const MAX_READ: u64 = 500_000_000;

/// What a fold's process gave.
#[derive(Debug)]
pub enum FoldResult {
    /// Predictions for every row asked for.
    Predicted(Predicted),
    /// None, and why.
    Failed {
        /// In one sentence.
        why: SafeText,
        /// Line of the code that failed.
        line: Option<u32>,
    },
}

/// Predictions, row by row.
#[derive(Debug, Default)]
pub struct Predicted {
    /// Index of each row in the data set.
    pub rows: Vec<usize>,
    /// Index of the class, or the number.
    pub predicted: Vec<f64>,
    /// Probability of each class.
    pub chances: Option<Vec<Vec<f64>>>,
    /// A ranking without probabilities.
    pub score: Option<Vec<f64>>,
    /// Seconds of fitting.
    pub fit_s: Option<f64>,
    /// Seconds of predicting.
    pub predict_s: Option<f64>,
    /// What else was predicted on the same rows: name, kind, predictions.
    pub variants: Vec<(String, String, Predicted)>,
}

impl Predicted {
    /// The predictions of these rows alone, by their place; a place may be named more than once.
    #[must_use]
    pub fn pick(&self, places: &[usize]) -> Self {
        fn of<T: Clone>(all: &[T], places: &[usize]) -> Vec<T> {
            places.iter().filter_map(|place| all.get(*place).cloned()).collect()
        }
        Self {
            rows: of(&self.rows, places),
            predicted: of(&self.predicted, places),
            chances: self.chances.as_ref().map(|chances| of(chances, places)),
            score: self.score.as_ref().map(|score| of(score, places)),
            ..Self::default()
        }
    }
}

/// What a process is asked to do.
#[derive(Clone, Debug)]
pub struct Work {
    /// The word by which the runner knows it.
    pub kind: &'static str,
    /// The file that is loaded.
    pub code: PathBuf,
    /// What it needs to know beside the usual.
    pub more: Map<String, Value>,
    /// Files and folders that it reads beside the usual.
    pub inputs: Vec<PathBuf>,
}

impl Work {
    /// The approved file of a run as it is.
    pub fn of(spec: &RunSpec, harness: &Harness) -> Self {
        Self { kind: spec.kind.word(), code: harness.code.clone(), more: Map::new(), inputs: Vec::new() }
    }

    /// With one more thing to know.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }
}

/// Where a run's processes find everything.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The run.
    pub spec: &'a RunSpec,
    /// Files of ours.
    pub harness: &'a Harness,
    /// The rows.
    pub folds: &'a Folds,
    /// Who ends it.
    pub watch: &'a Arc<Watch>,
    /// Who is told.
    pub teller: &'a Teller,
}

impl Place<'_> {
    fn header(&self, work: &Work, n_bytes: (usize, usize)) -> Value {
        let (spec, harness, folds) = (self.spec, self.harness, self.folds);
        let mut header = json!({
            "kind": work.kind,
            "code": work.code,
            "baseline": harness.baseline,
            "parts": harness.parts,
            "evaluate": harness.evaluate,
            "captured": harness.captured,
            "report": harness.report,
            "columns": folds.columns,
            "target": spec.framing.target.expose(),
            "problem": spec.framing.problem,
            // The code never learns of a metric of the user's own; what it searches by is the usual one.
            "metric": spec.framing.metric.builtin(spec.framing.problem).name(),
            "direction": spec.framing.metric.builtin(spec.framing.problem).direction().word(),
            "split": spec.framing.split,
            "time": spec.framing.time,
            "classes": folds.classes,
            "positive": folds.positive(&spec.framing),
            "seed": spec.seed(),
            "n_train_bytes": n_bytes.0,
            "n_valid_bytes": n_bytes.1,
        });
        if let Value::Object(fields) = &mut header {
            fields.extend(work.more.clone());
        }
        header
    }

    /// Runs one fold to its end.
    pub fn fold(&self, work: &Work, fold: u32) -> FoldResult {
        let attempt = || -> Result<FoldResult> {
            let (train, valid) = self.folds.csv(fold)?;
            if names_of(&valid)?.iter().any(|name| name == self.spec.framing.target.expose()) {
                bail!("the validation rows would have been handed over with their labels");
            }
            let folder = self.harness.folder.join(format!("fold-{fold}"));
            if let Some(failed) = self.start(work, &folder, fold, train, valid)? {
                return Ok(failed);
            }
            let rows = self.folds.valid_rows(fold);
            let (problem, n_classes) = (self.spec.framing.problem, self.folds.classes.len());
            let read = |name: &str| read_predictions(&folder, name, &rows, problem, n_classes);
            let mut predicted = read("predictions.csv")?;
            (predicted.fit_s, predicted.predict_s) = timings(&folder);
            let told: Vec<Told> = json_beneath(&folder, "variants.json").unwrap_or_default();
            for (number, told) in told.into_iter().enumerate().take(MAX_VARIANTS) {
                let variant = read(&format!("variant-{number}.csv"))?;
                predicted.variants.push((told.name, told.kind, variant));
            }
            Ok(FoldResult::Predicted(predicted))
        };
        attempt().unwrap_or_else(|error| FoldResult::Failed { why: safe!("{error:#}"), line: None })
    }

    /// Runs something that is done once, on these rows, in a folder of that name.
    pub fn once(&self, work: &Work, name: &str, train: &[usize], valid: &[usize]) -> FoldResult {
        let folder = self.harness.folder.join(name);
        let attempt = || -> Result<FoldResult> {
            let (train, valid) = self.folds.csv_of(train, valid)?;
            Ok(self
                .start(work, &folder, 0, train, valid)?
                .unwrap_or_else(|| FoldResult::Predicted(Predicted::default())))
        };
        attempt().unwrap_or_else(|error| FoldResult::Failed { why: safe!("{error:#}"), line: None })
    }

    /// As [`Place::once`], with what it is handed given as it is.
    pub fn once_with(&self, work: &Work, name: &str, train: Vec<u8>, valid: Vec<u8>) -> FoldResult {
        let folder = self.harness.folder.join(name);
        match self.start(work, &folder, 0, train, valid) {
            Ok(failed) => failed.unwrap_or_else(|| FoldResult::Predicted(Predicted::default())),
            Err(error) => FoldResult::Failed { why: safe!("{error:#}"), line: None },
        }
    }

    fn start(
        &self,
        work: &Work,
        folder: &Path,
        fold: u32,
        train: Vec<u8>,
        valid: Vec<u8>,
    ) -> Result<Option<FoldResult>> {
        let header = self.header(work, (train.len(), valid.len()));
        let input = [format!("{header}\n").into_bytes(), train, valid].concat();
        let status = run_python(self.spec, self.harness, folder, fold, input, &work.inputs, self.watch, self.teller)?;
        Ok(failure(folder, status, self.spec))
    }
}

/// The names of the columns of a CSV.
fn names_of(csv: &[u8]) -> Result<Vec<String>> {
    Ok(csv::Reader::from_reader(csv).headers()?.iter().map(ToOwned::to_owned).collect())
}

/// A variant as the runner names it.
#[derive(Deserialize)]
struct Told {
    name: String,
    kind: String,
}

/// Most variants of one fold.
const MAX_VARIANTS: usize = 100;

/// JSON that confined code left; nothing where it is not there or is something else.
pub fn json_beneath<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> Option<T> {
    let bytes = read_beneath(folder, name, 20_000_000).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Runs a free script once.
pub fn run_script(spec: &RunSpec, harness: &Harness, data: &Path, watch: &Arc<Watch>, teller: &Teller) -> FoldResult {
    let folder = harness.folder.join("fold-0");
    let header = json!({
        "kind": FileKind::Script.word(), "code": harness.code, "data": data, "target": spec.framing.target.expose(),
        "seed": spec.seed(), "n_train_bytes": 0, "n_valid_bytes": 0,
    });
    let input = format!("{header}\n").into_bytes();
    match run_python(spec, harness, &folder, 0, input, &[data.to_owned()], watch, teller) {
        Ok(status) => failure(&folder, status, spec).unwrap_or_else(|| FoldResult::Predicted(Predicted::default())),
        Err(error) => FoldResult::Failed { why: safe!("{error:#}"), line: None },
    }
}

#[expect(clippy::too_many_arguments, reason = "the two callers above differ in each of them")]
fn run_python(
    spec: &RunSpec,
    harness: &Harness,
    folder: &Path,
    fold: u32,
    input: Vec<u8>,
    more_inputs: &[PathBuf],
    watch: &Arc<Watch>,
    teller: &Teller,
) -> Result<std::process::ExitStatus> {
    fs::create_dir_all(folder.join("tmp"))?;
    let mut inputs = vec![harness.folder.join("code")];
    inputs.extend(harness.own().cloned());
    inputs.extend_from_slice(more_inputs);
    let policy = Policy::new(spec.level, &spec.python.read, &inputs, folder, spec.limits);
    // Our own code, which runs in folders of these names, never needs it.
    let is_ours = ["court", "report", "noise"].iter().any(|name| folder.ends_with(name));
    let policy = if spec.network && !is_ours { policy.with_network() } else { policy };
    let runner = harness.runner.to_string_lossy().into_owned();
    let place = folder.to_string_lossy().into_owned();
    let mut command = sandbox::command(
        &policy,
        &spec.python.program,
        &["-s", "-P", "-B", "-u", "-X", "utf8", &runner, &place],
        folder,
    )?;
    // Hashes of text are seeded before Python starts, or the order of a set would change from run to run.
    command.env("PYTHONHASHSEED", (spec.seed() % (1 << 32)).to_string());
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .context("Python can't be started")?;
    drop(command); // holds the writing end of the pipe
    let mut stdin = child.stdin.take().context("no way into Python")?;
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input); // a process that ends early says why by itself
    });
    let pump = {
        let (watch, teller, log) = (Arc::clone(watch), teller.clone(), fs::File::create(folder.join("output.log"))?);
        std::thread::spawn(move || ear::pump(reader, log, fold, &watch, &teller))
    };
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let tail = {
        let (folder, teller, is_over) = (folder.to_owned(), teller.clone(), Arc::clone(&is_over));
        std::thread::spawn(move || ear::tail_events(&folder, fold, &teller, &is_over))
    };
    let status = child.wait()?;
    is_over.store(true, std::sync::atomic::Ordering::Release);
    let _ = feeder.join();
    let _ = tail.join();
    // Something that kept the pipe open after its parent ended is not waited for.
    let since = Instant::now();
    while !pump.is_finished() && since.elapsed() < Duration::from_millis(250) {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(status)
}

/// Sources of chance that the runner seeds.
const SOURCES: [&str; 5] = ["hash", "random", "numpy", "torch", "tensorflow"];

/// What was seeded in the first fold, as its process wrote it down.
pub fn seeds(folder: &Path) -> BTreeMap<String, u64> {
    let told: BTreeMap<String, u64> = json_beneath(&folder.join("fold-0"), "seeds.json").unwrap_or_default();
    told.into_iter().filter(|(name, _)| SOURCES.contains(&name.as_str())).collect()
}

/// Why a process failed, in words; `None` where it did not.
fn failure(folder: &Path, status: std::process::ExitStatus, spec: &RunSpec) -> Option<FoldResult> {
    use std::os::unix::process::ExitStatusExt;

    #[derive(Deserialize)]
    struct Told {
        r#type: String,
        message: String,
        #[serde(default)]
        causes: Vec<String>,
        line: Option<u32>,
    }
    if status.success() {
        return None;
    }
    let told: Option<Told> =
        read_beneath(folder, "error.json", 100_000).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Some(match told {
        Some(told) => {
            let first = told.message.lines().next().unwrap_or_default();
            let messages: Vec<&str> = std::iter::once(&told.message).chain(&told.causes).map(String::as_str).collect();
            let missed = left_out::missed(&spec.left_out, &told.r#type, &messages);
            let hint = if missed.is_empty() {
                hint(&told.r#type, &told.message, spec.limits)
            } else {
                format!(" ({})", left_out::sentence(&missed))
            };
            let said = if first.is_empty() { String::new() } else { format!(": {first}") };
            FoldResult::Failed { why: safe!("{}{said}{hint}", told.r#type), line: told.line }
        }
        None => match status.signal() {
            Some(signal) => {
                FoldResult::Failed { why: safe!("Python was ended by {}", signal_words(signal)), line: None }
            }
            None => {
                let log = read_beneath(folder, "output.log", 1_000_000).unwrap_or_default();
                let log = String::from_utf8_lossy(&log);
                let last =
                    log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned();
                FoldResult::Failed {
                    why: safe!("Python ended with status {}: {last}", status.code().unwrap_or(-1)),
                    line: None,
                }
            }
        },
    })
}

/// A signal by its number, its name and, where it has a usual cause, that.
fn signal_words(number: i32) -> String {
    let name = nix::sys::signal::Signal::try_from(number).map_or("unknown", nix::sys::signal::Signal::as_str);
    let cause = match name {
        "SIGKILL" => "; where memory is short the system ends programs so",
        "SIGSEGV" | "SIGBUS" => "; a library touched memory that is not its own",
        "SIGXCPU" => "; the run's time on the processor was used up",
        "SIGSYS" => "; it made a system call that the sandbox does not know",
        _ => "",
    };
    format!("signal {number} ({name}){cause}")
}

/// Which rule of the sandbox an error most likely met.
fn hint(kind: &str, message: &str, limits: Limits) -> String {
    if let Some(name) = imports::lacking(&format!("{kind}: {message}")) {
        return format!(" ({name} is not in the environment)");
    }
    let denied = kind == "PermissionError"
        || message.contains("Operation not permitted")
        || message.contains("Permission denied");
    let fixed = if denied && (message.contains("socket") || message.contains("Errno 1"))
        || kind == "gaierror"
        || kind == "URLError"
    {
        " (runs have no network)"
    } else if denied {
        " (a run reads its data and Python only, and writes only into its own folder)"
    } else if kind == "MemoryError" {
        " (the run's memory limit was reached)"
    } else if kind == "EOFError" || kind == "BdbQuit" {
        " (a run can't ask for input)"
    } else if message.contains("Errno 27") {
        return format!(" (one file of a run may hold {})", crate::text::figure::bytes(limits.file_bytes));
    } else {
        ""
    };
    fixed.to_owned()
}

/// Reads a file that confined code left: inside the folder, no link on the way, regular, linked once, not too large.
pub fn read_beneath(folder: &Path, name: &str, max: u64) -> Result<Vec<u8>> {
    read_beneath_from(folder, name, 0, max)
}

/// As [`read_beneath`], from a place on; of a file that is not longer nothing is read.
pub fn read_beneath_from(folder: &Path, name: &str, at: u64, max: u64) -> Result<Vec<u8>> {
    use rustix::fs::{Mode, OFlags};

    let directory = rustix::fs::open(folder, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    #[cfg(target_os = "linux")]
    let file = {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(&directory, name, flags, Mode::empty(), resolve)?
    };
    #[cfg(not(target_os = "linux"))]
    let file = rustix::fs::openat(&directory, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    let is_regular = rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile;
    if !is_regular || stat.st_nlink != 1 || u64::try_from(stat.st_size).unwrap_or(u64::MAX) > max {
        bail!("{name} was not taken: it is not a plain file within its size");
    }
    let mut file = fs::File::from(file);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(max.saturating_sub(at)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_predictions(
    folder: &Path,
    name: &str,
    expected: &[usize],
    problem: Problem,
    n_classes: usize,
) -> Result<Predicted> {
    let bytes = read_beneath(folder, name, MAX_READ).context("the fold left no predictions")?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<String> = reader.headers()?.iter().map(ToOwned::to_owned).collect();
    let n_chances = header.iter().filter(|name| name.starts_with('p') && name[1..].parse::<usize>().is_ok()).count();
    let has_score = header.iter().any(|name| name == "score");
    let mut by_row: BTreeMap<usize, (f64, Vec<f64>)> = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let row: usize = record.get(0).unwrap_or_default().parse().context("a row number")?;
        let numbers: Vec<f64> =
            record.iter().skip(1).map(|cell| cell.parse::<f64>().context("a number")).collect::<Result<_>>()?;
        let (Some(first), rest) = (numbers.first(), numbers[1..].to_vec()) else {
            bail!("row {row} has no prediction")
        };
        if !first.is_finite() || rest.iter().any(|number| !number.is_finite()) {
            bail!("the prediction for row {row} is not a finite number");
        }
        if by_row.insert(row, (*first, rest)).is_some() {
            bail!("row {row} was predicted twice");
        }
    }
    if by_row.len() != expected.len() || !expected.iter().all(|row| by_row.contains_key(row)) {
        bail!("{} rows were predicted, {} were asked for", by_row.len(), expected.len());
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of classes")]
    let is_class = |value: f64| value >= 0.0 && value < n_classes as f64 && value.fract() == 0.0;
    if problem != Problem::Regression {
        if by_row.values().any(|(predicted, _)| !is_class(*predicted)) {
            bail!("a predicted class is not one of the classes");
        }
        if n_chances == n_classes
            && by_row.values().any(|(_, chances)| chances.iter().any(|chance| !(-1e-9..=1.0 + 1e-6).contains(chance)))
        {
            bail!("a probability lies outside 0 to 1");
        }
    }
    let chances =
        (n_chances == n_classes && n_classes > 0).then(|| by_row.values().map(|(_, rest)| rest.clone()).collect());
    let score = has_score.then(|| by_row.values().map(|(_, rest)| rest.first().copied().unwrap_or_default()).collect());
    let predicted = by_row.values().map(|(predicted, _)| *predicted).collect();
    Ok(Predicted {
        rows: by_row.keys().copied().collect(),
        predicted,
        chances,
        score,
        fit_s: None,
        predict_s: None,
        variants: Vec::new(),
    })
}

fn event_lines(folder: &Path) -> Vec<serde_json::Value> {
    let bytes = read_beneath(folder, "events.jsonl", 20_000_000).unwrap_or_default();
    bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

pub(super) fn timings(folder: &Path) -> (Option<f64>, Option<f64>) {
    let lines = event_lines(folder);
    let last = lines.iter().rev().find(|line| line["type"] == "predicted");
    (last.and_then(|line| line["fit_s"].as_f64()), last.and_then(|line| line["predict_s"].as_f64()))
}

/// The last value of each metric that a free script wrote into its events or printed as `name: number`; nothing where
/// what it gave last is not a number.
pub fn reported(folder: &Path) -> Scores {
    let mut last = Scores::new();
    let events = read_beneath(folder, "events.jsonl", 20_000_000).unwrap_or_default();
    for line in String::from_utf8_lossy(&events).lines() {
        last.extend(telling::reported(line).into_iter().map(|(key, _, value)| (key, value)));
    }
    // A line that is nothing but a name and a number is meant to be read.
    let log = read_beneath(folder, "output.log", 20_000_000).unwrap_or_default();
    for line in String::from_utf8_lossy(&log).lines().take(10_000) {
        let Some((key, value)) = line.rsplit_once(": ") else { continue };
        if let (true, Ok(value)) = (key.chars().count() <= 100, value.trim().parse::<f64>())
            && last.len() < 200
        {
            last.insert(key.trim().to_owned(), Some(value).filter(|value| value.is_finite()));
        }
    }
    last
}
