//! The built-in server as a peer: what it checks, what it keeps, how it goes wrong on demand.

use std::sync::Arc;
use std::time::Duration;

use rationale::config::{Config, Environment, Given};
use rationale::domain::endpoint::{Endpoint, Pace};
use rationale::domain::experiment::Decision;
use rationale::domain::question::{Asked, Follow, Question, Wish};
use rationale::domain::task::Task;
use rationale::domain::turn::{BlockKind, StopReason};
use rationale::effects::api::{Answered, Client, NoAnswer, Sending, Update};
use rationale::effects::asking::Desk;
use rationale::effects::recording::Recorder;
use rationale::effects::serve::faults::Plan;
use rationale::effects::serve::{self, Options};
use rationale::effects::session::Session;
use rationale::effects::world::World;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::harness::{folder_with, know};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn drain(mut receiver: mpsc::Receiver<Update>) -> Vec<Update> {
    let mut updates = Vec::new();
    while let Some(update) = receiver.recv().await {
        updates.push(update);
    }
    updates
}

#[test]
fn a_conversation_with_the_analyst_keeps_its_signatures_and_its_cache() {
    let folder = folder_with(&["churn.csv"]);
    let (config, state) = (folder.path().join("config"), folder.path().join("state"));
    let environment = Environment::of([
        ("RATIONALE_CONFIG_DIR", config.to_str().unwrap()),
        ("RATIONALE_STATE_DIR", state.to_str().unwrap()),
        ("RATIONALE_PYTHON", "/nonexistent/python"),
    ]);
    runtime().block_on(async {
        let mut config = Config::resolve(&Given::default(), &environment).unwrap();
        config.pace = Pace::AtOnce;
        let session = Session::open(Arc::new(World::new(config).unwrap()), &folder.path().join("churn.csv")).unwrap();
        let (known, proposal) = know(&session.table, "churned");
        session.frame(&proposal.framing, &known.profile).unwrap();
        let desk = Desk { session: &session, known: &known, framing: &proposal.framing };
        let ask = async |question: &Question| -> (Asked, Vec<Update>) {
            let (sender, receiver) = mpsc::channel(64);
            let asking = async {
                let asked = desk.ask(question, None, &sender, &CancellationToken::new()).await;
                drop(sender);
                asked.unwrap()
            };
            tokio::join!(asking, drain(receiver))
        };
        let notes = |updates: &[Update]| updates.iter().filter(|update| matches!(update, Update::Note(_))).count();
        let (first, updates) = ask(&desk.question(Task::Train, &Wish::default()).await.unwrap()).await;
        assert_eq!(notes(&updates), 0, "a signature was refused within the rounds");
        let kinds: Vec<&BlockKind> = first.turn.blocks.iter().map(|(kind, _)| kind).collect();
        let tool = |name: &str| BlockKind::ToolUse(name.into());
        let expected = [
            &BlockKind::Thinking,
            &tool("profile_column"),
            &tool("profile_column"),
            &BlockKind::Thinking,
            &BlockKind::Text,
            &tool("propose_files"),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(first.suggestion.files[0].path, "model.py");
        // The second round read what the first one wrote.
        let usage = first.turn.usage;
        assert!(usage.cache_read_input_tokens.unwrap() > 1000, "{usage:?}");
        assert_eq!(first.turn.miss, None);

        session.decide("e1", Decision::Rejected, Some("too deep".into()), &[], Vec::new()).unwrap();
        let wish = Wish { request: "something else".into(), settings: Vec::new() };
        let follow = desk.follow_up("e1", &Follow::On, &wish).await.unwrap();
        assert_eq!(follow.n_stripped, 0);
        let (second, updates) = ask(&follow).await;
        assert_eq!(notes(&updates), 0, "a signature was refused in the conversation");
        assert!(second.turn.thinking().contains("“too deep”"), "{}", second.turn.thinking());
        assert_ne!(second.suggestion.hypothesis, first.suggestion.hypothesis);
        assert!(second.turn.usage.cache_share().unwrap() > 0.6, "{:?}", second.turn.usage);
        assert_eq!(second.turn.miss, None, "nothing of ours made the cache useless");

        // A history that somebody has changed is refused once, healed and said.
        let mut forged = desk.follow_up("e2", &Follow::On, &wish).await.unwrap();
        forged.conversation.messages[0].blocks.insert(0, rationale::domain::conversation::text_block("forged"));
        let (third, updates) = ask(&forged).await;
        assert_eq!((notes(&updates), third.turn.stop), (1, StopReason::EndTurn));
    });
}

fn endpoint(url: String) -> Endpoint {
    Endpoint { base_url: url, ..Endpoint::offline() }
}

fn hello() -> String {
    json!({"model": "rationale-rules-1", "max_tokens": 500, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}).to_string()
}

fn with_faults(plan: &str) -> (Result<Answered, NoAnswer>, Vec<Update>) {
    runtime().block_on(async {
        let server = serve::start_with(0, Options { faults: Plan::parse(plan).unwrap(), ..Options::new(Pace::AtOnce) })
            .await
            .unwrap();
        let (sender, receiver) = mpsc::channel(64);
        let client = Client::new(None).unwrap();
        let endpoint = endpoint(server.base_url());
        let mut recorder = Recorder::none();
        let body = hello();
        let cancel = CancellationToken::new();
        let stream = async {
            let sending = Sending { endpoint: &endpoint, body: &body, first_block: 0 };
            let answered = client.stream(sending, &mut recorder, &sender, &cancel).await;
            drop(sender);
            answered
        };
        tokio::join!(stream, drain(receiver))
    })
}

#[test]
fn the_client_takes_every_fault_of_the_plan() {
    let text = |plan: &str| with_faults(plan).0.unwrap().turn.text();
    let whole = text("ok");
    assert!(whole.starts_with("I answer these tasks"), "{whole}");
    for plan in ["drip", "junk", "delay=20ms", "529:retry-after-ms=1,429:retry-after-ms=1,ok"] {
        assert_eq!(text(plan), whole, "{plan}");
    }
    for (plan, why) in [
        ("cut@900", "the connection broke off"),
        ("no-stop", "the stream ended before the answer did"),
        ("error-event@6", "Overloaded (overloaded_error)"),
    ] {
        let answered = with_faults(plan).0.unwrap();
        assert_eq!(answered.turn.stop, StopReason::Interrupted, "{plan}");
        assert!(answered.broken.unwrap().as_str().contains(why), "{plan}");
        assert!(whole.starts_with(&answered.turn.text()), "{plan}");
    }
    let refused = |plan: &str| with_faults(plan).0.unwrap_err().failure.to_string();
    assert!(refused("401").contains("check the key"));
    assert!(refused("html").contains("no Messages API"));
}

fn post(path: &str, body: &Value, version: &str) -> (u16, Value) {
    runtime().block_on(async {
        let server = serve::start(0, Pace::AtOnce).await.unwrap();
        rationale::effects::api::provide();
        let answer = reqwest::Client::new()
            .post(format!("{}{path}", server.base_url()))
            .header("anthropic-version", version)
            .body(body.to_string())
            .timeout(Duration::from_secs(20))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    })
}

#[test]
fn what_the_service_refuses_is_refused_in_its_words() {
    let base = json!({"model": "m", "max_tokens": 2000, "messages": [{"role": "user", "content": "hi"}]});
    let with = |change: Value| {
        let mut body = base.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    let call = json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "x", "input": {}}]});
    let user = |content: Value| json!({"role": "user", "content": content});
    let result = |id: &str| json!({"type": "tool_result", "tool_use_id": id});
    let use_of = |id: &str| json!({"type": "tool_use", "id": id, "name": "x", "input": {}});
    let twice = json!({"role": "assistant", "content": [use_of("t1"), use_of("t1")]});
    let mark = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    for (change, said) in [
        (json!({"temperature": 0.5}), "temperature: not accepted"),
        (json!({"max_tokens": null}), "max_tokens: Field required"),
        (json!({"thinking": {"type": "enabled", "budget_tokens": 100}}), "at least 1024"),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 4000}}),
            "must be greater than thinking.budget_tokens",
        ),
        (json!({"thinking": {"type": "sometimes"}}), "thinking.type"),
        (json!({"output_config": {"effort": "huge"}}), "output_config.effort"),
        (
            json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}),
            "additionalProperties must be false",
        ),
        (
            json!({"messages": [user(json!("a")), {"role": "assistant", "content": "The"}]}),
            "does not support assistant message prefill",
        ),
        (
            json!({"messages": [user(json!("a")), call.clone(), user(json!("b"))]}),
            "`tool_use` ids were found without `tool_result` blocks",
        ),
        (
            json!({"messages": [user(json!("a")), call.clone(), user(json!([{"type": "text", "text": "b"}, {"type": "tool_result", "tool_use_id": "t1"}]))]}),
            "must come first",
        ),
        (
            json!({"messages": [user(json!([{"type": "tool_result", "tool_use_id": "t9"}]))]}),
            "unexpected `tool_use_id`",
        ),
        (
            json!({"messages": [user(json!("a")), {"role": "assistant", "content": [{"type": "thinking", "thinking": "h", "signature": ""}]}, user(json!("b"))]}),
            "signature: Field required",
        ),
        (json!({"messages": [user(json!([mark, mark, mark, mark, mark]))]}), "A maximum of 4 blocks"),
        (
            json!({"system": [mark], "messages": [user(json!([{"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]))]}),
            "1h must not come after",
        ),
        (json!({"tools": [{"name": "a b", "input_schema": {"type": "object"}}]}), "tools.0.name"),
        (json!({"tool_choice": {"type": "any"}}), "tool_choice"),
        (
            json!({"messages": [user(json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "%%"}}]))]}),
            "not base64",
        ),
        (json!({"messages": [{"role": "robot", "content": "x"}]}), "messages.0.role"),
        (json!({"max_tokens": -1}), "max_tokens: must be a whole number"),
        (json!({"max_tokens": 0, "stream": true}), "not possible together with stream"),
        (json!({"stop_sequences": [" "]}), "non-whitespace"),
        (json!({"system": [{"type": "text", "text": ""}]}), "system.0: text content blocks must be non-empty"),
        (json!({"thinking": {"type": "between_tools", "display": "omitted"}}), "Extra inputs"),
        (
            json!({"cache_control": {"type": "ephemeral", "ttl": "1h"}, "messages": [user(json!([mark]))]}),
            "the last block has cache_control with another ttl",
        ),
        (
            json!({"messages": [user(json!([{"type": "text", "text": "x", "citations": [{"type": "char_location"}]}]))]}),
            "citations",
        ),
        (
            json!({"messages": [user(json!("a")), {"role": "assistant", "content": "b"}, {"role": "system", "content": "c"}]}),
            "directly after a user message",
        ),
        (json!({"diagnostics": {"previous_message_id": 7}}), "diagnostics.previous_message_id"),
        (json!({"messages": [user(json!("a")), twice, user(json!([result("t1")]))]}), "`tool_use` ids must be unique"),
        (
            json!({"messages": [user(json!("a")), call, user(json!([result("t1"), result("t1")]))]}),
            "must have a single result",
        ),
    ] {
        let (status, answer) = post("/v1/messages", &with(change), "2026-10-21");
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(status, 400, "{said}: {answer}");
        assert!(message.contains(said), "{message} is not about {said}");
    }
    assert_eq!(post("/v1/messages", &with(json!({"temperature": 0.5})), "2023-06-01").0, 200);
    assert_eq!(post("/v1/messages", &with(json!({"temperature": 1.5})), "2023-06-01").0, 400);
    assert_eq!(post("/v1/messages", &base, "1999-01-01").0, 400);
    // Results that come in two messages of one side stand together.
    let pair = json!({"role": "assistant", "content": [use_of("t1"), use_of("t2")]});
    let apart = json!({"messages": [user(json!("a")), pair, user(json!([result("t1")])), user(json!([result("t2")]))]});
    assert_eq!(post("/v1/messages", &with(apart), "2026-10-21").0, 200);
    let (status, answer) = post("/v1/messages", &with(json!({"stop_sequences": ["tasks"]})), "2026-10-21");
    assert_eq!(
        (status, &answer["stop_reason"], &answer["stop_sequence"]),
        (200, &json!("stop_sequence"), &json!("tasks"))
    );
    let (_, answer) = post("/v1/messages", &with(json!({"max_tokens": 3})), "2026-10-21");
    assert_eq!(answer["stop_reason"], "max_tokens");
}

/// A server with a plan of faults, and a client that asks it anything.
struct Peer {
    server: serve::Server,
    client: reqwest::Client,
}

impl Peer {
    async fn start(plan: &str, batch_takes: Duration) -> Self {
        let options = Options { faults: Plan::parse(plan).unwrap(), batch_takes, ..Options::new(Pace::AtOnce) };
        rationale::effects::api::provide();
        Self { server: serve::start_with(0, options).await.unwrap(), client: reqwest::Client::new() }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        let request = self.client.request(method, format!("{}{path}", self.server.base_url()));
        request
            .header("anthropic-version", "2026-10-21")
            .body(body.to_string())
            .timeout(Duration::from_secs(20))
            .send()
            .await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.send(reqwest::Method::POST, path, body).await.unwrap().json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.send(reqwest::Method::GET, path, &Value::Null).await.unwrap().json().await.unwrap()
    }
}

fn ask(extra: &Value) -> Value {
    let mut body = json!({"model": "m", "max_tokens": 2000, "messages": [{"role": "user", "content": "Hello"}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

#[test]
fn thinking_comes_back_only_as_it_was() {
    runtime().block_on(async {
        let peer = Peer::start("ok, redacted, ok, ok, ok, ok", Duration::ZERO).await;
        let thinks = json!({"thinking": {"type": "adaptive"}});
        let first = peer.post("/v1/messages", &ask(&thinks)).await["content"].clone();
        let hidden = peer.post("/v1/messages", &ask(&thinks)).await["content"].clone();
        assert_eq!((&first[0]["type"], &hidden[0]["type"]), (&json!("thinking"), &json!("redacted_thinking")));
        let back = async |content: &Value| {
            let messages = json!([{"role": "user", "content": "Hello"}, {"role": "assistant", "content": content}, {"role": "user", "content": "more"}]);
            let answer = peer.post("/v1/messages", &ask(&json!({ "messages": messages }))).await;
            answer["error"]["message"].as_str().unwrap_or("taken").to_owned()
        };
        assert_eq!(back(&first).await, "taken");
        assert_eq!(back(&hidden).await, "taken");
        let mut changed = first.clone();
        changed[0]["thinking"] = json!("I never thought so.");
        assert!(back(&changed).await.contains("cannot be modified"));
        let mut forged = hidden.clone();
        forged[0]["data"] = json!("AAAA");
        assert!(back(&forged).await.starts_with("messages.1.content.0: Invalid `data` in `redacted_thinking` block"));
        let mut elsewhere = first;
        elsewhere[0]["signature"] = peer.post("/v1/messages", &ask(&json!({"system": "x", "thinking": {"type": "adaptive"}}))).await["content"][0]["signature"].clone();
        assert!(back(&elsewhere).await.contains("bound to a different conversation"));
    });
}

#[test]
fn how_it_thinks_and_how_much_it_writes_is_as_asked() {
    runtime().block_on(async {
        let peer = Peer::start("", Duration::ZERO).await;
        let kinds = |answer: &Value| -> Vec<String> {
            let blocks = answer["content"].as_array().unwrap().iter();
            blocks.map(|block| block["type"].as_str().unwrap().to_owned()).collect()
        };
        // Only the cache is filled.
        let warm = peer.post("/v1/messages", &ask(&json!({"max_tokens": 0}))).await;
        assert_eq!((kinds(&warm), &warm["stop_reason"]), (vec![], &json!("max_tokens")));
        let omitted = json!({"thinking": {"type": "adaptive", "display": "omitted"}});
        let omitted = peer.post("/v1/messages", &ask(&omitted)).await;
        assert_eq!((&omitted["content"][0]["thinking"], kinds(&omitted).len()), (&json!(""), 2));
        // Between tools it thinks only about what they gave.
        let tool = json!({"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}});
        let between = json!({"tools": [tool], "thinking": {"type": "between_tools"}, "messages": [{"role": "user", "content": "the weather in Paris"}]});
        let call = peer.post("/v1/messages", &ask(&between)).await;
        assert_eq!(kinds(&call), ["tool_use"]);
        let result = json!([{"type": "tool_result", "tool_use_id": call["content"][0]["id"], "content": "sunny"}]);
        let mut more = ask(&between);
        let messages = more["messages"].as_array_mut().unwrap();
        messages.push(json!({"role": "assistant", "content": call["content"]}));
        messages.push(json!({"role": "user", "content": result}));
        assert_eq!(kinds(&peer.post("/v1/messages", &more).await), ["thinking", "text"]);
    });
}

#[test]
fn a_batch_that_is_cancelled_keeps_what_was_done() {
    runtime().block_on(async {
        let peer = Peer::start("", Duration::from_secs(1)).await;
        let requests: Vec<Value> =
            (0..40).map(|n| json!({"custom_id": format!("row-{n}"), "params": ask(&json!({}))})).collect();
        let batch = peer.post("/v1/messages/batches", &json!({ "requests": requests })).await;
        let path = format!("/v1/messages/batches/{}", batch["id"].as_str().unwrap());
        tokio::time::sleep(Duration::from_millis(350)).await;
        let between = peer.get(&path).await;
        assert_eq!(
            (&between["processing_status"], &between["request_counts"]["processing"]),
            (&json!("in_progress"), &json!(40))
        );
        assert_eq!(between["request_counts"]["succeeded"], 0, "counts stay at zero until the end");
        assert_eq!(peer.post(&format!("{path}/cancel"), &json!({})).await["processing_status"], "canceling");
        let ended = loop {
            let now = peer.get(&path).await;
            if now["processing_status"] == "ended" {
                break now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let counts = |kind: &str| ended["request_counts"][kind].as_u64().unwrap();
        assert!(counts("succeeded") > 0 && counts("canceled") > 0, "{ended}");
        assert_eq!(counts("succeeded") + counts("canceled"), 40);
        let second = peer.post("/v1/messages/batches", &json!({"requests": [requests[0]]})).await;
        let page = peer.get("/v1/messages/batches?limit=1").await;
        assert_eq!((&page["first_id"], page["has_more"].as_bool()), (&second["id"], Some(true)));
        let older = peer.get(&format!("/v1/messages/batches?after_id={}", second["id"].as_str().unwrap())).await;
        assert_eq!(older["data"][0]["id"], batch["id"]);
        let newer = peer.get(&format!("/v1/messages/batches?before_id={}", batch["id"].as_str().unwrap())).await;
        assert_eq!(newer["data"][0]["id"], second["id"]);
    });
}

#[test]
fn headers_count_and_bodies_have_a_limit() {
    runtime().block_on(async {
        let peer = Peer::start("ok, cut@40", Duration::ZERO).await;
        let answer = peer.send(reqwest::Method::POST, "/v1/messages", &ask(&json!({}))).await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("request-id").starts_with("req_"));
        assert_eq!(header("anthropic-ratelimit-requests-limit"), "100000");
        assert_eq!(header("anthropic-ratelimit-requests-remaining"), "99999");
        assert!(header("anthropic-ratelimit-tokens-reset").ends_with('Z'));
        // A whole message is cut as a stream would be.
        let cut = peer.send(reqwest::Method::POST, "/v1/messages", &ask(&json!({}))).await.unwrap();
        assert!(cut.bytes().await.is_err());
        for path in ["/v1/messages", "/v1/messages/count_tokens"] {
            let large = ask(&json!({"system": "x".repeat(33 << 20)}));
            let refused = peer.send(reqwest::Method::POST, path, &large).await.unwrap();
            assert_eq!(refused.status().as_u16(), 413);
            let said: Value = refused.json().await.unwrap();
            assert_eq!(said["error"]["type"], "request_too_large");
        }
        assert_eq!(peer.get("/v1/models?before_id=rationale-rules-1").await["data"], json!([]));
        assert_eq!(peer.get("/v1/models?limit=0").await["error"]["type"], "invalid_request_error");
    });
}
