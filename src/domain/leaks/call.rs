//! Calls of functions: of libraries, of the program itself, and of builtins.

use ruff_python_ast::{Expr, ExprCall};

use super::Rule;
use super::names::{self, Role};
use super::state::{Body, Stage, Walk};
use super::value::{Cols, LABEL, LABELS, SHARED, SORTED, Set, TRUE, VAGUE, Value, What, blend};

/// The arguments of a call, as values and as code.
pub(super) struct Args<'a> {
    pub values: Vec<Value>,
    pub keywords: Vec<(String, Value)>,
    pub call: &'a ExprCall,
    pub line: u32,
}

impl Args<'_> {
    pub(super) fn get(&self, at: usize, name: &str) -> Option<&Value> {
        self.keyword(name).or_else(|| self.values.get(at))
    }

    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(keyword, _)| keyword == name).map(|(_, value)| value)
    }

    /// Whether a keyword is the literal `True` or `False`, or what it says otherwise.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let said = |value: &Value| value.what == What::Constant && value.is(TRUE);
        let Some(keyword) = self.call.arguments.find_keyword(name) else {
            return self.keyword(name).is_some_and(said).then_some(true);
        };
        match &keyword.value {
            Expr::BooleanLiteral(literal) => Some(literal.value),
            Expr::NoneLiteral(_) => Some(false),
            _ => self.keyword(name).is_some_and(said).then_some(true),
        }
    }

    pub(super) fn axis_is_columns(&self) -> bool {
        let is_one = |value: &Value| value.what == What::Number(1) || value.as_text() == Some("columns");
        self.keyword("axis").is_some_and(is_one)
    }

    pub(super) fn all(&self) -> Vec<&Value> {
        self.values.iter().chain(self.keywords.iter().map(|(_, value)| value)).collect()
    }
}

