//! Scores that an answer states as results, held against what was computed: what stands in no output is named.

use crate::domain::conversation::{Conversation, Speaker};
use crate::domain::metric::Metric;
use crate::safe;
use crate::text::SafeText;
use crate::text::markdown::fence_of;

/// A score that an answer states.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The figure as it stands there.
    pub figure: String,
    /// Its value; a percentage as it is written.
    value: f64,
    /// Half of its last digit.
    reach: f64,
    is_percent: bool,
}

/// Words that name a score, beside the names of the metrics.
const SCORES: [&str; 14] = [
    "score",
    "auc",
    "precision",
    "recall",
    "r²",
    "mse",
    "error rate",
    "log loss",
    "logloss",
    "mcc",
    "mape",
    "accuracy",
    "balanced accuracy",
    "average precision",
];
/// Words that make a sentence a hope, a rule or a question instead of a result.
const NO_RESULT: [&str; 22] = [
    "expect",
    "should",
    "would",
    "could",
    "may ",
    "might",
    "aim",
    "target of",
    "goal",
    "hope",
    "likely",
    "at least",
    "threshold",
    "for example",
    "e.g.",
    "if ",
    "suppose",
    "assum",
    "typical",
    "usually",
    "perhaps",
    "?",
];
/// Most figures that are named.
const MOST: usize = 5;

/// Scores that an answer states and that stand in nothing that it was given: neither in what was asked, nor in what a
/// tool gave, nor in the history. In one sentence; nothing where every figure has its source.
pub fn unfounded(answer: &str, conversation: &Conversation) -> Option<SafeText> {
    let claims = claims(answer);
    if claims.is_empty() {
        return None;
    }
    let mut known = Vec::new();
    conversation.head.system.iter().for_each(|text| numbers(text.expose(), &mut known));
    let given = conversation.messages.iter().filter(|message| message.speaker == Speaker::User);
    given.flat_map(|message| &message.blocks).for_each(|block| numbers(block.expose(), &mut known));
    let mut figures: Vec<String> = Vec::new();
    for claim in claims {
        if !known.iter().any(|number| claim.is(*number)) && !figures.contains(&claim.figure) {
            figures.push(claim.figure);
        }
    }
    let more = figures.len().saturating_sub(MOST);
    figures.truncate(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!figures.is_empty()).then(|| {
        safe!("not checked: no output holds {}{more}, which the answer states as a result", figures.join(", "))
    })
}

impl Claim {
    /// Whether a number that is known rounds to it.
    fn is(&self, known: f64) -> bool {
        let near = |known: f64| (known.abs() - self.value.abs()).abs() <= self.reach * (1.0 + 1e-9);
        near(known) || self.is_percent && near(known * 100.0) || !self.is_percent && near(known / 100.0)
    }
}

/// Scores that a text states as results, outside of code, hypotheses and expectations.
pub fn claims(text: &str) -> Vec<Claim> {
    let mut found = Vec::new();
    let (mut in_code, mut is_hope) = (false, false);
    for line in text.lines() {
        if fence_of(line).is_some() {
            in_code = !in_code;
            continue;
        }
        let lower = line.trim().to_lowercase();
        if lower.starts_with('#') || lower.starts_with("**") {
            is_hope = false;
        }
        let bare = lower.trim_start_matches(['#', '*', '_', '-', ' ']);
        if ["hypothesis", "expected", "risk", "plan", "next"].iter().any(|word| bare.starts_with(word)) {
            is_hope = true;
        }
        if in_code || is_hope {
            continue;
        }
        for sentence in line.split_inclusive([';', '?']).flat_map(|part| part.split(". ")) {
            let lower = sentence.to_lowercase();
            let named = SCORES.iter().any(|word| has_word(&lower, word))
                || Metric::ALL.iter().any(|metric| has_word(&lower, metric.name()));
            if named && !NO_RESULT.iter().any(|word| lower.contains(word)) {
                figures(sentence, &mut found);
            }
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(|c| c.is_alphanumeric() && c != 's')
    })
}

/// Decimal fractions and percentages of a sentence; what stands in backticks or behind `=` is code.
fn figures(sentence: &str, found: &mut Vec<Claim>) {
    for (nth, part) in sentence.split('`').enumerate() {
        if nth % 2 == 1 {
            continue;
        }
        for (at, figure) in tokens(part) {
            let before = part[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '=' | '_' | '.' | '/')) {
                continue;
            }
            let rest = part[at + figure.len()..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
            let is_percent = rest.starts_with('%');
            let decimals = figure.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            if let (true, Ok(value)) = (decimals > 0 || is_percent, figure.parse::<f64>()) {
                let reach = 0.5 * 10f64.powi(-i32::try_from(decimals).unwrap_or(0));
                let shown = if is_percent { format!("{figure} %") } else { figure.to_owned() };
                found.push(Claim { figure: shown, value, reach, is_percent });
            }
        }
    }
}

/// Runs of digits with at most one point between them, and where they begin.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find(|c: char| c.is_ascii_digit())?;
            let whole = text[start..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |n| start + n);
            at = whole;
            let token = text[start..whole].trim_end_matches('.');
            if token.matches('.').count() <= 1 {
                return Some((start, token));
            }
        }
    })
}

/// Every number of a text.
fn numbers(text: &str, into: &mut Vec<f64>) {
    for (at, token) in tokens(text) {
        let Ok(mut value) = token.parse::<f64>() else { continue };
        // `8.2e-3`
        let rest = &text[at + token.len()..];
        if let Some(power) = rest.strip_prefix(['e', 'E']) {
            let n = power.find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+')).unwrap_or(power.len());
            if let Ok(power) = power[..n].parse::<i32>() {
                value *= 10f64.powi(power);
            }
        }
        into.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::{Head, text_block};

    fn check(answer: &str, given: &str, said: Option<&str>) {
        let mut conversation = Conversation::new(Head::default());
        conversation.say(vec![text_block(given)]);
        assert_eq!(unfounded(answer, &conversation).map(|text| text.to_string()).as_deref(), said, "{answer}");
    }

    #[test]
    fn figures_without_a_source_are_named() {
        let given = "{\"score\": 0.97342, \"std\": 8.2e-3, \"rows\": 275}";
        check("The forest reaches a balanced accuracy of 0.973 ± 0.008.", given, None);
        check("Its accuracy is 97.3 %.", given, None);
        let said = "not checked: no output holds 0.991, which the answer states as a result";
        check("The forest reaches a balanced accuracy of 0.991.", given, Some(said));
        check("roc_auc was 0.991 on 275 rows", given, Some(said));
        check(
            "AUC 0.91, then 93 %; AUC 0.91 again",
            given,
            Some("not checked: no output holds 0.91, 93 %, which the answer states as a result"),
        );
    }

    #[test]
    fn hopes_settings_code_and_other_numbers_are_no_claims() {
        for text in [
            "## Expected effect\n\nbalanced_accuracy rises by 0.02.\n",
            "The score should rise to 0.99.",
            "Is an accuracy of 0.8 enough?",
            "The score is better with `alpha=0.37` and C=0.25.",
            "```python\naccuracy = 0.999\n```\n",
            "The mean bill is 43.92 mm long.",
            "scikit-learn 1.8.0 has this score.",
            "Five folds, 275 rows, one score.",
        ] {
            assert_eq!(claims(text), [], "{text}");
        }
    }
}
