//! The ways of looking at an earlier run once more.

/// A way of looking at an earlier run once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Execute it again and see whether the numbers agree.
    Replay,
    /// Judge it on the sealed rows; the word that was typed.
    OpenHoldout(String),
    /// See what is left of its score when labels are shuffled.
    ShuffleLabels,
    /// See whether it holds on another cut of the folds.
    Confirm,
}

/// The word that opens the sealed rows, for the first time and after that.
pub fn word(n_before: usize) -> &'static str {
    if n_before == 0 { "open" } else { "open again" }
}
