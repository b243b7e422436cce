use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Evidence, EvidenceOutcome, Method, VerificationPolicy, evidence::passed_since_failure, policy::smallest,
};
use crate::Actor;

/// How a person stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "kebab-case")]
pub enum Standing {
    /// They are who they say they are.
    Proven,
    /// More has to be shown: every method of one of these sets.
    Needs {
        /// What is missing, the shortest first.
        missing: Vec<BTreeSet<Method>>,
    },
    /// Whoever holds what is on file said that the request is not theirs. Nothing shown later changes that.
    Failed,
}

/// Judges what was shown by the policy. Pure: the same evidence always stands alike.
pub fn judge(policy: &VerificationPolicy, evidence: &[Evidence]) -> Standing {
    if evidence.iter().any(|one| one.outcome == EvidenceOutcome::Denied) {
        return Standing::Failed;
    }
    let shown: BTreeSet<Method> =
        Method::ALL.into_iter().filter(|method| is_shown(policy, evidence, *method)).collect();
    let missing = smallest(policy.enough.iter().map(|set| set - &shown).collect());
    // A policy without the mailed link is never met without it: the stores are asked for that address. For a child it is
    // the guardian's own link. The one exception is a mandate, where the law lets it stand in for the person's own word.
    let link = if policy.is_for_child() { Method::GuardianLink } else { Method::MailLink };
    let by_mandate = |set: &BTreeSet<Method>| set.is_subset(&shown) && set.contains(&Method::Mandate);
    let begun = shown.contains(&link) || !policy.is_for_child() && policy.enough.iter().any(by_mandate);
    match missing.first() {
        Some(first) if first.is_empty() && begun => Standing::Proven,
        Some(first) if first.is_empty() => Standing::Needs { missing: vec![BTreeSet::from([link])] },
        _ => Standing::Needs { missing },
    }
}

/// Whether enough was shown for staff to look up in the stores how the person can be reached: their own address, the mandate of
/// whoever asks for them, or that somebody is the guardian of a child. Before that, what is on file would be shown for a guess.
pub fn may_be_looked_up(policy: &VerificationPolicy, evidence: &[Evidence]) -> bool {
    let any = [Method::MailLink, Method::Mandate, Method::GuardianOnFile, Method::GuardianProof];
    any.into_iter().any(|method| is_shown(policy, evidence, method))
}

