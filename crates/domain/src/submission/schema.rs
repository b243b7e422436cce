//! The JSON Schema of a submission, for other systems to check against before they send.

use serde_json::{Value, json};

use super::{CorrectionKind, MandateKind, fields};
use crate::{Channel, EmailAddress, KeyValue, Language, PersonName, Right};

/// The JSON Schema (2020-12) of a submission, version 1. It says what a schema can; [`Submission::read`] says the
/// rest: regimes and the rights they offer, times, addresses.
///
/// [`Submission::read`]: super::Submission::read
pub fn submission_schema() -> Value {
    let correction = Right::Correction.as_str();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Submission",
        "description": "What one person asks for at one time. Version 1.",
        "type": "object",
        "additionalProperties": false,
        "required": ["subject", "rights"],
        "properties": {
            "regime": optional_text("The law the request is under, such as eu_gdpr. Default: as configured. Unless a token that may approve names it, and not for a form, proof of identity takes as much as under the default law, too.",
                json!({ "pattern": "^[a-z][a-z0-9_]{1,39}$" })),
            "language": optional_choice("The language the person is written to in. Default: as configured.",
                Language::ALL.map(Language::as_str).as_slice()),
            "channel": optional_choice("How the request reached the company. Default: the door it comes through.",
                Channel::ALL.map(Channel::as_str).as_slice()),
            "received_at": optional_text(
                "When the request reached the company (RFC 3339). The legal clock starts here. Default: now.",
                json!({ "format": "date-time" })),
            "subject": subject(),
            "agent": agent(),
            "child": child(),
            "rights": rights(),
            "corrections": corrections(),
            "message": optional_text("What the person wrote.", json!({ "maxLength": fields::MAX_MESSAGE_CHARS })),
            "external_reference": optional_text("The number of a ticket or case elsewhere.",
                json!({ "maxLength": fields::MAX_REFERENCE_CHARS })),
        },
        "if": { "properties": { "rights": { "contains": { "const": correction } } } },
        "then": {
            "required": ["corrections"],
            "properties": { "corrections": { "type": "array", "minItems": 1 } },
        },
        "else": { "properties": { "corrections": { "maxItems": 0 } } },
    })
}

fn subject() -> Value {
    json!({
        "description": "The person the request is about.",
        "type": "object",
        "additionalProperties": false,
        "required": ["email"],
        "properties": {
            "email": {
                "description": "One mail address. The proof of identity and every answer go there.",
                "type": "string", "format": "idn-email", "maxLength": EmailAddress::MAX_BYTES,
            },
            "name": optional_text("The person's name.", json!({ "maxLength": PersonName::MAX_CHARS })),
            "phone": optional_text("A telephone number with + and country code, such as +81 90 0000 0000.", json!({})),
            "identifiers": {
                "description": "Further keys of the person, such as a customer number.",
                "type": ["array", "null"], "maxItems": fields::MAX_IDENTIFIERS, "uniqueItems": true,
                "items": identifier(),
            },
        },
    })
}

fn identifier() -> Value {
    json!({
        "description": "One key of the person.",
        "type": "object",
        "additionalProperties": false,
        "required": fields::IDENTIFIER,
        "properties": {
            "key": {
                "description": "The kind of key, as store manifests name it.",
                "type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$",
            },
            "value": { "description": "Its value.", "type": "string", "minLength": 1, "maxLength": KeyValue::MAX_BYTES },
        },
    })
}

fn agent() -> Value {
    json!({
        "description": "Who asks on the person's behalf. The person is asked to confirm directly, and every answer goes to them.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "required": ["name", "email", "mandate"],
        "properties": {
            "name": { "description": "The agent's name.", "type": "string", "maxLength": PersonName::MAX_CHARS },
            "email": {
                "description": "The agent's mail address; another one than the person's.",
                "type": "string", "format": "idn-email", "maxLength": EmailAddress::MAX_BYTES,
            },
            "organisation": optional_text("The organisation they act for.", json!({ "maxLength": PersonName::MAX_CHARS })),
            "mandate": {
                "description": "What they say empowers them.",
                "type": "string", "enum": MandateKind::ALL.map(MandateKind::as_str),
            },
            "reference": optional_text("The mandate's number or mark.",
                json!({ "maxLength": fields::MAX_REFERENCE_CHARS })),
            "valid_until": optional_text("The last day on which the mandate holds, as YYYY-MM-DD.",
                json!({ "format": "date" })),
            "sha256": optional_text("SHA-256 of the mandate document in hexadecimal: no other is taken for it then.",
                json!({ "pattern": "^[0-9a-fA-F]{64}$" })),
        },
    })
}

