//! Files in, numbers out: every format gives the same, and nothing is read that is not asked for.

use std::io::Write;
use std::path::{Path, PathBuf};

use polars::prelude::{CsvReadOptions, DataFrame, IpcWriter, NullValues, ParquetWriter, SerReader, SerWriter};
use rationale::effects::data::Table;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::formats::zip;
use crate::harness::{know, repository};

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn penguins_text() -> String {
    std::fs::read_to_string(repository().join("assets/penguins.csv")).unwrap()
}

fn profile_of(path: &Path, target: &str) -> Value {
    let table = Table::open(path).unwrap();
    table.count(&CancellationToken::new(), &mut |_| {}).unwrap();
    let (known, _) = know(&table, target);
    rationale::json::profile(&table.source, &known.profile, &known.warnings)
}

/// The profile of a small CSV file, its columns by name.
fn small(text: &str, target: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    profile_of(&write(folder.path(), "small.csv", text.as_bytes()), target)
}

fn column<'a>(profile: &'a Value, name: &str) -> &'a Value {
    profile["columns"].as_array().unwrap().iter().find(|column| column["name"] == name).unwrap()
}

fn warning_ids(profile: &Value) -> Vec<(&str, Vec<&str>)> {
    profile["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| {
            let columns = warning["columns"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            (warning["id"].as_str().unwrap(), columns)
        })
        .collect()
}

#[test]
fn every_format_gives_the_same_profile() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = penguins_text();
    let frame: DataFrame = CsvReadOptions::default()
        .map_parse_options(|options| options.with_null_values(Some(NullValues::AllColumnsSingle("NA".into()))))
        .with_infer_schema_length(None)
        .into_reader_with_file_handle(std::io::Cursor::new(text.clone()))
        .finish()
        .unwrap();
    let mut paths = vec![
        write(folder, "a.csv", text.as_bytes()),
        write(folder, "b.tsv", text.replace(',', "\t").as_bytes()),
        write(folder, "semicolon.csv", text.replace(',', ";").as_bytes()),
        write(folder, "windows.csv", format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes()),
        write(folder, "no-newline-at-the-end.csv", text.trim_end().as_bytes()),
    ];
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    paths.push(write(folder, "c.csv.gz", &gz.finish().unwrap()));
    paths.push(write(folder, "d.csv.zst", &zstd::encode_all(text.as_bytes(), 1).unwrap()));
    let mut bz2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz2.write_all(text.as_bytes()).unwrap();
    paths.push(write(folder, "e.csv.bz2", &bz2.finish().unwrap()));
    paths.push(write(folder, "f.zip", &zip(&[("inner/f.csv", text.as_bytes()), ("__MACOSX/._f.csv", b"\0")])));
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    paths.push(write(folder, "little.csv", &little(&format!("\u{feff}{text}"))));
    paths.push(write(folder, "big.csv", &big(&format!("\u{feff}{text}"))));
    paths.push(write(folder, "little-without-mark.csv", &little(&text)));
    paths.push(write(folder, "big-without-mark.csv", &big(&text)));
    let mut lines = String::new();
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    for line in text.lines().skip(1) {
        let cells = names.iter().zip(line.split(',')).map(|(name, cell)| {
            let value = match cell.parse::<f64>() {
                _ if cell == "NA" || cell.is_empty() => Value::Null,
                Ok(_) => serde_json::from_str(cell).unwrap(),
                Err(_) => json!(cell),
            };
            ((*name).to_owned(), value)
        });
        lines.push_str(&format!("{}\n", Value::Object(cells.collect())));
    }
    paths.push(write(folder, "e.ndjson", lines.as_bytes()));
    let array = format!("[{}]", lines.trim_end().replace('\n', ",\n  "));
    paths.push(write(folder, "array.json", array.as_bytes()));
    paths.push(write(folder, "packed-array.zip", &zip(&[("array.json", array.as_bytes())])));
    let values: Vec<Value> = serde_json::from_str(&array).unwrap();
    let spread: Vec<String> = values.iter().map(|value| serde_json::to_string_pretty(value).unwrap()).collect();
    paths.push(write(folder, "spread.json", spread.join("\n").as_bytes()));
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame.clone()).unwrap();
    paths.push(write(folder, "f.parquet", &bytes));
    let mut bytes = Vec::new();
    IpcWriter::new(&mut bytes).finish(&mut frame.clone()).unwrap();
    paths.push(write(folder, "g.arrow", &bytes));

    let strip = |mut profile: Value| {
        // How many gaps were written as a word depends on the format, and so do the file's own facts.
        for column in profile["columns"].as_array_mut().unwrap() {
            let column = column.as_object_mut().unwrap();
            column.shift_remove("n_null_markers");
            // The last bits of a sum depend on where in memory its terms lie.
            for name in ["mean", "std"] {
                column[name] = json!(column[name].as_f64().map(|value| format!("{value:.12e}")));
            }
        }
        let source = profile["source"].take();
        (profile, source["n_rows"].clone(), source["n_columns"].clone())
    };
    let first = strip(profile_of(&paths[0], "species"));
    assert_eq!((&first.1, &first.2), (&json!(344), &json!(8)));
    for path in &paths[1..] {
        assert_eq!(strip(profile_of(path, "species")), first, "{}", path.display());
    }
}

