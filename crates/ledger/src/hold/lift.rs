use std::collections::BTreeSet;

use habeas_domain::{
    Actor, HoldId, IllegalTransition, JobId, Personal, RequestId, TypedId, audit::AuditEvent,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{chain, row};
use crate::{
    Ledger, LedgerError,
    among::among,
    entity::{hold, hold_key, job, job_hold},
    job_step,
    race::again_after_race,
    unit::Unit,
};

/// What the lift of a hold reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldLifted {
    /// The jobs that go on.
    pub resumed: Vec<JobId>,
    /// The jobs in whose way another hold stands.
    pub still_held: Vec<JobId>,
}

impl Ledger {
    /// Lifts a hold. What it stopped before it began is planned anew, and goes on without a new approval if the plan is
    /// still the one that was approved; what was begun goes on with the keys of its plan.
    pub async fn lift_hold(
        &self,
        hold: HoldId,
        note: &Personal<String>,
        by: Actor,
    ) -> Result<HoldLifted, LedgerError> {
        let lifted = again_after_race(|| self.lift_hold_once(hold, note, by)).await?;
        metrics::counter!("habeas_legal_holds_lifted_total").increment(1);
        Ok(lifted)
    }

    async fn lift_hold_once(
        &self,
        id: HoldId,
        note: &Personal<String>,
        by: Actor,
    ) -> Result<HoldLifted, LedgerError> {
        let mut unit = self.begin().await?;
        unit.alone_among_holds().await?;
        unit.end_hold(id, note, by).await?;
        let jobs = unit.jobs_under(id).await?;
        unit.lock(jobs.iter().map(|job| RequestId::from_uuid(job.request_id))).await?;
        job_hold::Entity::delete_many().filter(job_hold::Column::HoldId.eq(id.uuid())).exec(&unit.tx).await?;
        // Read again: they may have moved before their requests were locked.
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
        let others = unit.held_by_others(&ids).await?;
        let mut lifted = HoldLifted::default();
        for mut job in job::Entity::find().filter(among(job::Column::Id, ids)).all(&unit.tx).await? {
            if others.contains(&job.id) {
                lifted.still_held.push(job_step::id(&job));
                continue;
            }
            unit.go_on_after(id, &mut job, by).await?;
            lifted.resumed.push(job_step::id(&job));
        }
        let detail = json!({ "resumed": lifted.resumed, "still_held": lifted.still_held });
        unit.audit(chain(id), AuditEvent::new("hold-lifted", by).with(detail));
        unit.commit().await?;
        Ok(lifted)
    }
}

impl Unit<'_> {
    async fn end_hold(&self, id: HoldId, note: &Personal<String>, by: Actor) -> Result<(), LedgerError> {
        let found = hold::Entity::find_by_id(id.uuid()).lock_exclusive().one(&self.tx).await?;
        let found = found.ok_or(LedgerError::NotFound("hold"))?;
        if found.lifted_at.is_some() {
            let refused = IllegalTransition { machine: "hold", state: "lifted", event: "lifting" };
            return Err(refused.into());
        }
        let vault = self.ledger.vault();
        let key = row::key(vault, &found)?;
        let change = hold::ActiveModel {
            id: Set(found.id),
            lifted_at: Set(Some(self.stored_now())),
            lifted_by: Set(Some(by.to_string())),
            lift_note: Set(Some(vault.seal(&key, &row::lift_note(id), note.expose().as_bytes())?)),
            ..Default::default()
        };
        hold::Entity::update(change).exec(&self.tx).await?;
        hold_key::Entity::delete_many().filter(hold_key::Column::HoldId.eq(id.uuid())).exec(&self.tx).await?;
        Ok(())
    }

    async fn jobs_under(&self, hold: HoldId) -> Result<Vec<job::Model>, LedgerError> {
        let ids: Vec<Uuid> = job_hold::Entity::find()
            .select_only()
            .column(job_hold::Column::JobId)
            .filter(job_hold::Column::HoldId.eq(hold.uuid()))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(job::Entity::find().filter(among(job::Column::Id, ids)).all(&self.tx).await?)
    }

    /// What waits for a hold on somebody else of its rows looks at them again, and waits anew if it has to.
    async fn held_by_others(&self, jobs: &[Uuid]) -> Result<BTreeSet<Uuid>, LedgerError> {
        let found: Vec<Uuid> = job_hold::Entity::find()
            .select_only()
            .column(job_hold::Column::JobId)
            .filter(among(job_hold::Column::JobId, jobs.iter().copied()))
            .filter(job_hold::Column::Whole.eq(true))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(found.into_iter().collect())
    }
}
