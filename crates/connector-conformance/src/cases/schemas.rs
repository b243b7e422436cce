//! The live schema.

use habeas_domain::schema::{CollectionSchema, FieldSchema, FieldType};

use super::people::store;
use crate::{
    Factory, Table, Unmet,
    expectation::{equal, expect},
};

fn tables() -> [Table; 3] {
    let customer = Table::new("customer")
        .field("id", FieldType::Int)
        .identity()
        .text("email", 120)
        .required()
        .unique()
        .text("name", 60)
        .field("born", FieldType::Date)
        .field("balance", FieldType::Decimal)
        .field("seen", FieldType::Timestamp)
        .field("settings", FieldType::Json);
    let orders = Table::new("orders")
        .field("id", FieldType::Int)
        .identity()
        .field("customer", FieldType::Int)
        .required()
        .indexed()
        .refers("customer", "id", false);
    let session = Table::new("session")
        .text("token", 60)
        .identity()
        .field("customer", FieldType::Int)
        .indexed()
        .refers("customer", "id", true);
    [customer, orders, session]
}

pub(super) async fn the_schema_is_told_as_it_is(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, tables()).await?;
    let told = store.describe().await?;
    for wanted in tables().map(|table| table.schema) {
        let got = told.iter().find(|schema| schema.name == wanted.name);
        check(got.ok_or_else(|| Unmet::new(format!("{} is not told", wanted.name)))?, &wanted)?;
    }
    equal(&told.len(), &3, "no more collections than there are")
}

fn check(got: &CollectionSchema, wanted: &CollectionSchema) -> Result<(), Unmet> {
    let names =
        |schema: &CollectionSchema| schema.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    equal(&names(got), &names(wanted), "fields")?;
    for (got, wanted) in got.fields.iter().zip(&wanted.fields) {
        check_field(got, wanted)?;
    }
    equal(&got.identity, &wanted.identity, "identity")?;
    equal(&got.unique, &wanted.unique, "unique")?;
    equal(&got.references, &wanted.references, "references")?;
    let indexed = wanted.indexed.iter().all(|field| got.indexed.contains(field));
    expect(indexed, format!("indexed: got {:?}, wanted {:?}", got.indexed, wanted.indexed))
}

/// A store may not know moments from local times, and may not limit lengths.
fn check_field(got: &FieldSchema, wanted: &FieldSchema) -> Result<(), Unmet> {
    let kind =
        got.kind == wanted.kind || (wanted.kind == FieldType::Timestamp && got.kind == FieldType::DateTime);
    expect(kind, format!("{}: got {:?}, wanted {:?}", wanted.name, got.kind, wanted.kind))?;
    let length = got.max_chars == wanted.max_chars || got.max_chars.is_none();
    expect(length, format!("{}: got {:?} characters", wanted.name, got.max_chars))?;
    equal(
        &(got.nullable, got.generated),
        &(wanted.nullable, wanted.generated),
        format!("{} as it is written", wanted.name),
    )
}
