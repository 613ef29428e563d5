//! Terminal events → messages. What a key means is decided by the core, where it can be tested.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

use crate::app::chord::{Chord, Key};
use crate::app::msg::Msg;

/// Lines that one step of the wheel moves.
const WHEEL: i32 = 3;

/// The message that an event makes, if any.
pub fn translate(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) => chord(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text.clone())),
        Event::Resize(columns, rows) => Some(Msg::Resized(*columns, *rows)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Msg::Wheel { column: mouse.column, row: mouse.row, lines: WHEEL }),
            MouseEventKind::ScrollUp => Some(Msg::Wheel { column: mouse.column, row: mouse.row, lines: -WHEEL }),
            _ => None,
        },
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn chord(event: &KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::F(number),
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let key = match key {
        Key::Char(c) if ctrl => Key::Char(c.to_ascii_lowercase()),
        other => other,
    };
    Some(Chord { key, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_when_they_go_down_and_not_when_they_come_up() {
        let mut event = KeyEvent::new(KeyCode::Char('R'), KeyModifiers::CONTROL);
        assert_eq!(translate(&Event::Key(event)), Some(Msg::Key(Chord::ctrl('r'))));
        event.kind = KeyEventKind::Release;
        assert_eq!(translate(&Event::Key(event)), None);
        assert_eq!(
            translate(&Event::Key(KeyEvent::new(KeyCode::Char('E'), KeyModifiers::SHIFT))),
            Some(Msg::Key(Chord::plain(Key::Char('E'))))
        );
    }
}
