//! Objects from libraries: how they are made, what they are fitted on and what comes out of them.

use std::collections::BTreeSet;

use super::Rule;
use super::call::Args;
use super::names::{self, Role};
use super::state::{Access, Fit, Object, Scope, Stage, Walk};
use super::value::{Cols, LABELS, MASK, RANDOM, Set, Side, VAGUE, Value, WHOLE, What, blend};

/// Classes above each other, beyond which no method is looked for.
const DEPTH: usize = 4;

/// An object that was not fitted yet.
pub(super) fn object(class: &str, role: Role) -> Object {
    Object {
        class: class.to_owned(),
        role,
        steps: Vec::new(),
        fit: None,
        taints: BTreeSet::new(),
        keywords: Scope::new(),
        user: None,
        attributes: Scope::new(),
        uses: None,
        shared: false,
        line: 0,
    }
}

impl<'a> Walk<'a> {
    /// An object of a class from a library.
    pub(super) fn create(&mut self, path: &str, class: &str, args: &Args<'a>) -> Value {
        let mut role = names::role(class);
        if role == Role::Wrapper {
            let first = args.values.first().or(args.keyword("data")).cloned().unwrap_or_default();
            return if let What::List(_) = first.what { blend(&[&first]).without(VAGUE) } else { first };
        }
        if class.ends_with("Loss") {
            role = Role::Other;
        }
        let constant = args.keyword("strategy").and_then(Value::as_text) == Some("constant");
        if class == "SimpleImputer" && constant {
            role = Role::Plain;
        }
        let steps: Vec<usize> = args.all().iter().flat_map(|value| value.leaves()).filter_map(object_of).collect();
        let composes = matches!(
            class,
            "Pipeline"
                | "make_pipeline"
                | "make_imb_pipeline"
                | "ColumnTransformer"
                | "make_column_transformer"
                | "FeatureUnion"
                | "make_union"
        );
        let mut made = object(class, role);
        if composes {
            let roles = steps.iter().filter_map(|step| self.objects.get(*step)).map(|step| step.role);
            let last = steps.last().and_then(|step| self.objects.get(*step)).map(|step| step.role);
            made.role = match last {
                Some(Role::Model | Role::Search) => Role::Model,
                Some(Role::Other) if class.contains("ipeline") => Role::Model,
                _ => roles
                    .filter(|role| matches!(role, Role::Learned | Role::Selector | Role::TargetEncoder))
                    .max()
                    .unwrap_or(Role::Plain),
            };
            made.uses = if class.contains("olumn") && class.contains("ransformer") { Self::uses(args) } else { None };
        } else if role == Role::Other && path.contains("sklearn") && !steps.is_empty() {
            made.role = Role::Model;
        }
        let inherited = steps.iter().filter_map(|step| self.objects.get(*step)).find_map(|step| step.uses.clone());
        made.uses = made.uses.or(inherited);
        for value in args.all() {
            let chosen = value.all_taints();
            made.taints.extend(chosen.into_iter().filter(|taint| {
                self.taints.get(*taint).is_some_and(|t| matches!(t.rule, Rule::TunedOnTest | Rule::SelectedBeforeSplit))
            }));
        }
        if composes && class.contains("ipeline") {
            self.search_behind(&steps, args.line);
        }
        made.steps = steps;
        made.line = args.line;
        made.keywords = args.keywords.iter().cloned().collect();
        if let (Role::Splitter, Some(shuffles)) = (role, args.flag("shuffle")) {
            made.keywords.insert("shuffle".to_owned(), Value::new(What::Number(i64::from(shuffles))));
        }
        if args.flag("use_best_model") == Some(false) {
            made.keywords.insert("use_best_model".to_owned(), Value::text("no"));
        }
        made.shared = self.is_solution() && self.stage == Stage::Module && self.depth == 0;
        for flag in ["warm_start", "early_stopping", "oob_score"] {
            if args.flag(flag) == Some(true) {
                made.keywords.insert(flag.to_owned(), Value::new(What::Number(1)));
            }
        }
        self.objects.push(made);
        self.inner_shuffle(self.objects.len() - 1, args.line);
        Value::new(What::Object(self.objects.len() - 1))
    }

