//! Something the user should know, said so that they can act.

use std::fmt;

use crate::text::SafeText;

/// Who can do something about it, which also decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What was given can't be used: exit code 2.
    Input,
    /// The work did not succeed: exit code 1.
    Work,
}

/// What happened, why, and the one next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What could not be done, with the name of the object.
    pub what: SafeText,
    /// Why.
    pub why: SafeText,
    /// What to do about it.
    pub next: SafeText,
    /// Who can do something about it.
    pub blame: Blame,
}

impl Failure {
    /// Something given by the user can't be used.
    pub fn input(what: impl Into<SafeText>, why: impl Into<SafeText>, next: impl Into<SafeText>) -> Self {
        Self { what: what.into(), why: why.into(), next: next.into(), blame: Blame::Input }
    }

    /// Something we tried did not succeed.
    pub fn work(what: impl Into<SafeText>, why: impl Into<SafeText>, next: impl Into<SafeText>) -> Self {
        Self { what: what.into(), why: why.into(), next: next.into(), blame: Blame::Work }
    }

    /// The process exit code that belongs to it.
    pub fn exit_code(&self) -> u8 {
        match self.blame {
            Blame::Input => 2,
            Blame::Work => 1,
        }
    }
}

impl fmt::Display for Failure {
    /// One sentence with the next step.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.what, self.why)?;
        if self.next.is_empty() { Ok(()) } else { write!(formatter, " – {}", self.next) }
    }
}

impl std::error::Error for Failure {}
