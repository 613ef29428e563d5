//! The engine against readers that are slow and plain.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::RwLock;

use proptest::prelude::*;

use super::cells::Cells;
use super::index::{self, Index};
use super::records::{Layout, Pieces};
use super::scan::{BLOCK, State, Walk, block_at};
use super::search::{self, Hit, Language, Pattern};
use super::{order, pass, read, sketch, tally};
use crate::domain::kind::{self, Kind};

const TOKENS: [&str; 16] =
    ["a", "b7", "1", "-2.5", ",", ",", "\"", "\"\"", "\n", "\n", "\r\n", "\r", "NA", "é", "x y", "zebra"];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 0..160).prop_map(|tokens| tokens.concat())
}

/// Every record of a text, as the `csv` crate reads it.
fn plain(text: &[u8], n_columns: usize) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    reader
        .byte_records()
        .map(|record| {
            let record = record.unwrap();
            (0..n_columns).map(|idx| record.get(idx).unwrap_or_default().to_vec()).collect()
        })
        .collect()
}

fn layout(n_columns: usize) -> Layout {
    Layout { delimiter: b',', has_header: false, start: 0, n_columns }
}

fn rows_of(cells: &Cells, n_columns: usize) -> Vec<Vec<Vec<u8>>> {
    (0..cells.n_rows).map(|row| (0..n_columns).map(|column| cells.cell(row, column).to_vec()).collect()).collect()
}

/// A reader that gives as few bytes as it likes.
struct Slow<R>(R, usize);

impl<R: Read> Read for Slow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = buffer.len().min(self.1);
        self.0.read(&mut buffer[..n])
    }
}

