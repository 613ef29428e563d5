//! A sheet of a workbook as comma-separated rows: which sheet, where its names stand, and what each cell says.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use calamine::{Data, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Sheets, Xls, Xlsb, Xlsx, XlsxError};

use crate::domain::kind;
use crate::effects::data::convert::apart::not_written;
use crate::effects::data::convert::{Body, Refusal, Report, Wanted, Was};
use crate::text::figure;

/// Rows that are looked at to find the one that holds the names.
const N_LOOKED_AT: usize = 100;
/// Names of sheets that are listed.
const N_LISTED: usize = 20;

type Book = Sheets<Cursor<Arc<[u8]>>>;

/// Writes one sheet of the workbook: `part`, or the first that holds anything.
pub(super) fn read(file: &Path, part: Option<&str>, wanted: Wanted, out: &mut dyn Write) -> Result<Report, Refusal> {
    let mut book = open(file)?;
    let was = if matches!(book, Sheets::Ods(_)) { Was::Ods } else { Was::Excel };
    let names = names(&book);
    if let Some(part) = part.filter(|part| !names.iter().any(|name| name == part)) {
        let names: Vec<&String> = names.iter().collect();
        return Err(Refusal::new(format!("it has no sheet {part}"), format!("choose one of {}", list(&names))));
    }
    if wanted == Wanted::Names {
        return Ok(Report { body: Body::Csv, was, notes: Vec::new() });
    }
    let (name, range, mut notes) = choose(&mut book, &names, part)?;
    if let Sheets::Xlsx(book) = &mut book {
        let n_merged = book.merge_cells_by_sheet_name(&name).map_or(0, |areas| areas.len());
        if n_merged > 0 {
            let areas = figure::plural(n_merged as u64, "merged area");
            notes.push(format!("{areas} in the sheet: the value stands in the first cell alone"));
        }
    }
    notes.extend(write(&range, out)?);
    Ok(Report { body: Body::Csv, was, notes })
}

