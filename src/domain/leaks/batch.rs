//! What is reckoned anew from whatever rows come in: ranks, bins by quantile, counts and statistics within groups.

use super::Rule;
use super::call::Args;
use super::names;
use super::state::{Stage, Walk};
use super::value::{GROUPED, LABELS, SUBSET, Set, Side, Value, What};

/// Functions and methods that place each row among the others.
fn places(name: &str) -> bool {
    matches!(
        name,
        "qcut" | "rankdata" | "rank" | "factorize" | "ntile" | "mstats_winsorize" | "winsorize" | "quantile_bins"
    )
}

impl<'a> Walk<'a> {
    /// Rows that are placed among each other by a function.
    pub(super) fn placed(&mut self, path: &str, name: &str, args: &Args<'a>) -> Option<Value> {
        let bins = |value: &Value| matches!(value.what, What::Number(_));
        let cuts = name == "cut" && path.contains('.') && args.get(1, "bins").is_some_and(bins);
        if !places(name) && !cuts {
            return None;
        }
        let first = args.values.first().or(args.keyword("x")).or(args.keyword("a")).cloned()?;
        self.placed_among(&first, name, args)
    }

    /// Rows that are placed among each other by a method.
    pub(super) fn placed_among(&mut self, rows: &Value, name: &str, args: &Args<'a>) -> Option<Value> {
        let across = args.axis_is_columns();
        if !(places(name) || name == "cut")
            || !rows.is_data()
            || across
            || matches!(rows.what, What::GroupBy | What::Pred(_))
        {
            return None;
        }
        let mut value = rows.clone();
        // Codes by first appearance differ from one batch to the next; over all rows they tell nothing.
        let harmless = matches!(name, "factorize" | "cut") && !self.is_valid(rows);
        if !harmless && !self.only_labels(rows) && !self.is_labels(rows) {
            let what = match name {
                "qcut" => "the edges of the bins (qcut)".to_owned(),
                "cut" => "the width of the bins (cut)".to_owned(),
                "factorize" => "the code of a value (factorize)".to_owned(),
                _ => format!("{name}()"),
            };
            let taint = self.statistic(rows.part, args.line, &what);
            value.taints.insert(taint);
        }
        if name == "factorize" {
            return Some(Value::list(vec![value, Value::new(What::Ids)]));
        }
        Some(value)
    }

    /// How often each value occurs among the rows at hand.
    pub(super) fn how_often(&mut self, rows: &Value, line: u32) -> Value {
        let mut value = Value { part: rows.part, root: rows.root, ..Value::new(What::Stat) };
        let whole = rows.part.is_some_and(|part| self.side(part) == Side::All);
        if self.is_valid(rows) {
            value.taints.insert(self.statistic(rows.part, line, "how often a value occurs"));
        } else if whole && !self.is_solution() && !self.is_labels(rows) && self.about.time.is_some() {
            let text = "how often a value occurs is counted over later rows too".to_owned();
            value.taints.insert(self.taint(Rule::FutureValues, line, rows.part, text));
        } else if whole && !self.is_solution() && !self.is_labels(rows) {
            value.taints.insert(self.statistic(rows.part, line, "how often a value occurs"));
        }
        value
    }

    /// `unique` with counts: the values, where they stand, and how often they occur.
    pub(super) fn counted_values(&mut self, rows: &Value, args: &Args<'a>) -> Value {
        let mut values = vec![Value { what: What::Ids, ..rows.clone() }.without(LABELS)];
        for flag in ["return_index", "return_inverse"] {
            if args.flag(flag) == Some(true) {
                values.push(Value { what: What::Index, ..Value::default() });
            }
        }
        values.push(self.how_often(rows, args.line));
        Value::list(values)
    }

    /// A table of all rows of each group that is put back beside the rows it was made from.
    pub(super) fn put_back(&mut self, rows: &Value, table: &Value, line: u32) -> Option<usize> {
        let by_time = table.by.iter().any(|name| self.about.time == Some(name) || names::sounds_like_time(name));
        let whole = !self.is_solution() && rows.part.is_some_and(|part| self.side(part) == Side::All);
        let same = table.is(GROUPED) && table.root == rows.root && rows.root != 0 && table.part == rows.part;
        if !same || by_time || !whole || table.is(SUBSET) || self.inner || self.about.time.is_none() {
            return None;
        }
        let text = "what is reckoned over all rows of a group takes in later ones".to_owned();
        Some(self.taint(Rule::FutureValues, line, rows.part, text))
    }

    /// What goes into a column from a statistic within groups of the rows at hand.
    pub(super) fn grouped_batch(&mut self, groups: &Value, by: &Set, name: &str, args: &Args<'a>) -> Option<usize> {
        let by_time = by.iter().any(|name| self.about.time == Some(name) || names::sounds_like_time(name));
        if by_time || self.inner {
            return None;
        }
        let valid = self.is_solution() && self.stage == Stage::Apply && self.is_valid(groups);
        let whole = !self.is_solution() && groups.part.is_some_and(|part| self.side(part) == Side::All);
        if self.about.time.is_some() && (valid || (whole && name == "transform")) {
            let text = format!("{} over all rows of a group takes in later ones", self.source(args.call));
            return Some(self.taint(Rule::FutureValues, args.line, groups.part, text));
        }
        valid.then(|| self.statistic(groups.part, args.line, "a statistic of each group"))
    }
}
