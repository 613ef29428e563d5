//! Figures of runs for the screen: decoded in a process of their own, because a run may leave anything.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};
use image::{DynamicImage, RgbaImage};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui_image::Image;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::protocol::iterm2::Iterm2;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::app::figures::Drawing;
use crate::domain::manner::Manner;
use crate::effects::tools::picture::decode as decoded;

/// The argument under which the program decodes a picture.
pub const DECODE: &str = "__figure";

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 50_000_000;
/// Largest picture that a terminal is sent, in pixels.
const MAX_BOX: (u32, u32) = (1_600, 1_000);
/// Pixels of a cell where the terminal does not say.
const USUAL_CELL: (u32, u32) = (10, 20);
/// Memory of the process that decodes, in bytes.
const MEMORY: u64 = 1 << 30;
/// Processor time that it may use, in seconds.
const SECONDS: u64 = 10;

/// Draws the figure at `path` into at most `room` cells. `program` is this program, which decodes in a process of its own.
pub fn draw(program: &Path, path: &Path, room: (u16, u16), manner: Manner) -> Result<Drawing> {
    let room = Size::new(room.0, room.1);
    let cell = if manner == Manner::Blocks { (1, 2) } else { cell_pixels() };
    let most = ((u32::from(room.width) * cell.0).min(MAX_BOX.0), (u32::from(room.height) * cell.1).min(MAX_BOX.1));
    let file = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed())
        .open(path)
        .context("the figure can't be read")?;
    let known = file.metadata()?;
    ensure!(known.is_file() && known.nlink() == 1, "this is no plain file of its own");
    ensure!(known.len() <= MAX_BYTES, "it is larger than {MAX_BYTES} bytes");
    let (pixels, picture) = decode_apart(program, file, most)?;
    let size = Size::new(cells(picture.width(), cell.0, room.width), cells(picture.height(), cell.1, room.height));
    let drawn = match manner {
        Manner::Words => None,
        Manner::Blocks => Some(Protocol::Halfblocks(Halfblocks::new(picture, size)?)),
        Manner::Sixel => Some(Protocol::Sixel(Sixel::new(picture, size, false)?)),
        Manner::Iterm => Some(Protocol::ITerm2(Iterm2::new(picture, size, false)?)),
        Manner::Kitty => {
            // The terminal knows a picture by a number; that of the file's content is as good as any.
            let hash = blake3::hash(picture.as_bytes());
            let id = u32::from_le_bytes([hash.as_bytes()[0], hash.as_bytes()[1], hash.as_bytes()[2], 1]);
            Some(Protocol::Kitty(Kitty::new(picture, size, id, false, true)?))
        }
    };
    let cells = drawn.map(|protocol| {
        let area = Rect::new(0, 0, size.width, size.height);
        let mut buffer = Buffer::empty(area);
        ratatui::widgets::Widget::render(Image::new(&protocol), area, &mut buffer);
        buffer
    });
    Ok(Drawing { pixels, n_bytes: known.len(), cells })
}

/// Cells that so many pixels take, at most `room`.
fn cells(pixels: u32, cell: u32, room: u16) -> u16 {
    u16::try_from(pixels.div_ceil(cell.max(1))).unwrap_or(room).clamp(1, room.max(1))
}

/// Width and height of a cell in pixels, as the terminal says.
fn cell_pixels() -> (u32, u32) {
    match crossterm::terminal::window_size() {
        Ok(window) if window.width > 0 && window.height > 0 && window.columns > 0 && window.rows > 0 => {
            (u32::from(window.width / window.columns).max(1), u32::from(window.height / window.rows).max(1))
        }
        _ => USUAL_CELL,
    }
}

/// Has the picture decoded and fitted into `most` pixels by another process.
fn decode_apart(program: &Path, file: File, most: (u32, u32)) -> Result<((u32, u32), DynamicImage)> {
    let mut child = Command::new(program)
        .args([DECODE, &most.0.to_string(), &most.1.to_string()])
        .env_clear()
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the decoder can't be started")?;
    let longest = u64::from(most.0) * u64::from(most.1) * 4 + 16;
    let (mut bytes, mut said) = (Vec::new(), String::new());
    child.stdout.take().context("no output")?.take(longest + 1).read_to_end(&mut bytes)?;
    let _ = child.stderr.take().context("no output")?.take(1_000).read_to_string(&mut said);
    let ended = child.wait()?;
    if !ended.success() {
        let why = said.lines().next().unwrap_or("it took too much time or memory").to_owned();
        bail!("this is no picture that can be shown: {why}");
    }
    let number = |at: usize| -> Result<u32> {
        Ok(u32::from_le_bytes(bytes.get(at..at + 4).context("the decoder said too little")?.try_into()?))
    };
    let (pixels, (width, height)) = ((number(0)?, number(4)?), (number(8)?, number(12)?));
    ensure!(width <= most.0 && height <= most.1, "the decoder said too much");
    let picture = RgbaImage::from_raw(width, height, bytes.split_off(16)).context("the decoder broke off")?;
    Ok((pixels, DynamicImage::ImageRgba8(picture)))
}

/// The process that decodes: a picture on standard input, its sizes and pixels on standard output.
pub fn decode(arguments: &[String]) -> u8 {
    let limit = |resource, most| {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    limit(Resource::As, MEMORY);
    limit(Resource::Cpu, SECONDS);
    limit(Resource::Nofile, 8);
    match pixels(arguments) {
        Ok(bytes) => u8::from(std::io::stdout().lock().write_all(&bytes).is_err()),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error:#}");
            1
        }
    }
}

fn pixels(arguments: &[String]) -> Result<Vec<u8>> {
    let number = |at: usize| -> Result<u32> { Ok(arguments.get(at).context("a size is missing")?.parse()?) };
    let most = (number(0)?.clamp(1, MAX_BOX.0), number(1)?.clamp(1, MAX_BOX.1));
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)?;
    let (_, picture) = decoded(bytes).map_err(|error| anyhow!("it {error:#}"))?;
    let sizes = (picture.width(), picture.height());
    let fitted = picture.resize(most.0, most.1, image::imageops::FilterType::Triangle).to_rgba8();
    // What shows through is white, as on the page that a figure is made for.
    let mut page = RgbaImage::from_pixel(fitted.width(), fitted.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut page, &fitted, 0, 0);
    let mut out = Vec::with_capacity(16 + page.as_raw().len());
    for number in [sizes.0, sizes.1, page.width(), page.height()] {
        out.extend(number.to_le_bytes());
    }
    out.extend(page.as_raw());
    Ok(out)
}
