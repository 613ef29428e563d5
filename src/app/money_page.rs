//! The money as a document: what was spent, by what, what it bought, and what filled the last request.

use crate::app::meter::Meter;
use crate::domain::experiment::{Experiment, History};
use crate::domain::question::Question;
use crate::text::figure;

/// The document in Markdown.
pub fn page(meter: &Meter, history: &History, last: Option<&Question>) -> String {
    let spent = &meter.spent;
    let usd = |amount: f64| figure::dollars(Some(amount));
    let mut text = String::from("# Spent\n\n");
    let cap = meter.cap.map_or_else(String::new, |cap| format!(" of {}", usd(cap)));
    text.push_str(&format!("- this project: {}{cap}\n", usd(spent.usd)));
    text.push_str(&format!("- today (UTC): {}\n", usd(spent.today_usd)));
    if spent.reserved_usd > 0.0 {
        text.push_str(&format!("- set aside for answers whose end was not seen: {}\n", usd(spent.reserved_usd)));
    }
    if spent.estimated_usd > 0.0 {
        text.push_str(&format!("- of that, estimated since the answer broke off: {}\n", usd(spent.estimated_usd)));
    }
    if spent.n_unknown > 0 {
        text.push_str(&format!("- answers of unknown price, not in these sums: {}\n", spent.n_unknown));
    }
    let saved = if spent.saved_usd < 0.0 { "- the cache has cost so far" } else { "- saved by the cache" };
    text.push_str(&format!("{saved}: {}\n", usd(spent.saved_usd.abs())));
    if !spent.by_model.is_empty() {
        text.push_str("\n# By model\n\n");
        for (model, (n, dollars)) in &spent.by_model {
            text.push_str(&format!("- {model}: {}, {}\n", figure::plural(*n, "answer"), usd(*dollars)));
        }
    }
    let mut dear: Vec<&Experiment> =
        history.experiments.iter().filter(|experiment| experiment.cost_usd.is_some_and(|usd| usd > 0.0)).collect();
    dear.sort_by(|a, b| b.cost_usd.unwrap_or(0.0).total_cmp(&a.cost_usd.unwrap_or(0.0)));
    if !dear.is_empty() {
        text.push_str("\n# By experiment, the dearest first\n\n");
        for experiment in dear.iter().take(20) {
            let estimate = if experiment.is_estimate { " (estimated)" } else { "" };
            text.push_str(&format!(
                "- {} {}: {}{estimate}{}\n",
                experiment.id,
                experiment.task,
                figure::dollars(experiment.cost_usd),
                tokens(experiment)
            ));
        }
    }
    if let Some(question) = last {
        text.push_str("\n# What filled the last request\n\n");
        let parts = question.parts();
        let all: u64 = parts.iter().map(|(_, tokens)| tokens).sum();
        for (name, tokens) in parts {
            text.push_str(&format!(
                "- {name}: about {} tokens, {}\n",
                figure::count(tokens),
                figure::share(crate::domain::profile::share(tokens, all))
            ));
        }
    }
    if let Some(share) = meter.usage.cache_share() {
        text.push_str(&format!("\n# Cache\n\n- {} of the last prompt came from it\n", figure::share(share)));
        if let Some(miss) = &meter.miss {
            let tokens = miss.tokens.map_or_else(String::new, |n| format!(", {} tokens read anew", figure::count(n)));
            text.push_str(&format!("- it did not serve fully: {}{tokens}\n", miss.reason.replace('_', " ")));
        }
    }
    if let Some(limits) = meter.limits {
        text.push_str("\n# Limits of the server, per minute\n\n");
        for (name, limit) in [
            ("requests", limits.requests),
            ("input tokens", limits.input_tokens),
            ("output tokens", limits.output_tokens),
        ] {
            let shown = |n: Option<u64>| n.map_or_else(|| "not said".to_owned(), figure::count);
            text.push_str(&format!("- {name}: {} of {} left\n", shown(limit.remaining), shown(limit.limit)));
        }
    }
    text.push_str("\nPrices are those of the table of ");
    text.push_str(&meter.prices_as_of);
    text.push_str(" and of your configuration; a server's bill goes before them.\n");
    text
}

fn tokens(experiment: &Experiment) -> String {
    let Some(usage) = experiment.usage else { return String::new() };
    let shown = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), figure::tokens);
    let thinking =
        usage.thinking_tokens.map_or_else(String::new, |n| format!(", {} of them thinking", figure::tokens(n)));
    format!(" · {} in, {} out{thinking}", shown(usage.prompt_tokens()), shown(usage.output_tokens))
}
