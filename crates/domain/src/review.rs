//! Findings that stop a resolve, and what staff decide about one. A finding is decided as it was made: the next resolve that
//! finds something else stops again.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Actor, words};

/// The most values of one key that staff can allow for one request.
pub const MOST_VALUES: u32 = 10_000;

/// The most addresses that staff can have warned for one request.
pub const MOST_ADDRESSES: u32 = 500;

/// What a resolve stopped at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A row carries another identifier than the one that was proven.
    Contradiction,
    /// More values of a key than one person can have.
    TooManyValues,
    /// More addresses than one person is warned at.
    TooManyAddresses,
    /// A key leads to the person and to somebody else, and the store does not say whose it is. Nobody can decide that here:
    /// the store is put right first.
    Entangled,
}

words!(FindingKind, or UnknownFindingKind:
    Contradiction = "contradiction", TooManyValues = "too-many-values",
    TooManyAddresses = "too-many-addresses", Entangled = "entangled",
);

impl FindingKind {
    /// The words of the decisions that this kind takes.
    pub const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Contradiction => &["another-person", "same-person"],
            Self::TooManyValues | Self::TooManyAddresses => &["allow"],
            Self::Entangled => &[],
        }
    }

    /// The most that can be allowed; nothing where no number is decided.
    const fn most(self) -> Option<u32> {
        match self {
            Self::TooManyValues => Some(MOST_VALUES),
            Self::TooManyAddresses => Some(MOST_ADDRESSES),
            Self::Contradiction | Self::Entangled => None,
        }
    }
}

/// A text that names no kind of finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of finding")]
pub struct UnknownFindingKind;

/// What staff decide about a finding, for this request alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewDecision {
    /// The value is somebody else's: rows that carry it, and what only they lead to, are left out.
    AnotherPerson,
    /// The value is the person's: it contradicts nothing.
    SamePerson,
    /// So many are the person's, and more stop it again.
    Allow {
        /// The most that is allowed from now on.
        up_to: u32,
    },
}

impl ReviewDecision {
    /// The words of all decisions.
    pub const WORDS: [&'static str; 3] = ["another-person", "same-person", "allow"];

    /// The word and, where it takes one, the number.
    pub fn read(word: &str, up_to: Option<u32>) -> Result<Self, UnknownReviewDecision> {
        match (word, up_to) {
            ("another-person", None) => Ok(Self::AnotherPerson),
            ("same-person", None) => Ok(Self::SamePerson),
            ("allow", Some(up_to)) => Ok(Self::Allow { up_to }),
            ("allow", None) => Err(UnknownReviewDecision::NoNumber),
            ("another-person" | "same-person", Some(_)) => Err(UnknownReviewDecision::Number),
            _ => Err(UnknownReviewDecision::Word),
        }
    }

    /// The name used in columns, answers and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnotherPerson => "another-person",
            Self::SamePerson => "same-person",
            Self::Allow { .. } => "allow",
        }
    }

    /// The most that is allowed from now on, where that is what is decided.
    pub const fn up_to(self) -> Option<u32> {
        match self {
            Self::Allow { up_to } => Some(up_to),
            Self::AnotherPerson | Self::SamePerson => None,
        }
    }
}

/// Words that are no decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownReviewDecision {
    /// No such word.
    #[error("unknown decision; use another-person, same-person or allow")]
    Word,
    /// A number is missing.
    #[error("say up to how many are allowed")]
    NoNumber,
    /// A number that means nothing.
    #[error("only `allow` takes a number; leave it out")]
    Number,
}

/// What a decision is for: a keyed hash over the request, the kind and the place of the finding, and its values. It names this
/// very finding and tells nobody the values.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FindingHash(pub [u8; 32]);

impl fmt::Display for FindingHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for FindingHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "finding:{self}")
    }
}

/// A text that is no hash of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give the 64 hexadecimal digits that the finding shows as `finding`")]
pub struct MalformedFindingHash;

impl FromStr for FindingHash {
    type Err = MalformedFindingHash;
    fn from_str(text: &str) -> Result<Self, MalformedFindingHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| MalformedFindingHash)?;
        Ok(Self(bytes))
    }
}

/// What one member of staff makes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opinion {
    /// Who.
    pub by: Actor,
    /// What they decide.
    pub decision: ReviewDecision,
}

/// Why a decision does not count. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefused {
    /// The request waits for no such decision.
    #[error("this request waits for no decision; if it stopped before an upgrade, clear its review first")]
    NotAwaited,
    /// The finding that was looked at is no longer the one that the request stopped at.
    #[error(
        "the request stopped at another finding since; look at it again (habeas request review) and decide that one"
    )]
    FindingChanged,
    /// This kind of finding takes another decision.
    #[error("this finding takes another decision; habeas request review shows which")]
    DoesNotFit,
    /// Nobody can decide this kind here.
    #[error(
        "this finding cannot be decided here: put the store right and clear the review, or refuse the request"
    )]
    Undecidable,
    /// The number is not above what was allowed already, or above what can be allowed.
    #[error("allow more than {above}, and at most {most}")]
    Number {
        /// What was allowed.
        above: u32,
        /// What can be.
        most: u32,
    },
    /// Only holders of a token decide.
    #[error("only a member of staff can decide about a finding")]
    NotStaff,
    /// They handed the request in.
    #[error("you handed this request in; somebody else has to decide about its findings")]
    OwnRequest,
    /// They decided it before.
    #[error(
        "you decided this finding already; a second person has to, or the review is cleared and begins anew"
    )]
    SamePersonTwice,
}

/// What is to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToDecide {
    /// The finding that the request stopped at.
    pub finding: FindingHash,
    /// Its kind.
    pub kind: FindingKind,
    /// What was allowed when it stopped; zero where the kind has no number.
    pub allowed: u32,
    /// Who handed the request in.
    pub submitted_by: Actor,
}

