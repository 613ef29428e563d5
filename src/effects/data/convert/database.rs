//! A table of an SQLite database as comma-separated rows; the database is read as it lies there and nothing is made beside it.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::effects::data::convert::apart::not_written;
use crate::effects::data::convert::{Body, Refusal, Report, Wanted, Was};
use crate::text::figure;

/// Writes one table: `part`, or the only one there is.
pub(super) fn read(file: &Path, part: Option<&str>, wanted: Wanted, out: &mut dyn Write) -> Result<Report, Refusal> {
    let base = open(file).map_err(|error| unreadable(&error))?;
    let names = |kind: &str| -> rusqlite::Result<Vec<String>> {
        let sql =
            "SELECT name FROM sqlite_schema WHERE type = ?1 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
        base.prepare(sql)?.query_map([kind], |row| row.get(0))?.collect()
    };
    let tables = names("table").map_err(|error| unreadable(&error))?;
    let views = names("view").map_err(|error| unreadable(&error))?;
    let all = || tables.iter().chain(&views).map(String::as_str).collect::<Vec<_>>().join(", ");
    let table: &str = match (part, tables.as_slice()) {
        (Some(part), _) if tables.iter().chain(&views).any(|name| name == part) => part,
        (Some(part), _) => {
            return Err(Refusal::new(format!("it has no table {part}"), format!("choose one of {}", all())));
        }
        (None, [only]) => only,
        (None, []) => return Err(Refusal::new("there is no table in it", "open a database with a table")),
        (None, _) => {
            let n = figure::plural(tables.len() as u64, "table");
            return Err(Refusal::new(format!("it holds {n}"), format!("open one as FILE#TABLE: {}", all())));
        }
    };
    let mut notes = Vec::new();
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        notes.push("changes that still stand in its write-ahead log (-wal) are not read".to_owned());
    }
    let n_blobs = if wanted == Wanted::Rows { write(&base, table, out)? } else { 0 };
    if n_blobs > 0 {
        notes.push(format!("{} shown by length alone", figure::plural(n_blobs, "binary value")));
    }
    if part.is_none() {
        notes.push(format!("this is table {table}, the only one"));
    }
    Ok(Report { body: Body::Named, was: Was::Sqlite, notes })
}

/// Opens a database that nobody may change: no lock is taken, no journal played back, and no `-wal` or `-shm` made.
fn open(file: &Path) -> rusqlite::Result<Connection> {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    let base = Connection::open_with_flags(uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?;
    base.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")?;
    Ok(base)
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(format!("it can't be read as a database: {error}"), "check that the file is whole")
}

/// Writes every row, and gives the number of values that are no text.
fn write(base: &Connection, table: &str, out: &mut dyn Write) -> Result<u64, Refusal> {
    let broken = |error: rusqlite::Error| unreadable(&error);
    let sql = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
    let mut query = base.prepare(&sql).map_err(broken)?;
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(query.column_names()).map_err(|error| not_written(&error))?;
    let n_columns = query.column_count();
    let mut n_blobs = 0;
    let mut rows = query.query([]).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        for idx in 0..n_columns {
            let written = match row.get_ref(idx).map_err(broken)? {
                ValueRef::Null => writer.write_field(""),
                ValueRef::Integer(number) => writer.write_field(number.to_string()),
                ValueRef::Real(number) => writer.write_field(format!("{number:?}")),
                ValueRef::Text(text) => writer.write_field(text),
                ValueRef::Blob(bytes) => {
                    n_blobs += 1;
                    writer.write_field(format!("{} bytes", bytes.len()))
                }
            };
            written.map_err(|error| not_written(&error))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|error| not_written(&error))?;
    }
    writer.flush().map_err(|error| not_written(&error))?;
    Ok(n_blobs)
}
