//! Values from other rows: shifted, rolled, filled, or gathered by group.

use ruff_python_ast::{Expr, Operator, UnaryOp};

use super::Rule;
use super::call::Args;
use super::state::Walk;
use super::value::{Cols, GROUPED, LABELS, LAGGED, Made, REVERSED, RUNNING, Set, Side, Value, What};

impl<'a> Walk<'a> {
    pub(super) fn along_time(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        if !receiver.is_data() || matches!(receiver.what, What::Pred(_)) {
            return None;
        }
        let first = args.get(0, "periods").or(args.keyword("n")).map(|value| value.what.clone());
        let mut value = receiver.clone();
        if let Some(value) = self.runs_backwards(receiver, name, args) {
            return Some(value);
        }
        match name {
            "shift" if receiver.is(REVERSED) && self.time_is_known() => {
                self.next.lags = true;
                value.from.clear();
                if !matches!(first, Some(What::Number(by)) if by < 0) && !is_negated(args) {
                    let shown = self.source(args.call);
                    let text = format!("{shown} takes values of later rows, as the latest come first");
                    let taint = self.future(receiver, args, &text);
                    value.taints.insert(taint);
                }
            }
            "reindex" | "get_indexer" | "asof" => {
                let method = args.keyword("method").and_then(Value::as_text);
                let later = method.is_some_and(|method| matches!(method, "bfill" | "backfill" | "nearest"));
                if !later || !self.time_is_known() {
                    return None;
                }
                let taint = self.future(receiver, args, &format!("{name}() takes values of later rows"));
                value.taints.insert(taint);
            }
            "shift" | "diff" | "pct_change" => {
                self.next.lags = true;
                match first {
                    Some(What::Constant | What::Unknown) if is_negated(args) => {
                        let shown = self.source(args.call);
                        let taint = self.future(receiver, args, &format!("{shown} takes values of later rows"));
                        value.taints.insert(taint);
                        value.from.clear();
                    }
                    Some(What::Number(by)) if by < 0 => {
                        let taint = self.future(receiver, args, &format!("{name}({by}) takes values of later rows"));
                        value.taints.insert(taint);
                        value.from.clear();
                    }
                    _ if name == "shift" => {
                        value.from.clear();
                        value.marks |= LAGGED;
                    }
                    _ => {}
                }
            }
            "rolling" | "expanding" | "ewm" => {
                self.next.lags = true;
                let ahead = args.all().iter().any(|value| {
                    let What::Object(index) = value.what else { return false };
                    self.objects.get(index).is_some_and(|object| object.class.contains("ForwardWindow"))
                });
                if args.flag("center") == Some(true) || ahead {
                    let what = if ahead { "a window ahead" } else { "a centred window" };
                    let taint = self.future(receiver, args, &format!("{what} takes in later rows"));
                    value.taints.insert(taint);
                }
                value.marks |= LAGGED;
            }
            "cumsum" | "cummean" => value.marks |= RUNNING,
            "bfill" | "backfill" | "backward_fill" | "interpolate" | "fillna" | "fill_null" => {
                let fills_back = !matches!(name, "fillna" | "fill_null")
                    || args
                        .keyword("method")
                        .or(args.keyword("strategy"))
                        .and_then(Value::as_text)
                        .is_some_and(|method| matches!(method, "bfill" | "backfill" | "backward"));
                let one_way = args
                    .keyword("method")
                    .and_then(Value::as_text)
                    .is_some_and(|method| matches!(method, "pad" | "ffill"));
                if !fills_back || (name == "interpolate" && one_way) {
                    return None;
                }
                if self.time_is_known() {
                    let taint = self.future(receiver, args, &format!("{name}() fills gaps from later rows"));
                    value.taints.insert(taint);
                }
            }
            "mean" | "sum" | "std" | "median" | "min" | "max" | "var" | "quantile" | "skew" | "agg" | "count"
                if receiver.is(LAGGED) && Self::is_window(args) =>
            {
                value.marks &= !LAGGED;
            }
            _ => return None,
        }
        Some(value)
    }

