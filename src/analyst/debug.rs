//! `debug`: causes ranked by rules on curves, history, warnings and words; each with a script that checks it.

use crate::analyst::brief::Brief;
use crate::analyst::model::{self, Estimator, Parts};
use crate::analyst::{Answer, BY_RULES, fence, recipe, think};

struct Cause {
    weight: u32,
    name: String,
    evidence: String,
    check: &'static str,
    fix: String,
    expected: &'static str,
    script: Script,
    repair: Option<Estimator>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Capacity,
    Leak,
    Scale,
    Labels,
}

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let mut causes = from_curves(brief);
    causes.extend(from_history(brief));
    causes.extend(from_data(brief));
    causes.extend(from_words(brief));
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.weight));
    let mut seen = std::collections::HashSet::new();
    causes.retain(|cause| seen.insert(cause.name.clone()));
    causes.truncate(5);
    let mut thinking = think::read_through(brief);
    thinking.push_str("\n### What speaks for which cause\n\n");
    for cause in &causes {
        thinking.push_str(&format!("- *{}* ({}): {}\n", cause.name, cause.weight, cause.evidence));
    }
    if brief.curves.iter().all(|line| line.get("curve").is_none()) {
        thinking.push_str("- No curves were given, so nothing is said about the course of training.\n");
    }
    let mut text = String::new();
    let mut scripts: Vec<Script> = Vec::new();
    for (idx, cause) in causes.iter().enumerate() {
        let at = scripts.iter().position(|script| *script == cause.script).unwrap_or_else(|| {
            scripts.push(cause.script);
            scripts.len() - 1
        });
        text.push_str(&format!(
            "## Cause {}: {}\n\n**Evidence**: {}\n\n**Check**: {} (`check_{}.py`)\n\n**Fix**: {}\n\n**Expected**: {}\n\n",
            idx + 1, cause.name, cause.evidence, cause.check, at + 1, cause.fix, cause.expected
        ));
    }
    let first = causes.first();
    text.push_str(&format!(
        "## Hypothesis\n\n{} explains best what is seen. (rule: debug)\n\n## Expected effect\n\n{}\n\n",
        first.map_or("Nothing", |cause| cause.name.as_str()),
        first.map_or("None.", |cause| cause.expected)
    ));
    for (idx, script) in scripts.iter().enumerate() {
        text.push_str(&fence("python", &format!("check_{}.py", idx + 1), code(*script)));
        text.push('\n');
    }
    if let Some(estimator) = causes.iter().find_map(|cause| cause.repair).filter(|_| brief.framing.is_some()) {
        let parts = Parts { flags: true, ..recipe::plain(estimator) };
        let doc = format!("The fix for: {} (rule: debug)", first.map_or("", |cause| cause.name.as_str()));
        text.push_str(&fence("python", "model.py", &model::write(brief, &parts, &doc)));
    }
    text.push_str(BY_RULES);
    Answer { thinking, text }
}

fn from_curves(brief: &Brief) -> Vec<Cause> {
    let mut causes = Vec::new();
    for line in &brief.curves {
        let (Some(kind), Some(sentence)) = (line["finding"].as_str(), line["sentence"].as_str()) else { continue };
        let mut add = |weight, name: &str, check, fix: &str, expected, script, repair| {
            causes.push(Cause {
                weight,
                name: name.into(),
                evidence: sentence.into(),
                check,
                fix: fix.into(),
                expected,
                script,
                repair,
            });
        };
        match kind {
            "NotFinite" => add(
                100,
                "numbers overflow",
                "the largest and smallest values of each column; one beyond a million against the rest rules it in",
                "standardise the inputs, clip gradients, divide the step size by ten",
                "every value of the loss stays finite",
                Script::Scale,
                None,
            ),
            "Diverges" => add(
                95,
                "the steps are too large",
                "whether inputs are on one scale; if they are, halve the step size until the loss falls",
                "divide the step size by ten and warm it up",
                "the loss falls from the first steps on",
                Script::Scale,
                Some(Estimator::SlowBoosting),
            ),
            "LeakLike" => add(
                90,
                "validation is easier than training",
                "one column that predicts the target alone, or rows on both sides of the split",
                "split before anything is fitted; leave the leaking column out",
                "validation falls to the level of training or below",
                Script::Leak,
                None,
            ),
            "Overfits" => add(
                85,
                "the model learns rows by heart",
                "how much a model that is held back loses: little means that the freedom was noise",
                "stop at the best step of validation, hold the model back, or bring more rows",
                "training gets worse, validation better, the gap closes",
                Script::Capacity,
                Some(Estimator::SlowBoosting),
            ),
            "Underfits" => add(
                70,
                "the model has too little freedom",
                "whether a model with far more freedom is better in validation",
                "more capacity, better features, longer training",
                "training and validation both improve",
                Script::Capacity,
                Some(Estimator::Boosting),
            ),
            "Spikes" => add(
                60,
                "single batches throw it off",
                "rows with values far outside the rest",
                "clip gradients, shuffle, look at the rows of those batches",
                "the curve gets smooth",
                Script::Scale,
                None,
            ),
            "Plateau" => add(
                40,
                "it has stopped learning",
                "whether labels contradict each other, which sets a floor",
                "lower the step size on the plateau, or stop there",
                "either a further fall, or the same result in less time",
                Script::Labels,
                None,
            ),
            "StillImproving" => add(
                35,
                "it was stopped too early",
                "the same with twice the steps",
                "train longer",
                "validation improves until it turns",
                Script::Capacity,
                None,
            ),
            _ => {}
        }
    }
    causes
}

