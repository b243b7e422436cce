//! The network between the daemon and each of its servers: resets, silence, and connections that are half-open for good.

use std::time::{Duration, Instant};

use habeas_test_support::{ProxyMode, TcpProxy, http_client, wait};
use habeas_tests::house::{ALL, House, Lines, Plan};

use habeas_tests::crowd::{Crowd, LIMIT};

/// The longest that a call to a server may take in these tests, as configured below.
/// Longer than a statement or a confirmation takes on a machine whose disk is busy: a fault is to be found by it, not made.
const CALL: Duration = Duration::from_secs(3);

/// What is reported at once, and what waits for a call to end. It guards against a hang: how long a call takes is [`CALL`].
const IN_TIME: Duration = Duration::from_mins(2);

async fn house() -> House {
    let limits = [
        ("HABEAS__STATE__STATEMENT_TIMEOUT_SECONDS", CALL),
        ("HABEAS__STATE__CONNECT_TIMEOUT_SECONDS", CALL),
        ("HABEAS__QUEUE__PUBLISH_TIMEOUT_SECONDS", CALL),
        ("HABEAS__QUEUE__CALL_TIMEOUT_SECONDS", CALL),
    ];
    let env = limits.map(|(name, limit)| (name.to_owned(), limit.as_secs().to_string())).to_vec();
    let plan = Plan {
        people: 12,
        processes: vec![ALL],
        lines: true,
        desk_limits: format!("timeout_seconds = {}", CALL.as_secs()),
        env,
        ..Plan::default()
    };
    House::build(plan).await.unwrap()
}

/// Waits until the daemon says that it is ready, or that it is not.
async fn ready(house: &House, wanted: bool, fault: &str) {
    let (client, url) = (http_client().unwrap(), format!("{}/readyz", house.pages()));
    let told = wait::until(format!("{fault}: ready {wanted}"), IN_TIME, || async {
        let answer = client.get(&url).timeout(2 * CALL + Duration::from_secs(3)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success() == wanted)
    });
    told.await.unwrap();
}

/// Cuts a line in every way in mid-run, lets it heal, and settles the account.
async fn survive(name: &str, line: impl Fn(&Lines) -> &TcpProxy) {
    let house = house().await;
    let line = line(house.lines.as_ref().unwrap());
    let crowd = Crowd::of(12);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(6, LIMIT).await.unwrap();
    line.set_mode(ProxyMode::Reset);
    ready(&house, false, &format!("{name}, reset")).await;
    line.set_mode(ProxyMode::Pass);
    ready(&house, true, &format!("{name}, passing again")).await;
    line.set_mode(ProxyMode::BlackHole);
    ready(&house, false, &format!("{name}, silent")).await;
    // Whatever is open is dead for good: only what gives up on it goes on.
    line.strand();
    line.set_mode(ProxyMode::Pass);
    ready(&house, true, &format!("{name}, half-open")).await;
    let verifying = crowd.verify(&house);
    let again = async {
        house.some_verified(LIMIT).await.unwrap();
        line.strand();
    };
    let begun = Instant::now();
    futures::future::join(verifying, again).await.0.unwrap();
    crowd.settle(&house, submitted, &format!("{name}: reset, silent, half-open")).await.unwrap();
    println!("{name}: settled {:?} after the last fault began", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_fails_before_the_state_database_holds_nothing_up_for_good() {
    survive("state database", |lines| &lines.state).await;
}

/// A store is asked only when there is work for it, and seen by the faults of that work.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_fails_before_a_store_holds_nothing_up_for_good() {
    let house = house().await;
    let crowd = Crowd::of(12);
    let submitted = crowd.submit(&house).await.unwrap();
    house.accepted(12, LIMIT).await.unwrap();
    house.company.line_to_desk(ProxyMode::BlackHole);
    crowd.verify(&house).await.unwrap();
    wait::until("the limit of a call to end the silence", LIMIT, || async {
        house.faults().await.is_ok_and(|faults| faults > 0)
    })
    .await
    .unwrap();
    house.company.strand_desk();
    house.company.line_to_desk(ProxyMode::Pass);
    crowd.settle(&house, submitted, "store: silent, half-open").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_fails_before_the_broker_holds_nothing_up_for_good() {
    survive("broker", |lines| &lines.broker).await;
}

/// The moment in which the network fails may be the one in which a process starts, before it has made its queues.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_while_the_daemon_starts_holds_nothing_up_for_good() {
    let house = house().await;
    let crowd = Crowd::of(4);
    let submitted = crowd.submit(&house).await.unwrap();
    let line = &house.lines.as_ref().unwrap().broker;
    for away in [ProxyMode::Reset, ProxyMode::BlackHole] {
        for process in &house.processes {
            process.sigkill().unwrap();
        }
        line.set_mode(away);
        let before = line.accepted();
        let tried = async {
            wait::until(format!("the broker to be asked while it is {away:?}"), IN_TIME, || async {
                line.accepted() > before + 1
            })
            .await
            .unwrap();
            ready(&house, false, &format!("started while the broker is {away:?}")).await;
            line.set_mode(ProxyMode::Pass);
        };
        futures::future::join(house.restart_the_dead(), tried).await.0.unwrap();
    }
    crowd.verify(&house).await.unwrap();
    crowd.settle(&house, submitted, "broker: away at the start").await.unwrap();
}
