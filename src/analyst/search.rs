//! `search`: the space that suits the size of the data, narrowed to where an earlier search was good.

use std::collections::BTreeMap;

use crate::analyst::brief::Brief;
use crate::analyst::model::{self, Estimator, Parts};
use crate::analyst::{Answer, BY_RULES, fence, recipe, think};
use crate::domain::limits_in_words;
use crate::text::figure;

/// A parameter that is drawn on a logarithmic scale.
struct Range {
    name: &'static str,
    low: f64,
    high: f64,
    is_whole: bool,
    first: f64,
    why: &'static str,
}

fn ranges(brief: &Brief, is_linear: bool) -> Vec<Range> {
    if is_linear {
        let name = if brief.is_classification() { "C" } else { "alpha" };
        let why = "the penalty decides how much noise is fitted";
        return vec![Range { name, low: 1e-4, high: 1e3, is_whole: false, first: 1.0, why }];
    }
    #[expect(clippy::cast_precision_loss, reason = "a bound on leaves")]
    let rows = brief.n_rows.max(100) as f64;
    let leaf = (rows / 20.0).clamp(10.0, 200.0).floor();
    let most_trees = if rows < 2_000.0 { 300.0 } else { 500.0 };
    let range = |name, (low, high), first, why| Range { name, low, high, is_whole: false, first, why };
    let whole = |name, span, first, why| Range { is_whole: true, ..range(name, span, first, why) };
    vec![
        range("learning_rate", (0.01, 0.3), 0.05, "with the number of trees it decides how much is learnt"),
        whole("max_iter", (50.0, most_trees), 150.0, "the number of trees"),
        whole("max_leaf_nodes", (3.0, 63.0), 8.0, "how many columns can act together"),
        whole("min_samples_leaf", (5.0, leaf.max(20.0)), 20.0, "how few rows may decide a leaf"),
        range("l2_regularization", (1e-3, 30.0), 1.0, "holds single leaves back"),
    ]
}

/// Narrows each range around the better half of what was tried; keeps it open where the best lies at an edge.
fn narrow(brief: &Brief, ranges: &mut [Range]) -> Vec<String> {
    let maximize = brief.framing.as_ref().is_none_or(|framing| framing.direction != "minimize");
    let mut tried: Vec<(f64, BTreeMap<String, f64>)> = brief
        .trials
        .iter()
        .filter(|trial| trial["state"] == "complete")
        .filter_map(|trial| {
            let params = trial["params"].as_object()?;
            let numbers = params.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect();
            Some((trial["inner_value"].as_f64()?, numbers))
        })
        .collect();
    if tried.len() < 8 {
        return Vec::new();
    }
    tried.sort_by(|a, b| if maximize { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) });
    let good = &tried[..tried.len().div_ceil(3)];
    let mut said = Vec::new();
    for range in ranges {
        let values: Vec<f64> = good.iter().filter_map(|(_, params)| params.get(range.name).copied()).collect();
        let Some(best) = values.first().copied() else { continue };
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        if low >= high || best <= range.low * 1.2 || best >= range.high / 1.2 {
            continue;
        }
        (range.low, range.high) = (range.low.max(low / 1.5), range.high.min(high * 1.5));
        if range.is_whole {
            (range.low, range.high) = (range.low.floor().max(2.0), range.high.ceil());
        }
        range.first = best;
        said.push(format!("{} to {}–{}", range.name, figure::value(range.low), figure::value(range.high)));
    }
    said
}

/// Answers.
pub fn answer(brief: &Brief) -> Answer {
    let is_linear = brief.n_rows < 300;
    let mut ranges = ranges(brief, is_linear);
    let narrowed = narrow(brief, &mut ranges);
    let budget = brief.setting("budget").and_then(limits_in_words::seconds).unwrap_or(120.0);
    let mut thinking = think::read_through(brief);
    thinking.push_str(&format!(
        "\n### Which search\n\n{} over {} within {} s: {}\n",
        if is_linear { "A linear model, since there are few rows," } else { "Gradient boosting" },
        figure::plural(ranges.len() as u64, "parameter"),
        figure::value(budget),
        "after eight drawn at random, each configuration is chosen by what the earlier ones gave (TPE); one that lies below the median after an inner fold is given up.",
    ));
    for range in &ranges {
        thinking.push_str(&format!(
            "- *{}* from {} to {}: {}\n",
            range.name,
            figure::value(range.low),
            figure::value(range.high),
            range.why
        ));
    }
    thinking.push_str(&if narrowed.is_empty() {
        "\nNo earlier search narrows this.\n".to_owned()
    } else {
        format!("\nNarrowed by the better third of the last search: {}.\n", narrowed.join(", "))
    });
    let estimator = if is_linear { Estimator::Linear } else { Estimator::Boosting };
    let parts = Parts { searched: true, ..recipe::plain(estimator) };
    let mut code = model::write(brief, &parts, "A model whose settings are searched.");
    let number = |range: &Range, value: f64| if range.is_whole { format!("{value:.0}") } else { format!("{value:?}") };
    let asks: String = ranges
        .iter()
        .map(|range| {
            let kind = if range.is_whole { "int" } else { "float" };
            format!(
                "        \"{}\": trial.suggest_{kind}(\"{}\", {}, {}, log=True),\n",
                range.name,
                range.name,
                number(range, range.low),
                number(range, range.high)
            )
        })
        .collect();
    let first: Vec<String> =
        ranges.iter().map(|range| format!("\"{}\": {}", range.name, number(range, range.first))).collect();
    code.push_str(&format!(
        "\n\nFIRST = {{{}}}\nN_TRIALS = {}\n\n\ndef space(trial):\n    return {{\n{asks}    }}\n",
        first.join(", "),
        if is_linear { 25 } else { 100 }
    ));
    let text = format!(
        "## Hypothesis\n\nSettings of {} searched within {} s beat those that were chosen by hand. (rule: search)\n\n## Expected effect\n\nA small gain over the same model with its first settings; not distinguishable means that the first settings were good enough.\n\n{}\n- Strategy: TPE after eight random trials, median pruning after each inner fold.\n- Most telling: {}.\n- The score that counts is that of the whole search, repeated inside every fold.\n{}{BY_RULES}",
        if is_linear { "a linear model" } else { "gradient boosting" },
        figure::value(budget),
        fence("python", "search.py", &code),
        ranges.iter().take(2).map(|range| range.name).collect::<Vec<_>>().join(", "),
        if narrowed.is_empty() {
            String::new()
        } else {
            format!("- Narrowed by what was tried: {}.\n", narrowed.join(", "))
        },
    );
    Answer { thinking, text }
}
