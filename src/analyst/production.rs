//! `production`: a checklist about this data and this model; what can be computed is marked.

use crate::analyst::brief::Brief;
use crate::analyst::think::{self, Use};
use crate::analyst::{Answer, BY_RULES, fence};

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let subject = brief.code.first().map_or("the best run", |(experiment, _, _)| experiment.as_str());
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### What can go wrong in use\n\nEach section asks for what would hurt first: a model that can't be loaded, rows that can't be right, a slow answer, drift that nobody sees, no way back.\n");
    let target = brief.target();
    let limit = brief.setting("latency_ms").map_or_else(
        || "a limit that somebody has to state".to_owned(),
        |ms| format!("{} ms", ms.trim_end_matches("ms").trim()),
    );
    let columns: Vec<&str> = brief
        .features()
        .filter(|column| think::use_of(brief, column).0 != Use::Drop)
        .map(|column| column.name.as_str())
        .take(6)
        .collect();
    let late: Vec<&str> =
        brief.features().filter(|column| column.role == "datetime").map(|column| column.name.as_str()).collect();
    let ranges: String = brief
        .features()
        .filter_map(|column| Some((column, column.min.as_f64()?, column.max.as_f64()?)))
        .take(4)
        .map(|(column, min, max)| {
            format!("- [ ] A row with `{}` outside {min} to {max} is refused or reported\n", column.name)
        })
        .collect();
    let metric = brief.framing.as_ref().map_or("the metric", |framing| framing.metric.as_str());
    let list = format!(
        "# Production checklist for {target}, model of {subject}\n\n## Saving and versions\n\n- [ ] The model can be saved and gives equal answers after loading elsewhere (computed: serialises)\n- [ ] Fitted again on the same rows it is the same model (computed: repeatable)\n- [ ] Model, code, data hash and library versions are stored together under one version\n\n## Interface\n\n- [ ] The interface names the columns {} and the moment at which each is known\n- [ ] Every error tells the caller what to change\n- [ ] Columns in another order give the same answers (computed: column_order)\n\n## What comes in\n\n- [ ] Rows that can't be right are refused before the model sees them (computed: rejects_bad_rows)\n- [ ] A row with nothing filled gets an answer or a clear refusal (computed: missing_values)\n- [ ] Values that were not there in training get an answer (computed: unseen_values)\n{ranges}{}\n## Speed and size\n\n- [ ] One row is answered within {limit} (computed: latency)\n- [ ] The load of the busiest hour was tried with real rows\n\n## Monitoring and alarms\n\n- [ ] Drift of each column is measured daily against the training data; warning at PSI 0.1, alarm at 0.25\n- [ ] {metric} is computed as soon as the truth of `{target}` is known; alarm at a fall of 0.05\n- [ ] The share of missing values per column is watched\n- [ ] Somebody is named who gets the alarms\n\n## Going back\n\n- [ ] The version before can be put back within an hour, and that was tried\n- [ ] It is written down who decides to go back, and on which number\n\n## People and data\n\n- [ ] The owner of the data agrees to this use\n- [ ] Errors were compared between the groups of people concerned\n- [ ] People who are affected know whom to ask\n\n## Holdout and documents\n\n- [ ] The sealed rows were opened once, at the end (computed: holdout)\n- [ ] The model card is complete (computed: model_card)\n- [ ] A newcomer has deployed it from the documents alone\n",
        columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        late.first()
            .map_or_else(String::new, |name| format!("- [ ] `{name}` is never later than the moment of prediction\n")),
    );
    let failing: Vec<&str> = brief
        .report
        .iter()
        .filter(|line| line["standing"] == "fail")
        .filter_map(|line| line["check"].as_str())
        .collect();
    let text = format!(
        "## Hypothesis\n\nThe model of {subject} can be used for `{target}` once every item is ticked{}. (rule: production)\n\n## Expected effect\n\nThe gravest item that is ignored is drift: the score falls and nobody sees it.\n\n{}{BY_RULES}",
        if failing.is_empty() { String::new() } else { format!("; these fail today: {}", failing.join(", ")) },
        fence("markdown", "checklist.md", &list),
    );
    Answer { thinking, text }
}
