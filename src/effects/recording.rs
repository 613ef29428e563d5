//! Streams as they arrived, written while they arrive: bytes with their time, each piece with its checksum.
//!
//! A file is one line of JSON, then frames: length (u32), CRC-32 (u32), microseconds since the start (u64), bytes; all
//! numbers little-endian. Reading stops at the first frame that is not whole, so a crash costs the last piece at most.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::turn::Turn;
use crate::effects::api::rounds::Rounds;
use crate::safe;

/// What is known of a stream before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Version of the format.
    pub rationale_recording: u32,
    /// Id of the task.
    pub task: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// Id of the model.
    pub model: String,
    /// When, RFC 3339 UTC.
    pub at: String,
}

/// Writes one recording.
#[derive(Debug)]
pub struct Recorder {
    file: Option<File>,
    start: Instant,
    synced: Instant,
}

impl Recorder {
    /// Begins a recording at `path`, durable from the first moment.
    pub fn create(path: &Path, heading: &Heading) -> Result<Self> {
        let folder = path.parent().context("a recording needs a folder")?;
        fs::create_dir_all(folder)?;
        let mut file = File::create_new(path).with_context(|| format!("{} can't be made", path.display()))?;
        file.write_all(serde_json::to_string(heading)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        // Held as long as we write, so that another instance does not take the answer for abandoned.
        let _ = rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive);
        let now = Instant::now();
        Ok(Self { file: Some(file), start: now, synced: now })
    }

    /// One that keeps nothing.
    pub fn none() -> Self {
        let now = Instant::now();
        Self { file: None, start: now, synced: now }
    }

    /// Adds bytes that have just arrived. A disk that is full costs the recording and not the answer.
    pub fn record(&mut self, bytes: &[u8]) {
        let Some(file) = &mut self.file else { return };
        let micros = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let Some(frame) = frame(micros, bytes) else { return };
        let written = file.write_all(&frame);
        if written.is_ok() && self.synced.elapsed() > Duration::from_millis(250) {
            let _ = file.sync_data();
            self.synced = Instant::now();
        }
        if let Err(error) = written {
            tracing::warn!(%error, "the recording stopped");
            self.file = None;
        }
    }

    /// Makes what came durable. It stays held until it is dropped.
    pub fn sync(&self) {
        if let Some(file) = &self.file {
            let _ = file.sync_all();
        }
    }
}

/// One piece as it stands in a recording; nothing for one that is larger than a recording can hold.
fn frame(micros: u64, bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok()?;
    let mut frame = Vec::with_capacity(bytes.len() + 16);
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&checksum(micros, bytes).to_le_bytes());
    frame.extend_from_slice(&micros.to_le_bytes());
    frame.extend_from_slice(bytes);
    Some(frame)
}

/// A whole recording as it stands on disk.
pub fn to_bytes(recording: &Recording) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(&recording.heading)?;
    bytes.push(b'\n');
    for (at, piece) in &recording.pieces {
        let micros = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        bytes.extend(frame(micros, piece).context("a piece is too large")?);
    }
    Ok(bytes)
}

fn checksum(micros: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&micros.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

/// A recording read back: when each piece arrived, and the piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What is known of it.
    pub heading: Heading,
    /// Pieces in order.
    pub pieces: Vec<(Duration, Vec<u8>)>,
    /// Whether the file ends in the middle of a piece.
    pub is_torn: bool,
}

/// Reads a recording.
pub fn read(path: &Path) -> Result<Recording> {
    let mut reader = BufReader::new(File::open(path).with_context(|| format!("{} can't be opened", path.display()))?);
    let mut line = String::new();
    reader.by_ref().take(100_000).read_line(&mut line).context("it is not a recording")?;
    let heading: Heading = serde_json::from_str(&line).map_err(|_| anyhow::anyhow!("it is not a recording"))?;
    if heading.rationale_recording != 1 {
        bail!("it was written by a newer version");
    }
    let mut pieces = Vec::new();
    let mut head = [0; 16];
    let is_torn = loop {
        match fill(&mut reader, &mut head)? {
            0 => break false,
            16 => {}
            _ => break true,
        }
        let number = |range: std::ops::Range<usize>| {
            head[range].iter().rev().fold(0u64, |value, byte| (value << 8) | u64::from(*byte))
        };
        let (length, crc, micros) = (number(0..4), number(4..8), number(8..16));
        let mut bytes = Vec::new();
        reader.by_ref().take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length || u64::from(checksum(micros, &bytes)) != crc {
            break true;
        }
        pieces.push((Duration::from_micros(micros), bytes));
    };
    Ok(Recording { heading, pieces, is_torn })
}

/// As [`read`], with a sentence for the person.
pub fn open(path: &Path) -> Result<Recording, Failure> {
    read(path).map_err(|error| {
        let why = if path.exists() { format!("{error:#}") } else { "there is no such file".into() };
        Failure::input(safe!("{}", path.display()), safe!("{why}"), safe!("name a file from .rationale/recordings"))
    })
}

fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..])? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}

/// Whether somebody is writing a recording at this moment.
pub fn is_being_written(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err()
}

/// The answer that a recording holds, as far as it came. A recording that is gone gives an empty one.
pub fn replay_to_turn(path: &Path) -> Turn {
    let (mut rounds, mut events) = (Rounds::default(), Vec::new());
    if let Ok(recording) = read(path) {
        for (_, piece) in &recording.pieces {
            rounds.take(piece, &mut events);
            events.clear();
        }
    }
    rounds.finish()
}

/// Where recordings of a project lie.
pub fn folder(state: &Path) -> PathBuf {
    state.join("recordings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_up_to_where_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sse");
        let heading = Heading {
            rationale_recording: 1,
            task: "train".into(),
            endpoint: "offline".into(),
            model: "m".into(),
            at: "now".into(),
        };
        let mut recorder = Recorder::create(&path, &heading).unwrap();
        recorder.record(b"data: 1\n\n");
        recorder.record(b"data: two\n\n");
        recorder.sync();
        drop(recorder);
        let whole = fs::read(&path).unwrap();
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in first..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let read = read(&path).unwrap();
            let n = read.pieces.len();
            assert_eq!(n, usize::from(cut >= first + 25) + usize::from(cut >= whole.len()), "cut at {cut}");
            assert_eq!(read.is_torn, cut != first && cut != first + 25 && cut != whole.len(), "cut at {cut}");
        }
        let mut flipped = whole.clone();
        flipped[first + 20] ^= 1;
        fs::write(&path, &flipped).unwrap();
        assert!(read(&path).unwrap().pieces.is_empty());
    }
}
