//! A checklist as a model writes it and as a run computes it, and the card of a model.

use serde_json::json;

use crate::domain::experiment::{Experiment, History};
use crate::domain::findings::{Check, Standing};
use crate::domain::run::{FileKind, RunSpec};

/// Checks that are computed, by the name that an item is marked with, and what each looks at.
pub const COMPUTED: [(&str, &str); 9] = [
    ("serialises", "saved, loaded in another process, equal answers"),
    ("repeatable", "fitted twice, equal answers"),
    ("latency", "time of one row against the limit"),
    ("missing_values", "a row without any value gets an answer"),
    ("unseen_values", "categories that were not there in training get an answer"),
    ("column_order", "columns in another order give equal answers"),
    ("rejects_bad_rows", "rows that can't be right are refused"),
    ("holdout", "the sealed rows were opened once, at the end"),
    ("model_card", "purpose, data, score, limits are written down"),
];

/// An item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The heading that it stands under.
    pub section: String,
    /// Its words.
    pub text: String,
    /// The check that computes it, where one does.
    pub computed: Option<String>,
}

/// Items of a Markdown checklist: `- [ ] words (computed: serialises)`.
pub fn items(markdown: &str) -> Vec<Item> {
    let mut section = String::new();
    let mut items = Vec::new();
    for line in markdown.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            line.trim_start_matches('#').trim().clone_into(&mut section);
            continue;
        }
        let Some(rest) = ["- [ ]", "- [x]", "- [X]", "* [ ]", "* [x]"].iter().find_map(|mark| line.strip_prefix(mark))
        else {
            continue;
        };
        let rest = rest.trim();
        let mark = rest.rfind("(computed:");
        let computed = mark.and_then(|at| {
            let name = rest[at + "(computed:".len()..].trim_end().trim_end_matches(')').trim().trim_matches('`');
            COMPUTED.iter().find(|(known, _)| *known == name).map(|(known, _)| (*known).to_owned())
        });
        let text = mark.filter(|_| computed.is_some()).map_or(rest, |at| rest[..at].trim());
        if !text.is_empty() && items.len() < 200 {
            items.push(Item { section: section.clone(), text: text.to_owned(), computed });
        }
    }
    items
}

/// How an item stands: as it was computed, or as a person ticked it.
pub fn standing(item: &Item, checks: &[Check], ticked: &[(String, String)]) -> (Standing, String) {
    if let Some(name) = &item.computed {
        return match checks.iter().find(|check| check.name == *name) {
            Some(check) => (check.standing, check.detail.clone()),
            None => (Standing::NotChecked, "run it to compute this: x".to_owned()),
        };
    }
    match ticked.iter().find(|(text, _)| *text == item.text) {
        Some((_, note)) => (Standing::Pass, note.clone()),
        None => (Standing::Open, String::new()),
    }
}

/// The checklist of an experiment with everything that is known of its items, as Markdown.
pub fn markdown(experiment: &Experiment) -> Option<String> {
    let file = experiment.files.iter().find(|file| file.kind == FileKind::Checklist)?;
    let checks =
        experiment.run().and_then(|run| run.outcome.as_ref()).map(|outcome| outcome.findings.checks.as_slice());
    let mut text = String::new();
    let mut section = None;
    for item in items(file.code.expose()) {
        if section.as_ref() != Some(&item.section) {
            text.push_str(&format!("\n## {}\n\n", item.section));
            section = Some(item.section.clone());
        }
        let (standing, detail) = standing(&item, checks.unwrap_or_default(), &experiment.ticked);
        let mark = if standing == Standing::Pass { 'x' } else { ' ' };
        let computed = if item.computed.is_some() { format!(" – {}", standing.words()) } else { String::new() };
        let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
        text.push_str(&format!("- [{mark}] {}{computed}{detail}\n", item.text));
    }
    Some(text.trim_start().to_owned())
}

/// How the sealed rows stand after so many openings.
pub fn holdout(n_openings: usize) -> Check {
    let name = "holdout";
    match n_openings {
        0 => Check::new(
            name,
            Standing::Open,
            "sealed and never opened; its one opening comes last, when nothing will be chosen any more",
        ),
        1 => Check::new(name, Standing::Pass, "opened once; what is chosen from here on has no test score"),
        n => {
            Check::new(name, Standing::Fail, format!("opened {n} times, so no score on them is a test score any more"))
        }
    }
}

