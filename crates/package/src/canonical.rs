//! The JSON Canonicalization Scheme (RFC 8785), for what manifests are made of: objects with ASCII names, arrays,
//! texts, whole numbers, true, false and null.

use serde::Serialize;
use serde_json::Value;

/// The canonical bytes: no white space, members sorted by name.
pub(crate) fn bytes(content: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    write(&serde_json::to_value(content)?, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            enclosed(out, *b"{}", members, |(name, value), out| {
                serde_json::to_writer(&mut *out, name)?;
                out.push(b':');
                write(value, out)
            })
        }
        Value::Array(items) => enclosed(out, *b"[]", items, write),
        scalar => serde_json::to_writer(out, scalar),
    }
}

fn enclosed<T>(
    out: &mut Vec<u8>,
    [open, close]: [u8; 2],
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(T, &mut Vec<u8>) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        each(item, out)?;
    }
    out.push(close);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_sorted_and_nothing_is_spaced() {
        let value: Value =
            serde_json::from_str(r#"{ "b": [1, true, null], "a": { "d": "é\u0001\n", "c": {} } }"#).unwrap();
        let canonical = String::from_utf8(bytes(&value).unwrap()).unwrap();
        assert_eq!(canonical, r#"{"a":{"c":{},"d":"é\u0001\n"},"b":[1,true,null]}"#);
    }
}
