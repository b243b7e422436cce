use std::{borrow::Cow, time::Duration};

use habeas_domain::{Channel, FieldProblem, Personal, Retry, submission::Submitter};
use habeas_ledger::{AcceptRefused, Accepted, LedgerError, NewRequest};
use serde_json::Value;
use tokio::time::timeout;

use super::Reception;
use crate::measure;

/// How long the state database may take over one submission.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// Why a submission was not taken. Nothing was kept, except perhaps after [`ReceiveError::TimedOut`].
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It has problems, field by field. Trying again with the same content never helps.
    #[error("the submission has problems in {} of its fields", .0.len())]
    Problems(Vec<FieldProblem>),
    /// The idempotency key came with another submission before.
    #[error("this idempotency key was used for another submission; choose a new one")]
    KeyReused,
    /// The state database did not take it.
    #[error("the request could not be stored")]
    Ledger(#[from] LedgerError),
    /// The state database did not answer in time. Trying again is harmless with the same idempotency key.
    #[error("the state database did not answer in time")]
    TimedOut,
}

impl ReceiveError {
    /// Whether trying again with the same content helps.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Problems(_) | Self::KeyReused => Retry::Never,
            Self::Ledger(error) => error.retry(),
            Self::TimedOut => Retry::Later,
        }
    }

    const fn outcome(&self) -> &'static str {
        match self {
            Self::Problems(_) => "rejected",
            Self::KeyReused => "key-reused",
            Self::Ledger(_) | Self::TimedOut => "failed",
        }
    }
}

/// A mail that is taken as a request.
#[derive(Debug, Clone, Copy)]
pub struct MailDoor<'a> {
    /// The idempotency key of the mail, whoever decides that it is a request.
    pub key: &'a str,
    /// Its Message-ID, for the answers to refer to.
    pub message_id: Option<&'a Personal<String>>,
    /// Whether the person is told that it arrived, beside being asked to prove who they are.
    pub receipt: bool,
}

/// As a problem of the field that it is about.
fn of_agent(refused: AcceptRefused) -> FieldProblem {
    FieldProblem { field: refused.field().to_owned(), code: refused.code(), message: refused.to_string() }
}

impl Reception {
    /// Screens a submission and, if nothing is wrong with it, has it taken. A repeat with the same idempotency key
    /// and the same content gives the first answer again.
    pub async fn receive(
        &self,
        value: &Value,
        door: Channel,
        by: impl Into<Submitter>,
        idempotency_key: Option<&str>,
    ) -> Result<Accepted, ReceiveError> {
        let received = match self.screen(value, door, by, idempotency_key) {
            Ok(new) => self.accept(new).await,
            Err(problems) => Err(ReceiveError::Problems(problems)),
        };
        let outcome = match &received {
            Ok(accepted) if accepted.repeated => "repeated",
            Ok(_) => "accepted",
            Err(error) => error.outcome(),
        };
        measure::outcome(door, outcome);
        received
    }

    /// The same for a mail, which makes one request however often it is taken and by whomever. A law that the mail names and
    /// that no requests are taken under gives way to the usual one, with a remark in the trail; one that staff name is refused.
    pub async fn receive_mail(
        &self,
        value: &Value,
        decided_by: impl Into<Submitter>,
        mail: MailDoor<'_>,
    ) -> Result<Accepted, ReceiveError> {
        let by = decided_by.into();
        let law_not_taken = if by.chooses_law { None } else { self.law_not_taken(value) };
        let mut value = Cow::Borrowed(value);
        if law_not_taken.is_some()
            && let Some(object) = value.to_mut().as_object_mut()
        {
            object.remove("regime");
        }
        let received = match self.screen(&value, Channel::Mailbox, by, None) {
            Ok(new) => {
                let idempotency_key = Some(format!("{}/{}", Channel::Mailbox, mail.key));
                let (receipt, asked_in) = (mail.receipt, mail.message_id.cloned());
                self.accept(NewRequest { idempotency_key, receipt, asked_in, law_not_taken, ..new }).await
            }
            Err(problems) => Err(ReceiveError::Problems(problems)),
        };
        let outcome = match &received {
            Ok(accepted) if accepted.repeated => "repeated",
            Ok(_) => "accepted",
            Err(error) => error.outcome(),
        };
        measure::outcome(Channel::Mailbox, outcome);
        received
    }

    pub(super) async fn accept(&self, new: NewRequest) -> Result<Accepted, ReceiveError> {
        let accepting = timeout(LIMIT, self.0.ledger.accept(vec![new])).await;
        let results = accepting.map_err(|_| ReceiveError::TimedOut)??;
        match results.into_iter().next() {
            Some(Ok(accepted)) => Ok(accepted),
            Some(Err(AcceptRefused::KeyReused)) => Err(ReceiveError::KeyReused),
            Some(Err(refused)) => Err(ReceiveError::Problems(vec![of_agent(refused)])),
            None => Err(ReceiveError::Ledger(LedgerError::NotFound("request"))),
        }
    }
}
