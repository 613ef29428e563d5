//! Programs of which it is known whether they leak, for measuring the rules: reading their headers, counting hits.

use crate::domain::leaks::{self, About, Kind};

/// A program of the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its file.
    pub name: String,
    /// What leaks, where something does: rule and line.
    pub leak: Option<(String, u32)>,
    /// Its header, by name.
    header: Vec<(String, String)>,
    /// The program.
    code: String,
}

/// How the rules did on a gallery.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Leaking programs.
    pub n_leaking: usize,
    /// Of them, those in which something was found.
    pub n_found: usize,
    /// Of those, those in which the kind of leak was named as in the header.
    pub n_named: usize,
    /// Clean programs.
    pub n_clean: usize,
    /// Of them, those in which something was found.
    pub n_false: usize,
    /// Sentences on each program that was judged wrongly.
    pub wrong: Vec<String>,
}

impl Case {
    /// Reads a program with its header: lines `# name: value` at the top.
    pub fn read(name: &str, code: &str) -> Self {
        let header: Vec<(String, String)> = code
            .lines()
            .map_while(|line| line.strip_prefix("# ")?.split_once(": "))
            .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
            .collect();
        let get = |key: &str| header.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone());
        let leak = get("leak").map(|rule| (rule, get("line").and_then(|line| line.parse().ok()).unwrap_or(0)));
        Self { name: name.to_owned(), leak, header, code: code.to_owned() }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.header.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }

    /// What the rules find in it.
    pub fn found(&self) -> Vec<leaks::Leak> {
        let suspects: Vec<String> = self
            .get("suspects")
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        let about = About {
            kind: if self.get("kind") == Some("solution") { Kind::Solution } else { Kind::Script },
            target: self.get("target"),
            time: self.get("time"),
            group: self.get("group"),
            suspects: &suspects,
            data: None,
            split_by_time: self.get("split") == Some("time"),
        };
        leaks::leaks(&self.code, &about)
    }
}

impl Score {
    /// The head of a table of scores: numbers of programs and shares of them.
    pub const HEAD: &str = "| Programs | Leaks found | Recall | False alarms | Of clean ones | Precision | Kind named as in the header |\n|---|---:|---:|---:|---:|---:|---:|";

    /// Judges every program.
    pub fn of(cases: &[Case]) -> Self {
        let mut score = Self::default();
        for case in cases {
            let found = case.found();
            match &case.leak {
                Some((rule, _)) => {
                    score.n_leaking += 1;
                    score.n_found += usize::from(!found.is_empty());
                    score.n_named += usize::from(found.iter().any(|leak| leak.rule.name() == rule));
                    if found.is_empty() {
                        score.wrong.push(format!("missed: {} ({rule})", case.name));
                    }
                }
                None => {
                    score.n_clean += 1;
                    score.n_false += usize::from(!found.is_empty());
                    if let Some(leak) = found.first() {
                        score.wrong.push(format!("false alarm: {}, line {}: {}", case.name, leak.line, leak.text));
                    }
                }
            }
        }
        score
    }

    /// Share of the leaking programs in which something was found.
    pub fn recall(&self) -> f64 {
        crate::domain::profile::share(self.n_found as u64, self.n_leaking as u64)
    }

    /// Share of the programs with a finding that do leak.
    pub fn precision(&self) -> f64 {
        crate::domain::profile::share(self.n_found as u64, (self.n_found + self.n_false) as u64)
    }

    /// Share of the clean programs in which something was found.
    pub fn false_share(&self) -> f64 {
        crate::domain::profile::share(self.n_false as u64, self.n_clean as u64)
    }

    /// In one line of the table under [`Self::HEAD`].
    pub fn line(&self, name: &str) -> String {
        format!(
            "| {name} | {} of {} | {:.3} | {} of {} | {:.3} | {:.3} | {} |",
            self.n_found,
            self.n_leaking,
            self.recall(),
            self.n_false,
            self.n_clean,
            self.false_share(),
            self.precision(),
            self.n_named
        )
    }
}
