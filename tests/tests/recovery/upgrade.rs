//! Another release has been at the state database. A rolling upgrade from an older program is `habeas-soak --before`.

use habeas_tests::{
    crowd::{Crowd, LIMIT},
    house::{ALL, House, Plan},
    people,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_later_releases_schema_is_taken_in_mid_run_and_at_the_next_start() {
    let processes = vec![ALL, "intake,verification,fulfilment,notification,housekeeping"];
    let plan = Plan { people: 60, processes, ..Plan::default() };
    let mut house = House::build(plan).await.unwrap();
    let crowd = Crowd::of(60);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(10, LIMIT).await.unwrap();
    let sink = house.sink.clone();
    let answers = |people: Vec<u32>| {
        let sink = sink.clone();
        tokio::spawn(async move { people::verify(&sink, &people, LIMIT).await })
    };
    // The steps of the schema take their time: the second half comes when the process is about to end.
    let first = answers(Crowd::among(1..=30).everyone());
    house.some_verified(LIMIT).await.unwrap();
    house.expand_the_schema().await.unwrap();
    let second = answers(Crowd::among(31..=60).everyone());
    house.replace(1, LIMIT).await.unwrap();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    crowd.settle(&house, submitted, "the schema of a later release").await.unwrap();
    assert_eq!(house.tried_again().await.unwrap(), Vec::new(), "neither of the two costs an attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_refused_until_it_is_migrated_and_what_it_holds_goes_on() {
    let house = House::build(Plan { people: 8, ..Plan::default() }).await.unwrap();
    let (first, second) = (Crowd::among(1..=4), Crowd::among(5..=8));
    let mut submitted = first.begin(&house).await.unwrap();
    submitted += second.submit(&house).await.unwrap();
    house.accepted(8, LIMIT).await.unwrap();
    let process = house.processes.first().unwrap();
    process.sigkill().unwrap();
    house.take_a_step_back().await.unwrap();
    process.spawn().unwrap();
    let ended = process.wait_exit(LIMIT).await.unwrap();
    assert_eq!(ended.code(), Some(78), "{}", process.output().unwrap());
    assert!(process.output().unwrap().contains("habeas migrate"), "it says what to do");
    house.run(&["migrate"]).unwrap();
    house.restart_the_dead().await.unwrap();
    second.verify(&house).await.unwrap();
    let all = first.and(second);
    all.settle(&house, submitted, "an older schema, migrated").await.unwrap();
}
