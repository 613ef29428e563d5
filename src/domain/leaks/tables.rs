//! Frames that are made, and rows and columns that are put together.

use super::Rule;
use super::call::Args;
use super::state::Walk;
use super::value::{Cols, LABELS, MASK, Made, OFFSET, SUBSET, Side, VAGUE, VALID, Value, WHOLE, What, blend};

impl<'a> Walk<'a> {
    pub(super) fn frame(&mut self, first: &Value, args: &Args<'a>) -> Value {
        let line = args.line;
        let data =
            if args.values.is_empty() { args.keyword("data").cloned().unwrap_or_default() } else { first.clone() };
        if !data.all_scores().is_empty() {
            return blend(&[&data]);
        }
        if let What::Dict(items) = &data.what {
            let blended = blend(&[&data]);
            let part = blended.part.or(Some(WHOLE));
            let mut frame = Value { part, root: self.new_root(), line, ..Value::new(What::Frame) };
            frame.cols = Cols::Only(items.iter().map(|(name, _)| name.clone()).collect());
            for (name, value) in items {
                let made = Made { from: value.from.clone(), taints: value.all_taints(), line, noisy: true };
                frame.made.insert(name.clone(), made);
                frame.marks |= value.marks & LABELS;
            }
            return frame;
        }
        let mut frame = blend(&[&data]);
        if data.what == What::Frame {
            frame.cols = data.cols.clone();
            frame.made.clone_from(&data.made);
            frame.line = data.line;
        }
        if !matches!(frame.what, What::Pred(_) | What::Score) {
            frame.what = What::Frame;
        }
        if frame.part.is_none() && !frame.is(VAGUE) && frame.what == What::Frame {
            frame.part = args.keyword("index").and_then(|index| index.part).or(Some(WHOLE));
            if frame.root == 0 {
                frame.root = self.new_root();
            }
        }
        if let (Some(names), true) = (args.keyword("columns"), data.what != What::Frame) {
            frame.cols = names.texts().map_or(names.cols.clone(), Cols::Only);
        }
        frame
    }

    pub(super) fn concat_columns(items: &Value, line: u32) -> Value {
        let mut value = blend(&[items]);
        let predicted = |value: &&Value| matches!(value.what, What::Pred(_));
        let all_predicted = items.leaves().iter().filter(|leaf| leaf.is_data()).all(predicted);
        if value.is_data() && !all_predicted {
            value.what = What::Frame;
        }
        if let What::List(items) = &items.what {
            let first = items.iter().find(|item| item.is_data());
            if let Some(first) = first {
                value.cols = first.cols.clone();
                value.line = line;
                value.made.clone_from(&first.made);
                if first.what == What::Column {
                    value.cols = Cols::Only(first.from.clone());
                }
            }
            for item in items.iter().skip(1) {
                if item.what == What::Frame {
                    value.made.extend(item.made.clone());
                    if let (Cols::Only(mine), Cols::Only(more)) = (&mut value.cols, &item.cols) {
                        mine.extend(more.iter().cloned());
                    } else if value.cols != item.cols {
                        value.cols = Cols::Unknown;
                    }
                } else if item.what == What::Column
                    && let (Some(name), 1) = (item.from.first(), item.from.len())
                {
                    value = super::place::put(&value, std::slice::from_ref(name), item, value.line);
                }
            }
        }
        value.marks &= !(MASK | VAGUE);
        value
    }

