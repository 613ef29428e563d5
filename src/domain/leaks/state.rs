//! What is kept while a program is read.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, Parameters, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::names::Role;
use super::value::{LABEL, LABELS, Part, SHARED, Scored, Set, Side, VALID, Value, WHOLE, What};
use super::{About, Kind, Rule};

/// Names and what they hold.
pub(super) type Scope = BTreeMap<String, Value>;

/// What a function consists of.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Statements(&'a [Stmt]),
    Expression(&'a Expr),
}

/// How a function is reached through an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Method,
    /// Takes no `self`.
    Static,
    /// Is read like an attribute.
    Property,
}

/// A function of the program.
#[derive(Clone, Copy)]
pub(super) struct Func<'a> {
    pub name: &'a str,
    pub parameters: Option<&'a Parameters>,
    pub body: Body<'a>,
    pub called: bool,
    pub active: bool,
    pub in_class: bool,
    pub access: Access,
}

/// Arguments that a function already has, by place and by name.
pub(super) type Bound = (Vec<Value>, Vec<(String, Value)>);

/// A class of the program.
#[derive(Clone)]
pub(super) struct Class<'a> {
    pub name: &'a str,
    pub methods: BTreeMap<String, usize>,
    pub attributes: Scope,
    pub bases: Vec<String>,
}

/// What an object was fitted on.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    pub part: Option<usize>,
    pub taint: Option<usize>,
    pub line: u32,
}

/// An estimator, a splitter or an instance of a class of the program.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub class: String,
    pub role: Role,
    pub steps: Vec<usize>,
    pub fit: Option<Fit>,
    pub taints: BTreeSet<usize>,
    pub keywords: Scope,
    pub user: Option<usize>,
    pub attributes: Scope,
    /// Columns that a column transformer names; empty where it takes what it gets.
    pub uses: Option<Set>,
    /// Where it was made, as far as it is known.
    pub line: u32,
    /// Lives as long as the module, so that what it learns bit by bit outlasts a fold.
    pub shared: bool,
}

/// Something that will be a finding if what it touched is scored on rows that went into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taint {
    pub rule: Rule,
    pub line: u32,
    pub text: String,
    pub part: Option<usize>,
}

/// A score that the program computed.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub part: Option<usize>,
    pub fit: Option<usize>,
    pub line: u32,
    pub text: String,
}

/// Rows that something was chosen by.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub part: usize,
    pub line: u32,
    pub rule: Rule,
    pub text: String,
}

/// What is only known once the program was read to its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub targets: Set,
    pub dates: bool,
    pub lags: bool,
    pub sorted: bool,
    pub inverted: Set,
    pub lowers: Set,
    pub uppers: Set,
    /// Columns that rows are counted or grouped by.
    pub counted: Set,
    /// Columns that are left out of the features.
    pub left: Set,
    /// Columns that hold numbers, as the program treats them.
    pub numeric: Set,
}

/// Which code of a solution is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Module,
    Build,
    Fit,
    Apply,
}

