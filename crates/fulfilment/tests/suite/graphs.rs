//! Random rows: a group gives what each person alone gives, and both give what a plain fixpoint gives.

use std::collections::BTreeSet;

use habeas_fulfilment::{Person, Resolved, resolve};
use proptest::prelude::*;

use crate::memory::{World, keys, person};

const STORES: [(&str, &str); 3] = [
    (
        "a",
        "[[key]]\nname = \"p\"\nshared = true\n[[key]]\nname = \"k\"\nceiling = 4\n[[collection]]\nname = \"t\"\nfields.email = { key = \"email\" }\nfields.k = { key = \"k\" }\nfields.p = { key = \"p\" }\nfields.x = { category = \"user.x\" }\ndelete = \"rows\"\n",
    ),
    (
        "b",
        "[[collection]]\nname = \"t\"\nfields.k = { key = \"k\" }\nfields.k2 = { key = \"k\" }\nfields.m = { key = \"m\" }\nfields.x = { category = \"user.x\" }\ndelete = \"rows\"\n[[collection]]\nname = \"u\"\nfields.k = { key = \"k\", category = \"user.x\" }\ndelete = \"rows\"\n",
    ),
    (
        "c",
        "[[collection]]\nname = \"t\"\nfields.m = { key = \"m\" }\nfields.email = { key = \"email\", alternate = true }\nfields.k = { key = \"k\" }\nfields.x = { category = \"user.x\" }\ndelete = \"rows\"\n",
    ),
];

/// Each collection with the keys of its fields.
const TABLES: [(&str, &str, &[&str]); 4] = [
    ("a", "t", &["email", "k", "p"]),
    ("b", "t", &["k", "k", "m"]),
    ("b", "u", &["k"]),
    ("c", "t", &["m", "email", "k"]),
];

type Rows = Vec<(usize, Vec<Option<u8>>)>;

fn any_rows() -> impl Strategy<Value = Rows> {
    let row = (0..TABLES.len(), prop::collection::vec(prop::option::weighted(0.7, 0..8_u8), 3));
    prop::collection::vec(row, 0..14)
}

fn text(key: &str, value: u8) -> String {
    if key == "email" { format!("p{value}@example.com") } else { format!("{key}{value}") }
}

fn world(rows: &Rows) -> World {
    let world = World::new(&STORES);
    for (table, values) in rows {
        let (store, collection, keys) = TABLES[*table];
        let mut row: Vec<String> = keys
            .iter()
            .zip(values)
            .map(|(key, value)| value.map_or_else(|| "-".to_owned(), |value| text(key, value)))
            .collect();
        if collection != "u" {
            row.push("x".to_owned());
        }
        world.row(store, collection, &row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    world
}

/// A fixpoint over the rows as they were made, without guards other than shared keys.
fn plain(rows: &Rows, who: u8) -> BTreeSet<String> {
    let mut known = BTreeSet::from([format!("email={}", text("email", who))]);
    loop {
        let before = known.len();
        for (table, values) in rows {
            let held: Vec<(&str, String)> = TABLES[*table]
                .2
                .iter()
                .zip(values)
                .filter_map(|(key, value)| Some((*key, format!("{key}={}", text(key, (*value)?)))))
                .collect();
            if held.iter().any(|(_, key)| known.contains(key)) {
                known.extend(held.into_iter().filter(|(key, _)| *key != "p").map(|(_, key)| key));
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn told(resolved: &Resolved) -> String {
    match resolved {
        Ok(book) => format!("{:?} {:?}", keys(book), book.stores()),
        Err(review) => review.to_string(),
    }
}

fn someone(who: u8) -> Person {
    person(&[("email", &text("email", who))])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_group_finds_what_each_person_alone_finds(rows in any_rows()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = world(&rows);
            let group = resolve(&world.registry, &world.stores, (0..8).map(someone).collect()).await.unwrap();
            for (who, together) in (0..8_u8).zip(&group) {
                let alone = resolve(&world.registry, &world.stores, vec![someone(who)]).await.unwrap();
                prop_assert_eq!(told(together), told(&alone[0]), "person {}", who);
                if let Ok(book) = together {
                    prop_assert_eq!(keys(book).into_iter().collect::<BTreeSet<_>>(), plain(&rows, who));
                }
            }
            Ok(())
        })?;
    }
}
