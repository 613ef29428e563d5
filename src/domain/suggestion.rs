//! What a model proposes, read out of its answer. Reading never fails: what is missing becomes a warning.

use serde::Deserialize;

use crate::domain::prompt;
use crate::domain::run::{CodeFile, FileKind};
use crate::domain::task::Task;
use crate::domain::tools::Tool;
use crate::domain::turn::{BlockKind, Turn};
use crate::safe;
use crate::text::markdown::fence_of;
use crate::text::{RawText, SafeText};

/// A proposal: text, files, and what is expected of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What was asked.
    pub task: Task,
    /// The answer as it came.
    pub text: RawText,
    /// What is believed, in one sentence.
    pub hypothesis: Option<RawText>,
    /// What should happen to the metric.
    pub expected_effect: Option<RawText>,
    /// Files, in the order of the answer.
    pub files: Vec<CodeFile>,
    /// What was missing or odd.
    pub warnings: Vec<SafeText>,
    /// Whether the answer is whole, so that it may be accepted.
    pub is_whole: bool,
    /// Whether it says in so many words that nothing needs to be done.
    pub proposes_nothing: bool,
}

impl Suggestion {
    /// The file that would run.
    pub fn main_file(&self) -> Option<&CodeFile> {
        let wanted = self.task.file().map(|(path, _)| path);
        self.files
            .iter()
            .find(|file| Some(file.path.as_str()) == wanted)
            .or_else(|| self.files.iter().find(|file| is_python(&file.path)))
    }

    /// A short name for lists: the hypothesis, or what was asked.
    pub fn title(&self) -> String {
        let first = self.hypothesis.as_ref().and_then(|text| text.expose().lines().next()).unwrap_or_default();
        if first.trim().is_empty() { self.task.id().to_owned() } else { first.trim().to_owned() }
    }
}

/// Most files that one answer may hold.
const MAX_FILES: usize = 50;

/// Reads a proposal out of an answer that goes on where an earlier one was cut off.
pub fn joined(task: Task, before: &str, turn: &Turn) -> Suggestion {
    let rest = turn.text();
    // Some models begin with a few words of what they were shown.
    let overlap = (1..=rest.len().min(400).min(before.len()))
        .rev()
        .filter(|n| rest.is_char_boundary(*n))
        .find(|n| before.ends_with(&rest[..*n]))
        .unwrap_or(0);
    let whole = format!("{before}{}", &rest[overlap..]);
    let turn = Turn { blocks: vec![(BlockKind::Text, RawText::new(whole))], ..turn.clone() };
    let mut suggestion = parse(task, &turn);
    suggestion.warnings.push("it was put together from two answers; read the place where they meet".into());
    suggestion
}

/// The input of `propose_files`.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Proposed {
    hypothesis: Option<String>,
    expected_effect: Option<String>,
    files: Vec<ProposedFile>,
}

#[derive(Deserialize)]
struct ProposedFile {
    path: String,
    code: String,
}

/// What was handed over with the tool, the last time it was called.
fn proposed(turn: &Turn) -> Option<Proposed> {
    let call = turn.calls().into_iter().rfind(|call| call.name == Tool::ProposeFiles.name())?;
    serde_json::from_str(call.input.expose()).ok()
}

