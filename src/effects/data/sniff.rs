//! What a file is: its format, its compression, its delimiter, whether it has a header.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::domain::dataset::Format;
use crate::domain::failure::Failure;
use crate::domain::kind;
use crate::effects::data::convert;
use crate::effects::data::grid::records::MAX_RECORD;
use crate::effects::data::layers::archive::{self, Holds};
use crate::effects::data::layers::encoding::Encoding;
use crate::effects::data::layers::{self, Layers, Packing};
use crate::safe;
use crate::text::sanitize::{Place, sanitize_for};
use crate::text::{SafeText, figure};

/// How much of the beginning is looked at, unpacked.
pub const HEAD: usize = 256 * 1024;

/// What was found out about a file.
#[derive(Debug)]
pub struct Sniffed {
    /// How its cells are laid out.
    pub shape: Shape,
    /// Its beginning, unpacked.
    pub head: Vec<u8>,
    /// Whether `head` is the whole of it.
    pub head_is_all: bool,
    /// What lies between the file's bytes and the text.
    pub layers: Layers,
    /// Size on disk in bytes.
    pub n_bytes: u64,
    /// What is to be said of how it was found.
    pub notes: Vec<SafeText>,
}

/// How cells are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Parquet or Arrow IPC.
    Columnar(Format),
    /// What has to be turned into rows of text first.
    Converted(convert::Kind),
    /// Lines of text.
    Text {
        /// CSV, TSV or NDJSON.
        format: Format,
        /// For CSV and TSV.
        delimiter: u8,
        /// Whether the first record names the columns.
        has_header: bool,
        /// Bytes before the first record: a byte order mark.
        start: u64,
    },
}

/// The file's name, safe to draw.
pub fn label(path: &Path) -> SafeText {
    sanitize_for(Place::Cell, &convert::Place::of(path).name())
}

/// Looks at the beginning of a file, or of the table that is meant in it.
pub fn sniff(place: &convert::Place) -> Result<Sniffed, Failure> {
    let path = &place.file;
    let name = label(path);
    let refuse = |why: SafeText, next: SafeText| Failure::input(name.clone(), why, next);
    let metadata = std::fs::metadata(path).map_err(|error| not_there(&name, &error))?;
    check_kind(&metadata, &name)?;
    if metadata.len() == 0 {
        return Err(refuse(safe!("the file is empty"), safe!("open a file with a header and at least one row")));
    }
    let mut file = File::open(path).map_err(|error| not_there(&name, &error))?;
    let mut magic = [0; 16];
    let n_magic = read_up_to(&mut file, &mut magic).map_err(|error| not_there(&name, &error))?;
    let magic = &magic[..n_magic];
    let n_bytes = metadata.len();
    let bare = |shape| Sniffed {
        shape,
        head: Vec::new(),
        head_is_all: false,
        layers: Layers::default(),
        n_bytes,
        notes: Vec::new(),
    };
    if let Some(format) = columnar(magic) {
        return Ok(bare(Shape::Columnar(format)));
    }
    let mut found = Found { name: path.to_owned(), ..Found::default() };
    match convert::Kind::of(magic) {
        Some(convert::Kind::Zip) => match archive::look(path, place.part.as_deref()) {
            Ok(Holds::Workbook) => return Ok(bare(Shape::Converted(convert::Kind::Zip))),
            Ok(Holds::Nothing(why, next)) => return Err(refuse(safe!("{why}"), safe!("{next}"))),
            Ok(Holds::Table(member, inner, n_others)) => {
                found.layers.packing = Packing::Zip(member);
                if n_others > 0 {
                    let others = figure::plural(n_others as u64, "other file");
                    found.notes.push(safe!("this is {inner}; {others} in the archive"));
                }
                found.name = inner.into();
            }
            Err(error) => {
                let next = safe!("check that the file is whole");
                return Err(refuse(safe!("it can't be read as a zip archive: {error}"), next));
            }
        },
        Some(kind) => return Ok(bare(Shape::Converted(kind))),
        None => found.layers.packing = Packing::of(magic),
    }
    if let (Some(part), false) = (&place.part, matches!(found.layers.packing, Packing::Zip(_))) {
        return Err(refuse(safe!("it is one table and has no part {part}"), safe!("name the file alone")));
    }
    let head = |layers| read_head(path, layers);
    let unreadable =
        |error: std::io::Error| refuse(safe!("it can't be unpacked: {error}"), safe!("check that the file is whole"));
    let (mut bytes, mut is_all) = head(found.layers).map_err(unreadable)?;
    found.layers.encoding =
        encoding_of(&name, &bytes, is_all, (found.layers.packing == Packing::None).then_some(&mut file), n_bytes)?;
    if found.layers.encoding != Encoding::Utf8 {
        (bytes, is_all) = head(found.layers).map_err(unreadable)?;
    }
    found.layers.is_json = is_spread_json(&bytes, is_all, &extension_of(&found.name));
    if found.layers.is_json {
        let broken = |error: std::io::Error| {
            refuse(safe!("it can't be read as JSON: {error}"), safe!("check that the file is whole"))
        };
        (bytes, is_all) = head(found.layers).map_err(broken)?;
    }
    let shape = if found.layers.is_json {
        check_records(&name, &bytes, is_all)?;
        Shape::Text { format: Format::Ndjson, delimiter: b'\n', has_header: false, start: 0 }
    } else {
        sniff_text(&found.name, &name, &bytes, is_all)?
    };
    Ok(Sniffed { shape, head: bytes, head_is_all: is_all, layers: found.layers, n_bytes, notes: found.notes })
}

