//! What happened: plain data, so that it can be compared, printed and replayed.

use std::path::PathBuf;

use crate::app::chord::Chord;
use crate::app::effect::Job;
use crate::app::figures::Drawing;
use crate::app::jobs::JobId;
use crate::app::replay::{Recording, Tape};
use crate::domain::capability::ModelInfo;
use crate::domain::charts::Chart;
use crate::domain::dataset::{Page, Source};
use crate::domain::endpoint::Endpoint;
use crate::domain::environment::{Lacks, Place};
use crate::domain::errors::ErrorAnalysis;
use crate::domain::experiment::{History, Stamped};
use crate::domain::failure::Failure;
use crate::domain::framing::{Framing, Proposal};
use crate::domain::known::Known;
use crate::domain::limits::RateLimits;
use crate::domain::own_metric::Candidate;
use crate::domain::profile::ColumnProfile;
use crate::domain::question::{Asked, Question};
use crate::domain::run::{Level, Outcome};
use crate::domain::run_event::RunEvent;
use crate::domain::turn::StreamEvent;
use crate::domain::verdict::Verdict;
use crate::domain::view::{Counts, Found, RowOrder, Step};
use crate::text::{RawText, SafeText};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Milliseconds since the program began.
    Clock(u64),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// A key.
    Key(Chord),
    /// Text that was pasted.
    Paste(String),
    /// A click at a column and a row.
    Click(u16, u16),
    /// The wheel at a column and a row, by some lines; down is positive.
    Wheel {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
        /// Lines.
        lines: i32,
    },
    /// A data set was named on the command line.
    Open(PathBuf),
    /// A recording was named on the command line.
    Replay(Recording),
    /// An event was written to the history.
    Recorded(Box<Stamped>),
    /// The external editor gave a file back.
    Edited {
        /// Its path in the answer.
        path: String,
        /// Its new text.
        code: String,
    },
    /// Something that passes.
    Noticed(SafeText),
    /// A job reports.
    Job {
        /// Which.
        id: JobId,
        /// What.
        event: JobEvent,
    },
}

/// An endpoint and what it offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its models, or why they are not known.
    pub models: Result<Vec<ModelInfo>, Failure>,
}

