use chrono::{DateTime, Utc};
use habeas_domain::{
    Personal, ReceivedMailId, RequestId, TypedId,
    received_mail::{ReceivedMailState, ReplyWord, SenderAuthentication, Verdict, Writer},
};
use serde_json::Value;

use super::row;
use crate::{LedgerError, clock, corrupt::parse_opt, entity::received_mail};

/// A mail that came in, without anything personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMailView {
    /// Its id.
    pub id: ReceivedMailId,
    /// The name of the mailbox it came through.
    pub mailbox: String,
    /// The folder of the mailbox that it lay in, where the mailbox has folders.
    pub folder: Option<String>,
    /// Its UID there, where the folder has UIDs.
    pub uid: Option<u32>,
    /// Where it stands.
    pub state: ReceivedMailState,
    /// What it was taken to be, once it was read.
    pub verdict: Option<Verdict>,
    /// Whether the domain of the sender stands behind it. Evidence, never a verification.
    pub authentication: Option<SenderAuthentication>,
    /// Why it stands there.
    pub reason: Option<String>,
    /// The request that it became or belongs to.
    pub request: Option<RequestId>,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// How often its reading was tried.
    pub attempts: u32,
    /// When it reached the company.
    pub received_at: DateTime<Utc>,
    /// When it was stored here.
    pub stored_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// When its sender was written to because of it.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who wrote it, by the address in its `From`, where it belongs to a request. A mail of somebody else is shown, and
    /// decides nothing by itself.
    pub written_by: Option<Writer>,
    /// Whether it belongs to a request and staff have yet to read it.
    pub unread: bool,
    /// What it says of its request, by the words of the rules.
    pub says: Option<ReplyWord>,
    /// The end of the last day for an answer, if it turns out to be a request: of one that waits for staff.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether its content was destroyed at the end of its retention.
    pub erased: bool,
}

impl ReceivedMailView {
    pub(crate) fn read(row: &received_mail::Model) -> Result<Self, LedgerError> {
        let state = row::state(row)?;
        let waits = matches!(state, ReceivedMailState::Proposal | ReceivedMailState::Parked);
        Ok(Self {
            id: row::id(row),
            mailbox: row.mailbox.clone(),
            folder: row.folder.clone(),
            uid: row.uid.filter(|_| row.uidvalidity > Some(0)).and_then(|uid| u32::try_from(uid).ok()),
            state,
            verdict: parse_opt(row.verdict.as_deref(), "received_mail", "verdict", row.id)?,
            authentication: parse_opt(
                row.authentication.as_deref(),
                "received_mail",
                "authentication",
                row.id,
            )?,
            reason: row.reason.clone(),
            request: row.request_id.map(RequestId::from_uuid),
            bytes: row.bytes.unsigned_abs(),
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            received_at: clock::moment(row.received_at),
            stored_at: clock::moment(row.stored_at),
            decided_at: row.decided_at.map(clock::moment),
            answered_at: row.answered_at.map(clock::moment),
            written_by: parse_opt(row.written_by.as_deref(), "received_mail", "written_by", row.id)?,
            unread: row.unread_since.is_some(),
            says: parse_opt(row.says.as_deref(), "received_mail", "says", row.id)?,
            due_at: row.due_at.filter(|_| waits).map(clock::moment),
            erased: row.wrapped_key.is_none(),
        })
    }
}

/// A mail with what was understood of it.
#[derive(Debug, Clone)]
pub struct ReadReceivedMail {
    /// Everything about it that is not personal.
    pub view: ReceivedMailView,
    /// What was understood, once it was read.
    pub understanding: Option<Personal<Value>>,
    /// How the sender's domain was checked.
    pub evidence: Option<Personal<String>>,
    /// The header of a mail that was left where it is, as far as it could be had.
    pub header: Option<Personal<String>>,
    /// Why staff set it aside.
    pub note: Option<Personal<String>>,
}
