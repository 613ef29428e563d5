//! The client against a server that misbehaves.

use std::time::Duration;

use rationale::domain::endpoint::{AuthScheme, Endpoint};
use rationale::domain::turn::{StopReason, StreamEvent};
use rationale::effects::api::{Answered, Client, NoAnswer, Sending, Update};
use rationale::effects::recording::Recorder;
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::faulty::{End, Faulty, HELLO, Reply};

const KEY: &str = "sk-ant-very-secret-0123456789";

struct Outcome {
    answered: Result<Answered, NoAnswer>,
    updates: Vec<Update>,
}

impl Outcome {
    fn text(&self) -> String {
        self.answered.as_ref().unwrap().turn.text()
    }

    fn broken(&self) -> String {
        self.answered.as_ref().unwrap().broken.as_ref().unwrap().to_string()
    }

    fn failure(&self) -> String {
        self.answered.as_ref().unwrap_err().failure.to_string()
    }

    fn n_waits(&self) -> usize {
        self.updates.iter().filter(|update| matches!(update, Update::Waiting { .. })).count()
    }
}

fn ask_at(endpoint: &Endpoint, stop_at_first_text: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Client::new(Some(SecretString::from(KEY))).unwrap();
        let (sender, mut receiver) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let listen = async {
            let mut updates = Vec::new();
            while let Some(update) = receiver.recv().await {
                if stop_at_first_text && matches!(update, Update::Event(StreamEvent::Delta { .. })) {
                    cancel.cancel();
                }
                updates.push(update);
            }
            updates
        };
        let mut recorder = Recorder::none();
        let stream = async {
            let answered = client
                .stream(
                    Sending { endpoint, body: "{\"model\":\"m\"}", first_block: 0 },
                    &mut recorder,
                    &sender,
                    &cancel,
                )
                .await;
            drop(sender);
            answered
        };
        let (answered, updates) = tokio::join!(stream, listen);
        Outcome { answered, updates }
    })
}

fn ask(plan: Vec<Reply>) -> (Outcome, Vec<String>) {
    let server = Faulty::start(plan);
    let outcome = ask_at(&server.endpoint(), false);
    (outcome, server.requests())
}

fn error(kind: &str, message: &str) -> String {
    format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"{message}"}},"request_id":"req_7"}}"#)
}

#[test]
fn a_whole_answer_is_whole_and_the_request_has_its_headers() {
    let (outcome, requests) = ask(vec![Reply::stream(&HELLO, End::Proper)]);
    let answered = outcome.answered.as_ref().unwrap();
    assert_eq!(
        (outcome.text().as_str(), &answered.turn.stop, &answered.broken),
        ("hello", &StopReason::EndTurn, &None)
    );
    assert_eq!((answered.turn.usage.input_tokens, answered.turn.usage.output_tokens), (Some(10), Some(2)));
    let head = requests[0].split("\r\n\r\n").next().unwrap().to_lowercase();
    assert!(head.starts_with("post /v1/messages http/1.1"), "{head}");
    for line in ["anthropic-version: 2026-10-21", "content-type: application/json", &format!("x-api-key: {KEY}")] {
        assert!(head.contains(line), "{line} is missing in {head}");
    }
    assert!(!head.contains("authorization"), "{head}");
}

#[test]
fn a_token_goes_as_a_bearer_and_not_as_a_key() {
    let server = Faulty::start(vec![Reply::stream(&HELLO, End::Proper)]);
    ask_at(&Endpoint { auth: AuthScheme::Bearer, ..server.endpoint() }, false);
    let head = server.requests()[0].to_lowercase();
    assert!(head.contains(&format!("authorization: bearer {KEY}")) && !head.contains("x-api-key"), "{head}");
}

