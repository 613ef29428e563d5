//! What an expression yields.

use ruff_python_ast::{BoolOp, CmpOp, Expr, FStringPart, InterpolatedStringElement, Number, Operator, UnaryOp};

use super::Rule;
use super::state::{Body, Walk};
use super::value::{
    COMPARED, Cols, GROUPED, LABEL, LABELS, LISTED, MASK, NOISY, RANDOM, ROWID, RUNNING, SOFT, SORTED, Set, Side, TRUE,
    VAGUE, Value, WHOLE, What, blend,
};

/// Steps, and expressions within each other, beyond which nothing is followed any more.
pub(super) const STEPS: usize = 40_000;
const NEST: usize = 90;

impl<'a> Walk<'a> {
    pub(super) fn eval(&mut self, expression: &'a Expr) -> Value {
        self.steps += 1;
        if self.steps > STEPS || self.nest > NEST {
            return Value::default();
        }
        self.nest += 1;
        let value = self.value_of(expression);
        self.nest -= 1;
        value
    }

    fn value_of(&mut self, expression: &'a Expr) -> Value {
        match expression {
            Expr::Name(name) => match self.lookup(&name.id) {
                Some(value) => value.clone(),
                None => Value::new(What::Path(name.id.to_string())),
            },
            Expr::StringLiteral(text) => Value::text(text.value.to_str()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(number) => {
                    number.as_i64().map_or(Value::new(What::Constant), |n| Value::new(What::Number(n)))
                }
                _ => Value::new(What::Constant),
            },
            Expr::BooleanLiteral(literal) => Value::new(What::Constant).with(if literal.value { TRUE } else { 0 }),
            Expr::NoneLiteral(_) | Expr::EllipsisLiteral(_) | Expr::BytesLiteral(_) => Value::new(What::Constant),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.attribute(&base, &attribute.attr, self.line_of(expression))
            }
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Call(call) => self.call(call),
            Expr::BinOp(operation) => {
                let (left, right) = (self.eval(&operation.left), self.eval(&operation.right));
                self.combine(&left, operation.op, &right, self.line_of(expression))
            }
            Expr::UnaryOp(operation) => self.unary(operation),
            Expr::BoolOp(operation) => {
                let values: Vec<Value> = operation.values.iter().map(|value| self.eval(value)).collect();
                let is_whole = |value: &&Value| {
                    matches!(value.what, What::List(_) | What::Dict(_) | What::Object(_) | What::Function(_))
                };
                if let (BoolOp::Or, Some(whole)) = (operation.op, values.iter().rev().find(is_whole)) {
                    return whole.clone();
                }
                blend(&values.iter().collect::<Vec<_>>())
            }
            Expr::Compare(compare) => {
                let mut values = vec![self.eval(&compare.left)];
                values.extend(compare.comparators.iter().map(|value| self.eval(value)));
                if let ([Expr::NumberLiteral(_)], Some(left)) = (&*compare.comparators, values.first().cloned()) {
                    self.treated_as_number(&left, &compare.left);
                }
                let compared = self.compare(&values);
                self.random_mask(compared, compare)
            }
            Expr::If(choice) => {
                match self.settled(&choice.test) {
                    Some(true) => return self.eval(&choice.body),
                    Some(false) => return self.eval(&choice.orelse),
                    None => self.test(&choice.test),
                };
                let (one, other) = (self.eval(&choice.body), self.eval(&choice.orelse));
                super::value::join(&one, &other)
            }
            Expr::List(list) => {
                let items = self.each(&list.elts);
                self.shared(Value::list(items))
            }
            Expr::Tuple(tuple) => Value::list(self.each(&tuple.elts)),
            Expr::Set(set) => {
                let items = self.each(&set.elts);
                self.shared(Value::list(items))
            }
            Expr::Dict(dict) => self.dict(dict),
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => {
                let mut parts: Vec<&'a Expr> = comp.key.iter().map(|key| &**key).collect();
                parts.push(&comp.value);
                let mut value = self.comprehension(&comp.generators, &parts);
                if value.any(LABELS) {
                    value = Value { what: What::Lookup, ..blend(&[&value]) };
                }
                value
            }
            Expr::Lambda(lambda) => {
                let index = self.define("lambda", lambda.parameters.as_deref(), Body::Expression(&lambda.body));
                Value::new(What::Function(index))
            }
            Expr::FString(text) => self.formatted(text),
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, value.clone(), Some(&named.value));
                value
            }
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Await(awaited) => self.eval(&awaited.value),
            Expr::Yield(given) => {
                let value = given.value.as_ref().map(|value| self.eval(value)).unwrap_or_default();
                if let Some(returns) = self.returns.last_mut() {
                    returns.push(value);
                }
                Value::default()
            }
            _ => Value::default(),
        }
    }

    fn each(&mut self, expressions: &'a [Expr]) -> Vec<Value> {
        let mut values = Vec::new();
        for expression in expressions {
            let value = self.eval(expression);
            match (expression, &value.what) {
                (Expr::Starred(_), What::List(items)) => values.extend(items.iter().cloned()),
                _ => values.push(value),
            }
        }
        values
    }

    fn dict(&mut self, dict: &'a ruff_python_ast::ExprDict) -> Value {
        let mut items = Vec::new();
        for item in &dict.items {
            let key = item.key.as_ref().map(|key| self.eval(key));
            let value = self.eval(&item.value);
            match (key, &value.what) {
                (None, What::Dict(more)) => items.extend(more.iter().cloned()),
                (Some(key), _) => items.push((key.as_text().unwrap_or_default().to_owned(), value)),
                (None, _) => items.push((String::new(), value)),
            }
        }
        self.shared(Value::new(What::Dict(items)))
    }

    fn formatted(&mut self, text: &'a ruff_python_ast::ExprFString) -> Value {
        let mut whole = Some(String::new());
        for part in &text.value {
            match part {
                FStringPart::Literal(literal) => whole.iter_mut().for_each(|whole| whole.push_str(literal)),
                FStringPart::FString(string) => {
                    for element in &string.elements {
                        let more = match element {
                            InterpolatedStringElement::Literal(literal) => Some(literal.value.to_string()),
                            InterpolatedStringElement::Interpolation(inner) => {
                                match self.eval(&inner.expression).what {
                                    What::Text(text) => Some(text),
                                    What::Number(number) => Some(number.to_string()),
                                    _ => None,
                                }
                            }
                        };
                        whole = whole.zip(more).map(|(whole, more)| whole + &more);
                    }
                }
            }
        }
        whole.map_or_else(Value::default, |text| Value::text(&text))
    }

    fn unary(&mut self, operation: &'a ruff_python_ast::ExprUnaryOp) -> Value {
        let mut value = self.eval(&operation.operand);
        match (operation.op, &value.what) {
            (UnaryOp::Invert, What::Index) if value.part.is_some() => {
                value.part = value.part.and_then(|part| self.parts.get(part)?.twin);
            }
            (UnaryOp::Invert, _) => {
                if let Expr::Name(name) = &*operation.operand {
                    self.next.inverted.insert(name.id.to_string());
                }
            }
            (UnaryOp::USub, What::Number(number)) => value.what = What::Number(-number),
            _ => {}
        }
        value
    }

    /// Two values in one, by arithmetic.
    pub(super) fn combine(&mut self, left: &Value, op: Operator, right: &Value, line: u32) -> Value {
        match (&left.what, op, &right.what) {
            (What::List(a), Operator::Add, What::List(b)) => {
                return Value::list(a.iter().chain(b).cloned().collect());
            }
            (What::List(a), Operator::Mult, What::Number(n)) if a.len() == 1 && *n > 1 => {
                return Value::list(vec![a.first().cloned().unwrap_or_default(); 2]);
            }
            _ if op == Operator::Add && left.is(LISTED) && right.is(LISTED) => {
                return self.concat_rows(&Value::list(vec![left.clone(), right.clone()]), "+", line);
            }
            (What::Names, Operator::Sub, _) => return left.minus(right, line),
            (What::Names, Operator::Add, _) => {
                let mut names = left.clone();
                match (&mut names.cols, right.texts()) {
                    (Cols::Only(only), Some(more)) => only.extend(more),
                    (Cols::AllBut(but), Some(more)) => but.retain(|name| !more.contains(name)),
                    _ => {}
                }
                names.absorb(right);
                return names;
            }
            (What::List(_), Operator::Add, What::Names) => return self.combine(right, op, left, line),
            (What::Text(a), Operator::Add, What::Text(b)) => return Value::text(&format!("{a}{b}")),
            (What::Text(a), Operator::Div, What::Text(b)) => return Value::text(&format!("{a}/{b}")),
            (What::Path(path), Operator::Div, What::Text(_)) if path.starts_with("__file__") => return right.clone(),
            (What::DataPath, Operator::Div, What::Text(_)) => return Value::new(What::DataPath).with(VAGUE),
            (What::Number(_) | What::Constant, _, What::Number(_) | What::Constant) => {
                return Value::new(What::Constant);
            }
            _ => {}
        }
        if op == Operator::MatMult {
            self.multiplied(left, right);
        }
        let mut value = blend(&[left, right]);
        value.marks &= !(RUNNING | MASK | RANDOM);
        if left.what == What::Frame {
            value.cols = left.cols.clone();
            value.made = left.made.clone();
        } else if left.is(super::value::POLARS) {
            value.cols = left.cols.clone();
        }
        let is_plain =
            |side: &Value| matches!(side.what, What::Number(_) | What::Constant | What::Stat) || side.is_data();
        if !is_plain(left) || !is_plain(right) || (left.from != right.from && left.is_data() && right.is_data()) {
            value.marks |= NOISY;
        }
        if left.is(RUNNING) && op == Operator::Sub {
            value.from.clear();
        }
        if op == Operator::Div && right.is(SOFT) && left.is_data() {
            let taint = self.statistic(right.part, line, "the largest value");
            value.taints.insert(taint);
        }
        if matches!(value.what, What::Pred(_)) && (is_label(left) || is_label(right)) {
            value.marks |= COMPARED;
            value.part = value.part.or(left.part).or(right.part);
        }
        if self.is_solution() && op == Operator::Sub && right.is_data() {
            let kept = value.taints.iter().copied();
            let kept = kept.filter(|taint| self.taints.get(*taint).is_some_and(|t| t.rule != Rule::TargetEncoding));
            value.taints = kept.collect();
        }
        value
    }

    /// Rows at random by a share that is written out: the larger part is for training.
    fn random_mask(&mut self, mut mask: Value, compare: &'a ruff_python_ast::ExprCompare) -> Value {
        let ([Expr::NumberLiteral(share)], Some(op)) = (&*compare.comparators, compare.ops.first()) else {
            return mask;
        };
        let Number::Float(share) = share.value else { return mask };
        if mask.what != What::Index || !mask.is(RANDOM) || mask.part.is_some() {
            return mask;
        }
        let below = matches!(op, CmpOp::Lt | CmpOp::LtE);
        let side = if below == (share >= 0.5) { Side::Train } else { Side::Test };
        let key = format!("random {}", self.line_of(compare));
        mask.part = Some(self.named_part(WHOLE, &key, side));
        mask
    }

    fn compare(&mut self, values: &[Value]) -> Value {
        let mut result = blend(&values.iter().collect::<Vec<_>>());
        result.marks &= !VAGUE;
        let kept = result.taints.iter().copied();
        let kept = kept.filter(|taint| self.taints.get(*taint).is_some_and(|t| t.rule != Rule::FitBeforeSplit));
        result.taints = kept.collect();
        match result.what {
            What::Pred(_) if values.iter().any(is_label) => {
                result.marks |= COMPARED;
                if result.part.is_none() {
                    result.part = values.iter().find_map(|value| value.part);
                }
            }
            What::Random => {
                result.what = What::Index;
                result.part = None;
                result.marks |= RANDOM | VAGUE;
            }
            What::Frame | What::Column => {
                result.marks |= MASK;
                result.what = What::Column;
                if values.iter().filter(|value| value.is_data()).count() > 1 {
                    result.marks |= NOISY;
                }
                result.part = values.iter().find(|value| value.is_data()).and_then(|value| value.part);
            }
            _ => {}
        }
        result
    }

    pub(super) fn attribute(&mut self, base: &Value, name: &str, line: u32) -> Value {
        if name == "style" {
            return Value::default();
        }
        match &base.what {
            What::Path(path) if path == "polars.col" => self.named_columns(&[name.to_owned()], line),
            What::Path(path) => Value::new(What::Path(format!("{path}.{name}"))),
            What::Object(index) => self.object_attribute(*index, name, line),
            What::Class(index) => self
                .classes
                .get(*index)
                .and_then(|class| class.attributes.get(name))
                .cloned()
                .unwrap_or_else(|| base.clone()),
            What::Bunch => {
                let mut value = Value { part: base.part, root: base.root, line, ..Value::default() };
                match name {
                    "target" => {
                        value.what = What::Column;
                        value.from.insert(LABEL.to_owned());
                    }
                    "frame" => {
                        value.what = What::Frame;
                        value.cols = Cols::AllBut(Set::new());
                    }
                    "data" => {
                        value.what = What::Frame;
                        value.cols = Cols::AllBut(Set::from([LABEL.to_owned(), "target".to_owned()]));
                    }
                    _ => return Value::default(),
                }
                value
            }
            What::Frame | What::Column | What::GroupBy | What::Pred(_) | What::Ids => match name {
                "columns" => Value { what: What::Names, part: None, ..base.clone() },
                "index" => Value { what: What::Index, from: Set::new(), ..base.clone() }.with(ROWID),
                "shape" | "size" | "dtype" | "dtypes" | "ndim" | "empty" | "height" | "width" | "schema" => {
                    Value::new(What::Constant)
                }
                "name" if base.is(super::value::POLARS) => base.clone(),
                "values" | "T" | "loc" | "iloc" | "str" | "dt" | "cat" | "sparse" | "at" | "iat" | "array" => {
                    base.clone()
                }
                "year" | "month" | "day" | "hour" | "weekday" | "dayofweek" | "dayofyear" | "date" | "quarter"
                | "week" | "minute" | "days" | "len" | "codes" => base.clone(),
                _ if matches!(base.what, What::Frame | What::GroupBy) => base.column(name),
                _ => base.clone(),
            },
            What::Dict(items) if name == "items" => Value::new(What::Dict(items.clone())),
            _ => base.clone().without(SORTED),
        }
    }

    /// A statistic of some rows that is about to go into the data.
    pub(super) fn statistic(&mut self, part: Option<usize>, line: u32, what: &str) -> usize {
        if self.is_solution() && part.is_some_and(|part| self.contains(super::value::VALID, part)) {
            let text = format!("{what} is computed from the rows that are to be predicted, not from the training rows");
            return self.taint(Rule::OutsideFold, line, part, text);
        }
        let text = match part.map(|part| self.side(part)) {
            Some(super::value::Side::Test) => format!("{what} is computed from the test rows themselves"),
            _ => format!("{what} is computed from {}", self.before()),
        };
        self.taint(Rule::FitBeforeSplit, line, part, text)
    }

    /// A statistic within groups is only taken as learnt where it fills gaps.
    pub(super) fn filled_by(&mut self, fill: &Value, line: u32, what: &str) -> Option<usize> {
        let leaf = fill.leaves().into_iter().find(|leaf| leaf.is(GROUPED))?.part;
        Some(self.statistic(leaf, line, what))
    }

    /// Best of several by their scores on the same rows.
    pub(super) fn choose(&mut self, value: &Value, line: u32, several: bool) {
        if self.draws > 0 {
            return;
        }
        self.choose_by_training(value);
        let scores = value.all_scores();
        let distinct = scores.iter().map(|score| score.line).collect::<std::collections::BTreeSet<_>>().len() > 1;
        for score in scores {
            let is_test = self.side(score.part) == super::value::Side::Test;
            if self.is_solution() || self.inner || !is_test || !(score.looped || (several && distinct)) {
                continue;
            }
            let stops = self.loops > 0 && self.breaks.iter().any(|breaks| *breaks);
            let (rule, text) = if stops {
                (
                    Rule::TestForStopping,
                    format!("training stops by the score of line {} on the rows it is judged by", score.line),
                )
            } else {
                (Rule::TunedOnTest, format!("line {line} takes the best of several by this score on the test rows"))
            };
            self.chosen.push(super::state::Chosen { part: score.part, line: score.line, rule, text });
        }
    }
}

fn is_label(value: &Value) -> bool {
    matches!(value.what, What::Column | What::Frame)
}
