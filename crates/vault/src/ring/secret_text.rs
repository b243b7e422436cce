//! A secret as text in the ring's file: 43 characters of URL-safe base64.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};
use zeroize::Zeroizing;

use crate::{secret::Secret, token};

pub(super) fn serialize<S: Serializer>(secret: &Secret, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&token::encode(secret))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    let text = Zeroizing::new(String::deserialize(from)?);
    token::decode(&text).ok_or_else(|| D::Error::custom("a secret is 43 characters of URL-safe base64"))
}
