//! RabbitMQ dies, comes back, or comes back empty.

use habeas_test_support::RabbitMq;
use habeas_tests::house::{ALL, House, Plan};

use habeas_tests::crowd::{Crowd, LIMIT};

async fn house_with(broker: &RabbitMq, people: u32) -> House {
    let amqp_url = Some(broker.amqp_url());
    let processes = vec![ALL, "intake,verification,fulfilment,notification,housekeeping"];
    House::build(Plan { people, processes, amqp_url, ..Plan::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_mid_run_loses_and_doubles_nothing() {
    let broker = RabbitMq::start().await.unwrap();
    let house = house_with(&broker, 60).await;
    broker.settle().unwrap();
    let crowd = Crowd::of(60);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(30, LIMIT).await.unwrap();
    let restarting = async { broker.restart().await.unwrap() };
    futures::future::join(crowd.verify(&house), restarting).await.0.unwrap();
    crowd.settle(&house, submitted, "broker killed and restarted").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_wiped_with_500_requests_in_flight_loses_and_doubles_nothing() {
    let broker = RabbitMq::start().await.unwrap();
    let house = house_with(&broker, 500).await;
    broker.settle().unwrap();
    let crowd = Crowd::of(500);
    let submitted = crowd.submit(&house).await.unwrap();
    // What another system published and the daemon has not taken is the broker's to lose; everything taken is ours.
    house.accepted(500, LIMIT).await.unwrap();
    let wiping = async { broker.wipe_and_restart().await.unwrap() };
    futures::future::join(crowd.verify(&house), wiping).await.0.unwrap();
    crowd.settle(&house, submitted, "broker wiped").await.unwrap();
}
