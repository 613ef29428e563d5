//! Columns by the type of what they hold, and columns that stand for the values of another.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Operator};

use super::Rule;
use super::call::Args;
use super::state::Walk;
use super::value::{Cols, Made, SOME, Set, Value, What};

impl<'a> Walk<'a> {
    /// `select_dtypes`.
    pub(super) fn by_type(&mut self, frame: &Value, args: &Args<'a>) -> Value {
        let of = |value: Option<&Value>| -> Vec<String> {
            value.iter().flat_map(|value| value.leaves()).filter_map(type_name).collect()
        };
        let (include, exclude) = (of(args.get(0, "include")), of(args.get(1, "exclude")));
        let numbers = include.iter().any(|name| is_number(name))
            || (include.is_empty() && !exclude.is_empty() && !exclude.iter().any(|name| is_number(name)));
        if numbers {
            return self.numbers_of(frame, args.line);
        }
        Value { cols: Cols::Unknown, line: args.line, ..frame.clone() }
    }

    /// What says that a column holds numbers.
    pub(super) fn assigned_numbers(&mut self, names: Option<Set>, source: &Expr) {
        if is_numeric(source) {
            self.next.numeric.extend(names.unwrap_or_default());
        }
    }

    /// A column is turned into numbers, or set against one, just as it was read.
    pub(super) fn treated_as_number(&mut self, column: &Value, written: &Expr) {
        if column.what == What::Column && column.from.len() == 1 && super::lazy::is_column(written) {
            self.next.numeric.extend(column.from.iter().cloned());
        }
    }

    /// `get_dummies` and `to_dummies`: where the target is among the columns, each of its values becomes a feature.
    pub(super) fn dummies(&mut self, frame: &Value, args: &Args<'a>) -> Value {
        let mut value = Value { line: args.line, ..frame.clone() };
        if args.flag("drop_first").is_some_and(|drops| drops) {
            return value;
        }
        let said = args.keyword("columns").or(if frame.is(super::value::POLARS) { args.values.first() } else { None });
        let of_target = |walk: &Self, name: &str| {
            let stem = format!("{name}_");
            walk.is_target(name) || walk.facts.targets.iter().any(|target| target.starts_with(&stem))
        };
        let names: Vec<String> = match said.and_then(Value::texts) {
            Some(names) => {
                value = value.minus(&said.cloned().unwrap_or_default(), args.line);
                names.into_iter().filter(|name| of_target(self, name)).collect()
            }
            None if said.is_none() => {
                self.about.target.filter(|name| frame.holds(name)).map(ToOwned::to_owned).into_iter().collect()
            }
            None => Vec::new(),
        };
        for name in names {
            let made = Made { from: Set::from([name.clone()]), taints: BTreeSet::new(), line: args.line, noisy: true };
            value.made.insert(format!("{name}_{SOME}"), made);
        }
        value
    }

    /// Features that still hold a dummy of the target, where another one is the label.
    pub(super) fn other_dummies(&mut self, features: &Value, sources: &Set) {
        let Cols::AllBut(but) = &features.cols else { return };
        for (key, made) in &features.made {
            let Some(stem) = key.strip_suffix(SOME) else { continue };
            let Some(target) = stem.strip_suffix('_').filter(|name| made.from.contains(*name)) else { continue };
            let dropped = but.iter().filter(|name| name.starts_with(stem)).count();
            let is_label = sources.iter().any(|source| source.starts_with(stem));
            let was_label = sources.contains(target) && but.contains(target);
            if (is_label && dropped == 1) || (was_label && dropped <= 1 && !is_label) {
                let text = format!("the features hold another dummy of the target {target}");
                self.emit(Rule::TargetAmongFeatures, features.line.max(made.line), text);
            }
        }
    }
}

fn type_name(value: &Value) -> Option<String> {
    match &value.what {
        What::Text(text) => Some(text.clone()),
        What::Path(path) => path.rsplit('.').next().map(ToOwned::to_owned),
        _ => None,
    }
}

fn is_number(name: &str) -> bool {
    let name = name.to_lowercase();
    ["num", "int", "float"].iter().any(|start| name.starts_with(start))
}

/// Whether an expression certainly yields numbers.
fn is_numeric(source: &Expr) -> bool {
    match source {
        Expr::NumberLiteral(_) => true,
        Expr::BinOp(operation) => {
            operation.op != Operator::Add || is_numeric(&operation.right) || is_numeric(&operation.left)
        }
        Expr::Attribute(attribute) => attribute.attr.as_str() == "codes",
        Expr::Call(call) => {
            let name = match &*call.func {
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                Expr::Name(name) => name.id.as_str(),
                _ => "",
            };
            let first = call.arguments.args.first();
            match name {
                "astype" | "cast" => first.is_some_and(names_number),
                "map" | "replace" => {
                    matches!(first, Some(Expr::Dict(dict)) if dict.iter_values().all(|value| matches!(value, Expr::NumberLiteral(_))))
                }
                "where" => call.arguments.args.get(1).is_some_and(|value| matches!(value, Expr::NumberLiteral(_))),
                "fit_transform" | "to_numeric" | "log1p" | "log" => true,
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether an expression names a type of numbers.
pub(super) fn names_number(expression: &Expr) -> bool {
    match expression {
        Expr::Name(name) => matches!(name.id.as_str(), "int" | "float"),
        Expr::StringLiteral(text) => is_number(text.value.to_str()) || text.value.to_str() == "uint8",
        Expr::Attribute(attribute) => is_number(&attribute.attr) || attribute.attr.as_str() == "uint8",
        _ => false,
    }
}
