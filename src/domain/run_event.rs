//! What a run tells while it goes on. One JSON line each, from the process that executes it.

use serde::{Deserialize, Serialize};

use crate::domain::run::{Fold, Outcome};
use crate::text::RawText;

/// What a dry run is called among the stages of a run.
pub const DRY_RUN: &str = "a dry run on a few rows";

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunEvent {
    /// What is being done now.
    Stage {
        /// In a few words.
        text: String,
    },
    /// How long all of it will take, worked out from a dry run on few rows.
    Predicted {
        /// Seconds.
        seconds: f64,
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
    /// The code reported a number on its way; its own word.
    Metric {
        /// The fold that reported it.
        fold: u32,
        /// What it measures: `loss`, `valid_auc`.
        key: String,
        /// Where on the way.
        step: f64,
        /// The number; nothing where it is none.
        value: Option<f64>,
    },
    /// How far the code is, by a progress bar that it prints.
    Progress {
        /// The fold.
        fold: u32,
        /// What is counted: `epochs`, `trial`.
        label: String,
        /// How many are done.
        done: u64,
        /// Of how many, where that is known.
        total: Option<u64>,
    },
    /// Something that a person should look at.
    Alarm {
        /// In one sentence.
        text: String,
    },
    /// A fold was predicted and evaluated.
    FoldFinished {
        /// What it gave.
        fold: Fold,
    },
    /// What the process tree uses, once in a while.
    Load {
        /// Resident memory in bytes.
        memory: u64,
        /// Seconds of processor time since the start.
        cpu_s: f64,
        /// Bytes on disk in the run's folder.
        disk: u64,
        /// Bytes of graphics memory, where there is a card and it tells.
        gpu: Option<u64>,
    },
    /// The end, exactly once.
    Finished {
        /// What the run gave.
        outcome: Box<Outcome>,
    },
}
