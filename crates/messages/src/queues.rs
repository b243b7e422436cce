//! The names of the queues: one per kind of work, one per store, and the public intake queue.

use habeas_domain::{StoreName, WorkKind};

/// Where other systems publish [`crate::Submitted`] messages.
pub const INTAKE: &str = "habeas.intake";

/// The queue of a kind of work; tasks have one queue per store, so that a slow store holds up nobody.
pub fn for_work(kind: WorkKind, store: Option<&StoreName>) -> String {
    match (kind, store) {
        (WorkKind::Task | WorkKind::Deferred, Some(store)) => for_store(store),
        (kind, _) => format!("habeas.{kind}"),
    }
}

/// The queue of one store's tasks.
pub fn for_store(store: &StoreName) -> String {
    format!("habeas.store.{store}")
}

/// Every queue of a deployment with these stores, the public one first.
pub fn all<'a>(stores: impl IntoIterator<Item = &'a StoreName>) -> Vec<String> {
    let kinds = WorkKind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, WorkKind::Task | WorkKind::Deferred))
        .map(|kind| for_work(kind, None));
    std::iter::once(INTAKE.to_owned()).chain(kinds).chain(stores.into_iter().map(for_store)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_store_has_its_own_queue() -> Result<(), Box<dyn std::error::Error>> {
        let shop = StoreName::new("shop")?;
        insta::assert_debug_snapshot!(all([&shop]), @r#"
        [
            "habeas.intake",
            "habeas.challenge",
            "habeas.resolve",
            "habeas.conclude",
            "habeas.mail",
            "habeas.look-up",
            "habeas.store.shop",
        ]
        "#);
        Ok(())
    }
}
