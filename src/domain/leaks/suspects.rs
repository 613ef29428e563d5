//! Columns that the workbench warned of, and where code names them other than to leave them out.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_parameters, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Parameters, Stmt, StmtAnnAssign, StmtAssign, UnaryOp};

use super::state::Walk;
use super::value::Set;

/// Rounds after which lists that are made of lists are no longer followed.
const ROUNDS: usize = 4;

/// Looks for strings that name a suspect where they do not leave it out.
pub(super) struct Suspects<'w, 'a> {
    walk: &'w Walk<'a>,
    names: &'w [String],
    nest: usize,
    /// Names that are read for more than leaving columns out, as far as is known.
    used: Option<Set>,
    seen: Set,
    named: BTreeMap<u32, String>,
}

/// The lines that use a suspect, with its name.
pub(super) fn named(walk: &Walk<'_>, names: &[String], body: &[Stmt]) -> BTreeMap<u32, String> {
    let mut used = None;
    for _ in 0..ROUNDS {
        let mut look = Suspects { walk, names, nest: 0, used: used.clone(), seen: Set::new(), named: BTreeMap::new() };
        look.visit_body(body);
        if used.as_ref() == Some(&look.seen) || names.is_empty() {
            return look.named;
        }
        used = Some(look.seen);
    }
    let mut look = Suspects { walk, names, nest: 0, used, seen: Set::new(), named: BTreeMap::new() };
    look.visit_body(body);
    look.named
}

impl Suspects<'_, '_> {
    fn listed(&mut self, items: &[Expr]) {
        for item in items {
            if let Expr::StringLiteral(text) = item {
                let name = text.value.to_str();
                if self.names.iter().any(|suspect| suspect == name) {
                    self.named.entry(self.walk.line_of(item)).or_insert_with(|| name.to_owned());
                }
            }
        }
    }

    /// Whether what is kept under a name only ever leaves columns out.
    fn only_leaves(&self, target: &Expr) -> bool {
        let name = last_name(target);
        !name.is_empty() && (leaves_out(name) || self.used.as_ref().is_some_and(|used| !used.contains(name)))
    }
}

fn leaves_out(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words =
        ["drop", "exclu", "ignor", "leak", "skip", "remov", "without", "not_", "unwanted", "useless", "ident", "ids"];
    let more =
        ["meta", "forbidden", "banned", "suspect", "bad", "unused", "omit", "id_col", "id_feat", "keys", "away", "out"];
    words.iter().chain(&more).any(|word| lower.contains(word))
}

/// Calls that take columns away, by the name of what is called.
fn takes_away(name: &str) -> bool {
    let lower = name.to_lowercase();
    matches!(name, "difference" | "discard" | "pop" | "groupby" | "group_by")
        || ["drop", "exclude", "remove", "without", "forget"].iter().any(|word| lower.contains(word))
}

/// What is asked of a column without making it a feature as it is.
fn is_beside(name: &str) -> bool {
    matches!(
        name,
        "str" | "map" | "isin" | "groupby" | "unique" | "nunique" | "value_counts" | "index" | "shape" | "duplicated"
    )
}

fn last_name(expression: &Expr) -> &str {
    match expression {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    }
}

fn is_drop(items: &[Expr]) -> bool {
    items.iter().any(|item| matches!(item, Expr::StringLiteral(text) if text.value.to_str() == "drop"))
}

/// Whether all that a loop does is to take columns away.
fn clears(body: &[Stmt]) -> bool {
    body.iter().all(|statement| match statement {
        Stmt::Delete(_) | Stmt::Pass(_) | Stmt::Continue(_) => true,
        Stmt::Expr(statement) => is_taking(&statement.value),
        Stmt::Assign(statement) => is_taking(&statement.value),
        Stmt::If(statement) => clears(&statement.body),
        Stmt::Try(statement) => clears(&statement.body),
        _ => false,
    })
}

fn is_taking(expression: &Expr) -> bool {
    matches!(expression, Expr::Call(call) if takes_away(last_name(&call.func)))
}

fn is_membership(expression: &Expr) -> bool {
    matches!(expression, Expr::Call(call) if matches!(last_name(&call.func), "isin" | "is_in"))
}

impl<'a> Visitor<'a> for Suspects<'_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(StmtAssign { targets, .. }) if targets.iter().any(|target| self.only_leaves(target)) => {}
            Stmt::AnnAssign(StmtAnnAssign { target, .. }) if self.only_leaves(target) => {}
            Stmt::Delete(_) => {}
            Stmt::For(statement) if clears(&statement.body) => {}
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        if self.used.is_none() {
            walk_parameters(self, parameters);
            return;
        }
        for parameter in parameters.iter_non_variadic_params() {
            let name = parameter.name().as_str();
            let is_used = self.used.as_ref().is_none_or(|used| used.contains(name));
            if let (Some(default), true) = (&parameter.default, is_used) {
                self.visit_expr(default);
            }
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.nest > 60 {
            return;
        }
        self.nest += 1;
        self.visit(expression);
        self.nest -= 1;
    }
}

impl Suspects<'_, '_> {
    fn visit(&mut self, expression: &Expr) {
        match expression {
            Expr::Name(name) if name.ctx.is_load() => {
                self.seen.insert(name.id.to_string());
            }
            Expr::Call(call) if takes_away(last_name(&call.func)) => {
                self.visit_expr(&call.func);
            }
            Expr::Call(call)
                if call
                    .arguments
                    .keywords
                    .iter()
                    .any(|keyword| keyword.arg.as_ref().is_some_and(|name| leaves_out(name))) => {}
            Expr::Compare(compare)
                if compare.ops.iter().any(|op| matches!(op, CmpOp::NotIn | CmpOp::NotEq | CmpOp::In | CmpOp::Eq)) => {}
            Expr::BinOp(operation) if operation.op == ruff_python_ast::Operator::Sub => {
                self.visit_expr(&operation.left);
            }
            Expr::UnaryOp(operation) if operation.op == UnaryOp::Invert && is_membership(&operation.operand) => {}
            Expr::Attribute(attribute)
                if is_beside(&attribute.attr) && matches!(&*attribute.value, Expr::Subscript(_)) => {}
            Expr::Attribute(attribute) if attribute.ctx.is_load() => {
                self.seen.insert(attribute.attr.to_string());
                let name = attribute.attr.as_str();
                let of_frame = matches!(&*attribute.value, Expr::Name(of) if of.id.as_str() != "self");
                if of_frame && self.names.iter().any(|suspect| suspect == name) {
                    self.named.entry(self.walk.line_of(&attribute.attr)).or_insert_with(|| name.to_owned());
                }
                walk_expr(self, expression);
            }
            Expr::Subscript(subscript) if subscript.ctx.is_load() => {
                self.listed(std::slice::from_ref(&*subscript.slice));
                walk_expr(self, expression);
            }
            Expr::Tuple(tuple) if is_drop(&tuple.elts) => {}
            Expr::List(list) => {
                self.listed(&list.elts);
                walk_expr(self, expression);
            }
            Expr::Tuple(tuple) => {
                self.listed(&tuple.elts);
                walk_expr(self, expression);
            }
            _ => walk_expr(self, expression),
        }
    }
}