/// The card of the model that a checklist is about, and the names of what is not known.
///
/// Fields after Mitchell et al. (2019), *Model Cards for Model Reporting*; the front matter as model hubs read it.
pub fn model_card(spec: &RunSpec, history: &History) -> (String, Vec<&'static str>) {
    let mut missing = Vec::new();
    let subject = spec.subject.as_ref();
    let experiment = subject.and_then(|subject| history.find(&subject.experiment));
    let run = experiment
        .and_then(|one| one.runs.iter().find(|run| subject.is_some_and(|subject| subject.run_id == run.spec.run_id)));
    // What was said about another table says nothing about this one.
    let is_same_data = |one: &&Experiment| {
        std::path::Path::new(&spec.data).file_name().is_some_and(|name| name.to_string_lossy() == one.data)
    };
    let told = |name: &str| {
        let own = spec.settings.get(name).map(String::as_str).map(str::trim).filter(|text| !text.is_empty());
        own.map(ToOwned::to_owned).or_else(|| {
            history
                .experiments
                .iter()
                .rev()
                .filter(|one| is_same_data(one))
                .find_map(|one| one.setting(name).map(ToOwned::to_owned))
        })
    };
    let mut known = |name: &'static str, value: Option<String>| {
        value.unwrap_or_else(|| {
            missing.push(name);
            "*not known*".to_owned()
        })
    };
    let purpose = known("purpose", told("problem"));
    let limits = known("limits of use", told("knowledge").or_else(|| told("constraints")));
    let report = history.latest(&spec.framing.fingerprint(), FileKind::Evaluation);
    let errors = known(
        "where it errs",
        report
            .filter(|(_, run, _)| run.spec.subject.as_ref().map(|one| &one.run_id) == subject.map(|one| &one.run_id))
            .map(|(_, _, outcome)| {
                outcome.findings.summary.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
            }),
    );
    let framing = &spec.framing;
    let score = known(
        "score",
        run.and_then(|run| Some((run.score()?, run.outcome.as_ref()?.folds.len()))).map(|((mean, std), n)| match std {
            Some(std) => format!("{mean:.4} ± {std:.4} over {n} folds"),
            None => format!("{mean:.4}"),
        }),
    );
    let data = std::path::Path::new(&spec.data).file_name().map(|name| name.to_string_lossy().into_owned());
    let title = subject.map_or("no run", |subject| subject.title.as_str());
    let card = format!(
        "---\nlibrary_name: sklearn\ntags:\n- tabular-{}\nmetrics:\n- {}\n---\n\n# {title}\n\n## Purpose\n\n{purpose}\n\n## Data\n\n{} (BLAKE3 {}), target `{}`, {}; {} % of the rows are sealed as holdout.\n\n## Score\n\n{}, validation: {score}. Computed by the evaluator from saved predictions; what was chosen was chosen by it, so it is no score on new rows. The holdout had no part in it.\n\n## Where it errs\n\n{errors}\n\n## Limits of use\n\n{limits}\n\n## Provenance\n\nExperiment {}, run {}, code {}, Python {}.\n",
        if framing.problem.is_classification() { "classification" } else { "regression" },
        framing.metric.name(),
        data.unwrap_or_default(),
        spec.data_hash,
        framing.target.expose(),
        json!(framing.split).as_str().unwrap_or("split"),
        (framing.holdout * 100.0).round(),
        framing.metric.name(),
        subject.map_or("unknown", |subject| subject.experiment.as_str()),
        subject.map_or("unknown", |subject| subject.run_id.as_str()),
        subject.map_or("unknown", |subject| subject.code_hash.as_str()),
        spec.python.version,
    );
    (card, missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_their_section_and_their_check() {
        let text = "# Production\n## Model\n- [ ] It can be saved (computed: serialises)\n- [x] Someone is on call\nwords\n- [ ] (computed: unheard)\n";
        let read = items(text);
        assert_eq!(read.len(), 3);
        assert_eq!(
            read[0],
            Item { section: "Model".into(), text: "It can be saved".into(), computed: Some("serialises".into()) }
        );
        assert_eq!(read[2].computed, None, "a check that nobody computes is a person's");
        let checks = [Check::new("serialises", Standing::Fail, "it is 3 GB")];
        assert_eq!(standing(&read[0], &checks, &[]), (Standing::Fail, "it is 3 GB".into()));
        assert_eq!(standing(&read[0], &[], &[]).0, Standing::NotChecked);
        assert_eq!(standing(&read[1], &checks, &[]).0, Standing::Open);
        let ticked = [("Someone is on call".to_owned(), "Ada".to_owned())];
        assert_eq!(standing(&read[1], &checks, &ticked), (Standing::Pass, "Ada".into()));
    }
}
