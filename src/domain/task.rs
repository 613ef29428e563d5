//! What the model can be asked to do, and what each task can be told.

use serde::{Deserialize, Serialize};

use crate::domain::run::FileKind;

/// A task, each with a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// What is in the data, what is wrong with it, what to try.
    Explore,
    /// A whole solution from a problem in words: architecture, data, model, evaluation, plan, README.
    Design,
    /// A stack of small steps that repair the data, fitted to nothing but a row.
    Clean,
    /// Guidelines and a schema for labels.
    Label,
    /// Features, each with its reason and its measured gain.
    Features,
    /// An estimator under the solution contract.
    Train,
    /// A report on saved predictions.
    Evaluate,
    /// A folder of files that trains, predicts and watches in production.
    Pipeline,
    /// A search for hyperparameters.
    Search,
    /// Causes of what goes wrong, ranked, each with a check and a fix.
    Debug,
    /// The next experiment, from the history.
    Next,
    /// A checklist whose items are computed where they can be.
    Production,
    /// Old code, its specification, and new code that gives the same.
    Modernise,
    /// A free question.
    Ask,
}

/// Something that a task can be told beside words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as in `--set NAME=VALUE`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub doc: &'static str,
    /// What it may be, where it is one of a few; the first is what holds without it.
    pub choices: &'static [&'static str],
}

const fn field(name: &'static str, doc: &'static str) -> Field {
    Field { name, doc, choices: &[] }
}

const CONSTRAINTS: Field = field("constraints", "limits to keep, such as: each feature under 100 ms per row");
const KNOWLEDGE: Field = field("knowledge", "what you know about the field that the data does not show");
const BUSINESS: Field = field("business_metric", "what counts in use, such as: precision at recall >= 0.9");
const PROBLEM: Field = field("problem", "the problem in words: who decides what with the prediction");
const STRATEGY: Field =
    Field { name: "strategy", doc: "how much to touch", choices: &["conservative", "aggressive", "both"] };
const FRAMEWORK: Field =
    Field { name: "framework", doc: "what it is built on", choices: &["sklearn", "pytorch", "tensorflow"] };
const TEXT: Field = field("text", "the column with the text to label");
const SEGMENTS: Field = field("segments", "columns to look into, with commas between");
const GROUP: Field = field("group", "the column of what is ranked together, such as query_id: adds ranking metrics");
const BUDGET: Field = field("budget", "time for all of it, such as 2m or 1h");
const SYMPTOMS: Field = field("symptoms", "what goes wrong, in your words");
const CURVES: Field = field("curves", "a file with training curves, or the curves themselves");
const LATENCY: Field = field("latency_ms", "longest time for one row, in milliseconds");
const LEGACY: Field = field("legacy", "the file with the old code");
const TOLERANCE: Field = field("tolerance", "how far numbers may differ; without it 1e-6");
const ACCEPT: Field = field("accept_difference", "why a difference is right, where there is one");
const RUN: Field = field("run", "the experiment that is meant; without it the best one");

impl Task {
    /// Every task, in the order of the menu.
    pub const ALL: [Self; 14] = [
        Self::Explore,
        Self::Design,
        Self::Clean,
        Self::Label,
        Self::Features,
        Self::Train,
        Self::Evaluate,
        Self::Pipeline,
        Self::Search,
        Self::Debug,
        Self::Next,
        Self::Production,
        Self::Modernise,
        Self::Ask,
    ];

    /// Its id on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Explore => "explore",
            Self::Design => "design",
            Self::Clean => "clean",
            Self::Label => "label",
            Self::Features => "features",
            Self::Train => "train",
            Self::Evaluate => "evaluate",
            Self::Pipeline => "pipeline",
            Self::Search => "search",
            Self::Debug => "debug",
            Self::Next => "next",
            Self::Production => "production",
            Self::Modernise => "modernise",
            Self::Ask => "ask",
        }
    }

    /// The task of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.id() == id)
    }

    /// What it is for, in one line of the menu.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Explore => "what the data holds, what is wrong with it, what to try first",
            Self::Design => "a whole solution from the problem in words: plan, model, README",
            Self::Clean => "a stack of small repairs, each with its reason and its risk",
            Self::Label => "guidelines and a schema to label rows by",
            Self::Features => "new features, the gain of each measured inside the folds",
            Self::Train => "an estimator for this data, judged fold by fold",
            Self::Evaluate => "a report on the best run: metrics, errors, segments, comparisons",
            Self::Pipeline => "a folder of code to train, predict and watch in production",
            Self::Search => "hyperparameters, searched within a budget of time",
            Self::Debug => "what goes wrong in training, with a check and a fix for each cause",
            Self::Next => "the next experiment, from what has been tried",
            Self::Production => "a checklist for production, computed where it can be",
            Self::Modernise => "old code made new, with proof that both give the same",
            Self::Ask => "a free question about the data, the history or the code",
        }
    }

    /// What it can be told.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Explore => &[PROBLEM, KNOWLEDGE, CONSTRAINTS],
            Self::Design => &[PROBLEM, CONSTRAINTS, KNOWLEDGE, BUSINESS],
            Self::Clean => &[STRATEGY, KNOWLEDGE, CONSTRAINTS],
            Self::Label => &[TEXT, PROBLEM, KNOWLEDGE],
            Self::Features => &[CONSTRAINTS, KNOWLEDGE],
            Self::Train => &[CONSTRAINTS, KNOWLEDGE, BUSINESS],
            Self::Evaluate => &[RUN, BUSINESS, SEGMENTS, GROUP],
            Self::Pipeline => &[FRAMEWORK, CONSTRAINTS, PROBLEM],
            Self::Search => &[BUDGET, RUN, CONSTRAINTS],
            Self::Debug => &[SYMPTOMS, CURVES, RUN],
            Self::Next => &[CONSTRAINTS, BUSINESS],
            Self::Production => &[RUN, LATENCY, CONSTRAINTS, PROBLEM],
            Self::Modernise => &[LEGACY, TOLERANCE, ACCEPT],
            Self::Ask => &[RUN],
        }
    }

    /// The file that its answer holds, where it holds one.
    pub fn file(self) -> Option<(&'static str, FileKind)> {
        match self {
            Self::Explore | Self::Debug | Self::Ask => None,
            Self::Clean => Some(("clean.py", FileKind::Clean)),
            Self::Label => Some(("labels.toml", FileKind::Document)),
            Self::Features => Some(("features.py", FileKind::Features)),
            Self::Design | Self::Train | Self::Next => Some(("model.py", FileKind::Model)),
            Self::Evaluate => Some(("evaluation.toml", FileKind::Evaluation)),
            Self::Pipeline => Some(("train.py", FileKind::Pipeline)),
            Self::Search => Some(("search.py", FileKind::Search)),
            Self::Production => Some(("checklist.md", FileKind::Checklist)),
            Self::Modernise => Some(("modern.py", FileKind::Modern)),
        }
    }

    /// Whether it is about a run that is there already.
    pub fn needs_subject(self) -> bool {
        matches!(self, Self::Evaluate | Self::Production)
    }

    /// Where it stands in the guided flow, counted from zero; nothing for what stands beside it.
    pub fn stage(self) -> Option<usize> {
        match self {
            Self::Explore | Self::Design | Self::Clean | Self::Label => Some(0),
            Self::Features => Some(1),
            Self::Train | Self::Search | Self::Next => Some(2),
            Self::Evaluate => Some(3),
            Self::Production | Self::Pipeline => Some(4),
            Self::Debug | Self::Modernise | Self::Ask => None,
        }
    }
}