/// What a job reports. Each job ends with exactly one event that says so.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEvent {
    /// The data set is open; its first rows.
    Opened(Box<Source>, Page),
    /// So many rows were counted so far.
    Counting(u64),
    /// There are so many rows. Ends the job.
    Counted(u64),
    /// A window of cells. Ends the job.
    Paged(Page),
    /// A pass over all rows has read so many bytes.
    Passed(u64),
    /// What a search found. Ends the job.
    Found(Option<Found>),
    /// The rows after a step, and whether their order is the whole truth. Ends the job.
    Stepped(Step, RowOrder, bool),
    /// The values of a column. Ends the job.
    Counts(Box<Counts>),
    /// A chart. Ends the job.
    Charted(Box<Chart>),
    /// A whole cell: its row in the file and its column. Ends the job.
    Cell(u64, usize, Option<RawText>),
    /// One more column is known.
    Profiled(usize, Box<ColumnProfile>),
    /// Everything is known: what was found, a proposal, and the framing of before. Ends the job.
    Known(Box<Known>, Result<Box<Proposal>, Failure>, Option<Box<Framing>>),
    /// The question is fixed; so many rows are sealed, and what that makes of rows seen before. Ends the job.
    Framed(u64, Option<SafeText>),
    /// What has been tried, and what was closed at the start. Ends the job.
    Loaded(Box<History>, Vec<SafeText>, Vec<(String, String)>),
    /// Runs that go on and that nobody follows any more: experiment and run.
    Adrift(Vec<(String, String)>),
    /// What accepted code would run in now.
    Place(Box<Place>),
    /// An environment has to be made before this job can begin, and nobody has said yes to that. Ends the job.
    Lacks(Box<Lacks>, Box<Job>),
    /// What code runs in was chosen; this comes next. Ends the job.
    Settled(Option<Box<Job>>),
    /// What somebody said yes to is installed; this comes next. Ends the job.
    Installed(Option<Box<Job>>),
    /// The question with its price. Ends the job.
    Priced(Box<Question>),
    /// The request is on its way, or will be tried again.
    Waiting {
        /// Which attempt, from one.
        attempt: u32,
        /// Milliseconds until then.
        wait_ms: u64,
        /// Why.
        why: SafeText,
    },
    /// A recording to be played, and how fast in percent of the original. Ends the job.
    Replayed(Box<Tape>, u64),
    /// How much may still be asked of the server.
    Limits(RateLimits),
    /// Something about the answer that the person should know.
    Noted(SafeText),
    /// Which models there are. Ends the job.
    Models(Vec<Offer>),
    /// Servers that were found on this machine. Ends the job.
    Detected(Vec<Offer>),
    /// Who is asked from now on. Ends the job.
    Chosen(Box<Endpoint>),
    /// The server accepted the request.
    Connected,
    /// Something of the answer arrived.
    Stream(StreamEvent),
    /// The answer ended. Ends the job.
    Answered(Box<Asked>),
    /// A figure is drawn. Ends the job.
    Drawn(Box<Drawing>),
    /// A decision is on disk. Ends the job.
    Decided,
    /// A line about the environment that is being made.
    Environment(SafeText),
    /// A run is about to start.
    RunStarted {
        /// The experiment.
        experiment: String,
        /// The run.
        run_id: String,
        /// How well it is confined.
        level: Level,
        /// How long it has run already, in milliseconds.
        ran_ms: u64,
    },
    /// The run tells something.
    Run(RunEvent),
    /// A run of a series ended.
    RunEnded {
        /// The experiment.
        experiment: String,
        /// What it gave.
        outcome: Box<Outcome>,
        /// What that says.
        verdict: Box<Verdict>,
    },
    /// All runs of the job ended. Ends the job.
    RunsEnded,
    /// An earlier run was looked at once more, and this came of it. Ends the job.
    LookedAgain(SafeText),
    /// A metric of the user's own has to be approved before that job. Ends the job.
    Unapproved(Box<Candidate>, Box<Job>),
    /// It is approved; this waited for it. Ends the job.
    Approved(Box<Job>),
    /// The errors of this run, taken apart. Ends the job.
    Analysed(String, Box<ErrorAnalysis>),
    /// The text is where the user wanted it. Ends the job.
    Done,
    /// It did not succeed. Ends the job.
    Failed(Failure),
}

impl JobEvent {
    /// Whether the job ends with it.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Counted(_)
            | Self::Paged(_)
            | Self::Found(_)
            | Self::Stepped(..)
            | Self::Counts(_)
            | Self::Cell(..)
            | Self::Charted(_)
            | Self::Known(..)
            | Self::Framed(..)
            | Self::Loaded(..)
            | Self::Priced(_)
            | Self::Models(_)
            | Self::Replayed(..)
            | Self::Detected(_)
            | Self::Chosen(_)
            | Self::Answered(_)
            | Self::Lacks(..)
            | Self::Installed(_)
            | Self::Settled(_)
            | Self::Decided
            | Self::Drawn(_)
            | Self::RunsEnded
            | Self::LookedAgain(_)
            | Self::Unapproved(..)
            | Self::Approved(_)
            | Self::Analysed(..)
            | Self::Done
            | Self::Failed(_)
            | Self::Opened(..) => true,
            Self::Adrift(_)
            | Self::Counting(_)
            | Self::Passed(_)
            | Self::Profiled(..)
            | Self::Place(_)
            | Self::Waiting { .. }
            | Self::Connected
            | Self::Noted(_)
            | Self::Limits(_)
            | Self::Stream(_)
            | Self::Environment(_)
            | Self::RunStarted { .. }
            | Self::Run(_)
            | Self::RunEnded { .. } => false,
        }
    }
}
