//! Batches that outlive the program, against the built-in server and against one that loses answers.

use std::path::Path;
use std::time::Duration;

use rationale::domain::batch::{Fate, State};
use rationale::domain::endpoint::{Endpoint, Pace};
use rationale::effects::api::Client;
use rationale::effects::batches::{self, Stored, wait};
use rationale::effects::serve::{self, Server};
use rationale::text::RawText;
use serde_json::json;

use crate::faulty::{Faulty, Reply};

fn rows() -> Vec<RawText> {
    let row = |max: u64| {
        RawText::new(json!({"model": "rationale-rules-1", "max_tokens": max, "messages": [{"role": "user", "content": "Hello"}]}).to_string())
    };
    vec![row(200), row(200), row(0)]
}

async fn server() -> (Server, Endpoint, Client) {
    let server = serve::start(0, Pace::AtOnce).await.unwrap();
    let endpoint = Endpoint { base_url: server.base_url(), ..Endpoint::offline() };
    (server, endpoint, Client::new(None).unwrap())
}

fn prepared(state: &Path, endpoint: &Endpoint) -> Stored {
    batches::prepare(state, endpoint, &rows(), None).unwrap().remove(0)
}

/// Goes on until the batch stands so.
async fn until(stored: &mut Stored, client: &Client, endpoint: &Endpoint, wanted: State) {
    for look in 0..400 {
        if stored.manifest.state == wanted {
            return;
        }
        stored.step(client, endpoint, look.min(3)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it stays {:?}", stored.manifest.state);
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

fn kinds(stored: &Stored) -> Vec<&'static str> {
    let kind = |fate: &Fate| match fate {
        Fate::Succeeded(_) => "succeeded",
        Fate::Errored(..) => "errored",
        Fate::Canceled => "canceled",
        Fate::Expired => "expired",
        Fate::Other(_) => "other",
    };
    stored.results().values().map(kind).collect()
}

#[test]
fn a_batch_goes_through_its_life_and_a_restart_at_any_point_goes_on() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (_server, endpoint, client) = server().await;
        let mut stored = prepared(folder.path(), &endpoint);
        assert_eq!(stored.manifest.state, State::Submitting, "the manifest is there before anything is sent");
        stored.submit(&client, &endpoint).await.unwrap();
        for wanted in [State::Submitted, State::Ended, State::Collected] {
            // As after a restart: what is known is what the disk holds.
            let mut again = batches::all(folder.path()).remove(0);
            assert_eq!(again.manifest, stored.manifest);
            until(&mut again, &client, &endpoint, wanted).await;
            stored = again;
        }
        assert_eq!(kinds(&stored), ["succeeded", "succeeded", "errored"]);
        assert!(stored.to_retry().unwrap().is_empty(), "a request that is wrong will not be right later");
        assert_eq!(client.batches(&endpoint, 10).await.unwrap().len(), 1);
    });
}

#[test]
fn a_batch_whose_answer_was_lost_is_found_again_and_not_paid_twice() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (_server, endpoint, client) = server().await;
        let stored = prepared(folder.path(), &endpoint);
        // Another batch of the same size, which is not ours.
        let elsewhere = tempfile::tempdir().unwrap();
        prepared(elsewhere.path(), &endpoint).submit(&client, &endpoint).await.unwrap();
        // The server takes the batch, and the program dies before the answer arrives.
        client.create_batch(&endpoint, &stored.items().unwrap()).await.unwrap();
        let mut again = batches::all(folder.path()).remove(0);
        assert_eq!((again.manifest.state, &again.manifest.id), (State::Submitting, &None));
        until(&mut again, &client, &endpoint, State::Collected).await;
        assert!(again.results().keys().all(|id| id.starts_with(&again.manifest.token)));
        assert_eq!(again.results().len(), 3);
        assert_eq!(client.batches(&endpoint, 10).await.unwrap().len(), 2, "nothing was sent a second time");
    });
}

#[test]
fn a_batch_that_is_nowhere_waits_for_a_person() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (_server, endpoint, client) = server().await;
        let mut stored = prepared(folder.path(), &endpoint);
        stored.step(&client, &endpoint, 0).await.unwrap();
        assert_eq!(stored.manifest.state, State::Submitting, "it may still turn up");
        stored.step(&client, &endpoint, 8).await.unwrap();
        assert_eq!(stored.manifest.state, State::Unsure);
        stored.step(&client, &endpoint, 9).await.unwrap();
        assert!(client.batches(&endpoint, 10).await.unwrap().is_empty());
        stored.send_again(&client, &endpoint).await.unwrap();
        assert_eq!(stored.manifest.state, State::Submitted);
        assert!(stored.send_again(&client, &endpoint).await.is_err(), "only what is in doubt");
    });
}

#[test]
fn what_was_cancelled_can_be_sent_again_and_a_cut_line_does_no_harm() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (_server, endpoint, client) = server().await;
        let mut stored = prepared(folder.path(), &endpoint);
        stored.submit(&client, &endpoint).await.unwrap();
        stored.cancel(&client, &endpoint).await.unwrap();
        let results = batches::folder(folder.path()).join(&stored.manifest.name).join("results.jsonl");
        std::fs::write(&results, format!("{{\"custom_id\":\"{}-000000\",\"resu", stored.manifest.token)).unwrap();
        until(&mut stored, &client, &endpoint, State::Collected).await;
        assert_eq!(kinds(&stored), ["canceled"; 3]);
        let retry: Vec<usize> = stored.to_retry().unwrap().into_iter().map(|(at, _)| at).collect();
        assert_eq!(retry, [0, 1, 2]);
    });
}

#[test]
fn a_refusal_leaves_nothing_and_a_failing_server_leaves_a_doubt() {
    let error = r#"{"type":"error","error":{"type":"x","message":"no"}}"#;
    for (status, left) in [(401, 0), (500, 1)] {
        let server = Faulty::start(vec![Reply::status(status, &[], error)]);
        run(async {
            let folder = tempfile::tempdir().unwrap();
            let endpoint = server.endpoint();
            let mut stored = prepared(folder.path(), &endpoint);
            assert!(stored.submit(&Client::new(None).unwrap(), &endpoint).await.is_err());
            assert_eq!(batches::all(folder.path()).len(), left, "{status}");
        });
        assert_eq!(server.requests().len(), 1, "a batch is never sent twice by itself");
    }
}

#[test]
fn looks_become_rarer() {
    assert_eq!([0, 1, 2, 3, 9].map(|look| wait(look).as_secs()), [15, 30, 45, 60, 60]);
}
