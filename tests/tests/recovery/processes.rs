//! Processes die, stop and go on; two of each worker share the work.

use std::time::Duration;

use habeas_test_support::wait;
use habeas_tests::house::{House, Plan};

use habeas_tests::crowd::{Crowd, LIMIT};

/// Two of each worker, over six processes.
const SIX: [&str; 6] = [
    "api,housekeeping",
    "intake,verification",
    "intake,verification,housekeeping",
    "fulfilment",
    "fulfilment,notification",
    "notification",
];

#[tokio::test(flavor = "multi_thread")]
async fn six_processes_of_which_any_is_killed_and_restarted_lose_and_double_nothing() {
    let house = House::build(Plan { people: 100, processes: SIX.to_vec(), ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(100);
    let submitted = crowd.submit(&house).await.unwrap();
    let killing = async {
        for victim in [4, 1, 3, 5, 2, 0, 3, 4] {
            let process = house.processes.get(victim).unwrap();
            process.sigkill().unwrap();
            process.start_again().await.unwrap();
        }
    };
    futures::future::join(crowd.verify(&house), killing).await.0.unwrap();
    crowd.settle(&house, submitted, "six processes, eight kills").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_past_its_lease_and_continued_writes_nothing() {
    // Only the second works on stores, and waits before it writes what it did: whatever is held there is its own.
    let processes = vec!["api,intake,verification,housekeeping", "fulfilment,notification"];
    let env = vec![("FAILPOINTS".to_owned(), "task::before_commit=1*sleep(30000)->off".to_owned())];
    let mut house = House::build(Plan { people: 40, processes, env, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(40);
    let submitted = crowd.begin(&house).await.unwrap();
    wait::until("the second process to be at work in a store", LIMIT, || async {
        house.entered_tasks().await.is_ok_and(|tasks| !tasks.is_empty())
    })
    .await
    .unwrap();
    house.processes.get(1).unwrap().sigstop().unwrap();
    house.add("fulfilment,notification").await.unwrap();
    let settled = house.finished(LIMIT).await;
    let stopped = house.processes.get(1).unwrap();
    stopped.sigcont().unwrap();
    settled.unwrap();
    wait::until("its stale write to be refused", LIMIT, || async {
        stopped.output().is_ok_and(|said| said.contains("stale leases: their results were not written"))
    })
    .await
    .unwrap();
    crowd.settle(&house, submitted, "stopped past its lease").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_dead_worker_is_picked_up_within_ten_seconds() {
    let processes = vec!["api,intake,verification,housekeeping", "fulfilment,notification"];
    let env = vec![("FAILPOINTS".to_owned(), "task::entered=1*sleep(600000)->off".to_owned())];
    let mut house = House::build(Plan { people: 2, processes, env, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(2);
    let submitted = crowd.begin(&house).await.unwrap();
    // One of them stays there; others may be there for the moment that they take.
    wait::until("a task to be at work in its store", LIMIT, || async {
        house.entered_tasks().await.is_ok_and(|tasks| !tasks.is_empty())
    })
    .await
    .unwrap();
    let before = house.entered_tasks().await.unwrap();
    // Its heir is at work already: starting a process is not what is timed here.
    house.add("fulfilment,notification").await.unwrap();
    for (task, claims) in &before {
        assert_eq!(house.claims(task).await.unwrap(), *claims, "nobody takes it from a living worker");
    }
    let left = house.entered_tasks().await.unwrap();
    house.processes.get(1).unwrap().sigkill().unwrap();
    wait::until("another worker to take it over", Duration::from_secs(10), || async {
        let now = house.entered_tasks().await;
        now.is_ok_and(|now| left.iter().all(|one| !now.contains(one)))
    })
    .await
    .unwrap();
    let mut again = 0;
    for (task, claims) in &left {
        again += i32::from(house.claims(task).await.unwrap() > *claims);
    }
    assert!(again > 0, "what stayed in its store was taken over: {left:?}");
    crowd.settle(&house, submitted, "worker killed inside a task").await.unwrap();
}
