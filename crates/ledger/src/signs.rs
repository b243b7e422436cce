//! Signs of an attack on a request, for staff: kept in its audit trail, shown on the request.

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{Actor, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Ledger, LedgerError, clock, entity::audit};

/// The event in audit trails.
pub(crate) const GUESSING: &str = "guessing";

/// What somebody guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guessed {
    /// The code that was mailed to prove an address.
    Identity,
    /// The code that opens a package.
    Download,
    /// The code that was sent to a telephone.
    Phone,
    /// The answers about recent dealings.
    RecentDealings,
    /// The code that was mailed to the agent who asks.
    Agent,
}

impl Guessed {
    /// Everything.
    pub const ALL: [Self; 5] =
        [Self::Identity, Self::Download, Self::Phone, Self::RecentDealings, Self::Agent];

    /// The name used in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Download => "download",
            Self::Phone => "phone",
            Self::RecentDealings => "recent-dealings",
            Self::Agent => "agent",
        }
    }
}

/// Something on a request that staff should look at before they decide about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// What somebody guessed at until no try was left.
    pub guessed: Guessed,
    /// When that was.
    pub at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Detail {
    of: Guessed,
}

impl Sign {
    /// A sign of this entry of a trail; nothing if it is none.
    pub(crate) fn of(entry: &audit::Model) -> Option<Self> {
        let detail =
            serde_json::from_str::<Detail>(&entry.detail).ok().filter(|_| entry.event == GUESSING)?;
        Some(Self { guessed: detail.of, at: clock::moment(entry.at) })
    }
}

impl Ledger {
    /// Notes on a request that somebody guessed until no try was left, once in 24 hours for each kind. Returns whether it was
    /// noted now.
    pub async fn note_guessing(&self, request: RequestId, of: Guessed) -> Result<bool, LedgerError> {
        let detail = json!({ "of": of });
        let since = clock::stored(self.ids().now() - TimeDelta::hours(24));
        let noted = || {
            audit::Entity::find()
                .filter(audit::Column::RequestId.eq(request.uuid()))
                .filter(audit::Column::Event.eq(GUESSING))
                .filter(audit::Column::Detail.eq(detail.to_string()))
                .filter(audit::Column::At.gt(since))
        };
        // Looked at first without a lock: whoever guesses on holds up nobody.
        if noted().count(self.db()).await? > 0 {
            return Ok(false);
        }
        let mut unit = self.begin().await?;
        let requests = unit.lock([request]).await?;
        if !requests.contains_key(&request) || noted().count(&unit.tx).await? > 0 {
            return Ok(false);
        }
        unit.audit(request, AuditEvent::new(GUESSING, Actor::System).with(detail));
        unit.commit().await?;
        Ok(true)
    }
}
