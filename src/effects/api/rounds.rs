//! Several answers one after the other read as one: the rounds of a question, with what tools gave between them.

use serde::{Deserialize, Serialize};

use crate::domain::turn::{StopReason, StreamEvent, Turn};
use crate::effects::api::accumulate::Accumulator;
use crate::effects::api::sse::{Decoder, Frame};
use crate::text::RawText;

/// The name of the event that we write into a recording where a tool was run.
const RESULT: &str = "rationale_tool_result";

#[derive(Serialize, Deserialize)]
struct Result<'a> {
    index: usize,
    #[serde(borrow)]
    summary: std::borrow::Cow<'a, str>,
    is_error: bool,
}

/// What a tool gave, as an event of a recording.
pub fn result_event(index: usize, summary: &str, is_error: bool) -> String {
    let data = serde_json::to_string(&Result { index, summary: summary.into(), is_error }).unwrap_or_default();
    format!("event: {RESULT}\ndata: {data}\n\n")
}

/// Reads a recording piece by piece.
#[derive(Debug, Default)]
pub struct Rounds {
    decoder: Decoder,
    done: Option<Turn>,
    current: Accumulator,
    is_inside: bool,
}

impl Rounds {
    /// Takes the bytes that arrived together and adds what a reader should hear of them.
    pub fn take(&mut self, piece: &[u8], events: &mut Vec<StreamEvent>) {
        if !self.is_inside && self.decoder.is_at_rest() && piece.first() == Some(&b'{') {
            self.begin();
            self.current.take_whole(piece, events);
            return;
        }
        let mut decoder = std::mem::take(&mut self.decoder);
        let _ = decoder.push(piece, &mut |frame| self.frame(frame, events));
        self.decoder = decoder;
    }

    fn frame(&mut self, frame: Frame<'_>, events: &mut Vec<StreamEvent>) {
        if let Frame::Event(name, data) = frame {
            if name == RESULT {
                if let Ok(result) = serde_json::from_str::<Result<'_>>(data) {
                    events.push(StreamEvent::ToolResult {
                        index: result.index,
                        summary: RawText::new(result.summary),
                        is_error: result.is_error,
                    });
                }
                return;
            }
            if name == "message_start" || data.starts_with("{\"type\":\"message_start\"") {
                self.begin();
            }
        }
        self.is_inside = true;
        self.current.take(frame, events);
        self.is_inside = !self.current.is_complete();
    }

    /// A new answer begins; the one before is whole, or was broken off.
    fn begin(&mut self) {
        if self.current.has_started() {
            let next = Accumulator::numbered_from(self.current.next_number());
            let before = std::mem::replace(&mut self.current, next);
            self.keep(before);
        }
    }

    fn keep(&mut self, accumulator: Accumulator) {
        let stop = if accumulator.is_complete() { None } else { Some(StopReason::Interrupted) };
        let turn = accumulator.finish(stop);
        self.done = Some(match self.done.take() {
            Some(done) => done.and_then(turn),
            None => turn,
        });
    }

    /// Everything as one answer.
    pub fn finish(mut self) -> Turn {
        let last = std::mem::take(&mut self.current);
        if last.has_started() || self.done.is_none() {
            self.keep(last);
        }
        self.done.unwrap_or_else(|| Turn::empty(StopReason::Interrupted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> String {
        let event = |name: &str, rest: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n");
        [
            event("message_start", ",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":5}}"),
            event("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
            event(
                "content_block_delta",
                &format!(",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}"),
            ),
            event("content_block_stop", ",\"index\":0"),
            event("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}"),
            event("message_stop", ""),
        ]
        .concat()
    }

    #[test]
    fn rounds_are_one_answer_with_their_results_between_wherever_they_are_cut() {
        let stream = format!("{}{}{}", round("one"), result_event(0, "3 rows", false), round("two"));
        for cut in 0..=stream.len() {
            let (mut rounds, mut events) = (Rounds::default(), Vec::new());
            rounds.take(&stream.as_bytes()[..cut], &mut events);
            rounds.take(&stream.as_bytes()[cut..], &mut events);
            let turn = rounds.finish();
            assert_eq!((turn.text().as_str(), &turn.stop), ("one\n\ntwo", &StopReason::EndTurn), "cut at {cut}");
            assert_eq!((turn.usage.input_tokens, turn.usage.output_tokens), (Some(10), Some(4)));
            let numbers: Vec<usize> = events
                .iter()
                .filter_map(|event| match event {
                    StreamEvent::BlockStarted { index, .. } => Some(*index),
                    StreamEvent::ToolResult { index, summary, .. } => Some(100 + index + summary.len()),
                    _ => None,
                })
                .collect();
            assert_eq!(numbers, [0, 106, 1]);
        }
    }
}
