//! Files as they should not be: each is a clear sentence or an honest view, within bounded time and memory.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use polars::prelude::{CsvReadOptions, IpcWriter, ParquetWriter, SerReader, SerWriter};
use rationale::effects::data::Table;
use serde_json::Value;

use crate::formats::zip;
use crate::harness::{bare_program, repository};

/// What is to come of a file.
#[derive(Clone, Debug)]
enum Then {
    /// It is refused, and this is why.
    Refused(&'static str),
    /// It is shown with so many rows and columns, and this is said of it: the beginning of a note or the id of a warning.
    Shown(u64, usize, &'static [&'static str]),
    /// Which of the two depends on where the damage is.
    Either,
}

use Then::{Either, Refused, Shown};

/// Address space that no file may make the program take. The limit is for one process; memory that is mapped counts too.
const KIBIBYTES: u64 = 6 << 20;
/// Only a way out: nothing here takes a tenth of it.
const LONGEST: Duration = Duration::from_mins(4);

/// Exit code and JSON of `rationale profile`.
fn profile(folder: &Path, name: &str) -> (Option<i32>, Value) {
    let bare = bare_program(folder);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {KIBIBYTES}; exec \"$@\""), "sh"]).arg(bare.get_program());
    command.args(["profile", "--json", "--"]).arg(name).current_dir(folder);
    command.env_clear().envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let read = std::thread::spawn(move || {
        let mut said = Vec::new();
        out.read_to_end(&mut said).unwrap();
        said
    });
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > LONGEST {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(errors, "", "{name}: {status}");
    let said = read.join().unwrap();
    let json = serde_json::from_slice(&said);
    (status.code(), json.unwrap_or_else(|_| panic!("{name}: {}", String::from_utf8_lossy(&said))))
}

/// Profiles every file and holds what comes against what is to come.
fn check(files: &[(&str, Vec<u8>, Then)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, then) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (code, json) = profile(folder.path(), name);
        let said = Said(&json);
        let why = json["error"]["why"].as_str().unwrap_or_default();
        let what = json["error"]["what"].as_str();
        match then {
            Refused(reason) => {
                assert_eq!((code, what), (Some(2), Some(*name)), "{name}: {said}");
                assert!(why.contains(reason) && !json["error"]["next"].as_str().unwrap().is_empty(), "{name}: {said}");
            }
            Shown(n_rows, n_columns, words) => {
                assert_eq!(code, Some(0), "{name}: {said}");
                let source = &json["source"];
                let shape = (source["n_rows"].as_u64(), source["n_columns"].as_u64());
                assert_eq!(shape, (Some(*n_rows), Some(*n_columns as u64)), "{name}");
                assert_eq!(json["columns"].as_array().unwrap().len(), *n_columns, "{name}");
                let notes = source["notes"].as_array().unwrap().iter().filter_map(Value::as_str);
                let ids = json["warnings"].as_array().unwrap().iter().filter_map(|warning| warning["id"].as_str());
                let all: Vec<&str> = notes.chain(ids).collect();
                for word in *words {
                    assert!(all.iter().any(|said| said.starts_with(word)), "{name}: {word} is not said: {all:?}");
                }
                let page = Table::open(&path).unwrap().page(0, 50).unwrap();
                assert_eq!(page.rows.len() as u64, (*n_rows).min(50), "{name}");
                assert!(page.rows.iter().all(|row| row.len() == *n_columns), "{name}");
            }
            Either => {
                assert!(matches!(code, Some(0 | 2)), "{name}: {code:?} {said}");
                assert!(code == Some(0) || what == Some(*name) && !why.is_empty(), "{name}: {said}");
            }
        }
        assert!(std::fs::read(&path).unwrap() == *bytes, "{name} was written");
        std::fs::remove_file(path).unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == "config" || name == "state"), "{name} left {left:?}");
    }
}

/// What the program said, short enough for the message of a test.
struct Said<'a>(&'a Value);

impl std::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.600}", self.0.to_string())
    }
}

