//! Follows a program statement by statement and keeps what each name holds.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{CmpOp, Decorator, Expr, Parameters, Stmt};

use super::Rule;
use super::expr::STEPS;
use super::names::hint;
use super::state::{Access, Body, Class, Func, Scope, Walk};
use super::value::{HANDED, SHARED, SUBSET, Set, Side, VAGUE, Value, WHOLE, What, blend, join};

/// Calls within calls, beyond which nothing is followed any more.
const DEEP: usize = 8;

impl<'a> Walk<'a> {
    /// What the name says of rows that were cut in a way that only it tells.
    pub(super) fn hinted(&mut self, name: &str, mut value: Value, line: u32) -> Value {
        let can_be_hinted = value.is_data() || matches!(value.what, What::Index | What::Ids);
        if can_be_hinted && (value.is(VAGUE) || value.part.is_none() || (value.is(SUBSET) && value.part == Some(WHOLE)))
        {
            if let Some((side, word)) = hint(name) {
                let of = value.part.unwrap_or(if self.is_solution() { HANDED } else { WHOLE });
                self.drew_at_random(&value, line);
                let (key, side) = if word == "train" { ("test", Side::Train) } else { (word, side) };
                value.part = Some(self.named_part(of, key, side));
            }
            value.marks &= !VAGUE;
        }
        value
    }

