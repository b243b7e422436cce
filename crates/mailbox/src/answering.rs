//! Whether a mail is answered by machine at all, and how often a sender is.

use std::time::Duration;

use habeas_domain::received_mail::Verdict;

/// How often one sender is answered by machine. What arrives beyond that is kept and acted on by staff: two machines
/// that answer each other stop, and nobody can have us fill the mailbox of a stranger named in `From`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerLimit {
    /// The most answers.
    pub most: u64,
    /// Within this time.
    pub within: Duration,
}

impl Default for AnswerLimit {
    fn default() -> Self {
        Self { most: 5, within: Duration::from_hours(24) }
    }
}

/// Why a mail is not answered by machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// A machine wrote it (RFC 3834, section 2), or it went to many.
    Machine,
    /// It names no address that can be answered.
    NoSender,
    /// Its sender was answered often enough.
    Limit,
}

impl Unanswered {
    /// The name used in metrics and reasons.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::NoSender => "no-sender",
            Self::Limit => "limit",
        }
    }
}

impl AnswerLimit {
    /// Whether a mail may be answered. `answered` is how many answers its sender got within [`AnswerLimit::within`].
    pub const fn judge(self, verdict: Verdict, has_sender: bool, answered: u64) -> Result<(), Unanswered> {
        if !verdict.may_be_answered() {
            Err(Unanswered::Machine)
        } else if !has_sender {
            Err(Unanswered::NoSender)
        } else if answered >= self.most {
            Err(Unanswered::Limit)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_never_answered_and_people_up_to_the_limit() {
        let limit = AnswerLimit { most: 2, ..AnswerLimit::default() };
        assert_eq!(limit.judge(Verdict::Request, true, 0), Ok(()));
        assert_eq!(limit.judge(Verdict::Request, true, 1), Ok(()));
        assert_eq!(limit.judge(Verdict::Request, true, 2), Err(Unanswered::Limit));
        assert_eq!(limit.judge(Verdict::Request, false, 0), Err(Unanswered::NoSender));
        for machine in [Verdict::Bounce, Verdict::AutoReply, Verdict::List, Verdict::Loop] {
            assert_eq!(limit.judge(machine, true, 0), Err(Unanswered::Machine));
        }
    }
}