/// Bytes that look like chance and are always the same.
fn noise(n: u32) -> Vec<u8> {
    (0..n).map(|n| n.wrapping_mul(2_654_435_761).wrapping_add(n >> 3).to_be_bytes()[0]).collect()
}

fn table(n_rows: usize) -> String {
    let rows = (0..n_rows).map(|row| format!("{row},{},word {}\n", row * 7 % 31, row % 5));
    format!("id,x,text\n{}", rows.collect::<String>())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() * 2 / 3].to_vec()
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 0x55;
    bytes
}

const HEADER_ALONE: &str = "it has a header but no rows";
const BLANK: &str = "nothing in it but blank lines";
const NO_TEXT: &str = "it is not text, whatever its name says";

#[test]
fn text_that_is_hardly_a_table() {
    let long = "x".repeat(2 << 20);
    let late_nul = format!("{}9,9,\0\n", table(1_000));
    let many = |word: &str, n: usize| vec![word; n].join(",");
    let names: Vec<String> = (0..40_000).map(|n| format!("measured_{n}")).collect();
    let files: Vec<(&str, Vec<u8>, Then)> = vec![
        ("empty.csv", b"".into(), Refused("the file is empty")),
        ("letter.csv", b"x".into(), Refused(HEADER_ALONE)),
        ("newline.csv", b"\n".into(), Refused(BLANK)),
        ("spaces.csv", b"   \n\t \r\n".into(), Refused(BLANK)),
        ("mark-alone.csv", b"\xEF\xBB\xBF".into(), Refused(BLANK)),
        ("header.csv", b"a,b,c\n".into(), Refused(HEADER_ALONE)),
        ("header-without-newline.csv", b"a,b,c".into(), Refused(HEADER_ALONE)),
        ("without-newline.csv", b"a,b\n1,2".into(), Shown(1, 2, &[])),
        ("one-column.csv", b"a\n1\n2\n".into(), Shown(2, 1, &[])),
        ("carriage-returns.csv", b"a,b\r1,2\r3,4\r".into(), Shown(2, 2, &[])),
        ("every-line-end.csv", b"a,b\n1,2\r\n3,4\r\r\n\n5,6".into(), Shown(3, 2, &[])),
        ("delimiters.csv", b",,,\n,,,\n".into(), Shown(1, 4, &[])),
        ("nuls.csv", vec![0; 5_000], Refused(NO_TEXT)),
        ("nul-in-a-cell.csv", b"a,b\n1,\0\n".into(), Refused(NO_TEXT)),
        ("nul-far-down.csv", late_nul.into(), Shown(1_001, 3, &[])),
        ("noise.csv", noise(200_000), Refused(NO_TEXT)),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".into(), Refused(NO_TEXT)),
        ("array.npy.csv", b"\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False}".into(), Refused(NO_TEXT)),
        ("page.csv", b" \n<!DOCTYPE HTML><title>Sign in</title>".into(), Refused("it is a web page")),
        ("feed.csv", b"<?xml version=\"1.0\"?>\n<rows><row/></rows>\n".into(), Refused("it is XML")),
        ("refusal.csv", b"{\"error\": \"not found\"}".into(), Refused(HEADER_ALONE)),
        ("open-quote.csv", b"a,b\n1,\"never closed\n2,3\n".into(), Shown(1, 2, &[])),
        ("quote-in-the-middle.csv", b"a,b\n1,x\"y\"z\n".into(), Shown(1, 2, &[])),
        ("same-names.csv", b"a,a,a.1\n1,2,3\n".into(), Shown(1, 3, &["columns of the same name were numbered"])),
        ("empty-names.csv", b",,\n1,2,3\n".into(), Shown(1, 3, &[])),
        ("quoted-empty-names.csv", b"\"\",\" \"\n1,2\n".into(), Shown(1, 2, &[])),
        ("short.csv", b"a,b,c\n1,2,3\n4\n5,6\n".into(), Shown(3, 3, &["short-rows"])),
        ("long.csv", b"a,b\n1,2\n3,4,5,6\n".into(), Shown(2, 2, &["long-rows"])),
        ("ragged.csv", b"a,b\n1\n2,3,4\n5,6\n".into(), Shown(3, 2, &["short-rows", "long-rows"])),
        ("escapes.csv", b"a,b\n\x1b[31mred\x1b[0m,\x07\n1,2\n".into(), Shown(2, 2, &[])),
        (
            "wide.csv",
            format!("{}\n{}\n", many("c", 100_000), many("1", 100_000)).into(),
            Shown(1, 100_000, &["columns of the same"]),
        ),
        ("one-line.csv", "word ".repeat(6 << 20).into(), Refused(HEADER_ALONE)),
        ("wide-and-long.csv", format!("{}\n{}\n", names.join(","), many("1", 40_000)).into(), Shown(1, 40_000, &[])),
        ("long-cell.csv", format!("a,b\n1,{long}\n2,3\n").into(), Shown(2, 2, &[])),
        ("long-name.csv", format!("a,{long}\n1,2\n").into(), Shown(1, 2, &[])),
        ("lines-in-a-cell.csv", format!("a,b\n1,\"{}\"\n", "line\n".repeat(100_000)).into(), Shown(1, 2, &[])),
        (
            "endless.csv",
            format!("a,b\n1,\"{}", "never,closed\n".repeat(5_300_000)).into(),
            Refused("does not end within 64 MiB"),
        ),
    ];
    check(&files);
}

