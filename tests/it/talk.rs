//! Conversations with tools: what goes over the wire round by round, what is kept, what it may cost.

use std::path::Path;
use std::sync::Arc;

use rationale::config::{Config, Environment, Given};
use rationale::domain::conversation::{Signatures, Speaker};
use rationale::domain::experiment::Decision;
use rationale::domain::framing::{Framing, Privacy};
use rationale::domain::known::Known;
use rationale::domain::money::Spent;
use rationale::domain::question::{Asked, Follow, Question, Wish};
use rationale::domain::task::Task;
use rationale::domain::turn::{StopReason, StreamEvent};
use rationale::effects::api::Update;
use rationale::effects::asking::Desk;
use rationale::effects::session::Session;
use rationale::effects::tools::{Given as FromTool, Toolbox};
use rationale::effects::world::World;
use rationale::text::RawText;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::faulty::{End, Faulty, Reply};
use crate::harness::{folder_with, know};

/// A project with an endpoint that answers from a plan.
struct Bench {
    _folder: tempfile::TempDir,
    session: Session,
    known: Known,
    framing: Framing,
    server: Faulty,
    runtime: tokio::runtime::Runtime,
}

/// As Anthropic's own server, as far as requests go, but for lists and counts, which would need replies of their own.
const SETUP: &str = "cache_control = true\nsignatures = true\nthinking = \"by-model\"\ncount_tokens = false\nimages = true\nfree = false\nmodel = \"claude-opus-5-5\"\n";

fn bench(plan: Vec<Reply>) -> Bench {
    bench_with(plan, "churn.csv", "churned", Privacy::Statistics)
}

fn bench_with(mut plan: Vec<Reply>, data: &str, target: &str, privacy: Privacy) -> Bench {
    plan.insert(0, Reply::status(404, &[], "{}"));
    let server = Faulty::start(plan);
    let folder = folder_with(&[data]);
    let config = folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let text = format!("endpoint = \"plan\"\n[endpoints.plan]\nbase_url = \"{}\"\n{SETUP}", server.url());
    std::fs::write(config.join("config.toml"), text).unwrap();
    let state = folder.path().join("state");
    let environment = Environment::of([
        ("RATIONALE_CONFIG_DIR", config.to_str().unwrap()),
        ("RATIONALE_STATE_DIR", state.to_str().unwrap()),
        ("RATIONALE_PYTHON", "/nonexistent/python"),
    ]);
    let config = Config::resolve(&Given::default(), &environment).unwrap();
    let world = Arc::new(World::new(config).unwrap());
    let session = Session::open(world, &folder.path().join(data)).unwrap();
    let (known, proposal) = know(&session.table, target);
    let framing = Framing { privacy, ..proposal.framing };
    session.frame(&framing, &known.profile).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    Bench { _folder: folder, session, known, framing, server, runtime }
}

impl Bench {
    fn desk(&self) -> Desk<'_> {
        Desk { session: &self.session, known: &self.known, framing: &self.framing }
    }

    fn question(&self) -> Question {
        self.runtime.block_on(self.desk().question(Task::Train, &Wish::default())).unwrap()
    }

    fn follow(&self, experiment: &str, follow: Follow, words: &str) -> Question {
        let wish = Wish { request: words.into(), settings: Vec::new() };
        self.runtime.block_on(self.desk().follow_up(experiment, &follow, &wish)).unwrap()
    }

    fn ask(&self, question: &Question) -> (Result<Asked, String>, Vec<Update>) {
        self.runtime.block_on(async {
            let (sender, mut receiver) = mpsc::channel(64);
            let listen = async {
                let mut updates = Vec::new();
                while let Some(update) = receiver.recv().await {
                    updates.push(update);
                }
                updates
            };
            let ask = async {
                let asked = self.desk().ask(question, None, &sender, &CancellationToken::new()).await;
                drop(sender);
                asked.map_err(|failure| failure.to_string())
            };
            tokio::join!(ask, listen)
        })
    }

    /// Bodies of the requests to the endpoint so far, the list of models left out.
    fn bodies(&self) -> Vec<String> {
        let requests = self.server.requests();
        requests
            .iter()
            .filter(|request| request.starts_with("POST /v1/messages "))
            .map(|request| request.split_once("\r\n\r\n").unwrap().1.to_owned())
            .collect()
    }

    fn tool(&self, name: &str, input: &Value) -> FromTool {
        let toolbox = Toolbox { session: &self.session, known: &self.known, framing: &self.framing };
        toolbox.call(name, &RawText::new(input.to_string()))
    }

    fn tool_json(&self, name: &str, input: &Value) -> Value {
        let given = self.tool(name, input);
        assert!(!given.is_error, "{given:?}");
        let blocks: Value = serde_json::from_str(given.content.expose()).unwrap();
        serde_json::from_str(blocks[0]["text"].as_str().unwrap()).unwrap()
    }
}

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

