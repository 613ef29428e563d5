//! The loop as a user lives it: keys, reports, and what is asked of the world.

use rationale::app::effect::{Effect, Job};
use rationale::app::layout::Pane;
use rationale::app::msg::{JobEvent, Msg};
use rationale::app::overlay::Overlay;
use rationale::app::phase::Phase;
use rationale::domain::experiment::{Decision, Event, Stamped};
use rationale::domain::failure::Failure;
use rationale::domain::run::{CodeFile, FileKind, Level};
use rationale::domain::task::Task;
use rationale::domain::turn::{BlockKind, StopReason, StreamEvent};
use rationale::safe;
use rationale::text::RawText;

use crate::harness::{ANSWER, Harness, asked, question};

#[test]
fn opening_reads_a_page_then_the_history_then_profiles_every_column_and_looks_after_the_history() {
    let bench = Harness::with_data(100, 30);
    let jobs: Vec<Job> = bench.jobs().into_iter().map(|(_, job)| job).collect();
    assert_eq!(jobs, [Job::Open("penguins.csv".into()), Job::Load, Job::Profile, Job::Watch(0)]);
    assert!(matches!(bench.model.phase, Phase::Ready));
}

#[test]
fn one_key_accepts_the_whole_framing_and_seals_the_holdout() {
    let mut bench = Harness::with_data(100, 30);
    bench.keys("t"); // before the question is fixed, asking leads to fixing it
    let Some(Overlay::Frame { proposal, .. }) = &bench.model.overlay else { panic!("no form") };
    let proposed = proposal.framing.clone();
    bench.keys("a");
    assert_eq!(bench.last_job(), Some(Job::Frame(Box::new(proposed.clone()))));
    bench.report(JobEvent::Framed(69, None));
    assert_eq!(bench.model.framing.framing, Some(proposed));
    assert!(bench.screen().contains("69 rows are sealed"));
}

#[test]
fn another_target_is_looked_into_before_it_can_be_accepted() {
    let mut bench = Harness::with_data(100, 30);
    bench.keys("F right");
    assert_eq!(bench.last_job(), Some(Job::Target(1)));
    bench.keys("a");
    assert!(bench.screen().contains("the new target is still being looked into"));
    assert!(bench.model.framing.framing.is_none());
}

#[test]
fn the_price_is_shown_before_anything_is_asked_and_the_bytes_can_be_opened() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t g down down down down down enter enter");
    assert!(matches!(bench.last_job(), Some(Job::Price { task: Task::Train, .. })));
    bench.report(JobEvent::Priced(Box::new(question())));
    let screen = bench.screen();
    assert!(screen.contains("1,200 tokens") && screen.contains("free"), "{screen}");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Ask { .. })));
    bench.keys("v");
    assert!(bench.screen().contains(r#"{"model":"rationale-rules-1"}"#));
    bench.keys("esc esc");
    assert!(bench.model.overlay.is_none() && !bench.jobs().iter().any(|(_, job)| matches!(job, Job::Ask { .. })));
}

#[test]
fn a_price_that_is_unknown_or_passes_the_cap_is_said_before_asking() {
    for (most, said) in [
        (None, "costs is not known"),
        (Some(6.0), "may pass the spending cap of $5.00"),
        (Some(4.5), "more than four fifths of the cap"),
    ] {
        let mut bench = Harness::framed(100, 30);
        bench.keys("t enter enter");
        let mut question = question();
        question.most_usd = most;
        bench.report(JobEvent::Priced(Box::new(question)));
        let screen = bench.screen();
        assert!(screen.contains(said), "{screen}");
    }
}

#[test]
fn thinking_streams_and_code_appears_while_it_is_written() {
    let mut bench = Harness::framed(160, 48);
    bench.keys("t g down down down down down enter enter");
    bench.report(JobEvent::Priced(Box::new(question())));
    bench.keys("enter");
    assert!(bench.screen().contains("waiting for the server"));
    bench.report(JobEvent::Connected);
    bench.stream(0, BlockKind::Thinking, "Bill length **separates** two species.\n");
    bench.report(JobEvent::Stream(StreamEvent::BlockStarted { index: 1, kind: BlockKind::Text }));
    bench.report(JobEvent::Stream(StreamEvent::Delta {
        index: 1,
        text: RawText::new("Here:\n```python path=model.py\ndef build():\n    ret"),
    }));
    let screen = bench.screen();
    assert!(screen.contains("Bill length separates two species."), "{screen}");
    assert!(screen.contains("model.py · being written") && screen.contains("1   def build():"), "{screen}");
    bench.wait(4_000);
    assert!(bench.screen().contains("silent for 0:04"));
}

#[test]
fn stopping_keeps_what_came_and_shows_it_at_once() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t g down down down down down enter enter");
    bench.report(JobEvent::Priced(Box::new(question())));
    bench.keys("enter");
    bench.stream(0, BlockKind::Thinking, "half a thought");
    let (id, _) = bench.jobs().pop().unwrap();
    bench.keys("esc");
    assert_eq!(bench.effects.last(), Some(&Effect::Stop(id)));
    assert!(bench.screen().contains("stopping"));
    let mut broken = asked("", StopReason::Interrupted);
    broken.broken = Some("you stopped it".into());
    bench.report(JobEvent::Answered(Box::new(broken)));
    bench.keys("2");
    let screen = bench.screen();
    assert!(
        screen.contains("half a thought") && screen.contains("interrupted: you stopped it; what came is kept"),
        "{screen}"
    );
}

