//! Puts differences that belong together into one change.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Compare;
use super::edits::Edit;
use super::lower::{Definition, Program};
use super::tree::{Node, Role, Tag, role};
use super::{Change, ChangeKind};

/// Which kind names a change that is made of several.
fn weight(kind: ChangeKind) -> u8 {
    match kind {
        ChangeKind::Estimator => 7,
        ChangeKind::Target => 6,
        ChangeKind::Step => 5,
        ChangeKind::Feature => 4,
        ChangeKind::Columns => 3,
        ChangeKind::Parameter => 2,
        ChangeKind::Seed => 1,
        ChangeKind::Other => 0,
    }
}

/// `first` with what `second` is about.
fn join(first: &mut Edit, second: Edit) {
    if weight(second.kind) > weight(first.kind) {
        first.kind = second.kind;
        first.what = second.what;
    } else if second.kind == first.kind && !first.what.contains(&second.what) && first.kind != ChangeKind::Other {
        first.what = format!("{}; {}", first.what, second.what);
    }
    first.lines.extend(second.lines);
    first.old_lines.extend(second.old_lines);
    first.loose_names.extend(second.loose_names);
    first.added = both(first.added.take(), second.added);
    first.removed = both(first.removed.take(), second.removed);
}

fn both(one: Option<Node>, two: Option<Node>) -> Option<Node> {
    match (one, two) {
        (Some(one), Some(two)) => {
            let span = one.span;
            Some(Node::new(Tag::Block, "", vec![one, two], span))
        }
        (one, two) => one.or(two),
    }
}

/// Puts every edit for which `belongs` holds with one before it into that one.
fn merge(edits: Vec<Edit>, belongs: &dyn Fn(&Edit, &Edit) -> bool) -> Vec<Edit> {
    let mut merged: Vec<Edit> = Vec::new();
    for edit in edits {
        // What joins two that were apart until now joins these as well.
        let (mut with, without): (Vec<Edit>, Vec<Edit>) = merged.into_iter().partition(|other| belongs(other, &edit));
        merged = without;
        if with.is_empty() {
            merged.push(edit);
        } else {
            let mut first = with.remove(0);
            with.into_iter().chain([edit]).for_each(|other| join(&mut first, other));
            merged.push(first);
        }
    }
    merged
}

/// What went at one place and came at another has only moved.
fn moved(edits: &mut Vec<Edit>) {
    let mut at = 0;
    while at < edits.len() {
        let print = |node: &Option<Node>| node.as_ref().map(|node| node.print);
        let gone = edits.get(at).filter(|edit| edit.added.is_none()).and_then(|edit| print(&edit.removed));
        let partner = gone.and_then(|gone| {
            edits.iter().position(|other| other.removed.is_none() && print(&other.added) == Some(gone))
        });
        let Some(partner) = partner else {
            at += 1;
            continue;
        };
        let old_lines = edits.get(at).map(|edit| edit.old_lines.clone()).unwrap_or_default();
        if let Some(edit) = edits.get_mut(partner) {
            let rest = ["new step ", "new feature ", "new estimator ", "adds "];
            let name = rest.iter().find_map(|start| edit.what.strip_prefix(start)).unwrap_or(&edit.what).to_owned();
            edit.what = format!("another place for {name}");
            edit.old_lines = old_lines;
        }
        edits.remove(at);
    }
}

