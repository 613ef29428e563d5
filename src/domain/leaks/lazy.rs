//! Frames and expressions of polars: an expression is read with the columns of the frame that it is handed to.

use ruff_python_ast::Expr;

use super::call::Args;
use super::names;
use super::state::Walk;
use super::value::{Cols, GROUPED, LABELS, MASK, Made, NOISY, POLARS, SUBSET, Set, VAGUE, Value, What, blend};

/// Methods whose arguments are expressions over the frame.
pub(super) fn takes_expressions(name: &str) -> bool {
    matches!(name, "select" | "with_columns" | "with_column" | "filter" | "agg" | "drop" | "group_by" | "sort")
}

impl<'a> Walk<'a> {
    /// Functions that start an expression.
    pub(super) fn expression(&mut self, path: &str, name: &str, args: &Args<'a>) -> Option<Value> {
        if path.starts_with("polars.selectors") {
            return Some(self.chosen_columns(name, args));
        }
        let said = Value::list(args.values.clone())
            .leaves()
            .iter()
            .filter_map(|leaf| leaf.as_text())
            .collect::<Vec<_>>()
            .join("\n");
        let names: Vec<String> = said.lines().map(ToOwned::to_owned).collect();
        match name {
            "col" => Some(self.named_columns(&names, args.line)),
            "all" => Some(self.whole_frame(args.line)),
            "exclude" => {
                let gone = Value::list(names.iter().map(|name| Value::text(name)).collect());
                Some(self.whole_frame(args.line).minus(&gone, args.line))
            }
            "lit" | "len" | "int_range" | "arange" | "element" => Some(Value::new(What::Constant)),
            "when" => Some(Value { what: What::Column, ..blend(&args.all()).without(VAGUE | MASK) }.with(POLARS)),
            "from_pandas" | "from_numpy" | "from_arrow" => args.values.first().cloned().map(|value| value.with(POLARS)),
            "Series" => {
                let value = args.get(1, "values").or(args.values.first()).cloned().unwrap_or_default();
                let what = if value.is_data() { What::Column } else { value.what.clone() };
                let cols = args.values.first().and_then(Value::texts).map_or(Cols::Unknown, Cols::Only);
                Some(Value { what, cols, ..value }.with(POLARS))
            }
            "corr" if names.iter().any(|name| self.is_target(name)) => {
                let part = self.frames.last().and_then(|frame| frame.part);
                let taint = self.relation(part, args.line, "the correlation with the target");
                Some(Value { part, taints: [taint].into(), ..Value::new(What::Stat) })
            }
            "mean" | "median" | "std" | "var" | "quantile" if !names.is_empty() => {
                let column = self.named_columns(&names, args.line);
                Some(self.summary(&column, name, args))
            }
            _ => None,
        }
    }

    fn whole_frame(&self, line: u32) -> Value {
        let frame = self.frames.last().cloned().unwrap_or_else(|| Value::new(What::Frame));
        Value { what: What::Frame, line, ..frame }.with(POLARS)
    }

    /// Columns of the frame at hand by their names.
    pub(super) fn named_columns(&self, names: &[String], line: u32) -> Value {
        let frame = self.whole_frame(line);
        match names {
            [name] if !name.starts_with('^') => {
                let cols = Cols::Only(Set::from([name.clone()]));
                Value { cols, ..frame.column(name) }
            }
            [] => Value { cols: Cols::Unknown, ..frame },
            _ => frame.select(&Value::list(names.iter().map(|name| Value::text(name)).collect()), line),
        }
    }

    /// Columns by type or by pattern.
    fn chosen_columns(&mut self, name: &str, args: &Args<'a>) -> Value {
        let frame = self.whole_frame(args.line);
        let names = Value::list(args.values.clone());
        match name {
            "all" => frame,
            "exclude" => frame.minus(&names, args.line),
            "by_name" => frame.select(&names, args.line),
            "numeric" | "float" | "integer" => self.numbers_of(&frame, args.line),
            _ => Value { cols: Cols::Unknown, ..frame },
        }
    }

