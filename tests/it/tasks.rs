//! Every task on six data sets with the offline analyst: asked, accepted, run to its end. The table of docs/tasks.md is made
//! here: `RATIONALE_WRITE_DOCS=1 cargo test --test it -- tasks` writes it anew.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use serde_json::Value;

use rationale::domain::task::Task;

use crate::harness::{json, program, repository};

/// A data set: its name in the table, its file, its target, what it is.
pub const DATA: [(&str, &str, &str, &str); 6] = [
    ("demo", "churn.csv", "churned", "5,000 rows, 20 mixed columns, planted defects; binary"),
    ("penguins", "penguins.csv", "species", "344 rows, 8 columns; three classes"),
    ("houses", "houses.csv", "price", "420 rows, numbers and categories; regression"),
    ("reviews", "reviews.csv", "liked", "360 rows with a column of text; binary"),
    ("patients", "patients.csv", "relapse", "420 visits of 70 patients; binary, split by patient"),
    ("load", "load.csv", "load", "400 days in order; regression, split by time"),
];

/// A row of the table.
struct Line {
    task: &'static str,
    produced: String,
    seconds: f64,
}

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let share = (self.0 >> 11) as f64 / (1u64 << 53) as f64;
        share
    }

    /// About normal: twelve draws, as usual.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = (self.next() * from.len() as f64) as usize;
        from[at.min(from.len() - 1)]
    }
}

