//! Rows and columns that are picked out of a frame.

use ruff_python_ast::{Expr, ExprSlice, UnaryOp};

use super::Rule;
use super::state::Walk;
use super::value::{Cols, MASK, OFFSET, RANDOM, REVERSED, ROWID, SUBSET, Side, VAGUE, Value, What, blend};

impl<'a> Walk<'a> {
    pub(super) fn bounds(&mut self, slice: &'a ExprSlice) -> Option<(i64, Option<i64>)> {
        let mut number = |bound: &'a Option<Box<Expr>>| match bound {
            None => Some(None),
            Some(bound) => match self.eval(bound).what {
                What::Number(number) => Some(Some(number)),
                _ => None,
            },
        };
        let (lower, upper) = (number(&slice.lower)?, number(&slice.upper)?);
        Some((lower.unwrap_or(0), upper))
    }

    /// Rows, columns or both.
    pub(super) fn pick(&mut self, base: &Value, slice: &'a Expr, accessor: &str, line: u32) -> Value {
        match slice {
            Expr::Tuple(tuple) if tuple.elts.len() == 2 && base.is_data() => {
                let (Some(rows), Some(columns)) = (tuple.elts.first(), tuple.elts.get(1)) else { return base.clone() };
                let rows = self.pick_rows(base, rows, line);
                self.pick_columns(&rows, columns, line)
            }
            Expr::Slice(_) => self.pick_rows(base, slice, line),
            _ => {
                if base.what == What::Frame && accessor.is_empty() || base.what == What::GroupBy {
                    let key = self.eval(slice);
                    if key.as_text().is_some() || matches!(key.what, What::List(_) | What::Names) {
                        return Self::columns_by(base, &key, line);
                    }
                    if !matches!(key.what, What::Column | What::Index | What::Ids | What::Random) && !key.is_data() {
                        return if base.what == What::GroupBy { base.clone() } else { base.select(&key, line) };
                    }
                }
                self.pick_rows(base, slice, line)
            }
        }
    }

    pub(super) fn columns_by(base: &Value, key: &Value, line: u32) -> Value {
        if base.what == What::GroupBy {
            let mut groups = base.clone();
            groups.from = key.texts().unwrap_or_default();
            let more: Vec<String> = groups.from.iter().flat_map(|name| base.column(name).from).collect();
            if groups.from.len() == 1 {
                groups.from.extend(more);
            }
            return groups;
        }
        match key.as_text() {
            Some(name) => base.column(name),
            None => base.select(key, line),
        }
    }

    pub(super) fn pick_columns(&mut self, base: &Value, columns: &'a Expr, line: u32) -> Value {
        if base.what != What::Frame {
            self.eval(columns);
            return base.clone();
        }
        if let Expr::Slice(slice) = columns {
            let mut frame = base.clone();
            match (self.bounds(slice), &base.cols) {
                (Some((0, None)), _) => {}
                (Some((from, to)), Cols::AllBut(but)) if but.is_empty() => {
                    frame.cols = Cols::Slice(from, to);
                    frame.line = line;
                    frame.made.clear();
                }
                _ => {
                    frame.cols = Cols::Unknown;
                    frame.line = line;
                }
            }
            return frame;
        }
        let key = self.eval(columns);
        match &key.what {
            What::Number(place) => base.column(&format!("#{place}")),
            What::Text(name) => base.column(name),
            What::List(items) if items.iter().all(|item| matches!(item.what, What::Number(_))) => {
                let places = items.iter().filter_map(|item| match item.what {
                    What::Number(place) => Some(format!("#{place}")),
                    _ => None,
                });
                Value { cols: Cols::Only(places.collect()), line, ..base.clone() }
            }
            _ => base.select(&key, line),
        }
    }

    pub(super) fn pick_rows(&mut self, base: &Value, rows: &'a Expr, line: u32) -> Value {
        if let Expr::Slice(slice) = rows {
            return self.slice_rows(base, slice);
        }
        let key = self.eval(rows);
        self.looks_up("[]", base, std::slice::from_ref(&key), line);
        let mut value = if key.what == What::Index { base.clone() } else { self.in_order(base.clone()) };
        let kept = key.all_taints().into_iter();
        value.taints.extend(kept.filter(|taint| {
            self.taints
                .get(*taint)
                .is_some_and(|t| !matches!(t.rule, Rule::FitBeforeSplit | Rule::TrainScore | Rule::FutureValues))
        }));
        value.scores.extend(key.all_scores());
        let is_rows = base.is_data() || matches!(base.what, What::Index | What::Ids);
        if !is_rows {
            let mut blended = blend(&[base, &key]);
            if base.what == What::Random {
                blended.what = What::Index;
            }
            return blended;
        }
        if key.what == What::Index || (key.what == What::Ids && key.part.is_some()) {
            if key.is(RANDOM) {
                value.marks |= RANDOM;
            }
            if let Some(part) = key.part {
                self.cut_late(base, part);
                let part = self.mask_within(&key, base.part, part);
                if key.is(RANDOM) {
                    self.drew_at_random(&Value { part: None, ..value.clone() }, line);
                }
                let same_rows = key.is(ROWID) && Some(part) == base.part;
                value.part = Some(part);
                if !same_rows {
                    value.marks |= SUBSET;
                }
                value.marks &= !VAGUE;
                return value;
            }
            value.marks |= VAGUE | SUBSET;
        } else if key.is(MASK)
            || matches!(rows, Expr::UnaryOp(_))
            || key.what == What::Column
            || (key.what == What::Unknown && matches!(rows, Expr::Name(_)))
        {
            value.marks |= VAGUE | SUBSET;
        }
        let (name, side) = match rows {
            Expr::Name(name) => (Some(name.id.as_str()), Side::Train),
            Expr::UnaryOp(not) if not.op == UnaryOp::Invert => match &*not.operand {
                Expr::Name(name) => (Some(name.id.as_str()), Side::Test),
                _ => (None, Side::Test),
            },
            _ => (None, Side::Train),
        };
        if let (Some(name), true) = (name, value.is(VAGUE))
            && let Some((_, word)) = super::names::hint(name)
        {
            let hinted = super::names::hint(name).map_or(Side::Test, |(side, _)| side);
            let (key, hinted) = if word == "train" { ("test", Side::Train) } else { (word, hinted) };
            let flipped = match (side, hinted) {
                (Side::Test, Side::Train) => Side::Test,
                (Side::Test, _) => Side::Train,
                (_, hinted) => hinted,
            };
            let of = value.part.unwrap_or(super::value::WHOLE);
            value.part = Some(self.named_part(of, key, flipped));
            self.drew_at_random(&value, line);
            value.marks &= !VAGUE;
        }
        value
    }

    /// A random mask over some of the rows cuts only these.
    fn mask_within(&mut self, key: &Value, of: Option<usize>, part: usize) -> usize {
        let Some(of) = of.filter(|of| *of != super::value::WHOLE && key.is(RANDOM)) else { return part };
        let Some(known) = self.parts.get(part) else { return part };
        if known.of != Some(super::value::WHOLE) {
            return part;
        }
        let (side, one) = (known.side, known.twin.unwrap_or(part).min(part));
        self.named_part(of, &format!("mask {one}"), side)
    }

    pub(super) fn slice_rows(&mut self, base: &Value, slice: &'a ExprSlice) -> Value {
        let mut value = base.clone();
        let text = |bound: &Option<Box<Expr>>| bound.as_ref().map(|bound| self.source(&**bound));
        let (lower, upper) = (text(&slice.lower), text(&slice.upper));
        for bound in [&slice.lower, &slice.upper].into_iter().flatten() {
            self.eval(bound);
        }
        if value.what == What::Random {
            value.what = What::Index;
            value.part = None;
        }
        let of = value.part.unwrap_or(super::value::WHOLE);
        match (lower, upper) {
            (None, Some(bound)) => {
                self.next.uppers.insert(bound.clone());
                let opposite = bound.strip_prefix('-').map(ToOwned::to_owned);
                if opposite.is_some_and(|bound| self.facts.lowers.contains(&bound)) {
                    return value.with(OFFSET);
                }
                value.marks |= VAGUE | SUBSET;
                if self.facts.lowers.contains(&bound) {
                    value.part = Some(self.named_part(of, &format!("[{bound}]"), Side::Train));
                    value.marks &= !VAGUE;
                }
                value
            }
            (Some(bound), None) => {
                self.next.lowers.insert(bound.clone());
                if self.facts.uppers.contains(&format!("-{bound}")) && !self.facts.uppers.contains(&bound) {
                    value.from.clear();
                    return value.with(OFFSET);
                }
                value.marks |= VAGUE | SUBSET;
                if self.facts.uppers.contains(&bound) {
                    value.part = Some(self.named_part(of, &format!("[{bound}]"), Side::Test));
                    value.marks &= !VAGUE;
                }
                value
            }
            (Some(lower), Some(upper)) => {
                self.next.lowers.insert(lower);
                self.next.uppers.insert(upper);
                value.with(VAGUE | SUBSET)
            }
            (None, None) => {
                let back = slice.step.as_ref().is_some_and(|step| self.eval(step).what == What::Number(-1));
                if back {
                    value.marks ^= REVERSED;
                }
                value
            }
        }
    }
}
