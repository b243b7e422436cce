use std::sync::{Mutex, PoisonError};

use habeas_domain::{MessageId, TypedId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::mpsc::{self, error::TrySendError};

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

/// How many messages may wait in memory for the relay of this process: some megabytes. The queue of what is to be published
/// is the outbox; this is a short way around reading it.
const ROOM: usize = 10_000;

/// Hands what was just committed to the relay of this process, so that it need not poll. What this misses
/// (a crash, a process without a relay, a broker that is away while much is committed) the relay's sweep finds in the outbox.
#[derive(Default)]
pub(crate) struct Announcer(Mutex<Option<mpsc::Sender<Outgoing>>>);

impl Announcer {
    pub(crate) fn announce(&self, messages: Vec<Outgoing>) {
        if messages.is_empty() {
            return;
        }
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_some_and(|relay| !hand_over(relay, messages)) {
            *sender = None;
        }
    }

    fn subscribe(&self) -> mpsc::Receiver<Outgoing> {
        let (sender, receiver) = mpsc::channel(ROOM);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }
}

/// Hands over what there is room for: what there is none for stays in the outbox. Whether the relay is still there.
fn hand_over(relay: &mpsc::Sender<Outgoing>, messages: Vec<Outgoing>) -> bool {
    match relay.try_reserve_many(messages.len()) {
        Ok(room) => {
            room.zip(messages).for_each(|(place, message)| place.send(message));
            true
        }
        Err(refused) => matches!(refused, TrySendError::Full(())),
    }
}

impl Ledger {
    /// What this handle commits to the outbox from now on, as it commits it. The latest subscriber gets it; what is committed
    /// while they are many thousands behind is found by [`Ledger::unpublished`] alone.
    pub fn announcements(&self) -> mpsc::Receiver<Outgoing> {
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

#[cfg(test)]
mod tests {
    use habeas_domain::{Ids, SeededEntropy, SystemClock};
    use std::sync::Arc;

    use super::*;

    fn transaction(ids: &Ids, messages: usize) -> Vec<Outgoing> {
        let one = |_| Outgoing {
            id: ids.fresh(),
            queue: "habeas.mail".to_owned(),
            body: "{}".to_owned(),
            correlation: None,
        };
        (0..messages).map(one).collect()
    }

    #[test]
    fn a_relay_that_is_far_behind_is_handed_no_more_until_it_has_caught_up() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SeededEntropy::new(1)));
        let announcer = Announcer::default();
        let mut relay = announcer.subscribe();
        for _ in 0..100 {
            announcer.announce(transaction(&ids, 333));
        }
        assert_eq!(relay.len(), ROOM / 333 * 333, "whole transactions, as many as there is room for");
        while relay.try_recv().is_ok() {}
        let next = transaction(&ids, 2);
        announcer.announce(next.clone());
        assert_eq!(
            [relay.try_recv().ok(), relay.try_recv().ok()],
            [next.first().cloned(), next.last().cloned()]
        );
    }

    #[test]
    fn nothing_is_kept_for_a_relay_that_is_gone() {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SeededEntropy::new(2)));
        let announcer = Announcer::default();
        announcer.announce(transaction(&ids, 1));
        drop(announcer.subscribe());
        announcer.announce(transaction(&ids, 1));
        assert!(announcer.0.lock().unwrap().is_none());
    }
}
