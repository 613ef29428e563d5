//! A metric of the user's own: what its file declares, what it is called, and how far it is approved.

use ruff_python_ast::{Expr, Number, Stmt, UnaryOp};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use serde::{Deserialize, Serialize};

use crate::domain::metric::{Direction, Metric, Problem};
use crate::domain::run::hash;
use crate::text::RawText;

/// Most bytes of the path of a file that holds a metric.
const MAX_FILE: usize = 64;
/// Most bytes of the name of a metric.
const MAX_NAME: usize = 32;
/// Seconds that one call of a metric may take, unless its file says otherwise.
const SECONDS: u32 = 60;
/// Names of scores that the evaluator computes beside the metrics that can be chosen.
const TAKEN: [&str; 2] = ["precision", "recall"];

/// A short text that is kept in place, so that what holds it can be copied.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Short<const N: usize> {
    bytes: [u8; N],
    n: usize,
}

impl<const N: usize> Short<N> {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, n: text.len() })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.n]).unwrap_or_default()
    }
}

impl<const N: usize> std::fmt::Debug for Short<N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(formatter)
    }
}

/// A metric that a file of the project computes. In records it is `metric.py:profit:maximize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OwnMetric {
    file: Short<MAX_FILE>,
    name: Short<MAX_NAME>,
    direction: Direction,
}

impl OwnMetric {
    /// A metric of that name in that file. Fails with a sentence where one of them can't be used.
    pub fn new(file: &str, name: &str, direction: Direction) -> Result<Self, String> {
        let is_part = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let has_ending = file.strip_suffix(".py").is_some_and(|stem| !stem.is_empty());
        let Some(kept) = Short::new(file).filter(|_| has_ending && file.split('/').all(is_part)) else {
            return Err(format!(
                "{file:?} is no name for it: it lies beside the data, ends in .py, and has letters, digits, - and _, at most {MAX_FILE}"
            ));
        };
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let Some(short) = Short::new(name).filter(|_| is_name) else {
            return Err(format!("{name:?} is no name for a metric: letters, digits and _, at most {MAX_NAME}"));
        };
        if Metric::from_name(name).is_some() || TAKEN.contains(&name) {
            return Err(format!("{name} is the name of a metric that comes with the program"));
        }
        Ok(Self { file: kept, name: short, direction })
    }

    /// Its file, relative to the project.
    pub fn file(&self) -> &str {
        self.file.as_str()
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Which way is better.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// As it stands in the project file: `metric.py:profit`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.file(), self.name())
    }
}

impl From<OwnMetric> for String {
    fn from(own: OwnMetric) -> Self {
        format!("{}:{}", own.id(), own.direction.word())
    }
}

impl TryFrom<String> for OwnMetric {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [file, name, "maximize"] => Self::new(file, name, Direction::Maximize),
            [file, name, "minimize"] => Self::new(file, name, Direction::Minimize),
            _ => Err(format!("{text} is no metric")),
        }
    }
}

/// What `score` is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// The predicted class.
    Class,
    /// Probabilities.
    Probability,
    /// The predicted number.
    Number,
}

impl Needs {
    /// Whether a problem of that kind has it.
    pub fn suits(self, problem: Problem) -> bool {
        problem.is_classification() == (self != Self::Number)
    }

    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Probability => "probability",
            Self::Number => "number",
        }
    }
}

/// What a file says of its metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The metric.
    pub metric: OwnMetric,
    /// What it is handed; nothing where the kind of problem decides.
    pub needs: Option<Needs>,
    /// Whether it is handed the features of the rows too.
    pub wants_rows: bool,
    /// Seconds that one call may take.
    pub seconds: u32,
    /// The docstring of the file.
    pub doc: String,
}

