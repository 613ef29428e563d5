//! Walks two trees side by side and notes where they differ.

use std::collections::BTreeSet;

use super::ChangeKind;
use super::align::{Step, align};
use super::edits::{Edit, Source, columns, entries, head, hollow, is_seed, sets_seed};
use super::tree::{Node, Role, Tag, role};

/// What a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Holds {
    #[default]
    Anything,
    Features,
    Steps,
}

/// Where in the trees the comparison is.
#[derive(Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "four facts about a place, each of its own")]
pub(super) struct At {
    pub(super) owner: String,
    pub(super) label: String,
    pub(super) holds: Holds,
    /// A string here is the name of a column.
    pub(super) is_column: bool,
    /// Columns named here are left out.
    pub(super) drops: bool,
    pub(super) is_seed: bool,
    /// Strings in lists here are no columns.
    pub(super) is_setting: bool,
    /// Where the new code stands around it.
    pub(super) around: (usize, usize),
}

impl At {
    fn inside(node: &Node) -> Self {
        Self { around: node.span, ..Self::default() }
    }
}

/// The comparison of two versions.
pub(super) struct Compare<'a> {
    pub(super) old: Source<'a>,
    pub(super) new: Source<'a>,
    pub(super) place: String,
    pub(super) edits: Vec<Edit>,
    /// Locals of the definition at hand that only one version has.
    pub(super) loose_names: BTreeSet<String>,
}

