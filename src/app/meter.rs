//! Whom we ask, what it used, what it cost.

use crate::domain::endpoint::Endpoint;
use crate::domain::experiment::History;
use crate::domain::limits::RateLimits;
use crate::domain::money::Spent;
use crate::domain::question::Question;
use crate::domain::turn::{CacheMiss, Usage};
use crate::text::figure;

/// Whom we ask, what it used, what it cost – and the time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meter {
    /// Milliseconds since the program began.
    pub now: u64,
    /// Name of the endpoint in the configuration.
    pub endpoint_name: String,
    /// The model that is asked.
    pub model: String,
    /// What the endpoint is called.
    pub endpoint: String,
    /// The same in few letters.
    pub endpoint_short: String,
    /// Whether asking it costs nothing.
    pub is_free: bool,
    /// What the latest answer used so far.
    pub usage: Usage,
    /// The last question that was asked.
    pub asked: Option<Box<Question>>,
    /// Until when the server keeps what comes first in a request, in milliseconds of the program's clock.
    pub cached_until: Option<u64>,
    /// Why the cache did not serve, where the server said so.
    pub miss: Option<CacheMiss>,
    /// How much may still be asked of the server.
    pub limits: Option<RateLimits>,
    /// What was spent on this project.
    pub spent: Spent,
    /// The day, as `2026-11-24` (UTC).
    pub today: String,
    /// The spending cap in dollars, where the question is framed.
    pub cap: Option<f64>,
    /// The day of the table of prices.
    pub prices_as_of: String,
}

impl Meter {
    /// Another endpoint or model is asked.
    pub fn set_endpoint(&mut self, endpoint: &Endpoint) {
        self.endpoint_name.clone_from(&endpoint.name);
        self.model.clone_from(&endpoint.model);
        self.endpoint = endpoint.label();
        self.endpoint_short = endpoint.short_label();
        self.is_free = endpoint.is_free();
    }

    /// The history has changed, at a moment as it is written there.
    pub fn on_history(&mut self, history: &History, at: &str) {
        if let Some(day) = at.get(..10).filter(|day| *day > self.today.as_str()) {
            day.clone_into(&mut self.today);
        }
        self.spent = Spent::of(history, &self.today);
    }

    /// Money in a few characters: `$0.05 of $5.00`.
    pub fn money(&self) -> String {
        let spent = figure::dollars(Some(self.spent.committed()));
        let n = self.spent.n_unknown;
        let unknown = if n > 0 { format!(" + {n} unknown") } else { String::new() };
        let about = if self.spent.estimated_usd + self.spent.reserved_usd > 0.0 { "~" } else { "" };
        match self.cap {
            Some(cap) => format!("{about}{spent}{unknown} of {}", figure::dollars(Some(cap))),
            None => format!("{about}{spent}{unknown}"),
        }
    }

    /// Tokens of the latest answer in a few characters; nothing before the first.
    pub fn tokens(&self) -> Option<String> {
        let (input, output) = (self.usage.prompt_tokens(), self.usage.output_tokens);
        if input.is_none() && output.is_none() {
            return None;
        }
        let shown = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), figure::tokens);
        Some(format!("{} in · {} out", shown(input), shown(output)))
    }

    /// A limit of which less than a quarter is left, in a few characters.
    pub fn tight_limit(&self) -> Option<String> {
        let (name, left) = self.limits?.tightest().filter(|(_, left)| *left < 0.25)?;
        Some(format!("{} of the {name} left", figure::share(left)))
    }

    /// What the cache did for the latest answer, and how long it will keep; nothing where the server has none.
    pub fn cache(&self) -> Option<String> {
        let share = self.usage.cache_share()?;
        let until = self
            .cached_until
            .filter(|_| share > 0.0 || self.usage.cache_creation_input_tokens.is_some_and(|written| written > 0))?;
        Some(match until.checked_sub(self.now) {
            Some(left) if left > 0 => format!("cache {} · {} min", figure::share(share), left.div_ceil(60_000)),
            _ => "cache cold".to_owned(),
        })
    }
}
