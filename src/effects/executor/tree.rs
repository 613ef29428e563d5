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
    while let Some(parent) = below.pop() {
        for (pid, its_parent, memory, is_dead) in &all {
            if *its_parent == parent && *pid != own {
                below.push(*pid);
                if !is_dead {
                    found.push(Process { pid: *pid, memory: *memory });
                }
            }
        }
    }
    found
}

/// Number, parent, resident bytes, and whether only its exit status is left.
#[cfg(target_os = "linux")]
fn all_processes() -> Vec<(i32, i32, u64, bool)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let page = rustix::param::page_size() as u64;
    entries
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may hold anything, also parentheses.
            let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
            let is_dead = matches!(fields.next()?, "Z" | "X");
            let parent: i32 = fields.next()?.parse().ok()?;
            let pages: u64 = fields.nth(19)?.parse().ok()?;
            Some((pid, parent, pages * page, is_dead))
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn all_processes() -> Vec<(i32, i32, u64, bool)> {
    let Ok(output) = std::process::Command::new("ps").args(["-axo", "pid=,ppid=,rss=,state="]).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let (pid, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            let kilobytes: u64 = fields.next()?.parse().ok()?;
            Some((pid, parent, kilobytes * 1024, fields.next()?.starts_with('Z')))
        })
        .collect()
}

/// Ends every process below us: asks, waits a moment, then does not ask.
pub fn end_all(grace: Duration) {
    let start = Instant::now();
    let send = |signal| {
        let alive = descendants();
        for process in &alive {
            if let Some(pid) = Pid::from_raw(process.pid) {
                let _ = kill_process(pid, signal);
            }
        }
        alive.is_empty()
    };
    if send(Signal::TERM) {
        return;
    }
    while start.elapsed() < grace {
        if descendants().is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    // A process may fork while we look; a few rounds find what is left.
    for _ in 0..200 {
        if send(Signal::KILL) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
