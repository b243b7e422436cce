//! Whether rows can be deleted although others refer to them.

use habeas_domain::{
    Effect, FieldName,
    schema::{CollectionSchema, Reference},
};

use super::{Check, Spot};
use crate::{Code, Collection, Field, Finding, Keep, Severity, deletion_order};

pub(super) fn check(check: &mut Check<'_>, collection: &Collection, schema: &CollectionSchema) {
    if collection.deletes() && schema.identity.is_empty() {
        let message = "nothing identifies its rows, so a deletion could neither be done safely nor be proven";
        check.error(Code::NoIdentity, Spot::of(&collection.name), message, "give the table a primary key");
    }
    if collection.deletes_rows {
        for child in check.schemas.iter().filter(|child| child.name != schema.name) {
            for reference in child.references.iter().filter(|reference| reference.to == schema.name) {
                referring(check, collection, child, reference);
            }
        }
    }
}

/// References in a circle that cannot be untied.
pub(super) fn circles(check: &mut Check<'_>) {
    if let Err(cycle) = deletion_order(check.manifest, check.schemas) {
        let fix = "make one of the referring columns nullable, or give one collection field effects instead of rows";
        let finding =
            Finding::new(Severity::Error, Code::ReferenceCycle, check.manifest, cycle.to_string(), fix);
        check.findings.push(match cycle.0.first() {
            Some(first) => finding.of(check.manifest, first),
            None => finding,
        });
    }
}

/// One reference from another collection to rows that go.
fn referring(check: &mut Check<'_>, parent: &Collection, child: &CollectionSchema, reference: &Reference) {
    let spot = Spot::of(&parent.name);
    let name = &child.name;
    let declared = check.manifest.collection(name);
    let goes = declared.is_some_and(|child| child.deletes_rows || unties(child, &reference.fields));
    let kept = declared.and_then(|child| keep_of_rows(child, reference));
    let alike = "keep its rows by the same rule, or change its fields instead of deleting rows";
    if !goes && !reference.follows {
        let message = format!("rows of `{name}` refer to its rows and stay, so its rows cannot go");
        let fix = format!(
            "declare `{name}` with delete = \"rows\", or with delete = \"null\" for what refers; or let the reference cascade"
        );
        check.error(Code::ReferencingRowsStay, spot, message, fix);
    } else if kept.is_some() && parent.keep.is_some() {
        let message = format!("rows of `{name}` refer to its rows, and each is kept by its own rule");
        let fix = "make sure that rows which refer are never kept longer than the rows they refer to";
        check.warning(Code::ReferencingRowsStay, spot, message, fix);
    } else if kept.is_some() && reference.follows {
        let message = format!(
            "when its rows go, the store itself deletes or cuts loose rows of `{name}`, which are kept"
        );
        check.error(Code::KeptRowsGo, spot, message, alike);
    } else if kept.is_some() {
        let message = format!("rows of `{name}` refer to its rows and are kept, so its rows cannot go");
        check.error(Code::ReferencingRowsStay, spot, message, alike);
    } else if reference.follows && declared.is_some_and(|child| may_be_others(child, reference)) {
        let message = format!(
            "when its rows go, the store itself deletes or cuts loose rows of `{name}`, and no key says that those are the same person's"
        );
        let fix = format!(
            "give what refers in `{name}` the key of the rows that it refers to, if they are the same person's; otherwise let the reference neither \
             cascade nor empty, or change the fields of these rows instead of deleting them"
        );
        check.warning(Code::OthersRowsGo, spot, message, fix);
    }
}

/// Whether rows that refer to a person's may be found by keys of somebody else alone.
fn may_be_others(child: &Collection, reference: &Reference) -> bool {
    let refers = |field: &Field| reference.fields.contains(&field.name);
    child.key_fields().next().is_some() && !child.has_sides() && !child.key_fields().any(refers)
}

/// The rule by which referring rows may outlast the rows that they refer to.
fn keep_of_rows<'a>(child: &'a Collection, reference: &Reference) -> Option<&'a Keep> {
    if child.deletes_rows {
        return child.keep.as_ref();
    }
    // A store that follows takes the whole row; otherwise only the emptied reference matters.
    let matters = |field: &&Field| reference.follows || reference.fields.contains(&field.name);
    let changed = child.fields.iter().filter(|field| field.delete.is_some());
    changed.filter(matters).find_map(|field| child.keep_of(field))
}

/// Whether a deletion empties the reference.
fn unties(child: &Collection, fields: &[FieldName]) -> bool {
    fields.iter().any(|name| child.field(name).is_some_and(|field| field.delete == Some(Effect::Null)))
}
