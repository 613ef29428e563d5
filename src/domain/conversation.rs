//! What has been said between the person's side and the model, byte for byte, so that it can be said again unchanged.
//!
//! A model's thinking comes back to it with a signature that covers everything before it. So the history that is sent is
//! only ever added to; whoever changes something takes the thinking after it out, and changing the model, the tools or
//! the system prompt takes out all of it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use crate::domain::turn::Turn;
use crate::text::RawText;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person's side, our tools included.
    User,
    /// The model.
    Assistant,
}

impl Speaker {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message: blocks as JSON, each byte for byte as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// The blocks.
    pub blocks: Vec<RawText>,
}

/// What stands before the first message. A signature covers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Id of the model.
    pub model: String,
    /// Blocks of the system prompt as text, the rules first.
    pub system: Vec<RawText>,
    /// Definitions of tools as JSON.
    pub tools: Vec<RawText>,
}

/// What a server does with thinking that comes back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// It checks them: thinking without its signature must stay away.
    Checked,
    /// It has none: thinking goes back as it came.
    None,
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation {
    /// What stands before it.
    pub head: Head,
    /// The messages in order.
    pub messages: Vec<Message>,
}

/// A text block.
pub fn text_block(text: &str) -> RawText {
    RawText::new(json!({"type": "text", "text": text}).to_string())
}

/// The result of a tool. `content` is a JSON list of blocks.
pub fn result_block(call: &str, content: &RawText, is_error: bool) -> RawText {
    let error = if is_error { ",\"is_error\":true" } else { "" };
    RawText::new(format!(
        "{{\"type\":\"tool_result\",\"tool_use_id\":{},\"content\":{}{error}}}",
        json!(call),
        content.expose()
    ))
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(default)]
    id: Option<&'a str>,
    #[serde(default)]
    tool_use_id: Option<&'a str>,
    #[serde(default)]
    signature: Option<&'a str>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
}

fn read(block: &RawText) -> Option<Block<'_>> {
    serde_json::from_str(block.expose()).ok()
}

fn is_thinking(block: &RawText) -> bool {
    read(block).is_some_and(|block| matches!(block.kind, "thinking" | "redacted_thinking"))
}

impl Conversation {
    /// A conversation in which nothing has been said.
    pub fn new(head: Head) -> Self {
        Self { head, messages: Vec::new() }
    }

    /// The person's side adds blocks. Returns what was added.
    pub fn say(&mut self, blocks: Vec<RawText>) -> Option<Message> {
        self.add(Message { speaker: Speaker::User, blocks })
    }

    /// The model has answered. What is not whole is left out: a block that never closed, and a call of a tool where the
    /// answer broke off, since it will have no result. Returns what was added.
    pub fn hear(&mut self, turn: &Turn) -> Option<Message> {
        // What comes before a refusal is to be thrown away, or the refusal would repeat itself.
        if turn.stop == crate::domain::turn::StopReason::Refusal {
            return None;
        }
        let was_cut = !turn.stop.is_whole() && turn.stop != crate::domain::turn::StopReason::PauseTurn;
        let blocks: Vec<RawText> = turn
            .raw_blocks
            .iter()
            .filter(|raw| {
                read(raw).is_some_and(|block| {
                    let is_empty = block.kind == "text" && block.text.is_none_or(|text| text.get() == "\"\"");
                    !(is_empty || was_cut && block.kind == "tool_use")
                })
            })
            .cloned()
            .collect();
        // Thinking alone is no answer, and some servers refuse a message that is nothing else.
        if blocks.iter().all(is_thinking) {
            return None;
        }
        self.add(Message { speaker: Speaker::Assistant, blocks })
    }

    /// Adds a message; two of the same speaker in a row become one. Returns what was added.
    pub fn add(&mut self, message: Message) -> Option<Message> {
        if message.blocks.is_empty() {
            return None;
        }
        match self.messages.last_mut() {
            Some(last) if last.speaker == message.speaker => last.blocks.extend(message.blocks.iter().cloned()),
            _ => self.messages.push(message.clone()),
        }
        Some(message)
    }

    /// Calls of tools that wait for their results.
    pub fn open_calls(&self) -> Vec<String> {
        let Some(at) = self.messages.iter().rposition(|message| message.speaker == Speaker::Assistant) else {
            return Vec::new();
        };
        let answered: Vec<&str> = self.messages[at + 1..]
            .iter()
            .flat_map(|message| &message.blocks)
            .filter_map(read)
            .filter_map(|block| block.tool_use_id)
            .collect();
        self.messages[at]
            .blocks
            .iter()
            .filter_map(read)
            .filter(|block| block.kind == "tool_use")
            .filter_map(|block| block.id)
            .filter(|id| !answered.contains(id))
            .map(ToOwned::to_owned)
            .collect()
    }

