use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use habeas_domain::{
    Actor, JobId, Personal, RequestId, StoreName, TypedId, WorkId, WorkKind, audit::AuditEvent, job::JobEvent,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    claim::Lease,
    corrupt::parse,
    entity::{job, task_report, work},
    erasure::Erased,
    fence, job_step,
    purge::unsettled,
    unit::{NewWork, SettledTask, Unit},
};

/// A finished task: what it did, without any value of the person's data.
#[derive(Debug, Clone)]
pub struct TaskDone {
    /// The lease under which it ran.
    pub lease: Lease,
    /// For which request.
    pub request: RequestId,
    /// How many rows were copied, deleted or changed.
    pub rows: u64,
    /// Counts, keeps and proofs per collection, as fulfilment reads them again at the conclusion.
    pub report: serde_json::Value,
    /// The sealed spool that a copy was written to.
    pub object: Option<String>,
    /// When the first keep rule ends, so that the rest is deleted then.
    pub again_at: Option<DateTime<Utc>>,
    /// For a deletion: whom it was about, so that a backup restored later brings nobody back.
    pub erased: Option<Erased>,
    /// For a correction: what it wrote by which the person is reached, telephone numbers and mail addresses.
    pub contacts: Vec<Personal<String>>,
}

/// The report of a finished task, for the conclusion of its job.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskReport {
    /// Which work: a task, or the deferred rest of a deletion.
    pub work: WorkId,
    /// Which job.
    pub job: JobId,
    /// In which store.
    pub store: StoreName,
    /// How many rows.
    pub rows: u64,
    /// What [`TaskDone::report`] said.
    pub report: serde_json::Value,
    /// What [`TaskDone::object`] said.
    pub object: Option<String>,
}

