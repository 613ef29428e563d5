//! Pictures for a model: read, made small enough to be cheap, written as a block.

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};

pub use crate::domain::manner::is_picture;
use crate::effects::executor::child::read_beneath;
use crate::text::RawText;

/// Largest width and height that is sent; about 1,160 tokens on today's models.
const LARGEST: (u32, u32) = (1100, 800);
/// Largest file that is read.
const MAX_BYTES: u64 = 50_000_000;

/// A picture ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Name of the file.
    pub name: String,
    /// Width and height as sent, in pixels.
    pub size: (u32, u32),
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Reads a picture, makes it smaller where it is large, and takes out everything but the pixels.
pub fn load(path: &Path) -> Result<Picture> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let length = std::fs::metadata(path).with_context(|| format!("{name} can't be read"))?.len();
    if length > MAX_BYTES {
        bail!("{name} is larger than {MAX_BYTES} bytes");
    }
    let bytes = std::fs::read(path).with_context(|| format!("{name} can't be read"))?;
    from_bytes(name, bytes)
}

/// As [`load`], for what confined code left in a folder: no link on the way, a plain file with one name.
pub fn load_beneath(folder: &Path, inside: &str) -> Result<Picture> {
    let name = Path::new(inside).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = read_beneath(folder, inside, MAX_BYTES).with_context(|| format!("{name} can't be read"))?;
    from_bytes(name, bytes)
}

/// As [`load`], from bytes.
pub fn from_bytes(name: String, bytes: Vec<u8>) -> Result<Picture> {
    let (format, mut picture) = decode(bytes).map_err(|error| anyhow!("{name} {error}"))?;
    if picture.width() > LARGEST.0 || picture.height() > LARGEST.1 {
        picture = picture.resize(LARGEST.0, LARGEST.1, image::imageops::FilterType::Triangle);
    }
    // A photograph stays one; everything else keeps its sharp lines.
    let (format, media_type) =
        if format == ImageFormat::Jpeg { (ImageFormat::Jpeg, "image/jpeg") } else { (ImageFormat::Png, "image/png") };
    let mut bytes = Vec::new();
    if format == ImageFormat::Jpeg {
        picture.to_rgb8().write_to(&mut Cursor::new(&mut bytes), format)?;
    } else {
        picture.write_to(&mut Cursor::new(&mut bytes), format)?;
    }
    Ok(Picture { name, size: (picture.width(), picture.height()), media_type, bytes })
}

/// Decodes a picture within limits of size and memory; the error begins with a verb.
pub fn decode(bytes: Vec<u8>) -> Result<(ImageFormat, DynamicImage)> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let format = reader.format().context("is no PNG, JPEG, GIF or WebP")?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(20_000);
    limits.max_image_height = Some(20_000);
    limits.max_alloc = Some(1 << 30);
    reader.limits(limits);
    Ok((format, reader.decode().context("is damaged, or too large")?))
}

impl Picture {
    /// As a block of a message.
    pub fn block(&self) -> RawText {
        let data = base64::engine::general_purpose::STANDARD.encode(&self.bytes);
        RawText::new(format!(
            "{{\"type\":\"image\",\"source\":{{\"type\":\"base64\",\"media_type\":\"{}\",\"data\":\"{data}\"}}}}",
            self.media_type
        ))
    }

    /// Tokens that it takes on today's models: a patch of 28 by 28 pixels each.
    pub fn n_tokens(&self) -> u64 {
        u64::from(self.size.0.div_ceil(28)) * u64::from(self.size.1.div_ceil(28))
    }

    /// Name, size and price in tokens.
    pub fn describe(&self) -> String {
        format!("{} {} × {}, {} tokens", self.name, self.size.0, self.size.1, self.n_tokens())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = image::DynamicImage::new_rgb8(width, height);
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn a_large_picture_becomes_cheap_and_a_small_one_keeps_its_size() {
        let large = from_bytes("a.png".into(), png(3000, 1500)).unwrap();
        assert_eq!((large.size, large.n_tokens()), ((1100, 550), 40 * 20));
        let small = from_bytes("b.png".into(), png(100, 60)).unwrap();
        assert_eq!((small.size, small.n_tokens(), small.media_type), ((100, 60), 4 * 3, "image/png"));
        let block: serde_json::Value = serde_json::from_str(small.block().expose()).unwrap();
        assert_eq!(block["source"]["media_type"], "image/png");
        let data = base64::engine::general_purpose::STANDARD.decode(block["source"]["data"].as_str().unwrap()).unwrap();
        assert_eq!(data, small.bytes);
    }

    #[test]
    fn a_picture_that_a_run_left_is_read_from_its_folder_and_through_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let (run, other) = (folder.path().join("run"), folder.path().join("other.png"));
        std::fs::create_dir_all(run.join("figures")).unwrap();
        std::fs::write(&other, png(20, 10)).unwrap();
        std::fs::write(run.join("figures/a.png"), png(20, 10)).unwrap();
        std::os::unix::fs::symlink(&other, run.join("figures/link.png")).unwrap();
        std::os::unix::fs::symlink(folder.path(), run.join("away")).unwrap();
        assert_eq!(load_beneath(&run, "figures/a.png").unwrap().size, (20, 10));
        for name in ["figures/link.png", "away/other.png", "../other.png", "figures/none.png"] {
            assert!(load_beneath(&run, name).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_in_a_sentence() {
        assert_eq!(
            from_bytes("x.png".into(), b"hello".to_vec()).unwrap_err().to_string(),
            "x.png is no PNG, JPEG, GIF or WebP"
        );
        let mut torn = png(50, 50);
        torn.truncate(40);
        assert_eq!(from_bytes("t.png".into(), torn).unwrap_err().to_string(), "t.png is damaged, or too large");
    }
}
