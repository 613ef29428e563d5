//! What the leakage court saw at run time: each witness says clean, finding with rows, or not checked.

use serde::{Deserialize, Serialize};

/// What a witness says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Testimony {
    /// Nothing was found.
    #[serde(rename = "clean")]
    Clean,
    /// Something was found.
    #[serde(rename = "finding")]
    Finding,
    /// It could not look, or looking failed.
    #[default]
    #[serde(rename = "not checked", other)]
    NotChecked,
}

impl Testimony {
    /// The words in JSON and on the screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Finding => "finding",
            Self::NotChecked => "not checked",
        }
    }

    /// Its sign, beside the words.
    pub fn sign(self) -> char {
        match self {
            Self::Clean => '✓',
            Self::Finding => '!',
            Self::NotChecked => '?',
        }
    }
}

/// The number that a witness rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistic {
    /// What it is: `roc_auc`, `share`.
    pub name: String,
    /// Its value.
    pub value: Option<f64>,
    /// From where on it is a finding.
    pub threshold: Option<f64>,
}

/// One witness of the court.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Witness {
    /// Its name: `groups-across-folds`.
    pub id: String,
    /// What it looks at, in words.
    pub title: String,
    /// What it says.
    pub standing: Testimony,
    /// What that rests on, in one sentence.
    pub detail: String,
    /// The first of the rows that it is about, by their number in the data.
    pub rows: Vec<u64>,
    /// How many rows it is about.
    pub n_rows: u64,
    /// Columns that it is about.
    pub columns: Vec<String>,
    /// The number that it rests on.
    pub statistic: Option<Statistic>,
}

impl Witness {
    /// A witness without rows.
    pub fn new(id: &str, title: &str, standing: Testimony, detail: impl Into<String>) -> Self {
        Self { id: id.to_owned(), title: title.to_owned(), standing, detail: detail.into(), ..Self::default() }
    }

    /// In one line.
    pub fn line(&self) -> String {
        format!("  {} {:<24} {:<12} {}", self.standing.sign(), self.title, self.standing.words(), self.detail)
    }
}

/// The court in a few words: how many found something, how many could not look.
pub fn in_words(court: &[Witness]) -> String {
    let count = |standing| court.iter().filter(|witness| witness.standing == standing).count();
    let (findings, unchecked) = (count(Testimony::Finding), count(Testimony::NotChecked));
    let clean = count(Testimony::Clean);
    if clean + findings == 0 {
        return "court: not checked".to_owned();
    }
    let what = match findings {
        0 if unchecked > 0 => format!("court: {clean} clean"),
        0 => "court: clean".to_owned(),
        1 => "court: 1 finding".to_owned(),
        n => format!("court: {n} findings"),
    };
    if unchecked == 0 { what } else { format!("{what}, {unchecked} not checked") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_clean() {
        let told: Witness = serde_json::from_str(r#"{"id":"x","standing":"broken"}"#).unwrap();
        assert_eq!(told.standing, Testimony::NotChecked);
        assert_eq!(Witness::default().standing, Testimony::NotChecked);
        assert_eq!(in_words(&[]), "court: not checked");
        let court = [
            Witness::new("a", "A", Testimony::Clean, ""),
            Witness::new("b", "B", Testimony::Finding, ""),
            Witness::new("c", "C", Testimony::NotChecked, ""),
        ];
        assert_eq!(in_words(&court), "court: 1 finding, 1 not checked");
        assert_eq!(in_words(&court[..1]), "court: clean");
        assert_eq!(in_words(&court[2..]), "court: not checked");
        assert_eq!(in_words(&[court[0].clone(), court[2].clone()]), "court: 1 clean, 1 not checked");
    }
}
