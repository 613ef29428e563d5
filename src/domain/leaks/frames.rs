//! What the methods of frames and columns do to rows and columns.

use ruff_python_ast::{Expr, Number};

use super::Rule;
use super::call::Args;
use super::names::{self};
use super::state::Walk;
use super::value::{
    Cols, LABELS, LISTED, MASK, Made, NOISY, RANDOM, REVERSED, ROWID, SOFT, SORTED, SUBSET, Set, Side, VAGUE, Value,
    What, blend,
};

impl<'a> Walk<'a> {
    #[expect(clippy::too_many_lines, reason = "one arm for each method of a frame")]
    pub(super) fn data_method(&mut self, receiver: Value, holder: &'a Expr, name: &str, args: &Args<'a>) -> Value {
        if receiver.what == What::GroupBy {
            let by_expressions = self.polars_method(&receiver, name, args);
            return by_expressions.unwrap_or_else(|| self.group_method(&receiver, name, args));
        }
        if let Some(value) = self.choosing(&receiver, name, args) {
            return value;
        }
        if let Some(value) = self.polars_method(&receiver, name, args) {
            return value;
        }
        if let Some(value) = self.along_time(&receiver, name, args) {
            return self.in_place(value, holder, args);
        }
        if let Some(value) = self.placed_among(&receiver, name, args) {
            return value;
        }
        if matches!(name, "astype" | "cast")
            && args.call.arguments.args.first().is_some_and(super::dummies::names_number)
            && let Expr::Attribute(method) = &*args.call.func
        {
            self.treated_as_number(&receiver, &method.value);
        }
        match name {
            "drop" | "drop_duplicates" | "rename" | "set_index" | "pop" | "assign" | "filter" | "select_dtypes"
            | "_get_numeric_data" | "merge" | "join" | "query" | "head" | "tail" | "sample" | "insert" | "get"
            | "truncate" | "first" | "last" | "limit" | "sort" | "sort_values" | "sort_index" | "set_axis"
            | "nlargest" | "nsmallest" | "slice" => self.reshape(receiver, holder, name, args),
            "fillna" | "fill_null" | "fill_nan" | "replace_strict" | "replace" | "clip" | "map" | "where" | "mask"
            | "sub" | "div" | "add" | "mul" | "subtract" | "divide" | "combine_first" => {
                let mut value = receiver.clone();
                for argument in args.all() {
                    value.taints.extend(argument.all_taints());
                    if name == "map" {
                        value.taints.extend(self.mapped(&receiver, argument, args.line));
                        value.taints.extend(self.put_back(&receiver, argument, args.line));
                    }
                    if name.starts_with("fill") {
                        let what = format!("the value that fills gaps ({})", self.source(args.call));
                        value.taints.extend(self.filled_by(argument, args.line, &what));
                    }
                    if matches!(argument.what, What::Lookup) {
                        value.marks |= NOISY;
                    }
                }
                self.in_place(value, holder, args)
            }
            "groupby" | "group_by" => {
                let by = args.get(0, "by").and_then(Value::texts).filter(|by| by.len() == 1);
                self.next.counted.extend(by.unwrap_or_default());
                let mut groups = receiver.clone();
                groups.by = args.get(0, "by").and_then(Value::texts).unwrap_or_default();
                groups.by.extend(args.get(0, "by").iter().flat_map(|by| by.from.iter().cloned()));
                groups.what = What::GroupBy;
                if receiver.what == What::Frame {
                    groups.from.clear();
                }
                groups
            }
            "corr" if receiver.what == What::Frame => {
                Value { part: receiver.part, line: args.line, ..Value::new(What::Corr) }
            }
            "corr" | "corrwith" => {
                let others: Vec<&Value> = args.all();
                let labelled = others.iter().any(|other| self.holds_target(other)) || self.holds_target(&receiver);
                let mut value = Value { part: receiver.part, ..Value::new(What::Stat) };
                if labelled {
                    let taint = self.relation(receiver.part, args.line, "the correlation with the target");
                    value.taints.insert(taint);
                }
                value
            }
            "apply" | "applymap" | "transform" | "pipe" | "agg" | "aggregate" => self.applied_to(&receiver, name, args),
            "isin" | "is_in" => {
                let ids = args.values.first().cloned().unwrap_or_default();
                match ids.what {
                    What::Ids | What::Index if ids.is(VAGUE) => Value::new(What::Index).with(VAGUE),
                    What::Ids | What::Index if ids.part.is_some() => {
                        Value { part: ids.part, ..Value::new(What::Index) }
                    }
                    _ => Value { what: What::Column, ..receiver }.with(MASK),
                }
            }
            "unique" => Value { what: What::Ids, ..receiver }.without(LABELS),
            "pivot_table" => {
                let mut more = args.values.clone();
                more.insert(0, receiver);
                self.cross_table(name, &Args { values: more, keywords: args.keywords.clone(), ..*args })
            }
            "repeat" => {
                let mut value = receiver;
                self.repeated(&mut value, args.line, "repeat() copies rows");
                value
            }
            "tolist" | "to_list" if receiver.what == What::Column => receiver.with(LISTED),
            "append" | "_append" | "vstack" | "extend" if args.values.first().is_some_and(Value::is_data) => {
                let mut rows = vec![receiver];
                rows.extend(args.values.iter().cloned());
                self.concat_rows(&Value::list(rows), name, args.line)
            }
            "split" if receiver.what == What::Ids => receiver,
            "sum" | "count" | "nunique" | "value_counts" | "describe" | "info" | "isna" | "isnull" | "size" | "any"
            | "all" | "to_csv" | "plot" | "hist" | "duplicated" | "item" | "idxmax" | "idxmin" => {
                self.counted(&receiver, name, args)
            }
            _ if names::is_statistic(name) || matches!(name, "max" | "min" | "ptp") => {
                self.summary(&receiver, name, args)
            }
            "to_pickle" | "to_parquet" | "to_feather" | "tofile" => self.writes(name, args.line),
            _ => {
                let mut value = receiver;
                for argument in args.all() {
                    value.absorb(argument);
                }
                value
            }
        }
    }

