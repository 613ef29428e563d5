//! Makes the picture in the README: drives the real program in a pseudo-terminal and writes its screen as SVG.
//!
//! `cargo build && cargo run --example picture > docs/screen.svg`
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool of the developers that may say why and stop"
)]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const COLUMNS: u16 = 150;
const ROWS: u16 = 42;
/// Size of a cell in pixels.
const CELL: (f32, f32) = (8.4, 18.0);

/// What is typed, after the text that is waited for.
const STEPS: &[(&str, &str)] = &[
    ("12 warnings", "F"),
    ("proposed", "\r"),
    ("are sealed", "x"),
    ("e2 is better", "t"),
    ("new features, the gain", "g\x1b[B\x1b[B\x1b[B\x1b[B\r"),
    ("asks the price", "\r"),
    ("what will leave", "\r"),
    ("undecided", "a"),
    ("x runs it", "x"),
    ("features · accepted", ""),
    ("≈ +", ""),
];

fn cells(n: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(n).expect("a screen has cells")
}

fn main() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debug/rationale");
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let pair = native_pty_system()
        .openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 })
        .expect("there are pseudo-terminals");
    let mut command = CommandBuilder::new(program);
    command.arg("demo");
    command.cwd(folder.path());
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("RATIONALE_CONFIG_DIR", folder.path().join("config"));
    command.env("RATIONALE_STATE_DIR", folder.path().join("state"));
    let mut child = pair.slave.spawn_command(command).expect("build the program first: cargo build");
    let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0)));
    let mut reader = pair.master.try_clone_reader().expect("it can be read");
    let watched = Arc::clone(&screen);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65_536];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            watched.lock().unwrap_or_else(PoisonError::into_inner).process(&buffer[..n]);
        }
    });
    let mut keys = pair.master.take_writer().expect("it can be typed to");
    let contents = || screen.lock().unwrap_or_else(PoisonError::into_inner).screen().contents();
    for (text, typed) in STEPS {
        let start = std::time::Instant::now();
        while !contents().contains(text) {
            std::thread::sleep(Duration::from_millis(50));
            assert!(start.elapsed() < Duration::from_mins(10), "waited in vain for “{text}” on\n{}", contents());
        }
        keys.write_all(typed.as_bytes()).expect("it still runs");
    }
    // Until what passes has passed.
    std::thread::sleep(Duration::from_secs(8));
    println!("{}", svg(screen.lock().unwrap_or_else(PoisonError::into_inner).screen()));
    child.kill().expect("it still runs");
}

/// The screen as one picture: runs of cells that look the same are one piece of text.
fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (f32::from(COLUMNS) * CELL.0 + 24.0, f32::from(ROWS) * CELL.1 + 24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"'DejaVu Sans Mono', \
         'Menlo', 'Consolas', monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#15171c\"/>\n"
    );
    for row in 0..ROWS {
        let y = 12.0 + f32::from(row) * CELL.1;
        let mut column = 0;
        while column < COLUMNS {
            let looks = looks(screen, row, column);
            let start = column;
            let mut text = String::new();
            while column < COLUMNS && self::looks(screen, row, column) == looks {
                let cell = screen.cell(row, column).expect("the cell is on the screen");
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                column += 1;
            }
            let (x, length) = (12.0 + f32::from(start) * CELL.0, f32::from(column - start) * CELL.0);
            let (fg, bg, is_bold, is_italic) = looks;
            if bg != "#15171c" {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{:.0}\" fill=\"{bg}\"/>",
                    CELL.1
                );
            }
            if !text.trim().is_empty() {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let weight = if is_bold { " font-weight=\"bold\"" } else { "" };
                let slant = if is_italic { " font-style=\"italic\"" } else { "" };
                let _ = writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
                     xml:space=\"preserve\" fill=\"{fg}\"{weight}{slant}>{text}</text>",
                    y + 13.5
                );
            }
        }
    }
    out.push_str("</svg>");
    out
}

/// How a cell looks: its colours, bold, italic.
fn looks(screen: &vt100::Screen, row: u16, column: u16) -> (String, String, bool, bool) {
    let cell = screen.cell(row, column).expect("the cell is on the screen");
    let color = |color, fallback: &str| match color {
        vt100::Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        vt100::Color::Default | vt100::Color::Idx(_) => fallback.to_owned(),
    };
    let (fg, bg) = (color(cell.fgcolor(), "#c8ccd4"), color(cell.bgcolor(), "#15171c"));
    let (fg, bg) = if cell.inverse() { (bg, fg) } else { (fg, bg) };
    (fg, bg, cell.bold(), cell.italic())
}
