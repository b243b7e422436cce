use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Actor, JobState, Language, Letter, MailId, Personal, RequestId, TypedId, audit::AuditEvent,
    letter::DELETION_NOTICE, request::UnknownState, words,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    among::among,
    claim::{Claimed, Lease},
    clock,
    entity::{mail, request},
    fence, sealed,
};

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailState {
    /// To be handed to the mail server.
    Waiting,
    /// The mail server has taken it.
    Sent,
    /// The mail server refused it for good or too often; waits for ops.
    Parked,
}

words!(MailState, or UnknownState: Waiting = "waiting", Sent = "sent", Parked = "parked");

/// A mail with everything that its wording needs.
#[derive(Debug, Clone)]
pub struct MailToSend {
    /// Its id; also the left half of its Message-ID, so that a second sending is the same mail.
    pub id: MailId,
    /// The lease of its work.
    pub lease: Lease,
    /// About which request.
    pub request: RequestId,
    /// Where it goes.
    pub to: Personal<String>,
    /// The Message-ID of the mail that the request came in, without angle brackets, if it came in one.
    pub asked_in: Option<Personal<String>>,
    /// The person's name, if they gave one.
    pub name: Personal<Option<String>>,
    /// Whether it goes to the parent or guardian of the child whose data it is about, and does not say so itself.
    pub for_child: bool,
    /// The secret of the link by which the person ends that somebody acts for them, where somebody does and the letter
    /// may say so.
    pub agent_end: Option<Personal<String>>,
    /// The secret of the link by which the person names something else that they are known by, where nothing was found.
    pub another: Option<Personal<String>>,
    /// What it says.
    pub letter: Letter,
    /// In which language.
    pub language: Language,
    /// The regime's id.
    pub regime: String,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// When it was ordered: the date it bears, however often it is sent.
    pub ordered_at: DateTime<Utc>,
}

impl Ledger {
    /// Opens the mails of claimed mail work. Mails that were sent already, or whose request is gone, are left out;
    /// their work is finished by [`Ledger::mails_sent`] all the same.
    pub async fn mails_to_send(&self, claimed: &[Claimed]) -> Result<Vec<MailToSend>, LedgerError> {
        let leases: HashMap<Uuid, Lease> = claimed.iter().map(|one| (one.target, one.lease)).collect();
        let mails = mail::Entity::find()
            .filter(among(mail::Column::Id, leases.keys().copied()))
            .filter(mail::Column::State.ne(MailState::Sent.as_str()))
            .all(self.db())
            .await?;
        let requests = request::Entity::find()
            .filter(among(request::Column::Id, mails.iter().map(|row| row.request_id)))
            .all(self.db())
            .await?;
        let requests: HashMap<Uuid, request::Model> = requests.into_iter().map(|row| (row.id, row)).collect();
        let mut opened = Vec::with_capacity(mails.len());
        for row in &mails {
            if let (Some(of), Some(lease)) = (requests.get(&row.request_id), leases.get(&row.id)) {
                opened.extend(self.open_mail(row, of, *lease)?);
            }
        }
        Ok(opened)
    }

    fn open_mail(
        &self,
        row: &mail::Model,
        of: &request::Model,
        lease: Lease,
    ) -> Result<Option<MailToSend>, LedgerError> {
        let (Some(recipient), Some(letter)) = (&row.recipient, &row.letter) else { return Ok(None) };
        let vault = self.vault();
        let id = MailId::from_uuid(row.id);
        let open = sealed::OpenRequest::open(vault, of)?;
        let to = vault.open(&open.key, &sealed::recipient(id), recipient)?;
        let letter = vault.open_json::<Letter>(&open.key, &sealed::letter(id), letter)?.into_inner();
        let to = to.map(|bytes| text(&bytes));
        let guardian = open.guardian().filter(|one| one.email.as_str() == to.expose());
        let name = guardian.map(|one| &one.name).or(open.submission.subject.name.as_ref());
        let name = name.filter(|_| letter.greets());
        let agent_end = (open.agent.is_some() && letter.tells_how_to_end_an_agent())
            .then(|| Personal::new(self.agent_end_token(open.id).expose().to_string()));
        let another = (open.submission.child.is_none() && letter.asks_what_else())
            .then(|| Personal::new(self.another_token(open.id).expose().to_string()));
        let context = sealed::asked_in(open.id);
        let asked_in = of.asked_in.as_ref().map(|id| vault.open(&open.key, &context, id)).transpose()?;
        Ok(Some(MailToSend {
            id,
            lease,
            request: open.id,
            to,
            asked_in: asked_in.map(|id| id.map(|bytes| text(&bytes))),
            agent_end,
            another,
            name: Personal::new(name.map(|name| name.as_str().to_owned())),
            for_child: guardian.is_some() && letter.is_written_to_the_person(),
            language: letter.language().unwrap_or(open.language),
            letter,
            regime: open.regime,
            due_on: open.due_on,
            ordered_at: clock::moment(row.created_at),
        }))
    }

    /// Records that the mail server has taken these mails. Their content is wiped: links and codes are secrets.
    /// A deletion that waited for the person's copy starts when the mail about that copy is out, and the grace of a
    /// deletion begins when its warnings are.
    pub async fn mails_sent(&self, group: &[(Lease, RequestId, MailId)]) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        unit.hold(group.iter().map(|(_, request, _)| *request)).await?;
        let leases: Vec<Lease> = group.iter().map(|(lease, ..)| *lease).collect();
        let rows = unit.finish(&leases).await?;
        let held = fence::leases(&rows);
        let sent = group.iter().filter(|(lease, ..)| held.contains(lease)).map(|(.., mail)| mail.uuid());
        let mails = mail::Entity::update_many()
            .col_expr(mail::Column::State, Expr::value(MailState::Sent.as_str()))
            .col_expr(mail::Column::SentAt, Expr::value(unit.stored_now()))
            .col_expr(mail::Column::Letter, Expr::value(Option::<Vec<u8>>::None))
            .col_expr(mail::Column::Recipient, Expr::value(Option::<Vec<u8>>::None))
            .filter(among(mail::Column::Id, sent))
            .filter(mail::Column::State.ne(MailState::Sent.as_str()))
            .exec_with_returning(&unit.tx)
            .await?;
        for row in &mails {
            let event =
                AuditEvent::new("mail-sent", Actor::System).with(json!({ "mail": row.id, "kind": row.kind }));
            unit.audit(RequestId::from_uuid(row.request_id), event);
        }
        let copies =
            mails.iter().filter(|row| row.job_id.is_some()).map(|row| RequestId::from_uuid(row.request_id));
        let mut jobs = unit.jobs_of(copies).await?;
        let waiting: Vec<RequestId> = jobs
            .iter()
            .filter(|job| job.state == JobState::AwaitingCopy.as_str())
            .map(|job| RequestId::from_uuid(job.request_id))
            .collect();
        let noticed: Vec<RequestId> = mails
            .iter()
            .filter(|row| row.kind == DELETION_NOTICE)
            .map(|row| RequestId::from_uuid(row.request_id))
            .collect();
        let locked: Vec<RequestId> = waiting.iter().chain(&noticed).copied().collect();
        for (id, row) in &unit.lock(locked).await? {
            let mut own: Vec<_> = jobs.extract_if(.., |job| job.request_id == id.uuid()).collect();
            if noticed.contains(id) {
                for job in &mut own {
                    unit.begin_grace(row, job).await?;
                }
            }
            unit.start_after_others(row, &mut own).await?;
            unit.start_if_grace_is_over(row, &mut own).await?;
        }
        unit.commit().await
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
