//! Code that wants all of the machine, or does not want to end: each run ends in the state and with the reason that is
//! named, nothing of it survives, and what it left can be cleared away.
//!
//! Which number of the plan is proven where:
//!
//! | Number | Proven by |
//! |---|---|
//! | G23–G29, G30 (`breakpoint`), G31, G32 | [`BOMBS`], at the best level here, and those that live on at *standard* too |
//! | G23, G25, G28 at their usual limits | `runs::limits_end_a_run_by_name` |
//! | G26 in a model | `runs::a_bomb_of_processes_is_put_out` |
//! | G30 (`input`), G32 in a model | `runs::code_that_fails_is_told_with_its_line` |
//! | G33 | `escapes`, rows `need_…` |
//! | G34 | `cli` (`doctor`), `runs` |
//! | G35 | [`BOMBS`], `runs::a_process_that_hides_from_its_parent_does_not_outlive_the_run` |
//! | G36 (workbench killed) | `runs::a_run_outlives_its_program_and_is_found_again`, `runs::a_run_of_which_nothing_is_left_is_interrupted` |
//! | G37 (helper killed) | [`a_helper_that_is_killed_takes_its_run_with_it`] |
//! | G26, G28 beside the screen | `smooth.rs` |

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::escapes::best_level;
use crate::harness::{json, program};
use crate::runs::{judged, survivors, wait_until};

/// A script, what it may use, and how it must end.
struct Bomb {
    /// Its number in the plan, and what it is.
    name: &'static str,
    code: &'static str,
    status: &'static str,
    /// Part of the reason; empty where there is none. Where two limits are met at once either may be named, with ` | `
    /// between them.
    reason: &'static str,
    /// Whether it leaves processes that try to live on.
    lives_on: bool,
}

/// So low that each limit is met soon.
const LIMITS: &str =
    "timeout_s = 4\nmemory_gb = 0.5\ndisk_gb = 0.05\noutput_mb = 1.0\nfiles = 400\nprocesses = 60\nstall_s = 0\n";

const MEMORY: &str = "memory";
const TIME: &str = "it took longer than 4 seconds";
const PRINTED: &str = "it printed more than 1.0 MB";

const fn bomb(name: &'static str, status: &'static str, reason: &'static str, code: &'static str) -> Bomb {
    Bomb { name, code, status, reason, lives_on: false }
}

const fn alive(name: &'static str, status: &'static str, reason: &'static str, code: &'static str) -> Bomb {
    Bomb { name, code, status, reason, lives_on: true }
}