/// Reads a proposal out of an answer.
pub fn parse(task: Task, turn: &Turn) -> Suggestion {
    let text = turn.text();
    let mut warnings = Vec::new();
    let proposed = proposed(turn);
    // What was handed over with the tool counts; fences beside it are quotations.
    let blocks = if proposed.is_some() { Vec::new() } else { blocks_of(&text) };
    let mut files: Vec<CodeFile> = Vec::new();
    for file in proposed.iter().flat_map(|proposed| &proposed.files).take(MAX_FILES) {
        let Some(path) = clean_path(&file.path) else {
            warnings.push(safe!("a file was left out: its path {} leads out of the run folder", file.path));
            continue;
        };
        let kind = kind_of(&path, &file.code);
        files.retain(|other| other.path != path);
        files.push(CodeFile { path, kind, code: RawText::new(&file.code) });
    }
    let has_cut_call = turn
        .blocks
        .iter()
        .any(|(kind, _)| matches!(kind, BlockKind::ToolUse(name) if name == Tool::ProposeFiles.name()));
    if has_cut_call && proposed.is_none() {
        warnings.push("the files that were handed over are not complete".into());
    }
    for block in &blocks {
        let is_python = matches!(block.language.as_str(), "python" | "py" | "python3");
        let path = block.path.clone().or_else(|| path_in_comment(&block.code));
        let path = match (path, is_python, task.file()) {
            (Some(path), _, _) => path,
            (None, true, Some((default, _))) if looks_like_file(&block.code, task) => {
                warnings.push(safe!("a code block names no path; it was taken for {default}"));
                default.to_owned()
            }
            _ => continue,
        };
        let Some(path) = clean_path(&path) else {
            warnings.push(safe!("a file was left out: its path {path} leads out of the run folder"));
            continue;
        };
        if !block.is_closed {
            warnings.push(safe!("{path} is not complete: the answer ended inside it"));
        }
        let kind = kind_of(&path, &block.code);
        let file = CodeFile { path, kind, code: RawText::new(&block.code) };
        if let Some(earlier) = files.iter_mut().find(|other| other.path == file.path) {
            warnings.push(safe!("{} came twice; the later one counts", file.path));
            *earlier = file;
        } else if files.len() < MAX_FILES {
            files.push(file);
        } else {
            warnings.push(safe!("more than {MAX_FILES} files came; the rest was left out"));
        }
    }
    let field = |pick: fn(&Proposed) -> &Option<String>| {
        proposed.as_ref().and_then(|proposed| pick(proposed).clone()).filter(|text| !text.trim().is_empty())
    };
    let hypothesis = field(|proposed| &proposed.hypothesis).or_else(|| section(&text, "hypothesis")).map(RawText::new);
    let expected_effect = field(|proposed| &proposed.expected_effect)
        .or_else(|| section(&text, "expected effect"))
        .or_else(|| section(&text, "expected"))
        .map(RawText::new);
    let proposes_nothing = task == Task::Clean && files.is_empty() && section(&text, "nothing to repair").is_some();
    if text.trim().is_empty() && files.is_empty() {
        warnings.push(safe!("the answer is empty"));
    } else if proposes_nothing {
        // That is an answer too.
    } else if let Some((file, _)) = task.file() {
        if files.is_empty() {
            warnings.push(safe!("there is no {file} in the answer"));
        }
        if hypothesis.is_none() {
            warnings.push(safe!("no hypothesis was stated"));
        }
    }
    let is_empty = text.trim().is_empty() && files.is_empty();
    if !proposes_nothing && !is_empty {
        warnings.extend(missing(task, &files, &text));
    }
    let is_whole =
        turn.stop.is_whole() && blocks.iter().all(|block| block.is_closed) && (!has_cut_call || proposed.is_some());
    Suggestion {
        task,
        text: RawText::new(text),
        hypothesis,
        expected_effect,
        files,
        warnings,
        is_whole,
        proposes_nothing,
    }
}

/// What the template asks for and the answer does not hold, beside the main file and the hypothesis.
fn missing(task: Task, files: &[CodeFile], text: &str) -> Vec<SafeText> {
    let lower = text.to_lowercase();
    let main = task.file().map(|(path, _)| path);
    let mut found = Vec::new();
    for wanted in prompt::contract(task) {
        let is_there = match wanted.as_str() {
            "hypothesis" | "expected effect" | "answer" => true,
            "tests" => files.iter().any(|file| file.path.starts_with("tests/")),
            path if Some(path) == main => true,
            path if path.contains('.') => files.iter().any(|file| file.path == path),
            words => lower.contains(words),
        };
        if !is_there {
            let is_file = wanted.contains('.') || wanted == "tests";
            found.push(if is_file {
                safe!("there is no {wanted} in the answer")
            } else {
                safe!("nothing is said about the {wanted}")
            });
        }
    }
    found.extend(mismatch(task, files));
    found
}

