//! Listens to what confined code prints and reports: a log that is exact, and numbers and bars that are told at once.

use std::fs;
use std::io::{PipeReader, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::run_event::RunEvent;
use crate::domain::telling::{self, Told};
use crate::effects::executor::Teller;
use crate::effects::executor::child::read_beneath_from;
use crate::effects::executor::watch::Watch;
use crate::text::RawText;

/// Lines are cut here for the screen; the log on disk is whole.
const MAX_LINE: usize = 4_000;

/// Copies output to the log, byte for byte, and tells it line by line.
pub(super) fn pump(mut reader: PipeReader, mut log: fs::File, fold: u32, watch: &Watch, teller: &Teller) {
    let mut buffer = vec![0; 64 * 1024];
    let mut line: Vec<u8> = Vec::new();
    let mut ear = Ear { fold, teller, barred: None };
    let tell = |line: &mut Vec<u8>, ear: &mut Ear<'_>| {
        let text = String::from_utf8_lossy(&line[..line.len().min(MAX_LINE)]).into_owned();
        ear.hear(&text, true);
        teller.tell(&RunEvent::Output { fold, line: RawText::new(text) });
        line.clear();
    };
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => n,
        };
        if !watch.count_output(n) {
            continue; // the watch ends the run; until then the pipe must not fill up
        }
        let _ = log.write_all(&buffer[..n]);
        for piece in buffer[..n].split_inclusive(|byte| *byte == b'\n') {
            if line.len() < 2 * MAX_LINE {
                line.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                    line.pop();
                }
                // Of a progress bar that overwrites itself, the last state is the one that counts.
                if let Some(at) = line.iter().rposition(|byte| *byte == b'\r') {
                    line.drain(..=at);
                }
                tell(&mut line, &mut ear);
            } else if let Some(at) = line.iter().rposition(|byte| *byte == b'\r') {
                // A bar that overwrites itself has not ended its line: its latest whole state is what it tells.
                let start = line[..at].iter().rposition(|byte| *byte == b'\r').map_or(0, |before| before + 1);
                let state = if at + 1 < line.len() { &line[at + 1..] } else { &line[start..at] };
                ear.hear(&String::from_utf8_lossy(&state[..state.len().min(MAX_LINE)]), false);
            }
        }
    }
    if !line.is_empty() {
        tell(&mut line, &mut ear);
    }
}

/// Hears numbers and bars in what is printed, and tells them.
struct Ear<'a> {
    fold: u32,
    teller: &'a Teller,
    barred: Option<Instant>,
}

impl Ear<'_> {
    /// Bars tell so often that only a few of their states a second are passed on.
    fn hear(&mut self, line: &str, is_whole: bool) {
        for told in telling::read(line) {
            match told {
                Told::Progress(label, done, total) => {
                    let is_due = self.barred.is_none_or(|at| at.elapsed() > Duration::from_millis(200));
                    if is_due || is_whole {
                        self.barred = Some(Instant::now());
                        self.teller.tell(&RunEvent::Progress { fold: self.fold, label, done, total });
                    }
                }
                Told::Metric(key, step, value) if is_whole => self.teller.metric(self.fold, key, step, value),
                Told::Metric(..) => {}
            }
        }
    }
}

/// Follows the numbers that code writes into its `events.jsonl`, in the form of the body of `MLflow`'s `runs/log-batch`.
pub(super) fn tail_events(folder: &Path, fold: u32, teller: &Teller, is_over: &std::sync::atomic::AtomicBool) {
    use std::sync::atomic::Ordering;

    let mut at = 0;
    loop {
        let was_over = is_over.load(Ordering::Acquire);
        let fresh = read_beneath_from(folder, "events.jsonl", at, MAX_EVENTS).unwrap_or_default();
        if let Some(end) = fresh.iter().rposition(|byte| *byte == b'\n') {
            for line in fresh[..end].split(|byte| *byte == b'\n') {
                for (key, step, value) in telling::reported(&String::from_utf8_lossy(line)) {
                    teller.metric(fold, key.chars().take(40).collect(), step, value);
                }
            }
            at += end as u64 + 1;
        }
        if was_over {
            return;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// Most bytes of numbers that are followed.
const MAX_EVENTS: u64 = 20_000_000;