/// The beginning of the text, and whether it is the whole; as much more as it takes to hold one line, up to 64 MiB: the
/// names of many columns are a long one.
fn read_head(path: &Path, layers: Layers) -> std::io::Result<(Vec<u8>, bool)> {
    let mut reader = layers::open(path, layers)?;
    let (mut head, mut most) = (Vec::new(), HEAD);
    loop {
        // One byte more tells whether there is more.
        let from = head.len();
        head.resize(most + 1, 0);
        let n = from + read_up_to(&mut reader, &mut head[from..])?;
        let is_all = n <= most;
        head.truncate(n);
        let has_line = memchr::memchr2(b'\n', b'\r', &head).is_some() || looks_binary(&head);
        if is_all || has_line || most >= MAX_RECORD {
            head.truncate(most);
            return Ok((head, is_all));
        }
        most *= 4;
    }
}

/// What was found out on the way to the text.
#[derive(Default)]
struct Found {
    /// The name that the text had before it was packed.
    name: PathBuf,
    layers: Layers,
    notes: Vec<SafeText>,
}

fn columnar(magic: &[u8]) -> Option<Format> {
    if magic.starts_with(b"PAR1") {
        Some(Format::Parquet)
    } else if magic.starts_with(b"ARROW1") {
        Some(Format::Arrow)
    } else {
        None
    }
}

/// The encoding of the text, which is looked at in other places too where its beginning is ASCII; `file` is the file itself
/// where it is not packed.
fn encoding_of(
    name: &SafeText,
    head: &[u8],
    is_all: bool,
    file: Option<&mut File>,
    n_bytes: u64,
) -> Result<Encoding, Failure> {
    if !head.starts_with(&[0xFF, 0xFE])
        && looks_binary(head)
        && Encoding::of(head).is_none_or(|found| found == Encoding::Utf8)
    {
        return Ok(Encoding::Utf8);
    }
    let Some(encoding) = Encoding::of(head) else {
        return Err(Failure::input(
            name.clone(),
            safe!("its text is neither UTF-8 nor UTF-16 nor Windows-1252"),
            safe!("save it as UTF-8, for example with: iconv -f ENCODING -t UTF-8"),
        ));
    };
    match file {
        Some(file) if encoding == Encoding::Utf8 && !is_all && head.is_ascii() => {
            Encoding::of_spots(file, n_bytes).map_err(|error| not_there(name, &error))
        }
        _ => Ok(encoding),
    }
}

fn not_there(name: &SafeText, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => Failure::input(name.clone(), safe!("there is no such file"), safe!("check the path")),
        ErrorKind::PermissionDenied => {
            Failure::input(name.clone(), safe!("it may not be read"), safe!("check its permissions"))
        }
        _ => Failure::input(name.clone(), safe!("it can't be read: {error}"), safe!("check the file")),
    }
}

