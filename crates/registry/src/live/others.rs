//! Rows that are other people's as well must not go with one of them by the store's own doing.

use habeas_domain::CollectionName;

use super::{Check, Spot};
use crate::{Code, Collection, followers};

/// Collections with sides that a store would take from when rows of others go.
pub(super) fn check(check: &mut Check<'_>) {
    let (manifest, schemas) = (check.manifest, check.schemas);
    let goes: Vec<&Collection> = manifest.collections.iter().filter(|one| one.deletes_rows).collect();
    for sided in manifest.collections.iter().filter(|one| one.has_sides()) {
        let takes = |parent: &&&Collection| followers([&parent.name], schemas).contains(&sided.name);
        if let Some(parent) = goes.iter().find(takes) {
            taken(check, &sided.name, &parent.name);
        }
    }
}

fn taken(check: &mut Check<'_>, sided: &CollectionName, parent: &CollectionName) {
    let message = format!(
        "when rows of `{parent}` go, the store itself deletes or empties its rows, which are other people's as well"
    );
    let fix = format!(
        "let the reference neither cascade nor empty, and empty it by delete = \"null\" on its own side; or change the fields of `{parent}` instead of deleting its rows"
    );
    check.error(Code::OthersRowsGo, Spot::of(sided), message, fix);
}
