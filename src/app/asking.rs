//! Going on with what was said, and choosing who is asked.

use crate::app::Model;
use crate::app::editor::Editor;
use crate::app::effect::{Effect, Job};
use crate::app::lines::Lines;
use crate::app::money_page;
use crate::app::msg::Offer;
use crate::app::overlay::Overlay;
use crate::app::phase::{self, Phase};
use crate::domain::capability::ModelInfo;
use crate::domain::endpoint::Endpoint;
use crate::domain::experiment::Experiment;
use crate::domain::question::{Follow, Wish};
use crate::domain::task::Task;
use crate::domain::turn::StopReason;
use crate::safe;
use crate::text::SafeText;

/// The experiment whose conversation would go on: the one that is selected while the history has the focus, else the one
/// under review, else the latest that was asked.
fn subject(model: &Model) -> Option<&Experiment> {
    let was_asked = |experiment: &&Experiment| experiment.model.is_some() && experiment.stop.is_some();
    if model.layout.focused() == crate::app::layout::Pane::History {
        return model.history.selected().filter(was_asked);
    }
    let reviewed = model.review.experiment.as_ref().and_then(|id| model.history.history.find(id)).filter(was_asked);
    reviewed.or_else(|| model.history.list().into_iter().find(was_asked))
}

/// Opens the editor for more words, or for other words in place of the last ones; goes on at once where an answer was
/// cut off.
pub fn follow(model: &mut Model, follow: Follow) -> Vec<Effect> {
    if let Some(busy) = phase::busy(model) {
        return phase::say(model, busy);
    }
    let Some(subject) = subject(model) else {
        return phase::say(model, "no answer to go on from is selected; t asks for one".into());
    };
    let id = subject.id.clone();
    match follow {
        Follow::Continue if subject.stop != Some(StopReason::MaxTokens) => {
            let said = safe!("{id} was not cut off at its limit; u goes on with it in words");
            phase::say(model, said)
        }
        Follow::Continue => phase::price(model, Task::Train, Wish::default(), Some((id, follow))),
        Follow::On | Follow::Instead => {
            let task = Task::from_id(&subject.task).unwrap_or(Task::Train);
            model.overlay = Some(Overlay::Prompt { editor: Editor::default(), task, follows: Some((id, follow)) });
            Vec::new()
        }
    }
}

/// Opens the list of models.
pub fn models(model: &mut Model) -> Vec<Effect> {
    if let Some(busy) = phase::busy(model).filter(|_| !matches!(model.phase, Phase::Welcome { .. })) {
        return phase::say(model, busy);
    }
    model.overlay = Some(Overlay::Models { offers: None, selected: 0, looked: false });
    vec![model.jobs.start(Job::Models).1]
}

/// Looks for servers on this machine.
pub fn detect(model: &mut Model) -> Vec<Effect> {
    vec![model.jobs.start(Job::Detect).1]
}

/// The lines of the list that can be chosen: an endpoint with a model.
pub fn choices(offers: &[Offer]) -> Vec<(&Endpoint, Option<&ModelInfo>)> {
    offers
        .iter()
        .flat_map(|offer| match &offer.models {
            Ok(models) if !models.is_empty() => models.iter().map(|info| (&offer.endpoint, Some(info))).collect(),
            // A server that lists nothing can still be asked for the model that the configuration names.
            Ok(_) if !offer.endpoint.model.is_empty() => vec![(&offer.endpoint, None)],
            Ok(_) | Err(_) => Vec::new(),
        })
        .collect()
}

/// The lists are here.
pub fn on_models(model: &mut Model, offers: Vec<Offer>, was_looked: bool) -> Vec<Effect> {
    let current = (model.meter.endpoint_name.clone(), model.meter.model.clone());
    if let Some(Overlay::Models { offers: slot, selected, looked }) = &mut model.overlay {
        let all = match slot.take() {
            Some(mut known) if was_looked => {
                known.extend(offers);
                known
            }
            _ => offers,
        };
        if !was_looked {
            let is_current = |(endpoint, info): &(&Endpoint, Option<&ModelInfo>)| {
                endpoint.name == current.0 && info.map_or(&endpoint.model, |info| &info.id) == &current.1
            };
            *selected = choices(&all).iter().position(is_current).unwrap_or(0);
        }
        *slot = Some(all);
        *looked |= was_looked;
    }
    Vec::new()
}

/// One of them was chosen.
pub fn choose(model: &mut Model, offers: &[Offer], selected: usize) -> Vec<Effect> {
    let Some((endpoint, info)) = choices(offers).get(selected).copied() else { return Vec::new() };
    let mut endpoint = endpoint.clone();
    if let Some(info) = info {
        endpoint.model.clone_from(&info.id);
        endpoint.info = Some(info.clone());
    }
    vec![model.jobs.start(Job::Choose(Box::new(endpoint))).1]
}

/// Somebody else is asked from now on.
pub fn on_chosen(model: &mut Model, endpoint: &Endpoint) -> Vec<Effect> {
    model.meter.set_endpoint(endpoint);
    let said = safe!("{} is asked from now on", endpoint.label());
    phase::say(model, said)
}

/// The name of the page of money.
pub const MONEY: &str = "Money";

/// Shows the money.
pub fn money(model: &mut Model) -> Vec<Effect> {
    let page = money_page::page(&model.meter, &model.history.history, model.meter.asked.as_deref());
    let lines = Lines::of(safe!("{page}").as_str());
    model.overlay = Some(Overlay::Detail { experiment: MONEY.to_owned(), lines, first: 0 });
    Vec::new()
}

/// What the person should know about how an answer ended, with the next step; nothing for one that simply ended.
pub fn note(turn: &crate::domain::turn::Turn) -> Option<SafeText> {
    if turn.stop == StopReason::Refusal {
        let details = turn.refusal.clone().unwrap_or_default();
        let category = details.category.map_or_else(String::new, |category| format!(" ({})", category.expose()));
        let why = details.explanation.map_or_else(String::new, |text| format!(": {}", text.expose()));
        return Some(safe!("the model refused{category}{why} – m chooses another model, t asks in other words"));
    }
    if let StopReason::Other(word) = &turn.stop {
        return Some(safe!("it stopped for a reason that this version does not know: {word}"));
    }
    turn.stop.note().map(Into::into)
}