const BOMBS: [Bomb; 36] = [
    alive(
        "G23 a loop that ignores every wish to end",
        "timed-out",
        TIME,
        "import signal\nfor number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n    signal.signal(number, signal.SIG_IGN)\nwhile True:\n    pass\n",
    ),
    bomb("G24 a sleep", "timed-out", TIME, "import time\ntime.sleep(600)\n"),
    bomb(
        "G24 a deadlock",
        "timed-out",
        TIME,
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n",
    ),
    alive(
        "G24 it stops itself",
        "timed-out",
        TIME,
        "import os, signal\nif os.fork() == 0:\n    os.kill(os.getpid(), signal.SIGSTOP)\nos.kill(os.getpid(), signal.SIGSTOP)\n",
    ),
    bomb("G25 100 GB at once", "failed", "MemoryError", "bytearray(100 << 30)\n"),
    bomb("G25 slow growth", "failed", MEMORY, "hoard = []\nwhile True:\n    hoard.append(bytearray(10_000_000))\n"),
    alive(
        "G25 many children",
        "failed",
        "it held more than 500 MB of memory",
        "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        hoard = b'x' * 80_000_000\n        time.sleep(600)\ntime.sleep(600)\n",
    ),
    alive(
        "G26 a bomb of processes",
        "failed",
        "it had more than 60 processes and threads at once | it held more than 500 MB of memory",
        "import os\nwhile True:\n    os.fork()\n",
    ),
    alive(
        "G26 a bomb of threads",
        "failed",
        "it had more than 60 processes and threads at once",
        "import threading, time\nthreading.stack_size(65_536)\nwhile True:\n    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n    time.sleep(0.001)\n",
    ),
    bomb(
        "G27 one file that grows",
        "failed",
        "File too large (one file of a run may hold 50 MB) | it wrote more than 50 MB to disk",
        "with open('large', 'wb') as out:\n    while True:\n        out.write(bytes(1 << 20))\n",
    ),
    bomb(
        "G27 files that grow together",
        "failed",
        "it wrote more than 50 MB to disk",
        "import time\nfor number in range(100_000):\n    with open(f'part-{number}', 'wb') as out:\n        out.write(bytes(10 << 20))\n    time.sleep(0.1)\n",
    ),
    bomb(
        "G27 a million small files",
        "failed",
        "it made more than 400 files and folders",
        "for number in range(1_000_000):\n    open(f'file-{number}', 'w').close()\n    if number > 1000:\n        import time; time.sleep(0.1)\n",
    ),
    bomb(
        "G27 files below a path that is too long to be looked at",
        "failed",
        "it made folders that can't be looked into",
        "import os, time\nfor _ in range(40):\n    os.mkdir('d' * 200)\n    os.chdir('d' * 200)\ntime.sleep(600)\n",
    ),
    bomb(
        "G27 odd names",
        "finished",
        "",
        "open('n' * 255, 'w').close()\nopen('line\\nbreak', 'w').close()\nopen(b'\\xff\\xfe', 'w').close()\nopen('-rf \\u202e *', 'w').close()\n",
    ),
    bomb("G28 endless lines", "failed", PRINTED, "while True:\n    print('x' * 10_000)\n"),
    bomb("G28 one endless line", "failed", PRINTED, "import sys\nwhile True:\n    sys.stdout.write('x' * 65_536)\n"),
    bomb(
        "G28 bytes that are no text",
        "finished",
        "",
        "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 100 + b'\\x1b[2J\\x1b]0;title\\x07\\n')\n",
    ),
    bomb(
        "G29 it closes its output",
        "finished",
        "",
        "import os\nos.close(1)\nos.close(2)\nopen('after', 'w').write('x')\n",
    ),
    alive(
        "G29 a daemon writes on when it has ended",
        "finished",
        "",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True:\n        print('still here', flush=True)\n        time.sleep(0.01)\n",
    ),
    bomb("G30 a debugger", "failed", "BdbQuit (a run can't ask for input)", "breakpoint()\nx = 1\n"),
    bomb("G31 status 0", "finished", "", "import sys\nsys.exit(0)\n"),
    bomb("G31 status 1", "failed", "ended itself with status 1", "import sys\nsys.exit(1)\n"),
    bomb("G31 status 2", "failed", "ended itself with status 2", "import sys\nsys.exit(2)\n"),
    bomb("G31 status 130", "failed", "ended itself with status 130", "import sys\nsys.exit(130)\n"),
    bomb("G31 status 255", "failed", "ended itself with status 255", "import sys\nsys.exit(255)\n"),
    bomb(
        "G31 an exit without leave",
        "failed",
        "Python ended with status 3: bye",
        "import os\nprint('bye', flush=True)\nos._exit(3)\n",
    ),
    bomb("G31 a status like that of a signal", "failed", "Python ended with status 139", "import os\nos._exit(139)\n"),
    bomb("G31 an abort", "failed", "Python was ended by signal 6 (SIGABRT)", "import os\nos.abort()\n"),
    bomb(
        "G31 a fault in C",
        "failed",
        "Python was ended by signal 11 (SIGSEGV)",
        "import ctypes\nctypes.string_at(0)\n",
    ),
    bomb(
        "G31 the kernel's way out of memory",
        "failed",
        "Python was ended by signal 9 (SIGKILL); where memory is short the system ends programs so",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    ),
    bomb("G32 no Python", "failed", "SyntaxError: ", "def (:\n"),
    bomb("G32 tabs and blanks", "failed", "TabError: ", "if True:\n        x = 1\n\ty = 2\n"),
    bomb(
        "G32 a pool without a guard",
        "failed",
        "BrokenProcessPool",
        "import multiprocessing\nfrom concurrent.futures import ProcessPoolExecutor\ncontext = multiprocessing.get_context('spawn')\nprint(list(ProcessPoolExecutor(2, mp_context=context).map(abs, [-1])))\n",
    ),
    alive(
        "G35 a daemon of its own session that ignores every wish to end",
        "finished",
        "",
        "import os, signal\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n            signal.signal(number, signal.SIG_IGN)\n        os.execve('/bin/sleep', ['sleep', '600.MARK'], {})\n    os._exit(0)\nos.wait()\n",
    ),
    bomb(
        "G25 shared memory",
        "failed",
        "No space left on device",
        "for number in range(1000):\n    with open(f'/dev/shm/part-{number}', 'wb') as out:\n        out.write(bytes(10 << 20))\n",
    ),
    bomb(
        "G27 deep folders",
        "finished",
        "",
        "import os\nfor number in range(300):\n    os.mkdir('d')\n    os.chdir('d')\n",
    ),
];

/// The mark in the arguments of a daemon that has thrown away its environment.
fn mark(level: &str) -> String {
    format!("{}{}", std::process::id(), level.len())
}

fn marked(mark: &str) -> bool {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.into_iter().any(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&format!("600.{mark}"))
    })
}

fn folder_at(level: &str) -> tempfile::TempDir {
    let folder = judged();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    let text = format!("[run]\nsandbox = \"{level}\"\n{LIMITS}");
    std::fs::write(folder.path().join("config/config.toml"), text).unwrap();
    folder
}

fn command(folder: &Path, code: &str) -> Command {
    std::fs::write(folder.join("bomb.py"), code).unwrap();
    let mut command = program(folder);
    command.args(["run", "bomb.py", "--data", "penguins.csv", "--target", "species", "--json"]);
    command
}

fn log_of(folder: &Path, run: &Value) -> PathBuf {
    folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("fold-0/output.log")
}

