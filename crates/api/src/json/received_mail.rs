use chrono::{DateTime, Utc};
use habeas_domain::{
    Personal, ReceivedMailId, RequestId,
    received_mail::{ReceivedMailState, ReplyWord, SenderAuthentication, Verdict, Writer},
};
use habeas_ledger::{ReadReceivedMail, ReceivedMailView};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::schemas;

/// A mail that came in. Without personal data, unless `content` is there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedMail)]
pub(crate) struct ReceivedMailJson {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    id: ReceivedMailId,
    /// The name of the mailbox it came through.
    #[schema(example = "privacy")]
    mailbox: String,
    /// The folder of the mailbox that it lay in, where the mailbox has folders.
    #[schema(example = "INBOX")]
    folder: Option<String>,
    /// Its UID in that folder (RFC 9051, section 2.3.1.1), where the folder has UIDs.
    #[schema(example = 4711)]
    uid: Option<u32>,
    /// Where it stands.
    #[schema(schema_with = schemas::received_mail_state)]
    state: ReceivedMailState,
    /// What it was taken to be, once it was read.
    #[schema(schema_with = schemas::maybe_verdict)]
    verdict: Option<Verdict>,
    /// Whether the domain of the sender stands behind it. A badge to show, never a verification.
    #[schema(schema_with = schemas::maybe_authentication)]
    authentication: Option<SenderAuthentication>,
    /// Why it stands there.
    reason: Option<String>,
    /// The request that it became or belongs to.
    #[schema(schema_with = schemas::maybe_id)]
    request: Option<RequestId>,
    /// How long it is, in bytes.
    bytes: u64,
    /// How often its reading was tried.
    attempts: u32,
    /// When it reached the company.
    received_at: DateTime<Utc>,
    /// When it was stored here.
    stored_at: DateTime<Utc>,
    /// When it was decided.
    decided_at: Option<DateTime<Utc>>,
    /// When its sender was written to because of it.
    answered_at: Option<DateTime<Utc>>,
    /// Who wrote it, by the address in its `From`, where it belongs to a request: a badge to show. A mail of somebody else
    /// decides nothing by itself.
    #[schema(schema_with = schemas::maybe_writer)]
    written_by: Option<Writer>,
    /// Whether it belongs to a request and staff have yet to read it.
    unread: bool,
    /// What it says of its request, by the words of the rules: `takes-back` or `disowns`. Until staff have read it, no
    /// deletion of the request begins; it changes nothing else.
    #[schema(schema_with = schemas::maybe_reply_word)]
    says: Option<ReplyWord>,
    /// The end of the last day for an answer, if it turns out to be a request: the shortest period of the laws that may
    /// apply. Of one that waits for staff to decide.
    due_at: Option<DateTime<Utc>>,
    /// Whether its content was destroyed at the end of its retention.
    erased: bool,
    /// What is in it: only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    content: Option<MailContentJson>,
}

/// What is in a mail. Personal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailContent)]
pub(crate) struct MailContentJson {
    /// What was understood: sender, rights with the matched words, identifiers, language, text, attachments.
    #[schema(schema_with = schemas::maybe_anything)]
    understanding: Option<Value>,
    /// How the domain of the sender was checked.
    evidence: Option<String>,
    /// The header of a mail that was left where it is, so that it can be found there.
    header: Option<String>,
    /// Why staff set it aside.
    note: Option<String>,
}

impl From<ReceivedMailView> for ReceivedMailJson {
    fn from(view: ReceivedMailView) -> Self {
        Self {
            id: view.id,
            mailbox: view.mailbox,
            folder: view.folder,
            uid: view.uid,
            state: view.state,
            verdict: view.verdict,
            authentication: view.authentication,
            reason: view.reason,
            request: view.request,
            bytes: view.bytes,
            attempts: view.attempts,
            received_at: view.received_at,
            stored_at: view.stored_at,
            decided_at: view.decided_at,
            answered_at: view.answered_at,
            written_by: view.written_by,
            unread: view.unread,
            says: view.says,
            due_at: view.due_at,
            erased: view.erased,
            content: None,
        }
    }
}

impl From<ReadReceivedMail> for ReceivedMailJson {
    fn from(read: ReadReceivedMail) -> Self {
        let content = MailContentJson {
            understanding: read.understanding.map(Personal::into_inner),
            evidence: read.evidence.map(Personal::into_inner),
            header: read.header.map(Personal::into_inner),
            note: read.note.map(Personal::into_inner),
        };
        Self { content: Some(content), ..read.view.into() }
    }
}