#[test]
fn the_numbers_are_those_that_can_be_worked_out_by_hand() {
    let profile = small("x,word,y\n1,a,0\n2,b,1\n3,a,0\n4,NA,1\n10,a,0\n,c,1\n", "y");
    let x = column(&profile, "x");
    assert_eq!((&x["dtype"], &x["n_null"], &x["n_distinct"]), (&json!("Int64"), &json!(1), &json!(5)));
    assert_eq!((&x["min"], &x["max"], &x["mean"]), (&json!(1), &json!(10), &json!(4.0)));
    assert!((x["std"].as_f64().unwrap() - 12.5f64.sqrt()).abs() < 1e-12, "{x}");
    assert_eq!(
        x["quantiles"],
        json!({"0.05": 1.2, "0.25": 2.0, "0.5": 3.0, "0.75": 4.0, "0.95": 8.799_999_999_999_999})
    );
    let word = column(&profile, "word");
    assert_eq!((&word["n_null"], &word["n_null_markers"], &word["n_distinct"]), (&json!(1), &json!(1), &json!(3)));
    assert_eq!(word["top"][0], json!({"value": "a", "count": 3}));
    assert_eq!(profile["source"]["n_rows"], json!(6));
}

#[test]
fn unknown_is_null_and_not_zero() {
    let profile = small("x,empty,y\n5,,a\n,,b\n", "y");
    let x = column(&profile, "x");
    assert_eq!((&x["mean"], &x["std"]), (&json!(5.0), &Value::Null));
    let empty = column(&profile, "empty");
    assert_eq!((&empty["min"], &empty["mean"], &empty["n_null"]), (&Value::Null, &Value::Null, &json!(2)));
}

#[test]
fn every_marker_that_pandas_knows_is_no_value() {
    let markers = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    ];
    let rows: String = markers.iter().map(|marker| format!("{marker},1\n")).collect();
    let profile = small(&format!("x,y\n3.5,0\n{rows}"), "y");
    let x = column(&profile, "x");
    assert_eq!((&x["dtype"], &x["n_null"]), (&json!("Float64"), &json!(markers.len())));
    assert_eq!(x["n_null_markers"], json!(markers.len() - 1));
}

#[test]
fn what_is_no_number_stays_as_it_is_written() {
    let profile = small("zip,time,mixed,y\n01234,2026-01-02,1,0\n04109,2026-03-04,two,1\n10115,2026-05-06,3,0\n", "y");
    assert_eq!(
        (&column(&profile, "zip")["dtype"], &column(&profile, "zip")["min"]),
        (&json!("String"), &json!("01234"))
    );
    assert_eq!(
        (&column(&profile, "time")["dtype"], &column(&profile, "time")["min"]),
        (&json!("Date"), &json!("2026-01-02"))
    );
    assert_eq!(column(&profile, "mixed")["dtype"], json!("String"));
}

#[test]
fn quotes_hold_delimiters_and_line_ends() {
    let profile = small("text,y\n\"a,\nb\",0\n\"say \"\"hi\"\"\",1\nplain,0\n", "y");
    let top: Vec<&str> =
        column(&profile, "text")["top"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert_eq!(profile["source"]["n_rows"], json!(3));
    for value in ["a,\nb", "say \"hi\"", "plain"] {
        assert!(top.contains(&value), "{value} is not in {top:?}");
    }
}

#[test]
fn the_planted_defects_are_found_and_penguins_are_left_in_peace() {
    let churn = profile_of(&repository().join("assets/churn.csv"), "churned");
    let found = warning_ids(&churn);
    let expected: [(&str, &[&str]); 10] = [
        ("target-leak", &["cancel_reason"]),
        ("date-after-outcome", &["last_login"]),
        ("identifier", &["customer_id"]),
        ("duplicate-rows", &[]),
        ("mixed-types", &["total_charges"]),
        ("mostly-empty", &["referral_code"]),
        ("constant", &["country"]),
        ("constant", &["snapshot_date"]),
        ("outliers", &["usage_hours"]),
        ("outliers", &["age"]),
    ];
    for (id, columns) in expected {
        let hit = found.iter().any(|(other, at)| *other == id && columns.iter().all(|column| at.contains(column)));
        assert!(hit, "{id} of {columns:?} is not in {found:?}");
    }
    assert_eq!(churn["n_duplicate_rows"], json!(40));
    let penguins = profile_of(&repository().join("assets/penguins.csv"), "species");
    let severe: Vec<&Value> =
        penguins["warnings"].as_array().unwrap().iter().filter(|warning| warning["severity"] == "high").collect();
    assert_eq!(severe, Vec::<&Value>::new());
}

#[test]
fn escape_sequences_in_cells_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "esc.csv", b"\x1b[31mname\x07,y\n\x1b[2Ja,1\nb\x08,2\n");
    let table = Table::open(&path).unwrap();
    let names: Vec<&str> = table.source.columns.iter().map(|column| column.name.expose()).collect();
    assert_eq!(names, ["\x1b[31mname\x07", "y"]);
    let page = table.page(0, 10).unwrap();
    let cells: Vec<String> = page.rows.iter().map(|row| row[0].as_ref().unwrap().to_string()).collect();
    assert_eq!(cells, ["␛[2Ja", "b␈"]);
}

