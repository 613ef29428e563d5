//! What has been tried, on the screen: the list, the selection, the runs that go on.

use crate::app::live::Runs;
use crate::app::scroll::{self, Move};
use crate::domain::experiment::{Experiment, History, Stamped};
use crate::domain::known_run::Apart;

/// What has been tried.
#[derive(Clone, Debug, Default)]
pub struct HistoryPane {
    /// Everything.
    pub history: History,
    /// Name of the data file whose experiments are listed.
    pub data: String,
    /// Which row is selected, the newest being zero.
    pub selected: usize,
    /// First row in sight.
    pub first: usize,
    /// Runs that go on, and the last that ended.
    pub runs: Runs,
    /// Whether it has been read.
    pub is_loaded: bool,
    /// Number of the last event that was heard of.
    pub heard: u64,
    /// Changes with every change.
    pub version: u64,
}

impl HistoryPane {
    /// The history was read.
    pub fn on_loaded(&mut self, history: History) {
        self.history = history;
        self.is_loaded = true;
        self.version += 1;
    }

    /// One more event, from here or from another instance; some come twice. False where it is known already, or where one
    /// before it has not come.
    pub fn apply(&mut self, stamped: &Stamped) -> bool {
        self.heard = self.heard.max(stamped.seq);
        let is_next = stamped.seq == self.history.last_seq + 1;
        if is_next {
            self.history.apply(stamped);
            self.version += 1;
        }
        is_next
    }

    /// Whether there are events that did not come.
    pub fn is_behind(&self) -> bool {
        self.heard > self.history.last_seq
    }

    /// The experiments on the data set that is open, the newest first.
    pub fn list(&self) -> Vec<&Experiment> {
        self.history.experiments.iter().rev().filter(|experiment| experiment.data == self.data).collect()
    }

    /// The selected experiment.
    pub fn selected(&self) -> Option<&Experiment> {
        self.list().get(self.selected).copied()
    }

    /// Moves the selection.
    pub fn scroll(&mut self, by: Move, page: usize) {
        self.selected = scroll::moved(self.selected, self.list().len(), page, by);
        self.first = scroll::keep_in_sight(self.first, self.selected, page);
        self.version += 1;
    }

    /// Selects an experiment by its name.
    pub fn select(&mut self, id: &str) {
        if let Some(at) = self.list().iter().position(|experiment| experiment.id == id) {
            self.selected = at;
            self.version += 1;
        }
    }

    /// Why the score of an experiment can't be compared with the latest ones; nothing where it can, or has none.
    pub fn why_apart(&self, experiment: &Experiment) -> Option<Apart> {
        self.history.why_apart(experiment)
    }

    /// Whether a run may use the network.
    pub fn has_network(&self, run_id: &str) -> bool {
        let mut runs = self.history.experiments.iter().rev().flat_map(|experiment| &experiment.runs);
        runs.any(|run| run.spec.run_id == run_id && run.spec.network)
    }

    /// Seconds that a run may take, beside what it was granted since.
    pub fn run_limit(&self, run_id: &str) -> Option<u64> {
        let mut runs = self.history.experiments.iter().rev().flat_map(|experiment| &experiment.runs);
        runs.find(|run| run.spec.run_id == run_id).map(|run| run.spec.limits.wall_s)
    }

    /// The best experiment of the class that the newest scored run belongs to.
    pub fn best(&self) -> Option<&Experiment> {
        let class = self.history.class_of_today(&self.data)?;
        self.history.champion(&class).map(|(best, _)| best.id.clone()).and_then(|id| self.history.find(&id))
    }
}
