mod add;
mod known;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use habeas_domain::{
    Actor, AgentTerms, BatchId, Deadline, Personal, RegimeId, RequestId, Right, approval::ApprovalPolicy,
    submission::Submission, verification::VerificationPolicy,
};
use sea_orm::EntityTrait;

use known::repeat;

use crate::{
    Ledger, LedgerError,
    entity::{job, request},
    race::again_after_race,
    unit::{Unit, chunks},
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
    /// By when it must be answered and its receipt confirmed, where the regime counts, and why.
    pub deadline: Deadline,
    /// When an unverified request lapses.
    pub lapse_at: DateTime<Utc>,
    /// The law that a mail named and that this deployment takes no requests under; the request is under the usual one.
    pub law_not_taken: Option<RegimeId>,
    /// Who must agree, per right.
    pub policies: BTreeMap<Right, ApprovalPolicy>,
    /// What proof of identity takes: enough for the strictest of the rights. It stays as it was when the request was
    /// taken, whatever is configured later.
    pub verification: VerificationPolicy,
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
                open.rights.entry((lookup.clone(), *right)).or_insert(accepted.id);
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
}
