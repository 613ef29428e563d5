//! What an earlier session, or another instance, left: runs and answers without an end, and the locks that say who follows.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{MutexGuard, PoisonError};

use super::{Session, answered};
use crate::domain::experiment::Experiment;
use crate::domain::failure::Failure;
use crate::domain::money::Bill;
use crate::domain::prompt::guess_tokens;
use crate::domain::run::RunSpec;
use crate::domain::suggestion;
use crate::domain::task::Task;
use crate::domain::turn::{Turn, Usage};
use crate::effects::recording;
use crate::effects::runs::{self, Recovered};
use crate::safe;
use crate::text::SafeText;

impl Session {
    /// Closes what an earlier session left open: runs become interrupted, half answers are kept. Returns what was done,
    /// one sentence each.
    pub fn recover(&self) -> Result<Vec<SafeText>, Failure> {
        let history = self.history()?;
        let mut said = Vec::new();
        for experiment in &history.experiments {
            for open in experiment.runs.iter().filter(|run| run.outcome.is_none()) {
                if runs::is_followed(&self.project.state, &open.spec.run_id) {
                    continue;
                }
                if let Recovered::Ended(outcome) = runs::recover(&self.project, &open.spec.run_id) {
                    said.push(safe!("{} was closed as {}", experiment.id, outcome.status.word()));
                    self.conclude(&open.spec, *outcome)?;
                }
            }
            if experiment.is_unanswered() {
                // A batch has none, and goes on without us.
                let Some(name) = experiment.recording.as_ref().filter(|name| !name.is_empty()) else { continue };
                let path = recording::folder(&self.project.state).join(name);
                if recording::is_being_written(&path) {
                    continue;
                }
                let turn = recording::replay_to_turn(&path);
                let task = Task::from_id(&experiment.task).unwrap_or(Task::Explore);
                let n_chars = turn.text().chars().count() + turn.thinking().chars().count();
                said.push(if n_chars == 0 {
                    safe!("{} was interrupted before anything of its answer came", experiment.id)
                } else {
                    safe!("{} was interrupted; {} characters of its answer were kept", experiment.id, n_chars)
                });
                let suggestion = suggestion::parse(task, &turn);
                self.record(answered(&experiment.id, &turn, &suggestion, self.estimate(experiment, &turn)))?;
            }
        }
        Ok(said)
    }

    /// What an answer will have cost that broke off with the program: worked out from what came.
    fn estimate(&self, experiment: &Experiment, turn: &Turn) -> Bill {
        let model = if turn.model.is_empty() { experiment.model.as_deref().unwrap_or_default() } else { &turn.model };
        let written: u64 = turn.blocks.iter().map(|(_, text)| guess_tokens(text.expose())).sum();
        let usage = Usage { output_tokens: Some(turn.usage.output_tokens.unwrap_or(0).max(written)), ..turn.usage };
        let was_free = experiment.reserved_usd.is_none() && self.world.config.endpoint.is_free();
        let usd = if was_free { Some(0.0) } else { self.world.models.cost(model, &usage) };
        Bill { usd, saved_usd: 0.0, is_estimate: true }
    }

    /// Takes the lock of a run; false where another instance has it.
    pub(super) fn begin_to_follow(&self, run_id: &str) -> bool {
        let lock = runs::follower(&self.project, run_id);
        lock.is_some_and(|lock| self.lock_followed().insert(run_id.to_owned(), lock).is_none())
    }

    pub(super) fn lock_followed(&self) -> MutexGuard<'_, HashMap<String, File>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs of this data file that go on and that nobody follows: experiment and run.
    pub fn adrift(&self) -> Result<Vec<RunSpec>, Failure> {
        let history = self.history()?;
        let own = history.experiments.iter().filter(|experiment| experiment.data == self.project.data_name);
        let open = own.flat_map(|experiment| &experiment.runs).filter(|run| run.outcome.is_none());
        let specs = open.map(|run| run.spec.clone());
        Ok(specs.filter(|spec| !runs::is_followed(&self.project.state, &spec.run_id)).collect())
    }
}
