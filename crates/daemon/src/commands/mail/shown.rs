//! A mail as programs get it.

use habeas_domain::Personal;
use habeas_ledger::{ReadReceivedMail, ReceivedMailView};
use serde_json::{Value, json};

/// Where it stands, in words for staff.
pub(in crate::commands) fn state(mail: &ReceivedMailView) -> String {
    match (mail.unread, mail.says) {
        (true, Some(says)) => format!("{}, unread: {says}", mail.state),
        (true, None) => format!("{}, unread", mail.state),
        (false, _) => mail.state.to_string(),
    }
}

/// Without anything personal.
pub(super) fn view(mail: &ReceivedMailView) -> Value {
    json!({
        "id": mail.id,
        "mailbox": mail.mailbox,
        "folder": mail.folder,
        "uid": mail.uid,
        "state": mail.state,
        "verdict": mail.verdict,
        "authentication": mail.authentication,
        "reason": mail.reason,
        "request": mail.request,
        "bytes": mail.bytes,
        "attempts": mail.attempts,
        "received_at": mail.received_at,
        "stored_at": mail.stored_at,
        "decided_at": mail.decided_at,
        "answered_at": mail.answered_at,
        "written_by": mail.written_by,
        "unread": mail.unread,
        "says": mail.says,
        "due_at": mail.due_at,
        "erased": mail.erased,
    })
}

/// With what is in it.
pub(super) fn read(mail: ReadReceivedMail) -> Value {
    let mut shown = view(&mail.view);
    shown["content"] = json!({
        "understanding": mail.understanding.map(Personal::into_inner),
        "evidence": mail.evidence.map(Personal::into_inner),
        "header": mail.header.map(Personal::into_inner),
        "note": mail.note.map(Personal::into_inner),
    });
    shown
}
