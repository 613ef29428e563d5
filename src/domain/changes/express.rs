//! Reads expressions into the tree of meaning.

use ruff_python_ast::Operator;
use ruff_python_ast::{
    Arguments, Comprehension, Expr, ExprAttribute, ExprContext, FStringPart, InterpolatedStringElement, Number,
    Parameters, UnaryOp,
};
use ruff_text_size::Ranged;

use super::lower::{Lower, Meaning, Scope, span};
use super::tree::{Node, Role, Tag, role};

pub(super) fn other(text: impl Into<String>, kids: Vec<Node>, at: &impl Ranged) -> Node {
    Node::new(Tag::Other, text, kids, span(at))
}

/// Adds to the parts of an f-string; where it was split between its words doesn't count.
fn push(parts: &mut Vec<Node>, part: Node) {
    match parts.pop() {
        Some(before) if before.tag == Tag::Text && part.tag == Tag::Text => {
            let text = format!("{}{}", before.text, part.text);
            parts.push(Node::new(Tag::Text, text, Vec::new(), (before.span.0, part.span.1)));
        }
        before => {
            parts.extend(before);
            parts.push(part);
        }
    }
}

/// Names that a target binds.
fn targets(target: &Expr, names: &mut Vec<String>) {
    match target {
        Expr::Name(name) => names.push(name.id.to_string()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|inner| targets(inner, names)),
        Expr::List(list) => list.elts.iter().for_each(|inner| targets(inner, names)),
        Expr::Starred(starred) => targets(&starred.value, names),
        _ => {}
    }
}

