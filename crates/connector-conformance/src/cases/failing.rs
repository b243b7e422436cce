//! Failures say what they are.

use habeas_connector_api::{Action, code};
use habeas_domain::{Effect, Retry};

use super::people::{store, three};
use crate::{
    Factory, Unmet,
    asking::{apply, by_key, effect, select, step},
    expectation::{equal, expect, refused},
};

pub(super) async fn unknown_names_are_permanent(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    let store = &*store;
    let unknown = [
        refused(select(store, "nowhere", by_key("id", "1"), &["id"]).await, code::UNKNOWN_COLLECTION)?,
        refused(select(store, "person", by_key("id", "1"), &["nothing"]).await, code::UNKNOWN_FIELD)?,
        refused(select(store, "person", by_key("nothing", "1"), &["id"]).await, code::UNKNOWN_FIELD)?,
        refused(
            apply(store, vec![step("nowhere", by_key("id", "1"), Action::DeleteRows)]).await,
            code::UNKNOWN_COLLECTION,
        )?,
        refused(
            apply(store, vec![step("person", by_key("id", "42"), effect("nothing", Effect::Null))]).await,
            code::UNKNOWN_FIELD,
        )?,
    ];
    for error in unknown {
        equal(&error.retry(), &Retry::Never, "a retry does not help")?;
    }
    Ok(())
}

pub(super) async fn a_closed_store_says_so(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    store.close().await;
    refused(store.ping().await, code::CLOSED)?;
    refused(select(&*store, "person", by_key("id", "42"), &["id"]).await, code::CLOSED)?;
    Ok(())
}

pub(super) async fn a_store_answers(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [three()]).await?;
    store.ping().await?;
    expect(!store.capabilities().driver.is_empty(), "a driver has a name")
}
