//! What differs in meaning between two versions of a solution, and how alike two solutions are.

mod align;
mod alike;
mod compare;
mod describe;
mod edits;
mod express;
mod group;
mod lower;
mod matching;
mod scan;
mod statements;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;

use compare::{At, Compare, Holds};
use edits::{Source, is_seed};
use lower::{Definition, Program, lower};
use tree::{Node, Tag};

/// One independent change between two versions of a solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is, in plain words: `max_depth 3 → 5`.
    pub what: String,
    /// Of which kind it is.
    pub kind: ChangeKind,
    /// Its lines in the new version, from one; where something is gone, the line at which it stood.
    pub lines: Vec<u32>,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// What learns.
    Estimator,
    /// A setting.
    Parameter,
    /// A step of preparation.
    Step,
    /// A column that is made.
    Feature,
    /// Which columns are used.
    Columns,
    /// How the target is transformed.
    Target,
    /// A seed and nothing else.
    Seed,
    /// Anything else.
    Other,
}

/// What differs in meaning. Comments, docstrings, annotations, formatting, the order of imports and of keywords, and
/// the names of locals and functions don't count. The same text twice has no changes, even where it does not parse.
pub fn changes(old: &str, new: &str) -> Vec<Change> {
    if old == new {
        return Vec::new();
    }
    let read = |moves: bool| Ok(compared(old, &lower(old, moves)?, new, lower(new, moves)?));
    let moved = match read(true) {
        Ok(moved) => moved,
        Err(why) => {
            let why: &str = why;
            let what = format!("can't be compared: {why}");
            return vec![Change { what, kind: ChangeKind::Other, lines: vec![1] }];
        }
    };
    // Where only one version lets a value take the place of its name, the other reading tells less apart.
    let size = |changes: &[Change]| changes.iter().map(|change| change.lines.len() + 1).sum::<usize>();
    if moved.len() < 2 {
        return moved;
    }
    match read(false) {
        Ok(kept) if size(&kept) < size(&moved) => kept,
        _ => moved,
    }
}

/// Whether nothing differs but seeds, and these do.
pub fn is_seed_only(old: &str, new: &str) -> bool {
    let changes = changes(old, new);
    !changes.is_empty() && changes.iter().all(|change| change.kind == ChangeKind::Seed)
}

/// Whether two programs mean the same.
pub fn is_same(old: &str, new: &str) -> bool {
    changes(old, new).is_empty()
}

/// How alike two programs are by what they do, 0 to 1; 1 only where they mean the same, 0 where one does not parse.
pub fn likeness(a: &str, b: &str) -> f64 {
    if is_same(a, b) || is_same(b, a) {
        return 1.0;
    }
    let (Ok(one), Ok(two)) = (lower(a, true), lower(b, true)) else { return 0.0 };
    alike::likeness(&one, &two).min(0.999)
}

/// Of what a program consists: steps and estimators with their parameters, and features.
pub fn ingredients(code: &str) -> Vec<String> {
    alike::ingredients(code)
}

