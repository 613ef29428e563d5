//! The command line as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

/// A terminal workbench in which a data scientist and Claude do machine learning together.
///
/// Open a data set, be warned about what is wrong with it, ask for the next step, watch the thinking, review the code,
/// run it in a sandbox, and read a verdict with evidence. Without a key an offline analyst made of rules answers.
#[derive(Debug, Parser)]
#[command(name = "rationale", version, subcommand_precedence_over_arg = true, max_term_width = 100)]
#[command(override_usage = "rationale [OPTIONS] [PATH]\n       rationale [OPTIONS] <COMMAND>")]
#[command(
    after_help = "Begin with:\n  rationale demo                      the bundled data set, no key needed\n  rationale train.csv                 your own\n  rationale doctor                    what works on this machine, and what to do about the rest"
)]
pub struct Cli {
    /// What to do; without it the workbench opens.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The data set to open: CSV, TSV, NDJSON, Parquet, Arrow IPC, JSON, Excel, ODS or SQLite, also packed; a sheet, table or file in it as FILE#NAME; - is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,

    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// Whom to ask: offline, anthropic, or a name from the configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub endpoint: Option<String>,

    /// Which model to ask
    #[arg(long, global = true, value_name = "ID")]
    pub model: Option<String>,

    /// How hard to think: low, medium, high, xhigh or max; without it the task decides
    #[arg(long, global = true, value_name = "LEVEL")]
    pub effort: Option<String>,

    /// The Python that runs accepted code; without it the project gets its own environment
    #[arg(long, global = true, value_name = "PROGRAM", value_hint = ValueHint::ExecutablePath)]
    pub python: Option<PathBuf>,

    /// What accepted code runs in: interpreter, project or isolated; without it the project's own, or the Python that is named
    #[arg(long, global = true, value_name = "KIND")]
    pub environment: Option<String>,

    /// Install what an environment lacks without asking: never into an interpreter
    #[arg(long, global = true)]
    pub install: bool,

    /// Colours: dark, light, contrast, or a file
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,

    /// Seconds that a run may take
    #[arg(long, global = true, value_name = "SECONDS")]
    pub timeout: Option<u64>,

    /// Run accepted code as yourself where no sandbox works
    #[arg(long, global = true)]
    pub unsandboxed: bool,
}

/// What each task can be told, and examples.
const TASKS_HELP: &str = "What a task can be told with --set:
  explore      problem, knowledge, constraints
  design       problem, constraints, knowledge, business_metric
  clean        strategy=conservative|aggressive|both, knowledge, constraints
  label        text=COLUMN, problem, knowledge
  features     constraints, knowledge
  train        constraints, knowledge, business_metric
  evaluate     run=e3, business_metric, segments=COLUMN,COLUMN, group=COLUMN
  pipeline     framework=sklearn|pytorch|tensorflow, constraints, problem
  search       budget=2m, run=e3, constraints
  debug        symptoms, curves=FILE or the curves themselves, run=e3
  next         constraints, business_metric
  production   run=e3, latency_ms=100, constraints, problem
  modernise    legacy=FILE, tolerance=1e-6, accept_difference=WHY
  ask          the question comes with --problem

