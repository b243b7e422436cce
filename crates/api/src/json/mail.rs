use chrono::{DateTime, Utc};
use habeas_domain::{JobId, MailId};
use habeas_ledger::{MailView, Undelivered};
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
    /// What a report said, if it came back after that.
    undelivered: Option<UndeliveredJson>,
}

/// A report that a mail was not delivered. It changes nothing about the request but what staff must do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Undelivered)]
pub(crate) struct UndeliveredJson {
    /// When the report was read.
    at: DateTime<Utc>,
    /// The enhanced status code (RFC 3463), where there was one.
    #[schema(example = "5.1.1")]
    status: Option<String>,
    /// Whether the mail will not arrive; otherwise it is late.
    for_good: bool,
}

impl From<Undelivered> for UndeliveredJson {
    fn from(report: Undelivered) -> Self {
        Self { at: report.at, status: report.status, for_good: report.for_good }
    }
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
            undelivered: view.undelivered.map(Into::into),
        }
    }
}
