//! What happened: events as they are stored, the truth from which every list is folded.

use serde::{Deserialize, Serialize};

use crate::domain::conversation::{Head, Message};
use crate::domain::experiment::Decision;
use crate::domain::framing::Framing;
use crate::domain::hunks;
use crate::domain::known_run::Confirmation;
use crate::domain::run::{CodeFile, Outcome, RunSpec};
use crate::domain::turn::{StopReason, Usage};
use crate::domain::verdict::Verdict;
use crate::text::RawText;

/// One thing that happened. Stored as it is; a field may be added, none may change its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The question was fixed and the holdout sealed.
    Framed {
        /// Name of the data file.
        data: String,
        /// BLAKE3 of its bytes.
        data_hash: String,
        /// The question.
        framing: Framing,
        /// Rows sealed away.
        n_holdout: u64,
    },
    /// A model is about to be asked.
    Asked {
        /// The experiment that begins here.
        experiment: String,
        /// The experiment that it builds on.
        parent: Option<String>,
        /// Id of the task.
        task: String,
        /// Name of the data file.
        data: String,
        /// Fingerprint of the framing.
        #[serde(default)]
        frame: String,
        /// Name of the endpoint.
        endpoint: String,
        /// Id of the model.
        model: String,
        /// BLAKE3 of the request.
        request_hash: String,
        /// Name of the recording of the stream.
        recording: String,
        /// The experiment whose conversation goes on.
        #[serde(default)]
        follows: Option<String>,
        /// How many messages of that conversation are kept as they were.
        #[serde(default)]
        kept: usize,
        /// Dollars set aside until the answer is billed.
        #[serde(default)]
        reserved_usd: Option<f64>,
        /// What stands before the first message; nothing where it is that of the conversation that goes on.
        #[serde(default)]
        head: Option<Head>,
        /// What is said, behind the messages that are kept.
        #[serde(default)]
        messages: Vec<Message>,
        /// What the task was told.
        #[serde(default)]
        settings: Vec<(String, String)>,
    },
    /// More was said in the conversation of an experiment: answers of the model, results of tools.
    Said {
        /// The experiment.
        experiment: String,
        /// The messages, byte for byte.
        messages: Vec<Message>,
    },
    /// An answer ended, whole or not.
    Answered {
        /// The experiment.
        experiment: String,
        /// Why it ended.
        stop: StopReason,
        /// What it used.
        usage: Usage,
        /// What that cost in US dollars.
        cost_usd: Option<f64>,
        /// What the cache saved.
        #[serde(default)]
        saved_usd: f64,
        /// Whether the cost was worked out from what came, since the answer broke off.
        #[serde(default)]
        is_estimate: bool,
        /// The server's name of the last message.
        #[serde(default)]
        message: Option<String>,
        /// The thinking, as it came.
        thinking: RawText,
        /// The answer, as it came.
        text: RawText,
        /// What is believed.
        hypothesis: Option<RawText>,
        /// What should happen.
        expected_effect: Option<RawText>,
        /// The proposed files.
        files: Vec<CodeFile>,
    },
    /// A solution that no model wrote: a baseline, or a file of the user's.
    Brought {
        /// The experiment that begins here.
        experiment: String,
        /// `baseline` or `run`.
        task: String,
        /// Name of the data file.
        data: String,
        /// Fingerprint of the framing.
        #[serde(default)]
        frame: String,
        /// What it is.
        hypothesis: RawText,
        /// Its files.
        files: Vec<CodeFile>,
    },
    /// A person ticked an item of a checklist, or took the tick back.
    Ticked {
        /// The experiment.
        experiment: String,
        /// The item, in its own words.
        item: String,
        /// Whether it is done.
        done: bool,
        /// What they noted.
        note: String,
    },
    /// A person decided.
    Decided {
        /// The experiment.
        experiment: String,
        /// What.
        decision: Decision,
        /// Why.
        reason: Option<RawText>,
        /// The files as they were approved; empty where nothing was.
        files: Vec<CodeFile>,
        /// Every hunk with what was decided about it, where the version before was another.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hunks: Vec<hunks::Decided>,
    },
    /// A person took an acceptance back, and nothing that was accepted before stands in its place.
    TakenBack {
        /// The experiment.
        experiment: String,
        /// The files as they are under review now.
        files: Vec<CodeFile>,
    },
    /// The sealed rows are about to be looked at. Written before it is done, and never taken back.
    HoldoutOpened {
        /// The experiment whose run is judged on them.
        experiment: String,
        /// That run.
        run_id: String,
        /// Name of the data file.
        data: String,
        /// Fingerprint of the framing under which they were sealed.
        frame: String,
        /// How often they had been opened before.
        n_before: u64,
    },
    /// A metric of the user's own was looked at and approved.
    EvaluatorApproved {
        /// Its file.
        path: String,
        /// BLAKE3 of its bytes.
        hash: String,
    },
    /// What came of looking at a run again before it may be called the best.
    Confirmed {
        /// The experiment.
        experiment: String,
        /// The run.
        run_id: String,
        /// What was looked at.
        confirmation: Box<Confirmation>,
    },
    /// A run is about to start.
    RunStarted {
        /// The experiment.
        experiment: String,
        /// Everything that decides what it does.
        spec: Box<RunSpec>,
    },
    /// A run ended.
    RunFinished {
        /// The experiment.
        experiment: String,
        /// The run.
        run_id: String,
        /// What it gave.
        outcome: Box<Outcome>,
        /// What that says against the best so far.
        verdict: Box<Verdict>,
    },
}

impl Event {
    /// The word by which it is stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Framed { .. } => "framed",
            Self::Asked { .. } => "asked",
            Self::Said { .. } => "said",
            Self::Answered { .. } => "answered",
            Self::Brought { .. } => "brought",
            Self::Decided { .. } => "decided",
            Self::TakenBack { .. } => "taken_back",
            Self::Ticked { .. } => "ticked",
            Self::HoldoutOpened { .. } => "holdout_opened",
            Self::EvaluatorApproved { .. } => "evaluator_approved",
            Self::Confirmed { .. } => "confirmed",
            Self::RunStarted { .. } => "run_started",
            Self::RunFinished { .. } => "run_finished",
        }
    }

    /// The experiment it belongs to.
    pub fn experiment(&self) -> Option<&str> {
        match self {
            Self::Framed { .. } | Self::EvaluatorApproved { .. } => None,
            Self::Asked { experiment, .. }
            | Self::Said { experiment, .. }
            | Self::Answered { experiment, .. }
            | Self::Brought { experiment, .. }
            | Self::Decided { experiment, .. }
            | Self::TakenBack { experiment, .. }
            | Self::Ticked { experiment, .. }
            | Self::HoldoutOpened { experiment, .. }
            | Self::Confirmed { experiment, .. }
            | Self::RunStarted { experiment, .. }
            | Self::RunFinished { experiment, .. } => Some(experiment),
        }
    }
}

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    /// Its place: gapless, ascending.
    pub seq: u64,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// What.
    pub event: Event,
}
