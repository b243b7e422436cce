//! A store is away for a while, or refuses for ever.

use habeas_test_support::wait;
use habeas_tests::{
    company::email,
    house::{House, Plan},
    people,
};

use habeas_tests::crowd::{Crowd, LIMIT};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_for_a_while_delays_its_tasks_alone() {
    let house = House::build(Plan { people: 10, ..Plan::default() }).await.unwrap();
    let crowd = Crowd::of(10);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(10, LIMIT).await.unwrap();
    house.company.close_desk();
    crowd.verify(&house).await.unwrap();
    wait::until("work to be put back because of the desk", LIMIT, || async {
        house.faults().await.is_ok_and(|faults| faults > 0)
    })
    .await
    .unwrap();
    house.company.open_desk();
    crowd.settle(&house, submitted, "store away for a while").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_store_refusing_for_ever_parks_its_tasks_and_the_person_hears_the_truth() {
    let house = House::build(Plan { people: 4, ..Plan::default() }).await.unwrap();
    people::submit(house.queue.as_ref(), &[1], &["deletion"]).await.unwrap();
    house.accepted(1, LIMIT).await.unwrap();
    house.company.refuse_deletions_at_the_desk().await.unwrap();
    people::verify(&house.sink, &[1], LIMIT).await.unwrap();
    wait::until("the job to stall", LIMIT, || async {
        house.stalled().await.is_ok_and(|stalled| stalled == 1)
    })
    .await
    .unwrap();
    let told = house
        .sink
        .wait_for(
            |mails| {
                mails
                    .iter()
                    .filter_map(|mail| mail.read().ok())
                    .any(|mail| mail.text.contains("Support desk"))
            },
            LIMIT,
        )
        .await
        .unwrap();
    assert!(told.iter().all(|mail| mail.to == [email(1)]));
    assert_eq!(house.company.rows_of(1).await.unwrap(), 1, "the shop is done, the desk is not");
    let (_, ended) = house.requests().await.unwrap();
    assert_eq!(ended, 0, "nothing is reported as done");
    house.company.allow_deletions_at_the_desk().await.unwrap();
    house.requeue_all().await.unwrap();
    house.finished(LIMIT).await.unwrap();
    assert_eq!(house.company.rows_of(1).await.unwrap(), 0);
}
