//! Tells what happens in a run: to its folder, and to whoever follows it. A follower that does not listen holds up nobody.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::Result;

use crate::domain::run_event::{DRY_RUN, RunEvent};
use crate::domain::telling::Alarms;
use crate::safe;
use crate::text::RawText;

/// Most events that wait for the follower.
const MAX_WAITING: usize = 4_000;

/// Where events go.
#[derive(Clone, Debug)]
pub struct Teller {
    file: Arc<Mutex<fs::File>>,
    heard: Arc<Mutex<Heard>>,
    follower: SyncSender<Option<Vec<u8>>>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
    /// Events that the follower was not told.
    n_left_out: Arc<AtomicU64>,
}

/// The curves of what goes on, for alarms.
#[derive(Debug, Default)]
struct Heard {
    alarms: Alarms,
    is_dry: bool,
}

impl Teller {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let file = fs::OpenOptions::new().create(true).append(true).open(folder.join("progress.jsonl"))?;
        let (follower, lines) = sync_channel::<Option<Vec<u8>>>(MAX_WAITING);
        let writer = std::thread::spawn(move || {
            // A reader that has gone away is no reason to stop.
            while let Ok(Some(line)) = lines.recv() {
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(&line).and_then(|()| out.flush());
            }
        });
        Ok(Self {
            file: Arc::new(Mutex::new(file)),
            heard: Arc::default(),
            follower,
            writer: Arc::new(Mutex::new(Some(writer))),
            n_left_out: Arc::default(),
        })
    }

    /// Tells one event. What is printed and what is used comes in such numbers that it is left out where the follower
    /// does not keep up: the watch over the run must never wait for the screen.
    pub fn tell(&self, event: &RunEvent) {
        let Some(line) = line_of(event) else { return };
        let _ = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
        let may_be_left_out = matches!(event, RunEvent::Output { .. } | RunEvent::Load { .. } | RunEvent::Alarm { .. });
        if !may_be_left_out {
            let _ = self.follower.send(Some(line));
            return;
        }
        match self.follower.try_send(Some(line)) {
            Err(TrySendError::Full(_)) => {
                self.n_left_out.fetch_add(u64::from(matches!(event, RunEvent::Output { .. })), Ordering::AcqRel);
            }
            Ok(()) | Err(TrySendError::Disconnected(_)) => {
                if let RunEvent::Output { fold, .. } = event {
                    self.own_up(*fold);
                }
            }
        }
    }

    /// Says how many lines were left out since this was said last.
    fn own_up(&self, fold: u32) {
        let n = self.n_left_out.swap(0, Ordering::AcqRel);
        if n > 0 {
            let line = RawText::new(safe!("[{n} lines before this one are in the log alone]").as_str());
            let told = line_of(&RunEvent::Output { fold, line }).map(|line| self.follower.try_send(Some(line)));
            if matches!(told, Some(Err(_))) {
                self.n_left_out.fetch_add(n, Ordering::AcqRel);
            }
        }
    }

    /// Waits until the follower has been told everything that waits.
    pub(super) fn finish(&self) {
        let _ = self.follower.send(None);
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writer.join();
        }
    }

    /// Tells a number on the way, and what is alarming about it.
    pub fn metric(&self, fold: u32, key: String, step: f64, value: Option<f64>) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let name = if heard.is_dry { format!("dry run│ {key}") } else { format!("{}│ {key}", fold + 1) };
        let alarm = heard.alarms.take(&name, step, value);
        drop(heard);
        self.tell(&RunEvent::Metric { fold, key, step, value });
        if let Some(text) = alarm {
            self.tell(&RunEvent::Alarm { text });
        }
    }

    /// Tells what is being done. Alarms begin anew after a dry run: its numbers are not those of the folds.
    pub(super) fn stage(&self, text: &str) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.is_dry || text == DRY_RUN {
            *heard = Heard { alarms: Alarms::default(), is_dry: text == DRY_RUN };
        }
        drop(heard);
        self.tell(&RunEvent::Stage { text: text.to_owned() });
    }
}

fn line_of(event: &RunEvent) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(event).ok()?;
    line.push(b'\n');
    Some(line)
}