/// Puts differences together, in the order of their lines.
pub(super) fn grouped(compare: Compare<'_>, old: &Program, new: &Program, pairs: &[(usize, usize)]) -> Vec<Change> {
    let Compare { old: before, new: after, mut edits, .. } = compare;
    moved(&mut edits);
    // The same value read at two places is one change.
    let mut edits = merge(edits, &|one, two| {
        let spans = |edit: &Edit| [&edit.removed, &edit.added].map(|node| node.as_ref().map(|node| node.span));
        let is_told = one.kind == two.kind && one.what == two.what;
        is_told && (one.kind == ChangeKind::Seed || spans(one) == spans(two))
    });
    edits = merge(edits, &|one, two| one.loose_names.intersection(&two.loose_names).next().is_some());
    edits = merge(edits, &|one, two| {
        let is_grid = |edit: &Edit| edit.kind == ChangeKind::Parameter && edit.owner.ends_with("SearchCV");
        let swaps = |edit: &Edit| edit.kind == ChangeKind::Estimator && edit.removed.is_some() && edit.added.is_some();
        one.place == two.place && (is_grid(one) && swaps(two) || swaps(one) && is_grid(two))
    });
    edits = merge(edits, &|one, two| {
        one.kind == ChangeKind::Target && two.kind == ChangeKind::Target && one.place == two.place
    });
    let fresh: Vec<&Definition> = unmatched(&new.definitions, |at| pairs.iter().any(|pair| pair.1 == at));
    let gone: Vec<&Definition> = unmatched(&old.definitions, |at| pairs.iter().any(|pair| pair.0 == at));
    let mut alone = attach(&mut edits, &fresh, true, &|node| after.lines(node.span));
    alone.retain(|(definition, _)| !is_idle(definition));
    edits.extend(alone.into_iter().map(|(definition, uses)| {
        lonely(
            definition,
            &uses,
            true,
            fresh.iter().map(|it| after.lines(it.node.span)).next().unwrap_or_default(),
            |node| after.lines(node.span),
        )
    }));
    let mut alone = attach(&mut edits, &gone, false, &|node| before.lines(node.span));
    alone.retain(|(definition, _)| !is_idle(definition));
    edits.extend(alone.into_iter().map(|(definition, uses)| {
        lonely(definition, &uses, false, BTreeSet::from([1]), |node| before.lines(node.span))
    }));
    edits = merge(edits, &|one, two| of_feature(one, two, old, new) || of_feature(two, one, old, new));
    for edit in &mut edits {
        imports(edit, old, new, &|at| after.line(at));
    }
    told_apart(&mut edits);
    let mut changes: Vec<Change> = others(edits)
        .into_iter()
        .map(|edit| Change { what: edit.what, kind: edit.kind, lines: edit.lines.into_iter().collect() })
        .collect();
    changes.sort_by(|one, two| one.lines.first().cmp(&two.lines.first()));
    changes
}

fn unmatched(all: &[Definition], is_matched: impl Fn(usize) -> bool) -> Vec<&Definition> {
    let all =
        all.iter().enumerate().filter(|(at, it)| !is_matched(*at) && !matches!(it.name.as_str(), "FEATURES" | "STEPS"));
    all.map(|(_, definition)| definition).collect()
}

/// A definition that only one version has goes with the first difference that uses it, or with another definition
/// that does. What is left has no use that changed; it is returned with what goes with it.
fn attach<'a>(
    edits: &mut [Edit],
    definitions: &[&'a Definition],
    is_new: bool,
    lines: &dyn Fn(&Node) -> BTreeSet<u32>,
) -> Vec<(&'a Definition, Vec<&'a Definition>)> {
    let uses = |node: &Node, name: &str| node.find(&|it| it.tag == Tag::Symbol && it.text == name).is_some();
    let mut free: Vec<&Definition> = definitions.to_vec();
    for edit in edits.iter_mut() {
        loop {
            let side = if is_new { &edit.added } else { &edit.removed };
            let Some(node) = side.clone() else { break };
            let Some(at) = free.iter().position(|definition| uses(&node, &definition.name)) else { break };
            let definition = free.remove(at);
            if is_new {
                edit.lines.extend(lines(&definition.node));
                edit.added = both(Some(node), Some(definition.node.clone()));
            } else {
                edit.old_lines.extend(lines(&definition.node));
                edit.removed = both(Some(node), Some(definition.node.clone()));
            }
        }
    }
    let mut alone: Vec<(&Definition, Vec<&Definition>)> = Vec::new();
    // Those that no other refers to first.
    let is_used = |name: &str, all: &[&Definition]| all.iter().any(|it| it.name != name && uses(&it.node, name));
    while !free.is_empty() {
        let at = free.iter().position(|it| !is_used(&it.name, &free)).unwrap_or(0);
        let first = free.remove(at);
        let mut with = Vec::new();
        let mut reached = vec![first];
        while let Some(definition) = reached.pop() {
            while let Some(at) = free.iter().position(|it| uses(&definition.node, &it.name)) {
                let other = free.remove(at);
                with.push(other);
                reached.push(other);
            }
        }
        alone.push((first, with));
    }
    alone
}

/// Whether the only other column is one that the other edit makes, or no longer makes.
fn of_feature(maker: &Edit, columns: &Edit, old: &Program, new: &Program) -> bool {
    let is_maker = matches!(maker.kind, ChangeKind::Feature | ChangeKind::Step);
    if !is_maker || columns.kind != ChangeKind::Columns {
        return false;
    }
    let makes = |node: &Option<Node>, verb: &str, program: &Program| {
        let Some(column) = columns.what.strip_prefix(verb) else { return false };
        let named = |it: &Node| it.tag == Tag::Text && it.text == column;
        let sets = |it: &Node| it.tag == Tag::Subscript && it.text == "=" && it.kids.last().is_some_and(named);
        let assigns = |it: &Node| it.tag == Tag::Arg && it.text == column;
        let does = |node: &Node| node.find(&|it| sets(it) || assigns(it)).is_some();
        node.as_ref().is_some_and(|node| {
            let called = node.names(Tag::Symbol);
            let mut helpers = program.definitions.iter().filter(|it| called.contains(&it.name.as_str()));
            does(node) || helpers.any(|helper| does(&helper.node))
        })
    };
    let (came, went) = (maker.removed.is_none(), maker.added.is_none());
    came && makes(&maker.added, "other columns: adds ", new)
        || went && makes(&maker.removed, "other columns: drops ", old)
}

