//! Watches a run from outside: time, memory, output, and the wish to stop. Whatever is exceeded ends the whole tree.

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
    /// One fold failed, so the others need not go on.
    Failed,
}

/// The watch over one run.
#[derive(Debug)]
pub struct Watch {
    limits: Limits,
    end: Mutex<Option<End>>,
    is_over: AtomicBool,
    peak: AtomicU64,
    n_output: AtomicU64,
}

impl Watch {
    /// Starts watching the processes below this one.
    pub fn start(limits: Limits) -> Arc<Self> {
        tree::adopt_orphans();
        let watch = Arc::new(Self {
            limits,
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
        while !self.is_over.load(Ordering::Acquire) {
            let memory = tree::descendants().iter().map(|process| process.memory).sum();
            self.peak.fetch_max(memory, Ordering::AcqRel);
            if start.elapsed() > wall {
                self.end(End::TimedOut(self.limits.wall_s));
            } else if memory > self.limits.memory_bytes {
                self.end(End::Memory(self.limits.memory_bytes));
            } else if self.n_output.load(Ordering::Acquire) > self.limits.output_bytes {
                self.end(End::Output(self.limits.output_bytes));
            }
            if self.ended().is_some() {
                tree::end_all(Duration::from_millis(500));
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
