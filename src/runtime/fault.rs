//! Faults of the program itself, on purpose, so that tests see what becomes of the terminal. Not in a release build.

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// Whether the next frame panics.
static AT_DRAWING: AtomicBool = AtomicBool::new(false);

/// What the variable `RATIONALE_FAULT` names happens now.
#[expect(clippy::panic, reason = "on purpose")]
pub(super) fn strike() {
    match std::env::var("RATIONALE_FAULT").as_deref() {
        Ok("panic") => panic!("a fault on purpose \u{1b}]0;title\u{7}\u{202e}"),
        Ok("panic-at-drawing") => AT_DRAWING.store(true, Ordering::SeqCst),
        Ok("panic-in-thread") => drop(std::thread::spawn(|| panic!("a fault on purpose"))),
        Ok("panic-in-task") => drop(tokio::spawn(async { panic!("a fault on purpose") })),
        Ok("exit") => std::process::exit(7),
        Ok("segv") => fatal(Signal::SEGV),
        Ok("bus") => fatal(Signal::BUS),
        Ok("overflow") => drop(std::hint::black_box(deeper(1))),
        _ => {}
    }
}

/// Where a frame is drawn.
pub(super) fn at_drawing() {
    assert!(!AT_DRAWING.load(Ordering::SeqCst), "a fault on purpose");
}

/// Twice: the first meets the handler that looks for an overflow of the stack, and takes it away.
fn fatal(signal: Signal) {
    for _ in 0..2 {
        let _ = kill_process(getpid(), signal);
    }
}

fn deeper(n: u64) -> u64 {
    let room = std::hint::black_box([n; 512]);
    if n == 0 { room[0] } else { deeper(n.wrapping_add(1)).wrapping_add(room[511]) }
}