impl Lower<'_> {
    pub(super) fn all(&mut self, expressions: &[Expr]) -> Vec<Node> {
        expressions.iter().map(|inner| self.expression(inner)).collect()
    }

    pub(super) fn maybe(&mut self, expression: Option<&Expr>) -> Vec<Node> {
        expression.map(|inner| self.expression(inner)).into_iter().collect()
    }

    /// What a name stands for.
    pub(super) fn name(&mut self, name: &str, at: (usize, usize)) -> Node {
        let count = self.scopes.len();
        for (depth, scope) in self.scopes.iter_mut().enumerate().rev() {
            if scope.is_class && depth + 1 < count {
                continue;
            }
            match scope.names.get(name) {
                Some(Meaning::Symbol) => return Node::new(Tag::Symbol, name, Vec::new(), at),
                Some(Meaning::Path(path)) => return Node::new(Tag::Path, path.clone(), Vec::new(), at),
                Some(Meaning::Same(node)) => return node.clone(),
                Some(Meaning::Local(id)) => {
                    scope.seen.insert(name.to_owned());
                    return Node::new(Tag::Local, id.clone(), Vec::new(), at);
                }
                None => {}
            }
        }
        Node::new(Tag::Path, name, Vec::new(), at)
    }

    /// Whether making this value twice, later or not at all makes no difference.
    pub(super) fn is_pure(&self, value: &Expr) -> bool {
        match value {
            Expr::Name(name) => {
                let scope = self.scopes.last();
                scope.is_some_and(|scope| {
                    !scope.names.contains_key(name.id.as_str()) || scope.scan.is_plain(name.id.as_str())
                })
            }
            Expr::Attribute(attribute) => self.is_path(attribute),
            Expr::Call(call) => {
                let name = match &*call.func {
                    Expr::Name(name) => name.id.as_str(),
                    Expr::Attribute(attribute) if self.is_path(attribute) => attribute.attr.as_str(),
                    _ => return false,
                };
                (name.starts_with(char::is_uppercase) || role(name) == Role::Container)
                    && self.is_pure(&call.func)
                    && call.arguments.args.iter().all(|inner| self.is_pure(inner))
                    && call.arguments.keywords.iter().all(|keyword| self.is_pure(&keyword.value))
            }
            Expr::UnaryOp(unary) => self.is_pure(&unary.operand),
            Expr::List(list) => list.elts.iter().all(|inner| self.is_pure(inner)),
            Expr::Tuple(tuple) => tuple.elts.iter().all(|inner| self.is_pure(inner)),
            Expr::Starred(starred) => self.is_pure(&starred.value),
            Expr::BinOp(inner) => self.is_pure(&inner.left) && self.is_pure(&inner.right),
            Expr::If(inner) => [&inner.test, &inner.body, &inner.orelse].into_iter().all(|part| self.is_pure(part)),
            Expr::Dict(inner) => {
                inner.items.iter().all(|item| item.key.iter().all(|key| self.is_pure(key)) && self.is_pure(&item.value))
            }
            Expr::Lambda(_) => true,
            _ => value.is_literal_expr(),
        }
    }

    /// Whether this is a name in a module.
    fn is_path(&self, attribute: &ExprAttribute) -> bool {
        match &*attribute.value {
            Expr::Attribute(inner) => self.is_path(inner),
            Expr::Name(name) => {
                let meaning = self.scopes.iter().rev().find_map(|scope| scope.names.get(name.id.as_str()));
                matches!(meaning, Some(Meaning::Path(_)))
            }
            _ => false,
        }
    }

    pub(super) fn arguments(&mut self, arguments: &Arguments, signature: Option<&[String]>) -> Vec<Node> {
        let is_open = arguments.args.iter().any(Expr::is_starred_expr);
        let signature = signature.filter(|_| !is_open);
        let mut plain = Vec::new();
        for (at, value) in arguments.args.iter().enumerate() {
            let label = if signature.is_some() { format!("#{}", at + 1) } else { String::new() };
            plain.push(Node::new(Tag::Arg, label, vec![self.expression(value)], span(value)));
        }
        let (mut named, mut open) = (Vec::new(), Vec::new());
        for keyword in &arguments.keywords {
            let value = vec![self.expression(&keyword.value)];
            let Some(name) = &keyword.arg else {
                open.push(Node::new(Tag::Arg, format!("**{}", open.len()), value, span(keyword)));
                continue;
            };
            let at = signature.and_then(|names| names.iter().position(|parameter| parameter == name.as_str()));
            let label = at.map_or_else(|| name.to_string(), |at| format!("#{}", at + 1));
            named.push(Node::new(Tag::Arg, label, value, span(keyword)));
        }
        named.sort_by(|one, two| one.text.cmp(&two.text));
        plain.into_iter().chain(named).chain(open).collect()
    }

    pub(super) fn expression(&mut self, expression: &Expr) -> Node {
        let at = span(expression);
        let leaf = |tag, text: String| Node::new(tag, text, Vec::new(), at);
        match expression {
            Expr::Name(name) => self.name(&name.id, at),
            Expr::StringLiteral(text) => leaf(Tag::Text, text.value.to_str().to_owned()),
            Expr::NumberLiteral(number) => leaf(
                Tag::Number,
                match &number.value {
                    Number::Int(int) => int.to_string(),
                    Number::Float(float) => format!("{float:?}"),
                    Number::Complex { real, imag } => format!("{real:?}+{imag:?}j"),
                },
            ),
            Expr::BooleanLiteral(truth) => leaf(Tag::Other, if truth.value { "True" } else { "False" }.to_owned()),
            Expr::NoneLiteral(_) => leaf(Tag::Other, "None".to_owned()),
            Expr::EllipsisLiteral(_) => leaf(Tag::Other, "...".to_owned()),
            Expr::BytesLiteral(bytes) => leaf(Tag::Other, format!("{:?}", bytes.value.bytes().collect::<Vec<_>>())),
            Expr::Attribute(attribute) => {
                let value = self.expression(&attribute.value);
                if value.tag == Tag::Path {
                    leaf(Tag::Path, format!("{}.{}", value.text, attribute.attr))
                } else {
                    Node::new(Tag::Attribute, attribute.attr.as_str(), vec![value], at)
                }
            }
            Expr::Call(call) => {
                let callee = self.expression(&call.func);
                let signature = self.signatures.get(&callee.text).filter(|_| callee.tag == Tag::Symbol).cloned();
                let mut kids = vec![callee];
                kids.extend(self.arguments(&call.arguments, signature.as_deref()));
                Node::new(Tag::Call, "", kids, at)
            }
            Expr::UnaryOp(unary) => {
                let inner = self.expression(&unary.operand);
                match unary.op {
                    UnaryOp::USub if inner.tag == Tag::Number && !inner.text.starts_with('-') => {
                        leaf(Tag::Number, format!("-{}", inner.text))
                    }
                    UnaryOp::UAdd if inner.tag == Tag::Number => leaf(Tag::Number, inner.text),
                    _ => Node::new(Tag::Other, unary.op.as_str(), vec![inner], at),
                }
            }
            Expr::List(list) => Node::new(Tag::List, "[]", self.all(&list.elts), at),
            Expr::Tuple(tuple) => Node::new(Tag::List, "()", self.all(&tuple.elts), at),
            Expr::Set(set) => {
                let mut kids = self.all(&set.elts);
                kids.sort_by_key(|kid| kid.print);
                Node::new(Tag::Other, "set", kids, at)
            }
            Expr::Dict(dict) => {
                let items = dict.items.iter().map(|item| {
                    let mut kids = self.maybe(item.key.as_ref());
                    let value = self.expression(&item.value);
                    let start = kids.first().map_or(value.span.0, |key| key.span.0);
                    let end = value.span.1;
                    kids.push(value);
                    Node::new(Tag::Item, "", kids, (start.min(end), end))
                });
                let items = items.collect();
                Node::new(Tag::Dict, "", items, at)
            }
            Expr::Subscript(part) => {
                let text = if part.ctx == ExprContext::Load { "" } else { "=" };
                let kids = vec![self.expression(&part.value), self.expression(&part.slice)];
                Node::new(Tag::Subscript, text, kids, at)
            }
            Expr::Lambda(lambda) => {
                let parameters = lambda.parameters.as_deref();
                let defaults = parameters.map(|inner| self.defaults(inner)).unwrap_or_default();
                let names = parameters.into_iter().flat_map(Parameters::iter).map(|inner| inner.name().to_string());
                self.nameless(names.collect());
                let head = parameters.map(|inner| self.parameters(inner, defaults, &|_, _| false));
                let body = self.expression(&lambda.body);
                self.scopes.pop();
                Node::new(Tag::Lambda, "", head.into_iter().chain([body]).collect(), at)
            }
            _ => self.rare(expression),
        }
    }

    /// A scope whose names are known by their place.
    fn nameless(&mut self, names: Vec<String>) {
        let depth = self.scopes.iter().filter(|scope| scope.is_nameless).count();
        let names = names.into_iter().enumerate();
        let names = names.map(|(at, name)| (name, Meaning::Local(format!("\u{3bb}{depth}.{at}")))).collect();
        self.scopes.push(Scope { names, is_nameless: true, ..Scope::default() });
    }

    fn comprehension(&mut self, text: &str, elements: &[&Expr], generators: &[Comprehension], at: &Expr) -> Node {
        let first = self.maybe(generators.first().map(|generator| &generator.iter));
        let mut names = Vec::new();
        for generator in generators {
            targets(&generator.target, &mut names);
        }
        self.nameless(names);
        let mut kids = first;
        for (place, generator) in generators.iter().enumerate() {
            let mut inner = vec![self.expression(&generator.target)];
            if place > 0 {
                inner.push(self.expression(&generator.iter));
            }
            inner.extend(self.all(&generator.ifs));
            kids.push(other(if generator.is_async { "async each" } else { "each" }, inner, generator));
        }
        for element in elements {
            kids.push(self.expression(element));
        }
        self.scopes.pop();
        other(text, kids, at)
    }

    fn rare(&mut self, expression: &Expr) -> Node {
        let (text, kids) = match expression {
            Expr::BoolOp(inner) => (inner.op.as_str().to_owned(), self.all(&inner.values)),
            Expr::BinOp(inner) => {
                let (mut left, right) = (self.expression(&inner.left), self.expression(&inner.right));
                let is_list = |node: &Node| node.tag == Tag::List && node.text == "[]";
                if inner.op == Operator::Add && is_list(&left) && is_list(&right) {
                    // Two lists written one after the other are one.
                    left.kids.extend(right.kids);
                    return Node::new(Tag::List, "[]", left.kids, span(expression));
                }
                (inner.op.as_str().to_owned(), vec![left, right])
            }
            Expr::Compare(inner) => {
                let operators: Vec<&str> = inner.ops.iter().map(ruff_python_ast::CmpOp::as_str).collect();
                let mut kids = vec![self.expression(&inner.left)];
                kids.extend(self.all(&inner.comparators));
                (operators.join(" "), kids)
            }
            Expr::If(inner) => {
                let kids =
                    vec![self.expression(&inner.test), self.expression(&inner.body), self.expression(&inner.orelse)];
                ("if else".to_owned(), kids)
            }
            Expr::Named(inner) => {
                (":=".to_owned(), vec![self.expression(&inner.target), self.expression(&inner.value)])
            }
            Expr::Starred(inner) => ("*".to_owned(), vec![self.expression(&inner.value)]),
            Expr::Await(inner) => ("await".to_owned(), vec![self.expression(&inner.value)]),
            Expr::Yield(inner) => ("yield".to_owned(), self.maybe(inner.value.as_deref())),
            Expr::YieldFrom(inner) => ("yield from".to_owned(), vec![self.expression(&inner.value)]),
            Expr::Slice(inner) => {
                let parts = [&inner.lower, &inner.upper, &inner.step];
                let text: String = parts.iter().map(|part| if part.is_some() { "x:" } else { ":" }).collect();
                (text, parts.into_iter().flat_map(|part| self.maybe(part.as_deref())).collect())
            }
            Expr::ListComp(inner) => {
                return self.comprehension("[each]", &[&inner.elt], &inner.generators, expression);
            }
            Expr::SetComp(inner) => return self.comprehension("{each}", &[&inner.elt], &inner.generators, expression),
            Expr::Generator(inner) => {
                return self.comprehension("(each)", &[&inner.elt], &inner.generators, expression);
            }
            Expr::DictComp(inner) => {
                let elements: Vec<&Expr> = inner.key.as_deref().into_iter().chain([&*inner.value]).collect();
                return self.comprehension("{each: }", &elements, &inner.generators, expression);
            }
            Expr::FString(inner) => {
                let mut kids = Vec::new();
                for part in &inner.value {
                    match part {
                        FStringPart::Literal(text) => {
                            push(&mut kids, Node::new(Tag::Text, text.as_str(), Vec::new(), span(part)));
                        }
                        FStringPart::FString(part) => {
                            for element in &part.elements {
                                push(&mut kids, self.filled(element));
                            }
                        }
                    }
                }
                ("f".to_owned(), kids)
            }
            _ => return self.verbatim(expression),
        };
        other(text, kids, expression)
    }

    fn filled(&mut self, element: &InterpolatedStringElement) -> Node {
        match element {
            InterpolatedStringElement::Literal(text) => Node::new(Tag::Text, &*text.value, Vec::new(), span(text)),
            InterpolatedStringElement::Interpolation(inner) => {
                let debug = if inner.debug_text.is_some() { "=" } else { "" };
                let mut kids = vec![self.expression(&inner.expression)];
                if let Some(format) = &inner.format_spec {
                    format.elements.iter().for_each(|one| kids.push(self.filled(one)));
                }
                other(format!("{{{:?}{debug}}}", inner.conversion), kids, inner)
            }
        }
    }
}