    /// The columns of a frame that hold numbers; of most it is not known whether they do.
    pub(super) fn numbers_of(&self, frame: &Value, line: u32) -> Value {
        let targets = self.facts.targets.iter().map(String::as_str).chain(self.about.target);
        let sure = targets.filter(|name| self.facts.numeric.contains(*name) && frame.holds(name));
        Value { cols: Cols::AtLeast(sure.map(ToOwned::to_owned).collect()), line, ..frame.clone() }
    }

    /// Methods that only polars has, or that mean something else there.
    pub(super) fn polars_method(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        let line = args.line;
        let is_polars = receiver.is(POLARS);
        let is_frame = receiver.what == What::Frame;
        match name {
            "select" | "with_columns" | "with_column" | "select_seq" | "with_columns_seq" if is_frame => {
                Some(Self::made_by_expressions(receiver, name.starts_with("with"), args))
            }
            "agg" if receiver.what == What::GroupBy && (is_polars || has_expression(args)) => {
                let only = Value {
                    cols: Cols::Only(Set::new()),
                    made: std::collections::BTreeMap::default(),
                    ..receiver.clone()
                };
                let mut frame = Self::made_by_expressions(&Value { what: What::Frame, ..only }, true, args);
                frame.from.clear();
                Some(frame.with(GROUPED))
            }
            "filter"
                if is_frame && args.keywords.is_empty() && !args.values.iter().any(|value| value.texts().is_some()) =>
            {
                let mut frame = receiver.clone().with(VAGUE | SUBSET);
                for value in args.all() {
                    let kept = value.all_taints().into_iter();
                    let kept = kept
                        .filter(|taint| self.taints.get(*taint).is_some_and(|t| t.rule != super::Rule::FitBeforeSplit));
                    frame.taints.extend(kept);
                    if value.what == What::Index && value.part.is_some() {
                        frame.part = value.part;
                        frame.marks &= !VAGUE;
                    }
                }
                Some(frame)
            }
            "drop" if is_polars && is_frame => {
                let mut frame = receiver.clone();
                for value in &args.values {
                    let names = match &value.what {
                        What::Frame => Value { what: What::Names, ..value.clone() },
                        What::Column => {
                            Value { what: What::Names, cols: Cols::Only(value.from.clone()), ..value.clone() }
                        }
                        _ => value.clone(),
                    };
                    self.next.left.extend(names.texts().unwrap_or_default());
                    frame = frame.minus(&names, line);
                }
                Some(frame)
            }
            "exclude" if is_polars => Some(receiver.minus(&Value::list(args.values.clone()), line)),
            "suffix" | "prefix" if is_polars => {
                let more = args.values.first().and_then(Value::as_text)?;
                let mut value = receiver.clone();
                if let Cols::Only(names) = &receiver.cols {
                    let last = name == "suffix";
                    let of = |name: &String| if last { format!("{name}{more}") } else { format!("{more}{name}") };
                    value.cols = Cols::Only(names.iter().map(of).collect());
                } else {
                    value.cols = Cols::Unknown;
                }
                Some(value)
            }
            "over" => Some(Value { what: What::Column, ..receiver.clone() }.with(GROUPED)),
            "then" | "otherwise" if is_polars => {
                let mut all = vec![receiver];
                all.extend(args.all());
                let value = blend(&all).without(VAGUE);
                Some(Value { what: What::Column, part: receiver.part.or(value.part), ..value })
            }
            "to_dummies" if is_frame => Some(self.dummies(receiver, args)),
            "unique" if is_polars && is_frame => Some(receiver.clone()),
            "rolling_mean" | "rolling_std" | "rolling_sum" | "rolling_min" | "rolling_max" | "rolling_median"
            | "ewm_mean" => {
                self.next.lags = true;
                let mut value = receiver.clone();
                if args.flag("center") == Some(true) {
                    let taint = self.future(receiver, args, "a centred window takes in later rows");
                    value.taints.insert(taint);
                }
                Some(value)
            }
            "item" | "row" | "rows" | "to_dicts" if is_polars && is_frame && receiver.is(GROUPED) => {
                Some(receiver.clone())
            }
            _ => None,
        }
    }

