//! What the model can be asked to do.

use serde::{Deserialize, Serialize};

use crate::domain::run::FileKind;

/// A task, each with a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// What is in the data, what is wrong with it, what to try.
    Explore,
    /// Steps that repair the data, fitted to nothing but a row.
    Clean,
    /// An estimator under the solution contract.
    Train,
    /// The next experiment, from the history.
    Next,
}

impl Task {
    /// Every task, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Explore, Self::Clean, Self::Train, Self::Next];

    /// Its id on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Explore => "explore",
            Self::Clean => "clean",
            Self::Train => "train",
            Self::Next => "next",
        }
    }

    /// The task of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.id() == id)
    }

    /// What it is for, in one line of the menu.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Explore => "what the data holds, what is wrong with it, what to try first",
            Self::Clean => "steps that repair the data, each with its reason",
            Self::Train => "an estimator for this data, judged fold by fold",
            Self::Next => "the next experiment, from what has been tried",
        }
    }

    /// The file that its answer holds, where it holds one.
    pub fn file(self) -> Option<(&'static str, FileKind)> {
        match self {
            Self::Explore => None,
            Self::Clean => Some(("clean.py", FileKind::Clean)),
            Self::Train | Self::Next => Some(("model.py", FileKind::Model)),
        }
    }
}