    /// The columns that a column transformer names, if it names all of them and drops the rest.
    fn uses(args: &Args<'a>) -> Option<Set> {
        if args.keyword("remainder").is_some_and(|rest| rest.as_text() != Some("drop")) {
            return None;
        }
        let parts: Vec<&Value> = match args.values.first().map(|value| &value.what) {
            Some(What::List(items)) if items.iter().all(|item| matches!(item.what, What::List(_))) => {
                items.iter().collect()
            }
            _ => args.values.iter().collect(),
        };
        let mut names = Set::new();
        for part in parts {
            let What::List(items) = &part.what else { return None };
            let last = items.last()?;
            match (last.texts(), &last.what) {
                (Some(more), _) => names.extend(more),
                // Every column of some type, which says nothing about a single one.
                (None, What::Object(_) | What::Names) => return None,
                _ => return Some(Set::from(["?".to_owned()])),
            }
        }
        Some(names)
    }

    /// A search inside of a solution that is split by time must not shuffle either.
    fn inner_shuffle(&mut self, index: usize, line: u32) {
        if !self.is_solution() || !self.about.split_by_time {
            return;
        }
        let Some(object) = self.objects.get(index) else { return };
        let shuffles = object.role == Role::Splitter
            && (names::always_shuffles(&object.class)
                || object.keywords.get("shuffle").is_some_and(|value| value.what == What::Number(1)));
        if shuffles {
            let text = format!("{} shuffles inside of the fold, though the rows are split by time", object.class);
            self.emit(Rule::ShuffledTime, line, text);
        }
    }

    pub(super) fn fresh(&mut self, index: usize) -> Value {
        let Some(known) = self.objects.get(index).cloned() else { return Value::default() };
        self.objects.push(Object { fit: None, shared: false, ..known });
        Value::new(What::Object(self.objects.len() - 1))
    }

    pub(super) fn step_of(&self, index: usize, key: &Value) -> Option<Value> {
        let object = self.objects.get(index)?;
        let step = match key.what {
            What::Number(-1) => *object.steps.last()?,
            What::Number(at) => *object.steps.get(usize::try_from(at).ok()?)?,
            _ => return None,
        };
        Some(Value::new(What::Object(step)))
    }

    pub(super) fn call_object(&mut self, index: usize, args: &Args<'a>) -> Value {
        let Some(object) = self.objects.get(index).cloned() else { return Value::default() };
        if object.class.ends_with("Loss") {
            let value = blend(&args.all());
            return self.score(
                value.part.or_else(|| args.values.iter().find_map(|v| v.part)),
                None,
                args.line,
                object.class,
            );
        }
        if let Some(method) = self.method_of(index, "forward").or_else(|| self.method_of(index, "__call__")) {
            return self.invoke_method(index, method, &args.values, &args.keywords);
        }
        let first = args.values.first().cloned().unwrap_or_default();
        if first.part.is_some() {
            Value { what: What::Pred(object.fit.and_then(|fit| fit.part)), ..blend(&[&first]) }
        } else {
            first
        }
    }

    fn method_of(&self, index: usize, name: &str) -> Option<usize> {
        let mut class = self.classes.get(self.objects.get(index)?.user?)?;
        // A method that the class does not define comes from a class that it is made of.
        for _ in 0..DEPTH {
            if let Some(method) = class.methods.get(name) {
                return Some(*method);
            }
            class = self.classes.iter().find(|other| class.bases.iter().any(|base| base == other.name))?;
        }
        None
    }

    fn invoke_method(&mut self, index: usize, method: usize, values: &[Value], keywords: &[(String, Value)]) -> Value {
        let is_static = self.functions.get(method).is_some_and(|function| function.access == Access::Static);
        let mut all = if is_static { Vec::new() } else { vec![Value::new(What::Object(index))] };
        all.extend(values.iter().cloned());
        self.invoke(method, &all, keywords)
    }

