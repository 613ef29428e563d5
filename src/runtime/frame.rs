//! When to draw: soon after something changed, and not more often than a screen can show.

use std::time::Duration;

use tokio::time::Instant;

/// Time between two frames.
const FRAME: Duration = Duration::from_millis(16);

/// When to draw.
#[derive(Debug, Default)]
pub struct FrameClock {
    drawn_at: Option<Instant>,
    due_at: Option<Instant>,
}

impl FrameClock {
    /// Something changed. A rate limit, not a debounce: later requests never push a due frame back.
    pub fn request(&mut self) {
        let earliest = self.drawn_at.map_or_else(Instant::now, |at| at + FRAME);
        self.due_at.get_or_insert(earliest);
    }

    /// Waits until a frame is due; for ever where none is wanted.
    pub async fn due(&self) {
        match self.due_at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// A frame was drawn.
    pub fn drawn(&mut self) {
        self.drawn_at = Some(Instant::now());
        self.due_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn frames_come_while_requests_never_cease() {
        let mut frames = FrameClock::default();
        let start = Instant::now();
        let mut n_frames = 0;
        while start.elapsed() < Duration::from_millis(320) {
            frames.request();
            tokio::select! {
                biased;
                () = frames.due() => {
                    frames.drawn();
                    n_frames += 1;
                }
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
            }
        }
        assert!((18..=22).contains(&n_frames), "{n_frames}");
    }
}
