//! Papers: asking for them, and taking them at the page that the mailed link leads to.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{
    Actor, EmailAddress, PaperKind, Personal, RequestId,
    paper::{PaperRefused, UploadRefused},
    text::FreeText,
};
use habeas_ledger::{Ledger, LedgerError, OpenRequest, PaperAsk, PaperView};

use crate::{Challenges, DeskError, desk::presented};

/// How papers are asked for and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperOptions {
    /// Whether anybody may be asked for a document that shows who they are. Default no.
    pub documents: bool,
    /// How long the link works. Default 7 days.
    pub link_life: Duration,
    /// How long a paper is kept that nobody judges. Default 14 days.
    pub keep: Duration,
}

impl Default for PaperOptions {
    fn default() -> Self {
        Self {
            documents: false,
            link_life: Duration::from_hours(24 * 7),
            keep: Duration::from_hours(24 * 14),
        }
    }
}

/// What becomes of a file that somebody hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandIn {
    /// It is kept, sealed, until two people have judged it.
    Taken,
    /// It is not taken, and nothing of it is kept. The link can be used again.
    Refused(UploadRefused),
    /// The link is used, over or made up.
    NotOpen,
}

/// Asks for papers and takes them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PaperDesk {
    ledger: Ledger,
    challenges: Challenges,
    options: PaperOptions,
}

impl PaperDesk {
    /// A desk over `ledger` whose links `challenges` makes.
    pub const fn new(ledger: Ledger, challenges: Challenges, options: PaperOptions) -> Self {
        Self { ledger, challenges, options }
    }

    /// Asks for a paper, for a reason that staff write down: mails whoever can give it a single-use link.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] where the configuration or the policy forbids it, or nothing waits for it.
    pub async fn ask(
        &self,
        request: RequestId,
        kind: PaperKind,
        reason: FreeText,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        if kind == PaperKind::IdentityDocument && !self.options.documents {
            return Err(PaperRefused::SwitchedOff.into());
        }
        let of = self.ledger.open_request(request).await?;
        let to = giver(&of, kind).ok_or(PaperRefused::NobodyToAsk)?;
        let ends = self.after(self.options.link_life);
        let days = u32::try_from(self.options.keep.as_secs().div_ceil(86_400)).unwrap_or(u32::MAX);
        let link = self.challenges.paper(&of, kind, to, (ends, days));
        self.ledger.ask_paper(request, PaperAsk { kind, reason, by, ends, link }).await
    }

    /// Takes a paper that reached staff in another way, such as by post.
    ///
    /// # Errors
    /// [`LedgerError::Paper`] if it is not taken or nothing waits for it.
    pub async fn add(
        &self,
        request: RequestId,
        kind: PaperKind,
        content: &Personal<Vec<u8>>,
        by: Actor,
    ) -> Result<PaperView, LedgerError> {
        if kind == PaperKind::IdentityDocument && !self.options.documents {
            return Err(PaperRefused::SwitchedOff.into());
        }
        self.ledger.add_paper(request, kind, content, by, self.after(self.options.keep)).await
    }

    /// The paper that a link takes; nothing if it takes none. Changes nothing.
    pub async fn wanted(&self, token: &str) -> Result<Option<PaperView>, DeskError> {
        let Some(token) = presented(token) else { return Ok(None) };
        Ok(self.ledger.wanted_paper(&token).await?)
    }

    /// The paper that a link took, or that staff brought in its place, until the link would end. Changes nothing.
    pub async fn given(&self, token: &str) -> Result<Option<PaperView>, DeskError> {
        let Some(token) = presented(token) else { return Ok(None) };
        Ok(self.ledger.given_paper(&token).await?)
    }

    /// Takes a paper by its link, once.
    pub async fn hand_in(&self, token: &str, content: &Personal<Vec<u8>>) -> Result<HandIn, DeskError> {
        let Some(token) = presented(token) else { return Ok(HandIn::NotOpen) };
        let until = self.after(self.options.keep);
        match self.ledger.hand_in_paper(&token, content, until).await {
            Ok(Some(_)) => Ok(HandIn::Taken),
            Ok(None) => Ok(HandIn::NotOpen),
            Err(LedgerError::Paper(PaperRefused::Upload(refused))) => Ok(HandIn::Refused(refused)),
            Err(error) => Err(error.into()),
        }
    }

    fn after(&self, life: Duration) -> DateTime<Utc> {
        let life = TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX);
        self.challenges.now().checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Whose it is to give such a paper.
fn giver(of: &OpenRequest, kind: PaperKind) -> Option<&EmailAddress> {
    match kind {
        PaperKind::IdentityDocument => Some(&of.submission.subject.email),
        // An agent whose address is not shown yet gets nothing but the link to show it.
        PaperKind::Mandate => of.agent.as_ref().filter(|_| !of.agent_waits).map(|agent| &agent.said.email),
        PaperKind::GuardianProof => of.guardian().map(|guardian| &guardian.email),
    }
}
