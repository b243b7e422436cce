//! `[[collection]]`.

use habeas_domain::CollectionName;

use super::{Report, bilingual, entry::Entry, field, keep, section::Section};
use crate::{Collection, Field};

pub(crate) fn all(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Vec<Collection> {
    let sections = entry.sections(report);
    sections.into_iter().filter_map(|section| one(section, report)).collect()
}

fn one(mut section: Section<'_, '_>, report: &mut Report<'_>) -> Option<Collection> {
    let name: Option<CollectionName> = section.required("name", report).and_then(|entry| entry.name(report));
    if let Some(name) = &name {
        section.rename(format!("collection.{name}"));
        report.remember(section.path(), section.offset());
    }
    let title = section.optional("title").and_then(|entry| bilingual::read(&entry, report));
    let fields = section.required("fields", report).map_or_else(Vec::new, |entry| fields(&entry, report));
    let deletes_rows = section.optional("delete").is_some_and(|entry| deletes_rows(&entry, report));
    let keep = section.optional("keep").and_then(|entry| keep::read(&entry, report));
    section.finish(report);
    let name = name?;
    let title = title.unwrap_or_else(|| bilingual::same(name.as_str()));
    Some(Collection { name, title, fields, deletes_rows, keep })
}

fn fields(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Vec<Field> {
    let Some(section) =
        entry.section(report, "a table of fields, such as fields.email = { key = \"email\" }")
    else {
        return Vec::new();
    };
    section.all().into_iter().filter_map(|(name, entry)| field::read(name, &entry, report)).collect()
}

fn deletes_rows(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> bool {
    let rows = entry.as_text() == Some("rows");
    if !rows && entry.text(report).is_some() {
        entry.problem(
            report,
            "a collection knows only \"rows\"",
            "write delete = \"rows\", or leave it out and give each field its own effect",
        );
    }
    rows
}
