//! Puts single differences into words: a parameter, a value, something that came or went.

use super::ChangeKind;
use super::compare::{At, Compare, Holds};
use super::edits::{columns, made, sets_seed};
use super::tree::{Node, Role, Tag, last, role};

impl Compare<'_> {
    /// A value that became another, in the words of where it stands.
    pub(super) fn leaf(&mut self, old: &Node, new: &Node, at: &At) {
        let sides = [Some(old), Some(new)];
        if at.is_seed || !at.label.is_empty() {
            return self.parameter(sides, at);
        }
        let is_named = |node: &Node| matches!(node.tag, Tag::Path | Tag::Symbol);
        let (was, is) = (self.old.shown(old), self.new.shown(new));
        if is_named(old) && is_named(new) {
            let (before, after) = (role(&old.text), role(&new.text));
            if before >= Role::Step && after >= Role::Step {
                let is_estimator = before == Role::Estimator && after == Role::Estimator;
                let (kind, word) =
                    if is_estimator { (ChangeKind::Estimator, "estimator") } else { (ChangeKind::Step, "step") };
                return self.note(kind, format!("another {word}: {was} → {is}"), sides, at);
            }
        }
        match role(&at.owner) {
            Role::Container if at.is_column => {
                self.note(ChangeKind::Columns, format!("other columns: {was} → {is}"), sides, at);
            }
            Role::Container if old.tag == Tag::Text => {
                self.note(ChangeKind::Other, format!("step {was} is called {is}"), sides, at);
            }
            Role::Container => self.note(ChangeKind::Step, format!("another step: {was} → {is}"), sides, at),
            Role::Target => self.note(ChangeKind::Target, format!("target transform {was} → {is}"), sides, at),
            Role::Selector => self.note(ChangeKind::Columns, format!("other columns: {was} → {is}"), sides, at),
            Role::Step | Role::Estimator => {
                self.note(ChangeKind::Parameter, format!("{} {was} → {is}", at.owner), sides, at);
            }
            Role::Plain => self.note(ChangeKind::Other, format!("{was} → {is}"), sides, at),
        }
    }

    /// A keyword or a key whose value came, went or became another.
    pub(super) fn parameter(&mut self, sides: [Option<&Node>; 2], at: &At) {
        let [old, new] = sides;
        let missing = if at.is_seed { "none" } else { "default" };
        let was = old.map_or_else(|| missing.to_owned(), |node| self.old.shown(node));
        let is = new.map_or_else(|| missing.to_owned(), |node| self.new.shown(node));
        let label = &at.label;
        let role = role(&at.owner);
        let strings = |node: Option<&Node>| match node {
            None => Some(Vec::new()),
            Some(node) if node.tag == Tag::Text => Some(vec![node.text.clone()]),
            Some(node) => Some(node.strings()?.into_iter().map(ToOwned::to_owned).collect()),
        };
        let (kind, what) = if at.is_seed {
            (ChangeKind::Seed, format!("seed {was} → {is}"))
        } else if at.owner == "assign" && !label.is_empty() {
            let what = match (old, new) {
                (None, _) => format!("new feature {label}"),
                (_, None) => format!("without feature {label}"),
                _ => format!("feature {label}: {was} → {is}"),
            };
            (ChangeKind::Feature, what)
        } else if at.is_column
            && let (Some(was), Some(is)) = (strings(old), strings(new))
        {
            let refs = |names: &[String]| names.iter().map(ToOwned::to_owned).collect::<Vec<_>>();
            let (was, is) = (refs(&was), refs(&is));
            let was: Vec<&str> = was.iter().map(String::as_str).collect();
            let is: Vec<&str> = is.iter().map(String::as_str).collect();
            (ChangeKind::Columns, columns(&was, &is, at.drops))
        } else if role == Role::Target {
            (ChangeKind::Target, format!("target transform {was} → {is}"))
        } else if role == Role::Selector {
            (ChangeKind::Columns, format!("other columns: {label} {was} → {is}"))
        } else if label.is_empty() {
            let owner = &at.owner;
            (ChangeKind::Parameter, format!("{owner} {was} → {is}"))
        } else {
            (ChangeKind::Parameter, format!("{label} {was} → {is}"))
        };
        self.note(kind, what, sides, at);
    }

    /// Something that came or went as a whole.
    pub(super) fn single(&mut self, node: &Node, at: &At, is_new: bool) {
        if node.tag == Tag::Marker {
            return;
        }
        let sides = if is_new { [None, Some(node)] } else { [Some(node), None] };
        let source = if is_new { &self.new } else { &self.old };
        let word = if is_new { "new" } else { "without" };
        let shown = source.shown(node);
        if at.holds == Holds::Features {
            let name = name_of(node).unwrap_or(shown);
            return self.note(ChangeKind::Feature, format!("{word} feature {name}"), sides, at);
        }
        if at.is_seed || sets_seed(node.callee()) {
            let value = node.kids.get(1).filter(|_| node.tag == Tag::Call).and_then(|argument| argument.kids.first());
            let value = value.map_or(shown, |value| source.shown(value));
            let what = if is_new { format!("seed none → {value}") } else { format!("seed {value} → none") };
            return self.note(ChangeKind::Seed, what, sides, at);
        }
        let (mut steps, estimators) = made(node);
        if let Some(place) = steps.iter().position(|name| name == "TransformedTargetRegressor") {
            steps.remove(place);
            let call = node.find(&|inner| inner.callee() == "TransformedTargetRegressor");
            let function = call.and_then(|call| call.kids.iter().find(|kid| kid.text == "func"));
            let function = function.and_then(|argument| argument.kids.first());
            let function = function.map(|value| name_of(value).unwrap_or_else(|| source.shown(value)));
            let what = function.map_or_else(String::new, |function| format!(": {function}"));
            return self.note(ChangeKind::Target, format!("{word} target transform{what}"), sides, at);
        }
        if !steps.is_empty() {
            return self.note(ChangeKind::Step, format!("{word} step {}", steps.join(", ")), sides, at);
        }
        if !estimators.is_empty() {
            let what = format!("{word} estimator {}", estimators.join(", "));
            return self.note(ChangeKind::Estimator, what, sides, at);
        }
        if let Some(name) = feature(node) {
            return self.note(ChangeKind::Feature, format!("{word} feature {name}"), sides, at);
        }
        if let Some((names, drops)) = chosen(node) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let what = if is_new { columns(&[], &names, drops) } else { columns(&names, &[], drops) };
            return self.note(ChangeKind::Columns, what, sides, at);
        }
        let is_step = at.holds == Holds::Steps
            || role(&at.owner) == Role::Container && matches!(node.tag, Tag::Symbol | Tag::Local | Tag::Call);
        if is_step {
            let name = name_of(node).unwrap_or(shown);
            return self.note(ChangeKind::Step, format!("{word} step {name}"), sides, at);
        }
        let verb = if is_new { "adds" } else { "drops" };
        self.note(ChangeKind::Other, format!("{verb} {shown}"), sides, at);
    }
}

