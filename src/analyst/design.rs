//! `design`: a whole solution in sections, with the first model and a README.

use crate::analyst::brief::Brief;
use crate::analyst::model::{self, Estimator, Parts};
use crate::analyst::think::{self, Use};
use crate::analyst::{Answer, BY_RULES, fence, recipe};
use crate::text::figure;

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let thinking = format!(
        "{}\n### From table to decision\n\nThe first model is the one that a colleague can check in a minute; what replaces it has to beat it on the same folds.\n",
        think::read_through(brief)
    );
    let target = if brief.target().is_empty() { "the target" } else { brief.target() };
    let framing = brief.framing.clone().unwrap_or_default();
    let problem = brief.setting("problem").map(ToOwned::to_owned).or_else(|| brief.request.clone());
    let problem = problem
        .map_or_else(|| format!("Predict `{target}` from what is known before it."), |text| text.trim().to_owned());
    let constraints = brief.setting("constraints").unwrap_or("none was stated");
    let of = |wanted: &[Use]| -> Vec<String> {
        brief
            .features()
            .filter(|column| wanted.contains(&think::use_of(brief, column).0))
            .map(|column| format!("`{}`", column.name))
            .collect()
    };
    let list = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let parts = if brief.n_rows < 500 {
        Parts { flags: true, ..recipe::plain(Estimator::Linear) }
    } else {
        Parts { dates: true, ratios: recipe::ratios(brief), ..recipe::plain(Estimator::Boosting) }
    };
    let (first, then) = if brief.n_rows < 500 {
        ("a linear model with its penalty chosen inside the fold", "boosting with small trees")
    } else {
        ("gradient boosting on the columns, their ages and ratios", "a blend with a linear model")
    };
    let business = brief.setting("business_metric").map_or_else(
        || "none was stated; state one before the holdout is opened".to_owned(),
        |text| format!("{text}, computed in every evaluation"),
    );
    let doc = format!("{first} for {target} (rule: design)");
    let code = model::write(brief, &parts, &doc);
    let readme = format!(
        "# {target}\n\n{problem}\n\n- Data: {} of {}; `{target}` is predicted ({}).\n- Deciding metric: {} ({}), {} split.\n- First model: {first} (`model.py`).\n- Constraints: {constraints}.\n- Business metric: {business}.\n\n## Run\n\n    rationale run model.py --data FILE --target {target}\n\n## What has to stay true\n\nColumns are known at the moment of prediction; the holdout is opened once; scores come from the evaluator.\n",
        figure::plural(brief.n_rows, "row"),
        figure::plural(brief.columns.len() as u64, "column"),
        framing.problem,
        framing.metric,
        framing.direction,
        framing.split,
    );
    let leaks: Vec<String> = brief
        .warnings
        .iter()
        .filter(|warned| warned.severity == "high")
        .filter_map(|warned| warned.message.clone())
        .collect();
    let text = format!(
        "## Problem\n\n{problem} It is a {} problem.{}\n\n## Architecture\n\nSource table → checks on the way in → features from one row → model → decision; beside it a log of what came in and what was answered, which feeds monitoring and the next training. Constraint that shapes it: {constraints}.\n\n## Data pipeline\n\n- Numbers as they are: {}.\n- Long tails, logarithm for linear models: {}.\n- Categories, rare values pooled: {}.\n- Times as age, month, weekday: {}.\n- Text by weighted words: {}.\n- Left out: {}.\n\n## Model\n\nFirst {first}; {then} if that is not enough.\n\n## Evaluation\n\n{} ({}), {} split, holdout sealed. Business metric: {business}.\n\n## Experiments\n\n1. Baselines: how much is there without effort?\n2. {first}: do bends and interactions pay? Expected: better than linear, or the relation is a line.\n3. Features, each measured alone: which carry signal? Keep those whose interval excludes zero.\n4. Cleaning, conservative against aggressive: does repair move the score?\n5. Search within two minutes: were the settings good enough?\n6. Evaluation by segment: who is served badly?\n7. The holdout, once.\n\n## In use\n\nOne row is answered in milliseconds; drift of columns and answers is watched against the training data; retraining when the watched metric falls; the model before stays ready to go back to.\n\n## Hypothesis\n\n{}{} is a sound first model for {target}. (rule: design)\n\n## Expected effect\n\nBetter than the linear baseline; if not, the plan goes on with features.\n\n{}\n{}{BY_RULES}",
        if framing.problem.is_empty() { "supervised" } else { &framing.problem },
        if leaks.is_empty() { String::new() } else { format!(" Beware: {}.", leaks.join("; ")) },
        list(of(&[Use::Number, Use::NumberInText])),
        list(of(&[Use::Skewed])),
        list(of(&[Use::Category])),
        list(of(&[Use::Time])),
        list(of(&[Use::Words])),
        list(of(&[Use::Drop])),
        framing.metric,
        framing.direction,
        framing.split,
        first[..1].to_uppercase(),
        &first[1..],
        fence("python", "model.py", &code),
        fence("markdown", "README.md", &readme),
    );
    Answer { thinking, text }
}
