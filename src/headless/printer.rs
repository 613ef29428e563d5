//! The events of an answer as text on standard output, for `ask` and `replay`.

use serde::Deserialize;

use crate::domain::tools::Tool;
use crate::domain::turn::{BlockKind, StreamEvent};
use crate::headless::Console;
use crate::safe;
use crate::text::sanitize::{Place, Sanitizer, sanitize_for};

/// Prints events as they come.
#[derive(Debug)]
pub struct Printer {
    /// Blocks that are known: number, kind, and the input of one that hands files over.
    blocks: Vec<(usize, BlockKind, String)>,
    sanitizer: Sanitizer,
}

impl Default for Printer {
    fn default() -> Self {
        Self { blocks: Vec::new(), sanitizer: Sanitizer::new(Place::Prose) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Proposed {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    code: String,
}

impl Printer {
    /// Takes one event.
    pub fn event(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::BlockStarted { index, kind } => {
                match kind {
                    BlockKind::Thinking => Console.piece(&"\n── thinking ──\n".into()),
                    BlockKind::Text => Console.piece(&"\n── answer ──\n".into()),
                    BlockKind::ToolUse(name) if !hands_over(kind) => Console.piece(&safe!("\n── {name} ")),
                    BlockKind::ToolUse(_) | BlockKind::RedactedThinking | BlockKind::Unknown(_) => {}
                }
                self.blocks.push((*index, kind.clone(), String::new()));
            }
            StreamEvent::Delta { index, text } => {
                let block = self.blocks.iter_mut().rev().find(|(other, _, _)| other == index);
                match block {
                    Some((_, kind, input)) if hands_over(kind) => input.push_str(text.expose()),
                    Some((_, BlockKind::Text | BlockKind::Thinking | BlockKind::ToolUse(_), _)) => {
                        Console.piece(&self.sanitizer.next(text.expose()));
                    }
                    _ => {}
                }
            }
            StreamEvent::BlockStopped { index } => {
                let input = self.blocks.iter().rev().find(|(other, kind, _)| other == index && hands_over(kind));
                let proposed = input.and_then(|(_, _, input)| serde_json::from_str::<Proposed>(input).ok());
                for file in proposed.unwrap_or_default().files {
                    Console.out(&safe!("\n\n── {} ──", file.path).to_string());
                    Console.out(sanitize_for(Place::Code, &file.code).as_str().trim_end());
                }
            }
            StreamEvent::ToolResult { index, summary, is_error } => {
                if let Some((_, BlockKind::ToolUse(name), _)) =
                    self.blocks.iter().rev().find(|(other, kind, _)| other == index && !hands_over(kind))
                {
                    let failed = if *is_error { "failed: " } else { "" };
                    Console.piece(&safe!("\n→ {name}: {failed}{}", summary.expose()));
                }
            }
            StreamEvent::Started { .. } | StreamEvent::Used(_) | StreamEvent::Alive | StreamEvent::Unknown(_) => {}
        }
    }

    /// What a block is.
    pub fn kind(&self, index: usize) -> Option<&BlockKind> {
        self.blocks.iter().rev().find(|(other, _, _)| *other == index).map(|(_, kind, _)| kind)
    }

    /// Remembers what a block is without printing anything.
    pub fn note(&mut self, event: &StreamEvent) {
        if let StreamEvent::BlockStarted { index, kind } = event {
            self.blocks.push((*index, kind.clone(), String::new()));
        }
    }
}

/// Whether a tool's input is files, which are shown as such.
fn hands_over(kind: &BlockKind) -> bool {
    matches!(kind, BlockKind::ToolUse(name) if name == Tool::ProposeFiles.name())
}
