//! Recorded streams of real servers: each decodes to the right blocks, wherever it is cut.

use std::path::PathBuf;

use rationale::domain::turn::{StopReason, StreamEvent, Turn};
use rationale::effects::api::accumulate::Accumulator;
use rationale::effects::api::sse::Decoder;

use crate::harness::repository;

fn folder() -> PathBuf {
    repository().join("tests/fixtures/transcripts")
}

fn decode(pieces: &[&[u8]]) -> (Turn, bool, Vec<StreamEvent>) {
    let (mut decoder, mut accumulator, mut events) = (Decoder::default(), Accumulator::default(), Vec::new());
    for piece in pieces {
        let _ = decoder.push(piece, &mut |frame| accumulator.take(frame, &mut events));
    }
    let complete = accumulator.is_complete();
    let stop = if complete { None } else { Some(StopReason::Interrupted) };
    (accumulator.finish(stop), complete, events)
}

/// What a reader should know of a turn, short enough to be looked at.
fn summary(turn: &Turn) -> String {
    let blocks: Vec<String> = turn
        .blocks
        .iter()
        .map(|(kind, text)| {
            let text = text.expose();
            let start: String = text.chars().take(40).collect();
            format!("  {kind:?} {} bytes: {start:?}", text.len())
        })
        .collect();
    format!(
        "{} · {:?}\n{}\n  {} raw blocks, {:?}",
        turn.model,
        turn.stop,
        blocks.join("\n"),
        turn.raw_blocks.len(),
        turn.usage
    )
}

#[test]
fn every_stream_decodes_to_the_right_blocks() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.strip_suffix(".sse").is_some())
        .collect();
    names.sort();
    assert!(names.len() >= 40, "{}", names.len());
    let said: Vec<String> = names
        .iter()
        .map(|name| {
            let bytes = std::fs::read(folder().join(name)).unwrap();
            format!("{name}: {}", summary(&decode(&[&bytes]).0))
        })
        .collect();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("transcripts", said.join("\n\n"));
    });
}

#[test]
fn a_stream_cut_at_any_byte_is_the_same_or_interrupted_and_loses_no_beginning() {
    for entry in std::fs::read_dir(folder())
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|kind| kind == "sse"))
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        let (whole, is_complete, events) = decode(&[&bytes]);
        // Every byte of a short stream; of a long one its ends and every seventh.
        let cuts: Vec<usize> = (0..=bytes.len())
            .filter(|cut| bytes.len() < 6_000 || *cut < 700 || bytes.len() - cut < 700 || cut % 97 == 0)
            .collect();
        for cut in cuts {
            let (first, second) = bytes.split_at(cut);
            let (joined, joined_complete, joined_events) = decode(&[first, second]);
            assert_eq!(
                (&joined, joined_complete),
                (&whole, is_complete),
                "{:?} in two pieces at {cut}",
                entry.file_name()
            );
            assert_eq!(joined_events, events);
            let (part, part_complete, _) = decode(&[first]);
            if part_complete {
                assert_eq!(part.blocks, whole.blocks);
            } else {
                assert_eq!(part.stop, StopReason::Interrupted, "{:?} cut at {cut}", entry.file_name());
                for (idx, (kind, text)) in part.blocks.iter().enumerate() {
                    assert_eq!(*kind, whole.blocks[idx].0);
                    assert!(
                        whole.blocks[idx].1.expose().starts_with(text.expose()),
                        "{:?} cut at {cut}",
                        entry.file_name()
                    );
                }
            }
        }
    }
}

#[test]
fn an_answer_that_comes_whole_instead_of_streaming_is_read_too() {
    for (name, n_blocks) in [
        ("01-basic", 1),
        ("12-empty-output-nonstream", 0),
        ("62-tool-forced-nonstream", 1),
        ("71-think-nonstream", 2),
        ("litellm-41-chat-think", 2),
        ("litellm-02-mock-stream", 1),
    ] {
        let bytes = std::fs::read(folder().join(format!("{name}.response.json"))).unwrap();
        let (mut accumulator, mut events) = (Accumulator::default(), Vec::new());
        assert!(accumulator.take_whole(&bytes, &mut events), "{name}");
        assert_eq!(accumulator.finish(None).blocks.len(), n_blocks, "{name}");
    }
    for name in ["30-bad-json", "31-no-messages", "83-wrong-key", "litellm-30-bad-key", "litellm-25-unknown-route"] {
        let bytes = std::fs::read(folder().join(format!("{name}.response.json"))).unwrap();
        assert!(!Accumulator::default().take_whole(&bytes, &mut Vec::new()), "{name} is an error and no answer");
    }
}

#[test]
fn odd_streams_do_no_harm() {
    let odd: &[(&str, &str)] = &[
        (
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"text_delta\",\"text\":\"early\"}}\n\n",
            "early",
        ),
        (
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"hologram\",\"x\":1}}\n\n",
            "",
        ),
        ("event: weird\ndata: {\"type\":\"weird\"}\n\nevent: message_start\ndata: not json\n\n", ""),
        ("data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":-5}}}\n\n", ""),
        (
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":99999999999,\"content_block\":{\"type\":\"text\"}}\n\n",
            "",
        ),
    ];
    for (stream, text) in odd {
        let (turn, complete, _) = decode(&[stream.as_bytes()]);
        assert!(!complete);
        assert_eq!(turn.text(), *text, "{stream}");
        assert_eq!(turn.usage.input_tokens, None);
    }
}

#[test]
fn a_damaged_piece_of_an_answer_is_an_error_and_does_not_go_missing() {
    let start = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let said = |piece: &str| {
        let (mut decoder, mut accumulator, mut events) = (Decoder::default(), Accumulator::default(), Vec::new());
        let stream = format!("{start}event: content_block_delta\ndata: {piece}\n\n{stop}");
        decoder.push(stream.as_bytes(), &mut |frame| accumulator.take(frame, &mut events)).unwrap();
        accumulator.error().map(ToOwned::to_owned)
    };
    let damaged = Some("the stream is damaged: content_block_delta is no JSON".to_owned());
    for piece in ["{not json", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_de", "}"] {
        assert_eq!(said(piece), damaged, "{piece}");
    }
    // JSON that only is not as we know it is passed over, as ever.
    for piece in ["[]", "{\"type\":\"content_block_delta\",\"index\":\"first\"}", "[DONE]"] {
        assert_eq!(said(piece), None, "{piece}");
    }
}

#[test]
fn what_is_no_block_does_not_go_back() {
    let (mut accumulator, mut events) = (Accumulator::default(), Vec::new());
    let body = br#"{"content":[7,{"text":"without a kind"},{"type":"text","text":"hello"},[]]}"#;
    assert!(accumulator.take_whole(body, &mut events));
    let turn = accumulator.finish(None);
    let back: Vec<&str> = turn.raw_blocks.iter().map(rationale::text::RawText::expose).collect();
    assert_eq!((back, turn.text().as_str()), (vec![r#"{"type":"text","text":"hello"}"#], "hello"));
}