/// How many different people must decide alike: two about an identifying key, and where data would be taken away.
pub const fn needed(identifying: bool, removes_data: bool) -> usize {
    if identifying || removes_data { 2 } else { 1 }
}

/// Whether `next`, made on the finding `of`, counts beside the `earlier` ones.
pub fn check(
    next: Opinion,
    of: FindingHash,
    earlier: &[Opinion],
    what: &ToDecide,
) -> Result<(), ReviewRefused> {
    if !matches!(next.by, Actor::Token(_)) {
        return Err(ReviewRefused::NotStaff);
    }
    if of != what.finding {
        return Err(ReviewRefused::FindingChanged);
    }
    if what.kind.takes().is_empty() {
        return Err(ReviewRefused::Undecidable);
    }
    if !what.kind.takes().contains(&next.decision.as_str()) {
        return Err(ReviewRefused::DoesNotFit);
    }
    if let (Some(up_to), Some(most)) = (next.decision.up_to(), what.kind.most())
        && !(what.allowed < up_to && up_to <= most)
    {
        return Err(ReviewRefused::Number { above: what.allowed, most });
    }
    if next.by == what.submitted_by {
        return Err(ReviewRefused::OwnRequest);
    }
    if earlier.iter().any(|one| one.by == next.by) {
        return Err(ReviewRefused::SamePersonTwice);
    }
    Ok(())
}

/// How many different people decided like this.
pub fn alike(decision: ReviewDecision, opinions: &[Opinion]) -> usize {
    let people = opinions.iter().filter(|one| one.decision == decision).map(|one| one.by.to_string());
    people.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{TokenId, TypedId};

    const THIS: FindingHash = FindingHash([1; 32]);
    const OTHER: FindingHash = FindingHash([2; 32]);

    fn by(n: u128, decision: ReviewDecision) -> Opinion {
        Opinion { by: Actor::Token(TokenId::from_uuid(Uuid::from_u128(n))), decision }
    }

    fn of(kind: FindingKind, allowed: u32) -> ToDecide {
        ToDecide { finding: THIS, kind, allowed, submitted_by: Actor::System }
    }

    #[test]
    fn a_decision_is_for_one_finding_and_by_somebody_else_each_time() {
        let what = of(FindingKind::Contradiction, 0);
        let one = by(1, ReviewDecision::SamePerson);
        assert_eq!(check(one, THIS, &[], &what), Ok(()));
        assert_eq!(check(one, OTHER, &[], &what), Err(ReviewRefused::FindingChanged));
        let turned = by(1, ReviewDecision::AnotherPerson);
        assert_eq!(check(turned, THIS, &[one], &what), Err(ReviewRefused::SamePersonTwice));
        let own = ToDecide { submitted_by: one.by, ..what };
        assert_eq!(check(one, THIS, &[], &own), Err(ReviewRefused::OwnRequest));
        let subject = Opinion { by: Actor::Subject, ..one };
        assert_eq!(check(subject, THIS, &[], &what), Err(ReviewRefused::NotStaff));
    }

    #[test]
    fn only_who_decide_alike_count_together() {
        let (same, another) = (ReviewDecision::SamePerson, ReviewDecision::AnotherPerson);
        let opinions = [by(1, same), by(2, another), by(1, same)];
        assert_eq!((alike(same, &opinions), alike(another, &opinions)), (1, 1));
        let numbers = [by(1, ReviewDecision::Allow { up_to: 5 }), by(2, ReviewDecision::Allow { up_to: 6 })];
        assert_eq!(alike(numbers[0].decision, &numbers), 1, "other numbers are other decisions");
        assert_eq!((needed(true, false), needed(false, true), needed(false, false)), (2, 2, 1));
    }

    #[test]
    fn each_kind_takes_its_own_decisions() {
        let allow = |up_to| by(1, ReviewDecision::Allow { up_to });
        let values = of(FindingKind::TooManyValues, 100);
        assert_eq!(check(allow(101), THIS, &[], &values), Ok(()));
        for number in [0, 100, MOST_VALUES + 1, u32::MAX] {
            let refused = Err(ReviewRefused::Number { above: 100, most: MOST_VALUES });
            assert_eq!(check(allow(number), THIS, &[], &values), refused, "{number}");
        }
        let same = by(1, ReviewDecision::SamePerson);
        assert_eq!(check(same, THIS, &[], &values), Err(ReviewRefused::DoesNotFit));
        let contradiction = of(FindingKind::Contradiction, 0);
        assert_eq!(check(allow(9), THIS, &[], &contradiction), Err(ReviewRefused::DoesNotFit));
        let entangled = of(FindingKind::Entangled, 0);
        assert_eq!(check(same, THIS, &[], &entangled), Err(ReviewRefused::Undecidable));
    }

    #[test]
    fn words_and_numbers_go_together() {
        for decision in
            [ReviewDecision::AnotherPerson, ReviewDecision::SamePerson, ReviewDecision::Allow { up_to: 7 }]
        {
            assert_eq!(ReviewDecision::read(decision.as_str(), decision.up_to()), Ok(decision));
        }
        assert_eq!(ReviewDecision::read("allow", None), Err(UnknownReviewDecision::NoNumber));
        assert_eq!(ReviewDecision::read("same-person", Some(1)), Err(UnknownReviewDecision::Number));
        assert_eq!(ReviewDecision::read("perhaps", None), Err(UnknownReviewDecision::Word));
        assert_eq!(THIS.to_string().parse(), Ok(THIS));
        assert_eq!("11".parse::<FindingHash>(), Err(MalformedFindingHash));
    }
}
