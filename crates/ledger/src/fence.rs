//! Fencing: what a worker writes counts only while its lease is the latest.

use habeas_domain::{TypedId, WorkId, WorkState};
use sea_orm::{ColumnTrait, Condition, ExprTrait};

use crate::{claim::Lease, entity::work, literal::work_is};

/// The rows that are still held under exactly these leases.
pub(crate) fn held(leases: &[Lease]) -> Condition {
    let mine = leases.iter().fold(Condition::any(), |any, lease| {
        any.add(work::Column::Id.eq(lease.work.uuid()).and(work::Column::LeaseEpoch.eq(lease.epoch)))
    });
    Condition::all().add(work_is(WorkState::Running)).add(mine)
}

/// The leases of rows that a fenced statement touched.
pub(crate) fn leases(rows: &[work::Model]) -> Vec<Lease> {
    rows.iter().map(|row| Lease { work: WorkId::from_uuid(row.id), epoch: row.lease_epoch }).collect()
}
