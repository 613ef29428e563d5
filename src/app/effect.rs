//! What the outside world is asked to do: plain data.

use std::path::PathBuf;

use crate::app::jobs::JobId;
use crate::app::replay::Recording;
use crate::domain::again::Again;
use crate::domain::endpoint::Endpoint;
use crate::domain::environment::{Install, Kind};
use crate::domain::experiment::Decision;
use crate::domain::framing::Framing;
use crate::domain::hunks;
use crate::domain::question::{Follow, Question, Wish};
use crate::domain::run::CodeFile;
use crate::domain::task::Task;
use crate::domain::view::{Needle, RowOrder, Step};

/// Something that the outside world is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Begin a job.
    Start(JobId, Box<Job>),
    /// End a job; what it still reports is dropped.
    Cancel(JobId),
    /// Ask a job to come to its end; it still reports how it ended.
    Stop(JobId),
    /// Put text into the clipboard.
    Copy(String),
    /// Open a file of the answer in the user's editor.
    EditOutside {
        /// Its path in the answer.
        path: String,
        /// Its text.
        code: String,
    },
    /// Back to the shell for a while.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}

/// Background work.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// Open a data set.
    Open(PathBuf),
    /// Copy the bundled data set there and open it.
    Demo(PathBuf),
    /// Count its rows.
    Count,
    /// Read a window of its cells.
    Page {
        /// Index of the first row.
        first_row: u64,
        /// Number of rows.
        n: usize,
        /// The rows of the file that stand there, where they are not shown in its order.
        rows: Option<Vec<u32>>,
    },
    /// Find the next cell that holds something.
    Find {
        /// What.
        needle: Needle,
        /// From which place on, or before which.
        from: u64,
        /// Whether towards the end.
        forwards: bool,
        /// The rows that are shown.
        rows: Option<RowOrder>,
        /// How many there are.
        n_rows: u64,
    },
    /// Sort or filter the rows.
    Step {
        /// How.
        step: Step,
        /// The rows before; nothing stands for all in the order of the file.
        base: Option<RowOrder>,
    },
    /// Count the values of a column.
    Counts {
        /// The column.
        column: usize,
        /// What its cells are.
        kind: crate::domain::kind::Kind,
    },
    /// Draw columns of the table.
    Draw {
        /// What.
        wanted: crate::domain::charts::Wanted,
        /// The rows that are shown; nothing stands for all.
        rows: Option<RowOrder>,
    },
    /// Read a whole cell.
    Cell {
        /// The row of the file.
        row: u64,
        /// The column.
        column: usize,
    },
    /// Profile every column.
    Profile,
    /// Find out what the data says about another target: its index.
    Target(usize),
    /// Fix the question and seal the holdout.
    Frame(Box<Framing>),
    /// Read the history, and close what was left open.
    Load,
    /// Tell what is written to the history after an event, by its number, also by other instances.
    Watch(u64),
    /// Make a question and find out its price.
    Price {
        /// What to ask.
        task: Task,
        /// The user's words and settings.
        wish: Wish,
        /// The experiment whose conversation goes on, and how.
        follows: Option<(String, Follow)>,
    },
    /// Find out which models there are.
    Models,
    /// Look for servers on this machine.
    Detect,
    /// Ask another endpoint or model from now on.
    Choose(Box<Endpoint>),
    /// Ask.
    Ask {
        /// The question.
        question: Box<Question>,
        /// The experiment that the answer builds on.
        parent: Option<String>,
    },
    /// Read a recording.
    Replay(Recording),
    /// Remember that an acceptance was taken back.
    TakeBack {
        /// The experiment.
        experiment: String,
        /// The files as they are under review now.
        files: Vec<CodeFile>,
    },
    /// Remember a decision.
    Decide {
        /// The experiment.
        experiment: String,
        /// What.
        decision: Decision,
        /// Why.
        reason: Option<String>,
        /// The approved files.
        files: Vec<CodeFile>,
        /// Every hunk with what was decided about it.
        hunks: Vec<hunks::Decided>,
    },
    /// Remember that an item of a checklist is done, or is not.
    Tick {
        /// The experiment.
        experiment: String,
        /// The item, in its own words.
        item: String,
        /// Whether it is done.
        done: bool,
        /// What shows it.
        note: String,
    },
    /// Follow a run that went on without the workbench.
    Attach {
        /// Its experiment.
        experiment: String,
        /// The run.
        run_id: String,
    },
    /// Run approved files on part of the rows of one fold.
    Quick {
        /// The experiment.
        experiment: String,
        /// The files; the first is the one that runs.
        files: Vec<CodeFile>,
    },
    /// Draw a figure of a run.
    Figure {
        /// The run.
        run_id: String,
        /// Its name in the run's folder.
        name: String,
        /// Columns and rows that there are for it.
        room: (u16, u16),
    },
    /// Grant a run more time.
    MoreTime(String),
    /// Look at an earlier run once more.
    Again {
        /// The run.
        run_id: String,
        /// Its experiment.
        experiment: String,
        /// How.
        what: Again,
    },
    /// Approve a metric of the user's own as it was shown, then do what waits for it.
    Approve {
        /// Its file.
        path: String,
        /// BLAKE3 of the text that was shown.
        hash: String,
        /// What waits for it.
        then: Box<Job>,
    },
    /// Run code in another environment from now on.
    Settle {
        /// Which.
        kind: Kind,
        /// What comes next.
        then: Option<Box<Job>>,
    },
    /// Install what somebody said yes to, and go on with what waits for it.
    Install {
        /// What.
        what: Install,
        /// What comes next.
        then: Option<Box<Job>>,
    },
    /// Take the errors of a run apart.
    Errors(String),
    /// Run the baselines that are missing.
    Baselines,
    /// Run approved files, after the baselines that are missing.
    Run {
        /// The experiment.
        experiment: String,
        /// The files; the first is the one that runs.
        files: Vec<CodeFile>,
    },
}
