//! Splits, cross-validation and scores.

use std::collections::BTreeSet;

use super::Rule;
use super::call::Args;
use super::fits::object;
use super::names::{self, Role};
use super::state::{Chosen, Event, Fit, Object, Walk};
use super::value::{RANDOM, STOPS, Scored, Side, VAGUE, Value, WHOLE, What, blend};

impl<'a> Walk<'a> {
    /// `train_test_split`.
    pub(super) fn split(&mut self, args: &Args<'a>) -> Value {
        let data: Vec<&Value> = args.values.iter().filter(|value| value.part.is_some() || value.is_data()).collect();
        let of = data.first().and_then(|value| value.part);
        for value in &args.values {
            if value.is_data() && !self.is_solution() {
                self.at_split(&value.all_taints());
                let made: BTreeSet<usize> = value
                    .made
                    .iter()
                    .filter(|(name, _)| value.holds(name))
                    .flat_map(|(_, made)| made.taints.clone())
                    .collect();
                self.at_split(&made);
            }
        }
        if let (Some(labels), Some(features)) = (args.values.get(1), args.values.first())
            && labels.what == What::Column
            && labels.from.len() == 1
            && features.what == What::Frame
        {
            self.next.targets.extend(labels.from.iter().filter(|name| !name.starts_with('#')).cloned());
        }
        let ids = args.values.iter().all(|value| value.what == What::Ids);
        if !ids && let Some(first) = data.first() {
            let shuffles = args.flag("shuffle") != Some(false);
            self.check_split("train_test_split()", first, (shuffles, false, !shuffles), args.line);
        }
        let (train, test) = self.cut(of);
        // A split drawn again and again is a candidate like any other.
        for part in [train, test] {
            if let Some(part) = self.parts.get_mut(part) {
                part.loops = part.loops.saturating_sub(1);
            }
        }
        let mut results = Vec::new();
        for value in &args.values {
            for part in [train, test] {
                let mut half = if let What::List(_) = value.what { blend(&[value]) } else { value.clone() };
                half.part = Some(part);
                half.marks &= !(VAGUE | RANDOM);
                if args.flag("shuffle") != Some(false) {
                    half = self.in_order(half);
                }
                if half.what == What::Unknown {
                    half.what = What::Frame;
                }
                if matches!(half.what, What::Constant | What::Path(_) | What::Random) {
                    half.what = What::Index;
                }
                results.push(half);
            }
        }
        Value::list(results)
    }

