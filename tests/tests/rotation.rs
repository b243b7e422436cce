//! A new wrapping key: every request moves under it, however often the moving is killed.

use std::time::Duration;

use habeas_tests::{
    house::{House, Plan},
    people,
};
use serde_json::Value;

const LIMIT: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn request_keys_move_under_a_new_key_although_the_move_is_killed_half_way() {
    let house = House::build(Plan { people: 12, ..Plan::default() }).await.unwrap();
    let everyone: Vec<u32> = (1..=12).collect();
    people::submit(house.queue.as_ref(), &everyone, &["access"]).await.unwrap();
    house.accepted(12, LIMIT).await.unwrap();
    house.run(&["vault", "rotate"]).unwrap();
    let process = house.processes.first().unwrap();
    process.sigterm().unwrap();
    process.wait_exit(LIMIT).await.unwrap();
    process.start_again().await.unwrap();
    assert!(house.run(&["doctor"]).unwrap().contains("12 requests are still under an old wrapping key"));

    let marker = tempfile::tempdir().unwrap();
    let kill = format!("ledger::after_commit={}", marker.path().join("died").display());
    let killed = house.run_killed(&["vault", "rewrap", "--batch", "5"], ("HABEAS_KILL_AT", &kill));
    killed.unwrap();
    assert!(house.run(&["doctor"]).unwrap().contains("7 requests are still under an old wrapping key"));
    let rest = house.run(&["--output", "json", "vault", "rewrap", "--batch", "5"]).unwrap();
    let rest: Value = serde_json::from_str(&rest).unwrap();
    assert_eq!((&rest["rewrapped"], &rest["failed"]), (&Value::from(7), &Value::from(0)));
    assert!(house.run(&["doctor"]).unwrap().contains("every request is under the newest one"));

    people::verify(&house.sink, &everyone, LIMIT).await.unwrap();
    house.finished(LIMIT).await.unwrap();
    for person in everyone {
        people::package_link(&house.sink, person).unwrap();
    }
}
