//! Promises about money: what a cached prompt costs, what was spent in all, what happens where a price is not known.

use std::path::Path;
use std::process::Output;

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::experiment::History;
use rationale::domain::price::Models;
use rationale::domain::turn::{Rate, Usage};
use rationale::effects::store::Store;
use serde_json::{Value, json};

use crate::faulty::{End, Faulty, Reply};
use crate::harness::{Harness, bare_program, folder_with, json, penguins};
use crate::store::ten_thousand_turns;

/// An endpoint that costs, as the configuration names it.
fn configure(folder: &Path, server: &Faulty, model: &str) {
    std::fs::create_dir_all(folder.join("config")).unwrap();
    let text = format!(
        "endpoint = \"plan\"\n[endpoints.plan]\nbase_url = \"{}\"\ncache_control = true\nsignatures = true\nthinking = \"omit\"\ncount_tokens = false\ntools = false\nfree = false\nmodel = \"{model}\"\n",
        server.url()
    );
    std::fs::write(folder.join("config/config.toml"), text).unwrap();
}

fn explore(folder: &Path, more: &[&str]) -> Output {
    bare_program(folder).args(["ask", "explore", "penguins.csv", "--json"]).args(more).output().unwrap()
}

fn event(name: &str, rest: &str) -> String {
    format!("event: {name}\ndata: {{\"type\":\"{name}\"{rest}}}\n\n")
}

