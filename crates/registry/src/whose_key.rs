//! Two fields of one row that hold the same key. Nothing tells whether the second is a further value of the same person or
//! somebody else's: whoever is found by the one would be given, and deleted with, what the other leads to.

use crate::{Code, Collection, Field, Finding, Manifest, Role, finding::Severity::Warning};

/// One remark for each field that repeats a key on the same side of a row, and does not say that it is the same person's.
pub(crate) fn check(manifest: &Manifest, collection: &Collection) -> Vec<Finding> {
    if manifest.role() != Role::Controller {
        return Vec::new();
    }
    let open: Vec<&Field> = collection.key_fields().filter(|field| !field.alternate).collect();
    let first = |field: &Field| {
        let alike = |one: &&&Field| (&one.key, &one.side) == (&field.key, &field.side);
        open.iter().find(alike).copied()
    };
    let repeats = open.iter().filter_map(|field| {
        let first = first(field).filter(|first| first.name != field.name)?;
        let message = format!(
            "it holds the same key as `{}`, and nothing says whether it is the same person's or somebody else's",
            first.name
        );
        let fix = "write alternate = true if it is a further value of the same person; give the fields of each person a side, \
                   such as side = \"caller\" and side = \"callee\", if a row is about two; or drop the key if it only names \
                   somebody else";
        let finding = Finding::new(Warning, Code::WhoseKey, manifest, message, fix);
        Some(finding.field(manifest, &collection.name, &field.name))
    });
    repeats.collect()
}