Examples:
  rationale ask explore train.csv
  rationale ask train train.csv --target price --accept --run --json
  rationale ask clean train.csv --set strategy=both --accept --run
  rationale ask search train.csv --set budget=2m --accept --run
  rationale ask debug train.csv --set curves=log.csv --set symptoms='validation gets worse'
  rationale ask next train.csv --accept --run";

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Exported {
    /// The project's document.
    Manifest,
    /// The latest report on a run.
    Report,
    /// The latest checklist.
    Checklist,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Copy the bundled data set to a folder and open it
    #[command(after_help = "The copy is yours to change: history and runs are kept beside it, in .rationale.")]
    Demo {
        /// Where to copy it
        #[arg(default_value = "rationale-demo", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },

    /// Profile every column on every row and say what is wrong
    #[command(
        after_help = "Examples:\n  rationale profile train.csv\n  rationale profile train.parquet --target price --json | jq .warnings\n  rationale profile train.csv --against today.csv"
    )]
    Profile {
        /// The data set
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// The column to predict; without it the likeliest
        #[arg(long, value_name = "COLUMN")]
        target: Option<String>,
        /// Say which columns of another table look different: PSI, Kolmogorov–Smirnov, new values
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        against: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },

    /// Ask for one of the tasks, and if you like accept and run what comes
    #[command(
        after_help = TASKS_HELP
    )]
    Ask {
        /// explore, design, clean, label, features, train, evaluate, pipeline, search, debug, next, production, modernise or ask
        task: String,
        /// The data set
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
        /// The column to predict; without it the one that was framed, or the likeliest
        #[arg(long, value_name = "COLUMN")]
        target: Option<String>,
        /// The problem in your own words
        #[arg(long, value_name = "TEXT")]
        problem: Option<String>,
        /// A setting or a constraint; may be given more than once
        #[arg(long = "set", value_name = "KEY=VALUE")]
        settings: Vec<String>,
        /// Accept what is proposed without looking at it
        #[arg(long)]
        accept: bool,
        /// Run what was accepted
        #[arg(long, requires = "accept")]
        run: bool,
        /// Ask even where the price is unknown or the spending cap would be passed
        #[arg(long)]
        spend: bool,
        /// Print JSON
        #[arg(long, conflicts_with = "stream_json")]
        json: bool,
        /// Print one JSON object a line as things happen
        #[arg(long)]
        stream_json: bool,
    },

    /// Run any file under the solution contract: it defines `build()` and returns an estimator
    Run {
        /// The Python file
        #[arg(value_hint = ValueHint::FilePath, required_unless_present_any = ["replay", "holdout", "shuffle", "confirm"])]
        file: Option<PathBuf>,
        /// The data set; for an earlier run, that of the run
        #[arg(long, value_hint = ValueHint::FilePath, required_unless_present_any = ["replay", "holdout", "shuffle", "confirm"])]
        data: Option<PathBuf>,
        /// The column to predict; without it the one that was framed, or the likeliest
        #[arg(long, value_name = "COLUMN")]
        target: Option<String>,
        /// Execute an earlier run again and say whether the numbers agree
        #[arg(long, value_name = "RUN", conflicts_with_all = ["file", "holdout", "shuffle", "confirm"])]
        replay: Option<String>,
        /// Judge an earlier run on the sealed rows; asks for --word
        #[arg(long, value_name = "RUN", conflicts_with_all = ["file", "shuffle", "confirm"])]
        holdout: Option<String>,
        /// The words that open the sealed rows: open, later: open again
        #[arg(long, value_name = "WORDS", requires = "holdout")]
        word: Option<String>,
        /// Shuffle labels under an earlier run and see what is left of its score
        #[arg(long, value_name = "RUN", conflicts_with_all = ["file", "confirm"])]
        shuffle: Option<String>,
        /// Look at an earlier run that is better on another cut of the folds
        #[arg(long, value_name = "RUN", conflicts_with = "file")]
        confirm: Option<String>,
        /// Only see whether it works: part of the rows of one fold, without a verdict
        #[arg(long, conflicts_with_all = ["replay", "holdout", "shuffle", "confirm"])]
        quick: bool,
        /// Let this one run use the network; it is written into its record
        #[arg(long)]
        network: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },

    /// List what has been tried
    #[command(
        after_help = "FILTER is a word that must occur in the task, the hypothesis, the decision or the verdict."
    )]
    History {
        /// Only those in which this word occurs
        filter: Option<String>,
        /// The folder of the project
        #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },

    /// Look at a metric of your own, and approve it
    #[command(
        after_help = "Shows the file, or what changed since it was approved, with its hash. Runs are scored by the approved version\nalone; a changed file has to be approved again.\n\nExamples:\n  rationale evaluator metric.py\n  rationale evaluator metric.py --approve 1f0c2a9b4d5e"
    )]
    Evaluator {
        /// The Python file, relative to the folder of the project
        file: String,
        /// Approve the version whose hash begins so, eight digits or more
        #[arg(long, value_name = "HASH")]
        approve: Option<String>,
        /// The folder of the project
        #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },

    /// Say where a run goes wrong: worst segments, calibration, confusion, residuals, rows to look at
    #[command(
        after_help = "RUN is a run or an experiment, as rationale history names them. Segments are looked for on one half of the predicted rows and confirmed on the other.\n\nExamples:\n  rationale errors e3\n  rationale errors e3 --json | jq .segments.found"
    )]
    Errors {
        /// The run, or its experiment
        run: String,
        /// The folder of the project
        #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },

    /// Write down what the history holds: the project's document, the latest report, the checklist
    #[command(
        after_help = "manifest   data, steps, features, models, results, decisions and open questions, each with its experiment\nreport     the latest evaluation, with its figures beside it where -o names a file\nchecklist  the latest production checklist, with what was computed and ticked\n\nThe manifest is also kept up to date by itself, as .rationale/MANIFEST.md."
    )]
    Export {
        /// What to write
        what: Exported,
        /// The file to write; without it, standard output
        #[arg(short, long, value_name = "PATH", value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        /// The folder of the project
        #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
    },

    /// Serve the offline analyst as a Messages API on loopback
    #[command(
        after_help = "Then, for example:\n  curl http://127.0.0.1:8765/v1/models -H 'anthropic-version: 2026-10-21'"
    )]
    Serve {
        /// The port; zero takes any free one
        #[arg(long, default_value_t = 8765)]
        port: u16,
        /// What goes wrong with each of the next requests: 429:retry-after=1, 529, ok, delay=2s, error-event@3, cut@500, stall@200, drip, junk, no-stop, redacted, html, hang
        #[arg(long, value_name = "PLAN", default_value = "")]
        faults: String,
    },

    /// Play a recorded stream again, in its own time
    Replay {
        /// A file from .rationale/recordings
        #[arg(value_hint = ValueHint::FilePath)]
        recording: PathBuf,
        /// How many times faster; zero for at once
        #[arg(long, default_value_t = 1.0, value_name = "X")]
        speed: f64,
        /// Write a copy that can be given away: letters and digits of everything that carries data are masked
        #[arg(long, value_name = "OUT", value_hint = ValueHint::FilePath)]
        share: Option<PathBuf>,
    },

    /// Say what works here, what does not, and what to do: terminal, Python, sandbox, endpoint, key
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Ask the endpoint one short question, to see that it answers and streams; it may cost a fraction of a cent
        #[arg(long)]
        test: bool,
        /// Look for model servers at the usual ports of this machine
        #[arg(long)]
        detect: bool,
    },

    /// Look after what accepted code runs in
    Env {
        /// What to do
        #[command(subcommand)]
        what: Env,
    },

    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What to do about environments.
#[derive(Debug, Subcommand)]
pub enum Env {
    /// Install packages into the project's own environment; what is pinned there stays as it is
    #[command(after_help = "Example:\n  rationale env add lightgbm")]
    Add {
        /// Packages, as a registry calls them: lightgbm, "polars>=1"
        #[arg(required = true, value_name = "PACKAGE")]
        packages: Vec<String>,
        /// The folder of the project
        #[arg(long, value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
        project: PathBuf,
    },
}
