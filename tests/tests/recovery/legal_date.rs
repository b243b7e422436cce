//! A request comes near its legal date, and then past it, while it waits for people: it does so with an alarm.

use std::time::Duration;

use habeas_domain::{Clock as _, SystemClock};
use habeas_queue::{Message, QueueName};
use habeas_test_support::wait;
use habeas_tests::{
    company::email,
    crowd::LIMIT,
    house::{House, Plan},
    people,
};

/// Somebody who asked some days ago, under a law by which staff approve a deletion.
fn submission(person: u32, received_days_ago: u64) -> Message {
    let received = SystemClock.now() - Duration::from_hours(received_days_ago * 24);
    let body = serde_json::json!({
        "v": 1, "kind": "request.submitted", "id": format!("late-{person}"),
        "request": {
            "subject": { "email": email(person) }, "rights": ["deletion"], "regime": "uk_gdpr",
            "received_at": received.to_rfc3339(),
        },
    });
    Message::json(format!("late-{person}"), body.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_for_people_near_its_date_or_past_it_raises_an_alarm() {
    let mut house = House::build(Plan { people: 3, ..Plan::default() }).await.unwrap();
    let queue = QueueName::new("habeas.intake").unwrap();
    // A month, and what weekends and holidays may add, is over after five weeks on any day of the year, or nearly so.
    let ages = [(1, 35), (2, 60), (3, 1)];
    let messages = ages.map(|(person, days)| (queue.clone(), submission(person, days)));
    for published in house.queue.publish(messages.to_vec()).await {
        published.unwrap();
    }
    people::verify(&house.sink, &[1, 2, 3], LIMIT).await.unwrap();
    wait::until("all to wait for staff", LIMIT, || async {
        house.states().await.is_ok_and(|states| states == [("in-progress".to_owned(), 3)])
    })
    .await
    .unwrap();
    // A housekeeper looks as soon as it starts; the other one may have done so before anybody asked.
    house.add("housekeeping").await.unwrap();
    wait::until("the alarm about two", LIMIT, || async {
        house.alarms().await.is_ok_and(|alarms| alarms == 2)
    })
    .await
    .unwrap();
    assert_eq!(house.silent().await.unwrap(), 0);
    assert_eq!(house.logs().unwrap().matches("a request is near its legal date and still open").count(), 2);
    house.run(&["audit", "verify"]).unwrap();
}
