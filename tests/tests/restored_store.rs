//! A company restores a store from a backup that is older than some deletions: everybody who was deleted is deleted again
//! before the store is reopened, and nobody else.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habeas_domain::{Clock as _, SystemClock};
use habeas_test_support::wait;
use habeas_tests::{
    crowd::LIMIT,
    house::{ALL, House, Plan},
    people,
};
use serde_json::Value;

/// Who leaves between the backup and the restore.
const LEAVERS: [u32; 6] = [1, 2, 3, 4, 5, 6];
/// On whom a hold is placed after their deletion.
const HELD: u32 = 6;
/// Who asks while the store is closed.
const LATE: u32 = 7;

async fn house() -> House {
    House::build(Plan { people: 40, processes: vec![ALL], ..Plan::default() }).await.unwrap()
}

fn json(printed: &str) -> Value {
    serde_json::from_str(printed).unwrap()
}

async fn leave(house: &House, who: &[u32]) {
    people::submit(house.queue.as_ref(), who, &["deletion"]).await.unwrap();
    people::verify(&house.sink, who, LIMIT).await.unwrap();
    house.finished(LIMIT).await.unwrap();
}

/// Seven rows of everybody but those who are gone; of whom the other store has nothing, six.
async fn rows(house: &House, who: impl IntoIterator<Item = u32>) -> Vec<i64> {
    let mut rows = Vec::new();
    for person in who {
        rows.push(house.company.rows_of(person).await.unwrap());
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_erased_is_erased_again_before_the_store_is_reopened() {
    let house = house().await;
    house.company.back_up_the_shop().await.unwrap();
    let backed_up = SystemClock.now().to_rfc3339();
    leave(&house, &LEAVERS).await;
    assert_eq!(rows(&house, LEAVERS).await, [0; 6]);

    house.run(&["store", "close", "shop", "--reason", "its disk failed"]).unwrap();
    house.company.restore_the_shop().await.unwrap();
    assert_eq!(rows(&house, LEAVERS).await, [6; 6], "they are back");
    let hold = ["hold", "place", "--reason", "a lawsuit", "--key", "customer_id=6"];
    house.run(&hold).unwrap();
    people::submit(house.queue.as_ref(), &[LATE], &["deletion"]).await.unwrap();
    people::verify(&house.sink, &[LATE], LIMIT).await.unwrap();
    waits_for_the_store(&house).await;

    let refused = house.run_and_fail(&["store", "reopen", "shop"]).unwrap();
    assert!(refused.contains("re-erase"), "{refused}");
    let re_erase = ["store", "re-erase", "shop", "--restored-to", &backed_up];
    let looked = house.run_and_fail(&[&re_erase[..], &["--dry-run"]].concat()).unwrap();
    assert!(looked.contains("6 people back") && looked.contains("nothing was changed"), "{looked}");
    let marker = tempfile::tempdir().unwrap();
    for point in ["task::before_apply", "task::after_apply", "ledger::before_commit", "ledger::after_commit"]
    {
        let once = format!("{point}={}", marker.path().join(point.replace(':', "-")).display());
        house.run_killed(&re_erase, ("HABEAS_KILL_AT", &once)).unwrap();
        house.run_and_fail(&["store", "reopen", "shop"]).unwrap();
    }
    let printed = house.run(&[&re_erase[..], &["--output", "json"]].concat()).unwrap();
    let did = json(&printed);
    assert_eq!((&did["may_reopen"], &did["did"]["held"]), (&true.into(), &1.into()), "{did}");

    assert_eq!(rows(&house, LEAVERS).await, [0, 0, 0, 0, 0, 6], "all but the one on hold");
    let closed = json(&house.run(&["store", "closed", "--output", "json"]).unwrap());
    let back = closed["stores"][0]["back"].as_array().unwrap();
    assert_eq!((back.len(), &back[0]["why"]), (1, &"held".into()), "{closed}");
    house.run(&["store", "reopen", "shop"]).unwrap();
    house.finished(LIMIT).await.unwrap();
    assert_eq!(rows(&house, [LATE]).await, [0], "what waited went on");
    assert_eq!(rows(&house, 8..=40).await, [7; 33], "nobody else was touched");
    // The restore brought the log of effects back as it was when the backup was made.
    let allowed: Vec<u32> = LEAVERS.into_iter().filter(|one| *one != HELD).chain([LATE]).collect();
    assert_eq!(house.company.effects_outside(&allowed, &[]).await.unwrap(), []);
    house.run(&["audit", "verify"]).unwrap();
}

async fn waits_for_the_store(house: &House) {
    let shown = || async {
        let listed = house.run(&["request", "list", "--output", "json"]).unwrap_or_default();
        listed.contains("closed-store")
    };
    wait::until("the request to say what it waits for", LIMIT, shown).await.unwrap();
}
