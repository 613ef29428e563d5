//! Watches a run from outside: time, memory, output, and the wish to stop. Whatever is exceeded ends the whole tree.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::run::Limits;
use crate::domain::run_event::RunEvent;
use crate::effects::executor::{Teller, tree};

/// Why a run was ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody wanted it.
    Stopped,
    /// Longer than this many seconds.
    TimedOut(u64),
    /// More memory than this many bytes.
    Memory(u64),
    /// More output than this many bytes.
    Output(u64),
    /// More processes and threads than this.
    Processes(u64),
    /// More than this many bytes in files.
    Disk(u64),
    /// More files and folders than this.
    Files(u64),
    /// Folders that can't be looked into, so that what is in them can't be limited.
    Unseen,
    /// For this many seconds it printed nothing and used no processor.
    Stalled(u64),
    /// One fold failed, so the others need not go on.
    Failed,
}

/// Name of the file in the run's folder that stops it, from whatever process.
pub const STOP: &str = "stop";
/// Name of the file that holds the seconds that it was granted beyond its limit.
pub const MORE_TIME: &str = "more-time";

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Used {
    /// Most memory at once, in bytes; unknown where the run was too short to be seen.
    pub memory: Option<u64>,
    /// Seconds of processor time; a lower bound, since what ends between two looks is counted by its parent only.
    pub cpu_s: Option<f64>,
    /// Bytes on disk.
    pub disk: Option<u64>,
    /// Most graphics memory at once, in bytes; unknown where there is no card that tells.
    pub gpu: Option<u64>,
}

/// The watch over one run.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    folder: PathBuf,
    end: Mutex<Option<End>>,
    is_over: AtomicBool,
    peak: AtomicU64,
    n_output: AtomicU64,
    used: Mutex<Used>,
    teller: Teller,
}

impl Watch {
    /// Starts watching the processes below this one, and what they write into `folder`.
    pub fn start(limits: Limits, folder: &Path, teller: Teller) -> Arc<Self> {
        tree::adopt_orphans();
        let watch = Arc::new(Self {
            limits,
            folder: folder.to_owned(),
            end: Mutex::new(None),
            is_over: AtomicBool::new(false),
            peak: AtomicU64::new(0),
            n_output: AtomicU64::new(0),
            used: Mutex::default(),
            teller,
        });
        let own = Arc::clone(&watch);
        std::thread::spawn(move || own.look());
        watch
    }

