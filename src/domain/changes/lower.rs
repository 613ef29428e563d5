//! Reads a program into its tree of meaning: statements, definitions and the scopes of names.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{ExceptHandler, Expr, ModModule, Parameters, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use super::scan::{Scan, Uses};
use super::tree::{Node, Tag};

const TOO_DEEP: &str = "is nested too deeply";

/// Names that others look up in a file.
const CONTRACT: [&str; 9] = ["build", "clean", "space", "known", "FEATURES", "STEPS", "STACKS", "FIRST", "N_TRIALS"];

/// Something that is given a name at the top of a file.
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) node: Node,
    /// Whether its name counts, since nothing in the file refers to it, or others do.
    pub(super) is_fixed: bool,
}

impl Definition {
    /// Whether others look it up by its name.
    pub(super) fn is_contract(&self) -> bool {
        CONTRACT.contains(&self.name.as_str())
    }
}

/// A program.
pub(super) struct Program {
    pub(super) definitions: Vec<Definition>,
    /// What runs in order at the top of the file.
    pub(super) loose: Node,
    /// What is imported, and where.
    pub(super) imports: Vec<(String, usize)>,
}

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Meaning {
    Symbol,
    Local(String),
    Path(String),
    Same(Node),
}

#[derive(Default)]
pub(super) struct Scope {
    pub(super) names: HashMap<String, Meaning>,
    pub(super) is_class: bool,
    pub(super) is_nameless: bool,
    pub(super) seen: HashSet<String>,
    pub(super) scan: Scan,
}

#[derive(Default)]
pub(super) struct Lower<'a> {
    pub(super) code: &'a str,
    pub(super) scopes: Vec<Scope>,
    pub(super) signatures: HashMap<String, Vec<String>>,
    uses: Uses,
    imports: Vec<(String, usize)>,
    prefix: String,
    nested: u32,
    /// Whether something is too long to be read.
    pub(super) is_too_deep: bool,
    /// Whether what is made once and read once stands where it is read.
    moves: bool,
}

/// Reads a program; nothing where it does not parse. With `moves`, what is made once and read once stands where it is
/// read, so that it does not matter whether it has a name.
pub(super) fn lower(code: &str, moves: bool) -> Result<Program, &'static str> {
    let parsed = parse_module(code).map_err(|_| "does not parse")?;
    let mut lower = Lower { code, moves, ..Lower::default() };
    lower.uses.visit_body(&parsed.syntax().body);
    if lower.uses.is_too_deep {
        return Err(TOO_DEEP);
    }
    lower.module(parsed.syntax())
}

pub(super) fn span(ranged: &impl Ranged) -> (usize, usize) {
    (ranged.range().start().to_usize(), ranged.range().end().to_usize())
}

/// The one name that a statement gives to a value.
fn named(statement: &Stmt) -> Option<(&str, &Expr)> {
    let (target, value) = match statement {
        Stmt::Assign(assign) if assign.targets.len() == 1 => (assign.targets.first()?, &*assign.value),
        Stmt::AnnAssign(assign) => (&*assign.target, assign.value.as_deref()?),
        _ => return None,
    };
    Some((target.as_name_expr()?.id.as_str(), value))
}

fn is_literal(value: &Expr) -> bool {
    match value {
        Expr::StringLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::BytesLiteral(_) => true,
        Expr::UnaryOp(unary) => unary.operand.is_number_literal_expr(),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal),
        Expr::List(list) => list.elts.iter().all(is_literal),
        _ => false,
    }
}

/// The imports of a scope: name, what it stands for, where.
fn imports(body: &[Stmt], found: &mut Vec<(String, String, usize)>) {
    for statement in body {
        let at = statement.range().start().to_usize();
        match statement {
            Stmt::Import(import) => found.extend(import.names.iter().map(|alias| {
                let (path, root) = (alias.name.as_str(), alias.name.split('.').next().unwrap_or_default());
                alias.asname.as_ref().map_or_else(
                    || (root.to_owned(), root.to_owned(), at),
                    |name| (name.to_string(), path.to_owned(), at),
                )
            })),
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
                let from = import.module.as_ref().map_or("", |module| module.as_str());
                found.extend(import.names.iter().map(|alias| {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let from = if from.is_empty() { String::new() } else { format!("{from}.") };
                    (name.to_string(), format!("{dots}{from}{}", alias.name), span(alias).0)
                }));
            }
            Stmt::If(branch) => {
                imports(&branch.body, found);
                branch.elif_else_clauses.iter().for_each(|clause| imports(&clause.body, found));
            }
            Stmt::Try(attempt) => {
                imports(&attempt.body, found);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    imports(&handler.body, found);
                }
            }
            Stmt::With(with) => imports(&with.body, found),
            _ => {}
        }
    }
}

