//! The table `[run]` of the configuration: what a run may use, and the highest level of the sandbox.

use serde::Deserialize;

use crate::domain::failure::Failure;
use crate::domain::run::{Level, Limits};
use crate::safe;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    timeout_s: Option<u64>,
    stall_s: Option<u64>,
    memory_gb: Option<f64>,
    disk_gb: Option<f64>,
    output_mb: Option<f64>,
    files: Option<u64>,
    processes: Option<u64>,
    jobs: Option<u32>,
    sandbox: Option<String>,
}

impl Table {
    /// The limits of runs; `timeout_s` is what the command line says. A number out of its range is refused.
    pub(super) fn limits(&self, timeout_s: Option<u64>) -> Result<Limits, Failure> {
        let usual = Limits::default();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let n_jobs = self.jobs.unwrap_or_else(|| u32::try_from(cores).unwrap_or(1).clamp(1, 4));
        let wall_s = match timeout_s.or(self.timeout_s) {
            Some(seconds) if seconds == 0 || seconds > 30 * 86_400 => {
                return Err(Failure::input(
                    safe!("run.timeout_s"),
                    safe!("{seconds} is not a number of seconds between 1 and 30 days"),
                    safe!("900 is usual"),
                ));
            }
            given => given.unwrap_or(usual.wall_s),
        };
        let memory_bytes = bytes("memory_gb", self.memory_gb, (0.1, 10_000.0), 1e9, "8")?;
        let disk_bytes = bytes("disk_gb", self.disk_gb, (0.01, 100_000.0), 1e9, "5.4")?;
        Ok(Limits {
            wall_s,
            n_jobs,
            memory_bytes: memory_bytes.unwrap_or(usual.memory_bytes),
            output_bytes: bytes("output_mb", self.output_mb, (0.1, 10_000.0), 1e6, "50")?.unwrap_or(usual.output_bytes),
            disk_bytes: disk_bytes.unwrap_or(usual.disk_bytes),
            // One file alone may not fill what all together may.
            file_bytes: disk_bytes.map_or(usual.file_bytes, |all| all.min(usual.file_bytes)),
            n_files: count("files", self.files, (100, 10_000_000), "10000")?.unwrap_or(usual.n_files),
            n_processes: count("processes", self.processes, (50, 100_000), "2000")?.unwrap_or(usual.n_processes),
            stall_s: count("stall_s", self.stall_s, (0, 30 * 86_400), "300")?.unwrap_or(usual.stall_s),
        })
    }

    /// The highest level of the sandbox that is used.
    pub(super) fn highest(&self) -> Result<Level, Failure> {
        let Some(word) = &self.sandbox else { return Ok(Level::Seatbelt) };
        let levels = [Level::Full, Level::Standard, Level::Reduced, Level::None];
        levels.into_iter().find(|level| level.word() == word).ok_or_else(|| {
            let known: Vec<&str> = levels.iter().map(|level| level.word()).collect();
            Failure::input(
                safe!("run.sandbox"),
                safe!("“{word}” is not one of {}", known.join(", ")),
                safe!("leave it out for the best that this machine can do"),
            )
        })
    }
}

/// A size in bytes from a number of larger units.
fn bytes(
    name: &str,
    given: Option<f64>,
    (least, most): (f64, f64),
    unit: f64,
    usual: &str,
) -> Result<Option<u64>, Failure> {
    let Some(number) = given else { return Ok(None) };
    if !(least..=most).contains(&number) {
        return Err(Failure::input(
            safe!("run.{name}"),
            safe!("{number} is not between {least} and {most}"),
            safe!("{usual} is usual"),
        ));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
    let bytes = (number * unit) as u64;
    Ok(Some(bytes))
}

fn count(name: &str, given: Option<u64>, (least, most): (u64, u64), usual: &str) -> Result<Option<u64>, Failure> {
    match given {
        Some(number) if !(least..=most).contains(&number) => Err(Failure::input(
            safe!("run.{name}"),
            safe!("{number} is not between {least} and {most}"),
            safe!("{usual} is usual"),
        )),
        given => Ok(given),
    }
}