#[test]
fn what_was_approved_is_what_runs_byte_for_byte() {
    let mut bench = Harness::reviewing(100, 30);
    let file = CodeFile {
        path: "model.py".into(),
        kind: FileKind::Model,
        code: RawText::new(ANSWER.split("model.py\n").nth(1).unwrap().split("```").next().unwrap()),
    };
    bench.keys("x");
    assert!(bench.screen().contains("accept it first: a"));
    bench.keys("a");
    assert_eq!(
        bench.last_job(),
        Some(Job::Decide {
            experiment: "e3".into(),
            decision: Decision::Accepted,
            reason: None,
            files: vec![file.clone()],
            hunks: Vec::new(),
        })
    );
    // The decision is on disk before the run can start.
    bench.keys("x");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. })));
    bench.report(JobEvent::Decided);
    bench.keys("x");
    assert_eq!(bench.last_job(), Some(Job::Run { experiment: "e3".into(), files: vec![file] }));
}

#[test]
fn a_rejection_carries_its_reason() {
    let mut bench = Harness::reviewing(100, 30);
    bench.keys("r");
    bench.type_text("too few trees");
    bench.keys("enter");
    let expected = Job::Decide {
        experiment: "e3".into(),
        decision: Decision::Rejected,
        reason: Some("too few trees".into()),
        files: Vec::new(),
        hunks: Vec::new(),
    };
    assert_eq!(bench.last_job(), Some(expected));
    bench.report(JobEvent::Decided);
    bench.keys("x");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. })), "what was rejected does not run");
}

#[test]
fn an_edit_is_approved_as_an_edit_and_a_later_one_needs_another_decision() {
    let mut bench = Harness::reviewing(100, 30);
    bench.keys("e");
    bench.type_text("# mine");
    bench.keys("enter esc a");
    let Some(Job::Decide { decision, files, .. }) = bench.last_job() else { panic!("no decision") };
    assert_eq!(decision, Decision::Edited);
    assert!(files[0].code.expose().starts_with("# mine\nfrom sklearn"));
    bench.report(JobEvent::Decided);
    bench.send(Msg::Edited { path: "model.py".into(), code: "def build():\n    return None\n".into() });
    bench.keys("x");
    assert!(
        !bench.jobs().iter().any(|(_, job)| matches!(job, Job::Run { .. })),
        "bytes that nobody approved do not run"
    );
}

#[test]
fn code_that_was_cut_off_cannot_be_accepted() {
    let mut bench = Harness::framed(100, 30);
    bench.ask("## Hypothesis\n\nx\n\n```python path=model.py\ndef build():\n", StopReason::MaxTokens);
    bench.keys("a");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Decide { .. })));
    assert!(bench.screen().contains("it can't be accepted: cut off at the token limit"));
}

#[test]
fn hidden_characters_are_shown_and_need_a_second_key() {
    let mut bench = Harness::framed(100, 30);
    bench.ask(
        "Hypothesis: x\n```python path=model.py\ndef build():\n    return \"a\u{202E}b\"\n```\n",
        StopReason::EndTurn,
    );
    assert!(bench.screen().contains("⟨U+202E⟩"));
    bench.keys("a");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Decide { .. })));
    bench.keys("y");
    assert!(matches!(bench.last_job(), Some(Job::Decide { decision: Decision::Accepted, .. })));
}

#[test]
fn a_name_of_two_alphabets_is_pointed_out_and_needs_a_second_key() {
    let mut bench = Harness::framed(160, 48);
    bench.ask("Hypothesis: x\n```python path=model.py\ndef build():\n    рrint(1)\n```\n", StopReason::EndTurn);
    let screen = bench.screen();
    assert!(screen.contains("“рrint” mixes alphabets: р is U+0440"), "{screen}");
    bench.keys("a");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Decide { .. })));
    bench.keys("y");
    assert!(matches!(bench.last_job(), Some(Job::Decide { decision: Decision::Accepted, .. })));
}

