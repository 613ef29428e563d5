//! Every pane and overlay, empty, loading, full, failed, at three sizes.

use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::failure::Failure;
use rationale::domain::run::{Fold, Level};
use rationale::domain::run_event::RunEvent;
use rationale::domain::turn::BlockKind;
use rationale::text::RawText;
use rationale::ui::theme::{Depth, NAMES};

use crate::harness::{Harness, SIZES, question};

/// Compares a screen with the one that was looked at.
fn check(name: &str, bench: &mut Harness) {
    let (columns, rows) = bench.model.layout.size();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), bench.screen());
    });
}

#[test]
fn welcome() {
    for (columns, rows) in SIZES {
        check("welcome", &mut Harness::new(columns, rows));
    }
}

#[test]
fn opening_and_not_opened() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::new(columns, rows);
        bench.send(Msg::Open("train.parquet".into()));
        bench.wait(3_000);
        check("opening", &mut bench);
        bench.report(JobEvent::Failed(Failure::input(
            "train.parquet",
            "it is not a whole parquet file",
            "write it again, or open another",
        )));
        check("not-opened", &mut bench);
    }
}

#[test]
fn data_before_and_after_it_is_known() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::new(columns, rows);
        bench.send(Msg::Open("penguins.csv".into()));
        let (source, page, _, _) = crate::harness::penguins();
        bench.report(JobEvent::Opened(Box::new(source), page));
        check("data-loading", &mut bench);
        let mut bench = Harness::with_data(columns, rows);
        bench.keys("right right right down");
        check("data-known", &mut bench);
    }
}

#[test]
fn the_framing_as_a_form() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::with_data(columns, rows);
        bench.keys("F down down");
        check("frame", &mut bench);
        bench.keys("c down down enter");
        check("frame-columns", &mut bench);
    }
}

#[test]
fn asking() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("t");
        check("tasks", &mut bench);
        bench.keys("g down down down down down enter");
        check("form", &mut bench);
        bench.keys("enter");
        bench.report(JobEvent::Priced(Box::new(question())));
        check("price", &mut bench);
        bench.keys("enter");
        bench.wait(2_000);
        check("asking-waiting", &mut bench);
        bench.report(JobEvent::Waiting { attempt: 2, wait_ms: 7_000, why: "rate limit".into() });
        check("asking-retry", &mut bench);
        bench.report(JobEvent::Connected);
        bench.stream(0, BlockKind::Thinking, "### The columns\n\n- **bill_length_mm** separates Adelie from the others, so a single cut is nearly enough\n- `sex` has gaps\n");
        bench.wait(1_000);
        check("asking-live", &mut bench);
    }
}

#[test]
fn reviewing() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::reviewing(columns, rows);
        check("reviewing", &mut bench);
        bench.keys("r");
        check("reject", &mut bench);
        bench.keys("esc e");
        bench.type_text("x");
        check("editing", &mut bench);
        bench.keys("enter esc d");
        check("diff", &mut bench);
    }
}

#[test]
fn running() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("x");
        bench.report(JobEvent::Environment("Collecting numpy".into()));
        check("environment", &mut bench);
        bench.report(JobEvent::RunStarted {
            experiment: "e1".into(),
            run_id: "20261123-100000-abcdef".into(),
            level: Level::Standard,
            ran_ms: 0,
        });
        bench.report(JobEvent::Run(RunEvent::Stage { text: "running".into() }));
        bench.report(JobEvent::Run(RunEvent::Output { fold: 0, line: RawText::new("epoch 1 loss 0.5") }));
        let metrics = [("balanced_accuracy".to_owned(), Some(0.98))].into();
        bench.report(JobEvent::Run(RunEvent::FoldFinished {
            fold: Fold { fold: 0, n_train: 220, n_valid: 55, metrics, fit_s: None, predict_s: None },
        }));
        bench.wait(5_000);
        check("running", &mut bench);
    }
}

