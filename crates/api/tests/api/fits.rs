//! As much of JSON Schema as the document needs.

use serde_json::Value;

/// Where a value is not as its schema says.
pub(crate) fn misfits(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return misfits(document, document.pointer(&reference[1..]).unwrap(), value, at);
    }
    let fits = |inner: &Value| misfits(document, inner, value, at).is_empty();
    let any = schema["oneOf"].as_array().is_none_or(|ways| ways.iter().filter(|way| fits(way)).count() == 1);
    let mut found: Vec<_> =
        (!any).then(|| format!("{at}: fits none of its shapes, or several")).into_iter().collect();
    for all in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(misfits(document, all, value, at));
    }
    if !is_of(&schema["type"], value) {
        found.push(format!("{at}: {value} is not {}", schema["type"]));
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        found.push(format!("{at}: {value} is none of {words:?}"));
    }
    found.extend(fields(document, schema, value, at));
    let items = value.as_array().filter(|_| !schema["items"].is_null());
    for (place, item) in items.into_iter().flatten().enumerate() {
        found.extend(misfits(document, &schema["items"], item, &format!("{at}[{place}]")));
    }
    found
}

fn fields(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return Vec::new() };
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing = required.filter(|name| !object.contains_key(*name));
    let mut found: Vec<_> = missing.map(|name| format!("{at}: no {name}")).collect();
    for (name, inner) in object {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{at}: not known")),
            (Value::Null, Value::Null | Value::Bool(true)) => {}
            (Value::Null, schema) | (schema, _) => found.extend(misfits(document, schema, inner, &at)),
        }
    }
    found
}

fn is_of(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        other => panic!("no type {other}"),
    };
    match types {
        Value::Null => true,
        Value::Array(any) => any.iter().any(is),
        one => is(one),
    }
}
