//! Messages that other systems should not have published.

use std::time::Duration;

use habeas_queue::{Message, Queue, QueueName, RabbitOptions, RabbitQueue};
use habeas_test_support::wait;
use habeas_tests::{
    house::{House, Plan},
    memory, people,
};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_mins(2);

/// Another release takes messages of another size: with this variable the large ones are of so many MiB, up to the 128 that
/// a broker takes.
const SIZE: &str = "HABEAS_TEST_OVERSIZED_MIB";

fn large_mib() -> usize {
    std::env::var(SIZE).ok().and_then(|mib| mib.parse().ok()).unwrap_or(16)
}

/// How many large messages there are. All of them at once would not fit below [`most_mb`].
fn large() -> usize {
    (192 / large_mib()).max(6)
}

/// The most memory that the daemon may take beside what it takes anyway: a few of the large messages, since while one is
/// given up the next ones arrive, and two consumers read the queue.
fn most_mb() -> f64 {
    f64::from(u32::try_from(large_mib()).unwrap()) * 4.0 + 40.0
}

/// What cannot be read, by the id of its message, with what its reason says.
fn garbage() -> Vec<(Message, &'static str)> {
    let whole = |id: &str, request: &str| {
        let body = format!(r#"{{"v":1,"kind":"request.submitted","id":"{id}","request":{request}}}"#);
        Message::new(id, body)
    };
    let without = |message: Message, part: &str, other: &str| {
        let body = String::from_utf8(message.body.to_vec()).unwrap().replace(part, other);
        Message::new(message.id, body)
    };
    vec![
        (Message::new("g-empty", ""), "ends too early"),
        (Message::new("g-bytes", vec![0xff, 0xfe, 0, 1]), "not valid JSON"),
        (whole("g-deep", &"[".repeat(100_000)), "not valid JSON"),
        (whole("g-huge", r#"{"subject":{"email":1e400}}"#), "not valid JSON"),
        (without(whole("g-no-id", "{}"), r#""id":"g-no-id","#, ""), "missing field `id`"),
        (
            without(whole("g-type", "{}"), r#""id":"g-type""#, r#""id":["g"]"#),
            "id: a value of the wrong type",
        ),
        (without(whole("g-kind", "{}"), "submitted", "withdrawn"), "kind: the kind is not"),
        (without(whole("g-version", "{}"), r#""v":1"#, r#""v":99"#), "v: version 99 is unknown"),
        (
            whole("g-field", r#"{"subject":{"email":"a@example.com"},"rights":["fly"]}"#),
            "rights[0]: unknown-value",
        ),
        (
            whole("g-two", r#"{"subject":{"email":"a@example.com, b@example.com"},"rights":["access"]}"#),
            "subject.email: several-addresses",
        ),
        (Message::new("", r#"{"v":1}"#), "missing field `kind`"),
    ]
}

async fn publish(queue: &RabbitQueue, messages: Vec<Message>) {
    let intake = QueueName::new("habeas.intake").unwrap();
    for message in messages {
        let published = queue.publish(vec![(intake.clone(), message)]).await;
        assert!(published.iter().all(Result::is_ok), "{published:?}");
    }
}

fn letters(house: &House) -> Vec<Value> {
    let options = ["dead-letter", "list", "--limit", "500", "--queue", "habeas.intake", "--output", "json"];
    let listed = tokio::task::block_in_place(|| house.run_to(&options)).unwrap();
    assert_eq!(listed.code, Some(1), "there is something to look at: {}", listed.printed);
    let document: Value = serde_json::from_str(&listed.printed).unwrap();
    document["dead_letters"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_too_large_or_senseless_are_listed_with_their_reason_and_the_rest_is_taken() {
    let house = House::build(Plan { people: 4, ..Plan::default() }).await.unwrap();
    let mut options = RabbitOptions::new(&house.vhost.as_ref().unwrap().url).unwrap();
    options.max_message_bytes = 200 * 1024 * 1024;
    options.publish_timeout = Duration::from_mins(1);
    let stranger = RabbitQueue::new(options);
    let pid = house.processes[0].pid().unwrap();
    people::submit(house.queue.as_ref(), &[1], &["access"]).await.unwrap();
    house.accepted(1, LIMIT).await.unwrap();
    memory::forget_peak(pid).unwrap();
    let before = memory::peak_mb(pid).unwrap();

    let body = bytes_of(large_mib() * 1024 * 1024);
    for number in 0..large() {
        publish(&stranger, vec![Message::new(format!("large-{number}"), body.clone())]).await;
    }
    let garbage = garbage();
    publish(&stranger, garbage.iter().map(|(message, _)| message.clone()).collect()).await;
    people::submit(house.queue.as_ref(), &[2, 3], &["access"]).await.unwrap();
    house.accepted(3, LIMIT).await.unwrap();
    let expected = large() + garbage.len();
    let dead = QueueName::new("habeas.intake").unwrap().dead_letters();
    wait::until("every bad message to be given up", LIMIT, || async {
        let vhost = house.vhost.as_ref().unwrap();
        let listed = vhost.access().get(&format!("queues/{}/{dead}", vhost.name)).await;
        listed.is_ok_and(|queue| queue["messages"].as_u64() == Some(expected as u64))
    })
    .await
    .unwrap();
    let after = memory::peak_mb(pid).unwrap();
    println!("{} messages of {} MiB: {before:.0} MB before, {after:.0} MB at most", large(), large_mib());
    assert!(after - before < most_mb(), "{before:.0} MB before, {after:.0} MB at most");

    let letters = letters(&house);
    assert_eq!(letters.len(), expected);
    let reason = format!("{} bytes; at most 1048576 are read", large_mib() * 1024 * 1024);
    assert_eq!(letters.iter().filter(|letter| letter["reason"] == reason.as_str()).count(), large());
    for (message, why) in &garbage {
        let letter = letters.iter().find(|letter| letter["id"] == message.id.as_str()).unwrap();
        assert!(letter["reason"].as_str().unwrap().contains(why), "{}: {letter}", message.id);
        assert_eq!(letter["bytes"].as_u64(), Some(message.body.len() as u64), "nothing of it is lost");
    }
    let (all, _) = house.requests().await.unwrap();
    assert_eq!(all, 3, "nothing was made of the others");
    house.run(&["audit", "verify"]).unwrap();

    for command in ["list", "revive"] {
        let named: Vec<&str> =
            if command == "list" { vec!["--queue", "habeas.intakes"] } else { vec!["habeas.intakes"] };
        let arguments: Vec<&str> =
            ["dead-letter", command].into_iter().chain(named).chain(["--output", "json"]).collect();
        let refused = tokio::task::block_in_place(|| house.run_to(&arguments)).unwrap();
        let problem: Value = serde_json::from_str(&refused.complained).unwrap();
        assert_eq!(refused.code, Some(2), "{problem}");
        assert!(problem["fix"].as_str().unwrap().contains("habeas.intake,"), "{problem}");
    }
}

/// The message says in its first bytes what it is, so that a listing could show it by mistake.
fn bytes_of(size: usize) -> Vec<u8> {
    let mut body =
        json!({ "v": 1, "kind": "request.submitted", "id": "large", "request": {} }).to_string().into_bytes();
    body.resize(size, b' ');
    body
}
