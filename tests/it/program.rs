//! The program itself in a terminal of its own: it starts, it is left, it is killed, and the terminal is as it was.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::harness::{folder_with, program, python, repository};

/// A program in a terminal that is watched.
pub struct Pty {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<Watched>>,
}

struct Watched {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

impl Pty {
    /// Starts the program below a shell, so that there is somebody to come back to.
    pub fn start(folder: &Path, columns: u16, rows: u16, arguments: &str) -> Self {
        Self::start_with(folder, (columns, rows), arguments, &[])
    }

    /// As [`Pty::start`], with more variables.
    pub fn start_with(folder: &Path, (columns, rows): (u16, u16), arguments: &str, variables: &[(&str, &str)]) -> Self {
        let pair =
            native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        let plain = program(folder);
        let mut command = CommandBuilder::new("sh");
        command.args([
            "-c",
            &format!(
                "stty -a > before.txt; {:?} {arguments}; echo \"[code $?]\"; stty -a > after.txt; echo done",
                plain.get_program().to_string_lossy()
            ),
        ]);
        command.env_clear();
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("TERM", "xterm-256color");
        for (name, value) in variables {
            command.env(name, value);
        }
        command.cwd(folder);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(Watched {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            bytes: Vec::new(),
        }));
        let (mut reader, watched) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 {
                    break;
                }
                let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
                watched.parser.process(&buffer[..n]);
                watched.bytes.extend_from_slice(&buffer[..n]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, writer, screen }
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner).parser.screen().contents()
    }

    pub fn type_in(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until the screen shows a text.
    pub fn expect(&mut self, text: &str) {
        self.expect_within(text, 60);
    }

    pub fn expect_within(&mut self, text: &str, seconds: u64) {
        let start = Instant::now();
        while !self.text().contains(text) {
            assert!(start.elapsed() < Duration::from_secs(seconds), "{text:?} never came:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process of the workbench itself, and that of its guardian.
    pub fn processes(&self) -> (rustix::process::Pid, rustix::process::Pid) {
        let shell = self.child.process_id().unwrap();
        let child_of = |parent: u32| {
            let start = Instant::now();
            loop {
                let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
                if let Some(pid) = children.split_whitespace().next() {
                    return pid.parse::<u32>().unwrap();
                }
                assert!(start.elapsed() < Duration::from_secs(20), "{parent} has no child");
            }
        };
        let guardian = child_of(shell);
        let pid = |number: u32| rustix::process::Pid::from_raw(i32::try_from(number).unwrap()).unwrap();
        (pid(child_of(guardian)), pid(guardian))
    }

    /// Waits for the shell to come back, and says what it found: the exit code, and whether the terminal is as it was.
    pub fn end(mut self, folder: &Path) -> (String, bool) {
        self.expect("done");
        self.child.wait().unwrap();
        // The first line holds the size, which a test may have changed.
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            text.split_once('\n').unwrap().1.to_owned()
        };
        let same = read("before.txt") == read("after.txt");
        let watched = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = watched.parser.screen();
        let is_plain = !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None;
        (screen.contents(), same && is_plain)
    }
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

fn demo() -> tempfile::TempDir {
    let folder = folder_with(&["penguins.csv"]);
    std::fs::create_dir(folder.path().join("config")).unwrap();
    folder
}

#[test]
fn it_starts_is_left_and_leaves_nothing_behind() {
    let folder = demo();
    let mut pty = Pty::start(folder.path(), 100, 30, "penguins.csv");
    pty.expect("bill_length");
    assert!(pty.screen.lock().unwrap().parser.screen().alternate_screen());
    pty.type_in("q");
    let (text, is_sane) = pty.end(folder.path());
    assert!(is_sane, "{text}");
    assert!(text.contains("[code 0]"), "{text}");
}

#[test]
fn without_a_file_it_welcomes_and_offers_the_demo() {
    let folder = demo();
    let mut pty = Pty::start(folder.path(), 80, 24, "");
    pty.expect("demo");
    pty.type_in("q");
    assert!(pty.end(folder.path()).1);
}

#[test]
fn a_small_terminal_is_told_and_grows() {
    let folder = demo();
    let mut pty = Pty::start(folder.path(), 30, 8, "penguins.csv");
    pty.expect("30");
    pty.master.resize(PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 }).unwrap();
    pty.screen.lock().unwrap().parser.screen_mut().set_size(cells(30), cells(100));
    pty.expect("bill_length");
    pty.type_in("q");
    assert!(pty.end(folder.path()).1);
}

#[test]
fn signals_end_it_in_good_order() {
    use rustix::process::{Signal, kill_process};

    for (to_guardian, signal, code) in [
        (false, Signal::TERM, "[code 143]"),
        (true, Signal::TERM, "[code 143]"),
        (false, Signal::HUP, "[code 129]"),
        (false, Signal::KILL, "[code 137]"),
        (false, Signal::ABORT, "[code 134]"),
    ] {
        let folder = demo();
        let mut pty = Pty::start(folder.path(), 100, 30, "penguins.csv");
        pty.expect("bill_length");
        let (bench, guardian) = pty.processes();
        kill_process(if to_guardian { guardian } else { bench }, signal).unwrap();
        let (text, is_sane) = pty.end(folder.path());
        assert!(is_sane, "{signal:?}: {text}");
        assert!(text.contains(code), "{signal:?}: {text}");
    }
}

/// Faults of the program itself: T1 to T8 of the catalogue.
#[test]
fn whatever_goes_wrong_inside_the_terminal_is_given_back_and_one_line_says_so() {
    let of_its_own = "rationale stopped at an error of its own";
    for (fault, code, said) in [
        ("panic", "[code 101]", of_its_own),
        ("panic-at-drawing", "[code 101]", of_its_own),
        ("exit", "[code 7]", "rationale ended without a word"),
        ("segv", "[code 139]", "rationale was ended by signal 11"),
        ("bus", "[code 135]", "rationale was ended by signal 7"),
        ("overflow", "[code 134]", "rationale was ended by signal 6"),
    ] {
        let folder = demo();
        let mut pty = Pty::start_with(folder.path(), (100, 30), "penguins.csv", &[("RATIONALE_FAULT", fault)]);
        pty.expect("bill_length");
        pty.type_in("j");
        let (text, is_sane) = pty.end(folder.path());
        assert!(is_sane, "{fault}: {text}");
        assert!(text.contains(code) && text.contains(said), "{fault}: {text}");
        assert!(!text.contains("title"), "{fault}: {text}");
        // The next start shows everything that was there.
        let mut pty = Pty::start(folder.path(), 100, 30, "penguins.csv");
        pty.expect("bill_length");
        pty.type_in("q");
        assert!(pty.end(folder.path()).1, "{fault}");
    }
}

#[test]
fn a_panic_beside_the_loop_does_not_end_it() {
    for fault in ["panic-in-thread", "panic-in-task"] {
        let folder = demo();
        let mut pty = Pty::start_with(folder.path(), (100, 30), "penguins.csv", &[("RATIONALE_FAULT", fault)]);
        pty.expect("bill_length");
        pty.type_in("j?");
        pty.expect("The loop");
        pty.type_in("\x1b");
        pty.expect("bill_length");
        pty.type_in("q");
        let (text, is_sane) = pty.end(folder.path());
        assert!(is_sane && text.contains("[code 0]"), "{fault}: {text}");
    }
}

#[test]
fn it_can_be_put_aside_and_taken_up_again() {
    let folder = demo();
    let mut pty = Pty::start(folder.path(), 100, 30, "penguins.csv");
    pty.expect("bill_length");
    let (bench, _) = pty.processes();
    pty.type_in("\x1a");
    let state = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", bench.as_raw_nonzero())).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    };
    crate::runs::wait_until("it is stopped", || state() == 'T');
    assert!(!pty.screen.lock().unwrap().parser.screen().alternate_screen(), "the shell has its screen back");
    rustix::process::kill_process_group(rustix::process::getpgid(Some(bench)).unwrap(), rustix::process::Signal::CONT)
        .unwrap();
    crate::runs::wait_until("it draws again", || pty.screen.lock().unwrap().parser.screen().alternate_screen());
    pty.expect("bill_length");
    pty.type_in("q");
    assert!(pty.end(folder.path()).1);
}

#[test]
fn from_the_demo_to_a_verdict_by_keys_alone() {
    let folder = demo();
    let _ = python();
    let mut pty = Pty::start(folder.path(), 140, 40, "demo");
    pty.expect("customer_id");
    pty.expect("warnings");
    pty.type_in("F");
    pty.expect("sealed");
    pty.type_in("\r");
    pty.expect("run the baselines");
    pty.type_in("x");
    pty.expect_within("e2 is better", 240);
    pty.type_in("t");
    pty.expect("an estimator for this data");
    pty.type_in("g\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r");
    pty.expect("asks the price");
    pty.type_in("\r");
    pty.expect("what will leave");
    pty.type_in("\r");
    pty.expect("def build():");
    crate::runs::wait_until("it can be accepted", || pty.text().contains("accept"));
    pty.type_in("3a");
    pty.expect("ccepted");
    pty.type_in("x");
    pty.expect_within("e3", 240);
    crate::runs::wait_until("the verdict is there", || {
        let text = pty.text();
        text.matches("better").count() + text.matches("not distinguishable").count() >= 2
    });
    // It may still be looked at again before it is the best: leaving asks then.
    pty.type_in("q");
    pty.type_in("y");
    let (text, is_sane) = pty.end(folder.path());
    assert!(is_sane, "{text}");
    let copied = std::fs::read(folder.path().join("rationale-demo/churn.csv")).unwrap();
    assert_eq!(copied, std::fs::read(repository().join("assets/churn.csv")).unwrap(), "the data is as it was");
}
