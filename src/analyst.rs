//! The offline analyst: rules that read a request of the Messages API and answer it, from nothing but that request.
//!
//! It is not a language model and says so. What it proposes is written for the data set that the request describes.

pub mod brief;
pub mod call;
pub mod clean;
pub mod converse;
pub mod explore;
pub mod model;
pub mod recipe;
pub mod think;

use crate::analyst::brief::Brief;
use crate::domain::task::Task;

/// What it has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its reasoning, a paragraph or a list at a time.
    pub thinking: String,
    /// The answer in Markdown.
    pub text: String,
}

/// Answers the text of a request: all text of the system prompt and of the person's side, joined.
pub fn answer(request: &str) -> Answer {
    of_brief(&Brief::read(request))
}

/// Answers what a request says.
pub fn of_brief(brief: &Brief) -> Answer {
    let Some(task) = brief.task.filter(|_| !brief.columns.is_empty()) else {
        return Answer {
            thinking: "I am a set of rules, not a language model. I look for a task and a profile in the request and find none that I know.\n".into(),
            text: format!(
                "I answer these tasks: {}. For each I need the profile of a data set in the request, as the workbench sends it. I can't answer free questions.",
                Task::ALL.map(Task::id).join(", ")
            ),
        };
    };
    match task {
        Task::Explore => explore::answer(brief),
        Task::Clean => clean::answer(brief),
        Task::Train => recipe::train(brief),
        Task::Next => recipe::next(brief),
    }
}
