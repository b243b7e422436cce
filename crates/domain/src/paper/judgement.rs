use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PaperState, UploadRefused};
use crate::{Actor, words};

/// What one member of staff makes of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperDecision {
    /// It shows what it is to show.
    Accepted,
    /// It does not.
    Refused,
}

words!(PaperDecision, or UnknownPaperDecision: Accepted = "accepted", Refused = "refused");

/// A text that names no decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown decision; use accepted or refused")]
pub struct UnknownPaperDecision;

/// What somebody made of a paper, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Who.
    pub by: Actor,
    /// What they made of it.
    pub decision: PaperDecision,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why something about a paper is not possible. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefused {
    /// The file is not taken.
    #[error(transparent)]
    Upload(#[from] UploadRefused),
    /// This installation asks nobody for papers that show who they are.
    #[error("documents are switched off here; see verification.documents in the configuration")]
    SwitchedOff,
    /// The policy of the request's law and rights forbids it.
    #[error("the policy of this request forbids asking for documents; use another way")]
    Forbidden,
    /// Nothing that such a paper could show is open.
    #[error("nothing about this request waits for such a paper")]
    NotAwaited,
    /// Nobody is named in the request who could give it.
    #[error("this request names nobody who could give such a paper")]
    NobodyToAsk,
    /// A paper that shows who somebody is has to be asked for, with the reason.
    #[error("ask for it first, with the reason: habeas request paper ask")]
    AskFirst,
    /// One of the kind is asked for or waits for its judgement.
    #[error("such a paper is asked for already, or waits for its judgement")]
    Open,
    /// Too many were asked for or given.
    #[error("this request has had too many papers; refuse it, or find another way")]
    TooMany,
    /// It is not there to be judged.
    #[error("this paper does not wait for a judgement")]
    NotGiven,
    /// Staff judge papers, and nobody else.
    #[error("only a member of staff can judge a paper")]
    NotStaff,
    /// They handed the request in.
    #[error("you handed this request in; somebody else has to judge its papers")]
    OwnRequest,
    /// They asked for the paper.
    #[error("you asked for this paper; somebody else has to judge it")]
    OwnAsk,
    /// They handed the paper in.
    #[error("you handed this paper in; somebody else has to judge it")]
    OwnUpload,
    /// They judged it before.
    #[error("you judged this paper already; a second person has to")]
    SamePersonTwice,
}

/// Who had a hand in a paper before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// Who handed the request in.
    pub submitted_by: Actor,
    /// Who asked for the paper, if somebody did.
    pub asked_by: Option<Actor>,
    /// Who handed it in.
    pub given_by: Option<Actor>,
}

/// Whether `by` may judge a paper now. Nobody judges what they had a hand in: the request, the asking, the handing in.
/// So at least three people of staff know of a paper that staff brought, and two of one that the person brought.
pub fn may_judge(
    state: PaperState,
    whose: Whose,
    earlier: &[Judgement],
    by: Actor,
) -> Result<(), PaperRefused> {
    use PaperRefused as R;
    if !matches!(by, Actor::Token(_)) {
        return Err(R::NotStaff);
    }
    if state != PaperState::Given {
        return Err(R::NotGiven);
    }
    let by_them = |actor: Option<Actor>| actor == Some(by);
    if by == whose.submitted_by {
        return Err(R::OwnRequest);
    }
    if by_them(whose.asked_by) {
        return Err(R::OwnAsk);
    }
    if by_them(whose.given_by) {
        return Err(R::OwnUpload);
    }
    if earlier.iter().any(|one| one.by == by) {
        return Err(R::SamePersonTwice);
    }
    Ok(())
}

/// What the judgements come to: one refusal refuses, and `needed` different people have to accept. Fewer than two never
/// do.
pub fn decided(judgements: &[Judgement], needed: u32) -> Option<PaperDecision> {
    if judgements.iter().any(|one| one.decision == PaperDecision::Refused) {
        return Some(PaperDecision::Refused);
    }
    let people: BTreeSet<String> = judgements
        .iter()
        .filter(|one| matches!(one.by, Actor::Token(_)))
        .map(|one| one.by.to_string())
        .collect();
    let needed = usize::try_from(needed.max(2)).unwrap_or(usize::MAX);
    (people.len() >= needed).then_some(PaperDecision::Accepted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{TokenId, TypedId};

    fn staff(number: u8) -> Actor {
        Actor::Token(TokenId::from_uuid(uuid::Uuid::from_bytes([number; 16])))
    }

    fn judgement(by: Actor, decision: PaperDecision) -> Judgement {
        Judgement { by, decision, at: DateTime::<Utc>::UNIX_EPOCH }
    }

    fn any_judgement() -> impl Strategy<Value = (Actor, PaperDecision)> {
        let by = prop_oneof![Just(Actor::Subject), Just(Actor::System), (1_u8..7).prop_map(staff)];
        (by, prop_oneof![4 => Just(PaperDecision::Accepted), 1 => Just(PaperDecision::Refused)])
    }

    proptest! {
        #[test]
        fn nothing_is_accepted_without_two_people_who_had_no_hand_in_it(
            tries in prop::collection::vec(any_judgement(), 0..12), needed in 0_u32..4,
        ) {
            let whose = Whose { submitted_by: staff(1), asked_by: Some(staff(2)), given_by: Some(staff(3)) };
            let (mut kept, mut state) = (Vec::new(), PaperState::Given);
            for (by, decision) in tries {
                if may_judge(state, whose, &kept, by).is_err() {
                    continue;
                }
                kept.push(judgement(by, decision));
                match decided(&kept, needed) {
                    Some(PaperDecision::Accepted) => state = PaperState::Accepted,
                    Some(PaperDecision::Refused) => state = PaperState::Refused,
                    None => {}
                }
            }
            let involved = [1, 2, 3].map(staff);
            prop_assert!(kept.iter().all(|one| !involved.contains(&one.by)));
            let people: BTreeSet<String> = kept.iter().map(|one| one.by.to_string()).collect();
            prop_assert_eq!(people.len(), kept.len(), "nobody twice");
            if state == PaperState::Accepted {
                prop_assert!(people.len() >= 2 && people.len() >= needed as usize);
            }
            if kept.iter().any(|one| one.decision == PaperDecision::Refused) {
                prop_assert_eq!(state, PaperState::Refused);
            }
        }
    }

    #[test]
    fn each_hand_in_it_is_told_by_its_name() {
        use PaperRefused as R;
        let whose = Whose { submitted_by: staff(1), asked_by: Some(staff(2)), given_by: Some(staff(3)) };
        let judge =
            |by| may_judge(PaperState::Given, whose, &[judgement(staff(4), PaperDecision::Accepted)], by);
        assert_eq!(judge(staff(1)), Err(R::OwnRequest));
        assert_eq!(judge(staff(2)), Err(R::OwnAsk));
        assert_eq!(judge(staff(3)), Err(R::OwnUpload));
        assert_eq!(judge(staff(4)), Err(R::SamePersonTwice));
        assert_eq!(judge(Actor::Subject), Err(R::NotStaff));
        assert_eq!(judge(staff(5)), Ok(()));
        assert_eq!(may_judge(PaperState::Asked, whose, &[], staff(5)), Err(R::NotGiven));
    }
}