/// The text of a made data set; nothing for those that are bundled.
pub fn made(name: &str) -> Option<String> {
    let mut chance = Chance(7);
    let mut text = String::new();
    match name {
        "houses" => {
            text.push_str("area_m2,rooms,built,district,garden,heating,price\n");
            for _ in 0..420 {
                let area = (60.0 + 40.0 * chance.next() + 25.0 * chance.normal().abs()).round();
                let rooms = (area / 25.0 + chance.normal()).clamp(1.0, 9.0).round();
                let built = (1920.0 + 100.0 * chance.next()).round();
                let district = chance.pick(&["north", "south", "old town", "harbour"]);
                let garden = chance.pick(&["yes", "no"]);
                let heating = chance.pick(&["gas", "heat pump", "oil", ""]);
                let bonus = match district {
                    "old town" => 60.0,
                    "harbour" => 35.0,
                    _ => 0.0,
                };
                let price = 2.1 * area + bonus + (built - 1920.0) * 0.4 + 15.0 * chance.normal();
                text.push_str(&format!("{area},{rooms},{built},{district},{garden},{heating},{price:.1}\n"));
            }
        }
        "reviews" => {
            text.push_str("review,stars_before,shop,liked\n");
            let good = ["quick delivery", "works as described", "friendly help", "would buy again", "solid and quiet"];
            let bad =
                ["broke after a week", "late and damaged", "nobody answers", "smells of plastic", "want my money back"];
            let flat = [
                "arrived on Monday",
                "the box is blue",
                "bought it for my brother",
                "second one I own",
                "size is medium",
            ];
            for row in 0..360 {
                let likes = chance.next() < 0.45;
                let own = if likes { &good } else { &bad };
                let last = if chance.next() < 0.8 { own } else { &flat };
                let words = [chance.pick(own), chance.pick(&flat), chance.pick(last)];
                let stars = (3.0 + chance.normal()).clamp(1.0, 5.0).round();
                let shop = chance.pick(&["web", "store", "market"]);
                let liked = if chance.next() < 0.06 { !likes } else { likes };
                text.push_str(&format!(
                    "\"{}, number {row}\",{stars},{shop},{}\n",
                    words.join(", "),
                    if liked { "yes" } else { "no" }
                ));
            }
        }
        "patients" => {
            text.push_str("patient_id,visit,age,pressure,dose_mg,ward,relapse\n");
            for patient in 0..70 {
                let age = (45.0 + 12.0 * chance.normal()).clamp(18.0, 90.0).round();
                let ward = chance.pick(&["a", "b", "c"]);
                let frailty = chance.normal();
                for visit in 1..=6 {
                    let pressure = (120.0 + 10.0 * frailty + 8.0 * chance.normal()).round();
                    let dose = (20.0 + 5.0 * chance.normal()).max(0.0).round();
                    let logit = 0.9 * frailty + 0.04 * (pressure - 120.0) - 0.05 * (dose - 20.0) - 0.4;
                    let relapse = u8::from(chance.next() < 1.0 / (1.0 + (-logit).exp()));
                    text.push_str(&format!("P{patient:03},{visit},{age},{pressure},{dose},{ward},{relapse}\n"));
                }
            }
        }
        "load" => {
            text.push_str("date,temperature,holiday,price_before,load\n");
            for day in 0..400i32 {
                let date = jiff::civil::date(2025, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
                let season = (f64::from(day) / 365.0 * std::f64::consts::TAU).cos();
                let temperature = 12.0 - 10.0 * season + 3.0 * chance.normal();
                let holiday = if day % 7 >= 5 { "yes" } else { "no" };
                let price = 50.0 + 8.0 * chance.normal();
                let load = 400.0 - 6.0 * temperature - if day % 7 >= 5 { 60.0 } else { 0.0 } + 15.0 * chance.normal();
                text.push_str(&format!("{date},{temperature:.1},{holiday},{price:.2},{load:.1}\n"));
            }
        }
        _ => return None,
    }
    Some(text)
}

/// Old code for a data set: Python 2 and libraries as they were, its outputs named.
fn legacy(target: &str) -> String {
    format!(
        "import pandas as pd\nimport numpy as np\nfrom sklearn.cross_validation import train_test_split\nfrom sklearn.preprocessing import Imputer\nfrom sklearn.linear_model import LinearRegression\n\ndf = pd.read_csv('/srv/old/data.csv')\ny = pd.factorize(df['{target}'])[0].astype(np.float)\nnumbers = df.drop('{target}', axis=1).select_dtypes(include=[np.number])\nX = Imputer(missing_values='NaN', strategy='mean', axis=0).fit_transform(numbers.as_matrix())\nX_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=3)\nmodel = LinearRegression()\nmodel.fit(X_train, y_train)\npredicted = model.predict(X_test)\nerror = np.mean(np.abs(predicted - y_test))\nprint \"error:\", error\n"
    )
}

const CURVES: &str = "epoch,loss,val_loss\n1,0.92,1.01\n2,0.71,0.84\n3,0.58,0.75\n4,0.49,0.70\n5,0.42,0.68\n6,0.36,0.67\n7,0.31,0.69\n8,0.26,0.72\n9,0.22,0.76\n10,0.19,0.81\n11,0.16,0.86\n12,0.14,0.92\n";

/// In an order in which each finds what it needs; a report and a checklist are about a run that is there.
const ORDER: [(Task, &[&str]); 14] = [
    (Task::Explore, &[]),
    (Task::Design, &["problem=Decide whom to call first.", "constraints=one row within 100 ms"]),
    (Task::Clean, &["strategy=both"]),
    (Task::Label, &[]),
    (Task::Features, &["constraints=each feature under 100 ms per row"]),
    (Task::Train, &[]),
    (Task::Evaluate, &[]),
    (Task::Search, &["budget=8s"]),
    (Task::Debug, &["curves=curves.csv", "symptoms=validation gets worse"]),
    (Task::Next, &[]),
    (Task::Production, &["latency_ms=500"]),
    (Task::Modernise, &["legacy=legacy.py"]),
    (Task::Ask, &[]),
    (Task::Pipeline, &["framework=sklearn"]),
];

/// What came of an answer, in a few words that are the same every time.
fn produced(folder: &Path, task: Task, answer: &Value) -> String {
    let run = &answer["run"];
    let findings = &run["findings"];
    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
    let of = |kind: &str| {
        findings["parts"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|part| part["kind"] == kind)
            .cloned()
            .collect::<Vec<_>>()
    };
    let measured =
        |parts: &[Value]| parts.iter().all(|part| part["difference"].is_number() && part["interval"].is_array());
    let score = || {
        assert!(run["metrics"][run["primary_metric"].as_str().unwrap()]["mean"].is_number(), "{run}");
        assert!(run["verdict"]["label"].is_string());
    };
    match task {
        Task::Explore | Task::Ask => "answer".to_owned(),
        Task::Design => {
            score();
            "plan, model.py, README.md; verdict".to_owned()
        }
        Task::Clean => {
            if run.is_null() {
                return "nothing to repair".to_owned();
            }
            score();
            let (steps, stacks) = (of("step"), of("stack"));
            assert!(measured(&steps) && !steps.is_empty(), "{steps:?}");
            format!("{} steps, {} stacks, each measured", steps.len(), stacks.len())
        }
        Task::Label => "labels.toml, guidelines.md".to_owned(),
        Task::Features => {
            score();
            let features = of("feature");
            assert!(measured(&features) && !features.is_empty(), "{features:?}");
            assert!(features.iter().all(|part| part["us_per_row"].as_f64().unwrap() < 100_000.0));
            format!("{} features, each measured and timed", features.len())
        }
        Task::Train | Task::Next => {
            score();
            "model.py; verdict".to_owned()
        }
        Task::Evaluate => {
            assert!(count(&findings["summary"]) >= 4, "{findings}");
            let report = folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("report/report.md");
            assert!(std::fs::read_to_string(&report).unwrap().contains("## Metrics"));
            says_why_two_scores_differ(&report.with_extension("json"));
            let figures = run["artefacts"].as_array().unwrap();
            let drawn = figures.iter().filter(|path| path.as_str().unwrap().contains("report/figures/")).count();
            assert!(drawn >= 3, "{figures:?}");
            "report with figures".to_owned()
        }
        Task::Search => {
            score();
            assert!(count(&findings["trials"]) > 0 && !findings["best"].as_object().unwrap().is_empty());
            "trials, best configuration; verdict".to_owned()
        }
        Task::Debug => {
            assert!(!run["reported_by_script"].as_object().unwrap().is_empty(), "{run}");
            assert!(answer["text"].as_str().unwrap().contains("## Cause 1"));
            let runs = answer["more_runs"].as_array().unwrap();
            assert!(runs.iter().all(|run| run["status"] == "finished"), "{runs:?}");
            "ranked causes, checks run, a fix with its verdict".to_owned()
        }
        Task::Production => {
            assert_eq!(count(&findings["checks"]), 9, "{findings}");
            assert!(
                folder.join(".rationale/runs").join(run["run_id"].as_str().unwrap()).join("model_card.md").exists()
            );
            "checklist, 9 items computed, model card".to_owned()
        }
        Task::Modernise => {
            let checks = findings["checks"].as_array().unwrap();
            assert!(checks.iter().any(|check| check["standing"] == "pass"), "{checks:?}");
            assert!(checks.iter().all(|check| check["standing"] != "fail"), "{checks:?}");
            "specification, modern.py, outputs agree".to_owned()
        }
        Task::Pipeline => {
            score();
            let checks = findings["checks"].as_array().unwrap();
            assert!(checks.iter().all(|check| check["standing"] == "pass"), "{checks:?}");
            "folder, its tests pass; verdict".to_owned()
        }
    }
}

/// All tasks on one data set.
fn lines(at: usize) -> &'static [Line] {
    static DONE: [OnceLock<Vec<Line>>; 6] = [const { OnceLock::new() }; 6];
    DONE[at].get_or_init(|| {
        let (name, file, target, _) = DATA[at];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        match made(name) {
            Some(text) => std::fs::write(path.join(file), text).unwrap(),
            None => drop(std::fs::copy(repository().join("assets").join(file), path.join(file)).unwrap()),
        }
        std::fs::write(path.join("legacy.py"), legacy(target)).unwrap();
        std::fs::write(path.join("curves.csv"), CURVES).unwrap();
        let before = std::fs::read(path.join(file)).unwrap();
        let done = ORDER
            .iter()
            .map(|(task, settings)| {
                let mut command = program(path);
                command.args(["ask", task.id(), file, "--target", target, "--accept", "--run", "--json"]);
                if *task == Task::Ask {
                    command.args(["--problem", &format!("What is known of {target}, and which result is best?")]);
                }
                for setting in settings.iter().copied() {
                    command.args(["--set", setting]);
                }
                let begun = Instant::now();
                let output = command.output().unwrap();
                let seconds = begun.elapsed().as_secs_f64();
                let answer = json(&output);
                let place = format!("{name} {}: {answer}\n{}", task.id(), String::from_utf8_lossy(&output.stderr));
                assert_eq!(output.status.code(), Some(0), "{place}");
                assert_eq!(answer["decision"], "accepted", "{place}");
                assert_eq!(answer["warnings"], Value::Array(Vec::new()), "{place}");
                if !answer["run"].is_null() {
                    assert_eq!(answer["run"]["status"], "finished", "{place}");
                }
                Line { task: task.id(), produced: produced(path, *task, &answer), seconds }
            })
            .collect();
        assert_eq!(std::fs::read(path.join(file)).unwrap(), before, "{file} was written to");
        manifest(path, file);
        done
    })
}