/// Why the main file is not what the task asks for, where it is not.
pub fn mismatch(task: Task, files: &[CodeFile]) -> Option<SafeText> {
    let (path, kind) = task.file()?;
    let file = files.iter().find(|file| file.path == path)?;
    let lacks = match kind {
        FileKind::Clean => "no list STEPS and no clean()",
        FileKind::Features => "no list FEATURES",
        FileKind::Search => "not both space(trial) and build(params)",
        FileKind::Model => "no build()",
        FileKind::Pipeline => "no train.py that takes --model",
        FileKind::Modern | FileKind::Evaluation | FileKind::Checklist | FileKind::Document | FileKind::Script => {
            return None;
        }
    };
    (file.kind != kind).then(|| safe!("{path} defines {lacks}"))
}

/// A code fence of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBlock {
    /// The first word behind the fence, in lower case.
    pub language: String,
    /// The path that the fence names.
    pub path: Option<String>,
    /// The lines between, each with its end.
    pub code: String,
    /// Whether the closing fence came.
    pub is_closed: bool,
}

/// All code fences of a text, also one that is still open.
pub fn blocks_of(text: &str) -> Vec<CodeBlock> {
    let mut blocks: Vec<CodeBlock> = Vec::new();
    let mut open: Option<(char, usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        match (open, fence_of(bare)) {
            (None, Some((mark, length, info))) => {
                let (language, path) = read_info(info);
                let indent = bare.len() - bare.trim_start_matches(' ').len();
                blocks.push(CodeBlock { language, path, code: String::new(), is_closed: false });
                open = Some((mark, length, indent));
            }
            (Some((mark, length, _)), Some((close, close_length, rest)))
                if close == mark && close_length >= length && rest.trim().is_empty() =>
            {
                if let Some(block) = blocks.last_mut() {
                    block.is_closed = true;
                }
                open = None;
            }
            (Some((_, _, indent)), _) => {
                if let Some(block) = blocks.last_mut() {
                    let n_spaces = line.len() - line.trim_start_matches(' ').len();
                    block.code.push_str(&line[n_spaces.min(indent)..]);
                }
            }
            (None, None) => {}
        }
    }
    blocks
}

/// `python path=model.py`, `python model.py`, `python:model.py`, `model.py`, `{.python file="model.py"}`.
fn read_info(info: &str) -> (String, Option<String>) {
    let info = info.trim().trim_matches(|c| matches!(c, '{' | '}'));
    let mut language = String::new();
    let mut path = None;
    for (idx, word) in info.split([' ', '\t', ',']).filter(|word| !word.is_empty()).enumerate() {
        let word = word.trim_start_matches('.');
        if let Some((key, value)) = word.split_once('=') {
            if matches!(key, "path" | "file" | "filename" | "title" | "name") {
                path = Some(value.trim_matches(['"', '\'']).to_owned());
            }
        } else if idx == 0 && !looks_like_path(word) {
            let (first, rest) = word.split_once(':').unwrap_or((word, ""));
            language = first.to_lowercase();
            if looks_like_path(rest) {
                path = Some(rest.to_owned());
            }
        } else if looks_like_path(word) && path.is_none() {
            path = Some(word.to_owned());
        }
    }
    if language.is_empty() && path.as_deref().is_some_and(is_python) {
        "python".clone_into(&mut language);
    }
    (language, path)
}

