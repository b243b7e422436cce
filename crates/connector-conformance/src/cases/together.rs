//! Several at once.

use futures::future::join_all;
use habeas_connector_api::{Action, DataStore, StoreError};
use habeas_domain::Retry;

use super::people::{person, someone, store};
use crate::{
    Factory, Unmet,
    asking::{apply, by_key, found, step},
    expectation::equal,
};

/// Tries until it is done: a conflict is no failure.
async fn delete(store: &dyn DataStore) -> Result<u64, StoreError> {
    loop {
        match apply(store, vec![step("person", by_key("code", "a"), Action::DeleteRows)]).await {
            Ok(report) => return Ok(report.changed()),
            Err(error) if error.retry() == Retry::Never => return Err(error),
            Err(_in_the_way) => {}
        }
    }
}

pub(super) async fn the_same_rows_are_deleted_once(factory: &dyn Factory) -> Result<(), Unmet> {
    let rows = (0..200).map(|id| someone(id, if id < 150 { "a" } else { "b" }, ""));
    let store = store(factory, [person().rows(rows)]).await?;
    let mut deleted = 0;
    for outcome in join_all((0..8).map(|_| delete(&*store))).await {
        deleted += outcome?;
    }
    equal(&deleted, &150, "rows deleted by all together")?;
    equal(&found(&*store, "person", by_key("code", "b"), "id").await?.len(), &50, "rows left")
}
