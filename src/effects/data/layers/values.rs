//! JSON whose values do not stand one on a line each: an array of records, or records over several lines.

use std::io::{self, Error, ErrorKind, Read};

use super::broken;

/// Turns an array of values, or values one after the other, into one value a line, without looking at what they hold.
pub(super) struct Values<R> {
    reader: R,
    raw: Vec<u8>,
    out: Vec<u8>,
    out_at: usize,
    place: Place,
    /// Open braces and brackets of the value.
    depth: u64,
    within: Within,
    /// Whether the value has begun.
    has_begun: bool,
    is_done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Value,
    String,
    /// After a backslash in a string.
    Escape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    Array,
    Sequence,
    End,
}

impl<R: Read> Values<R> {
    /// Of a reader that stands at the start of the text.
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            raw: vec![0; 64 << 10],
            out: Vec::new(),
            out_at: 0,
            place: Place::Start,
            depth: 0,
            within: Within::Value,
            has_begun: false,
            is_done: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let n = loop {
            match self.reader.read(&mut self.raw) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.out.clear();
        self.out_at = 0;
        if n == 0 {
            let is_whole = self.depth == 0 && self.within == Within::Value && self.place != Place::Array;
            if !is_whole {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the JSON ends in the middle of a value"));
            }
            self.end_value();
            self.is_done = true;
        }
        for at in 0..n {
            self.see(self.raw[at])?;
        }
        Ok(())
    }

    fn see(&mut self, byte: u8) -> io::Result<()> {
        if self.within != Within::Value {
            self.out.push(byte);
            self.within = match (self.within, byte) {
                (Within::String, b'\\') => Within::Escape,
                (Within::String, b'"') => Within::Value,
                _ => Within::String,
            };
            return Ok(());
        }
        if self.place == Place::Start {
            // A byte order mark is no part of the text.
            if byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF) {
                return Ok(());
            }
            self.place = if byte == b'[' { Place::Array } else { Place::Sequence };
            if self.place == Place::Array {
                return Ok(());
            }
        }
        if self.depth == 0 {
            match (byte, self.place) {
                (b' ' | b'\t' | b'\n' | b'\r', Place::Array | Place::End | Place::Start) => return Ok(()),
                (_, Place::End) => return Err(broken("there is more after the end of the JSON array")),
                (b',', Place::Array) | (b' ' | b'\t' | b'\n' | b'\r', Place::Sequence) => {
                    self.end_value();
                    return Ok(());
                }
                (b']', Place::Array) => {
                    self.end_value();
                    self.place = Place::End;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.has_begun = true;
        match byte {
            b'"' => self.within = Within::String,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                let Some(depth) = self.depth.checked_sub(1) else {
                    return Err(broken("a bracket of the JSON is closed that was not opened"));
                };
                self.depth = depth;
            }
            b'\n' | b'\r' => return Ok(()),
            _ => {}
        }
        self.out.push(byte);
        if self.depth == 0 && byte == b'}' && self.place == Place::Sequence {
            self.end_value();
        }
        Ok(())
    }

    fn end_value(&mut self) {
        if self.has_begun {
            self.out.push(b'\n');
        }
        self.has_begun = false;
    }
}

impl<R: Read> Read for Values<R> {
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

    #[test]
    fn every_value_is_a_line() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let mut lines = String::new();
            let read = Values::new(text.as_bytes()).read_to_string(&mut lines).map(|_| lines);
            assert_eq!(read.as_deref().map_err(ToString::to_string), expected.map_err(ToOwned::to_owned), "{text}");
        };
        check("[]", Ok(""));
        check(
            " [ {\"a\": 1,\n \"b\": [1,\r\n 2]} , {\"a\": \"x, ] \\\" }\"} ]\n",
            Ok("{\"a\": 1, \"b\": [1, 2]}\n{\"a\": \"x, ] \\\" }\"}\n"),
        );
        check("[1, \"two\", [3, 4]]", Ok("1\n\"two\"\n[3, 4]\n"));
        check("{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}{\"a\":3}", Ok("{  \"a\": 1}\n{  \"a\": 2}\n{\"a\":3}\n"));
        let cut = "the JSON ends in the middle of a value";
        check("[{\"a\": 1}, {\"a\": 2}", Err(cut));
        check("[{\"a\": \"", Err(cut));
        check("{\"a\": [", Err(cut));
        check("[{\"a\": 1}] x", Err("there is more after the end of the JSON array"));
        check("{\"a\": 1}}", Err("a bracket of the JSON is closed that was not opened"));
    }
}