#[test]
fn text_in_another_encoding_or_in_none() {
    let japanese = b"\x83\x65\x81\x5B\x83\x75\x83\x8B,\x96\xBC\x91\x4F,\x90\xE6\n\x83\x65\x81\x5B,1,2\n";
    let damaged = [table(20).replace("word 3", "Zo\u{eb}").as_bytes(), b"20,1,Zo\xEB\n"].concat();
    let late = [table(60_000).as_bytes(), "9,9,Zo\u{eb}\n".repeat(40_000).as_bytes()].concat();
    let late: Vec<u8> = String::from_utf8(late).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let files: Vec<(&str, Vec<u8>, Then)> = vec![
        ("latin.csv", b"name,x\nZo\xEB,1\nM\xFCller,2\n".into(), Shown(2, 2, &["not UTF-8, so read as Windows-1252"])),
        ("latin-far-down.csv", late, Shown(100_000, 3, &["not UTF-8, so read as Windows-1252"])),
        ("japanese.csv", japanese.into(), Refused("neither UTF-8 nor UTF-16 nor Windows-1252")),
        ("damaged.csv", damaged, Shown(21, 3, &["encoding-damage"])),
        ("wide.csv", wide("\u{feff}name,x\nZo\u{eb},1\n"), Shown(1, 2, &["read as UTF-16"])),
        ("wide-without-mark.csv", wide("name,x\nZo\u{eb},1\n"), Shown(1, 2, &["read as UTF-16"])),
        ("wide-and-odd.csv", [wide("\u{feff}name,x\nBo,1\n"), vec![b'!']].concat(), Shown(2, 2, &["read as UTF-16"])),
        ("wide-mark-alone.csv", wide("\u{feff}"), Refused(BLANK)),
        (
            "half-letters.csv",
            [wide("\u{feff}name,x\n"), vec![0, 0xD8], wide(",1\n")].concat(),
            Shown(1, 2, &["read as UTF-16"]),
        ),
        ("wider.csv", b"\xFF\xFE\0\0a\0\0\0,\0\0\0".into(), Refused("")),
    ];
    check(&files);
}

