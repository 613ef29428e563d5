//! A question, ready to be sent: in words, in bytes, and with its price.

use crate::domain::conversation::Conversation;
use crate::domain::endpoint::Endpoint;
use crate::domain::prompt::{Prompt, guess_tokens};
use crate::text::RawText;

/// A question, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// In words.
    pub prompt: Prompt,
    /// The exact bytes that will leave.
    pub body: RawText,
    /// What has been said, this question included.
    pub conversation: Conversation,
    /// To whom.
    pub endpoint: Endpoint,
    /// How hard to think.
    pub effort: String,
    /// The experiment whose conversation goes on, and how.
    pub follows: Option<(String, Follow)>,
    /// Blocks of earlier thinking that had to be taken out.
    pub n_stripped: usize,
    /// Most tokens of the answer.
    pub max_tokens: u64,
    /// What it will cost at most in US dollars, if the answer is as long as it may be; unknown where the price is.
    pub most_usd: Option<f64>,
    /// What may be spent on it with all its rounds; nothing where the person said that it may cost what it costs.
    pub limit_usd: Option<f64>,
    /// Tokens of the prompt, by the server's count where it counts.
    pub n_tokens: u64,
    /// Whether the server counted them.
    pub is_counted: bool,
    /// Pictures that go with it: name, size, tokens.
    pub pictures: Vec<String>,
    /// Fingerprint of the framing.
    pub frame: String,
    /// The server's name of the answer before.
    pub previous: Option<String>,
    /// What the task was told.
    pub settings: Vec<(String, String)>,
    /// Curves that it is about.
    pub curves: crate::domain::curves::Curves,
}

impl Question {
    /// About how many tokens it takes, where nobody has counted.
    pub fn guess_tokens(&self) -> u64 {
        let head = &self.conversation.head;
        let texts = head.system.iter().chain(&head.tools);
        let blocks = self.conversation.blocks().filter(|block| !block.expose().contains("\"type\":\"image\""));
        texts.chain(blocks).map(|text| guess_tokens(text.expose())).sum::<u64>() + 1_200 * self.pictures.len() as u64
    }

    /// What fills the request: a name and about how many tokens.
    pub fn parts(&self) -> Vec<(&'static str, u64)> {
        let tools = self.conversation.head.tools.iter().map(|tool| guess_tokens(tool.expose())).sum();
        let mut parts = match self.follows {
            None => self.prompt.parts(),
            Some(_) => {
                let head: u64 = self.conversation.head.system.iter().map(|text| guess_tokens(text.expose())).sum();
                let said = self.conversation.blocks().map(|block| guess_tokens(block.expose())).sum();
                vec![("rules, question and data", head), ("conversation", said)]
            }
        };
        parts.insert(1, ("tools", tools));
        if !self.pictures.is_empty() {
            parts.push(("pictures", 1_200 * self.pictures.len() as u64));
        }
        parts.retain(|(_, tokens)| *tokens > 0);
        parts
    }
}

/// How an earlier conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// With more words.
    On,
    /// With other words in place of the last ones.
    Instead,
    /// From where the answer was cut off.
    Continue,
}

/// What was asked for beside the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The user's own words.
    pub request: String,
    /// Settings by name.
    pub settings: Vec<(String, String)>,
}

impl Wish {
    /// What was told under that name.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let given = self.settings.iter().rev().find(|(key, _)| key == name)?;
        Some(given.1.trim()).filter(|value| !value.is_empty())
    }

    /// Paths in the words that name a picture: bare, in quotes, behind an `@`, or as a `file://` address.
    pub fn pictures(&self, is_picture: impl Fn(&str) -> bool) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut take = |text: &str| {
            let path = text.trim_start_matches('@').trim_start_matches("file://").replace("\\ ", " ");
            let path = path.trim_end_matches([',', '.', ';', ':', ')']).to_owned();
            if is_picture(&path) && !found.contains(&path) {
                found.push(path);
            }
        };
        for (at, part) in self.request.split(['"', '\'', '\n']).enumerate() {
            // Inside quotes a path may hold spaces; outside it ends at one that is not escaped.
            if at % 2 == 1 && !part.trim().starts_with(|c: char| c.is_whitespace()) && is_picture(part.trim()) {
                take(part.trim());
                continue;
            }
            let mut word = String::new();
            let mut before = ' ';
            for c in part.chars() {
                if c == ' ' && before != '\\' {
                    take(&std::mem::take(&mut word));
                } else {
                    word.push(c);
                }
                before = c;
            }
            take(&word);
        }
        found
    }
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
        if let Some(why) = crate::domain::suggestion::mismatch(self.suggestion.task, &self.suggestion.files) {
            return Some(why);
        }
        let misses = self.suggestion.task.file().is_some() && self.suggestion.main_file().is_none();
        (misses && !self.suggestion.proposes_nothing).then(|| "the answer holds no code".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_in_words_however_they_were_pasted() {
        let found = |request: &str| {
            Wish { request: request.into(), settings: Vec::new() }.pictures(|path| path.contains(".png"))
        };
        assert_eq!(
            found("why does /tmp/a.png look so? And @b.png, 'c d.png' file:///e.png."),
            ["/tmp/a.png", "b.png", "c d.png", "/e.png"]
        );
        assert_eq!(found("/tmp/my\\ plot.png"), ["/tmp/my plot.png"]);
        assert!(found("nothing here, png is a word").is_empty());
    }
}
