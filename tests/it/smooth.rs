//! The workbench answers keys while a run wants all of the machine.

use std::path::Path;

use serde_json::json;

use crate::faulty::{End, Faulty, Reply};
use crate::program::Pty;
use crate::runs::{judged, survivors, wait_until};

/// An answer that proposes this code.
fn proposal(code: &str) -> Reply {
    let text =
        format!("## Hypothesis\n\nIt is busy.\n\n## Expected effect\n\nNone.\n\n```python path=model.py\n{code}```\n");
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 10, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 50}}),
        json!({"type": "message_stop"}),
    ];
    let lines: String =
        events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap())).collect();
    Reply::stream(&[&lines], End::Proper)
}

/// Whether code of the run is alive.
fn goes_on(folder: &Path) -> bool {
    survivors(folder).iter().any(|line| line.contains("runner.py"))
}

fn answers_keys_beside(code: &str) {
    let folder = judged();
    let server = Faulty::start(vec![proposal(code); 60]);
    std::fs::create_dir(folder.path().join("config")).unwrap();
    let config = format!(
        "endpoint = \"busy\"\n[run]\ntimeout_s = 600\noutput_mb = 10000\n[endpoints.busy]\nbase_url = \"{}\"\nmodel = \"m\"\nfree = true\ncount_tokens = false\ntools = false\n",
        server.url()
    );
    std::fs::write(folder.path().join("config/config.toml"), config).unwrap();
    let mut pty = Pty::start(folder.path(), 140, 40, "penguins.csv");
    pty.expect("bill_length");
    pty.expect("warnings");
    pty.type_in("t");
    pty.expect("an estimator for this data");
    pty.type_in("g\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\r");
    pty.expect("asks the price");
    pty.type_in("\r");
    pty.expect("what will leave");
    pty.type_in("\r");
    pty.expect("def build():");
    wait_until("it can be accepted", || pty.text().contains("accept"));
    pty.type_in("3a");
    pty.expect("ccepted");
    pty.type_in("x");
    // It is advised against: what it writes is left for the next fold.
    pty.expect("Before the run");
    pty.type_in("x");
    wait_until("the code is busy", || is_busy(folder.path()));
    for _ in 0..10 {
        pty.type_in("?");
        pty.expect(HELP);
        assert!(goes_on(folder.path()), "the run goes on");
        pty.type_in("\x1b");
        wait_until("help is closed", || !pty.text().contains(HELP));
        assert!(goes_on(folder.path()), "the run goes on");
    }
    // And it can be stopped by a key.
    pty.type_in("\x1b");
    wait_until("it asks whether to stop", || pty.text().contains("Stop the run?"));
    pty.type_in("y");
    wait_until("the run has ended", || !goes_on(folder.path()) && survivors(folder.path()).is_empty());
    pty.expect("stopped: it was stopped");
    pty.type_in("q");
    let (text, is_sane) = pty.end(folder.path());
    assert!(is_sane, "{text}");
}

/// What the code writes when it begins.
fn is_busy(folder: &Path) -> bool {
    let runs = std::fs::read_dir(folder.join(".rationale/runs")).into_iter().flatten().flatten();
    runs.into_iter().any(|run| {
        let folds = std::fs::read_dir(run.path()).into_iter().flatten().flatten();
        folds.into_iter().any(|fold| fold.path().join("busy").exists())
    })
}

const HELP: &str = "╭ Help";

#[test]
fn beside_a_loop_that_prints() {
    answers_keys_beside("def build():\n    open('busy', 'w').close()\n    while True:\n        print('x' * 100)\n");
}

/// A bomb that stays just below the limit of processes, so that nothing ends it.
#[test]
fn beside_a_bomb_of_processes() {
    let code = "import os\n\n\ndef build():\n    open('busy', 'w').close()\n    n_alive = 0\n    while True:\n        if n_alive == 200:\n            os.wait()\n            n_alive -= 1\n        if os.fork() == 0:\n            for _ in range(1_000_000):\n                pass\n            os._exit(0)\n        n_alive += 1\n";
    answers_keys_beside(code);
}
