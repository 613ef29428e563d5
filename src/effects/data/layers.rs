//! What lies between the bytes of a file and its rows as UTF-8 text: packing, encoding, JSON that is not one value a line.

pub mod archive;
pub mod encoding;
mod values;
mod xz;

use std::fs::File;
use std::io::{self, BufReader, Error, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use archive::Member;
use encoding::Encoding;

/// Bytes that a packed file may come to in any case.
const MOST: u64 = 1 << 30;
/// Bytes that it may come to for each of its own: text packs to a fiftieth at best, a trap to a thousandth.
const MOST_PER_BYTE: u64 = 200;

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    #[default]
    None,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
    /// `.bz2`
    Bzip2,
    /// `.xz`
    Xz,
    /// A file in a zip archive.
    Zip(Member),
}

impl Packing {
    /// By the first bytes, whatever the name says; what a zip archive holds has to be looked up in it.
    pub fn of(magic: &[u8]) -> Self {
        if magic.starts_with(&[0x1F, 0x8B]) {
            Self::Gzip
        } else if magic.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            Self::Zstd
        } else if magic.starts_with(b"BZh") && magic.get(4..10) == Some(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) {
            Self::Bzip2
        } else if magic.starts_with(&[0xFD, b'7', b'z', b'X', b'Z', 0]) {
            Self::Xz
        } else {
            Self::None
        }
    }

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gz",
            Self::Zstd => "zst",
            Self::Bzip2 => "bz2",
            Self::Xz => "xz",
            Self::Zip(_) => "zip",
        }
    }
}

/// What lies between bytes and rows, the outermost first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// How the file is packed.
    pub packing: Packing,
    /// How its text is encoded.
    pub encoding: Encoding,
    /// Whether it is JSON whose values do not stand one on a line each.
    pub is_json: bool,
}

impl Layers {
    /// Whether the file can be read as it is.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Opens a file at its start and takes the layers off while it is read.
///
/// Fails while reading where it unpacks to more than a table of its size would.
pub fn open(path: &Path, layers: Layers) -> io::Result<Box<dyn Read + Send>> {
    let file = File::open(path)?;
    let n_bytes = file.metadata()?.len();
    let file = BufReader::with_capacity(256 * 1024, file);
    let unpacked: Box<dyn Read + Send> = match layers.packing {
        Packing::None => Box::new(file),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        Packing::Xz => Box::new(xz::Xz::new(file)),
        Packing::Zip(member) => {
            let mut file = file;
            file.seek(SeekFrom::Start(member.offset))?;
            Box::new(member.unpack(file))
        }
    };
    let most = MOST.max(n_bytes.saturating_mul(MOST_PER_BYTE));
    let unpacked = if layers.packing == Packing::None { unpacked } else { Box::new(Limited { unpacked, left: most }) };
    let text: Box<dyn Read + Send> = match layers.encoding {
        Encoding::Utf8 => unpacked,
        other => Box::new(encoding::Decoded::new(unpacked, other)),
    };
    Ok(if layers.is_json { Box::new(values::Values::new(text)) } else { text })
}

struct Limited<R> {
    unpacked: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.unpacked.read(buffer)?;
        let Some(left) = self.left.checked_sub(n as u64) else {
            let why = "it unpacks to far more than a table of its size would";
            return Err(Error::new(ErrorKind::InvalidData, why));
        };
        self.left = left;
        Ok(n)
    }
}

fn broken(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}
