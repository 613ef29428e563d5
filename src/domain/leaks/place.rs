//! Names, columns and rows that are written to or picked out.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, ExprSubscript, FStringPart, InterpolatedStringElement};

use super::Rule;
use super::state::Walk;
use super::value::{Cols, LABELS, Made, NOISY, SHARED, SOME, SORTED, SUBSET, Set, VAGUE, Value, What, blend};

impl<'a> Walk<'a> {
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value, source: Option<&'a Expr>) {
        let line = self.line_of(target);
        match target {
            Expr::Name(name) => {
                let mut value = value;
                if value.what == What::Frame && source.is_some_and(|source| is_alias(source, &name.id)) {
                    value.line = line;
                }
                if let Some(Expr::Subscript(of)) = source
                    && matches!(&*of.value, Expr::Name(same) if same.id == name.id)
                {
                    value.marks &= !(VAGUE | SUBSET);
                }
                self.labels_by_name(&name.id, &value);
                self.set(&name.id, value, line);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value),
            Expr::List(list) => self.unpack(&list.elts, &value),
            Expr::Starred(starred) => self.assign(&starred.value, value, None),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                let name = attribute.attr.as_str();
                match base.what {
                    What::Object(index) => {
                        let value = self.hinted(name, value, line);
                        self.kept_by(index, name, &value);
                        if let Some(object) = self.objects.get_mut(index) {
                            object.attributes.insert(name.to_owned(), value);
                        }
                    }
                    What::Class(index) => {
                        self.keeps(&self.source(target), &value, line);
                        if let Some(class) = self.classes.get_mut(index) {
                            class.attributes.insert(name.to_owned(), value);
                        }
                    }
                    What::Frame if name == "columns" => {
                        let frame = Value { cols: Cols::AllBut(Set::new()), made: BTreeMap::new(), ..base };
                        self.assign(&attribute.value, frame, None);
                    }
                    What::Frame if name != "index" => {
                        let frame = put(&base, &[name.to_owned()], &value, line);
                        self.assign(&attribute.value, frame, None);
                    }
                    _ => {}
                }
            }
            Expr::Subscript(subscript) => {
                if let Some(source) = source {
                    let names = self.eval(&subscript.slice).texts();
                    self.assigned_numbers(names, source);
                }
                let mut value = value;
                if let (Some(source), Expr::Slice(slice), true) = (source, &*subscript.slice, self.time_is_known()) {
                    let ends = slice.lower.is_none() && slice.upper.is_some();
                    if ends && value.what == What::Column && super::neighbours::is_later_part(source) {
                        let text = format!("{} moves later values up", self.source(source));
                        value.taints.insert(self.taint(Rule::FutureValues, line, value.part, text));
                    }
                }
                self.assign_item(subscript, &value, line);
            }
            _ => {}
        }
    }

    /// Labels are known by the name that they are given.
    fn labels_by_name(&mut self, name: &str, value: &Value) {
        let known = matches!(name, "y" | "Y" | "target" | "targets" | "labels" | "label" | "y_all" | "y_full");
        if known && value.what == What::Column && value.from.len() == 1 {
            self.next.targets.extend(value.from.iter().cloned());
        }
    }

    fn unpack(&mut self, names: &'a [Expr], value: &Value) {
        let items = match &value.what {
            What::List(items) if items.len() == names.len() => items.clone(),
            What::Folds => self.items(value).into_iter().next().map_or_else(Vec::new, |item| match item.what {
                What::List(items) => items,
                _ => Vec::new(),
            }),
            _ => Vec::new(),
        };
        for (number, name) in names.iter().enumerate() {
            let item = items.get(number).cloned().unwrap_or_else(|| {
                let mut item = blend(&[value]).with(VAGUE);
                if item.what == What::Unknown {
                    item.part = None;
                }
                item
            });
            self.assign(name, item, None);
        }
    }

    fn assign_item(&mut self, subscript: &'a ExprSubscript, value: &Value, line: u32) {
        let (holder, by_place) = match &*subscript.value {
            Expr::Attribute(attribute) if matches!(attribute.attr.as_str(), "loc" | "iloc" | "at" | "iat") => {
                (&*attribute.value, true)
            }
            other => (other, false),
        };
        let base = self.eval(holder);
        if base.is(SHARED) {
            self.keeps(&self.source(holder), value, line);
        } else if let Expr::Name(name) = holder {
            self.goes_global(&name.id, value, line);
        }
        let key = match (&*subscript.slice, by_place) {
            (Expr::Tuple(tuple), true) => match tuple.elts.as_slice() {
                [rows, columns] => {
                    self.eval(rows);
                    self.eval(columns)
                }
                _ => Value::default(),
            },
            (slice, _) => self.eval(slice),
        };
        let changed = match &base.what {
            What::Frame => {
                let mut value = value.clone();
                if let Some(guard) = self.guards.last() {
                    value.taints.extend(guard);
                }
                match key.texts() {
                    Some(names) => put(&base, &names.into_iter().collect::<Vec<_>>(), &value, line),
                    None => self.put_unnamed(&base, &subscript.slice, &value, line),
                }
            }
            What::Dict(items) => {
                let mut items = items.clone();
                let name = key.as_text().unwrap_or_default().to_owned();
                if items.len() < 40 {
                    items.push((name, value.clone()));
                }
                Value { what: What::Dict(items), ..base.clone() }
            }
            What::Path(path) if path == "os.environ" => return,
            _ if matches!(value.what, What::Pred(_)) => value.clone(),
            _ => {
                let mut changed = base.clone();
                changed.absorb(value);
                changed.from.extend(value.from.iter().cloned());
                changed.marks |= value.marks & LABELS;
                if changed.part.is_none() && changed.what == What::Unknown {
                    changed.part = value.part;
                }
                changed
            }
        };
        self.assign(holder, changed, None);
    }

    /// A column whose name is only known in part: what comes from later rows stays with that name.
    fn put_unnamed(&self, base: &Value, key: &Expr, value: &Value, line: u32) -> Value {
        let mut frame = base.clone();
        let is_future = |taint: &usize| self.taints.get(*taint).is_some_and(|taint| taint.rule == Rule::FutureValues);
        let (later, other): (BTreeSet<usize>, BTreeSet<usize>) = value.all_taints().into_iter().partition(is_future);
        frame.taints.extend(other);
        match pattern(key) {
            Some(name) if !later.is_empty() => {
                frame.made.insert(name, Made { taints: later, line, ..Made::default() });
            }
            _ => frame.taints.extend(later),
        }
        frame
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        if let Expr::Subscript(subscript) = target {
            let base = self.eval(&subscript.value);
            let key = self.eval(&subscript.slice);
            if base.what == What::Frame {
                let line = self.line_of(target);
                self.assign(&subscript.value, base.minus(&key, line), None);
            }
        }
    }

    pub(super) fn subscript(&mut self, subscript: &'a ExprSubscript) -> Value {
        let line = self.line_of(subscript);
        let (base, accessor) = match &*subscript.value {
            Expr::Attribute(attribute) if matches!(attribute.attr.as_str(), "loc" | "iloc" | "at" | "iat") => {
                (self.eval(&attribute.value), attribute.attr.as_str())
            }
            other => (self.eval(other), ""),
        };
        match &base.what {
            What::Path(path) => {
                let path = path.clone();
                let key = self.eval(&subscript.slice);
                return self.environment(&path, &key, line);
            }
            What::List(items) => {
                let items = items.clone();
                return self.element(&items, &base, &subscript.slice, line);
            }
            What::Dict(items) => {
                let key = self.eval(&subscript.slice);
                let found = key.as_text().and_then(|key| items.iter().rev().find(|(name, _)| name == key));
                return match found {
                    Some((_, value)) => value.clone(),
                    None => blend(&[&base]),
                };
            }
            What::Object(index) => {
                let key = self.eval(&subscript.slice);
                return self.step_of(*index, &key).unwrap_or(base);
            }
            What::Corr => {
                let key = self.eval(&subscript.slice);
                if key.as_text().is_some_and(|name| self.is_target(name)) {
                    let taint = self.relation(base.part, line, "the correlation with the target");
                    let mut column = Value { part: base.part, ..Value::new(What::Stat) };
                    column.taints.insert(taint);
                    return column;
                }
                return base;
            }
            What::Names => {
                return match &*subscript.slice {
                    Expr::Slice(slice) => {
                        let cols = match (&base.cols, self.bounds(slice)) {
                            (Cols::AllBut(but), Some((from, to))) if but.is_empty() => Cols::Slice(from, to),
                            _ => Cols::Unknown,
                        };
                        Value { cols, ..base }
                    }
                    other => {
                        let key = self.eval(other);
                        let mut names = Value { cols: Cols::Unknown, ..base };
                        names.absorb(&key);
                        names
                    }
                };
            }
            _ => {}
        }
        if base.is(SORTED) && !base.scores.is_empty() && !matches!(&*subscript.slice, Expr::StringLiteral(_)) {
            self.choose(&base, line, false);
        }
        self.pick(&base, &subscript.slice, accessor, line)
    }

    fn environment(&mut self, path: &str, key: &Value, line: u32) -> Value {
        match (path, key.as_text()) {
            ("os.environ", Some("RATIONALE_TARGET")) => Value::text(self.about.target.unwrap_or("<target>")),
            ("os.environ", Some("RATIONALE_DATA")) | ("sys.argv", _) => Value::new(What::DataPath),
            ("os.environ", Some(name)) if name.starts_with("RATIONALE") => {
                self.emit(Rule::ReadsHoldout, line, format!("{name} leads to what the code was not handed"));
                Value::default()
            }
            _ if path.ends_with("r_") => self.concat_rows(key, "np.r_", line),
            _ => blend(&[key]),
        }
    }

    fn element(&mut self, items: &[Value], base: &Value, slice: &'a Expr, line: u32) -> Value {
        if let Expr::Slice(slice) = slice {
            return match self.bounds(slice) {
                Some((0, Some(1))) if base.is(SORTED) => {
                    self.choose(base, line, false);
                    base.clone()
                }
                _ => base.clone(),
            };
        }
        let key = self.eval(slice);
        let What::Number(at) = key.what else { return blend(&[base, &key]) };
        if base.is(SORTED) {
            self.choose(base, line, false);
        }
        let at = if at < 0 {
            items.len().checked_sub(at.unsigned_abs().try_into().unwrap_or(0))
        } else {
            usize::try_from(at).ok()
        };
        at.and_then(|at| items.get(at)).cloned().unwrap_or_else(|| blend(&[base]))
    }
}

