//! The units of a file – cleaning steps, features – read from its list, and the list written anew: toggled, moved, dropped.

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

/// Names of the lists that hold units.
const LISTS: [&str; 2] = ["STEPS", "FEATURES"];

/// A cleaning step or a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its name in the code.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Why.
    pub reason: Option<String>,
    /// What it may harm, or what it costs.
    pub risk: Option<String>,
    /// The line on which it is defined, from one.
    pub line: usize,
    /// Whether it stands in the list.
    pub is_on: bool,
}

/// The units of a file, those of its list first and in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Name of the list.
    pub list: &'static str,
    /// The units.
    pub units: Vec<Unit>,
    /// Named lists beside the one in force, with the names of their units.
    pub others: Vec<(String, Vec<String>)>,
    span: (usize, usize),
}

/// Reads the units of a file; nothing where it has no such list or does not parse.
pub fn read(code: &str) -> Option<Stack> {
    let parsed = parse_module(code).ok()?;
    let body = &parsed.syntax().body;
    let others = others_of(body);
    let (list, value) = body.iter().rev().find_map(|statement| {
        let assign = statement.as_assign_stmt()?;
        let name = assign.targets.first()?.as_name_expr()?.id.as_str();
        Some((*LISTS.iter().find(|list| **list == name)?, &*assign.value))
    })?;
    let on: Vec<String> = match value {
        Expr::List(list) => list.elts.iter().filter_map(name_of).collect(),
        // `STEPS = STACKS["conservative"]`
        Expr::Subscript(part) => {
            let key = part.slice.as_string_literal_expr()?.value.to_str();
            others.iter().find(|(name, _)| name == key)?.1.clone()
        }
        _ => return None,
    };
    let mut defined: Vec<Unit> = body.iter().filter_map(|statement| unit(code, statement)).collect();
    for unit in &mut defined {
        unit.is_on = on.contains(&unit.name);
    }
    // A helper without its own paragraph is no unit, unless the list names it.
    defined.retain(|unit| unit.is_on || !unit.doc.is_empty() && unit.name != "clean");
    defined.sort_by_key(|unit| on.iter().position(|name| *name == unit.name).unwrap_or(usize::MAX));
    let span = (value.range().start().to_usize(), value.range().end().to_usize());
    Some(Stack { list, units: defined, others, span })
}

fn name_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Call(call) => name_of(&call.func),
        _ => None,
    }
}

/// `STACKS = {"conservative": [a, b], …}`
fn others_of(body: &[Stmt]) -> Vec<(String, Vec<String>)> {
    let stacks = body.iter().filter_map(Stmt::as_assign_stmt).find(|assign| {
        assign.targets.first().and_then(Expr::as_name_expr).is_some_and(|name| name.id.as_str() == "STACKS")
    });
    let Some(Expr::Dict(stacks)) = stacks.map(|assign| &*assign.value) else { return Vec::new() };
    stacks
        .items
        .iter()
        .filter_map(|item| {
            let name = item.key.as_ref()?.as_string_literal_expr()?.value.to_str().to_owned();
            Some((name, item.value.as_list_expr()?.elts.iter().filter_map(name_of).collect()))
        })
        .collect()
}

fn unit(code: &str, statement: &Stmt) -> Option<Unit> {
    let (name, inner, takes_one) = match statement {
        Stmt::FunctionDef(function) => (&function.name, &function.body, function.parameters.len() == 1),
        Stmt::ClassDef(class) => {
            let has = |wanted: &str| {
                class.body.iter().filter_map(Stmt::as_function_def_stmt).any(|inner| inner.name.as_str() == wanted)
            };
            (&class.name, &class.body, has("transform"))
        }
        _ => return None,
    };
    if !takes_one {
        return None;
    }
    let doc = inner
        .first()
        .and_then(Stmt::as_expr_stmt)
        .and_then(|first| first.value.as_string_literal_expr())
        .map(|text| text.value.to_str().to_owned())
        .unwrap_or_default();
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = statement.range().start().to_usize();
    let line = code[..start].matches('\n').count() + 1;
    let (doc, reason, risk) = parts_of(&doc);
    Some(Unit { name: name.to_string(), doc, reason, risk, line, is_on: false })
}