#[test]
fn packed_files_that_are_torn_or_swell() {
    let text = table(3_000);
    let (gz, zst, bz2) = (gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap(), bzip2(text.as_bytes()));
    let long = table(60_000);
    // One and a quarter gibibytes of a table, in a few kilobytes.
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    bomb.write_all(b"a,b\n").unwrap();
    let piece = b"1,2\n".repeat(1 << 20);
    (0..320).for_each(|_| bomb.write_all(&piece).unwrap());
    let one = |bytes: &[u8]| zip(&[("a.csv", bytes)]);
    let whole = one(text.as_bytes());
    let mut wrong_sum = whole.clone();
    let listing = wrong_sum.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    wrong_sum[listing + 16] ^= 1;
    let mut locked = whole.clone();
    (locked[6], locked[listing + 8]) = (1, 1);
    let xz = std::fs::read(repository().join("tests/fixtures/tables/table.csv.xz")).unwrap();
    let files: Vec<(&str, Vec<u8>, Then)> = vec![
        ("torn.csv.gz", cut(&gz), Refused("")),
        ("torn-far-down.csv.gz", cut(&gzip(long.as_bytes())), Refused("")),
        ("head.csv.gz", gz[..12].into(), Refused("it can't be unpacked")),
        ("flipped.csv.gz", flipped(&gz, gz.len() / 2), Refused("")),
        ("empty.csv.gz", gzip(b""), Refused(BLANK)),
        ("nuls.csv.gz", gzip(&vec![0; 50 << 20]), Refused(NO_TEXT)),
        ("twice.csv.gz", gzip(&gz), Refused("it is packed twice")),
        ("table.parquet.gz", gzip(b"PAR1\0\0\0\0PAR1"), Refused("it is a packed Parquet")),
        ("torn.csv.zst", cut(&zst), Refused("")),
        ("bomb.csv.zst", bomb.finish().unwrap(), Refused("it unpacks to far more than a table of its size would")),
        ("torn.csv.bz2", cut(&bz2), Refused("")),
        ("flipped.csv.bz2", flipped(&bz2, bz2.len() / 2), Refused("")),
        ("whole.csv.xz", xz.clone(), Shown(3_000, 3, &["unpacked from xz"])),
        ("torn.csv.xz", cut(&xz), Refused("")),
        ("flipped.csv.xz", flipped(&xz, xz.len() / 2), Refused("")),
        ("sum.csv.xz", flipped(&xz, xz.len() - 28), Refused("a checksum is wrong")),
        ("whole.zip", whole.clone(), Shown(3_000, 3, &["unpacked from zip"])),
        ("torn.zip", cut(&whole), Refused("it can't be read as a zip archive")),
        ("flipped.zip", flipped(&whole, 200), Refused("")),
        ("sum.zip", wrong_sum, Refused("its checksum is not that of the archive")),
        ("locked.zip", locked, Refused("a.csv in it is encrypted")),
        ("nothing.zip", zip(&[]), Refused("there is no file in it")),
        ("two.zip", zip(&[("a.csv", b"a\n1\n"), ("b.csv", b"a\n1\n")]), Refused("it holds 2 tables")),
        ("twice.zip", one(&whole), Refused("it is packed twice")),
    ];
    check(&files);
}

#[test]
fn columns_whose_file_is_damaged() {
    let frame = CsvReadOptions::default()
        .into_reader_with_file_handle(std::io::Cursor::new(
            std::fs::read(repository().join("assets/penguins.csv")).unwrap(),
        ))
        .finish()
        .unwrap();
    let (mut parquet, mut arrow, mut none) = (Vec::new(), Vec::new(), Vec::new());
    ParquetWriter::new(&mut parquet).finish(&mut frame.clone()).unwrap();
    IpcWriter::new(&mut arrow).finish(&mut frame.clone()).unwrap();
    ParquetWriter::new(&mut none).finish(&mut frame.head(Some(0))).unwrap();
    let mut files: Vec<(String, Vec<u8>, Then)> = vec![
        ("whole.parquet".into(), parquet.clone(), Shown(344, 8, &[])),
        ("torn.parquet".into(), cut(&parquet), Refused("it is not a whole parquet file")),
        ("mark.parquet".into(), b"PAR1".into(), Refused("it is not a whole parquet file")),
        ("marks.parquet".into(), b"PAR1\0\0\0\0PAR1".into(), Refused("it is not a whole parquet file")),
        ("length.parquet".into(), b"PAR1\xFF\xFF\xFF\x7FPAR1".into(), Refused("it is not a whole parquet file")),
        ("no-rows.parquet".into(), none, Refused("it has columns but no rows")),
        ("torn.arrow".into(), cut(&arrow), Refused("it is not a whole arrow file")),
        ("mark.arrow".into(), b"ARROW1\0\0".into(), Refused("it is not a whole arrow file")),
    ];
    for (name, bytes) in [("parquet", &parquet), ("arrow", &arrow)] {
        for n in 0..8 {
            let at = bytes.len() * (2 * n + 1) / 16;
            files.push((format!("flipped-{n}.{name}"), flipped(bytes, at), Either));
        }
    }
    let files: Vec<_> = files.iter().map(|(name, bytes, then)| (name.as_str(), bytes.clone(), then.clone())).collect();
    check(&files);
}