/// Reads what a file declares, without running it. Fails with a sentence that says what is missing.
pub fn read(file: &str, code: &str) -> Result<Declared, String> {
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    if let Some(error) = parsed.errors().first() {
        let line = code.get(..usize::from(error.location.start())).map_or(1, |before| before.lines().count().max(1));
        return Err(format!("line {line} is not Python: {}", error.error));
    }
    let body = parsed.syntax().as_module().map(|module| module.body.as_slice()).unwrap_or_default();
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".py").to_owned();
    let (mut name, mut greater, mut needs, mut seconds, mut rows) = (stem, None, None, SECONDS, None);
    for statement in body {
        let (target, value) = match statement {
            Stmt::FunctionDef(function) if function.name.as_str() == "score" => {
                let parameters = &function.parameters;
                if parameters.args.len() + parameters.posonlyargs.len() < 2 && parameters.vararg.is_none() {
                    return Err("score has to take the truth and the prediction".to_owned());
                }
                let all = parameters.args.iter().chain(&parameters.kwonlyargs);
                rows = Some(all.into_iter().any(|one| one.parameter.name.as_str() == "rows"));
                continue;
            }
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(target)] => (target.id.as_str(), &*assign.value),
                _ => continue,
            },
            Stmt::AnnAssign(assign) => match (&*assign.target, &assign.value) {
                (Expr::Name(target), Some(value)) => (target.id.as_str(), &**value),
                _ => continue,
            },
            _ => continue,
        };
        match (target, value) {
            ("name", Expr::StringLiteral(text)) => text.value.to_str().clone_into(&mut name),
            ("greater_is_better", Expr::BooleanLiteral(yes)) => greater = Some(yes.value),
            ("needs", Expr::StringLiteral(text)) => {
                needs = Some(match text.value.to_str() {
                    "class" => Needs::Class,
                    "probability" => Needs::Probability,
                    "number" => Needs::Number,
                    other => return Err(format!("needs is {other:?}; it is one of class, probability, number")),
                });
            }
            ("seconds", value) => {
                seconds = whole(value)
                    .filter(|seconds| (1..=3600).contains(seconds))
                    .ok_or("seconds is a whole number from 1 to 3600")?;
            }
            ("name" | "greater_is_better" | "needs", other) => {
                let line = code.get(..usize::from(other.start())).map_or(1, |before| before.lines().count().max(1));
                return Err(format!("line {line}: {target} has to be written out, not computed"));
            }
            _ => {}
        }
    }
    let wants_rows = rows.ok_or("it does not define score(truth, prediction)")?;
    let greater = greater.ok_or("it does not say which way is better: greater_is_better = True or False")?;
    let direction = if greater { Direction::Maximize } else { Direction::Minimize };
    let doc = match body.first() {
        Some(Stmt::Expr(first)) => match &*first.value {
            Expr::StringLiteral(text) => text.value.to_str().trim().to_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    Ok(Declared { metric: OwnMetric::new(file, &name, direction)?, needs, wants_rows, seconds, doc })
}

fn whole(value: &Expr) -> Option<u32> {
    match value {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        },
        Expr::UnaryOp(unary) if unary.op == UnaryOp::UAdd => whole(&unary.operand),
        _ => None,
    }
}

/// The version of a metric that a run is scored by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its file, relative to the project.
    pub path: String,
    /// BLAKE3 of its bytes, as approved.
    pub hash: String,
    /// What it is handed.
    pub needs: Needs,
    /// Whether it is handed the features of the rows too.
    pub wants_rows: bool,
    /// Seconds that one call may take.
    pub seconds: u32,
}

/// A metric's file as it is now, beside what was approved of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its file, relative to the project.
    pub path: String,
    /// Its text.
    pub code: RawText,
    /// What it declares, or why it can't be used.
    pub declared: Result<Declared, String>,
    /// Whether these very bytes were approved.
    pub is_approved: bool,
    /// Hash and text of the version that was approved last; the text where it is kept.
    pub before: Option<(String, Option<RawText>)>,
}

impl Candidate {
    /// BLAKE3 of its bytes, in hexadecimal.
    pub fn hash(&self) -> String {
        hash(self.code.expose())
    }

    /// Where it stands, in one sentence.
    pub fn standing(&self) -> String {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        match (&self.before, self.is_approved) {
            (_, true) => format!("{} is approved", self.path),
            (None, false) => format!("{} is not approved yet", self.path),
            (Some((before, _)), false) => {
                format!(
                    "{} has changed since it was approved: it was {} and is {}",
                    self.path,
                    short(before),
                    short(&self.hash())
                )
            }
        }
    }

