//! `rationale replay` without a screen: the text of a recording, in its own time; and the masked copy.

use std::path::Path;
use std::time::Duration;

use crate::domain::failure::Failure;
use crate::effects::api::rounds::Rounds;
use crate::effects::{recording, share};
use crate::headless::Console;
use crate::headless::printer::Printer;
use crate::safe;

/// Refuses a speed that is none.
pub fn check_speed(speed: f64) -> Result<(), Failure> {
    if speed >= 0.0 && speed.is_finite() {
        return Ok(());
    }
    Err(Failure::input(
        safe!("--speed {speed}"),
        safe!("it is not a number from zero up"),
        safe!("1 is the speed at which it came"),
    ))
}

/// Plays a recording on standard output.
pub async fn replay(path: &Path, speed: f64) -> Result<(), Failure> {
    check_speed(speed)?;
    let recording = recording::open(path)?;
    let heading = &recording.heading;
    Console.note(&safe!("{} · {} · {} · {}", heading.task, heading.model, heading.endpoint, heading.at));
    let (mut rounds, mut printer) = (Rounds::default(), Printer::default());
    let mut shown_at = Duration::ZERO;
    for (at, piece) in &recording.pieces {
        if speed > 0.0 {
            tokio::time::sleep(at.saturating_sub(shown_at).div_f64(speed)).await;
            shown_at = *at;
        }
        let mut events = Vec::new();
        rounds.take(piece, &mut events);
        for event in &events {
            printer.event(event);
        }
    }
    Console.out("");
    if recording.is_torn {
        Console.note(&"the recording ends in the middle of a piece".into());
    }
    Ok(())
}

/// Writes a copy of a recording in which every field that carries data is masked.
pub fn share(path: &Path, to: &Path) -> Result<(), Failure> {
    recording::open(path)?;
    share::share(path, to).map_err(|error| {
        Failure::input(safe!("{}", to.display()), safe!("{error:#}"), safe!("name a file that does not exist yet"))
    })?;
    Console
        .note(&safe!("{} holds the recording with its data masked; look at it before you give it away", to.display()));
    Ok(())
}
