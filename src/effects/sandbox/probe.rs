//! Which level this machine reaches, found by trying to escape from it.

#[cfg(target_os = "linux")]
mod attempt;

use crate::domain::run::{Level, Reached};

/// The hidden argument under which the program tries to get out.
pub const PROBE: &str = "__sandbox-probe";

/// Finds the level, up to `highest`, by starting a confined copy of ourselves that tries to escape. Takes well under a
/// second; a machine that is too busy or that hangs is waited for up to the budget of the attempts.
#[cfg(target_os = "linux")]
pub fn reached(highest: Level) -> Reached {
    attempt::reached(highest)
}

/// Finds the level by what the system offers.
#[cfg(not(target_os = "linux"))]
pub fn reached(highest: Level) -> Reached {
    if highest == Level::None {
        return Reached { level: Level::None, why: "run.sandbox asks for no more".into() };
    }
    if cfg!(target_os = "macos") && std::path::Path::new("/usr/bin/sandbox-exec").exists() {
        return Reached {
            level: Level::Seatbelt,
            why: "files and network are confined by Seatbelt; memory is watched, not enforced".into(),
        };
    }
    Reached { level: Level::None, why: "sandbox-exec is not there".into() }
}

/// The confined copy: tries each escape and prints what succeeded.
#[cfg(target_os = "linux")]
pub fn escape(arguments: &[String]) -> String {
    attempt::escape(arguments)
}

/// The confined copy, which only Linux has.
#[cfg(not(target_os = "linux"))]
pub fn escape(_arguments: &[String]) -> String {
    String::new()
}