fn from_history(brief: &Brief) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Some(tried) =
        brief.history.iter().rev().find(|tried| tried.run.as_deref().is_some_and(|run| run != "going on"))
    {
        let why = tried.why.clone().unwrap_or_else(|| "no reason was kept".into());
        causes.push(Cause {
            weight: 80,
            name: format!("{} did not finish", tried.id),
            evidence: format!("{} ended as {}: {why}", tried.id, tried.run.clone().unwrap_or_default()),
            check: "whether a column holds values of a kind that the code does not expect",
            fix: "read numbers with errors as missing, fill gaps inside the pipeline, set unseen categories aside"
                .into(),
            expected: "the run finishes and gets a score",
            script: Script::Scale,
            repair: Some(Estimator::Boosting),
        });
    }
    let in_noise =
        brief.history.iter().rev().take_while(|tried| tried.verdict.as_deref() == Some("not distinguishable")).count();
    if in_noise >= 2 {
        causes.push(Cause {
            weight: 50,
            name: "what is left is noise".into(),
            evidence: format!("the last {in_noise} experiments are not distinguishable from the best"),
            check: "whether rows that are alike have different labels: that share is a floor",
            fix: "new columns or more rows; another estimator will not help".into(),
            expected: "nothing moves until the data does",
            script: Script::Labels,
            repair: None,
        });
    }
    causes
}

fn from_data(brief: &Brief) -> Vec<Cause> {
    let mut causes = Vec::new();
    for warned in &brief.warnings {
        let evidence =
            warned.message.clone().unwrap_or_else(|| format!("{} in {}", warned.warning, warned.r#in.join(", ")));
        let left_out = brief
            .framing
            .as_ref()
            .is_some_and(|framing| warned.r#in.first().is_some_and(|name| framing.left_out.contains(name)));
        match warned.warning.as_str() {
            "target-leak" if !left_out => causes.push(Cause {
                weight: 75,
                name: "a column gives the answer away".into(),
                evidence,
                check: "what each column predicts alone; above 0.95 is too good",
                fix: format!("leave {} out in the framing", warned.r#in.join(", ")),
                expected: "the score falls to what is real",
                script: Script::Leak,
                repair: None,
            }),
            "imbalance" => causes.push(Cause {
                weight: 30,
                name: "one class is rare".into(),
                evidence,
                check: "the share of each class",
                fix: "measure what rewards the rare class; weigh it; choose the threshold on purpose".into(),
                expected: "recall of the rare class rises, accuracy falls",
                script: Script::Labels,
                repair: None,
            }),
            _ => {}
        }
    }
    if brief.n_rows < 1_000 {
        causes.push(Cause {
            weight: 20,
            name: "few rows".into(),
            evidence: format!("{} rows: scores of single folds differ by chance", brief.n_rows),
            check: "how much a held-back model differs from a free one between halves of the data",
            fix: "read intervals, not means; prefer the simpler model".into(),
            expected: "intervals narrow with more rows only",
            script: Script::Capacity,
            repair: None,
        });
    }
    if causes.is_empty() {
        causes.push(Cause {
            weight: 5,
            name: "nothing stands out".into(),
            evidence: "no curve, run or warning points to a cause".into(),
            check: "what each column predicts alone, as a start",
            fix: "say what goes wrong in symptoms, or give curves".into(),
            expected: "a cause that can be ranked",
            script: Script::Leak,
            repair: None,
        });
    }
    causes
}

fn from_words(brief: &Brief) -> Vec<Cause> {
    let words =
        format!("{} {}", brief.setting("symptoms").unwrap_or_default(), brief.request.clone().unwrap_or_default())
            .to_lowercase();
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let quoted = |what: &str| format!("you wrote that {what}");
    let mut causes = Vec::new();
    if has(&["overfit", "training accuracy", "train accuracy", "generali"]) {
        causes.push(Cause {
            weight: 65,
            name: "the model learns rows by heart".into(),
            evidence: quoted("training is far better than validation"),
            check: "how much a model that is held back loses: little means that the freedom was noise",
            fix: "hold the model back, stop early".into(),
            expected: "the gap closes",
            script: Script::Capacity,
            repair: Some(Estimator::SlowBoosting),
        });
    }
    if has(&["too good", "perfect", "suspicious", "99", "production is worse", "worse in production"]) {
        causes.push(Cause {
            weight: 72,
            name: "a column gives the answer away".into(),
            evidence: quoted("the score is too good, or does not hold in use"),
            check: "what each column predicts alone; above 0.95 is too good",
            fix: "leave that column out; split by time or by group if use is like that".into(),
            expected: "the score falls to what is real",
            script: Script::Leak,
            repair: None,
        });
    }
    if has(&["nan", "inf", "explode", "overflow"]) {
        causes.push(Cause {
            weight: 78,
            name: "numbers overflow".into(),
            evidence: quoted("values stop being finite"),
            check: "the largest and smallest values of each column; one beyond a million against the rest rules it in",
            fix: "standardise the inputs, divide the step size by ten".into(),
            expected: "every value stays finite",
            script: Script::Scale,
            repair: None,
        });
    }
    causes
}

fn code(script: Script) -> &'static str {
    match script {
        Script::Capacity => include_str!("../../assets/checks/capacity.py"),
        Script::Leak => include_str!("../../assets/checks/leak.py"),
        Script::Scale => include_str!("../../assets/checks/scale.py"),
        Script::Labels => include_str!("../../assets/checks/labels.py"),
    }
}