fn compared(old: &str, before: &Program, new: &str, mut after: Program) -> Vec<Change> {
    let pairs = matching::matched(before, &mut after);
    let mut compare = Compare {
        old: Source::new(old),
        new: Source::new(new),
        place: String::new(),
        edits: Vec::new(),
        loose_names: BTreeSet::new(),
    };
    let listed = [listed(before, "FEATURES"), listed(&after, "FEATURES")].concat();
    let cleaning = [listed_steps(before), listed_steps(&after)].concat();
    for (was, is) in &pairs {
        let (Some(was), Some(is)) = (before.definitions.get(*was), after.definitions.get(*is)) else { continue };
        let start = compare.edits.len();
        definition(&mut compare, &was.node, &is.node, &is.name);
        let (kind, word) = if listed.contains(&was.name) {
            (ChangeKind::Feature, "feature")
        } else if cleaning.contains(&was.name) {
            (ChangeKind::Step, "step")
        } else {
            continue;
        };
        // All of a feature is one change, but for its seeds.
        let own = compare.edits.split_off(start);
        let (seeds, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|edit| edit.kind == ChangeKind::Seed);
        compare.edits.extend(seeds);
        compare.edits.extend(group::told(&format!("{word} {}", is.name), own).map(|mut edit| {
            edit.kind = kind;
            edit
        }));
    }
    for (name, is_new) in ["FEATURES", "STEPS"].into_iter().flat_map(|name| [(name, true), (name, false)]) {
        let (here, there) = if is_new { (&after, before) } else { (before, &after) };
        let of = |program: &Program| program.definitions.iter().position(|definition| definition.name == name);
        if let (Some(at), None) = (of(here), of(there))
            && let Some(node) = here.definitions.get(at).map(|definition| definition.node.clone())
        {
            let empty = Node::new(Tag::List, "[]", Vec::new(), node.span);
            let empty = Node::new(Tag::Assign, "", vec![empty], node.span);
            if is_new {
                definition(&mut compare, &empty, &node, name);
            } else {
                definition(&mut compare, &node, &Node { span: (0, 0), ..empty }, name);
            }
        }
    }
    compare.place = String::new();
    compare.loose_names = BTreeSet::new();
    let at = At { around: after.loose.span, ..At::default() };
    compare.sequence(&before.loose.kids, &after.loose.kids, &at);
    if compare.edits.is_empty() && order(before, &after) != order(&after, before) {
        compare.note(ChangeKind::Other, "in another order".to_owned(), [None, None], &at);
    }
    group::grouped(compare, before, &after, &pairs)
}

/// Statements that both have, in the order of the first.
fn order(here: &Program, there: &Program) -> Vec<u64> {
    let is_shared = |print: &u64| there.loose.kids.iter().any(|other| other.print == *print);
    here.loose.kids.iter().map(|statement| statement.print).filter(is_shared).collect()
}

fn listed(program: &Program, list: &str) -> Vec<String> {
    let definition = program.definitions.iter().find(|definition: &&Definition| definition.name == list);
    let names = definition.map(|definition| definition.node.names(Tag::Symbol)).unwrap_or_default();
    names.into_iter().map(ToOwned::to_owned).collect()
}

fn listed_steps(program: &Program) -> Vec<String> {
    listed(program, "STEPS")
}

/// Two versions of one definition.
fn definition(compare: &mut Compare<'_>, old: &Node, new: &Node, name: &str) {
    if old.same(new) || old.anonymous().same(&new.anonymous()) {
        return;
    }
    let new = matching::with_old_locals(old, new);
    let (ours, theirs) = (old.names(Tag::Local), new.names(Tag::Local));
    let only = |here: &[&str], there: &[&str]| -> Vec<String> {
        let names = here.iter().filter(|name| !there.contains(name) && !name.starts_with('\u{3bb}'));
        names.map(|name| (*name).to_owned()).collect()
    };
    compare.loose_names = only(&ours, &theirs).into_iter().chain(only(&theirs, &ours)).collect();
    compare.place = if new.tag == Tag::Function { format!("{name}()") } else { name.to_owned() };
    let is_value = new.tag == Tag::Assign;
    let holds = match name {
        "FEATURES" => Holds::Features,
        "STEPS" => Holds::Steps,
        _ => Holds::Anything,
    };
    let at = At {
        // The name of a value that nothing in the file reads is all that is known of it.
        label: if is_value && holds == Holds::Anything && new.kids.iter().all(|kid| kid.kids.is_empty()) {
            name.to_owned()
        } else {
            String::new()
        },
        holds,
        is_seed: is_value && is_seed(name),
        drops: name.to_lowercase().contains("drop"),
        around: new.span,
        ..At::default()
    };
    let before = compare.edits.len();
    compare.pair(old, &new, &at);
    if compare.edits.len() == before {
        compare.note(ChangeKind::Other, "differs".to_owned(), [Some(old), Some(&new)], &at);
    }
}
