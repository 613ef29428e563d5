//! The `fit` of a solution as a program of its own: what goes from its inner split into the choice that it makes.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};

use super::call::Args;
use super::names::Role;
use super::state::{Event, Facts, Object, Walk};
use super::value::{Cols, LABEL, RANDOM, Side, Value, WHOLE, What};
use super::{About, Kind, Leak, Rule};

/// What `fit` learns from all the rows it is handed before it splits them, with how to mend it.
///
/// The rows that `fit` is handed stand for all the rows there are, so that the rules for free programs hold. The score
/// over the folds of the workbench stays honest; what gets too good is the inner score, and so the choice made by it.
pub(super) fn inner<'a>(code: &'a str, about: &About<'a>, body: &'a [Stmt]) -> Vec<Leak> {
    let time = about.time.or(about.split_by_time.then_some(LABEL));
    let about = About { kind: Kind::Script, time, suspects: &[], data: None, ..*about };
    let mut facts = Facts::default();
    let mut found = Vec::new();
    for _ in 0..2 {
        let mut walk = Walk::new(code, &about, std::mem::take(&mut facts));
        walk.inner = true;
        walk.body(body);
        walk.inner_fits();
        walk.judge();
        facts = walk.next;
        found = walk.found.into_iter().filter_map(|((line, rule), text)| told(line, rule, &text)).collect();
    }
    found
}

/// A finding of the inner reading, if it is one that an inner split can have.
fn told(line: u32, rule: Rule, text: &str) -> Option<Leak> {
    let mend = match rule {
        Rule::FitBeforeSplit => "fit it within each inner fold, as a step of the pipeline that is searched",
        Rule::SelectedBeforeSplit => "choose within each inner fold, as a step of the pipeline that is searched",
        Rule::TargetEncoding => "encode within each inner fold, from its training rows alone",
        Rule::ResampledBeforeSplit => "split first, and resample the inner training rows alone",
        Rule::ShuffledTime => "let the inner split go along time too",
        Rule::GroupsSplit => "split by group inside too, as with GroupKFold",
        Rule::TestForStopping => "stop by other rows than those that are scored",
        Rule::TrainScore => "score rows that were kept out of that fit",
        _ => return None,
    };
    Some(Leak { line, rule, text: format!("{text}: {mend}") })
}