/// The reader of one program.
pub(super) struct Walk<'a> {
    pub code: &'a str,
    pub about: &'a About<'a>,
    pub facts: Facts,
    pub next: Facts,
    pub starts: Vec<usize>,
    pub scopes: Vec<Scope>,
    pub functions: Vec<Func<'a>>,
    pub classes: Vec<Class<'a>>,
    pub objects: Vec<Object>,
    pub taints: Vec<Taint>,
    pub parts: Vec<Part>,
    pub named: BTreeMap<(usize, String, Side), usize>,
    pub roots: usize,
    pub loops: usize,
    pub breaks: Vec<bool>,
    pub guards: Vec<BTreeSet<usize>>,
    pub returns: Vec<Vec<Value>>,
    pub globals: Vec<Set>,
    pub depth: usize,
    pub steps: usize,
    pub nest: usize,
    /// Calls that only draw, in whose arguments nothing is chosen.
    pub draws: usize,
    /// Frames whose columns an expression of polars is about.
    pub frames: Vec<Value>,
    /// Expressions of polars that are reckoned group by group.
    pub grouped: usize,
    pub stage: Stage,
    pub class: Option<usize>,
    pub applied: Vec<usize>,
    pub events: Vec<Event>,
    pub crossed: bool,
    pub chosen: Vec<Chosen>,
    pub later: Vec<usize>,
    pub deduplicated: bool,
    pub found: BTreeMap<(u32, Rule), String>,
    /// Lines that use a column that was warned of.
    pub named_suspects: BTreeMap<u32, String>,
    /// Lines that use a column which sounds as if it came after the target.
    pub named_after: BTreeMap<u32, String>,
    /// What functions are handed before their own arguments: methods their object, others what `partial` says.
    pub bound: BTreeMap<usize, Bound>,
    /// The `fit` of a solution is read as a program of its own, in which the rows it is handed are all there are.
    pub inner: bool,
    /// What went into rows before they were cut, for models that are written out by hand.
    pub cut_late: BTreeSet<usize>,
    /// What objects of a class keep from scores on the rows that they were fitted on: class, attribute, line, text.
    pub kept: Vec<(usize, String, u32, String)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(code: &'a str, about: &'a About<'a>, facts: Facts) -> Self {
        let part = |side| Part { side, of: None, loops: 0, twin: None, holds: Vec::new() };
        Self {
            code,
            about,
            facts,
            next: Facts::default(),
            starts: std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect(),
            scopes: vec![Scope::new()],
            functions: Vec::new(),
            classes: Vec::new(),
            objects: Vec::new(),
            taints: Vec::new(),
            parts: vec![part(Side::All), part(Side::Train), part(Side::Test)],
            named: BTreeMap::new(),
            roots: 0,
            loops: 0,
            breaks: Vec::new(),
            guards: Vec::new(),
            returns: Vec::new(),
            globals: Vec::new(),
            depth: 0,
            steps: 0,
            nest: 0,
            draws: 0,
            frames: Vec::new(),
            grouped: 0,
            stage: Stage::Module,
            class: None,
            applied: Vec::new(),
            events: Vec::new(),
            crossed: false,
            chosen: Vec::new(),
            later: Vec::new(),
            deduplicated: false,
            found: BTreeMap::new(),
            named_suspects: BTreeMap::new(),
            named_after: BTreeMap::new(),
            bound: BTreeMap::new(),
            inner: false,
            cut_late: BTreeSet::new(),
            kept: Vec::new(),
        }
    }

    pub(super) fn is_solution(&self) -> bool {
        self.about.kind == Kind::Solution
    }

    pub(super) fn line(&self, at: TextSize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= at.to_usize())).unwrap_or(u32::MAX)
    }

    pub(super) fn line_of(&self, node: &impl Ranged) -> u32 {
        self.line(node.range().start())
    }

    /// The code of an expression, on one line and not too long.
    pub(super) fn source(&self, node: &impl Ranged) -> String {
        let range = node.range();
        let code = self.code.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
        let words: Vec<&str> = code.split_whitespace().collect();
        let code = words.join(" ");
        if code.chars().count() > 40 { code.chars().take(39).chain(['…']).collect() } else { code }
    }

    pub(super) fn emit(&mut self, rule: Rule, line: u32, text: String) {
        self.found.entry((line, rule)).or_insert(text);
    }

    pub(super) fn taint(&mut self, rule: Rule, line: u32, part: Option<usize>, text: String) -> usize {
        let taint = Taint { rule, line, text, part };
        if let Some(known) = self.taints.iter().position(|other| *other == taint) {
            return known;
        }
        self.taints.push(taint);
        self.taints.len() - 1
    }

    pub(super) fn new_root(&mut self) -> usize {
        self.roots += 1;
        self.roots
    }

    pub(super) fn time_is_known(&self) -> bool {
        self.about.time.is_some()
            || self.about.split_by_time
            || (!self.inner && (self.facts.dates || self.facts.sorted) && self.facts.lags)
    }

    /// The column whose rows belong together, said by the question or plain from the program.
    pub(super) fn group(&self) -> Option<String> {
        let said = self.about.group.map(ToOwned::to_owned);
        said.or_else(|| {
            if self.inner {
                return None;
            }
            let mut both = self.facts.counted.intersection(&self.facts.left);
            both.find(|name| super::names::sounds_like_group(name)).cloned()
        })
    }

    pub(super) fn is_target(&self, name: &str) -> bool {
        self.about.target == Some(name) || name == LABEL || self.facts.targets.contains(name)
    }

    /// Both sides of a new split.
    pub(super) fn cut(&mut self, of: Option<usize>) -> (usize, usize) {
        let train = self.parts.len();
        let of = Some(of.unwrap_or(WHOLE));
        let part = |side, twin| Part { side, of, loops: self.loops, twin: Some(twin), holds: Vec::new() };
        let (one, other) = (part(Side::Train, train + 1), part(Side::Test, train));
        let (one, other) = match of.map(|of| self.side(of)) {
            Some(Side::Test) => (Part { side: Side::Test, ..one }, other),
            _ => (one, other),
        };
        self.parts.push(one);
        self.parts.push(other);
        (train, train + 1)
    }

    /// The rows that go by a name or by a bound, the same each time.
    pub(super) fn named_part(&mut self, of: usize, key: &str, side: Side) -> usize {
        if let Some(part) = self.named.get(&(of, key.to_owned(), side)) {
            return *part;
        }
        let (train, test) = self.cut(Some(of));
        self.named.insert((of, key.to_owned(), Side::Train), train);
        self.named.insert((of, key.to_owned(), Side::Test), test);
        if side == Side::Train { train } else { test }
    }

    pub(super) fn side(&self, part: usize) -> Side {
        self.parts.get(part).map_or(Side::All, |part| part.side)
    }

    /// Whether all rows of `inner` are among those of `outer`.
    pub(super) fn contains(&self, outer: usize, inner: usize) -> bool {
        let mut at = Some(inner);
        while let Some(part) = at {
            if part == outer || self.parts.get(outer).is_some_and(|outer| outer.holds.contains(&part)) {
                return true;
            }
            at = self.parts.get(part).and_then(|part| part.of);
        }
        false
    }

    pub(super) fn lookup(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    pub(super) fn is_global(&self, name: &str) -> bool {
        let is_local = self.scopes.iter().skip(1).any(|scope| scope.contains_key(name));
        self.scopes.len() > 1 && !is_local && self.scopes.first().is_some_and(|scope| scope.contains_key(name))
    }

    /// Something that outlives a fold now holds data.
    pub(super) fn keeps(&mut self, name: &str, value: &Value, line: u32) {
        let holds = |value: &&Value| value.is_data() || value.is(LABELS) || matches!(value.what, What::Pred(_));
        if self.is_solution() && self.stage != Stage::Module && value.leaves().iter().any(holds) {
            self.emit(Rule::Memorises, line, format!("{name} keeps rows or labels beyond the fold"));
        }
    }

    /// Keeps a mark on what lives as long as the module.
    pub(super) fn shared(&self, value: Value) -> Value {
        if self.is_solution() && self.depth == 0 && self.stage == Stage::Module { value.with(SHARED) } else { value }
    }

    pub(super) fn goes_global(&mut self, name: &str, value: &Value, line: u32) {
        if self.is_global(name) {
            self.keeps(name, value, line);
        }
    }

    /// A score entry for rows that were cut before the loop that goes over candidates.
    pub(super) fn scored(&self, part: usize, line: u32) -> Scored {
        let loops = self.parts.get(part).map_or(0, |part| part.loops);
        Scored { part, line, looped: self.loops > loops }
    }

    pub(super) fn is_valid(&self, value: &Value) -> bool {
        self.is_solution() && value.part.is_some_and(|part| self.contains(VALID, part))
    }
}
