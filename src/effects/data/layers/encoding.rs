//! Text that is not UTF-8: which encoding it is in, and turning it into UTF-8 while it is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How text is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, perhaps with a few damaged bytes.
    #[default]
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// Windows-1252, and so Latin-1 and Latin-9 but for a few signs.
    Windows1252,
}

impl Encoding {
    /// What is said of it.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le | Self::Utf16Be => Some("read as UTF-16"),
            Self::Windows1252 => Some("not UTF-8, so read as Windows-1252 (Latin-1), which is a guess"),
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            // Nothing is decoded that is UTF-8; the decoder of Windows-1252 would be wrong and that of UTF-8 harmless.
            Self::Utf8 => encoding_rs::UTF_8.new_decoder_without_bom_handling(),
            Self::Utf16Le => UTF_16LE.new_decoder_without_bom_handling(),
            Self::Utf16Be => UTF_16BE.new_decoder_without_bom_handling(),
            Self::Windows1252 => WINDOWS_1252.new_decoder_without_bom_handling(),
        }
    }

    /// The encoding of a text by its beginning; none where it is none of those known here.
    ///
    /// A byte order mark decides. Without one, text of which every second byte is zero is UTF-16; text with more bytes that
    /// can't be UTF-8 than letters beyond ASCII that are is Windows-1252, unless it holds bytes that mean nothing there.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0xFF, 0xFE, 0, 0]) || head.starts_with(&[0, 0, 0xFE, 0xFF]) {
            return None;
        }
        if head.starts_with(&[0xFF, 0xFE]) {
            return Some(Self::Utf16Le);
        }
        if head.starts_with(&[0xFE, 0xFF]) {
            return Some(Self::Utf16Be);
        }
        Some(if let Some(wide) = wide(head) { wide } else { single(head)? })
    }

    /// The encoding of a long file whose beginning is ASCII, by a few other places in it.
    pub fn of_spots(file: &mut File, n_bytes: u64) -> io::Result<Self> {
        const N_SPOTS: u64 = 8;
        const SPOT: usize = 16 << 10;
        let mut counts = Counts::default();
        let mut spot = vec![0; SPOT];
        for n in 1..=N_SPOTS {
            file.seek(SeekFrom::Start((n_bytes.saturating_sub(SPOT as u64) / N_SPOTS) * n))?;
            let n_read = crate::effects::data::sniff::read_up_to(file, &mut spot)?;
            let spot = &spot[..n_read];
            // A letter of several bytes may be cut at both ends.
            let start = spot.iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count();
            counts.add(&spot[start..]);
        }
        Ok(counts.encoding().unwrap_or_default())
    }
}

/// UTF-16 without a mark, where most characters are ASCII.
fn wide(head: &[u8]) -> Option<Encoding> {
    let head = &head[..head.len().min(4096) / 2 * 2];
    let n = head.len() / 2;
    let n_zero = |at: usize| head.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (n_zero(0), n_zero(1));
    let is = |zeros: usize, others: usize| n >= 4 && zeros * 10 > n * 7 && others * 20 < n;
    if is(second, first) {
        Some(Encoding::Utf16Le)
    } else if is(first, second) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

fn single(head: &[u8]) -> Option<Encoding> {
    let mut counts = Counts::default();
    counts.add(head);
    counts.encoding()
}

/// Letters beyond ASCII that are UTF-8, bytes that are not, and bytes among them that Windows-1252 does not know.
#[derive(Default)]
struct Counts {
    letters: usize,
    bad: usize,
    unknown: usize,
}

impl Counts {
    fn add(&mut self, text: &[u8]) {
        let mut rest = text.len();
        for chunk in text.utf8_chunks() {
            self.letters += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
            rest -= chunk.valid().len() + chunk.invalid().len();
            // A letter that is cut at the end of what was read is no damage.
            if rest > 0 || chunk.invalid().len() > 3 || !may_go_on(chunk.invalid()) {
                self.bad += chunk.invalid().len();
            }
        }
        self.unknown += text.iter().filter(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)).count();
    }

    fn encoding(&self) -> Option<Encoding> {
        if self.bad <= self.letters {
            Some(Encoding::Utf8)
        } else if self.unknown * 50 <= self.bad {
            Some(Encoding::Windows1252)
        } else {
            None
        }
    }
}

