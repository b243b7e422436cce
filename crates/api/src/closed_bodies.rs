//! Saying in the document what every route does: a body with a field that is not known is refused.

use std::collections::BTreeSet;

use utoipa::openapi::{
    Content, OpenApi, RefOr, Schema,
    path::{Operation, PathItem},
    schema::AdditionalProperties,
};

/// Closes the schemas of all bodies, with those of the objects in them, to fields that they do not name. A submission's own
/// schema is closed already.
pub(crate) fn close_bodies(document: &mut OpenApi) {
    let operations = document.paths.paths.values().flat_map(operations);
    let mut open: Vec<String> = operations.flat_map(bodies).collect();
    let Some(components) = &mut document.components else { return };
    let mut closed = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !closed.insert(name.clone()) {
            continue;
        }
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name)
            && !object.properties.is_empty()
        {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            open.extend(object.properties.values().flat_map(named));
        }
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = &Operation> {
    [&item.post, &item.put, &item.patch, &item.delete].into_iter().flatten()
}

/// The names of the schemas of its body.
fn bodies(operation: &Operation) -> Vec<String> {
    let Some(RefOr::T(body)) = &operation.request_body else { return Vec::new() };
    let schema = |content: &RefOr<Content>| match content {
        RefOr::T(content) => content.schema.as_ref().and_then(name),
        RefOr::Ref(_) => None,
    };
    body.content.values().filter_map(schema).collect()
}

fn name(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

/// The schemas that a field names: its own, that of its items, or those of which it is one.
fn named(field: &RefOr<Schema>) -> Vec<String> {
    use utoipa::openapi::schema::ArrayItems;
    match field {
        RefOr::Ref(_) => name(field).into_iter().collect(),
        RefOr::T(Schema::Array(list)) => match &list.items {
            ArrayItems::RefOrSchema(items) => named(items),
            ArrayItems::False => Vec::new(),
        },
        RefOr::T(Schema::OneOf(ways)) => ways.items.iter().flat_map(named).collect(),
        RefOr::T(_) => Vec::new(),
    }
}
