//! What an effect or a correction makes of a value. Pure, so that every store gives the same result, and
//! convergent: what was rewritten once is left as it is.

mod anonymise;
mod coercion;
mod hash;
mod keyed;
mod mask;

use habeas_domain::{
    CollectionName, Effect, FieldName, Value,
    schema::{FieldSchema, FieldType},
};

use crate::{EffectSalt, Replacement, StoreError, code};

pub use coercion::{coerce, same};

/// The row that a value stands in.
#[derive(Debug, Clone, Copy)]
pub struct RowContext<'a> {
    /// The secret of masks and hashes.
    pub salt: &'a EffectSalt,
    /// The row's collection.
    pub collection: &'a CollectionName,
    /// What identifies the row in it.
    pub identity: &'a [Value],
}

/// An effect or correction that a field cannot take. Manifests are checked so that this never happens at run time;
/// if the schema changed since, the whole change is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` {reason}")]
pub struct CannotRewrite {
    /// The field.
    pub field: FieldName,
    /// Why, and what to do.
    pub reason: String,
}

impl From<CannotRewrite> for StoreError {
    fn from(cannot: CannotRewrite) -> Self {
        Self::permanent(code::EFFECT, cannot.to_string())
    }
}

/// What a correction makes of a value; nothing if it stays as it is: it is another than the one shown, or right already.
pub fn apply_replacement(
    wanted: &Replacement,
    old: &Value,
    field: &FieldSchema,
) -> Result<Option<Value>, CannotRewrite> {
    if !same(old, &wanted.from) {
        return Ok(None);
    }
    let new = fit(coerced(&wanted.to, field)?, field)?;
    Ok((!same(old, &new)).then_some(new))
}

/// What an effect makes of a value. An already rewritten value is returned as it is.
pub fn apply_effect(
    effect: &Effect,
    row: RowContext<'_>,
    old: &Value,
    field: &FieldSchema,
) -> Result<Value, CannotRewrite> {
    check_effect(effect, field)?;
    if is_applied(effect, old, field) {
        return Ok(old.clone());
    }
    let new = match effect {
        Effect::Null => Value::Null,
        Effect::MaskEmail => Value::Text(mask::email(row, &field.name)),
        Effect::MaskPhone => mask::phone(old),
        Effect::MaskText => Value::Text(mask::text(field.max_chars)),
        Effect::Hash => hash::hashed(row.salt, old),
        Effect::Anonymise => anonymise::coarse(old),
        Effect::Rewrite(text) => coerced(&Value::Text(text.clone()), field)?,
    };
    fit(new, field)
}

/// Whether a value already is as the effect leaves it: what proofs look for.
pub fn is_applied(effect: &Effect, value: &Value, field: &FieldSchema) -> bool {
    match effect {
        Effect::Null => value.is_null(),
        Effect::Rewrite(text) => {
            coerce(&Value::Text(text.clone()), field.kind).is_some_and(|meant| same(value, &meant))
        }
        _ if value.is_null() => true,
        Effect::MaskEmail => mask::is_email(value),
        Effect::MaskPhone => mask::is_phone(value),
        Effect::MaskText => mask::is_text(value),
        Effect::Hash => hash::is_hashed(value),
        Effect::Anonymise => same(value, &anonymise::coarse(value)),
    }
}

/// Whether a text is what [`Effect::MaskEmail`] or [`Effect::Hash`] puts in the place of an address: nobody's.
pub fn is_erased_address(text: &str) -> bool {
    let value = Value::Text(text.to_owned());
    mask::is_email(&value) || hash::is_hashed(&value)
}

/// Whether a field can take the effect at all, by its type, nullability and length.
pub fn check_effect(effect: &Effect, field: &FieldSchema) -> Result<(), CannotRewrite> {
    let refuse = |reason: &str| Err(CannotRewrite { field: field.name.clone(), reason: reason.to_owned() });
    if field.generated {
        return refuse(
            "is computed by the store and cannot be written; rewrite the fields that it is made of",
        );
    }
    let takes = match effect {
        Effect::Null if !field.nullable => return refuse("takes no NULL; choose another effect"),
        Effect::Null => true,
        Effect::MaskEmail | Effect::MaskText => field.kind == FieldType::Text,
        Effect::MaskPhone => matches!(field.kind, FieldType::Text | FieldType::Int | FieldType::Decimal),
        Effect::Hash => matches!(field.kind, FieldType::Text | FieldType::Bytes),
        Effect::Anonymise => field.kind != FieldType::Other,
        Effect::Rewrite(text) => coerce(&Value::Text(text.clone()), field.kind).is_some(),
    };
    if !takes {
        return refuse("has a type that cannot take this effect; choose another effect");
    }
    let needed = needed_chars(effect, field.kind);
    if field.max_chars.is_some_and(|max| max < needed) {
        return refuse(&format!("is too short for this effect, which needs {needed} characters"));
    }
    Ok(())
}

fn needed_chars(effect: &Effect, kind: FieldType) -> u32 {
    let chars = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    match effect {
        Effect::MaskEmail => mask::EMAIL_CHARS,
        Effect::Hash if kind == FieldType::Text => hash::TEXT_CHARS,
        Effect::Hash => hash::BYTES,
        Effect::Anonymise if kind == FieldType::Text => chars(anonymise::WORD),
        Effect::Rewrite(text) if kind == FieldType::Text => chars(text),
        _ => 0,
    }
}

fn coerced(value: &Value, field: &FieldSchema) -> Result<Value, CannotRewrite> {
    let cannot = || CannotRewrite {
        field: field.name.clone(),
        reason: "cannot hold the new value, which is not of its type".to_owned(),
    };
    coerce(value, field.kind).ok_or_else(cannot)
}

fn fit(value: Value, field: &FieldSchema) -> Result<Value, CannotRewrite> {
    let refuse = |reason: &str| Err(CannotRewrite { field: field.name.clone(), reason: reason.to_owned() });
    match (&value, field.max_chars) {
        _ if field.generated => refuse("is computed by the store and cannot be written"),
        (Value::Null, _) if !field.nullable => refuse("takes no NULL"),
        (Value::Text(text), Some(max)) if text.chars().nth(max as usize).is_some() => {
            refuse(&format!("takes at most {max} characters; the new value is longer"))
        }
        _ => Ok(value),
    }
}

#[cfg(test)]
mod tests;
