//! The rows around a page of requests, each kind read in one statement.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::SimpleExpr};
use uuid::Uuid;

use crate::{
    FindingView, Ledger, LedgerError, PaperView, Sign,
    entity::{approval, audit, job, job_hold, mail, package, paper, received_mail, task_report, work},
    literal::{UNSETTLED, work_is},
    paper::read_all,
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
    pub(super) papers: HashMap<Uuid, Vec<Result<PaperView, LedgerError>>>,
    pub(super) findings: HashMap<Uuid, Vec<Result<FindingView, LedgerError>>>,
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

/// Tasks, finished or not, whatever else has not ended, and what is in a state that nobody knows.
fn worth_showing() -> SimpleExpr {
    use habeas_domain::{
        WorkKind::{Deferred, Task},
        WorkState,
    };
    let tasks = work::Column::Kind.is_in([Task, Deferred].map(habeas_domain::WorkKind::as_str));
    let unknown = work::Column::State.is_not_in(WorkState::ALL.map(WorkState::as_str));
    let any = sea_orm::ExprTrait::or(tasks, unknown);
    UNSETTLED.into_iter().fold(any, |any, state| sea_orm::ExprTrait::or(any, work_is(state)))
}

impl Ledger {
    pub(super) async fn parts(&self, requests: &[Uuid]) -> Result<Parts, LedgerError> {
        if requests.is_empty() {
            return Ok(Parts::default());
        }
        let jobs = self.jobs_shown(requests).await?;
        let job_ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
        let held: Vec<Uuid> = jobs.iter().filter(|job| job.held_at.is_some()).map(|job| job.id).collect();
        let work = self.work_shown(requests).await?;
        let waits = work.iter().any(may_wait_for_a_store);
        Ok(Parts {
            closed: if waits { self.closed_names().await? } else { BTreeSet::new() },
            approvals: by(self.approvals_of(&job_ids).await?, |row| row.job_id),
            holds: by(self.holds_of(held).await?, |row| row.job_id),
            rows: self.rows_done(&job_ids).await?.into_iter().collect(),
            jobs: by(jobs, |row| row.request_id),
            work: by(work, |row| row.request_id),
            mails: by(self.mails_of(requests).await?, |row| row.request_id),
            received: by(self.received_about(requests).await?, |row| row.request_id.unwrap_or_default()),
            packages: by(self.packages_of(requests).await?, |row| row.request_id),
            papers: HashMap::new(),
            findings: HashMap::new(),
            signs: self.signs_of(requests).await?,
        })
    }

    async fn jobs_shown(&self, requests: &[Uuid]) -> Result<Vec<job::Model>, LedgerError> {
        let of = job::Column::RequestId.is_in(requests.iter().copied());
        Ok(job::Entity::find().filter(of).all(self.db()).await?)
    }

    async fn work_shown(&self, requests: &[Uuid]) -> Result<Vec<work::Model>, LedgerError> {
        Ok(work::Entity::find()
            .filter(work::Column::RequestId.is_in(requests.iter().copied()))
            .filter(worth_showing())
            .order_by_asc(work::Column::Store)
            .order_by_asc(work::Column::Id)
            .all(self.db())
            .await?)
    }

    async fn approvals_of(&self, jobs: &[Uuid]) -> Result<Vec<approval::Model>, LedgerError> {
        Ok(approval::Entity::find()
            .filter(approval::Column::JobId.is_in(jobs.iter().copied()))
            .order_by_asc(approval::Column::ApprovedAt)
            .all(self.db())
            .await?)
    }

    async fn holds_of(&self, held: Vec<Uuid>) -> Result<Vec<job_hold::Model>, LedgerError> {
        if held.is_empty() {
            return Ok(Vec::new());
        }
        Ok(job_hold::Entity::find().filter(job_hold::Column::JobId.is_in(held)).all(self.db()).await?)
    }

    /// How many rows each finished task reported.
    async fn rows_done(&self, jobs: &[Uuid]) -> Result<Vec<(Uuid, i64)>, LedgerError> {
        Ok(task_report::Entity::find()
            .select_only()
            .columns([task_report::Column::WorkId, task_report::Column::RowsDone])
            .filter(task_report::Column::JobId.is_in(jobs.iter().copied()))
            .into_tuple()
            .all(self.db())
            .await?)
    }

    async fn mails_of(&self, requests: &[Uuid]) -> Result<Vec<mail::Model>, LedgerError> {
        Ok(mail::Entity::find()
            .filter(mail::Column::RequestId.is_in(requests.iter().copied()))
            .order_by_asc(mail::Column::CreatedAt)
            .order_by_asc(mail::Column::Id)
            .all(self.db())
            .await?)
    }

    async fn received_about(&self, requests: &[Uuid]) -> Result<Vec<received_mail::Model>, LedgerError> {
        Ok(received_mail::Entity::find()
            .filter(received_mail::Column::RequestId.is_in(requests.iter().copied()))
            .order_by_asc(received_mail::Column::ReceivedAt)
            .order_by_asc(received_mail::Column::Id)
            .all(self.db())
            .await?)
    }

    async fn packages_of(&self, requests: &[Uuid]) -> Result<Vec<package::Model>, LedgerError> {
        let of = package::Column::RequestId.is_in(requests.iter().copied());
        Ok(package::Entity::find().filter(of).all(self.db()).await?)
    }

    async fn signs_of(&self, requests: &[Uuid]) -> Result<HashMap<Uuid, Vec<Sign>>, LedgerError> {
        let mut signs: HashMap<Uuid, Vec<Sign>> = HashMap::new();
        for entry in self.guesses(requests).await? {
            signs.entry(entry.request_id).or_default().extend(Sign::of(&entry));
        }
        Ok(signs)
    }

    /// The papers of those requests that have any.
    pub(super) async fn papers_of(
        &self,
        requests: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Vec<Result<PaperView, LedgerError>>>, LedgerError> {
        let requests: Vec<Uuid> = requests.collect();
        if requests.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = paper::Entity::find()
            .filter(paper::Column::RequestId.is_in(requests))
            .order_by_asc(paper::Column::Id)
            .all(self.db())
            .await?;
        let mut papers: HashMap<Uuid, Vec<Result<PaperView, LedgerError>>> = HashMap::new();
        for (row, read) in rows.iter().zip(read_all(self.db(), &rows).await?) {
            papers.entry(row.request_id).or_default().push(read);
        }
        Ok(papers)
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
