//! Code as it is written: the files of an answer, line by line while it streams.

use crate::text::RawText;
use crate::text::markdown::{LineState, fence_of, file_of};

/// A file in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growing {
    /// The path that its fence names, or a word for it.
    pub path: String,
    /// Its lines so far, each with its end.
    pub code: RawText,
}

/// Finds code in a growing answer. Each piece costs what it adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamCode {
    line: String,
    state: LineState,
    /// The files so far.
    pub files: Vec<Growing>,
}

impl StreamCode {
    /// Takes a piece of the answer.
    pub fn push(&mut self, piece: &str) {
        for part in piece.split_inclusive('\n') {
            self.line.push_str(part);
            if self.line.ends_with('\n') {
                let line = std::mem::take(&mut self.line);
                self.take_line(&line);
            }
        }
    }

    fn take_line(&mut self, line: &str) {
        let bare = line.trim_end_matches(['\n', '\r']);
        let after = self.state.after(bare);
        match (self.state.in_fence(), after.in_fence()) {
            (false, true) => {
                let info = fence_of(bare).map(|(_, _, info)| info.trim()).unwrap_or_default();
                let path = file_of(info).unwrap_or("code");
                self.files.push(Growing { path: path.to_owned(), code: RawText::default() });
            }
            (true, true) => {
                if let Some(file) = self.files.last_mut() {
                    file.code.push(line);
                }
            }
            (true | false, false) => {}
        }
        self.state = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_wherever_the_answer_is_cut() {
        let answer = "## Hypothesis\nx\n```python path=model.py\na = 1\nb = 2\n```\nand\n~~~\nc\n~~~\n";
        let mut whole = StreamCode::default();
        whole.push(answer);
        assert_eq!(whole.files[0], Growing { path: "model.py".into(), code: RawText::new("a = 1\nb = 2\n") });
        assert_eq!(whole.files[1], Growing { path: "code".into(), code: RawText::new("c\n") });
        for cut in 0..answer.len() {
            let mut pieces = StreamCode::default();
            pieces.push(&answer[..cut]);
            pieces.push(&answer[cut..]);
            assert_eq!(pieces, whole, "cut at {cut}");
        }
    }
}