#[test]
fn json_that_is_torn_deep_or_something_else() {
    let deep = |open: &str, close: &str| format!("{{\"a\": {}1{}}}\n", open.repeat(100_000), close.repeat(100_000));
    let files: Vec<(&str, Vec<u8>, Then)> = vec![
        ("deep.ndjson", format!("{{\"a\": 1}}\n{}", deep("[", "]")).into(), Refused("")),
        ("deep.json", format!("[{{\"a\": 1}}, {}]", deep("{\"b\": ", "}")).into(), Refused("")),
        ("torn.json", b"[{\"a\": 1}, {\"a\":".into(), Refused("the JSON ends in the middle of a value")),
        ("not-closed.json", b"[{\"a\": 1}".into(), Refused("the JSON ends in the middle of a value")),
        ("more.json", b"[{\"a\": 1}] and more".into(), Refused("there is more after the end")),
        ("numbers.json", b"[1, 2, 3]".into(), Refused("a list of something else than objects")),
        ("lists.json", b"[[1, 2], [3, 4]]".into(), Refused("a list of something else than objects")),
        ("nothing.json", b"[]".into(), Refused("there is no record in its JSON")),
        (
            "by-column.json",
            b"{\"a\": {\"0\": 1}, \"b\": {\"0\": 2}}".into(),
            Refused("one JSON object and not one a row"),
        ),
        (
            "wrapped.json",
            b"{\n \"data\": [\n {\"a\": 1}, {\"a\": 2}]}".into(),
            Refused("one JSON object and not one a row"),
        ),
        ("third-line.ndjson", b"{\"a\": 1}\n{\"a\": 2}\n{\"a\": \n".into(), Refused("line 3 is not a JSON object")),
        ("other-keys.ndjson", b"{\"a\": 1}\n{\"b\": 2}\n".into(), Shown(2, 2, &[])),
        (
            "late-key.ndjson",
            [&b"{\"a\": 1}\n".repeat(1_500)[..], b"{\"a\": 1, \"b\": 2}\n"].concat(),
            Shown(1_501, 1, &["long-rows"]),
        ),
        ("no-keys.ndjson", b"{}\n{}\n".into(), Refused("it has no columns")),
        ("list.json", b" [\n {\"a\": 1,\n \"b\": [1, 2]},\n {\"a\": null}\n]\n".into(), Shown(2, 2, &[])),
        ("spread.json", b"{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n".into(), Shown(2, 1, &[])),
    ];
    check(&files);
}

#[test]
fn what_is_no_file_with_bytes_in_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe.csv")).status().unwrap().success());
    std::os::unix::fs::symlink("nowhere", folder.path().join("link.csv")).unwrap();
    std::os::unix::fs::symlink("round.csv", folder.path().join("round.csv")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.csv")).unwrap();
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    for (name, why) in [
        ("pipe.csv", "it is not a regular file"),
        ("link.csv", "there is no such file"),
        ("round.csv", "it can't be read"),
        ("zero.csv", "it is not a regular file"),
        ("folder.csv", "it is a folder"),
        ("missing.csv", "there is no such file"),
    ] {
        let (code, said) = profile(folder.path(), name);
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said["error"]["why"].as_str().unwrap().starts_with(why), "{name}: {said}");
    }
}