#[test]
fn a_page_anywhere_is_what_the_file_holds_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("n,word\n");
    for n in 0..50_000 {
        text.push_str(&format!("{n},\"row\n{n}\"\n"));
    }
    let path = write(folder.path(), "long.csv", text.as_bytes());
    let table = Table::open(&path).unwrap();
    assert_eq!(table.source.n_rows, None);
    assert_eq!(table.page(0, 3).unwrap().rows.len(), 3);
    assert_eq!(table.count(&CancellationToken::new(), &mut |_| {}).unwrap(), 50_000);
    for first in [0u64, 1, 4_095, 4_096, 31_337, 49_999] {
        let page = table.page(first, 2).unwrap();
        assert_eq!(page.row(first).unwrap()[0].as_ref().unwrap().as_str(), first.to_string());
    }
    assert!(table.page(50_000, 5).unwrap().rows.is_empty());
}

#[test]
fn opening_reads_the_beginning_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.csv");
    let mut file = std::fs::File::create(&path).unwrap();
    let mut text = String::from("a,b\n");
    for n in 0..100_000 {
        text.push_str(&format!("{n},x\n"));
    }
    file.write_all(text.as_bytes()).unwrap();
    // What follows is a hole of 40 GB, which nobody can read in the time of a test.
    file.set_len(40_000_000_000).unwrap();
    let table = Table::open(&path).unwrap();
    assert_eq!(table.page(0, 100).unwrap().rows.len(), 100);
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert!(table.count(&cancel, &mut |_| {}).is_err(), "counting was stopped");
}

#[test]
fn the_file_is_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "p.csv", penguins_text().as_bytes());
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    profile_of(&path, "species");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), penguins_text());
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["p.csv"]);
}

#[test]
fn a_second_table_is_held_against_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |shift: f64, plans: &[&str], extra: &str| {
        let mut text = format!("id,spend,plan,day,{extra}\n");
        for row in 0..400u32 {
            let spend = f64::from(row * 7919 % 400) / 10.0 + shift;
            let plan = plans[usize::try_from(row * 31 % 97).unwrap() % plans.len()];
            let day = 1 + row % 28;
            text.push_str(&format!("u{shift}{row},{spend},{plan},2024-02-{day:02},{}\n", row % 2));
        }
        text
    };
    write(folder.path(), "before.csv", rows(0.0, &["basic", "plus", "basic"], "old").as_bytes());
    write(folder.path(), "now.csv", rows(25.0, &["basic", "plus", "max"], "fresh").as_bytes());
    let run = |now: &str, more: &[&str]| {
        let mut arguments = vec!["profile", "before.csv", "--against", now];
        arguments.extend(more);
        crate::harness::program(folder.path()).args(arguments).output().unwrap()
    };
    let told = crate::harness::json(&run("now.csv", &["--json"]));
    let drift = &told["drift"];
    let verdicts: Vec<(&str, &str)> = drift["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .collect();
    let expected = [
        ("id", "not checked: nearly every row has a value of its own"),
        ("spend", "shifted"),
        ("plan", "shifted"),
        ("day", "alike"),
    ];
    assert_eq!(verdicts, expected, "{drift}");
    assert_eq!(drift["columns"][2]["new"], serde_json::json!({"n": 1, "values": [{"value": "max", "count": 132}]}));
    assert_eq!(
        (&drift["columns_gone"], &drift["columns_new"]),
        (&serde_json::json!(["old"]), &serde_json::json!(["fresh"]))
    );
    assert_eq!((&drift["against"]["n_rows"], &told["source"]["n_rows"]), (&400.into(), &400.into()));
    let text = String::from_utf8(run("now.csv", &[]).stdout).unwrap();
    assert!(
        text.starts_with("now.csv (400 rows) held against before.csv (400 rows)\ncolumns that are gone: old\n"),
        "{text}"
    );
    // The same file is alike in all, and a file that is not there is one sentence.
    let same = crate::harness::json(&run("before.csv", &["--json"]));
    assert!(!same["drift"].to_string().contains("shifted"), "{same}");
    let gone = run("gone.csv", &[]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(String::from_utf8(gone.stderr).unwrap().starts_with("rationale: gone.csv: "));
}