    /// All rows are put into a random order, which matters where they are then cut by place.
    pub(super) fn shuffled(&mut self, rows: &mut Value, line: u32, what: &str) {
        let whole = rows.part.is_some_and(|part| self.side(part) == Side::All);
        if self.time_is_known() && whole && !self.is_solution() && !rows.is(GROUPED) {
            let text =
                format!("{what} shuffles rows in time before they are split, so the past is predicted from the future");
            let taint = self.taint(Rule::ShuffledTime, line, rows.part, text);
            rows.taints.insert(taint);
        }
    }

    /// Rows in an order, or picked by what they hold: how they were shuffled no longer matters.
    pub(super) fn in_order(&self, mut rows: Value) -> Value {
        rows.taints.retain(|taint| self.taints.get(*taint).is_some_and(|taint| taint.rule != Rule::ShuffledTime));
        rows
    }

    /// Whether a method is called on a window rather than on a whole column.
    pub(super) fn is_window(args: &Args<'a>) -> bool {
        let Expr::Attribute(attribute) = &*args.call.func else { return false };
        matches!(&*attribute.value, Expr::Call(call) if matches!(&*call.func, Expr::Attribute(before)
            if matches!(before.attr.as_str(), "rolling" | "expanding" | "ewm")))
    }

    pub(super) fn future(&mut self, receiver: &Value, args: &Args<'a>, what: &str) -> usize {
        self.taint(Rule::FutureValues, args.line, receiver.part, what.to_owned())
    }

    pub(super) fn is_labels(&self, value: &Value) -> bool {
        value.is(LABELS) || self.holds_target(value)
    }

    pub(super) fn encodes(&mut self, receiver: &Value, line: u32, what: &str) -> usize {
        let text = if self.is_solution() {
            format!("{what} goes back to the same training rows, a known leak in training: encode out of fold")
        } else {
            format!("{what} is computed from {}", self.before())
        };
        self.taint(Rule::TargetEncoding, line, receiver.part, text)
    }

    /// `crosstab` and `pivot_table`: where the target is counted or averaged, the table encodes it.
    pub(super) fn cross_table(&mut self, name: &str, args: &Args<'a>) -> Value {
        let rows = args.all().into_iter().find(|value| value.is_data()).cloned().unwrap_or_default();
        let said: Set = ["values", "columns", "index"]
            .iter()
            .filter_map(|keyword| args.keyword(keyword)?.texts())
            .chain(args.values.iter().filter_map(Value::texts))
            .flatten()
            .collect();
        let mut table = Value { part: rows.part, root: rows.root, line: args.line, ..Value::new(What::Stat) };
        for value in args.all() {
            table.taints.extend(value.all_taints());
        }
        let held = args.all().iter().any(|value| value.what != What::Frame && self.is_labels(value));
        if held || said.iter().any(|name| self.is_target(name)) {
            let taint = self.encodes(&rows, args.line, &format!("{name} of the target"));
            table.taints.insert(taint);
        }
        table
    }

