//! What outlasts a fold, and labels that are looked up row by row.

use super::Rule;
use super::state::{Stage, Walk};
use super::value::{LABELS, Set, Side, Value, What};

impl Walk<'_> {
    /// Something that lives as long as the module goes on learning where the fold before left off.
    pub(super) fn learns_on(&mut self, index: usize, name: &str, line: u32) {
        let Some(object) = self.objects.get(index) else { return };
        let goes_on =
            name == "partial_fit" || object.keywords.get("warm_start").is_some_and(|warm| warm.what == What::Number(1));
        if object.shared && goes_on && self.is_solution() && self.stage != Stage::Module {
            let text =
                format!("{} outlives the fold and goes on learning from what earlier folds taught it", object.class);
            self.emit(Rule::Memorises, line, text);
        }
    }

    /// A default that is an object lives as long as its function.
    pub(super) fn shares(&mut self, value: &Value) {
        if let (What::Object(index), true) = (&value.what, self.is_solution())
            && let Some(object) = self.objects.get_mut(*index)
        {
            object.shared = true;
        }
    }

    /// A table from rows to their labels, made in a script.
    pub(super) fn remembered(&mut self, value: &Value, line: u32) -> Option<usize> {
        let leaf = value.leaves().into_iter().find(|leaf| leaf.what == What::Column && self.is_labels(leaf))?;
        let part = leaf.part;
        if self.is_solution() || part.is_none() {
            return None;
        }
        let text = "labels are kept by row and given back for rows that are tested on".to_owned();
        Some(self.taint(Rule::Memorises, line, part, text))
    }

    /// Labels by row among the features, or among predictions.
    pub(super) fn gives_back(&mut self, value: &Value) {
        let Some(part) = value.leaves().iter().find_map(|leaf| leaf.part) else { return };
        for taint in value.all_taints() {
            let Some(taint) = self.taints.get(taint).filter(|taint| taint.rule == Rule::Memorises).cloned() else {
                continue;
            };
            if taint.part.is_some_and(|from| self.contains(from, part) && self.side(from) != Side::Train) {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// What a column that is mapped by another one takes from it: the labels of single rows.
    pub(super) fn mapped(&mut self, keys: &Value, by: &Value, line: u32) -> Option<usize> {
        let by_row = by.what == What::Column && self.is_labels(by) && !by.is(super::value::GROUPED);
        let names: &Set = &keys.from;
        if !by_row || names.iter().any(|name| self.is_target(name)) || keys.is(LABELS) {
            return None;
        }
        self.remembered(by, line)
    }
}
