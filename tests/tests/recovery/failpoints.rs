//! The process dies at every named failpoint, once; it is started again, and the end is the same as without.

use std::{collections::BTreeSet, path::Path};

use futures::StreamExt;
use habeas_tests::house::{ALL, House, Plan};

use habeas_tests::crowd::{Crowd, LIMIT};

/// Every failpoint of the program but those on the way of a mail: before and after each durable write.
const FAILPOINTS: &[&str] = &[
    "challenge::after_commit",
    "challenge::before_commit",
    "conclude::after_commit",
    "conclude::before_commit",
    "intake::after_accept",
    "intake::before_accept",
    "lane::before_ack",
    "lane::claimed",
    "ledger::after_commit",
    "ledger::before_commit",
    "mail::after_commit",
    "mail::after_send",
    "mail::before_commit",
    "mail::before_send",
    "relay::after_publish",
    "relay::before_publish",
    "resolve::after_commit",
    "resolve::before_commit",
    "task::after_apply",
    "task::after_commit",
    "task::before_apply",
    "task::before_commit",
    "task::entered",
];

#[test]
fn every_failpoint_in_the_source_is_in_the_list() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut found = BTreeSet::new();
    collect(&crates, &mut found);
    let listed = FAILPOINTS.iter().chain(super::mailbox::FAILPOINTS).map(|point| (*point).to_owned());
    assert_eq!(found, listed.collect::<BTreeSet<_>>());
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.split("fail_point!(\"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(ToOwned::to_owned));
        }
    }
}

/// The stores of the company, in three kinds of database: each is at the failpoint when the process dies.
const STORES: [&str; 4] = ["calls", "club", "desk", "shop"];

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_failpoint_changes_nothing_of_the_end() {
    let mut runs =
        futures::stream::iter(FAILPOINTS).map(|point| tokio::spawn(die_at(point))).buffer_unordered(3);
    while let Some(run) = runs.next().await {
        run.unwrap();
    }
}

async fn die_at(point: &'static str) {
    let marker = tempfile::tempdir().unwrap();
    let in_stores = point.starts_with("task::");
    let parties = if in_stores { STORES.len() } else { 1 };
    let once = format!("{point}={}={parties}", marker.path().join("died").display());
    // One group at a time in each store, so that as many groups as stores are one group of each.
    let once = ("HABEAS_KILL_AT".to_owned(), once);
    let mut env = vec![once, ("HABEAS__WORKERS__TASK__PARALLEL".to_owned(), "1".to_owned())];
    // How long the dead one's work lies about is timed elsewhere; here it is only waited for. But nobody may take the work
    // of a store that waits for the others at the failpoint, however busy the machine: it would count as another store.
    let lease = if in_stores { "10" } else { "3" };
    let lanes = ["CHALLENGE", "RESOLVE", "TASK", "CONCLUDE", "MAIL"];
    env.extend(lanes.map(|lane| (format!("HABEAS__WORKERS__{lane}__LEASE_SECONDS"), lease.to_owned())));
    let plan = Plan { people: 4, every_kind_of_store: true, processes: vec![ALL], env, ..Plan::default() };
    let house = House::build(plan).await.unwrap();
    let crowd = Crowd::of(4);
    let submitted = crowd.submit(&house).await.unwrap();
    let verifying = crowd.verify(&house);
    let restarting = async {
        let process = house.processes.first().unwrap();
        let died = process.wait_exit(LIMIT).await;
        assert!(died.is_ok_and(|status| !status.success()), "{point} was not reached");
        if in_stores {
            every_store_was_at_work(&house, point).await;
        }
        house.restart_the_dead().await.unwrap();
    };
    let both = futures::future::join(verifying, restarting);
    tokio::time::timeout(LIMIT, both).await.unwrap().0.unwrap();
    crowd.settle(&house, submitted, point).await.unwrap();
}

/// At the death every kind of store had work under way, and where it was about to change or had just changed, its own log
/// says which.
async fn every_store_was_at_work(house: &House, point: &str) {
    let done = point == "task::after_commit";
    let states: &[&str] = if done { &["done"] } else { &["running"] };
    assert_eq!(house.stores_with(states).await.unwrap(), STORES, "{point}: {states:?}");
    let changed = |wanted: bool| async move {
        for (store, effects) in house.company.effects().await.unwrap() {
            assert_eq!(!effects.is_empty(), wanted, "{point}: {store}: {effects:?}");
        }
    };
    match point {
        "task::entered" | "task::before_apply" => changed(false).await,
        "task::after_apply" => changed(true).await,
        _ => {}
    }
}
