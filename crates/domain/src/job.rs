//! The states of a job, and the only ways between them. The gate of identity is here: the one way out of
//! [`JobState::AwaitingVerification`] towards work is [`JobEvent::IdentityProven`].

use serde::{Deserialize, Serialize};

use crate::{IllegalTransition, Outcome, request::UnknownState, words};

/// Where a job stands, named by what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Waits for the person to prove who they are.
    AwaitingVerification,
    /// Waits for the keys, and with them the plan.
    AwaitingPlan,
    /// Waits for as many approvals of this very plan as the policy asks for.
    AwaitingApproval,
    /// Approved; waits for other jobs of the same request that go first. A deletion: until the person's copy is stored and
    /// its mail is out, and until a correction is made. A correction: until the copy is made, or a deletion that had begun
    /// is done.
    AwaitingCopy,
    /// Approved; everybody at an address on file is warned and may still stop it. Waits until the warnings are out and
    /// the grace after them is over.
    AwaitingGrace,
    /// Waits for its tasks.
    Running,
    /// Every task has settled and at least one is parked; waits for ops.
    Stalled,
    /// Somebody at an address on file says that this was not them; waits for staff, and nothing is begun.
    Disputed,
    /// Stopped by a legal hold before it changed any store; waits for the hold to be lifted, or for staff to refuse it.
    Held,
    /// The same after a part of it was done: what is left waits for the hold to be lifted.
    HeldInPart,
    /// Every task is done; waits for the package, the proof and the mail to be made.
    Concluding,
    /// Waits for nothing.
    Ended,
}

words!(JobState, or UnknownState:
    AwaitingVerification = "awaiting-verification", AwaitingPlan = "awaiting-plan",
    AwaitingApproval = "awaiting-approval", AwaitingCopy = "awaiting-copy", AwaitingGrace = "awaiting-grace",
    Running = "running", Stalled = "stalled", Disputed = "disputed", Held = "held",
    HeldInPart = "held-in-part", Concluding = "concluding", Ended = "ended",
);

/// What can happen to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobEvent {
    /// The person proved who they are.
    IdentityProven,
    /// The plan is made.
    Planned,
    /// The plan is made, and it holds no task.
    NothingPlanned,
    /// Approved as often as the policy asks.
    Approved {
        /// Whether another job of the same request has to go first, such as a copy that has to be delivered.
        copy_first: bool,
        /// Whether the person is warned first, with time to stop it.
        grace: bool,
    },
    /// The copy is stored and its mail is out, and whatever else had to go first is done.
    CopyDelivered {
        /// Whether the grace after the warning is still to be waited for.
        grace: bool,
    },
    /// The warnings are out, and nobody objected in time.
    GraceOver,
    /// Another job of the same request has to go first after all: the copy came back undelivered, or a correction came in
    /// between.
    OthersFirst,
    /// Somebody at an address on file says that this was not them.
    Disputed,
    /// Staff found that the person did ask: it is planned and approved anew.
    DisputeDismissed,
    /// Staff found that the person did not ask.
    DisputeUpheld,
    /// A legal hold stands in its way, and nothing of it was done.
    Held,
    /// A legal hold stands in the way of what is left of it.
    HeldInPart,
    /// No hold stands in its way any more. What has not begun is planned anew.
    HoldLifted,
    /// The manifests or the keys changed after the plan was made.
    PlanChanged,
    /// Every task is done.
    TasksDone,
    /// Every task has settled, at least one parked.
    TasksStalled,
    /// Ops put parked tasks back.
    Requeued,
    /// Staff decided to end a stalled job with what was done.
    PartAccepted,
    /// The person took it back after a part of it was done; nothing more is begun.
    TakenBack,
    /// Package, proof and mail are made.
    Concluded(Outcome),
    /// Staff refused it.
    Refused,
    /// The person took it back.
    Withdrawn,
    /// Nobody proved who they are in time.
    Lapsed,
}

impl JobEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::IdentityProven => "proving identity",
            Self::Planned | Self::NothingPlanned => "planning",
            Self::Approved { .. } => "approving",
            Self::CopyDelivered { .. } => "starting after the copy",
            Self::GraceOver => "starting after the grace",
            Self::OthersFirst => "waiting for others",
            Self::Disputed => "disputing",
            Self::DisputeDismissed | Self::DisputeUpheld => "settling the dispute",
            Self::Held | Self::HeldInPart => "holding",
            Self::HoldLifted => "lifting the hold",
            Self::PlanChanged => "planning again",
            Self::TasksDone => "finishing the tasks",
            Self::TasksStalled => "stalling",
            Self::Requeued => "requeueing tasks",
            Self::PartAccepted => "ending with a part",
            Self::TakenBack => "taking back the rest",
            Self::Concluded(_) => "concluding",
            Self::Refused => "refusing",
            Self::Withdrawn => "withdrawing",
            Self::Lapsed => "lapsing",
        }
    }
}

