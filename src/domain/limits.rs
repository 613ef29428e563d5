//! How much may still be asked of a server, as its answers say.

/// One kind of limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// What is allowed in a minute.
    pub limit: Option<u64>,
    /// What is left of it; servers round it.
    pub remaining: Option<u64>,
}

impl Limit {
    /// Share that is left; unknown where the server does not say.
    pub fn left(&self) -> Option<f64> {
        let limit = self.limit.filter(|limit| *limit > 0)?;
        Some(crate::domain::profile::share(self.remaining?.min(limit), limit))
    }
}

/// The limits of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests.
    pub requests: Limit,
    /// Tokens read.
    pub input_tokens: Limit,
    /// Tokens written.
    pub output_tokens: Limit,
}

impl RateLimits {
    /// Reads them from headers; nothing where there are none.
    pub fn from_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let read = |what: &str| {
            let number = |part: &str| header(&format!("anthropic-ratelimit-{what}-{part}"))?.trim().parse().ok();
            Limit { limit: number("limit"), remaining: number("remaining") }
        };
        let mut limits = Self {
            requests: read("requests"),
            input_tokens: read("input-tokens"),
            output_tokens: read("output-tokens"),
        };
        if limits.input_tokens == Limit::default() {
            limits.input_tokens = read("tokens");
        }
        (limits != Self::default()).then_some(limits)
    }

    /// The tightest of them: its name and the share that is left.
    pub fn tightest(&self) -> Option<(&'static str, f64)> {
        [("requests", self.requests), ("input tokens", self.input_tokens), ("output tokens", self.output_tokens)]
            .into_iter()
            .filter_map(|(name, limit)| Some((name, limit.left()?)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_limit_is_named() {
        let headers = [
            ("anthropic-ratelimit-requests-limit", "1000"),
            ("anthropic-ratelimit-requests-remaining", "999"),
            ("anthropic-ratelimit-output-tokens-limit", "400000"),
            ("anthropic-ratelimit-output-tokens-remaining", "100000"),
            ("anthropic-ratelimit-input-tokens-limit", "nonsense"),
        ];
        let read = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let limits = RateLimits::from_headers(read).unwrap();
        assert_eq!(limits.tightest(), Some(("output tokens", 0.25)));
        assert_eq!(RateLimits::from_headers(|_| None), None);
    }
}
