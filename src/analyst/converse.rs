//! The analyst in conversation: which tools it calls first, what it makes of their results, what it says to more words.

use serde_json::{Value, json};

use crate::analyst::brief::{Brief, Tried};
use crate::analyst::{self, Answer, call};
use crate::domain::suggestion::blocks_of;
use crate::domain::task::Task;
use crate::domain::tools::Tool;

/// A tool as a request offers it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// The schema of its input.
    pub schema: Value,
}

/// What a tool gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Which tool.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether it failed.
    pub is_error: bool,
}

/// Whether a tool has to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// As it sees fit.
    #[default]
    Auto,
    /// One of them.
    Any,
    /// This one.
    Tool(String),
    /// None.
    Never,
}

/// A request, as far as the rules read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// Rules, data and words of the person, joined.
    pub text: String,
    /// The words of the last message of the person's side, where it has any.
    pub words: String,
    /// What the analyst itself said before; empty at the beginning.
    pub said: String,
    /// Tools that are offered.
    pub tools: Vec<Offered>,
    /// Whether one has to be called.
    pub choice: Choice,
    /// Whether several may be called at once.
    pub one_at_a_time: bool,
    /// Results of tools since the last words of the person, in order.
    pub returned: Vec<Returned>,
}

/// Something that the analyst says or does.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Reasoning.
    Thinking(String),
    /// The answer.
    Text(String),
    /// A call of a tool.
    Call(String, Value),
}

/// Answers.
pub fn converse(heard: &Heard) -> Vec<Part> {
    let brief = Brief::read(&heard.text);
    let offers =
        |tool: Tool| heard.choice != Choice::Never && heard.tools.iter().any(|offered| offered.name == tool.name());
    let is_ours = heard.tools.iter().all(|offered| Tool::from_name(&offered.name).is_some());
    if !heard.tools.is_empty() && (!is_ours || !matches!(heard.choice, Choice::Auto | Choice::Never)) {
        return call::converse(heard);
    }
    let rejected =
        heard.returned.iter().find(|returned| returned.name == Tool::ProposeFiles.name() && returned.is_error);
    if !heard.said.is_empty() && !heard.words.is_empty() && !heard.words.contains("<task>") {
        return match rejected {
            Some(rejected) => again(&brief, heard, rejected, offers(Tool::ProposeFiles)),
            None => reply(heard),
        };
    }
    let looks = looks(&brief, heard, offers(Tool::ProfileColumn));
    if !looks.is_empty() {
        let names: Vec<&str> = looks.iter().filter_map(|part| part.1["column"].as_str()).collect();
        let mut parts = vec![Part::Thinking(format!(
            "Rules, not a language model: before they choose, they look closer at {}.\n",
            names.join(" and ")
        ))];
        parts.extend(looks.into_iter().map(|(name, input)| Part::Call(name, input)));
        return parts;
    }
    let mut answer = analyst::answer(&heard.text);
    answer.thinking = format!("{}{}", read_results(heard), answer.thinking);
    hand_over(answer, offers(Tool::ProposeFiles))
}

