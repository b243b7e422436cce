use chrono::{DateTime, Utc};
use habeas_domain::JobId;
use habeas_ledger::ReceiptRecord;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// The signed proofs of what was done for a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipts)]
pub(crate) struct ReceiptsJson {
    /// Oldest first.
    receipts: Vec<ReceiptJson>,
}

/// The signed proof of what was done to the stores for one job. It holds nothing about the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(crate) struct ReceiptJson {
    /// The job that it proves.
    #[schema(schema_with = schemas::id)]
    job: JobId,
    /// The signed text, itself JSON. Every byte of it counts.
    body: String,
    /// The id of the key, a full stop, and the Ed25519 signature in URL-safe base64.
    signature: String,
    /// Whether a key of this installation signed this very text.
    genuine: bool,
    /// When it was signed.
    created_at: DateTime<Utc>,
}

impl From<Vec<ReceiptRecord>> for ReceiptsJson {
    fn from(records: Vec<ReceiptRecord>) -> Self {
        let receipts = records.into_iter().map(|record| ReceiptJson {
            job: record.job,
            body: record.body,
            signature: record.signature.to_string(),
            genuine: record.genuine,
            created_at: record.created_at,
        });
        Self { receipts: receipts.collect() }
    }
}