/// Opens the workbook that the file holds; in a zip archive the names of the packed files tell which.
fn open(file: &Path) -> Result<Book, Refusal> {
    let bytes = std::fs::read(file).map_err(|error| unreadable(&error))?;
    let holds = |name: &[u8]| memchr::memmem::find(&bytes, name).is_some();
    let is_zip = bytes.starts_with(b"PK");
    let (is_binary, is_excel, is_ods) = (holds(b"xl/workbook.bin"), holds(b"xl/"), holds(b"content.xml"));
    let bytes = Cursor::new(Arc::<[u8]>::from(bytes));
    if !is_zip {
        // Excel encrypts workbooks of today into the older container.
        let old = Xls::new(bytes.clone()).map(Sheets::Xls);
        return old.map_err(|error| match Xlsx::new(bytes) {
            Err(XlsxError::Password) => unreadable(&XlsxError::Password),
            Ok(_) | Err(_) => unreadable(&error),
        });
    }
    if is_binary {
        Xlsb::new(bytes).map(Sheets::Xlsb).map_err(|error| unreadable(&error))
    } else if is_excel {
        Xlsx::new(bytes).map(Sheets::Xlsx).map_err(|error| unreadable(&error))
    } else if is_ods {
        Ods::new(bytes).map(Sheets::Ods).map_err(|error| unreadable(&error))
    } else {
        Err(Refusal::new("it is a zip archive without a workbook", "unpack it and open one of the files in it"))
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    let why = error.to_string();
    let why = why.lines().next().unwrap_or_default();
    let next = if why.to_lowercase().contains("password") {
        "save it without a password"
    } else {
        "open it in a spreadsheet program and save it again"
    };
    Refusal::new(format!("it can't be read as a workbook: {why}"), next)
}

/// Sheets that hold cells, those that were hidden from people last: they are not what is meant.
fn names(book: &Book) -> Vec<String> {
    let mut sheets: Vec<_> =
        book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    sheets.into_iter().map(|sheet| sheet.name).collect()
}

fn list(names: &[&String]) -> String {
    let more = names.len().saturating_sub(N_LISTED);
    let shown: Vec<&str> = names.iter().take(N_LISTED).map(|name| name.as_str()).collect();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn choose(
    book: &mut Book,
    names: &[String],
    part: Option<&str>,
) -> Result<(String, Range<Data>, Vec<String>), Refusal> {
    if let Some(part) = part {
        let range = book.worksheet_range(part).map_err(|error| unreadable(&error))?;
        if range.is_empty() {
            return Err(Refusal::new(
                format!("there is nothing in sheet {part}"),
                "open a sheet with a header and rows",
            ));
        }
        return Ok((part.to_owned(), range, Vec::new()));
    }
    for name in names {
        let range = book.worksheet_range(name).map_err(|error| unreadable(&error))?;
        if range.is_empty() {
            continue;
        }
        let others: Vec<&String> = names.iter().filter(|other| *other != name).collect();
        let note = (!others.is_empty())
            .then(|| format!("this is sheet {name}; open another as FILE#SHEET: {}", list(&others)));
        return Ok((name.clone(), range, note.into_iter().collect()));
    }
    Err(Refusal::new("there is nothing in any of its sheets", "open a workbook with a header and rows"))
}

/// Writes the cells from the row of names on, and says what was left out.
fn write(range: &Range<Data>, out: &mut dyn Write) -> Result<Vec<String>, Refusal> {
    let first = header(range);
    let kept: Vec<usize> = (0..range.width())
        .filter(|column| (first..range.height()).any(|row| !is_blank(range.get((row, *column)))))
        .collect();
    let mut writer = csv::Writer::from_writer(out);
    let (mut n_blank, mut n_errors, mut n_numeric_text) = (0u64, 0u64, 0u64);
    for row in first..range.height() {
        let cells = || kept.iter().map(|column| range.get((row, *column)).unwrap_or(&Data::Empty));
        if cells().all(|cell| is_blank(Some(cell))) {
            n_blank += 1;
            continue;
        }
        for cell in cells() {
            n_errors += u64::from(matches!(cell, Data::Error(_)));
            let is_numeric = |text: &str| row > first && kind::float(text).is_some();
            n_numeric_text += u64::from(matches!(cell, Data::String(text) if is_numeric(text)));
        }
        writer.write_record(cells().map(text_of)).map_err(|error| not_written(&error))?;
    }
    writer.flush().map_err(|error| not_written(&error))?;
    let n_columns = (range.width() - kept.len()) as u64;
    let said = [
        (first as u64, "row", " above the names", "left out"),
        (n_blank, "blank row", "", "left out"),
        (n_columns, "blank column", "", "left out"),
        (n_errors, "error cell", " such as #N/A", "counted as missing"),
        (n_numeric_text, "number", " stored as text", "read as it looks"),
    ];
    let sentence = |(n, noun, which, done): (u64, &str, &str, &str)| {
        let verb = if n == 1 { "was" } else { "were" };
        format!("{}{which} {verb} {done}", figure::plural(n, noun))
    };
    Ok(said.into_iter().filter(|said| said.0 > 0).map(sentence).collect())
}

/// The first row that is filled about as far as rows are: titles and remarks above a table fill a cell or two.
fn header(range: &Range<Data>) -> usize {
    let filled: Vec<usize> =
        range.rows().take(N_LOOKED_AT).map(|row| row.iter().filter(|cell| !is_blank(Some(cell))).count()).collect();
    let mut widths: Vec<usize> = filled.iter().copied().filter(|n| *n > 0).collect();
    widths.sort_unstable();
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0);
    filled.iter().position(|n| *n > 0 && *n * 2 > usual).unwrap_or(0)
}

fn is_blank(cell: Option<&Data>) -> bool {
    match cell {
        None | Some(Data::Empty) => true,
        Some(Data::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// A cell as it would stand in a text file.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(time) => time_text(time),
        Data::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).replace('T', " "),
        Data::Error(_) | Data::Empty => String::new(),
    }
}

/// Workbooks know one kind of number; one without a fraction is written as a whole one.
#[expect(clippy::cast_possible_truncation, reason = "below 2^53")]
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9e15 { (number as i64).to_string() } else { format!("{number:?}") }
}

/// A serial number of days as a day, a time of day, or both.
///
/// In the system of 1900, day 1 is 1900-01-01, and day 60 is a 29th of February that never was (ECMA-376, part 1,
/// 18.17.4.1); it counts as missing. Lengths of time are written as hours, minutes and seconds.
#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn time_text(time: &ExcelDateTime) -> String {
    let serial = time.as_f64();
    if !serial.is_finite() || serial.abs() > 3e6 {
        return String::new();
    }
    let clock = |seconds: f64| {
        let micros = (seconds * 1e3).round() as i64;
        let (seconds, millis) = (micros / 1_000, micros % 1_000);
        let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
        format!("{:02}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    };
    if time.is_duration() {
        let sign = if serial < 0.0 { "-" } else { "" };
        return format!("{sign}{}", clock(serial.abs() * 86_400.0));
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let is_no_day = (year, month, day) == (1900, 2, 29);
    if serial < 0.0 || is_no_day {
        return String::new();
    }
    let seconds = f64::from(hour) * 3_600.0 + f64::from(minute) * 60.0 + f64::from(second) + f64::from(milli) / 1e3;
    let date = format!("{year:04}-{month:02}-{day:02}");
    if serial < 1.0 && year < 1904 {
        clock(seconds)
    } else if seconds == 0.0 {
        date
    } else {
        format!("{date} {}", clock(seconds))
    }
}
