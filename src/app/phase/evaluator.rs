//! A metric of the user's own is shown before the first run that it scores, and approved with a key.

use crate::app::Model;
use crate::app::effect::{Effect, Job};
use crate::app::jobs::JobId;
use crate::app::overlay::Overlay;
use crate::app::phase::{decisions, running, say, show};
use crate::domain::own_metric::Candidate;
use crate::safe;

/// A run was asked for, and the metric that would score it is not approved as it is.
pub(super) fn on_unapproved(model: &mut Model, id: JobId, candidate: Candidate, then: Box<Job>) -> Vec<Effect> {
    running::end(model, id, None);
    let lines = candidate.lines();
    show(model, Overlay::Evaluator { candidate: Box::new(candidate), lines, first: 0, then })
}

/// The key that approves was pressed.
pub fn approve(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Evaluator { candidate, then, .. }) = &model.overlay else { return Vec::new() };
    if let Err(why) = &candidate.declared {
        let said = safe!("{} can't be approved: {why}", candidate.path);
        return say(model, said);
    }
    let job = Job::Approve { path: candidate.path.clone(), hash: candidate.hash(), then: then.clone() };
    model.overlay = None;
    vec![model.jobs.start(job).1]
}

/// It is approved: what waited for it goes on.
pub(super) fn on_approved(model: &mut Model, then: Job) -> Vec<Effect> {
    let mut effects = say(model, "the metric is approved".into());
    effects.extend(decisions::start(model, then));
    effects
}