impl Ledger {
    /// Finishes tasks. One transaction for the group; jobs whose last task this was go on to their conclusion.
    pub async fn tasks_done(&self, group: Vec<TaskDone>) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        unit.hold(group.iter().map(|one| one.request)).await?;
        let leases: Vec<Lease> = group.iter().map(|one| one.lease).collect();
        let rows = unit.finish(&leases).await?;
        let held = fence::leases(&rows);
        let done: Vec<TaskDone> = group.into_iter().filter(|one| held.contains(&one.lease)).collect();
        unit.report(&done, &rows).await?;
        unit.remember(&done, &rows).await?;
        unit.contacts_changed(&done).await?;
        let counted: Vec<&work::Model> =
            rows.iter().filter(|row| row.kind == WorkKind::Task.as_str()).collect();
        unit.settle(&counted, 0).await?;
        unit.tell_of_rests(&done, &rows).await?;
        unit.commit().await
    }

    /// What the tasks of these jobs reported.
    pub async fn task_reports(&self, jobs: &[JobId]) -> Result<Vec<TaskReport>, LedgerError> {
        let rows = task_report::Entity::find()
            .filter(among(task_report::Column::JobId, jobs.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?;
        rows.into_iter().map(TaskReport::read).collect()
    }
}

impl TaskReport {
    pub(crate) fn read(row: task_report::Model) -> Result<Self, LedgerError> {
        Ok(Self {
            work: WorkId::from_uuid(row.work_id),
            job: JobId::from_uuid(row.job_id),
            store: parse(&row.store, "task_report", "store", row.work_id)?,
            rows: u64::try_from(row.rows_done).unwrap_or(0),
            report: serde_json::from_slice(&row.report).map_err(|_| LedgerError::Corrupt {
                table: "task_report",
                column: "report",
                row: row.work_id.to_string(),
            })?,
            object: row.object,
        })
    }
}

impl Unit<'_> {
    async fn report(&mut self, done: &[TaskDone], rows: &[work::Model]) -> Result<(), LedgerError> {
        let mut reports = Vec::with_capacity(done.len());
        for one in done {
            let Some(row) = rows.iter().find(|row| row.id == one.lease.work.uuid()) else { continue };
            let Some(job) = row.job_id else { continue };
            reports.push(task_report::ActiveModel {
                work_id: Set(row.id),
                job_id: Set(job),
                store: Set(row.store.clone()),
                rows_done: Set(i64::try_from(one.rows).unwrap_or(i64::MAX)),
                report: Set(one.report.to_string().into_bytes()),
                object: Set(one.object.clone()),
            });
            let detail = json!({ "job": job, "store": row.store, "rows": one.rows, "kind": row.kind, "again_at": one.again_at });
            self.audit(one.request, AuditEvent::new("task-done", Actor::System).with(detail));
            if let Some(again_at) = one.again_at {
                self.work(&NewWork {
                    kind: WorkKind::Deferred,
                    request: one.request,
                    job: Some(JobId::from_uuid(job)),
                    target: row.id,
                    store: Some(parse(&row.store, "work", "store", row.id)?),
                    not_before: Some(again_at),
                });
            }
        }
        if !reports.is_empty() {
            let columns =
                [task_report::Column::RowsDone, task_report::Column::Report, task_report::Column::Object];
            let again = OnConflict::column(task_report::Column::WorkId).update_columns(columns).to_owned();
            task_report::Entity::insert_many(reports)
                .on_conflict(again)
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Orders the conclusion that tells the person of the rest of a deletion, where this was the last of it. Its target is
    /// the work that was the last.
    async fn tell_of_rests(&mut self, done: &[TaskDone], rows: &[work::Model]) -> Result<(), LedgerError> {
        let ends = |row: &&work::Model| {
            let whole = |one: &TaskDone| one.lease.work.uuid() == row.id && one.again_at.is_none();
            row.kind == WorkKind::Deferred.as_str() && done.iter().any(whole)
        };
        let last: BTreeMap<Uuid, &work::Model> =
            rows.iter().filter(ends).filter_map(|row| Some((row.job_id?, row))).collect();
        if last.is_empty() {
            return Ok(());
        }
        let open: BTreeSet<Uuid> = work::Entity::find()
            .select_only()
            .column(work::Column::JobId)
            .filter(among(work::Column::JobId, last.keys().copied()))
            .filter(work::Column::Kind.eq(WorkKind::Deferred.as_str()))
            .filter(unsettled())
            .into_tuple::<Uuid>()
            .all(&self.tx)
            .await?
            .into_iter()
            .collect();
        // What this unit puts off again is written at its commit.
        let again = |job: &Uuid| {
            let of_job = |row: &work::Model| row.job_id == Some(*job);
            done.iter().any(|one| {
                let put_off = one.again_at.is_some();
                put_off && rows.iter().any(|row| row.id == one.lease.work.uuid() && of_job(row))
            })
        };
        for (job, row) in last.iter().filter(|(job, _)| !open.contains(job) && !again(job)) {
            self.work(&NewWork {
                kind: WorkKind::Conclude,
                request: RequestId::from_uuid(row.request_id),
                job: Some(JobId::from_uuid(*job)),
                target: row.id,
                store: None,
                not_before: None,
            });
        }
        Ok(())
    }

    /// Whether a task of this job has done its part.
    pub(crate) async fn has_reports(&self, job: &job::Model) -> Result<bool, LedgerError> {
        let reports =
            task_report::Entity::find().filter(task_report::Column::JobId.eq(job.id)).one(&self.tx).await?;
        Ok(reports.is_some())
    }

    /// Counts settled tasks off their jobs; `parked` of each are parked rather than done. A job whose last task
    /// has settled is concluded, stalls if one is parked, or waits if a hold stands in the way of one.
    pub(crate) async fn settle(&mut self, tasks: &[&work::Model], parked: i64) -> Result<(), LedgerError> {
        let ids: BTreeSet<_> = tasks.iter().filter_map(|row| row.job_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let jobs = job::Entity::find().filter(among(job::Column::Id, ids)).all(&self.tx).await?;
        let (now, outcome) = (self.stored_now(), if parked == 0 { "done" } else { "parked" });
        for mut job in jobs {
            let own = tasks.iter().filter(|row| row.job_id == Some(job.id));
            self.settled.extend(own.map(|row| SettledTask::new(row, &job, outcome, now)));
            let settled = tasks.iter().filter(|row| row.job_id == Some(job.id)).count();
            let settled = i64::try_from(settled).unwrap_or(i64::MAX);
            job.tasks_open -= settled;
            job.tasks_parked += parked * settled;
            let running = job.state == habeas_domain::JobState::Running.as_str();
            if job.tasks_open > 0 || !running {
                self.save(&job);
                continue;
            }
            if job.taken_back_at.is_some() {
                self.conclude_taken_back(&mut job, Actor::System).await?;
                continue;
            }
            let event = match (job.tasks_parked, job.tasks_held) {
                (0, 0) => JobEvent::TasksDone,
                (0, _) => JobEvent::HeldInPart,
                _ => JobEvent::TasksStalled,
            };
            self.step(&mut job, event, Actor::System)?;
            match event {
                JobEvent::TasksDone => self.conclude_later(&job),
                JobEvent::TasksStalled => self.tell_delay(&job),
                _ => {}
            }
        }
        Ok(())
    }

    /// Orders the work that tells the person of a delay. Each stall is told once.
    fn tell_delay(&mut self, job: &job::Model) {
        self.work(&NewWork {
            kind: WorkKind::Conclude,
            request: RequestId::from_uuid(job.request_id),
            job: Some(job_step::id(job)),
            target: self.ledger.ids().fresh::<WorkId>().uuid(),
            store: None,
            not_before: None,
        });
    }
}
