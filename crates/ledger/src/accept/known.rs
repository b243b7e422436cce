//! What is known of submissions before they are taken: whether they came before, and what else their people ask.

use std::collections::HashMap;

use habeas_domain::{RequestId, Right, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Accepted, NewRequest};
use crate::{LedgerError, among::among, corrupt::parse, entity::request, unit::Unit};

/// What these people have asked and is open.
#[derive(Default)]
pub(super) struct OpenRequests {
    /// The oldest request by person and right.
    pub(super) rights: HashMap<(Vec<u8>, Right), RequestId>,
    /// By person, one of which somebody at an address on file says that it is not theirs, and that staff have not settled.
    pub(super) disputed: HashMap<Vec<u8>, RequestId>,
}

/// Requests by the key that makes a repeat harmless.
pub(super) type Known = HashMap<String, request::Model>;

impl Unit<'_> {
    pub(super) async fn known(&self, new: &[NewRequest]) -> Result<Known, LedgerError> {
        let keys: Vec<String> = new
            .iter()
            .filter_map(|one| one.idempotency_key.as_deref())
            .map(|key| self.ledger.keyed(key))
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = request::Entity::find()
            .filter(among(request::Column::IdempotencyKey, keys))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().filter_map(|row| row.idempotency_key.clone().map(|key| (key, row))).collect())
    }

    /// The open requests of these people.
    pub(super) async fn open_of_subjects(&self, lookups: &[Vec<u8>]) -> Result<OpenRequests, LedgerError> {
        let rows = request::Entity::find()
            .filter(among(request::Column::SubjectLookup, lookups.to_vec()))
            .filter(request::Column::ClosedAt.is_null())
            .order_by_asc(request::Column::ReceivedAt)
            .all(&self.tx)
            .await?;
        let mut open = OpenRequests::default();
        for row in rows.iter().filter(|row| row.disputed_at.is_some() && row.dispute_settled_at.is_none()) {
            open.disputed.entry(row.subject_lookup.clone()).or_insert(RequestId::from_uuid(row.id));
        }
        let jobs = self.jobs_of(rows.iter().map(|row| RequestId::from_uuid(row.id))).await?;
        let subjects: HashMap<Uuid, &request::Model> = rows.iter().map(|row| (row.id, row)).collect();
        for job in jobs {
            if let Some(row) = subjects.get(&job.request_id) {
                let right = parse(&job.right, "job", "right", job.id)?;
                open.rights
                    .entry((row.subject_lookup.clone(), right))
                    .or_insert(RequestId::from_uuid(row.id));
            }
        }
        Ok(open)
    }

    /// Keyed, so that nobody can try out submissions against a stolen table.
    pub(super) fn fingerprint(&self, new: &NewRequest) -> [u8; 32] {
        let plain = hex::encode(new.submission.fingerprint());
        *self.ledger.vault().lookup("submission", &plain).as_bytes()
    }
}

/// The answer that was given the first time.
pub(super) fn repeat(row: &request::Model) -> Result<Accepted, LedgerError> {
    Ok(Accepted {
        id: RequestId::from_uuid(row.id),
        reference: row.reference.clone(),
        due_on: parse(&row.due_on, "request", "due_on", row.id)?,
        duplicate_of: row.duplicate_of.map(RequestId::from_uuid),
        repeated: true,
    })
}
