//! Notes on Python code before it runs, from its syntax tree. Advice: the sandbox is the control.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_unchecked;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextSize};

use crate::domain::imports;
use crate::domain::run::FileKind;
use crate::safe;
use crate::text::SafeText;
use crate::text::alphabet::mixed_word;
use crate::text::sanitize::hides_something;

/// How a note should be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It will fail, or it deceives.
    Bad,
    /// Look twice.
    Caution,
    /// Worth knowing.
    Plain,
    /// It is as it should be.
    Good,
}

/// A note beside a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, from one.
    pub line: u32,
    /// How it should be taken.
    pub weight: Weight,
    /// One short sentence.
    pub text: SafeText,
}

const NETWORK: [&str; 12] = [
    "requests",
    "urllib",
    "urllib3",
    "httpx",
    "aiohttp",
    "socket",
    "http",
    "ftplib",
    "smtplib",
    "telnetlib",
    "paramiko",
    "boto3",
];

/// Reads `code` and says what a careful colleague would say at once.
///
/// `installed` names the packages of the interpreter that will run it; empty where that is not known yet.
pub fn notes(code: &str, kind: FileKind, installed: &BTreeSet<String>) -> Vec<Note> {
    let lines = Lines::new(code);
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let mut notes = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if hides_something(line) {
            let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
            notes.push(Note {
                line,
                weight: Weight::Bad,
                text: "holds a character that does not show as what it is".into(),
            });
        }
        if let Some((word, stranger)) = mixed_word(line) {
            let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
            let text = safe!("“{word}” mixes alphabets: {stranger} is U+{:04X}", u32::from(stranger));
            notes.push(Note { line, weight: Weight::Bad, text });
        }
    }
    if let Some(error) = parsed.errors().first() {
        notes.push(Note {
            line: lines.of(error.location.start()),
            weight: Weight::Bad,
            text: safe!("does not parse: {}", error.error),
        });
        return notes;
    }
    let Some(module) = parsed.syntax().as_module() else { return notes };
    let mut reader = Reader { lines: &lines, installed, kind, notes, depth: 0, found: Found::default() };
    reader.visit_body(&module.body);
    let Reader { mut notes, found, .. } = reader;
    let first = |text: SafeText, weight| Note { line: 1, weight, text };
    match kind {
        FileKind::Model if found.build_line.is_none() => notes.push(first("defines no build()".into(), Weight::Bad)),
        FileKind::Clean if found.clean_line.is_none() => {
            notes.push(first("defines no clean(frame)".into(), Weight::Bad));
        }
        FileKind::Model | FileKind::Clean => {
            let line = found.build_line.or(found.clean_line).unwrap_or(1);
            if !notes.iter().any(|note| note.weight == Weight::Bad) {
                notes.push(Note { line, weight: Weight::Good, text: "parses · meets the contract".into() });
            }
        }
        FileKind::Search if found.build_line.is_none() => {
            notes.push(first("defines no build(params)".into(), Weight::Bad));
        }
        FileKind::Features | FileKind::Search | FileKind::Pipeline | FileKind::Modern => {
            if !notes.iter().any(|note| note.weight == Weight::Bad) {
                notes.push(first("parses · meets the contract".into(), Weight::Good));
            }
        }
        FileKind::Evaluation | FileKind::Checklist | FileKind::Document => {}
        FileKind::Script => {
            notes.push(first("a free script: what it reports is its own word, not a verdict".into(), Weight::Plain));
        }
    }
    notes.sort_by_key(|note| (note.line, note.weight));
    notes.dedup();
    notes
}

/// Names of estimators and transformers that the code imports, for the digest of the history.
pub fn estimators(code: &str) -> Vec<String> {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let Some(module) = parsed.syntax().as_module() else { return Vec::new() };
    let mut names = BTreeSet::new();
    for statement in &module.body {
        if let Stmt::ImportFrom(import) = statement {
            let from = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
            if ["sklearn", "lightgbm", "xgboost", "catboost"].iter().any(|root| from.starts_with(root)) {
                names.extend(
                    import
                        .names
                        .iter()
                        .map(|alias| alias.name.to_string())
                        .filter(|name| name.starts_with(char::is_uppercase)),
                );
            }
        }
    }
    names.into_iter().collect()
}

