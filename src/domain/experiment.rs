//! What has been tried: events as they are stored, folded into experiments.

use serde::{Deserialize, Serialize};

use crate::domain::conversation::{Head, Message};
use crate::domain::framing::Framing;
use crate::domain::hunks;
use crate::domain::known_run::Confirmation;
pub use crate::domain::known_run::{Run, class_of};
use crate::domain::run::{CodeFile, Outcome, Role, RunSpec};
use crate::domain::turn::{StopReason, Usage};
use crate::domain::verdict::Verdict;
use crate::text::RawText;

/// What was decided about a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing yet.
    Pending,
    /// Taken as it was.
    Accepted,
    /// Not taken.
    Rejected,
    /// Taken after a change.
    Edited,
}

impl Decision {
    /// The word in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Edited => "edited",
        }
    }

    /// Whether its code may run.
    pub fn allows_run(self) -> bool {
        matches!(self, Self::Accepted | Self::Edited)
    }
}

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

/// What was said in an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Talk {
    /// The experiment whose conversation goes on here, and how many of its messages are kept.
    pub follows: Option<(String, usize)>,
    /// What stands before the first message, where it is another than before.
    pub head: Option<Head>,
    /// The messages since.
    pub messages: Vec<Message>,
}

/// Something that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its name: `e1`, `e2`, …
    pub id: String,
    /// What it builds on.
    pub parent: Option<String>,
    /// Id of the task, or `baseline`, or `run`.
    pub task: String,
    /// Name of the data file.
    pub data: String,
    /// Fingerprint of the framing under which it began.
    pub frame: String,
    /// When it began, RFC 3339 UTC.
    pub created_at: String,
    /// Who was asked; nothing for what no model wrote.
    pub model: Option<String>,
    /// Name of the recording.
    pub recording: Option<String>,
    /// How the answer ended; nothing while it streams, and for what no model wrote.
    pub stop: Option<StopReason>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// Dollars; unknown where the price is, zero where nothing was asked.
    pub cost_usd: Option<f64>,
    /// What the cache saved.
    pub saved_usd: f64,
    /// Whether the cost is an estimate.
    pub is_estimate: bool,
    /// Dollars set aside until it is answered.
    pub reserved_usd: Option<f64>,
    /// The server's name of the last message.
    pub message: Option<String>,
    /// What was said in it: where it goes on from, and everything since.
    pub talk: Talk,
    /// The thinking.
    pub thinking: RawText,
    /// The answer.
    pub text: RawText,
    /// What is believed.
    pub hypothesis: Option<RawText>,
    /// What should happen.
    pub expected_effect: Option<RawText>,
    /// The files: as proposed, then as approved.
    pub files: Vec<CodeFile>,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: Option<RawText>,
    /// Every hunk with what was decided about it.
    pub hunks: Vec<hunks::Decided>,
    /// Its runs, the latest last.
    pub runs: Vec<Run>,
    /// What the task was told.
    pub settings: Vec<(String, String)>,
    /// Items of its checklist that the person has ticked, with what they noted.
    pub ticked: Vec<(String, String)>,
}

impl Experiment {
    fn new(id: &str, task: &str, data: &str, at: &str) -> Self {
        Self {
            id: id.to_owned(),
            parent: None,
            task: task.to_owned(),
            data: data.to_owned(),
            frame: String::new(),
            created_at: at.to_owned(),
            model: None,
            recording: None,
            stop: None,
            usage: None,
            cost_usd: Some(0.0),
            saved_usd: 0.0,
            is_estimate: false,
            reserved_usd: None,
            message: None,
            talk: Talk::default(),
            thinking: RawText::default(),
            text: RawText::default(),
            hypothesis: None,
            expected_effect: None,
            files: Vec::new(),
            decision: Decision::Pending,
            reason: None,
            hunks: Vec::new(),
            runs: Vec::new(),
            settings: Vec::new(),
            ticked: Vec::new(),
        }
    }

    /// What the task was told, by name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let given = self.settings.iter().rev().find(|(key, _)| key == name)?;
        Some(given.1.trim()).filter(|value| !value.is_empty())
    }

    /// Its latest run; those that only repeat it are not meant.
    pub fn run(&self) -> Option<&Run> {
        self.runs.iter().rev().find(|run| run.spec.role == Role::Own).or(self.runs.last())
    }

    /// What was rejected of it, a sentence for each hunk.
    pub fn rejected_hunks(&self) -> Vec<String> {
        self.hunks.iter().filter(|hunk| hunk.choice.is_rejected()).map(hunks::Decided::sentence).collect()
    }

    /// A short name for lists.
    pub fn title(&self) -> String {
        let first = self.hypothesis.as_ref().and_then(|text| text.expose().lines().next()).unwrap_or_default().trim();
        if first.is_empty() { self.task.clone() } else { first.to_owned() }
    }

    /// Whether the answer never ended.
    pub fn is_unanswered(&self) -> bool {
        self.model.is_some() && self.stop.is_none()
    }
}

/// The experiment that begins with a question.
fn asked(event: &Event, at: &str) -> Option<Experiment> {
    let Event::Asked {
        experiment,
        parent,
        task,
        data,
        frame,
        model,
        recording,
        follows,
        kept,
        reserved_usd,
        head,
        messages,
        settings,
        ..
    } = event
    else {
        return None;
    };
    Some(Experiment {
        settings: settings.clone(),
        parent: parent.clone(),
        frame: frame.clone(),
        model: Some(model.clone()),
        recording: Some(recording.clone()),
        cost_usd: None,
        reserved_usd: *reserved_usd,
        talk: Talk {
            follows: follows.clone().map(|follows| (follows, *kept)),
            head: head.clone(),
            messages: messages.clone(),
        },
        ..Experiment::new(experiment, task, data, at)
    })
}