/// What a transition leads to: the next state and, at the end, the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobStep {
    /// The next state.
    pub state: JobState,
    /// Set exactly when `state` is [`JobState::Ended`].
    pub outcome: Option<Outcome>,
}

impl JobState {
    /// The state after `event`, or an error that changes nothing.
    pub const fn after(self, event: JobEvent) -> Result<JobStep, IllegalTransition> {
        match (self.next(event), self.end(event)) {
            (Some(state), _) => Ok(JobStep { state, outcome: None }),
            (None, Some(outcome)) => Ok(JobStep { state: Self::Ended, outcome: Some(outcome) }),
            (None, None) => {
                Err(IllegalTransition { machine: "job", state: self.as_str(), event: event.name() })
            }
        }
    }

    /// The ways on.
    const fn next(self, event: JobEvent) -> Option<Self> {
        use {JobEvent as E, JobState as S};
        Some(match (self, event) {
            (S::AwaitingVerification, E::IdentityProven)
            | (
                S::AwaitingPlan | S::AwaitingApproval | S::AwaitingCopy | S::AwaitingGrace | S::Stalled,
                E::PlanChanged,
            )
            | (S::Disputed, E::DisputeDismissed)
            | (S::Held, E::HoldLifted) => S::AwaitingPlan,
            (S::AwaitingPlan, E::Planned) => S::AwaitingApproval,
            (S::AwaitingApproval, E::Approved { copy_first: true, .. })
            | (S::AwaitingGrace, E::OthersFirst) => S::AwaitingCopy,
            (S::AwaitingApproval, E::Approved { copy_first: false, grace: true })
            | (S::AwaitingCopy, E::CopyDelivered { grace: true }) => S::AwaitingGrace,
            (S::AwaitingApproval, E::Approved { copy_first: false, grace: false })
            | (S::AwaitingCopy, E::CopyDelivered { grace: false })
            | (S::AwaitingGrace, E::GraceOver)
            | (S::Stalled, E::Requeued)
            | (S::HeldInPart, E::HoldLifted) => S::Running,
            (
                S::AwaitingPlan
                | S::AwaitingApproval
                | S::AwaitingCopy
                | S::AwaitingGrace
                | S::Running
                | S::Stalled
                | S::Held
                | S::HeldInPart,
                E::Disputed,
            ) => S::Disputed,
            (S::AwaitingApproval | S::AwaitingCopy | S::AwaitingGrace | S::Running | S::Stalled, E::Held) => {
                S::Held
            }
            (S::Running | S::Stalled, E::HeldInPart) => S::HeldInPart,
            (S::Running, E::TasksStalled) => S::Stalled,
            (S::AwaitingPlan, E::NothingPlanned)
            | (S::Running, E::TasksDone)
            | (S::Stalled | S::HeldInPart, E::PartAccepted)
            | (S::Running | S::Stalled | S::HeldInPart, E::TakenBack) => S::Concluding,
            _ => return None,
        })
    }