/// The name of a column with a mark for what is filled in.
fn pattern(key: &Expr) -> Option<String> {
    let Expr::FString(text) = key else { return None };
    let mut name = String::new();
    for part in &text.value {
        match part {
            FStringPart::Literal(literal) => name.push_str(literal),
            FStringPart::FString(string) => {
                for element in &string.elements {
                    match element {
                        InterpolatedStringElement::Literal(literal) => name.push_str(&literal.value),
                        InterpolatedStringElement::Interpolation(_) => name.push_str(SOME),
                    }
                }
            }
        }
    }
    Some(name)
}

/// Whether an expression is another name for all of a frame.
fn is_alias(source: &Expr, name: &str) -> bool {
    match source {
        Expr::Name(other) => other.id != name,
        Expr::Attribute(attribute) => attribute.attr.as_str() == "values" && is_alias(&attribute.value, name),
        Expr::Call(call) => match &*call.func {
            Expr::Attribute(method) => {
                matches!(method.attr.as_str(), "copy" | "to_numpy" | "astype" | "dropna" | "reset_index")
                    && is_alias(&method.value, name)
            }
            _ => false,
        },
        _ => false,
    }
}

/// A frame with columns written to it.
pub(super) fn put(frame: &Value, names: &[String], value: &Value, line: u32) -> Value {
    let mut frame = frame.clone();
    for name in names {
        if name.contains(SOME) {
            frame.taints.extend(value.all_taints());
            continue;
        }
        let mut from = value.from.clone();
        if value.what == What::Frame && from.is_empty() {
            from.insert(name.clone());
        }
        let made = Made { from, taints: value.all_taints(), line, noisy: value.is(NOISY) };
        frame.made.insert(name.clone(), made);
        match &mut frame.cols {
            Cols::AllBut(but) => {
                but.remove(name);
            }
            Cols::Only(only) | Cols::AtLeast(only) => {
                only.insert(name.clone());
            }
            Cols::Slice(..) | Cols::Unknown => {}
        }
    }
    frame.marks |= value.marks & LABELS;
    frame
}
