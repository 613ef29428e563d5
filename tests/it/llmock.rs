//! The client before a judge that nobody here wrote: scripted faults, and its verdict on how they were taken.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rationale::domain::batch::State;
use rationale::domain::endpoint::Endpoint;
use rationale::domain::turn::StopReason;
use rationale::effects::api::{Answered, Client, NoAnswer, Sending};
use rationale::effects::batches;
use rationale::effects::recording::Recorder;
use rationale::text::RawText;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::sdk::{python_with, skip};

struct Judge {
    child: Child,
    base: String,
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Judge {
    async fn start(python: &std::path::Path) -> Option<Self> {
        // It brings the means for the test's own requests as well.
        let _ = Client::new(None).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = python.with_file_name("llmock");
        let child = Command::new(program)
            .args(["serve", "-h", "127.0.0.1", "-p", &port.to_string(), "--log-level", "error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let judge = Self { child, base: format!("http://127.0.0.1:{port}") };
        for _ in 0..300 {
            if reqwest::get(format!("{}/_llmock/verdict", judge.base)).await.is_ok() {
                return Some(judge);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            base_url: format!("{}/anthropic", self.base),
            api_version: "2023-06-01".into(),
            ..Endpoint::offline()
        }
    }

    async fn script(&self, behaviors: Value) {
        rationale::effects::api::provide();
        let client = reqwest::Client::new();
        client.post(format!("{}/_llmock/reset", self.base)).send().await.unwrap();
        let body = json!({ "behaviors": behaviors }).to_string();
        let answer = client.post(format!("{}/_llmock/scenario", self.base)).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn verdict(&self) -> Value {
        reqwest::get(format!("{}/_llmock/verdict", self.base)).await.unwrap().json().await.unwrap()
    }

    async fn ask(&self) -> Result<Answered, NoAnswer> {
        let (sender, mut receiver) = mpsc::channel(64);
        let drain = tokio::spawn(async move { while receiver.recv().await.is_some() {} });
        let endpoint = self.endpoint();
        let body = json!({"model": "claude-opus-5-5", "max_tokens": 200, "stream": true, "messages": [{"role": "user", "content": "hello"}]}).to_string();
        let sending = Sending { endpoint: &endpoint, body: &body, first_block: 0 };
        let client = Client::new(None).unwrap();
        let answered = client.stream(sending, &mut Recorder::none(), &sender, &CancellationToken::new()).await;
        drop(sender);
        drain.await.unwrap();
        answered
    }
}

#[test]
fn the_judge_finds_nothing_wrong_with_how_faults_are_taken() {
    let Some(python) = python_with("llmock", &["llmock>=0.2.2"]) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(judge) = Judge::start(&python).await else {
            skip("llmock did not start");
            return;
        };
        for behaviors in [
            json!([{"type": "fail", "status": 429, "retry_after": 0.4, "times": 2}]),
            json!([{"type": "fail", "status": 529, "times": 2}]),
            json!([{"type": "fail", "status": 503, "retry_after": 0.2}]),
            json!([{"type": "slow_first_token", "seconds": 0.3}]),
        ] {
            judge.script(behaviors.clone()).await;
            assert_eq!(judge.ask().await.unwrap().turn.stop, StopReason::EndTurn, "{behaviors}");
            let verdict = judge.verdict().await;
            assert_eq!((&verdict["passed"], &verdict["findings"]), (&json!(true), &json!([])), "{behaviors}");
        }
        // What can't get better is asked once.
        judge.script(json!([{"type": "fail", "status": 400}])).await;
        judge.ask().await.unwrap_err();
        assert_eq!(judge.verdict().await["attempts"], json!(1));
        // A cut stream is never taken for a whole one, and never paid for twice.
        for kind in ["truncate", "disconnect"] {
            judge.script(json!([{"type": "stream_fault", "kind": kind, "after_chunks": 3}])).await;
            let answered = judge.ask().await.unwrap();
            assert_eq!(answered.turn.stop, StopReason::Interrupted, "{kind}");
            assert!(answered.broken.is_some() && judge.verdict().await["attempts"] == json!(1), "{kind}");
        }
        let folder = tempfile::tempdir().unwrap();
        let row =
            json!({"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [{"role": "user", "content": "hello"}]})
                .to_string();
        let (client, endpoint) = (Client::new(None).unwrap(), judge.endpoint());
        let mut batch = batches::prepare(folder.path(), &endpoint, &[RawText::new(&row), RawText::new(&row)], None)
            .unwrap()
            .remove(0);
        batch.submit(&client, &endpoint).await.unwrap();
        for look in 0..300 {
            if batch.manifest.state == State::Collected {
                break;
            }
            batch.step(&client, &endpoint, look.min(3)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!((batch.manifest.state, batch.results().len()), (State::Collected, 2));
    });
}
