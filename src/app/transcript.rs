//! Thinking and answer as they stream: blocks of lines, followed at their end or read where one is.

use crate::app::chord::{Chord, Key};
use crate::app::lines::Lines;
use crate::app::scroll::Move;
use crate::domain::prompt::guess_tokens;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::text::SafeText;
use crate::text::sanitize::{Place, Sanitizer};

/// A block on the screen.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its index in the stream; nothing for what we say ourselves.
    pub index: Option<usize>,
    /// What it is.
    pub kind: Shown,
    /// Its text.
    pub lines: Lines,
    /// When it began and ended, in milliseconds of the program's clock.
    pub since: u64,
    /// See [`Block::since`].
    pub until: Option<u64>,
    /// Bytes that arrived.
    pub n_bytes: u64,
    /// Whether only its heading is shown.
    pub is_folded: bool,
    /// What a tool gave, in a few words, and whether it failed.
    pub result: Option<(SafeText, bool)>,
    sanitizer: Sanitizer,
}

/// What a block on the screen is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What was asked.
    Question,
    /// Reasoning.
    Thinking,
    /// The answer.
    Answer,
    /// A call of a tool, with its name.
    Tool(SafeText),
    /// Reasoning that only the server can read.
    Redacted,
    /// What we have to say about it.
    Note,
}

impl Block {
    /// About how many tokens it took so far.
    pub fn n_tokens(&self) -> u64 {
        (self.n_bytes * 2).div_ceil(7)
    }

    /// Lines that it takes with its heading.
    fn n_lines(&self) -> usize {
        // A question is its heading.
        1 + if self.is_folded || self.kind == Shown::Question { 0 } else { self.lines.len() }
    }
}

/// A line of the transcript: its block, and its line in it; none is the block's heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Index of the block.
    pub block: usize,
    /// Line in the block, zero for its heading.
    pub line: usize,
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What is looked for; nothing while there is no search.
    pub needle: Option<String>,
    typing: bool,
}

impl Search {
    /// Whether keys go to it.
    pub fn is_typing(&self) -> bool {
        self.typing
    }
}

/// Thinking and answer.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The first line in sight, while one reads; nothing while the end is followed.
    pub anchor: Option<At>,
    /// The search.
    pub search: Search,
    /// When something last arrived, in milliseconds of the program's clock.
    pub last_arrival: Option<u64>,
    /// The time that counts while a recording is played, in milliseconds of the recording.
    pub clock: Option<u64>,
    /// Whether an answer is on its way.
    pub is_live: bool,
    /// Changes with every change, so that what was drawn can be told from what is new.
    pub version: u64,
}

impl Transcript {
    /// A new question: what came before is gone from here, and stays in the history.
    pub fn begin(&mut self, question: &SafeText, now: u64) {
        *self = Self { is_live: true, version: self.version + 1, ..Self::default() };
        self.say(Shown::Question, question, now);
    }

    /// Adds a block of our own.
    pub fn say(&mut self, kind: Shown, text: &SafeText, now: u64) {
        let lines = Lines::of(text.as_str());
        self.blocks.push(Block {
            index: None,
            kind,
            lines,
            since: now,
            until: Some(now),
            n_bytes: 0,
            is_folded: false,
            result: None,
            sanitizer: Sanitizer::new(Place::Prose),
        });
        self.version += 1;
    }

    /// One more question about what stands here already.
    pub fn go_on(&mut self, question: &SafeText, now: u64) {
        // Numbers of blocks begin anew with each question.
        for block in &mut self.blocks {
            block.index = None;
            block.until.get_or_insert(now);
        }
        self.is_live = true;
        self.anchor = None;
        self.say(Shown::Question, question, now);
    }

    /// Shows an answer that is whole, from the history.
    pub fn show(&mut self, question: &SafeText, thinking: &str, answer: &str, now: u64) {
        self.begin(question, now);
        self.is_live = false;
        for (index, (kind, text)) in
            [(BlockKind::Thinking, thinking), (BlockKind::Text, answer)].into_iter().enumerate()
        {
            if !text.is_empty() {
                self.on_event(&StreamEvent::BlockStarted { index, kind }, now);
                self.on_event(&StreamEvent::Delta { index, text: crate::text::RawText::new(text) }, now);
                self.on_event(&StreamEvent::BlockStopped { index }, now);
            }
        }
        self.anchor = Some(At { block: 0, line: 0 });
        self.is_live = false;
    }

