//! Whether a manifest fits the store as it is: everything that could fail half-way is refused here.

mod columns;
mod effects;
mod obstacles;
mod others;
mod personal_words;
mod rows;
mod unmentioned;

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, FieldType},
};

pub use effects::{Misfit, takes};

use crate::{Code, Collection, Field, Finding, Manifest, Severity, suggest::or_else};

/// Checks a manifest against the live schema of its store. Errors come first.
pub fn check_live(manifest: &Manifest, schemas: &[CollectionSchema]) -> Vec<Finding> {
    let mut check = Check { manifest, schemas, findings: Vec::new() };
    for collection in &manifest.collections {
        match check.schema(&collection.name) {
            Some(schema) => {
                columns::check(&mut check, collection, schema);
                obstacles::check(&mut check, collection, schema);
                rows::check(&mut check, collection, schema);
                unmentioned::fields(&mut check, collection, schema);
            }
            None => unknown_collection(&mut check, collection),
        }
    }
    rows::circles(&mut check);
    others::check(&mut check);
    unmentioned::collections(&mut check);
    check.findings.sort_by_key(|finding| finding.severity);
    check.findings
}

/// A check at work.
struct Check<'a> {
    manifest: &'a Manifest,
    schemas: &'a [CollectionSchema],
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn schema(&self, collection: &CollectionName) -> Option<&'a CollectionSchema> {
        self.schemas.iter().find(|schema| &schema.name == collection)
    }

    fn error(&mut self, code: Code, spot: Spot<'_>, message: impl Into<String>, fix: impl Into<String>) {
        self.find(Severity::Error, code, spot, message.into(), fix.into());
    }

    fn warning(&mut self, code: Code, spot: Spot<'_>, message: impl Into<String>, fix: impl Into<String>) {
        self.find(Severity::Warning, code, spot, message.into(), fix.into());
    }

    fn find(&mut self, severity: Severity, code: Code, spot: Spot<'_>, message: String, fix: String) {
        let finding = Finding::new(severity, code, self.manifest, message, fix);
        self.findings.push(match spot.field {
            Some(field) => finding.field(self.manifest, spot.collection, field),
            None => finding.of(self.manifest, spot.collection),
        });
    }
}

/// What a finding is about.
#[derive(Clone, Copy)]
struct Spot<'a> {
    collection: &'a CollectionName,
    field: Option<&'a FieldName>,
}

impl<'a> Spot<'a> {
    const fn of(collection: &'a CollectionName) -> Self {
        Self { collection, field: None }
    }

    const fn field(collection: &'a Collection, field: &'a Field) -> Self {
        Self { collection: &collection.name, field: Some(&field.name) }
    }
}

fn unknown_collection(check: &mut Check<'_>, collection: &Collection) {
    let known = check.schemas.iter().map(|schema| schema.name.as_str());
    let fix = or_else(collection.name.as_str(), known, "correct the name, or drop the [[collection]]");
    check.error(Code::UnknownCollection, Spot::of(&collection.name), "the store has no such collection", fix);
}

/// A column's type as people call it.
const fn type_name(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Bool => "true or false",
        FieldType::Int => "whole number",
        FieldType::Float => "floating-point number",
        FieldType::Decimal => "decimal number",
        FieldType::Text => "text",
        FieldType::Bytes => "bytes",
        FieldType::Date => "date",
        FieldType::Time => "time of day",
        FieldType::DateTime => "date and time",
        FieldType::Timestamp => "moment",
        FieldType::Uuid => "UUID",
        FieldType::Json => "JSON",
        FieldType::Other => "unknown",
    }
}