/// The project's document names every experiment, and every link of it leads somewhere.
fn manifest(folder: &Path, file: &str) {
    let kept = std::fs::read_to_string(folder.join(".rationale/MANIFEST.md")).unwrap();
    let output = program(folder).args(["export", "manifest"]).output().unwrap();
    let exported = String::from_utf8(output.stdout).unwrap();
    for text in [&kept, &exported] {
        assert!(text.starts_with(&format!("# {file}\n")), "{text}");
        let sections: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(
            sections,
            [
                "Data and question",
                "Where it stands",
                "Data steps",
                "Features",
                "Models and results",
                "Insights",
                "Decisions",
                "Open questions",
                "Experiments"
            ]
        );
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert!(names.len() >= ORDER.len(), "{names:?}");
        for part in text.split("](#").skip(1) {
            let name = part.split(')').next().unwrap();
            assert!(names.contains(&name), "a link to {name} leads nowhere");
        }
    }
}

/// The score over all rows and the mean over the folds stand on one page: where they differ, it says why; and no segment
/// holds most of the rows.
fn says_why_two_scores_differ(report: &Path) {
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let folds: Vec<f64> = report["folds"].as_array().unwrap().iter().map(|score| score.as_f64().unwrap()).collect();
    let mean = rationale::domain::run::mean_std(&folds).0;
    let pooled = report["metrics"][report["metric"].as_str().unwrap()]["value"].as_f64().unwrap();
    let said = report["summary"].as_array().unwrap().iter().filter_map(Value::as_str);
    let said = said.filter_map(|line| line.strip_prefix("The history shows ")).collect::<Vec<&str>>();
    if (pooled - mean).abs() > 1e-3 * mean.abs() {
        let (number, why) = said[0].split_once(": ").unwrap();
        assert!((number.parse::<f64>().unwrap() - mean).abs() <= 1e-3 * mean.abs(), "{said:?}, not {mean}");
        assert!(why.contains(&format!("within each of {} folds, in the mean", folds.len())), "{said:?}");
    }
    let n_rows = report["n_rows"].as_u64().unwrap();
    for segment in report["segments"].as_array().into_iter().flatten() {
        assert!(2 * segment["n"].as_u64().unwrap() <= n_rows, "{segment}");
    }
}