#[derive(Default)]
struct Found {
    build_line: Option<u32>,
    clean_line: Option<u32>,
}

struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(code: &str) -> Self {
        let starts = std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts }
    }

    fn of(&self, at: TextSize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= at.to_usize())).unwrap_or(u32::MAX)
    }
}

struct Reader<'a> {
    lines: &'a Lines,
    installed: &'a BTreeSet<String>,
    kind: FileKind,
    notes: Vec<Note>,
    depth: u32,
    found: Found,
}

impl Reader<'_> {
    fn is_handed_rows(&self) -> bool {
        matches!(self.kind, FileKind::Model | FileKind::Clean | FileKind::Features | FileKind::Search)
    }

    fn note(&mut self, at: TextSize, weight: Weight, text: SafeText) {
        self.notes.push(Note { line: self.lines.of(at), weight, text });
    }

    fn import(&mut self, at: TextSize, module: &str) {
        let root = module.split('.').next().unwrap_or(module);
        if NETWORK.contains(&root) {
            self.note(at, Weight::Caution, safe!("{root} reaches for the network; runs have none"));
        } else if matches!(root, "subprocess" | "ctypes" | "multiprocessing" | "pty") {
            self.note(at, Weight::Caution, safe!("{root} starts other code; the sandbox holds it too"));
        } else if root == "pickle" || root == "shelve" {
            self.note(at, Weight::Caution, safe!("{root} can run code while it reads"));
        }
        // The files of one answer import each other by the name of their module.
        if imports::is_standard(root) || self.installed.is_empty() || self.installed.contains(root) {
            return;
        }
        let (package, _) = imports::distribution(root);
        if !self.installed.contains(&package) {
            self.note(at, Weight::Bad, safe!("{package} is not in the environment of this project"));
        }
    }

    fn call(&mut self, at: TextSize, function: &str, arguments: &[Expr]) {
        let last = function.rsplit('.').next().unwrap_or(function);
        match function {
            "eval" | "exec" | "compile" | "__import__" => {
                self.note(at, Weight::Caution, safe!("{function}() runs text as code"));
            }
            "os.system" | "os.popen" | "os.execv" | "os.fork" => {
                self.note(at, Weight::Caution, safe!("{function}() starts another program"));
            }
            "input" | "breakpoint" => {
                self.note(at, Weight::Bad, safe!("{function}() waits for a person; a run has none"));
            }
            "open" => {
                if let Some(Expr::StringLiteral(path)) = arguments.first() {
                    let path = path.value.to_str();
                    if path.starts_with('/') || path.starts_with('~') || path.contains("..") {
                        self.note(at, Weight::Caution, safe!("opens {path}, which lies outside the run"));
                    }
                }
            }
            // What runs as a program of its own is handed a path; a solution is handed rows.
            _ if self.is_handed_rows()
                && last.starts_with("read_")
                && !arguments.is_empty()
                && function.contains('.') =>
            {
                self.note(
                    at,
                    Weight::Caution,
                    safe!("{last} reads a file by itself; the rows are handed over, and the holdout is not among them"),
                );
            }
            _ if self.depth == 0 && matches!(last, "fit" | "fit_transform" | "fit_predict" | "fit_resample") => {
                self.note(
                    at,
                    Weight::Caution,
                    safe!("{last}() outside build(): what is fitted here has seen more than its fold"),
                );
            }
            _ if last == "train_test_split" => {
                self.note(at, Weight::Caution, "splits again; folds are cut by the workbench".into());
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                import.names.iter().for_each(|alias| self.import(alias.range().start(), &alias.name));
            }
            Stmt::ImportFrom(import) => {
                if let (Some(module), 0) = (&import.module, import.level) {
                    self.import(import.range().start(), module);
                }
            }
            Stmt::FunctionDef(function) => {
                let line = self.lines.of(function.name.range().start());
                if self.depth == 0 && function.name.as_str() == "build" {
                    self.found.build_line = Some(line);
                    let asks =
                        function.parameters.iter_non_variadic_params().any(|parameter| parameter.default.is_none());
                    if asks && self.kind == FileKind::Model {
                        self.note(function.range().start(), Weight::Bad, "build() is called without arguments".into());
                    }
                }
                if self.depth == 0 && function.name.as_str() == "clean" {
                    self.found.clean_line = Some(line);
                }
            }
            Stmt::Assign(assign) if self.depth == 0 => {
                for target in &assign.targets {
                    if let Expr::Name(name) = target {
                        match name.id.as_str() {
                            "build" => self.found.build_line = Some(self.lines.of(name.range().start())),
                            "clean" => self.found.clean_line = Some(self.lines.of(name.range().start())),
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
        let nests = matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
        self.depth += u32::from(nests);
        walk_stmt(self, statement);
        self.depth -= u32::from(nests);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            let name = dotted(&call.func);
            if !name.is_empty() {
                self.call(call.range().start(), &name, &call.arguments.args);
            }
        }
        walk_expr(self, expression);
    }
}

fn dotted(expression: &Expr) -> String {
    match expression {
        Expr::Name(name) => name.id.to_string(),
        Expr::Attribute(attribute) => {
            let before = dotted(&attribute.value);
            if before.is_empty() { format!(".{}", attribute.attr) } else { format!("{before}.{}", attribute.attr) }
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &[(u32, Weight, &str)]) {
        let installed = ["numpy", "pandas", "scikit-learn"].map(ToOwned::to_owned).into();
        let found: Vec<(u32, Weight, String)> = notes(code, FileKind::Model, &installed)
            .into_iter()
            .map(|note| (note.line, note.weight, note.text.to_string()))
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(line, weight, text)| (*line, *weight, (*text).to_owned())).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn a_good_solution_is_quiet() {
        check(
            "from sklearn.linear_model import LogisticRegression\n\ndef build():\n    return LogisticRegression()\n",
            &[(3, Weight::Good, "parses · meets the contract")],
        );
    }

    #[test]
    fn what_a_colleague_would_say_at_once() {
        check(
            "def build(:\n",
            &[(1, Weight::Bad, "does not parse: Expected a parameter or the end of the parameter list")],
        );
        check(
            "import lightgbm\nimport requests\n\ndef build():\n    return eval('1')\n",
            &[
                (1, Weight::Bad, "lightgbm is not in the environment of this project"),
                (2, Weight::Bad, "requests is not in the environment of this project"),
                (2, Weight::Caution, "requests reaches for the network; runs have none"),
                (5, Weight::Caution, "eval() runs text as code"),
            ],
        );
        check(
            "import pandas as pd\nfrom sklearn.preprocessing import StandardScaler\nframe = pd.read_csv('/data.csv')\nscaler = StandardScaler().fit(frame)\ndef build():\n    return scaler\n",
            &[
                (
                    3,
                    Weight::Caution,
                    "read_csv reads a file by itself; the rows are handed over, and the holdout is not among them",
                ),
                (4, Weight::Caution, "fit() outside build(): what is fitted here has seen more than its fold"),
                (5, Weight::Good, "parses · meets the contract"),
            ],
        );
        check("x = 1\n", &[(1, Weight::Bad, "defines no build()")]);
        check(
            "def build():\n    return 'a\u{202E}b'\n",
            &[(2, Weight::Bad, "holds a character that does not show as what it is")],
        );
    }

    #[test]
    fn estimators_are_named() {
        let code = "import os\nfrom sklearn.ensemble import HistGradientBoostingClassifier as H\nfrom sklearn.pipeline import make_pipeline, Pipeline\n";
        assert_eq!(estimators(code), ["HistGradientBoostingClassifier", "Pipeline"]);
    }
}
