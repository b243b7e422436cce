//! The classes of words with a meaning of their own.

/// The numbers of the classes with a meaning of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    /// Undoes the first word of a pattern.
    pub(super) negation: u16,
    /// Makes what is sure unsure.
    pub(super) doubt: u16,
    /// Makes a sentence say nothing.
    pub(super) cancel: u16,
    /// What advertisers, sellers and deceivers write. Words within such a word do not count.
    pub(super) noise: u16,
    /// Somebody writes for somebody else.
    pub(super) agent: u16,
    /// A parent or guardian writes.
    pub(super) guardian: u16,
    /// Somebody presses.
    pub(super) urgent: u16,
    /// What stands in every letter. Words within such a word do not count.
    pub(super) greeting: u16,
    /// Somebody wants something.
    pub(super) ask: u16,
    /// A list follows of what is wanted.
    pub(super) announce: u16,
}

impl Meaning {
    /// From the numbers in the order of the fields.
    pub(super) const fn new(numbers: [u16; 10]) -> Self {
        let [negation, doubt, cancel, noise, agent, guardian, urgent, greeting, ask, announce] = numbers;
        Self { negation, doubt, cancel, noise, agent, guardian, urgent, greeting, ask, announce }
    }
}
