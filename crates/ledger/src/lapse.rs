use std::collections::BTreeSet;

use habeas_domain::{
    Actor, Letter, RequestId, RequestState, Right, TypedId, job::JobEvent, letter::ASKS_THE_PERSON,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    GuardianStanding, Ledger, LedgerError,
    among::among,
    clock,
    each::together_or_each,
    entity::{mail, request},
    evidence, job_step,
    sealed::OpenRequest,
    unasked::is_unasked,
    unit::Unit,
};

impl Ledger {
    /// Closes up to `limit` requests that nobody confirmed in time. Whoever was written to is told. Whom we failed to ask is
    /// waited for. Returns how many.
    pub async fn lapse_unverified(&self, limit: u64) -> Result<u64, LedgerError> {
        let now = clock::stored(self.ids().now());
        let due = request::Entity::find()
            .filter(crate::literal::request_is(RequestState::AwaitingVerification))
            .filter(request::Column::LapseAt.lte(now))
            .filter(is_unasked().not())
            .limit(limit)
            .all(self.db())
            .await?;
        let due: Vec<RequestId> = due.iter().map(|row| RequestId::from_uuid(row.id)).collect();
        together_or_each("close what nobody confirmed in time", due, |due| self.lapse(due, now)).await
    }

    async fn lapse(&self, due: Vec<RequestId>, now: i64) -> Result<u64, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock(due).await?;
        let asked = unit.not_unasked(requests.keys().copied()).await?;
        requests.retain(|id, row| {
            let waits = row.state == RequestState::AwaitingVerification.as_str();
            waits && row.lapse_at <= now && asked.contains(id)
        });
        let mut demanding = Vec::new();
        for row in requests.values() {
            if evidence::takes_more(&evidence::policy(row)?) {
                demanding.push(row.id);
            }
        }
        if !demanding.is_empty() {
            unit.drop_steps(demanding).await?;
        }
        let asked = unit.persons_asked(requests.values().filter(|row| row.agent_waits)).await?;
        for (id, row) in &mut requests {
            let mut jobs = unit.jobs_of([*id]).await?;
            for job in jobs.iter_mut().filter(|job| job.ended_at.is_none()) {
                unit.step(job, JobEvent::Lapsed, Actor::System)?;
            }
            let rights = jobs.iter().map(job_step::right).collect::<Result<Vec<Right>, _>>()?;
            unit.tell_lapse(row, &rights, !row.agent_waits || asked.contains(&row.id))?;
            unit.close_if_ended(row, &jobs, Actor::System).await?;
        }
        unit.commit().await?;
        Ok(requests.len() as u64)
    }
}

impl Unit<'_> {
    /// Of these requests those whose person was asked for a proof. A request can wait for its agent and its person have been
    /// asked all the same: before the agent was barred.
    async fn persons_asked(
        &self,
        requests: impl Iterator<Item = &request::Model>,
    ) -> Result<BTreeSet<Uuid>, LedgerError> {
        let ids: Vec<Uuid> = requests.map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let asked: Vec<Uuid> = mail::Entity::find()
            .select_only()
            .column(mail::Column::RequestId)
            .filter(among(mail::Column::RequestId, ids))
            .filter(mail::Column::Kind.is_in(ASKS_THE_PERSON))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(asked.into_iter().collect())
    }

    /// Whether the person knows of a request: nobody but its agent was written to as long as that one did not show that their
    /// address is theirs.
    pub(crate) async fn person_knows(&self, row: &request::Model) -> Result<bool, LedgerError> {
        Ok(!row.agent_waits || !self.persons_asked(std::iter::once(row)).await?.is_empty())
    }

    /// Tells those who had a part in a request that nobody confirmed: the person if they were `asked`, the guardian who
    /// confirmed their own part, and the agent who acts, unless that would tell them who is known. An agent who did not show that their address is theirs is told once a day,
    /// however many of their requests lapse: the address may be somebody else's.
    fn tell_lapse(&mut self, row: &request::Model, rights: &[Right], asked: bool) -> Result<(), LedgerError> {
        let open = OpenRequest::open(self.ledger.vault(), row)?;
        let id = open.id;
        let lapsed = Letter::Lapsed { rights: rights.to_vec() };
        if asked {
            self.mail(row, None, open.address(), &lapsed, format!("{id}/lapsed"))?;
        }
        let confirmed = row.guardian.as_deref() == Some(GuardianStanding::Confirmed.as_str());
        if let Some(guardian) = open.guardian().filter(|_| confirmed) {
            self.mail(row, None, guardian.email.as_str(), &lapsed, format!("{id}/lapsed/guardian"))?;
        }
        // Where more is asked than a link, whether the person could show it says whether they are known.
        let tells_nothing = row.agent_waits || evidence::policy(row)?.is_mail_link_alone();
        let acts = tells_nothing && row.agent_stopped_at.is_none();
        let Some(agent) = open.agent.filter(|_| acts) else { return Ok(()) };
        let notice = if row.agent_waits {
            format!("agent/{}/lapsed/{}", agent.id, self.now.date_naive())
        } else {
            format!("{id}/lapsed/agent")
        };
        let letter = Letter::AgentLapsed { rights: rights.to_vec(), unproven: row.agent_waits };
        self.mail_once(row, agent.said.email.as_str(), &letter, notice)
    }
}
