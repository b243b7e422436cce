use std::{collections::BTreeSet, fmt};

use habeas_domain::{
    JobState, Outcome, PaperState, RequestState, WorkKind, WorkState, approval::ApprovalPolicy,
};
use serde::{Deserialize, Serialize};

use crate::{
    GuardianStanding, JobView, MailState, MailView, RequestView, WorkView, entity::mail,
    job_step::told_of_end,
};

/// Whom or what a request waits for: every wait has an owner. Most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsFor {
    /// For ops: parked work.
    Ops,
    /// For staff to settle an objection: somebody at an address on file says that it was not them.
    StaffDispute,
    /// For staff to read a reply, and to mark it as read.
    StaffReply,
    /// For a legal hold to be lifted, or for staff to refuse what it stops.
    LegalHold,
    /// For ops to reopen a store that they closed.
    ClosedStore,
    /// For staff to say how it goes on: the agent who asked was barred.
    StaffAgent,
    /// For staff to find another way to the person: the mail that asks for the proof came back.
    UndeliveredMail,
    /// For staff to look at keys that contradict each other or are too many.
    StaffReview,
    /// For a mail that confirms the receipt, by the day that the law sets.
    Acknowledgement,
    /// For staff to judge a paper that was given.
    StaffPaper,
    /// For staff to find out who the guardian of a child is, and whether they are.
    StaffGuardian,
    /// For staff to approve a plan.
    StaffApproval,
    /// For staff to see that the person gets their copy, or to let the deletion go on without: it was made in part, or its
    /// mail came back for good.
    StaffCopy,
    /// For the agent who asked to show that their address is theirs.
    Agent,
    /// For the person to prove who they are.
    Person,
    /// For the parent or guardian of a child.
    Guardian,
    /// For the person to confirm a new address.
    AddressConfirmation,
    /// For the person's copy to be stored and its mail to be out, or for another job of the same request that goes first.
    CopyDelivery,
    /// For the warnings before a deletion to be out and the time to object to be over.
    Grace,
    /// For stores.
    Stores,
    /// For the mail server.
    Mail,
    /// For a worker of Habeas: a challenge, a resolve or a conclusion is queued.
    Worker,
    /// For a keep rule to end; the request itself may be closed.
    KeepRule,
}

impl WaitsFor {
    /// The name used in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::StaffDispute => "staff-dispute",
            Self::StaffReply => "staff-reply",
            Self::LegalHold => "legal-hold",
            Self::ClosedStore => "closed-store",
            Self::StaffAgent => "staff-agent",
            Self::UndeliveredMail => "undelivered-mail",
            Self::StaffReview => "staff-review",
            Self::Acknowledgement => "acknowledgement",
            Self::StaffPaper => "staff-paper",
            Self::StaffGuardian => "staff-guardian",
            Self::StaffApproval => "staff-approval",
            Self::StaffCopy => "staff-copy",
            Self::Agent => "agent",
            Self::Person => "person",
            Self::Guardian => "guardian",
            Self::AddressConfirmation => "address-confirmation",
            Self::CopyDelivery => "copy-delivery",
            Self::Grace => "grace",
            Self::Stores => "stores",
            Self::Mail => "mail",
            Self::Worker => "worker",
            Self::KeepRule => "keep-rule",
        }
    }

    /// What a job waits for.
    pub(super) fn of_job(job: &JobView, closed: &BTreeSet<String>) -> Vec<Self> {
        let mut all = BTreeSet::new();
        match job.state {
            JobState::AwaitingVerification => drop(all.insert(Self::Person)),
            JobState::AwaitingPlan | JobState::Concluding => drop(all.insert(Self::Worker)),
            JobState::AwaitingApproval => all.extend(for_agreement(job)),
            JobState::AwaitingCopy => drop(all.insert(Self::CopyDelivery)),
            JobState::AwaitingGrace => drop(all.insert(Self::Grace)),
            JobState::Disputed => drop(all.insert(Self::StaffDispute)),
            JobState::Held | JobState::HeldInPart => drop(all.insert(Self::LegalHold)),
            JobState::Running => drop(all.insert(Self::Stores)),
            JobState::Stalled => drop(all.insert(Self::Ops)),
            JobState::Ended => {}
        }
        for task in &job.tasks {
            let open = matches!(task.state, WorkState::Waiting | WorkState::Running);
            if open && task.kind == WorkKind::Task && closed.contains(task.store.as_str()) {
                all.insert(Self::ClosedStore);
            }
            match (task.kind, task.state) {
                (_, WorkState::Parked) => drop(all.insert(Self::Ops)),
                (_, WorkState::Held) => drop(all.insert(Self::LegalHold)),
                (WorkKind::Deferred, WorkState::Waiting | WorkState::Running) => {
                    all.insert(Self::KeepRule);
                }
                _ => {}
            }
        }
        all.into_iter().collect()
    }

    /// What a request waits for: what its jobs wait for, and its other work.
    pub(super) fn of_request(view: &RequestView, closed: &BTreeSet<String>) -> Vec<Self> {
        let mut all: BTreeSet<Self> = view.jobs.iter().flat_map(|job| &job.waits_for).copied().collect();
        if view.work.iter().any(|work| work.state == WorkState::Parked) || !view.unreadable.is_empty() {
            all.insert(Self::Ops);
        }
        if !closed.is_empty()
            && view.work.iter().any(|work| matches!(work.kind, WorkKind::Resolve | WorkKind::LookUp))
        {
            all.insert(Self::ClosedStore);
        }
        if view.disputed_at.is_some() && view.dispute_settled_at.is_none() {
            all.insert(Self::StaffDispute);
        }
        if view.received.iter().any(|mail| mail.unread) {
            all.insert(Self::StaffReply);
        }
        name_agent(view, &mut all);
        if view.state == RequestState::AwaitingReview {
            all.remove(&Self::Worker);
            all.insert(Self::StaffReview);
        }
        if view.papers.iter().any(|paper| paper.state == PaperState::Given) {
            all.insert(Self::StaffPaper);
        }
        name_queued(view, &mut all);
        if let Some(guardian) = view.guardian
            && all.remove(&Self::Person)
        {
            all.extend(for_guardian(guardian, view));
        }
        if unacknowledged(view) {
            all.insert(Self::Acknowledgement);
        }
        if unreachable(view) {
            all.insert(Self::UndeliveredMail);
        }
        all.into_iter().collect()
    }
}

