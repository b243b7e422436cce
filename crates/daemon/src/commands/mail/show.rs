//! `habeas mail show`

use clap::Args;
use habeas_domain::{ReceivedMailId, received_mail::Writer};
use habeas_ledger::{ReceivedMailView, Scope};

use super::shown;
use crate::{
    context::Context,
    failure::Failure,
    output::{Report, details, moment},
    staff::{Staff, TokenArg},
};

/// Options of `mail show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its id.
    mail: ReceivedMailId,
    /// Also show what is in it: sender, text, what was understood. Written into its audit trail.
    #[arg(long)]
    reveal: bool,
}

impl ShowArgs {
    pub(super) async fn run(self, context: &Context, token: &TokenArg) -> Result<Report, Failure> {
        let scope = if self.reveal { Scope::Approve } else { Scope::Read };
        let staff = Staff::sign_in(context, token, scope).await?;
        if !self.reveal {
            let view = staff.ledger.mail_view(self.mail).await?;
            return Ok(Report::new(text(context, &view), &shown::view(&view)));
        }
        let read = staff.ledger.read_mail(self.mail).await?;
        staff.ledger.mail_seen(self.mail, staff.actor, "understanding").await?;
        let mut text = text(context, &read.view);
        let json = shown::read(read);
        text.push('\n');
        text.push_str(&serde_json::to_string_pretty(&json["content"]).unwrap_or_default());
        Ok(Report::new(text, &json))
    }
}

fn text(context: &Context, mail: &ReceivedMailView) -> String {
    let badge = mail.authentication.map_or("not looked up yet", |found| found.as_str());
    let mut pairs = vec![
        ("mail", mail.id.to_string()),
        ("mailbox", place(mail)),
        ("state", shown::state(mail)),
        (
            "taken to be",
            mail.verdict.map_or_else(|| "not read yet".to_owned(), |verdict| verdict.to_string()),
        ),
        ("reason", mail.reason.clone().unwrap_or_default()),
        ("sender's domain", badge.to_owned()),
        ("received", moment(mail.received_at)),
        ("stored", moment(mail.stored_at)),
        ("bytes", mail.bytes.to_string()),
    ];
    pairs.extend(mail.request.map(|request| ("request", request.to_string())));
    pairs.extend(mail.written_by.map(|writer| ("written by", by(writer).to_owned())));
    pairs.extend(mail.due_at.map(|at| ("answer by", moment(at))));
    pairs.extend(mail.answered_at.map(|at| ("answered", moment(at))));
    if mail.erased {
        pairs.push(("content", "destroyed: its retention is over".to_owned()));
    }
    details(context, &pairs)
}

/// Where it came in, and where in the mailbox it lay.
fn place(mail: &ReceivedMailView) -> String {
    let folder = mail.folder.as_ref().map(|folder| format!(", folder {folder}")).unwrap_or_default();
    let uid = mail.uid.map(|uid| format!(", UID {uid}")).unwrap_or_default();
    format!("{}{folder}{uid}", mail.mailbox)
}

/// Who wrote it, in words for staff.
pub(in crate::commands) const fn by(writer: Writer) -> &'static str {
    match writer {
        Writer::Subject => "the address of the request",
        Writer::Other => "ANOTHER address than that of the request: it decides nothing by itself",
    }
}
