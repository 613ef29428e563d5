//! The history on disk: one append-only table of events in SQLite, each chained to the one before by its hash.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::domain::experiment::{Event, Stamped};
use crate::domain::failure::Failure;
use crate::safe;

/// Version of the table.
const SCHEMA: i64 = 1;
/// Tells our files from other SQLite files: `rati`.
const APPLICATION: i64 = 0x7261_7469;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS events (
  seq        INTEGER PRIMARY KEY,
  at         TEXT NOT NULL,
  kind       TEXT NOT NULL,
  experiment TEXT,
  payload    TEXT NOT NULL,
  hash       TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
";

type Check<'a> = &'a dyn Fn(&[Stamped]) -> Result<(), Failure>;

/// Something that must not be written, with the sentence for the person.
#[derive(Debug)]
struct Refused(Failure);

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl std::error::Error for Refused {}

/// An open history.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the history of a project, or begins it.
    pub fn open(state: &Path) -> Result<Self, Failure> {
        let path = state.join("history.sqlite");
        let mut last = None;
        // Switching to WAL is not covered by the busy time-out: instances that begin together try again.
        for attempt in 0..40u64 {
            match Self::try_open(&path) {
                Ok(store) => return Ok(store),
                Err(error) if is_busy(&error) => {
                    last = Some(error);
                    std::thread::sleep(Duration::from_millis(25 + 5 * attempt));
                }
                Err(error) => {
                    last = Some(error);
                    break;
                }
            }
        }
        let why = last.map_or_else(|| "it is locked".to_owned(), |error| format!("{error:#}"));
        Err(Failure::work(
            safe!("the history in {}", path.display()),
            safe!("{why}"),
            safe!("close other programs that use it; if it is damaged, move it aside"),
        ))
    }

    fn try_open(path: &Path) -> Result<Self> {
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(Duration::from_secs(5))?;
        let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if application != 0 && application != APPLICATION {
            bail!("it is a database of another program");
        }
        if schema > SCHEMA {
            bail!("it was written by a newer version of rationale");
        }
        // Write-ahead logging needs shared memory, which network file systems lack.
        let (journal, synchronous) = if is_on_network(path) { ("DELETE", "EXTRA") } else { ("WAL", "FULL") };
        connection.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        if cfg!(target_os = "macos") {
            connection.pragma_update(None, "fullfsync", true)?;
        }
        let mut store = Self { connection };
        if schema < SCHEMA {
            let transaction = store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
            transaction.commit()?;
        }
        Ok(store)
    }

    /// Writes one event; when this returns, it is on disk.
    pub fn append(&mut self, event: Event) -> Result<Stamped, Failure> {
        self.append_with(None, false, |_| event)
    }

    /// Writes an event that begins an experiment, whose name is the next free one.
    pub fn begin(&mut self, make: impl FnOnce(String) -> Event) -> Result<Stamped, Failure> {
        self.append_with(None, true, make)
    }

    /// As [`Store::begin`], where `check` finds nothing wrong with what has been written so far. Nobody can write between
    /// the check and the event.
    pub fn begin_if(
        &mut self,
        check: impl Fn(&[Stamped]) -> Result<(), Failure>,
        make: impl FnOnce(String) -> Event,
    ) -> Result<Stamped, Failure> {
        self.append_with(Some(&check), true, make)
    }

    fn append_with(
        &mut self,
        check: Option<Check<'_>>,
        begins: bool,
        make: impl FnOnce(String) -> Event,
    ) -> Result<Stamped, Failure> {
        self.try_append(check, begins, make).map_err(|error| match error.downcast::<Refused>() {
            Ok(Refused(failure)) => failure,
            Err(error) => Failure::work(
                safe!("the history was not written"),
                safe!("{error:#}"),
                safe!("make room on the disk or check its permissions; nothing was started"),
            ),
        })
    }

    fn try_append(
        &mut self,
        check: Option<Check<'_>>,
        begins: bool,
        make: impl FnOnce(String) -> Event,
    ) -> Result<Stamped> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(check) = check {
            check(&read_events(&transaction, 0)?.0).map_err(Refused)?;
        }
        let last: Option<(i64, String)> = transaction
            .query_row("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let name = if begins {
            let n: i64 =
                transaction.query_row("SELECT count(*) FROM events WHERE kind IN ('asked', 'brought')", [], |row| {
                    row.get(0)
                })?;
            format!("e{}", n + 1)
        } else {
            String::new()
        };
        let event = make(name);
        let (seq, before) = last.map_or((1, String::new()), |(seq, hash)| (seq + 1, hash));
        let at = jiff::Timestamp::now().to_string();
        let payload = serde_json::to_string(&event)?;
        let hash = chain(&before, seq, &at, &payload);
        transaction.execute(
            "INSERT INTO events (seq, at, kind, experiment, payload, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![seq, at, event.kind(), event.experiment(), payload, hash],
        )?;
        transaction.commit()?;
        Ok(Stamped { seq: u64::try_from(seq)?, at, event })
    }

    /// Every event, in order, and how many this version does not understand.
    pub fn load(&self) -> Result<(Vec<Stamped>, u64), Failure> {
        read_events(&self.connection, 0)
            .map_err(|error| Failure::work(safe!("the history"), safe!("{error:#}"), safe!("run rationale doctor")))
    }

    /// The events after one, by its number.
    pub fn load_after(&self, seq: u64) -> Result<Vec<Stamped>, Failure> {
        let after = i64::try_from(seq).unwrap_or(i64::MAX);
        read_events(&self.connection, after)
            .map(|(events, _)| events)
            .map_err(|error| Failure::work(safe!("the history"), safe!("{error:#}"), safe!("run rationale doctor")))
    }

    /// Checks the file and the chain of hashes; the first event that does not fit is named.
    pub fn verify(&self) -> Result<u64> {
        let sound: String = self.connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if sound != "ok" {
            bail!("SQLite says: {sound}");
        }
        let mut statement = self.connection.prepare("SELECT seq, at, payload, hash FROM events ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let (mut before, mut n) = (String::new(), 0);
        while let Some(row) = rows.next()? {
            let (seq, at, payload, hash): (i64, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            if chain(&before, seq, &at, &payload) != hash {
                bail!("event {seq} does not fit the one before it: it was changed after it was written");
            }
            before = hash;
            n += 1;
        }
        Ok(n)
    }
}

fn read_events(connection: &Connection, after: i64) -> Result<(Vec<Stamped>, u64)> {
    let mut statement = connection.prepare("SELECT seq, at, payload FROM events WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = statement.query([after])?;
    let (mut events, mut n_unknown) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (seq, at, payload): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match serde_json::from_str(&payload) {
            Ok(event) => events.push(Stamped { seq: u64::try_from(seq)?, at, event }),
            Err(_) => n_unknown += 1,
        }
    }
    Ok((events, n_unknown))
}

fn chain(before: &str, seq: i64, at: &str, payload: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [before, &seq.to_string(), at, payload] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
}

fn is_busy(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}

#[cfg(target_os = "linux")]
fn is_on_network(path: &Path) -> bool {
    // NFS, SMB, CIFS, 9p, FUSE.
    const NETWORK: [u64; 5] = [0x6969, 0x517B, 0xFF53_4D42, 0x0102_1997, 0x6573_5546];
    let Some(folder) = path.parent() else { return false };
    rustix::fs::statfs(folder).is_ok_and(|stat| u64::try_from(stat.f_type).is_ok_and(|kind| NETWORK.contains(&kind)))
}

#[cfg(not(target_os = "linux"))]
fn is_on_network(_path: &Path) -> bool {
    false
}

/// Opens the history and says what it lacks, for `doctor`.
pub fn check(state: &Path) -> Result<u64> {
    let store = Store::try_open(&state.join("history.sqlite")).context("it can't be opened")?;
    store.verify()
}
