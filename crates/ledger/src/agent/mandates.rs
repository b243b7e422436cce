use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, AgentId, AgentTerms, TypedId, audit::AuditEvent, submission::Agent};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::pace;
use crate::{
    AcceptRefused, LedgerError, NewRequest, clock,
    entity::{agent, paper, request},
    unit::Unit,
};

/// The agents and mandates of submissions that are being accepted.
#[derive(Default)]
pub(crate) struct Mandates {
    agents: HashMap<Vec<u8>, agent::Model>,
    /// How many requests of each agent are open.
    open: HashMap<Uuid, u64>,
    /// For whom each mandate was used first, by its reference.
    used_for: HashMap<Vec<u8>, Vec<u8>>,
    /// The same by its document.
    documents: HashMap<Vec<u8>, Vec<u8>>,
}

/// What a new request keeps about its agent.
#[derive(Default)]
pub(crate) struct OnBehalf {
    pub(crate) agent: Option<Uuid>,
    pub(crate) mandate: Option<Vec<u8>>,
    pub(crate) reused: bool,
    /// Keyed hash of the document of the mandate, where the agent named it.
    pub(crate) digest: Option<Vec<u8>>,
    /// When the mandate ends.
    pub(crate) ends_at: Option<i64>,
    /// Whether it waits for the agent to show that their address is theirs.
    pub(crate) waits: bool,
    /// Whether the agent is mailed a link for it.
    pub(crate) ask: bool,
    /// When the person is written to; nothing means at once.
    pub(crate) not_before: Option<DateTime<Utc>>,
}