#[test]
fn overlays() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("?");
        check("help", &mut bench);
        bench.keys("esc :");
        bench.type_text("pane");
        check("palette", &mut bench);
        bench.keys("esc i");
        bench.type_text("keep it explainable");
        check("prompt", &mut bench);
    }
}

#[test]
fn a_metric_of_ones_own_and_scores_that_stand_apart() {
    for (columns, rows) in SIZES.into_iter().chain([(80, 24)]) {
        check("metric-new", &mut crate::evaluator::asked_to_approve(columns, rows, false));
        check("metric-changed", &mut crate::evaluator::asked_to_approve(columns, rows, true));
        let mut bench = crate::evaluator::apart(columns, rows);
        check("apart", &mut bench);
        bench.keys("4 z");
        check("apart-zoomed", &mut bench);
    }
}

#[test]
fn answers_in_their_parts_and_the_stages() {
    use rationale::domain::task::Task;
    for (columns, rows) in SIZES {
        let mut bench = crate::sheets::answered(columns, rows, Task::Clean, crate::sheets::CLEAN);
        check("sheet-clean", &mut bench);
        let mut bench = crate::sheets::answered(columns, rows, Task::Production, crate::sheets::CHECKLIST);
        check("sheet-checklist", &mut bench);
        bench.keys("enter");
        check("note", &mut bench);
        let mut bench = crate::sheets::answered(columns, rows, Task::Debug, crate::sheets::CAUSES);
        let curves =
            rationale::domain::curves::parse("epoch,loss,val_loss\n1,0.9,1.0\n2,0.5,0.8\n3,0.3,0.9\n4,0.2,1.1\n");
        bench.model.meter.asked.as_mut().unwrap().curves = curves;
        check("sheet-causes", &mut bench);
        let mut bench = crate::sheets::answered(columns, rows, Task::Features, "I would look at the ages.");
        check("sheet-missing", &mut bench);
        bench.keys("S");
        check("stages", &mut bench);
    }
}

#[test]
fn zoom_gives_a_pane_the_whole_screen() {
    for (columns, rows) in SIZES {
        let mut bench = Harness::framed(columns, rows);
        bench.keys("z");
        check("zoom", &mut bench);
    }
}

#[test]
fn a_window_that_is_too_small_is_told_so_politely() {
    let mut bench = Harness::framed(40, 10);
    check("small", &mut bench);
}

#[test]
fn no_size_makes_it_panic() {
    let mut bench = Harness::reviewing(100, 30);
    for columns in (0..=200).step_by(9) {
        for rows in (0..=60).step_by(5) {
            bench.send(Msg::Resized(columns, rows));
            for key in ["1", "2", "3", "4", "?", "esc", "w", "esc", "F", "esc", ":", "esc", "z", "z"] {
                bench.keys(key);
                bench.buffer();
            }
        }
    }
}

#[test]
fn a_warm_cache_draws_what_a_cold_one_draws() {
    let mut warm = Harness::reviewing(160, 48);
    warm.buffer();
    warm.keys("e");
    warm.type_text("a = 1");
    warm.keys("enter esc");
    let mut cold = Harness::reviewing(160, 48);
    cold.keys("e");
    cold.type_text("a = 1");
    cold.keys("enter esc");
    assert_eq!(warm.buffer(), cold.buffer());
}

#[test]
fn without_colours_nothing_is_coloured_and_the_words_are_the_same() {
    let mut bench = Harness::reviewing(160, 48);
    let colored = crate::harness::text_of(&bench.buffer_in("dark", Depth::True));
    let plain = bench.buffer_in("dark", Depth::None);
    assert_eq!(crate::harness::text_of(&plain), colored);
    assert!(
        plain
            .content()
            .iter()
            .all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset)
    );
}

#[test]
fn themes_change_roles_and_never_places() {
    let mut bench = Harness::reviewing(160, 48);
    let texts: Vec<String> =
        NAMES.iter().map(|name| crate::harness::text_of(&bench.buffer_in(name, Depth::True))).collect();
    assert!(texts.iter().all(|text| *text == texts[0]));
}
