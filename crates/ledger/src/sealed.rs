//! Where each sealed column belongs, and the opening of a request's personal part.

use std::collections::HashMap;

use habeas_domain::{
    AgentId, EmailAddress, JobId, Language, MailId, Personal, RequestId, RequestState, TypedId,
    submission::{Agent, Guardian, Submission},
    verification::{Evidence, EvidenceOutcome, Method},
};
use habeas_vault::{Context, RequestKey, Vault, WrappedKey};
use sea_orm::{EntityTrait, QueryFilter};

use crate::{Ledger, LedgerError, among::among, corrupt::parse, entity::request, on_file};

pub(crate) fn owner(request: RequestId) -> Context {
    Context::new("request", request)
}

pub(crate) fn personal(request: RequestId) -> Context {
    Context::new("request.personal", request)
}

pub(crate) fn asked_in(request: RequestId) -> Context {
    Context::new("request.asked_in", request)
}

pub(crate) fn keys(request: RequestId) -> Context {
    Context::new("request.keys", request)
}

pub(crate) fn evidence(request: RequestId) -> Context {
    Context::new("request.evidence", request)
}

pub(crate) fn also_proven(request: RequestId) -> Context {
    Context::new("request.also_proven", request)
}

/// What a person named that they may be known by.
pub(crate) fn named(request: RequestId) -> Context {
    Context::new("request.named", request)
}

pub(crate) fn step(request: RequestId, method: Method) -> Context {
    let kind = match method {
        Method::MailLink => "verification.mail-link",
        Method::SmsCode => "verification.sms-code",
        Method::RecentDealings => "verification.recent-dealings",
        Method::SignIn => "verification.sign-in",
        Method::Declaration => "verification.declaration",
        Method::Document => "verification.document",
        Method::CallBack => "verification.call-back",
        Method::GuardianLink => "verification.guardian-link",
        Method::GuardianOnFile => "verification.guardian-on-file",
        Method::GuardianProof => "verification.guardian-proof",
        Method::Mandate => "verification.mandate",
    };
    Context::new(kind, request)
}

pub(crate) fn plan(job: JobId) -> Context {
    Context::new("job.plan", job)
}

pub(crate) fn recipient(mail: MailId) -> Context {
    Context::new("mail.recipient", mail)
}

pub(crate) fn letter(mail: MailId) -> Context {
    Context::new("mail.letter", mail)
}

/// The data key of a request.
pub(crate) fn key(vault: &Vault, of: &request::Model) -> Result<RequestKey, LedgerError> {
    let wrapped = of.wrapped_key.as_deref().ok_or(LedgerError::Erased)?;
    Ok(vault.unwrap(&WrappedKey::from_bytes(wrapped)?, &owner(RequestId::from_uuid(of.id)))?)
}

/// A request with its data key and what the person said: for workers that need it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; any may meet any")]
pub struct OpenRequest {
    /// Its id.
    pub id: RequestId,
    /// Where it stands.
    pub state: RequestState,
    /// The regime's id.
    pub regime: String,
    /// The person's language.
    pub language: Language,
    /// What was submitted.
    pub submission: Submission,
    /// The data key, for sealing spools and packages of this request.
    pub key: RequestKey,
    /// The last day for an answer.
    pub due_on: chrono::NaiveDate,
    /// The end of that day.
    pub due_at: chrono::DateTime<chrono::Utc>,
    /// When the request arrived.
    pub received_at: chrono::DateTime<chrono::Utc>,
    /// Whether it is proven who asks.
    pub proven: bool,
    /// Whether it waits for its agent to show that their address is theirs; nobody else is written to before.
    pub agent_waits: bool,
    /// Who acts for the person, unless the person or staff ended that.
    pub agent: Option<ActingAgent>,
    /// Whether the law lets the agent's mandate stand in for the person's own word.
    pub mandate_counts: bool,
    /// Whether that is what opened it: the person has not confirmed it themselves.
    pub by_mandate: bool,
    /// Addresses that the person has proven beside that of the submission: all of them are on file.
    pub also_proven: Vec<EmailAddress>,
    /// Whether it ever stopped for staff to look.
    pub was_reviewed: bool,
    /// The keys that the resolve found, as it stored them.
    pub resolved: Option<Personal<serde_json::Value>>,
}