impl Lower<'_> {
    fn module(mut self, module: &ModModule) -> Result<Program, &'static str> {
        let body = &module.body;
        let scan = Scan::of(None, body);
        let mut scope = Scope { names: self.imported(body, &scan), ..Scope::default() };
        let mut constants = Vec::new();
        for statement in body {
            let name = match statement {
                Stmt::FunctionDef(function) => {
                    if function.decorator_list.is_empty() && scan.is_plain(&function.name) {
                        let parameters = &function.parameters;
                        let names = parameters.posonlyargs.iter().chain(&parameters.args);
                        let names = names.map(|parameter| parameter.name().to_string()).collect();
                        self.signatures.insert(function.name.to_string(), names);
                    }
                    function.name.as_str()
                }
                Stmt::ClassDef(class) => class.name.as_str(),
                _ => match named(statement) {
                    Some((name, value)) => {
                        let is_read = scan.reads.contains_key(name) && !CONTRACT.contains(&name);
                        if is_read && is_literal(value) && !scan.touched.contains(name) {
                            constants.push((name.to_owned(), value));
                        }
                        name
                    }
                    None => continue,
                },
            };
            if scan.is_plain(name) {
                scope.names.insert(name.to_owned(), Meaning::Symbol);
            }
        }
        self.scopes.push(scope);
        for (name, value) in constants {
            let node = self.expression(value);
            if let Some(scope) = self.scopes.first_mut().filter(|_| scan.is_plain(&name)) {
                scope.names.insert(name, Meaning::Same(node));
            }
        }
        self.top(body)
    }

    fn top(mut self, body: &[Stmt]) -> Result<Program, &'static str> {
        let (mut definitions, mut loose) = (Vec::new(), Vec::new());
        for statement in body {
            let name = match statement {
                Stmt::FunctionDef(function) => function.name.as_str(),
                Stmt::ClassDef(class) => class.name.as_str(),
                _ => named(statement).map(|(name, _)| name).unwrap_or_default(),
            };
            let meaning = self.scopes.first().and_then(|scope| scope.names.get(name)).cloned();
            match (meaning, statement) {
                (Some(Meaning::Same(_)), _) => continue,
                (Some(Meaning::Symbol), _) => {}
                _ => {
                    // Names of locals don't count here either.
                    loose.extend(self.statement(statement).iter().map(Node::anonymous));
                    continue;
                }
            }
            let node = match statement {
                Stmt::FunctionDef(function) => self.function(function, ""),
                Stmt::ClassDef(class) => self.class(class, ""),
                _ => match named(statement) {
                    Some((_, value)) => Node::new(Tag::Assign, "", vec![self.expression(value)], span(statement)),
                    None => continue,
                },
            };
            let calls = node.find(&|inner| inner.tag == Tag::Call).is_some();
            if calls && node.tag == Tag::Assign {
                let symbol = Node::new(Tag::Symbol, name, Vec::new(), node.span);
                loose.push(Node::new(Tag::Marker, "", vec![symbol], node.span));
            }
            definitions.push(Definition { name: name.to_owned(), node, is_fixed: false });
        }
        let loose = Node::new(Tag::Block, "", loose, (0, 0));
        let mut referred: HashSet<String> = HashSet::new();
        for definition in &definitions {
            referred.extend(definition.node.names(Tag::Symbol).into_iter().map(ToOwned::to_owned));
        }
        for statement in loose.kids.iter().filter(|statement| statement.tag != Tag::Marker) {
            referred.extend(statement.names(Tag::Symbol).into_iter().map(ToOwned::to_owned));
        }
        for definition in &mut definitions {
            definition.is_fixed = CONTRACT.contains(&definition.name.as_str()) || !referred.contains(&definition.name);
        }
        if self.is_too_deep {
            return Err(TOO_DEEP);
        }
        Ok(Program { definitions, loose, imports: self.imports })
    }

    fn imported(&mut self, body: &[Stmt], scan: &Scan) -> HashMap<String, Meaning> {
        let mut found = Vec::new();
        imports(body, &mut found);
        self.imports.extend(found.iter().map(|(_, path, at)| (path.clone(), *at)));
        found
            .into_iter()
            .filter(|(name, ..)| scan.is_plain(name))
            .map(|(name, path, _)| (name, Meaning::Path(path)))
            .collect()
    }

    /// Statements in a row; docstrings and what else does nothing is left out.
    pub(super) fn block(&mut self, body: &[Stmt]) -> Node {
        self.nested += 1;
        let node = self.body(body);
        self.nested -= 1;
        node
    }

    fn body(&mut self, body: &[Stmt]) -> Node {
        let at = body.first().zip(body.last()).map_or((0, 0), |(first, end)| (span(first).0, span(end).1));
        let kids = body.iter().flat_map(|statement| self.statement(statement)).collect();
        Node::new(Tag::Block, "", kids, at)
    }

    /// Whether an assignment only gives a name to what can stand where the name is read.
    pub(super) fn takes_the_place(&mut self, name: &str, value: &Expr) -> bool {
        if self.nested > 0 || self.scopes.len() < 2 {
            return false;
        }
        let Some(scope) = self.scopes.last() else { return false };
        let Some((total, often)) = scope.scan.reads.get(name).copied() else { return false };
        if scope.is_class
            || !scope.scan.is_plain(name)
            || scope.seen.contains(name)
            || scope.scan.touched.contains(name)
        {
            return false;
        }
        let moves = self.moves && (total, often) == (1, 0) && value.is_call_expr();
        let fits = is_literal(value) || moves && self.is_pure(value);
        if fits {
            let node = self.expression(value);
            if let Some(scope) = self.scopes.last_mut() {
                scope.names.insert(name.to_owned(), Meaning::Same(node));
            }
        }
        fits
    }

    pub(super) fn function(&mut self, function: &StmtFunctionDef, label: &str) -> Node {
        let name = function.name.as_str();
        let is_method = self.scopes.last().is_some_and(|scope| scope.is_class);
        let is_handed_on = self.uses.handed_on.contains(name);
        let spelled: HashSet<String> = self.uses.spelled.clone();
        let keeps = |at: usize, parameter: &str| {
            if is_method { name == "__init__" || at >= 3 } else { is_handed_on && spelled.contains(parameter) }
        };
        let decorators = function.decorator_list.iter().map(|decorator| self.expression(&decorator.expression));
        let decorators = decorators.collect();
        let defaults = self.defaults(&function.parameters);
        let scan = Scan::of(Some(&function.parameters), &function.body);
        let mut names = self.imported(&function.body, &scan);
        let before = self.prefix.clone();
        // A function at the top is renamed without a trace; its locals don't carry its name.
        if self.scopes.len() > 1 {
            self.prefix = format!("{before}{name}.");
        }
        for bound in scan.bound.keys().filter(|bound| !scan.foreign.contains(*bound)) {
            names.entry(bound.clone()).or_insert_with(|| Meaning::Local(format!("{}{bound}", self.prefix)));
        }
        // Names in what is compared as text still belong to this scope.
        for opaque in scan.foreign.iter().filter(|name| scan.bound.contains_key(*name)) {
            names.entry(opaque.clone()).or_insert_with(|| Meaning::Path(opaque.clone()));
        }
        self.scopes.push(Scope { names, scan, ..Scope::default() });
        let parameters = self.parameters(&function.parameters, defaults, &keeps);
        let nested = std::mem::take(&mut self.nested);
        let body = self.body(&function.body);
        self.nested = nested;
        self.scopes.pop();
        self.prefix = before;
        let wait = if function.is_async { "async " } else { "" };
        let decorators = Node::new(Tag::Other, "decorators", decorators, span(&function.name));
        Node::new(Tag::Function, format!("{wait}{label}"), vec![parameters, body, decorators], span(function))
    }

    pub(super) fn class(&mut self, class: &StmtClassDef, label: &str) -> Node {
        let decorators = class.decorator_list.iter().map(|decorator| self.expression(&decorator.expression)).collect();
        let arguments = class.arguments.as_ref().map(|arguments| self.arguments(arguments, None)).unwrap_or_default();
        let scan = Scan::of(None, &class.body);
        let names = scan.bound.keys().map(|name| (name.clone(), Meaning::Path(name.clone()))).collect();
        self.scopes.push(Scope { names, scan, is_class: true, ..Scope::default() });
        let body = self.body(&class.body);
        self.scopes.pop();
        let decorators = Node::new(Tag::Other, "decorators", decorators, span(&class.name));
        let bases = Node::new(Tag::Other, "bases", arguments, span(&class.name));
        Node::new(Tag::Class, label, vec![bases, body, decorators], span(class))
    }

    pub(super) fn defaults(&mut self, parameters: &Parameters) -> Vec<Option<Node>> {
        parameters.iter().map(|parameter| parameter.default().map(|value| self.expression(value))).collect()
    }

    pub(super) fn parameters(
        &mut self,
        parameters: &Parameters,
        defaults: Vec<Option<Node>>,
        keeps: &dyn Fn(usize, &str) -> bool,
    ) -> Node {
        let named = |name: &str| parameters.kwonlyargs.iter().any(|parameter| parameter.name().as_str() == name);
        let is = |parameter: &Option<Box<ruff_python_ast::Parameter>>, name: &str| {
            parameter.as_ref().is_some_and(|parameter| parameter.name.as_str() == name)
        };
        let mut kids = Vec::new();
        for (at, (parameter, default)) in parameters.iter().zip(defaults).enumerate() {
            let name = parameter.name().as_str();
            let stars = if is(&parameters.vararg, name) {
                "*"
            } else if is(&parameters.kwarg, name) {
                "**"
            } else {
                ""
            };
            let kept = if named(name) {
                format!("parameter ={name}")
            } else if stars.is_empty() && keeps(at, name) {
                format!("parameter {name}")
            } else {
                format!("parameter {stars}")
            };
            let mut inner = vec![self.name(name, span(parameter.name()))];
            inner.extend(default);
            kids.push(Node::new(Tag::Other, kept, inner, span(&parameter)));
        }
        Node::new(Tag::Other, "parameters", kids, span(parameters))
    }
}