fn check_kind(metadata: &Metadata, name: &SafeText) -> Result<(), Failure> {
    if metadata.is_dir() {
        return Err(Failure::input(name.clone(), safe!("it is a folder"), safe!("open one of the files in it")));
    }
    if !metadata.is_file() {
        return Err(Failure::input(
            name.clone(),
            safe!("it is not a regular file"),
            safe!("save what it gives to a file and open that"),
        ));
    }
    Ok(())
}

/// Fills `buffer` as far as the reader goes.
pub fn read_up_to(reader: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

fn sniff_text(path: &Path, name: &SafeText, head: &[u8], head_is_all: bool) -> Result<Shape, Failure> {
    let refuse = |why: SafeText, next: SafeText| Err(Failure::input(name.clone(), why, next));
    let start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let body = &head[start..];
    if looks_binary(body) {
        let (why, next) = what_else(head);
        return refuse(safe!("{why}"), safe!("{next}"));
    }
    let text_start = body.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(text_start) = text_start else {
        return refuse(
            safe!("there is nothing in it but blank lines"),
            safe!("open a file with a header and at least one row"),
        );
    };
    let lower = String::from_utf8_lossy(&body[text_start..(text_start + 64).min(body.len())]).to_ascii_lowercase();
    if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        return refuse(safe!("it is a web page, not a table"), safe!("download the data file itself"));
    }
    if lower.starts_with("<?xml") {
        return refuse(safe!("it is XML, not a table"), safe!("save the table as CSV"));
    }
    let extension = extension_of(path);
    let start = start as u64;
    if body[text_start] == b'{' && !matches!(extension.as_str(), "csv" | "tsv")
        || matches!(extension.as_str(), "ndjson" | "jsonl")
    {
        check_records(name, body, head_is_all)?;
        return Ok(Shape::Text { format: Format::Ndjson, delimiter: b'\n', has_header: false, start });
    }
    let delimiter = if extension == "tsv" || extension == "tab" { b'\t' } else { guess_delimiter(body, head_is_all) };
    let format = if delimiter == b'\t' { Format::Tsv } else { Format::Csv };
    Ok(Shape::Text { format, delimiter, has_header: has_header(body, delimiter), start })
}

/// Whether no text looks like this. Escape sequences do occur in real cells (logs, pasted terminal output) and are drawn as
/// text; what no text holds are NUL, and many of the other control characters.
fn looks_binary(head: &[u8]) -> bool {
    let looked_at = &head[..head.len().min(8192)];
    let n_control = looked_at.iter().filter(|byte| matches!(byte, 1..=6 | 14..=26 | 28..=31)).count();
    looked_at.contains(&0) || n_control > 8 && n_control * 100 > looked_at.len()
}

/// What bytes are that are no text: why they are not opened, and what to do.
fn what_else(head: &[u8]) -> (&'static str, &'static str) {
    if head.get(257..262) == Some(b"ustar") {
        ("it is a tar archive", "unpack it and open one of the files in it")
    } else if columnar(head).is_some() {
        ("it is a packed Parquet or Arrow file", "unpack it; such files are packed within")
    } else if head.starts_with(b"PK\x03\x04") || convert::Kind::of(head).is_some() || Packing::of(head) != Packing::None
    {
        ("it is packed twice, or a packed workbook or database", "unpack it once and open what comes out")
    } else {
        ("it is not text, whatever its name says", "open a CSV, TSV, NDJSON, Parquet, Arrow, Excel, ODS or SQLite file")
    }
}

