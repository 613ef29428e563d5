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
    pub fn request(&mut self, now: Instant) {
        let earliest = self.drawn_at.map_or(now, |at| at + FRAME);
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
    pub fn drawn(&mut self, now: Instant) {
        self.drawn_at = Some(now);
        self.due_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_while_requests_never_cease() {
        let mut frames = FrameClock::default();
        let start = Instant::now();
        let mut n_frames = 0;
        for ms in 0..320 {
            let now = start + Duration::from_millis(ms);
            frames.request(now);
            if frames.due_at.is_some_and(|due| due <= now) {
                frames.drawn(now);
                n_frames += 1;
            }
        }
        assert_eq!(n_frames, 20);
    }

    #[test]
    fn nothing_is_drawn_where_nothing_changed() {
        let mut frames = FrameClock::default();
        frames.request(Instant::now());
        frames.drawn(Instant::now());
        assert_eq!(frames.due_at, None);
    }
}