/// A name for what a list holds.
fn name_of(node: &Node) -> Option<String> {
    match node.tag {
        Tag::Symbol | Tag::Path | Tag::Local | Tag::Text => Some(last(&node.text).to_owned()),
        Tag::Call => Some(node.callee().to_owned()).filter(|name| !name.is_empty()),
        Tag::Item | Tag::List => node.kids.first().and_then(name_of),
        _ => None,
    }
}

/// The column that a statement makes: `frame["name"] = …`.
fn feature(node: &Node) -> Option<&str> {
    if node.tag != Tag::Assign {
        let assign = node.kids.iter().find(|kid| kid.text == "**" || kid.tag == Tag::Arg && !kid.text.is_empty());
        return assign.filter(|_| node.callee() == "assign").map(|argument| argument.text.as_str());
    }
    let target = node.kids.first().filter(|target| target.tag == Tag::Subscript && node.kids.len() > 1)?;
    let mut key = target.kids.last()?;
    if key.tag == Tag::List {
        key = key.kids.last()?;
    }
    (key.tag == Tag::Text).then_some(key.text.as_str())
}

/// The columns that a call or a selection names, and whether it leaves them out.
fn chosen(node: &Node) -> Option<(Vec<String>, bool)> {
    let of = |value: &Node| -> Option<Vec<String>> {
        if value.tag == Tag::Text {
            return Some(vec![value.text.clone()]);
        }
        Some(value.strings()?.into_iter().map(ToOwned::to_owned).collect())
    };
    if let Some(call) = node.find(&|inner| inner.callee() == "drop") {
        let argument = call.kids.iter().skip(1).find(|argument| matches!(argument.text.as_str(), "" | "columns"))?;
        return Some((of(argument.kids.first()?)?, true));
    }
    if node.tag == Tag::Text || node.tag == Tag::List {
        return node.strings().map(|names| (names.into_iter().map(ToOwned::to_owned).collect(), false));
    }
    None
}
