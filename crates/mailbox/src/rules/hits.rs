//! Words of the rules in a sentence.

use std::ops::Range;

/// A word of the rules in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// The number of the word.
    pub(super) word: usize,
    /// Where it stands, in bytes.
    pub(super) bytes: Range<usize>,
    /// Where it stands, in characters.
    pub(super) start: u32,
    /// Where it ends, in characters.
    pub(super) end: u32,
}

impl Hit {
    /// Whether another word lies within this one.
    pub(super) const fn encloses(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end && self.end - self.start > other.end - other.start
    }

    /// How many characters lie between two words.
    pub(super) const fn gap(&self, other: &Self) -> u32 {
        if other.start >= self.end { other.start - self.end } else { self.start.saturating_sub(other.end) }
    }
}