/// A docstring in its parts: what, `Reason:`, and `Risk:` or `Cost:`.
pub fn parts_of(doc: &str) -> (String, Option<String>, Option<String>) {
    let marks: Vec<(usize, &str)> =
        ["Reason:", "Risk:", "Cost:"].iter().filter_map(|mark| Some((doc.find(mark)?, *mark))).collect();
    let end_of = |start: usize| marks.iter().map(|(at, _)| *at).filter(|at| *at > start).min().unwrap_or(doc.len());
    let of = |wanted: &[&str]| -> Option<String> {
        let found: Vec<String> = marks
            .iter()
            .filter(|(_, mark)| wanted.contains(mark))
            .map(|(at, mark)| doc[at + mark.len()..end_of(*at)].trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        (!found.is_empty()).then(|| found.join(" "))
    };
    let first = marks.iter().map(|(at, _)| *at).min().unwrap_or(doc.len());
    (doc[..first].trim().to_owned(), of(&["Reason:"]), of(&["Risk:", "Cost:"]))
}

impl Stack {
    /// The names in the list, in order.
    pub fn on(&self) -> Vec<&str> {
        self.units.iter().filter(|unit| unit.is_on).map(|unit| unit.name.as_str()).collect()
    }

    fn written(&self, code: &str, names: &[&str]) -> String {
        let line = format!("[{}]", names.join(", "));
        let list = if line.len() <= 100 { line } else { format!("[\n    {},\n]", names.join(",\n    ")) };
        format!("{}{list}{}", &code[..self.span.0], &code[self.span.1..])
    }

    /// The code with one unit put into the list or taken out of it. Its definition stays.
    pub fn toggled(&self, code: &str, name: &str) -> String {
        let mut names = self.on();
        match names.iter().position(|other| *other == name) {
            Some(at) => {
                names.remove(at);
            }
            None => names.extend(self.units.iter().map(|unit| unit.name.as_str()).filter(|other| *other == name)),
        }
        self.written(code, &names)
    }

    /// The code with one unit moved one place up or down; nothing where it can't be moved.
    pub fn moved(&self, code: &str, name: &str, down: bool) -> Option<String> {
        let mut names = self.on();
        let at = names.iter().position(|other| *other == name)?;
        let to = if down { at + 1 } else { at.checked_sub(1)? };
        if to >= names.len() {
            return None;
        }
        names.swap(at, to);
        Some(self.written(code, &names))
    }

    /// The code with another of its named lists in force.
    pub fn chosen(&self, code: &str, other: &str) -> Option<String> {
        let (_, names) = self.others.iter().find(|(name, _)| name == other)?;
        Some(self.written(code, &names.iter().map(String::as_str).collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "import pandas as pd\n\n\ndef helper(frame, name):\n    return frame[name]\n\n\ndef trim(frame):\n    \"\"\"Cuts spaces.\n\n    Reason: one thing, two spellings. Risk: none.\"\"\"\n    return frame\n\n\ndef cap(frame):\n    \"\"\"Caps tails. Risk: extremes.\"\"\"\n    return frame\n\n\ndef drop(frame):\n    \"\"\"Drops what is empty.\"\"\"\n    return frame\n\n\nSTACKS = {\"conservative\": [trim], \"aggressive\": [trim, cap, drop]}\nSTEPS = [trim, cap]  # in order\n";

    #[test]
    fn units_are_read_in_the_order_of_the_list_with_their_reasons() {
        let stack = read(CODE).unwrap();
        assert_eq!(stack.list, "STEPS");
        assert_eq!(
            stack.units.iter().map(|unit| (unit.name.as_str(), unit.is_on)).collect::<Vec<_>>(),
            [("trim", true), ("cap", true), ("drop", false)]
        );
        assert_eq!(stack.units[0].doc, "Cuts spaces.");
        assert_eq!(stack.units[0].reason.as_deref(), Some("one thing, two spellings."));
        assert_eq!(stack.units[1].risk.as_deref(), Some("extremes."));
        assert_eq!(stack.units[0].line, 8);
        assert!(read("x = 1\n").is_none() && read("STEPS = [a\n").is_none());
    }

    #[test]
    fn a_unit_is_taken_out_put_back_and_moved_and_the_rest_of_the_file_stays() {
        let stack = read(CODE).unwrap();
        let without = stack.toggled(CODE, "trim");
        assert_eq!(without, CODE.replace("STEPS = [trim, cap]", "STEPS = [cap]"));
        let with = read(&without).unwrap().toggled(&without, "drop");
        assert!(with.contains("STEPS = [cap, drop]  # in order"));
        let moved = stack.moved(CODE, "trim", true).unwrap();
        assert!(moved.contains("STEPS = [cap, trim]"));
        assert_eq!(stack.moved(CODE, "cap", true), None, "the last can't go down");
        assert_eq!(stack.moved(CODE, "drop", false), None, "what is out has no place");
    }

    #[test]
    fn a_named_stack_can_be_put_in_force() {
        let code = CODE.replace("STEPS = [trim, cap]", "STEPS = STACKS[\"conservative\"]");
        let stack = read(&code).unwrap();
        assert_eq!(stack.on(), ["trim"]);
        let other = stack.chosen(&code, "aggressive").unwrap();
        assert_eq!(read(&other).unwrap().on(), ["trim", "cap", "drop"]);
    }
}