impl<'a> Walk<'a> {
    /// When it is too early to learn from all rows, in words.
    pub(super) fn before(&self) -> &'static str {
        if self.inner {
            "all rows that fit is handed, before they are split inside"
        } else {
            "all rows before they are split"
        }
    }

    /// Reads `build()` and then every `fit`, with the objects that `build()` made where there are any.
    fn inner_fits(&mut self) {
        if let Some(What::Function(build)) = self.lookup("build").map(|value| value.what.clone()) {
            let built = self.invoke(build, &[], &[]);
            if let What::Object(index) = built.what {
                self.search_as_built(index, 0);
            }
        }
        let root = self.new_root();
        let gone = self.about.target.into_iter().chain([LABEL]).map(ToOwned::to_owned).collect();
        let rows = Value { root, part: Some(WHOLE), cols: Cols::AllBut(gone), ..Value::new(What::Frame) };
        for class in 0..self.classes.len() {
            let fits: Vec<usize> = ["fit", "fit_transform", "fit_predict", "fit_resample"]
                .iter()
                .filter_map(|name| self.classes.get(class)?.methods.get(*name).copied())
                .collect();
            if fits.is_empty() {
                continue;
            }
            let made = self.objects.iter().rposition(|object| object.user == Some(class));
            let me = match made {
                Some(made) => Value::new(What::Object(made)),
                None => self.instance(class, &[], &[]),
            };
            for fit in fits {
                self.invoke(fit, &[me.clone(), rows.clone(), Walk::label_value(WHOLE)], &[]);
            }
        }
        for (class, name, line, text) in std::mem::take(&mut self.kept) {
            if self.is_read(class, &name) {
                self.emit(Rule::TrainScore, line, text);
            }
        }
    }

    /// A search that the workbench fits as it was built, without groups.
    fn search_as_built(&mut self, index: usize, deep: usize) {
        let Some(object) = self.objects.get(index).cloned() else { return };
        if object.role == Role::Search {
            let rows = Value { part: Some(WHOLE), ..Value::new(What::Frame) };
            self.check_cv(&rows, object.keywords.get("cv"), object.line, &object.class);
        } else if deep < 4 {
            object.steps.into_iter().for_each(|step| self.search_as_built(step, deep + 1));
        }
    }

    /// Rows that are left when some were drawn at random.
    pub(super) fn left_over(&mut self, rows: &Value, drawn: &Value, line: u32) -> bool {
        let splits = self.inner && drawn.is(RANDOM) && rows.part.is_some_and(|part| self.side(part) == Side::All);
        if splits {
            self.check_split("the split", rows, (true, false, false), line);
        }
        splits
    }

    /// Whether fitting it splits the rows that it is handed.
    pub(super) fn splits_inside(&self, object: &Object) -> bool {
        let prefit = object.keywords.get("cv").and_then(Value::as_text) == Some("prefit");
        let own = object.role == Role::Search || (self.inner && object.class.ends_with("CV") && !prefit);
        own || (self.inner
            && object
                .steps
                .iter()
                .filter_map(|step| self.objects.get(*step))
                .any(|step| self.splits_inside(step) && object.class.to_lowercase().contains("pipeline")))
    }

    /// A pipeline that learns from all rows and only then hands them to a search.
    pub(super) fn search_behind(&mut self, steps: &[usize], line: u32) {
        let objects: Vec<Object> = steps.iter().filter_map(|step| self.objects.get(*step)).cloned().collect();
        let Some((last, before)) = objects.split_last().filter(|_| self.inner) else { return };
        let searches = last.role == Role::Search;
        if !self.splits_inside(last) {
            return;
        }
        for step in before {
            let class = if step.steps.is_empty() { step.class.clone() } else { self.worst_step(step) };
            let seen = self.before();
            let (rule, text) = match step.role {
                Role::Learned if searches => (Rule::FitBeforeSplit, format!("{class} is fitted on {seen}")),
                Role::Selector => (Rule::SelectedBeforeSplit, format!("{class} chooses columns on {seen}")),
                Role::TargetEncoder if searches => {
                    (Rule::TargetEncoding, format!("{class} writes the labels of {seen}, into features"))
                }
                Role::Sampler => (Rule::ResampledBeforeSplit, format!("{class} makes rows out of {seen}")),
                _ => continue,
            };
            self.emit(rule, line, text);
        }
    }

    /// A model that holds rows of its own out to stop or to be scored by.
    pub(super) fn holds_out(&mut self, object: &Object, rows: &Value, args: &Args<'a>) {
        if !self.inner {
            return;
        }
        let is_on = |name: &str| object.keywords.get(name).is_some_and(|value| value.what == What::Number(1));
        let split = args.keyword("validation_split").is_some();
        if !split && !is_on("early_stopping") && !is_on("oob_score") {
            return;
        }
        let taints: BTreeSet<usize> = rows
            .all_taints()
            .into_iter()
            .filter(|taint| split || self.taints.get(*taint).is_some_and(|taint| taint.rule != Rule::FitBeforeSplit))
            .collect();
        self.flush_cross(&taints, rows.part);
    }

    /// Training that is stopped by rows that are trained on.
    pub(super) fn stops_by_own(&mut self, part: usize, fit: Option<usize>, line: u32, class: &str) {
        if self.inner && fit.is_some_and(|fit| self.contains(fit, part)) {
            self.emit(Rule::TestForStopping, line, format!("{class} stops training by rows that it is fitted on"));
        }
    }

    /// The best of several by a score on the rows that each was fitted on.
    pub(super) fn choose_by_training(&mut self, value: &Value) {
        if !self.inner || self.breaks.iter().any(|breaks| *breaks) {
            return;
        }
        for score in value.all_scores().into_iter().filter(|score| score.looped) {
            let learnt = |event: &&Event| {
                event.line == score.line
                    && event.part == Some(score.part)
                    && event.fit.is_some_and(|fit| self.contains(fit, score.part))
            };
            let Some(event) = self.events.iter().find(learnt) else { continue };
            let text = format!("{} chooses by rows that the model was fitted on", event.text);
            self.emit(Rule::TrainScore, score.line, text);
        }
    }

    /// What is learnt from how predictions for rows of the fit differ from their labels, and then kept.
    pub(super) fn kept_by(&mut self, object: usize, name: &str, value: &Value) {
        let Some(class) = self.objects.get(object).and_then(|object| object.user).filter(|_| self.inner) else {
            return;
        };
        for score in value.all_scores() {
            let learnt = |event: &&Event| {
                event.line == score.line
                    && event.part == Some(score.part)
                    && event.fit.is_some_and(|fit| self.contains(fit, score.part))
            };
            if let Some(event) = self.events.iter().find(learnt) {
                let text = format!("{name} is learnt from {} on rows that the model was fitted on", event.text);
                self.kept.push((class, name.to_owned(), score.line, text));
            }
        }
    }

    /// Whether an attribute is read where rows are predicted or transformed.
    fn is_read(&self, class: usize, name: &str) -> bool {
        let Some(class) = self.classes.get(class) else { return false };
        let fits = |method: &str| method.starts_with("fit") || method == "__init__" || method == "partial_fit";
        let asked = class.methods.iter().filter(|(method, _)| !fits(method));
        asked.filter_map(|(_, index)| self.functions.get(*index)).any(|function| {
            let mut reads = Reads { name, found: false, nest: 0 };
            if let super::state::Body::Statements(body) = function.body {
                reads.visit_body(body);
            }
            reads.found
        })
    }

    /// Functions that fit a few numbers to predictions for rows of the fit.
    pub(super) fn fitted_to(&mut self, name: &str, args: &Args<'a>) {
        let fits = matches!(
            name,
            "nnls" | "lstsq" | "lsq_linear" | "polyfit" | "curve_fit" | "least_squares" | "isotonic_regression" | "fit"
        );
        let all = args.all();
        if fits && self.inner && all.iter().any(|value| value.is_data() && self.is_labels(value)) {
            for rows in all {
                self.stacked(rows);
            }
        }
    }

    /// Predictions for rows that a model was fitted on, which tell another model more than later ones will.
    pub(super) fn in_sample(&mut self, object: &Object, rows: &Value, line: u32) -> Option<usize> {
        let fit = object.fit.as_ref().and_then(|fit| fit.part)?;
        let part = rows.part?;
        let supervised = matches!(object.role, Role::Model | Role::Search);
        if !self.inner || !supervised || !self.contains(fit, part) {
            return None;
        }
        let text = format!("another model learns from what {} predicts for rows that it was fitted on", object.class);
        Some(self.taint(Rule::TrainScore, line, Some(part), text))
    }

    /// What only adjusts a model that was fitted before, by the same rows.
    pub(super) fn frozen(&mut self, object: &Object, part: Option<usize>, line: u32) {
        let steps = |object: &Object| -> Vec<Object> {
            object.steps.iter().filter_map(|step| self.objects.get(*step)).cloned().collect()
        };
        let prefit = object.keywords.get("cv").and_then(Value::as_text) == Some("prefit");
        let mut before = if prefit { steps(object) } else { Vec::new() };
        for step in steps(object).iter().filter(|step| step.class == "FrozenEstimator") {
            before.extend(steps(step));
        }
        let saw = |step: &Object| {
            let fit = step.fit.as_ref().and_then(|fit| fit.part);
            fit.zip(part).is_some_and(|(fit, part)| self.contains(fit, part))
        };
        if let (true, Some(step)) = (self.inner, before.iter().find(|step| saw(step))) {
            let text = format!("{} learns from what {} says of rows that it was fitted on", object.class, step.class);
            self.emit(Rule::TrainScore, line, text);
        }
    }

    /// Another model is fitted on such predictions.
    pub(super) fn stacked(&mut self, features: &Value) {
        if !self.inner {
            return;
        }
        for taint in features.all_taints() {
            if let Some(taint) = self.taints.get(taint).filter(|taint| taint.rule == Rule::TrainScore).cloned() {
                self.emit(taint.rule, taint.line, taint.text);
            }
        }
    }

    /// Labels that are only moved and stretched tell nothing of the features.
    pub(super) fn only_labels(&self, value: &Value) -> bool {
        self.inner && self.is_labels(value) && value.what != What::Frame
    }

    /// How well single columns tell the labels, which may be used to choose among them.
    pub(super) fn screens(&mut self, args: &Args<'a>, name: &str, line: u32) -> Option<usize> {
        if !self.inner {
            return None;
        }
        let all = args.all();
        let labels = all.iter().find(|value| value.is_data() && self.is_labels(value))?;
        let part = labels.part.filter(|part| self.side(*part) == Side::All)?;
        let column = |value: &&&Value| value.root != 0 && value.is_data() && !self.is_labels(value);
        all.iter().find(column)?;
        Some(self.relation(Some(part), line, &format!("{name}() of single columns")))
    }
}

/// Looks for an attribute of that name.
struct Reads<'n> {
    name: &'n str,
    found: bool,
    nest: usize,
}

impl<'a> Visitor<'a> for Reads<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.nest > 60 || self.found {
            return;
        }
        self.found = matches!(expression, Expr::Attribute(attribute)
            if attribute.ctx.is_load() && attribute.attr.as_str() == self.name);
        self.nest += 1;
        if !self.found {
            walk_expr(self, expression);
        }
        self.nest -= 1;
    }
}
