//! Which level this machine reaches, found by trying to escape from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::domain::run::{Level, Limits, Reached};

/// The hidden argument under which the program tries to get out.
pub const PROBE: &str = "__sandbox-probe";

/// What an attempt at each escape gave: `true` where it succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one for each attempt")]
pub struct Escapes {
    /// Read a file outside.
    pub read: bool,
    /// Write a file outside.
    pub write: bool,
    /// Cut off a file outside.
    pub truncate: bool,
    /// Write outside through a link from inside.
    pub link: bool,
    /// Open an internet socket.
    pub inet: bool,
    /// Open a Unix socket.
    pub unix: bool,
    /// Read the environment of the program that started it.
    pub environ: bool,
}

impl Escapes {
    fn files(&self) -> bool {
        self.read || self.write || self.truncate || self.link || self.environ
    }

    fn network(&self) -> bool {
        self.inet || self.unix
    }

    /// Names of the escapes that succeeded.
    pub fn succeeded(&self) -> Vec<&'static str> {
        [
            (self.read, "read outside"),
            (self.write, "write outside"),
            (self.truncate, "truncate outside"),
            (self.link, "write through a link"),
            (self.inet, "internet socket"),
            (self.unix, "unix socket"),
            (self.environ, "read another process"),
        ]
        .into_iter()
        .filter_map(|(escaped, name)| escaped.then_some(name))
        .collect()
    }
}

/// Finds the level by starting a confined copy of ourselves that tries to escape.
pub fn reached() -> Reached {
    if cfg!(target_os = "macos") {
        return if Path::new("/usr/bin/sandbox-exec").exists() {
            Reached {
                level: Level::Seatbelt,
                why: "files and network are confined by Seatbelt; memory is watched, not enforced".into(),
            }
        } else {
            Reached { level: Level::None, why: "sandbox-exec is not there".into() }
        };
    }
    match attempt() {
        Ok(escapes) if !escapes.files() && !escapes.network() => Reached {
            level: Level::Standard,
            why: "Landlock and seccomp hold: no network, no file outside the run".into(),
        },
        Ok(escapes) => Reached {
            level: if escapes.network() { Level::None } else { Level::Reduced },
            why: format!("a test escape succeeded: {}", escapes.succeeded().join(", ")),
        },
        Err(error) => Reached { level: Level::None, why: format!("{error:#}") },
    }
}

fn attempt() -> Result<Escapes> {
    let folder = tempfile::tempdir().context("no temporary folder for the sandbox test")?;
    let inside = folder.path().join("inside");
    fs::create_dir(&inside)?;
    fs::write(folder.path().join("canary"), "canary")?;
    std::os::unix::fs::symlink(folder.path().join("canary"), inside.join("link"))?;
    let own = super::own_program()?;
    let program = own.to_string_lossy().into_owned();
    let limits = Limits { wall_s: 5, memory_bytes: 1 << 30, ..Limits::default() };
    let policy = Policy::new(Level::Standard, &[], &[own], &inside, limits);
    let parent = std::process::id().to_string();
    let outside = folder.path().to_string_lossy().into_owned();
    let mut command = super::command(&policy, &program, &[PROBE, &outside, &parent], &inside)?;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > Duration::from_secs(5) {
            child.kill()?;
            anyhow::bail!("the sandbox test did not end");
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).with_context(|| format!("the sandbox could not be set up: {}", said.trim()))
}

/// The confined copy: tries each escape and prints what succeeded.
pub fn escape(arguments: &[String]) -> String {
    let outside = PathBuf::from(arguments.first().map(String::as_str).unwrap_or_default());
    let parent = arguments.get(1).cloned().unwrap_or_default();
    let escapes = Escapes {
        read: fs::read(outside.join("canary")).is_ok(),
        write: fs::write(outside.join("written"), "x").is_ok(),
        truncate: rustix_truncate(&outside.join("canary")),
        link: fs::OpenOptions::new().append(true).open(outside.join("inside/link")).is_ok(),
        inet: std::net::UdpSocket::bind("127.0.0.1:0").is_ok() || std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
        unix: std::os::unix::net::UnixDatagram::unbound().is_ok(),
        environ: fs::read(format!("/proc/{parent}/environ")).is_ok_and(|bytes| !bytes.is_empty()),
    };
    serde_json::to_string(&escapes).unwrap_or_default()
}

fn rustix_truncate(path: &Path) -> bool {
    fs::OpenOptions::new().write(true).truncate(true).open(path).is_ok()
}