/// Whether these bytes can be the beginning of a letter.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// Turns text into UTF-8 while it is read; what means nothing becomes U+FFFD.
pub struct Decoded<R> {
    reader: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    out: Vec<u8>,
    out_at: usize,
    is_over: bool,
    is_done: bool,
}

impl<R: Read> Decoded<R> {
    /// Of a reader that stands at the start of the text.
    pub fn new(reader: R, encoding: Encoding) -> Self {
        let (raw, out) = (Vec::new(), Vec::new());
        Self { reader, decoder: encoding.decoder(), raw, raw_at: 0, out, out_at: 0, is_over: false, is_done: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        const PIECE: usize = 64 << 10;
        if self.raw_at == self.raw.len() && !self.is_over {
            self.raw.resize(PIECE, 0);
            let n = loop {
                match self.reader.read(&mut self.raw) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.raw.truncate(n);
            self.raw_at = 0;
            self.is_over = n == 0;
        }
        self.out.resize(PIECE * 3, 0);
        let (result, n_read, n_written, _) =
            self.decoder.decode_to_utf8(&self.raw[self.raw_at..], &mut self.out, self.is_over);
        self.raw_at += n_read;
        self.out.truncate(n_written);
        self.out_at = 0;
        self.is_done = self.is_over && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.out_at == self.out.len() && !self.is_done {
            self.refill()?;
        }
        let n = buffer.len().min(self.out.len() - self.out_at);
        buffer[..n].copy_from_slice(&self.out[self.out_at..self.out_at + n]);
        self.out_at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, is_big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn an_encoding_is_known_by_its_bytes() {
        let check = |bytes: &[u8], expected: Option<Encoding>| assert_eq!(Encoding::of(bytes), expected, "{bytes:?}");
        check(b"a,b\n1,2\n", Some(Encoding::Utf8));
        check("name,stra\u{df}e\n".as_bytes(), Some(Encoding::Utf8));
        check(&wide("\u{feff}a,b\n", false), Some(Encoding::Utf16Le));
        check(&wide("\u{feff}a,b\n", true), Some(Encoding::Utf16Be));
        check(&wide("id,name\n1,Zo\u{eb}\n", false), Some(Encoding::Utf16Le));
        check(&wide("id,name\n1,Zo\u{eb}\n", true), Some(Encoding::Utf16Be));
        check(b"name\nZo\xEB\nM\xFCller\n", Some(Encoding::Windows1252));
        // Shift JIS: bytes that Windows-1252 does not know.
        check(b"\x83\x65\x81\x5B\x83\x75\x83\x8B,\x96\xBC\x91\x4F,\x90\xE6\n", None);
        // UTF-8 with one damaged letter stays UTF-8; a letter cut at the end is no damage.
        check("\u{e4}\u{f6}\u{fc} \u{e9}\n".as_bytes(), Some(Encoding::Utf8));
        check(&["\u{e4}\u{f6}\u{fc}".as_bytes(), b"\xFF\n"].concat(), Some(Encoding::Utf8));
        check(b"abc\xC3", Some(Encoding::Utf8));
    }

    #[test]
    fn text_is_decoded_wherever_it_is_cut() {
        struct Drops<'a>(&'a [u8], usize);
        impl Read for Drops<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let n = self.1.min(self.0.len()).min(buffer.len());
                buffer[..n].copy_from_slice(&self.0[..n]);
                self.0 = &self.0[n..];
                Ok(n)
            }
        }
        let text = "id,name\n1,Zo\u{eb}\n2,\u{1F600}\u{4e2d}\n".repeat(3);
        for (bytes, encoding) in [(wide(&text, false), Encoding::Utf16Le), (wide(&text, true), Encoding::Utf16Be)] {
            for n in 1..9 {
                let mut read = String::new();
                Decoded::new(Drops(&bytes, n), encoding).read_to_string(&mut read).unwrap();
                assert_eq!(read, text, "{n} bytes at a time");
            }
        }
        let mut read = String::new();
        Decoded::new(&b"Zo\xEB \x80 5"[..], Encoding::Windows1252).read_to_string(&mut read).unwrap();
        assert_eq!(read, "Zo\u{eb} \u{20ac} 5");
    }
}