    pub(super) fn object_attribute(&mut self, index: usize, name: &str, line: u32) -> Value {
        let Some(object) = self.objects.get(index) else { return Value::default() };
        if let Some(value) = object.attributes.get(name) {
            return value.clone();
        }
        let me = Value::new(What::Object(index));
        if let Some(method) = self.method_of(index, name) {
            return match self.functions.get(method).map(|function| function.access) {
                Some(Access::Property) => self.invoke(method, &[me], &[]),
                Some(Access::Static) => Value::new(What::Function(method)),
                _ => self.bind(method, vec![me], Vec::new()),
            };
        }
        let Some(object) = self.objects.get(index) else { return Value::default() };
        let Some(fit) = object.fit.clone() else {
            return if matches!(name, "named_steps" | "estimator" | "steps" | "model") { me } else { Value::default() };
        };
        let (role, class) = (object.role, object.class.clone());
        match name {
            "feature_importances_" | "coef_" | "feature_importance" => {
                let text = format!("columns are chosen by the {name} of a {class} that was fitted on all rows");
                let taint = self.taint(Rule::SelectedBeforeSplit, fit.line, fit.part, text);
                Value { part: fit.part, taints: [taint].into(), ..Value::new(What::Stat) }
            }
            "best_params_" => {
                let text = format!("{class} searched on all rows, so the test rows chose the parameters too");
                let taint = self.taint(Rule::TunedOnTest, fit.line, fit.part, text);
                Value { taints: [taint].into(), ..Value::default() }
            }
            "best_estimator_" | "named_steps" | "estimator_" | "best_iteration_" | "best_iteration" => me,
            "best_score_" | "cv_results_" | "oob_score_" | "oob_prediction_" => {
                self.crossed = true;
                Value::new(What::Score)
            }
            "labels_" if role == Role::Learned => {
                let taints = fit.taint.into_iter().collect();
                Value { part: fit.part, taints, line, ..Value::new(What::Column) }
            }
            _ => Value { taints: fit.taint.into_iter().collect(), ..Value::default() },
        }
    }

    pub(super) fn object_method(&mut self, index: usize, name: &str, args: &Args<'a>) -> Value {
        let Some(object) = self.objects.get(index).cloned() else { return Value::default() };
        let me = Value::new(What::Object(index));
        if let Some(method) = self.method_of(index, name) {
            if !matches!(object.role, Role::Model | Role::Learned) || !self.is_solution() || name != "fit" {
                return self.invoke_method(index, method, &args.values, &args.keywords);
            }
            self.outside(index, name, args);
            return self.invoke_method(index, method, &args.values, &args.keywords);
        }
        if object.user.is_some() && name == "fit_transform" {
            for step in ["fit", "transform"] {
                if let Some(method) = self.method_of(index, step) {
                    let value = self.invoke_method(index, method, &args.values, &args.keywords);
                    if step == "transform" {
                        return value;
                    }
                }
            }
        }
        if let Some(value) = object.attributes.get(name) {
            return match value.what {
                What::Function(function) => self.invoke(function, &args.values, &args.keywords),
                What::Object(inner) => self.call_object(inner, args),
                _ => value.clone(),
            };
        }
        match name {
            "fit" | "partial_fit" | "fit_generator" | "train"
                if !args.values.is_empty() || !args.keywords.is_empty() =>
            {
                let history = self.fit(index, name, args);
                if history.scores.is_empty() { me } else { history }
            }
            "fit_transform" | "fit_predict" | "fit_resample" | "fit_sample" => self.fit_and_give(index, name, args),
            "transform" | "inverse_transform" | "encode" | "kneighbors" => self.transformed(index, name, args),
            "predict" | "predict_proba" | "decision_function" | "predict_log_proba" | "apply" | "predict_classes" => {
                let first = args.get(0, "X").or(args.keyword("data")).cloned().unwrap_or_default();
                self.used(&first, Some(index));
                let mut value =
                    Value { what: What::Pred(object.fit.as_ref().and_then(|fit| fit.part)), ..blend(&[&first]) };
                value.taints.extend(self.in_sample(&object, &first, args.line));
                value.without(VAGUE | LABELS | MASK)
            }
            "score" | "evaluate" if !args.all().is_empty() => {
                let first = args.get(0, "X").cloned().unwrap_or_default();
                self.used(&first, Some(index));
                let fit = object.fit.as_ref().and_then(|fit| fit.part);
                let fit = if object.fit.is_some() { fit } else { None };
                self.score(first.part, fit, args.line, self.source(args.call))
            }
            "split" if object.role == Role::Splitter => self.folds(index, args),
            "set_params" | "set_fit_request" | "set_output" => {
                if let Some(object) = self.objects.get_mut(index) {
                    object.keywords.extend(args.keywords.iter().cloned());
                    for value in args.all() {
                        object.taints.extend(value.all_taints());
                    }
                }
                me
            }
            "get_support"
            | "get_feature_names_out"
            | "get_booster"
            | "get_score"
            | "feature_importance"
            | "get_feature_importance" => {
                let attribute = if name.contains("importance") || name == "get_score" {
                    "feature_importances_"
                } else {
                    "support_"
                };
                self.object_attribute(index, attribute, args.line)
            }
            "parameters" | "train" | "eval" | "to" | "cuda" | "compile" | "summary" | "state_dict" | "add" => me,
            _ => blend(&args.all()),
        }
    }

