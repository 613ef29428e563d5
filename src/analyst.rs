//! The offline analyst: rules that read a request of the Messages API and answer it, from nothing but that request.
//!
//! It is not a language model and says so. What it proposes is written for the data set that the request describes.

pub mod ask;
pub mod brief;
pub mod call;
pub mod clean;
pub mod converse;
pub mod debug;
pub mod design;
pub mod evaluate;
pub mod explore;
pub mod features;
pub mod kept;
pub mod label;
pub mod model;
pub mod modernise;
pub mod pipeline;
pub mod production;
pub mod recipe;
pub mod search;
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
        Task::Design => design::answer(brief),
        Task::Label => label::answer(brief),
        Task::Features => features::answer(brief),
        Task::Evaluate => evaluate::answer(brief),
        Task::Pipeline => pipeline::answer(brief),
        Task::Search => search::answer(brief),
        Task::Debug => debug::answer(brief),
        Task::Production => production::answer(brief),
        Task::Modernise => modernise::answer(brief),
        Task::Ask => ask::answer(brief),
    }
}

/// What every answer ends with.
const BY_RULES: &str = "\n*Written by rules, not by a language model.*\n";

/// A file as a fence that names its path. The fence is longer than any inside of it.
fn fence(language: &str, path: &str, code: &str) -> String {
    let longest = code.lines().map(|line| line.len() - line.trim_start_matches('`').len()).max().unwrap_or(0);
    let mark = "`".repeat(longest.max(2) + 1);
    format!("{mark}{language} path={path}\n{}\n{mark}\n", code.trim_end_matches('\n'))
}

/// A name that Python takes, made of a column's.
fn identifier(name: &str) -> String {
    let lower: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let words: Vec<&str> = lower.split('_').filter(|word| !word.is_empty()).collect();
    let joined = words.join("_");
    if joined.is_empty() || joined.starts_with(|c: char| c.is_ascii_digit()) {
        format!("column_{joined}")
    } else {
        joined
    }
}
