//! Server-sent events out of bytes, cut anywhere. No input or output here.
//!
//! Follows the HTML standard, section *Server-sent events*: lines end with LF, CR or CRLF; a byte order mark at the
//! start is ignored; several `data` lines are joined; an event without its closing blank line is not dispatched.

use memchr::memchr2;

/// Most bytes of one event.
pub const MAX_EVENT: usize = 64 << 20;

/// One thing out of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event with its name (empty where none was given) and its data.
    Event(&'a str, &'a str),
    /// A comment, which says only that the connection lives.
    Comment,
}

/// The state between two pieces.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    event: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    n_lines: u64,
}

impl Decoder {
    /// Takes the next bytes and hands over every frame that they complete.
    ///
    /// Fails where an event grows beyond [`MAX_EVENT`] or is not UTF-8; frames before it have been handed over.
    pub fn push(&mut self, bytes: &[u8], take: &mut dyn FnMut(Frame<'_>)) -> Result<(), &'static str> {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let ending = rest[end];
            if self.line.is_empty() {
                self.take_line(&rest[..end], take)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&rest[..end]);
                let taken = self.take_line(&line, take);
                line.clear();
                self.line = line;
                taken?;
            }
            rest = &rest[end + 1..];
            if ending == b'\r' {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
        }
        self.line.extend_from_slice(rest);
        if self.line.len() + self.data.len() > MAX_EVENT { Err("an event of the stream is too large") } else { Ok(()) }
    }

    /// Whether nothing is held back: the next byte begins a new event.
    pub fn is_at_rest(&self) -> bool {
        self.line.is_empty() && self.event.is_empty() && !self.has_data
    }

    fn take_line(&mut self, line: &[u8], take: &mut dyn FnMut(Frame<'_>)) -> Result<(), &'static str> {
        self.n_lines += 1;
        let line = if self.n_lines == 1 { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
        if line.is_empty() {
            return self.dispatch(take);
        }
        if line[0] == b':' {
            take(Frame::Comment);
            return Ok(());
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(at) => (&line[..at], line[at + 1..].strip_prefix(b" ").unwrap_or(&line[at + 1..])),
            None => (line, &[][..]),
        };
        match field {
            b"event" => {
                self.event.clear();
                self.event.extend_from_slice(value);
            }
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            _ => {}
        }
        if self.data.len() > MAX_EVENT { Err("an event of the stream is too large") } else { Ok(()) }
    }

    fn dispatch(&mut self, take: &mut dyn FnMut(Frame<'_>)) -> Result<(), &'static str> {
        let result = if self.has_data {
            match (std::str::from_utf8(&self.event), std::str::from_utf8(&self.data)) {
                (Ok(event), Ok(data)) => {
                    take(Frame::Event(event, data));
                    Ok(())
                }
                _ => Err("the stream is not UTF-8"),
            }
        } else {
            Ok(())
        };
        self.event.clear();
        self.data.clear();
        self.has_data = false;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut seen = Vec::new();
        for piece in pieces {
            let result = decoder.push(piece, &mut |frame| {
                seen.push(match frame {
                    Frame::Event(event, data) => format!("{event}|{data}"),
                    Frame::Comment => "#".to_owned(),
                });
            });
            if let Err(why) = result {
                seen.push(format!("!{why}"));
            }
        }
        seen
    }

    const STREAM: &[u8] = b"\xEF\xBB\xBFevent: a\ndata: 1\n\n:ping\r\n\r\nevent:b\r\ndata:{\"x\":\"\xE2\x80\xA8\xC3\xA9\"}   \r\n\r\nid: 7\nretry: 3\ndata\ndata: two\rdata:  three\r\revent: nothing\n\ndata: [DONE]\n\ndata: never";

    #[test]
    fn the_standard_is_followed_wherever_the_stream_is_cut() {
        let expected = ["a|1", "#", "b|{\"x\":\"\u{2028}é\"}   ", "|\ntwo\n three", "|[DONE]"];
        assert_eq!(frames(&[STREAM]), expected);
        for cut in 0..STREAM.len() {
            assert_eq!(frames(&[&STREAM[..cut], &STREAM[cut..]]), expected, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(frames(&bytes), expected);
    }

    #[test]
    fn what_is_not_utf8_is_an_error_once() {
        assert_eq!(
            frames(&[b"data: ok\n\ndata: \xFF\xFE\n\n", b"data: more\n\n"]),
            ["|ok", "!the stream is not UTF-8", "|more"]
        );
    }
}