    /// In a solution nothing is fitted outside of `fit`, nor on rows that are to be predicted.
    fn outside(&mut self, index: usize, name: &str, args: &Args<'a>) {
        if !self.is_solution() {
            return;
        }
        let class = self.objects.get(index).map(|object| object.class.clone()).unwrap_or_default();
        let first = args.values.first().or(args.keyword("X"));
        match self.stage {
            Stage::Module | Stage::Build => {
                let text = format!("{class}.{name}() runs outside of a fold's fit, on rows it was not handed");
                self.emit(Rule::OutsideFold, args.line, text);
            }
            Stage::Apply if first.is_some_and(|first| self.is_valid(first)) => {
                self.emit(
                    Rule::OutsideFold,
                    args.line,
                    format!("{class}.{name}() learns from the rows that are to be predicted"),
                );
            }
            _ => {}
        }
    }

    fn fit(&mut self, index: usize, name: &str, args: &Args<'a>) -> Value {
        self.outside(index, name, args);
        self.learns_on(index, name, args.line);
        let Some(object) = self.objects.get(index).cloned() else { return Value::default() };
        let first = args.get(0, "X").or(args.keyword("x")).cloned().unwrap_or_default();
        let labels = args.get(1, "y").cloned();
        let line = args.line;
        let part = if first.is(VAGUE) && first.part == Some(WHOLE) { None } else { first.part };
        let supervised = matches!(object.role, Role::Model | Role::Search)
            || (object.role == Role::Other
                && labels.as_ref().is_some_and(|labels| !matches!(labels.what, What::Constant)));
        let mut taint = None;
        if supervised {
            self.note_target(labels.as_ref());
            self.check_features(&first, labels.as_ref(), object.uses.as_ref(), line);
            self.used(&first, Some(index));
            if part.is_none() && first.part == Some(WHOLE) && (!self.inner || first.is(RANDOM)) {
                // Only some of the rows, whichever they are.
                self.flush_all(&first.all_taints(), Some(usize::MAX));
            }
            if let Some(labels) = &labels {
                self.flush_all(&labels.all_taints(), part);
            }
            self.stacked(&first);
            self.frozen(&object, part, line);
            if self.splits_inside(&object) {
                let mut taints = first.all_taints();
                {
                    let held = first.made.iter().filter(|(name, _)| first.holds(name) || first.is_open());
                    taints.extend(held.flat_map(|(_, made)| made.taints.clone()));
                }
                self.flush_cross(&taints, part);
                self.searched_after(&taints, part);
                let cv = object.keywords.get("cv").cloned();
                self.check_cv(&first, cv.as_ref(), args.line, &object.class);
            }
            self.holds_out(&object, &first, args);
            self.watch(&object, args);
        } else {
            taint = self.learns(&object, &first, line);
        }
        let scores = if supervised { self.watched(&object, args) } else { BTreeSet::new() };
        if let Some(object) = self.objects.get_mut(index) {
            object.fit = Some(Fit { part, taint, line });
        }
        Value { scores, ..Value::default() }
    }