impl Unit<'_> {
    /// The agents of these submissions, registered if they are new, locked, and for whom their mandates were used
    /// before.
    pub(crate) async fn mandates(&self, new: &[NewRequest]) -> Result<Mandates, LedgerError> {
        let agents: Vec<&Agent> = new.iter().filter_map(|one| one.submission.agent.as_ref()).collect();
        if agents.is_empty() {
            return Ok(Mandates::default());
        }
        let mut lookups: Vec<Vec<u8>> = agents.iter().map(|agent| self.ledger.agent_lookup(agent)).collect();
        lookups.sort();
        lookups.dedup();
        self.register(&lookups).await?;
        let known = agent::Entity::find()
            .filter(agent::Column::Lookup.is_in(lookups))
            .order_by_asc(agent::Column::Id)
            .lock_exclusive()
            .all(&self.tx)
            .await?;
        let mandates = agents.iter().filter_map(|agent| self.ledger.mandate_lookup(agent));
        let used = request::Entity::find()
            .filter(request::Column::MandateLookup.is_in(mandates))
            .order_by_desc(request::Column::ReceivedAt)
            .all(&self.tx)
            .await?;
        Ok(Mandates {
            open: self.open_of_agents(known.iter().map(|row| row.id).collect()).await?,
            agents: known.into_iter().map(|row| (row.lookup.clone(), row)).collect(),
            used_for: used
                .into_iter()
                .filter_map(|row| Some((row.mandate_lookup?, row.subject_lookup)))
                .collect(),
            documents: self.documents(&agents).await?,
        })
    }

    /// For whom the documents were used first that these agents name.
    async fn documents(&self, agents: &[&Agent]) -> Result<HashMap<Vec<u8>, Vec<u8>>, LedgerError> {
        let digests: Vec<Vec<u8>> =
            agents.iter().filter_map(|agent| self.ledger.document_lookup(agent)).collect();
        if digests.is_empty() {
            return Ok(HashMap::new());
        }
        let given: HashMap<Uuid, Vec<u8>> = paper::Entity::find()
            .filter(paper::Column::Lookup.is_in(digests.clone()))
            .all(&self.tx)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.request_id, row.lookup?)))
            .collect();
        let used = request::Entity::find()
            .filter(
                Condition::any()
                    .add(request::Column::MandateDigest.is_in(digests))
                    .add(request::Column::Id.is_in(given.keys().copied())),
            )
            .order_by_desc(request::Column::ReceivedAt)
            .all(&self.tx)
            .await?;
        let mut first = HashMap::new();
        for row in used {
            first.extend(row.mandate_digest.map(|digest| (digest, row.subject_lookup.clone())));
            first.extend(given.get(&row.id).map(|digest| (digest.clone(), row.subject_lookup.clone())));
        }
        Ok(first)
    }

    async fn register(&self, lookups: &[Vec<u8>]) -> Result<(), LedgerError> {
        let rows = lookups.iter().map(|lookup| agent::ActiveModel {
            id: Set(self.ledger.ids().fresh::<AgentId>().uuid()),
            lookup: Set(lookup.clone()),
            first_seen_at: Set(self.stored_now()),
            barred_at: Set(None),
            proven_at: Set(None),
            challenged_at: Set(None),
            paced_until: Set(0),
            reason: Set(None),
            mandates_refused: Set(0),
        });
        let once = OnConflict::column(agent::Column::Lookup).do_nothing().to_owned();
        agent::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    async fn open_of_agents(&self, agents: Vec<Uuid>) -> Result<HashMap<Uuid, u64>, LedgerError> {
        let counts: Vec<(Uuid, i64)> = request::Entity::find()
            .select_only()
            .column(request::Column::AgentId)
            .expr(Expr::cust("COUNT(*)"))
            .filter(request::Column::AgentId.is_in(agents))
            .filter(request::Column::ClosedAt.is_null())
            .group_by(request::Column::AgentId)
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(counts.into_iter().map(|(agent, open)| (agent, u64::try_from(open).unwrap_or(0))).collect())
    }

    /// What a request of this person by this agent keeps.
    pub(crate) fn on_behalf(
        &mut self,
        agent: Option<&Agent>,
        terms: &AgentTerms,
        subject: &[u8],
        mandates: &mut Mandates,
    ) -> Result<OnBehalf, AcceptRefused> {
        let Some(agent) = agent else { return Ok(OnBehalf::default()) };
        let Some(known) = mandates.agents.get_mut(&self.ledger.agent_lookup(agent)) else {
            return Ok(OnBehalf::default());
        };
        if known.barred_at.is_some() {
            return Err(AcceptRefused::AgentBarred);
        }
        let today = self.now.date_naive();
        let digest = self.ledger.document_lookup(agent);
        let of_document =
            digest.clone().map(|digest| mandates.documents.entry(digest).or_insert_with(|| subject.to_vec()));
        let refused = if agent.mandate.valid_until.is_some_and(|until| until < today) {
            Some(AcceptRefused::MandateEnded)
        } else {
            of_document.filter(|first| first.as_slice() != subject).map(|_| AcceptRefused::MandateReused)
        };
        if let Some(refused) = refused {
            known.mandates_refused += 1;
            let event =
                AuditEvent::new("mandate-refused", Actor::System).with(json!({ "why": refused.code() }));
            self.audit_agent(AgentId::from_uuid(known.id), event);
            return Err(refused);
        }
        let open = mandates.open.entry(known.id).or_default();
        if *open >= terms.most_open {
            return Err(AcceptRefused::AgentFull);
        }
        *open += 1;
        let mandate = self.ledger.mandate_lookup(agent);
        let first = mandate
            .clone()
            .map(|mandate| mandates.used_for.entry(mandate).or_insert_with(|| subject.to_vec()).clone());
        let waits = !pace::is_known(known, terms, self.now);
        Ok(OnBehalf {
            agent: Some(known.id),
            mandate,
            reused: first.is_some_and(|first| first != subject),
            digest,
            ends_at: agent
                .mandate
                .valid_until
                .and_then(|until| until.succ_opt())
                .map(|day| clock::stored(day.and_time(chrono::NaiveTime::MIN).and_utc())),
            waits,
            ask: waits && pace::has_to_be_asked(known, self.now),
            not_before: if waits {
                Some(clock::moment(pace::NEVER))
            } else {
                pace::next_turn(known, terms.pace, self.now)
            },
        })
    }

    /// Writes what became of the agents.
    pub(crate) async fn save_agents(&self, mandates: Mandates) -> Result<(), LedgerError> {
        let rows: Vec<agent::ActiveModel> =
            mandates.agents.into_values().map(IntoActiveModel::into_active_model).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let all = OnConflict::column(agent::Column::Id).update_columns(agent::Column::iter()).to_owned();
        agent::Entity::insert_many(rows).on_conflict(all).exec_without_returning(&self.tx).await?;
        Ok(())
    }
}
