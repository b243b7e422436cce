//! Changes of more rows than are held in memory at once.

use chrono::{TimeZone, Utc};
use habeas_connector_api::{Action, RowCondition, Step};
use habeas_connector_sql::{SqlOptions, SqlStore};
use habeas_domain::Effect;

use crate::{
    asking::{apply, effect, field, step, texts},
    ground::{Ground, KINDS, Kind},
};

/// Ten visits of one person, every second of them long ago, and three of another.
async fn visits(ground: &Ground) -> SqlStore {
    ground
        .execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, person INTEGER, name VARCHAR(60), day DATE)")
        .await;
    let visit = |id: i32| {
        let person = if id <= 10 { 1 } else { 2 };
        let year = if id % 2 == 0 { 2001 } else { 2035 };
        format!("({id}, {person}, 'Taro', '{year}-01-01')")
    };
    let visits: Vec<String> = (1..=13).map(visit).collect();
    ground.execute(&format!("INSERT INTO visit VALUES {}", visits.join(", "))).await;
    SqlStore::open(&SqlOptions { rows_at_once: 3, ..ground.options() }).unwrap()
}

fn of_one(action: Action) -> Step {
    step("visit", "person", "1", action)
}

#[tokio::test]
async fn rows_are_rewritten_and_deleted_page_by_page() {
    for kind in KINDS {
        let ground = Ground::new(kind).await;
        let store = visits(&ground).await;
        for changed in [10, 0] {
            let done = apply(&store, vec![of_one(effect("name", Effect::MaskText))]).await.unwrap();
            assert_eq!((done.steps[0].rows.matched, done.changed()), (10, changed), "{kind:?}");
        }
        let only = Some(RowCondition::Before {
            field: field("day"),
            at: Utc.with_ymd_and_hms(2020, 1, 1, 0, 0, 0).unwrap(),
        });
        let done = apply(&store, vec![Step { only, ..of_one(Action::DeleteRows) }]).await.unwrap();
        assert_eq!(done.changed(), 5, "{kind:?}: what is kept stands between");
        assert_eq!(texts(&store, "visit", "person", "1", "id").await, ["1", "3", "5", "7", "9"], "{kind:?}");
        assert_eq!(texts(&store, "visit", "person", "2", "name").await, ["Taro"; 3], "{kind:?}");
        let done = apply(&store, vec![of_one(effect("person", Effect::Null))]).await.unwrap();
        assert_eq!(done.changed(), 5, "{kind:?}: what found them is gone");
    }
}

/// A row cannot go before those that refer to it, unless they go in the same statement.
#[tokio::test]
async fn rows_that_refer_to_each_other_go_together() {
    let ground = Ground::new(Kind::Postgres).await;
    let notes = "CREATE TABLE note (id INTEGER PRIMARY KEY, person INTEGER, answers INTEGER REFERENCES note (id)); \
                 INSERT INTO note VALUES (1, 1, NULL), (2, 1, 1), (3, 1, 1), (4, 1, 2), (5, 1, 1);";
    ground.execute(notes).await;
    let store = SqlStore::open(&SqlOptions { rows_at_once: 2, ..ground.options() }).unwrap();
    let done = apply(&store, vec![step("note", "person", "1", Action::DeleteRows)]).await.unwrap();
    assert_eq!(done.changed(), 5);
}
