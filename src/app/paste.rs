//! Pasted text: it goes where text is written.

use crate::app::Model;
use crate::app::editor::Editor;
use crate::app::effect::Effect;
use crate::app::layout::Pane;
use crate::app::overlay::Overlay;
use crate::domain::task::Task;

/// Pasted text goes where text is written, and never sends anything off.
pub fn on_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let is_cut = match &mut model.overlay {
        Some(
            Overlay::Prompt { editor, .. }
            | Overlay::Reason { editor, .. }
            | Overlay::Note { editor, .. }
            | Overlay::Word { editor, .. },
        ) => editor.paste(text),
        Some(Overlay::Form { form }) => form.paste(text),
        Some(Overlay::Palette { typed, .. }) => {
            typed.extend(text.chars().filter(|c| !c.is_control()).take(100));
            false
        }
        Some(_) => false,
        None if model.layout.focused() == Pane::Data && model.dataset.line.is_some() => {
            if let Some(line) = &mut model.dataset.line {
                line.paste(text);
            }
            false
        }
        None => match &mut model.review.editor {
            Some(editor) => {
                model.review.version += 1;
                editor.paste(text)
            }
            None => {
                // Outside a text, the first wish of whoever pastes is to ask with it.
                let mut editor = Editor::default();
                let is_cut = editor.paste(text);
                model.overlay = Some(Overlay::Prompt { editor, task: Task::Ask, follows: None });
                is_cut
            }
        },
    };
    if is_cut {
        model.notice.show("only the first megabyte was pasted".into(), model.meter.now);
    }
    Vec::new()
}
