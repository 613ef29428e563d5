//! `explore`: quality, preparation, features, models, challenges – each with the number it rests on.

use crate::analyst::Answer;
use crate::analyst::brief::{Brief, Column};
use crate::analyst::think::{self, Use};
use crate::text::figure;

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### What matters most\n\n");
    thinking.push_str(&gravest(brief));
    let text = [
        "## Data quality\n\n".to_owned(),
        quality(brief),
        "\n## Preparation\n\n".to_owned(),
        preparation(brief),
        "\n## Feature ideas\n\n".to_owned(),
        features(brief),
        "\n## Models\n\n".to_owned(),
        models(brief),
        "\n## Challenges\n\n".to_owned(),
        challenges(brief),
        "\n## Questions to ask next\n\n".to_owned(),
        questions(brief),
        "\n*Written by rules, not by a language model; every number is from the profile of all rows.*\n".to_owned(),
    ];
    Answer { thinking, text: text.concat() }
}

fn gravest(brief: &Brief) -> String {
    let high: Vec<String> = brief.warnings.iter().filter(|warned| warned.severity == "high").map(said).collect();
    if high.is_empty() {
        "Nothing in the warnings spoils a score by itself.\n".into()
    } else {
        format!("{}\n", high.join("; "))
    }
}

fn said(warned: &crate::analyst::brief::Warned) -> String {
    warned.message.clone().unwrap_or_else(|| format!("{} in {}", warned.warning, warned.r#in.join(", ")))
}

fn quality(brief: &Brief) -> String {
    let mut lines: Vec<String> =
        brief.warnings.iter().map(|warned| format!("- *{}* – {}\n", warned.severity, said(warned))).collect();
    let mut gaps: Vec<&Column> =
        brief.columns.iter().filter(|column| column.null.is_some_and(|share| share > 0.0 && share <= 0.6)).collect();
    gaps.sort_by(|a, b| b.null.unwrap_or(0.0).total_cmp(&a.null.unwrap_or(0.0)));
    if !gaps.is_empty() {
        let list: Vec<String> = gaps
            .iter()
            .take(8)
            .map(|column| format!("`{}` {}", column.name, figure::share(column.null.unwrap_or(0.0))))
            .collect();
        lines.push(format!("- Gaps: {}.\n", list.join(", ")));
    }
    if lines.is_empty() { "No defect was found by the checks that ran.\n".into() } else { lines.concat() }
}

fn names(brief: &Brief, wanted: Use) -> Vec<String> {
    brief
        .features()
        .filter(|column| think::use_of(brief, column).0 == wanted)
        .map(|column| format!("`{}`", column.name))
        .collect()
}

fn preparation(brief: &Brief) -> String {
    let mut lines = Vec::new();
    let mut add = |columns: Vec<String>, what: &str| {
        if !columns.is_empty() {
            lines.push(format!("- {}: {what}\n", columns.join(", ")));
        }
    };
    add(names(brief, Use::Drop), "leave out.");
    add(names(brief, Use::NumberInText), "read as numbers, what is not one becomes missing.");
    add(names(brief, Use::Time), "turn into days before the latest date, month and weekday.");
    add(
        names(brief, Use::Category),
        "one place a value for linear models, a code for trees; pool what is rarer than ten rows.",
    );
    add(names(brief, Use::Words), "words and pairs of words weighed by rarity, fitted inside the fold.");
    add(names(brief, Use::Skewed), "logarithm for linear models.");
    let gaps: Vec<String> = brief
        .features()
        .filter(|column| column.null.is_some_and(|share| share > 0.02))
        .map(|column| format!("`{}`", column.name))
        .collect();
    add(gaps, "fill with the median and add a flag for linear models; leave the gap for trees.");
    if lines.is_empty() { "The columns can be used as they are.\n".into() } else { lines.concat() }
}

fn features(brief: &Brief) -> String {
    let ideas: Vec<String> = crate::analyst::recipe::ratios(brief)
        .into_iter()
        .map(|(over, under)| {
            format!(
                "- `{over}` / `{under}`: how much of one there is for the other; two look-ups and a division a row.\n"
            )
        })
        .chain(brief.features().filter(|column| column.role == "datetime").map(|column| {
            format!(
                "- days since `{}`: recency, where behaviour fades with time; one subtraction a row.\n",
                column.name
            )
        }))
        .chain(brief.features().filter(|column| column.null.is_some_and(|share| share > 0.05)).map(|column| {
            format!("- whether `{}` is missing: gaps are seldom by chance; one comparison a row.\n", column.name)
        }))
        .take(6)
        .collect();
    if ideas.is_empty() { "None that the profile alone suggests.\n".into() } else { ideas.concat() }
}

fn models(brief: &Brief) -> String {
    let (linear, boosted) = if brief.is_classification() {
        ("Logistic regression", "Histogram gradient boosting for classes")
    } else {
        ("Ridge regression", "Histogram gradient boosting for numbers")
    };
    if brief.n_rows < 500 {
        format!(
            "1. {linear} with the penalty chosen inside the fold: few rows, few choices.\n2. A small random forest, to see whether the relation bends.\n"
        )
    } else {
        format!(
            "1. {linear} as the yardstick that can be explained.\n2. {boosted}: takes gaps and codes as they are, and finds bends and interactions.\n3. A random forest as a check from another family.\n"
        )
    }
}

fn challenges(brief: &Brief) -> String {
    let mut lines = Vec::new();
    for warned in &brief.warnings {
        match warned.warning.as_str() {
            "target-leak" => lines.push(format!(
                "- A score close to perfect would come from `{}`, not from insight.\n",
                warned.r#in.join("`, `")
            )),
            "date-after-outcome" => lines.push(format!(
                "- `{}` holds what was not known in time; a score with it will not hold in use.\n",
                warned.r#in.first().cloned().unwrap_or_default()
            )),
            "duplicate-rows" => lines.push("- Copies of a row on both sides of a split look like skill.\n".into()),
            "imbalance" => lines.push(
                "- Accuracy rewards answering the common class; watch precision and recall of the rare one.\n".into(),
            ),
            _ => {}
        }
    }
    lines.dedup();
    if brief.n_rows < 1000 {
        lines.push(
            "- With so few rows, differences below a few hundredths are noise; read the interval, not the mean.\n"
                .into(),
        );
    }
    if lines.is_empty() {
        lines.push(
            "- The rows come from one time and place; whether they look like tomorrow's can't be seen from here.\n"
                .into(),
        );
    }
    lines.concat()
}

fn questions(brief: &Brief) -> String {
    let when = brief.features().find(|column| column.role == "datetime").map_or_else(
        || "At which moment is the prediction needed, and which columns are known by then?".to_owned(),
        |column| format!("Is `{}` always known at the moment of prediction?", column.name),
    );
    let group = "Do several rows belong to the same person, place or machine?";
    let cost = if brief.is_classification() {
        "What does a missed case cost against a false alarm?"
    } else {
        "Which size of error would change a decision?"
    };
    let mut asked = format!("1. {when}\n2. {group}\n3. {cost}\n");
    let dates = brief.warnings.iter().filter(|warned| warned.warning == "ambiguous-dates");
    for (nth, column) in dates.flat_map(|warned| &warned.r#in).enumerate() {
        asked.push_str(&format!("{}. In `{column}`, does the day come first or the month?\n", nth + 4));
    }
    asked
}