    /// What is to be looked at: what differs from the version before, or the whole text. One sign before each line.
    pub fn lines(&self) -> Vec<(char, String)> {
        let plain =
            |sign: char, line: &str| (sign, crate::safe!("{}", line.trim_end_matches(['\n', '\r'])).to_string());
        match &self.before {
            Some((_, Some(before))) if !self.is_approved => {
                let diff = similar::TextDiff::from_lines(before.expose(), self.code.expose());
                let mut lines = Vec::new();
                for (number, group) in diff.grouped_ops(3).iter().enumerate() {
                    if number > 0 {
                        lines.push((' ', "…".to_owned()));
                    }
                    for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                        let sign = match change.tag() {
                            similar::ChangeTag::Delete => '-',
                            similar::ChangeTag::Insert => '+',
                            similar::ChangeTag::Equal => ' ',
                        };
                        lines.push(plain(sign, change.value()));
                    }
                }
                lines
            }
            _ => self.code.expose().lines().map(|line| plain(' ', line)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFIT: &str = "\"\"\"Euros earned.\"\"\"\nname = \"profit\"\ngreater_is_better = True\nneeds = \"probability\"\n\ndef score(truth, prediction, rows=None):\n    return 1.0\n";

    #[test]
    fn what_a_file_declares_is_read_without_running_it() {
        let declared = read("metric.py", PROFIT).unwrap();
        assert_eq!(
            declared,
            Declared {
                metric: OwnMetric::new("metric.py", "profit", Direction::Maximize).unwrap(),
                needs: Some(Needs::Probability),
                wants_rows: true,
                seconds: 60,
                doc: "Euros earned.".into(),
            }
        );
        let short =
            read("lib/cost.py", "greater_is_better = False\nseconds = 5\ndef score(t, p): return 0.0\n").unwrap();
        assert_eq!(
            (short.metric.id(), short.metric.direction(), short.wants_rows, short.seconds),
            ("lib/cost.py:cost".to_owned(), Direction::Minimize, false, 5)
        );
    }

    #[test]
    fn what_is_missing_is_said_in_one_sentence() {
        let says = |file: &str, code: &str| read(file, code).unwrap_err();
        let whole = "greater_is_better = True\ndef score(t, p): pass\n";
        assert_eq!(says("m.py", "x = 1\n"), "it does not define score(truth, prediction)");
        assert_eq!(
            says("m.py", "def score(t, p): pass\n"),
            "it does not say which way is better: greater_is_better = True or False"
        );
        assert_eq!(
            says("m.py", "greater_is_better = 1 > 0\n"),
            "line 1: greater_is_better has to be written out, not computed"
        );
        assert_eq!(says("m.py", "def score(t): pass\n"), "score has to take the truth and the prediction");
        assert_eq!(
            says("m.py", &format!("{whole}needs = 'rank'\n")),
            "needs is \"rank\"; it is one of class, probability, number"
        );
        assert_eq!(says("m.py", &format!("{whole}seconds = 0\n")), "seconds is a whole number from 1 to 3600");
        assert_eq!(says("accuracy.py", whole), "accuracy is the name of a metric that comes with the program");
        assert_eq!(says("recall.py", whole), "recall is the name of a metric that comes with the program");
        assert!(says("m.py", "a = 1\ndef score(:\n").starts_with("line 2 is not Python: "));
        for file in
            ["../m.py", "/m.py", "m.txt", ".rationale/m.py", "a//m.py", "m:m.py", &format!("{}.py", "m".repeat(80))]
        {
            assert!(says(file, &format!("name = 'own'\n{whole}")).contains("is no name for it"), "{file}");
        }
    }

    #[test]
    fn it_comes_back_from_records_as_it_was() {
        let metric = Metric::Own(OwnMetric::new("metric.py", "profit", Direction::Minimize).unwrap());
        let text = serde_json::to_string(&metric).unwrap();
        assert_eq!(text, "\"metric.py:profit:minimize\"");
        assert_eq!(serde_json::from_str::<Metric>(&text).unwrap(), metric);
        assert_eq!((metric.name(), metric.direction()), ("profit", Direction::Minimize));
        assert_eq!(serde_json::from_str::<Metric>("\"f1_macro\"").unwrap(), Metric::MacroF1);
        assert!(serde_json::from_str::<Metric>("\"metric.py:profit\"").is_err());
    }

    #[test]
    fn a_changed_file_shows_what_changed() {
        let candidate = |before: Option<&str>, is_approved| Candidate {
            path: "metric.py".into(),
            code: RawText::new("a\nb\n"),
            declared: Err("x".into()),
            is_approved,
            before: before.map(|text| (hash(text), Some(RawText::new(text)))),
        };
        let own =
            |lines: &[(char, &str)]| lines.iter().map(|(sign, line)| (*sign, (*line).to_owned())).collect::<Vec<_>>();
        assert_eq!(candidate(None, false).lines(), own(&[(' ', "a"), (' ', "b")]));
        assert_eq!(candidate(Some("a\nc\n"), false).lines(), own(&[(' ', "a"), ('-', "c"), ('+', "b")]));
        assert_eq!(candidate(None, false).standing(), "metric.py is not approved yet");
        assert_eq!(
            candidate(Some("a\nc\n"), false).standing(),
            format!(
                "metric.py has changed since it was approved: it was {} and is {}",
                &hash("a\nc\n")[..12],
                &hash("a\nb\n")[..12]
            )
        );
    }
}
