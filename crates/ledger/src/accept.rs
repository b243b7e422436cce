use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Actor, AgentTerms, BatchId, Bilingual, JobId, JobState, Letter, Personal, RequestId, RequestState, Right,
    TypedId, WorkKind, approval::ApprovalPolicy, audit::AuditEvent, submission::Submission,
    verification::VerificationPolicy,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Ledger, LedgerError,
    agent::OnBehalf,
    among::among,
    clock,
    corrupt::parse,
    entity::{job, request},
    guardian::GuardianStanding,
    race::again_after_race,
    sealed,
    unit::{NewWork, Unit, chunks},
};

/// A screened submission with everything that the law and the settings add to it.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// What the person asked.
    pub submission: Submission,
    /// Who handed it in.
    pub submitted_by: Actor,
    /// Makes a repeat harmless: a header, a message id, a Message-ID. Already namespaced by its door.
    pub idempotency_key: Option<String>,
    /// The last day for an answer, where the regime counts.
    pub due_on: NaiveDate,
    /// The end of that day.
    pub due_at: DateTime<Utc>,
    /// When an unverified request lapses.
    pub lapse_at: DateTime<Utc>,
    /// Who must agree, per right.
    pub policies: BTreeMap<Right, ApprovalPolicy>,
    /// What proof of identity takes: enough for the strictest of the rights. It stays as it was when the request was
    /// taken, whatever is configured later.
    pub verification: VerificationPolicy,
    /// How the due date was counted, for staff.
    pub basis: Bilingual,
    /// The Message-ID of the mail that asked, without angle brackets, if a mail did.
    pub asked_in: Option<Personal<String>>,
    /// On which terms it is taken if an agent makes it.
    pub agents: AgentTerms,
    /// With which others it was handed in, if with others.
    pub batch: Option<BatchId>,
    /// Whether the person is told that it arrived, beside being asked to prove who they are. Not where the address may
    /// be somebody else's, who would only be bothered.
    pub receipt: bool,
}

/// A request that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: RequestId,
    /// Its short form for people.
    pub reference: String,
    /// The last day for an answer.
    pub due_on: NaiveDate,
    /// An open request of the same person that claims one of the same rights, if there is one.
    pub duplicate_of: Option<RequestId>,
    /// Whether this was a repeat of a submission taken before.
    pub repeated: bool,
}

/// Why a submission was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptRefused {
    /// The same idempotency key came with another body.
    #[error("this idempotency key was used for another submission; choose a new one")]
    KeyReused,
    /// Staff take nothing from the agent who asks.
    #[error("nothing is taken from this agent; let the person ask directly")]
    AgentBarred,
    /// As many requests of this agent are open as may be.
    #[error("too many requests of this agent are open; wait until some of them have ended")]
    AgentFull,
    /// The mandate has ended.
    #[error("this mandate has ended; let the person give a new one, or ask directly")]
    MandateEnded,
    /// The mandate whose document is named was used for another person.
    #[error("this mandate was given for another person; name the one that this person gave")]
    MandateReused,
}

impl AcceptRefused {
    /// The field of the submission that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::KeyReused => "idempotency_key",
            Self::AgentBarred | Self::AgentFull => "agent",
            Self::MandateEnded => "agent.valid_until",
            Self::MandateReused => "agent.sha256",
        }
    }

    /// A stable word for answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::KeyReused => "key-reused",
            Self::AgentBarred => "barred",
            Self::AgentFull => "too-many",
            Self::MandateEnded => "ended",
            Self::MandateReused => "for-somebody-else",
        }
    }
}

type Known = HashMap<String, request::Model>;

impl Ledger {
    /// Takes submissions. One transaction for the group; the results are in the order of `new`.
    pub async fn accept(
        &self,
        new: Vec<NewRequest>,
    ) -> Result<Vec<Result<Accepted, AcceptRefused>>, LedgerError> {
        again_after_race(|| self.accept_once(new.clone())).await
    }

    async fn accept_once(
        &self,
        new: Vec<NewRequest>,
    ) -> Result<Vec<Result<Accepted, AcceptRefused>>, LedgerError> {
        let mut unit = self.begin().await?;
        let results = unit.accept(new).await?;
        unit.commit().await?;
        Ok(results)
    }

    /// Keyed, since whoever chose the key may have put an address into it.
    fn keyed(&self, idempotency_key: &str) -> String {
        self.vault().lookup("idempotency-key", idempotency_key).to_hex()
    }
}

