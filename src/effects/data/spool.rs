//! A temporary file that holds what was unpacked or decoded, so that it can be read from any place.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Mutex;

/// A place where unpacked bytes are kept as long as the table is open.
#[derive(Debug)]
pub struct Spool {
    file: Mutex<tempfile::NamedTempFile>,
}

impl Spool {
    /// An empty one, in the system's temporary folder.
    pub fn new() -> io::Result<Self> {
        let file = tempfile::Builder::new().prefix("rationale-").suffix(".unpacked").tempfile()?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Adds bytes at the end.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.lock().write_all(bytes)
    }

    /// Another handle on what has been written, at its start.
    pub fn reader(&self) -> io::Result<File> {
        self.lock().reopen()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, tempfile::NamedTempFile> {
        self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Writes what is read from a packed file into a spool as well.
pub struct Tee<'a, R> {
    reader: R,
    spool: Option<&'a Spool>,
    n_known: u64,
    n_read: u64,
}

impl<'a, R> Tee<'a, R> {
    /// The first `n_known` bytes are in the spool already.
    pub fn new(reader: R, spool: Option<&'a Spool>, n_known: u64) -> Self {
        Self { reader, spool, n_known, n_read: 0 }
    }
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        if let Some(spool) = self.spool {
            let known = usize::try_from(self.n_known.saturating_sub(self.n_read)).unwrap_or(n).min(n);
            spool.write(&buffer[known..n])?;
        }
        self.n_read += n as u64;
        Ok(n)
    }
}
