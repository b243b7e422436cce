//! Whether what a manifest says of each field fits its column.

use habeas_domain::{
    FieldName,
    schema::{CollectionSchema, FieldSchema, FieldType},
    verification::AskKind,
};

use super::{Check, Spot, effects, type_name};
use crate::{Code, Collection, Field, Keep, Meaning, suggest::or_else};

pub(super) fn check(check: &mut Check<'_>, collection: &Collection, schema: &CollectionSchema) {
    for field in &collection.fields {
        match schema.field(&field.name) {
            Some(column) => {
                if let Some(effect) = &field.delete {
                    effects::check(check, collection, schema, (field, column, effect));
                }
                key(check, collection, schema, (field, column));
                correction(check, collection, schema, (field, column));
                question(check, collection, (field, column));
            }
            None => unknown(check, Spot::field(collection, field), schema, &field.name),
        }
    }
    let own = collection
        .fields
        .iter()
        .filter_map(|field| Some((Spot::field(collection, field), field.keep.as_ref()?)));
    let shared = collection.keep.iter().map(|keep| (Spot::of(&collection.name), keep));
    for (spot, keep) in shared.chain(own) {
        until(check, spot, schema, keep);
    }
}

fn unknown(check: &mut Check<'_>, spot: Spot<'_>, schema: &CollectionSchema, name: &FieldName) {
    let known = schema.fields.iter().map(|column| column.name.as_str());
    let fix = or_else(name.as_str(), known, "correct the name, or drop the field");
    check.error(Code::UnknownField, spot, format!("the collection has no field `{name}`"), fix);
}

fn key(
    check: &mut Check<'_>,
    collection: &Collection,
    schema: &CollectionSchema,
    (field, column): (&Field, &FieldSchema),
) {
    if field.key.is_none() {
        return;
    }
    let spot = Spot::field(collection, field);
    if matches!(column.kind, FieldType::Float | FieldType::Json) {
        let message = format!("values of type {} cannot be keys", type_name(column.kind));
        check.error(
            Code::KeyType,
            spot,
            message,
            "drop the key, or hold it in a column of text or whole numbers",
        );
    }
    let indexed = schema.indexed.contains(&field.name) || schema.identity.first() == Some(&field.name);
    if !indexed {
        let message =
            "a key is looked up here, but no index begins with this column: every lookup reads all rows";
        check.warning(Code::KeyWithoutIndex, spot, message, "create an index on it");
    }
}

fn correction(
    check: &mut Check<'_>,
    collection: &Collection,
    schema: &CollectionSchema,
    (field, column): (&Field, &FieldSchema),
) {
    let Some(meaning) = field.correct else { return };
    let spot = Spot::field(collection, field);
    if column.generated {
        let fix = "drop correct, and give it to the fields that this one is made of";
        check.error(Code::Generated, spot, "the store computes it, so it cannot be corrected", fix);
    }
    if !holds(meaning, column) {
        let message = format!(
            "a correction of type \"{}\" cannot be written into a column of type {}",
            meaning.as_str(),
            type_name(column.kind)
        );
        check.error(
            Code::CorrectionType,
            spot,
            message,
            "choose the meaning that the column's type can hold, or drop correct",
        );
    }
    let refers = schema.references.iter().any(|reference| reference.fields.contains(&field.name));
    if refers || schema.identity.contains(&field.name) {
        let message = "it identifies rows or refers to others, so a correction could break them";
        check.error(
            Code::IdentifiesRows,
            spot,
            message,
            "drop correct, and correct the field that people see",
        );
    }
}

fn question(check: &mut Check<'_>, collection: &Collection, (field, column): (&Field, &FieldSchema)) {
    use FieldType as T;
    let Some(ask) = &field.ask else { return };
    let fits = match ask.kind {
        AskKind::Month => matches!(column.kind, T::Date | T::DateTime | T::Timestamp | T::Text),
        AskKind::Amount => matches!(column.kind, T::Int | T::Decimal | T::Float | T::Text),
        AskKind::Text => column.kind == T::Text,
        AskKind::Digits => matches!(column.kind, T::Int | T::Text),
    };
    if !fits {
        let message = format!(
            "a question of kind \"{}\" cannot be answered by a column of type {}",
            ask.kind.as_str(),
            type_name(column.kind)
        );
        let fix = "choose the kind that fits the column, or ask about another field";
        check.error(Code::QuestionType, Spot::field(collection, field), message, fix);
    }
}

fn holds(meaning: Meaning, column: &FieldSchema) -> bool {
    match meaning {
        Meaning::Text | Meaning::Email | Meaning::Phone | Meaning::Name => column.kind == FieldType::Text,
        Meaning::Date => match column.kind {
            FieldType::Date | FieldType::DateTime => true,
            FieldType::Text => column.max_chars.is_none_or(|most| most >= 10),
            _ => false,
        },
        Meaning::Number => matches!(column.kind, FieldType::Int | FieldType::Float | FieldType::Decimal),
    }
}

/// The date that a keep counts from. A row without a readable date is kept, so its keep would never end.
fn until(check: &mut Check<'_>, spot: Spot<'_>, schema: &CollectionSchema, keep: &Keep) {
    let name = &keep.field;
    let Some(column) = schema.field(name) else { return unknown(check, spot, schema, name) };
    match column.kind {
        FieldType::Date | FieldType::DateTime | FieldType::Timestamp => {}
        FieldType::Text | FieldType::Int => {
            let message = format!(
                "the keep counts from `{name}`, which is no date by its type: only ISO 8601 texts and Unix seconds are read, and rows with anything else are kept for ever"
            );
            check.warning(
                Code::EndMayBeMissing,
                spot,
                message,
                "make sure of its values, or use a column of a date type",
            );
        }
        other => {
            let kind = type_name(other);
            let message = format!("the keep counts from `{name}`, which is no date, but of type {kind}");
            check.error(Code::NotADate, spot, message, "name a date column in until");
        }
    }
    if column.nullable {
        let message =
            format!("the keep counts from `{name}`, which may be empty: such rows are kept for ever");
        check.warning(
            Code::EndMayBeMissing,
            spot,
            message,
            "make the column NOT NULL, or count from another date",
        );
    }
}
