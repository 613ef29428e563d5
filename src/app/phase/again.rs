//! Looking at an earlier run once more: again, confirmed, with shuffled labels, on the sealed rows.

use crate::app::Model;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::overlay::Overlay;
use crate::app::phase::{busy, decisions, say, show};
use crate::domain::again::Again;
use crate::domain::experiment::Run;
use crate::safe;

/// The run that is meant: that of the selected experiment, else that of the one under review.
pub fn subject(model: &Model) -> Option<(String, Run)> {
    let selected = model.history.selected();
    let reviewed = model.review.experiment.as_ref().and_then(|id| model.history.history.find(id));
    let is_focused = model.layout.focused() == crate::app::layout::Pane::History;
    let experiment = if is_focused { selected } else { reviewed.filter(|one| one.run().is_some()).or(selected) }?;
    Some((experiment.id.clone(), experiment.run()?.clone()))
}

/// Begins it, or asks for the word that it needs.
pub(super) fn ask(model: &mut Model, what: &Again) -> Vec<Effect> {
    if let Some(busy) = busy(model) {
        return say(model, busy);
    }
    let Some((experiment, run)) = subject(model) else {
        return say(model, "select an experiment that ran: 4".into());
    };
    if run.outcome.is_none() {
        return say(model, safe!("{experiment} still runs"));
    }
    if let Again::OpenHoldout(_) = what {
        if run.score().is_none() || !run.spec.kind.is_solution() {
            return say(model, safe!("{experiment} has no score on the folds, so there is nothing to judge"));
        }
        let n_before = model.history.history.n_openings(&model.history.data);
        let run_id = run.spec.run_id;
        return show(model, Overlay::Word { editor: Editor::default(), experiment, run_id, n_before });
    }
    decisions::start(model, Job::Again { run_id: run.spec.run_id, experiment, what: what.clone() })
}

/// The word was typed.
pub fn on_word(model: &mut Model, experiment: String, run_id: String, word: &str, n_before: usize) -> Vec<Effect> {
    let needed = crate::domain::again::word(n_before);
    if word.trim() != needed {
        let said = safe!("nothing was opened: that takes the words “{needed}”");
        return say(model, said);
    }
    let what = Again::OpenHoldout(word.trim().to_owned());
    decisions::start(model, Job::Again { run_id, experiment, what })
}
