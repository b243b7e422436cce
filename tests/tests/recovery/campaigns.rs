//! The campaigns of `cargo xtask soak`, small.

use std::time::Duration;

use habeas_tests::campaign::{broker, embedded, poison, workers};

/// The promise is ten seconds; a machine on which much else runs may be late with everything.
const RESCUED_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn random_workers_killed_again_and_again_lose_and_double_nothing() {
    let size = workers::Size {
        requests: 200,
        wave: 100,
        workers: 4,
        every: Duration::from_secs(1),
        limit: Duration::from_mins(5),
        seed: 7,
    };
    let report = workers::run(size).await.unwrap();
    println!("{:#}", report.figures());
    report.account.settle("random workers killed").unwrap();
    assert_eq!(report.rescue.abandoned, 0);
    assert!(report.kills > 1 && report.rescue.count() > 0, "or nothing was shown: {report:?}");
    assert!(report.rescue.percentile(99) < RESCUED_WITHIN, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirmed_messages_outlive_kills_of_the_broker() {
    let report = broker::run(15_000, 3).await.unwrap();
    println!("{:#}", report.figures());
    assert_eq!(report.lost, 0, "{report:?}");
    assert!(report.repeated > 0, "the kills hit windows under way, else this proves nothing: {report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_embedded_program_acknowledged_outlives_kills_in_mid_write() {
    let report = embedded::run(8, 3).await.unwrap();
    println!("{:#}", report.figures());
    assert!(report.is_settled(), "{report:?}");
}

/// How much the others feel of it is printed here and judged by `cargo xtask soak`: tests share their machine.
#[tokio::test(flavor = "multi_thread")]
async fn poison_is_put_aside_and_everybody_else_ends() {
    let size = poison::Size { wave: 30, pairs: 2, poison: 2, panic_every: 10, limit: Duration::from_mins(5) };
    let report = poison::run(size).await.unwrap();
    println!("{:#}", report.figures());
    assert!(report.is_settled(), "{report:?}");
}
