//! Everything that belongs to one open data set, and the steps that both the workbench and the command line take with it.

mod recovery;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::before::{self, Look, Premise};
use crate::domain::environment::Kind;
use crate::domain::experiment::{Decision, Event, History, Stamped};
use crate::domain::failure::Failure;
use crate::domain::framing::{self, Framing, Proposal};
use crate::domain::hunks::Decided;
use crate::domain::known::Known;
use crate::domain::left_out;
use crate::domain::money::{Bill, Spent};
use crate::domain::profile::Profile;
use crate::domain::run::{self, CodeFile, FileKind, Interpreter, Level, Outcome, Role, RunSpec};
use crate::domain::run_event::RunEvent;
use crate::domain::suggestion::Suggestion;
use crate::domain::turn::Turn;
use crate::domain::verdict::Verdict;
use crate::domain::warning;
use crate::effects::data::{self, Table};
use crate::effects::environment::Made;
use crate::effects::executor::folds::Folds;
use crate::effects::project::Project;
use crate::effects::runs::{self, Also, NewRun};
use crate::effects::store::Store;
use crate::effects::world::World;
use crate::effects::{confirm, environment, follow, own_metric, python};
use crate::safe;
use crate::text::{RawText, SafeText, figure};

/// An open data set with its project.
#[derive(Debug)]
pub struct Session {
    /// The program.
    pub world: Arc<World>,
    /// Where it lies.
    pub project: Project,
    /// The data.
    pub table: Arc<Table>,
    store: Mutex<Option<Store>>,
    known: Mutex<Option<Known>>,
    observer: Option<mpsc::UnboundedSender<Stamped>>,
    /// Runs that are followed here, each with its lock.
    followed: Mutex<HashMap<String, File>>,
}

/// What a run needs beside its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The interpreter.
    pub python: Interpreter,
    /// How well the code is confined.
    pub level: Level,
    /// What sets the run apart, where it is not made to be judged.
    pub also: Also,
    /// The environment that the interpreter is of.
    pub made: Made,
}

/// From this likeness on (Jaro–Winkler, 0 to 1) a name is taken for one that was mistyped.
const NEAR: f64 = 0.84;

impl Session {
    /// Opens a data set. Nothing is written.
    pub fn open(world: Arc<World>, path: &Path) -> Result<Self, Failure> {
        let table = Table::open(path)?;
        let project = Project::of(path)?;
        Ok(Self {
            world,
            project,
            table: Arc::new(table),
            store: Mutex::new(None),
            known: Mutex::new(None),
            observer: None,
            followed: Mutex::default(),
        })
    }

