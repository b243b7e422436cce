//! Values that never print.

use std::{borrow::Cow, fmt};

use habeas_domain::Personal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What stands in place of a secret.
pub const SECRET: &str = "[secret]";

/// A password, a key, or a URL that may hold one. Shown as [`SECRET`] wherever the configuration is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Personal<String>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Personal::new(text.into()))
    }

    /// The secret itself. Every call is a place to ask where it goes next.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(SECRET)
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Reads through a value of any type, so that no error quotes a secret that was written without quotes.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::String(text) if text == SECRET => {
                Err(de::Error::custom("this is the mask of a secret, not the secret"))
            }
            serde_json::Value::String(text) => Ok(Self::new(text)),
            _ => Err(de::Error::custom("a text in quotes is expected")),
        }
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password", "writeOnly": true })
    }
}
