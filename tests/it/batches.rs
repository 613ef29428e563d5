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

const MADE: &str = r#"{"id":"b1","processing_status":"in_progress","request_counts":{"processing":3}}"#;
const ENDED: &str = r#"{"id":"b1","processing_status":"ended","request_counts":{"succeeded":1,"expired":2}}"#;

fn json_reply(body: &str) -> Reply {
    Reply::status(200, &[("content-type", "application/json")], body)
}

/// The state, how many results are here, and which requests may be sent again, after results with these lines.
fn collected(ended: &str, numbers: &[usize]) -> (State, usize, Vec<usize>, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let before = Faulty::start(Vec::new()).endpoint();
    let token = prepared(folder.path(), &before).manifest.token;
    let lines: String = numbers
        .iter()
        .map(|number| format!("{{\"custom_id\":\"{token}-{number:06}\",\"result\":{{\"type\":\"expired\"}}}}\n"))
        .collect();
    let lines = format!("{lines}{{\"custom_id\":\"other-000001\",\"result\":{{\"type\":\"expired\"}}}}\n");
    let server =
        Faulty::start(vec![json_reply(MADE), json_reply(ended), Reply::status(200, &[], &lines), json_reply(ended)]);
    let mut out = None;
    run(async {
        let (client, endpoint) = (Client::new(None).unwrap(), server.endpoint());
        let mut stored = batches::all(folder.path()).remove(0);
        stored.submit(&client, &endpoint).await.unwrap();
        stored.step(&client, &endpoint, 0).await.unwrap();
        let failure = stored.step(&client, &endpoint, 0).await.err().map(|failure| failure.to_string());
        let again = stored.to_retry().unwrap().into_iter().map(|(at, _)| at).collect();
        out = Some((stored.manifest.state, stored.results().len(), again, failure));
    });
    out.unwrap()
}

#[test]
fn a_batch_is_collected_only_with_all_of_its_results() {
    assert_eq!(collected(ENDED, &[0, 1, 2]), (State::Collected, 3, vec![0, 1, 2], None));
    let succeeded = ENDED.replace("\"succeeded\":1,\"expired\":2", "\"succeeded\":3");
    let (state, n, _, failure) = collected(&succeeded, &[1]);
    assert_eq!((state, n), (State::Ended, 1));
    let failure = failure.unwrap();
    assert!(
        failure.ends_with("2 of 3 results are missing – fetch them again in a while; what came is kept"),
        "{failure}"
    );
    // A server that writes no line for what was not done, but counts it.
    let canceled = ENDED.replace("\"succeeded\":1,\"expired\":2", "\"canceled\":3");
    assert_eq!(collected(&canceled, &[]), (State::Collected, 0, vec![0, 1, 2], None));
}

#[test]
fn parts_of_one_run_are_told_apart_even_where_they_are_of_one_size() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::offline();
    let many = vec![rows()[0].clone(); rationale::domain::batch::MAX_REQUESTS + 1];
    let parts = batches::prepare(folder.path(), &endpoint, &many, None).unwrap();
    assert_eq!(parts.len(), 2);
    let names: Vec<String> = parts.iter().map(|part| part.items().unwrap()[0].custom_id.clone()).collect();
    assert_ne!(parts[0].manifest.token, parts[1].manifest.token);
    for (part, name) in parts.iter().zip(&names) {
        assert!(name.starts_with(&format!("{}-", part.manifest.token)) && name.len() <= 64, "{name}");
    }
}

#[test]
fn a_busy_server_is_asked_again_and_one_that_may_have_taken_it_is_not() {
    let busy = [("retry-after-ms", "1")];
    let table = [
        (429, 2, Some(State::Submitted)),
        (529, 2, Some(State::Submitted)),
        (408, 1, Some(State::Submitting)),
        (409, 1, Some(State::Submitting)),
        (503, 1, Some(State::Submitting)),
        (400, 1, None),
    ];
    for (status, n, left) in table {
        let server = Faulty::start(vec![Reply::status(status, &busy, ""), json_reply(MADE)]);
        run(async {
            let folder = tempfile::tempdir().unwrap();
            let endpoint = server.endpoint();
            let _ = prepared(folder.path(), &endpoint).submit(&Client::new(None).unwrap(), &endpoint).await;
            let state = batches::all(folder.path()).first().map(|stored| stored.manifest.state);
            assert_eq!(state, left, "{status}");
        });
        assert_eq!(server.requests().len(), n, "{status}");
    }
}

#[test]
fn requests_that_were_changed_on_disk_are_not_sent_and_line_ends_in_them_do_no_harm() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (_server, endpoint, client) = server().await;
        let pretty =
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(rows()[0].expose()).unwrap());
        let mut stored =
            batches::prepare(folder.path(), &endpoint, &[RawText::new(pretty.unwrap())], None).unwrap().remove(0);
        assert_eq!(stored.items().unwrap().len(), 1);
        let path = batches::folder(folder.path()).join(&stored.manifest.name).join("requests.jsonl");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("Hello", "Other")).unwrap();
        let failure = stored.submit(&client, &endpoint).await.unwrap_err().to_string();
        assert!(failure.contains("its requests are not those that were written down"), "{failure}");
        assert!(client.batches(&endpoint, 10).await.unwrap().is_empty());
        // A name that would lead to another address is none.
        for id in ["../models", "a/b", "a?b", ""] {
            assert!(client.batch(&endpoint, id).await.is_err() && client.cancel_batch(&endpoint, id).await.is_err());
        }
    });
}
