//! Level *full*, from outside: leaves the namespaces of the system for new ones, starts process 1 in them, and ends as
//! it ended.

use std::convert::Infallible;
use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigSet, Signal, raise};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, configure_capability_in_ambient_set, set_capabilities,
};

use super::{INIT, Policy, linux};

/// How long processes that were asked to end may take before they are not asked.
const GRACE: Duration = Duration::from_secs(2);

/// How the program inside ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Ended {
    /// As process 1 writes it down: a code alone can't tell 134 from an abort.
    pub(super) fn line(self) -> String {
        match self {
            Self::Code(code) => format!("code {code}\n"),
            Self::Signal(number) => format!("signal {number}\n"),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (word, number) = line.strip_suffix('\n')?.split_once(' ')?;
        let number = number.parse().ok()?;
        match word {
            "code" => Some(Self::Code(number)),
            "signal" => Some(Self::Signal(number)),
            _ => None,
        }
    }
}

/// Runs the program in namespaces of its own and ends this process in the same way. Returns only where it can't start.
pub(super) fn run(policy: &Policy, program: &str, arguments: &[String]) -> Result<Infallible> {
    let own = super::own_program()?;
    enter(policy)?;
    // The parent-death signal must be that of a process that may still be killed: a new user namespace can clear it.
    linux::end_with_parent()?;
    let (mut report, for_init) = std::io::pipe()?;
    rustix::io::fcntl_setfd(&for_init, rustix::io::FdFlags::empty())?;
    let mut init = Command::new(own)
        .arg(INIT)
        .arg(for_init.as_raw_fd().to_string())
        .arg(std::process::id().to_string())
        .arg(serde_json::to_string(policy)?)
        .arg("--")
        .arg(program)
        .args(arguments)
        .spawn()
        .context("process 1 can't be started")?;
    drop(for_init);
    // Whoever reads our output or writes our input waits for the program, not for us.
    linux::release_standard_streams()?;
    let status = wait(&mut init)?;
    let mut told = String::new();
    let _ = report.read_to_string(&mut told);
    end_like(Ended::parse(&told).unwrap_or_else(|| ended(status)))
}

fn ended(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(code),
        (None, Some(number)) => Ended::Signal(number),
        (None, None) => Ended::Code(1),
    }
}

fn step(what: &str, result: nix::Result<()>) -> Result<()> {
    result.map_err(|errno| anyhow!("namespaces are not available here ({what}: {errno:?})"))
}

/// Leaves the namespaces of the system. Needs a single thread.
fn enter(policy: &Policy) -> Result<()> {
    let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    step("unshare", unshare(CloneFlags::CLONE_NEWUSER))?;
    let put = |name: &str, text: String| {
        fs::write(format!("/proc/self/{name}"), text)
            .map_err(|error| anyhow!("namespaces are not available here ({name}: {error})"))
    };
    put("setgroups", "deny".into())?;
    put("uid_map", format!("{user} {user} 1"))?;
    put("gid_map", format!("{group} {group} 1"))?;
    let mut flags =
        CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    if !policy.network {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    step("unshare", unshare(flags))?;
    // Hides names only, so it is not insisted on.
    let _ = unshare(CloneFlags::CLONE_NEWCGROUP);
    let _ = nix::unistd::sethostname("sandbox");
    hand_down().context("handing down the rights to mount")
}

/// Lets process 1 keep what it needs to mount: whoever is not root loses all rights when another program starts.
fn hand_down() -> Result<()> {
    let needed = CapabilitySet::SYS_ADMIN | CapabilitySet::SETPCAP;
    let own = capabilities(None)?;
    set_capabilities(None, CapabilitySets { inheritable: needed, ..own })?;
    for one in [CapabilitySet::SYS_ADMIN, CapabilitySet::SETPCAP] {
        configure_capability_in_ambient_set(one, true)?;
    }
    Ok(())
}

/// Waits for process 1. The processes inside get signals of their own, so a wish to end is not passed on; but where they
/// do not follow it in time, everything is ended.
fn wait(init: &mut Child) -> Result<ExitStatus> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT] {
        signals.add(signal);
    }
    signals.thread_block()?;
    let mut asked: Option<Instant> = None;
    loop {
        if let Some(status) = init.try_wait()? {
            return Ok(status);
        }
        match asked {
            None => {
                if signals.wait()? != Signal::SIGCHLD {
                    asked = Some(Instant::now());
                }
            }
            Some(since) => {
                if since.elapsed() > GRACE {
                    init.kill()?;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// Ends this process as the one inside ended.
fn end_like(how: Ended) -> ! {
    let number = match how {
        Ended::Code(code) => std::process::exit(code),
        Ended::Signal(number) => number,
    };
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let _ = SigSet::empty().thread_set_mask();
    if let Ok(signal) = Signal::try_from(number) {
        // The first one may meet the handler by which Rust reports an overflow of the stack; it takes itself away.
        let _ = raise(signal);
        let _ = raise(signal);
    }
    std::process::exit(128 + number)
}
