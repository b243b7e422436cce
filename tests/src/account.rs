//! The account that a recovery test gives: what was accepted, what ended, and what must be nought.

use std::fmt;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

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
    /// Requests that came within 72 hours of their last day, or past it, without an alarm.
    pub silent: usize,
    /// Mails that were ordered and never arrived.
    pub mails_lost: usize,
}

impl Account {
    /// Whether everything that must be nought is, and everything accepted has ended.
    pub const fn is_settled(&self) -> bool {
        self.lost == 0
            && self.doubled == 0
            && self.crossed == 0
            && self.silent == 0
            && self.mails_lost == 0
            && self.ended == self.accepted
    }

    /// The figures.
    pub fn figures(&self) -> Value {
        json!({
            "attempted": self.attempted, "accepted": self.accepted, "ended": self.ended, "lost": self.lost,
            "doubled": self.doubled, "crossed": self.crossed, "silent": self.silent, "mails_lost": self.mails_lost,
        })
    }

    /// Prints the account, and fails unless it is settled.
    pub fn settle(&self, fault: &str) -> Result<()> {
        println!("{fault}: {self}");
        ensure!(self.is_settled(), "{fault}: {self}");
        Ok(())
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "attempted {}, accepted {}, ended {}, lost {}, doubled {}, crossed {}, silent {}, mails lost {}",
            self.attempted,
            self.accepted,
            self.ended,
            self.lost,
            self.doubled,
            self.crossed,
            self.silent,
            self.mails_lost
        )
    }
}
