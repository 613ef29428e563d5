//! A question, ready to be sent: in words, in bytes, and with its price.

use crate::domain::endpoint::Endpoint;
use crate::domain::prompt::Prompt;
use crate::text::RawText;

/// A question, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// In words.
    pub prompt: Prompt,
    /// The exact bytes that will leave.
    pub body: RawText,
    /// To whom.
    pub endpoint: Endpoint,
    /// What it will cost at most in US dollars, if the answer is as long as it may be; unknown where the price is.
    pub most_usd: Option<f64>,
    /// Tokens of the prompt, by the server's count where it counts.
    pub n_tokens: u64,
    /// Whether the server counted them.
    pub is_counted: bool,
    /// Fingerprint of the framing.
    pub frame: String,
}

/// What was asked for beside the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The user's own words.
    pub request: String,
    /// Settings by name.
    pub settings: Vec<(String, String)>,
}

/// An answer with everything that was read out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The experiment that it begins.
    pub experiment: String,
    /// The answer.
    pub turn: crate::domain::turn::Turn,
    /// What it proposes.
    pub suggestion: crate::domain::suggestion::Suggestion,
    /// Dollars; unknown where the price is.
    pub cost_usd: Option<f64>,
    /// Why it broke off, where it did.
    pub broken: Option<crate::text::SafeText>,
}

impl Asked {
    /// Why it can't be accepted; nothing where it can.
    pub fn refusal(&self) -> Option<crate::text::SafeText> {
        if !self.suggestion.is_whole {
            return Some(self.turn.stop.note().map_or_else(|| "the answer is not whole".into(), Into::into));
        }
        let misses = self.suggestion.task.file().is_some() && self.suggestion.main_file().is_none();
        (misses && !self.suggestion.proposes_nothing).then(|| "the answer holds no code".into())
    }
}
