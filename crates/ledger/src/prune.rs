use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    Ledger, LedgerError, clock,
    entity::{challenge, inbox, outbox, verification_attempt as attempt, verification_step as step},
};

/// What was pruned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Messages that could not be published all that time. Work is announced again by the reconciler in any case.
    pub outbox: u64,
    /// Records of messages that came in; a repeat of one of them would be taken for new.
    pub inbox: u64,
    /// Links and codes that have ended.
    pub challenges: u64,
    /// Answers to mails that asked for nothing. A mail that is read again after that could be answered again.
    pub form_answers: u64,
    /// Attempts at proofs, and what proofs under way kept past their end.
    pub attempts: u64,
}

impl Ledger {
    /// Forgets messages and ended challenges made before `before`, which should lie at least some days back: up to
    /// `limit` of each.
    pub async fn prune(&self, before: DateTime<Utc>, limit: u64) -> Result<Pruned, LedgerError> {
        self.scrub_again().await?;
        Ok(Pruned {
            outbox: self.prune_outbox(clock::stored(before), limit).await?,
            inbox: self.prune_inbox(clock::stored(before), limit).await?,
            challenges: self.prune_challenges(clock::stored(before), limit).await?,
            form_answers: self.prune_form_answers(clock::stored(before), limit).await?,
            attempts: self.prune_attempts(clock::stored(before), limit).await?,
        })
    }

    async fn prune_outbox(&self, before: i64, limit: u64) -> Result<u64, LedgerError> {
        let old = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Id)
            .filter(outbox::Column::CreatedAt.lt(before))
            .order_by_asc(outbox::Column::CreatedAt)
            .limit(limit)
            .into_query();
        let delete = outbox::Entity::delete_many().filter(outbox::Column::Id.in_subquery(old));
        Ok(delete.exec(self.db()).await?.rows_affected)
    }

    async fn prune_inbox(&self, before: i64, limit: u64) -> Result<u64, LedgerError> {
        let old = inbox::Entity::find()
            .select_only()
            .column(inbox::Column::MessageId)
            .filter(inbox::Column::ReceivedAt.lt(before))
            .order_by_asc(inbox::Column::ReceivedAt)
            .limit(limit)
            .into_query();
        let delete = inbox::Entity::delete_many()
            .filter(inbox::Column::MessageId.in_subquery(old))
            .filter(inbox::Column::ReceivedAt.lt(before));
        Ok(delete.exec(self.db()).await?.rows_affected)
    }

    /// What a proof under way keeps goes at its own end, however short that is.
    async fn prune_attempts(&self, before: i64, limit: u64) -> Result<u64, LedgerError> {
        let old = attempt::Entity::find()
            .select_only()
            .column(attempt::Column::Id)
            .filter(attempt::Column::At.lt(before))
            .order_by_asc(attempt::Column::At)
            .limit(limit)
            .into_query();
        let old = attempt::Entity::delete_many().filter(attempt::Column::Id.in_subquery(old));
        let ended = step::Entity::find()
            .select_only()
            .column(step::Column::Id)
            .filter(step::Column::EndsAt.lt(clock::stored(self.ids().now())))
            .limit(limit)
            .into_query();
        let ended = step::Entity::delete_many().filter(step::Column::Id.in_subquery(ended));
        Ok(old.exec(self.db()).await?.rows_affected + ended.exec(self.db()).await?.rows_affected)
    }

    async fn prune_challenges(&self, before: i64, limit: u64) -> Result<u64, LedgerError> {
        let now = clock::stored(self.ids().now());
        let ended = |column: challenge::Column| Condition::any().add(column.is_null()).add(column.lt(now));
        let old = challenge::Entity::find()
            .select_only()
            .column(challenge::Column::Id)
            .filter(challenge::Column::CreatedAt.lt(before))
            .filter(ended(challenge::Column::LinkExpiresAt))
            .filter(ended(challenge::Column::CodeExpiresAt))
            .order_by_asc(challenge::Column::CreatedAt)
            .limit(limit)
            .into_query();
        let delete = challenge::Entity::delete_many().filter(challenge::Column::Id.in_subquery(old));
        Ok(delete.exec(self.db()).await?.rows_affected)
    }
}
