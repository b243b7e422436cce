//! Rows that a unit changed or made, written together at its commit: one statement per table instead of one per row.

use std::collections::BTreeMap;

use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    LedgerError,
    bounded::Bounded,
    entity::{agent_package, challenge, job, package, receipt, request},
    unit::chunks,
};

/// What is to be written. The rows of requests and jobs were read under the request's lock, so that writing them whole
/// undoes nobody else's change.
#[derive(Default)]
pub(crate) struct Changes {
    requests: BTreeMap<Uuid, request::Model>,
    jobs: BTreeMap<Uuid, job::Model>,
    challenges: Vec<challenge::ActiveModel>,
    packages: Vec<package::ActiveModel>,
    agent_packages: Vec<agent_package::ActiveModel>,
    receipts: Vec<receipt::ActiveModel>,
}

impl Changes {
    /// Writes a request as it is now. A later call for the same one counts.
    pub(crate) fn request(&mut self, row: &request::Model) {
        self.requests.insert(row.id, row.clone());
    }

    /// Writes a job as it is now. A later call for the same one counts.
    pub(crate) fn job(&mut self, row: &job::Model) {
        self.jobs.insert(row.id, row.clone());
    }

    pub(crate) fn challenge(&mut self, row: challenge::ActiveModel) {
        self.challenges.push(row);
    }

    /// Whether one with the link of this token is to be written.
    pub(crate) fn has_challenge(&self, token_hash: &[u8]) -> bool {
        let is = |row: &challenge::ActiveModel| {
            row.token_hash.try_as_ref().is_some_and(|hash| hash.as_deref() == Some(token_hash))
        };
        self.challenges.iter().any(is)
    }

    /// A job has one package: that of a second conclusion is left out.
    pub(crate) fn package(&mut self, row: package::ActiveModel) {
        self.packages.push(row);
    }

    /// The way of an agent to a package, once.
    pub(crate) fn agent_package(&mut self, row: agent_package::ActiveModel) {
        self.agent_packages.push(row);
    }

    pub(crate) fn receipt(&mut self, row: receipt::ActiveModel) {
        self.receipts.push(row);
    }

    pub(crate) async fn write(self, tx: &Bounded<DatabaseTransaction>) -> Result<(), LedgerError> {
        let requests = self.requests.into_values().map(IntoActiveModel::into_active_model);
        let of_request = replacing(request::Column::Id, request::Column::iter());
        insert::<request::Entity>(tx, requests.collect(), Some(of_request)).await?;
        let jobs = self.jobs.into_values().map(IntoActiveModel::into_active_model);
        let of_job = replacing(job::Column::Id, job::Column::iter());
        insert::<job::Entity>(tx, jobs.collect(), Some(of_job)).await?;
        insert::<challenge::Entity>(tx, self.challenges, None).await?;
        let once = OnConflict::column(package::Column::JobId).do_nothing().to_owned();
        insert::<package::Entity>(tx, self.packages, Some(once)).await?;
        let once = OnConflict::column(agent_package::Column::PackageId).do_nothing().to_owned();
        insert::<agent_package::Entity>(tx, self.agent_packages, Some(once)).await?;
        insert::<receipt::Entity>(tx, self.receipts, None).await
    }
}

/// The rows are there already: every column is replaced.
fn replacing<C: sea_orm::ColumnTrait>(id: C, columns: impl Iterator<Item = C>) -> OnConflict {
    OnConflict::column(id).update_columns(columns).to_owned()
}

async fn insert<E: EntityTrait>(
    tx: &Bounded<DatabaseTransaction>,
    rows: Vec<E::ActiveModel>,
    on_conflict: Option<OnConflict>,
) -> Result<(), LedgerError> {
    for rows in chunks(rows) {
        let mut insert = E::insert_many(rows);
        if let Some(on_conflict) = &on_conflict {
            insert = insert.on_conflict(on_conflict.clone());
        }
        insert.exec_without_returning(tx).await?;
    }
    Ok(())
}
