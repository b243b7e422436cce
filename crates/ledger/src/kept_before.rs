//! What earlier deletions of a person left, by a rule that has not ended.

use std::collections::{BTreeSet, HashMap};

use habeas_domain::{RequestId, TypedId, WorkKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, TaskReport,
    among::among,
    entity::{request, task_report, work},
    purge::unsettled,
};

impl Ledger {
    /// The reports of those deletions whose rest is still to come, for each of these requests: of the earlier ones that were
    /// made, and proven, for the same address. They tell of what no key finds any more, too.
    pub async fn kept_before(
        &self,
        requests: &[RequestId],
    ) -> Result<HashMap<RequestId, Vec<TaskReport>>, LedgerError> {
        if requests.is_empty() {
            return Ok(HashMap::new());
        }
        let asked: Vec<(Uuid, Vec<u8>)> = subjects()
            .filter(among(request::Column::Id, requests.iter().map(|id| id.uuid())))
            .into_tuple()
            .all(self.db())
            .await?;
        let lookups: BTreeSet<Vec<u8>> = asked.iter().map(|(_, lookup)| lookup.clone()).collect();
        let all: HashMap<Uuid, Vec<u8>> = subjects()
            .filter(among(request::Column::SubjectLookup, lookups))
            .filter(request::Column::VerifiedAt.is_not_null())
            .into_tuple::<(Uuid, Vec<u8>)>()
            .all(self.db())
            .await?
            .into_iter()
            .collect();
        let mut kept: HashMap<RequestId, Vec<TaskReport>> = HashMap::new();
        for (earlier, report) in self.rests_to_come(all.keys().copied().collect()).await? {
            let same = |(id, lookup): &&(Uuid, Vec<u8>)| *id != earlier && all.get(&earlier) == Some(lookup);
            for (id, _) in asked.iter().filter(same) {
                kept.entry(RequestId::from_uuid(*id)).or_default().push(report.clone());
            }
        }
        Ok(kept)
    }

    /// What these requests deleted of which a rest is still to come.
    async fn rests_to_come(&self, of: Vec<Uuid>) -> Result<Vec<(Uuid, TaskReport)>, LedgerError> {
        let due: HashMap<Uuid, Uuid> = work::Entity::find()
            .select_only()
            .columns([work::Column::TargetId, work::Column::RequestId])
            .filter(among(work::Column::RequestId, of))
            .filter(work::Column::Kind.eq(WorkKind::Deferred.as_str()))
            .filter(unsettled())
            .into_tuple::<(Uuid, Uuid)>()
            .all(self.db())
            .await?
            .into_iter()
            .collect();
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let rows = task_report::Entity::find()
            .filter(among(task_report::Column::WorkId, due.keys().copied()))
            .all(self.db())
            .await?;
        let of = |row: task_report::Model| Some((*due.get(&row.work_id)?, row));
        rows.into_iter().filter_map(of).map(|(request, row)| Ok((request, TaskReport::read(row)?))).collect()
    }
}

fn subjects() -> Select<request::Entity> {
    request::Entity::find().select_only().columns([request::Column::Id, request::Column::SubjectLookup])
}