fn looks_like_path(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && !stem.contains([':', '='])
            && (1..=5).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// `# model.py` or `# file: model.py` in the first line.
fn path_in_comment(code: &str) -> Option<String> {
    let first = code.lines().next()?.trim().strip_prefix('#')?.trim();
    let first = ["file:", "path:", "filename:", "File:", "Path:"]
        .iter()
        .find_map(|label| first.strip_prefix(label))
        .unwrap_or(first)
        .trim();
    (looks_like_path(first) && !first.contains(' ')).then(|| first.to_owned())
}

/// A path inside the run folder, or nothing.
fn clean_path(path: &str) -> Option<String> {
    let path = path.trim().trim_start_matches("./");
    let is_fine = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.len() <= 100
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    let parts: Vec<&str> = path.split('/').collect();
    (!path.is_empty() && parts.len() <= 8 && parts.iter().all(|part| is_fine(part))).then(|| path.to_owned())
}

fn looks_like_file(code: &str, task: Task) -> bool {
    let marker = match task {
        Task::Clean => "def clean",
        Task::Features => "FEATURES =",
        Task::Modernise | Task::Pipeline => "def main",
        _ => "def build",
    };
    code.contains(marker) || code.lines().count() > 5
}

/// Whether a path is that of a Python file.
pub fn is_python(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("py"))
}

/// What a file of Python is, by what it defines.
pub fn kind_of(path: &str, code: &str) -> FileKind {
    let defines = |name: &str| {
        code.lines().any(|line| line.starts_with(&format!("def {name}(")) || line.starts_with(&format!("{name} =")))
    };
    if !is_python(path) {
        match path {
            "evaluation.toml" => FileKind::Evaluation,
            "checklist.md" => FileKind::Checklist,
            _ => FileKind::Document,
        }
    } else if path == "modern.py" {
        // What it defines is the old code's business.
        FileKind::Modern
    } else if defines("build") && defines("space") {
        FileKind::Search
    } else if defines("build") {
        FileKind::Model
    } else if defines("clean") || defines("STEPS") {
        FileKind::Clean
    } else if defines("FEATURES") {
        FileKind::Features
    } else if path == "train.py" && code.contains("--model") {
        FileKind::Pipeline
    } else {
        FileKind::Script
    }
}

