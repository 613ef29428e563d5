//! Which chord means which command: the defaults with the user's changes. A chord that means two things is refused.

use std::collections::HashMap;

use crate::app::chord::{Chord, Key};
use crate::app::command::Command;
use crate::domain::failure::Failure;
use crate::safe;

/// Chords and the commands that they mean, and whether the first of two Ctrl-C has been pressed.
#[derive(Clone, Debug)]
pub struct Keymap {
    by_chord: HashMap<Chord, Command>,
    by_command: HashMap<Command, Vec<Chord>>,
    armed_until: Option<u64>,
}

/// Milliseconds within which the second Ctrl-C counts.
const ARMED: u64 = 1500;

impl Keymap {
    /// The defaults with `changes`: names of commands with the chords that replace theirs.
    pub fn new(changes: &[(String, Vec<String>)]) -> Result<Self, Failure> {
        let mut by_command: HashMap<Command, Vec<Chord>> = HashMap::new();
        for command in Command::ALL {
            by_command
                .insert(*command, command.default_chords().iter().filter_map(|chord| Chord::parse(chord)).collect());
        }
        for (name, chords) in changes {
            let Some(command) = Command::from_name(name) else {
                return Err(Failure::input(
                    safe!("keys.{name}"),
                    safe!("there is no command of that name"),
                    safe!("the palette lists them; press : in the workbench"),
                ));
            };
            let mut parsed = Vec::new();
            for chord in chords {
                let Some(chord) = Chord::parse(chord) else {
                    return Err(Failure::input(
                        safe!("keys.{name}"),
                        safe!("{chord} is not a key"),
                        safe!("write for example a, E, ctrl-r, f5, shift-tab"),
                    ));
                };
                parsed.push(chord);
            }
            by_command.insert(command, parsed);
        }
        let mut by_chord: HashMap<Chord, Command> = HashMap::new();
        for command in Command::ALL {
            for chord in by_command.get(command).into_iter().flatten() {
                if let Some(other) = by_chord.insert(*chord, *command) {
                    return Err(Failure::input(
                        safe!("keys"),
                        safe!("{chord} means both {} and {}", other.name(), command.name()),
                        safe!("give one of the two another key, for example keys.{} = \"f5\"", command.name()),
                    ));
                }
            }
        }
        Ok(Self { by_chord, by_command, armed_until: None })
    }

    /// The command that a chord means.
    pub fn command(&self, chord: Chord) -> Option<Command> {
        self.by_chord.get(&chord).copied()
    }

    /// The first chord of a command, for hints; nothing where the user took it away.
    pub fn hint(&self, command: Command) -> Option<Chord> {
        self.by_command.get(&command)?.first().copied()
    }

    /// All chords of a command.
    pub fn chords(&self, command: Command) -> &[Chord] {
        self.by_command.get(&command).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a chord is the one that ends programs.
    pub fn is_interrupt(&self, chord: Chord) -> bool {
        chord.ctrl && chord.key == Key::Char('c')
    }

    /// Presses Ctrl-C; returns whether it was the second time.
    pub fn arm(&mut self, now: u64) -> bool {
        let again = self.armed_until.is_some_and(|until| now <= until);
        self.armed_until = Some(now + ARMED);
        again
    }

    /// Any other key.
    pub fn disarm(&mut self) {
        self.armed_until = None;
    }

    /// Forgets the first Ctrl-C after a while.
    pub fn expire(&mut self, now: u64) {
        if self.armed_until.is_some_and(|until| now > until) {
            self.armed_until = None;
        }
    }

    /// Whether the first Ctrl-C still counts.
    pub fn is_armed(&self) -> bool {
        self.armed_until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_can_be_reached_and_no_key_means_two_things() {
        let keymap = Keymap::new(&[]).unwrap();
        for command in Command::ALL {
            let chord = keymap.hint(*command).unwrap();
            assert_eq!(keymap.command(chord), Some(*command), "{}", command.name());
            assert_eq!(keymap.chords(*command).len(), command.default_chords().len(), "{}", command.name());
        }
    }

    #[test]
    fn a_change_that_makes_no_sense_is_refused_with_the_next_step() {
        let refused =
            |name: &str, chord: &str| Keymap::new(&[(name.into(), vec![chord.into()])]).unwrap_err().to_string();
        assert_eq!(
            refused("acept", "b"),
            "keys.acept: there is no command of that name – the palette lists them; press : in the workbench"
        );
        assert_eq!(
            refused("accept", "hyper"),
            "keys.accept: hyper is not a key – write for example a, E, ctrl-r, f5, shift-tab"
        );
        assert_eq!(
            refused("accept", "q"),
            "keys: q means both accept and quit – give one of the two another key, for example keys.quit = \"f5\""
        );
    }
}
