//! Functions of libraries and builtins, by their names.

use super::Rule;
use super::call::Args;
use super::names::{self};
use super::state::Walk;
use super::value::{LABELS, LISTED, RANDOM, SORTED, STOPS, VAGUE, Value, What, blend};

impl<'a> Walk<'a> {
    /// A function that is known by its path.
    pub(super) fn function(&mut self, path: &str, args: &Args<'a>) -> Value {
        let name = path.rsplit('.').next().unwrap_or(path);
        let line = args.line;
        if path.starts_with("polars.")
            && let Some(value) = self.expression(path, name, args)
        {
            return value;
        }
        if names::optimises(name) {
            let function = args.all().iter().find_map(|value| match value.what {
                What::Function(index) => Some(index),
                _ => None,
            });
            if let Some(index) = function {
                return self.optimise_with(index, args.keyword("args"), line);
            }
        }
        self.fitted_to(name, args);
        if names::is_cross(name) {
            return self.cross_validate(name, args);
        }
        if names::is_metric(name) || names::is_curve(name) {
            return self.metric(name, args);
        }
        if names::relates(name) {
            let part = args.values.iter().find(|value| value.is_data()).and_then(|value| value.part);
            let taint = self.relation(part, line, name);
            return Value { part, taints: [taint].into(), ..Value::new(What::Stat) };
        }
        if matches!(name, "corrcoef" | "cov")
            && let Some(labels) = args.all().iter().flat_map(|value| value.leaves()).find(|leaf| self.is_labels(leaf))
        {
            let part = labels.part;
            let taint = self.relation(part, line, "the correlation with the target");
            return Value { part, taints: [taint].into(), ..Value::new(What::Stat) };
        }
        if names::scales(name) && !args.axis_is_columns() {
            let mut value = args.values.first().cloned().unwrap_or_default();
            let taint = self.statistic(value.part, line, &format!("{name}()"));
            value.taints.insert(taint);
            return value;
        }
        if let Some(value) = self.neighbours(path, name, args).or_else(|| self.placed(path, name, args)) {
            return value;
        }
        if let Some(value) = self.io(path, name, args) {
            return value;
        }
        if let Some(value) = self.rows_function(path, name, args) {
            return value;
        }
        if let Some(value) = self.builtin(name, args) {
            return value;
        }
        if (names::is_statistic(name) || matches!(name, "max" | "min" | "nanmax" | "nanmin"))
            && args.values.first().is_some_and(|value| value.is_data() || !value.all_scores().is_empty())
        {
            let first = args.values.first().cloned().unwrap_or_default();
            let first = if let What::List(_) = first.what { blend(&[&first]) } else { first };
            return self.summary(&first, name, args);
        }
        if name.starts_with(char::is_uppercase) || name.starts_with("make_") && !path.contains("datasets") {
            return self.create(path, name, args);
        }
        blend(&args.all()).with(VAGUE)
    }

