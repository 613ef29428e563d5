//! What a model is shown: whether it holds labels, or was learnt from rows beyond its own.

use std::collections::BTreeSet;

use super::Rule;
use super::state::{Stage, Walk};
use super::value::{Cols, HANDED, LABEL, LABELS, NOISY, Set, Side, VAGUE, Value, WHOLE, What};

impl Walk<'_> {
    pub(super) fn note_target(&mut self, labels: Option<&Value>) {
        if let Some(labels) = labels
            && labels.what == What::Column
            && labels.from.len() <= 2
        {
            self.next.targets.extend(labels.from.iter().filter(|name| !name.starts_with('#')).cloned());
        }
    }

    /// Whether the features of a model hold its labels, something made of them, or a column that was warned of.
    pub(super) fn check_features(&mut self, features: &Value, labels: Option<&Value>, uses: Option<&Set>, line: u32) {
        let mut features = features.clone();
        if features.line == 0 {
            features.line = line;
        }
        if let (Some(names), What::Frame) = (uses, &features.what) {
            features =
                features.select(&Value { cols: Cols::Only(names.clone()), ..Value::new(What::Names) }, features.line);
        }
        let sources: &Set = match labels {
            Some(labels) if labels.what == What::Column || !labels.from.is_empty() => &labels.from,
            _ => &Set::new(),
        };
        let noisy = labels.is_some_and(|labels| labels.is(NOISY)) || sources.len() > 2;
        let mut names: Set = if noisy { Set::new() } else { sources.clone() };
        if names.is_empty()
            && labels.is_none_or(|labels| !labels.is(VAGUE) && labels.taints.is_empty())
            && sources.is_empty()
        {
            names.extend(self.about.target.map(ToOwned::to_owned));
        }
        if noisy {
            names.extend(sources.iter().filter(|name| self.about.target == Some(name)).cloned());
        }
        self.other_dummies(&features, sources);
        let same_root = labels.is_none_or(|labels| labels.root == 0 || labels.root == features.root);
        let shifted = features.is(super::value::OFFSET) != labels.is_some_and(|labels| labels.is(super::value::OFFSET));
        if features.what == What::Frame && features.root != 0 && same_root && !shifted {
            for name in names.iter().filter(|name| features.holds(name)) {
                let shown = shown(name);
                self.emit(Rule::TargetAmongFeatures, features.line, format!("the features still hold {shown}"));
            }
        }
        for (name, made) in features.made.clone() {
            let holds = features.holds(&name);
            if holds
                && !name.ends_with(super::value::SOME)
                && !names.contains(&name)
                && let Some(target) = made.from.iter().find(|from| names.contains(*from))
            {
                let shown = shown(target);
                self.emit(Rule::TargetAmongFeatures, made.line, format!("{name} is made from {shown}"));
            }
            if !sources.contains(&name) && (holds || features.is_open()) {
                let certain = made.taints.iter().copied().filter(|taint| {
                    holds || self.taints.get(*taint).is_some_and(|taint| taint.rule != Rule::FutureValues)
                });
                let certain: BTreeSet<usize> = certain.collect();
                self.flush_all(&certain, features.part);
                self.future_in(&certain);
                self.gives_back(&Value { part: features.part, taints: certain, ..Value::default() });
            }
        }
        self.future_in(&features.all_taints());
        self.gives_back(&features);
        let more = features.from.iter().any(|name| !names.contains(name));
        if let (Some(name), true) = (names.iter().find(|name| features.from.contains(*name)), more && !shifted) {
            self.emit(Rule::TargetAmongFeatures, features.line, format!("the features hold {}", shown(name)));
        }
        if !self.is_solution() && features.root != 0 {
            self.suspects_in(&features, &names);
            self.after_in(&features, &names);
        }
    }

    /// Columns that were warned of among the features of a script, or made into features.
    fn suspects_in(&mut self, features: &Value, labels: &Set) {
        for suspect in self.about.suspects.iter().filter(|suspect| !labels.contains(*suspect)) {
            let named = self.named_suspects.iter().find(|(_, name)| *name == suspect).map(|(line, _)| *line);
            let own = features.made.get(suspect).is_none_or(|made| made.from.contains(suspect));
            if features.holds(suspect) && own {
                let text = format!("{suspect} was warned of and is still among the features");
                self.emit(Rule::TargetAmongFeatures, named.unwrap_or(features.line), text);
            }
            let made = features.made.iter().filter(|(name, made)| {
                *name != suspect && !labels.contains(*name) && features.holds(name) && made.from.contains(suspect)
            });
            if let (Some((name, made)), Some(_)) = (made.min_by_key(|(_, made)| made.line), named) {
                let text = format!("{name} is made from {suspect}, which was warned of");
                self.emit(Rule::TargetAmongFeatures, made.line, text);
            }
        }
    }

    /// Columns that sound as if they came after the target, among the features of a script.
    fn after_in(&mut self, features: &Value, labels: &Set) {
        for (line, name) in self.named_after.clone() {
            let made = features
                .made
                .iter()
                .any(|(column, made)| !labels.contains(column) && features.holds(column) && made.from.contains(&name));
            if !labels.contains(&name) && (features.holds(&name) || made) {
                let target = self.about.target.unwrap_or("the target");
                let text = format!("{name} sounds as if it was known only after {target}");
                self.emit(Rule::TargetAmongFeatures, line, text);
            }
        }
    }

    pub(super) fn future_in(&mut self, taints: &BTreeSet<usize>) {
        for taint in taints {
            if let Some(taint) = self.taints.get(*taint).filter(|taint| taint.rule == Rule::FutureValues).cloned() {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// A model is fitted or asked on these rows: what went into them from beyond is a finding now.
    pub(super) fn used(&mut self, rows: &Value, object: Option<usize>) {
        let part = if rows.is(VAGUE) && rows.part == Some(WHOLE) { None } else { rows.part };
        let mut taints = rows.all_taints();
        if self.is_solution() {
            let held = rows.made.iter().filter(|(name, _)| rows.holds(name) || rows.is_open());
            taints.extend(held.flat_map(|(_, made)| made.taints.iter().copied()));
        }
        if let Some(object) = object.and_then(|object| self.objects.get(object)) {
            taints.extend(&object.taints);
        }
        self.flush_all(&taints, part);
        if self.is_solution() {
            let encoded = taints.iter().filter_map(|taint| self.taints.get(*taint));
            let encoded: Vec<_> = encoded
                .filter(|taint| taint.rule == Rule::TargetEncoding && taint.part == Some(HANDED))
                .cloned()
                .collect();
            if self.stage == Stage::Fit && rows.part == Some(HANDED) {
                for taint in encoded {
                    self.emit(taint.rule, taint.line, taint.text);
                }
            }
        }
    }

    /// Emits what was learnt from more rows than these.
    pub(super) fn flush_all(&mut self, taints: &BTreeSet<usize>, part: Option<usize>) {
        let Some(part) = part else { return };
        for taint in taints {
            let Some(taint) = self.taints.get(*taint).cloned() else { continue };
            let Some(from) = taint.part else { continue };
            let beyond = match self.side(from) {
                Side::All => from != part && (part == usize::MAX || self.contains(from, part)),
                Side::Test => self.contains(from, part),
                // Parts that were put together hold those that are tested on.
                Side::Train => from != part && self.parts.get(from).is_some_and(|from| from.holds.contains(&part)),
            };
            let waits = matches!(taint.rule, Rule::FutureValues | Rule::Memorises | Rule::TrainScore);
            if taint.rule == Rule::OutsideFold || (beyond && !waits && !self.is_solution()) {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// Labels that were written into the rows of a search, or rows that were copied: its folds score what they saw.
    pub(super) fn searched_after(&mut self, taints: &BTreeSet<usize>, part: Option<usize>) {
        for index in taints {
            let Some(taint) = self.taints.get(*index).cloned() else { continue };
            let (Some(from), Some(part)) = (taint.part, part) else { continue };
            let tells = matches!(taint.rule, Rule::TargetEncoding | Rule::ResampledBeforeSplit);
            if tells && !self.is_solution() && self.contains(from, part) {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// Rows that are cut out by place after something was learnt from all of them.
    pub(super) fn cut_late(&mut self, rows: &Value, part: usize) {
        let whole = rows.part.is_some_and(|of| self.side(of) == Side::All) && self.side(part) != Side::All;
        if self.is_solution() || self.inner || !whole || rows.what != What::Frame {
            return;
        }
        let held = rows.made.iter().filter(|(name, _)| rows.holds(name)).flat_map(|(_, made)| made.taints.clone());
        let late = rows.taints.iter().copied().chain(held).filter(|taint| {
            self.taints.get(*taint).is_some_and(|taint| {
                matches!(taint.rule, Rule::FitBeforeSplit | Rule::TargetEncoding) && taint.part == rows.part
            })
        });
        let late: Vec<usize> = late.collect();
        self.cut_late.extend(late);
    }

    /// Without a model of a library the rows that were cut are all that is known of training.
    pub(super) fn by_hand(&mut self) {
        use super::names::Role;
        let fitted = |object: &super::state::Object| {
            object.fit.is_some() && matches!(object.role, Role::Model | Role::Search | Role::Other)
        };
        if !self.events.is_empty() || self.objects.iter().any(fitted) || self.crossed {
            return;
        }
        for taint in std::mem::take(&mut self.cut_late) {
            if let Some(taint) = self.taints.get(taint).cloned() {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// A model that is written out by hand meets rows where they are multiplied.
    pub(super) fn multiplied(&mut self, left: &Value, right: &Value) {
        if self.is_solution() || self.inner {
            return;
        }
        for rows in [left, right] {
            let data = matches!(rows.what, What::Frame | What::Column | What::Unknown) && rows.part.is_some();
            if data {
                self.used(rows, None);
            }
        }
    }

    /// A transformer that sees the labels among the columns that it learns from.
    pub(super) fn learns_from_labels(&mut self, class: &str, role: super::names::Role, rows: &Value, line: u32) {
        let mixes = role == super::names::Role::Learned && super::names::mixes_columns(class);
        let labels = |rows: &Value| {
            let held = rows.made.iter().any(|(name, made)| rows.holds(name) && made.from.contains(LABEL));
            held || (rows.is(LABELS) && (rows.made.is_empty() || rows.from.contains(LABEL)))
        };
        let target =
            self.about.target.filter(|target| rows.what == What::Frame && rows.root != 0 && rows.holds(target));
        let seen = rows.what == What::Frame && (labels(rows) || (target.is_some() && !self.is_solution()));
        if mixes && seen {
            let shown = target.map_or_else(|| "the target".to_owned(), shown);
            self.emit(Rule::TargetAmongFeatures, line, format!("{class} learns from a table that holds {shown}"));
        }
    }

    /// Emits what was learnt from all the rows that are now cross-validated.
    pub(super) fn flush_cross(&mut self, taints: &BTreeSet<usize>, part: Option<usize>) {
        if self.is_solution() {
            return;
        }
        for index in taints {
            let Some(taint) = self.taints.get(*index).cloned() else { continue };
            let (Some(from), Some(part)) = (taint.part, part) else { continue };
            let waits = matches!(taint.rule, Rule::FutureValues | Rule::Memorises | Rule::TrainScore);
            if waits || !self.contains(from, part) {
                continue;
            }
            if self.side(from) != Side::Train {
                self.emit(taint.rule, taint.line, taint.text);
            } else if matches!(
                taint.rule,
                Rule::ResampledBeforeSplit | Rule::SelectedBeforeSplit | Rule::TargetEncoding
            ) {
                self.later.push(*index);
            }
        }
    }
}

pub(super) fn shown(name: &str) -> String {
    if name == LABEL || name.starts_with('#') { "the target".to_owned() } else { format!("the target {name}") }
}