#[test]
fn the_first_run_is_a_baseline_and_no_model_is_asked_for_it() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("x");
    assert_eq!(bench.last_job(), Some(Job::Baselines));
    bench.report(JobEvent::RunStarted {
        experiment: "e1".into(),
        run_id: "r1".into(),
        level: Level::Standard,
        ran_ms: 0,
    });
    assert!(bench.screen().contains("sandbox standard"));
    let (id, _) = bench.jobs().pop().unwrap();
    // One Esc loses no run: it asks, and n or another Esc leaves it be.
    bench.keys("esc");
    assert!(bench.screen().contains("Stop the run?"), "{}", bench.screen());
    bench.keys("esc esc n esc");
    assert!(!bench.effects.contains(&Effect::Stop(id)));
    bench.keys("y");
    assert_eq!(bench.effects.last(), Some(&Effect::Stop(id)));
}

#[test]
fn who_is_asked_whether_to_stop_can_send_the_run_to_the_background() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("x");
    let (id, _) = bench.jobs().pop().unwrap();
    bench.report(JobEvent::RunStarted {
        experiment: "e1".into(),
        run_id: "r1".into(),
        level: Level::Standard,
        ran_ms: 0,
    });
    bench.keys("esc &");
    assert!(bench.model.overlay.is_none() && bench.model.jobs.is_alive(id));
    assert!(!bench.effects.contains(&Effect::Stop(id)));
    // What ended while the question stood is not stopped.
    bench.keys("& esc");
    bench.report(JobEvent::RunsEnded);
    bench.keys("y");
    assert!(!bench.effects.contains(&Effect::Stop(id)), "{:?}", bench.effects);
}

#[test]
fn a_late_report_of_a_cancelled_job_changes_nothing() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("t enter enter");
    let (id, _) = bench.jobs().pop().unwrap();
    bench.keys("esc");
    assert_eq!(bench.effects.last(), Some(&Effect::Cancel(id)));
    let before = bench.screen();
    bench.send(Msg::Job { id, event: JobEvent::Priced(Box::new(question())) });
    assert!(bench.model.overlay.is_none());
    assert_eq!(bench.screen(), before);
}

#[test]
fn a_failure_appears_where_it_happened() {
    let mut bench = Harness::new(100, 30);
    bench.send(Msg::Open("gone.csv".into()));
    bench.report(JobEvent::Failed(Failure::input("gone.csv", "there is no such file", "check the path")));
    assert!(bench.screen().contains("gone.csv: there is no such file – check the path"));

    let mut bench = Harness::framed(100, 30);
    bench.keys("t enter enter");
    bench.report(JobEvent::Failed(Failure::work("endpoint anthropic", "rate limit", "wait a little")));
    assert_eq!(bench.model.layout.focused(), Pane::Thinking);
    assert!(bench.screen().contains("endpoint anthropic: rate limit – wait a little"));
}

#[test]
fn leaving_while_something_goes_on_asks_once() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("x q");
    assert_ne!(bench.effects.last(), Some(&Effect::Quit));
    assert!(bench.screen().contains("A run goes on, and will without the workbench"));
    bench.keys("y");
    assert_eq!(bench.effects.last(), Some(&Effect::Quit));
    let mut idle = Harness::framed(100, 30);
    idle.keys("q");
    assert_eq!(idle.effects.last(), Some(&Effect::Quit));
}

#[test]
fn the_second_ctrl_c_within_a_moment_leaves() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("ctrl-c");
    bench.wait(2_000);
    bench.keys("ctrl-c");
    assert_ne!(bench.effects.last(), Some(&Effect::Quit));
    bench.keys("ctrl-c");
    assert_eq!(bench.effects.last(), Some(&Effect::Quit));
}

#[test]
fn a_paste_never_sends_anything_off() {
    let mut bench = Harness::framed(100, 30);
    bench.send(Msg::Paste("predict it\r\ny\r\n\x1b[31mq".into()));
    let Some(Overlay::Prompt { editor, .. }) = &bench.model.overlay else { panic!("no prompt") };
    assert_eq!(editor.text(), "predict it\ny\n[31mq\n");
    assert!(!bench.jobs().iter().any(|(_, job)| matches!(job, Job::Price { .. })));
}

#[test]
fn words_of_the_user_travel_with_the_question() {
    let mut bench = Harness::framed(100, 30);
    bench.keys("i");
    bench.type_text("keep it explainable");
    bench.keys("shift-tab tab enter");
    let Some(Job::Price { task, wish, .. }) = bench.last_job() else { panic!("no question") };
    assert_eq!((task, wish.request.as_str()), (Task::Ask, "keep it explainable"));
    bench.keys("esc i tab enter");
    assert!(matches!(bench.last_job(), Some(Job::Price { task: Task::Explore, .. })));
}

