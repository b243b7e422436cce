//! Fencing: what a worker writes counts only while its lease is the latest.

use std::collections::BTreeMap;

use habeas_domain::{TypedId, WorkId, WorkState};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

use crate::{among::among, any_of::any_of, claim::Lease, entity::work, literal::named_work_is};

/// The rows that are still held under exactly these leases. Nearly all of a group have the same epoch, and a database plans
/// one list of ids much faster than as many pairs.
pub(crate) fn held(leases: &[Lease]) -> Condition {
    let mut by_epoch: BTreeMap<i64, Vec<Uuid>> = BTreeMap::new();
    for lease in leases {
        by_epoch.entry(lease.epoch).or_default().push(lease.work.uuid());
    }
    let mine = by_epoch.into_iter().map(|(epoch, ids)| {
        Condition::all().add(among(work::Column::Id, ids)).add(work::Column::LeaseEpoch.eq(epoch))
    });
    Condition::all().add(named_work_is(WorkState::Running)).add(any_of(mine))
}

/// The leases of rows that a fenced statement touched.
pub(crate) fn leases(rows: &[work::Model]) -> Vec<Lease> {
    rows.iter().map(|row| Lease { work: WorkId::from_uuid(row.id), epoch: row.lease_epoch }).collect()
}