    pub(super) fn set(&mut self, name: &str, value: Value, line: u32) {
        let mut value = self.hinted(name, value, line);
        if value.what == What::Unknown
            && matches!(name, "X_train" | "x_train" | "X_test" | "x_test" | "X_val" | "x_val")
            && let Some((side, word)) = hint(name)
        {
            value.what = What::Frame;
            let key = if word == "train" { "test" } else { word };
            value.part = Some(self.named_part(WHOLE, key, side));
        }
        let declared = self.globals.last().is_some_and(|names| names.contains(name));
        if declared {
            self.keeps(name, &value, line);
            if let Some(scope) = self.scopes.first_mut() {
                scope.insert(name.to_owned(), value);
            }
        } else if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), value);
        }
    }

    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if self.steps > STEPS {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let whole = alias.name.as_str();
                    let (name, path) = match &alias.asname {
                        Some(name) => (name.as_str(), whole),
                        None => {
                            let root = whole.split('.').next().unwrap_or(whole);
                            (root, root)
                        }
                    };
                    self.set(name, Value::new(What::Path(path.to_owned())), 0);
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(ruff_python_ast::Identifier::as_str).unwrap_or_default();
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.set(name, Value::new(What::Path(format!("{module}.{}", alias.name))), 0);
                }
            }
            Stmt::FunctionDef(function) => {
                let index = self.define(&function.name, Some(&function.parameters), Body::Statements(&function.body));
                if let Some(known) = self.functions.get_mut(index) {
                    let is = |by| is_decorated(&function.decorator_list, by);
                    if is("staticmethod") {
                        known.access = Access::Static;
                    } else if is("property") {
                        known.access = Access::Property;
                    }
                }
                self.set(&function.name, Value::new(What::Function(index)), 0);
            }
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Return(statement) => {
                let value = statement.value.as_ref().map(|value| self.eval(value)).unwrap_or_default();
                if let Some(returns) = self.returns.last_mut() {
                    returns.push(value);
                }
            }
            Stmt::Assign(assign) => {
                let value = self.eval(&assign.value);
                for target in &assign.targets {
                    self.assign(target, value.clone(), Some(&assign.value));
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let given = self.eval(value);
                    self.assign(&assign.target, given, Some(value));
                }
            }
            Stmt::AugAssign(assign) => {
                let before = self.eval(&assign.target);
                let more = self.eval(&assign.value);
                let value = self.combine(&before, assign.op, &more, self.line_of(assign));
                self.assign(&assign.target, value, None);
            }
            Stmt::Expr(statement) => {
                self.eval(&statement.value);
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.delete(target)),
            Stmt::Global(global) => {
                if let Some(names) = self.globals.last_mut() {
                    names.extend(global.names.iter().map(ToString::to_string));
                }
            }
            _ => self.compound(statement),
        }
    }

    fn compound(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::For(statement) => {
                let over = self.eval(&statement.iter);
                self.breaks.push(breaks(&statement.body));
                self.loops += 1;
                for item in self.items(&over) {
                    self.assign(&statement.target, item, None);
                    self.body(&statement.body);
                }
                self.loops -= 1;
                self.breaks.pop();
                self.body(&statement.orelse);
            }
            Stmt::While(statement) => {
                self.breaks.push(breaks(&statement.body));
                self.loops += 1;
                self.test(&statement.test);
                self.body(&statement.body);
                self.loops -= 1;
                self.breaks.pop();
            }
            Stmt::If(statement)
                if statement.elif_else_clauses.iter().all(|clause| clause.test.is_none())
                    && self.settled(&statement.test).is_some() =>
            {
                if self.settled(&statement.test) == Some(true) {
                    self.body(&statement.body);
                } else {
                    statement.elif_else_clauses.iter().for_each(|clause| self.body(&clause.body));
                }
            }
            Stmt::If(statement) => {
                let mut guard = self.test(&statement.test);
                let before = self.scopes.clone();
                self.guards.push(guard.clone());
                self.body(&statement.body);
                self.guards.pop();
                let mut ways = Vec::new();
                if !leaves(&statement.body) {
                    ways.push(std::mem::replace(&mut self.scopes, before.clone()));
                }
                let mut has_else = false;
                for clause in &statement.elif_else_clauses {
                    self.scopes.clone_from(&before);
                    match &clause.test {
                        Some(test) => guard.extend(self.test(test)),
                        None => has_else = true,
                    }
                    self.guards.push(guard.clone());
                    self.body(&clause.body);
                    self.guards.pop();
                    if !leaves(&clause.body) {
                        ways.push(self.scopes.clone());
                    }
                }
                if !has_else {
                    ways.push(before.clone());
                }
                self.scopes = ways.into_iter().reduce(merge).unwrap_or(before);
            }
            Stmt::With(statement) => {
                for item in &statement.items {
                    let value = self.eval(&item.context_expr);
                    if let Some(name) = &item.optional_vars {
                        self.assign(name, value, None);
                    }
                }
                self.body(&statement.body);
            }
            Stmt::Try(statement) => {
                self.body(&statement.body);
                for handler in &statement.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    let before = self.scopes.clone();
                    self.body(&handler.body);
                    let after = std::mem::take(&mut self.scopes);
                    self.scopes = merge(before, after);
                }
                self.body(&statement.orelse);
                self.body(&statement.finalbody);
            }
            Stmt::Match(statement) => {
                self.eval(&statement.subject);
                statement.cases.iter().for_each(|case| self.body(&case.body));
            }
            Stmt::Assert(statement) => {
                self.eval(&statement.test);
            }
            _ => {}
        }
    }

    /// What a test for nothing comes to, where that is certain.
    pub(super) fn settled(&self, test: &Expr) -> Option<bool> {
        is_settled(test, |tested| {
            let Expr::Name(name) = tested else { return false };
            let value = self.lookup(&name.id);
            value.is_some_and(|value| matches!(value.what, What::Object(_) | What::Function(_)) || value.is_data())
        })
    }

    /// A function that is handed some of its arguments before it is called.
    pub(super) fn bind(&mut self, index: usize, values: Vec<Value>, keywords: Vec<(String, Value)>) -> Value {
        let Some(function) = self.functions.get(index).copied() else { return Value::default() };
        let (mut first, mut named) = self.bound.get(&index).cloned().unwrap_or_default();
        first.extend(values);
        named.extend(keywords);
        if let Some(known) = self.bound.iter().find(|(at, bound)| {
            self.functions.get(**at).is_some_and(|other| other.name == function.name)
                && bound.0 == first
                && bound.1 == named
        }) {
            return Value::new(What::Function(*known.0));
        }
        if let Some(function) = self.functions.get_mut(index) {
            function.called = true;
        }
        self.functions.push(Func { active: false, called: true, ..function });
        self.bound.insert(self.functions.len() - 1, (first, named));
        Value::new(What::Function(self.functions.len() - 1))
    }

    /// A condition: what is compared here may choose between candidates.
    pub(super) fn test(&mut self, test: &'a Expr) -> BTreeSet<usize> {
        let value = self.eval(test);
        if self.loops > 0 && has_comparison(test) {
            self.choose(&value, self.line_of(test), false);
        }
        let taints = value.all_taints();
        taints
            .into_iter()
            .filter(|taint| self.taints.get(*taint).is_some_and(|t| t.rule == Rule::SelectedBeforeSplit))
            .collect()
    }

    pub(super) fn define(&mut self, name: &'a str, parameters: Option<&'a Parameters>, body: Body<'a>) -> usize {
        for parameter in parameters.iter().flat_map(|parameters| parameters.iter_non_variadic_params()) {
            if let Some(default) = &parameter.default {
                self.eval(default);
            }
        }
        self.functions.push(Func {
            name,
            parameters,
            body,
            called: false,
            active: false,
            in_class: false,
            access: Access::Method,
        });
        self.functions.len() - 1
    }

    fn class(&mut self, class: &'a ruff_python_ast::StmtClassDef) {
        let bases = class.arguments.iter().flat_map(|arguments| arguments.args.iter());
        let bases = bases.map(|base| self.source(base)).collect();
        self.scopes.push(Scope::new());
        self.body(&class.body);
        let attributes = self.scopes.pop().unwrap_or_default();
        let mut methods = BTreeMap::new();
        for (name, value) in &attributes {
            if let What::Function(index) = value.what {
                methods.insert(name.clone(), index);
                if let Some(function) = self.functions.get_mut(index) {
                    function.in_class = true;
                }
            }
        }
        let index = self.classes.len();
        self.classes.push(Class { name: &class.name, methods, attributes, bases });
        self.set(&class.name, Value::new(What::Class(index)), 0);
    }

    /// A default lives as long as its function.
    fn default(&mut self, default: &'a Expr) -> Value {
        let value = self.eval(default);
        self.shares(&value);
        let is_container = matches!(value.what, What::List(_) | What::Dict(_));
        if is_container && self.is_solution() { value.with(SHARED) } else { value }
    }

    /// Runs a function of the program on what it is handed.
    pub(super) fn invoke(&mut self, index: usize, arguments: &[Value], keywords: &[(String, Value)]) -> Value {
        let Some(function) = self.functions.get(index).copied() else { return Value::default() };
        if function.active || self.depth >= DEEP || self.steps > STEPS {
            return blend(&arguments.iter().collect::<Vec<_>>());
        }
        let (mut all, mut named) = self.bound.get(&index).cloned().unwrap_or_default();
        all.extend(arguments.iter().cloned());
        named.extend(keywords.iter().cloned());
        let (arguments, keywords) = (all.as_slice(), named.as_slice());
        let mut scope = Scope::new();
        let mut rest = arguments.iter();
        for parameter in function.parameters.iter().flat_map(|parameters| parameters.iter_non_variadic_params()) {
            let name = parameter.name().as_str();
            let named = keywords.iter().find(|(keyword, _)| keyword == name).map(|(_, value)| value.clone());
            let value = named.or_else(|| rest.next().cloned());
            let value = value.or_else(|| parameter.default.as_ref().map(|default| self.default(default)));
            scope.insert(name.to_owned(), value.unwrap_or_default());
        }
        if let Some(parameters) = function.parameters {
            if let Some(many) = &parameters.vararg {
                scope.insert(many.name.to_string(), Value::list(rest.cloned().collect()));
            }
            if let Some(many) = &parameters.kwarg {
                scope.insert(many.name.to_string(), Value::new(What::Dict(keywords.to_vec())));
            }
        }
        if let Some(function) = self.functions.get_mut(index) {
            function.called = true;
            function.active = true;
        }
        self.depth += 1;
        self.scopes.push(scope);
        self.globals.push(Set::new());
        self.returns.push(Vec::new());
        let value = match function.body {
            Body::Statements(body) => {
                self.body(body);
                None
            }
            Body::Expression(body) => Some(self.eval(body)),
        };
        let returns = self.returns.pop().unwrap_or_default();
        self.globals.pop();
        self.scopes.pop();
        self.depth -= 1;
        if let Some(function) = self.functions.get_mut(index) {
            function.active = false;
        }
        value.or_else(|| returns.into_iter().reduce(|one, other| join(&one, &other))).unwrap_or_default()
    }
}

