//! What acting on mails asks of others. The daemon hands it in.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_domain::{
    EmailAddress, Fault, FieldProblem, Personal, RequestId, received_mail::SenderAuthentication,
};
use habeas_ledger::Accepted;
use serde_json::Value;

use crate::{Understanding, authentication::Delivery};

/// Everything that acting on mails reaches, beside the ledger.
#[derive(Clone)]
pub struct Ports {
    /// Reads mails.
    pub reads: Arc<dyn Reads>,
    /// Takes requests.
    pub intake: Arc<dyn Intake>,
    /// Says whether the domain of a sender stands behind a mail; without it nothing can be said.
    pub authenticates: Option<Arc<dyn Authenticates>>,
    /// Says which request a mail belongs to; without it none does.
    pub threads: Option<Arc<dyn Threads>>,
    /// Marks the mails that came back.
    pub bounces: Option<Arc<dyn Bounces>>,
}

/// Reads mails. Pure, and may take a while: it is called where that blocks nobody.
pub trait Reads: Send + Sync + 'static {
    /// What is understood of a mail.
    fn read(&self, raw: &[u8]) -> Understanding;
}

impl<F: Fn(&[u8]) -> Understanding + Send + Sync + 'static> Reads for F {
    fn read(&self, raw: &[u8]) -> Understanding {
        self(raw)
    }
}

/// How a mail reached the company.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// The name of the mailbox that it came through.
    pub mailbox: &'a str,
    /// What the program that handed it over said about its delivery, if it said so.
    pub delivery: Option<&'a Delivery>,
}

/// What was found about the domain of a sender.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// The verdict.
    pub verdict: SenderAuthentication,
    /// How it was found, for staff.
    pub evidence: String,
    /// Whether name servers did not answer about the sender's own domain, and may later.
    pub try_again: bool,
}

/// Says whether the domain of a sender stands behind a mail.
#[async_trait]
pub trait Authenticates: Send + Sync + 'static {
    /// Evidence, never a verification, about the sender that is shown. Answers in bounded time, whatever the network does.
    async fn authenticate(
        &self,
        arrived: Arrived<'_>,
        raw: &[u8],
        shown: Option<&EmailAddress>,
    ) -> Authenticated;
}

/// Says which request a mail belongs to.
#[async_trait]
pub trait Threads: Send + Sync + 'static {
    /// The request that a mail answers, by tokens of ours, never by its subject.
    async fn request_of(&self, mail: &Understanding) -> Result<Option<RequestId>, Fault>;
}

/// Marks the mails that came back.
#[async_trait]
pub trait Bounces: Send + Sync + 'static {
    /// Marks the mail that a report is about, and says whose request it was.
    async fn came_back(&self, report: &Understanding, raw: &[u8]) -> Result<Option<RequestId>, Fault>;
}

/// A mail to be taken as a request.
#[derive(Debug, Clone)]
pub struct TakenMail {
    /// The submission, not yet screened.
    pub submission: Personal<Value>,
    /// Makes a repeat harmless.
    pub key: String,
    /// The Message-ID, for the answers to refer to.
    pub message_id: Option<Personal<String>>,
    /// Whether the sender is told more than to prove who they are.
    pub receipt: bool,
}

/// Why a mail was not taken as a request. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It lacks something, or something is wrong with it.
    #[error("the submission has problems in {} of its fields", .0.len())]
    Problems(Vec<FieldProblem>),
    /// A mail with the same Message-ID and sender was taken with other content.
    #[error("a mail with the same Message-ID was taken with other content")]
    Reused,
    /// It could not be stored.
    #[error("the request could not be stored")]
    Failed(#[source] Fault),
}

/// The room behind every door.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Screens a submission and takes it.
    async fn take(&self, mail: TakenMail) -> Result<Accepted, NotTaken>;
}