impl Compare<'_> {
    /// Notes a difference.
    pub(super) fn note(&mut self, kind: ChangeKind, what: String, sides: [Option<&Node>; 2], at: &At) {
        let [removed, added] = sides;
        let lines =
            added.map_or_else(|| BTreeSet::from([self.new.line(at.around.0)]), |node| self.new.lines(node.span));
        let mut loose_names = BTreeSet::new();
        for node in sides.into_iter().flatten() {
            let names = node.names(Tag::Local).into_iter().filter(|name| self.loose_names.contains(*name));
            loose_names.extend(names.map(|name| format!("{} {name}", self.place)));
        }
        self.edits.push(Edit {
            kind,
            what,
            lines,
            old_lines: removed.map(|node| self.old.lines(node.span)).unwrap_or_default(),
            place: self.place.clone(),
            owner: at.owner.clone(),
            added: added.cloned(),
            removed: removed.cloned(),
            loose_names,
        });
    }

    pub(super) fn pair(&mut self, old: &Node, new: &Node, at: &At) {
        if old.same(new) {
            return;
        }
        let noted = self.edits.len();
        self.differ(old, new, at);
        // What is not the same is never passed over.
        if self.edits.len() == noted {
            self.leaf(old, new, at);
        }
    }

    fn differ(&mut self, old: &Node, new: &Node, at: &At) {
        let both = (old.tag, new.tag);
        if at.is_seed && both != (Tag::Call, Tag::Call) && new.tag != Tag::Assign {
            return self.leaf(old, new, at);
        }
        if let (Some(was), Some(is), false) = (old.strings(), new.strings(), at.is_setting) {
            let what = columns(&was, &is, at.drops);
            return self.note(ChangeKind::Columns, what, [Some(old), Some(new)], at);
        }
        match both {
            (Tag::Call, Tag::Call) => self.call(old, new, at),
            (Tag::Lambda, _) | (_, Tag::Lambda) => self.leaf(old, new, at),
            (Tag::Text, Tag::Text) if at.is_column => {
                let what = columns(&[&old.text], &[&new.text], at.drops);
                self.note(ChangeKind::Columns, what, [Some(old), Some(new)], at);
            }
            (Tag::Arg, Tag::Arg) if old.text == new.text => self.kids(old, new, at),
            (Tag::Dict, Tag::Dict) => self.dict(old, new, at),
            (Tag::List, Tag::List) if old.text == new.text => self.list(old, new, at),
            (Tag::Block, Tag::Block) => {
                let around = if new.kids.is_empty() { at.around } else { new.span };
                self.sequence(&old.kids, &new.kids, &At { around, ..At::default() });
            }
            (Tag::Assign, Tag::Assign) if old.kids.len() == new.kids.len() => self.assign(old, new, at),
            (Tag::Subscript, Tag::Subscript) if old.text == new.text => {
                self.pair_at(old, new, 0, at);
                self.pair_at(old, new, 1, &At { is_column: true, ..at.clone() });
            }
            _ if old.tag == new.tag && old.text == new.text && old.kids.len() == new.kids.len() => {
                self.alike(old, new, at);
            }
            _ if old.tag == new.tag && old.text == new.text && (old.text == "parameters" || old.text == "bases") => {
                self.sequence(&old.kids, &new.kids, &At::inside(new));
            }
            _ if self.wrapped(old, new, at) => {}
            _ => self.leaf(old, new, at),
        }
    }

    fn pair_at(&mut self, old: &Node, new: &Node, place: usize, at: &At) {
        if let (Some(old), Some(new)) = (old.kids.get(place), new.kids.get(place)) {
            self.pair(old, new, at);
        }
    }

    fn kids(&mut self, old: &Node, new: &Node, at: &At) {
        old.kids.iter().zip(&new.kids).for_each(|(old, new)| self.pair(old, new, at));
    }

    /// Nodes of one kind with as many parts.
    fn alike(&mut self, old: &Node, new: &Node, at: &At) {
        let around = new.span;
        if matches!(new.tag, Tag::Function | Tag::Class) {
            return self.kids(old, new, &At { around, ..At::default() });
        }
        let mut at = At { around, ..at.clone() };
        if new.text.starts_with("parameter ") {
            let name = new.kids.first().map_or_else(String::new, |name| self.new.shown(name));
            at = At { is_seed: is_seed(&name), label: name, around, ..At::default() };
        } else if new.text == "for" {
            at.is_seed = new.kids.first().is_some_and(|target| target.tag == Tag::Local && is_seed(&target.text));
        } else if new.text.contains("not in") {
            at.drops = true;
        }
        self.kids(old, new, &at);
    }

    fn assign(&mut self, old: &Node, new: &Node, at: &At) {
        let target = new.kids.first().filter(|_| new.kids.len() > 1);
        let mut inner = At { around: new.span, ..at.clone() };
        if let Some(name) = target.filter(|target| matches!(target.tag, Tag::Local | Tag::Path)) {
            inner.is_seed = is_seed(&name.text);
            inner.drops = name.text.to_lowercase().contains("drop");
        }
        self.kids(old, new, &inner);
    }

    fn list(&mut self, old: &Node, new: &Node, at: &At) {
        let is_flat = |node: &Node| node.find(&|inner| matches!(inner.tag, Tag::Call | Tag::Lambda)).is_none();
        let in_container = role(&at.owner) == Role::Container;
        if in_container && new.text == "()" {
            // An entry of a container: its name, what it does, its columns.
            let entry = At { label: String::new(), is_column: true, around: new.span, ..at.clone() };
            if old.kids.len() == new.kids.len() {
                for (place, (was, is)) in old.kids.iter().zip(&new.kids).enumerate() {
                    self.pair(was, is, &At { is_column: place > 0, ..entry.clone() });
                }
                return;
            }
        }
        if at.holds == Holds::Anything && !in_container && is_flat(old) && is_flat(new) {
            return self.leaf(old, new, at);
        }
        self.sequence(&old.kids, &new.kids, &At { around: new.span, ..at.clone() });
    }

    fn dict(&mut self, old: &Node, new: &Node, at: &At) {
        let key = |item: &Node| item.kids.first().filter(|_| item.kids.len() == 2).map_or(0, |key| key.print);
        let before = self.edits.len();
        let named = |item: &Node| {
            let name = item.kids.first().filter(|key| key.tag == Tag::Text).map_or("", |key| key.text.as_str());
            At { label: name.to_owned(), is_seed: is_seed(name), around: new.span, ..at.clone() }
        };
        for item in &old.kids {
            let inner = named(item);
            match (new.kids.iter().find(|other| key(other) == key(item)), item.kids.last()) {
                (Some(other), Some(value)) if !item.same(other) => {
                    let is = other.kids.last().unwrap_or(other);
                    self.setting(value, is, &inner);
                }
                (None, value) => self.item(item, value, &inner, false),
                _ => {}
            }
        }
        for item in new.kids.iter().filter(|item| !old.kids.iter().any(|other| key(other) == key(item))) {
            self.item(item, item.kids.last(), &named(item), true);
        }
        if self.edits.len() == before {
            self.leaf(old, new, at);
        }
    }

    fn item(&mut self, item: &Node, value: Option<&Node>, at: &At, is_new: bool) {
        if at.holds != Holds::Anything || at.label.is_empty() {
            return self.single(item, at, is_new);
        }
        self.parameter(if is_new { [None, value] } else { [value, None] }, at);
    }

    /// The value of a keyword or a key.
    fn setting(&mut self, old: &Node, new: &Node, at: &At) {
        if old.same(new) {
            return;
        }
        let deep = |node: &Node| {
            node.tag == Tag::Dict
                || node.tag != Tag::Lambda && node.find(&|inner| inner.tag == Tag::Call).is_some()
                || !at.is_setting && node.strings().is_some()
        };
        if deep(old) || deep(new) { self.pair(old, new, at) } else { self.leaf(old, new, at) }
    }

    fn call(&mut self, old: &Node, new: &Node, at: &At) {
        let (Some(was), Some(is)) = (old.kids.first(), new.kids.first()) else { return };
        if was.same(is) {
            return self.arguments(old, new, at);
        }
        let is_method = was.tag == Tag::Attribute && is.tag == Tag::Attribute && was.text == is.text;
        if is_method && !was.kids.iter().chain(&is.kids).any(|kid| kid.tag == Tag::Lambda) {
            self.kids(was, is, at);
            return self.arguments(old, new, at);
        }
        let (before, after) = (role(old.callee_path()), role(new.callee_path()));
        if self.wrapped(old, new, at) {
            return;
        }
        match (before, after) {
            (Role::Container, Role::Container) => {
                let noted = self.edits.len();
                let inner = At { owner: new.callee().to_owned(), around: new.span, ..At::default() };
                self.sequence(&entries(old), &entries(new), &inner);
                if self.edits.len() == noted {
                    let what = format!("{} instead of {}", new.callee(), old.callee());
                    self.note(ChangeKind::Other, what, [Some(old), Some(new)], at);
                }
            }
            (Role::Estimator | Role::Target, Role::Estimator | Role::Target) => {
                let what = format!("another estimator: {} → {}", old.callee(), new.callee());
                self.note(ChangeKind::Estimator, what, [Some(old), Some(new)], at);
            }
            (Role::Step | Role::Estimator | Role::Target, Role::Step | Role::Estimator | Role::Target) => {
                let what = format!("another step: {} → {}", old.callee(), new.callee());
                self.note(ChangeKind::Step, what, [Some(old), Some(new)], at);
            }
            _ => self.leaf(old, new, at),
        }
    }

    fn arguments(&mut self, old: &Node, new: &Node, at: &At) {
        let callee = new.callee();
        let role = role(new.callee_path());
        let inner = At {
            owner: callee.to_owned(),
            drops: callee == "drop",
            is_seed: sets_seed(callee),
            is_column: callee == "drop",
            around: new.span,
            holds: at.holds,
            ..At::default()
        };
        let plain = |node: &Node| -> Vec<Node> {
            let plain = node.kids.iter().skip(1).filter(|kid| kid.text.is_empty());
            plain.flat_map(|kid| kid.kids.clone()).collect()
        };
        let named = |node: &Node| -> Vec<Node> {
            node.kids.iter().skip(1).filter(|kid| !kid.text.is_empty()).cloned().collect()
        };
        let (was, is) = (plain(old), plain(new));
        if role != Role::Container && was.len() == is.len() {
            was.iter().zip(&is).for_each(|(was, is)| self.setting(was, is, &inner));
        } else {
            self.sequence(&was, &is, &inner);
        }
        let (was, is) = (named(old), named(new));
        let label = |argument: &Node| {
            let name = if argument.text.starts_with(['#', '*']) { "" } else { argument.text.as_str() };
            let lower = name.to_lowercase();
            let is_column = ["col", "feature", "subset", "names", "drop"].iter().any(|part| lower.contains(part));
            At {
                label: name.to_owned(),
                is_seed: is_seed(name),
                is_column,
                is_setting: role >= Role::Step && !is_column,
                drops: inner.drops || lower.contains("drop"),
                ..inner.clone()
            }
        };
        for argument in &was {
            match is.iter().find(|other| other.text == argument.text) {
                Some(other) => {
                    let at = label(argument);
                    argument.kids.iter().zip(&other.kids).for_each(|(was, is)| self.setting(was, is, &at));
                }
                None => self.parameter([argument.kids.first(), None], &label(argument)),
            }
        }
        for argument in is.iter().filter(|argument| !was.iter().any(|other| other.text == argument.text)) {
            self.parameter([None, argument.kids.first()], &label(argument));
        }
    }

    /// Two rows of nodes: what came, what went, and what became something else.
    pub(super) fn sequence(&mut self, old: &[Node], new: &[Node], at: &At) {
        let mut near = at.around;
        for step in align(old, new, at.holds != Holds::Anything) {
            match step {
                Step::Both(was, is) => {
                    near = is.span;
                    self.pair(was, is, at);
                }
                Step::Old(was) => self.single(was, &At { around: near, ..at.clone() }, false),
                Step::New(is) => self.single(is, at, true),
            }
        }
    }

    /// Whether one is the other with something around it; then that is what is noted.
    fn wrapped(&mut self, old: &Node, new: &Node, at: &At) -> bool {
        let core = |outer: &Node, inner: &Node| -> Option<Node> {
            if outer.tag != Tag::Call || !matches!(inner.tag, Tag::Call | Tag::Local | Tag::Symbol) {
                return None;
            }
            let is_same = |node: &Node| node.print != outer.print && node.same(inner);
            let is_alike = |node: &Node| {
                let is_made = inner.tag == Tag::Call && role(inner.callee_path()) >= Role::Container;
                node.print != outer.print && is_made && node.callee_path() == inner.callee_path()
            };
            // An estimator and a pipeline that ends with another one.
            let is_estimator = |node: &Node| role(node.callee_path()) == Role::Estimator;
            let holds = role(outer.callee_path()) == Role::Container && is_estimator(inner);
            let core = outer.find(&is_same).or_else(|| outer.find(&is_alike));
            core.or_else(|| outer.find(&is_estimator).filter(|_| holds)).cloned()
        };
        let (outer, is_new) = match (core(new, old), core(old, new)) {
            (Some(inner), _) => {
                self.pair(old, &inner, at);
                (hollow(new, inner.print), true)
            }
            (None, Some(inner)) => {
                self.pair(&inner, new, at);
                (hollow(old, inner.print), false)
            }
            (None, None) => return false,
        };
        let wraps = role(outer.callee_path()) == Role::Estimator;
        if wraps && let Some(inner) = head(if is_new { old } else { new }) {
            let name = outer.callee();
            let what = if is_new { format!("new {name} around {}", inner.callee()) } else { format!("without {name}") };
            let sides = if is_new { [None, Some(&outer)] } else { [Some(&outer), None] };
            self.note(ChangeKind::Estimator, what, sides, at);
        } else {
            self.single(&outer, at, is_new);
        }
        true
    }
}