fn is_decorated(decorators: &[Decorator], by: &str) -> bool {
    decorators.iter().any(|decorator| matches!(&decorator.expression, Expr::Name(name) if name.id.as_str() == by))
}

/// Whether a condition certainly holds or certainly does not: `is None` of what is known to be something.
fn is_settled(test: &Expr, known: impl Fn(&Expr) -> bool) -> Option<bool> {
    let Expr::Compare(compare) = test else { return None };
    let ([op], [Expr::NoneLiteral(_)]) = (&*compare.ops, &*compare.comparators) else { return None };
    match op {
        CmpOp::Is if known(&compare.left) => Some(false),
        CmpOp::IsNot if known(&compare.left) => Some(true),
        _ => None,
    }
}

fn merge(one: Vec<Scope>, other: Vec<Scope>) -> Vec<Scope> {
    let mut merged = one;
    for (scope, more) in merged.iter_mut().zip(other) {
        for (name, value) in more {
            let joined = scope.get(&name).map(|known| join(known, &value));
            scope.insert(name, joined.unwrap_or(value));
        }
    }
    merged
}

fn has_comparison(test: &Expr) -> bool {
    match test {
        Expr::Compare(_) => true,
        Expr::BoolOp(test) => test.values.iter().any(has_comparison),
        Expr::UnaryOp(test) => has_comparison(&test.operand),
        _ => false,
    }
}

fn leaves(body: &[Stmt]) -> bool {
    matches!(body.last(), Some(Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_)))
}

fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|statement| match statement {
        Stmt::Break(_) => true,
        Stmt::If(statement) => {
            breaks(&statement.body) || statement.elif_else_clauses.iter().any(|clause| breaks(&clause.body))
        }
        Stmt::With(statement) => breaks(&statement.body),
        Stmt::Try(statement) => breaks(&statement.body),
        _ => false,
    })
}
