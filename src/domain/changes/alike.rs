//! How alike two programs are, and of what a program consists.

use std::collections::BTreeMap;

use super::edits::{Source, is_seed, makes, sets_seed};
use super::lower::{Program, lower};
use super::tree::{Node, Role, Tag, last, role};

/// What a program does, in small pieces with their weights.
type Pieces = BTreeMap<String, f64>;

/// Weighted overlap of what two programs do.
pub(super) fn likeness(one: &Program, two: &Program) -> f64 {
    let (one, two) = (pieces(one), pieces(two));
    let (mut shared, mut all) = (0.0, 0.0);
    for (piece, weight) in &one {
        let other = two.get(piece).copied().unwrap_or_default();
        shared += weight.min(other);
        all += weight.max(other);
    }
    all += two.iter().filter(|(piece, _)| !one.contains_key(*piece)).map(|(_, weight)| weight).sum::<f64>();
    if all > 0.0 { shared / all } else { 0.0 }
}

fn pieces(program: &Program) -> Pieces {
    let mut pieces = Pieces::new();
    for definition in &program.definitions {
        collect(&definition.node, "", &mut pieces);
    }
    collect(&program.loose, "", &mut pieces);
    pieces
}

fn collect(node: &Node, outer: &str, pieces: &mut Pieces) {
    let mut add = |piece: String, weight: f64| *pieces.entry(piece).or_default() += weight;
    let mut inner = outer.to_owned();
    match node.tag {
        Tag::Call => {
            let callee = node.callee();
            let first = node.kids.first();
            // Own functions are known by what they do, not by their names.
            let name = if first.is_some_and(|first| first.tag == Tag::Symbol) { "" } else { callee };
            let weight = match role(node.callee_path()) {
                Role::Estimator => 6.0,
                Role::Step | Role::Target => 3.0,
                Role::Container | Role::Selector => 0.5,
                Role::Plain => 1.0,
            };
            if !name.is_empty() {
                add(format!("call {name}"), weight);
                add(format!("in {outer} {name}"), weight / 3.0);
            }
            for argument in node.kids.iter().skip(1) {
                let value = argument.kids.first().map_or("", |value| value.text.as_str());
                let is_flat =
                    argument.kids.first().is_some_and(|value| value.kids.is_empty() && value.tag != Tag::Local);
                if is_seed(&argument.text) || sets_seed(callee) {
                    add(format!("seed {value}"), 0.1);
                } else if !argument.text.is_empty() && !argument.text.starts_with('#') {
                    add(format!("{name} has {}", argument.text), 0.5);
                    if is_flat {
                        add(format!("{name} {}={value}", argument.text), 1.0);
                    }
                } else if is_flat {
                    add(format!("{name} takes {value}"), 0.7);
                }
            }
            name.clone_into(&mut inner);
        }
        Tag::Text => add(format!("text {}", node.text), 1.0),
        Tag::Number => add(format!("number {}", node.text), 0.3),
        Tag::Attribute => add(format!("of {}", node.text), 0.5),
        Tag::Item => {
            if let [key, value] = node.kids.as_slice()
                && value.kids.is_empty()
            {
                add(format!("{}: {}", key.text, value.text), 1.0);
            }
        }
        Tag::Other | Tag::Lambda | Tag::Subscript if !node.kids.is_empty() => {
            let kids: Vec<&str> = node.kids.iter().map(shape).collect();
            add(format!("{} of {}", node.text, kids.join(" ")), 0.3);
        }
        Tag::Marker => return,
        _ => {}
    }
    let seeds = sets_seed(node.callee());
    for kid in node.kids.iter().filter(|kid| kid.tag != Tag::Arg || !seeds && !is_seed(&kid.text)) {
        collect(kid, &inner, pieces);
    }
}

fn shape(node: &Node) -> &str {
    match node.tag {
        Tag::Call => node.callee(),
        Tag::Local | Tag::Symbol => "x",
        Tag::Path => last(&node.text),
        _ => &node.text,
    }
}

/// Steps and estimators with their parameters, and features, in the order of the code.
pub(super) fn ingredients(code: &str) -> Vec<String> {
    let Ok(program) = lower(code, true) else { return Vec::new() };
    let source = Source::new(code);
    let mut found: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !found.contains(&text) {
            found.push(text);
        }
    };
    let nodes = program.definitions.iter().map(|definition| &definition.node).chain([&program.loose]);
    for node in nodes {
        node.walk(&mut |inner| {
            if role(inner.callee_path()) >= Role::Step {
                add(made(inner, &source));
            } else if let Some(name) = feature(inner) {
                add(format!("feature {name}"));
            }
        });
    }
    for definition in program.definitions.iter().filter(|definition| definition.name == "FEATURES") {
        for name in definition.node.names(Tag::Symbol) {
            add(format!("feature {name}"));
        }
    }
    found
}

/// A call with those of its arguments that are plain values.
fn made(call: &Node, source: &Source<'_>) -> String {
    let name = makes(call).into_iter().next().map_or_else(|| call.callee().to_owned(), |(_, name)| name);
    if name != call.callee() {
        return name;
    }
    let arguments = call.kids.iter().skip(1).filter_map(|argument| {
        let value = argument.kids.first().filter(|value| value.find(&|it| it.tag == Tag::Call).is_none())?;
        let shown = source.shown(value);
        Some(if argument.text.is_empty() { shown } else { format!("{}={shown}", argument.text) })
    });
    let arguments: Vec<String> = arguments.collect();
    if arguments.is_empty() { name } else { format!("{name}({})", arguments.join(", ")) }
}

/// The column that a node makes.
fn feature(node: &Node) -> Option<&str> {
    if node.tag != Tag::Assign || node.kids.len() < 2 {
        return None;
    }
    let target = node.kids.first().filter(|target| target.tag == Tag::Subscript)?;
    target.kids.last().filter(|key| key.tag == Tag::Text).map(|key| key.text.as_str())
}