impl<'a> Walk<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let line = match &*call.func {
            Expr::Attribute(attribute) => self.line_of(&attribute.attr),
            other => self.line_of(other),
        };
        let receiver = match &*call.func {
            Expr::Attribute(attribute) => {
                let by_group = attribute.attr.as_str() == "over";
                self.grouped += usize::from(by_group);
                let receiver = self.eval(&attribute.value);
                self.grouped -= usize::from(by_group);
                Some(receiver)
            }
            _ => None,
        };
        let of_frame = match (&*call.func, &receiver) {
            (Expr::Attribute(attribute), Some(receiver))
                if super::lazy::takes_expressions(&attribute.attr)
                    && matches!(receiver.what, What::Frame | What::GroupBy) =>
            {
                self.frames.push(receiver.clone());
                true
            }
            _ => false,
        };
        let by_group = of_frame && receiver.as_ref().is_some_and(|receiver| receiver.what == What::GroupBy);
        self.grouped += usize::from(by_group);
        let draws = matches!(&*call.func, Expr::Attribute(attribute) if names::draws(&attribute.attr));
        self.draws += usize::from(draws);
        let mut values = Vec::new();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            match (argument, value.what) {
                (Expr::Starred(_), What::List(items)) => values.extend(items),
                (_, what) => values.push(Value { what, ..value }),
            }
        }
        let mut keywords = Vec::new();
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            match (&keyword.arg, value.what) {
                (Some(name), what) => keywords.push((name.to_string(), Value { what, ..value })),
                (None, What::Dict(items)) => keywords.extend(items),
                (None, what) => keywords.push(("**".to_owned(), Value { what, ..value })),
            }
        }
        self.draws -= usize::from(draws);
        self.grouped -= usize::from(by_group);
        if of_frame {
            self.frames.pop();
        }
        let args = Args { values, keywords, call, line };
        match (&*call.func, receiver) {
            (Expr::Attribute(attribute), Some(receiver)) => {
                self.method(receiver, &attribute.value, &attribute.attr, &args)
            }
            (function, _) => {
                let callee = self.eval(function);
                match callee.what {
                    What::Function(index) => self.invoke(index, &args.values, &args.keywords),
                    What::Class(index) => self.instantiate(index, &args),
                    What::Object(index) => self.call_object(index, &args),
                    What::Path(path) => self.function(&path, &args),
                    _ if callee.is_data() => {
                        let mut all = vec![&callee];
                        all.extend(args.all());
                        blend(&all)
                    }
                    _ => blend(&args.all()),
                }
            }
        }
    }

    fn method(&mut self, receiver: Value, holder: &'a Expr, name: &'a str, args: &Args<'a>) -> Value {
        if receiver.is(SHARED) && matches!(name, "append" | "update" | "add" | "setdefault" | "extend" | "insert") {
            let holder = self.source(holder);
            for value in args.all() {
                self.keeps(&holder, value, args.line);
            }
        }
        self.looks_up(name, &receiver, &args.values, args.line);
        if name == "alias"
            && let Some(names) = args.values.first().and_then(Value::texts)
        {
            return Value { cols: Cols::Only(names), ..receiver };
        }
        if names::optimises(name)
            && let Some(What::Function(index)) = args.values.first().map(|value| value.what.clone())
        {
            return self.optimise(index, args.line);
        }
        match &receiver.what {
            What::Path(path) => {
                let path = format!("{path}.{name}");
                self.function(&path, args)
            }
            What::Object(index) => self.object_method(*index, name, args),
            What::Class(index) => {
                let method = self.classes.get(*index).and_then(|class| class.methods.get(name)).copied();
                method.map_or_else(Value::default, |method| self.invoke(method, &args.values, &args.keywords))
            }
            What::List(_) | What::Dict(_) | What::Names | What::Text(_) => self.container(receiver, holder, name, args),
            What::DataPath => Value::new(What::DataPath).with(if name == "read_text" { 0 } else { VAGUE }),
            _ => self.data_method(receiver, holder, name, args),
        }
    }

    pub(super) fn optimise(&mut self, index: usize, line: u32) -> Value {
        self.optimise_with(index, None, line)
    }

    /// A function that is tried again and again, with what it is handed besides.
    pub(super) fn optimise_with(&mut self, index: usize, more: Option<&Value>, line: u32) -> Value {
        let mut values = vec![Value::default()];
        match more.map(|more| &more.what) {
            Some(What::List(items)) => values.extend(items.iter().cloned()),
            Some(_) => values.extend(more.cloned()),
            None => {}
        }
        self.loops += 1;
        let value = self.invoke(index, &values, &[]);
        self.loops -= 1;
        self.choose(&value, line, false);
        Value { scores: value.all_scores(), ..Value::default() }
    }

    fn container(&mut self, receiver: Value, holder: &'a Expr, name: &str, args: &Args<'a>) -> Value {
        let line = args.line;
        match name {
            "append" | "add" | "extend" | "insert" | "update" | "setdefault" => {
                if let Expr::Name(name) = holder {
                    args.all().into_iter().for_each(|value| self.goes_global(&name.id, value, line));
                }
                let mut changed = receiver;
                let mut more: Vec<Value> = args.values.clone();
                if let ([Value { what: What::List(items), .. }], "extend" | "update") = (args.values.as_slice(), name) {
                    more.clone_from(items);
                }
                match &mut changed.what {
                    What::List(items) if items.len() < 40 => items.extend(more),
                    What::Dict(items) if items.len() < 40 => {
                        items.extend(more.into_iter().map(|value| (String::new(), value)));
                        items.extend(args.keywords.iter().cloned());
                    }
                    _ => more.iter().for_each(|value| changed.absorb(value)),
                }
                if let Some(guard) = self.guards.last() {
                    changed.taints.extend(guard);
                }
                self.assign(holder, changed, None);
                Value::default()
            }
            "remove" | "drop" | "difference" | "discard"
                if receiver.texts().is_some() || receiver.what == What::Names =>
            {
                let names = Value { what: What::Names, ..receiver.clone() };
                let names = match receiver.texts() {
                    Some(only) => Value { cols: Cols::Only(only), ..names },
                    None => names,
                };
                let gone = args.values.first().cloned().unwrap_or_default();
                let left = names.minus(&gone, line);
                if matches!(name, "remove" | "discard") {
                    self.assign(holder, left.clone(), None);
                }
                left
            }
            "sort" => {
                self.assign(holder, receiver.with(SORTED), None);
                Value::default()
            }
            "items" => match receiver.what {
                What::Dict(items) => {
                    let pair = |(name, value): &(String, Value)| Value::list(vec![Value::text(name), value.clone()]);
                    Value::list(items.iter().map(pair).collect())
                }
                _ => receiver,
            },
            "values" => match &receiver.what {
                What::Dict(items) => Value::list(items.iter().map(|(_, value)| value.clone()).collect()),
                _ => receiver,
            },
            "get" | "pop" => match (&receiver.what, args.values.first().and_then(Value::as_text)) {
                (What::Dict(items), Some(key)) => items
                    .iter()
                    .rev()
                    .find(|(name, _)| name == key)
                    .map_or_else(|| blend(&[&receiver]), |(_, v)| v.clone()),
                _ => blend(&[&receiver]),
            },
            "tolist" | "to_list" | "copy" | "sort_values" | "intersection" | "union" | "keys" | "astype" => receiver,
            "join" | "format" | "strip" | "lower" | "upper" | "replace" | "split" => Value::default(),
            "read_text" | "read_bytes" | "open" => {
                let path = receiver.as_text().map(ToOwned::to_owned);
                self.reads(path.as_deref(), args, name)
            }
            "write_text" | "write_bytes" => self.writes(name, line),
            _ => {
                let mut all = vec![&receiver];
                all.extend(args.all());
                blend(&all)
            }
        }
    }

    fn instantiate(&mut self, class: usize, args: &Args<'a>) -> Value {
        self.instance(class, &args.values, &args.keywords)
    }

    /// An object of a class of the program.
    pub(super) fn instance(&mut self, class: usize, given: &[Value], keywords: &[(String, Value)]) -> Value {
        let Some(known) = self.classes.get(class).cloned() else { return Value::default() };
        let role = self.role_of_class(class);
        let index = self.objects.len();
        let attributes = known.attributes.iter().filter(|(_, value)| !matches!(value.what, What::Function(_)));
        let attributes = attributes.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut object = super::fits::object(known.name, role);
        object.user = Some(class);
        object.attributes = attributes;
        self.objects.push(object);
        let me = Value::new(What::Object(index));
        if let Some(init) = known.methods.get("__init__") {
            let mut values = vec![me.clone()];
            values.extend(given.iter().cloned());
            self.invoke(*init, &values, keywords);
        }
        me
    }

    /// What fitting a class of the program learns, by what its `fit` says.
    fn role_of_class(&self, class: usize) -> Role {
        let Some(class) = self.classes.get(class) else { return Role::Other };
        if class.methods.contains_key("predict") {
            return Role::Model;
        }
        if !class.methods.contains_key("transform") {
            return if class.bases.iter().any(|base| base.contains("Module") || base.contains("Model")) {
                Role::Model
            } else {
                Role::Other
            };
        }
        let fit = class.methods.get("fit").and_then(|fit| self.functions.get(*fit));
        match fit.map(|fit| fit.body) {
            Some(Body::Statements(body)) if body.len() > 1 => Role::Learned,
            _ => Role::Plain,
        }
    }

    /// Looks for labels under the names of rows that are to be predicted.
    pub(super) fn looks_up(&mut self, name: &str, receiver: &Value, keys: &[Value], line: u32) {
        if !self.is_solution() || self.stage != Stage::Apply {
            return;
        }
        let by_row = |key: &Value| key.leaves().iter().any(|leaf| leaf.is(super::value::ROWID) && self.is_valid(leaf));
        let of_rows = |key: &Value| key.leaves().iter().any(|leaf| self.is_valid(leaf));
        let known = |value: &Value| value.any(LABELS) && !value.leaves().iter().any(|leaf| self.is_valid(leaf));
        let asks = match name {
            "[]" | "reindex" | "loc" => {
                known(receiver) && keys.iter().any(|key| by_row(key) || (receiver.what == What::Lookup && of_rows(key)))
            }
            "get" => known(receiver) && keys.iter().any(of_rows),
            "map" | "merge" | "join" | "replace" | "apply" => of_rows(receiver) && keys.iter().any(known),
            _ => false,
        };
        if asks {
            self.emit(Rule::Memorises, line, "labels of single rows are looked up instead of predicted".to_owned());
        }
    }

    pub(super) fn label_value(part: usize) -> Value {
        Value { part: Some(part), from: Set::from([LABEL.to_owned()]), ..Value::new(What::Column) }.with(LABELS)
    }
}
