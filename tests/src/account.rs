//! The account that a recovery test gives: what was accepted, what ended, and what must be nought.

use std::fmt;

/// What a fault did to the requests that were accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Submissions handed in.
    pub attempted: usize,
    /// Submissions that were taken.
    pub accepted: usize,
    /// Requests that ended.
    pub ended: usize,
    /// Taken, and neither ended nor in a state that names what it waits for.
    pub lost: usize,
    /// Effects outside the plan, or twice for one person.
    pub doubled: usize,
    /// Packages or mails that hold anything of another person.
    pub crossed: usize,
    /// Mails that were ordered and never arrived.
    pub mails_lost: usize,
}

impl Account {
    /// Prints the account.
    ///
    /// # Panics
    /// Unless everything that must be nought is, and everything accepted has ended.
    pub fn settle(&self, fault: &str) {
        println!("{fault}: {self}");
        assert_eq!((self.lost, self.doubled, self.crossed, self.mails_lost), (0, 0, 0, 0), "{fault}: {self}");
        assert_eq!(self.ended, self.accepted, "{fault}: {self}");
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "attempted {}, accepted {}, ended {}, lost {}, doubled {}, crossed {}, mails lost {}",
            self.attempted, self.accepted, self.ended, self.lost, self.doubled, self.crossed, self.mails_lost
        )
    }
}
