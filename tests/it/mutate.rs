//! Streams that nobody would send: recorded ones, changed at random but repeatably, and what has to hold for each.

use std::collections::BTreeMap;

use rationale::domain::turn::{StopReason, StreamEvent, Turn};
use rationale::effects::api::accumulate::Accumulator;
use rationale::effects::api::rounds::Rounds;
use rationale::effects::api::sse::Decoder;

/// Numbers that look random and are the same for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// One of the numbers below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        // Marsaglia's xorshift64 (2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % n.max(1) as u64).unwrap_or(0)
    }
}

const TOKENS: [&[u8]; 24] = [
    b"\n\n",
    b"\r\n",
    b"\r",
    b"data: ",
    b"event: error\n",
    b":\n",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"\"",
    b"\\u",
    b"\\ud800",
    b"null",
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"\"index\":99999999999",
    b"\"type\":\"content_block_start\"",
    b"data: {\"type\":\"message_stop\"}\n\n",
    b"data: {\"type\":\"message_start\"}\n\n",
    b"data: [DONE]\n\n",
];

/// A recorded stream with a few changes.
pub fn mutated(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.below(bytes.len());
        match dice.below(10) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => {
                let end = (at + dice.below(400)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let end = (at + dice.below(200)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 | 5 => {
                let token = TOKENS[dice.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            6 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                let end = (from + dice.below(2_000)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            7 => {
                let depth = 1 << dice.below(13);
                bytes.splice(at..at, b"{\"a\":[".repeat(depth));
            }
            8 => {
                let digits = vec![b'9'; 1 << dice.below(12)];
                bytes.splice(at..at, digits);
            }
            // Every line end becomes another one.
            _ => {
                let ending: &[u8] = [b"\r".as_slice(), b"\r\n", b"\n\n"][dice.below(3)];
                bytes = bytes.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(ending);
            }
        }
    }
    bytes
}

fn decode(pieces: &[&[u8]]) -> (Turn, bool, Vec<StreamEvent>, Option<String>) {
    let (mut decoder, mut accumulator, mut events) = (Decoder::default(), Accumulator::default(), Vec::new());
    for piece in pieces {
        let _ = decoder.push(piece, &mut |frame| accumulator.take(frame, &mut events));
    }
    let (complete, error) = (accumulator.is_complete(), accumulator.error().map(ToOwned::to_owned));
    let stop = if complete { None } else { Some(StopReason::Interrupted) };
    (accumulator.finish(stop), complete, events, error)
}

/// Whether events tell of each block what it holds, nothing grows without bytes, and only blocks go back.
fn check_answer(turn: &Turn, events: &[StreamEvent], n_bytes: usize) -> Result<(), String> {
    let mut told: BTreeMap<usize, String> = BTreeMap::new();
    for event in events {
        match event {
            StreamEvent::BlockStarted { index, .. } if told.contains_key(index) => {
                return Err(format!("block {index} opens twice"));
            }
            StreamEvent::BlockStarted { index, .. } => drop(told.insert(*index, String::new())),
            StreamEvent::Delta { index, text } => match told.get_mut(index) {
                Some(so_far) => so_far.push_str(text.expose()),
                None => return Err(format!("a delta of block {index}, which never opened")),
            },
            _ => {}
        }
    }
    if !told.values().map(String::as_str).eq(turn.blocks.iter().map(|(_, text)| text.expose())) {
        return Err(format!("{told:?} was told and {:?} is kept", turn.blocks));
    }
    if told.values().map(String::len).sum::<usize>() > n_bytes {
        return Err("more is kept than came".into());
    }
    for raw in &turn.raw_blocks {
        // Values are left as they are: they may be deeper than is read.
        let fields = serde_json::from_str::<BTreeMap<String, &serde_json::value::RawValue>>(raw.expose());
        if !fields.is_ok_and(|fields| fields.contains_key("type")) {
            return Err(format!("what would go back is no block: {}", raw.expose()));
        }
    }
    Ok(())
}

/// What has to hold for any bytes at all; an error says what does not.
pub fn check(bytes: &[u8], dice: &mut Dice) -> Result<(), String> {
    let whole = decode(&[bytes]);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at((1 + dice.below(64)).min(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    // An error of the encoding ends what is read of a piece, so only streams without one are the same in pieces.
    let is_text = std::str::from_utf8(bytes).is_ok();
    let cut = decode(&pieces);
    if is_text && cut != whole {
        return Err("cut into pieces it reads otherwise".into());
    }
    let (turn, complete, events, _) = whole;
    if !complete && turn.stop != StopReason::Interrupted {
        return Err("it has no end and is not called interrupted".into());
    }
    check_answer(&turn, &events, bytes.len())?;
    // The same bytes as an answer that came at once.
    let (mut accumulator, mut events) = (Accumulator::default(), Vec::new());
    if accumulator.take_whole(bytes, &mut events) {
        check_answer(&accumulator.finish(None), &events, bytes.len())?;
    }
    let (mut rounds, mut heard) = (Rounds::default(), Vec::new());
    for piece in &pieces {
        rounds.take(piece, &mut heard);
    }
    let _ = rounds.finish();
    Ok(())
}