#[test]
fn a_warning_leads_to_its_rows() {
    let mut bench = Harness::with_data(100, 30);
    let mut warning = rationale::domain::warning::Warning {
        id: "outliers",
        severity: rationale::domain::warning::Severity::Low,
        columns: vec![5],
        message: "body_mass_g has 2 values far outside".into(),
        metric: "far_out_share",
        value: 0.01,
        rows: vec![120, 130],
    };
    bench.model.dataset.warnings = vec![warning.clone()];
    bench.keys("w enter");
    assert_eq!(bench.model.dataset.cursor, (120, 5));
    assert!(bench.screen().contains("for example rows 120, 130"));
    warning.rows.clear();
}

#[test]
fn scrolling_past_the_window_asks_for_the_next_one() {
    let mut bench = Harness::with_data(100, 30);
    bench.keys("G");
    assert_eq!(bench.model.dataset.cursor.0, 343);
    let Some(Job::Page { first_row, n, rows: None }) = bench.last_job() else { panic!("no page") };
    assert!(first_row <= 323 && first_row + n as u64 >= 344, "{first_row} {n}");
}

#[test]
fn the_history_grows_with_what_is_written_to_disk() {
    let mut bench = Harness::framed(160, 48);
    let event = Event::Brought {
        experiment: "e1".into(),
        task: "baseline".into(),
        data: "penguins.csv".into(),
        frame: "f".into(),
        hypothesis: RawText::new("baseline: majority"),
        files: Vec::new(),
    };
    bench.send(Msg::Recorded(Box::new(Stamped { seq: 1, at: "2026-11-23T10:00:00Z".into(), event })));
    assert!(bench.screen().contains("baseline: majority"));
    bench.keys("4 enter");
    assert!(bench.screen().contains("begun: 23 Nov 2026, 10:00 UTC"));
}

#[test]
fn an_answer_that_was_broken_off_before_is_offered_and_not_run() {
    let mut bench = Harness::new(160, 48);
    bench.send(Msg::Open("penguins.csv".into()));
    let (source, page, _, _) = crate::harness::penguins();
    bench.report(JobEvent::Opened(Box::new(source), page));
    let mut history = rationale::domain::experiment::History::default();
    for (seq, event) in [
        Event::Asked {
            experiment: "e1".into(),
            parent: None,
            task: "train".into(),
            data: "penguins.csv".into(),
            frame: String::new(),
            endpoint: "offline".into(),
            model: "m".into(),
            request_hash: "h".into(),
            recording: "r".into(),
            follows: None,
            kept: 0,
            reserved_usd: None,
            head: None,
            settings: Vec::new(),
            messages: Vec::new(),
        },
        Event::Answered {
            experiment: "e1".into(),
            stop: StopReason::Interrupted,
            usage: rationale::domain::turn::Usage::default(),
            cost_usd: None,
            saved_usd: 0.0,
            is_estimate: false,
            message: None,
            thinking: RawText::new("half a thought"),
            text: RawText::new("half an answer"),
            hypothesis: None,
            expected_effect: None,
            files: Vec::new(),
        },
    ]
    .into_iter()
    .enumerate()
    {
        history.apply(&Stamped { seq: seq as u64, at: "now".into(), event });
    }
    bench.report_to(
        |job| matches!(job, Job::Load),
        JobEvent::Loaded(
            Box::new(history),
            vec![safe!("e1 was interrupted; 28 characters of its answer were kept")],
            Vec::new(),
        ),
    );
    let screen = bench.screen();
    assert!(
        screen.contains("half a thought")
            && screen.contains("half an answer")
            && screen.contains("28 characters of its answer were kept"),
        "{screen}"
    );
}

#[test]
fn whoever_types_ahead_is_not_asked_to_type_again() {
    let mut bench = Harness::with_data(120, 40);
    bench.keys("F enter x");
    assert!(matches!(bench.last_job(), Some(Job::Frame(_))), "the run waits until the question is written down");
    bench.report(JobEvent::Framed(69, None));
    assert_eq!(bench.last_job(), Some(Job::Baselines));

    let mut bench = Harness::reviewing(120, 40);
    bench.keys("3 a x");
    assert!(matches!(bench.last_job(), Some(Job::Decide { .. })), "the run waits until the decision is written down");
    bench.report(JobEvent::Decided);
    assert!(matches!(bench.last_job(), Some(Job::Run { .. })), "{:?}", bench.last_job());
}
