//! Workbooks and databases: what they hold is what is profiled, and a bad one costs a sentence.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use rationale::app::effect::Job;
use rationale::app::msg::{JobEvent, Msg};
use rationale::effects::data::Table;

use crate::harness::{Harness, bare_program, folder_with, json, know, program, repository};
use crate::program::Pty;

fn profile(folder: &Path, path: &str) -> Output {
    bare_program(folder).args(["profile", path, "--json"]).stdin(Stdio::null()).output().unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/fixtures/tables").join(name)).unwrap()
}

/// Names, types, missing cells, and the lowest and highest value of each column.
fn columns(profile: &Value) -> Vec<Value> {
    let of = |column: &Value| json!([column["name"], column["dtype"], column["n_null"], column["min"], column["max"]]);
    profile["columns"].as_array().unwrap().iter().map(of).collect()
}

/// The one sentence with which a file is refused.
fn refusal(folder: &Path, path: &str) -> String {
    let output = bare_program(folder).args(["profile", path]).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    assert_eq!((output.status.code(), output.stdout.len(), said.lines().count()), (Some(2), 0, 1), "{path}: {said}");
    said
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !matches!(name.as_str(), "config" | "state"))
        .collect();
    names.sort();
    names
}

fn database(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_sheet_has_its_names_its_types_and_says_what_was_left_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("book.xlsx"), fixture("book.xlsx")).unwrap();
    let book = json(&profile(folder.path(), "book.xlsx"));
    assert_eq!(
        columns(&book),
        vec![
            json!(["id", "Int64", 0, 1, 4]),
            json!(["sold", "Date", 1, "1900-03-01", "2024-02-29"]),
            json!(["when", "Datetime", 0, "2024-02-29 13:30:00", "2024-03-03 00:00:00"]),
            json!(["paid", "Boolean", 0, "false", "true"]),
            json!(["amount", "Float64", 1, -0.25, 2.0]),
            json!(["note", "String", 1, "007x", "say \"hi\""]),
        ]
    );
    let source = &book["source"];
    assert_eq!(
        (&source["format"], &source["n_rows"], &source["path"]),
        (&json!("excel"), &json!(4), &json!("book.xlsx"))
    );
    assert_eq!(source["data_hash"], blake3::hash(&fixture("book.xlsx")).to_hex().to_string());
    assert_eq!(source["bytes"], fixture("book.xlsx").len());
    assert_eq!(
        source["notes"],
        json!([
            "this is sheet Sales; open another as FILE#SHEET: Empty, Other one, Hidden",
            "1 merged area in the sheet: the value stands in the first cell alone",
            "2 rows above the names were left out",
            "1 error cell such as #N/A was counted as missing",
        ])
    );
    let other = json(&profile(folder.path(), "book.xlsx#Other one"));
    assert_eq!(columns(&other)[0], json!(["x", "Int64", 0, 1, 3]));
    assert_eq!(
        refusal(folder.path(), "book.xlsx#Nope"),
        "rationale: book.xlsx: it has no sheet Nope – choose one of Empty, Sales, Other one, Hidden"
    );
}

#[test]
fn an_open_document_sheet_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weather.ods"), fixture("weather.ods")).unwrap();
    let weather = json(&profile(folder.path(), "weather.ods"));
    assert_eq!(
        columns(&weather),
        vec![
            json!(["day", "Date", 0, "2024-02-29", "2024-03-02"]),
            json!(["rain", "Float64", 1, 0.0, 1.5]),
            json!(["wet", "Boolean", 0, "false", "true"]),
        ]
    );
    assert_eq!((&weather["source"]["format"], &weather["source"]["notes"]), (&json!("ods"), &json!([])));
}

