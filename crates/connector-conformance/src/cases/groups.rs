//! Many people in one statement.

use futures::TryStreamExt;
use habeas_connector_api::{Compare, OwnedRow, Owner, Selection};
use habeas_domain::{Value, schema::FieldType};

use super::people::{person, someone, store};
use crate::{
    Factory, Table, Unmet,
    asking::{by, select},
    expectation::{equal, expect},
    fixture::{collection, field, int, text},
};

const PEOPLE: i64 = 50;

fn logins() -> Table {
    let row = |n: i64| {
        let owner = n % PEOPLE;
        vec![
            int(n),
            int(1000 + owner),
            text(format!("Person{owner}@example.com")),
            text(format!("secret of {owner}")),
        ]
    };
    Table::new("login")
        .field("id", FieldType::Int)
        .identity()
        .field("person", FieldType::Int)
        .text("email", 190)
        .text("note", 190)
        .rows((0..PEOPLE * 6).map(row))
}

pub(super) async fn a_group_is_split_right_and_never_crossed(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [logins()]).await?;
    let asked: Vec<Owner> = (0..50).filter(|owner| owner % 3 != 0).collect();
    let ids: Vec<String> = asked.iter().map(|owner| (1000 + owner).to_string()).collect();
    let mails: Vec<String> = asked.iter().map(|owner| format!("Person{owner}@example.com")).collect();
    let matches = vec![
        by("person", Compare::Exact, ids.iter().map(String::as_str).zip(asked.iter().copied())),
        by("email", Compare::Exact, mails.iter().map(String::as_str).zip(asked.iter().copied())),
    ];
    let rows = select(&*store, "login", matches, &["id", "note"]).await?;
    equal(&rows.len(), &(asked.len() * 6), "rows of the group")?;
    for row in &rows {
        let [owner] = row.owners.as_slice() else {
            return Err(Unmet::new(format!("a row has the owners {:?}", row.owners)));
        };
        expect(asked.contains(owner), format!("owner {owner} was not asked for"))?;
        equal(&row.values[1], &text(format!("secret of {owner}")), format!("the rows of owner {owner}"))?;
    }
    Ok(())
}

pub(super) async fn a_shared_key_gives_to_all_its_owners(factory: &dyn Factory) -> Result<(), Unmet> {
    let store = store(factory, [person().rows([someone(1, "family", ""), someone(2, "single", "")])]).await?;
    let matches = vec![by("code", Compare::Exact, [("family", 7), ("family", 3), ("single", 3)])];
    let rows = select(&*store, "person", matches, &["id"]).await?;
    let owners: Vec<_> = rows.into_iter().map(|row| row.owners).collect();
    equal(&owners, &vec![vec![3, 7], vec![3]], "owners")
}

/// Three rows hang on the key of owner 3, one of which is another person's, and one of owner 7 is of that person's address.
pub(super) async fn a_row_that_is_left_to_others_is_given_to_nobody_else(
    factory: &dyn Factory,
) -> Result<(), Unmet> {
    let rows = [someone(1, "a", "own@example.com"), someone(2, "a", "other@example.com")];
    let more = [someone(3, "a", ""), someone(4, "b", "other@example.com")];
    let store = store(factory, [person().rows(rows.into_iter().chain(more))]).await?;
    let selection = Selection {
        collection: collection("person"),
        matches: vec![by("code", Compare::Exact, [("a", 3), ("a", 5), ("b", 7)])],
        except: vec![by("email", Compare::Exact, [("other@example.com", 3)])],
        fields: vec![field("id")],
    };
    let mut rows: Vec<OwnedRow> = store.select(&selection).await?.try_collect().await?;
    rows.sort_by_key(|row| row.values.first().map(Value::to_text));
    let shown: Vec<(usize, Vec<Owner>)> =
        rows.into_iter().map(|row| (row.values.len(), row.owners)).collect();
    let all = vec![(1, vec![3, 5]), (1, vec![5]), (1, vec![3, 5]), (1, vec![7])];
    equal(&shown, &all, "rows and their owners")
}

pub(super) async fn thousands_of_keys_find_each_row_once(factory: &dyn Factory) -> Result<(), Unmet> {
    let many: i64 = 5_000;
    let row =
        |id: i64| vec![int(id), text(format!("c{}", many - 1 - id)), Value::Null, Value::Null, Value::Null];
    let store = store(factory, [person().rows((0..many).map(row))]).await?;
    let ids: Vec<(String, Owner)> = (0..).zip(0..many).map(|(owner, id)| (id.to_string(), owner)).collect();
    let codes: Vec<(String, Owner)> = ids.iter().map(|(id, owner)| (format!("c{id}"), *owner)).collect();
    let matches = vec![
        by("id", Compare::Exact, ids.iter().map(|(key, owner)| (key.as_str(), *owner))),
        by("code", Compare::Exact, codes.iter().map(|(key, owner)| (key.as_str(), *owner))),
    ];
    let rows = select(&*store, "person", matches, &["id"]).await?;
    equal(&rows.len(), &5_000, "each row once")?;
    for row in rows {
        let Value::Int(id) = row.values[0] else { return Err(Unmet::new("the id is no number")) };
        let mut owners = [id, many - 1 - id];
        owners.sort_unstable();
        let got: Vec<i64> = row.owners.iter().map(|owner| i64::from(*owner)).collect();
        equal(&got, &owners.to_vec(), format!("owners of {id}"))?;
    }
    Ok(())
}
