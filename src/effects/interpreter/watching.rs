//! What other instances do in the same project: their events are told, and runs whose follower is gone are found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Desk, Reporter, blocking};
use crate::app::msg::{JobEvent, Msg};
use crate::domain::experiment::{Event, History, Stamped};
use crate::domain::failure::Failure;
use crate::effects::session::Session;
use crate::effects::{recording, runs};

/// How often runs and answers that have no end yet are looked after. Where there are none, nothing is looked at.
const EVERY: Duration = Duration::from_secs(2);
/// One change of the file seldom comes alone.
const SETTLES: Duration = Duration::from_millis(60);

/// Tells every event that is written after one, by its number, whoever writes it, until it is stopped.
pub(super) async fn watch(
    desk: &Arc<Desk>,
    reporter: &Reporter,
    stop: &CancellationToken,
    mut last: u64,
) -> Result<JobEvent, Failure> {
    let session = desk.session()?;
    let (mut watcher, mut changes) = Eye::open(&session.project.state);
    let known = Arc::clone(&session);
    let mut open = blocking(move || Ok(Open::of(&known.history()?))).await?;
    loop {
        let news = Arc::clone(&session);
        for stamped in blocking(move || news.events_after(last)).await? {
            last = stamped.seq;
            open.take(&stamped);
            reporter.tell(stamped).await;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(JobEvent::Done),
            Some(()) = changes.recv(), if watcher.sees() => {}
            // Where the system does not tell of changes, as when all its watches are taken, they are looked for.
            () = tokio::time::sleep(EVERY), if !watcher.sees() || !open.is_empty() => {
                let (session, looked) = (Arc::clone(&session), open.clone());
                let adrift = blocking(move || looked.look_after(&session)).await?;
                if !adrift.is_empty() {
                    reporter.send(JobEvent::Adrift(adrift)).await;
                }
            }
        }
        tokio::time::sleep(SETTLES).await;
        while changes.try_recv().is_ok() {}
        watcher.follow();
    }
}

impl Reporter {
    /// An event of the history, whoever wrote it. The core takes each once.
    async fn tell(&self, stamped: Stamped) {
        let _ = self.inbox.send(Msg::Recorded(Box::new(stamped))).await;
    }
}

/// Looks at the folder of the project; as long as there is none, at the one that it will be in.
struct Eye {
    watcher: Option<notify::RecommendedWatcher>,
    state: PathBuf,
    looks_at: Option<PathBuf>,
}

impl Eye {
    fn open(state: &Path) -> (Self, mpsc::Receiver<()>) {
        let (sender, changes) = mpsc::channel(1);
        let folder = state.file_name().map(ToOwned::to_owned);
        let matters = move |path: &PathBuf| {
            let name = path.file_name();
            name == folder.as_deref() || name.is_some_and(|name| name.to_string_lossy().starts_with("history.sqlite"))
        };
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let is_change = event.is_ok_and(|event| {
                let kind = matches!(
                    event.kind,
                    EventKind::Create(_)
                        | EventKind::Modify(_)
                        | EventKind::Access(AccessKind::Close(AccessMode::Write))
                );
                kind && event.paths.iter().any(&matters)
            });
            if is_change {
                let _ = sender.try_send(());
            }
        });
        let mut eye = Self { watcher: watcher.ok(), state: state.to_owned(), looks_at: None };
        eye.follow();
        (eye, changes)
    }

    /// Whether the system tells of changes.
    fn sees(&self) -> bool {
        self.looks_at.is_some()
    }

    /// Looks where the history is by now.
    fn follow(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let there = if self.state.is_dir() { Some(self.state.as_path()) } else { self.state.parent() };
        let Some(there) = there.filter(|there| self.looks_at.as_deref() != Some(*there)) else { return };
        if let Some(old) = self.looks_at.take() {
            let _ = watcher.unwatch(&old);
        }
        if watcher.watch(there, RecursiveMode::NonRecursive).is_ok() {
            self.looks_at = Some(there.to_owned());
        }
    }
}

/// What has begun and not ended.
#[derive(Clone, Debug, Default, PartialEq)]
struct Open {
    /// Runs, each with its experiment.
    runs: Vec<(String, String)>,
    /// Recordings of answers, each with its experiment.
    answers: Vec<(String, String)>,
}

impl Open {
    fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.answers.is_empty()
    }

    fn of(history: &History) -> Self {
        let mut open = Self::default();
        for experiment in &history.experiments {
            if let Some(name) =
                experiment.recording.as_ref().filter(|name| !name.is_empty() && experiment.is_unanswered())
            {
                open.answers.push((experiment.id.clone(), name.clone()));
            }
            let runs = experiment.runs.iter().filter(|run| run.outcome.is_none());
            open.runs.extend(runs.map(|run| (experiment.id.clone(), run.spec.run_id.clone())));
        }
        open
    }

    /// What is known already is not counted twice.
    fn take(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Asked { experiment, recording, .. } if !recording.is_empty() => {
                self.answers.retain(|(other, _)| other != experiment);
                self.answers.push((experiment.clone(), recording.clone()));
            }
            Event::Answered { experiment, .. } => self.answers.retain(|(other, _)| other != experiment),
            Event::RunStarted { experiment, spec } => {
                self.runs.retain(|(_, other)| *other != spec.run_id);
                self.runs.push((experiment.clone(), spec.run_id.clone()));
            }
            Event::RunFinished { run_id, .. } => self.runs.retain(|(_, other)| other != run_id),
            _ => {}
        }
    }

    /// Closes what nobody works on any more. Returns the runs that go on though nobody follows them.
    fn look_after(&self, session: &Session) -> Result<Vec<(String, String)>, Failure> {
        let state = &session.project.state;
        let idle = |run_id: &str| !runs::is_followed(state, run_id);
        let adrift: Vec<_> = self.runs.iter().filter(|(_, run_id)| idle(run_id)).cloned().collect();
        let (alive, over): (Vec<_>, Vec<_>) = adrift.into_iter().partition(|(_, run_id)| runs::is_alive(state, run_id));
        let is_left = |name: &str| !recording::is_being_written(&recording::folder(state).join(name));
        if !over.is_empty() || self.answers.iter().any(|(_, name)| is_left(name)) {
            session.recover()?;
        }
        // The history knows which of them are of this data file.
        if alive.is_empty() {
            return Ok(alive);
        }
        let own = session.adrift()?;
        Ok(own.into_iter().map(|spec| (spec.experiment, spec.run_id)).collect())
    }
}
