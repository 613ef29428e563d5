//! The commands that need no screen: each prints what it found, for people or as JSON, and ends with an exit code.

pub mod again;
pub mod ask;
pub mod doctor;
pub mod env;
pub mod errors;
pub mod evaluator;
pub mod export;
pub mod history;
pub mod printer;
pub mod profile;
pub mod replay;
pub mod run;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::domain::framing::Framing;
use crate::domain::known::Known;
use crate::effects::session::Session;
use crate::effects::world::World;
use crate::safe;
use crate::text::SafeText;

/// Where a command writes: results to standard output, everything else to standard error.
///
/// A reader that has gone away is no reason to fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Console;

impl Console {
    /// A line of the result.
    pub fn out(self, line: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// A piece of the result, shown at once.
    pub fn piece(self, text: &SafeText) {
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "{text}").and_then(|()| out.flush());
    }

    /// A line beside the result.
    pub fn note(self, line: &SafeText) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// A JSON document.
    pub fn json(self, value: &Value) {
        self.out(&value.to_string());
    }

    /// A failure, in the form that was asked for, and its exit code.
    pub fn fail(self, failure: &Failure, as_json: bool) -> u8 {
        if as_json {
            self.json(&crate::json::failure(failure));
        } else {
            self.note(&safe!("rationale: {failure}"));
        }
        failure.exit_code()
    }
}

/// An open data set that is known and framed.
pub struct Framed {
    /// The data set.
    pub session: Session,
    /// What is known of it.
    pub known: Known,
    /// The question.
    pub framing: Framing,
}

/// Opens a data set, profiles it, and frames it: as it was framed before, or as is proposed.
pub fn frame(
    world: &Arc<World>,
    path: &Path,
    target: Option<&str>,
    tell: &dyn Fn(SafeText),
) -> Result<Framed, Failure> {
    let cancel = CancellationToken::new();
    let session = Session::open(Arc::clone(world), path)?;
    let written = session.project.framing()?;
    let kept = written.filter(|framing| target.is_none_or(|target| framing.target.expose() == target));
    let wanted =
        target.map(ToOwned::to_owned).or_else(|| kept.as_ref().map(|framing| framing.target.expose().to_owned()));
    if let Some(kept) = &kept {
        session.check_names(kept)?;
    }
    session.project.make_state()?;
    session.recover()?.into_iter().for_each(tell);
    let known = session.know(wanted.as_deref(), &cancel)?;
    let framing = match kept {
        Some(framing) => {
            session.check_framing(&framing, &known.profile)?;
            framing
        }
        None => {
            let proposal = session.propose(&known, target.is_some())?;
            for (field, reason) in &proposal.reasons {
                tell(safe!("framed: {} = {} ({reason})", field.label(), proposal.value(*field)));
            }
            proposal.framing
        }
    };
    if let (_, Some(seen)) = session.frame(&framing, &known.profile)? {
        // It stands beside the result, so whoever reads JSON is told too.
        Console.note(&safe!("! {seen}"));
    }
    Ok(Framed { session, known, framing })
}