    /// The last message of the person's side that holds words, by its place.
    pub fn last_words(&self) -> usize {
        let has_words = |message: &Message| {
            message.speaker == Speaker::User && message.blocks.iter().filter_map(read).any(|block| block.kind == "text")
        };
        self.messages.iter().rposition(has_words).unwrap_or(0)
    }

    /// The results of tools that a message brings.
    pub fn results_in(&self, message: usize) -> Vec<RawText> {
        let blocks = self.messages.get(message).map(|message| message.blocks.as_slice()).unwrap_or_default();
        blocks.iter().filter(|block| read(block).is_some_and(|block| block.kind == "tool_result")).cloned().collect()
    }

    /// How many messages at the beginning are the same in another conversation.
    pub fn n_common(&self, other: &Self) -> usize {
        self.messages.iter().zip(&other.messages).take_while(|(one, other)| one == other).count()
    }

    /// Goes back to the first `n` messages, to go on from there in another way. What is kept is unchanged, so its
    /// thinking stays valid.
    pub fn fork(&mut self, n: usize) {
        self.messages.truncate(n);
    }

    /// Says something else in place of message `n`. Returns how many blocks of thinking were taken out after it: their
    /// signatures cover what stood there before.
    pub fn edit(&mut self, n: usize, blocks: Vec<RawText>) -> usize {
        let Some(message) = self.messages.get_mut(n) else { return 0 };
        if message.blocks == blocks {
            return 0;
        }
        message.blocks = blocks;
        self.strip_from(n)
    }

    /// The conversation under another head. Returns how many blocks of thinking were taken out.
    pub fn put_under(&mut self, head: Head) -> usize {
        if self.head == head {
            return 0;
        }
        self.head = head;
        self.strip_from(0)
    }

    /// Takes all thinking out. Returns how many blocks.
    pub fn strip_thinking(&mut self) -> usize {
        self.strip_from(0)
    }

    fn strip_from(&mut self, first: usize) -> usize {
        let mut n = 0;
        for message in self.messages.iter_mut().skip(first).filter(|message| message.speaker == Speaker::Assistant) {
            let before = message.blocks.len();
            message.blocks.retain(|block| !is_thinking(block));
            n += before - message.blocks.len();
        }
        if n > 0 {
            self.join();
        }
        n
    }

    /// Leaves empty messages out, and joins neighbours of the same speaker.
    fn join(&mut self) {
        for message in std::mem::take(&mut self.messages) {
            self.add(message);
        }
    }

    /// The messages as JSON for a server, each block with the bytes that it has here.
    pub fn messages_json(&self, signatures: Signatures) -> String {
        let messages: Vec<String> = self
            .messages
            .iter()
            .filter_map(|message| {
                let blocks: Vec<&str> = message
                    .blocks
                    .iter()
                    .filter(|block| signatures == Signatures::None || !is_unsigned(block))
                    .map(RawText::expose)
                    .collect();
                (!blocks.is_empty())
                    .then(|| format!("{{\"role\":\"{}\",\"content\":[{}]}}", message.speaker.word(), blocks.join(",")))
            })
            .collect();
        format!("[{}]", messages.join(","))
    }

    /// Blocks of every message.
    pub fn blocks(&self) -> impl Iterator<Item = &RawText> {
        self.messages.iter().flat_map(|message| &message.blocks)
    }
}

