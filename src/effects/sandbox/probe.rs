//! Which level this machine reaches, found by trying to escape from it.

#[cfg(target_os = "linux")]
mod attempt;

use crate::domain::run::Reached;

/// The hidden argument under which the program tries to get out.
pub const PROBE: &str = "__sandbox-probe";

/// Finds the level by starting a confined copy of ourselves that tries to escape. Takes two seconds at most.
#[cfg(target_os = "linux")]
pub fn reached() -> Reached {
    attempt::reached()
}

/// Finds the level by what the system offers.
#[cfg(not(target_os = "linux"))]
pub fn reached() -> Reached {
    use crate::domain::run::Level;

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
