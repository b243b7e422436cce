//! Which effects a column can take.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use habeas_domain::{
    Effect,
    schema::{CollectionSchema, FieldSchema, FieldType},
};

use super::{Check, Spot, type_name};
use crate::{
    Code, Collection, Field,
    effect_words::{repeats, word},
};

/// `erased-` and 16 digits `@erased.invalid`.
const MASKED_EMAIL_CHARS: u32 = 38;
/// `erased:` and 32 digits.
const HASH_CHARS: u32 = 39;
/// `erased:` and 16 bytes.
const HASH_BYTES: u32 = 23;
/// `anonymised`.
const ANONYMISED_CHARS: u32 = 10;

/// Why a column cannot take an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The store computes it.
    Generated,
    /// It is NOT NULL.
    NotNullable,
    /// Its type.
    Type,
    /// It holds fewer characters than the effect writes.
    Length(u32),
}

/// Whether a column can take an effect, by itself. Never laxer than the connectors, which refuse at run time; stricter
/// for a fixed rewrite of bytes, UUIDs and moments. A test in `habeas-fulfilment` compares the two.
pub fn takes(effect: &Effect, column: &FieldSchema) -> Result<(), Misfit> {
    if column.generated {
        return Err(Misfit::Generated);
    }
    if *effect == Effect::Null && !column.nullable {
        return Err(Misfit::NotNullable);
    }
    if !type_fits(effect, column.kind) {
        return Err(Misfit::Type);
    }
    let needed = length(effect, column.kind);
    if column.max_chars.is_some_and(|most| most < needed) { Err(Misfit::Length(needed)) } else { Ok(()) }
}

fn type_fits(effect: &Effect, kind: FieldType) -> bool {
    match effect {
        Effect::Null => true,
        Effect::MaskEmail | Effect::MaskText => kind == FieldType::Text,
        Effect::MaskPhone => matches!(kind, FieldType::Text | FieldType::Int | FieldType::Decimal),
        Effect::Hash => matches!(kind, FieldType::Text | FieldType::Bytes),
        Effect::Anonymise => kind != FieldType::Other,
        Effect::Rewrite(text) => reads_as(text, kind),
    }
}

fn length(effect: &Effect, kind: FieldType) -> u32 {
    match (effect, kind) {
        (Effect::MaskEmail, _) => MASKED_EMAIL_CHARS,
        (Effect::Hash, FieldType::Text) => HASH_CHARS,
        (Effect::Hash, _) => HASH_BYTES,
        (Effect::Anonymise, FieldType::Text) => ANONYMISED_CHARS,
        (Effect::Rewrite(text), FieldType::Text) => u32::try_from(text.chars().count()).unwrap_or(u32::MAX),
        _ => 0,
    }
}

/// Whether a text can be written into a column of that type.
fn reads_as(text: &str, kind: FieldType) -> bool {
    match kind {
        FieldType::Text => true,
        FieldType::Bool => text.parse::<bool>().is_ok(),
        FieldType::Int => text.parse::<i64>().is_ok(),
        FieldType::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        FieldType::Decimal => is_decimal(text),
        FieldType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
        FieldType::Time => text.parse::<NaiveTime>().is_ok(),
        FieldType::DateTime => {
            text.parse::<NaiveDateTime>().is_ok()
                || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").is_ok()
                || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
        }
        FieldType::Timestamp => text.parse::<DateTime<Utc>>().is_ok(),
        FieldType::Json => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        // Fixed values for such columns have no use that another effect does not serve.
        FieldType::Bytes | FieldType::Uuid | FieldType::Other => false,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Checks the effect of one field against its column and what depends on it.
pub(super) fn check(
    check: &mut Check<'_>,
    collection: &Collection,
    schema: &CollectionSchema,
    (field, column, effect): (&Field, &FieldSchema, &Effect),
) {
    let spot = Spot::field(collection, field);
    if let Err(misfit) = takes(effect, column) {
        let (code, message, fix) = describe(misfit, effect, column);
        check.error(code, spot, message, fix);
    }
    if schema.identity.contains(&field.name) {
        let fix = "drop the effect; delete the rows, or change the fields that are personal";
        check.error(Code::IdentifiesRows, spot, "it identifies the rows, so it cannot change", fix);
    }
    uniqueness(check, spot, schema, (field, effect));
    references(check, spot, schema, (field, effect));
}

fn describe(misfit: Misfit, effect: &Effect, column: &FieldSchema) -> (Code, String, String) {
    let word = word(effect);
    match misfit {
        Misfit::Generated => (
            Code::Generated,
            "the store computes it, so it cannot be written".to_owned(),
            "drop its effect, and change the fields that it is made of".to_owned(),
        ),
        Misfit::NotNullable => (
            Code::NotNullable,
            "\"null\" cannot be written, for the column is NOT NULL".to_owned(),
            "use another effect, such as \"anonymise\"; or make the column nullable".to_owned(),
        ),
        Misfit::Type => (
            Code::EffectType,
            format!("\"{word}\" cannot be written into a column of type {}", type_name(column.kind)),
            "use \"anonymise\", \"null\", or { rewrite = \"...\" } with a value of its type".to_owned(),
        ),
        Misfit::Length(needed) => (
            Code::TooShort,
            format!(
                "\"{word}\" writes {needed} characters, and the column takes {}",
                column.max_chars.unwrap_or(0)
            ),
            "use a shorter effect, such as \"mask-text\" or \"null\"; or widen the column".to_owned(),
        ),
    }
}

fn uniqueness(
    check: &mut Check<'_>,
    spot: Spot<'_>,
    schema: &CollectionSchema,
    (field, effect): (&Field, &Effect),
) {
    let word = word(effect);
    for unique in schema.unique.iter().filter(|unique| repeats(effect) && unique.contains(&field.name)) {
        let fix = "use \"null\", \"mask-email\" or \"hash\", which repeat no value";
        if unique.len() == 1 {
            let message = format!("its values may not repeat, and \"{word}\" gives several rows the same");
            check.error(Code::UniqueValues, spot, message, fix);
        } else {
            let message = format!(
                "\"{word}\" may give several rows the same value, which a unique index over it and others may refuse"
            );
            check.warning(Code::UniqueValues, spot, message, fix);
        }
    }
}

fn references(
    check: &mut Check<'_>,
    spot: Spot<'_>,
    schema: &CollectionSchema,
    (field, effect): (&Field, &Effect),
) {
    let refers = schema.references.iter().any(|reference| reference.fields.contains(&field.name));
    if refers && *effect != Effect::Null {
        let message = "it refers to other rows, so no made-up value can be written";
        check.error(Code::BreaksReference, spot, message, "use \"null\", or delete the rows");
    }
    let referring = check.schemas.iter().find(|other| {
        let mut to_here = other.references.iter().filter(|reference| &reference.to == spot.collection);
        to_here.any(|reference| reference.to_fields.contains(&field.name))
    });
    if let Some(referring) = referring {
        let message = format!("rows of `{}` refer to it, so it cannot change", referring.name);
        check.error(Code::Referenced, spot, message, "drop the effect, or delete the rows");
    }
}
