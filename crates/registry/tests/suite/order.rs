//! The order of deletion respects every reference.

use habeas_domain::schema::{CollectionSchema, FieldType};
use habeas_registry::{Cycle, DeletionOrder, Manifest, Untie, deletion_order};
use proptest::prelude::*;

use crate::column::{column, field, name, refers, required, table};

/// A store whose collections are all deleted by rows.
fn rows(driver: &str, names: &[String]) -> Manifest {
    let head = format!("[store]\nname = \"s\"\ndriver = \"{driver}\"\nurl = \"x\"\nproduct = \"X\"\n");
    let one = |name: &String| {
        format!("[[collection]]\nname = \"{name}\"\nfields.k = {{ key = \"email\" }}\ndelete = \"rows\"\n")
    };
    crate::manifest(&(head + &names.iter().map(one).collect::<String>()))
}

fn order(driver: &str, tables: &[CollectionSchema]) -> Result<DeletionOrder, Cycle> {
    let names: Vec<String> = tables.iter().map(|table| table.name.to_string()).collect();
    deletion_order(&rows(driver, &names), tables)
}

fn with(mut table: CollectionSchema, references: Vec<habeas_domain::schema::Reference>) -> CollectionSchema {
    table.references = references;
    table
}

fn names(order: &DeletionOrder) -> Vec<&str> {
    order.collections.iter().map(habeas_domain::CollectionName::as_str).collect()
}

#[test]
fn children_go_before_parents() {
    let id = || required("id", FieldType::Int);
    let tables = [
        table("customer", vec![id()]),
        with(
            table("orders", vec![id(), required("c", FieldType::Int)]),
            vec![refers("c", "customer", false)],
        ),
        with(table("item", vec![id(), required("o", FieldType::Int)]), vec![refers("o", "orders", true)]),
    ];
    assert_eq!(names(&order("postgres", &tables).unwrap()), ["item", "orders", "customer"]);
}

#[test]
fn a_circle_is_untied_where_a_reference_can_be_empty() {
    let id = || required("id", FieldType::Int);
    let tables = [
        with(table("a", vec![id(), required("b", FieldType::Int)]), vec![refers("b", "b", false)]),
        with(table("b", vec![id(), column("a", FieldType::Int)]), vec![refers("a", "a", false)]),
    ];
    let order = order("postgres", &tables).unwrap();
    assert_eq!(order.untie, [Untie { collection: name("b"), fields: vec![field("a")] }]);
    assert_eq!(names(&order), ["a", "b"]);
}

#[test]
fn a_circle_of_hard_references_is_refused() {
    let id = || required("id", FieldType::Int);
    let tables = [
        with(table("a", vec![id(), required("b", FieldType::Int)]), vec![refers("b", "b", false)]),
        with(table("b", vec![id(), required("a", FieldType::Int)]), vec![refers("a", "a", false)]),
    ];
    let cycle = order("sqlite", &tables).unwrap_err();
    assert_eq!(
        cycle.to_string(),
        "rows of a, b refer to each other in a circle, and none of the references can be emptied"
    );
}

#[test]
fn a_reference_to_its_own_collection_matters_to_mysql_alone() {
    let message = with(
        table("message", vec![required("id", FieldType::Int), column("reply_to", FieldType::Int)]),
        vec![refers("reply_to", "message", false)],
    );
    assert_eq!(order("postgres", std::slice::from_ref(&message)).unwrap().untie, []);
    let untie = order("mysql", &[message]).unwrap().untie;
    assert_eq!(untie, [Untie { collection: name("message"), fields: vec![field("reply_to")] }]);
}

#[derive(Debug, Clone)]
struct Link {
    from: usize,
    to: usize,
    nullable: bool,
    follows: bool,
}

fn store() -> impl Strategy<Value = (usize, Vec<Link>)> {
    (1..7usize).prop_flat_map(|size| {
        let link = (0..size, 0..size, any::<bool>(), proptest::bool::weighted(0.2))
            .prop_map(|(from, to, nullable, follows)| Link { from, to, nullable, follows });
        (Just(size), proptest::collection::vec(link, 0..12))
    })
}

fn tables(size: usize, links: &[Link]) -> Vec<CollectionSchema> {
    let of = |index: usize| links.iter().enumerate().filter(move |(_, link)| link.from == index);
    let one = |index: usize| {
        let mut fields = vec![required("id", FieldType::Int)];
        fields.extend(of(index).map(|(nth, link)| {
            let column = column(&format!("r{nth}"), FieldType::Int);
            habeas_domain::schema::FieldSchema { nullable: link.nullable, ..column }
        }));
        let references =
            of(index).map(|(nth, link)| refers(&format!("r{nth}"), &format!("t{}", link.to), link.follows));
        with(table(&format!("t{index}"), fields), references.collect())
    };
    (0..size).map(one).collect()
}

/// Whether the links that can neither be followed nor untied alone form a circle.
fn hard_circle(size: usize, links: &[Link]) -> bool {
    let hard: Vec<&Link> =
        links.iter().filter(|link| !link.nullable && !link.follows && link.from != link.to).collect();
    let mut left: Vec<usize> = (0..size).collect();
    loop {
        let before = left.len();
        let now = left.clone();
        left.retain(|table| hard.iter().any(|link| link.to == *table && now.contains(&link.from)));
        if left.len() == before {
            return before > 0;
        }
    }
}

proptest! {
    #[test]
    fn every_reference_is_respected((size, links) in store()) {
        let tables = tables(size, &links);
        let Ok(order) = order("postgres", &tables) else {
            prop_assert!(hard_circle(size, &links));
            return Ok(());
        };
        prop_assert!(!hard_circle(size, &links));
        let place = |index: usize| order.collections.iter().position(|other| other == &name(&format!("t{index}")));
        prop_assert_eq!(order.collections.len(), size);
        for (nth, link) in links.iter().enumerate().filter(|(_, link)| link.from != link.to) {
            let untied = order.untie.iter().any(|untie| {
                untie.collection == name(&format!("t{}", link.from)) && untie.fields.contains(&field(&format!("r{nth}")))
            });
            prop_assert!(place(link.from) < place(link.to) || untied || link.follows);
            prop_assert!(!untied || link.nullable);
        }
    }
}
