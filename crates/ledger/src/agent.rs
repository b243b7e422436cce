//! The register of agents: who asks for others, by keyed hash of their address, and whether staff barred them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use habeas_domain::{AgentId, TypedId, submission::Agent};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Ledger, LedgerError, NewRequest, clock,
    entity::{agent, request},
    unit::Unit,
};

/// The most agents that are listed.
const MOST: u64 = 500;

/// An agent, without who it is: their name and address are in their requests alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRecord {
    /// Their id.
    pub id: AgentId,
    /// When they first asked for somebody.
    pub first_seen_at: DateTime<Utc>,
    /// How many requests they made.
    pub requests: u64,
    /// Since when nothing is taken from them.
    pub barred_at: Option<DateTime<Utc>>,
}

/// The agents and mandates of submissions that are being accepted.
#[derive(Default)]
pub(crate) struct Mandates {
    agents: HashMap<Vec<u8>, agent::Model>,
    /// For whom each mandate was used first.
    used_for: HashMap<Vec<u8>, Vec<u8>>,
}

/// What a new request keeps about its agent.
#[derive(Default)]
pub(crate) struct OnBehalf {
    pub(crate) agent: Option<uuid::Uuid>,
    pub(crate) mandate: Option<Vec<u8>>,
    pub(crate) reused: bool,
}

impl Ledger {
    /// Agents, latest first: at most 500.
    pub async fn list_agents(&self) -> Result<Vec<AgentRecord>, LedgerError> {
        let rows = agent::Entity::find()
            .order_by_desc(agent::Column::FirstSeenAt)
            .order_by_desc(agent::Column::Id)
            .limit(MOST)
            .all(self.db())
            .await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(self.agent_record(row).await?);
        }
        Ok(records)
    }

    /// One agent.
    pub async fn agent(&self, id: AgentId) -> Result<AgentRecord, LedgerError> {
        let row = agent::Entity::find_by_id(id.uuid()).one(self.db()).await?;
        self.agent_record(row.ok_or(LedgerError::NotFound("agent"))?).await
    }

    /// Takes nothing from this agent any more, or takes it again. Requests that were taken before go on: the person
    /// confirms each of them. Returns whether that changed anything.
    pub async fn bar_agent(&self, id: AgentId, barred: bool) -> Result<bool, LedgerError> {
        let since = barred.then(|| clock::stored(self.ids().now()));
        let mut update = agent::Entity::update_many()
            .col_expr(agent::Column::BarredAt, Expr::value(since))
            .filter(agent::Column::Id.eq(id.uuid()));
        update = if barred {
            update.filter(agent::Column::BarredAt.is_null())
        } else {
            update.filter(agent::Column::BarredAt.is_not_null())
        };
        let changed = update.exec(self.db()).await?.rows_affected > 0;
        if !changed {
            self.agent(id).await?;
        }
        Ok(changed)
    }

    async fn agent_record(&self, row: agent::Model) -> Result<AgentRecord, LedgerError> {
        let requests =
            request::Entity::find().filter(request::Column::AgentId.eq(row.id)).count(self.db()).await?;
        Ok(AgentRecord {
            id: AgentId::from_uuid(row.id),
            first_seen_at: clock::moment(row.first_seen_at),
            requests,
            barred_at: row.barred_at.map(clock::moment),
        })
    }

    fn agent_lookup(&self, agent: &Agent) -> Vec<u8> {
        self.vault().lookup("agent", agent.email.lookup_form().expose()).as_bytes().to_vec()
    }

    fn mandate_lookup(&self, agent: &Agent) -> Option<Vec<u8>> {
        let reference = agent.mandate.reference.as_ref()?;
        let mandate =
            format!("{}/{}/{}", agent.email.lookup_form().expose(), agent.mandate.kind, reference.as_str());
        Some(self.vault().lookup("mandate", &mandate).as_bytes().to_vec())
    }
}

impl Unit<'_> {
    /// The agents of these submissions, registered if they are new, and for whom their mandates were used before.
    pub(crate) async fn mandates(&self, new: &[NewRequest]) -> Result<Mandates, LedgerError> {
        let agents: Vec<&Agent> = new.iter().filter_map(|one| one.submission.agent.as_ref()).collect();
        if agents.is_empty() {
            return Ok(Mandates::default());
        }
        let mut lookups: Vec<Vec<u8>> = agents.iter().map(|agent| self.ledger.agent_lookup(agent)).collect();
        lookups.sort();
        lookups.dedup();
        let rows = lookups.iter().map(|lookup| agent::ActiveModel {
            id: Set(self.ledger.ids().fresh::<AgentId>().uuid()),
            lookup: Set(lookup.clone()),
            first_seen_at: Set(self.stored_now()),
            barred_at: Set(None),
        });
        let once = OnConflict::column(agent::Column::Lookup).do_nothing().to_owned();
        agent::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&self.tx).await?;
        let known = agent::Entity::find().filter(agent::Column::Lookup.is_in(lookups)).all(&self.tx).await?;
        let mandates = agents.iter().filter_map(|agent| self.ledger.mandate_lookup(agent));
        let used = request::Entity::find()
            .filter(request::Column::MandateLookup.is_in(mandates))
            .order_by_desc(request::Column::ReceivedAt)
            .all(&self.tx)
            .await?;
        Ok(Mandates {
            agents: known.into_iter().map(|row| (row.lookup.clone(), row)).collect(),
            used_for: used
                .into_iter()
                .filter_map(|row| Some((row.mandate_lookup?, row.subject_lookup)))
                .collect(),
        })
    }

    /// What a request of this person by this agent keeps; nothing if the agent is barred.
    pub(crate) fn on_behalf(
        &self,
        agent: Option<&Agent>,
        subject: &[u8],
        mandates: &mut Mandates,
    ) -> Option<OnBehalf> {
        let Some(agent) = agent else { return Some(OnBehalf::default()) };
        let known = mandates.agents.get(&self.ledger.agent_lookup(agent));
        if known.is_some_and(|known| known.barred_at.is_some()) {
            return None;
        }
        let mandate = self.ledger.mandate_lookup(agent);
        let first = mandate
            .clone()
            .map(|mandate| mandates.used_for.entry(mandate).or_insert_with(|| subject.to_vec()).clone());
        Some(OnBehalf {
            agent: known.map(|known| known.id),
            mandate,
            reused: first.is_some_and(|first| first != subject),
        })
    }
}
