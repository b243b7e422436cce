//! `fields.<name> = { ... }`.

use habeas_domain::FieldName;

use super::{Report, ask, bilingual, effect, entry::Entry, keep};
use crate::{Field, Meaning};

pub(crate) fn read(name: &str, entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Field> {
    let mut section = entry.section(report, "a table, such as { category = \"user.name\" }")?;
    report.remember(section.path(), section.offset());
    let name = FieldName::new(name)
        .map_err(|malformed| entry.problem(report, format!("not a {}", malformed.kind), malformed.rule));
    let key = section.optional("key").and_then(|entry| entry.name(report));
    let alternate = section.optional("alternate").and_then(|entry| entry.flag(report));
    let side = section.optional("side").and_then(|entry| entry.name(report));
    let category = section.optional("category").and_then(|entry| entry.name(report));
    let title = section.optional("title").and_then(|entry| bilingual::read(&entry, report));
    let provided = section.optional("provided").and_then(|entry| entry.flag(report));
    let correct =
        section.optional("correct").and_then(|entry| entry.choice(report, &Meaning::ALL, Meaning::as_str));
    let delete = section.optional("delete").and_then(|entry| effect::read(&entry, report));
    let keep = section.optional("keep").and_then(|entry| keep::read(&entry, report));
    let remains = section.optional("remains").and_then(|entry| bilingual::read(&entry, report));
    let internal = section.optional("internal").and_then(|entry| entry.flag(report));
    let ask = section.optional("ask").and_then(|entry| ask::read(&entry, report));
    let guardian = section.optional("guardian").and_then(|entry| entry.flag(report));
    let own_contact = section.optional("own_contact").and_then(|entry| entry.flag(report));
    section.finish(report);
    Some(Field {
        name: name.ok()?,
        key,
        alternate: alternate.unwrap_or_default(),
        side,
        category,
        title,
        provided: provided.unwrap_or_default(),
        correct,
        delete,
        keep,
        remains,
        internal: internal.unwrap_or_default(),
        guardian: guardian.unwrap_or_default(),
        own_contact,
        ask,
    })
}
