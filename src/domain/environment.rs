//! What accepted code runs in: an interpreter that is there, the project's own environment, or an isolated one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::domain::run::hash;

/// The kinds of environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An interpreter that is there already. Nothing is ever installed into it.
    Interpreter,
    /// `.rationale/venv` beside the data, made on first use, with pinned packages and those that were added.
    #[default]
    Project,
    /// One for this code alone, made by uv from a PEP 723 header and its lock.
    Isolated,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Interpreter, Self::Project, Self::Isolated];

    /// The word in settings, in JSON and on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Project => "project",
            Self::Isolated => "isolated",
        }
    }

    /// What it is, in one line.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Interpreter => "a Python that is there already; nothing is installed into it",
            Self::Project => "the project's own, in .rationale/venv; packages can be added",
            Self::Isolated => "one for this code alone, from its header, made by uv",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == name)
    }
}

/// Where code would run now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The kind.
    pub kind: Kind,
    /// Which one it is and why, in a few words.
    pub what: String,
    /// Distributions in it, by normal name; empty where that is not known or does not matter.
    pub names: BTreeSet<String>,
}

/// What is missing before code can run in an isolated environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Headers of which no environment was made yet.
    pub headers: Vec<String>,
    /// What they ask for.
    pub requirements: Vec<String>,
    /// Distributions whose name was only taken from an import.
    pub guessed: Vec<String>,
}

impl Lacks {
    /// In one sentence.
    pub fn sentence(&self) -> String {
        let guessed = if self.guessed.is_empty() {
            String::new()
        } else {
            format!("; the name {} is taken from its import and was not looked up", self.guessed.join(", "))
        };
        format!("it needs {}{guessed}", self.requirements.join(", "))
    }
}

/// What is to be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Install {
    /// Distributions, into the project's own environment.
    Packages(Vec<String>),
    /// Isolated environments of these headers.
    Isolated(Vec<String>),
}

/// What a run's record says of its environment; the texts lie in the run's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// The kind.
    pub kind: Kind,
    /// BLAKE3 of `freeze.txt`.
    pub freeze_hash: String,
    /// BLAKE3 of the header in `environment.py`, for an isolated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_hash: Option<String>,
    /// BLAKE3 of `environment.py.lock`, for an isolated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_hash: Option<String>,
}

impl Captured {
    /// What is remembered of these texts.
    pub fn of(kind: Kind, freeze: &str, header: Option<&str>, lock: Option<&str>) -> Self {
        Self { kind, freeze_hash: hash(freeze), header_hash: header.map(hash), lock_hash: lock.map(hash) }
    }
}

/// Every distribution with its version, one a line, as `pip freeze` prints them; the first line names Python.
pub fn freeze(python: &str, packages: &BTreeMap<String, String>) -> String {
    let mut text = format!("# Python {python}\n");
    for (name, version) in packages {
        let _ = writeln!(text, "{name}=={version}");
    }
    text
}

/// The distributions of a `freeze.txt`.
pub fn frozen(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once("=="));
    pairs.map(|(name, version)| (name.trim().to_owned(), version.trim().to_owned())).collect()
}

/// The name of a distribution as registries compare it: lower case, runs of `-`, `_` and `.` as one `-`
/// (*Names and normalization*, Python packaging guide).
pub fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.push(c.to_ascii_lowercase());
        }
    }
    normal
}

/// The distribution that a requirement names: `pandas` of `Pandas[parquet] >= 2; python_version > "3"`. Nothing where it
/// does not begin with a name.
pub fn required(requirement: &str) -> Option<String> {
    let requirement = requirement.trim();
    let end =
        requirement.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(requirement.len());
    let name = &requirement[..end];
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    is_name.then(|| normal(name))
}

/// Whether a text is a requirement that can be installed by its name: a name, extras, versions (*Dependency specifiers*,
/// Python packaging guide). No address, path, option or marker.
pub fn is_requirement(text: &str) -> bool {
    let is_name = |name: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        is_end(name.chars().next()) && is_end(name.chars().last()) && name.chars().all(inner)
    };
    let is_version = |clause: &str| {
        let operators = ["===", "==", "!=", "<=", ">=", "~=", "<", ">"];
        let Some(version) = operators.iter().find_map(|operator| clause.trim().strip_prefix(operator)) else {
            return false;
        };
        let version = version.trim();
        version.starts_with(|c: char| c.is_ascii_alphanumeric())
            && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+!*".contains(c))
    };
    let text = text.trim();
    let end = text.find(|c: char| "[<>=!~ ".contains(c)).unwrap_or(text.len());
    let (name, mut rest) = (&text[..end], text[end..].trim());
    if let Some(inside) = rest.strip_prefix('[') {
        let Some((extras, behind)) = inside.split_once(']') else { return false };
        if !extras.split(',').all(|extra| is_name(extra.trim())) {
            return false;
        }
        rest = behind.trim();
    }
    is_name(name) && (rest.is_empty() || rest.split(',').all(is_version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_registries_do() {
        assert_eq!(normal("PyYAML"), "pyyaml");
        assert_eq!(normal("ruamel.yaml__clib"), "ruamel-yaml-clib");
        assert_eq!(required(" Pandas[parquet] >= 2 ; python_version > '3'").as_deref(), Some("pandas"));
        assert_eq!(required("numpy==2.4.6").as_deref(), Some("numpy"));
        assert_eq!(required("--index-url x"), None);
        assert_eq!(required(""), None);
    }

    #[test]
    fn a_requirement_is_told_from_what_only_begins_as_one() {
        for good in ["polars", "Polars>=1", "pandas[parquet, excel] >= 2, <3", "a==1.*", "x~=1.4.2", "torch==2.1+cpu"] {
            assert!(is_requirement(good), "{good}");
        }
        let bad = [
            "",
            "-e",
            "polars==",
            "polars>",
            "two words",
            "a,b",
            "./here",
            "a@b",
            "pandas[",
            "pandas[]",
            "-r x",
            "x;y",
            "ends-",
            "polars=1",
            "a>=1,",
        ];
        for bad in bad {
            assert!(!is_requirement(bad), "{bad}");
        }
    }

    #[test]
    fn a_freeze_comes_back_as_it_was() {
        let packages =
            BTreeMap::from([("numpy".to_owned(), "2.4.6".to_owned()), ("PyYAML".to_owned(), "6.0".to_owned())]);
        let text = freeze("3.12.1", &packages);
        assert_eq!(text, "# Python 3.12.1\nPyYAML==6.0\nnumpy==2.4.6\n");
        assert_eq!(frozen(&text), packages);
    }
}
