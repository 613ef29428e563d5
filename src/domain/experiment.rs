//! What has been tried: events folded into experiments.

use serde::{Deserialize, Serialize};

use crate::domain::conversation::{Head, Message};
pub use crate::domain::event::{Event, Stamped};
use crate::domain::framing::Framing;
use crate::domain::hunks;
pub use crate::domain::known_run::{Run, class_of};
use crate::domain::openings::Opening;
use crate::domain::run::{CodeFile, Outcome, Role};
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
    /// When an acceptance of it was taken back, RFC 3339 UTC, where nothing was decided since.
    pub taken_back_at: Option<String>,
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
            taken_back_at: None,
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

    /// Its acceptance was taken back, and these files are under review again.
    fn take_back(&mut self, files: &[CodeFile], at: &str) {
        self.decision = Decision::Pending;
        self.taken_back_at = Some(at.to_owned());
        self.reason = None;
        self.hunks.clear();
        self.files = files.to_vec();
    }

    /// What was decided, in a word or two; an acceptance that was taken back is told from what nobody has decided yet.
    pub fn decision_words(&self) -> &'static str {
        if self.taken_back_at.is_some() { "taken back" } else { self.decision.word() }
    }

    /// Whether its latest run may use, or could use, the network.
    pub fn has_network(&self) -> bool {
        self.run().is_some_and(|run| run.spec.network)
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
    /// Every look at sealed rows, the first first.
    pub openings: Vec<Opening>,
    /// Metrics of the user's own that were approved: file, BLAKE3.
    pub evaluators: Vec<(String, String)>,
    /// Events that a newer version wrote.
    pub n_unknown: u64,
    /// Number of the last event.
    pub last_seq: u64,
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
        self.last_seq = self.last_seq.max(stamped.seq);
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
                    known.taken_back_at = None;
                    known.reason.clone_from(reason);
                    known.hunks.clone_from(hunks);
                    if !files.is_empty() {
                        known.files.clone_from(files);
                    }
                }
            }
            Event::TakenBack { experiment, files } => {
                if let Some(known) = self.find_mut(experiment) {
                    known.take_back(files, at);
                }
            }
            Event::RunStarted { experiment, spec } => {
                self.note_look(experiment, spec);
                if let Some(known) = self.find_mut(experiment) {
                    known.runs.push(Run::begun((**spec).clone()));
                }
            }
            Event::HoldoutOpened { .. } => self.openings.extend(Opening::of(self, &stamped.event, at)),
            Event::EvaluatorApproved { path, hash } => self.evaluators.push((path.clone(), hash.clone())),
            Event::Confirmed { experiment, run_id, confirmation } => {
                let known = self.find_mut(experiment);
                if let Some(run) = known.and_then(|known| known.runs.iter_mut().find(|run| run.spec.run_id == *run_id))
                {
                    run.confirmation = Some((**confirmation).clone());
                }
            }
            Event::RunFinished { experiment, run_id, outcome, verdict } => {
                self.conclude((experiment, run_id), (**outcome).clone(), (**verdict).clone());
            }
        }
    }

    /// A run has ended: its experiment and its name.
    pub fn conclude(&mut self, (experiment, run_id): (&str, &str), outcome: Outcome, verdict: Verdict) {
        let known = self.find_mut(experiment);
        if let Some(run) = known.and_then(|known| known.runs.iter_mut().find(|run| run.spec.run_id == run_id)) {
            (run.outcome, run.verdict) = (Some(outcome), Some(verdict));
        }
    }
}
