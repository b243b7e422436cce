//! What workers, staff and the person do, step by step.

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, HeldKey, JobId, JobState, MailId, Outcome, PackageId, Personal, RequestId, Right, WorkId,
    WorkKind, WorkState, WorkerId, approval::PlanHash,
};
use habeas_ledger::{
    Claimed, Conclusion, JobView, Lease, NewPackage, NewReceipt, NewRequest, Planned, PlannedJob, Purpose,
    RequestView, WorkFilter,
};
use serde_json::json;

pub(crate) use crate::samples::*;
use crate::world::{World, start};

impl World {
    pub(crate) async fn accept(&self, new: NewRequest) -> RequestId {
        self.ledger.accept(vec![new]).await.unwrap().pop().unwrap().unwrap().id
    }

    pub(crate) async fn accepted(&self, rights: &[Right]) -> RequestId {
        self.accept(new_request("hanako@example.jp", rights)).await
    }

    pub(crate) async fn view(&self, request: RequestId) -> RequestView {
        self.ledger.request_view(request).await.unwrap()
    }

    pub(crate) async fn job(&self, request: RequestId, right: Right) -> JobView {
        self.view(request).await.jobs.into_iter().find(|job| job.right == right).unwrap()
    }

    pub(crate) async fn job_state(&self, request: RequestId, right: Right) -> JobState {
        self.job(request, right).await.state
    }

    pub(crate) fn worker(&self) -> WorkerId {
        self.ledger.ids().fresh()
    }

    /// The waiting work of a kind.
    pub(crate) async fn waiting(&self, request: RequestId, kind: WorkKind) -> Vec<WorkId> {
        let filter = WorkFilter {
            state: Some(WorkState::Waiting),
            kind: Some(kind),
            request: Some(request),
            ..WorkFilter::default()
        };
        let page = self.ledger.work_list(&filter, None, 100).await.unwrap();
        page.items.into_iter().map(|work| work.id).collect()
    }

    pub(crate) async fn claim(&self, request: RequestId, kind: WorkKind) -> Vec<Claimed> {
        let ids = self.waiting(request, kind).await;
        self.ledger.claim(&ids, self.worker(), LEASE).await.unwrap()
    }

    pub(crate) async fn claim_one(&self, request: RequestId, kind: WorkKind) -> Claimed {
        let mut claimed = self.claim(request, kind).await;
        assert_eq!(claimed.len(), 1, "one piece of {kind}");
        claimed.remove(0)
    }

    /// The person follows the link of the mail.
    pub(crate) async fn prove(&self, request: RequestId) {
        let claimed = self.claim_one(request, WorkKind::Challenge).await;
        let new = challenge(self, Purpose::Identity, "hash");
        let token = new.link.unwrap().0;
        self.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
        let record = self.ledger.challenge_by_token(&token).await.unwrap().unwrap();
        assert!(record.open);
        assert!(self.ledger.prove(record.id).await.unwrap());
    }

    pub(crate) async fn planned(&self, request: RequestId, lease: Lease, stores: &[&str], hash: PlanHash) {
        self.planned_with(request, lease, (stores, hash), Vec::new()).await;
    }

    /// The same, with the keys that legal holds are compared with.
    pub(crate) async fn planned_with(
        &self,
        request: RequestId,
        lease: Lease,
        (stores, hash): (&[&str], PlanHash),
        removes: Vec<HeldKey>,
    ) {
        let jobs = self.view(request).await.jobs;
        let jobs = jobs.iter().filter(|job| job.state == JobState::AwaitingPlan).map(|job| PlannedJob {
            job: job.id,
            hash,
            plan: plan(stores),
            confirmations: Vec::new(),
        });
        let planned = Planned {
            lease,
            request,
            keys: Personal::new(json!({ "customer_id": ["C-4242-resolved"] })),
            jobs: jobs.collect(),
            referrals: Vec::new(),
            removes,
            again: false,
        };
        self.ledger.planned(vec![planned]).await.unwrap();
    }

    pub(crate) async fn resolve(&self, request: RequestId, stores: &[&str]) {
        let claimed = self.claim_one(request, WorkKind::Resolve).await;
        self.planned(request, claimed.lease, stores, hash(1)).await;
    }

    /// Accepted, proven and resolved, so that what is automatic runs.
    pub(crate) async fn resolved(&self, rights: &[Right], stores: &[&str]) -> RequestId {
        let request = self.accepted(rights).await;
        self.prove(request).await;
        self.resolve(request, stores).await;
        request
    }

