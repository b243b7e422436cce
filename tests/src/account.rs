//! The account that a recovery test gives: what was accepted, what ended, and what must be nought.

use std::fmt;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// What a fault did to the requests that were accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Submissions handed in.
    pub attempted: usize,
    /// Requests that came of them.
    pub accepted: usize,
    /// Requests that ended.
    pub ended: usize,
    /// Handed in and not taken, or ended without what they were for: a row that is still there, a package that never
    /// came or is not whole.
    pub lost: usize,
    /// Two requests of one submission, effects outside the plan or twice, results told twice.
    pub doubled: usize,
    /// What packages and mails hold of another person.
    pub crossed: usize,
    /// Requests that came within 72 hours of their last day, or past it, without an alarm.
    pub silent: usize,
    /// Mails that were sent by the record and never arrived.
    pub mails_lost: usize,
}

/// What was found wrong, as it is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Findings {
    /// See [`Account::lost`].
    pub lost: usize,
    /// See [`Account::doubled`].
    pub doubled: usize,
    /// See [`Account::crossed`].
    pub crossed: usize,
    /// See [`Account::mails_lost`].
    pub mails_lost: usize,
}

impl Findings {
    /// Unless it is there it is lost, and it is said what.
    pub fn require(&mut self, is_there: bool, what: impl fmt::Display) {
        if !is_there {
            // Not on standard output, which is the figures of a campaign.
            eprintln!("lost: {what}");
            self.lost += 1;
        }
    }

    /// There must be one of it: none is lost, each further one is doubled.
    pub fn count_of_one(&mut self, found: usize, what: impl fmt::Display) {
        self.require(found > 0, what);
        self.doubled += found.saturating_sub(1);
    }

    /// As many different mails must have arrived as the record says were sent.
    pub fn compare_mails(&mut self, sent: usize, arrived: usize) {
        self.mails_lost += sent.saturating_sub(arrived);
        self.doubled += arrived.saturating_sub(sent);
    }
}

impl Account {
    /// The account of so many submissions.
    pub fn of(attempted: usize, accepted: usize, ended: usize, findings: Findings, silent: usize) -> Self {
        let Findings { lost, doubled, crossed, mails_lost } = findings;
        Self {
            attempted,
            accepted,
            ended,
            lost: lost + attempted.saturating_sub(accepted),
            doubled: doubled + accepted.saturating_sub(attempted),
            crossed,
            silent,
            mails_lost,
        }
    }

    /// Whether everything that must be nought is, and everything handed in has ended.
    pub const fn is_settled(&self) -> bool {
        self.attempted > 0
            && self.lost == 0
            && self.doubled == 0
            && self.crossed == 0
            && self.silent == 0
            && self.mails_lost == 0
            && self.accepted == self.attempted
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

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Account {
        Account::of(3, 3, 3, Findings::default(), 0)
    }

    #[test]
    fn each_figure_alone_unsettles_an_account() {
        assert!(good().is_settled());
        for bad in [
            Account::of(0, 0, 0, Findings::default(), 0),
            Account { lost: 1, ..good() },
            Account { doubled: 1, ..good() },
            Account { crossed: 1, ..good() },
            Account { silent: 1, ..good() },
            Account { mails_lost: 1, ..good() },
            Account { ended: 2, ..good() },
        ] {
            assert!(!bad.is_settled(), "{bad}");
            bad.settle("a fault").unwrap_err();
        }
    }

    #[test]
    fn a_submission_that_was_not_taken_is_lost_and_one_taken_twice_is_doubled() {
        assert_eq!(Account::of(3, 2, 2, Findings::default(), 0).lost, 1);
        assert_eq!(Account::of(3, 4, 4, Findings::default(), 0).doubled, 1);
    }

    #[test]
    fn what_there_must_be_one_of_is_counted_and_mails_are_compared_both_ways() {
        let mut findings = Findings::default();
        findings.count_of_one(1, "a package");
        findings.compare_mails(9, 9);
        assert_eq!((findings.lost, findings.doubled, findings.mails_lost), (0, 0, 0));
        findings.count_of_one(0, "a package");
        findings.count_of_one(3, "a package");
        findings.compare_mails(9, 8);
        findings.compare_mails(9, 10);
        assert_eq!((findings.lost, findings.doubled, findings.mails_lost), (1, 3, 1));
    }
}
