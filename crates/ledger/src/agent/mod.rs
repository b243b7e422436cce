//! Those who ask on other people's behalf: by keyed hash of their address, whether they have shown that it is theirs,
//! and whether staff barred them.

mod bar;
mod batch;
mod ending;
mod mandates;
mod pace;
mod package;
mod papers;
mod proof;
mod record;
mod resume;

pub use batch::BatchSummary;
pub use ending::AgentEnded;
pub(crate) use mandates::OnBehalf;
pub use record::AgentRecord;

use habeas_domain::{AgentId, RequestId, TypedId, audit::AuditEvent, submission::Agent};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use crate::{Ledger, LedgerError, entity::agent, unit::Unit};

/// The chain of an agent in the audit trail. It stands beside those of requests, and is checked and signed with them.
fn chain(agent: AgentId) -> RequestId {
    RequestId::from_uuid(agent.uuid())
}

impl Ledger {
    pub(crate) fn agent_lookup(&self, agent: &Agent) -> Vec<u8> {
        self.vault().lookup("agent", agent.email.lookup_form().expose()).as_bytes().to_vec()
    }

    /// By its bytes: the same as that of a paper that was given.
    pub(crate) fn document_lookup(&self, agent: &Agent) -> Option<Vec<u8>> {
        agent.mandate.sha256.as_deref().map(|sha256| self.paper_lookup(sha256))
    }

    /// By what it is alone, so that another agent who comes with the same paper is noticed.
    pub(crate) fn mandate_lookup(&self, agent: &Agent) -> Option<Vec<u8>> {
        let reference = agent.mandate.reference.as_ref()?;
        let mandate = format!("{}/{}", agent.mandate.kind, reference.as_str());
        Some(self.vault().lookup("mandate", &mandate).as_bytes().to_vec())
    }
}

impl Unit<'_> {
    /// An agent, locked. Whoever locks requests too locks them after it.
    pub(crate) async fn agent(&self, id: AgentId) -> Result<agent::Model, LedgerError> {
        let row = agent::Entity::find_by_id(id.uuid()).lock_exclusive().one(&self.tx).await?;
        row.ok_or(LedgerError::NotFound("agent"))
    }

    /// Writes a locked agent as it is now.
    pub(super) async fn save_agent(&self, row: agent::Model) -> Result<(), LedgerError> {
        agent::Entity::update(row.into_active_model().reset_all()).exec(&self.tx).await?;
        Ok(())
    }

    /// Notes something in the chain of an agent.
    pub(crate) fn audit_agent(&mut self, agent: AgentId, event: AuditEvent) {
        self.audit(chain(agent), event);
    }
}
