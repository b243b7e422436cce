//! The name of a queue.

use std::fmt;

use crate::QueueError;

/// The longest name in bytes. AMQP allows 255; five are kept for the dead-letter suffix.
const LONGEST: usize = 250;

/// The name of a queue: 1 to 250 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueName(String);

impl QueueName {
    /// Check a name.
    ///
    /// # Errors
    /// [`QueueError::InvalidName`] when it is empty, too long, or holds a control character.
    pub fn new(name: impl Into<String>) -> Result<Self, QueueError> {
        let name = name.into();
        if name.is_empty() || name.len() > LONGEST || name.chars().any(char::is_control) {
            return Err(QueueError::InvalidName { bytes: name.len() });
        }
        Ok(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the queue that receives this queue's dead letters: `<name>.dead`.
    pub fn dead_letters(&self) -> String {
        format!("{}.dead", self.0)
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for QueueName {
    type Error = QueueError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_long_and_control_are_refused() {
        for bad in [String::new(), "x".repeat(251), "a\nb".into(), "a\0".into()] {
            assert!(matches!(QueueName::new(bad), Err(QueueError::InvalidName { .. })));
        }
    }

    proptest! {
        #[test]
        fn the_dead_letter_name_always_fits_amqp(name in "[a-z0-9._-]{1,250}") {
            prop_assert!(QueueName::new(name).unwrap().dead_letters().len() <= 255);
        }
    }
}
