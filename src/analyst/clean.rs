//! `clean`: small steps whose bounds are written down from the profile, so that nothing is learnt from the rows.

use crate::analyst::Answer;
use crate::analyst::brief::{Brief, Column};
use crate::analyst::model::quote;
use crate::analyst::think::{self, Use};
use crate::text::figure;

struct Step {
    name: String,
    doc: String,
    body: String,
    touches: String,
    harm: &'static str,
}

/// The answer where no rule finds a fault.
const NOTHING: &str = "## Nothing to repair\n\nNo rule finds a value in this profile that is surely wrong. With the setting `strategy=aggressive` long tails are cut and rare values merged, where there are any.\n\n*Written by rules, not by a language model.*\n";

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let strategy = brief.setting("strategy").unwrap_or("conservative");
    let word = match strategy {
        "both" => "both",
        other if other.starts_with("aggr") => "aggressive",
        _ => "conservative",
    };
    let (careful, hard) = (steps(brief, false), steps(brief, true));
    let mut stacks: Vec<(&str, Vec<String>)> = Vec::new();
    let mut used = Vec::new();
    if word == "both" {
        stacks.push(("conservative", careful.iter().map(|step| step.name.clone()).collect()));
        used.extend(careful);
        let mut names = Vec::new();
        for mut step in hard {
            // What is the same in both is written once.
            let twin = used.iter().find(|other| other.name == step.name);
            if twin.is_none_or(|twin| twin.body != step.body) {
                if twin.is_some() {
                    step.name = format!("{}_hard", step.name);
                }
                names.push(step.name.clone());
                used.push(step);
            } else {
                names.push(step.name);
            }
        }
        stacks.push(("aggressive", names));
    } else {
        used = if word == "aggressive" { hard } else { careful };
    }
    let mut thinking = think::read_through(brief);
    thinking.push_str(&format!("\n### Which steps\n\nThe strategy is {word}.\n"));
    for step in &used {
        thinking.push_str(&format!("- {}: {}\n", step.name, step.doc));
    }
    if brief.n_duplicates > 0 {
        thinking.push_str(&format!(
            "- {} repeat an earlier row. Rows are never dropped here: the split keeps equal rows on one side.\n",
            figure::plural(brief.n_duplicates, "row")
        ));
    }
    if used.is_empty() {
        return Answer { thinking, text: NOTHING.into() };
    }
    let (in_force, names) = match stacks.iter().find(|(_, names)| !names.is_empty()) {
        Some((name, names)) => (*name, names.clone()),
        None => (word, used.iter().map(|step| step.name.clone()).collect()),
    };
    let mut code = format!(
        "\"\"\"Cleaning, {in_force}: {} in order; drop one from STEPS and the others still work.\"\"\"\n\nimport pandas as pd\n",
        figure::plural(names.len() as u64, "step")
    );
    for step in &used {
        code.push_str(&format!(
            "\n\ndef {}(frame):\n    \"\"\"{}\"\"\"\n{}    return frame\n",
            step.name, step.doc, step.body
        ));
    }
    if !stacks.is_empty() {
        let lists: String =
            stacks.iter().map(|(name, names)| format!("    \"{name}\": [{}],\n", names.join(", "))).collect();
        code.push_str(&format!("\n\nSTACKS = {{\n{lists}}}"));
    }
    code.push_str(&format!("\n\nSTEPS = [{}]\n", names.join(", ")));
    code.push_str("\n\ndef clean(frame):\n    frame = frame.copy()\n    for step in STEPS:\n        frame = step(frame)\n    return frame\n");
    let table: String = used
        .iter()
        .map(|step| format!("- `{}` touches {}. Harm would show as: {}.\n", step.name, step.touches, step.harm))
        .collect();
    let both = if stacks.is_empty() {
        String::new()
    } else {
        "Both stacks are measured in front of the same linear model; choose the one whose interval is better, or the conservative one where they can't be told apart.\n\n".to_owned()
    };
    let text = format!(
        "## Hypothesis\n\nRepairing {} lets a linear model read these columns as what they are. (rule: {word} cleaning)\n\n## Expected effect\n\nThe linear baseline with this in front improves slightly or stays within the noise; worse means that a step removed signal.\n\n```python path=clean.py\n{code}```\n\n{both}{table}\n*Written by rules, not by a language model.*\n",
        names.join(", ").replace('_', " "),
    );
    Answer { thinking, text }
}

fn list(columns: &[&Column]) -> String {
    format!("[{}]", columns.iter().map(|column| quote(&column.name)).collect::<Vec<_>>().join(", "))
}

fn shown(columns: &[&Column]) -> String {
    columns.iter().map(|column| format!("`{}`", column.name)).collect::<Vec<_>>().join(", ")
}

