//! What is shown of the mails of a request, sent and received.

use chrono::{DateTime, Utc};
use habeas_ledger::{MailView, ReceivedMailView};
use serde::Serialize;

/// A mail, without its content.
#[derive(Debug, Serialize)]
pub(crate) struct Mail {
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) ordered_at: DateTime<Utc>,
    pub(crate) sent_at: Option<DateTime<Utc>>,
    pub(crate) undelivered: Option<Undelivered>,
}

impl From<&MailView> for Mail {
    fn from(view: &MailView) -> Self {
        let undelivered = view.undelivered.as_ref().map(|report| Undelivered {
            at: report.at,
            status: report.status.clone(),
            for_good: report.for_good,
        });
        Self {
            kind: view.kind.clone(),
            status: view.state.as_str().to_owned(),
            ordered_at: view.created_at,
            sent_at: view.sent_at,
            undelivered,
        }
    }
}

/// What a report said about a mail that came back.
#[derive(Debug, Serialize)]
pub(crate) struct Undelivered {
    pub(crate) at: DateTime<Utc>,
    pub(crate) status: Option<String>,
    pub(crate) for_good: bool,
}

/// A mail that came in about the request, without its content.
#[derive(Debug, Serialize)]
pub(crate) struct ReceivedMail {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) verdict: Option<String>,
    /// Whether the domain of the sender stands behind it.
    pub(crate) sender: Option<String>,
    /// `subject`, or `other` for another address than that of the request.
    pub(crate) written_by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) received_at: DateTime<Utc>,
}

impl From<&ReceivedMailView> for ReceivedMail {
    fn from(view: &ReceivedMailView) -> Self {
        Self {
            id: view.id.to_string(),
            status: view.state.to_string(),
            verdict: view.verdict.map(|verdict| verdict.to_string()),
            sender: view.authentication.map(|found| found.to_string()),
            written_by: view.written_by.map(|writer| writer.to_string()),
            reason: view.reason.clone(),
            received_at: view.received_at,
        }
    }
}
