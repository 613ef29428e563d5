//! Figures that a run left, in each manner that terminals know, and files that only look like figures.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage};
use ratatui::layout::Size;
use ratatui::style::Color;
use rationale::app::effect::Job;
use rationale::app::figures::{Drawing, room};
use rationale::app::msg::{JobEvent, Msg};
use rationale::domain::experiment::{Event, Stamped};
use rationale::domain::failure::Failure;
use rationale::domain::manner::Manner;
use rationale::effects::figures::draw;
use rationale::safe;

use crate::harness::Harness;
use crate::sheets::ran;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rationale");

/// Red above blue, 40 pixels wide and 20 high.
fn flag() -> Vec<u8> {
    let picture = RgbImage::from_fn(40, 20, |_, y| if y < 10 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn drawn(bytes: &[u8], manner: Manner) -> anyhow::Result<Drawing> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("figure.png");
    std::fs::write(&path, bytes)?;
    draw(Path::new(PROGRAM), &path, (40, 12), manner)
}

#[test]
fn half_blocks_hold_two_pixels_each_and_keep_the_shape() {
    let drawing = drawn(&flag(), Manner::Blocks).unwrap();
    let cells = drawing.cells.unwrap();
    assert_eq!((drawing.pixels, drawing.n_bytes), ((40, 20), flag().len() as u64));
    assert_eq!(cells.area.as_size(), Size::new(40, 10), "twice as wide as high, in cells half as wide as high");
    let inks = |row: u16| (cells[(5, row)].fg, cells[(5, row)].bg);
    assert!([inks(1).0, inks(1).1].contains(&Color::Rgb(255, 0, 0)), "{:?}", inks(1));
    assert!([inks(8).0, inks(8).1].contains(&Color::Rgb(0, 0, 255)), "{:?}", inks(8));
}

#[test]
fn each_protocol_sends_the_picture_once_and_words_send_none() {
    let first = |manner| drawn(&flag(), manner).unwrap().cells.unwrap()[(0, 0)].symbol().to_owned();
    assert!(first(Manner::Kitty).contains("\u{1b}_G"));
    assert!(first(Manner::Iterm).contains("\u{1b}]1337;File="));
    assert!(first(Manner::Sixel).contains("\u{1b}P"));
    assert_eq!(drawn(&flag(), Manner::Words).unwrap().cells, None);
}

#[test]
fn what_is_no_picture_costs_a_sentence() {
    let said = |bytes: &[u8]| format!("{:#}", drawn(bytes, Manner::Blocks).unwrap_err());
    assert!(said(b"import os").starts_with("this is no picture that can be shown"), "{}", said(b"import os"));
    assert!(said(&flag()[..60]).starts_with("this is no picture that can be shown"));
    // A header that promises two thousand million pixels.
    let mut large = flag();
    large[16..24].copy_from_slice(&[0, 0, 0xB0, 0, 0, 0, 0xB0, 0]);
    assert!(said(&large).starts_with("this is no picture that can be shown"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret.png"), flag()).unwrap();
    std::os::unix::fs::symlink("secret.png", folder.path().join("link.png")).unwrap();
    std::fs::hard_link(folder.path().join("secret.png"), folder.path().join("twin.png")).unwrap();
    for name in ["link.png", "twin.png", "none.png"] {
        assert!(draw(Path::new(PROGRAM), &folder.path().join(name), (40, 12), Manner::Blocks).is_err(), "{name}");
    }
}

#[test]
fn figures_are_looked_at_one_by_one_and_a_late_one_does_not_replace_them() {
    let mut bench = Harness::framed(100, 30);
    for (seq, mut event) in ran(1, "evaluate", "evaluation", None, None).into_iter().enumerate() {
        if let Event::RunFinished { outcome, .. } = &mut event {
            outcome.artefacts =
                ["report/figures/roc.png", "report/report.md", "report/figures/confusion.png"].map(String::from).into();
        }
        bench.send(Msg::Recorded(Box::new(Stamped { seq: seq as u64, at: "now".into(), event })));
    }
    bench.keys("4 V");
    let size = room((100, 30));
    let ask = |bench: &Harness| match bench.last_job() {
        Some(Job::Figure { name, room, .. }) => (name, room),
        other => panic!("{other:?}"),
    };
    assert_eq!(ask(&bench), ("report/figures/roc.png".to_owned(), (size.width, size.height)));
    assert!(bench.screen().contains("drawing …"));
    let (late, _) = bench.jobs().pop().unwrap();
    bench.keys("l");
    assert_eq!(ask(&bench).0, "report/figures/confusion.png");
    let drawing = Drawing { pixels: (640, 480), n_bytes: 20_000, cells: None };
    bench.send(Msg::Job { id: late, event: JobEvent::Drawn(Box::new(drawing.clone())) });
    assert!(bench.screen().contains("drawing …"), "the first came too late");
    bench.report(JobEvent::Drawn(Box::new(drawing)));
    let screen = bench.screen();
    assert!(screen.contains("report/figures/confusion.png · 2 of 2 · 640 × 480 pixels, 20 kB"), "{screen}");
    assert!(screen.contains("This terminal draws no pictures. The file is .rationale/runs/"), "{screen}");
    bench.keys("l");
    bench.report(JobEvent::Failed(Failure::work(safe!("roc.png"), safe!("it is damaged"), safe!("open it elsewhere"))));
    assert!(bench.screen().contains("roc.png: it is damaged – open it elsewhere"), "{}", bench.screen());
    bench.keys("esc V");
    assert!(bench.screen().contains("1 of 2"));
}
