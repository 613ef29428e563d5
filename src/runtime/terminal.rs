//! The terminal: taken and given back by one guard, whatever happens in between.

use std::fs::File;
use std::io::{self, Stdout, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use tokio::signal::unix::{Signal as UnixSignal, SignalKind, signal};

/// What undoes everything that a program may have done to a terminal, in an order that works everywhere.
pub const RESTORE: &str = "\x1b[?2026l\x1b[<u\x1b[>4;0m\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[0m\x1b[?7h\x1b[0 q\x1b[?25h";

/// Whether the terminal is ours at this moment, for the panic hook.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// The screen while it is ours.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    stderr: Option<OwnedFd>,
    log: Option<File>,
}

impl Screen {
    /// Takes the terminal. What libraries print to standard error goes to the log meanwhile.
    pub fn enter(log_folder: &Path) -> io::Result<Self> {
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let log = std::fs::create_dir_all(log_folder)
            .and_then(|()| File::options().create(true).append(true).open(log_folder.join("stderr.log")))
            .ok();
        let mut screen = Self { terminal, stderr: None, log };
        hook_panics(log_folder);
        screen.take()?;
        Ok(screen)
    }

    /// Takes it again after it was given away.
    pub fn enter_again(&mut self) -> io::Result<()> {
        self.take()?;
        self.clear();
        Ok(())
    }

    fn take(&mut self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        IS_OURS.store(true, Ordering::SeqCst);
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, cursor::Hide)?;
        if let Some(log) = &self.log {
            self.stderr = rustix::io::dup(rustix::stdio::stderr()).ok();
            let _ = rustix::stdio::dup2_stderr(log);
        }
        Ok(())
    }

    /// Gives it back as it was.
    pub fn leave(&mut self) {
        if let Some(stderr) = self.stderr.take() {
            let _ = rustix::stdio::dup2_stderr(&stderr);
        }
        restore();
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        terminal::size().unwrap_or((80, 24))
    }

    /// Draws a frame.
    pub fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(render)?;
        Ok(())
    }

    /// Forgets what is on the screen, so that everything is drawn anew.
    ///
    /// Not by `Terminal::clear`, which asks the terminal where its cursor is and fails where the answer goes to the keys.
    pub fn clear(&mut self) {
        let (columns, rows) = self.size();
        let _ = self.terminal.resize(Rect::new(0, 0, columns, rows));
    }

    /// Puts text into the clipboard, as far as the terminal allows it.
    pub fn copy(&mut self, text: &str) {
        let _ = execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Undoes what we did. May be called twice, and from a panic.
fn restore() {
    if IS_OURS.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// A panic anywhere gives the terminal back before it is told. A panic in a job is reported by the job; one in the loop
/// ends the program.
fn hook_panics(log_folder: &Path) {
    let log = log_folder.join("stderr.log");
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_main = std::thread::current().name() == Some("main");
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, "panic: {}", panic.payload_as_str().unwrap_or("no message"));
        if is_main {
            restore();
            // Standard error is the log at this moment.
            before(panic);
            let line = format!(
                "rationale stopped at an error of its own ({place}). What it had written down is kept; details are in {}",
                log.display()
            );
            let _ = writeln!(io::stdout(), "{line}");
        }
    }));
}

/// A signal that matters to the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Leave with this exit code.
    Leave(u8),
    /// Back to the shell for a while.
    Stop,
    /// Back from the shell.
    Continue,
}

/// Signals that matter to the loop.
#[derive(Debug)]
pub struct Signals {
    term: UnixSignal,
    hup: UnixSignal,
    int: UnixSignal,
    quit: UnixSignal,
    tstp: UnixSignal,
    cont: UnixSignal,
}

impl Signals {
    /// Listens from now on.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            tstp: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            cont: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::Leave(143),
            _ = self.hup.recv() => Signal::Leave(129),
            _ = self.int.recv() => Signal::Leave(130),
            _ = self.quit.recv() => Signal::Leave(131),
            _ = self.tstp.recv() => Signal::Stop,
            _ = self.cont.recv() => Signal::Continue,
        }
    }
}

/// Stops the whole group of processes, as Ctrl-Z does in a program that leaves it to the terminal. Returns when it goes on.
pub fn stop_group() {
    let _ = io::stdout().flush();
    // The stop signal that can be caught is caught by us, so this one is sent.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}
