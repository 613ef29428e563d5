//! One execution of a solution in the sandbox: what it is asked to do, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::environment::{Captured, normal};
use crate::domain::findings::Findings;
use crate::domain::framing::Framing;
use crate::domain::left_out::LeftOut;
use crate::domain::metric::Metric;
use crate::domain::own_metric::Version;
use crate::text::{RawText, SafeText};

/// What a file of Python is, which decides how it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Defines `build()`: fitted and judged fold by fold.
    Model,
    /// Defines `clean(frame)`: put in front of the linear baseline and judged by it.
    Clean,
    /// Defines `FEATURES`: each put in front of the linear baseline, alone and together.
    Features,
    /// Defines `space(trial)` and `build(params)`: searched inside every fold.
    Search,
    /// `train.py` of a folder that has `predict.py` and tests: tested, then trained and judged like a model.
    Pipeline,
    /// `modern.py`: run beside `legacy.py` on the same input, outputs compared.
    Modern,
    /// `evaluation.toml`: what a report on saved predictions looks into.
    Evaluation,
    /// `checklist.md`: items, of which some are computed.
    Checklist,
    /// Kept, not run.
    Document,
    /// Any other Python: run once; what it reports is marked as its own.
    Script,
}

impl FileKind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Clean => "clean",
            Self::Features => "features",
            Self::Search => "search",
            Self::Pipeline => "pipeline",
            Self::Modern => "modern",
            Self::Evaluation => "evaluation",
            Self::Checklist => "checklist",
            Self::Document => "document",
            Self::Script => "script",
        }
    }

    /// Whether accepting it leads to a run.
    pub fn runs(self) -> bool {
        self != Self::Document
    }

    /// Whether a run of it is a solution that others can be compared with.
    pub fn is_solution(self) -> bool {
        matches!(self, Self::Model | Self::Clean | Self::Features | Self::Search | Self::Pipeline)
    }
}

/// The run that a report or a checklist is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its experiment.
    pub experiment: String,
    /// What the experiment is called.
    pub title: String,
    /// The run.
    pub run_id: String,
    /// What its file is.
    pub kind: FileKind,
    /// The file.
    pub entry: String,
    /// BLAKE3 of the file, as approved.
    pub code_hash: String,
}

/// How well generated code is confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing but limits.
    None,
    /// No network; files, and other programs of the same user, are not protected.
    Reduced,
    /// No network; reads only Python and its inputs; writes only its run folder.
    Standard,
    /// As *standard*, in namespaces of its own.
    Full,
    /// macOS: files and network are confined; memory is watched.
    Seatbelt,
}

impl Level {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reduced => "reduced",
            Self::Standard => "standard",
            Self::Full => "full",
            Self::Seatbelt => "seatbelt",
        }
    }
}

/// The level that this machine reaches, and why it is not higher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The level.
    pub level: Level,
    /// In one sentence.
    pub why: String,
}

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time in seconds.
    pub wall_s: u64,
    /// Memory of the whole process tree in bytes.
    pub memory_bytes: u64,
    /// Output kept, in bytes.
    pub output_bytes: u64,
    /// Largest file that it may write, in bytes.
    pub file_bytes: u64,
    /// Folds at a time.
    pub n_jobs: u32,
    /// Seconds without output and without use of the processor after which it has stalled; zero for never.
    #[serde(default = "stall_s")]
    pub stall_s: u64,
    /// Largest sum of its files, in bytes on disk.
    #[serde(default = "disk_bytes")]
    pub disk_bytes: u64,
    /// Most files and folders.
    #[serde(default = "n_files")]
    pub n_files: u64,
    /// Most processes and threads at once.
    #[serde(default = "n_processes")]
    pub n_processes: u64,
}

fn stall_s() -> u64 {
    300
}

fn disk_bytes() -> u64 {
    5 << 30
}

fn n_files() -> u64 {
    10_000
}

fn n_processes() -> u64 {
    2_000
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_s: 900,
            memory_bytes: 8 << 30,
            output_bytes: 50_000_000,
            file_bytes: 2 << 30,
            n_jobs: 1,
            stall_s: stall_s(),
            disk_bytes: disk_bytes(),
            n_files: n_files(),
            n_processes: n_processes(),
        }
    }
}

/// The interpreter that runs the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Path of the executable.
    pub program: String,
    /// Its version: `3.11.7`.
    pub version: String,
    /// Folders it must be able to read.
    pub read: Vec<String>,
    /// Versions of the packages that matter, by name.
    pub packages: BTreeMap<String, String>,
    /// Every distribution with its version, as it is called. Not kept here: a run's lie in its `freeze.txt`.
    #[serde(skip)]
    pub all: BTreeMap<String, String>,
}