/// Whether a definition only gives a name to a value that nothing reads.
fn is_idle(definition: &Definition) -> bool {
    let runs = |node: &Node| !matches!(node.tag, Tag::Assign | Tag::List | Tag::Text | Tag::Number | Tag::Other);
    definition.node.tag == Tag::Assign && !definition.is_contract() && definition.node.find(&runs).is_none()
}

/// A definition by itself.
fn lonely(
    definition: &Definition,
    with: &[&Definition],
    is_new: bool,
    near: BTreeSet<u32>,
    lines: impl Fn(&Node) -> BTreeSet<u32>,
) -> Edit {
    let word = if is_new { "new" } else { "without" };
    let name = &definition.name;
    let what = match definition.node.tag {
        Tag::Function => format!("{word} function {name}()"),
        Tag::Class => format!("{word} class {name}"),
        _ => format!("{word} value {name}"),
    };
    let all: BTreeSet<u32> =
        [definition].into_iter().chain(with.iter().copied()).flat_map(|it| lines(&it.node)).collect();
    let parts = [definition].into_iter().chain(with.iter().copied()).map(|it| it.node.clone()).collect();
    let node = Node::new(Tag::Block, "", parts, definition.node.span);
    let (added, removed) = if is_new { (Some(node), None) } else { (None, Some(node)) };
    let (lines, old_lines) = if is_new { (all, BTreeSet::new()) } else { (near, all) };
    Edit {
        kind: ChangeKind::Other,
        what,
        lines,
        old_lines,
        place: String::new(),
        owner: String::new(),
        added,
        removed,
        loose_names: BTreeSet::new(),
    }
}

/// An import that is new belongs to what uses it.
fn imports(edit: &mut Edit, old: &Program, new: &Program, line: &dyn Fn(usize) -> u32) {
    let Some(added) = &edit.added else { return };
    let used = added.names(Tag::Path);
    for (path, at) in &new.imports {
        let is_used = used
            .iter()
            .any(|name| *name == path || name.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.')));
        if is_used && !old.imports.iter().any(|(known, _)| known == path) {
            edit.lines.insert(line(*at));
        }
    }
}

/// Changes that would read the same say whose they are.
fn told_apart(edits: &mut [Edit]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for edit in edits.iter() {
        *counts.entry(edit.what.clone()).or_default() += 1;
    }
    for edit in edits.iter_mut() {
        let is_twice = counts.get(&edit.what).is_some_and(|count| *count > 1);
        if is_twice && edit.kind == ChangeKind::Parameter && role(&edit.owner) >= Role::Step {
            edit.what = format!("{} of {}", edit.what, edit.owner);
        }
    }
}

/// Differences without a better word are one for each definition.
fn others(edits: Vec<Edit>) -> Vec<Edit> {
    let mut found: Vec<Edit> = Vec::new();
    let mut by_place: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        if edit.kind != ChangeKind::Other || is_whole(&edit) {
            found.push(edit);
        } else {
            by_place.entry(edit.place.clone()).or_default().push(edit);
        }
    }
    for (place, edits) in by_place {
        found.extend(told(&place, edits));
    }
    found
}

fn is_whole(edit: &Edit) -> bool {
    edit.place.is_empty() && (edit.what.starts_with("new ") || edit.what.starts_with("without "))
}

/// One edit for all of a place.
pub(super) fn told(place: &str, edits: Vec<Edit>) -> Option<Edit> {
    let name = if place.is_empty() { "the top of the file" } else { place };
    let count = edits.len();
    let mut all = edits.into_iter();
    let mut first = all.next()?;
    all.for_each(|edit| join(&mut first, edit));
    let lines = if first.added.is_some() { first.lines.len() } else { 0 }.max(first.old_lines.len()).max(1);
    first.what = if count == 1 {
        format!("{name}: {}", first.what)
    } else if lines == 1 {
        format!("{name} differs in a line")
    } else {
        format!("{name} differs in {lines} lines")
    };
    Some(first)
}