    pub(super) fn concat_rows(&mut self, items: &Value, name: &str, line: u32) -> Value {
        let What::List(items) = &items.what else { return blend(&[items]) };
        let items: Vec<&Value> = items.iter().collect();
        let mut value = blend(&items);
        let frames: Vec<&&Value> = items.iter().filter(|item| item.is_data()).collect();
        if let Some(first) = frames.first() {
            value.cols = first.cols.clone();
            value.line = first.line;
            value.made.clone_from(&first.made);
        }
        value.marks &= !(SUBSET | VAGUE | OFFSET);
        if value.part.is_none() && frames.iter().all(|frame| frame.part.is_some()) {
            let parts: Vec<usize> = frames.iter().filter_map(|frame| frame.part).collect();
            value.part = if parts.contains(&VALID) && self.is_solution() { Some(VALID) } else { self.together(&parts) };
        }
        let same = |a: &Value, b: &Value| a.root != 0 && a.root == b.root && a.part == b.part && a.from == b.from;
        let doubles = frames.iter().enumerate().any(|(at, one)| {
            frames.iter().skip(at + 1).any(|other| {
                same(one, other)
                    && (**one == **other || one.is(SUBSET) != other.is(SUBSET) || !(one.is(SUBSET) || other.is(SUBSET)))
            })
        });
        let columns = frames.iter().all(|frame| frame.what == What::Column);
        if doubles && !columns && !value.is(LABELS) && !frames.iter().any(|frame| frame.is(OFFSET)) {
            self.repeated(&mut value, line, &format!("{name}() adds copies of rows"));
        }
        value
    }

    /// Rows of several parts: all of what was split, unless a test part was left out.
    fn together(&mut self, parts: &[usize]) -> Option<usize> {
        if let Some(joined) = self.joined(parts) {
            return Some(joined);
        }
        let all = self.ancestor(parts);
        let sides =
            |walk: &Self, all: usize| walk.side(all) == Side::All && !parts.contains(&all) && !walk.is_solution();
        let Some(of) = all.filter(|all| sides(self, *all)) else { return all };
        let left_out = parts.iter().find_map(|part| {
            let known = self.parts.get(*part).filter(|known| known.side == Side::Train && known.loops == 0)?;
            let twin = known.twin?;
            let apart = parts.iter().all(|other| !self.contains(twin, *other) && !self.contains(*other, twin));
            apart.then_some(twin)
        });
        let Some(twin) = left_out.filter(|_| parts.iter().any(|part| Some(part) != parts.first())) else { return all };
        let key = format!("{parts:?}");
        if let Some(known) = self.named.get(&(of, key.clone(), Side::Train)) {
            return Some(*known);
        }
        let holds = parts.to_vec();
        self.parts.push(super::value::Part { side: Side::Train, of: Some(of), loops: 0, twin: Some(twin), holds });
        self.named.insert((of, key, Side::Train), self.parts.len() - 1);
        Some(self.parts.len() - 1)
    }

    /// Rows to test on that came by themselves, put to the others.
    fn joined(&mut self, parts: &[usize]) -> Option<usize> {
        let root = |walk: &Self, part: usize| {
            let mut at = part;
            while let Some(of) = walk.parts.get(at).and_then(|part| part.of) {
                at = of;
            }
            at
        };
        let apart = |part: &usize| {
            let root = root(self, *part);
            root > VALID && self.side(root) == Side::Test
        };
        if self.is_solution() || !parts.iter().any(apart) || parts.iter().all(apart) {
            return None;
        }
        let key = format!("joined {parts:?}");
        if let Some(known) = self.named.get(&(WHOLE, key.clone(), Side::All)) {
            return Some(*known);
        }
        let holds = parts.to_vec();
        self.parts.push(super::value::Part { side: Side::All, of: None, loops: 0, twin: None, holds });
        self.named.insert((WHOLE, key, Side::All), self.parts.len() - 1);
        Some(self.parts.len() - 1)
    }

    pub(super) fn ancestor(&self, parts: &[usize]) -> Option<usize> {
        let first = *parts.first()?;
        let mut at = Some(first);
        while let Some(part) = at {
            if parts.iter().all(|other| self.contains(part, *other)) {
                return Some(part);
            }
            at = self.parts.get(part).and_then(|part| part.of);
        }
        Some(WHOLE)
    }

    pub(super) fn repeated(&mut self, value: &mut Value, line: u32, what: &str) {
        let whole = (value.what == What::Index).then_some(WHOLE);
        let part = value.leaves().iter().find_map(|leaf| leaf.part).or(whole);
        let text = format!("{what} before they are split, so copies end up on both sides");
        let taint = self.taint(Rule::ResampledBeforeSplit, line, part, text);
        match &mut value.what {
            What::List(items) => items.iter_mut().for_each(|item| {
                item.taints.insert(taint);
            }),
            _ => {
                value.taints.insert(taint);
            }
        }
    }
}