    fn look(&self) {
        let start = Instant::now();
        let mut looked_at_disk = start;
        let mut wall_s = self.limits.wall_s;
        let mut ticks = Ticks::default();
        // When it last did something: printed, or used the processor.
        let (mut n_output, mut busy_at, mut is_warned) = (0, start, false);
        let mut gpu = Gpu::find();
        while !self.is_over.load(Ordering::Acquire) {
            let processes = tree::descendants();
            let memory = processes.iter().map(|process| process.memory).sum();
            self.peak.fetch_max(memory, Ordering::AcqRel);
            let n_new = ticks.take(&processes);
            let printed = self.n_output.load(Ordering::Acquire);
            if n_new > 0 || printed != n_output || processes.is_empty() {
                (n_output, busy_at, is_warned) = (printed, Instant::now(), false);
            }
            if processes.iter().map(|process| process.n_threads).sum::<u64>() > self.limits.n_processes {
                self.end(End::Processes(self.limits.n_processes));
            }
            if looked_at_disk.elapsed() > Duration::from_secs(1) {
                looked_at_disk = Instant::now();
                let (n_bytes, n_files, is_seen) = used(&self.folder, self.limits.n_files);
                if !is_seen {
                    self.end(End::Unseen);
                } else if n_bytes > self.limits.disk_bytes {
                    self.end(End::Disk(self.limits.disk_bytes));
                } else if n_files > self.limits.n_files {
                    self.end(End::Files(self.limits.n_files));
                }
                let cards = gpu.as_mut().and_then(Gpu::memory);
                self.note(memory, ticks.seconds(), n_bytes, cards);
                if self.folder.join(STOP).exists() {
                    self.end(End::Stopped);
                }
                wall_s = self.limits.wall_s.saturating_add(more_time(&self.folder));
            }
            let idle = busy_at.elapsed().as_secs();
            if self.limits.stall_s > 0 && idle >= self.limits.stall_s {
                self.end(End::Stalled(self.limits.stall_s));
            } else if self.limits.stall_s > 0
                && idle >= self.limits.stall_s / 2
                && !std::mem::replace(&mut is_warned, true)
            {
                self.teller.tell(&RunEvent::Alarm {
                    text: format!(
                        "for {idle} s it has printed nothing and used no processor; it is ended after {} s of that",
                        self.limits.stall_s
                    ),
                });
            }
            if start.elapsed() > Duration::from_secs(wall_s) {
                self.end(End::TimedOut(wall_s));
            } else if memory > self.limits.memory_bytes {
                self.end(End::Memory(self.limits.memory_bytes));
            } else if self.n_output.load(Ordering::Acquire) > self.limits.output_bytes {
                self.end(End::Output(self.limits.output_bytes));
            }
            match self.ended() {
                Some(End::Processes(_)) => tree::end_all(Duration::ZERO),
                Some(_) => tree::end_all(Duration::from_millis(500)),
                None => {}
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn note(&self, memory: u64, cpu_s: f64, disk: u64, gpu: Option<u64>) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.cpu_s = Some(cpu_s).filter(|cpu_s| *cpu_s > 0.0).or(used.cpu_s);
        used.disk = Some(disk);
        used.gpu = gpu.max(used.gpu);
        drop(used);
        self.teller.tell(&RunEvent::Load { memory, cpu_s, disk, gpu });
    }

    /// Ends the run. The first reason counts.
    pub fn end(&self, why: End) {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    }

    /// Why it was ended, if it was.
    pub fn ended(&self) -> Option<End> {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts output; `false` once there is too much of it.
    pub fn count_output(&self, n: usize) -> bool {
        self.n_output.fetch_add(n as u64, Ordering::AcqRel) + n as u64 <= self.limits.output_bytes
    }

    /// The run is over: what is still alive below us is ended, and watching stops.
    pub fn finish(&self) {
        tree::end_all(Duration::from_millis(200));
        self.is_over.store(true, Ordering::Release);
    }

    /// What it used, as far as it was seen.
    pub fn used(&self) -> Used {
        let mut all = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        all.memory = Some(self.peak.load(Ordering::Acquire)).filter(|peak| *peak > 0);
        all
    }
}

/// Seconds that were granted beyond the limit.
fn more_time(folder: &Path) -> u64 {
    std::fs::read_to_string(folder.join(MORE_TIME)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Processor time of a tree whose processes come and go.
#[derive(Debug, Default)]
struct Ticks {
    alive: std::collections::HashMap<i32, u64>,
    gone: u64,
}

impl Ticks {
    /// Takes what is alive into account; returns how many ticks are new.
    fn take(&mut self, processes: &[tree::Process]) -> u64 {
        let before: u64 = self.total();
        let alive: std::collections::HashMap<i32, u64> =
            processes.iter().map(|process| (process.pid, process.ticks)).collect();
        // Ticks of a process that was waited for are in its parent's; those of an orphan are not.
        let lost: u64 = self.alive.iter().filter(|(pid, _)| !alive.contains_key(pid)).map(|(_, ticks)| ticks).sum();
        self.alive = alive;
        let kept: u64 = self.alive.values().sum();
        self.gone = self.gone.max((before.saturating_sub(kept)).min(self.gone + lost));
        self.total().saturating_sub(before)
    }

    fn total(&self) -> u64 {
        self.gone + self.alive.values().sum::<u64>()
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    fn seconds(&self) -> f64 {
        self.total() as f64 / tree::ticks_per_second() as f64
    }
}

/// The system's own tool for graphics cards, where it is installed.
#[derive(Debug)]
struct Gpu {
    program: PathBuf,
    asked: Option<Instant>,
    last: Option<u64>,
}

impl Gpu {
    fn find() -> Option<Self> {
        let program = PathBuf::from("/usr/bin/nvidia-smi");
        if program.exists() { Some(Self { program, asked: None, last: None }) } else { None }
    }

    /// Bytes that the processes of all cards hold; asked every five seconds.
    fn memory(&mut self) -> Option<u64> {
        if self.asked.is_none_or(|at| at.elapsed() > Duration::from_secs(5)) {
            self.asked = Some(Instant::now());
            let asked = std::process::Command::new(&self.program)
                .args(["--query-gpu=memory.used", "--format=csv,noheader,nounits"])
                .output()
                .ok()?;
            let text = String::from_utf8_lossy(&asked.stdout).into_owned();
            let used: Vec<u64> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
            self.last = (!used.is_empty()).then(|| used.iter().sum::<u64>() << 20);
        }
        self.last
    }
}

/// Bytes on disk and number of files below a folder, and whether all of it could be looked at; stops counting where there
/// are too many. A path can be made too long to be opened, and a folder so that it can't be read.
fn used(folder: &Path, most_files: u64) -> (u64, u64, bool) {
    use std::io::ErrorKind;
    use std::os::unix::fs::MetadataExt;

    let (mut n_bytes, mut n_files, mut is_seen) = (0, 0, true);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                // What has gone meanwhile hides nothing.
                is_seen &= matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
                continue;
            }
        };
        for entry in entries.flatten() {
            n_files += 1;
            if n_files > most_files {
                return (n_bytes, n_files, is_seen);
            }
            let Ok(metadata) = entry.metadata() else { continue };
            n_bytes += metadata.blocks() * 512;
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    (n_bytes, n_files, is_seen)
}
