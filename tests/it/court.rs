//! The leakage court by itself: its witnesses, in the Python that runs use.

use std::process::Command;

use rationale::text::figure;

use crate::harness::{json, python, repository};
use crate::runs::{command, judged, model};

/// Each witness finds what was planted with the right rows, clean data are quiet, and what is strange is not checked.
#[test]
fn each_witness_finds_what_was_planted_and_is_quiet_otherwise() {
    let output = Command::new(python())
        .arg("-B")
        .arg(repository().join("tests/python/court_check.py"))
        .arg(repository().join("assets/python"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), "35 passed, 0 failed");
}

/// A model that standardises the rows to predict by their own mean, and one that answers by chance.
const BY_ITS_ROWS: &str = "import numpy\nfrom sklearn.linear_model import LogisticRegression\n\n\nclass Model:\n    def fit(self, X, y):\n        Z = X.select_dtypes('number').fillna(0.0)\n        self.inner = LogisticRegression(max_iter=500).fit((Z - Z.mean()) / Z.std(), y)\n        self.classes_ = self.inner.classes_\n        return self\n\n    def predict_proba(self, X):\n        Z = X.select_dtypes('number').fillna(0.0)\n        return self.inner.predict_proba((Z - Z.mean()) / Z.std())\n\n    def predict(self, X):\n        return self.classes_[self.predict_proba(X).argmax(axis=1)]\n\n\ndef build():\n    return Model()\n";

#[test]
fn answers_that_depend_on_the_other_rows_are_found_and_chance_is_not_called_a_leak() {
    let folder = judged();
    let witness = |name: &str, code: &str| {
        let output = command(folder.path(), name, code, &[]).output().unwrap();
        let run = json(&output);
        assert_eq!(run["status"], "finished", "{run}");
        let court = run["court"].as_array().unwrap().clone();
        court.into_iter().find(|witness| witness["id"] == "answered-alone").unwrap_or_else(|| panic!("{run}"))
    };
    let found = witness("by_its_rows.py", BY_ITS_ROWS);
    assert_eq!(found["standing"], "finding", "{found}");
    let n_rows = found["n_rows"].as_u64().unwrap();
    assert!(n_rows > 200 && found["rows"].as_array().unwrap().len() == 20, "{found}");
    let said = found["detail"].as_str().unwrap();
    assert_eq!(
        said,
        format!(
            "{n_rows} of 275 rows get another answer when fewer rows are asked with them: predict() computes something from the rows it is handed"
        )
    );
    let stored = BY_ITS_ROWS
        .replace("        self.inner = ", "        self.mean, self.std = Z.mean(), Z.std()\n        self.inner = ")
        .replace("predict_proba((Z - Z.mean()) / Z.std())", "predict_proba((Z - self.mean) / self.std)");
    let clean = witness("by_what_was_learnt.py", &stored);
    assert_eq!(
        (clean["standing"].as_str(), clean["detail"].as_str()),
        (Some("clean"), Some("275 rows get the same answer with fewer rows beside them"))
    );
    let chance = model("").replace(
        "numpy.array([self.most] * len(X), dtype=object)",
        "numpy.random.default_rng().choice(['Adelie', 'Gentoo', 'Chinstrap'], len(X)).astype(object)",
    );
    let asked = witness("by_chance.py", &chance);
    assert_eq!(
        (asked["standing"].as_str(), asked["detail"].as_str()),
        (Some("not checked"), Some("asked the same twice it answers differently"))
    );
}

#[test]
fn a_score_too_good_is_looked_for_beside_the_score_that_the_history_shows() {
    let folder = judged();
    let run = json(&command(folder.path(), "stored.py", &model(""), &[]).output().unwrap());
    assert_eq!(run["status"], "finished", "{run}");
    let court = run["court"].as_array().unwrap();
    let said = court.iter().find(|witness| witness["id"] == "too-good").unwrap()["detail"].as_str().unwrap();
    let mean = run["metrics"]["balanced_accuracy"]["mean"].as_f64().unwrap();
    let shown = format!("balanced_accuracy {} in the mean over 5 folds", figure::score(mean));
    assert!(said.starts_with(&shown), "{said}, not {shown}");
    assert!(said.contains("; over ") && said.ends_with(" below the limit of 0.995"), "{said}");
}
