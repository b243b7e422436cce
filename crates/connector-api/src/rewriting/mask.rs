//! Masks: a value of the same shape that says nothing.

use habeas_domain::{FieldName, Value};

use super::{RowContext, keyed};

const EMAIL_PREFIX: &str = "erased-";
/// RFC 2606 reserves `.invalid`: no mail can be delivered there.
const EMAIL_SUFFIX: &str = "@erased.invalid";
const EMAIL_DIGITS: usize = 16;
/// The length of a masked address.
pub(super) const EMAIL_CHARS: u32 = 38;
/// Always as many, so that the length of the text is not told.
const TEXT: &str = "********";

/// An address that cannot receive mail and is unique to the row and field, so that a unique index takes it.
pub(super) fn email(row: RowContext<'_>, field: &FieldName) -> String {
    let identity: Vec<String> = row.identity.iter().map(Value::to_text).collect();
    let mut parts = vec!["mask-email", row.collection.as_str(), field.as_str()];
    parts.extend(identity.iter().map(String::as_str));
    format!("{EMAIL_PREFIX}{}{EMAIL_SUFFIX}", keyed::digits(row.salt, &parts, EMAIL_DIGITS))
}

pub(super) fn is_email(value: &Value) -> bool {
    let Value::Text(text) = value else { return false };
    let digits = text.strip_prefix(EMAIL_PREFIX).and_then(|rest| rest.strip_suffix(EMAIL_SUFFIX));
    digits.is_some_and(|digits| digits.len() == EMAIL_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Digits of any script become 0, and letters (`ext. Taro`) become x; signs and spaces keep the shape.
pub(super) fn phone(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(text.chars().map(phone_char).collect()),
        Value::Int(_) => Value::Int(0),
        Value::Decimal(_) => Value::Decimal("0".to_owned()),
        other => other.clone(),
    }
}

fn phone_char(c: char) -> char {
    match c {
        _ if c.is_numeric() => '0',
        _ if c.is_ascii() && !c.is_alphabetic() => c,
        'ー' | '－' | '（' | '）' | '\u{3000}' => c,
        _ => 'x',
    }
}

pub(super) fn is_phone(value: &Value) -> bool {
    super::same(value, &phone(value))
}

pub(super) fn text(max_chars: Option<u32>) -> String {
    TEXT.chars().take(max_chars.map_or(usize::MAX, |max| max as usize)).collect()
}

pub(super) fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.bytes().all(|byte| byte == b'*'))
}
