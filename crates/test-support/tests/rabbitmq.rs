//! The private RabbitMQ starts, answers, survives what it must survive, and is gone after drop.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails by panicking")]

mod support;

use habeas_test_support::RabbitMq;
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use support::{assert_gone, listeners};

#[tokio::test]
async fn rabbitmq_lives_and_dies_as_told() {
    let rabbitmq = RabbitMq::start().await.unwrap();
    let vhost = rabbitmq.access().create_vhost("shop").await.unwrap();
    publish(&channel(&vhost).await).await;
    rabbitmq.settle().unwrap();

    rabbitmq.kill().unwrap();
    assert!(Connection::connect(&vhost, ConnectionProperties::default()).await.is_err());
    rabbitmq.start_again().await.unwrap();
    assert_eq!(take(&channel(&vhost).await).await.as_deref(), Some(&b"hello"[..]));

    rabbitmq.stop().await.unwrap();
    rabbitmq.start_again().await.unwrap();
    assert!(rabbitmq.rabbitmqctl(&["list_vhosts"]).unwrap().contains("shop"));
    assert!(rabbitmq.rabbitmqctl(&["no_such_command"]).is_err());

    rabbitmq.wipe_and_restart().await.unwrap();
    assert!(!rabbitmq.rabbitmqctl(&["list_vhosts"]).unwrap().contains("shop"));
    channel(&rabbitmq.amqp_url()).await;

    let port = rabbitmq.port();
    assert_eq!(listeners(port).len(), 1);
    drop(rabbitmq);
    assert_gone(port);
}

async fn channel(url: &str) -> Channel {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    channel
}

async fn publish(channel: &Channel) {
    let mut quorum = FieldTable::default();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare("letters".into(), durable, quorum).await.unwrap();
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = BasicProperties::default().with_delivery_mode(2);
    let sent =
        channel.basic_publish("".into(), "letters".into(), options, b"hello", properties).await.unwrap();
    assert!(sent.await.unwrap().is_ack());
}

async fn take(channel: &Channel) -> Option<Vec<u8>> {
    let message = channel.basic_get("letters".into(), BasicGetOptions { no_ack: true }).await.unwrap();
    message.map(|message| message.data.clone())
}