/// Whether a block is thinking whose signature never came.
fn is_unsigned(block: &RawText) -> bool {
    read(block).is_some_and(|block| block.kind == "thinking" && block.signature.is_none_or(str::is_empty))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::turn::StopReason;

    const THINKING: &str = r#"{"type":"thinking","thinking":"h\u006d","signature":"c2ln", "new_field":1.0}"#;
    const UNSIGNED: &str = r#"{"type":"thinking","thinking":"cut off","signature":""}"#;
    const REDACTED: &str = r#"{"type":"redacted_thinking","data":"b3Bh"}"#;
    const TEXT: &str = r#"{"type":"text","text":"yes"}"#;
    const CALL: &str = r#"{"type":"tool_use","id":"t1","name":"query_data","input":{"b":1,"a":1.50}}"#;

    fn turn(blocks: &[&str], stop: StopReason) -> Turn {
        Turn { raw_blocks: blocks.iter().map(|raw| RawText::new(*raw)).collect(), ..Turn::empty(stop) }
    }

    fn head(model: &str) -> Head {
        Head { model: model.into(), system: vec![RawText::new("rules")], tools: Vec::new() }
    }

    fn talk() -> Conversation {
        let mut talk = Conversation::new(head("m"));
        talk.say(vec![text_block("one")]);
        talk.hear(&turn(&[THINKING, REDACTED, TEXT, CALL], StopReason::ToolUse));
        talk.say(vec![result_block("t1", &RawText::new("[]"), false)]);
        talk.hear(&turn(&[THINKING, TEXT], StopReason::EndTurn));
        talk.say(vec![text_block("two")]);
        talk
    }

    #[test]
    fn blocks_go_back_byte_for_byte_and_in_order() {
        let expected = format!(
            r#"[{{"role":"user","content":[{{"type":"text","text":"one"}}]}},{{"role":"assistant","content":[{THINKING},{REDACTED},{TEXT},{CALL}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t1","content":[]}}]}},{{"role":"assistant","content":[{THINKING},{TEXT}]}},{{"role":"user","content":[{{"type":"text","text":"two"}}]}}]"#
        );
        assert_eq!(talk().messages_json(Signatures::Checked), expected);
    }

    #[test]
    fn what_was_sent_is_the_beginning_of_what_is_sent_next() {
        let mut talk = talk();
        let before = talk.messages_json(Signatures::Checked);
        talk.hear(&turn(&[THINKING, TEXT], StopReason::EndTurn));
        talk.say(vec![text_block("three")]);
        let after = talk.messages_json(Signatures::Checked);
        assert!(after.starts_with(before.trim_end_matches(']')), "{after}");
    }

    #[test]
    fn an_edit_takes_out_the_thinking_after_it_and_nothing_before() {
        let mut edited = talk();
        assert_eq!(edited.edit(2, vec![result_block("t1", &RawText::new("[1]"), false)]), 1);
        let sent = edited.messages_json(Signatures::Checked);
        assert_eq!((sent.matches(THINKING).count(), sent.matches(REDACTED).count()), (1, 1));
        let mut same = talk();
        assert_eq!(same.edit(0, vec![text_block("one")]), 0);
        assert_eq!(same, talk());
        let mut forked = talk();
        forked.fork(2);
        assert_eq!(forked.messages_json(Signatures::Checked).matches(THINKING).count(), 1);
        assert_eq!(forked.open_calls(), ["t1"]);
    }

    #[test]
    fn another_model_gets_no_thinking_of_the_first() {
        let mut talk = talk();
        assert_eq!(talk.put_under(head("m")), 0);
        assert_eq!(talk.put_under(head("other")), 3);
        let sent = talk.messages_json(Signatures::Checked);
        assert!(!sent.contains("thinking") && sent.contains(CALL), "{sent}");
    }

    #[test]
    fn thinking_without_its_signature_is_kept_and_never_sent_where_signatures_are_checked() {
        let mut talk = Conversation::new(head("m"));
        talk.say(vec![text_block("one")]);
        talk.hear(&turn(&[UNSIGNED, TEXT], StopReason::EndTurn));
        assert_eq!(talk.messages[1].blocks.len(), 2);
        assert!(!talk.messages_json(Signatures::Checked).contains("cut off"));
        assert!(talk.messages_json(Signatures::None).contains(UNSIGNED));
    }

    #[test]
    fn an_answer_that_broke_off_leaves_nothing_that_a_server_would_refuse() {
        let mut talk = Conversation::new(head("m"));
        talk.say(vec![text_block("one")]);
        talk.hear(&turn(&[THINKING, TEXT, CALL], StopReason::MaxTokens));
        assert_eq!(talk.messages[1].blocks, [RawText::new(THINKING), RawText::new(TEXT)]);
        assert_eq!(talk.clone().hear(&turn(&[TEXT], StopReason::Refusal)), None);
        let mut only = Conversation::new(head("m"));
        only.say(vec![text_block("one")]);
        only.hear(&turn(&[THINKING], StopReason::Interrupted));
        only.say(vec![text_block("again")]);
        assert_eq!(only.messages.len(), 1, "two messages of one speaker become one");
        assert_eq!(only.messages[0].blocks.len(), 2);
    }

    #[test]
    fn a_message_that_was_nothing_but_thinking_does_not_leave_a_hole() {
        let mut talk = talk();
        talk.messages[1].blocks.truncate(2);
        talk.messages[2] = Message { speaker: Speaker::User, blocks: vec![text_block("more")] };
        assert_eq!(talk.strip_thinking(), 3);
        let speakers: Vec<Speaker> = talk.messages.iter().map(|message| message.speaker).collect();
        assert_eq!(speakers, [Speaker::User, Speaker::Assistant, Speaker::User]);
    }
}
