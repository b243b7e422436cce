use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Method, VerificationPolicy};
use crate::{Actor, address::in_the_clear, text::FreeText, words};

/// What came of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceOutcome {
    /// It fits.
    Passed,
    /// It does not.
    Failed,
    /// Whoever holds what is on file says that the request is not theirs. It ends the verification.
    Denied,
}

words!(EvidenceOutcome, or UnknownEvidenceOutcome: Passed = "passed", Failed = "failed", Denied = "denied");

/// A text that names no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome; use passed, failed or denied")]
pub struct UnknownEvidenceOutcome;

/// Something that speaks for or against a person being who they say they are. Without what was typed or shown: that is
/// gone once it is judged. Serialises in the clear: write it encrypted only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// How it was shown.
    pub method: Method,
    /// What came of it.
    pub outcome: EvidenceOutcome,
    /// When.
    pub at: DateTime<Utc>,
    /// Who showed it, or judged it.
    pub by: Actor,
    /// For answers about recent dealings: how many were right.
    #[serde(default)]
    pub answers: u32,
    /// What staff noted.
    #[serde(with = "in_the_clear::option", default)]
    pub note: Option<FreeText>,
}

/// Why evidence does not count. Nothing was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceRefused {
    /// Nothing about this request is left to prove.
    #[error("this request does not wait for proof of identity")]
    NotAwaited,
    /// The request's policy does not know the method.
    #[error("this method does not count for this request; see what it needs with `habeas request evidence`")]
    DoesNotCount,
    /// The same person judged it before.
    #[error("you recorded this already; a second person has to")]
    SamePersonTwice,
    /// Staff judge it, and nobody else.
    #[error("only a member of staff can record this")]
    NotStaff,
    /// The person shows it, and nobody for them.
    #[error("only the person can show this; staff cannot record it for them")]
    NotThePerson,
    /// A document counts by the judgement of the paper itself.
    #[error("a document counts only as a paper that was given and judged: habeas request paper judge")]
    ThroughPaper,
    /// A guardian is named already, and an open request's addresses are never changed.
    #[error("a parent or guardian is named already; another one has to make a request of their own")]
    GuardianNamed,
    /// Nobody has shown that the address is theirs.
    #[error("the person has not confirmed the link in the first mail; wait for that")]
    MailFirst,
    /// Whoever called did not look up whom to call.
    #[error(
        "look up the number on file first, and call that one: `habeas request contacts`; it counts for 24 hours, and for whoever looked"
    )]
    NotLookedUp,
    /// There is nobody to call.
    #[error("no telephone number is on file for this person, so no call to it can count; use another method")]
    NoNumberOnFile,
    /// The person who handed the request in cannot vouch for it.
    #[error("you handed this request in; somebody else has to record this")]
    OwnRequest,
}

/// Whether `next` may be recorded beside what is there. `submitted_by` handed the request in.
pub fn admit(
    policy: &VerificationPolicy,
    earlier: &[Evidence],
    next: &Evidence,
    submitted_by: Actor,
) -> Result<(), EvidenceRefused> {
    use EvidenceRefused as R;
    let staff = matches!(next.by, Actor::Token(_));
    match (next.method.is_judged_by_staff(), staff) {
        (true, false) => return Err(R::NotStaff),
        (false, true) => return Err(R::NotThePerson),
        _ => {}
    }
    if !policy.counts(next.method) {
        return Err(R::DoesNotCount);
    }
    let begun = earlier.iter().any(|one| one.outcome == EvidenceOutcome::Passed && one.method.begins());
    if !next.method.begins() && !begun {
        return Err(R::MailFirst);
    }
    if staff && next.by == submitted_by {
        return Err(R::OwnRequest);
    }
    let passed = next.outcome == EvidenceOutcome::Passed;
    if staff && passed && passed_since_failure(earlier, next.method).any(|one| one.by == next.by) {
        return Err(R::SamePersonTwice);
    }
    Ok(())
}

/// What speaks for a method since it last spoke against.
pub(super) fn passed_since_failure(evidence: &[Evidence], method: Method) -> impl Iterator<Item = &Evidence> {
    let speaks_against = |one: &Evidence| one.method == method && one.outcome != EvidenceOutcome::Passed;
    let since = evidence.iter().rposition(speaks_against).map_or(0, |place| place + 1);
    evidence.iter().skip(since).filter(move |one| one.method == method)
}
