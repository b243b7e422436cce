//! The signed proofs of what was done to the stores, for whoever asks for theirs.

use chrono::{DateTime, Utc};
use habeas_domain::{JobId, RequestId, TypedId};
use habeas_vault::Signature;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, Listed,
    among::among,
    clock,
    entity::{job, receipt},
};

/// What a receipt is signed for.
pub const RECEIPT: &str = "receipt";

/// A receipt as it was signed. It holds counts, times and proofs, and nothing about the person.
#[derive(Debug, Clone)]
pub struct ReceiptRecord {
    /// The job that it proves.
    pub job: JobId,
    /// The signed text: JSON, of which every byte counts.
    pub body: String,
    /// The signature (Ed25519, RFC 8032).
    pub signature: Signature,
    /// Whether a key of this ring signed this very text.
    pub genuine: bool,
    /// When it was signed.
    pub created_at: DateTime<Utc>,
}

impl Ledger {
    /// The receipts of a request, oldest first. Closed requests have theirs too. One with a signature that is none cannot be
    /// read.
    pub async fn receipts(&self, request: RequestId) -> Result<Listed<ReceiptRecord>, LedgerError> {
        let jobs = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::RequestId.eq(request.uuid()))
            .into_tuple::<Uuid>()
            .all(self.db())
            .await?;
        let rows = receipt::Entity::find()
            .filter(among(receipt::Column::JobId, jobs))
            .order_by_asc(receipt::Column::CreatedAt)
            .order_by_asc(receipt::Column::Id)
            .all(self.db())
            .await?;
        Listed::read(rows, |row| self.read_receipt(row))
    }

    fn read_receipt(&self, row: receipt::Model) -> Result<ReceiptRecord, LedgerError> {
        let corrupt = |column| LedgerError::Corrupt { table: "receipt", column, row: row.id.to_string() };
        let key_id = row.key_id.parse().map_err(|_| corrupt("key_id"))?;
        let bytes = row.signature.as_slice().try_into().map_err(|_| corrupt("signature"))?;
        let signature = Signature { key_id, bytes };
        let checked = self.vault().verifier().verify(RECEIPT, row.body.as_bytes(), &signature);
        Ok(ReceiptRecord {
            job: JobId::from_uuid(row.job_id),
            body: row.body,
            signature,
            genuine: checked.is_ok(),
            created_at: clock::moment(row.created_at),
        })
    }
}
