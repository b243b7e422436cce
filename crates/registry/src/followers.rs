//! What a store takes by itself when rows go.

use std::collections::BTreeSet;

use habeas_domain::{CollectionName, schema::CollectionSchema};

/// The collections whose rows the store deletes or empties when rows of these go, in any number of steps.
pub fn followers<'a>(
    goes: impl IntoIterator<Item = &'a CollectionName>,
    schemas: &'a [CollectionSchema],
) -> BTreeSet<&'a CollectionName> {
    let mut reached: BTreeSet<&CollectionName> = goes.into_iter().collect();
    let mut followers = BTreeSet::new();
    loop {
        let follows = |live: &&CollectionSchema| {
            live.references.iter().any(|one| one.follows && reached.contains(&one.to))
        };
        let new: Vec<&CollectionName> = schemas
            .iter()
            .filter(|live| !followers.contains(&live.name))
            .filter(follows)
            .map(|live| &live.name)
            .collect();
        if new.is_empty() {
            return followers;
        }
        followers.extend(new.iter().copied());
        reached.extend(new);
    }
}
