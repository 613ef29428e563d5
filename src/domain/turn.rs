//! One answer of the Messages API: its blocks as they stream, why it stopped, what it used.

use serde::{Deserialize, Serialize};

use crate::text::RawText;

/// What a block of an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Reasoning, or a summary of it.
    Thinking,
    /// Reasoning that only the server can read.
    RedactedThinking,
    /// The answer.
    Text,
    /// A call of a tool, with its name.
    ToolUse(String),
    /// A kind that we do not know, with the server's word for it.
    Unknown(String),
}

/// Something that happened in a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// The server has begun.
    Started {
        /// Which model answers.
        model: String,
        /// What is known of the use so far.
        usage: Usage,
    },
    /// A block opens.
    BlockStarted {
        /// Its place among the blocks.
        index: usize,
        /// What it is.
        kind: BlockKind,
    },
    /// More of a block's text: thinking, answer, or the JSON of a tool's input.
    Delta {
        /// The block.
        index: usize,
        /// The piece.
        text: RawText,
    },
    /// A block is complete.
    BlockStopped {
        /// The block.
        index: usize,
    },
    /// Totals so far.
    Used(Usage),
    /// Something arrived that says only that the connection lives.
    Alive,
    /// An event or block that we do not know, kept in the recording.
    Unknown(String),
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It said all it wanted.
    EndTurn,
    /// It reached its limit.
    MaxTokens,
    /// It came to a text at which it was told to stop.
    StopSequence,
    /// It waits for tools.
    ToolUse,
    /// The server paused a long turn.
    PauseTurn,
    /// The model refused.
    Refusal,
    /// The context window is full.
    ModelContextWindowExceeded,
    /// The stream ended without saying so: connection lost, program ended, cancelled.
    Interrupted,
    /// A reason that we do not know, in the server's word.
    #[serde(untagged)]
    Other(String),
}

impl StopReason {
    /// The server's word, and ours for an interruption.
    pub fn word(&self) -> &str {
        match self {
            Self::EndTurn => "end_turn",
            Self::MaxTokens => "max_tokens",
            Self::StopSequence => "stop_sequence",
            Self::ToolUse => "tool_use",
            Self::PauseTurn => "pause_turn",
            Self::Refusal => "refusal",
            Self::ModelContextWindowExceeded => "model_context_window_exceeded",
            Self::Interrupted => "interrupted",
            Self::Other(word) => word,
        }
    }

    /// Reads the server's word.
    pub fn from_word(word: &str) -> Self {
        match word {
            "end_turn" => Self::EndTurn,
            "max_tokens" => Self::MaxTokens,
            "stop_sequence" => Self::StopSequence,
            "tool_use" => Self::ToolUse,
            "pause_turn" => Self::PauseTurn,
            "refusal" => Self::Refusal,
            "model_context_window_exceeded" => Self::ModelContextWindowExceeded,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether the answer is whole, so that code in it may be accepted.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::EndTurn | Self::StopSequence | Self::ToolUse | Self::Other(_) => true,
            Self::MaxTokens
            | Self::PauseTurn
            | Self::Refusal
            | Self::ModelContextWindowExceeded
            | Self::Interrupted => false,
        }
    }

    /// What the person should know about it; nothing for an answer that simply ended.
    pub fn note(&self) -> Option<&'static str> {
        match self {
            Self::EndTurn | Self::StopSequence | Self::ToolUse => None,
            Self::MaxTokens => Some("cut off at the token limit; code in it can't be accepted – ask again"),
            Self::PauseTurn => Some("paused by the server; ask again to go on"),
            Self::Refusal => Some("the model refused; try another model or other words"),
            Self::ModelContextWindowExceeded => Some("the context window is full; start with less"),
            Self::Interrupted => Some("interrupted; what came is kept – ask again to start over"),
            Self::Other(_) => Some("it stopped for a reason that this version does not know"),
        }
    }
}

/// Tokens used, as the server counts them. `None` is *not said*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read at full price.
    pub input_tokens: Option<u64>,
    /// Written, thinking included.
    pub output_tokens: Option<u64>,
    /// Written into the cache.
    pub cache_creation_input_tokens: Option<u64>,
    /// Of those, kept for an hour.
    pub cache_creation_1h_tokens: Option<u64>,
    /// Read from the cache.
    pub cache_read_input_tokens: Option<u64>,
}

impl Usage {
    /// Takes over what a later event says. Numbers are running totals, so they replace and never add.
    pub fn update(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_creation_1h_tokens = later.cache_creation_1h_tokens.or(self.cache_creation_1h_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
    }

    /// Size of the prompt: what was read, from wherever.
    pub fn prompt_tokens(&self) -> Option<u64> {
        let input = self.input_tokens?;
        Some(input + self.cache_creation_input_tokens.unwrap_or(0) + self.cache_read_input_tokens.unwrap_or(0))
    }
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Which model answered, as the server says.
    pub model: String,
    /// Blocks in order: what they are and their text.
    pub blocks: Vec<(BlockKind, RawText)>,
    /// The blocks as JSON, for sending them back unchanged.
    pub raw_blocks: Vec<serde_json::Value>,
    /// Why it ended.
    pub stop: StopReason,
    /// What it used.
    pub usage: Usage,
}

impl Turn {
    /// All text of one kind of block, joined by blank lines.
    fn joined(&self, wanted: &BlockKind) -> String {
        let texts: Vec<&str> =
            self.blocks.iter().filter(|(kind, _)| kind == wanted).map(|(_, text)| text.expose()).collect();
        texts.join("\n\n")
    }

    /// The answer without the thinking.
    pub fn text(&self) -> String {
        self.joined(&BlockKind::Text)
    }

    /// The thinking.
    pub fn thinking(&self) -> String {
        self.joined(&BlockKind::Thinking)
    }
}
