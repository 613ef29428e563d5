//! Effects → tasks. The one place that spawns, and the owner of every token.

mod looking;
mod running;
mod watching;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::running::{attach, baselines, lacks, look_again, run};
use crate::app::dataset::PAGE_ROWS;
use crate::app::effect::Job;
use crate::app::jobs::JobId;
use crate::app::msg::{JobEvent, Msg, Offer};
use crate::app::replay::Recording;
use crate::domain::endpoint::Endpoint;
use crate::domain::experiment::Stamped;
use crate::domain::failure::Failure;
use crate::domain::framing::Framing;
use crate::domain::known::Known;
use crate::domain::run::Role;
use crate::effects::api::Update;
use crate::effects::asking::Desk as Asking;
use crate::effects::sandbox::own_program;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::effects::{demo, figures, recent, recording, tape};
use crate::effects::{environment, errors, own_metric, runs};
use crate::safe;

/// A job's only way back to the model. It can neither forget nor forge the id.
#[derive(Clone, Debug)]
struct Reporter {
    id: JobId,
    inbox: mpsc::Sender<Msg>,
    desk: Arc<Desk>,
}

impl Reporter {
    /// Waits while the inbox is full: that is what slows a fast stream down. What was written to the history goes first.
    async fn send(&self, event: JobEvent) {
        for stamped in self.desk.take_recorded() {
            let _ = self.inbox.send(Msg::Recorded(Box::new(stamped))).await;
        }
        // The inbox closes only when the program is leaving.
        let _ = self.inbox.send(Msg::Job { id: self.id, event }).await;
    }

    /// As [`Reporter::send`], from a thread that may wait.
    fn send_blocking(&self, event: JobEvent) {
        for stamped in self.desk.take_recorded() {
            let _ = self.inbox.blocking_send(Msg::Recorded(Box::new(stamped)));
        }
        let _ = self.inbox.blocking_send(Msg::Job { id: self.id, event });
    }
}

/// What jobs share: the open data set, and what is known of it.
#[derive(Debug)]
struct Desk {
    session: Mutex<Option<Arc<Session>>>,
    known: Mutex<Option<Known>>,
    framing: Mutex<Option<Framing>>,
    recorded: Mutex<mpsc::UnboundedReceiver<Stamped>>,
    observer: mpsc::UnboundedSender<Stamped>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    fn new() -> Self {
        let (observer, recorded) = mpsc::unbounded_channel();
        Self {
            session: Mutex::new(None),
            known: Mutex::new(None),
            framing: Mutex::new(None),
            recorded: Mutex::new(recorded),
            observer,
        }
    }

    fn take_recorded(&self) -> Vec<Stamped> {
        let mut recorded = lock(&self.recorded);
        std::iter::from_fn(|| recorded.try_recv().ok()).collect()
    }

    fn session(&self) -> Result<Arc<Session>, Failure> {
        lock(&self.session)
            .clone()
            .ok_or_else(|| Failure::input(safe!("the data set"), safe!("none is open"), safe!("open one first")))
    }

    fn known(&self) -> Result<Known, Failure> {
        lock(&self.known).clone().ok_or_else(|| {
            Failure::input(safe!("the data set"), safe!("it has not been profiled yet"), safe!("wait a moment"))
        })
    }

    fn framing(&self) -> Result<Framing, Failure> {
        lock(&self.framing)
            .clone()
            .ok_or_else(|| Failure::input(safe!("the question"), safe!("it is not framed yet"), safe!("press F")))
    }
}

#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Whether what it started goes on when the workbench is left.
    outlives: bool,
}

/// Starts jobs and ends them.
#[derive(Debug)]
pub struct Interpreter {
    world: Arc<World>,
    desk: Arc<Desk>,
    inbox: mpsc::Sender<Msg>,
    running: HashMap<JobId, Running>,
}

impl Interpreter {
    /// An interpreter whose jobs report into `inbox`.
    pub fn new(world: Arc<World>, inbox: mpsc::Sender<Msg>) -> Self {
        Self { world, desk: Arc::new(Desk::new()), inbox, running: HashMap::new() }
    }

    /// Begins a job.
    pub fn start(&mut self, id: JobId, job: Job) {
        self.running.retain(|_, running| !running.task.is_finished());
        let stop = CancellationToken::new();
        let reporter = Reporter { id, inbox: self.inbox.clone(), desk: Arc::clone(&self.desk) };
        let (world, desk, token) = (Arc::clone(&self.world), Arc::clone(&self.desk), stop.clone());
        let outlives = matches!(
            job,
            Job::Run { .. } | Job::Quick { .. } | Job::Baselines | Job::Again { .. } | Job::Attach { .. }
        );
        let task = tokio::spawn(async move {
            let work = tokio::spawn(perform(world, desk, job, reporter.clone(), token));
            // A job that panics has a last event too.
            let last = match work.await {
                Ok(Ok(event)) => event,
                Ok(Err(failure)) => JobEvent::Failed(failure),
                Err(error) => JobEvent::Failed(Failure::work(
                    safe!("an error inside rationale"),
                    safe!("{error}"),
                    safe!("report it with the log"),
                )),
            };
            reporter.send(last).await;
        });
        self.running.insert(id, Running { stop, task, outlives });
    }