/// Staff vouch for what staff judge, a guardian for their own link, the stores for what is on file, the person for the
/// rest; none of them stands in for another.
fn is_shown(policy: &VerificationPolicy, evidence: &[Evidence], method: Method) -> bool {
    let passed = passed_since_failure(evidence, method);
    if method.is_judged_by_staff() {
        let needed = if method == Method::CallBack { policy.callers } else { policy.reviewers };
        let staff: BTreeSet<String> =
            passed.filter(|one| matches!(one.by, Actor::Token(_))).map(|one| one.by.to_string()).collect();
        return staff.len() >= usize::try_from(needed.max(1)).unwrap_or(usize::MAX);
    }
    let whose = match method {
        Method::GuardianLink => Actor::Guardian,
        Method::GuardianOnFile => Actor::System,
        _ => Actor::Subject,
    };
    let mut passed = passed.filter(|one| one.by == whose);
    match method {
        Method::RecentDealings => passed.any(|one| one.answers >= policy.answers.max(1)),
        _ => passed.next().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        TokenId, TypedId,
        verification::{Level, admit},
    };

    fn staff(number: u8) -> Actor {
        Actor::Token(TokenId::from_uuid(uuid::Uuid::from_bytes([number; 16])))
    }

    fn shown(method: Method, outcome: EvidenceOutcome, by: Actor, answers: u32) -> Evidence {
        Evidence { method, outcome, at: DateTime::<Utc>::UNIX_EPOCH, by, answers, note: None }
    }

    fn any_actor() -> impl Strategy<Value = Actor> {
        let people = [Actor::Subject, Actor::System, Actor::Guardian, Actor::Agent];
        prop_oneof![proptest::sample::select(people.to_vec()), (1_u8..4).prop_map(staff)]
    }

    fn any_outcome() -> impl Strategy<Value = EvidenceOutcome> {
        prop_oneof![8 => Just(EvidenceOutcome::Passed), 2 => Just(EvidenceOutcome::Failed), 1 => Just(EvidenceOutcome::Denied)]
    }

    fn any_method() -> impl Strategy<Value = Method> {
        proptest::sample::select(Method::ALL.to_vec())
    }

    fn any_evidence(longest: usize) -> impl Strategy<Value = Vec<Evidence>> {
        let one = (any_method(), any_outcome(), any_actor(), 0_u32..4)
            .prop_map(|(method, outcome, by, answers)| shown(method, outcome, by, answers));
        prop::collection::vec(one, 0..longest)
    }

    prop_compose! {
        fn any_policy()(
            sets in prop::collection::vec(prop::collection::btree_set(any_method(), 0..3), 1..4),
            answers in 1_u32..4, callers in 1_u32..3, reviewers in 1_u32..3,
        ) -> VerificationPolicy {
            let mut enough = sets;
            for set in &mut enough {
                set.insert(Method::MailLink);
            }
            VerificationPolicy { enough, answers, callers, reviewers, ..VerificationPolicy::mail_link() }
        }
    }

    /// The rule in other words, counted by hand.
    fn by_hand(policy: &VerificationPolicy, evidence: &[Evidence], method: Method) -> bool {
        let mut people = Vec::new();
        let mut best = 0;
        for one in evidence.iter().filter(|one| one.method == method) {
            if one.outcome != EvidenceOutcome::Passed {
                people.clear();
                best = 0;
                continue;
            }
            if !people.contains(&one.by) {
                people.push(one.by);
            }
            if one.by == Actor::Subject {
                best = best.max(one.answers);
            }
        }
        let staff = people.iter().filter(|by| matches!(by, Actor::Token(_))).count();
        match method {
            Method::CallBack => staff >= policy.callers as usize,
            Method::Document | Method::GuardianProof | Method::Mandate => staff >= policy.reviewers as usize,
            Method::GuardianLink => people.contains(&Actor::Guardian),
            Method::GuardianOnFile => people.contains(&Actor::System),
            Method::RecentDealings => people.contains(&Actor::Subject) && best >= policy.answers,
            _ => people.contains(&Actor::Subject),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn nothing_passes_under_the_policy(policy in any_policy(), evidence in any_evidence(14)) {
            if judge(&policy, &evidence) == Standing::Proven {
                prop_assert!(by_hand(&policy, &evidence, Method::MailLink));
                prop_assert!(evidence.iter().all(|one| one.outcome != EvidenceOutcome::Denied));
                let whole = |set: &BTreeSet<Method>| set.iter().all(|method| by_hand(&policy, &evidence, *method));
                prop_assert!(policy.enough.iter().any(whole));
            }
        }

        /// Whatever a child does, alone or with any help but that of a guardian who is vouched for, opens nothing.
        #[test]
        fn no_child_opens_the_gate(evidence in any_evidence(20), reviewers in 1_u32..3) {
            let policy = VerificationPolicy { reviewers, ..VerificationPolicy::guardian() };
            prop_assert_eq!(policy.clone().with_document(), None, "there is no way round through a document");
            let proven = judge(&policy, &evidence) == Standing::Proven;
            let guardian = by_hand(&policy, &evidence, Method::GuardianLink);
            let vouched = by_hand(&policy, &evidence, Method::GuardianOnFile)
                || by_hand(&policy, &evidence, Method::GuardianProof);
            prop_assert!(!proven || guardian && vouched);
            let childs_own: Vec<Evidence> =
                evidence.into_iter().filter(|one| one.by == Actor::Subject).collect();
            prop_assert_ne!(judge(&policy, &childs_own), Standing::Proven);
        }

        #[test]
        fn the_order_of_what_speaks_for_a_person_changes_nothing(
            policy in any_policy(), evidence in any_evidence(10), seed in any::<u64>(),
        ) {
            let passed: Vec<Evidence> =
                evidence.into_iter().filter(|one| one.outcome == EvidenceOutcome::Passed).collect();
            let mut turned = passed.clone();
            if !turned.is_empty() {
                let by = usize::try_from(seed % 16).unwrap_or(0) % turned.len();
                turned.rotate_left(by);
                turned.reverse();
            }
            prop_assert_eq!(judge(&policy, &passed), judge(&policy, &turned));
        }

        #[test]
        fn one_member_of_staff_never_counts_for_two(policy in any_policy(), times in 1_usize..6) {
            let policy = VerificationPolicy { callers: 2, reviewers: 2, ..policy };
            let mail = shown(Method::MailLink, EvidenceOutcome::Passed, Actor::Subject, 0);
            let alone = judge(&policy, std::slice::from_ref(&mail));
            let mut evidence = vec![mail];
            for method in [Method::CallBack, Method::Document] {
                evidence.extend((0..times).map(|_| shown(method, EvidenceOutcome::Passed, staff(1), 0)));
            }
            prop_assert_eq!(judge(&policy, &evidence), alone);
        }

        #[test]
        fn the_strictest_policy_is_met_exactly_when_each_is(
            one in any_policy(), other in any_policy(), evidence in any_evidence(12),
        ) {
            let both = VerificationPolicy::strictest([&one, &other]);
            let mut alike = [one, other];
            for policy in &mut alike {
                policy.answers = both.answers;
                policy.callers = both.callers;
                policy.reviewers = both.reviewers;
            }
            let each = alike.iter().all(|policy| judge(policy, &evidence) == Standing::Proven);
            prop_assert_eq!(judge(&both, &evidence) == Standing::Proven, each);
        }

        #[test]
        fn what_was_admitted_one_by_one_holds_no_person_twice(
            policy in any_policy(), evidence in any_evidence(14),
        ) {
            let mut kept: Vec<Evidence> = Vec::new();
            for one in evidence {
                if admit(&policy, &kept, &one, staff(9)).is_ok() {
                    kept.push(one);
                }
            }
            for method in [Method::CallBack, Method::Document] {
                let people: Vec<String> =
                    passed_since_failure(&kept, method).map(|one| one.by.to_string()).collect();
                let distinct: BTreeSet<&String> = people.iter().collect();
                prop_assert_eq!(people.len(), distinct.len());
            }
        }
    }

    #[test]
    fn who_shows_enough_is_proven() {
        let policy = VerificationPolicy {
            level: Level::High,
            enough: vec![BTreeSet::from([Method::MailLink, Method::CallBack])],
            callers: 2,
            ..VerificationPolicy::mail_link()
        };
        let mut evidence = vec![shown(Method::MailLink, EvidenceOutcome::Passed, Actor::Subject, 0)];
        let missing = vec![BTreeSet::from([Method::CallBack])];
        assert_eq!(judge(&policy, &evidence), Standing::Needs { missing });
        evidence.push(shown(Method::CallBack, EvidenceOutcome::Passed, staff(1), 0));
        assert_ne!(judge(&policy, &evidence), Standing::Proven, "four eyes");
        evidence.push(shown(Method::CallBack, EvidenceOutcome::Passed, staff(2), 0));
        assert_eq!(judge(&policy, &evidence), Standing::Proven);
        evidence.push(shown(Method::CallBack, EvidenceOutcome::Denied, staff(3), 0));
        assert_eq!(judge(&policy, &evidence), Standing::Failed);
    }

    #[test]
    fn staff_cannot_show_what_only_the_person_can_nor_vouch_for_their_own_request() {
        use crate::verification::EvidenceRefused as R;
        let policy = VerificationPolicy {
            enough: vec![BTreeSet::from([Method::MailLink, Method::CallBack])],
            ..VerificationPolicy::mail_link()
        };
        let mail = shown(Method::MailLink, EvidenceOutcome::Passed, Actor::Subject, 0);
        let call = shown(Method::CallBack, EvidenceOutcome::Passed, staff(1), 0);
        let typed = shown(Method::MailLink, EvidenceOutcome::Passed, staff(1), 0);
        assert_eq!(admit(&policy, &[], &typed, Actor::System), Err(R::NotThePerson));
        assert_eq!(admit(&policy, &[], &call, Actor::System), Err(R::MailFirst));
        assert_eq!(admit(&policy, std::slice::from_ref(&mail), &call, staff(1)), Err(R::OwnRequest));
        assert_eq!(admit(&policy, std::slice::from_ref(&mail), &call, Actor::System), Ok(()));
        assert_eq!(admit(&policy, &[mail, call.clone()], &call, Actor::System), Err(R::SamePersonTwice));
    }
}