impl Unit<'_> {
    pub(crate) async fn accept(
        &mut self,
        new: Vec<NewRequest>,
    ) -> Result<Vec<Result<Accepted, AcceptRefused>>, LedgerError> {
        let lookups: Vec<Vec<u8>> =
            new.iter().map(|one| self.ledger.subject_lookup(&one.submission.subject.email)).collect();
        self.one_after_another(&lookups).await?;
        let known = self.known(&new).await?;
        let mut open = self.open_of_subjects(&lookups).await?;
        let mut mandates = self.mandates(&new).await?;
        let mut results = Vec::with_capacity(new.len());
        let mut rows = (Vec::new(), Vec::new());
        let mut seen: HashMap<String, (Accepted, [u8; 32])> = HashMap::new();
        for (one, lookup) in new.into_iter().zip(lookups) {
            let fingerprint = self.fingerprint(&one);
            let key = one.idempotency_key.as_deref().map(|key| self.ledger.keyed(key));
            if let Some(key) = &key {
                let earlier = match known.get(key) {
                    Some(row) => Some((repeat(row)?, row.fingerprint.clone())),
                    None => seen.get(key).map(|(accepted, print)| (accepted.clone(), print.to_vec())),
                };
                if let Some((accepted, print)) = earlier {
                    let same = print == fingerprint;
                    results.push(if same {
                        Ok(Accepted { repeated: true, ..accepted })
                    } else {
                        Err(AcceptRefused::KeyReused)
                    });
                    continue;
                }
            }
            let agent = one.submission.agent.as_ref();
            let on_behalf = match self.on_behalf(agent, &one.agents, &lookup, &mut mandates) {
                Ok(on_behalf) => on_behalf,
                Err(refused) => {
                    results.push(Err(refused));
                    continue;
                }
            };
            let accepted = self.add(&one, (lookup.clone(), on_behalf), fingerprint, &open, &mut rows)?;
            for right in &one.submission.rights {
                open.entry((lookup.clone(), *right)).or_insert(accepted.id);
            }
            if let Some(key) = key {
                seen.insert(key, (accepted.clone(), fingerprint));
            }
            results.push(Ok(accepted));
        }
        self.save_agents(mandates).await?;
        if !rows.0.is_empty() {
            for rows in chunks(rows.0) {
                request::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
            }
            for rows in chunks(rows.1) {
                job::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
            }
        }
        Ok(results)
    }

    async fn known(&self, new: &[NewRequest]) -> Result<Known, LedgerError> {
        let keys: Vec<String> = new
            .iter()
            .filter_map(|one| one.idempotency_key.as_deref())
            .map(|key| self.ledger.keyed(key))
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = request::Entity::find()
            .filter(among(request::Column::IdempotencyKey, keys))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().filter_map(|row| row.idempotency_key.clone().map(|key| (key, row))).collect())
    }

    /// The open requests of these people, by person and right.
    async fn open_of_subjects(
        &self,
        lookups: &[Vec<u8>],
    ) -> Result<HashMap<(Vec<u8>, Right), RequestId>, LedgerError> {
        let rows = request::Entity::find()
            .filter(among(request::Column::SubjectLookup, lookups.to_vec()))
            .filter(request::Column::ClosedAt.is_null())
            .order_by_asc(request::Column::ReceivedAt)
            .all(&self.tx)
            .await?;
        let mut open = HashMap::new();
        let jobs = self.jobs_of(rows.iter().map(|row| RequestId::from_uuid(row.id))).await?;
        let subjects: HashMap<Uuid, &request::Model> = rows.iter().map(|row| (row.id, row)).collect();
        for job in jobs {
            if let Some(row) = subjects.get(&job.request_id) {
                let right = parse(&job.right, "job", "right", job.id)?;
                open.entry((row.subject_lookup.clone(), right)).or_insert(RequestId::from_uuid(row.id));
            }
        }
        Ok(open)
    }

    /// Keyed, so that nobody can try out submissions against a stolen table.
    fn fingerprint(&self, new: &NewRequest) -> [u8; 32] {
        let plain = hex::encode(new.submission.fingerprint());
        *self.ledger.vault().lookup("submission", &plain).as_bytes()
    }

    fn add(
        &mut self,
        new: &NewRequest,
        (lookup, on_behalf): (Vec<u8>, OnBehalf),
        fingerprint: [u8; 32],
        open: &HashMap<(Vec<u8>, Right), RequestId>,
        rows: &mut (Vec<request::ActiveModel>, Vec<job::ActiveModel>),
    ) -> Result<Accepted, LedgerError> {
        let id: RequestId = self.ledger.ids().fresh();
        let rights = &new.submission.rights;
        let duplicate_of = rights.iter().find_map(|right| open.get(&(lookup.clone(), *right)).copied());
        let mut row = self.request_row(id, new, lookup, fingerprint, duplicate_of)?;
        row.agent_id = on_behalf.agent;
        row.mandate_lookup = on_behalf.mandate;
        row.mandate_reused = on_behalf.reused;
        row.mandate_digest = on_behalf.digest;
        row.mandate_ends_at = on_behalf.ends_at;
        row.agent_waits = on_behalf.waits;
        // For an agent's request the person is written to in its turn, receipt and challenge together.
        // A child is told by the one mail that asks for the guardian.
        let receipt = new.receipt && new.submission.child.is_none();
        row.receipt_owed = receipt && on_behalf.agent.is_some();
        if receipt && on_behalf.agent.is_none() {
            let letter = Letter::Received {
                rights: rights.clone(),
                received_at: new.submission.received_at,
                due_on: new.due_on,
            };
            let address = new.submission.subject.email.as_str();
            self.mail(&row, None, address, &letter, format!("{id}/received"))?;
        }
        self.work(&NewWork {
            kind: WorkKind::Challenge,
            request: id,
            job: None,
            target: id.uuid(),
            store: None,
            not_before: on_behalf.not_before,
        });
        if on_behalf.ask {
            self.ask_agent(id);
        }
        if on_behalf.agent.is_some() {
            self.offer_end(id);
        }
        let mut detail = json!({
            "rights": rights, "regime": row.regime, "channel": row.channel, "due_on": row.due_on,
            "basis": new.basis, "duplicate_of": duplicate_of,
        });
        if row.guardian.is_some() {
            detail["child"] = json!(true);
        }
        if let Some(agent) = row.agent_id {
            detail["agent"] = json!(agent);
            detail["mandate_reused"] = json!(row.mandate_reused);
            detail["batch"] = json!(new.batch);
        }
        self.audit(id, AuditEvent::new("received", new.submitted_by).with(detail));
        rows.0.push(row.into());
        for right in rights {
            rows.1.push(self.job_row(id, *right, new.policies.get(right).copied()));
        }
        Ok(Accepted { id, reference: id.reference(), due_on: new.due_on, duplicate_of, repeated: false })
    }

    fn request_row(
        &self,
        id: RequestId,
        new: &NewRequest,
        lookup: Vec<u8>,
        fingerprint: [u8; 32],
        duplicate_of: Option<RequestId>,
    ) -> Result<request::Model, LedgerError> {
        let vault = self.ledger.vault();
        let (key, wrapped) = vault.new_request_key(&sealed::owner(id))?;
        let submission = &new.submission;
        let asked_in = new
            .asked_in
            .as_ref()
            .map(|message| vault.seal(&key, &sealed::asked_in(id), message.expose().as_bytes()));
        Ok(request::Model {
            id: id.uuid(),
            reference: id.reference(),
            state: RequestState::AwaitingVerification.as_str().to_owned(),
            outcome: None,
            regime: submission.regime.to_string(),
            language: submission.language.to_string(),
            channel: submission.channel.to_string(),
            submitted_by: new.submitted_by.to_string(),
            subject_lookup: lookup,
            duplicate_of: duplicate_of.map(TypedId::uuid),
            idempotency_key: new.idempotency_key.as_deref().map(|key| self.ledger.keyed(key)),
            fingerprint: fingerprint.to_vec(),
            wrapped_key: Some(wrapped.to_bytes()),
            personal: Some(vault.seal_json(&key, &sealed::personal(id), submission)?),
            keys: None,
            review_reason: None,
            received_at: clock::stored(submission.received_at),
            verified_at: None,
            due_on: new.due_on.to_string(),
            due_at: clock::stored(new.due_at),
            lapse_at: clock::stored(new.lapse_at),
            extensions: 0,
            alerts: 0,
            jobs_open: i64::try_from(submission.rights.len()).unwrap_or(i64::MAX),
            disputed_at: None,
            dispute_settled_at: None,
            agent_id: None,
            mandate_lookup: None,
            mandate_reused: false,
            agent_waits: false,
            receipt_owed: false,
            agent_stopped_at: None,
            agent_ended_at: None,
            agent_receives_at: None,
            mandate_ends_at: None,
            mandate_digest: None,
            batch_id: new.batch.map(TypedId::uuid),
            closed_at: None,
            asked_in: asked_in.transpose()?,
            verification: crate::evidence::stored(&new.verification)?,
            evidence: None,
            papers: 0,
            guardian: submission.child.as_ref().map(|child| GuardianStanding::of(child).as_str().to_owned()),
            also_proven: None,
        })
    }

    fn job_row(&self, request: RequestId, right: Right, policy: Option<ApprovalPolicy>) -> job::ActiveModel {
        let policy = policy.unwrap_or(ApprovalPolicy::OnePerson);
        job::ActiveModel {
            id: Set(self.ledger.ids().fresh::<JobId>().uuid()),
            request_id: Set(request.uuid()),
            right: Set(right.as_str().to_owned()),
            state: Set(JobState::AwaitingVerification.as_str().to_owned()),
            outcome: Set(None),
            policy: Set(policy.as_str().to_owned()),
            plan_hash: Set(None),
            plan: Set(None),
            unconfirmed: Set(0),
            grace: Set(None),
            noticed_at: Set(None),
            grace_until: Set(None),
            tasks_open: Set(0),
            tasks_parked: Set(0),
            tasks_held: Set(0),
            held_at: Set(None),
            started_at: Set(None),
            ended_at: Set(None),
        }
    }
}

fn repeat(row: &request::Model) -> Result<Accepted, LedgerError> {
    Ok(Accepted {
        id: RequestId::from_uuid(row.id),
        reference: row.reference.clone(),
        due_on: parse(&row.due_on, "request", "due_on", row.id)?,
        duplicate_of: row.duplicate_of.map(RequestId::from_uuid),
        repeated: true,
    })
}