    /// Functions that make frames, join them and cut them.
    pub(super) fn rows_function(&mut self, path: &str, name: &str, args: &Args<'a>) -> Option<Value> {
        let first = args.values.first().cloned().unwrap_or_default();
        let line = args.line;
        match name {
            "train_test_split" => Some(self.split(args)),
            "DataFrame" => Some(self.frame(&first, args)),
            "Series" => {
                let mut value = first;
                if value.what == What::Frame || (value.what == What::Unknown && value.part.is_some()) {
                    value.what = What::Column;
                }
                if let Some(index) = args.keyword("index") {
                    value.part = value.part.or(index.part);
                    if index.is(super::value::ROWID) && value.is(LABELS) {
                        value.what = What::Column;
                    }
                }
                Some(value)
            }
            "concat" | "vstack" | "concatenate" | "append" | "row_stack" | "chain" | "hstack" | "column_stack" => {
                Some(self.put_together(name, args))
            }
            "merge" if path.contains("pandas") => Some(self.merged(&first, args)),
            "get_dummies" | "array" | "asarray" | "ascontiguousarray" | "csr_matrix" | "from_numpy" | "tensor"
            | "as_tensor" | "to_datetime" | "to_numeric" | "deepcopy" | "copy" | "list" | "DataFrameMapper"
            | "squeeze" | "ravel" | "nan_to_num" | "tuple" => {
                if name == "get_dummies" && first.what == What::Frame {
                    return Some(self.dummies(&first, args));
                }
                if name == "to_datetime" {
                    self.next.dates = true;
                }
                match &first.what {
                    What::List(items)
                        if matches!(name, "list" | "tuple") || items.iter().all(|item| item.as_text().is_some()) =>
                    {
                        Some(first)
                    }
                    What::List(_) => Some(blend(&[&first]).without(VAGUE)),
                    What::Object(index) if matches!(name, "deepcopy" | "copy") => Some(self.fresh(*index)),
                    What::Column if name == "list" => Some(first.with(LISTED)),
                    _ => Some(first.without(LISTED)),
                }
            }
            "clone" | "clone_model" => match first.what {
                What::Object(index) => Some(self.fresh(index)),
                _ => Some(first),
            },
            "date_range" | "DatetimeIndex" => {
                self.next.dates = true;
                Some(Value::new(What::Constant))
            }
            "resample" if path.contains("sklearn") => {
                let mut value = if args.values.len() > 1 { Value::list(args.values.clone()) } else { first };
                if args.flag("replace") != Some(false) {
                    self.repeated(&mut value, line, "resample() draws rows more than once");
                }
                Some(value)
            }
            "crosstab" | "pivot_table" => Some(self.cross_table(name, args)),
            "flatnonzero" | "nonzero" | "argwhere" | "where" if args.values.len() == 1 && first.is_data() => {
                Some(Value::new(What::Index).with(VAGUE))
            }
            "choice" if first.what == What::Index && args.flag("replace") != Some(false) => {
                let mut value = first;
                self.repeated(&mut value, line, "choice() draws rows more than once");
                Some(value)
            }
            "repeat" | "tile" if first.what == What::Index || (first.is_data() && !first.is(LABELS)) => {
                let mut value = first;
                self.repeated(&mut value, line, &format!("{name}() repeats rows"));
                Some(value)
            }
            "shuffle" if path.contains("sklearn") => {
                let mut values = args.values.clone();
                for value in &mut values {
                    self.shuffled(value, line, "shuffle()");
                }
                Some(if values.len() > 1 { Value::list(values) } else { values.into_iter().next().unwrap_or_default() })
            }
            "default_rng" | "RandomState" => Some(Value::new(What::Path("numpy.random.rng".to_owned()))),
            "rand" | "random" | "uniform" | "binomial" | "choice" | "permutation" | "random_sample" | "integers"
            | "normal" | "randn" | "standard_normal" | "randint"
                if path.contains("random") || path.contains("rng") =>
            {
                Some(Value::new(What::Random).with(RANDOM))
            }
            "train" | "cv" if path.starts_with("lightgbm") || path.starts_with("xgboost") => {
                Some(self.boost(name, args))
            }
            "early_stopping" | "EarlyStopping" | "ModelCheckpoint" | "ReduceLROnPlateau" | "log_evaluation" => {
                let stops = name.to_lowercase().contains("stopping") || name == "ModelCheckpoint";
                Some(Value::default().with(if stops { STOPS } else { 0 }))
            }
            _ => None,
        }
    }

    /// Rows below each other, or columns beside each other.
    fn put_together(&mut self, name: &str, args: &Args<'a>) -> Value {
        let first = args.values.first().cloned().unwrap_or_default();
        let moved = self.moved_up(name, args);
        let items = if matches!(name, "append" | "chain") { Value::list(args.values.clone()) } else { first };
        let by_columns = matches!(name, "hstack" | "column_stack")
            || args.axis_is_columns()
            || args.values.get(1).is_some_and(|axis| axis.what == What::Number(1));
        let mut value = if by_columns {
            Self::concat_columns(&items, args.line)
        } else {
            self.concat_rows(&items, name, args.line)
        };
        value.taints.extend(moved);
        value
    }

    /// `pandas.merge`, which may put a table of groups back beside its rows.
    fn merged(&mut self, first: &Value, args: &Args<'a>) -> Value {
        let other = args.get(1, "right").cloned().unwrap_or_default();
        let back = self.put_back(first, &other, args.line);
        let mut value = blend(&args.all()).with(VAGUE);
        value.taints.extend(back);
        value
    }

    /// Builtins and functions that count, and steps that start below zero.
    fn counting(&mut self, first: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        match name {
            "unique" if args.flag("return_counts") == Some(true) => Some(self.counted_values(first, args)),
            "bincount" | "Counter" if self.is_valid(first) && first.is_data() => Some(self.how_often(first, args.line)),
            "range" if matches!(first.what, What::Number(from) if from < 0) => {
                Some(Value::list(vec![first.clone(), Value::new(What::Constant)]))
            }
            _ => None,
        }
    }

