use chrono::{DateTime, Utc};
use habeas_domain::{JobId, MailId};
use habeas_ledger::MailView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas;

/// A mail to the person, without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub(crate) struct MailJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: MailId,
    /// About which job, if about one.
    #[schema(schema_with = schemas::maybe_id)]
    job: Option<JobId>,
    /// What it is.
    #[schema(example = "job-done")]
    kind: String,
    /// Where it stands.
    #[schema(schema_with = schemas::mail_state)]
    state: &'static str,
    /// When it was ordered.
    created_at: DateTime<Utc>,
    /// When the mail server took it.
    sent_at: Option<DateTime<Utc>>,
}

impl From<MailView> for MailJson {
    fn from(view: MailView) -> Self {
        Self {
            id: view.id,
            job: view.job,
            kind: view.kind,
            state: view.state.as_str(),
            created_at: view.created_at,
            sent_at: view.sent_at,
        }
    }
}
