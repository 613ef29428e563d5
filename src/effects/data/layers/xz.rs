//! The container of `.xz`: streams of blocks, each of LZMA2 with its checksum held against the bytes.
//!
//! After *The .xz File Format* 1.2.1 (tukaani.org/xz/xz-file-format.txt); filters other than LZMA2 are refused, and a
//! SHA-256 checksum, which xz writes on demand alone, is read over.

use std::io::{self, BufRead, Read};

use lzma_rust2::Lzma2Reader;

use super::broken;

/// The largest dictionary that is allowed: what `xz -9` uses.
const MAX_DICTIONARY: u32 = 64 << 20;

/// Unpacks while it is read.
pub(super) struct Xz<R> {
    state: State<R>,
    check: u8,
}

enum State<R> {
    /// Before a stream.
    Stream(R, bool),
    /// Before a block or the index.
    Block(R),
    Data(Box<Lzma2Reader<Counted<R>>>, Sum),
    End,
}

/// A reader that knows how much was read from it.
struct Counted<R> {
    reader: R,
    n: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.n += n as u64;
        Ok(n)
    }
}

enum Sum {
    Crc32(crc32fast::Hasher),
    Crc64(u64),
    None(usize),
}

impl Sum {
    fn of(check: u8) -> io::Result<Self> {
        match check {
            0 => Ok(Self::None(0)),
            1 => Ok(Self::Crc32(crc32fast::Hasher::new())),
            4 => Ok(Self::Crc64(u64::MAX)),
            10 => Ok(Self::None(32)),
            _ => Err(broken("its checksum is of a kind that is not known here")),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(sum) => sum.update(bytes),
            Self::Crc64(sum) => {
                for byte in bytes {
                    *sum = CRC64[usize::from(sum.to_le_bytes()[0] ^ byte)] ^ (*sum >> 8);
                }
            }
            Self::None(_) => {}
        }
    }

    fn check(self, reader: &mut impl Read) -> io::Result<()> {
        let (is_right, n) = match self {
            Self::Crc32(sum) => (exact::<4>(reader)? == sum.finalize().to_le_bytes(), 0),
            Self::Crc64(sum) => (exact::<8>(reader)? == (!sum).to_le_bytes(), 0),
            Self::None(n) => (true, n),
        };
        for _ in 0..n {
            exact::<1>(reader)?;
        }
        if is_right { Ok(()) } else { Err(broken("it is damaged: a checksum is wrong")) }
    }
}

/// The table of CRC-64 of ECMA-182, bits reversed.
const CRC64: [u64; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut sum, mut bit) = (n as u64, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xC96C_5795_D787_0F42 } else { sum >> 1 };
            bit += 1;
        }
        table[n] = sum;
        n += 1;
    }
    table
};

fn exact<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl<R: BufRead> Xz<R> {
    /// Of a reader that stands at the start of the file.
    pub(super) fn new(reader: R) -> Self {
        Self { state: State::Stream(reader, true), check: 0 }
    }

    /// Goes on to the next bytes of data, or to the end.
    fn advance(&mut self) -> io::Result<()> {
        self.state = match std::mem::replace(&mut self.state, State::End) {
            State::Stream(mut reader, is_first) => {
                if !is_first && !skip_padding(&mut reader)? {
                    return Ok(());
                }
                let header: [u8; 12] = exact(&mut reader)?;
                let sum = crc32fast::hash(&header[6..8]).to_le_bytes();
                if header[..6] != [0xFD, b'7', b'z', b'X', b'Z', 0] || header[6] != 0 || header[8..] != sum {
                    return Err(broken("the beginning of its packing is damaged"));
                }
                self.check = header[7];
                State::Block(reader)
            }
            State::Block(mut reader) => {
                let [size] = exact(&mut reader)?;
                if size == 0 {
                    skip_index(&mut reader)?;
                    State::Stream(reader, false)
                } else {
                    let dictionary = block_header(&mut reader, size)?;
                    let reader = Lzma2Reader::new(Counted { reader, n: 0 }, dictionary, None);
                    State::Data(Box::new(reader), Sum::of(self.check)?)
                }
            }
            other => other,
        };
        Ok(())
    }
}

/// Null bytes between streams; whether there is another one.
fn skip_padding(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        match reader.fill_buf()?.first() {
            None => return Ok(false),
            Some(0) => reader.consume(1),
            Some(_) => return Ok(true),
        }
    }
}

/// Reads a block's header, and gives the size of its dictionary.
fn block_header(reader: &mut impl Read, size: u8) -> io::Result<u32> {
    let damaged = || broken("the header of a packed block is damaged");
    let mut header = vec![size];
    header.resize((usize::from(size) + 1) * 4, 0);
    reader.read_exact(&mut header[1..])?;
    let (header, sum) = header.split_at(header.len() - 4);
    if crc32fast::hash(header).to_le_bytes() != sum {
        return Err(damaged());
    }
    let flags = header[1];
    let mut rest = &header[2..];
    for bit in [0x40, 0x80] {
        if flags & bit != 0 {
            number(&mut rest)?;
        }
    }
    let (id, n_properties) = (number(&mut rest)?, number(&mut rest)?);
    if flags & 0x3F != 0 || id != 0x21 || n_properties != 1 {
        return Err(broken("it is packed with a filter that is not known here; unpack it with xz -d"));
    }
    let [bits] = exact(&mut rest)?;
    let dictionary = match bits {
        0..=39 => u64::from(2 | (bits & 1)) << (bits / 2 + 11),
        40 => u64::from(u32::MAX),
        _ => return Err(damaged()),
    };
    let most = u64::from(MAX_DICTIONARY);
    if dictionary > most {
        return Err(broken("it was packed with a dictionary beyond 64 MiB; unpack it with xz -d"));
    }
    u32::try_from(dictionary).map_err(|_| damaged())
}

/// A number of seven bits a byte.
fn number(reader: &mut impl Read) -> io::Result<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let [byte] = exact(reader)?;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(broken("a number in its packing is damaged"))
}

/// The list of blocks and the end of the stream; the data has been held against its checksums already.
fn skip_index(reader: &mut impl Read) -> io::Result<()> {
    let mut counted = Counted { reader, n: 1 };
    let n_records = number(&mut counted)?;
    for _ in 0..n_records {
        number(&mut counted)?;
        number(&mut counted)?;
    }
    while !counted.n.is_multiple_of(4) {
        exact::<1>(&mut counted)?;
    }
    exact::<4>(&mut counted)?;
    let footer: [u8; 12] = exact(&mut counted)?;
    if footer[10..] == *b"YZ" { Ok(()) } else { Err(broken("the end of its packing is damaged")) }
}

impl<R: BufRead> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::End => return Ok(0),
                State::Stream(_, _) | State::Block(_) => self.advance()?,
                State::Data(reader, sum) => {
                    let n = reader.read(buffer)?;
                    sum.update(&buffer[..n]);
                    if n > 0 || buffer.is_empty() {
                        return Ok(n);
                    }
                    let State::Data(reader, sum) = std::mem::replace(&mut self.state, State::End) else {
                        return Ok(0);
                    };
                    let mut inner = reader.into_inner();
                    while !inner.n.is_multiple_of(4) {
                        exact::<1>(&mut inner)?;
                    }
                    sum.check(&mut inner.reader)?;
                    self.state = State::Block(inner.reader);
                }
            }
        }
    }
}
