//! Writing what a transaction collected, in as few statements as possible, and committing it.

use std::collections::BTreeSet;

use habeas_domain::TypedId as _;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::{SettledTask, Unit};
use crate::{
    LedgerError,
    among::among,
    entity::{mail, outbox, work},
};

/// The most rows of one INSERT: PostgreSQL takes 65,535 values a statement, SQLite 32,766.
const ROWS_PER_INSERT: usize = 500;

impl Unit<'_> {
    /// Writes what was collected, commits, and hands the outbox rows to the relay of this process.
    pub(crate) async fn commit(mut self) -> Result<(), LedgerError> {
        std::mem::take(&mut self.changes).write(&self.tx).await?;
        self.write_mails().await?;
        for rows in chunks(std::mem::take(&mut self.works)) {
            let once = OnConflict::columns([work::Column::TargetId, work::Column::Kind, work::Column::Store])
                .do_nothing()
                .to_owned();
            work::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&self.tx).await?;
        }
        let created = self.stored_now();
        for rows in chunks(self.outgoing.clone()) {
            let rows = rows.into_iter().map(|message| outbox::ActiveModel {
                id: Set(message.id.uuid()),
                queue: Set(message.queue),
                body: Set(message.body),
                correlation: Set(message.correlation),
                created_at: Set(created),
            });
            outbox::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        self.write_audits().await?;
        fail::fail_point!("ledger::before_commit");
        self.tx.commit().await?;
        fail::fail_point!("ledger::after_commit");
        self.ledger.0.announcer.announce(self.outgoing);
        self.settled.into_iter().for_each(SettledTask::count);
        if self.destroyed {
            match self.ledger.scrub().await {
                Ok(true) => {}
                Ok(false) => tracing::warn!(
                    "the files of the database still hold what was destroyed, sealed: this role does not own the table paper_content; see `habeas doctor`"
                ),
                Err(error) => tracing::warn!(
                    %error,
                    "the files of the database still hold what was destroyed; the next round tries again"
                ),
            }
        }
        Ok(())
    }

    /// Mails ordered before are left out together with their work, so that no notice is sent twice.
    async fn write_mails(&mut self) -> Result<(), LedgerError> {
        if self.mails.is_empty() {
            return Ok(());
        }
        let wanted: Vec<String> =
            self.mails.iter().filter_map(|row| row.dedupe.try_as_ref().cloned()).collect();
        let known: BTreeSet<String> = mail::Entity::find()
            .select_only()
            .column(mail::Column::Dedupe)
            .filter(among(mail::Column::Dedupe, wanted))
            .into_tuple::<String>()
            .all(&self.tx)
            .await?
            .into_iter()
            .collect();
        let mut dropped = BTreeSet::new();
        self.mails.retain(|row| {
            let again = row.dedupe.try_as_ref().is_some_and(|dedupe| known.contains(dedupe));
            if again && let Some(id) = row.id.try_as_ref() {
                dropped.insert(*id);
            }
            !again
        });
        self.works.retain(|row| row.target_id.try_as_ref().is_none_or(|target| !dropped.contains(target)));
        for rows in chunks(std::mem::take(&mut self.mails)) {
            mail::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(())
    }
}

/// Rows in as many groups as fit one INSERT each.
pub(crate) fn chunks<T>(rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<T> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}