/// One answer as a stream: blocks as their start and their deltas.
fn answer(id: &str, blocks: &[(&str, &[&str])], stop: &str, output: u64) -> Reply {
    let mut text = event(
        "message_start",
        &format!(
            r#","message":{{"id":"{id}","model":"claude-opus-5-5","usage":{{"input_tokens":1000,"output_tokens":1,"cache_read_input_tokens":3000,"cache_creation_input_tokens":0}}}}"#
        ),
    );
    for (index, (start, deltas)) in blocks.iter().enumerate() {
        text.push_str(&event("content_block_start", &format!(r#","index":{index},"content_block":{start}"#)));
        for delta in *deltas {
            text.push_str(&event("content_block_delta", &format!(r#","index":{index},"delta":{delta}"#)));
        }
        text.push_str(&event("content_block_stop", &format!(r#","index":{index}"#)));
    }
    text.push_str(&event(
        "message_delta",
        &format!(r#","delta":{{"stop_reason":"{stop}"}},"usage":{{"output_tokens":{output}}}"#),
    ));
    text.push_str(&event("message_stop", ""));
    Reply::stream(&[&text], End::Proper)
}

const THINKING: (&str, &[&str]) = (
    r#"{"type":"thinking","thinking":"","signature":"", "later_field":1.0}"#,
    &[
        r#"{"type":"thinking_delta","thinking":"Let me l\u00f6ok."}"#,
        r#"{"type":"signature_delta","signature":"c2lnMQ=="}"#,
    ],
);
const PROFILE: (&str, &[&str]) = (
    r#"{"type":"tool_use","id":"toolu_1","name":"profile_column","input":{}}"#,
    &[
        r#"{"type":"input_json_delta","partial_json":"{\"column\": "}"#,
        r#"{"type":"input_json_delta","partial_json":"\"plan\"}"}"#,
    ],
);
const QUERY: (&str, &[&str]) = (
    r#"{"type":"tool_use","id":"toolu_2","name":"query_data","input":{}}"#,
    &[r#"{"type":"input_json_delta","partial_json":"{\"sql\":\"SELECT * FROM data\"}"}"#],
);
const TEXT: (&str, &[&str]) = (r#"{"type":"text","text":""}"#, &[r#"{"type":"text_delta","text":"Here it is."}"#]);
const FILES: (&str, &[&str]) = (
    r#"{"type":"tool_use","id":"toolu_3","name":"propose_files","input":{}}"#,
    &[
        r#"{"type":"input_json_delta","partial_json":"{\"hypothesis\":\"h\",\"expected_effect\":\"up\",\"files\":[{\"path\":\"model.py\","}"#,
        r#"{"type":"input_json_delta","partial_json":"\"code\":\"def build():\\n    return 1\\n\"}]}"}"#,
    ],
);

fn two_rounds() -> Vec<Reply> {
    vec![
        answer("msg_1", &[THINKING, PROFILE, QUERY], "tool_use", 100),
        answer("msg_2", &[THINKING, TEXT, FILES], "tool_use", 300),
    ]
}

#[test]
fn tools_are_run_and_every_block_goes_back_as_it_came() {
    let bench = bench(two_rounds());
    let question = bench.question();
    let (asked, updates) = bench.ask(&question);
    let asked = asked.unwrap();
    let bodies = bench.bodies();
    assert_eq!(bodies.len(), 2);
    // Byte for byte, in order, unknown fields and number forms included.
    let echoed = r#"{"role":"assistant","content":[{"type":"thinking","thinking":"Let me löok.","signature":"c2lnMQ==","later_field":1.0},{"type":"tool_use","id":"toolu_1","name":"profile_column","input":{"column": "plan"}},{"type":"tool_use","id":"toolu_2","name":"query_data","input":{"sql":"SELECT * FROM data"}}]}"#;
    assert!(bodies[1].contains(echoed), "{}", bodies[1]);
    // What was sent first is the beginning of what is sent second, but for what says which answer came before.
    let until = |body: &str| body[..body.find("\"messages\"").unwrap()].to_owned();
    assert_eq!(until(&bodies[0]), until(&bodies[1]));
    let second: Value = serde_json::from_str(&bodies[1]).unwrap();
    let results = second["messages"][2]["content"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!((&results[0]["tool_use_id"], &results[0].get("is_error")), (&json!("toolu_1"), &None));
    assert!(results[0]["content"][0]["text"].as_str().unwrap().contains("\"name\":\"plan\""));
    assert_eq!((&results[1]["tool_use_id"], &results[1]["is_error"]), (&json!("toolu_2"), &json!(true)));
    assert!(results[1]["content"][0]["text"].as_str().unwrap().contains("only aggregates"));
    // Numbers of blocks go on over the rounds, and so do the results.
    let results: Vec<(usize, bool)> = updates
        .iter()
        .filter_map(|update| match update {
            Update::Event(StreamEvent::ToolResult { index, is_error, .. }) => Some((*index, *is_error)),
            _ => None,
        })
        .collect();
    assert_eq!(results, [(1, false), (2, true), (5, false)]);
    assert_eq!(asked.suggestion.files[0].code.expose(), "def build():\n    return 1\n");
    assert_eq!((asked.turn.usage.output_tokens, asked.turn.usage.cache_read_input_tokens), (Some(400), Some(6000)));
    // Both rounds are paid: 2 × (1000 × 4 + 3000 × 0.20) + 400 × 20, in millionths of a dollar.
    assert!((asked.cost_usd.unwrap() - (2.0 * 4600.0 + 8000.0) / 1e6).abs() < 1e-12, "{:?}", asked.cost_usd);
    let spent = Spent::of(&bench.session.history().unwrap(), "2000-01-01");
    assert!((spent.saved_usd - 2.0 * 3000.0 * 3.8 / 1e6).abs() < 1e-12 && spent.reserved_usd == 0.0, "{spent:?}");
}

#[test]
fn a_recording_of_rounds_replays_to_the_same_answer() {
    let bench = bench(two_rounds());
    let asked = bench.ask(&bench.question()).0.unwrap();
    let history = bench.session.history().unwrap();
    let name = history.find("e1").unwrap().recording.clone().unwrap();
    let path = rationale::effects::recording::folder(&bench.session.project.state).join(name);
    assert_eq!(rationale::effects::recording::replay_to_turn(&path), asked.turn);
}

#[test]
fn a_decision_goes_back_as_the_result_of_the_proposal() {
    let bench = bench([two_rounds(), vec![answer("msg_3", &[TEXT], "end_turn", 10)]].concat());
    bench.ask(&bench.question()).0.unwrap();
    bench.session.decide("e1", Decision::Rejected, Some("too deep".into()), &[], Vec::new()).unwrap();
    let question = bench.follow("e1", Follow::On, "something simpler");
    assert_eq!((question.n_stripped, question.previous.as_deref()), (0, Some("msg_2")));
    bench.ask(&question).0.unwrap();
    let bodies = bench.bodies();
    assert!(
        bodies[2].contains(r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_3","content":[{"type":"text","text":"The person rejected the files: too deep"}],"is_error":true},{"type":"text","text":"something simpler"}]}"#),
        "{}",
        bodies[2]
    );
    let messages = |body: &str| {
        body[body.find("\"messages\":[").unwrap()..body.rfind("],\"").unwrap_or(body.len() - 2)].to_owned()
    };
    assert!(
        messages(&bodies[2]).starts_with(messages(&bodies[1]).trim_end_matches(['}', ']'])),
        "history was rewritten"
    );
    // The whole conversation can be read back from the disk.
    let talk = bench.session.history().unwrap().conversation("e2");
    let speakers: Vec<Speaker> = talk.messages.iter().map(|message| message.speaker).collect();
    assert_eq!(speakers.len(), 6);
    assert_eq!(talk.messages_json(Signatures::Checked).matches("c2lnMQ==").count(), 2);
}

#[test]
fn other_words_take_out_the_thinking_after_them_and_another_model_all_of_it() {
    let bench = bench([two_rounds(), vec![answer("msg_3", &[THINKING, TEXT], "end_turn", 10)]].concat());
    bench.ask(&bench.question()).0.unwrap();
    let instead = bench.follow("e1", Follow::Instead, "keep it linear");
    assert_eq!((instead.conversation.messages.len(), instead.n_stripped), (1, 0));
    assert!(instead.conversation.messages_json(Signatures::Checked).contains("keep it linear"));
    bench.ask(&bench.follow("e1", Follow::On, "why?")).0.unwrap();
    let mut other = bench.session.world.config.endpoint.clone();
    other.model = "claude-sonnet-5-5".into();
    bench.session.world.choose(other);
    let question = bench.follow("e2", Follow::On, "and now?");
    assert_eq!(question.n_stripped, 3);
    assert!(!question.body.expose().contains("c2lnMQ=="));
}

#[test]
fn thinking_that_a_server_refuses_is_taken_out_once_and_said() {
    let refusal = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block: bound to a different conversation"}}"#;
    let plan = [
        two_rounds(),
        vec![Reply::status(400, &[], refusal), answer("msg_3", &[TEXT], "end_turn", 10)],
        vec![Reply::status(400, &[], refusal), Reply::status(400, &[], refusal)],
    ];
    let bench = bench(plan.concat());
    bench.ask(&bench.question()).0.unwrap();
    let (asked, updates) = bench.ask(&bench.follow("e1", Follow::On, "why?"));
    asked.unwrap();
    let notes: Vec<String> = updates
        .iter()
        .filter_map(|update| match update {
            Update::Note(text) => Some(text.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("2 blocks of it were taken out"), "{notes:?}");
    // Where it does not help, the refusal is told.
    let again = bench.ask(&bench.follow("e1", Follow::On, "again?")).0.unwrap_err();
    assert!(again.contains("Invalid `signature`"), "{again}");
    let bodies = bench.bodies();
    assert!(bodies[2].contains("c2lnMQ==") && !bodies[3].contains("c2lnMQ=="));
    assert_eq!(bodies.len(), 6);
}

#[test]
fn a_paused_turn_goes_on_with_what_was_said() {
    let plan = vec![answer("msg_1", &[THINKING, TEXT], "pause_turn", 10), answer("msg_2", &[TEXT], "end_turn", 10)];
    let bench = bench(plan);
    let asked = bench.ask(&bench.question()).0.unwrap();
    assert_eq!((asked.turn.text().as_str(), asked.turn.stop), ("Here it is.\n\nHere it is.", StopReason::EndTurn));
    let second: Value = serde_json::from_str(&bench.bodies()[1]).unwrap();
    let roles: Vec<&str> =
        second["messages"].as_array().unwrap().iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant"]);
}

#[test]
fn a_model_that_never_comes_to_an_end_is_stopped() {
    let plan = (0..20).map(|n| answer(&format!("msg_{n}"), &[QUERY], "tool_use", 10)).collect();
    let bench = bench(plan);
    let asked = bench.ask(&bench.question()).0.unwrap();
    assert_eq!(asked.broken.unwrap().to_string(), "it called tools 12 times without coming to an end");
    assert_eq!(bench.bodies().len(), 12);
}

#[test]
fn the_cap_holds_between_rounds_and_between_instances() {
    let bench = bench(two_rounds());
    let mut question = bench.question();
    let most = question.most_usd.unwrap();
    // One round fits, a second does not.
    question.limit_usd = Some(most * 1.001);
    let asked = bench.ask(&question).0.unwrap();
    assert!(asked.broken.unwrap().to_string().contains("no room for another round"));
    assert_eq!(bench.bodies().len(), 1);
    // Somebody else has set money aside meanwhile: nothing is sent.
    let mut tight = bench.framing.clone();
    tight.cap_usd = most * 1.001;
    bench.session.frame(&tight, &bench.known.profile).unwrap();
    let refused = bench.ask(&question).0.unwrap_err();
    assert!(refused.starts_with("the spending cap: "), "{refused}");
    assert!(bench.bodies().is_empty());
}

#[test]
fn an_answer_that_broke_off_has_an_estimated_price() {
    let cut = Reply::stream(
        &[
            &event(
                "message_start",
                r#","message":{"model":"claude-opus-5-5","usage":{"input_tokens":1000,"output_tokens":1}}"#,
            ),
            &event("content_block_start", r#","index":0,"content_block":{"type":"text","text":""}"#),
            &event(
                "content_block_delta",
                &format!(r#","index":0,"delta":{{"type":"text_delta","text":"{}"}}"#, "x".repeat(3500)),
            ),
        ],
        End::Cut,
    );
    let bench = bench(vec![cut]);
    let asked = bench.ask(&bench.question()).0.unwrap();
    // 1,000 × 4 read and 3,500 bytes written, which are about 1,000 tokens at 20.
    assert!((asked.cost_usd.unwrap() - (4000.0 + 20_000.0) / 1e6).abs() < 1e-12, "{:?}", asked.cost_usd);
    let spent = Spent::of(&bench.session.history().unwrap(), "");
    assert!((spent.estimated_usd - asked.cost_usd.unwrap()).abs() < 1e-12);
}

#[test]
fn an_answer_that_was_cut_off_goes_on_where_it_stopped() {
    const FIRST: (&str, &[&str]) = (
        r#"{"type":"text","text":""}"#,
        &[
            r###"{"type":"text_delta","text":"## Hypothesis\nx\n\n```python path=model.py\ndef build():\n    return Log"}"###,
        ],
    );
    const REST: (&str, &[&str]) =
        (r#"{"type":"text","text":""}"#, &[r#"{"type":"text_delta","text":"istic()\n```\n"}"#]);
    let bench = bench(vec![answer("m1", &[FIRST], "max_tokens", 10), answer("m2", &[REST], "end_turn", 10)]);
    let first = bench.ask(&bench.question()).0.unwrap();
    assert!(first.refusal().is_some(), "code that was cut off can't be accepted");
    let rest = bench.ask(&bench.follow("e1", Follow::Continue, "")).0.unwrap();
    assert_eq!(rest.suggestion.files[0].code.expose(), "def build():\n    return Logistic()\n");
    assert!(rest.refusal().is_none());
    let body = &bench.bodies()[1];
    assert!(body.contains("return Log\\n-----"), "the end of the answer is quoted: {body}");
}

#[test]
fn tools_say_what_the_privacy_level_allows_and_never_touch_the_sealed_rows() {
    let rate =
        json!({"sql": "SELECT plan, COUNT(*) AS n, AVG(churned) AS rate FROM data GROUP BY plan ORDER BY n DESC"});
    let rows = json!({"sql": "SELECT plan, age FROM data LIMIT 2"});
    let bench = bench(Vec::new());
    let given = bench.tool_json("query_data", &rate);
    assert_eq!(given["columns"], json!(["plan", "n", "rate"]));
    let n: i64 = given["rows"].as_array().unwrap().iter().map(|row| row[1].as_i64().unwrap()).sum();
    let n_holdout = bench.session.history().unwrap().framings[0].3;
    assert_eq!(n, 5000 - i64::try_from(n_holdout).unwrap());
    // Single rows hide behind groups of five.
    let single =
        bench.tool_json("query_data", &json!({"sql": "SELECT customer_id, COUNT(*) FROM data GROUP BY customer_id"}));
    assert_eq!(single["n_rows"], json!(0));
    assert!(single["left_out"]["groups"].as_u64().unwrap() > 3000);
    assert!(bench.tool("query_data", &rows).is_error);
    assert!(bench.tool("read_figure", &json!({"id": "e1", "name": "x.png"})).is_error);
    assert!(bench.tool("query_data", &json!({"sql": "SELECT * FROM read_csv('/etc/passwd')"})).is_error);
    assert!(bench.tool("profile_column", &json!({"column": "Plan"})).summary.contains("the nearest is plan"));
    let masked = bench_with(Vec::new(), "churn.csv", "churned", Privacy::Masked);
    let given = masked.tool_json("query_data", &rows);
    assert_eq!((&given["masked"], given["rows"].as_array().unwrap().len()), (&json!(true), 2));
    let open = bench_with(Vec::new(), "churn.csv", "churned", Privacy::Rows);
    let given = open.tool_json("query_data", &rows);
    let plans: Vec<&str> = given["rows"].as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
    let known = &open.known.profile.columns.iter().find(|column| column.name.expose() == "plan").unwrap().top;
    assert!(plans.iter().all(|plan| known.iter().any(|(value, _)| value.expose() == *plan)), "{plans:?}");
    let closed = bench_with(Vec::new(), "churn.csv", "churned", Privacy::Schema);
    assert!(closed.tool("profile_column", &json!({"column": "plan"})).is_error);
    assert!(!closed.question().body.expose().contains("query_data"));
}

#[test]
fn the_history_can_be_searched_and_read() {
    let bench = bench(two_rounds());
    bench.ask(&bench.question()).0.unwrap();
    let found = bench.tool("search_history", &json!({"query": "BUILD train"}));
    assert_eq!(found.summary, "1 experiment");
    assert_eq!(bench.tool("search_history", &json!({"query": "nothing like it"})).summary, "0 experiments");
    let read = bench.tool("read_experiment", &json!({"id": "e1"}));
    assert!(read.content.expose().contains("def build()"), "{read:?}");
    assert_eq!(
        bench.tool("read_experiment", &json!({"id": "e9"})).summary,
        "there is no experiment e9; the latest is e1"
    );
}

#[test]
fn a_picture_goes_along_small_and_is_named_with_its_price() {
    let bench = bench(vec![answer("m1", &[TEXT], "end_turn", 10)]);
    let path = Path::new(&bench.session.project.data).parent().unwrap().join("my plot.png");
    image::DynamicImage::new_rgb8(2200, 1100).save(&path).unwrap();
    let wish = Wish { request: "why does \"my plot.png\" bend?".into(), settings: Vec::new() };
    let question = bench.runtime.block_on(bench.desk().question(Task::Train, &wish)).unwrap();
    assert_eq!(question.pictures, ["my plot.png 1100 × 550, 800 tokens"]);
    assert_eq!(question.body.expose().matches("\"type\":\"image\"").count(), 1);
}

#[test]
fn a_batch_sets_its_price_aside_and_is_billed_at_half_of_it() {
    use rationale::effects::batches;

    let bench = bench(Vec::new());
    let endpoint = bench.session.world.config.endpoint.clone();
    let cap = bench.framing.cap_usd;
    let experiment = batches::reserve(&bench.session, &endpoint, Some(cap * 0.9), Some(cap)).unwrap();
    // A restart leaves it standing, and nobody else can spend the same money.
    assert!(bench.session.recover().unwrap().is_empty());
    let refused = batches::reserve(&bench.session, &endpoint, Some(cap * 0.2), Some(cap)).unwrap_err().to_string();
    assert!(refused.starts_with("the spending cap: "), "{refused}");
    let row = RawText::new("{}");
    let stored =
        batches::prepare(&bench.session.project.state, &endpoint, &[row.clone(), row], None).unwrap().remove(0);
    let line =
        |n: u32, result: &str| format!("{{\"custom_id\":\"{}-{n:06}\",\"result\":{result}}}\n", stored.manifest.token);
    let message = r#"{"type":"succeeded","message":{"model":"claude-opus-5-5","content":[],"usage":{"input_tokens":1000,"output_tokens":500}}}"#;
    let results = batches::folder(&bench.session.project.state).join(&stored.manifest.name).join("results.jsonl");
    std::fs::write(results, format!("{}{}", line(0, message), line(1, r#"{"type":"expired"}"#))).unwrap();
    let bill = batches::bill(&bench.session, &endpoint, &experiment, &stored).unwrap();
    // (1,000 × 4 + 500 × 20) / 2, in millionths of a dollar; what expired is not billed.
    assert!((bill.usd.unwrap() - 7000.0 / 1e6).abs() < 1e-12, "{bill:?}");
    let spent = Spent::of(&bench.session.history().unwrap(), "");
    assert!((spent.committed() - 7000.0 / 1e6).abs() < 1e-12, "{spent:?}");
}
