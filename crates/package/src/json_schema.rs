//! A collection's schema: JSON Schema, draft 2020-12, with what people call things beside what stores call them.

use std::io::Write;

use habeas_domain::Bilingual;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{CollectionInfo, FieldInfo, PackageError, observed::Observed};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

#[derive(Serialize)]
struct Schema<'a> {
    #[serde(rename = "$schema")]
    draft: &'static str,
    title: &'a str,
    #[serde(rename = "x-titles")]
    titles: &'a Bilingual,
    #[serde(rename = "type")]
    kind: &'static str,
    items: Items<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Items<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    properties: Properties<'a>,
    required: Vec<&'a str>,
    additional_properties: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Property<'a> {
    title: &'a str,
    #[serde(rename = "x-titles", skip_serializing_if = "Option::is_none")]
    titles: Option<&'a Bilingual>,
    #[serde(rename = "x-category", skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    types: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<&'static str>,
}

/// The fields in their own order.
struct Properties<'a>(&'a [FieldInfo], &'a [Observed]);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        for (field, observed) in self.0.iter().zip(self.1) {
            map.serialize_entry(field.name.as_str(), &property(field, observed))?;
        }
        map.end()
    }
}

fn property<'a>(field: &'a FieldInfo, observed: &Observed) -> Property<'a> {
    Property {
        title: field.title.as_ref().map_or(field.name.as_str(), |title| &title.en),
        titles: field.title.as_ref(),
        category: field.category.as_ref().map(habeas_domain::Category::as_str),
        types: observed.types(),
        format: observed.format(),
        content_encoding: observed.encoding(),
    }
}

/// Writes the schema of a collection's JSON file.
pub(crate) fn write(
    mut out: &mut dyn Write,
    info: &CollectionInfo,
    observed: &[Observed],
) -> Result<(), PackageError> {
    let items = Items {
        kind: "object",
        properties: Properties(&info.fields, observed),
        required: info.fields.iter().map(|field| field.name.as_str()).collect(),
        additional_properties: false,
    };
    let schema = Schema { draft: DRAFT, title: &info.title.en, titles: &info.title, kind: "array", items };
    serde_json::to_writer_pretty(&mut out, &schema)?;
    out.write_all(b"\n")?;
    Ok(())
}
