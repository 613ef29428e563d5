//! The attempts to get out, on Linux: what is laid out for them outside, and what the confined copy of ourselves tries.

use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::net::{AddressFamily, SocketType};
use serde::{Deserialize, Serialize};

use super::PROBE;
use crate::domain::run::{Level, Limits, Reached};
use crate::effects::sandbox::{self, Policy};

/// How long all attempts together may take.
const BUDGET: Duration = Duration::from_secs(12);
/// How much of it the attempt at the highest level may take.
const FIRST: Duration = Duration::from_secs(6);
/// How much of it that and the attempt below it may take.
const SECOND: Duration = Duration::from_secs(9);

/// A way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    /// Read a file outside.
    Read,
    /// Write a file outside.
    Write,
    /// Cut off a file outside.
    Truncate,
    /// Write outside through a link from inside.
    Link,
    /// Learn that a file outside exists.
    Stat,
    /// Open an internet socket.
    Inet,
    /// Open a socket to the kernel.
    Netlink,
    /// Open a socket to the machine around a virtual machine.
    Vsock,
    /// Reach a Unix socket outside by its path.
    Unix,
    /// Reach a Unix socket outside by its abstract name.
    Abstract,
    /// Read the environment of the program that started it.
    Environ,
    /// See processes that are not its own.
    Pids,
    /// Send a signal to the program that started it.
    Signal,
    /// Make a namespace of users, and with it capabilities.
    Namespace,
    /// Make system calls that no filter sees, `io_uring_setup` among them.
    Unfiltered,
}

impl Way {
    fn words(self) -> &'static str {
        match self {
            Self::Read => "read outside",
            Self::Write => "write outside",
            Self::Truncate => "truncate outside",
            Self::Link => "write through a link",
            Self::Stat => "see names outside",
            Self::Inet => "internet socket",
            Self::Netlink => "netlink socket",
            Self::Vsock => "vsock socket",
            Self::Unix => "unix socket",
            Self::Abstract => "abstract unix socket",
            Self::Environ => "read another process",
            Self::Pids => "see other processes",
            Self::Signal => "signal another process",
            Self::Namespace => "a new user namespace",
            Self::Unfiltered => "unfiltered system calls",
        }
    }

    /// The highest level at which it may be open.
    fn tolerated(self) -> Level {
        match self {
            Self::Inet | Self::Netlink | Self::Vsock | Self::Unix | Self::Abstract | Self::Unfiltered => Level::None,
            Self::Read | Self::Write | Self::Truncate | Self::Link | Self::Environ | Self::Namespace => Level::Reduced,
            // Only namespaces close these; signals are kept in by newer kernels alone.
            Self::Stat | Self::Pids | Self::Signal => Level::Standard,
        }
    }
}

/// What the confined copy tells.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    /// Ways that were open.
    ways: Vec<Way>,
    /// Whether Landlock keeps it from reading a folder that is there.
    has_landlock: bool,
}

fn list(ways: &[Way]) -> String {
    ways.iter().map(|way| way.words()).collect::<Vec<_>>().join(", ")
}

/// The highest level, up to a given one, from which no attempt gets out.
pub(super) fn reached(highest: Level) -> Reached {
    let start = Instant::now();
    let mut why_not = "run.sandbox asks for no more".to_owned();
    if highest >= Level::Full {
        why_not = match attempt(Level::Full, start + FIRST) {
            Ok(told) if told.ways.is_empty() => {
                let also = if told.has_landlock { ", Landlock" } else { "" };
                return Reached {
                    level: Level::Full,
                    why: format!("namespaces{also} and seccomp hold: no network, and nothing outside the run is there"),
                };
            }
            Ok(told) => format!("in namespaces a test escape succeeded: {}", list(&told.ways)),
            Err(error) => format!("{error:#}"),
        };
    }
    if highest >= Level::Standard {
        why_not = match attempt(Level::Standard, start + SECOND) {
            Ok(told) => return judge(Level::Standard, &told.ways, &why_not),
            Err(error) => format!("{error:#}"),
        };
    }
    if highest >= Level::Reduced {
        why_not = match attempt(Level::Reduced, start + BUDGET) {
            Ok(told) => return judge(Level::Reduced, &told.ways, &why_not),
            Err(error) => format!("{error:#}"),
        };
    }
    Reached { level: Level::None, why: why_not }
}

/// The level that these open ways leave of the one that was tried.
fn judge(tried: Level, ways: &[Way], why_no_more: &str) -> Reached {
    let level = ways.iter().map(|way| way.tolerated()).min().unwrap_or(tried).min(tried);
    if level < tried {
        let grave: Vec<Way> = ways.iter().copied().filter(|way| way.tolerated() < tried).collect();
        return Reached { level, why: format!("a test escape succeeded: {}", list(&grave)) };
    }
    let holds = match level {
        Level::Standard => "Landlock and seccomp hold: no network, no file outside the run",
        _ => "seccomp holds: no network, but files are not protected",
    };
    Reached { level, why: format!("{holds}; {why_no_more}") }
}

