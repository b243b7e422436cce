use chrono::{DateTime, Utc};
use habeas_domain::{JobId, MailId};

use crate::{LedgerError, MailState, Undelivered, clock, corrupt::parse, entity::mail};
use habeas_domain::TypedId;

/// A mail to the person, without its content.
#[derive(Debug, Clone, PartialEq)]
pub struct MailView {
    /// Its id.
    pub id: MailId,
    /// About which job, if about one.
    pub job: Option<JobId>,
    /// What it is, such as `received` or `job-done`.
    pub kind: String,
    /// Where it stands.
    pub state: MailState,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// What a report said, if it came back after the mail server had taken it.
    pub undelivered: Option<Undelivered>,
}

impl MailView {
    pub(super) fn read(row: mail::Model) -> Result<Self, LedgerError> {
        Ok(Self {
            id: MailId::from_uuid(row.id),
            job: row.job_id.map(JobId::from_uuid),
            state: parse(&row.state, "mail", "state", row.id)?,
            kind: row.kind,
            created_at: clock::moment(row.created_at),
            sent_at: row.sent_at.map(clock::moment),
            undelivered: row.undelivered_at.map(|at| Undelivered {
                at: clock::moment(at),
                status: row.undelivered_status,
                for_good: row.undelivered_for_good,
            }),
        })
    }
}
