//! Finds which definitions and names of two programs are the same ones, whatever they are called.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::lower::Program;
use super::tree::{Node, Tag};

/// How much two definitions of different names must share to be one that was renamed and changed.
const ALIKE: f64 = 0.6;

/// Pairs of definitions, old and new by place; the new program then uses the names of the old one.
pub(super) fn matched(old: &Program, new: &mut Program) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (at, definition) in new.definitions.iter().enumerate() {
        let known = old.definitions.iter().position(|other| other.name == definition.name);
        pairs.extend(known.map(|known| (known, at)));
    }
    loop {
        let found = Masked::of(old, new, &pairs).best(old, new, &pairs);
        if found.is_empty() {
            break;
        }
        pairs.extend(found);
    }
    let names: HashMap<String, String> = pairs
        .iter()
        .filter_map(|(was, is)| Some((new.definitions.get(*is)?, old.definitions.get(*was)?)))
        .map(|(is, was)| (is.name.clone(), was.name.clone()))
        .collect();
    if names.iter().any(|(is, was)| is != was) {
        let mut rename = |tag: Tag, text: &str| names.get(text).filter(|_| tag == Tag::Symbol).cloned();
        new.loose = new.loose.renamed(&mut rename);
        for definition in &mut new.definitions {
            definition.node = definition.node.renamed(&mut rename);
        }
    }
    pairs.sort_by_key(|(_, is)| *is);
    pairs
}

/// Definitions in which names don't count that are not matched yet.
struct Masked {
    old: Vec<Node>,
    new: Vec<Node>,
}

impl Masked {
    fn of(old: &Program, new: &Program, pairs: &[(usize, usize)]) -> Self {
        let mut ours: HashMap<&str, String> = HashMap::new();
        let mut theirs: HashMap<&str, String> = HashMap::new();
        for (number, (was, is)) in pairs.iter().enumerate() {
            if let (Some(was), Some(is)) = (old.definitions.get(*was), new.definitions.get(*is)) {
                ours.insert(&was.name, format!("@{number}"));
                theirs.insert(&is.name, format!("@{number}"));
            }
        }
        let mask = |program: &Program, names: &HashMap<&str, String>| {
            let masked = program.definitions.iter().map(|definition| {
                let node = definition.node.renamed(&mut |tag, text| {
                    (tag == Tag::Symbol).then(|| names.get(text).cloned().unwrap_or_else(|| "@?".to_owned()))
                });
                node.anonymous()
            });
            masked.collect()
        };
        Self { old: mask(old, &ours), new: mask(new, &theirs) }
    }

    /// Pairs of those that are free: all that are the same, or else the two that are most alike.
    fn best(&self, old: &Program, new: &Program, pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut same: Vec<(usize, usize)> = Vec::new();
        let mut alike: Option<(f64, (usize, usize))> = None;
        let free = |program: &Program, at: usize| program.definitions.get(at).is_some_and(|it| !it.is_fixed);
        for (is, node) in self.new.iter().enumerate().filter(|(is, _)| free(new, *is)) {
            for (was, other) in self.old.iter().enumerate().filter(|(was, _)| free(old, *was)) {
                let is_taken = pairs.iter().chain(&same).any(|pair| pair.0 == was || pair.1 == is);
                if is_taken || node.tag != other.tag {
                    continue;
                }
                if node.same(other) {
                    same.push((was, is));
                } else if same.is_empty() {
                    let overlap = node.overlap(other);
                    if overlap >= ALIKE && alike.is_none_or(|(most, _)| overlap > most) {
                        alike = Some((overlap, (was, is)));
                    }
                }
            }
        }
        if same.is_empty() { alike.map(|(_, pair)| pair).into_iter().collect() } else { same }
    }
}

/// The new node with the locals of the old one, as far as they are the same.
pub(super) fn with_old_locals(old: &Node, new: &Node) -> Node {
    let (ours, theirs) = (old.names(Tag::Local), new.names(Tag::Local));
    let free_old: Vec<&str> = ours.iter().filter(|name| !theirs.contains(name)).copied().collect();
    let free_new: Vec<&str> = theirs.iter().filter(|name| !ours.contains(name)).copied().collect();
    if free_old.is_empty() || free_new.is_empty() {
        return new.clone();
    }
    let (before, after) = (surroundings(old, &free_old), surroundings(new, &free_new));
    let mut names: HashMap<String, String> = HashMap::new();
    let mut taken: HashSet<&str> = HashSet::new();
    let mut scores: Vec<(usize, &str, &str)> = Vec::new();
    for is in &free_new {
        for was in &free_old {
            let (Some(these), Some(those)) = (after.get(is), before.get(was)) else { continue };
            scores.push((these.intersection(those).count(), is, was));
        }
    }
    scores.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    for (score, is, was) in scores {
        if score > 0 && !names.contains_key(is) && taken.insert(was) {
            names.insert(is.to_owned(), was.to_owned());
        }
    }
    new.renamed(&mut |tag, text| names.get(text).filter(|_| tag == Tag::Local).cloned())
}

/// In what each of these names stands, with all of them masked.
fn surroundings<'a>(node: &'a Node, names: &[&'a str]) -> BTreeMap<&'a str, BTreeSet<u64>> {
    let mut found: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    node.walk(&mut |inner| {
        let mut masked = None;
        for kid in inner.kids.iter().filter(|kid| kid.tag == Tag::Local) {
            if let Some(name) = names.iter().find(|name| **name == kid.text) {
                let print = *masked.get_or_insert_with(|| {
                    let mut mask =
                        |tag: Tag, text: &str| (tag == Tag::Local && names.contains(&text)).then(|| "?".to_owned());
                    inner.renamed(&mut mask).print
                });
                found.entry(name).or_default().insert(print);
            }
        }
    });
    found
}
