//! A keyed hash in place of a value: equal values stay equal, nobody can be found by them.

use habeas_domain::Value;

use super::keyed;
use crate::EffectSalt;

/// What makes a hash recognisable, so that it is not hashed again.
const PREFIX: &str = "erased:";
const DIGITS: usize = 32;
/// The length of a hash in a text field.
pub(super) const TEXT_CHARS: u32 = 39;
/// The length of a hash in a field of bytes.
pub(super) const BYTES: u32 = 23;

pub(super) fn hashed(salt: &EffectSalt, value: &Value) -> Value {
    let digits = keyed::digits(salt, &["hash", &value.to_text()], DIGITS);
    match value {
        Value::Bytes(_) => {
            let raw = hex::decode(&digits).unwrap_or_default();
            Value::Bytes([PREFIX.as_bytes(), &raw].concat())
        }
        _ => Value::Text(format!("{PREFIX}{digits}")),
    }
}

pub(super) fn is_hashed(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.strip_prefix(PREFIX).is_some_and(|digits| {
            digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }),
        Value::Bytes(bytes) => bytes.len() == BYTES as usize && bytes.starts_with(PREFIX.as_bytes()),
        _ => false,
    }
}
