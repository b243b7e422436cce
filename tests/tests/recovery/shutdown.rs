//! Processes are told to end while they are busy, one after another, as in a rolling upgrade.

use std::time::Duration;

use anyhow::Result;
use habeas_test_support::TestDaemon;
use habeas_tests::{
    crowd::{Crowd, LIMIT},
    house::{ALL, House, Plan},
};

/// The grace of a drain (25 s), and what comes after it.
const GRACE: Duration = Duration::from_secs(30);

/// How many people answer their mail while one process is told to end.
const EACH: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn processes_told_to_end_under_load_end_within_the_grace_and_charge_no_attempt() {
    let processes = vec![ALL, "intake,verification,fulfilment,notification,housekeeping"];
    let house = House::build(Plan { people: 4 * EACH, processes, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(4 * EACH);
    let submitted = crowd.submit(&house).await.unwrap();
    // Each process is told to end twice, and each time more people come: the load does not run out before.
    for (wave, process) in (0..).zip(house.processes.iter().chain(&house.processes)) {
        let wave = Crowd::among(wave * EACH + 1..=(wave + 1) * EACH);
        let (answered, ended) =
            futures::future::join(wave.verify(&house), end_and_start(&house, process)).await;
        ended.unwrap();
        answered.unwrap();
    }
    crowd.settle(&house, submitted, "rolling restart under load").await.unwrap();
    assert_eq!(house.tried_again().await.unwrap(), Vec::new(), "a shutdown uses up no attempt");
}

async fn end_and_start(house: &House, process: &TestDaemon) -> Result<()> {
    house.under_way(LIMIT).await?;
    process.sigterm()?;
    let ended = process.wait_exit(GRACE).await?;
    assert!(ended.success(), "{}", process.output()?);
    process.start_again().await
}