impl Interpreter {
    /// The distributions that are in it, by normal name.
    pub fn names(&self) -> BTreeSet<String> {
        self.all.keys().chain(self.packages.keys()).map(|name| normal(name)).collect()
    }
}

/// What a run is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// To be judged.
    #[default]
    Own,
    /// To see whether it works at all, on part of the rows of one fold.
    Quick,
    /// To see whether what a run showed shows on another cut of the folds, with another seed.
    Confirms,
    /// To see whether that run gives the same again.
    Replays(String),
    /// To see what is left of a score when the labels are shuffled.
    Permutes,
    /// The one look at the sealed rows.
    OpensHoldout,
}

impl Role {
    /// In a few words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Own => "to be judged",
            Self::Quick => "a quick look at part of the rows of one fold",
            Self::Confirms => "another cut of the folds",
            Self::Replays(_) => "again",
            Self::Permutes => "labels shuffled",
            Self::OpensHoldout => "the sealed rows",
        }
    }

    /// Why a run of this kind has no verdict of its own.
    pub fn why_no_verdict(&self) -> &'static str {
        match self {
            Self::Own => "it was not compared",
            Self::Quick => "it is a quick look at part of the rows of one fold, which x runs whole",
            Self::Confirms => "it repeats another run on another cut of the folds",
            Self::Replays(_) => "it repeats another run",
            Self::Permutes => "its labels were shuffled",
            Self::OpensHoldout => "it is a look at the sealed rows, which are compared with nothing",
        }
    }
}

/// Everything that decides what a run does. Written to `run.json` before the run starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    /// Its name, which is also its folder's.
    pub run_id: String,
    /// The experiment it belongs to.
    pub experiment: String,
    /// The data set.
    pub data: String,
    /// BLAKE3 of the data set's bytes.
    pub data_hash: String,
    /// The question.
    pub framing: Framing,
    /// What the file is.
    pub kind: FileKind,
    /// Name of the file inside the run folder.
    pub entry: String,
    /// BLAKE3 of its bytes, as approved.
    pub code_hash: String,
    /// BLAKE3 of every file beside it, as approved, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<String, String>,
    /// BLAKE3 of the evaluator, the user's own metric included where that decides.
    pub evaluator_hash: String,
    /// The user's own metric that decides, in the version that was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_metric: Option<Version>,
    /// The interpreter.
    pub python: Interpreter,
    /// What it may use.
    pub limits: Limits,
    /// How well it is confined.
    pub level: Level,
    /// When it was written, RFC 3339.
    pub created_at: String,
    /// The run that it is about, for a report or a checklist.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// Runs that the subject is compared with.
    #[serde(default)]
    pub others: Vec<Subject>,
    /// What the task was told: budget, tolerance, constraints.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// What it is for.
    #[serde(default)]
    pub role: Role,
    /// The first repeat of the folds that it runs; the framing's own begin at zero.
    #[serde(default)]
    pub first_repeat: u32,
    /// What seeds random choices of the code; nothing where that is the framing's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solver_seed: Option<u64>,
    /// What it runs in, as it was when the run was laid out; nothing of runs from before that was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Captured>,
    /// Whether the code may use the network, which takes an act of its own.
    #[serde(default)]
    pub network: bool,
    /// What there was to say before it: leaks in the code, changes, runs like it. A sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Columns that no code of it is given, with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Fold scores of runs of other code on the same folds, by experiment: for the witness of equal scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_scores: Vec<(String, Vec<f64>)>,
    /// Fold scores of the linear baseline on the same folds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline_scores: Option<Vec<f64>>,
    /// How far the linear baseline's mean moves from cut to cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_floor: Option<f64>,
}

/// How often labels are shuffled.
pub const PERMUTATIONS: u32 = 20;

impl RunSpec {
    /// How many repeats of the folds it runs.
    pub fn n_repeats(&self) -> u32 {
        match self.role {
            // A search in every fold and a report are dear enough on one cut; they are compared on that.
            Role::Own | Role::Replays(_) if self.kind == FileKind::Search || !self.kind.is_solution() => 1,
            Role::Own | Role::Replays(_) => self.framing.repeats.max(1),
            Role::Quick | Role::Confirms | Role::Permutes | Role::OpensHoldout => 1,
        }
    }

    /// How many folds it runs.
    pub fn n_folds(&self) -> u32 {
        match self.role {
            Role::OpensHoldout | Role::Quick => 1,
            Role::Permutes => PERMUTATIONS,
            _ => self.framing.folds * self.n_repeats(),
        }
    }