    /// What a transformer carries on from the rows that it was fitted on.
    fn learns(&mut self, object: &Object, rows: &Value, line: u32) -> Option<usize> {
        let class = &object.class;
        let class = match (class.as_str(), object.steps.as_slice()) {
            ("Pipeline" | "make_pipeline" | "ColumnTransformer" | "make_column_transformer", [..]) => {
                format!("{class} of {}", self.worst_step(object))
            }
            _ => class.clone(),
        };
        let on_test = rows.part.is_some_and(|part| self.side(part) == Side::Test);
        let seen = if on_test { "the test rows" } else { self.before() };
        let is_labels = rows.is(LABELS) || self.holds_target(rows);
        self.learns_from_labels(&self.worst_of(object), object.role, rows, line);
        let (rule, text) = match object.role {
            Role::Learned | Role::Other => (Rule::FitBeforeSplit, format!("{class} is fitted on {seen}")),
            Role::Selector => (Rule::SelectedBeforeSplit, format!("{class} chooses columns on {seen}")),
            Role::TargetEncoder => (Rule::TargetEncoding, format!("{class} writes the labels of {seen} into features")),
            _ => return None,
        };
        if is_labels && (object.role == Role::Other || (object.role == Role::Learned && self.only_labels(rows))) {
            return None;
        }
        Some(self.taint(rule, line, rows.part, text))
    }

    fn worst_of(&self, object: &Object) -> String {
        if object.steps.is_empty() { object.class.clone() } else { self.worst_step(object) }
    }

    pub(super) fn worst_step(&self, object: &Object) -> String {
        let steps = object.steps.iter().filter_map(|step| self.objects.get(*step));
        steps
            .max_by_key(|step| (step.role <= Role::TargetEncoder, step.role))
            .map_or(String::new(), |step| step.class.clone())
    }

    fn fit_and_give(&mut self, index: usize, name: &str, args: &Args<'a>) -> Value {
        let Some(object) = self.objects.get(index).cloned() else { return Value::default() };
        let mut value = args.get(0, "X").or(args.keyword("raw_documents")).cloned().unwrap_or_default();
        if name.starts_with("fit_resample") || name == "fit_sample" {
            let part = value.part;
            let text = format!("{}.{name}() makes rows out of {}", object.class, self.before());
            let taint = self.taint(Rule::ResampledBeforeSplit, args.line, part, text);
            let mut labels = args.get(1, "y").cloned().unwrap_or_default();
            value.taints.insert(taint);
            labels.taints.insert(taint);
            return Value::list(vec![value, labels]);
        }
        self.outside(index, name, args);
        if name == "fit_predict" && matches!(object.role, Role::Model) {
            return self.transformed(index, name, args);
        }
        let taint = self.learns(&object, &value, args.line);
        if let Some(object) = self.objects.get_mut(index) {
            object.fit = Some(Fit { part: value.part, taint, line: args.line });
        }
        value.taints.extend(taint);
        Self::reshaped(value, &object)
    }

    fn reshaped(value: Value, object: &Object) -> Value {
        if value.what != What::Frame {
            let mut value = value;
            if !matches!(object.class.as_str(), "LabelEncoder" | "StandardScaler" | "MinMaxScaler" | "LabelBinarizer")
                && !value.is(LABELS)
            {
                value.what = if value.is_data() { What::Frame } else { value.what };
                value.from = Set::new();
            }
            return value;
        }
        let taints = value.taints.clone();
        let mut value = Value { taints, ..value };
        match &object.uses {
            Some(names) => value.cols = Cols::Only(names.clone()),
            None if matches!(object.role, Role::Selector | Role::Plain) || object.class.contains("olumn") => {
                value.cols = Cols::Unknown;
            }
            None => {}
        }
        value
    }

    fn transformed(&mut self, index: usize, name: &str, args: &Args<'a>) -> Value {
        let Some(object) = self.objects.get(index).cloned() else { return Value::default() };
        let mut value = args.get(0, "X").or(args.keyword("raw_documents")).cloned().unwrap_or_default();
        if name == "inverse_transform" {
            return value;
        }
        value.taints.extend(object.fit.as_ref().and_then(|fit| fit.taint));
        let inner: Vec<Fit> = object.steps.iter().filter_map(|step| self.objects.get(*step)?.fit.clone()).collect();
        if let (None, Role::Selector, Some(fit)) = (&object.fit, object.role, inner.first()) {
            let text = format!("{} chooses columns by a model that was fitted on all rows", object.class);
            let taint = self.taint(Rule::SelectedBeforeSplit, fit.line, fit.part, text);
            value.taints.insert(taint);
        }
        Self::reshaped(value, &object)
    }
}

fn object_of(value: &Value) -> Option<usize> {
    if let What::Object(index) = value.what { Some(index) } else { None }
}
