use std::sync::{Mutex, PoisonError};

use habeas_domain::{MessageId, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::mpsc;

use crate::{Ledger, LedgerError, among::among, clock, entity::outbox};

/// A committed message that waits to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id, the same however often it is published.
    pub id: MessageId,
    /// Where it goes.
    pub queue: String,
    /// Its body. Ids only, no personal data.
    pub body: String,
    /// For answers: the message it answers.
    pub correlation: Option<String>,
}

impl From<outbox::Model> for Outgoing {
    fn from(row: outbox::Model) -> Self {
        Self {
            id: MessageId::from_uuid(row.id),
            queue: row.queue,
            body: row.body,
            correlation: row.correlation,
        }
    }
}

/// Hands what was just committed to the relay of this process, so that it need not poll. What this misses
/// (a crash, a process without a relay) the relay's sweep finds in the outbox.
#[derive(Default)]
pub(crate) struct Announcer(Mutex<Option<mpsc::UnboundedSender<Vec<Outgoing>>>>);

impl Announcer {
    pub(crate) fn announce(&self, messages: Vec<Outgoing>) {
        if messages.is_empty() {
            return;
        }
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_some_and(|open| open.send(messages).is_err()) {
            *sender = None;
        }
    }

    fn subscribe(&self) -> mpsc::UnboundedReceiver<Vec<Outgoing>> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }
}

impl Ledger {
    /// What this handle commits to the outbox from now on, as it commits it. The latest subscriber gets it all.
    pub fn announcements(&self) -> mpsc::UnboundedReceiver<Vec<Outgoing>> {
        self.0.announcer.subscribe()
    }

    /// Outbox rows that nobody has published for `older_than`, oldest first.
    pub async fn unpublished(
        &self,
        older_than: std::time::Duration,
        limit: u64,
    ) -> Result<Vec<Outgoing>, LedgerError> {
        let cutoff = clock::stored(self.ids().now()) - clock::micros(older_than);
        let rows = outbox::Entity::find()
            .filter(outbox::Column::CreatedAt.lte(cutoff))
            .order_by_asc(outbox::Column::CreatedAt)
            .limit(limit)
            .all(self.db())
            .await?;
        Ok(rows.into_iter().map(Outgoing::from).collect())
    }

    /// Forgets outbox rows that the queue has confirmed.
    pub async fn published(&self, ids: &[MessageId]) -> Result<(), LedgerError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.iter().map(|id| id.uuid());
        outbox::Entity::delete_many().filter(among(outbox::Column::Id, ids)).exec(self.db()).await?;
        Ok(())
    }
}
