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
    /// A tool was run for the model: the block that called it, what it gave in a few words, whether it failed.
    ToolResult {
        /// The block of the call.
        index: usize,
        /// What it gave, in a few words.
        summary: RawText,
        /// Whether it failed.
        is_error: bool,
    },
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
            Self::MaxTokens => {
                Some("cut off at the token limit; code in it can't be accepted – c goes on where it stopped")
            }
            Self::PauseTurn => Some("paused by the server; u goes on"),
            Self::Refusal => Some("the model refused – m chooses another model"),
            Self::ModelContextWindowExceeded => Some("the context window is full – t begins a new conversation"),
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
    /// Of the written tokens, those of the reasoning, of which a summary may be all that is shown.
    #[serde(default)]
    pub thinking_tokens: Option<u64>,
    /// Searches of the web, which have a price each.
    #[serde(default)]
    pub web_searches: Option<u64>,
    /// By which rules it is billed.
    #[serde(default)]
    pub rate: Rate,
}

/// What changes the price of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rate {
    /// In a batch.
    pub is_batch: bool,
    /// Computed in the United States on request.
    pub is_us: bool,
    /// In fast mode.
    pub is_fast: bool,
}

impl Usage {
    /// Takes over what a later event says. Numbers are running totals, so they replace and never add.
    pub fn update(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_creation_1h_tokens = later.cache_creation_1h_tokens.or(self.cache_creation_1h_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.thinking_tokens = later.thinking_tokens.or(self.thinking_tokens);
        self.web_searches = later.web_searches.or(self.web_searches);
        self.rate.is_batch |= later.rate.is_batch;
        self.rate.is_us |= later.rate.is_us;
        self.rate.is_fast |= later.rate.is_fast;
    }

    /// Both together. What neither says stays unknown.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let add = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0) + b.unwrap_or(0)),
        };
        Self {
            input_tokens: add(self.input_tokens, other.input_tokens),
            output_tokens: add(self.output_tokens, other.output_tokens),
            cache_creation_input_tokens: add(self.cache_creation_input_tokens, other.cache_creation_input_tokens),
            cache_creation_1h_tokens: add(self.cache_creation_1h_tokens, other.cache_creation_1h_tokens),
            cache_read_input_tokens: add(self.cache_read_input_tokens, other.cache_read_input_tokens),
            thinking_tokens: add(self.thinking_tokens, other.thinking_tokens),
            web_searches: add(self.web_searches, other.web_searches),
            rate: Rate {
                is_batch: self.rate.is_batch || other.rate.is_batch,
                is_us: self.rate.is_us || other.rate.is_us,
                is_fast: self.rate.is_fast || other.rate.is_fast,
            },
        }
    }

    /// Size of the prompt: what was read, from wherever.
    pub fn prompt_tokens(&self) -> Option<u64> {
        let input = self.input_tokens?;
        Some(input + self.cache_creation_input_tokens.unwrap_or(0) + self.cache_read_input_tokens.unwrap_or(0))
    }

    /// Share of the prompt that came from the cache; unknown where the server says nothing of a cache.
    pub fn cache_share(&self) -> Option<f64> {
        let read = self.cache_read_input_tokens?;
        let prompt = self.prompt_tokens().filter(|prompt| *prompt > 0)?;
        Some(crate::domain::profile::share(read, prompt))
    }
}

/// Why nothing, or less than could be, was read from the cache, as the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMiss {
    /// The server's word: `system_changed`, `messages_changed`, …
    pub reason: String,
    /// Tokens that had to be read anew.
    pub tokens: Option<u64>,
}

/// What a server says of a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalDetails {
    /// `cyber`, `frontier_llm`, …
    pub category: Option<RawText>,
    /// In a sentence.
    pub explanation: Option<RawText>,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The server's name of the message; empty where it gives none.
    pub id: String,
    /// Which model answered, as the server says.
    pub model: String,
    /// Blocks in order: what they are and their text.
    pub blocks: Vec<(BlockKind, RawText)>,
    /// The complete blocks as JSON, byte for byte as the server wrote them, for sending them back unchanged.
    pub raw_blocks: Vec<RawText>,
    /// Why it ended.
    pub stop: StopReason,
    /// What it used.
    pub usage: Usage,
    /// What the server says of a refusal.
    pub refusal: Option<RefusalDetails>,
    /// Why the cache did not serve, where the server says so.
    pub miss: Option<CacheMiss>,
}

/// A call of one of our tools, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// Index of its block among the blocks of the turn.
    pub block: usize,
    /// The server's name of the call.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// Its input as JSON text.
    pub input: RawText,
}

impl Turn {
    /// A turn in which nothing came.
    pub fn empty(stop: StopReason) -> Self {
        Self {
            id: String::new(),
            model: String::new(),
            blocks: Vec::new(),
            raw_blocks: Vec::new(),
            stop,
            usage: Usage::default(),
            refusal: None,
            miss: None,
        }
    }

    /// Calls of tools whose input is complete, in order.
    pub fn calls(&self) -> Vec<ToolCall> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            #[serde(rename = "type")]
            kind: &'a str,
            #[serde(default)]
            id: String,
            #[serde(default)]
            name: String,
            #[serde(borrow, default)]
            input: Option<&'a serde_json::value::RawValue>,
        }
        let mut blocks = self.blocks.iter().enumerate().filter(|(_, (kind, _))| matches!(kind, BlockKind::ToolUse(_)));
        self.raw_blocks
            .iter()
            .filter_map(|raw| serde_json::from_str::<Wire<'_>>(raw.expose()).ok())
            .filter(|wire| wire.kind == "tool_use")
            .map(|wire| ToolCall {
                block: blocks
                    .find(|(_, (kind, _))| *kind == BlockKind::ToolUse(wire.name.clone()))
                    .map_or(0, |(at, _)| at),
                id: wire.id,
                name: wire.name,
                input: RawText::new(wire.input.map_or("{}", serde_json::value::RawValue::get)),
            })
            .collect()
    }

    /// This turn with the one that came after it, as one answer.
    #[must_use]
    pub fn and_then(mut self, later: Self) -> Self {
        self.blocks.extend(later.blocks);
        self.raw_blocks.extend(later.raw_blocks);
        self.usage = self.usage.plus(later.usage);
        self.id = later.id;
        if !later.model.is_empty() {
            self.model = later.model;
        }
        self.stop = later.stop;
        self.refusal = later.refusal;
        self.miss = self.miss.or(later.miss);
        self
    }
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
