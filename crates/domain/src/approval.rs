//! Who must agree before a job may run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Actor, words};

/// How many people must agree. Data, set per right and regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalPolicy {
    /// Nobody: proof of identity is enough.
    Automatic,
    /// One member of staff.
    OnePerson,
    /// Two different members of staff.
    FourEyes,
}

words!(ApprovalPolicy, or UnknownPolicy:
    Automatic = "automatic", OnePerson = "one-person", FourEyes = "four-eyes",
);

impl ApprovalPolicy {
    /// How many different people must agree.
    pub const fn needed(self) -> usize {
        match self {
            Self::Automatic => 0,
            Self::OnePerson => 1,
            Self::FourEyes => 2,
        }
    }
}

/// A text that names no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown approval policy; use automatic, one-person or four-eyes")]
pub struct UnknownPolicy;

/// What an approval is for: SHA-256 over the manifests, the keys and the changes of one job. If any of them
/// changes, so does the hash, and earlier approvals no longer count.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlanHash(pub [u8; 32]);

impl fmt::Display for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PlanHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plan:{self}")
    }
}

/// One person's agreement to one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// Who agreed.
    pub by: Actor,
    /// To which plan.
    pub plan: PlanHash,
}

/// Why an approval does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefused {
    /// The plan that was shown is no longer the plan.
    #[error("the plan changed after it was shown; look at it again and approve the new one")]
    PlanChanged,
    /// The same person approved already.
    #[error("you approved this job already; a second person has to")]
    SamePersonTwice,
    /// The approver handed the request in.
    #[error("you handed this request in; somebody else has to approve it")]
    OwnRequest,
    /// Only holders of a token approve.
    #[error("only a member of staff can approve")]
    NotStaff,
}

/// Whether `next` counts beside `earlier` ones for `plan`. `submitted_by` handed the request in.
pub fn check(
    next: &Approval,
    earlier: &[Approval],
    plan: PlanHash,
    submitted_by: Actor,
) -> Result<(), ApprovalRefused> {
    if !matches!(next.by, Actor::Token(_)) {
        return Err(ApprovalRefused::NotStaff);
    }
    if next.plan != plan {
        return Err(ApprovalRefused::PlanChanged);
    }
    if next.by == submitted_by {
        return Err(ApprovalRefused::OwnRequest);
    }
    if earlier.iter().any(|one| one.by == next.by && one.plan == plan) {
        return Err(ApprovalRefused::SamePersonTwice);
    }
    Ok(())
}

/// Whether `approvals` of `plan` are as many as `policy` asks for, each by a different person.
pub fn is_enough(policy: ApprovalPolicy, approvals: &[Approval], plan: PlanHash) -> bool {
    let mut people: Vec<Actor> = approvals.iter().filter(|one| one.plan == plan).map(|one| one.by).collect();
    people.sort_by_key(ToString::to_string);
    people.dedup();
    people.len() >= policy.needed()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{TokenId, TypedId};

    fn staff(n: u128) -> Actor {
        Actor::Token(TokenId::from_uuid(Uuid::from_u128(n)))
    }
    const PLAN: PlanHash = PlanHash([1; 32]);
    const OTHER: PlanHash = PlanHash([2; 32]);

    #[test]
    fn the_same_person_never_counts_twice() {
        let one = Approval { by: staff(1), plan: PLAN };
        assert_eq!(check(&one, &[one], PLAN, Actor::System), Err(ApprovalRefused::SamePersonTwice));
        assert!(!is_enough(ApprovalPolicy::FourEyes, &[one, one], PLAN));
        assert!(is_enough(ApprovalPolicy::FourEyes, &[one, Approval { by: staff(2), plan: PLAN }], PLAN));
    }

    #[test]
    fn an_approval_of_an_edited_plan_does_not_count() {
        let stale = Approval { by: staff(1), plan: OTHER };
        assert_eq!(check(&stale, &[], PLAN, Actor::System), Err(ApprovalRefused::PlanChanged));
        assert!(!is_enough(ApprovalPolicy::OnePerson, &[stale], PLAN));
    }

    #[test]
    fn nobody_approves_their_own_request() {
        let own = Approval { by: staff(1), plan: PLAN };
        assert_eq!(check(&own, &[], PLAN, staff(1)), Err(ApprovalRefused::OwnRequest));
        let subject = Approval { by: Actor::Subject, plan: PLAN };
        assert_eq!(check(&subject, &[], PLAN, Actor::System), Err(ApprovalRefused::NotStaff));
    }
}