    fn at_split(&mut self, taints: &BTreeSet<usize>) {
        for taint in taints {
            let Some(taint) = self.taints.get(*taint).cloned() else { continue };
            let waits = taint.rule.waits() || taint.rule == Rule::TrainScore;
            if taint.part.is_some_and(|part| self.side(part) == Side::All) && !waits {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// Whether a split of all rows heeds groups and time; the flags are: drawn at random, by group, along time.
    pub(super) fn check_split(&mut self, name: &str, rows: &Value, how: (bool, bool, bool), line: u32) {
        let (shuffles, by_group, along_time) = how;
        let whole = rows.part.is_none_or(|part| self.side(part) == Side::All);
        if self.is_solution() || !whole || rows.is(super::value::GROUPED) {
            return;
        }
        if shuffles && self.time_is_known() && !by_group {
            let text =
                format!("{name} draws rows at random, so the model learns from later rows than those it is tested on");
            self.emit(Rule::ShuffledTime, line, text);
        }
        if let (Some(group), false, false) = (self.group(), by_group, along_time) {
            let text = format!("{name} puts rows of the same {group} on both sides");
            self.emit(Rule::GroupsSplit, line, text);
        }
    }

    /// Rows that only the name says were split, drawn at random though there is time.
    pub(super) fn drew_at_random(&mut self, value: &Value, line: u32) {
        if value.is(RANDOM) && value.is_data() {
            self.check_split("the split", &Value { part: Some(WHOLE), ..Value::default() }, (true, false, false), line);
        }
    }

    /// Checks whatever `cv=` names.
    pub(super) fn check_cv(&mut self, rows: &Value, cv: Option<&Value>, line: u32, name: &str) {
        let named = cv.and_then(|cv| match cv.what {
            What::Object(index) => self.objects.get(index).cloned(),
            _ => None,
        });
        match named {
            Some(splitter) => {
                let how = Self::how(&splitter);
                self.check_split(&splitter.class.clone(), rows, how, line);
            }
            None if cv.is_none_or(|cv| matches!(cv.what, What::Number(_) | What::Constant)) => {
                self.check_split(&format!("{name}()"), rows, (false, false, false), line);
            }
            None => {}
        }
    }

    fn how(splitter: &Object) -> (bool, bool, bool) {
        let shuffles = names::always_shuffles(&splitter.class)
            || splitter.keywords.get("shuffle").is_some_and(|value| value.what == What::Number(1));
        (shuffles, names::keeps_groups(&splitter.class), names::keeps_time(&splitter.class))
    }

    /// `splitter.split(…)`.
    pub(super) fn folds(&mut self, index: usize, args: &Args<'a>) -> Value {
        let first = args.get(0, "X").cloned().unwrap_or_default();
        if let Some(splitter) = self.objects.get(index).cloned()
            && first.what != What::Ids
        {
            let how = Self::how(&splitter);
            self.check_split(&splitter.class.clone(), &first, how, args.line);
        }
        if !self.is_solution() && first.part.is_none_or(|part| self.side(part) == Side::All) {
            self.at_split(&first.all_taints());
            if let Some(labels) = args.get(1, "y")
                && labels.what == What::Column
                && labels.from.len() == 1
            {
                self.next.targets.extend(labels.from.iter().cloned());
            }
        } else {
            self.flush_cross(&first.all_taints(), first.part);
        }
        Value { part: first.part.or(Some(WHOLE)), ..Value::new(What::Folds) }
    }

    /// `cross_val_score` and its like.
    pub(super) fn cross_validate(&mut self, name: &str, args: &Args<'a>) -> Value {
        let rows = args.get(1, "X").cloned().unwrap_or_default();
        let labels = args.get(2, "y").cloned();
        if let Some(labels) = &labels
            && labels.what == What::Column
            && labels.from.len() <= 2
        {
            self.next.targets.extend(labels.from.iter().filter(|name| !name.starts_with('#')).cloned());
        }
        let estimator = args.get(0, "estimator").map(|value| value.what.clone());
        let (mut uses, mut taints) = (None, rows.all_taints());
        if let Some(What::Object(index)) = estimator
            && let Some(object) = self.objects.get(index)
        {
            uses.clone_from(&object.uses);
            taints.extend(&object.taints);
        }
        taints.extend(labels.iter().flat_map(super::value::Value::all_taints));
        self.check_features(&rows, labels.as_ref(), uses.as_ref(), args.line);
        taints.extend(rows.made.iter().filter(|(name, _)| rows.holds(name)).flat_map(|(_, made)| made.taints.clone()));
        self.flush_cross(&taints, rows.part);
        self.check_cv(&rows, args.keyword("cv"), args.line, name);
        self.crossed = true;
        if name == "cross_val_predict" {
            return Value { what: What::Pred(None), part: rows.part, ..Value::default() };
        }
        Value::new(What::Score)
    }

    /// A score from labels and predictions.
    pub(super) fn metric(&mut self, name: &str, args: &Args<'a>) -> Value {
        let all = args.all();
        let predicted =
            all.iter().flat_map(|value| value.leaves()).find(|value| matches!(value.what, What::Pred(_))).cloned();
        let labels = args.values.iter().find(|value| value.what == What::Column || value.what == What::Frame);
        let part = predicted.as_ref().and_then(|value| value.part).or(labels.and_then(|value| value.part));
        let curve = names::is_curve(name);
        if let Some(answers) = args.get(1, "y_pred").or(args.keyword("y_score")) {
            self.gives_back(answers);
        }
        let Some(predicted) = predicted else {
            let value = blend(&all);
            if !value.scores.is_empty() || value.what == What::Score {
                return value;
            }
            if let Some(taint) = self.screens(args, name, args.line) {
                return Value { taints: [taint].into(), ..Value::new(What::Stat) };
            }
            // Predictions that could not be followed: labels of test rows still tell which rows were scored.
            if labels.is_none() || part.is_none_or(|part| self.side(part) != Side::Test) {
                return Value { what: What::Score, ..Value::default() };
            }
            return self.score(part, None, args.line, self.source(args.call));
        };
        let fit = if let What::Pred(fit) = predicted.what { fit } else { None };
        self.used(&predicted, None);
        if curve {
            if self.inner {
                self.events.push(Event { part, fit, line: args.line, text: self.source(args.call) });
            }
            let scores = part.map(|part| Scored { part, line: args.line, looped: true }).into_iter().collect();
            let fpr = Value { scores, ..Value::new(What::Score) };
            return Value::list(vec![fpr.clone(), fpr.clone(), fpr]);
        }
        self.score(part, fit, args.line, self.source(args.call))
    }

    pub(super) fn score(&mut self, part: Option<usize>, fit: Option<usize>, line: u32, text: String) -> Value {
        self.events.push(Event { part, fit, line, text });
        let scores = part.map(|part| self.scored(part, line)).into_iter().collect();
        Value { scores, ..Value::new(What::Score) }
    }

    /// Rows that a model watches while it trains, and stops by.
    pub(super) fn watch(&mut self, object: &Object, args: &Args<'a>) {
        let Some(part) = self.watched_part(args) else { return };
        let fit = args.get(0, "X").or(args.keyword("x")).and_then(|rows| rows.part);
        let asks = |name: &str| {
            args.call
                .arguments
                .find_keyword(name)
                .is_some_and(|keyword| !matches!(keyword.value, ruff_python_ast::Expr::NoneLiteral(_)))
        };
        let by_callback =
            args.all().iter().any(|value| value.any(STOPS)) || object.keywords.values().any(|value| value.any(STOPS));
        let keeps_best = object.class.starts_with("CatBoost")
            && args.flag("use_best_model") != Some(false)
            && !object.keywords.contains_key("use_best_model");
        let by_rounds = asks("early_stopping_rounds")
            || object.keywords.contains_key("early_stopping_rounds")
            || asks("early_stopping");
        if by_callback || keeps_best || by_rounds {
            self.stops_by_own(part, fit, args.line, &object.class);
            let text = format!("{} stops training by the rows that it is then judged by", object.class);
            self.chosen.push(Chosen { part, line: args.line, rule: Rule::TestForStopping, text });
        }
    }

    fn watched_part(&self, args: &Args<'a>) -> Option<usize> {
        ["eval_set", "validation_data", "valid_sets", "evals", "eval_X", "X_val", "watchlist"]
            .iter()
            .filter_map(|name| args.keyword(name))
            .flat_map(Value::leaves)
            .filter_map(|value| value.part)
            .find(|part| self.side(*part) == Side::Test)
    }

    /// Scores in the history that training gives back.
    pub(super) fn watched(&mut self, object: &Object, args: &Args<'a>) -> BTreeSet<Scored> {
        let sequential = matches!(object.class.as_str(), "Sequential" | "Model") || args.keyword("epochs").is_some();
        if !sequential || args.keyword("validation_data").is_none() {
            return BTreeSet::new();
        }
        let part = self.watched_part(args);
        if part.is_some() && !self.inner {
            self.events.push(Event { part, fit: None, line: args.line, text: self.source(args.call) });
        }
        part.map(|part| Scored { part, line: args.line, looped: true }).into_iter().collect()
    }

    /// `lgb.train` and `xgb.train`.
    pub(super) fn boost(&mut self, name: &str, args: &Args<'a>) -> Value {
        let rows = args.get(1, "train_set").or(args.keyword("dtrain")).cloned().unwrap_or_default();
        self.check_features(&rows, None, None, args.line);
        self.used(&rows, None);
        if name == "cv" {
            self.crossed = true;
            self.flush_cross(&rows.all_taints(), rows.part);
            return Value::new(What::Score);
        }
        let mut booster = object("Booster", Role::Model);
        self.watch(&booster, args);
        booster.fit = Some(Fit { part: rows.part, taint: None, line: args.line });
        self.objects.push(booster);
        Value::new(What::Object(self.objects.len() - 1))
    }
}
