//! `rationale replay` without a screen: the text of a recording, in its own time.

use std::path::Path;
use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::effects::api::accumulate::Accumulator;
use crate::effects::api::sse::Decoder;
use crate::effects::recording;
use crate::headless::Console;
use crate::safe;
use crate::text::sanitize::{Place, Sanitizer};

/// Plays a recording on standard output.
pub async fn replay(path: &Path, speed: f64) -> Result<(), Failure> {
    if !(speed >= 0.0 && speed.is_finite()) {
        return Err(Failure::input(
            safe!("--speed {speed}"),
            safe!("it is not a number from zero up"),
            safe!("1 is the speed at which it came"),
        ));
    }
    let recording = recording::read(path).map_err(|error| {
        let why = if path.exists() { format!("{error:#}") } else { "there is no such file".into() };
        Failure::input(safe!("{}", path.display()), safe!("{why}"), safe!("name a file from .rationale/recordings"))
    })?;
    let heading = &recording.heading;
    Console.note(&safe!("{} · {} · {} · {}", heading.task, heading.model, heading.endpoint, heading.at));
    let (mut decoder, mut accumulator, mut sanitizer) =
        (Decoder::default(), Accumulator::default(), Sanitizer::new(Place::Prose));
    let mut shown_at = Duration::ZERO;
    for (at, piece) in &recording.pieces {
        if speed > 0.0 {
            tokio::time::sleep(at.saturating_sub(shown_at).div_f64(speed)).await;
            shown_at = *at;
        }
        let mut events = Vec::new();
        let _ = decoder.push(piece, &mut |frame| accumulator.take(frame, &mut events));
        for event in events {
            match event {
                StreamEvent::BlockStarted { kind: BlockKind::Thinking, .. } => {
                    Console.piece(&"── thinking ──\n".into());
                }
                StreamEvent::BlockStarted { kind: BlockKind::Text, .. } => Console.piece(&"\n── answer ──\n".into()),
                StreamEvent::Delta { text, .. } => Console.piece(&sanitizer.next(text.expose())),
                StreamEvent::BlockStarted { .. }
                | StreamEvent::Started { .. }
                | StreamEvent::BlockStopped { .. }
                | StreamEvent::Used(_)
                | StreamEvent::ToolResult { .. }
                | StreamEvent::Alive
                | StreamEvent::Unknown(_) => {}
            }
        }
    }
    Console.out("");
    if recording.is_torn {
        Console.note(&"the recording ends in the middle of a piece".into());
    }
    Ok(())
}
