//! What models take and cost, from a dated table; what is not in it is unknown, never zero.

use serde::Deserialize;

use crate::domain::turn::Usage;

const TABLE: &str = include_str!("../../assets/models.toml");

/// US dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Counts from this many prompt tokens on.
    pub over: u64,
    /// Read at full price.
    pub input: f64,
    /// Written into the cache for five minutes.
    pub write_5m: f64,
    /// Written into the cache for an hour.
    pub write_1h: f64,
    /// Read from the cache.
    pub read: f64,
    /// Written.
    pub output: f64,
}

/// A form in which a model takes the wish to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingForm {
    /// The model decides how much.
    Adaptive,
    /// With a budget of tokens.
    Enabled,
    /// Only short notes between tools.
    BetweenTools,
    /// Not at all.
    Disabled,
}

/// What is known of a model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// Ids that begin with this are meant.
    pub prefix: String,
    /// Context window in tokens.
    pub context: u64,
    /// Longest answer in tokens.
    pub max_output: u64,
    /// Forms of thinking, the preferred first.
    pub thinking: Vec<ThinkingForm>,
    /// Effort that it takes without being told; `None` where it takes no effort.
    pub effort: Option<String>,
    /// Smallest prompt that it caches, in tokens.
    pub cache_min: u64,
    /// Prices, the cheapest tier first.
    pub tiers: Vec<Tier>,
    /// Prices in fast mode, where it has one.
    #[serde(default)]
    pub fast: Option<Vec<Tier>>,
    /// Whether a call of a tool can be demanded.
    #[serde(default)]
    pub forced_tools: bool,
}

impl ModelFacts {
    /// A model of which nothing is known but its name.
    pub fn unknown(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            context: 32_000,
            max_output: 8_000,
            thinking: Vec::new(),
            effort: None,
            cache_min: 1024,
            tiers: Vec::new(),
            fast: None,
            forced_tools: false,
        }
    }
}

/// The table of models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// When it was written down.
    pub as_of: String,
    /// The model to think and write with.
    pub default: String,
    /// The cheaper choice.
    pub cheaper: String,
    /// The model to label with.
    pub labeller: String,
    /// What is known, longer prefixes before shorter ones.
    #[serde(rename = "model")]
    pub known: Vec<ModelFacts>,
}

impl Models {
    /// The table that comes with the program. A test reads it, so that it can't be wrong.
    pub fn builtin() -> Self {
        toml::from_str(TABLE).unwrap_or(Self {
            as_of: "unknown".into(),
            default: String::new(),
            cheaper: String::new(),
            labeller: String::new(),
            known: Vec::new(),
        })
    }

    /// The table with prices that the user states. They go before what we know of the same model.
    #[must_use]
    pub fn with(mut self, stated: &[ModelFacts]) -> Self {
        for own in stated {
            let known = self.facts(&own.prefix).cloned();
            let tiers = own.tiers.clone();
            self.known.insert(
                0,
                known.map_or_else(
                    || own.clone(),
                    |known| ModelFacts { prefix: own.prefix.clone(), tiers, fast: None, ..known },
                ),
            );
        }
        self
    }

    /// What is known of a model; nothing for one that is not in the table.
    pub fn facts(&self, model: &str) -> Option<&ModelFacts> {
        self.known.iter().find(|facts| {
            model.strip_prefix(facts.prefix.as_str()).is_some_and(|rest| {
                // A date, another snapshot, or nothing – but not another version such as 5-5 behind 5.
                rest.is_empty()
                    || rest.strip_prefix('-').is_some_and(|rest| rest.len() >= 8 || rest.parse::<u32>().is_err())
            })
        })
    }

    /// The price of one answer in US dollars; unknown where the model or the usage is.
    ///
    /// Prompt and answer by the tier that the size of the prompt chooses; half of everything in a batch, a tenth more
    /// where it is computed in the United States on request, ten dollars for a thousand searches of the web.
    pub fn cost(&self, model: &str, usage: &Usage) -> Option<f64> {
        let tier = self.tier(model, usage)?;
        let written = usage.cache_creation_input_tokens.unwrap_or(0);
        let hour = usage.cache_creation_1h_tokens.unwrap_or(0).min(written);
        let tokens = part(usage.input_tokens?, tier.input)
            + part(written - hour, tier.write_5m)
            + part(hour, tier.write_1h)
            + part(usage.cache_read_input_tokens.unwrap_or(0), tier.read)
            + part(usage.output_tokens?, tier.output);
        Some(tokens * factor(usage) + part(usage.web_searches.unwrap_or(0), 10_000.0))
    }

    /// What the same answer would have cost without a cache, less what it did cost: saved, or paid for writing.
    pub fn saved(&self, model: &str, usage: &Usage) -> Option<f64> {
        let tier = self.tier(model, usage)?;
        let plain = Usage {
            input_tokens: usage.prompt_tokens(),
            cache_creation_input_tokens: None,
            cache_creation_1h_tokens: None,
            cache_read_input_tokens: None,
            ..*usage
        };
        debug_assert!(tier.input >= 0.0, "a price is not negative");
        Some(self.cost(model, &plain)? - self.cost(model, usage)?)
    }