    fn counted(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Value {
        if matches!(name, "nunique" | "value_counts") && receiver.what == What::Column {
            self.next.counted.extend(receiver.from.iter().cloned());
        }
        match name {
            "to_csv" => self.writes(name, args.line),
            "isna" | "isnull" | "duplicated" => receiver.clone().with(MASK),
            "sum" | "any" | "all" | "count" if args.axis_is_columns() => {
                Value { what: What::Column, ..receiver.clone() }
            }
            "value_counts" => self.how_often(receiver, args.line),
            "sum" if receiver.is(super::value::COMPARED) => self.summary(receiver, "mean", args),
            "item" | "sum" => Value { what: What::Score, scores: receiver.scores.clone(), ..Value::default() },
            _ => Value { part: receiver.part, ..Value::new(What::Stat) },
        }
    }

    /// Picking the best of a list of scores.
    fn choosing(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        if receiver.all_scores().is_empty() || receiver.is_data() {
            return None;
        }
        match name {
            "max" | "min" | "idxmax" | "idxmin" | "argmax" | "argmin" | "nlargest" | "nsmallest" => {
                self.choose(receiver, args.line, true);
                Some(receiver.clone())
            }
            "sort_values" => Some(receiver.clone().with(SORTED)),
            "head" if receiver.is(SORTED) && args.values.first().is_some_and(|n| n.what == What::Number(1)) => {
                self.choose(receiver, args.line, false);
                Some(receiver.clone())
            }
            _ => None,
        }
    }

    /// Assigns the result where the method was asked to change its frame.
    fn in_place(&mut self, value: Value, holder: &'a Expr, args: &Args<'a>) -> Value {
        if args.flag("inplace") == Some(true) {
            self.assign(holder, value, None);
            return Value::default();
        }
        value
    }

    pub(super) fn holds_target(&self, value: &Value) -> bool {
        value.is_data() && value.from.iter().any(|name| self.is_target(name))
    }

    /// A relation to the labels that may be used to choose columns.
    pub(super) fn relation(&mut self, part: Option<usize>, line: u32, what: &str) -> usize {
        let text = format!("columns are chosen by {what} on {}", self.before());
        self.taint(Rule::SelectedBeforeSplit, line, part, text)
    }

    /// A number out of many rows.
    pub(super) fn summary(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Value {
        let by_row = args.axis_is_columns() || args.values.first().is_some_and(|axis| axis.what == What::Number(1));
        let by_row = by_row || args.keyword("axis").is_some_and(|axis| axis.what == What::Number(-1));
        if by_row && receiver.is_data() {
            let what = if matches!(receiver.what, What::Pred(_)) { receiver.what.clone() } else { What::Column };
            return Value { what, ..receiver.clone() };
        }
        if self.grouped > 0 && receiver.is(super::value::POLARS) {
            return self.group_statistic(receiver, name, args.line);
        }
        if let (What::Pred(fit), true) = (&receiver.what, receiver.is(super::value::COMPARED)) {
            return self.score(receiver.part, *fit, args.line, self.source(args.call));
        }
        if !receiver.is_data() || matches!(receiver.what, What::Pred(_)) {
            let mut value = receiver.clone();
            value.what = if receiver.scores.is_empty() { What::Stat } else { What::Score };
            return value;
        }
        let mut value = Value { part: receiver.part, root: receiver.root, ..Value::new(What::Stat) };
        value.taints.clone_from(&receiver.taints);
        if matches!(name, "max" | "min" | "ptp" | "nanmax" | "nanmin") {
            value.marks |= SOFT;
            return value;
        }
        if self.is_labels(receiver) && receiver.is(SUBSET) && self.is_solution() {
            let taint = self.encodes(receiver, args.line, "the mean of the labels of a group");
            value.taints.insert(taint);
            return value;
        }
        if self.only_labels(receiver) {
            return value;
        }
        let taint = self.statistic(receiver.part, args.line, &format!("{name}()"));
        value.taints.insert(taint);
        value
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each method of a frame")]
    fn reshape(&mut self, receiver: Value, holder: &'a Expr, name: &str, args: &Args<'a>) -> Value {
        let line = args.line;
        let first = args.values.first();
        match name {
            "drop" => {
                let by_axis =
                    args.axis_is_columns() || args.values.get(1).is_some_and(|axis| axis.what == What::Number(1));
                let columns = args.keyword("columns").or(if by_axis { args.get(0, "labels") } else { None });
                // Without an axis a single name is a column in polars, and hardly a row in pandas.
                let columns =
                    columns.or(first.filter(|first| receiver.what == What::Frame && first.as_text().is_some()));
                self.next.left.extend(columns.and_then(Value::texts).unwrap_or_default());
                let value = match columns {
                    Some(columns) => receiver.minus(columns, line),
                    None => {
                        let rows = args.get(0, "index").or(first);
                        let by_rows = rows.is_some_and(|rows| rows.is(ROWID) || rows.what == What::Index);
                        let drawn = rows.is_some_and(|rows| by_rows && self.left_over(&receiver, rows, line));
                        let receiver = if drawn { receiver.with(RANDOM) } else { receiver };
                        if receiver.what == What::Frame && by_rows { receiver.with(VAGUE | SUBSET) } else { receiver }
                    }
                };
                self.in_place(value, holder, args)
            }
            "pop" => {
                let Some(column) = first.and_then(Value::as_text) else { return blend(&[&receiver]) };
                let taken = receiver.column(column);
                self.assign(holder, receiver.minus(&Value::text(column), line), None);
                taken
            }
            "insert" => {
                if let (Some(name), Some(value)) = (args.values.get(1).and_then(Value::as_text), args.values.get(2)) {
                    let changed = super::place::put(&receiver, &[name.to_owned()], value, line);
                    self.assign(holder, changed, None);
                }
                Value::default()
            }
            "get" => first.and_then(Value::as_text).map_or(receiver.clone(), |name| receiver.column(name)),
            "assign" => {
                let mut frame = receiver;
                for (name, value) in &args.keywords {
                    let value = match value.what {
                        What::Function(index) => self.invoke(index, &[frame.clone()], &[]),
                        _ => value.clone(),
                    };
                    frame = super::place::put(&frame, std::slice::from_ref(name), &value, line);
                }
                frame
            }
            "set_index" => {
                let gone = first.filter(|_| args.flag("drop") != Some(false)).cloned().unwrap_or_default();
                let value = if gone.texts().is_some() { receiver.minus(&gone, receiver.line) } else { receiver };
                self.in_place(value, holder, args)
            }
            "rename" | "set_axis" => {
                let value = Self::renamed(receiver, args);
                self.in_place(value, holder, args)
            }
            "select_dtypes" => self.by_type(&receiver, args),
            "_get_numeric_data" => self.numbers_of(&receiver, line),
            "filter" => {
                let names = args.get(0, "items").cloned().unwrap_or_default();
                receiver.select(&names, line)
            }
            "merge" | "join" => {
                let mut frame = receiver;
                if let Some(other) = first {
                    frame.taints.extend(self.put_back(&frame, other, line));
                    frame.taints.extend(other.all_taints());
                    let more = other.made.iter().map(|(name, made)| (name.clone(), made.clone()));
                    frame.made.extend(more);
                    frame.marks |= other.marks & LABELS;
                }
                frame
            }
            "sample" => {
                let fraction =
                    args.call.arguments.find_keyword("frac").or(args.call.arguments.find_keyword("fraction"));
                let is_all = fraction.is_some_and(|fraction| is_one(&fraction.value));
                let mut frame = receiver;
                self.shuffled(&mut frame, line, "sample()");
                if !is_all {
                    frame.marks |= RANDOM | VAGUE | SUBSET;
                }
                if args.flag("replace") == Some(true) || args.flag("with_replacement") == Some(true) {
                    frame.marks &= !(RANDOM | VAGUE);
                    self.repeated(&mut frame, line, "sample(replace=True) draws rows more than once");
                }
                frame
            }
            "drop_duplicates" => {
                if receiver.what == What::Column {
                    return Value { what: What::Ids, ..receiver };
                }
                self.deduplicates(&receiver, line);
                self.in_place(receiver, holder, args)
            }
            "sort" | "sort_values" | "sort_index" => {
                let by = args.get(0, "by").and_then(Value::texts).unwrap_or_default();
                if by.iter().any(|name| names::sounds_like_time(name) || self.about.time == Some(name)) {
                    self.next.sorted = true;
                }
                let along = by.iter().any(|name| names::sounds_like_time(name) || self.about.time == Some(name));
                let ends =
                    args.call.arguments.find_keyword("ascending").or(args.call.arguments.find_keyword("descending"));
                let down = ends.is_some_and(|end| match &end.value {
                    Expr::BooleanLiteral(up) => up.value == (end.arg.as_ref().is_some_and(|name| name == "descending")),
                    _ => false,
                });
                let ordered = self.in_order(receiver.with(SORTED)).without(REVERSED);
                let ordered = if along && down { ordered.with(REVERSED) } else { ordered };
                self.in_place(ordered, holder, args)
            }
            // Of a column it cuts out letters.
            "slice" if receiver.what != What::Frame => receiver,
            _ => receiver.with(VAGUE | SUBSET),
        }
    }

    fn renamed(mut frame: Value, args: &Args<'a>) -> Value {
        let pairs = args.keyword("columns").map(|columns| columns.what.clone());
        let Some(What::Dict(pairs)) = pairs else { return frame };
        for (old, new) in pairs.iter().filter_map(|(old, new)| Some((old, new.as_text()?))) {
            if let Some(made) = frame.made.remove(old) {
                frame.made.insert(new.to_owned(), made);
            } else {
                let made = Made { from: Set::from([new.to_owned()]), line: args.line, ..Made::default() };
                frame.made.insert(new.to_owned(), made);
            }
            match &mut frame.cols {
                Cols::AllBut(but) => {
                    but.insert(old.clone());
                    but.remove(new);
                }
                Cols::Only(only) | Cols::AtLeast(only) => {
                    only.remove(old);
                    only.insert(new.to_owned());
                }
                Cols::Slice(..) | Cols::Unknown => {}
            }
        }
        frame
    }

    fn deduplicates(&mut self, receiver: &Value, line: u32) {
        let Some(part) = receiver.part else { return };
        if self.side(part) == Side::All {
            self.deduplicated = true;
        } else if !self.deduplicated
            && !self.is_solution()
            && self.parts.get(part).is_some_and(|part| part.of.is_some())
        {
            let text = "duplicates are dropped after the split, so copies of a row can be on both sides".to_owned();
            self.emit(Rule::DuplicatesBeforeSplit, line, text);
        }
    }

    fn applied_to(&mut self, receiver: &Value, name: &str, args: &Args<'a>) -> Value {
        let Some(What::Function(index)) = args.values.first().map(|value| value.what.clone()) else {
            let stat = args.values.first().and_then(Value::as_text).filter(|stat| names::is_statistic(stat));
            if let (Some(stat), true) = (stat, matches!(name, "agg" | "aggregate")) {
                return self.summary(receiver, stat, args);
            }
            return receiver.clone();
        };
        let mut values = vec![receiver.clone()];
        values.extend(args.values.iter().skip(1).cloned());
        if receiver.what == What::Frame && matches!(name, "apply" | "transform") && !args.axis_is_columns() {
            values = vec![Value { what: What::Column, ..receiver.clone() }];
        }
        let given = self.invoke(index, &values, &args.keywords);
        match given.what {
            What::Frame | What::Column => Value { part: receiver.part, root: receiver.root, ..given },
            _ if name == "pipe" => given,
            _ => {
                let mut value = Value { what: What::Column, from: given.from.clone(), ..receiver.clone() };
                value.absorb(&given);
                value
            }
        }
    }
}

fn is_one(number: &Expr) -> bool {
    let Expr::NumberLiteral(number) = number else { return false };
    match &number.value {
        Number::Int(number) => number.as_i64() == Some(1),
        Number::Float(number) => (number - 1.0).abs() < f64::EPSILON,
        Number::Complex { .. } => false,
    }
}