/// An agent who asked stands before the person; staff, before both, where the agent was barred.
fn name_agent(view: &RequestView, all: &mut BTreeSet<WaitsFor>) {
    if view.agent_waits && all.remove(&WaitsFor::Person) {
        all.insert(WaitsFor::Agent);
    }
    if view.agent_stopped_at.is_some() && view.closed_at.is_none() {
        all.remove(&WaitsFor::Person);
        all.remove(&WaitsFor::Agent);
        if view.disputed_at.is_none() {
            all.remove(&WaitsFor::StaffDispute);
        }
        all.insert(WaitsFor::StaffAgent);
    }
}

/// Our own queued work and mails. The person is waited for once the mail that asks them is out.
fn name_queued(view: &RequestView, all: &mut BTreeSet<WaitsFor>) {
    // The challenge of the person is queued, and not due before the agent has met theirs.
    let early = |work: &&WorkView| view.agent_waits && work.kind == WorkKind::Challenge;
    let queued: Vec<&WorkView> =
        view.work.iter().filter(|work| work.state != WorkState::Parked && !early(work)).collect();
    let mut sending = view.mails.iter().filter(|mail| mail.state == MailState::Waiting).peekable();
    if sending.peek().is_some() {
        all.insert(WaitsFor::Mail);
    }
    if queued.iter().any(|work| work.kind != WorkKind::Mail) {
        all.insert(WaitsFor::Worker);
    } else {
        all.remove(&WaitsFor::Worker);
    }
    let challenged = queued.iter().any(|work| work.kind == WorkKind::Challenge);
    if challenged || sending.any(|mail| mail.kind.starts_with("verify")) {
        all.remove(&WaitsFor::Person);
    }
}

/// Names staff where a deletion waits for a copy that did not arrive whole: by itself it would wait for ever.
pub(super) fn name_staff_for_copies(jobs: &mut [JobView], mails: &[mail::Model]) {
    let lost = |job: &JobView| {
        let told = told_of_end(job.id);
        let came_back = |mail: &&mail::Model| mail.undelivered_for_good && mail.dedupe == told;
        job.outcome == Some(Outcome::PartlyDone) || mails.iter().any(|mail| came_back(&mail))
    };
    if !jobs.iter().any(|job| job.right.gives_a_copy() && lost(job)) {
        return;
    }
    let waits = |job: &&mut JobView| job.right.removes_data() && job.state == JobState::AwaitingCopy;
    for job in jobs.iter_mut().filter(waits) {
        job.waits_for.retain(|one| *one != WaitsFor::CopyDelivery);
        job.waits_for.push(WaitsFor::StaffCopy);
        job.waits_for.sort_unstable();
    }
}

/// Whether the law sets a day by which the receipt is confirmed, and it is not.
fn unacknowledged(view: &RequestView) -> bool {
    view.closed_at.is_none() && view.acknowledge_by.is_some() && view.acknowledged_at.is_none()
}

/// Whether the latest mail that only the person can act on came back for good, while the request is open.
fn unreachable(view: &RequestView) -> bool {
    let asks = |mail: &&MailView| mail.kind.starts_with("verify") || mail.kind == "confirm-new-address";
    let waits = view.jobs.iter().any(|job| {
        job.state == JobState::AwaitingVerification
            || job.unconfirmed > 0 && job.state == JobState::AwaitingApproval
    });
    let latest = view.mails.iter().filter(asks).max_by_key(|mail| mail.created_at);
    waits && latest.and_then(|mail| mail.undelivered.as_ref()).is_some_and(|report| report.for_good)
}

/// A child is never waited for: its guardian is, or staff are.
fn for_guardian(standing: GuardianStanding, view: &RequestView) -> Option<WaitsFor> {
    let open = |state| view.papers.iter().any(|paper| paper.state == state);
    match standing {
        GuardianStanding::Named => Some(WaitsFor::Guardian),
        GuardianStanding::Confirmed if open(PaperState::Asked) => Some(WaitsFor::Guardian),
        GuardianStanding::Confirmed if open(PaperState::Given) => None,
        GuardianStanding::Unnamed | GuardianStanding::Confirmed => Some(WaitsFor::StaffGuardian),
    }
}

fn for_agreement(job: &JobView) -> impl Iterator<Item = WaitsFor> {
    let agreed = job.approvals.iter().filter(|approval| approval.counts).count();
    let staff = agreed < ApprovalPolicy::needed(job.policy);
    [(staff, WaitsFor::StaffApproval), (job.unconfirmed > 0, WaitsFor::AddressConfirmation)]
        .into_iter()
        .filter_map(|(waits, whom)| waits.then_some(whom))
}

impl fmt::Display for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
