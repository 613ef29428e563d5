//! Zip archives: which of their files is the table, and reading it with its checksum held against the bytes.

use std::io::{self, Error, ErrorKind, Read};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::broken;

/// Names that are listed.
const N_LISTED: usize = 20;
/// Ends of the names of tables.
const TABLES: [&str; 8] = ["csv", "tsv", "tab", "txt", "json", "ndjson", "jsonl", "data"];

/// Where a packed file stands in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Offset of its first packed byte.
    pub offset: u64,
    n_packed: u64,
    n_bytes: u64,
    crc: u32,
    is_deflated: bool,
}

impl Member {
    /// Unpacks it; `reader` stands at its first packed byte.
    pub fn unpack(self, reader: impl io::BufRead + Send + 'static) -> impl Read + Send {
        let packed = reader.take(self.n_packed);
        let unpacked: Box<dyn Read + Send> =
            if self.is_deflated { Box::new(flate2::bufread::DeflateDecoder::new(packed)) } else { Box::new(packed) };
        Checked { unpacked, sum: flate2::Crc::new(), n: 0, member: self }
    }
}

/// Holds length and checksum against what the archive says of them.
struct Checked<R> {
    unpacked: R,
    sum: flate2::Crc,
    n: u64,
    member: Member,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.unpacked.read(buffer)?;
        self.sum.update(&buffer[..n]);
        self.n += n as u64;
        if self.n > self.member.n_bytes {
            return Err(broken("it unpacks to more than the archive says"));
        }
        if n == 0 && !buffer.is_empty() && (self.n != self.member.n_bytes || self.sum.sum() != self.member.crc) {
            return Err(broken("it is damaged: its checksum is not that of the archive"));
        }
        Ok(n)
    }
}

/// What an archive holds.
#[derive(Debug)]
pub enum Holds {
    /// The parts of a workbook.
    Workbook,
    /// A table, its name, and how many other files there are.
    Table(Member, String, usize),
    /// Nothing that can be opened: why, and what to do.
    Nothing(String, String),
}

/// Looks for the table in an archive: the file named `part`, or the only one that can be meant.
pub fn look(path: &Path, part: Option<&str>) -> io::Result<Holds> {
    let file = io::BufReader::new(std::fs::File::open(path)?);
    let mut archive = match ZipArchive::new(file) {
        Ok(archive) => archive,
        Err(zip::result::ZipError::Io(error)) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
        Err(error) => return if is_workbook_torn(path)? { Ok(Holds::Workbook) } else { Err(Error::other(error)) },
    };
    let names = archive.file_names().map(|name| name.map(std::borrow::Cow::into_owned)).collect::<Result<Vec<_>, _>>();
    let names = names.map_err(Error::other)?;
    let is_workbook =
        |name: &String| name.starts_with("xl/") || matches!(name.as_str(), "[Content_Types].xml" | "content.xml");
    if names.iter().any(is_workbook) {
        return Ok(Holds::Workbook);
    }
    let is_file = |name: &&String| {
        let last = name.rsplit('/').next().unwrap_or_default();
        !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/")
    };
    let files: Vec<&String> = names.iter().filter(is_file).collect();
    let tables: Vec<&String> = files.iter().copied().filter(|name| TABLES.contains(&end_of(name).as_str())).collect();
    let chosen = match (part, files.as_slice(), tables.as_slice()) {
        (Some(part), _, _) => match files.iter().find(|name| name.as_str() == part) {
            Some(name) => (*name).clone(),
            None => {
                return Ok(Holds::Nothing(format!("it has no file {part}"), format!("choose one of {}", list(&files))));
            }
        },
        (None, [only], _) | (None, _, [only]) => (*only).clone(),
        (None, [], _) => {
            return Ok(Holds::Nothing("there is no file in it".into(), "open an archive with a table".into()));
        }
        (None, _, []) => {
            return Ok(Holds::Nothing(
                "it is a zip archive without a table".into(),
                format!("unpack it, or open one of its files as FILE#NAME: {}", list(&files)),
            ));
        }
        (None, _, several) => {
            let why = format!("it holds {} tables", several.len());
            return Ok(Holds::Nothing(why, format!("open one as FILE#NAME: {}", list(several))));
        }
    };
    let n_others = files.len() - 1;
    let entry = archive.index_for_name(&chosen).map(|idx| archive.by_index_raw(idx)).transpose();
    let Some(entry) = entry.map_err(Error::other)? else { return Err(broken("its list of files is damaged")) };
    if entry.encrypted() {
        return Ok(Holds::Nothing(format!("{chosen} in it is encrypted"), "unpack it with its password".into()));
    }
    let is_deflated = match entry.compression() {
        CompressionMethod::Stored => false,
        CompressionMethod::DEFLATE => true,
        other => {
            return Ok(Holds::Nothing(
                format!("{chosen} in it is packed in a way that is not known here ({other})"),
                "unpack it and open the file itself".into(),
            ));
        }
    };
    let (n_packed, n_bytes, crc) = (entry.compressed_size(), entry.size(), entry.crc32());
    let Some(offset) = entry.data_start() else { return Err(broken("its list of files is damaged")) };
    Ok(Holds::Table(Member { offset, n_packed, n_bytes, crc, is_deflated }, chosen, n_others))
}

/// Whether an archive that can't be read was a workbook, by the name of its first file.
fn is_workbook_torn(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(64).read_to_end(&mut head)?;
    let name = head.get(30..).unwrap_or_default();
    let names: [&[u8]; 6] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype", b"content.xml"];
    Ok(names.iter().any(|first| name.starts_with(first)))
}

/// The end of a name in small letters.
pub fn end_of(name: &str) -> String {
    name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default()
}

fn list(names: &[&String]) -> String {
    let more = names.len().saturating_sub(N_LISTED);
    let shown: Vec<&str> = names.iter().take(N_LISTED).map(|name| name.as_str()).collect();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