    /// Asks a job to come to its end.
    pub fn stop(&mut self, id: JobId) {
        if let Some(running) = self.running.get(&id) {
            running.stop.cancel();
        }
    }

    /// Ends a job; its reports are dropped by the core.
    pub fn cancel(&mut self, id: JobId) {
        if let Some(running) = self.running.remove(&id) {
            running.stop.cancel();
        }
    }

    /// Stops everything and waits a moment, so that what came is kept.
    pub async fn shut_down(&mut self, mut drain: mpsc::Receiver<Msg>) {
        self.running.retain(|_, running| !running.outlives);
        for running in self.running.values() {
            running.stop.cancel();
        }
        // Jobs must not wait for an inbox that nobody empties.
        let sink = tokio::spawn(async move { while drain.recv().await.is_some() {} });
        let deadline = tokio::time::Instant::now() + Duration::from_secs(4);
        for (_, running) in self.running.drain() {
            if tokio::time::timeout_at(deadline, running.task).await.is_err() {
                tracing::warn!("a job did not end in time");
            }
        }
        sink.abort();
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Failure::work(safe!("an error inside rationale"), safe!("{error}"), safe!("report it with the log")))
    })
}

#[expect(clippy::too_many_lines, reason = "one arm for each job")]
async fn perform(
    world: Arc<World>,
    desk: Arc<Desk>,
    job: Job,
    reporter: Reporter,
    stop: CancellationToken,
) -> Result<JobEvent, Failure> {
    if matches!(job, Job::Run { .. } | Job::Quick { .. } | Job::Baselines | Job::Again { .. })
        && let Some(candidate) = own_metric::unapproved(&*desk.session()?, &desk.framing()?)?
    {
        return Ok(JobEvent::Unapproved(Box::new(candidate), Box::new(job)));
    }
    match job {
        Job::Open(path) => open(world, desk, path).await,
        Job::Demo(folder) => {
            let path = blocking(move || demo::copy(&folder)).await?;
            open(world, desk, path).await
        }
        Job::Count => {
            let session = desk.session()?;
            blocking(move || count(&session, &reporter, &stop)).await
        }
        Job::Page { .. }
        | Job::Find { .. }
        | Job::Step { .. }
        | Job::Counts { .. }
        | Job::Cell { .. }
        | Job::Draw { .. } => {
            let session = desk.session()?;
            blocking(move || looking::look(&session.table, job, &reporter, &stop)).await
        }
        Job::Profile => {
            let session = desk.session()?;
            blocking(move || profile(&session, &desk, &reporter, &stop)).await
        }
        Job::Target(target) => {
            let (session, known) = (desk.session()?, desk.known()?);
            blocking(move || {
                let name = known.profile.columns.get(target).map(|column| column.name.expose().to_owned());
                let known = session.know_target(known.profile, name.as_deref(), &stop)?;
                let proposal = session.propose(&known, true).map(Box::new);
                *lock(&desk.known) = Some(known.clone());
                Ok(JobEvent::Known(Box::new(known), proposal, None))
            })
            .await
        }
        Job::Frame(framing) => {
            let (session, known) = (desk.session()?, desk.known()?);
            blocking(move || {
                let (n_holdout, seen) = session.frame(&framing, &known.profile)?;
                *lock(&desk.framing) = Some(*framing);
                Ok(JobEvent::Framed(n_holdout, seen))
            })
            .await
        }
        Job::Watch(after) => watching::watch(&desk, &reporter, &stop, after).await,
        Job::Load => {
            let session = desk.session()?;
            let packages = Arc::clone(&session);
            let loaded = blocking(move || {
                let said = if session.project.state.exists() { session.recover()? } else { Vec::new() };
                let adrift = if session.project.state.exists() { session.adrift()? } else { Vec::new() };
                let adrift = adrift.into_iter().map(|spec| (spec.experiment, spec.run_id)).collect();
                Ok(JobEvent::Loaded(Box::new(session.history()?), said, adrift))
            })
            .await;
            // What recovery wrote is in what was loaded.
            desk.take_recorded();
            // An environment that is not there is said where something is to run in it.
            if let Ok(place) = blocking(move || environment::place(&packages)).await {
                reporter.send(JobEvent::Place(Box::new(place))).await;
            }
            loaded
        }
        Job::Price { task, wish, follows } => {
            let (session, known, framing) = (desk.session()?, desk.known()?, desk.framing()?);
            let asking = Asking { session: &session, known: &known, framing: &framing };
            let question = match follows {
                None => asking.question(task, &wish).await?,
                Some((experiment, follow)) => asking.follow_up(&experiment, &follow, &wish).await?,
            };
            Ok(JobEvent::Priced(Box::new(question)))
        }
        Job::Ask { question, parent } => {
            let (session, known, framing) = (desk.session()?, desk.known()?, desk.framing()?);
            let (sender, receiver) = mpsc::channel(256);
            let forward = tokio::spawn(forward_updates(receiver, reporter));
            let asking = Asking { session: &session, known: &known, framing: &framing };
            let asked = asking.ask(&question, parent, &sender, &stop).await;
            drop(sender);
            let _ = forward.await;
            asked.map(|asked| JobEvent::Answered(Box::new(asked)))
        }
        Job::Replay(recording) => {
            let (path, percent) = match recording {
                Recording::File { path, percent } => (path, percent),
                Recording::Named(name) => (recording::folder(&desk.session()?.project.state).join(name), 100),
            };
            blocking(move || Ok(JobEvent::Replayed(Box::new(tape::read(&path)?), percent))).await
        }
        Job::Models | Job::Detect | Job::Choose(_) => endpoints(&world, job).await,
        Job::TakeBack { experiment, files } => {
            let session = desk.session()?;
            blocking(move || session.take_back(&experiment, files).map(|_| JobEvent::Decided)).await
        }
        Job::Decide { experiment, decision, reason, files, hunks } => {
            let session = desk.session()?;
            blocking(move || session.decide(&experiment, decision, reason, &files, hunks).map(|_| JobEvent::Decided))
                .await
        }
        Job::Tick { experiment, item, done, note } => {
            let session = desk.session()?;
            blocking(move || session.tick(&experiment, item, done, note).map(|_| JobEvent::Done)).await
        }
        Job::Approve { path, hash, then } => {
            let session = desk.session()?;
            blocking(move || own_metric::approve_shown(&session, &path, &hash).map(|()| JobEvent::Approved(then))).await
        }
        Job::Settle { kind, then } => {
            let session = desk.session()?;
            let settled = Arc::clone(&session);
            session.world.choose_environment(kind);
            let place = blocking(move || environment::place(&settled)).await?;
            reporter.send(JobEvent::Place(Box::new(place))).await;
            Ok(JobEvent::Settled(then))
        }
        Job::Install { what, then } => {
            let session = desk.session()?;
            let telling = reporter.clone();
            let place = blocking(move || {
                let mut tell = |line: &str| telling.send_blocking(JobEvent::Environment(safe!("{line}")));
                environment::install(&session, &what, &mut tell, &stop)?;
                environment::place(&session)
            })
            .await?;
            reporter.send(JobEvent::Place(Box::new(place))).await;
            Ok(JobEvent::Installed(then))
        }
        Job::Baselines => {
            if let Some(lacks) = lacks(&desk, &[]).await? {
                return Ok(JobEvent::Lacks(lacks, Box::new(Job::Baselines)));
            }
            baselines(&desk, &reporter, &stop).await?;
            Ok(JobEvent::RunsEnded)
        }
        Job::Errors(run_id) => {
            let session = desk.session()?;
            blocking(move || {
                let folder = session.run_folder(&run_id);
                let (_, analysis) = errors::analyse(&folder, Some(&session.table))?;
                Ok(JobEvent::Analysed(run_id, Box::new(analysis)))
            })
            .await
        }
        Job::Figure { run_id, name, room } => {
            let path = desk.session()?.run_folder(&run_id).join(&name);
            let manner = world.config.figures;
            blocking(move || match own_program().and_then(|program| figures::draw(&program, &path, room, manner)) {
                Ok(drawing) => Ok(JobEvent::Drawn(Box::new(drawing))),
                Err(error) => Err(Failure::work(safe!("{name}"), safe!("{error:#}"), safe!("open the file elsewhere"))),
            })
            .await
        }
        Job::MoreTime(run_id) => {
            let session = desk.session()?;
            blocking(move || runs::more_time(&session.project, &run_id).map(|_| JobEvent::Done)).await
        }
        Job::Attach { experiment, run_id } => attach(&desk, &reporter, &stop, (&experiment, &run_id)).await,
        Job::Again { run_id, experiment, what } => {
            look_again(&desk, &reporter, &stop, (&experiment, &run_id), &what).await
        }
        Job::Run { experiment, files } => {
            if let Some(lacks) = lacks(&desk, std::slice::from_ref(&files)).await? {
                return Ok(JobEvent::Lacks(lacks, Box::new(Job::Run { experiment, files })));
            }
            if baselines(&desk, &reporter, &stop).await? && !stop.is_cancelled() {
                run(&desk, &reporter, &stop, (&experiment, &files), Role::Own).await?;
            }
            Ok(JobEvent::RunsEnded)
        }
        Job::Quick { experiment, files } => {
            if let Some(lacks) = lacks(&desk, std::slice::from_ref(&files)).await? {
                return Ok(JobEvent::Lacks(lacks, Box::new(Job::Quick { experiment, files })));
            }
            run(&desk, &reporter, &stop, (&experiment, &files), Role::Quick).await?;
            Ok(JobEvent::RunsEnded)
        }
    }
}