fn steps(brief: &Brief, is_aggressive: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let of = |wanted: Use| -> Vec<&Column> {
        brief.features().filter(|column| think::use_of(brief, column).0 == wanted).collect()
    };
    let in_text = of(Use::NumberInText);
    if !in_text.is_empty() {
        steps.push(Step {
            name: "numbers_from_text".into(),
            doc: "Reads text that is nearly always a number as one; the rest becomes missing. Reason: as text a number has no order. Risk: a word among the numbers may mean something.".into(),
            body: format!("    for name in {}:\n        if name in frame:\n            frame[name] = pd.to_numeric(frame[name], errors=\"coerce\")\n", list(&in_text)),
            touches: shown(&in_text),
            harm: "rows whose text was not a number being predicted worse than before",
        });
    }
    let impossible: Vec<(&Column, f64, f64)> =
        brief.features().filter_map(|column| plausible(column).map(|(low, high)| (column, low, high))).collect();
    if !impossible.is_empty() {
        let bounds: Vec<String> = impossible
            .iter()
            .map(|(column, low, high)| format!("({}, {low:?}, {high:?})", quote(&column.name)))
            .collect();
        steps.push(Step {
            name: "impossible_to_missing".into(),
            doc: "Values that can't be true for what the column is named become missing. Reason: they are slips of typing or codes, and pull means with them. Risk: a code such as -1 may have meant something.".into(),
            body: format!(
                "    for name, low, high in [{}]:\n        if name in frame:\n            frame[name] = frame[name].where(frame[name].between(low, high))\n",
                bounds.join(", ")
            ),
            touches: impossible.iter().map(|(column, _, _)| format!("`{}`", column.name)).collect::<Vec<_>>().join(", "),
            harm: "more rows without a value than there were impossible ones",
        });
    }
    let far: Vec<(&Column, f64, f64)> = brief
        .features()
        .filter(|column| {
            column.far_out > 0
                && column.role == "numeric"
                && !impossible.iter().any(|(other, _, _)| other.name == column.name)
        })
        .filter_map(|column| {
            let (low, high) = (column.q25?, column.q75?);
            let reach = if is_aggressive { 1.5 } else { 6.0 } * (high - low);
            (reach > 0.0).then_some((column, short(low - reach), short(high + reach)))
        })
        .collect();
    if !far.is_empty() {
        let bounds: Vec<String> =
            far.iter().map(|(column, low, high)| format!("({}, {low:?}, {high:?})", quote(&column.name))).collect();
        steps.push(Step {
            name: "far_out_to_bound".into(),
            doc: format!(
                "Brings values beyond {} quartile ranges to that bound. Reason: a few rows should not bend a line. Risk: true extremes are flattened.",
                if is_aggressive { "one and a half" } else { "six" }
            ),
            body: format!("    for name, low, high in [{}]:\n        if name in frame:\n            frame[name] = frame[name].clip(low, high)\n", bounds.join(", ")),
            touches: far.iter().map(|(column, _, _)| format!("`{}`", column.name)).collect::<Vec<_>>().join(", "),
            harm: "errors growing at the upper end",
        });
    }
    let texts = of(Use::Category);
    let same_but_case: Vec<&Column> = texts.into_iter().filter(|column| differs_by_case(column)).collect();
    if !same_but_case.is_empty() {
        steps.push(Step {
            name: "one_spelling".into(),
            doc: "Values that differ only in case or outer spaces become one. Reason: one thing in two spellings is two columns to a model. Risk: none where case means nothing.".into(),
            body: format!("    for name in {}:\n        if name in frame:\n            frame[name] = frame[name].str.strip().str.lower()\n", list(&same_but_case)),
            touches: shown(&same_but_case),
            harm: "two values that were told apart by case",
        });
    }
    let nearly_empty: Vec<&Column> =
        brief.features().filter(|column| column.null.is_some_and(|share| share > 0.9)).collect();
    if !nearly_empty.is_empty() {
        steps.push(Step {
            name: "empty_to_flag".into(),
            doc: "Columns that are empty in nine rows of ten become a flag of whether they are filled. Reason: what nearly nobody has says most by being there. Risk: the few values are lost.".into(),
            body: format!("    for name in {}:\n        if name in frame:\n            frame[name + \" is filled\"] = frame[name].notna()\n            frame = frame.drop(columns=name)\n", list(&nearly_empty)),
            touches: shown(&nearly_empty),
            harm: "the rows that had a value being predicted worse",
        });
    }
    let gaps: Vec<&Column> = brief
        .features()
        .filter(|column| column.null.is_some_and(|share| share > 0.02 && share <= 0.9) && column.role == "numeric")
        .collect();
    if is_aggressive && !gaps.is_empty() {
        steps.push(Step {
            name: "flag_gaps".into(),
            doc: "Adds a flag of whether a value is missing before anything fills it. Reason: gaps are seldom by chance. Risk: one more column for each.".into(),
            body: format!("    for name in {}:\n        if name in frame:\n            frame[name + \" is missing\"] = frame[name].isna()\n", list(&gaps)),
            touches: shown(&gaps),
            harm: "no change at all, which means that gaps are by chance",
        });
    }
    steps
}

/// Bounds that a name implies, where the column goes beyond them.
fn plausible(column: &Column) -> Option<(f64, f64)> {
    let words = crate::domain::profile::words_of(&column.name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let (min, max) = (column.min.as_f64()?, column.max.as_f64()?);
    let bounds = if has(&["age"]) && max > 90.0 {
        (0.0, 120.0)
    } else if has(&["percent", "percentage", "pct"]) && max > 2.0 {
        (0.0, 100.0)
    } else if has(&["count", "tickets", "visits", "sessions", "months", "days", "price", "spend", "amount", "hours"])
        && column.q05.is_some_and(|low| low >= 0.0)
    {
        (0.0, f64::MAX)
    } else {
        return None;
    };
    (min < bounds.0 || max > bounds.1).then_some(bounds)
}

/// A bound with no more digits than it deserves.
fn short(bound: f64) -> f64 {
    if bound == 0.0 {
        return bound;
    }
    let unit = 10f64.powf(bound.abs().log10().floor() - 3.0);
    let rounded = (bound / unit).round() * unit;
    // The shortest text that means the same, not what is left of a division.
    format!("{rounded:.12}").parse().unwrap_or(rounded)
}

fn differs_by_case(column: &Column) -> bool {
    let mut seen = std::collections::HashSet::new();
    column.top.keys().any(|value| !seen.insert(value.trim().to_lowercase()))
}
