//! The order in which a deletion goes through a store: rows that refer go before rows that are referred to.

use habeas_domain::{
    CollectionName, FieldName,
    schema::{CollectionSchema, Reference},
};
use serde::Serialize;

use crate::{Collection, Driver, Manifest};

/// References that go round and of which none may be emptied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rows of {} refer to each other in a circle, and none of the references can be emptied", names(.0))]
pub struct Cycle(pub Vec<CollectionName>);

fn names(collections: &[CollectionName]) -> String {
    collections.iter().map(CollectionName::as_str).collect::<Vec<_>>().join(", ")
}

/// References to empty before any row is deleted, because they are part of a circle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Untie {
    /// Whose rows refer.
    pub collection: CollectionName,
    /// The fields to set to nothing.
    pub fields: Vec<FieldName>,
}

/// How a deletion goes through a store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DeletionOrder {
    /// What to empty first.
    pub untie: Vec<Untie>,
    /// Every collection in which a deletion does something, children before parents.
    pub collections: Vec<CollectionName>,
}

/// A reference that a deletion must heed.
struct Edge<'a> {
    child: &'a CollectionName,
    parent: &'a CollectionName,
    /// The store deletes or empties the child itself.
    follows: bool,
    /// The fields that can be emptied to untie the rows.
    loose: Vec<FieldName>,
}

/// Orders a store's collections. Of a circle, a reference that the store itself follows is ignored, or else
/// one that can be emptied is untied. References to a row's own collection do not count, for they go with it.
pub fn deletion_order(manifest: &Manifest, schemas: &[CollectionSchema]) -> Result<DeletionOrder, Cycle> {
    let mut edges = edges(manifest, schemas);
    let mut order = DeletionOrder { untie: own_references(manifest, schemas), collections: Vec::new() };
    let deletes = manifest.collections.iter().filter(|collection| collection.deletes());
    let mut open: Vec<&CollectionName> = deletes.map(|collection| &collection.name).collect();
    while !open.is_empty() {
        let free = open.iter().position(|name| !edges.iter().any(|edge| edge.parent == *name));
        if let Some(free) = free {
            let name = open.remove(free);
            edges.retain(|edge| edge.child != name);
            order.collections.push(name.clone());
        } else {
            break_circle(&mut edges, &mut order.untie)?;
        }
    }
    Ok(order)
}

fn edges<'a>(manifest: &'a Manifest, schemas: &'a [CollectionSchema]) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    for child in manifest.collections.iter().filter(|collection| collection.deletes()) {
        let Some(schema) = schemas.iter().find(|schema| schema.name == child.name) else { continue };
        for reference in schema.references.iter().filter(|reference| reference.to != child.name) {
            let parent = manifest.collection(&reference.to).filter(|parent| parent.deletes_rows);
            edges.extend(parent.map(|parent| edge(child, parent, schema, reference)));
        }
    }
    edges
}

fn edge<'a>(
    child: &'a Collection,
    parent: &'a Collection,
    schema: &CollectionSchema,
    reference: &Reference,
) -> Edge<'a> {
    let loose = loose_fields(schema, reference);
    Edge { child: &child.name, parent: &parent.name, follows: reference.follows, loose }
}

/// The fields of a reference that can be emptied. One of them is enough to untie a row.
fn loose_fields(schema: &CollectionSchema, reference: &Reference) -> Vec<FieldName> {
    let loose = |name: &&FieldName| {
        schema.field(name).is_some_and(|field| field.nullable && !field.generated)
            && !schema.identity.contains(name)
    };
    reference.fields.iter().filter(loose).cloned().collect()
}

/// `InnoDB` checks a statement's references row by row, so rows that refer to rows of the same statement
/// must be untied before. The other stores look at the end of the statement.
fn own_references(manifest: &Manifest, schemas: &[CollectionSchema]) -> Vec<Untie> {
    let rows = manifest.collections.iter().filter(|collection| collection.deletes_rows);
    let schema = |collection: &Collection| schemas.iter().find(|schema| schema.name == collection.name);
    let mut untie = Vec::new();
    for schema in rows.filter(|_| manifest.driver == Driver::Mysql).filter_map(schema) {
        let own =
            schema.references.iter().filter(|reference| reference.to == schema.name && !reference.follows);
        for fields in own.map(|reference| loose_fields(schema, reference)).filter(|fields| !fields.is_empty())
        {
            untie.push(Untie { collection: schema.name.clone(), fields });
        }
    }
    untie
}

/// Takes one reference out of a circle.
fn break_circle(edges: &mut Vec<Edge<'_>>, untie: &mut Vec<Untie>) -> Result<(), Cycle> {
    let circle = circle(edges);
    let breakable = |wanted: &dyn Fn(&Edge<'_>) -> bool| {
        circle.iter().copied().find(|index| edges.get(*index).is_some_and(wanted))
    };
    let followed = breakable(&|edge| edge.follows);
    let Some(index) = followed.or_else(|| breakable(&|edge| !edge.loose.is_empty())) else {
        let children = circle.iter().filter_map(|index| edges.get(*index)).map(|edge| edge.child.clone());
        return Err(Cycle(children.collect()));
    };
    let edge = edges.remove(index);
    if !edge.follows {
        untie.push(Untie { collection: edge.child.clone(), fields: edge.loose });
    }
    Ok(())
}

/// The indices of edges that go round. There is one whenever every open collection still has a child.
fn circle(edges: &[Edge<'_>]) -> Vec<usize> {
    let mut path: Vec<usize> = Vec::new();
    let mut at = edges.first().map(|edge| edge.parent);
    while let Some(parent) = at {
        if let Some(start) =
            path.iter().position(|index| edges.get(*index).is_some_and(|edge| edge.parent == parent))
        {
            return path.split_off(start);
        }
        let Some(index) = edges.iter().position(|edge| edge.parent == parent) else { break };
        path.push(index);
        at = edges.get(index).map(|edge| edge.child);
    }
    path
}
