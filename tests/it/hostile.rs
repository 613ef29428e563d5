//! Hostile text in every place where text comes in: it may be seen, and does nothing.

use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::dataset::{Column, Page};
use rationale::domain::failure::Failure;
use rationale::domain::kind::Kind;
use rationale::domain::run::Level;
use rationale::domain::run_event::RunEvent;
use rationale::domain::turn::{BlockKind, StopReason};
use rationale::safe;
use rationale::text::RawText;
use rationale::text::sanitize::{Place, sanitize_for};

use crate::harness::Harness;

const HOSTILE: [&str; 12] = [
    "\x1b]0;owned\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b[2J\x1b[H",
    "\u{9b}31mred",
    "\x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "admin\u{202E}txt.exe",
    "\u{2066}hidden\u{2069}",
    "zero\u{200B}width\u{FEFF}",
    "tag\u{E0041}\u{E0042}",
    "z\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}\u{0301}algo",
    "bell\x07null\0del\x7f",
    "tab\tand\r\nlines",
];

fn check(bench: &mut Harness, place: &str) {
    let buffer = bench.buffer();
    for cell in buffer.content() {
        for c in cell.symbol().chars() {
            let is_bad = c.is_control()
                || matches!(c, '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}');
            assert!(!is_bad, "{place}: U+{:04X} reached a cell", u32::from(c));
        }
    }
    // Borders are where they were: nothing moved the cursor.
    let text = crate::harness::text_of(&buffer);
    assert!(text.lines().nth(1).unwrap().starts_with('╭'), "{place}:\n{text}");
}

#[test]
fn cells_and_names_of_columns() {
    for hostile in HOSTILE {
        let mut bench = Harness::with_data(100, 30);
        let mut source = bench.model.dataset.source.clone().unwrap();
        source.columns[0] = Column::new(hostile, Kind::Text);
        source.label = sanitize_for(Place::Cell, hostile);
        let mut page: Page = bench.model.dataset.page.clone();
        page.rows[0][1] = Some(sanitize_for(Place::Cell, hostile));
        bench.model.dataset.on_opened(source, page);
        check(&mut bench, hostile);
    }
}

#[test]
fn thinking_answer_and_code() {
    for hostile in HOSTILE {
        let mut bench = Harness::framed(160, 48);
        bench.keys("t enter enter");
        bench.report(JobEvent::Priced(Box::new(crate::harness::question())));
        bench.keys("enter");
        bench.stream(0, BlockKind::Thinking, hostile);
        bench.stream(1, BlockKind::Text, &format!("{hostile}\n```python path=model.py\nx = '{hostile}'\n```\n"));
        bench.stream(2, BlockKind::ToolUse(hostile.into()), hostile);
        check(&mut bench, hostile);
        bench.report(JobEvent::Answered(Box::new(crate::harness::asked(
            &format!("## Hypothesis\n\n{hostile}\n\n```python path=model.py\n# {hostile}\ndef build():\n    return '{hostile}'\n```\n"),
            StopReason::EndTurn,
        ))));
        check(&mut bench, hostile);
        bench.keys("d");
        check(&mut bench, hostile);
        bench.keys("d e");
        check(&mut bench, hostile);
    }
}

#[test]
fn output_of_runs_and_failures() {
    for hostile in HOSTILE {
        let mut bench = Harness::framed(160, 48);
        bench.keys("x");
        bench.report(JobEvent::Environment(safe!("{hostile}")));
        bench.report(JobEvent::RunStarted {
            experiment: "e1".into(),
            run_id: "r".into(),
            level: Level::Standard,
            ran_ms: 0,
        });
        bench.report(JobEvent::Run(RunEvent::Output { fold: 0, line: RawText::new(hostile) }));
        bench.report(JobEvent::Run(RunEvent::Stage { text: hostile.into() }));
        check(&mut bench, hostile);
        bench.report(JobEvent::Failed(Failure::work(safe!("{hostile}"), safe!("{hostile}"), safe!("{hostile}"))));
        check(&mut bench, hostile);
    }
}

#[test]
fn what_is_pasted_into_an_editor() {
    for hostile in HOSTILE {
        let mut bench = Harness::framed(160, 48);
        bench.keys("i");
        bench.send(Msg::Paste(hostile.into()));
        check(&mut bench, hostile);
    }
}

/// The bytes that a real terminal would get, read by a terminal emulator: the title, the clipboard and the screen are ours.
#[test]
fn a_terminal_that_gets_the_frame_is_not_moved() {
    use ratatui::backend::CrosstermBackend;
    use ratatui::{Terminal, TerminalOptions, Viewport};
    use rationale::ui::theme::{Depth, Theme, builtin};

    let mut bench = Harness::framed(100, 30);
    bench.keys("t enter enter");
    bench.report(JobEvent::Priced(Box::new(crate::harness::question())));
    bench.keys("enter");
    bench.stream(0, BlockKind::Thinking, &HOSTILE.join("\n"));
    let theme = Theme::parse("dark", builtin("dark").unwrap(), Depth::Indexed).unwrap();
    let mut bytes = Vec::new();
    {
        let viewport = Viewport::Fixed(ratatui::layout::Rect::new(0, 0, 100, 30));
        let mut terminal =
            Terminal::with_options(CrosstermBackend::new(&mut bytes), TerminalOptions { viewport }).unwrap();
        let model = &bench.model;
        terminal
            .draw(|frame| rationale::ui::render(model, &theme, &mut rationale::ui::highlight::Cache::default(), frame))
            .unwrap();
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("\x1b]"), "an operating system command was written");
    assert!(!text.contains("\x1b[2J"), "the screen was cleared");
    assert!(!text.contains('\x07'));
}