#[test]
fn a_database_gives_its_table_and_nothing_is_made_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one & only.db");
    database(
        &path,
        "PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER, \"b,\" TEXT, c REAL, d BLOB); INSERT INTO t VALUES (1, 'x', 0.5, x'00ff'), (2, NULL, 2, NULL), (3, 'say \"y\"', NULL, NULL);",
    );
    let bytes = std::fs::read(&path).unwrap();
    let one = json(&profile(folder.path(), "one & only.db"));
    assert_eq!(
        columns(&one),
        vec![
            json!(["a", "Int64", 0, 1, 3]),
            json!(["b,", "String", 1, "say \"y\"", "x"]),
            json!(["c", "Float64", 1, 0.5, 2.0]),
            json!(["d", "String", 2, "2 bytes", "2 bytes"]),
        ]
    );
    assert_eq!(one["source"]["format"], "sqlite");
    assert_eq!(
        one["source"]["notes"],
        json!(["1 binary value shown by length alone", "this is table t, the only one"])
    );
    assert_eq!(one["source"]["data_hash"], blake3::hash(&bytes).to_hex().to_string());
    assert_eq!(
        (names_in(folder.path()), std::fs::read(&path).unwrap() == bytes),
        (vec!["one & only.db".to_owned()], true)
    );

    database(&folder.path().join("two.db"), "CREATE TABLE a(x); CREATE TABLE b(y); INSERT INTO b VALUES (7), (8);");
    assert_eq!(refusal(folder.path(), "two.db"), "rationale: two.db: it holds 2 tables – open one as FILE#TABLE: a, b");
    assert_eq!(refusal(folder.path(), "two.db#c"), "rationale: two.db: it has no table c – choose one of a, b");
    assert_eq!(columns(&json(&profile(folder.path(), "two.db#b"))), vec![json!(["y", "Int64", 0, 7, 8])]);
    assert!(refusal(folder.path(), "two.db#a").contains("no rows"));
}

/// A zip archive of these files, deflated.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut listing) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, content).unwrap();
        let packed = packed.finish().unwrap();
        let (at, mut crc) = (u32::try_from(bytes.len()).unwrap(), flate2::Crc::new());
        crc.update(content);
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x58];
        common.extend(crc.sum().to_le_bytes());
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
        listing.extend(b"PK\x01\x02\x14\x00");
        listing.extend(&common);
        listing.extend([0; 10]);
        listing.extend(at.to_le_bytes());
        listing.extend(name.as_bytes());
    }
    let (start, n) = (u32::try_from(bytes.len()).unwrap(), u16::try_from(files.len()).unwrap().to_le_bytes());
    let size = u32::try_from(listing.len()).unwrap().to_le_bytes();
    bytes.extend(&listing);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([n, n].concat());
    bytes.extend(size);
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn a_bad_workbook_or_database_is_one_sentence_and_exit_code_two() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let (book, weather) = (fixture("book.xlsx"), fixture("weather.ods"));
    put("torn.xlsx", &book[..book.len() / 2]);
    put("torn.ods", &weather[..weather.len() / 2]);
    put("page.xlsx", b"<!DOCTYPE html><html><body>please log in</body></html>");
    put("archive.zip", &zip(&[("readme.md", b"hello"), ("b.md", b"hello")]));
    put("old.xls", &[&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[7; 2_000]].concat());
    put("torn.db", &[b"SQLite format 3\0".as_slice(), &[0xFF; 200]].concat());
    // One cell that says it is repeated over the whole sheet, and columns of it: far more than memory holds.
    let bomb = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"T\">{}</table:table></office:spreadsheet></office:body></office:document-content>",
        "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"float\" office:value=\"1\"><text:p>1</text:p></table:table-cell></table:table-row>"
    );
    put(
        "bomb.ods",
        &zip(&[
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            (
                "META-INF/manifest.xml",
                b"<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
            ),
            ("content.xml", bomb.as_bytes()),
        ]),
    );
    for (name, why) in [
        ("torn.xlsx", "it can't be read as a workbook: "),
        ("torn.ods", "it can't be read as a workbook: "),
        ("page.xlsx", "it is a web page, not a table – download the data file itself"),
        (
            "archive.zip",
            "it is a zip archive without a table – unpack it, or open one of its files as FILE#NAME: readme.md, b.md",
        ),
        ("old.xls", "it can't be read as a workbook: "),
        ("torn.db", "it can't be read as a database: "),
        ("bomb.ods", ""),
    ] {
        let said = refusal(folder.path(), name);
        assert!(said.starts_with(&format!("rationale: {name}: {why}")), "{said}");
    }
    std::fs::write(folder.path().join("plain.csv"), "a,b\n1,2\n").unwrap();
    assert_eq!(
        refusal(folder.path(), "plain.csv#x"),
        "rationale: plain.csv: it is one table and has no part x – name the file alone"
    );
    // Bytes that were changed at some place: an answer or a sentence, never anything else.
    for (name, bytes) in [("book.xlsx", &book), ("weather.ods", &weather)] {
        for n in 0..20 {
            let mut bad = bytes.clone();
            let at = bad.len() * n / 20;
            bad[at] ^= 0x55;
            put(name, &bad);
            let output = profile(folder.path(), name);
            assert!(matches!(output.status.code(), Some(0 | 2)), "{name} at {at}: {output:?}");
            assert_eq!(output.stderr.len(), 0, "{name} at {at}: {output:?}");
        }
    }
}