/// Whether the person confirmed the request at their own address.
fn own_word(vault: &Vault, row: &request::Model, key: &RequestKey) -> Result<bool, LedgerError> {
    let Some(sealed) = row.evidence.as_deref() else { return Ok(false) };
    let shown = vault.open_json::<Vec<Evidence>>(key, &evidence(RequestId::from_uuid(row.id)), sealed)?;
    let own = |one: &Evidence| one.method == Method::MailLink && one.outcome == EvidenceOutcome::Passed;
    Ok(shown.expose().iter().any(own))
}

/// Somebody who acts for the person of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingAgent {
    /// Their id.
    pub id: AgentId,
    /// Who they say they are.
    pub said: Agent,
    /// Whether the person lets them have the results.
    pub receives: bool,
}

impl ActingAgent {
    fn of(row: &request::Model, submission: &Submission) -> Option<Self> {
        let id = row.agent_id.filter(|_| row.agent_ended_at.is_none())?;
        let receives = row.agent_receives_at.is_some();
        Some(Self { id: AgentId::from_uuid(id), said: submission.agent.clone()?, receives })
    }
}

impl OpenRequest {
    pub(crate) fn open(vault: &Vault, row: &request::Model) -> Result<Self, LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let key = key(vault, row)?;
        let sealed = row.personal.as_deref().ok_or(LedgerError::Erased)?;
        let submission = vault.open_json::<Submission>(&key, &personal(id), sealed)?.into_inner();
        let resolved =
            row.keys.as_deref().map(|sealed| vault.open_json(&key, &keys(id), sealed)).transpose()?;
        let also_proven = on_file::proven(vault, row, &key)?;
        let mandate_counts = crate::evidence::policy(row)?.counts(Method::Mandate);
        Ok(Self {
            id,
            state: parse(&row.state, "request", "state", id)?,
            regime: row.regime.clone(),
            language: parse(&row.language, "request", "language", id)?,
            due_on: parse(&row.due_on, "request", "due_on", id)?,
            due_at: crate::clock::moment(row.due_at),
            received_at: crate::clock::moment(row.received_at),
            proven: row.verified_at.is_some(),
            agent_waits: row.agent_waits,
            mandate_counts,
            by_mandate: mandate_counts && row.verified_at.is_some() && !own_word(vault, row, &key)?,
            agent: ActingAgent::of(row, &submission),
            submission,
            was_reviewed: row.findings > 0,
            key,
            also_proven,
            resolved,
        })
    }

    /// Every address that the person has proven once the first one is: that of the submission before the others.
    pub fn proven_addresses(&self) -> impl Iterator<Item = &EmailAddress> {
        std::iter::once(&self.submission.subject.email).chain(&self.also_proven)
    }

    /// The address that mails about this request go to: the person's, and for a child the guardian's once the guardian
    /// is verified.
    pub fn address(&self) -> &str {
        let guardian = self.guardian().filter(|_| self.proven);
        guardian.map_or(&self.submission.subject.email, |guardian| &guardian.email).as_str()
    }

    /// Who is named as the guardian of a child.
    pub fn guardian(&self) -> Option<&Guardian> {
        self.submission.child.as_ref()?.guardian.as_ref()
    }
}

impl std::fmt::Debug for OpenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenRequest")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens these requests. Those whose personal data are gone are left out.
    pub async fn open_requests(
        &self,
        ids: &[RequestId],
    ) -> Result<HashMap<RequestId, OpenRequest>, LedgerError> {
        let rows = request::Entity::find()
            .filter(among(request::Column::Id, ids.iter().map(|id| id.uuid())))
            .all(self.db())
            .await?;
        rows.iter()
            .filter(|row| row.wrapped_key.is_some())
            .map(|row| OpenRequest::open(self.vault(), row).map(|open| (open.id, open)))
            .collect()
    }

    /// Opens one request.
    pub async fn open_request(&self, id: RequestId) -> Result<OpenRequest, LedgerError> {
        let row = request::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        OpenRequest::open(self.vault(), &row.ok_or(LedgerError::NotFound("request"))?)
    }
}
