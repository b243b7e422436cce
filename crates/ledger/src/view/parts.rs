//! The rows around a page of requests, each kind read in one statement.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::TypedId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::SimpleExpr};
use uuid::Uuid;

use crate::{
    FindingView, Ledger, LedgerError, PaperView, Sign,
    entity::{approval, audit, job, job_hold, mail, package, paper, received_mail, task_report, work},
    literal::{UNSETTLED, work_is},
    paper::views_of,
    signs::GUESSING,
};

/// Rows by the id of their request; approvals, holds and counts of rows by the id of their job and work.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) jobs: HashMap<Uuid, Vec<job::Model>>,
    pub(super) approvals: HashMap<Uuid, Vec<approval::Model>>,
    pub(super) holds: HashMap<Uuid, Vec<job_hold::Model>>,
    pub(super) work: HashMap<Uuid, Vec<work::Model>>,
    pub(super) rows: HashMap<Uuid, i64>,
    pub(super) mails: HashMap<Uuid, Vec<mail::Model>>,
    pub(super) received: HashMap<Uuid, Vec<received_mail::Model>>,
    pub(super) packages: HashMap<Uuid, Vec<package::Model>>,
    pub(super) papers: HashMap<Uuid, Vec<PaperView>>,
    pub(super) findings: HashMap<Uuid, Vec<FindingView>>,
    pub(super) signs: HashMap<Uuid, Vec<Sign>>,
    /// The stores that are closed.
    pub(super) closed: BTreeSet<String>,
}

fn by<T>(rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Work that a closed store stands in the way of.
fn may_wait_for_a_store(row: &work::Model) -> bool {
    use habeas_domain::{WorkKind, WorkState};
    let waits = row.state == WorkState::Waiting.as_str() || row.state == WorkState::Running.as_str();
    let every_store = [WorkKind::Resolve, WorkKind::LookUp].map(WorkKind::as_str);
    waits && (every_store.contains(&row.kind.as_str()) || !row.store.is_empty())
}

/// Tasks, finished or not, and whatever else has not ended.
fn worth_showing() -> SimpleExpr {
    use habeas_domain::WorkKind::{Deferred, Task};
    let tasks = work::Column::Kind.is_in([Task, Deferred].map(habeas_domain::WorkKind::as_str));
    UNSETTLED.into_iter().fold(tasks, |any, state| sea_orm::ExprTrait::or(any, work_is(state)))
}

impl Ledger {
    pub(super) async fn parts(&self, requests: &[Uuid]) -> Result<Parts, LedgerError> {
        if requests.is_empty() {
            return Ok(Parts::default());
        }
        let ids = || requests.iter().copied();
        let db = self.db();
        let jobs = job::Entity::find().filter(job::Column::RequestId.is_in(ids())).all(db).await?;
        let job_ids = || jobs.iter().map(|job| job.id);
        let approvals = approval::Entity::find()
            .filter(approval::Column::JobId.is_in(job_ids()))
            .order_by_asc(approval::Column::ApprovedAt)
            .all(db)
            .await?;
        let held: Vec<Uuid> = jobs.iter().filter(|job| job.held_at.is_some()).map(|job| job.id).collect();
        let holds = match held.as_slice() {
            [] => Vec::new(),
            _ => job_hold::Entity::find().filter(job_hold::Column::JobId.is_in(held)).all(db).await?,
        };
        let rows: Vec<(Uuid, i64)> = task_report::Entity::find()
            .select_only()
            .columns([task_report::Column::WorkId, task_report::Column::RowsDone])
            .filter(task_report::Column::JobId.is_in(job_ids()))
            .into_tuple()
            .all(db)
            .await?;
        let work = work::Entity::find()
            .filter(work::Column::RequestId.is_in(ids()))
            .filter(worth_showing())
            .order_by_asc(work::Column::Store)
            .order_by_asc(work::Column::Id)
            .all(db)
            .await?;
        let mails = mail::Entity::find()
            .filter(mail::Column::RequestId.is_in(ids()))
            .order_by_asc(mail::Column::CreatedAt)
            .order_by_asc(mail::Column::Id)
            .all(db)
            .await?;
        let received = received_mail::Entity::find()
            .filter(received_mail::Column::RequestId.is_in(ids()))
            .order_by_asc(received_mail::Column::ReceivedAt)
            .order_by_asc(received_mail::Column::Id)
            .all(db)
            .await?;
        let packages =
            package::Entity::find().filter(package::Column::RequestId.is_in(ids())).all(db).await?;
        let mut signs: HashMap<Uuid, Vec<Sign>> = HashMap::new();
        for entry in self.guesses(requests).await? {
            signs.entry(entry.request_id).or_default().extend(Sign::of(&entry));
        }
        let waits = work.iter().any(may_wait_for_a_store);
        let closed = if waits { self.closed_names().await? } else { BTreeSet::new() };
        Ok(Parts {
            closed,
            jobs: by(jobs, |row| row.request_id),
            approvals: by(approvals, |row| row.job_id),
            holds: by(holds, |row| row.job_id),
            work: by(work, |row| row.request_id),
            rows: rows.into_iter().collect(),
            mails: by(mails, |row| row.request_id),
            received: by(received, |row| row.request_id.unwrap_or_default()),
            packages: by(packages, |row| row.request_id),
            papers: HashMap::new(),
            findings: HashMap::new(),
            signs,
        })
    }

    /// The papers of those requests that have any.
    pub(super) async fn papers_of(
        &self,
        requests: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Vec<PaperView>>, LedgerError> {
        let requests: Vec<Uuid> = requests.collect();
        if requests.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = paper::Entity::find()
            .filter(paper::Column::RequestId.is_in(requests))
            .order_by_asc(paper::Column::Id)
            .all(self.db())
            .await?;
        Ok(by(views_of(self.db(), &rows).await?, |paper| paper.request.uuid()))
    }

    async fn guesses(&self, requests: &[Uuid]) -> Result<Vec<audit::Model>, LedgerError> {
        Ok(audit::Entity::find()
            .filter(audit::Column::RequestId.is_in(requests.iter().copied()))
            .filter(audit::Column::Event.eq(GUESSING))
            .order_by_asc(audit::Column::Seq)
            .all(self.db())
            .await?)
    }
}