fn set_off(level: &str, bombs: impl Iterator<Item = &'static Bomb>) {
    let folder = folder_at(level);
    let mut wrong = Vec::new();
    for bomb in bombs {
        let output = command(folder.path(), &bomb.code.replace("MARK", &mark(level))).output().unwrap();
        let value = json(&output);
        if value["run_id"].is_null() {
            wrong.push(format!("{}: {value}", bomb.name));
            continue;
        }
        let reason = value["reason"].as_str().unwrap_or_default();
        let as_said = if bomb.reason.is_empty() {
            value["reason"].is_null()
        } else {
            bomb.reason.split(" | ").any(|one| reason.contains(one))
        };
        if value["status"] != bomb.status || !as_said {
            wrong.push(format!("{}: {} because {reason:?}", bomb.name, value["status"]));
        }
        let left = survivors(folder.path());
        if !left.is_empty() || marked(&mark(level)) {
            wrong.push(format!("{}: {left:?} lives on", bomb.name));
        }
        let kept = std::fs::metadata(log_of(folder.path(), &value)).unwrap().len();
        if kept > 1_000_000 {
            wrong.push(format!("{}: {kept} bytes of output were kept", bomb.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "at level {level}");
    folder.close().expect("what was left can be cleared away");
}

#[test]
fn the_first_half_ends_as_named() {
    set_off(best_level(), BOMBS.iter().step_by(2));
}

#[test]
fn the_second_half_ends_as_named() {
    // Without namespaces there is no shared memory that could be filled.
    let is_full = best_level() == "full";
    set_off(best_level(), BOMBS.iter().skip(1).step_by(2).filter(|bomb| is_full || bomb.name != "G25 shared memory"));
}

#[test]
fn at_standard_nothing_lives_on_either() {
    set_off("standard", BOMBS.iter().filter(|bomb| bomb.lives_on));
}

#[test]
fn a_run_that_stalls_is_ended_by_name() {
    let folder = folder_at(best_level());
    let at = folder.path().join("config/config.toml");
    std::fs::write(&at, "[run]\nstall_s = 2\n").unwrap();
    let value = json(&command(folder.path(), "import time\ntime.sleep(600)\n").output().unwrap());
    let reason = "it stalled: for 2 seconds it printed nothing and used no processor";
    assert_eq!((&value["status"], &value["reason"]), (&json!("failed"), &json!(reason)));
}

#[test]
fn a_helper_that_is_killed_takes_its_run_with_it() {
    let folder = folder_at(best_level());
    let mut child =
        command(folder.path(), "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.01)\n")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
    let helper = || {
        let mark = folder.path().canonicalize().unwrap().display().to_string();
        std::fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let line = String::from_utf8_lossy(&std::fs::read(entry.path().join("cmdline")).ok()?).into_owned();
            let is_helper = line.split('\0').nth(1) == Some("__sandbox") && line.contains(&mark);
            is_helper.then(|| entry.file_name().to_str()?.parse().ok()).flatten()
        })
    };
    let begun =
        || survivors(folder.path()).iter().any(|line| line.contains("runner.py") && !line.contains("__sandbox"));
    wait_until("the run has begun", begun);
    // Without namespaces the helper becomes Python itself.
    if let Some(pid) = helper().and_then(rustix::process::Pid::from_raw) {
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        let output = child.wait_with_output().unwrap();
        let value = json(&output);
        assert_eq!(value["status"], "failed", "{value}");
        assert!(value["reason"].as_str().unwrap().starts_with("Python was ended by signal 9 (SIGKILL)"), "{value}");
    } else {
        assert_ne!(best_level(), "full");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    wait_until("nothing is left", || survivors(folder.path()).is_empty());
}

#[test]
fn a_workbench_that_is_held_up_does_not_hold_up_the_limits() {
    let folder = folder_at(best_level());
    std::fs::write(folder.path().join("config/config.toml"), "[run]\ntimeout_s = 20\noutput_mb = 10000\n").unwrap();
    let code = "print('begun', flush=True)\nwhile True:\n    print('x' * 100)\n";
    let child = command(folder.path(), code).stdout(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let ended = || {
        let runs = std::fs::read_dir(folder.path().join(".rationale/runs")).into_iter().flatten().flatten();
        runs.into_iter().all(|run| run.path().join("outcome.json").exists())
    };
    let n_printed = || {
        let runs = std::fs::read_dir(folder.path().join(".rationale/runs")).into_iter().flatten().flatten();
        let logs = runs.filter(|run| !run.path().join("outcome.json").exists());
        logs.filter_map(|run| Some(std::fs::metadata(run.path().join("fold-0/output.log")).ok()?.len())).sum::<u64>()
    };
    wait_until("it prints", || n_printed() > 100_000);
    // As by Ctrl-Z: it reads nothing of what it is told.
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    wait_until("the run is ended by its limit", ended);
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    let value = json(&child.wait_with_output().unwrap());
    assert_eq!((&value["status"], &value["reason"]), (&json!("timed-out"), &json!("it took longer than 20 seconds")));
}
