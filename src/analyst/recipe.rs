//! `train` and `next`: a ladder of experiments, each one change; the first that fits the data and has not been tried.

use crate::analyst::Answer;
use crate::analyst::brief::{Brief, Column};
use crate::analyst::kept::{self, Kept};
use crate::analyst::model::{self, Estimator, Parts};
use crate::analyst::think;

/// One step of the ladder.
#[derive(Clone, Debug)]
struct Recipe {
    rule: &'static str,
    hypothesis: String,
    expected: String,
    parts: Parts,
    kept: Option<Kept>,
}

/// An estimator on the columns as they are.
pub fn plain(estimator: Estimator) -> Parts {
    Parts { estimator, dates: false, ratios: Vec::new(), flags: false, balanced: false, searched: false }
}

const DURATIONS: [&str; 12] =
    ["tenure", "months", "days", "years", "age", "duration", "hours", "time", "length", "period", "weeks", "minutes"];
const COUNTS: [&str; 8] = ["count", "n", "num", "number", "tickets", "visits", "sessions", "orders"];

/// Pairs of quantities whose ratio means something: an amount over a duration, a count, or another amount.
pub fn ratios(brief: &Brief) -> Vec<(String, String)> {
    let is_quantity = |column: &&Column| {
        let spread = column.std.is_some_and(|std| std > 0.0) || column.numeric_text.is_some_and(|share| share > 0.5);
        spread
            && column.distinct.is_some_and(|n| n > 4)
            && matches!(column.role.as_str(), "numeric" | "categorical" | "text")
            && (column.r#type != "String" || column.numeric_text.is_some_and(|share| share > 0.5))
            && column.min.as_f64().is_none_or(|min| min >= -1.0)
    };
    let quantities: Vec<&Column> = brief.features().filter(is_quantity).collect();
    let words = |column: &Column| crate::domain::profile::words_of(&column.name);
    let has = |column: &Column, wanted: &[&str]| words(column).iter().any(|word| wanted.contains(&word.as_str()));
    let mut found: Vec<(String, String)> = Vec::new();
    for under in quantities
        .iter()
        .filter(|column| has(column, &DURATIONS))
        .chain(quantities.iter().filter(|column| has(column, &COUNTS)))
    {
        for over in &quantities {
            let is_new = over.name != under.name
                && !found
                    .iter()
                    .any(|(a, b)| (a, b) == (&over.name, &under.name) || (a, b) == (&under.name, &over.name));
            if is_new && !has(over, &DURATIONS) {
                found.push((over.name.clone(), under.name.clone()));
            }
        }
    }
    // Without such names: neighbours in the table that are measured on like scales.
    if found.is_empty() {
        found.extend(
            quantities
                .windows(2)
                .filter(|pair| like(pair[0], pair[1]))
                .map(|pair| (pair[0].name.clone(), pair[1].name.clone())),
        );
    }
    found.truncate(6);
    found
}

fn like(a: &Column, b: &Column) -> bool {
    match (a.q50, b.q50) {
        (Some(a), Some(b)) if a > 0.0 && b > 0.0 => (0.05..20.0).contains(&(a / b)),
        _ => false,
    }
}

fn ladder(brief: &Brief) -> Vec<Recipe> {
    let is_class = brief.is_classification();
    let metric = brief.framing.as_ref().map_or("the metric", |framing| framing.metric.as_str()).to_owned();
    let linear_name = if is_class { "logistic regression" } else { "ridge regression" };
    let mut steps = Vec::new();
    let mut add = |rule, hypothesis: String, expected: &str, parts| {
        steps.push(Recipe { rule, hypothesis, expected: expected.replace("METRIC", &metric), parts, kept: None });
    };
    let boosting = Parts { dates: false, ..plain(Estimator::Boosting) };
    let is_small = brief.n_rows < 500;
    if is_small {
        add(
            "few rows, few choices",
            format!(
                "With {} rows, {linear_name} with its penalty chosen inside the fold holds up better than anything with more freedom",
                brief.n_rows
            ),
            "METRIC moves a little over the plain linear baseline; if it is not distinguishable, the penalty was not the problem",
            Parts { flags: true, ..plain(Estimator::Linear) },
        );
    }
    add(
        "trees for mixed columns",
        "Gradient boosting finds bends and interactions between columns that a straight line misses, and takes gaps as they are".into(),
        "METRIC improves on the linear baseline; if it does not, the relation is close to linear",
        boosting.clone(),
    );
    let times: Vec<&Column> = brief.features().filter(|column| column.role == "datetime").collect();
    if !times.is_empty() {
        add(
            "time as season",
            format!("Month and weekday of {} carry signal beyond age", names(&times)),
            "METRIC moves if behaviour follows the calendar; not distinguishable otherwise",
            Parts { dates: true, ..boosting.clone() },
        );
    }
    let pairs = ratios(brief);
    if !pairs.is_empty() {
        let shown: Vec<String> = pairs.iter().take(3).map(|(over, under)| format!("{over}/{under}")).collect();
        add(
            "ratios",
            format!(
                "Ratios such as {} say more than their parts, since a tree can only cut one column at a time",
                shown.join(", ")
            ),
            "METRIC improves slightly where rates matter more than amounts",
            Parts { ratios: pairs.clone(), ..boosting.clone() },
        );
    }
    more_steps(brief, &boosting, pairs, linear_name, &mut add);
    if let Some(kept) = kept::kept(brief) {
        // What was measured comes before what is only believed.
        let hypothesis = format!(
            "{}, which helped in {}, help gradient boosting as well",
            kept.names.iter().take(3).map(|name| name.replace('_', " ")).collect::<Vec<_>>().join(", "),
            kept.experiment
        );
        let expected = format!("{metric} improves on boosting without them; if not, boosting finds them by itself");
        let at = steps.iter().position(|step| step.rule == "trees for mixed columns").map_or(0, |at| at + 1);
        let recipe = Recipe { rule: "features that helped", hypothesis, expected, parts: boosting, kept: Some(kept) };
        steps.insert(at, recipe);
    }
    steps
}

/// The steps that come after the data's own columns have been used up.
fn more_steps(
    brief: &Brief,
    boosting: &Parts,
    pairs: Vec<(String, String)>,
    linear_name: &str,
    add: &mut dyn FnMut(&'static str, String, &str, Parts),
) {
    add(
        "slower boosting",
        "Smaller steps, smaller trees and a penalty keep boosting from fitting noise".into(),
        "METRIC improves slightly and varies less between folds",
        plain(Estimator::SlowBoosting),
    );
    add(
        "bends in a linear model",
        format!("Splines let {linear_name} bend along each quantity and stay easy to explain"),
        "METRIC closes most of the gap between the linear baseline and boosting",
        Parts { flags: true, ..plain(Estimator::Splines) },
    );
    add(
        "blend of two families",
        format!("The mean of {linear_name} and boosting errs less, because the two err on different rows"),
        "METRIC improves slightly on the better of the two",
        plain(Estimator::Blend),
    );
    if imbalance(brief).is_some_and(|share| share < 0.2) {
        add(
            "weigh the rare class",
            "Weighing classes by their rarity makes boosting look at the rare one".into(),
            "recall of the rare class rises; METRIC moves only if it rewards that",
            Parts { balanced: true, ..boosting.clone() },
        );
    }
    if brief.features().any(|column| column.null.is_some_and(|share| share > 0.02)) {
        add(
            "gaps as signal",
            "Whether a value is missing says something by itself".into(),
            "METRIC improves where gaps are not by chance",
            Parts { flags: true, ratios: pairs, ..plain(Estimator::SlowBoosting) },
        );
    }
    add(
        "forest",
        "A random forest, which averages deep trees, varies less than boosting on this many rows".into(),
        "METRIC comes close to boosting; better only if boosting overfits",
        plain(Estimator::Forest),
    );
    add(
        "extra trees",
        "Cuts drawn at random smooth what a forest decides too sharply".into(),
        "METRIC comes close to the forest, with less variation between folds",
        plain(Estimator::ExtraTrees),
    );
    if brief.n_rows >= 500 {
        add(
            "penalty chosen inside",
            format!("{} with its penalty chosen inside the fold is enough", capital(linear_name)),
            "METRIC moves little over the linear baseline",
            Parts { flags: true, ..plain(Estimator::Linear) },
        );
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn names(columns: &[&Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn imbalance(brief: &Brief) -> Option<f64> {
    let target = brief.columns.iter().find(|column| column.name == brief.target())?;
    let n: u64 = target.top.values().sum();
    target.top.values().min().map(|rows| crate::domain::profile::share(*rows, n))
}

fn mark(rule: &str) -> String {
    format!("(rule: {rule})")
}

/// Answers `train`: the first step of the ladder that has not been tried.
pub fn train(brief: &Brief) -> Answer {
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### Choosing a model\n\n");
    choose(brief, thinking)
}

/// Answers `next`: reads what was tried, then chooses.
pub fn next(brief: &Brief) -> Answer {
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### What has been tried\n\n");
    if brief.history.is_empty() {
        thinking.push_str("Nothing yet.\n");
    }
    let mut n_within_noise = 0;
    for tried in &brief.history {
        let outcome = match (&tried.verdict, &tried.run, tried.decision.as_deref()) {
            (_, _, Some("rejected")) => format!(
                "rejected{}",
                tried.reason.as_ref().map_or_else(String::new, |reason| format!(", because: {reason}"))
            ),
            (Some(verdict), _, _) if verdict != "not checked" => verdict.clone(),
            (_, Some(run), _) => {
                format!("{run}{}", tried.why.as_ref().map_or_else(String::new, |why| format!(": {why}")))
            }
            _ => "not compared".to_owned(),
        };
        n_within_noise = if outcome == "not distinguishable" { n_within_noise + 1 } else { 0 };
        let score = tried.mean.map_or_else(String::new, |mean| format!(" {mean:.4}"));
        thinking.push_str(&format!("- {}: {}{score} – {outcome}\n", tried.id, tried.hypothesis));
    }
    if n_within_noise >= 3 {
        thinking.push_str(&format!("\nThe last {n_within_noise} are within the noise of the best. More of the same kind will not be told apart on these folds; another kind, or more rows, might.\n"));
    }
    thinking.push_str("\n### Choosing the next\n\n");
    choose(brief, thinking)
}

fn choose(brief: &Brief, mut thinking: String) -> Answer {
    let steps = ladder(brief);
    let outcome_of =
        |step: &Recipe| brief.history.iter().rev().find(|tried| tried.hypothesis.contains(&mark(step.rule)));
    let mut chosen = None;
    for step in &steps {
        match outcome_of(step) {
            Some(tried) => thinking.push_str(&format!("- *{}* was {}: skipped.\n", step.rule, tried.id)),
            None => {
                thinking.push_str(&format!("- *{}* fits and has not been tried: taken.\n", step.rule));
                chosen = Some(step);
                break;
            }
        }
    }
    let best = best_so_far(brief);
    let Some(step) = chosen else {
        thinking.push_str("\nThe ladder of rules is at its end.\n");
        let best = best.map_or_else(String::new, |id| format!(" The best run so far is {id}."));
        return Answer {
            thinking,
            text: format!(
                "Every rule that fits this data has been tried on these folds.{best} What is left needs more than rules: new columns, more rows, or another question.\n\nNo code this time.\n"
            ),
        };
    };
    let builds_on = best.map_or_else(String::new, |id| format!(" Against {id}."));
    let mut code = model::write(brief, &step.parts, &format!("{} {}", step.hypothesis, mark(step.rule)));
    if let Some(kept) = &step.kept {
        code = kept.into_model(&code);
    }
    let text = format!(
        "## Hypothesis\n\n{}. {}\n\n## Expected effect\n\n{}.{builds_on}\n\n```python path=model.py\n{code}```\n\n{}\n\n*Written by rules, not by a language model.*\n",
        step.hypothesis,
        mark(step.rule),
        step.expected,
        unsure(brief)
    );
    Answer { thinking, text }
}

fn best_so_far(brief: &Brief) -> Option<String> {
    let maximize = brief.framing.as_ref().is_none_or(|framing| framing.direction != "minimize");
    let scored = brief
        .history
        .iter()
        .filter_map(|tried| tried.mean.map(|mean| (if maximize { mean } else { -mean }, &tried.id)));
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id.clone())
}

fn unsure(brief: &Brief) -> String {
    let mut lines = vec!["What could be otherwise:".to_owned(), String::new()];
    let dropped: Vec<&str> = brief
        .features()
        .filter(|column| think::use_of(brief, column).0 == think::Use::Drop)
        .map(|column| column.name.as_str())
        .collect();
    if !dropped.is_empty() {
        lines.push(format!("- {} {} not used.", dropped.join(", "), if dropped.len() == 1 { "is" } else { "are" }));
    }
    lines.push("- Rare values of a column are pooled below ten rows; another bound may suit.".into());
    if brief.features().any(|column| column.role == "datetime") {
        lines.push(
            "- Ages are counted from the latest date in the data; in use that date moves on, and so must the constant."
                .into(),
        );
    }
    lines.join("\n")
}