#[test]
fn a_model_and_a_script_run_on_a_sheet_and_the_workbook_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let book = fixture("penguins.xlsx");
    std::fs::write(folder.path().join("book.xlsx"), &book).unwrap();
    let run = |name: &str, code: &str| {
        std::fs::write(folder.path().join(name), code).unwrap();
        let arguments = ["run", name, "--data", "book.xlsx#Sheet2", "--target", "species", "--json"];
        json(&program(folder.path()).args(arguments).stdin(Stdio::null()).output().unwrap())
    };
    let model = run(
        "model.py",
        "from sklearn.ensemble import HistGradientBoostingClassifier\nfrom sklearn.compose import make_column_selector, make_column_transformer\nfrom sklearn.pipeline import make_pipeline\n\n\ndef build():\n    numbers = make_column_transformer((\"passthrough\", make_column_selector(dtype_include=\"number\")))\n    return make_pipeline(numbers, HistGradientBoostingClassifier(max_iter=20, random_state=0))\n",
    );
    assert_eq!(model["status"], "finished", "{model}");
    assert_eq!(model["data_hash"], blake3::hash(&book).to_hex().to_string());
    let accuracy = model["metrics"]["balanced_accuracy"]["mean"].as_f64().unwrap();
    assert!(accuracy > 0.9 && accuracy < 1.0, "{accuracy}");
    let script = run(
        "script.py",
        "import os\nimport pandas as pd\n\nframe = pd.read_csv(os.environ[\"RATIONALE_DATA\"])\nprint(len(frame), \"rows\", frame[\"bill_length_mm\"].dtype)\n",
    );
    assert_eq!(script["status"], "finished", "{script}");
    let log = folder.path().join(".rationale/runs").join(script["run_id"].as_str().unwrap()).join("fold-0/output.log");
    assert_eq!(std::fs::read_to_string(log).unwrap(), "275 rows float64\n");
    assert!(std::fs::read(folder.path().join("book.xlsx")).unwrap() == book);
    assert_eq!(names_in(folder.path()), vec![".rationale", "book.xlsx", "model.py", "rationale.toml", "script.py"]);
    let framed = std::fs::read_to_string(folder.path().join("rationale.toml")).unwrap();
    assert!(framed.contains("[data.\"book.xlsx#Sheet2\"]"), "{framed}");
}

#[test]
fn a_file_in_an_archive_is_a_table_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let table = b"a,b\n1,x\n2,y\n";
    let packed = zip(&[("one/t.csv", table), ("two/t.csv", b"c\n7\n")]);
    std::fs::write(folder.path().join("both.zip"), &packed).unwrap();
    assert_eq!(
        refusal(folder.path(), "both.zip"),
        "rationale: both.zip: it holds 2 tables – open one as FILE#NAME: one/t.csv, two/t.csv"
    );
    assert_eq!(
        refusal(folder.path(), "both.zip#t.csv"),
        "rationale: both.zip: it has no file t.csv – choose one of one/t.csv, two/t.csv"
    );
    let two = json(&profile(folder.path(), "both.zip#two/t.csv"));
    assert_eq!(columns(&two), vec![json!(["c", "Int64", 0, 7, 7])]);
    assert_eq!(two["source"]["notes"], json!(["unpacked from zip", "this is two/t.csv; 1 other file in the archive"]));
    assert_eq!(two["source"]["data_hash"], blake3::hash(&packed).to_hex().to_string());
}

