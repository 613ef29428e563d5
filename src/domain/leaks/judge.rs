//! What can only be said at the end of a program, and how a solution is read fold by fold.

use std::collections::BTreeSet;

use super::Rule;
use super::names::hint;
use super::state::{Stage, Walk};
use super::value::{Cols, HANDED, LABEL, Set, Side, VALID, Value, WHOLE, What};

impl Walk<'_> {
    /// Functions of a script that nothing called are read as their parameters are named.
    pub(super) fn uncalled(&mut self) {
        for index in 0..self.functions.len() {
            let Some(function) = self.functions.get(index).copied() else { continue };
            if function.called || function.in_class || function.name == "lambda" || function.name.starts_with("test") {
                continue;
            }
            let mut values = Vec::new();
            for parameter in function.parameters.iter().flat_map(|parameters| parameters.iter_non_variadic_params()) {
                values.push(self.guess(parameter.name().as_str()));
            }
            if values.iter().any(Value::is_data) || values.is_empty() {
                self.invoke(index, &values, &[]);
            }
        }
    }

    fn guess(&mut self, name: &str) -> Value {
        let lower = name.to_lowercase();
        let base = lower.split('_').next().unwrap_or_default().to_owned();
        let mut value = Value { root: usize::MAX, part: Some(WHOLE), ..Value::default() };
        match base.as_str() {
            "x" | "features" => value.what = What::Frame,
            "df" | "data" | "frame" | "dataset" | "train" | "test" => {
                value.what = What::Frame;
                value.cols = Cols::AllBut(Set::new());
            }
            "y" | "labels" => {
                value.what = What::Column;
                value.from = Set::from([LABEL.to_owned()]);
            }
            _ => return Value::default(),
        }
        if let Some((side, word)) = hint(name) {
            let key = if word == "train" { "test" } else { word };
            value.part = Some(self.named_part(WHOLE, key, side));
        }
        value
    }

    /// Reads `build()` and every class as the workbench uses them: fit on handed rows, then ask for others.
    pub(super) fn solution(&mut self) {
        let root = self.new_root();
        let build = match self.lookup("build").map(|value| value.what.clone()) {
            Some(What::Function(index)) => Some(index),
            _ => None,
        };
        if let Some(build) = build {
            self.stage = Stage::Build;
            self.invoke(build, &[], &[]);
        }
        for class in 0..self.classes.len() {
            self.class_by_fold(class, root);
        }
        let functions: BTreeSet<usize> = self.applied.iter().copied().collect();
        for index in functions {
            self.stage = Stage::Apply;
            let rows = self.handed(root, VALID);
            let given = self.invoke(index, &[rows], &[]);
            self.given(&given, false);
        }
    }

    fn class_by_fold(&mut self, class: usize, root: usize) {
        let Some(known) = self.classes.get(class).cloned() else { return };
        let fits = known.methods.contains_key("fit") || known.methods.contains_key("fit_transform");
        if !fits && !known.methods.contains_key("transform") && !known.methods.contains_key("predict") {
            return;
        }
        let mut object = super::fits::object(known.name, super::names::Role::Other);
        object.user = Some(class);
        let attributes = known.attributes.iter().filter(|(_, value)| !matches!(value.what, What::Function(_)));
        object.attributes = attributes.map(|(name, value)| (name.clone(), value.clone())).collect();
        self.objects.push(object);
        let me = Value::new(What::Object(self.objects.len() - 1));
        self.class = Some(class);
        if let Some(init) = known.methods.get("__init__") {
            self.stage = Stage::Build;
            self.invoke(*init, std::slice::from_ref(&me), &[]);
        }
        for name in ["fit", "fit_transform", "partial_fit", "fit_resample"] {
            if let Some(method) = known.methods.get(name) {
                self.stage = Stage::Fit;
                let rows = self.handed(root, HANDED);
                self.invoke(*method, &[me.clone(), rows, Walk::label_value(HANDED)], &[]);
            }
        }
        let own_fit_transform = known.methods.contains_key("fit_transform");
        for name in ["transform", "predict", "predict_proba", "decision_function", "score"] {
            if let Some(method) = known.methods.get(name) {
                self.stage = Stage::Apply;
                let rows = self.handed(root, VALID);
                let given = self.invoke(*method, &[me.clone(), rows], &[]);
                self.given(&given, name == "transform" && !own_fit_transform);
            }
        }
        self.class = None;
    }

    /// The workbench leaves out what it was told to, so in a solution only a suspect that is named counts.
    pub(super) fn suspects_in_solution(&mut self) {
        for (line, name) in self.named_suspects.clone() {
            self.emit(Rule::TargetAmongFeatures, line, format!("{name} was warned of and is used as a feature"));
        }
        for (line, name) in self.named_after.clone() {
            let target = self.about.target.unwrap_or("the target");
            let text = format!("{name} sounds as if it was known only after {target}");
            self.emit(Rule::TargetAmongFeatures, line, text);
        }
    }

    /// What a transformer or a model gives back for rows that are to be predicted.
    fn given(&mut self, value: &Value, encodes: bool) {
        let mut taints = value.all_taints();
        taints.extend(value.leaves().iter().flat_map(|leaf| leaf.made.values()).flat_map(|made| made.taints.clone()));
        for taint in taints {
            let Some(taint) = self.taints.get(taint).cloned() else { continue };
            let tells = match taint.rule {
                Rule::OutsideFold => taint.part.is_some_and(|part| self.contains(VALID, part)),
                Rule::TargetEncoding => encodes && taint.part == Some(HANDED),
                Rule::FutureValues => true,
                _ => false,
            };
            if tells {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// Scores against each other, once all of them are known.
    pub(super) fn judge(&mut self) {
        if self.is_solution() {
            return;
        }
        let chosen: BTreeSet<usize> = self.chosen.iter().map(|chosen| chosen.part).collect();
        let is_test = |walk: &Self, part: Option<usize>| part.is_some_and(|part| walk.side(part) == Side::Test);
        let learnt = |walk: &Self, fit: Option<usize>, part: Option<usize>| match (fit, part) {
            (Some(fit), Some(part)) => walk.contains(fit, part),
            _ => false,
        };
        let events = self.events.clone();
        let honest: Vec<_> =
            events.iter().filter(|event| is_test(self, event.part) && !learnt(self, event.fit, event.part)).collect();
        let final_test = honest.iter().any(|event| {
            event.part.is_some_and(|part| {
                !chosen.contains(&part) && !chosen.iter().any(|chosen| self.fold_of_same(*chosen, part))
            })
        });
        for chosen in self.chosen.clone() {
            let is_scored = events.iter().any(|event| event.part == Some(chosen.part));
            if is_scored && !final_test {
                self.emit(chosen.rule, chosen.line, chosen.text);
            }
        }
        for event in &events {
            let Some((fit, part)) = event.fit.zip(event.part) else { continue };
            if !self.contains(fit, part) {
                continue;
            }
            let beyond = fit != part && self.side(part) == Side::Test;
            let on_test = fit == part && self.side(part) == Side::Test;
            let only = honest.is_empty() && !self.crossed && !self.inner;
            if beyond || on_test || only {
                let text = format!("{} scores rows that the model was fitted on", event.text);
                self.emit(Rule::TrainScore, event.line, text);
            }
        }
        if honest.is_empty() {
            for taint in std::mem::take(&mut self.later) {
                if let Some(taint) = self.taints.get(taint).cloned() {
                    self.emit(taint.rule, taint.line, taint.text);
                }
            }
        }
        self.searched_on_all();
        self.by_hand();
    }

    fn fold_of_same(&self, one: usize, other: usize) -> bool {
        self.contains(one, other)
    }

    /// A search on all rows whose winner is then judged by some of them.
    fn searched_on_all(&mut self) {
        let searches: Vec<_> =
            self.objects.iter().filter(|object| object.role == super::names::Role::Search).cloned().collect();
        for search in searches {
            let Some(fit) = search.fit else { continue };
            let Some(part) = fit.part else { continue };
            let judged = self.events.iter().any(|event| {
                event.fit == Some(part)
                    && event
                        .part
                        .is_some_and(|test| test != part && self.contains(part, test) && self.side(test) == Side::Test)
            });
            if judged {
                self.emit(
                    Rule::TunedOnTest,
                    fit.line,
                    format!("{} searched on all rows, the test rows among them", search.class),
                );
            }
        }
    }

    /// Rows as the workbench hands them over.
    fn handed(&self, root: usize, part: usize) -> Value {
        let gone = self.about.target.into_iter().chain([LABEL]).map(ToOwned::to_owned).collect();
        Value { root, part: Some(part), cols: Cols::AllBut(gone), ..Value::new(What::Frame) }
    }
}