#[test]
fn every_task_on_the_demo() {
    assert_eq!(lines(0).len(), Task::ALL.len());
}

#[test]
fn every_task_on_penguins() {
    assert_eq!(lines(1).len(), Task::ALL.len());
}

#[test]
fn every_task_on_a_regression() {
    assert_eq!(lines(2).len(), Task::ALL.len());
}

#[test]
fn every_task_on_a_column_of_text() {
    assert_eq!(lines(3).len(), Task::ALL.len());
}

#[test]
fn every_task_on_groups_of_rows() {
    assert_eq!(lines(4).len(), Task::ALL.len());
}

#[test]
fn every_task_on_rows_in_order_of_time() {
    assert_eq!(lines(5).len(), Task::ALL.len());
}

/// The table, its seconds as they were measured now.
fn table() -> String {
    let mut text = String::from(
        "# Every task, on six data sets\n\nMade by `RATIONALE_WRITE_DOCS=1 cargo test --test it -- tasks` with the offline analyst: each task was asked on the command line,\nits answer accepted, and what it proposes run to its end. The seconds are those of one run of that test on 2 cores, other tests\nbeside it; everything else is compared with this page whenever the tests run.\n\n",
    );
    for (name, file, target, about) in DATA {
        text.push_str(&format!("- **{name}**: {about}; `{target}` of `{file}`.\n"));
    }
    text.push_str("\n| task | data | result | seconds | what was produced |\n|---|---|---|---:|---|\n");
    for task in Task::ALL {
        for (at, (name, ..)) in DATA.iter().enumerate() {
            for line in lines(at).iter().filter(|line| line.task == task.id()) {
                text.push_str(&format!(
                    "| {} | {name} | pass | {:.1} | {} |\n",
                    line.task, line.seconds, line.produced
                ));
            }
        }
    }
    text
}

fn without_seconds(text: &str) -> Vec<String> {
    let cells = |line: &str| {
        let mut cells: Vec<String> = line.split('|').map(ToOwned::to_owned).collect();
        if cells.len() == 7 && cells[3].trim() == "pass" {
            cells[4].clear();
        }
        cells.join("|")
    };
    text.lines().map(cells).collect()
}

#[test]
fn the_table_in_the_documents_is_what_was_seen() {
    let path = repository().join("docs/tasks.md");
    let now = table();
    if std::env::var_os("RATIONALE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert_eq!(without_seconds(&kept), without_seconds(&now));
}