fn child() -> Value {
    json!({
        "description": "That the person is a child under the request's law. A parent or guardian proves it, never the child alone. Not beside agent.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "age": {
                "description": "The child's age in years, compared with the law's and not kept. Without it, the person is taken for a child, and staff look at a document of the guardian: that the stores hold the guardian is not enough.",
                "type": ["integer", "null"], "minimum": 0, "maximum": 120,
            },
            "country": optional_text("Where the child lives (ISO 3166-1), where the law's age differs by country.",
                json!({ "pattern": "^[A-Z]{2}$" })),
            "guardian": {
                "description": "The parent or guardian, if they are known. Their own link goes to their address, and every answer once they are verified.",
                "type": ["object", "null"],
                "additionalProperties": false,
                "required": ["name", "email"],
                "properties": {
                    "name": { "description": "Their name.", "type": "string", "maxLength": PersonName::MAX_CHARS },
                    "email": {
                        "description": "Their own mail address.",
                        "type": "string", "format": "idn-email", "maxLength": EmailAddress::MAX_BYTES,
                    },
                },
            },
        },
    })
}

fn rights() -> Value {
    json!({
        "description": "What is asked. The regime must offer each.",
        "type": "array", "minItems": 1, "maxItems": Right::ALL.len(), "uniqueItems": true,
        "items": { "type": "string", "enum": Right::ALL.map(Right::as_str) },
    })
}

fn corrections() -> Value {
    json!({
        "description": "What is to be corrected; there when and only when the rights hold correction.",
        "type": ["array", "null"], "maxItems": fields::MAX_CORRECTIONS,
        "items": {
            "description": "One fact and its new value. Each category once.",
            "type": "object",
            "additionalProperties": false,
            "required": fields::CORRECTION,
            "properties": {
                "category": {
                    "description": "The category of data, such as user.contact.email.",
                    "type": "string", "pattern": "^[a-z][a-z0-9_.]{0,62}$",
                },
                "value": {
                    "description": "The new value, always as text: a date as YYYY-MM-DD, a number in decimal digits.",
                    "type": "string", "minLength": 1, "maxLength": fields::MAX_CORRECTED_CHARS,
                },
                "type": {
                    "description": "What kind of value it is, and so how it is checked.",
                    "type": "string", "enum": CorrectionKind::ALL.map(CorrectionKind::as_str),
                },
            },
        },
    })
}

/// A text that may be left out.
fn optional_text(description: &str, more: Value) -> Value {
    let mut schema = json!({ "description": description, "type": ["string", "null"] });
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

/// One of a few words, that may be left out.
fn optional_choice(description: &str, words: &[&str]) -> Value {
    let words: Vec<Value> = words.iter().map(|word| Value::from(*word)).chain([Value::Null]).collect();
    json!({ "description": description, "enum": words })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(schema: &Value) -> BTreeSet<&str> {
        schema["properties"].as_object().expect("properties").keys().map(String::as_str).collect()
    }

    #[test]
    fn schema_and_reading_know_the_same_fields() {
        let schema = submission_schema();
        let of = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
        let subject = &schema["properties"]["subject"];
        assert_eq!(names(&schema), of(fields::SUBMISSION));
        assert_eq!(names(subject), of(fields::SUBJECT));
        assert_eq!(names(&schema["properties"]["agent"]), of(fields::AGENT));
        let child = &schema["properties"]["child"];
        assert_eq!(names(child), of(fields::CHILD));
        assert_eq!(names(&child["properties"]["guardian"]), of(fields::GUARDIAN));
        assert_eq!(names(&subject["properties"]["identifiers"]["items"]), of(fields::IDENTIFIER));
        assert_eq!(names(&schema["properties"]["corrections"]["items"]), of(fields::CORRECTION));
    }

    #[test]
    fn every_field_is_described() {
        fn check(path: &str, schema: &Value) {
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let path = format!("{path}.{name}");
                assert!(field["description"].is_string(), "{path}");
                check(&path, field);
                check(&path, &field["items"]);
            }
        }
        check("", &submission_schema());
    }
}