    /// A frame with what expressions add to it, or only with these.
    fn made_by_expressions(receiver: &Value, keeps: bool, args: &Args<'a>) -> Value {
        let line = args.line;
        let mut frame = Value { line, ..receiver.clone() };
        if !keeps {
            frame.cols = Cols::Only(Set::new());
            frame.made.clear();
        }
        let mut items: Vec<&Value> = args.values.iter().flat_map(Value::leaves).collect();
        items.retain(|item| !matches!(item.what, What::List(_) | What::Zip(_)));
        if !keeps && !items.is_empty() && items.iter().all(|item| item.what == What::Stat) {
            return blend(&items);
        }
        for item in items {
            match &item.what {
                What::Text(name) if name.contains(super::value::SOME) => frame.cols = Cols::Unknown,
                What::Text(name) => add(&mut frame, receiver, name, None, line),
                What::Names if !keeps => frame = receiver.select(item, line),
                What::Frame => add_all(&mut frame, receiver, item, keeps),
                What::Column | What::Stat => {
                    let said = if let Cols::Only(names) = &item.cols { names.first() } else { item.from.first() };
                    match said {
                        Some(name) => add(&mut frame, receiver, name, Some(item), line),
                        None => {
                            frame.taints.extend(&item.taints);
                            if !keeps {
                                frame.cols = Cols::Unknown;
                            }
                        }
                    }
                }
                _ if keeps => frame.taints.extend(item.all_taints()),
                _ => {
                    frame.cols = Cols::Unknown;
                    frame.taints.extend(item.all_taints());
                }
            }
        }
        for (name, value) in args.keywords.iter().filter(|(name, _)| name != "**") {
            frame = super::place::put(&frame, std::slice::from_ref(name), value, line);
        }
        frame
    }

    /// A number for each group, in an expression.
    pub(super) fn group_statistic(&mut self, receiver: &Value, name: &str, line: u32) -> Value {
        let mut value = Value { what: What::Column, ..receiver.clone() }.with(GROUPED).without(LABELS | MASK);
        value.from.clear();
        let learns = names::is_statistic(name) || name == "sum";
        if learns && self.is_labels(receiver) {
            let taint = self.encodes(receiver, line, &format!("{name} of the target for each group"));
            value.taints.insert(taint);
        }
        value
    }
}

fn has_expression(args: &Args<'_>) -> bool {
    args.values.iter().flat_map(Value::leaves).any(|leaf| leaf.is(POLARS))
}

/// Adds one column by its name.
fn add(frame: &mut Value, receiver: &Value, name: &str, value: Option<&Value>, line: u32) {
    let plain = value.is_none_or(|value| {
        value.what == What::Column && value.from.len() == 1 && value.from.contains(name) && value.taints.is_empty()
    });
    if plain {
        if let Some(made) = receiver.made.get(name) {
            frame.made.insert(name.to_owned(), made.clone());
        }
        match &mut frame.cols {
            Cols::Only(only) | Cols::AtLeast(only) => {
                only.insert(name.to_owned());
            }
            Cols::AllBut(but) => {
                but.remove(name);
            }
            Cols::Slice(..) | Cols::Unknown => {}
        }
    } else if let Some(value) = value {
        *frame = super::place::put(frame, &[name.to_owned()], value, line);
    }
}

/// Adds several columns at once.
fn add_all(frame: &mut Value, receiver: &Value, item: &Value, keeps: bool) {
    let fresh: std::collections::BTreeSet<usize> = item.taints.difference(&receiver.taints).copied().collect();
    match &item.cols {
        Cols::Only(names) => {
            for name in names {
                add(frame, receiver, name, None, item.line);
                if !fresh.is_empty() {
                    let from = Set::from([name.clone()]);
                    let made = Made { from, taints: fresh.clone(), line: item.line, noisy: item.is(NOISY) };
                    frame.made.insert(name.clone(), made);
                }
            }
        }
        _ if keeps => frame.taints.extend(&fresh),
        cols => {
            if matches!(&frame.cols, Cols::Only(only) if only.is_empty()) {
                frame.cols = cols.clone();
                frame.made.clone_from(&item.made);
            } else {
                frame.cols = Cols::Unknown;
            }
            frame.taints.extend(&fresh);
        }
    }
}

/// Whether an expression is written as a column of a frame.
pub(super) fn is_column(expression: &Expr) -> bool {
    match expression {
        Expr::Subscript(subscript) => matches!(&*subscript.slice, Expr::StringLiteral(_) | Expr::Name(_)),
        Expr::Attribute(_) => true,
        _ => false,
    }
}
