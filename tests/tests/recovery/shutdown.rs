//! Processes are told to end while they are busy, one after another, as in a rolling upgrade.

use std::time::Duration;

use habeas_test_support::wait;
use habeas_tests::{
    crowd::{Crowd, LIMIT},
    house::{ALL, House, Plan},
};

/// The grace of a drain (25 s), and what comes after it.
const GRACE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn processes_told_to_end_under_load_end_within_the_grace_and_charge_no_attempt() {
    let processes = vec![ALL, "intake,verification,fulfilment,notification,housekeeping"];
    let house = House::build(Plan { people: 80, processes, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(80);
    let submitted = crowd.submit(&house).await.unwrap();
    let rolling = async {
        for process in house.processes.iter().chain(&house.processes) {
            wait::until("work to be under way", LIMIT, || async {
                house.held().await.is_ok_and(|held| !held.is_empty())
            })
            .await
            .unwrap();
            process.sigterm().unwrap();
            let ended = process.wait_exit(GRACE).await.unwrap();
            assert!(ended.success(), "{}", process.output().unwrap());
            process.start_again().await.unwrap();
        }
    };
    futures::future::join(crowd.verify(&house), rolling).await.0.unwrap();
    crowd.settle(&house, submitted, "rolling restart under load").await.unwrap();
    assert_eq!(house.tried_again().await.unwrap(), Vec::new(), "a shutdown uses up no attempt");
}
