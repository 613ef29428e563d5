//! Reads statements into the tree of meaning.

use ruff_python_ast::{ExceptHandler, Expr, Stmt};
use ruff_text_size::Ranged;

use super::express::other;
use super::lower::{Lower, Meaning, span};
use super::tree::{Node, Tag};

/// The longest chain of `elif` that is read.
const LONGEST: usize = 120;

impl Lower<'_> {
    /// A statement; nothing where it does nothing.
    pub(super) fn statement(&mut self, statement: &Stmt) -> Vec<Node> {
        let node = match statement {
            Stmt::Pass(_) => return Vec::new(),
            Stmt::Expr(inner) if inner.value.is_literal_expr() => return Vec::new(),
            Stmt::Import(_) | Stmt::ImportFrom(_) => return self.import(statement),
            Stmt::FunctionDef(function) => {
                let name = self.name(&function.name, span(&function.name));
                let is_local = name.tag == Tag::Local;
                let node = self.function(function, if is_local { "" } else { &function.name });
                if is_local { other("def", vec![name, node], statement) } else { node }
            }
            Stmt::ClassDef(class) => self.class(class, &class.name),
            Stmt::Assign(assign) => {
                if let [Expr::Name(name)] = assign.targets.as_slice()
                    && self.takes_the_place(&name.id, &assign.value)
                {
                    return Vec::new();
                }
                let value = self.expression(&assign.value);
                let mut kids = self.all(&assign.targets);
                kids.push(value);
                Node::new(Tag::Assign, "", kids, span(statement))
            }
            Stmt::AnnAssign(assign) => {
                let Some(value) = &assign.value else {
                    let is_field = self.scopes.last().is_some_and(|scope| scope.is_class);
                    let target = is_field.then(|| self.expression(&assign.target));
                    return target.into_iter().map(|target| other("field", vec![target], statement)).collect();
                };
                if let Expr::Name(name) = &*assign.target
                    && self.takes_the_place(&name.id, value)
                {
                    return Vec::new();
                }
                let kids = vec![self.expression(&assign.target), self.expression(value)];
                Node::new(Tag::Assign, "", kids, span(statement))
            }
            Stmt::AugAssign(assign) => {
                let kids = vec![self.expression(&assign.target), self.expression(&assign.value)];
                other(format!("{}=", assign.op.as_str()), kids, statement)
            }
            Stmt::Expr(inner) => self.expression(&inner.value),
            Stmt::Return(inner) => other("return", self.maybe(inner.value.as_deref()), statement),
            Stmt::Delete(inner) => other("del", self.all(&inner.targets), statement),
            _ => self.compound(statement),
        };
        vec![node]
    }

    fn compound(&mut self, statement: &Stmt) -> Node {
        match statement {
            Stmt::For(each) => {
                let kids = vec![
                    self.expression(&each.target),
                    self.expression(&each.iter),
                    self.block(&each.body),
                    self.block(&each.orelse),
                ];
                other(if each.is_async { "async for" } else { "for" }, kids, statement)
            }
            Stmt::While(each) => {
                let kids = vec![self.expression(&each.test), self.block(&each.body), self.block(&each.orelse)];
                other("while", kids, statement)
            }
            Stmt::If(branch) => {
                // `elif` is an `if` within `else`.
                self.is_too_deep |= branch.elif_else_clauses.len() > LONGEST;
                let mut rest = Vec::new();
                for clause in branch.elif_else_clauses.iter().rev() {
                    let body = self.block(&clause.body);
                    rest = match &clause.test {
                        Some(test) => {
                            let test = self.expression(test);
                            let rest = Node::new(Tag::Block, "", rest, span(clause));
                            vec![other("if", vec![test, body, rest], clause)]
                        }
                        None => body.kids,
                    };
                }
                let kids = vec![self.expression(&branch.test), self.block(&branch.body)];
                let rest = Node::new(Tag::Block, "", rest, span(statement));
                other("if", kids.into_iter().chain([rest]).collect(), statement)
            }
            Stmt::With(with) => {
                let mut kids = Vec::new();
                for item in &with.items {
                    let mut inner = vec![self.expression(&item.context_expr)];
                    inner.extend(self.maybe(item.optional_vars.as_deref()));
                    kids.push(other("as", inner, item));
                }
                kids.push(self.block(&with.body));
                other(if with.is_async { "async with" } else { "with" }, kids, statement)
            }
            Stmt::Try(attempt) => {
                let mut kids = vec![self.block(&attempt.body)];
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    let mut inner = self.maybe(handler.type_.as_deref());
                    inner.extend(handler.name.as_ref().map(|name| self.name(name, span(name))));
                    inner.push(self.block(&handler.body));
                    kids.push(other("except", inner, handler));
                }
                kids.push(self.block(&attempt.orelse));
                kids.push(self.block(&attempt.finalbody));
                other(if attempt.is_star { "try*" } else { "try" }, kids, statement)
            }
            Stmt::Raise(raise) => {
                let mut kids = self.maybe(raise.exc.as_deref());
                kids.extend(self.maybe(raise.cause.as_deref()));
                other("raise", kids, statement)
            }
            Stmt::Assert(check) => {
                let mut kids = vec![self.expression(&check.test)];
                kids.extend(self.maybe(check.msg.as_deref()));
                other("assert", kids, statement)
            }
            Stmt::Break(_) => other("break", Vec::new(), statement),
            Stmt::Continue(_) => other("continue", Vec::new(), statement),
            _ => self.verbatim(statement),
        }
    }

    pub(super) fn verbatim(&self, at: &impl Ranged) -> Node {
        let (start, end) = span(at);
        let text = self.code.get(start..end).unwrap_or_default();
        other(text.split_whitespace().collect::<Vec<_>>().join(" "), Vec::new(), at)
    }

    /// An import is no statement where its name stands for what it brings.
    fn import(&mut self, statement: &Stmt) -> Vec<Node> {
        let aliases = match statement {
            Stmt::Import(import) => &import.names,
            Stmt::ImportFrom(import) if import.module.as_deref() == Some("__future__") => return Vec::new(),
            Stmt::ImportFrom(import) => &import.names,
            _ => return Vec::new(),
        };
        let is_known = aliases.iter().all(|alias| {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).split('.').next().unwrap_or_default();
            let scope = self.scopes.last();
            name != "*"
                && matches!(scope.and_then(|scope| scope.names.get(name)), Some(Meaning::Path(path)) if path != name
                || statement.is_import_stmt())
        });
        if is_known {
            return Vec::new();
        }
        let from = statement.as_import_from_stmt().and_then(|import| import.module.as_ref().map(|name| &name.id));
        let text =
            aliases.iter().map(|alias| format!(" {} as {:?}", alias.name, alias.asname.as_ref().map(|name| &name.id)));
        vec![other(format!("import {from:?}:{}", text.collect::<String>()), Vec::new(), statement)]
    }
}
