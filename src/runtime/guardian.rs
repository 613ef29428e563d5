//! A small process above the workbench. Its one task: should the workbench be killed, the terminal is given back.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::runtime::terminal::RESTORE;

/// The hidden argument under which the workbench itself runs.
pub const WORKBENCH: &str = "__workbench";

/// Starts the workbench below this process and returns its exit code.
pub fn guard(arguments: &[std::ffi::OsString]) -> std::io::Result<u8> {
    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let program = std::env::current_exe()?;
    let mut child = Command::new(program).arg(WORKBENCH).args(arguments).spawn()?;
    let status = child.wait()?;
    if let Some(signal) = status.signal() {
        let mut terminal = &terminal;
        let _ = terminal.write_all(RESTORE.as_bytes());
        let _ = tcsetattr(terminal, OptionalActions::Now, &before);
        let line = format!(
            "\r\nrationale was ended by signal {signal}. What it had written down is kept; open the data set again to go on.\r\n"
        );
        let _ = terminal.write_all(line.as_bytes());
        return Ok(u8::try_from(128 + signal).unwrap_or(255));
    }
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
}

/// In the workbench: should the guardian be killed, end in good order.
pub fn follow_guardian() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM));
}