/// The columns that are looked at first: the target, and what a grave warning names.
fn looks(brief: &Brief, heard: &Heard, may_look: bool) -> Vec<(String, Value)> {
    if !may_look || !heard.returned.is_empty() || brief.columns.is_empty() {
        return Vec::new();
    }
    let warned = |is_meant: fn(&str) -> bool| {
        let meant = brief.warnings.iter().filter(move |warned| is_meant(&warned.severity));
        meant.flat_map(|warned| &warned.r#in).filter(|name| *name != brief.target())
    };
    let known = |name: &&String| brief.columns.iter().any(|column| column.name == **name);
    let wanted: Vec<&String> = match brief.task {
        Some(Task::Train | Task::Next | Task::Features | Task::Search | Task::Design) => {
            let target = brief.framing.as_ref().map(|framing| &framing.target);
            target.into_iter().chain(warned(|severity| severity == "high").take(1)).filter(known).collect()
        }
        // The grave ones first.
        Some(Task::Explore) => {
            warned(|severity| severity == "high").chain(warned(|severity| severity != "high")).filter(known).collect()
        }
        _ => Vec::new(),
    };
    let mut names: Vec<String> = Vec::new();
    for name in wanted {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.truncate(if heard.one_at_a_time { 1 } else { 3 });
    names.into_iter().map(|name| (Tool::ProfileColumn.name().to_owned(), json!({ "column": name }))).collect()
}

/// What the tools said, in a sentence each.
fn read_results(heard: &Heard) -> String {
    let mut text = String::new();
    for returned in heard.returned.iter().filter(|returned| returned.name == Tool::ProfileColumn.name()) {
        if returned.is_error {
            text.push_str(&format!("A look did not succeed: {}\n", returned.text));
            continue;
        }
        let fields: Value = serde_json::from_str(&returned.text).unwrap_or_default();
        let name = fields["name"].as_str().unwrap_or("a column");
        let mut facts = Vec::new();
        if let Some(n) = fields["distinct"].as_u64() {
            facts.push(format!("{n} different values"));
        }
        if let Some(n) = fields["n_null"].as_u64() {
            facts.push(format!("{n} rows without one"));
        }
        if let Some(score) = fields["alone_predicts_target"]["score"].as_f64() {
            facts.push(format!("alone it predicts the target with {score:.3}"));
        }
        text.push_str(&format!("- **{name}** has {}.\n", facts.join(", ")));
    }
    if text.is_empty() { text } else { format!("### What a closer look shows\n\n{text}\n") }
}

/// The answer in parts; its files by the tool where there is one.
fn hand_over(answer: Answer, by_tool: bool) -> Vec<Part> {
    let mut parts = vec![Part::Thinking(answer.thinking)];
    let files: Vec<Value> = blocks_of(&answer.text)
        .into_iter()
        .filter_map(|block| Some(json!({"path": block.path?, "code": block.code})))
        .collect();
    if !by_tool || files.is_empty() {
        parts.push(Part::Text(answer.text));
        return parts;
    }
    let words = without_files(&answer.text);
    let section = |name: &str| {
        let body = words.split("## ").find_map(|part| part.strip_prefix(name)).unwrap_or_default();
        body.trim().lines().next().unwrap_or_default().to_owned()
    };
    let input =
        json!({"hypothesis": section("Hypothesis"), "expected_effect": section("Expected effect"), "files": files});
    parts.push(Part::Text(words));
    parts.push(Part::Call(Tool::ProposeFiles.name().to_owned(), input));
    parts
}

/// The words of an answer without its files.
fn without_files(text: &str) -> String {
    let mut kept = String::new();
    let mut fence: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        match &fence {
            Some(mark) if bare == mark => fence = None,
            Some(_) => {}
            None if bare.starts_with("```") && bare.contains("path=") => {
                fence = Some(bare.chars().take_while(|c| *c == '`').collect());
            }
            None => kept.push_str(line),
        }
    }
    kept
}

/// The next step of the ladder, after a rejection.
fn again(brief: &Brief, heard: &Heard, rejected: &Returned, by_tool: bool) -> Vec<Part> {
    let mut brief = brief.clone();
    brief.task = Some(Task::Next);
    // What stands in its own words was tried as well.
    for proposed in heard.said.split("## ").filter_map(|part| part.strip_prefix("Hypothesis")) {
        brief.history.push(Tried {
            id: "before".into(),
            hypothesis: proposed.trim().lines().next().unwrap_or_default().to_owned(),
            decision: Some("rejected".into()),
            ..Tried::default()
        });
    }
    let reason = rejected.text.trim_start_matches("The person rejected the files").trim_start_matches(": ");
    let why = if reason.is_empty() { "no reason was given".to_owned() } else { format!("“{reason}”") };
    let mut answer = analyst::of_brief(&brief);
    answer.thinking = format!(
        "The proposal was rejected: {why}. Rules can't weigh a reason; they go on with the next step that fits.\n\n{}",
        answer.thinking
    );
    hand_over(answer, by_tool)
}

/// What rules can say to more words: what they proposed, and why.
fn reply(heard: &Heard) -> Vec<Part> {
    // The last proposal is meant.
    let section = |name: &str| {
        let parts: Vec<&str> = heard.said.split("## ").collect();
        let body = parts.into_iter().rev().find_map(|part| part.strip_prefix(name)).map(str::trim);
        body.filter(|body| !body.is_empty())
    };
    let mut text = String::from(
        "I am a set of rules and can't hold a conversation. What I can say is what I proposed, and from which rule.\n",
    );
    if let Some(hypothesis) = section("Hypothesis") {
        text.push_str(&format!("\nWhat was proposed: {}\n", hypothesis.lines().next().unwrap_or_default()));
    }
    if let Some(expected) = section("Expected effect") {
        text.push_str(&format!("\nWhat should happen: {}\n", expected.lines().next().unwrap_or_default()));
    }
    text.push_str(
        "\nReject it with a reason to get the next step of the ladder, or choose a model that understands words.\n",
    );
    vec![Part::Text(text)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "<profile-1>\n{\"rows\":1000,\"columns\":2}\n{\"name\":\"x\",\"type\":\"Float64\",\"role\":\"numeric\",\"distinct\":900,\"std\":1.0}\n{\"name\":\"y\",\"type\":\"Int64\",\"role\":\"boolean\",\"distinct\":2}\n</profile-1>\n<framing-1>\n{\"target\":\"y\",\"problem\":\"binary\",\"metric\":\"roc_auc\"}\n</framing-1>\n<task>train</task>";

    fn offered() -> Vec<Offered> {
        Tool::ALL.map(|tool| Offered { name: tool.name().into(), schema: json!({}) }).to_vec()
    }

    fn heard() -> Heard {
        Heard { text: REQUEST.into(), words: REQUEST.into(), tools: offered(), ..Heard::default() }
    }

    #[test]
    fn it_looks_first_and_hands_files_over_with_the_tool() {
        let first = converse(&heard());
        assert_eq!(first.last(), Some(&Part::Call("profile_column".into(), json!({"column": "y"}))));
        let returned = Returned {
            name: "profile_column".into(),
            text: "{\"name\":\"y\",\"distinct\":2,\"n_null\":0}".into(),
            is_error: false,
        };
        let second = converse(&Heard { returned: vec![returned], ..heard() });
        let Part::Thinking(thinking) = &second[0] else { panic!() };
        assert!(thinking.contains("**y** has 2 different values, 0 rows without one"), "{thinking}");
        let Some(Part::Call(name, input)) = second.last() else { panic!("{second:?}") };
        assert_eq!((name.as_str(), &input["files"][0]["path"]), ("propose_files", &json!("model.py")));
        assert!(input["files"][0]["code"].as_str().unwrap().contains("def build("));
        assert!(!input["hypothesis"].as_str().unwrap().is_empty());
        let Part::Text(text) = &second[1] else { panic!() };
        assert!(!text.contains("```"), "{text}");
    }

    #[test]
    fn a_rejection_gets_the_next_step_and_words_an_honest_answer() {
        let rejected = Returned {
            name: "propose_files".into(),
            text: "The person rejected the files: too deep".into(),
            is_error: true,
        };
        let said = "## Hypothesis\n\nLines.\n\n## Hypothesis\n\nTrees.\n";
        let talk = Heard { said: said.into(), words: "simpler".into(), ..heard() };
        let next = converse(&Heard { returned: vec![rejected], ..talk.clone() });
        assert!(matches!(&next[0], Part::Thinking(text) if text.contains("“too deep”")), "{next:?}");
        assert!(matches!(next.last(), Some(Part::Call(name, _)) if name == "propose_files"));
        let words = converse(&talk);
        assert!(matches!(&words[..], [Part::Text(text)] if text.contains("What was proposed: Trees.")), "{words:?}");
    }

    #[test]
    fn columns_with_warnings_are_looked_at_once_each_and_as_many_as_allowed() {
        let warn = |severity: &str, columns: &str| {
            format!("{{\"warning\":\"w\",\"severity\":\"{severity}\",\"in\":[{columns}]}}\n")
        };
        let warnings = [warn("low", "\"x\",\"gone\""), warn("high", "\"y\",\"x\"")].concat();
        let text = REQUEST.replace("</profile-1>", &format!("{warnings}</profile-1>"));
        let looks = |task: &str, one_at_a_time| {
            let text = text.replace("<task>train</task>", &format!("<task>{task}</task>"));
            let parts = converse(&Heard { text: text.clone(), words: text, one_at_a_time, ..heard() });
            let names = parts.iter().filter_map(|part| match part {
                Part::Call(name, input) if name == "profile_column" => input["column"].as_str().map(ToOwned::to_owned),
                _ => None,
            });
            names.collect::<Vec<_>>()
        };
        assert_eq!(looks("train", false), ["y", "x"]);
        assert_eq!(looks("next", true), ["y"]);
        assert_eq!(looks("explore", false), ["x"]);
        assert_eq!(looks("clean", false), [""; 0]);
    }

    #[test]
    fn without_tools_the_files_stand_in_the_text() {
        let parts = converse(&Heard { tools: Vec::new(), ..heard() });
        assert!(
            matches!(&parts[..], [Part::Thinking(_), Part::Text(text)] if text.contains("```python path=model.py"))
        );
    }
}
