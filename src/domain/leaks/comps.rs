//! Comprehensions, and what a loop goes through.

use ruff_python_ast::{BoolOp, CmpOp, Comprehension, Expr};

use super::state::Walk;
use super::value::{Cols, SOME, Set, Value, What};

impl<'a> Walk<'a> {
    pub(super) fn comprehension(&mut self, generators: &'a [Comprehension], elements: &[&'a Expr]) -> Value {
        self.scopes.push(super::state::Scope::new());
        self.loops += 1;
        let mut over = Value::default();
        let mut conditions = Vec::new();
        let mut each = vec![Value::default()];
        for (number, generator) in generators.iter().enumerate() {
            over = self.eval(&generator.iter);
            each = self.items(&over);
            if number + 1 < generators.len() || generators.len() > 1 {
                each.truncate(1);
            }
            if let (Some(item), true) = (each.first(), generators.len() > 1) {
                self.assign(&generator.target, item.clone(), None);
            }
            conditions.extend(generator.ifs.iter());
        }
        let target = generators.last().map(|generator| &generator.target);
        let mut values = Vec::new();
        let mut taints = Value::default();
        let literal = each.iter().all(|item| item.as_text().is_some_and(|text| !text.contains(SOME)));
        for item in each {
            if let Some(target) = target {
                self.assign(target, item.clone(), None);
            }
            let mut keep = true;
            for condition in &conditions {
                let value = self.eval(condition);
                taints.absorb(&value);
                if let (true, Some(name)) = (literal, item.as_text()) {
                    keep &= self.admits(condition, name);
                }
            }
            let made: Vec<Value> = elements.iter().map(|element| self.eval(element)).collect();
            if keep {
                values.extend(made);
            }
        }
        self.loops -= 1;
        self.scopes.pop();
        let same = matches!((target, elements), (Some(Expr::Name(a)), [Expr::Name(b)]) if a.id == b.id);
        let mut result = match over.what {
            What::Names | What::Frame if same => {
                let mut names = Value { what: What::Names, ..over.clone() };
                for condition in conditions {
                    names = self.narrow(&names, condition);
                }
                names
            }
            _ => Value::list(values),
        };
        result.taints.extend(taints.taints);
        result
    }

    /// The names that a condition of a comprehension leaves.
    pub(super) fn narrow(&mut self, names: &Value, condition: &'a Expr) -> Value {
        match condition {
            Expr::BoolOp(all) if all.op == BoolOp::And => {
                all.values.iter().fold(names.clone(), |names, condition| self.narrow(&names, condition))
            }
            Expr::Compare(compare) => {
                let (Some(op), Some(right)) = (compare.ops.first(), compare.comparators.first()) else {
                    return names.clone();
                };
                let right = self.eval(right);
                match op {
                    CmpOp::NotEq | CmpOp::NotIn => {
                        self.next.left.extend(right.texts().unwrap_or_default());
                        names.minus(&right, names.line)
                    }
                    CmpOp::In | CmpOp::Eq => names.select(&right, names.line),
                    _ => Value { cols: Cols::Unknown, ..names.clone() },
                }
            }
            _ => Value { cols: Cols::Unknown, ..names.clone() },
        }
    }

    pub(super) fn admits(&mut self, condition: &'a Expr, name: &str) -> bool {
        let one = Value { cols: Cols::Only(Set::from([name.to_owned()])), ..Value::new(What::Names) };
        let left = self.narrow(&one, condition);
        !matches!(left.cols, Cols::Only(only) if only.is_empty())
    }

    /// What a loop over a value goes through.
    pub(super) fn items(&mut self, over: &Value) -> Vec<Value> {
        match &over.what {
            What::Folds => {
                let (train, test) = self.cut(over.part);
                let index = |part| Value { part: Some(part), ..Value::new(What::Index) };
                vec![Value::list(vec![index(train), index(test)])]
            }
            What::Enumerate(inner) => {
                let items = self.items(inner);
                items.into_iter().map(|item| Value::list(vec![Value::new(What::Constant), item])).collect()
            }
            What::Zip(parts) => {
                let parts: Vec<Vec<Value>> = parts.iter().map(|part| self.items(part)).collect();
                let long = parts.iter().map(Vec::len).max().unwrap_or_default();
                let at = |part: &Vec<Value>, n: usize| part.get(n).or(part.first()).cloned().unwrap_or_default();
                (0..long).map(|n| Value::list(parts.iter().map(|part| at(part, n)).collect())).collect()
            }
            What::List(items) if items.is_empty() => vec![Value::default()],
            What::List(items) => items.iter().take(12).cloned().collect(),
            What::Dict(items) if items.is_empty() => vec![Value::default()],
            What::Dict(items) => items
                .iter()
                .map(|(key, _)| if key.is_empty() { Value::default() } else { Value::text(key) })
                .take(8)
                .collect(),
            What::Frame if over.part.is_none() || over.root == 0 || over.from.is_empty() => vec![over.clone()],
            What::Names => vec![Value { taints: over.taints.clone(), ..Value::text(SOME) }],
            What::Stat | What::Score => vec![Value { what: What::Unknown, part: None, ..over.clone() }],
            _ => vec![over.clone()],
        }
    }
}
