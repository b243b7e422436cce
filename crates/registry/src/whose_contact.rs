//! Telephone numbers and mail addresses of which no manifest says whose they are. They are taken for somebody else's: no code,
//! no call and no warning goes there, and the person cannot show who they are by them.

use crate::{Code, Collection, Field, Finding, Manifest, Meaning, Role, finding::Severity::Warning};

/// The category of telephone numbers, and of whatever is below it.
const PHONE: &str = "user.contact.phone";

/// One remark for each such field of a store that is the company's own.
pub(crate) fn check(manifest: &Manifest, collection: &Collection) -> Vec<Finding> {
    if manifest.role() != Role::Controller {
        return Vec::new();
    }
    let open = collection.fields.iter().filter(|field| field.own_contact.is_none() && !field.guardian);
    let open = open.filter(|field| !is_said_by_its_key(field));
    let found = open.filter_map(|field| {
        let (message, fix) = words(field)?;
        let finding = Finding::new(Warning, Code::WhoseContact, manifest, message, fix);
        Some(finding.field(manifest, &collection.name, &field.name))
    });
    found.collect()
}

/// Of a `phone` or `email` key the manifest says it: it is the person's own unless it is declared as shared.
fn is_said_by_its_key(field: &Field) -> bool {
    field.key.as_ref().is_some_and(|key| ["phone", "email"].contains(&key.as_str()))
}

fn words(field: &Field) -> Option<(&'static str, &'static str)> {
    let is_phone = field.correct == Some(Meaning::Phone)
        || field.correct.is_none()
            && field.category.as_ref().is_some_and(|category| {
                category
                    .as_str()
                    .strip_prefix(PHONE)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
    if is_phone {
        return Some((
            "it does not say whose number it is, so no code by text message and no call goes there",
            "write own_contact = true beside correct = \"phone\" if the person of the row is reached by it, \
             or own_contact = false if it may be somebody else's",
        ));
    }
    (field.correct == Some(Meaning::Email)).then_some((
        "it does not say whose address it is, so no warning before a deletion goes there",
        "write own_contact = true if the person of the row is reached by it, or own_contact = false if it may be somebody else's",
    ))
}