    /// The ways to the end, with the outcome.
    const fn end(self, event: JobEvent) -> Option<Outcome> {
        use {JobEvent as E, JobState as S};
        Some(match (self, event) {
            (S::Concluding, E::Concluded(outcome)) => outcome,
            // Nobody confirmed the request, or the new address that it names.
            (S::AwaitingVerification | S::AwaitingApproval, E::Lapsed) => Outcome::Unverified,
            (S::Disputed | S::AwaitingVerification, E::DisputeUpheld) => Outcome::Disowned,
            (
                S::AwaitingVerification
                | S::AwaitingPlan
                | S::AwaitingApproval
                | S::AwaitingCopy
                | S::AwaitingGrace
                | S::Disputed
                | S::Held,
                E::Refused,
            ) => Outcome::Refused,
            (
                S::AwaitingVerification
                | S::AwaitingPlan
                | S::AwaitingApproval
                | S::AwaitingCopy
                | S::AwaitingGrace
                | S::Running
                | S::Stalled
                | S::Disputed
                | S::Held
                | S::HeldInPart,
                E::Withdrawn,
            ) => Outcome::Withdrawn,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_event() -> impl Strategy<Value = JobEvent> {
        prop_oneof![
            Just(JobEvent::IdentityProven),
            Just(JobEvent::Planned),
            Just(JobEvent::NothingPlanned),
            any::<(bool, bool)>().prop_map(|(copy_first, grace)| JobEvent::Approved { copy_first, grace }),
            any::<bool>().prop_map(|grace| JobEvent::CopyDelivered { grace }),
            Just(JobEvent::GraceOver),
            Just(JobEvent::OthersFirst),
            Just(JobEvent::Disputed),
            Just(JobEvent::DisputeDismissed),
            Just(JobEvent::DisputeUpheld),
            Just(JobEvent::Held),
            Just(JobEvent::HeldInPart),
            Just(JobEvent::HoldLifted),
            Just(JobEvent::PlanChanged),
            Just(JobEvent::TasksDone),
            Just(JobEvent::TasksStalled),
            Just(JobEvent::Requeued),
            Just(JobEvent::PartAccepted),
            Just(JobEvent::TakenBack),
            proptest::sample::select(Outcome::ALL.to_vec()).prop_map(JobEvent::Concluded),
            Just(JobEvent::Refused),
            Just(JobEvent::Withdrawn),
            Just(JobEvent::Lapsed),
        ]
    }

    fn walk(events: &[JobEvent]) -> Vec<(JobState, JobEvent)> {
        let mut state = JobState::AwaitingVerification;
        let mut taken = Vec::new();
        for event in events {
            if let Ok(step) = state.after(*event) {
                state = step.state;
                taken.push((state, *event));
            }
        }
        taken
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_job_works_before_identity_is_proven(events in prop::collection::vec(any_event(), 0..60)) {
            let mut proven = false;
            for (state, event) in walk(&events) {
                proven |= event == JobEvent::IdentityProven;
                let works = matches!(state, JobState::Running | JobState::Stalled | JobState::Concluding);
                prop_assert!(proven || !works, "{state} without proof of identity");
            }
        }

        #[test]
        fn no_job_runs_before_it_is_approved(events in prop::collection::vec(any_event(), 0..60)) {
            let mut approved = false;
            for (state, event) in walk(&events) {
                match event {
                    JobEvent::Approved { .. } => approved = true,
                    JobEvent::PlanChanged | JobEvent::DisputeDismissed => approved = false,
                    JobEvent::HoldLifted if state == JobState::AwaitingPlan => approved = false,
                    _ => {}
                }
                prop_assert!(approved || state != JobState::Running);
            }
        }

        #[test]
        fn what_is_disputed_runs_only_after_a_new_approval(events in prop::collection::vec(any_event(), 0..60)) {
            let mut stopped = false;
            for (state, event) in walk(&events) {
                match event {
                    JobEvent::Disputed => stopped = true,
                    JobEvent::Approved { .. } => stopped = false,
                    _ => {}
                }
                let works = matches!(state, JobState::Running | JobState::Stalled | JobState::Concluding);
                prop_assert!(!stopped || !works || event == JobEvent::NothingPlanned);
            }
        }

        #[test]
        fn what_is_held_begins_nothing_before_the_hold_is_lifted(events in prop::collection::vec(any_event(), 0..60)) {
            let mut held = false;
            for (state, event) in walk(&events) {
                match event {
                    JobEvent::Held | JobEvent::HeldInPart => held = true,
                    // Staff who settle an objection have it planned anew, and a plan meets every hold.
                    JobEvent::HoldLifted | JobEvent::DisputeDismissed => held = false,
                    _ => {}
                }
                let begins = matches!(state, JobState::AwaitingApproval | JobState::AwaitingGrace | JobState::Running);
                prop_assert!(!held || !begins, "{state} against a hold");
            }
        }

        #[test]
        fn what_has_done_a_part_is_never_refused(events in prop::collection::vec(any_event(), 0..60)) {
            let mut in_part = false;
            for (_, event) in walk(&events) {
                in_part |= event == JobEvent::HeldInPart;
                in_part &= event != JobEvent::Disputed;
                prop_assert!(!in_part || event != JobEvent::Refused);
            }
        }

        #[test]
        fn an_outcome_comes_with_the_end_and_only_then(state in proptest::sample::select(JobState::ALL.to_vec()), event in any_event()) {
            if let Ok(step) = state.after(event) {
                prop_assert_eq!(step.outcome.is_some(), step.state == JobState::Ended);
                prop_assert_ne!(state, JobState::Ended);
            }
        }
    }

    #[test]
    fn the_walks_do_reach_work() {
        let events = [
            JobEvent::IdentityProven,
            JobEvent::Planned,
            JobEvent::Approved { copy_first: true, grace: true },
            JobEvent::CopyDelivered { grace: true },
            JobEvent::GraceOver,
            JobEvent::TasksDone,
            JobEvent::Concluded(Outcome::Done),
        ];
        assert_eq!(walk(&events).len(), events.len());
    }
}