/// Whether the text is JSON whose records do not stand on a line each: an array, or a record that goes over several lines.
fn is_spread_json(head: &[u8], is_all: bool, extension: &str) -> bool {
    if matches!(extension, "csv" | "tsv" | "tab") {
        return false;
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    match text.first() {
        // In a text with brackets something else than JSON may follow.
        Some(b'[') => {
            let next = text[1..].trim_ascii_start().first();
            matches!(extension, "json" | "ndjson" | "jsonl") || matches!(next, Some(b'{' | b']'))
        }
        Some(b'{') => {
            let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
            // A line that is longer than what was read says nothing.
            !is_whole && (line.len() < text.len() || is_all)
        }
        _ => false,
    }
}

/// Records are objects; of what else JSON may hold no table is made.
fn check_records(name: &SafeText, lines: &[u8], is_all: bool) -> Result<(), Failure> {
    let refuse = |why: SafeText, next: SafeText| Err(Failure::input(name.clone(), why, next));
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
    let Some(first) = lines.first() else {
        return refuse(safe!("there is no record in its JSON"), safe!("open a file with at least one record"));
    };
    if !first.trim_ascii_start().starts_with(b"{") {
        let why = safe!("its JSON is a list of something else than objects");
        return refuse(why, safe!("write it as a list of objects, one a row"));
    }
    // One object that holds nothing but objects or lists is a table by columns, or one wrapped in something.
    let by_column = |object: &serde_json::Map<String, serde_json::Value>| {
        !object.is_empty() && object.values().all(|value| value.is_object() || value.is_array())
    };
    if lines.len() == 1 && (!is_all || serde_json::from_slice(first).is_ok_and(|object| by_column(&object))) {
        return refuse(
            safe!("it is one JSON object and not one a row"),
            safe!("write its rows as a list of objects, with pandas: to_json(orient=\"records\")"),
        );
    }
    Ok(())
}

/// The extension without the one of the packing: `csv` for `a.csv.gz`.
fn extension_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let name =
        [".gz", ".zst", ".zstd", ".bz2", ".xz"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(&name);
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned()).unwrap_or_default()
}

/// The delimiter that cuts the first records into the same number of fields, and into the most; a comma in doubt.
fn guess_delimiter(body: &[u8], is_all: bool) -> u8 {
    let mut best = (0.0, b',');
    for delimiter in [b',', b'\t', b';', b'|'] {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(body);
        let mut record = csv::ByteRecord::new();
        let mut widths = Vec::new();
        while widths.len() < 50 && reader.read_byte_record(&mut record).unwrap_or(false) {
            widths.push(record.len());
        }
        if !is_all && widths.len() > 1 && widths.len() < 50 {
            widths.pop();
        }
        let Some(first) = widths.first().copied().filter(|width| *width > 1) else { continue };
        let n_same = widths.iter().filter(|width| **width == first).count();
        #[expect(clippy::cast_precision_loss, reason = "at most fifty records")]
        let score = (n_same as f64 / widths.len() as f64).powi(2) * (first as f64).ln();
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// Whether the first record names columns: it does, unless it holds numbers where the second record does too.
pub fn has_header(body: &[u8], delimiter: u8) -> bool {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(body);
    let mut records = reader.byte_records().filter_map(Result::ok);
    let (Some(first), second) = (records.next(), records.next()) else { return true };
    let Some(second) = second else { return true };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let numbers: Vec<f64> = first.iter().filter_map(|cell| kind::float(&text(cell))).collect();
    if numbers.is_empty() {
        return true;
    }
    // Years and counters can be names of columns; they are whole, ascending and different.
    let are_names =
        numbers.windows(2).all(|pair| pair[0] < pair[1]) && numbers.iter().all(|number| number.fract() == 0.0);
    let agree = first.iter().zip(second.iter()).all(|(a, b)| {
        let (a, b) = (text(a), text(b));
        kind::is_null_marker(&a) || kind::is_null_marker(&b) || kind::float(&a).is_some() == kind::float(&b).is_some()
    });
    !agree || (are_names && numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_cuts_evenly() {
        let check = |text: &str, delimiter: u8| {
            assert_eq!(char::from(guess_delimiter(text.as_bytes(), true)), char::from(delimiter), "{text}");
        };
        check("a,b,c\n1,2,3\n", b',');
        check("a;b;c\n1,5;2;3\n", b';');
        check("a\tb\n1\t\"x, y, z\"\n", b'\t');
        check("a|b|c\n1|2|3\n", b'|');
        check("name\nAnna, the first\nBo\n", b',');
        check("one\ntwo\n", b',');
    }

    #[test]
    fn a_first_row_of_values_is_not_a_header() {
        let check = |text: &str, expected: bool| assert_eq!(has_header(text.as_bytes(), b','), expected, "{text}");
        check("sepal,petal\n5.1,3.5\n", true);
        check("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n", false);
        check("region,2019,2020\nnorth,5,6\n", true);
        check("a\n", true);
        check("7\n8\n", false);
    }
}