#[test]
fn overload_and_rate_limits_are_waited_out_before_the_first_byte() {
    let (outcome, requests) = ask(vec![
        Reply::status(529, &[("retry-after-ms", "5")], &error("overloaded_error", "Overloaded")),
        Reply::status(429, &[("retry-after", "0.01")], &error("rate_limit_error", "slow down")),
        Reply::stream(&HELLO, End::Proper),
    ]);
    assert_eq!((outcome.text().as_str(), outcome.n_waits(), requests.len()), ("hello", 2, 3));
    let waits: Vec<(u32, Duration, String)> = outcome
        .updates
        .iter()
        .filter_map(|update| match update {
            Update::Waiting { attempt, wait, why } => Some((*attempt, *wait, why.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(
        waits,
        [
            (2, Duration::from_millis(5), "the service is overloaded".to_owned()),
            (3, Duration::from_millis(10), "rate limit".to_owned())
        ]
    );
}

#[test]
fn after_three_attempts_the_failure_is_told_with_the_next_step() {
    let busy = Reply::status(529, &[("retry-after-ms", "1")], &error("overloaded_error", "Overloaded"));
    let (outcome, requests) = ask(vec![busy.clone(), busy.clone(), busy.clone(), busy]);
    assert_eq!(requests.len(), 3);
    assert_eq!(outcome.failure(), "endpoint faulty: Overloaded (request req_7) – try again in a moment");
}

#[test]
fn what_will_not_get_better_is_not_tried_again() {
    let table = [
        (
            Reply::status(401, &[], &error("authentication_error", "invalid x-api-key")),
            "endpoint faulty: invalid x-api-key (request req_7) – check the key of endpoint faulty (ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN)",
        ),
        (
            Reply::status(404, &[], &error("not_found_error", "model: claude-nope")),
            "endpoint faulty: model: claude-nope (request req_7) – choose a model that the endpoint has; it was asked for claude-opus-5-5",
        ),
        (
            Reply::status(413, &[], &error("request_too_large", "too large")),
            "endpoint faulty: too large (request req_7) – send less: a lower privacy level, or a model with a larger context",
        ),
        (
            Reply::status(429, &[("retry-after", "86400")], &error("rate_limit_error", "come back tomorrow")),
            "endpoint faulty: come back tomorrow (request req_7) – wait a little, or choose another model",
        ),
        (
            Reply::status(429, &[("x-should-retry", "false")], &error("rate_limit_error", "no")),
            "endpoint faulty: no (request req_7) – wait a little, or choose another model",
        ),
        (
            Reply::status(302, &[("location", "http://127.0.0.1:1/steal")], ""),
            "endpoint faulty: status 302 without a word – set the address to where the server really is; redirects are not followed",
        ),
        (
            Reply::status(200, &[("content-type", "text/html")], "<html>log in to the hotel</html>"),
            "endpoint faulty: status 200: <html>log in to the hotel</html> – check the address of the endpoint: what answers there is no Messages API",
        ),
    ];
    for (reply, said) in table {
        let (outcome, requests) = ask(vec![reply.clone(), reply]);
        assert_eq!((outcome.failure().as_str(), requests.len()), (said, 1));
    }
}

#[test]
fn a_stream_that_breaks_off_keeps_what_came_and_is_not_asked_again() {
    let table = [
        (Reply::stream(&HELLO[..2], End::Cut), "the connection broke off"),
        (Reply::stream(&HELLO[..2], End::Proper), "the stream ended before the answer did"),
        (
            Reply::stream(
                &[
                    HELLO[0],
                    HELLO[1],
                    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
                ],
                End::Hang,
            ),
            "Overloaded",
        ),
    ];
    for (reply, why) in table {
        let (outcome, requests) = ask(vec![reply.clone(), reply]);
        assert_eq!((outcome.text().as_str(), requests.len(), outcome.n_waits()), ("hello", 1, 0));
        assert!(outcome.broken().contains(why), "{}", outcome.broken());
        assert_eq!(outcome.answered.as_ref().unwrap().turn.stop, StopReason::Interrupted);
    }
}

#[test]
fn stopping_keeps_what_came() {
    let server = Faulty::start(vec![Reply::stream(&HELLO[..2], End::Hang)]);
    let outcome = ask_at(&server.endpoint(), true);
    assert_eq!((outcome.text().as_str(), outcome.broken().as_str()), ("hello", "you stopped it"));
}

#[test]
fn a_connection_that_closes_without_a_word_is_tried_again() {
    let (outcome, requests) = ask(vec![Reply::nothing(), Reply::stream(&HELLO, End::Proper)]);
    assert_eq!((outcome.text().as_str(), requests.len(), outcome.n_waits()), ("hello", 2, 1));
}

#[test]
fn a_server_that_is_not_there_is_one_sentence_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut endpoint = Faulty::start(Vec::new()).endpoint();
    endpoint.base_url = format!("http://127.0.0.1:{port}");
    let outcome = ask_at(&endpoint, false);
    let said = outcome.failure();
    assert!(
        said.starts_with(&format!("endpoint faulty: 127.0.0.1:{port} can't be reached: Connection refused")),
        "{said}"
    );
    assert!(said.ends_with(" – check that the server runs at that address, or choose --endpoint offline"), "{said}");
    assert_eq!(outcome.n_waits(), 0);
}

#[test]
fn a_key_is_not_sent_over_an_open_network() {
    let mut endpoint = Faulty::start(Vec::new()).endpoint();
    endpoint.base_url = "http://models.example.com".into();
    assert_eq!(
        ask_at(&endpoint, false).failure(),
        "endpoint faulty: http://models.example.com is neither https nor on this machine – use an https address"
    );
}

#[test]
fn a_key_that_a_server_repeats_is_taken_out() {
    let body = error("authentication_error", &format!("the key {KEY} is not valid"));
    let (outcome, _) = ask(vec![Reply::status(401, &[], &body)]);
    assert!(outcome.failure().contains("the key [key] is not valid"), "{}", outcome.failure());
    let event = format!(
        "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"api_error\",\"message\":\"bad {KEY}\"}}}}\n\n"
    );
    let (outcome, _) = ask(vec![Reply::stream(&[HELLO[0], &event], End::Proper)]);
    assert!(outcome.broken().contains("bad [key]"), "{}", outcome.broken());
    assert!(!format!("{:?}", Client::new(Some(SecretString::from(KEY))).unwrap()).contains(KEY));
}

#[test]
fn a_server_that_answers_at_once_instead_of_streaming_is_read() {
    let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"hello"}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":4}}"#;
    let (outcome, _) = ask(vec![Reply::status(200, &[("content-type", "application/json")], body)]);
    let turn = &outcome.answered.as_ref().unwrap().turn;
    assert_eq!((turn.thinking().as_str(), turn.text().as_str(), &turn.stop), ("hm", "hello", &StopReason::MaxTokens));
    assert_eq!((turn.usage.input_tokens, turn.usage.output_tokens), (Some(3), Some(4)));
}
