//! What a run tells while it goes on. One JSON line each, from the process that executes it.

use serde::{Deserialize, Serialize};

use crate::domain::run::{Fold, Outcome};
use crate::text::RawText;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunEvent {
    /// What is being done now.
    Stage {
        /// In a few words.
        text: String,
    },
    /// A fold has begun.
    FoldStarted {
        /// Its number, from zero.
        fold: u32,
    },
    /// The code printed something.
    Output {
        /// The fold that printed it.
        fold: u32,
        /// One line without its end.
        line: RawText,
    },
    /// A fold was predicted and evaluated.
    FoldFinished {
        /// What it gave.
        fold: Fold,
    },
    /// How much memory the process tree holds, in bytes.
    Memory {
        /// Bytes.
        bytes: u64,
    },
    /// The end, exactly once.
    Finished {
        /// What the run gave.
        outcome: Box<Outcome>,
    },
}