    pub(super) fn group_method(&mut self, groups: &Value, name: &str, args: &Args<'a>) -> Value {
        if let Some(mut value) = self.along_time(groups, name, args) {
            if value.what == What::GroupBy && matches!(name, "shift" | "diff" | "pct_change" | "cumsum" | "bfill") {
                value.what = What::Column;
            }
            return value;
        }
        let mut value = Value { what: What::Column, cols: Cols::Unknown, ..groups.clone() };
        value.made.clear();
        let on_labels = self.is_labels(groups) && !groups.from.is_empty();
        let said: Set = args
            .all()
            .iter()
            .flat_map(|value| value.leaves())
            .filter_map(|leaf| leaf.as_text().map(ToOwned::to_owned))
            .collect();
        let all = args.all();
        let keys = all.iter().filter_map(|value| if let What::Dict(items) = &value.what { Some(items) } else { None });
        let keys: Set = keys.flatten().map(|(name, _)| name.clone()).collect();
        match name {
            "transform" | "apply" | "agg" | "aggregate" | "mean" | "median" | "std" | "sum" | "quantile" | "min"
            | "max" => {
                if let Some(What::Function(index)) = args.values.first().map(|value| value.what.clone()) {
                    let column = Value {
                        what: if groups.from.is_empty() { What::Frame } else { What::Column },
                        ..groups.clone()
                    };
                    let given = self.invoke(index, &[column], &[]);
                    if given.is_data() {
                        return Value { part: groups.part, ..given };
                    }
                } else if !said.is_empty()
                    && said
                        .iter()
                        .all(|word| matches!(word.as_str(), "count" | "size" | "nunique" | "cumcount" | "first"))
                {
                    let once = said.iter().all(|word| matches!(word.as_str(), "cumcount" | "first"));
                    value.taints.extend((!once).then(|| self.grouped_batch(groups, &groups.by, name, args)).flatten());
                    return Value { what: What::Column, from: Set::new(), ..value };
                }
                let names_target = groups.from.is_empty() && said.union(&keys).any(|name| self.is_target(name));
                value.marks |= GROUPED;
                value.from.clear();
                value.marks &= !LABELS;
                if on_labels || names_target {
                    let what = format!(
                        "{} of the target for each group",
                        if said.is_empty() || name != "transform" { name } else { "mean" }
                    );
                    let taint = self.encodes(groups, args.line, &what);
                    value.taints.insert(taint);
                } else if groups.from.is_empty() && keys.is_empty() && args.keywords.is_empty() {
                    value.what = What::Frame;
                    let targets: Vec<String> =
                        self.facts.targets.iter().cloned().chain(self.about.target.map(ToOwned::to_owned)).collect();
                    for target in targets.iter().filter(|target| groups.holds(target)) {
                        let taint = self.encodes(groups, args.line, &format!("{name} of the target for each group"));
                        value.made.insert(
                            target.clone(),
                            Made { taints: [taint].into(), line: args.line, ..Made::default() },
                        );
                    }
                }
                value.taints.extend(self.grouped_batch(groups, &groups.by, name, args));
                value.line = args.line;
                value
            }
            "size" | "count" | "nunique" | "last" | "value_counts" | "nth" | "mode" => {
                let taint = self.grouped_batch(groups, &groups.by, name, args);
                value.taints.extend(taint);
                Value { from: Set::new(), ..value }.without(LABELS)
            }
            "cumcount" | "ngroup" | "rank" => Value { from: Set::new(), ..value }.without(LABELS),
            _ => Value { what: groups.what.clone(), ..value },
        }
    }
}

/// Whether the number of steps is written with a minus before a name.
fn is_negated(args: &Args<'_>) -> bool {
    let by = args.call.arguments.args.first().or_else(|| {
        let keywords = args.call.arguments.keywords.iter();
        keywords
            .filter(|keyword| keyword.arg.as_ref().is_some_and(|name| name == "periods" || name == "n"))
            .map(|keyword| &keyword.value)
            .next()
    });
    by.is_some_and(is_below_zero)
}

/// Whether an expression is a name with a minus before it, or such a name multiplied or divided.
fn is_below_zero(by: &Expr) -> bool {
    match by {
        Expr::UnaryOp(by) => by.op == UnaryOp::USub && !matches!(&*by.operand, Expr::NumberLiteral(_)),
        Expr::BinOp(by) if matches!(by.op, Operator::FloorDiv | Operator::Mult | Operator::Div) => {
            is_below_zero(&by.left) || is_minus_one(&by.left) || is_minus_one(&by.right)
        }
        Expr::Call(call) => call.arguments.args.len() == 1 && call.arguments.args.first().is_some_and(is_below_zero),
        _ => false,
    }
}

fn is_minus_one(by: &Expr) -> bool {
    matches!(by, Expr::UnaryOp(by) if by.op == UnaryOp::USub && matches!(&*by.operand, Expr::NumberLiteral(_)))
}
