//! Text that came from outside and text that may be drawn are two different types.

pub mod alphabet;
pub mod chart;
pub mod figure;
pub mod ink;
pub mod markdown;
pub mod sanitize;
pub mod wrap;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text exactly as it arrived: from a model, a file, a cell, a program's output.
///
/// It goes to the API, to disk and to the sandbox, byte for byte. It has no `Display`, so it can't
/// be drawn by accident; [`sanitize::sanitize`] makes the form that can.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawText(String);

impl RawText {
    /// Takes `text` as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The bytes as they arrived. Never to be drawn.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Adds a piece that has just arrived.
    pub fn push(&mut self, piece: &str) {
        self.0.push_str(piece);
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing has arrived.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for RawText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RawText({:?})", self.0)
    }
}

/// Text that may be drawn: no control character, nothing invisible, nothing that turns the reading
/// direction around. Only [`sanitize`] and [`From<&'static str>`] make it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SafeText(String);

impl SafeText {
    /// The text, ready to be drawn.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Joins two safe texts; what is safe apart is safe together.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        self.0.push_str(&more.0);
        self
    }
}

impl From<&'static str> for SafeText {
    /// Our own words, written in the source.
    fn from(words: &'static str) -> Self {
        Self(words.to_owned())
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

impl Serialize for SafeText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SafeText {
    /// What comes back from disk is sanitized again: a file can be edited by hand.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(sanitize::sanitize(&String::deserialize(deserializer)?))
    }
}

/// Formats our own words around safe or raw parts, and makes the whole safe.
///
/// Sanitizing twice changes nothing, so parts that are safe already stay as they are.
#[macro_export]
macro_rules! safe {
    ($($part:tt)*) => { $crate::text::sanitize::sanitize(&format!($($part)*)) };
}
