//! A single difference and its words.

use std::collections::BTreeSet;

use super::ChangeKind;
use super::tree::{Node, Role, Tag, last, role};

/// Longest value that is shown in full.
const SHOWN: usize = 48;

/// One difference between two trees, before those that belong together are put together.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) kind: ChangeKind,
    pub(super) what: String,
    /// Lines of the new version.
    pub(super) lines: BTreeSet<u32>,
    /// Lines of the old version.
    pub(super) old_lines: BTreeSet<u32>,
    /// The definition in which it lies, as it is shown; empty at the top.
    pub(super) place: String,
    /// What is called where it lies.
    pub(super) owner: String,
    pub(super) added: Option<Node>,
    pub(super) removed: Option<Node>,
    /// Names of locals that only one of the versions has.
    pub(super) loose_names: BTreeSet<String>,
}

/// A version of the code.
pub(super) struct Source<'a> {
    code: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(code: &'a str) -> Self {
        let starts = std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { code, starts }
    }

    /// The line of a place, from one.
    pub(super) fn line(&self, at: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }

    pub(super) fn lines(&self, span: (usize, usize)) -> BTreeSet<u32> {
        (self.line(span.0)..=self.line(span.1.max(span.0 + 1) - 1)).collect()
    }

    /// A node as it is written, on one line and not too long.
    pub(super) fn shown(&self, node: &Node) -> String {
        if node.tag == Tag::Text && is_word(&node.text) {
            return node.text.clone();
        }
        let text = self.code.get(node.span.0..node.span.1).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= SHOWN {
            return text;
        }
        let short: String = text.chars().take(SHOWN - 1).collect();
        format!("{}…", short.trim_end())
    }
}

fn is_word(text: &str) -> bool {
    !matches!(text, "None" | "True" | "False" | "none" | "default")
        && text.starts_with(char::is_alphabetic)
        && text.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
}

/// Names of what is made in a node – steps, estimators – from the outside in.
pub(super) fn makes(node: &Node) -> Vec<(Role, String)> {
    let mut found: Vec<(Role, String)> = Vec::new();
    node.walk(&mut |inner| {
        let role = role(inner.callee_path());
        if role < Role::Step {
            return;
        }
        // A step that only calls a function goes by the name of the function.
        let function = inner.kids.get(1).and_then(|argument| argument.kids.first());
        let name = match function {
            Some(function) if inner.callee() == "FunctionTransformer" && function.kids.is_empty() => {
                last(&function.text).to_owned()
            }
            _ => inner.callee().to_owned(),
        };
        if !found.iter().any(|(_, known)| *known == name) {
            found.push((role, name));
        }
    });
    found
}

/// The first of a tree that makes a step or an estimator.
pub(super) fn head(node: &Node) -> Option<&Node> {
    node.find(&|inner| role(inner.callee_path()) >= Role::Step)
}

/// The same tree without one of its parts.
pub(super) fn hollow(node: &Node, part: u64) -> Node {
    if node.print == part {
        return Node::new(Tag::Other, "…", Vec::new(), node.span);
    }
    let kids = node.kids.iter().map(|kid| hollow(kid, part)).collect();
    Node::new(node.tag, node.text.clone(), kids, node.span)
}

/// Whether a call of this name sets a seed by its first argument.
pub(super) fn sets_seed(callee: &str) -> bool {
    matches!(
        callee,
        "seed"
            | "default_rng"
            | "RandomState"
            | "manual_seed"
            | "manual_seed_all"
            | "set_seed"
            | "set_random_seed"
            | "seed_everything"
            | "SeedSequence"
            | "PCG64"
            | "Random"
    )
}

/// Whether a name is one that sets a seed.
pub(super) fn is_seed(name: &str) -> bool {
    let name = last(name).to_lowercase();
    name == "seed" || name.ends_with("random_state") || name.ends_with("_seed")
}

/// How a list of names became another; with `drops`, a name in it is one that is left out.
pub(super) fn columns(old: &[&str], new: &[&str], drops: bool) -> String {
    let lacks = |all: &[&str], other: &[&str]| -> Vec<String> {
        all.iter().filter(|name| !other.contains(name)).map(|name| (*name).to_owned()).collect()
    };
    let (gone, come) = (lacks(old, new), lacks(new, old));
    let (dropped, added) = if drops { (come, gone) } else { (gone, come) };
    let mut parts = Vec::new();
    if !dropped.is_empty() {
        parts.push(format!("drops {}", dropped.join(", ")));
    }
    if !added.is_empty() {
        parts.push(format!("adds {}", added.join(", ")));
    }
    if parts.is_empty() {
        parts.push("in another order".to_owned());
    }
    format!("other columns: {}", parts.join("; "))
}

/// What a container holds, whether in a list with names or one after another.
pub(super) fn entries(call: &Node) -> Vec<Node> {
    let arguments = call.kids.iter().skip(1).flat_map(|argument| &argument.kids);
    let mut entries = Vec::new();
    for value in arguments {
        if value.tag == Tag::List && value.text == "[]" {
            entries.extend(value.kids.iter().filter_map(|entry| {
                if entry.tag == Tag::List { entry.kids.get(1).cloned() } else { Some(entry.clone()) }
            }));
        } else if value.tag == Tag::List {
            entries.extend(value.kids.iter().find(|part| part.tag == Tag::Call).cloned());
        } else if value.tag == Tag::Call {
            entries.push(value.clone());
        }
    }
    entries
}

/// Names that `makes` finds, by what they are.
pub(super) fn made(node: &Node) -> (Vec<String>, Vec<String>) {
    let found = makes(node);
    let of = |wanted: &dyn Fn(Role) -> bool| {
        found.iter().filter(|(role, _)| wanted(*role)).map(|(_, name)| name.clone()).collect()
    };
    (of(&|role| role != Role::Estimator), of(&|role| role == Role::Estimator))
}
