//! The processes that descend from this one: finding them, summing their memory, ending every one.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A process below us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Threads, one at least.
    pub n_threads: u64,
    /// Ticks of processor time that it and the children it waited for took.
    pub ticks: u64,
}

/// Ticks in a second of processor time.
pub fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second().max(1)
}

/// Makes orphans of our descendants our children, so that none gets out of sight.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Every living process below us.
pub fn descendants() -> Vec<Process> {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let all = all_processes();
    let mut below = vec![own];
    let mut found = Vec::new();
    while let Some(above) = below.pop() {
        for entry in all.iter().filter(|entry| entry.parent == above && entry.process.pid != own) {
            below.push(entry.process.pid);
            if !entry.is_dead {
                found.push(entry.process);
            }
        }
    }
    found
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    process: Process,
    parent: i32,
    /// Whether only its exit status is left.
    is_dead: bool,
}

#[cfg(target_os = "linux")]
fn all_processes() -> Vec<Entry> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let page = rustix::param::page_size() as u64;
    entries
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may hold anything, also parentheses.
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
            // Numbers as in proc(5), where the state is the third.
            let field = |number: usize| fields.get(number - 3).copied();
            let memory = field(24)?.parse::<u64>().ok()? * page;
            let ticks = (14..=17).filter_map(|number| field(number)?.parse::<u64>().ok()).sum();
            let process = Process { pid, memory, n_threads: field(20)?.parse().ok()?, ticks };
            Some(Entry { process, parent: field(4)?.parse().ok()?, is_dead: matches!(field(3)?, "Z" | "X") })
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn all_processes() -> Vec<Entry> {
    let Ok(output) = std::process::Command::new("ps").args(["-axo", "pid=,ppid=,rss=,state="]).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let (pid, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            let memory = fields.next()?.parse::<u64>().ok()? * 1024;
            let is_dead = fields.next()?.starts_with('Z');
            Some(Entry { process: Process { pid, memory, n_threads: 1, ticks: 0 }, parent, is_dead })
        })
        .collect()
}

/// Ends every process below us: asks, waits a moment, then does not ask.
pub fn end_all(grace: Duration) {
    let start = Instant::now();
    if grace > Duration::ZERO {
        if send(Signal::TERM) == 0 {
            return;
        }
        while start.elapsed() < grace {
            if descendants().is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    // Processes that fork faster than they are ended are stopped first: whoever is stopped does not fork.
    let mut n_before = 0;
    for _ in 0..200 {
        let n = send(Signal::STOP);
        if n == n_before {
            break;
        }
        n_before = n;
    }
    for _ in 0..400 {
        if send(Signal::KILL) == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to every process below us; returns how many there were.
fn send(signal: Signal) -> usize {
    let alive = descendants();
    for pid in alive.iter().filter_map(|process| Pid::from_raw(process.pid)) {
        let _ = kill_process(pid, signal);
    }
    alive.len()
}
