//! The mailbox's door to the reception, and the staff's door to the mails.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use habeas_api::{AcceptMail, ReceiveRefused};
use habeas_domain::{
    Actor, Fault, FieldProblem, MailChoice, ReceivedMailId, received_mail::SenderAuthentication,
    submission::Submitter,
};
use habeas_intake::{ReceiveError, Reception};
use habeas_ledger::{Accepted, Ledger, LedgerError};
use habeas_mailbox::{
    Understanding,
    worker::{Intake, NotTaken, TakenMail, lacks_a_guardians_name, submission},
};

use super::receive::refused;

/// The mailbox's door to the reception.
pub(crate) struct MailDoor(pub(crate) Reception);

#[async_trait]
impl Intake for MailDoor {
    async fn take(&self, mail: TakenMail) -> Result<Accepted, NotTaken> {
        let submission = mail.submission.expose();
        let door = habeas_intake::MailDoor {
            key: &mail.key,
            message_id: mail.message_id.as_ref(),
            receipt: mail.receipt,
        };
        let received = self.0.receive_mail(submission, Actor::System, door).await;
        received.map_err(|error| match error {
            ReceiveError::Problems(problems) => NotTaken::Problems(problems),
            ReceiveError::KeyReused => NotTaken::Reused,
            ReceiveError::Ledger(error) => NotTaken::Failed(error.into()),
            ReceiveError::TimedOut => NotTaken::Failed(Fault::temporary("ledger-slow", error.to_string())),
        })
    }
}

/// Takes a mail as a request because staff say so.
pub(crate) struct MailDesk {
    pub(crate) ledger: Ledger,
    pub(crate) reception: Reception,
}

/// A guardian is written to by name, which nobody has said.
fn no_guardians_name() -> FieldProblem {
    FieldProblem {
        field: "guardian_name".to_owned(),
        code: "required",
        message: "the mail gives its sender no name; say the name of the parent or guardian".to_owned(),
    }
}

impl MailDesk {
    /// What was understood of a mail that may be taken, and when it came.
    async fn understood(&self, mail: ReceivedMailId) -> Result<(Understanding, DateTime<Utc>), LedgerError> {
        self.ledger.may_accept_mail(mail).await?;
        let read = self.ledger.read_mail(mail).await?;
        let understood =
            read.understanding.ok_or(LedgerError::NotFound("reading of this mail"))?.into_inner();
        let understood = serde_json::from_value(understood).map_err(|_| LedgerError::Corrupt {
            table: "received_content",
            column: "reading",
            row: mail.to_string(),
        })?;
        Ok((understood, read.view.received_at))
    }

    /// The submission of a mail that was read, and the key and caution it is taken with.
    async fn prepared(&self, mail: ReceivedMailId, choice: MailChoice) -> Result<TakenMail, ReceiveRefused> {
        let (understood, received_at) = self.understood(mail).await.map_err(ReceiveRefused::Mail)?;
        let own = choice.subject.is_none();
        // The key is the mail's whatever staff choose, so that two of them cannot make two requests of it.
        let key = match &understood.sender.address {
            Some(sender) => self.ledger.mail_key(mail, understood.message_id.as_ref(), sender),
            None => mail.to_string(),
        };
        let spoofed = understood.sender.authentication == SenderAuthentication::Unaligned;
        if lacks_a_guardians_name(&understood, &choice) {
            return Err(ReceiveRefused::Problems(vec![no_guardians_name()]));
        }
        let submission = submission(&understood, received_at, &choice);
        // An answer in the thread of a mail goes to whoever wrote it.
        let message_id = understood.message_id.filter(|_| own);
        let taken = TakenMail { submission, key, message_id, receipt: !(own && spoofed) };
        Ok(taken)
    }
}

#[async_trait]
impl AcceptMail for MailDesk {
    async fn accept(
        &self,
        mail: ReceivedMailId,
        choice: MailChoice,
        by: Actor,
    ) -> Result<Accepted, ReceiveRefused> {
        // What the mail names is its writer's word.
        let submitter = Submitter { actor: by, chooses_law: choice.regime.is_some() };
        let prepared = self.prepared(mail, choice).await?;
        let door = habeas_intake::MailDoor {
            key: &prepared.key,
            message_id: prepared.message_id.as_ref(),
            receipt: prepared.receipt,
        };
        let taken = self.reception.receive_mail(prepared.submission.expose(), submitter, door).await;
        let accepted = taken.map_err(refused)?;
        self.ledger.accept_mail(mail, accepted.id, by).await.map_err(ReceiveRefused::Mail)?;
        Ok(accepted)
    }
}