/// A small answer whose first event and whose later ones tell these numbers.
fn answer(model: &str, first: &Value, later: &[Value], end: End) -> Reply {
    let mut text = event("message_start", &format!(r#","message":{{"id":"msg_1","model":"{model}","usage":{first}}}"#));
    text.push_str(&event("content_block_start", r#","index":0,"content_block":{"type":"text","text":""}"#));
    let words = "hello ".repeat(700 / 6);
    text.push_str(&event(
        "content_block_delta",
        &format!(r#","index":0,"delta":{{"type":"text_delta","text":"{words}"}}"#),
    ));
    if end == End::Proper {
        text.push_str(&event("content_block_stop", r#","index":0"#));
        for usage in later {
            text.push_str(&event(
                "message_delta",
                &format!(r#","delta":{{"stop_reason":"end_turn"}},"usage":{usage}"#),
            ));
        }
        text.push_str(&event("message_stop", ""));
    }
    Reply::stream(&[&text], end)
}

/// What the answer with these numbers cost, as the program says, and what its history says afterwards.
fn billed(first: &Value, later: &[Value], end: End) -> (f64, Value, tempfile::TempDir) {
    let folder = folder_with(&["penguins.csv"]);
    let server = Faulty::start(vec![Reply::status(404, &[], "{}"), answer("claude-opus-5-5", first, later, end)]);
    configure(folder.path(), &server, "claude-opus-5-5");
    let output = explore(folder.path(), &[]);
    let said = json(&output);
    let usd = said["cost_usd"].as_f64().unwrap_or_else(|| panic!("{said}"));
    (usd, said, folder)
}

fn near(usd: f64, by_hand: f64) {
    assert!((usd - by_hand / 1e6).abs() < 1e-12, "{usd} is not {}", by_hand / 1e6);
}

/// 5: a fully cached prompt, all four classes of tokens, both lives of what is written, totals that grow, nested fields.
#[test]
fn p05_each_class_of_tokens_has_its_price() {
    // Dollars for a million tokens of this model: read 4, written for five minutes 5, for an hour 8, from the cache 0.20, out 20.
    let cached = json!({"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 100_000, "cache_creation_input_tokens": 0});
    near(billed(&cached, &[json!({"output_tokens": 500})], End::Proper).0, 10.0 * 4.0 + 100_000.0 * 0.2 + 500.0 * 20.0);

    let all = json!({
        "input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 100_000, "cache_creation_input_tokens": 3000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
    });
    let by_hand = 10.0 * 4.0 + 100_000.0 * 0.2 + 1000.0 * 5.0 + 2000.0 * 8.0 + 500.0 * 20.0;
    // Later events repeat running totals; the last one counts, and nothing counts twice.
    let later = [
        json!({"output_tokens": 200}),
        json!({"output_tokens": 350, "cache_read_input_tokens": 100_000, "input_tokens": 10}),
        json!({"output_tokens": 500, "cache_creation_input_tokens": 3000, "cache_read_input_tokens": 100_000}),
    ];
    let (usd, said, _folder) = billed(&all, &later, End::Proper);
    near(usd, by_hand);
    assert_eq!(
        said["usage"],
        json!({
            "input_tokens": 10, "output_tokens": 500, "cache_creation_input_tokens": 3000, "cache_read_input_tokens": 100_000
        })
    );
    // A server that tells what was written in its parts alone.
    let nested = json!({
        "input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 100_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000},
    });
    near(billed(&nested, &later[..1], End::Proper).0, by_hand - 300.0 * 20.0);
}

/// 5: a batch costs half of each class.
#[test]
fn p05_a_batch_costs_half_of_everything() {
    let usage = Usage {
        input_tokens: Some(10),
        output_tokens: Some(500),
        cache_creation_input_tokens: Some(3000),
        cache_creation_1h_tokens: Some(2000),
        cache_read_input_tokens: Some(100_000),
        ..Usage::default()
    };
    let batch = Usage { rate: Rate { is_batch: true, ..Rate::default() }, ..usage };
    let cost = |usage: &Usage| Models::builtin().cost("claude-opus-5-5", usage).unwrap();
    near(cost(&batch), (40.0 + 20_000.0 + 5000.0 + 16_000.0 + 10_000.0) / 2.0);
    near(cost(&usage) / 2.0, (40.0 + 20_000.0 + 5000.0 + 16_000.0 + 10_000.0) / 2.0);
}

/// 5: where the last event never came, what it cost is worked out from what came, and is called an estimate.
#[test]
fn p05_an_answer_without_its_last_event_is_an_estimate_and_says_so() {
    let first = json!({"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 100_000});
    let (usd, said, folder) = billed(&first, &[], End::Cut);
    assert_eq!(said["stop_reason"], "interrupted", "{said}");
    assert!(usd > (10.0 * 4.0 + 100_000.0 * 0.2 + 100.0 * 20.0) / 1e6, "what was written is paid: {usd}");
    let events = Store::open(&folder.path().join(".rationale")).unwrap().load().unwrap().0;
    let mut bench = shown(History::from_events(&events));
    assert!(bench.screen().contains("~$0.02"), "{}", bench.screen());
    bench.keys("$");
    assert!(bench.screen().contains("estimated since the answer broke off"), "{}", bench.screen());
}

/// The workbench with this history.
fn shown(history: History) -> Harness {
    let mut bench = Harness::new(160, 48);
    bench.send(Msg::Open("penguins.csv".into()));
    let (source, page, known, proposal) = penguins();
    bench.report(JobEvent::Opened(Box::new(source), page));
    bench.report_to(|job| matches!(job, Job::Load), JobEvent::Loaded(Box::new(history), Vec::new(), Vec::new()));
    bench.report_to(|job| matches!(job, Job::Profile), JobEvent::Known(Box::new(known), Ok(Box::new(proposal)), None));
    bench.keys("F enter");
    bench.report(JobEvent::Framed(69, None));
    bench.wait(10_000);
    bench
}

/// 6: the sum on the screen counts ten thousand answers, and the same after another start.
#[test]
fn p06_the_total_counts_every_answer_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let by_hand = ten_thousand_turns(folder.path());
    let expected = format!("~${:.2} of $5.00", by_hand + 0.5);
    for _restart in 0..2 {
        let events = Store::open(folder.path()).unwrap().load().unwrap().0;
        let mut bench = shown(History::from_events(&events));
        assert!(bench.screen().contains(&expected), "{expected}\n{}", bench.screen());
        bench.keys("$");
        let screen = bench.screen();
        assert!(screen.contains(&format!("this project: ${by_hand:.2} of $5.00")), "{screen}");
        assert!(screen.contains("claude-opus-5-5: 9,999 answers"), "{screen}");
    }
}

/// 7: a model that no price is known of costs *unknown*, never nothing; the cap asks before it and after it.
#[test]
fn p07_an_unknown_price_is_unknown_and_the_cap_asks() {
    let folder = folder_with(&["penguins.csv"]);
    let usage = json!({"input_tokens": 10, "output_tokens": 1});
    let models = || Reply::status(404, &[], "{}");
    let server = Faulty::start(vec![
        models(),
        models(),
        answer("mystery-9", &usage, &[json!({"output_tokens": 5})], End::Proper),
        models(),
    ]);
    configure(folder.path(), &server, "mystery-9");
    let refused = explore(folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(json(&refused)["error"]["why"], "what mystery-9 costs is not known");
    let asked = json(&explore(folder.path(), &["--spend"]));
    assert_eq!((&asked["stop_reason"], &asked["cost_usd"]), (&json!("end_turn"), &Value::Null), "{asked}");
    let sent = server.requests();
    assert_eq!(sent.iter().filter(|request| request.starts_with("POST /v1/messages ")).count(), 1);
    // From then on no sum is known, so a model of known price is asked about as well.
    configure(folder.path(), &server, "claude-opus-5-5");
    let why = json(&explore(folder.path(), &[]))["error"]["why"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("1 earlier answers have no known price, so the cap can't be checked"), "{why}");
    let events = Store::open(&folder.path().join(".rationale")).unwrap().load().unwrap().0;
    assert!(shown(History::from_events(&events)).screen().contains("$0.00 + 1 unknown of $5.00"));
}
