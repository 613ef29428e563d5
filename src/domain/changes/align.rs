//! Lays two rows of nodes beside each other, so that as little as possible differs.

use super::edits::head;
use super::tree::{Node, Role, Tag, role};

/// One place of the two rows.
pub(super) enum Step<'a> {
    Both(&'a Node, &'a Node),
    Old(&'a Node),
    New(&'a Node),
}

/// What it costs to leave a node without its like.
const ALONE: u32 = 100;
/// More than both would cost alone.
const NEVER: u32 = 250;
/// Longer rows are laid side by side only where they differ.
const MOST: usize = 400;

/// Pairs of nodes in order; with `is_set`, only what is the same belongs together.
pub(super) fn align<'a>(old: &'a [Node], new: &'a [Node], is_set: bool) -> Vec<Step<'a>> {
    let start = old.iter().zip(new).take_while(|(was, is)| was.same(is)).count();
    let rest = old.iter().skip(start).rev().zip(new.iter().skip(start).rev());
    let end = rest.take_while(|(was, is)| was.same(is)).count();
    let was = old.get(start..old.len() - end).unwrap_or_default();
    let is = new.get(start..new.len() - end).unwrap_or_default();
    if was.len() > MOST || is.len() > MOST {
        return was.iter().map(Step::Old).chain(is.iter().map(Step::New)).collect();
    }
    let width = is.len() + 1;
    let mut costs = vec![0_u32; (was.len() + 1) * width];
    let mut pairs = vec![NEVER; was.len() * is.len()];
    let at = |row: usize, column: usize| row * width + column;
    for row in (0..=was.len()).rev() {
        for column in (0..=is.len()).rev() {
            let mut best = if row == was.len() && column == is.len() { 0 } else { u32::MAX };
            if row < was.len() {
                best = best.min(costs[at(row + 1, column)] + ALONE);
            }
            if column < is.len() {
                best = best.min(costs[at(row, column + 1)] + ALONE);
            }
            if row < was.len() && column < is.len() {
                let cost = cost(&was[row], &is[column], is_set);
                pairs[row * is.len() + column] = cost;
                best = best.min(costs[at(row + 1, column + 1)] + cost);
            }
            costs[at(row, column)] = best;
        }
    }
    let (mut row, mut column, mut steps) = (0, 0, Vec::new());
    while row < was.len() || column < is.len() {
        let here = costs[at(row, column)];
        if row < was.len()
            && column < is.len()
            && here == costs[at(row + 1, column + 1)] + pairs[row * is.len() + column]
        {
            steps.push(Step::Both(&was[row], &is[column]));
            row += 1;
            column += 1;
        } else if row < was.len() && here == costs[at(row + 1, column)] + ALONE {
            steps.push(Step::Old(&was[row]));
            row += 1;
        } else if let Some(one) = is.get(column) {
            steps.push(Step::New(one));
            column += 1;
        } else {
            break;
        }
    }
    steps
}

/// How far apart two nodes are.
fn cost(old: &Node, new: &Node, is_set: bool) -> u32 {
    if old.same(new) {
        return 0;
    }
    if matches!((old.tag, new.tag), (Tag::Marker, _) | (_, Tag::Marker)) {
        return NEVER;
    }
    let is_named = |node: &Node| matches!(node.tag, Tag::Symbol | Tag::Path | Tag::Text);
    if is_set && (is_named(old) || is_named(new)) {
        return NEVER;
    }
    if old.tag == new.tag && matches!(old.tag, Tag::Function | Tag::Class) {
        return if old.text == new.text && !old.text.is_empty() { 10 } else { 60 + apart(old, new) / 2 };
    }
    if old.tag == Tag::Assign && new.tag == Tag::Assign {
        let target = |node: &Node| node.kids.first().filter(|_| node.kids.len() > 1).map(|target| target.print);
        return if target(old) == target(new) { 40 } else { 60 + apart(old, new) * 3 / 4 };
    }
    if old.text == "return" && new.text == "return" {
        return 60;
    }
    match (head(old), head(new)) {
        (Some(was), Some(is)) if was.callee_path() == is.callee_path() => 50 + apart(old, new) / 4,
        (Some(was), Some(is)) => match (role(was.callee_path()), role(is.callee_path())) {
            (Role::Step, Role::Step) => 140 + apart(old, new) / 4,
            (Role::Step, _) | (_, Role::Step) => {
                // One around the other, as a pipeline is around an estimator.
                if apart(old, new) < 100 { 150 } else { NEVER }
            }
            _ => 110,
        },
        (None, None) if old.callee_path() == new.callee_path() && !old.callee_path().is_empty() => 50,
        (None, None) if old.kids.is_empty() && new.kids.is_empty() => {
            if old.tag == new.tag {
                190
            } else {
                NEVER
            }
        }
        _ if old.tag == new.tag && old.text == new.text => 40 + apart(old, new),
        _ => {
            if apart(old, new) < 120 {
                190
            } else {
                NEVER
            }
        }
    }
}

/// What two nodes don't share, 0 to 200.
fn apart(old: &Node, new: &Node) -> u32 {
    let overlap = old.overlap(new);
    (0..20_u32).find(|step| overlap * 20.0 >= 20.0 - f64::from(*step)).map_or(200, |step| step * 10)
}
