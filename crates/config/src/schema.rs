//! The JSON Schema of the configuration.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::Config;

/// The JSON Schema (draft 2020-12) of the configuration file, for editors and for `deploy/`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = generator.into_generator().into_root_schema_for::<Config>();
    serde_json::to_value(schema).unwrap_or_default()
}

/// What the schema says about the key at `path`, or else about the nearest one around it.
pub(crate) fn description<'a>(schema: &'a Value, path: &[String]) -> Option<&'a str> {
    let (mut place, mut said) = (schema, None);
    for key in path {
        let property = place.get("properties").and_then(|properties| properties.get(key));
        // A place in a list that says nothing of its entries is described by the list.
        let Some(inner) = property.or_else(|| place.get("items")) else { break };
        place = inner;
        said = place.get("description").and_then(Value::as_str).or(said);
    }
    said
}
