//! What leaves the machine at the most careful level, through every task and after real runs: read from what was sent.

use rusqlite::Connection;

use rationale::domain::task::Task;

use crate::harness::{json, program};

/// A table whose cells are all secrets: categories, texts, numbers, and the names of the classes.
fn table() -> String {
    let mut text = String::from("plan,remark,amount,outcome\n");
    for row in 0..160u32 {
        let class = if (row * 7) % 10 < 4 { "Secretleft" } else { "Secretstayed" };
        text.push_str(&format!(
            "Secretplan{},\"Hush {} said twice\",{}.{},{class}\n",
            row % 3,
            row * 31 % 97,
            771_000 + row * 13 % 997,
            row % 10
        ));
    }
    text
}

#[test]
fn no_cell_is_in_any_request_at_the_level_of_the_schema_whatever_was_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("s.csv"), table()).unwrap();
    std::fs::write(path.join("curves.csv"), "epoch,loss\n1,0.5\n2,0.4\n3,0.3\n").unwrap();
    std::fs::write(path.join("old.py"), "import pandas as pd\ndf = pd.read_csv('x.csv')\nn = len(df)\n").unwrap();
    std::fs::write(
        path.join("rationale.toml"),
        "[data.\"s.csv\"]\ntarget = \"outcome\"\nproblem = \"binary\"\npositive = \"Secretleft\"\nmetric = \"roc_auc\"\nfolds = 3\nprivacy = \"schema\"\n",
    )
    .unwrap();
    for (task, setting) in [
        (Task::Explore, ""),
        (Task::Features, ""),
        (Task::Train, ""),
        (Task::Evaluate, ""),
        (Task::Search, "budget=4s"),
        (Task::Debug, "curves=curves.csv"),
        (Task::Clean, "strategy=aggressive"),
        (Task::Design, ""),
        (Task::Label, ""),
        (Task::Production, ""),
        (Task::Modernise, "legacy=old.py"),
        (Task::Pipeline, ""),
        (Task::Next, ""),
        (Task::Ask, ""),
    ] {
        let mut command = program(path);
        command.args(["ask", task.id(), "s.csv", "--problem", "what helps?", "--accept", "--run", "--json"]);
        if !setting.is_empty() {
            command.args(["--set", setting]);
        }
        let answer = json(&command.output().unwrap());
        assert!(answer["error"].is_null(), "{answer}");
    }
    let store = Connection::open(path.join(".rationale/history.sqlite")).unwrap();
    let mut events = store.prepare("SELECT payload FROM events WHERE kind = 'asked'").unwrap();
    let sent: Vec<String> = events.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(sent.len(), Task::ALL.len());
    for request in sent {
        // Names that are drawn or computed never leave, and may hold any digits.
        let mut request: serde_json::Value = serde_json::from_str(&request).unwrap();
        for name in ["recording", "request_hash", "frame"] {
            request[name] = serde_json::Value::Null;
        }
        let request = request.to_string();
        for secret in ["Secret", "Hush", "7710", "7715", "7719"] {
            let at = request.find(secret);
            let around = at.map(|at| request.get(at.saturating_sub(300)..(at + 60).min(request.len())));
            assert_eq!(at, None, "{secret} left the machine: {around:?}");
        }
    }
}