fn attempt(level: Level, deadline: Instant) -> Result<Told> {
    let folder = tempfile::tempdir().context("no temporary folder for the sandbox test")?;
    let outside = folder.path().canonicalize()?;
    let inside = outside.join("inside");
    fs::create_dir(&inside)?;
    fs::write(outside.join("canary"), "canary")?;
    std::os::unix::fs::symlink(outside.join("canary"), inside.join("link"))?;
    let _door = UnixListener::bind(outside.join("door"))?;
    let name = format!("rationale-{}-{}", std::process::id(), outside.display());
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;

    let own = sandbox::own_program()?;
    let program = own.to_string_lossy().into_owned();
    let limits = Limits { wall_s: 5, memory_bytes: 1 << 30, ..Limits::default() };
    let policy = Policy::new(level, &[], &[own], &inside, limits);
    let arguments = [PROBE, level.word(), &outside.to_string_lossy(), &std::process::id().to_string(), &name];
    let mut command = sandbox::command(&policy, &program, &arguments, &inside)?;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    wait(&mut child, deadline)?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let Ok(mut told) = serde_json::from_slice::<Told>(&output.stdout) else {
        let said = said.trim().trim_start_matches("sandbox: ");
        bail!("{}", if said.is_empty() { "the sandbox test said nothing" } else { said });
    };
    // In namespaces a write may succeed and yet arrive nowhere: what counts is what is found outside.
    if outside.join("written").exists() {
        told.ways.push(Way::Write);
    }
    if fs::read(outside.join("canary")).ok().as_deref() != Some(b"canary") {
        told.ways.push(Way::Truncate);
    }
    Ok(told)
}

/// Waits for the confined copy, and ends it where it takes too long.
fn wait(child: &mut Child, deadline: Instant) -> Result<()> {
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            child.kill()?;
            // Who does not even end when killed is not waited for.
            for _ in 0..20 {
                if child.try_wait()?.is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            bail!("the sandbox test did not end in time");
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    Ok(())
}

/// The confined copy: tries each escape and prints what succeeded.
pub(super) fn escape(arguments: &[String]) -> String {
    let [level, outside, parent, name] = arguments else { return String::new() };
    let outside = PathBuf::from(outside);
    // In namespaces the numbers begin anew, so that of the starter may by chance be one of ours.
    let mut own = vec![std::process::id().to_string()];
    if level == Level::Full.word() {
        own.push("1".to_owned());
    }
    let is_foreign = !own.contains(parent);
    let socket = |family| rustix::net::socket(family, SocketType::DGRAM, None).is_ok();
    let _ = fs::write(outside.join("written"), "x");
    let _ = fs::OpenOptions::new().write(true).truncate(true).open(outside.join("canary"));
    let tried = [
        (Way::Read, fs::read(outside.join("canary")).is_ok()),
        (Way::Link, fs::OpenOptions::new().append(true).open(outside.join("inside/link")).is_ok()),
        (Way::Stat, fs::symlink_metadata(outside.join("canary")).is_ok()),
        (Way::Inet, inet()),
        (Way::Netlink, socket(AddressFamily::NETLINK)),
        (Way::Vsock, socket(AddressFamily::VSOCK)),
        (Way::Unix, UnixStream::connect(outside.join("door")).is_ok()),
        (Way::Abstract, SocketAddr::from_abstract_name(name).is_ok_and(|at| UnixStream::connect_addr(&at).is_ok())),
        (Way::Environ, is_foreign && fs::read(format!("/proc/{parent}/environ")).is_ok_and(|bytes| !bytes.is_empty())),
        (Way::Pids, sees_others(&own)),
        (Way::Signal, is_foreign && may_signal(parent)),
        (Way::Unfiltered, !is_filtered()),
        (Way::Namespace, nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER).is_ok()),
    ];
    let ways = tried.into_iter().filter_map(|(way, escaped)| escaped.then_some(way)).collect();
    let told = Told { ways, has_landlock: fs::read_dir("/").is_err() };
    serde_json::to_string(&told).unwrap_or_default()
}

fn inet() -> bool {
    use std::net::{TcpListener, UdpSocket};

    UdpSocket::bind("127.0.0.1:0").is_ok()
        || TcpListener::bind("127.0.0.1:0").is_ok()
        || rustix::net::socket(AddressFamily::INET6, SocketType::STREAM, None).is_ok()
}

fn sees_others(own: &[String]) -> bool {
    let Ok(entries) = fs::read_dir("/proc") else { return false };
    let mut names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.any(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && !own.contains(&name))
}

fn may_signal(pid: &str) -> bool {
    let pid = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// Whether a filter of system calls is in force. Raw calls can't be made without unsafe code, so they are not tried.
fn is_filtered() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
}
