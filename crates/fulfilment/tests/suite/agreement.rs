//! What is refused beforehand and what is refused at run time is the same.

use habeas_connector_api::rewriting::check_effect;
use habeas_domain::{
    Effect, FieldName,
    schema::{FieldSchema, FieldType},
};
use habeas_registry::live::takes;

const KINDS: [FieldType; 13] = [
    FieldType::Bool,
    FieldType::Int,
    FieldType::Float,
    FieldType::Decimal,
    FieldType::Text,
    FieldType::Bytes,
    FieldType::Date,
    FieldType::Time,
    FieldType::DateTime,
    FieldType::Timestamp,
    FieldType::Uuid,
    FieldType::Json,
    FieldType::Other,
];

/// Texts at the edge of some type.
const TEXTS: [&str; 24] = [
    "",
    "none",
    "0",
    "-1",
    "007",
    "+7",
    "1.50",
    "1.",
    ".5",
    "1e3",
    "NaN",
    "true",
    "TRUE",
    "ff",
    "0xff",
    "{}",
    "{",
    "1970-01-01",
    "1970-1-1",
    "12:00:00",
    "12:00",
    "1970-01-01 12:00:00",
    "1970-01-01T12:00:00Z",
    "7d444840-9dc0-11d1-b245-5ffdce74fad2",
];

fn effects() -> Vec<Effect> {
    let plain = [
        Effect::Null,
        Effect::MaskEmail,
        Effect::MaskPhone,
        Effect::MaskText,
        Effect::Hash,
        Effect::Anonymise,
    ];
    plain.into_iter().chain(TEXTS.map(|text| Effect::Rewrite(text.to_owned()))).collect()
}

/// Fixed values that a connector could write and a manifest may not ask for: nobody needs them.
fn is_refused_only_beforehand(effect: &Effect, kind: FieldType) -> bool {
    match (effect, kind) {
        (Effect::Rewrite(_), FieldType::Bytes | FieldType::Uuid) => true,
        (Effect::Rewrite(text), FieldType::DateTime) => text.ends_with('Z'),
        _ => false,
    }
}

#[test]
fn the_check_of_manifests_and_the_connectors_refuse_the_same_effects() {
    let (mut taken, mut refused) = (0, 0);
    for effect in effects() {
        for kind in KINDS {
            for (nullable, generated) in [(true, false), (false, false), (true, true)] {
                for max_chars in std::iter::once(None).chain((0..=45).map(Some)) {
                    let name = FieldName::new("x").unwrap();
                    let field = FieldSchema { name, kind, nullable, max_chars, generated };
                    let (before, then) = (takes(&effect, &field), check_effect(&effect, &field));
                    assert!(
                        before.is_err() || then.is_ok(),
                        "found out half-way: {effect:?} on {field:?}: {then:?}"
                    );
                    if is_refused_only_beforehand(&effect, kind) {
                        assert!(before.is_err(), "{effect:?} on {field:?}");
                    } else {
                        assert_eq!(
                            before.is_ok(),
                            then.is_ok(),
                            "{effect:?} on {field:?}: {before:?}, {then:?}"
                        );
                    }
                    taken += usize::from(before.is_ok());
                    refused += usize::from(before.is_err());
                }
            }
        }
    }
    assert!(taken > 1_000 && refused > 1_000, "{taken} and {refused}");
}