    pub(crate) async fn finish_tasks(&self, request: RequestId) {
        let tasks = self.claim(request, WorkKind::Task).await;
        assert!(!tasks.is_empty());
        let entered = tasks.iter().map(|task| task.lease).collect::<Vec<_>>();
        assert_eq!(self.ledger.enter(&entered).await.unwrap().len(), tasks.len());
        let done = tasks.iter().map(done).collect();
        self.ledger.tasks_done(done).await.unwrap();
    }

    pub(crate) async fn conclusion(&self, claimed: &Claimed, outcome: Option<Outcome>) -> Conclusion {
        let job = claimed.job.unwrap();
        let view = self.view(claimed.request).await;
        let right = view.jobs.iter().find(|one| one.id == job).unwrap().right;
        Conclusion {
            lease: claimed.lease,
            request: claimed.request,
            job,
            outcome,
            letter: report(right, outcome.unwrap_or(Outcome::PartlyDone)),
            package: (outcome == Some(Outcome::Done) && right.gives_a_copy()).then(|| self.package()),
            receipt: right.changes_stores().then(|| self.receipt(job)),
            to: Personal::new("hanako@example.jp".to_owned()),
            agent: None,
        }
    }

    pub(crate) fn package(&self) -> NewPackage {
        NewPackage {
            id: self.ledger.ids().fresh::<PackageId>(),
            object: "packages/1".to_owned(),
            sha256: [3; 32],
            bytes: 1_000,
            rows: 7,
            token: self.ledger.vault().new_token().hash(),
            expires_at: start() + TimeDelta::days(7),
            downloads: 3,
        }
    }

    fn receipt(&self, job: JobId) -> NewReceipt {
        let body = json!({ "job": job, "rows": 7 }).to_string();
        NewReceipt { signature: self.ledger.vault().sign("receipt", body.as_bytes()), body }
    }

    /// Concludes everything that waits for it.
    pub(crate) async fn conclude(&self, request: RequestId, outcome: Outcome) {
        let mut group = Vec::new();
        for claimed in self.claim(request, WorkKind::Conclude).await {
            group.push(self.conclusion(&claimed, Some(outcome)).await);
        }
        assert!(!group.is_empty());
        self.ledger.concluded(group).await.unwrap();
    }

    /// Sends every mail that waits. Returns their kinds, sorted.
    pub(crate) async fn send_mails(&self, request: RequestId) -> Vec<String> {
        let claimed = self.claim(request, WorkKind::Mail).await;
        let mails = self.ledger.mails_to_send(&claimed).await.unwrap();
        let sent: Vec<(Lease, RequestId, MailId)> =
            mails.iter().map(|mail| (mail.lease, mail.request, mail.id)).collect();
        self.ledger.mails_sent(&sent).await.unwrap();
        let mut kinds: Vec<String> = mails.iter().map(|mail| mail.letter.kind().to_owned()).collect();
        kinds.sort();
        kinds
    }

    /// Approves the job of this right by its present plan.
    pub(crate) async fn approve(&self, request: RequestId, right: Right, by: Actor) {
        let job = self.job(request, right).await;
        self.ledger.approve(job.id, by, job.plan_hash.unwrap()).await.unwrap();
    }

    /// Every chain holds together.
    pub(crate) async fn assert_audit_whole(&self) {
        let report = self.ledger.verify_audit(|_| {}).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.breaks);
        assert!(report.entries > 0);
    }

    /// The events of a request's trail.
    pub(crate) async fn events(&self, request: RequestId) -> Vec<String> {
        let entries = self.ledger.audit_entries(request).await.unwrap();
        entries.into_iter().map(|entry| entry.event).collect()
    }
}

/// Erases what was closed before that moment, as the daemon does.
pub(crate) async fn purge_closed(world: &World, before: DateTime<Utc>) -> u64 {
    let closed = world.ledger.purgeable(before, 10).await.unwrap();
    let ids: Vec<RequestId> = closed.into_iter().map(|(request, _)| request).collect();
    world.ledger.purge(&ids).await.unwrap()
}

/// How often two transactions race on each of the two databases. `HABEAS_RACES` sets another number.
pub(crate) fn races() -> usize {
    std::env::var("HABEAS_RACES").ok().and_then(|number| number.parse().ok()).unwrap_or(100)
}
