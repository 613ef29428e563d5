//! Looks over names before a program is lowered: what is bound, how often it is read, and where.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{Visitor, walk_arguments, walk_expr, walk_parameters, walk_stmt};
use ruff_python_ast::{Arguments, ExceptHandler, Expr, ExprContext, Parameters, Stmt};

/// The names of one scope.
#[derive(Default)]
pub(super) struct Scan {
    /// How often each name is bound.
    pub(super) bound: HashMap<String, u32>,
    /// How often each name is read, and how often of these more than once for each run of the scope.
    pub(super) reads: HashMap<String, (u32, u32)>,
    /// Names whose value may be changed in place.
    pub(super) touched: HashSet<String>,
    /// Names that belong to another scope, or that are used where it can't be followed.
    pub(super) foreign: HashSet<String>,
    inner: u32,
    looped: u32,
}

impl Scan {
    /// The names of a function's or a module's body.
    pub(super) fn of(parameters: Option<&Parameters>, body: &[Stmt]) -> Self {
        let mut scan = Self::default();
        for parameter in parameters.into_iter().flat_map(Parameters::iter) {
            scan.bind(parameter.name());
        }
        scan.visit_body(body);
        scan
    }

    fn bind(&mut self, name: &str) {
        if self.inner == 0 {
            *self.bound.entry(name.to_owned()).or_default() += 1;
        }
    }

    /// Whether this name is bound exactly once and nothing else reaches for it.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.bound.get(name) == Some(&1) && !self.foreign.contains(name)
    }

    fn within(&mut self, walk: impl FnOnce(&mut Self)) {
        self.inner += 1;
        walk(self);
        self.inner -= 1;
    }

    fn import(&mut self, name: &str) {
        self.bind(name.split('.').next().unwrap_or(name));
    }

    fn touch(&mut self, value: &Expr) {
        if let Expr::Name(name) = value {
            self.touched.insert(name.id.to_string());
        }
    }
}

impl<'a> Visitor<'a> for Scan {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name);
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                walk_parameters(self, &function.parameters);
                self.within(|scan| scan.visit_body(&function.body));
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                self.within(|scan| walk_stmt(scan, statement));
            }
            Stmt::Import(import) => {
                import.names.iter().for_each(|alias| self.import(alias.asname.as_ref().unwrap_or(&alias.name)));
            }
            Stmt::ImportFrom(import) => {
                import.names.iter().for_each(|alias| self.import(alias.asname.as_ref().unwrap_or(&alias.name)));
            }
            Stmt::Global(outer) => self.foreign.extend(outer.names.iter().map(ToString::to_string)),
            Stmt::Nonlocal(outer) => self.foreign.extend(outer.names.iter().map(ToString::to_string)),
            Stmt::For(_) | Stmt::While(_) => {
                self.looped += 1;
                walk_stmt(self, statement);
                self.looped -= 1;
            }
            // These are compared as text, so no name in them may be replaced.
            Stmt::Match(_) | Stmt::TypeAlias(_) | Stmt::IpyEscapeCommand(_) => {
                let mut within = Self::default();
                walk_stmt(&mut within, statement);
                self.foreign.extend(within.bound.into_keys().chain(within.reads.into_keys()).chain(within.foreign));
            }
            Stmt::Try(attempt) => {
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    handler.name.iter().for_each(|name| self.bind(name));
                }
                walk_stmt(self, statement);
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                let reads = self.reads.entry(name.id.to_string()).or_default();
                reads.0 += 1;
                reads.1 += u32::from(self.inner + self.looped > 0);
            }
            Expr::Name(name) => self.bind(&name.id),
            Expr::Attribute(attribute) => {
                self.touch(&attribute.value);
                walk_expr(self, expression);
            }
            Expr::Subscript(part) => {
                if part.ctx != ExprContext::Load {
                    self.touch(&part.value);
                }
                walk_expr(self, expression);
            }
            Expr::Lambda(_) | Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.within(|scan| walk_expr(scan, expression));
            }
            _ => walk_expr(self, expression),
        }
    }
}

/// How deep statements and expressions may lie in each other; the stack has an end.
const DEEPEST: u32 = 120;

/// What has to be known of a whole file: which functions are handed on by name, and what is spelled out.
#[derive(Default)]
pub(super) struct Uses {
    /// Names that are not only called.
    pub(super) handed_on: HashSet<String>,
    /// Strings, and keywords of calls.
    pub(super) spelled: HashSet<String>,
    /// Whether something lies too deep to be read.
    pub(super) is_too_deep: bool,
    depth: u32,
}

impl<'a> Visitor<'a> for Uses {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.depth += 1;
        self.is_too_deep |= self.depth > DEEPEST;
        if !self.is_too_deep {
            walk_stmt(self, statement);
        }
        self.depth -= 1;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.depth += 1;
        self.is_too_deep |= self.depth > DEEPEST;
        if !self.is_too_deep {
            self.expression(expression);
        }
        self.depth -= 1;
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        self.spelled.extend(arguments.keywords.iter().filter_map(|keyword| Some(keyword.arg.as_ref()?.to_string())));
        walk_arguments(self, arguments);
    }
}

impl Uses {
    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Name(name) => {
                self.handed_on.insert(name.id.to_string());
            }
            Expr::StringLiteral(text) => {
                self.spelled.insert(text.value.to_str().to_owned());
            }
            Expr::Call(call) => {
                let is_open = call.arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
                if is_open || !call.func.is_name_expr() {
                    self.visit_expr(&call.func);
                }
                self.visit_arguments(&call.arguments);
            }
            _ => walk_expr(self, expression),
        }
    }
}
