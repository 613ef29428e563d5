//! The line for what passes: shown for a few seconds, then gone.

use crate::text::SafeText;

const SHOWN_MS: u64 = 6_000;

/// The line for what passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    text: Option<(SafeText, u64)>,
}

impl Notice {
    /// Shows a text from `now` on.
    pub fn show(&mut self, text: SafeText, now: u64) {
        self.text = Some((text, now + SHOWN_MS));
    }

    /// Takes it away once its time is over.
    pub fn expire(&mut self, now: u64) {
        if self.text.as_ref().is_some_and(|(_, until)| now >= *until) {
            self.text = None;
        }
    }

    /// What is shown.
    pub fn text(&self) -> Option<&SafeText> {
        self.text.as_ref().map(|(text, _)| text)
    }

    /// Whether something is shown.
    pub fn is_shown(&self) -> bool {
        self.text.is_some()
    }
}
