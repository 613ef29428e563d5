//! Level *full*, from inside: process 1 of the new namespaces. Builds the root, gives up its rights, starts the program,
//! and collects whoever ends. When it ends, the kernel ends everything that is left.

use std::convert::Infallible;
use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::Command;

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::SigSet;
use nix::sys::wait::{WaitStatus, wait};
use nix::unistd::Pid;

use super::namespaces::Ended;
use super::{Policy, linux, root};

/// Becomes process 1: a pipe to report to, the helper that waits outside, the policy, `--`, the program.
pub(super) fn run(arguments: &[String]) -> Result<Infallible> {
    let [report, helper, policy, dashes, program, rest @ ..] = arguments else {
        bail!("process 1 of the sandbox is started by rationale itself");
    };
    if dashes != "--" || std::process::id() != 1 {
        bail!("process 1 of the sandbox is started by rationale itself");
    }
    let policy: Policy = serde_json::from_str(policy).context("the sandbox policy can't be read")?;
    SigSet::empty().thread_set_mask()?;
    let report = fs::File::options().write(true).open(format!("/proc/self/fd/{report}"))?;
    linux::close_inherited(report.as_raw_fd());
    linux::end_with_parent()?;
    // It may have ended before that signal was set. Seen from inside every parent outside is 0, so the old /proc is asked.
    if outer_parent().as_deref() != Some(helper) {
        bail!("the sandbox helper has ended");
    }
    let _ = rustix::process::setsid();
    let folder = std::env::current_dir()?;
    root::build(&policy)?;
    std::env::set_current_dir(&folder).with_context(|| format!("entering {}", folder.display()))?;
    linux::confine(&policy)?;
    let main = Command::new(program).args(rest).spawn().with_context(|| format!("{program} can't be started"))?;
    super::hide_memory();
    linux::release_standard_streams()?;
    let how = collect(Pid::from_raw(i32::try_from(main.id())?))?;
    let _ = (&report).write_all(how.line().as_bytes());
    std::process::exit(match how {
        Ended::Code(code) => code,
        Ended::Signal(number) => 128 + number,
    })
}

fn outer_parent() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().to_owned())
}

/// Collects every process that ends, until the program itself does.
fn collect(main: Pid) -> Result<Ended> {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid == main => return Ok(Ended::Code(code)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == main => return Ok(Ended::Signal(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => bail!("waiting for the program: {errno}"),
        }
    }
}