/// What can be asked, and who is asked from now on.
async fn endpoints(world: &World, job: Job) -> Result<JobEvent, Failure> {
    match job {
        Job::Choose(endpoint) => {
            world.choose(*endpoint);
            Ok(JobEvent::Chosen(Box::new(world.endpoint().await?)))
        }
        Job::Detect => {
            let known = world.config.endpoints();
            let found = world.detect().await;
            let is_new = |endpoint: &Endpoint| !known.iter().any(|known| known.base_url == endpoint.base_url);
            let new = found.into_iter().filter(|(endpoint, _)| is_new(endpoint));
            Ok(JobEvent::Detected(new.map(|(endpoint, models)| Offer { endpoint, models: Ok(models) }).collect()))
        }
        _ => {
            world.forget_failures().await;
            let mut offers = Vec::new();
            for endpoint in world.config.endpoints() {
                let models = match world.reachable(endpoint.clone()).await {
                    Ok(reachable) => world.models_of(&reachable).await,
                    Err(failure) => Err(failure),
                };
                offers.push(Offer { endpoint, models });
            }
            Ok(JobEvent::Models(offers))
        }
    }
}

async fn open(world: Arc<World>, desk: Arc<Desk>, path: std::path::PathBuf) -> Result<JobEvent, Failure> {
    blocking(move || {
        let session = Session::open(Arc::clone(&world), &path)?.observed_by(desk.observer.clone());
        let page = session.table.page(0, PAGE_ROWS)?;
        let mut source = session.table.source.clone();
        source.path.clone_from(&session.project.data);
        recent::remember(&world.config.state, &session.project.data);
        *lock(&desk.known) = None;
        *lock(&desk.framing) = None;
        *lock(&desk.session) = Some(Arc::new(session));
        Ok(JobEvent::Opened(Box::new(source), page))
    })
    .await
}

