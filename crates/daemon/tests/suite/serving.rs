//! The daemon as a process: ready, measured, drained.

use std::time::Duration;

use habeas_queue::{Message, Queue as _, QueueName, RabbitOptions, RabbitQueue};
use habeas_test_support::{Port, TestDaemon, shared::amqp_vhost, wait};

use crate::program::Program;

/// Longer than a drain takes, its grace included.
const DRAINED: Duration = Duration::from_mins(1);

pub(crate) const MANIFEST: &str = "[store]\nname = \"shop\"\ndriver = \"sqlite\"\nurl = \"sqlite://shop.db?mode=rwc\"\n\
    product = \"Shop\"\ntitle = { en = \"Shop\", ja = \"ショップ\" }\n\n[[collection]]\nname = \"customer\"\n\
    title = { en = \"Customer\", ja = \"お客様\" }\n\
    fields.email = { key = \"email\", category = \"user.contact.email\", provided = true }\ndelete = \"rows\"\n";

fn installed() -> Program {
    let program = Program::with("");
    program.write("habeas-data/stores/shop.toml", MANIFEST);
    program
}

/// What `/metrics` says to the holder of the first token.
async fn metrics(program: &Program, port: u16) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = std::fs::read_to_string(program.path("habeas-data/admin.token")).unwrap();
    let call = client.get(format!("http://127.0.0.1:{port}/metrics")).bearer_auth(token.trim());
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn an_internal_listener_tells_what_the_public_one_does_not() {
    let program = installed();
    let (reserved, inside) = (Port::reserve().unwrap(), Port::reserve().unwrap());
    let (port, inside) = (reserved.number(), inside.number());
    let options = program.serving(port).env("HABEAS__HTTP__INTERNAL_LISTEN", format!("127.0.0.1:{inside}"));
    let daemon = TestDaemon::start(options).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |port: u16, path: &str| {
        client.get(format!("http://127.0.0.1:{port}{path}")).send().await.unwrap().status().as_u16()
    };
    for path in ["/metrics", "/readyz", "/livez"] {
        assert_eq!(get(inside, path).await, 200, "{path}");
    }
    assert_eq!((get(port, "/metrics").await, get(port, "/readyz").await), (404, 200));
    assert_eq!(get(inside, "/en").await, 404, "no page and no API inside");
    daemon.sigterm().unwrap();
    assert!(daemon.wait_exit(DRAINED).await.unwrap().success());
}

#[tokio::test]
async fn it_serves_measures_and_drains() {
    let program = installed();
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let daemon = TestDaemon::start(program.serving(port)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let answer = client.get(format!("http://127.0.0.1:{port}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/livez").await.0, 200);
    assert_eq!(get("/v1/requests").await.0, 401, "no token, no answer");
    assert_eq!(get("/en").await.0, 200);
    assert_eq!(get("/metrics").await.0, 401, "what is counted is for those who hold a token");
    let metrics = metrics(&program, port).await;
    assert!(metrics.contains("habeas_build_info") && metrics.contains("# HELP"), "{metrics}");
    let quick = Program::with("").env("HABEAS__HTTP__LISTEN", &format!("127.0.0.1:{port}"));
    assert_eq!(quick.run(&["doctor", "--quick"]).code, 0);
    daemon.sigterm().unwrap();
    let ended = daemon.wait_exit(DRAINED).await.unwrap();
    assert!(ended.success(), "{}", daemon.output().unwrap());
    assert!(daemon.output().unwrap().contains("drained"));
}

#[tokio::test]
async fn a_port_in_use_is_told_and_nothing_runs() {
    let program = installed();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let program = program.env("HABEAS__HTTP__LISTEN", &listen);
    let ran = program.run(&["serve"]);
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.err.contains(&listen), "{ran:?}");
}

#[test]
fn roles_that_cannot_meet_are_refused() {
    let ran = installed().run(&["serve", "--roles", "api"]);
    assert_eq!(ran.code, 78, "{ran:?}");
    assert!(ran.err.contains("rabbitmq"), "{ran:?}");
    assert_eq!(installed().run(&["serve", "--roles", "everything"]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_given_up_is_told_by_metrics_and_doctor() {
    let vhost = amqp_vhost().await.unwrap();
    let program = Program::with(&format!("[queue]\nkind = \"rabbitmq\"\nurl = \"{}\"\n", vhost.url));
    program.write("habeas-data/stores/shop.toml", MANIFEST);
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let _daemon = TestDaemon::start(program.serving(port)).await.unwrap();
    let metrics = async || metrics(&program, port).await;
    let counted = async |count: u32| {
        let line = format!("habeas_dead_letters{{queue=\"habeas.intake\"}} {count}\n");
        wait::until(&line, Duration::from_mins(1), || async { metrics().await.contains(&line) })
            .await
            .unwrap();
    };
    counted(0).await;
    let queue = RabbitQueue::new(RabbitOptions::new(&vhost.url).unwrap());
    let intake = QueueName::new("habeas.intake").unwrap();
    queue.publish(vec![(intake, Message::json("1", "no submission"))]).await.remove(0).unwrap();
    counted(1).await;
    let found = program.run(&["doctor", "--output", "json"]).json();
    let found =
        found["findings"].as_array().unwrap().iter().find(|one| one["part"] == "queue").unwrap().clone();
    assert_eq!(found["health"], "wrong", "{found}");
    assert!(found["message"].as_str().unwrap().contains("1 messages were given up"), "{found}");
    queue.close().await;
}

/// What the alerts watch for an increase: each name, and the labels it must have.
fn watched(alerts: &str) -> Vec<(&str, Option<&str>)> {
    let after = alerts.match_indices("increase(").map(|(at, call)| &alerts[at + call.len()..]);
    let series = after.filter_map(|rest| rest.split_once('[')).map(|(series, _)| series);
    series
        .map(|one| one.split_once('{').map_or((one, None), |(name, labels)| (name, labels.strip_suffix('}'))))
        .collect()
}

/// An alert on an increase never goes off if its series first appears with a 1.
#[tokio::test]
async fn what_an_alert_counts_begins_at_zero() {
    let alerts =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/prometheus-alerts.yaml"));
    let alerts = alerts.unwrap();
    let watched = watched(&alerts);
    assert!(watched.len() >= 5, "{watched:?}");
    let program = installed();
    let reserved = Port::reserve().unwrap();
    let port = reserved.number();
    let _daemon = TestDaemon::start(program.serving(port)).await.unwrap();
    let metrics = async || metrics(&program, port).await;
    let begun = |metrics: &str, (name, labels): (&str, Option<&str>)| {
        let series = metrics.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        series.filter(|line| labels.is_none_or(|labels| line.contains(labels))).count() > 0
    };
    let all = "a series for each alert";
    wait::until(all, Duration::from_mins(1), || async {
        let metrics = metrics().await;
        watched.iter().all(|one| begun(&metrics, *one))
    })
    .await
    .unwrap();
    let metrics = metrics().await;
    for role in ["api", "intake", "mailbox", "verification", "fulfilment", "notification", "housekeeping"] {
        assert!(metrics.contains(&format!("habeas_role{{role=\"{role}\"}} 1\n")), "{metrics}");
    }
}
