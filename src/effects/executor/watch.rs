//! Watches a run from outside: time, memory, output, and the wish to stop. Whatever is exceeded ends the whole tree.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::run::Limits;
use crate::effects::executor::tree;

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
    /// More than this many bytes in files, or more files than may be.
    Disk(u64),
    /// One fold failed, so the others need not go on.
    Failed,
}

/// Most processes and threads of one run; above it a bomb goes off.
const MAX_THREADS: u64 = 2_000;
/// Most bytes in the files of a run. Each file has a limit of its own; this one is for their sum.
const MAX_DISK: u64 = 5 << 30;
/// Most files of a run.
const MAX_FILES: u64 = 10_000;

/// The watch over one run.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    folder: PathBuf,
    end: Mutex<Option<End>>,
    is_over: AtomicBool,
    peak: AtomicU64,
    n_output: AtomicU64,
}

impl Watch {
    /// Starts watching the processes below this one, and what they write into `folder`.
    pub fn start(limits: Limits, folder: &Path) -> Arc<Self> {
        tree::adopt_orphans();
        let watch = Arc::new(Self {
            limits,
            folder: folder.to_owned(),
            end: Mutex::new(None),
            is_over: AtomicBool::new(false),
            peak: AtomicU64::new(0),
            n_output: AtomicU64::new(0),
        });
        let own = Arc::clone(&watch);
        std::thread::spawn(move || own.look());
        watch
    }

    fn look(&self) {
        let start = Instant::now();
        let wall = Duration::from_secs(self.limits.wall_s);
        let mut looked_at_disk = start;
        while !self.is_over.load(Ordering::Acquire) {
            let processes = tree::descendants();
            let memory = processes.iter().map(|process| process.memory).sum();
            self.peak.fetch_max(memory, Ordering::AcqRel);
            if processes.iter().map(|process| process.n_threads).sum::<u64>() > MAX_THREADS {
                self.end(End::Processes(MAX_THREADS));
            }
            if looked_at_disk.elapsed() > Duration::from_secs(1) {
                let (n_bytes, n_files) = used(&self.folder);
                if n_bytes > MAX_DISK || n_files > MAX_FILES {
                    self.end(End::Disk(MAX_DISK));
                }
                looked_at_disk = Instant::now();
            }
            if start.elapsed() > wall {
                self.end(End::TimedOut(self.limits.wall_s));
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

    /// Most memory that was seen, in bytes; unknown where the run was too short to be seen.
    pub fn peak_memory(&self) -> Option<u64> {
        Some(self.peak.load(Ordering::Acquire)).filter(|peak| *peak > 0)
    }
}

/// Bytes on disk and number of files below a folder; stops counting where there are too many.
fn used(folder: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;

    let (mut n_bytes, mut n_files) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            n_files += 1;
            if n_files > MAX_FILES {
                return (n_bytes, n_files);
            }
            let Ok(metadata) = entry.metadata() else { continue };
            n_bytes += metadata.blocks() * 512;
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    (n_bytes, n_files)
}