fn count(session: &Session, reporter: &Reporter, stop: &CancellationToken) -> Result<JobEvent, Failure> {
    let mut told = Instant::now();
    let n = session.table.count(stop, &mut |progress| {
        if told.elapsed() > Duration::from_millis(100) {
            told = Instant::now();
            reporter.send_blocking(JobEvent::Counting(progress.n_rows));
        }
    })?;
    Ok(JobEvent::Counted(n))
}

fn profile(session: &Session, desk: &Desk, reporter: &Reporter, stop: &CancellationToken) -> Result<JobEvent, Failure> {
    let profile = crate::effects::data::profile::profile(&session.table, stop, &mut |idx, column| {
        reporter.send_blocking(JobEvent::Profiled(idx, Box::new(column.clone())));
    })?;
    // A project file that can't be read must not hide the data: it is said where the question is framed.
    let written = session.project.framing().and_then(|framing| match framing {
        Some(framing) => session.check_framing(&framing, &profile).map(|()| Some(framing)),
        None => Ok(None),
    });
    let target = written.as_ref().ok().and_then(Option::as_ref).map(|framing| framing.target.expose().to_owned());
    let known = session.know_target(profile, target.as_deref(), stop)?;
    let (proposal, framing) = match written {
        Ok(framing) => (session.propose(&known, target.is_some()).map(Box::new), framing),
        Err(failure) => (Err(failure), None),
    };
    *lock(&desk.known) = Some(known.clone());
    Ok(JobEvent::Known(Box::new(known), proposal, framing.map(Box::new)))
}

async fn forward_updates(mut updates: mpsc::Receiver<Update>, reporter: Reporter) {
    while let Some(update) = updates.recv().await {
        let event = match update {
            Update::Waiting { attempt, wait, why } => {
                JobEvent::Waiting { attempt, wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), why }
            }
            Update::Connected => JobEvent::Connected,
            Update::Event(event) => JobEvent::Stream(event),
            Update::Note(text) => JobEvent::Noted(text),
            Update::Limits(limits) => JobEvent::Limits(limits),
        };
        reporter.send(event).await;
    }
}

/// Whether a path is worth trying before the screen is taken: a mistake on the command line is told on the command line.
pub fn check_path(path: &Path) -> Result<(), Failure> {
    crate::effects::data::Table::check(path)
}
