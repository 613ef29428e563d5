//! The process that converts: a file and what it is as arguments, rows on standard output, what is to be said on the other.

use std::io::{BufWriter, Write};
use std::path::Path;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::effects::data::convert::{Kind, Refusal, Report, Wanted, database, sheet};

/// The argument under which the program converts a file.
pub const CONVERT: &str = "__table";

/// Memory of this process, in bytes.
const MEMORY: u64 = 3 << 30;
/// Processor time that it may use, in seconds.
const SECONDS: u64 = 300;
/// Bytes that it may write in any case.
const WRITES: u64 = 1 << 30;
/// Bytes that it may write for a byte of the file: text packs to a fiftieth at best, a trap to a thousandth.
const WRITES_PER_BYTE: u64 = 200;

/// Converts the file that the arguments name; 0 where it did.
pub fn convert(arguments: &[String]) -> u8 {
    let [wanted, kind, file, part @ ..] = arguments else { return 1 };
    let (Some(wanted), Some(kind)) = (Wanted::from_word(wanted), Kind::from_word(kind)) else { return 1 };
    let file = Path::new(file);
    let n_bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    let limit = |resource, most| {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    limit(Resource::As, MEMORY);
    limit(Resource::Cpu, SECONDS);
    limit(Resource::Fsize, WRITES.max(n_bytes.saturating_mul(WRITES_PER_BYTE)));
    limit(Resource::Core, 0);
    // A reader that panics says so by its end; its words would stand where the report belongs.
    std::panic::set_hook(Box::new(|_| {}));
    let part = part.first().map(String::as_str);
    let mut out = BufWriter::with_capacity(1 << 18, std::io::stdout().lock());
    let done = read((kind, wanted), file, part, &mut out).and_then(|report| {
        out.flush().map_err(|error| not_written(&error))?;
        Ok(report)
    });
    let (code, said) = match done {
        Ok(report) => (0, serde_json::to_vec(&report)),
        Err(refusal) => (1, serde_json::to_vec(&refusal)),
    };
    let is_said = said.is_ok_and(|said| std::io::stderr().lock().write_all(&said).is_ok());
    if is_said { code } else { 1 }
}

fn read(
    (kind, wanted): (Kind, Wanted),
    file: &Path,
    part: Option<&str>,
    out: &mut dyn Write,
) -> Result<Report, Refusal> {
    match kind {
        Kind::OldWorkbook | Kind::Zip => sheet::read(file, part, wanted, out),
        Kind::Database => database::read(file, part, wanted, out),
    }
}

/// What is said where the rows find no place.
pub(super) fn not_written(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(format!("its rows can't be kept: {error}"), "make room in the temporary folder")
}