/// The text behind a heading or a label of that name, up to the next blank line, heading or fence.
fn section(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim().trim_start_matches('#').trim_start_matches(['*', '_', '-', ' ']);
        let Some(head) = bare.get(..name.len()) else { continue };
        if !head.eq_ignore_ascii_case(name) {
            continue;
        }
        let rest = bare[name.len()..].trim_start_matches(['*', '_', ' ', ':', '–', '-']).trim();
        if !rest.is_empty() {
            let labelled = bare[name.len()..].trim_start_matches(['*', '_', ' ']).starts_with([':', '–', '-']);
            if labelled {
                return Some(rest.to_owned());
            }
            continue;
        }
        while lines.next_if(|line| line.trim().is_empty()).is_some() {}
        let mut body: Vec<&str> = Vec::new();
        while let Some(line) =
            lines.next_if(|line| !line.trim().is_empty() && !line.starts_with('#') && fence_of(line).is_none())
        {
            body.push(line.trim());
        }
        if !body.is_empty() {
            return Some(body.join(" "));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::turn::StopReason;

    fn turn(text: &str, stop: StopReason) -> Turn {
        Turn { blocks: vec![(BlockKind::Text, RawText::new(text))], ..Turn::empty(stop) }
    }

    fn check(text: &str) -> Suggestion {
        parse(Task::Train, &turn(text, StopReason::EndTurn))
    }

    #[test]
    fn a_complete_answer_is_read_whole() {
        let suggestion = check(
            "## Hypothesis\nTenure matters most\nin the first months.\n\n**Expected effect:** +0.01 ROC AUC\n\n```python path=model.py\ndef build():\n    return 1\n```\nDone.\n",
        );
        assert_eq!(suggestion.hypothesis, Some(RawText::new("Tenure matters most in the first months.")));
        assert_eq!(suggestion.expected_effect, Some(RawText::new("+0.01 ROC AUC")));
        assert_eq!(
            suggestion.files,
            [CodeFile {
                path: "model.py".into(),
                kind: FileKind::Model,
                code: RawText::new("def build():\n    return 1\n")
            }]
        );
        assert!(suggestion.warnings.is_empty() && suggestion.is_whole);
    }

    #[test]
    fn paths_are_found_in_all_the_ways_in_which_they_are_written() {
        for text in [
            "```python model.py\ndef build(): 1\n```",
            "```python:model.py\ndef build(): 1\n```",
            "```py title=\"model.py\"\ndef build(): 1\n```",
            "```model.py\ndef build(): 1\n```",
            "```python\n# model.py\ndef build(): 1\n```",
            "~~~python file=./model.py\ndef build(): 1\n~~~",
        ] {
            let suggestion = check(text);
            assert_eq!(suggestion.files.len(), 1, "{text}");
            assert_eq!(suggestion.files[0].path, "model.py", "{text}");
        }
    }

    #[test]
    fn what_is_broken_is_said_and_kept() {
        let cut =
            parse(Task::Train, &turn("Hypothesis: x\n```python path=model.py\ndef build():\n", StopReason::MaxTokens));
        assert!(!cut.is_whole);
        assert_eq!(cut.files[0].code.expose(), "def build():\n");
        assert_eq!(
            cut.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["model.py is not complete: the answer ended inside it"]
        );

        let none = check("I am sorry.");
        assert!(none.files.is_empty());
        assert_eq!(none.warnings.len(), 2);

        let outside =
            check("Hypothesis: x\n```python path=../../.bashrc\nx = 1\n```\n```python path=/etc/passwd\nx\n```");
        assert!(outside.files.is_empty());
    }

    #[test]
    fn files_that_were_handed_over_with_the_tool_are_the_proposal() {
        let input = r#"{"hypothesis":"h","expected_effect":"up","files":[{"path":"model.py","code":"def build(): 1\n"},{"path":"../x.py","code":""}]}"#;
        let call = format!(r#"{{"type":"tool_use","id":"t","name":"propose_files","input":{input}}}"#);
        let blocks = vec![
            (BlockKind::Text, RawText::new("As in\n```python\nquoted = 1\n```\n")),
            (BlockKind::ToolUse("propose_files".into()), RawText::new(input)),
        ];
        let turn =
            Turn { blocks: blocks.clone(), raw_blocks: vec![RawText::new(call)], ..Turn::empty(StopReason::ToolUse) };
        let suggestion = parse(Task::Train, &turn);
        assert_eq!(suggestion.files.len(), 1);
        assert_eq!(suggestion.files[0].code.expose(), "def build(): 1\n");
        assert_eq!(suggestion.hypothesis.unwrap().expose(), "h");
        assert!(suggestion.is_whole);
        // The same call cut off: shown, never to be accepted.
        let cut = parse(Task::Train, &Turn { blocks, ..Turn::empty(StopReason::ToolUse) });
        assert!(!cut.is_whole && cut.files.is_empty(), "{cut:?}");
    }

    #[test]
    fn an_answer_that_was_cut_off_goes_on_in_the_next() {
        let before = "Hypothesis: x\n```python path=model.py\ndef build():\n    return Log";
        let rest = |text: &str| joined(Task::Train, before, &turn(text, StopReason::EndTurn));
        for text in ["istic()\n```\n", "    return Logistic()\n```\n"] {
            let suggestion = rest(text);
            assert_eq!(suggestion.files[0].code.expose(), "def build():\n    return Logistic()\n");
            assert!(suggestion.is_whole);
        }
    }

    #[test]
    fn a_fence_inside_a_longer_fence_is_text() {
        let suggestion =
            check("Hypothesis: x\n````python path=model.py\nDOC = '''\n```\nx\n```\n'''\ndef build(): 1\n````\n");
        assert!(suggestion.files[0].code.expose().contains("```\nx\n```"));
        assert!(suggestion.is_whole);
    }
}