    /// Tells `observer` every event that is written from now on.
    #[must_use]
    pub fn observed_by(mut self, observer: mpsc::UnboundedSender<Stamped>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Profiles every column and looks for what is wrong; `target` may be given by name.
    pub fn know(&self, target: Option<&str>, cancel: &CancellationToken) -> Result<Known, Failure> {
        self.table.count(cancel, &mut |_| {})?;
        let profile = data::profile::profile(&self.table, cancel, &mut |_, _| {})?;
        self.know_target(profile, target, cancel)
    }

    /// What a profile says about a target; without one, about the likeliest.
    pub fn know_target(
        &self,
        profile: Profile,
        target: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Known, Failure> {
        let idx = match target {
            Some(name) => Some(self.column(&profile, name)?),
            None => framing::guess_target(&profile).map(|(idx, _)| idx),
        };
        let facts = data::facts::facts(&self.table, &profile, idx, cancel)?;
        let warnings = warning::find(&profile, &facts);
        let known = Known { profile, facts, warnings, own_metrics: own_metric::choices(&self.project) };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// What was found out last, where the data was profiled in this session.
    pub fn last_known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The index of a column by its name; where there is none, names that come near are told.
    pub fn column(&self, profile: &Profile, name: &str) -> Result<usize, Failure> {
        profile.columns.iter().position(|column| column.name.expose() == name).ok_or_else(|| {
            let likeness = |other: &str| strsim::jaro_winkler(&other.to_lowercase(), &name.to_lowercase());
            let mut near: Vec<(f64, &str)> = profile
                .columns
                .iter()
                .map(|column| column.name.expose())
                .map(|other| (likeness(other), other))
                .collect();
            near.retain(|(likeness, _)| *likeness >= NEAR);
            near.sort_by(|a, b| b.0.total_cmp(&a.0));
            let near: Vec<&str> = near.into_iter().take(3).map(|(_, other)| other).collect();
            let next = match near.as_slice() {
                [] => safe!("rationale profile lists its columns"),
                [one] => safe!("did you mean {one}?"),
                several => safe!("did you mean one of {}?", several.join(", ")),
            };
            Failure::input(safe!("{}", self.table.source.label), safe!("it has no column {name}"), next)
        })
    }

    /// Proposes a framing for the target that `known` is about.
    pub fn propose(&self, known: &Known, was_named: bool) -> Result<Proposal, Failure> {
        let Some(target) = known.facts.target else {
            return Err(Failure::input(
                safe!("{}", self.table.source.label),
                safe!("no column looks like something to predict"),
                safe!("name one with --target"),
            ));
        };
        let why = if was_named {
            SafeText::from("you named it")
        } else {
            framing::guess_target(&known.profile).map(|(_, why)| why).unwrap_or_default()
        };
        framing::propose(&known.profile, &known.facts, &known.warnings, target, why)
    }

    /// Checks a framing that was written down before against the data of today.
    pub fn check_framing(&self, framing: &Framing, profile: &Profile) -> Result<(), Failure> {
        self.check_names(framing)?;
        if let Some(column) = profile.column(framing.target.expose()) {
            framing::problem_of(column)?;
        }
        Ok(())
    }

    /// Checks that every column that a framing names is there.
    pub fn check_names(&self, framing: &Framing) -> Result<(), Failure> {
        let named = std::iter::once(&framing.target).chain(&framing.group).chain(&framing.time).chain(&framing.exclude);
        for name in named {
            if !self.table.source.columns.iter().any(|column| column.name == *name) {
                return Err(Failure::input(
                    safe!("{}", super::project::FILE),
                    safe!("it names the column {}, which {} does not have", name.expose(), self.table.source.label),
                    safe!("mend the file, or remove the entry to be asked anew"),
                ));
            }
        }
        Ok(())
    }

    /// Runs `act` with the history, which is opened on first use.
    fn with_store<T>(&self, act: impl FnOnce(&mut Store) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut guard = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            self.project.make_state()?;
            *guard = Some(Store::open(&self.project.state)?);
        }
        guard
            .as_mut()
            .map_or_else(|| Err(Failure::work(safe!("the history"), safe!("it is not open"), safe!("try again"))), act)
    }

    /// Writes one event; when this returns, it is on disk.
    pub fn record(&self, event: Event) -> Result<Stamped, Failure> {
        let stamped = self.with_store(|store| store.append(event))?;
        self.observe(&stamped);
        Ok(stamped)
    }

    fn observe(&self, stamped: &Stamped) {
        if let Some(observer) = &self.observer {
            let _ = observer.send(stamped.clone());
        }
    }

    /// Writes the event that begins an experiment under the next free name.
    pub fn begin(&self, make: impl FnOnce(String) -> Event) -> Result<Stamped, Failure> {
        let stamped = self.with_store(|store| store.begin(make))?;
        self.observe(&stamped);
        Ok(stamped)
    }

    /// As [`Session::begin`], for a question that may cost `most` US dollars where `limit` are left of the cap. What other
    /// instances have set aside or spent meanwhile counts; they can't do so between the look and the writing.
    pub fn begin_within(
        &self,
        limit: Option<f64>,
        most: Option<f64>,
        make: impl FnOnce(String) -> Event,
    ) -> Result<Stamped, Failure> {
        let check = |events: &[Stamped]| match (limit, most, self.project.framing().ok().flatten()) {
            (Some(_), Some(most), Some(framing)) if most > 0.0 => {
                let spent = Spent::of(&History::from_events(events), "");
                if spent.committed() + most > framing.cap_usd {
                    return Err(Failure::input(
                        safe!("the spending cap"),
                        safe!(
                            "{} of {} are spent or set aside",
                            figure::dollars(Some(spent.committed())),
                            figure::dollars(Some(framing.cap_usd))
                        ),
                        safe!("ask again to look at the price, or raise cap_usd in rationale.toml"),
                    ));
                }
                Ok(())
            }
            _ => Ok(()),
        };
        let stamped = self.with_store(|store| store.begin_if(check, make))?;
        self.observe(&stamped);
        Ok(stamped)
    }

    /// Every event so far. Where nothing was ever written, nothing is made.
    pub fn events(&self) -> Result<(Vec<Stamped>, u64), Failure> {
        if !self.project.state.join("history.sqlite").exists() {
            return Ok((Vec::new(), 0));
        }
        self.with_store(|store| store.load())
    }

    /// The events after one, by its number. Where nothing was ever written, nothing is made.
    pub fn events_after(&self, seq: u64) -> Result<Vec<Stamped>, Failure> {
        if !self.project.state.join("history.sqlite").exists() {
            return Ok(Vec::new());
        }
        self.with_store(|store| store.load_after(seq))
    }

    /// The history folded into experiments.
    pub fn history(&self) -> Result<History, Failure> {
        let (events, n_unknown) = self.events()?;
        let mut history = History::from_events(&events);
        history.n_unknown = n_unknown;
        Ok(history)
    }

    /// Writes the framing down, seals the holdout, and remembers both. Returns how many rows are sealed, and where the framing
    /// is a new one what it makes of rows that were seen before.
    pub fn frame(&self, framing: &Framing, profile: &Profile) -> Result<(u64, Option<SafeText>), Failure> {
        self.project.make_state()?;
        let folds = Folds::of_table(&self.table, framing).map_err(|error| {
            Failure::input(safe!("{}", self.table.source.label), safe!("{error:#}"), safe!("change the framing"))
        })?;
        for fold in 0..framing.folds * framing.repeats.max(1) {
            if folds.valid_rows(fold).is_empty() || folds.n_train(fold) == 0 {
                return Err(Failure::input(
                    safe!("{}", self.table.source.label),
                    safe!("with {} folds, fold {} has no rows", framing.folds, fold + 1),
                    safe!("use fewer folds, or another split"),
                ));
            }
        }
        let n_holdout = folds.holdout_rows().len() as u64;
        let known = self.history()?;
        let is_new = !known.framings.iter().any(|(name, hash, old, _)| {
            *name == self.project.data_name && *hash == profile.data_hash && old == framing
        });
        self.project.save_framing(framing)?;
        let mut seen = None;
        if is_new {
            seen = known.seen_before(&self.project.data_name, framing).map(|said| safe!("{said}"));
            self.record(Event::Framed {
                data: self.project.data_name.clone(),
                data_hash: profile.data_hash.clone(),
                framing: framing.clone(),
                n_holdout,
            })?;
        }
        Ok((n_holdout, seen))
    }

    /// Remembers a decision. Files are those that were approved, byte for byte.
    pub fn decide(
        &self,
        experiment: &str,
        decision: Decision,
        reason: Option<String>,
        files: &[CodeFile],
        hunks: Vec<Decided>,
    ) -> Result<Stamped, Failure> {
        if matches!(decision, Decision::Accepted | Decision::Edited) {
            follow::keep_files(&self.project, experiment, files)?;
        }
        let stamped = self.record(Event::Decided {
            experiment: experiment.to_owned(),
            decision,
            reason: reason.filter(|reason| !reason.trim().is_empty()).map(RawText::new),
            files: files.to_vec(),
            hunks,
        })?;
        follow::document(self);
        Ok(stamped)
    }

    /// Remembers that an acceptance was taken back, and removes what was laid down with it.
    pub fn take_back(&self, experiment: &str, files: Vec<CodeFile>) -> Result<Stamped, Failure> {
        let accepted = self.history()?.find(experiment).map(|known| known.files.clone()).unwrap_or_default();
        let stamped = self.record(Event::TakenBack { experiment: experiment.to_owned(), files })?;
        follow::remove_files(&self.project, experiment, &accepted);
        follow::document(self);
        Ok(stamped)
    }

    /// Remembers that an item of a checklist is done, or is not.
    pub fn tick(&self, experiment: &str, item: String, done: bool, note: String) -> Result<Stamped, Failure> {
        let stamped = self.record(Event::Ticked { experiment: experiment.to_owned(), item, done, note })?;
        follow::document(self);
        Ok(stamped)
    }

    /// What a run of these files needs before anything is remembered of it: an interpreter and a sandbox.
    pub fn make_ready(&self, files: &[CodeFile], tell: &mut dyn FnMut(&str)) -> Result<Ready, Failure> {
        let level = self.world.config.allowed_level(&self.world.sandbox())?;
        let (python, made) = environment::make_ready(self, files, tell)?;
        Ok(Ready { python, level, also: Also::default(), made })
    }

    /// What code runs in.
    pub fn environment(&self) -> Result<Kind, Failure> {
        environment::kind(&self.world, &self.project)
    }

    /// Packages that matter of the interpreter that will run accepted code, as far as that can be known without making
    /// anything.
    pub fn packages(&self) -> std::collections::BTreeMap<String, String> {
        match self.environment() {
            Ok(Kind::Interpreter) => python::present(&self.world.config, &self.project.folder)
                .map(|(interpreter, _)| interpreter.packages)
                .unwrap_or_default(),
            Ok(Kind::Project) => {
                python::ready_venv(&self.project.state).map_or_else(python::pinned, |interpreter| interpreter.packages)
            }
            Ok(Kind::Isolated) | Err(_) => python::pinned(),
        }
    }

    /// Prepares a run and remembers that it is about to start. The process does not exist yet.
    pub fn prepare_run(
        &self,
        experiment: &str,
        framing: &Framing,
        data_hash: &str,
        files: &[CodeFile],
        ready: Ready,
    ) -> Result<RunSpec, Failure> {
        let Ready { python, level, also, made } = ready;
        let history = self.history()?;
        let settings = history.find(experiment).map(|one| one.settings.clone()).unwrap_or_default();
        let kind = files.first().map(|file| file.kind);
        let about = match kind {
            Some(FileKind::Evaluation | FileKind::Checklist) => follow::about(&history, framing, data_hash, &settings)?,
            _ => None,
        };
        let mut files = files.to_vec();
        if kind == Some(FileKind::Modern) {
            files.push(follow::legacy(&self.project, &settings)?);
        }
        let mut limits = self.world.config.limits;
        if let Some(seconds) = self.project.timeout_s()?.filter(|_| !self.world.config.has_timeout) {
            limits.wall_s = seconds;
        }
        let question = Premise::of(framing, self.last_known().as_ref(), &self.project.data_name);
        let before = match also.role {
            Role::Own => {
                let coming = before::Coming { experiment, files: &files, network: also.network };
                before::look(&history, coming, |file| question.notes(file))
            }
            _ => Vec::new(),
        };
        let new = NewRun {
            before: before.iter().map(Look::sentence).collect(),
            left_out: left_out::of(framing, self.last_known().as_ref()),
            experiment,
            data_hash,
            framing,
            files: &files,
            python,
            made,
            level,
            limits,
            about,
            settings: &settings,
            also,
            history: &history,
            own_metric: own_metric::approved(&self.project, &history, framing)?,
        };
        let spec = runs::lay_out(&self.project, &new)?;
        self.begin_to_follow(&spec.run_id);
        self.record(Event::RunStarted { experiment: experiment.to_owned(), spec: Box::new(spec.clone()) })?;
        Ok(spec)
    }

    /// Executes a prepared run, judges it, and remembers both.
    pub async fn run(
        &self,
        spec: &RunSpec,
        events: &mpsc::Sender<RunEvent>,
        cancel: &CancellationToken,
    ) -> Result<(Outcome, Verdict), Failure> {
        let outcome = runs::execute(&self.project, spec, events, cancel).await;
        self.finish(spec, outcome, events, cancel).await
    }

    /// Follows a run that went on without us to its end; nothing where another instance does.
    pub async fn attach(
        &self,
        spec: &RunSpec,
        events: &mpsc::Sender<RunEvent>,
        cancel: &CancellationToken,
    ) -> Result<Option<(Outcome, Verdict)>, Failure> {
        if !self.begin_to_follow(&spec.run_id) {
            return Ok(None);
        }
        match runs::attach(&self.project, &spec.run_id, events, cancel).await {
            Some(outcome) => self.finish(spec, outcome, events, cancel).await.map(Some),
            None => {
                self.lock_followed().remove(&spec.run_id);
                Ok(None)
            }
        }
    }

    async fn finish(
        &self,
        spec: &RunSpec,
        mut outcome: Outcome,
        events: &mpsc::Sender<RunEvent>,
        cancel: &CancellationToken,
    ) -> Result<(Outcome, Verdict), Failure> {
        follow::complete(self, spec, &mut outcome)?;
        let verdict = self.conclude(spec, outcome.clone())?;
        if spec.role == Role::Own && outcome.duration_s <= confirm::AT_ONCE_S {
            confirm::confirm(self, spec, &outcome, &verdict, confirm::Line { events, cancel }).await?;
        }
        Ok((outcome, verdict))
    }

    pub(super) fn conclude(&self, spec: &RunSpec, outcome: Outcome) -> Result<Verdict, Failure> {
        // Given up when this is written, or could not be.
        let _lock = self.lock_followed().remove(&spec.run_id);
        let history = self.history()?;
        let runs = history.experiments.iter().flat_map(|experiment| &experiment.runs);
        let known = runs.rev().find(|run| run.spec.run_id == spec.run_id);
        if let Some(verdict) = known.filter(|run| run.outcome.is_some()).and_then(|run| run.verdict.clone()) {
            return Ok(verdict); // another instance was faster
        }
        let verdict = history.judge(spec, &outcome);
        self.record(Event::RunFinished {
            experiment: spec.experiment.clone(),
            run_id: spec.run_id.clone(),
            outcome: Box::new(outcome),
            verdict: Box::new(verdict.clone()),
        })?;
        follow::document(self);
        Ok(verdict)
    }

    /// Remembers a solution that no model wrote.
    pub fn bring(&self, task: &str, framing: &Framing, hypothesis: &str, file: CodeFile) -> Result<String, Failure> {
        let stamped = self.begin(|experiment| Event::Brought {
            experiment,
            task: task.to_owned(),
            data: self.project.data_name.clone(),
            frame: framing.fingerprint(),
            hypothesis: RawText::new(hypothesis),
            files: vec![file],
        })?;
        Ok(stamped.event.experiment().unwrap_or_default().to_owned())
    }

    /// The folder of a run.
    pub fn run_folder(&self, run_id: &str) -> PathBuf {
        runs::folder(&self.project, run_id)
    }

    /// Baselines that have not been run on these folds yet: name, file.
    pub fn missing_baselines(
        &self,
        framing: &Framing,
        data_hash: &str,
    ) -> Result<Vec<(&'static str, CodeFile)>, Failure> {
        let history = self.history()?;
        let own = own_metric::approved(&self.project, &history, framing)?;
        let evaluator = crate::effects::executor::evaluator_hash(own.as_ref().map(|own| &own.version));
        let is_done = |code_hash: &str| {
            history.experiments.iter().flat_map(|experiment| &experiment.runs).any(|run| {
                run.spec.code_hash == code_hash
                    && run.spec.data_hash == data_hash
                    && run.spec.evaluator_hash == evaluator
                    && run.spec.framing.fingerprint() == framing.fingerprint()
                    && run.spec.framing.exclude == framing.exclude
                    && run.score().is_some()
            })
        };
        let all = crate::domain::baseline::all(framing.problem);
        Ok(all
            .into_iter()
            .map(|(name, path, code)| {
                (name, CodeFile { path: path.to_owned(), kind: run::FileKind::Model, code: RawText::new(code) })
            })
            .filter(|(_, file)| !is_done(&file.hash()))
            .collect())
    }
}

/// The event that an answer has ended.
pub fn answered(experiment: &str, turn: &Turn, suggestion: &Suggestion, bill: Bill) -> Event {
    Event::Answered {
        experiment: experiment.to_owned(),
        stop: turn.stop.clone(),
        usage: turn.usage,
        cost_usd: bill.usd,
        saved_usd: bill.saved_usd,
        is_estimate: bill.is_estimate,
        message: Some(turn.id.clone()).filter(|id| !id.is_empty()),
        thinking: RawText::new(turn.thinking()),
        text: suggestion.text.clone(),
        hypothesis: suggestion.hypothesis.clone(),
        expected_effect: suggestion.expected_effect.clone(),
        files: suggestion.files.clone(),
    }
}