#[test]
fn a_table_comes_through_a_pipe() {
    let folder = folder_with(&["penguins.csv"]);
    let scratch = folder.path().join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    let open = || Stdio::from(std::fs::File::open(folder.path().join("penguins.csv")).unwrap());
    let output = bare_program(folder.path())
        .args(["profile", "-", "--json"])
        .env("TMPDIR", &scratch)
        .stdin(open())
        .output()
        .unwrap();
    let mut piped = json(&output);
    let mut named = json(&profile(folder.path(), "penguins.csv"));
    assert_eq!((&piped["source"]["path"], &named["source"]["path"]), (&json!("-"), &json!("penguins.csv")));
    piped["source"]["path"].take();
    named["source"]["path"].take();
    assert_eq!(piped, named);
    assert_eq!(names_in(&scratch), Vec::<String>::new(), "nothing stays behind");
    let nothing = profile(folder.path(), "-");
    assert_eq!(
        json(&nothing),
        json!({"error": {"what": "standard input", "why": "nothing came through it", "next": "check the command before the pipe"}})
    );
    assert_eq!(nothing.status.code(), Some(2));

    std::fs::create_dir(folder.path().join("config")).unwrap();
    let mut pty = Pty::start(folder.path(), 100, 30, "- <penguins.csv");
    pty.expect("344 × 8");
    pty.type_in("q");
    let (text, is_sane) = pty.end(folder.path());
    assert!(is_sane && text.contains("[code 0]"), "{text}");
    assert_eq!(names_in(&folder.path().join("state/piped")).len(), 1);
}

#[test]
fn a_workbook_on_the_command_line_is_looked_into_and_not_read() {
    // The names of its sheets are whole, the cells of one are not: what is wrong shows where the table would be.
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("book.xlsx"), fixture("broken-sheet.xlsx")).unwrap();
    let mut pty = Pty::start(folder.path(), 100, 30, "book.xlsx");
    pty.expect("it can't be read as a workbook");
    pty.expect("q leave");
    pty.type_in("q");
    assert!(pty.end(folder.path()).0.contains("[code 0]"));
    let mut pty = Pty::start(folder.path(), 100, 30, "'book.xlsx#Nope'");
    pty.expect("rationale: book.xlsx: it has no sheet Nope");
    assert!(pty.end(folder.path()).0.contains("[code 2]"));
}

#[test]
fn what_is_odd_about_a_file_is_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.csv");
    let rows: String = (0..40).map(|n| format!("{n};{};a\n", n % 2)).collect();
    std::fs::write(
        &path,
        format!("id;y;word\n{rows}7;1\n8;0;b;c;d\n9;1;b;c\n")
            .replace('a', "\u{e4}")
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect::<Vec<u8>>(),
    )
    .unwrap();
    let table = Table::open(&path).unwrap();
    let (known, proposal) = know(&table, "y");
    let mut bench = Harness::new(160, 30);
    bench.send(Msg::Open("odd.csv".into()));
    bench.report(JobEvent::Opened(Box::new(table.source.clone()), table.page(0, 50).unwrap()));
    bench.report_to(|job| matches!(job, Job::Profile), JobEvent::Known(Box::new(known), Ok(Box::new(proposal)), None));
    bench.keys("z");
    insta::assert_snapshot!("odd_file_pane", bench.screen().lines().take(8).collect::<Vec<_>>().join("\n"));
    bench.keys("w");
    insta::assert_snapshot!("odd_file_warnings", bench.screen().lines().take(12).collect::<Vec<_>>().join("\n"));
    // Every row is there, and the one that is pointed at is gone to.
    assert_eq!(table.page(40, 9).unwrap().rows.len(), 3);
}

/// As R writes a frame: its names of rows have no name of their own.
#[test]
fn a_header_one_name_short_leaves_the_first_field_to_names_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        std::fs::write(folder.path().join("r.csv"), text).unwrap();
        json(&profile(folder.path(), "r.csv"))
    };
    let frame = told("\"weight\",\"feed\"\n\"1\",26.5,NA\n\"2\",27.5,5.25\n\"3\",36.5,17.5\n");
    assert_eq!(
        columns(&frame),
        vec![
            json!(["row", "Int64", 0, 1, 3]),
            json!(["weight", "Float64", 0, 26.5, 36.5]),
            json!(["feed", "Float64", 1, 5.25, 17.5]),
        ]
    );
    let said = "each row has one field more than the header: the first is taken for its name";
    assert_eq!(frame["source"]["notes"], json!([said]));
    // A delimiter at the end of each line is no name, and neither is what one long row has too much.
    for text in ["weight,feed\n26.5,1,\n27.5,5,\n", "weight,feed\n1,26.5,7\n27.5,5\n"] {
        let columns: Vec<_> = told(text)["columns"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(columns, [json!("weight"), json!("feed")], "{text}");
    }
}
