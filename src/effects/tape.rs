//! A recording, decoded to be played in the panes.

use std::path::Path;

use crate::app::replay::Tape;
use crate::domain::failure::Failure;
use crate::effects::api::rounds::Rounds;
use crate::effects::recording;
use crate::safe;

/// Most events of a recording that are played.
const MAX_EVENTS: usize = 2_000_000;

/// Reads a recording and decodes it.
pub fn read(path: &Path) -> Result<Tape, Failure> {
    let recording = recording::open(path)?;
    let heading = &recording.heading;
    let mut tape = Tape {
        heading: safe!("{} · {} · {} · {}", heading.task, heading.model, heading.endpoint, heading.at),
        task: heading.task.clone(),
        is_torn: recording.is_torn,
        ..Tape::default()
    };
    let (mut rounds, mut events) = (Rounds::default(), Vec::new());
    for (at, piece) in &recording.pieces {
        rounds.take(piece, &mut events);
        let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        tape.events.extend(events.drain(..).map(|event| (at, event)));
        if tape.events.len() > MAX_EVENTS {
            tape.events.truncate(MAX_EVENTS);
            tape.is_cut = true;
            break;
        }
    }
    Ok(tape)
}
