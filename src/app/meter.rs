//! Whom we ask, what it used, what it cost.

use crate::domain::turn::Usage;
use crate::text::figure;

/// Whom we ask, what it used, what it cost – and the time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meter {
    /// Milliseconds since the program began.
    pub now: u64,
    /// What the endpoint is called.
    pub endpoint: String,
    /// The same in few letters.
    pub endpoint_short: String,
    /// Whether asking it costs nothing.
    pub is_free: bool,
    /// What the latest answer used so far.
    pub usage: Usage,
    /// Dollars spent on this project, and answers whose price is unknown.
    pub spent: (f64, u64),
    /// The spending cap in dollars, where the question is framed.
    pub cap: Option<f64>,
}

impl Meter {
    /// Dollars spent, and answers without a price.
    pub fn set_spent(&mut self, spent: (f64, u64)) {
        self.spent = spent;
    }

    /// Money in a few characters: `$0.05 of $5.00`.
    pub fn money(&self) -> String {
        let spent = figure::dollars(Some(self.spent.0));
        let unknown = if self.spent.1 > 0 { format!(" + {} unknown", self.spent.1) } else { String::new() };
        match self.cap {
            Some(cap) => format!("{spent}{unknown} of {}", figure::dollars(Some(cap))),
            None => format!("{spent}{unknown}"),
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
}