    /// Something arrived.
    pub fn on_event(&mut self, event: &StreamEvent, now: u64) {
        self.last_arrival = Some(now);
        self.version += 1;
        match event {
            StreamEvent::BlockStarted { index, kind } => {
                let is_tool = matches!(kind, BlockKind::ToolUse(_));
                let shown = match kind {
                    BlockKind::Thinking => Shown::Thinking,
                    BlockKind::Text => Shown::Answer,
                    BlockKind::ToolUse(name) | BlockKind::Unknown(name) => Shown::Tool(crate::safe!("{name}")),
                    BlockKind::RedactedThinking => Shown::Redacted,
                };
                self.blocks.push(Block {
                    index: Some(*index),
                    kind: shown,
                    lines: Lines::default(),
                    since: now,
                    until: None,
                    n_bytes: 0,
                    is_folded: is_tool,
                    result: None,
                    sanitizer: Sanitizer::new(Place::Prose),
                });
            }
            StreamEvent::ToolResult { index, summary, is_error } => {
                if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.index == Some(*index)) {
                    block.result = Some((crate::safe!("{}", summary.expose()), *is_error));
                    block.until = Some(now);
                }
            }
            StreamEvent::Delta { index, text } => {
                if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.index == Some(*index)) {
                    let safe = block.sanitizer.next(text.expose());
                    block.lines.push(safe.as_str());
                    block.n_bytes += text.len() as u64;
                }
            }
            StreamEvent::BlockStopped { index } => {
                if let Some(block) = self.blocks.iter_mut().rev().find(|block| block.index == Some(*index)) {
                    block.until = Some(now);
                }
            }
            StreamEvent::Started { .. } | StreamEvent::Used(_) | StreamEvent::Alive | StreamEvent::Unknown(_) => {}
        }
    }

    /// The answer ended.
    pub fn end(&mut self, now: u64) {
        self.is_live = false;
        self.version += 1;
        for block in &mut self.blocks {
            block.until.get_or_insert(now);
        }
    }

    /// About how many tokens have come.
    pub fn n_tokens(&self) -> u64 {
        self.blocks.iter().map(Block::n_tokens).sum()
    }

    /// Lines of all blocks.
    pub fn n_lines(&self) -> usize {
        self.blocks.iter().map(Block::n_lines).sum()
    }

    /// Where the calls of tools stand, by the number of their line among all lines.
    pub fn calls(&self) -> Vec<usize> {
        let mut line = 0;
        let mut calls = Vec::new();
        for block in &self.blocks {
            if matches!(block.kind, Shown::Tool(_)) {
                calls.push(line);
            }
            line += block.n_lines();
        }
        calls
    }

    /// The number of a line among all lines.
    pub fn line_number(&self, at: At) -> usize {
        self.blocks.iter().take(at.block).map(Block::n_lines).sum::<usize>() + at.line
    }

    /// The last line.
    pub fn end_at(&self) -> At {
        let block = self.blocks.len().saturating_sub(1);
        At { block, line: self.blocks.get(block).map_or(0, |block| block.n_lines() - 1) }
    }

    /// The line after this one that is shown.
    pub fn next(&self, at: At) -> Option<At> {
        let mut at = at;
        loop {
            let block = self.blocks.get(at.block)?;
            at = if at.line + 1 < block.n_lines() {
                At { line: at.line + 1, ..at }
            } else if at.block + 1 < self.blocks.len() {
                At { block: at.block + 1, line: 0 }
            } else {
                return None;
            };
            if !self.is_hidden(at) {
                return Some(at);
            }
        }
    }

    /// The line before this one that is shown.
    pub fn previous(&self, at: At) -> Option<At> {
        let mut at = at;
        loop {
            at = if at.line > 0 {
                At { line: at.line - 1, ..at }
            } else {
                let block = at.block.checked_sub(1)?;
                At { block, line: self.blocks.get(block)?.n_lines() - 1 }
            };
            if !self.is_hidden(at) {
                return Some(at);
            }
        }
    }

    /// Files of an answer are shown in the code pane, and here as one line.
    fn is_hidden(&self, at: At) -> bool {
        let line = at.line.checked_sub(1).and_then(|line| self.blocks.get(at.block)?.lines.line(line));
        line.is_some_and(|(_, before)| before.in_file())
    }

    /// Moves through the text. `page` is the number of lines in sight.
    pub fn scroll(&mut self, by: Move, page: usize) {
        self.version += 1;
        let top = self.anchor.unwrap_or_else(|| self.back(self.end_at(), page.saturating_sub(1)));
        let lines = match by {
            Move::Top => {
                self.anchor = Some(At { block: 0, line: 0 });
                return;
            }
            Move::Bottom => {
                self.anchor = None;
                return;
            }
            Move::Lines(lines) => i64::from(lines),
            Move::Pages(pages) => i64::from(pages) * i64::try_from(page.saturating_sub(1).max(1)).unwrap_or(1),
        };
        let steps = usize::try_from(lines.unsigned_abs()).unwrap_or(usize::MAX);
        if lines < 0 {
            self.anchor = Some(self.back(top, steps));
            return;
        }
        let mut at = top;
        for _ in 0..steps {
            match self.next(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        // Whoever reads down to the end follows it again.
        let rest = (0..page).try_fold(at, |at, _| self.next(at));
        self.anchor = rest.map(|_| at);
    }

    fn back(&self, from: At, steps: usize) -> At {
        let mut at = from;
        for _ in 0..steps {
            match self.previous(at) {
                Some(before) => at = before,
                None => break,
            }
        }
        at
    }

    /// The block in sight: the one that is read, or the last.
    fn current(&self) -> usize {
        self.anchor.map_or(self.blocks.len().saturating_sub(1), |at| at.block)
    }

    /// Folds or unfolds the block in sight.
    pub fn toggle_fold(&mut self) {
        let current = self.current();
        if let Some(block) = self.blocks.get_mut(current) {
            block.is_folded = !block.is_folded;
            self.version += 1;
        }
        if let Some(at) = &mut self.anchor {
            at.line = 0;
        }
    }

    /// To the block before or after the one in sight.
    pub fn jump(&mut self, forwards: bool) {
        let current = self.current();
        let block =
            if forwards { (current + 1).min(self.blocks.len().saturating_sub(1)) } else { current.saturating_sub(1) };
        self.anchor = Some(At { block, line: 0 });
        self.version += 1;
    }

    /// The text of the block in sight.
    pub fn copied(&self) -> String {
        self.blocks.get(self.current()).map(|block| block.lines.text().to_owned()).unwrap_or_default()
    }

    /// Begins a search.
    pub fn begin_search(&mut self) {
        self.search = Search { needle: Some(String::new()), typing: true };
        self.version += 1;
    }

    /// A key of the search line.
    pub fn on_search_key(&mut self, chord: Chord) {
        self.version += 1;
        match chord.key {
            Key::Esc => self.search = Search::default(),
            Key::Enter => {
                self.search.typing = false;
                self.find(true);
            }
            Key::Backspace => {
                if let Some(needle) = &mut self.search.needle {
                    needle.pop();
                }
            }
            Key::Char(c) if !chord.ctrl && !chord.alt => {
                if let Some(needle) = &mut self.search.needle {
                    needle.extend(c.to_lowercase());
                }
            }
            _ => {}
        }
    }

    /// To the next match, or the one before. Returns whether there is one.
    pub fn find(&mut self, forwards: bool) -> bool {
        let Some(needle) = self.search.needle.clone().filter(|needle| !needle.is_empty()) else { return false };
        let from = self.anchor.unwrap_or(At { block: 0, line: 0 });
        let n = self.blocks.len();
        for step in 0..=n {
            let block =
                if forwards { (from.block + step) % n.max(1) } else { (from.block + n - step % n.max(1)) % n.max(1) };
            let Some(lines) = self.blocks.get(block).map(|block| &block.lines) else { return false };
            let start = match (step, forwards) {
                (0, true) => from.line, // the line after the one at the top, since headings count as one
                (0, false) => from.line.saturating_sub(1),
                (_, true) => 0,
                (_, false) => lines.len(),
            };
            if let Some(found) = lines.find(&needle, start, !forwards) {
                if let Some(block) = self.blocks.get_mut(block) {
                    block.is_folded = false;
                }
                self.anchor = Some(At { block, line: found + 1 });
                self.version += 1;
                return true;
            }
        }
        false
    }
}

/// About how many tokens a question takes, for its heading.
pub fn tokens_of(text: &str) -> u64 {
    guess_tokens(text)
}