    /// Whether its code reaches the network, in a few words.
    pub fn reach(&self) -> &'static str {
        match (self.network, self.level) {
            (true, _) => "network allowed",
            (false, Level::None) => "network not kept off",
            (false, _) => "no network",
        }
    }

    /// What seeds random choices of the code.
    pub fn seed(&self) -> u64 {
        self.solver_seed.unwrap_or(self.framing.seed)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It did what it was asked to do.
    Finished,
    /// Its code or its surroundings failed.
    Failed,
    /// The user stopped it.
    Stopped,
    /// It took longer than it may.
    TimedOut,
    /// The program that watched it ended first.
    Interrupted,
}

impl Status {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::TimedOut => "timed-out",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Scores by name; `None` where one is not defined.
pub type Scores = BTreeMap<String, Option<f64>>;

/// What one fold gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Its number, from zero.
    pub fold: u32,
    /// Rows trained on.
    pub n_train: u64,
    /// Rows validated on.
    pub n_valid: u64,
    /// Scores.
    pub metrics: Scores,
    /// Seconds of fitting.
    pub fit_s: Option<f64>,
    /// Seconds of predicting.
    pub predict_s: Option<f64>,
}

/// What a run gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Why, where it did not finish.
    pub reason: Option<SafeText>,
    /// Line of the code that failed.
    pub line: Option<u32>,
    /// Folds that were evaluated.
    pub folds: Vec<Fold>,
    /// Seconds from start to end.
    pub duration_s: f64,
    /// Most memory that the process tree held, in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// Seconds that all folds were thought to take, after a dry run on few rows.
    #[serde(default)]
    pub predicted_s: Option<f64>,
    /// Seconds of processor time, as far as it was seen.
    #[serde(default)]
    pub cpu_s: Option<f64>,
    /// Bytes in its folder, as far as it was seen.
    #[serde(default)]
    pub disk_bytes: Option<u64>,
    /// Most graphics memory in bytes, where there is a card that tells.
    #[serde(default)]
    pub gpu_bytes: Option<u64>,
    /// Files it left, relative to the run folder.
    pub artefacts: Vec<String>,
    /// What a free script reported about itself; `None` where that is no number.
    pub reported_by_script: Scores,
    /// Seeds that were set before the code drew from them, by source of chance: `hash`, `random`, `numpy`, `torch`,
    /// `tensorflow`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seeds: BTreeMap<String, u64>,
    /// What it found out beside its score.
    #[serde(default, skip_serializing_if = "Findings::is_empty")]
    pub findings: Findings,
}

impl Outcome {
    /// A run that gave nothing.
    pub fn empty(status: Status, reason: SafeText) -> Self {
        Self {
            status,
            reason: Some(reason),
            line: None,
            folds: Vec::new(),
            duration_s: 0.0,
            peak_memory_bytes: None,
            predicted_s: None,
            cpu_s: None,
            disk_bytes: None,
            gpu_bytes: None,
            artefacts: Vec::new(),
            reported_by_script: BTreeMap::new(),
            seeds: BTreeMap::new(),
            findings: Findings::default(),
        }
    }

    /// The scores of one metric, fold by fold; `None` unless every fold has it.
    pub fn scores(&self, metric: Metric) -> Option<Vec<f64>> {
        if self.folds.is_empty() {
            return None;
        }
        self.folds.iter().map(|fold| fold.metrics.get(metric.name()).copied().flatten()).collect()
    }

    /// Rows validated on divided by rows trained on, in the mean over the folds.
    pub fn valid_to_train(&self) -> f64 {
        let (n_valid, n_train) =
            self.folds.iter().fold((0, 0), |sum, fold| (sum.0 + fold.n_valid, sum.1 + fold.n_train));
        crate::domain::profile::share(n_valid, n_train)
    }

    /// Mean and standard deviation (one degree of freedom taken off) over the folds, for every metric that all have.
    pub fn summary(&self) -> BTreeMap<String, (f64, Option<f64>)> {
        let mut summary = BTreeMap::new();
        let Some(first) = self.folds.first() else { return summary };
        for name in first.metrics.keys() {
            let scores: Option<Vec<f64>> =
                self.folds.iter().map(|fold| fold.metrics.get(name).copied().flatten()).collect();
            if let Some(scores) = scores {
                summary.insert(name.clone(), mean_std(&scores));
            }
        }
        summary
    }
}

/// Mean, and standard deviation with one degree of freedom taken off; unknown for one value.
#[expect(clippy::cast_precision_loss, reason = "a handful of folds")]
pub fn mean_std(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std =
        (values.len() > 1).then(|| (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt());
    (mean, std)
}

/// A file as it was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFile {
    /// Its path as the answer named it, relative.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub code: RawText,
}

impl CodeFile {
    /// BLAKE3 of its bytes, in hexadecimal.
    pub fn hash(&self) -> String {
        hash(self.code.expose())
    }
}

/// BLAKE3 of a text, in hexadecimal.
pub fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
