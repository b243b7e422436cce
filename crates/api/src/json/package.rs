use chrono::{DateTime, Utc};
use habeas_domain::{JobId, PackageId};
use habeas_ledger::PackageRecord;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// A package that is kept for the person, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Package)]
pub(crate) struct PackageJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: PackageId,
    /// Of which job.
    #[schema(schema_with = schemas::id)]
    job: JobId,
    /// SHA-256 of the ZIP.
    #[schema(schema_with = schemas::sha256)]
    sha256: String,
    /// Size of the ZIP in bytes.
    bytes: u64,
    /// Rows in it.
    rows: u64,
    /// When its link ends.
    expires_at: DateTime<Utc>,
    /// How often it can still be fetched.
    downloads_left: u32,
    /// When it was stored.
    created_at: DateTime<Utc>,
}

impl From<PackageRecord> for PackageJson {
    fn from(record: PackageRecord) -> Self {
        Self {
            id: record.id,
            job: record.job,
            sha256: hex::encode(record.sha256),
            bytes: record.bytes,
            rows: record.rows,
            expires_at: record.expires_at,
            downloads_left: record.downloads_left,
            created_at: record.created_at,
        }
    }
}
