//! A small process above the workbench. Its one task: should the workbench be killed, the terminal is given back.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use crate::runtime::terminal::RESTORE;

/// The hidden argument under which the workbench itself runs.
pub const WORKBENCH: &str = "__workbench";

/// Starts the workbench below this process and returns its exit code.
pub fn guard(arguments: &[std::ffi::OsString]) -> io::Result<u8> {
    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let status = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(follow(arguments))?;
    if let Some(number) = status.signal() {
        let mut terminal = &terminal;
        let _ = terminal.write_all(RESTORE.as_bytes());
        let _ = tcsetattr(terminal, OptionalActions::Now, &before);
        let line = format!(
            "\r\nrationale was ended by signal {number}. What it had written down is kept; open the data set again to go on.\r\n"
        );
        let _ = terminal.write_all(line.as_bytes());
        return Ok(u8::try_from(128 + number).unwrap_or(255));
    }
    // Whoever left in good order gave the terminal back; a library that ends the process does not.
    if tcgetattr(&terminal).is_ok_and(|now| now.local_modes != before.local_modes) {
        let mut terminal = &terminal;
        let _ = terminal.write_all(RESTORE.as_bytes());
        let _ = tcsetattr(terminal, OptionalActions::Now, &before);
        let _ = terminal.write_all(
            b"\r\nrationale ended without a word. What it had written down is kept; open the data set again to go on.\r\n",
        );
    }
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}

/// Waits for the workbench. Who wants the guardian to end wants the workbench to end, and that takes a moment.
async fn follow(arguments: &[std::ffi::OsString]) -> io::Result<std::process::ExitStatus> {
    let mut child = Command::new(std::env::current_exe()?).arg(WORKBENCH).args(arguments).spawn()?;
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let mut term = signal(SignalKind::terminate())?;
    let mut hup = signal(SignalKind::hangup())?;
    // These come from the terminal, which sends them to the workbench as well.
    let _int = signal(SignalKind::interrupt())?;
    let _quit = signal(SignalKind::quit())?;
    loop {
        let passed_on = tokio::select! {
            status = child.wait() => return status,
            _ = term.recv() => Signal::TERM,
            _ = hup.recv() => Signal::HUP,
        };
        if let Some(pid) = pid {
            let _ = kill_process(pid, passed_on);
        }
    }
}

/// In the workbench: should the guardian be killed, end in good order.
pub fn follow_guardian() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::TERM));
}