/// Everything that has been tried, folded from the events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// In the order in which they began.
    pub experiments: Vec<Experiment>,
    /// The latest framing of each data file: name, hash, framing, rows sealed.
    pub framings: Vec<(String, String, Framing, u64)>,
    /// Every look at sealed rows: data file, fingerprint of the framing, run.
    pub openings: Vec<(String, String, String)>,
    /// Metrics of the user's own that were approved: file, BLAKE3.
    pub evaluators: Vec<(String, String)>,
    /// Events that a newer version wrote.
    pub n_unknown: u64,
}

impl History {
    /// Folds events in order.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Self {
        let mut history = Self::default();
        events.into_iter().for_each(|event| history.apply(event));
        history
    }

    /// The experiment of that name.
    pub fn find(&self, id: &str) -> Option<&Experiment> {
        self.experiments.iter().find(|experiment| experiment.id == id)
    }

    /// How often sealed rows of a data file were opened, under whichever framing: another cut deals out the same rows.
    pub fn n_openings(&self, data: &str) -> usize {
        self.openings.iter().filter(|(name, _, _)| name == data).count()
    }

    /// Whether rows that are sealed under this framing may have been scored on under another: somebody who frames the
    /// question anew after looking has no rows left that nobody has seen.
    pub fn was_seen(&self, data: &str, framing: &Framing) -> bool {
        let cut = |one: &Framing| {
            (one.seed, one.holdout.to_bits(), one.split, one.group.clone(), one.time.clone(), one.target.clone())
        };
        let mine = self.experiments.iter().filter(|one| one.data == data);
        mine.flat_map(|one| &one.runs)
            .any(|run| run.score().is_some() && run.spec.role == Role::Own && cut(&run.spec.framing) != cut(framing))
    }

    /// The experiment that a run belongs to, by name; the run's own name where it is not known.
    pub fn name_of_run(&self, run_id: &str) -> String {
        let owner = self.experiments.iter().find(|one| one.runs.iter().any(|run| run.spec.run_id == run_id));
        owner.map_or_else(|| run_id.to_owned(), |owner| owner.id.clone())
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Experiment> {
        self.experiments.iter_mut().rev().find(|experiment| experiment.id == id)
    }

    /// Takes one more event into account.
    pub fn apply(&mut self, stamped: &Stamped) {
        let at = stamped.at.as_str();
        match &stamped.event {
            Event::Framed { data, data_hash, framing, n_holdout } => {
                self.framings.retain(|(name, _, _, _)| name != data);
                self.framings.push((data.clone(), data_hash.clone(), framing.clone(), *n_holdout));
            }
            Event::Asked { .. } => self.experiments.extend(asked(&stamped.event, at)),
            Event::Said { experiment, messages } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.talk.messages.extend(messages.iter().cloned());
                }
            }
            Event::Brought { experiment, task, data, frame, hypothesis, files } => {
                let mut new = Experiment::new(experiment, task, data, at);
                new.frame.clone_from(frame);
                new.hypothesis = Some(hypothesis.clone());
                new.files.clone_from(files);
                new.decision = Decision::Accepted;
                self.experiments.push(new);
            }
            Event::Answered {
                experiment,
                stop,
                usage,
                cost_usd,
                saved_usd,
                is_estimate,
                message,
                thinking,
                text,
                hypothesis,
                expected_effect,
                files,
            } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.stop = Some(stop.clone());
                    known.usage = Some(*usage);
                    known.cost_usd = *cost_usd;
                    known.saved_usd = *saved_usd;
                    known.is_estimate = *is_estimate;
                    known.message.clone_from(message);
                    known.thinking = thinking.clone();
                    known.text = text.clone();
                    known.hypothesis.clone_from(hypothesis);
                    known.expected_effect.clone_from(expected_effect);
                    known.files.clone_from(files);
                }
            }
            Event::Ticked { experiment, item, done, note } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.ticked.retain(|(other, _)| other != item);
                    if *done {
                        known.ticked.push((item.clone(), note.clone()));
                    }
                }
            }
            Event::Decided { experiment, decision, reason, files, hunks } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.decision = *decision;
                    known.reason.clone_from(reason);
                    known.hunks.clone_from(hunks);
                    if !files.is_empty() {
                        known.files.clone_from(files);
                    }
                }
            }
            Event::RunStarted { experiment, spec } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.runs.push(Run::begun((**spec).clone()));
                }
            }
            Event::HoldoutOpened { run_id, data, frame, .. } => {
                self.openings.push((data.clone(), frame.clone(), run_id.clone()));
            }
            Event::EvaluatorApproved { path, hash } => self.evaluators.push((path.clone(), hash.clone())),
            Event::Confirmed { experiment, run_id, confirmation } => {
                let known = self.find_mut(experiment);
                if let Some(run) = known.and_then(|known| known.runs.iter_mut().find(|run| run.spec.run_id == *run_id))
                {
                    run.confirmation = Some((**confirmation).clone());
                }
            }
            Event::RunFinished { experiment, run_id, outcome, verdict } => {
                let known = self.find_mut(experiment);
                if let Some(run) = known.and_then(|known| known.runs.iter_mut().find(|run| run.spec.run_id == *run_id))
                {
                    run.outcome = Some((**outcome).clone());
                    run.verdict = Some((**verdict).clone());
                }
            }
        }
    }
}