    pub(super) fn builtin(&mut self, name: &str, args: &Args<'a>) -> Option<Value> {
        let first = args.values.first();
        if let Some(value) = first.and_then(|first| self.counting(first, name, args)) {
            return Some(value);
        }
        match name {
            "enumerate" => Some(Value::new(What::Enumerate(Box::new(first.cloned().unwrap_or_default())))),
            "tqdm" | "iter" | "reversed" | "track" => Some(first.cloned().unwrap_or_default()),
            "zip" => {
                let zipped = Value::new(What::Zip(args.values.clone()));
                Some(zipped)
            }
            "dict" => {
                let mut value = first.cloned().unwrap_or_else(|| Value::new(What::Dict(args.keywords.clone())));
                if matches!(value.what, What::Zip(_)) && value.any(LABELS) {
                    value = Value { what: What::Lookup, ..blend(&[&value]) }.with(LABELS);
                } else if let What::Zip(pair) = &value.what
                    && let [keys, labels] = pair.as_slice()
                    && !self.is_labels(keys)
                    && let Some(taint) = self.remembered(labels, args.line)
                {
                    let taints = [taint].into();
                    value = Value { taints, part: None, ..Value::new(What::Constant) };
                }
                Some(self.shared(value))
            }
            "set" | "defaultdict" | "OrderedDict" => Some(self.shared(first.cloned().unwrap_or_default())),
            "next" => first.map(|value| self.items(value).into_iter().next().unwrap_or_default()),
            "len" | "print" | "range" | "int" | "round" | "isinstance" | "hasattr" | "type" | "id" | "display"
            | "str" => match (name, first) {
                ("int" | "round", Some(value)) if !value.all_scores().is_empty() => Some(value.clone()),
                _ => Some(Value::new(What::Constant)),
            },
            "super" => Some(self.lookup("self").cloned().unwrap_or_default()),
            "sorted" => first.map(|value| value.clone().with(SORTED)),
            "max" | "min" | "argmax" | "argmin" | "nanargmax" | "nanargmin" | "argsort" | "nlargest" | "nsmallest" => {
                if let Some(What::Function(key)) = args.keyword("key").map(|key| key.what.clone()) {
                    let best = self.optimise(key, args.line);
                    if !best.scores.is_empty() {
                        return Some(best);
                    }
                }
                let all = args.all();
                if all.iter().any(|value| !value.all_scores().is_empty()) {
                    let value = blend(&all);
                    if name == "argsort" {
                        return Some(value.with(SORTED));
                    }
                    self.choose(&value, args.line, true);
                    return Some(value);
                }
                if matches!(name, "max" | "min") && first.is_some_and(Value::is_data) {
                    None
                } else {
                    Some(blend(&all))
                }
            }
            "FunctionTransformer" => {
                for value in args.all() {
                    match &value.what {
                        What::Function(index) => self.applied.push(*index),
                        What::Path(path) if self.is_solution() => {
                            let function = path.rsplit('.').next().unwrap_or(path);
                            if names::scales(function) {
                                let text =
                                    format!("{function}() scales the rows that are to be predicted by themselves");
                                self.emit(Rule::OutsideFold, args.line, text);
                            }
                        }
                        _ => {}
                    }
                }
                None
            }
            "unique" => first.map(|value| Value { what: What::Ids, ..value.clone() }.without(LABELS)),
            "isin" if args.values.len() > 1 => {
                let ids = args.values.get(1).cloned().unwrap_or_default();
                Some(Value { part: ids.part, ..Value::new(What::Index) })
            }
            "partial" | "partialmethod" => match first?.what {
                What::Function(index) => {
                    Some(self.bind(index, args.values.iter().skip(1).cloned().collect(), args.keywords.clone()))
                }
                _ => None,
            },
            "delayed" | "njit" | "jit" | "lru_cache" | "cache" => first.cloned(),
            "map" => match first.map(|value| value.what.clone()) {
                Some(What::Function(index)) => {
                    let over = args.values.get(1).cloned().unwrap_or_default();
                    self.loops += 1;
                    let given: Vec<Value> =
                        self.items(&over).into_iter().map(|item| self.invoke(index, &[item], &[])).collect();
                    self.loops -= 1;
                    Some(Value::list(given))
                }
                _ => None,
            },
            "getattr" | "setattr" => Some(blend(&args.all())),
            _ => None,
        }
    }
}