    fn tier(&self, model: &str, usage: &Usage) -> Option<Tier> {
        let facts = self.facts(model)?;
        let prompt = usage.prompt_tokens()?;
        let tiers = if usage.rate.is_fast { facts.fast.as_ref()? } else { &facts.tiers };
        tiers.iter().rev().find(|tier| prompt > tier.over || tier.over == 0).copied()
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tokens")]
fn part(tokens: u64, price: f64) -> f64 {
    tokens as f64 * price / 1e6
}

fn factor(usage: &Usage) -> f64 {
    (if usage.rate.is_batch { 0.5 } else { 1.0 }) * (if usage.rate.is_us { 1.1 } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::turn::Rate;

    fn usage(input: u64, output: u64, written: u64, hour: u64, read: u64) -> Usage {
        Usage {
            input_tokens: Some(input),
            output_tokens: Some(output),
            cache_creation_input_tokens: Some(written),
            cache_creation_1h_tokens: Some(hour),
            cache_read_input_tokens: Some(read),
            ..Usage::default()
        }
    }

    fn check(model: &str, usage: &Usage, by_hand: f64) {
        let cost = Models::builtin().cost(model, usage).unwrap();
        assert!((cost - by_hand).abs() < 1e-12, "{model}: {cost} is not {by_hand}");
    }

    #[test]
    fn the_table_is_read_and_names_its_own_defaults() {
        let models = Models::builtin();
        for model in [&models.default, &models.cheaper, &models.labeller] {
            assert!(models.facts(model).is_some(), "{model}");
        }
    }

    #[test]
    fn dollars_are_those_computed_by_hand() {
        // 1,000 × 4 + 2,000 × 20 + 600 × 5 + 400 × 8 + 10,000 × 0.20, in millionths.
        check(
            "claude-opus-5-5",
            &usage(1000, 2000, 1000, 400, 10_000),
            (4000.0 + 40_000.0 + 3000.0 + 3200.0 + 2000.0) / 1e6,
        );
        check("claude-haiku-5-5", &usage(100_000, 1000, 0, 0, 0), (10_000.0 + 500.0) / 1e6);
        // One token more, and every token of the request is in the higher tier.
        check("claude-haiku-5-5", &usage(100_001, 1000, 0, 0, 0), (100_001.0 * 0.5 + 2500.0) / 1e6);
        check("claude-opus-4-5-20251101", &usage(1_000_000, 0, 0, 0, 0), 5.0);
        check("rationale-rules", &usage(5000, 5000, 0, 0, 0), 0.0);
    }

    #[test]
    fn batches_places_speed_and_searches_have_their_price() {
        let at = |rate: Rate, model: &str, by_hand: f64| {
            check(model, &Usage { rate, ..usage(1000, 2000, 1000, 400, 10_000) }, by_hand);
        };
        let plain = (4000.0 + 40_000.0 + 3000.0 + 3200.0 + 2000.0) / 1e6;
        at(Rate { is_batch: true, ..Rate::default() }, "claude-opus-5-5", plain * 0.5);
        at(Rate { is_us: true, ..Rate::default() }, "claude-opus-5-5", plain * 1.1);
        at(Rate { is_us: true, is_batch: true, is_fast: false }, "claude-opus-5-5", plain * 0.55);
        at(
            Rate { is_fast: true, ..Rate::default() },
            "claude-opus-5-5",
            (8.0 * 1000.0 + 40.0 * 2000.0 + 10.0 * 600.0 + 16.0 * 400.0 + 0.4 * 10_000.0) / 1e6,
        );
        // Thinking is part of the output and not paid twice; two searches are two cents.
        let searched = Usage { web_searches: Some(2), thinking_tokens: Some(1500), ..usage(1000, 2000, 0, 0, 0) };
        check("claude-sonnet-5-5", &searched, (2000.0 + 20_000.0) / 1e6 + 0.02);
        // A model without a fast mode has no price for one.
        let fast = Usage { rate: Rate { is_fast: true, ..Rate::default() }, ..usage(1, 1, 0, 0, 0) };
        assert_eq!(Models::builtin().cost("claude-sonnet-5-5", &fast), None);
    }

    #[test]
    fn what_a_cache_saves_is_the_difference_to_the_plain_price() {
        let models = Models::builtin();
        let saved = |usage: &Usage| models.saved("claude-opus-5-5", usage).unwrap();
        // 10,000 tokens read at 0.20 instead of 4.
        assert!((saved(&usage(100, 10, 0, 0, 10_000)) - 0.038).abs() < 1e-12);
        // Written for an hour: twice the price of reading once.
        assert!((saved(&usage(100, 10, 10_000, 10_000, 0)) + 0.04).abs() < 1e-12);
    }

    #[test]
    fn an_unknown_price_is_unknown() {
        let models = Models::builtin();
        assert_eq!(models.cost("claude-opus-9", &usage(1, 1, 0, 0, 0)), None);
        assert_eq!(models.cost("claude-opus-5-9", &usage(1, 1, 0, 0, 0)), None);
        assert_eq!(models.cost("qwen", &usage(1, 1, 0, 0, 0)), None);
        assert_eq!(models.cost("claude-opus-5-5", &Usage::default()), None);
    }

    #[test]
    fn an_id_is_not_taken_for_an_older_family() {
        let models = Models::builtin();
        let tier = |model: &str| models.facts(model).map(|facts| facts.tiers[0].input);
        assert_eq!(tier("claude-opus-5"), Some(5.0));
        assert_eq!(tier("claude-opus-5-5"), Some(4.0));
        assert_eq!(tier("claude-sonnet-5-5-20260928"), Some(2.0));
    }
}