proptest! {
    #[test]
    fn cells_are_those_of_the_csv_crate(text in text(), n_columns in 1usize..5) {
        let mut cells = Cells::of(text.clone().into_bytes());
        cells.cut(n_columns, b',');
        let expected = plain(text.as_bytes(), n_columns);
        prop_assert_eq!(&rows_of(&cells, n_columns), &expected);
        for column in 0..n_columns {
            let mut one = Cells::of(text.clone().into_bytes());
            one.cut_one(column, b',');
            let own: Vec<Vec<u8>> = one.column(0).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(own, expected.iter().map(|row| row[column].clone()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_walk_cut_anywhere_is_the_whole_walk(text in text(), at in 0usize..400) {
        let text = text.as_bytes();
        let starts = |pieces: &[&[u8]]| {
            let (mut walk, mut found, mut base) = (Walk::new(b',', State::START), Vec::new(), 0);
            for piece in pieces {
                for at in (0..piece.len()).step_by(BLOCK) {
                    let (block, n) = block_at(piece, at);
                    let starts = walk.step::<false>(&block, n).starts;
                    found.extend((0..BLOCK).filter(|bit| starts >> bit & 1 == 1).map(|bit| base + at + bit));
                }
                base += piece.len();
            }
            (found, walk.state)
        };
        let (left, right) = text.split_at(at.min(text.len()));
        let whole = starts(&[text]);
        prop_assert_eq!(&starts(&[left, right]), &whole);
        prop_assert_eq!(whole.0.len(), plain(text, 1).len());
    }

    #[test]
    fn values_are_those_of_the_domain(cell in "[-+ ]?[0-9]{0,19}[.]?[0-9]{0,19}(e-?[0-9]{1,3})?|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,7})?)?Z?)?| ?inf|NA|nan|True|x") {
        let bytes = cell.as_bytes();
        prop_assert_eq!(read::int(bytes), kind::int(&cell));
        prop_assert_eq!(read::float(bytes).map(f64::to_bits), kind::float(&cell).map(f64::to_bits));
        prop_assert_eq!(read::date(bytes), kind::date(&cell));
        let slow = kind::datetime(&cell).or_else(|| kind::date(&cell).map(|days| i64::from(days) * 86_400_000_000));
        prop_assert_eq!(read::datetime(bytes), slow);
        prop_assert_eq!(read::is_null(bytes), kind::is_null_marker(&cell));
        prop_assert_eq!(read::is_numeric(bytes), kind::float(&cell).is_some());
    }

    #[test]
    fn a_search_finds_the_rows_that_hold_the_text(
        text in text(),
        pattern in prop::sample::select(vec!["zebra", "a", "\"", "a\"", "^a$", "b7|x y", "a.*1", "é", "ZEBRA", "^$"]),
        ignores_case: bool,
    ) {
        let is_regex = pattern.contains(['^', '|', '*']);
        let compiled = Pattern::new(pattern, if is_regex { Language::Regex } else { Language::Text }, ignores_case).unwrap();
        let source = if is_regex { pattern.to_owned() } else { regex::escape(pattern) };
        let slow = regex::bytes::RegexBuilder::new(&source)
            .case_insensitive(ignores_case).dot_matches_new_line(true).build().unwrap();
        let expected: Vec<Hit> = (0..)
            .zip(plain(text.as_bytes(), 3))
            .filter_map(|(row, cells)| cells.iter().position(|cell| slow.is_match(cell)).map(|column| Hit { row, column }))
            .collect();
        let bytes = text.clone().into_bytes();
        let index = RwLock::new(Index::default());
        index::count(&bytes[..], layout(3), 2, &index, &|| false, &mut |_, _| {}).unwrap();
        let index = index.into_inner().unwrap();
        let open_at = |offset: u64| {
            let mut bytes = Cursor::new(bytes.clone());
            bytes.seek(SeekFrom::Start(offset))?;
            Ok(Box::new(bytes) as Box<dyn Read + Send>)
        };
        let place = search::Place { open_at: &open_at, layout: layout(3), index: &index, is_stopped: &|| false, n_workers: 2 };
        prop_assert_eq!(&search::forward(&place, &compiled, 0, usize::MAX, &|_, _| {}).unwrap(), &expected);
        let after: Vec<Hit> = expected.iter().copied().filter(|hit| hit.row >= 3).take(1).collect();
        prop_assert_eq!(search::forward(&place, &compiled, 3, 1, &|_, _| {}).unwrap(), after);
        let before = expected.iter().copied().rfind(|hit| hit.row < 3);
        if index.n_rows() > 3 {
            prop_assert_eq!(search::backward(&place, &compiled, 3).unwrap(), before);
        }
    }

    #[test]
    fn an_order_is_that_of_a_stable_sort(cells in prop::collection::vec(
        prop::sample::select(vec!["", "NA", "b", "bb", "carla.kowalski1", "carla.kowalski12", "carla.kowalski", "a", "é"]), 1..60,
    ), is_descending: bool) {
        let text: Vec<u8> = cells.iter().map(|cell| format!("x,{cell}\n")).collect::<String>().into_bytes();
        let open_at = |_| Ok(Box::new(Cursor::new(text.clone())) as Box<dyn Read + Send>);
        let index = Index::default();
        let place = search::Place { open_at: &open_at, layout: layout(2), index: &index, is_stopped: &|| false, n_workers: 2 };
        let sorted = order::sort(&place, 1, Kind::Int, is_descending, order::FirstPage(0, &mut |_| {})).unwrap();
        let mut expected: Vec<u32> = (0..u32::try_from(cells.len()).unwrap()).collect();
        expected.sort_by(|a, b| {
            let (a, b) = (cells[*a as usize], cells[*b as usize]);
            let order = if is_descending { b.cmp(a) } else { a.cmp(b) };
            kind::is_null_marker(a).cmp(&kind::is_null_marker(b))
                .then(if kind::is_null_marker(a) { std::cmp::Ordering::Equal } else { order })
        });
        prop_assert_eq!(sorted, order::Order { rows: expected, is_exact: true });
        let rows = order::filter(&place, (1, Kind::Text), b"bb", false).unwrap();
        let expected: Vec<u32> = (0..).zip(&cells).filter(|(_, cell)| **cell == "bb").map(|(row, _)| row).collect();
        prop_assert_eq!(rows, expected);
    }
}

/// A text of many pieces in which quoted line ends, doubled quotes and stray quotes fall on every kind of boundary.
fn long_text(n_rows: usize) -> Vec<u8> {
    let mut text = String::from("n,t,f\n");
    for row in 0..n_rows {
        let note = match row % 7 {
            0 => format!("\"two\nlines, {row}\""),
            1 => "\"she said \"\"hi\n\"\"\"".to_owned(),
            2 => "5\" wide".to_owned(),
            3 => String::new(),
            _ => format!("plain {}", row % 1000),
        };
        text.push_str(&format!("{row},{note},{}{}", row % 977, if row % 3 == 0 { "\r\n" } else { "\n" }));
    }
    text.into_bytes()
}

#[test]
fn an_index_leads_to_every_row() {
    let text = long_text(150_000);
    let layout = Layout { has_header: true, ..layout(3) };
    for (n_workers, step) in [(1, usize::MAX), (3, 100_003)] {
        let index = RwLock::new(Index::default());
        let n = index::count(Slow(&text[..], step), layout, n_workers, &index, &|| false, &mut |_, _| {}).unwrap();
        let index = index.into_inner().unwrap();
        assert_eq!((n, index.n_rows(), index.is_complete), (150_000, 150_000, true));
        for row in (0..150_000).step_by(997) {
            let start = index.find(row).unwrap();
            assert!(start.n_before <= index::STRIDE + 1, "{start:?}");
            let rest = &text[usize::try_from(start.offset).unwrap()..];
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rest);
            let record = reader.byte_records().nth(usize::try_from(start.n_before).unwrap()).unwrap().unwrap();
            assert_eq!(&record[0], row.to_string().as_bytes());
        }
    }
}

#[test]
fn pieces_hold_whole_records_and_every_byte() {
    let text = long_text(100_000);
    let layout = Layout { has_header: true, ..layout(3) };
    let mut pieces = Pieces::new(Slow(&text[..], 65_537), layout, true);
    let (mut bytes, mut all, mut n_rows) = (Vec::new(), Vec::new(), 0);
    while let Some(place) = pieces.next(&mut bytes).unwrap() {
        assert_eq!((place.first_row, place.offset), (n_rows, all.len() as u64));
        n_rows += plain(&bytes, 1).len() as u64 - u64::from(place.has_header);
        all.extend_from_slice(&bytes);
    }
    assert_eq!((n_rows, all == text), (100_000, true));
    assert_eq!(pieces.hash().unwrap(), blake3::hash(&text).to_hex().to_string());
}

fn profile(text: &[u8], names: &[&str], n_workers: usize, budget: usize) -> pass::Outcome {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let layout = Layout { has_header: true, ..layout(names.len()) };
    let task = pass::Task {
        open: &|| Ok(Box::new(Cursor::new(text.to_vec()))),
        layout,
        names: &names,
        n_bytes: Some(text.len() as u64),
        is_stopped: &|| false,
        n_workers,
        budget,
    };
    pass::profile(&task, &mut |_| {}).unwrap()
}

#[test]
fn a_profile_does_not_depend_on_how_many_read() {
    let mut text = long_text(150_000);
    text.extend_from_slice(b"x,late,1.5\nx,late,1.5\n");
    let one = profile(&text, &["n", "t", "f"], 1, pass::BUDGET);
    for n_workers in [2, 5] {
        let many = profile(&text, &["n", "t", "f"], n_workers, pass::BUDGET);
        assert_eq!((&many.columns, &many.repeats, &many.hash), (&one.columns, &one.repeats, &one.hash));
    }
    // The first column became text and the last one a fraction, both in the last piece.
    let kinds: Vec<Kind> = one.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Text, Kind::Float]);
    assert_eq!((one.columns[0].n_numeric_text, one.columns[0].n_distinct), (150_000, 150_001));
    assert_eq!((one.repeats.n, one.repeats.rows.clone(), one.n_rows), (1, vec![150_001], 150_002));
}

#[test]
fn what_does_not_fit_is_estimated_within_the_stated_error() {
    let n = 200_000u64;
    // A bijection on 0..n: every number once, in no order.
    let mut text = String::from("k,s,c\n");
    (0..n).for_each(|row| text.push_str(&format!("{},id-{}-x,{}\n", row * 77_773 % n, row * 77_773 % n, row % 5)));
    let known = profile(text.as_bytes(), &["k", "s", "c"], 2, 300_000);
    let (column, accuracy) = (&known.columns[0], known.columns[0].accuracy);
    let error = accuracy.rank_error.unwrap();
    assert!(error > 0.0 && error < 0.05, "{error}");
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    for (q, value) in crate::domain::profile::QUANTILES.iter().zip(column.numbers.as_ref().unwrap().quantiles) {
        assert!((value / n as f64 - q).abs() <= error + 1e-5, "{q}: {value}, {error}");
    }
    let within = |n_distinct: u64| n_distinct.abs_diff(n) < n / 25;
    for column in [0, 1] {
        let (column, accuracy) = (&known.columns[column], known.columns[column].accuracy);
        assert!(!column.distinct_exact && within(column.n_distinct), "{}", column.n_distinct);
        assert_eq!(accuracy.distinct_error, Some(sketch::Distinct::ERROR));
    }
    assert_eq!((known.columns[2].n_distinct, known.columns[2].distinct_exact), (5, true));
    let exact = profile(text.as_bytes(), &["k", "s", "c"], 2, pass::BUDGET);
    assert_eq!((exact.columns[0].n_distinct, exact.columns[1].n_distinct), (n, n));
    assert_eq!(exact.columns[0].accuracy, crate::domain::profile::Accuracy::default());
    let numbers = |known: &pass::Outcome| known.columns[0].numbers.as_ref().map(|numbers| (numbers.mean, numbers.std));
    assert_eq!(numbers(&known), numbers(&exact));
}

#[test]
fn frequent_values_have_counts_within_the_stated_error() {
    let mut frequent = sketch::Frequent::new(64);
    for row in 0..100_000u64 {
        frequent.add(if row % 4 == 0 { 7 } else { tally::mix(row) }, 1);
    }
    let sure = frequent.sure();
    let count = sure.iter().find(|(key, _)| *key == 7).unwrap().1;
    assert!(count <= 25_000 && count + frequent.error() >= 25_000, "{count} {}", frequent.error());
}

#[test]
fn a_stopped_pass_ends() {
    let text = long_text(100_000);
    let names = ["n", "t", "f"].map(str::to_owned);
    let task = pass::Task {
        open: &|| Ok(Box::new(Cursor::new(text.clone()))),
        layout: Layout { has_header: true, ..layout(3) },
        names: &names,
        n_bytes: None,
        is_stopped: &|| true,
        n_workers: 2,
        budget: pass::BUDGET,
    };
    assert_eq!(pass::profile(&task, &mut |_| {}).unwrap_err().to_string(), pass::STOPPED);
}
