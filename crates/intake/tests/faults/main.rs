//! Deaths and outages at the durable writes of the intake. Failpoints are one for the whole process, so these cases
//! have a binary of their own and take turns in it.

#![expect(clippy::unwrap_used, reason = "a failed test may panic, helpers of tests included")]

#[path = "../suite/bed.rs"]
#[expect(dead_code, reason = "shared with the other suite, which uses all of it")]
mod bed;
#[path = "../suite/every_bed.rs"]
mod every_bed;
#[path = "../suite/samples.rs"]
mod samples;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Result;
use fail::FailScenario;
use habeas_test_support::wait;
use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use bed::{Bed, SOON};
use every_bed::on_every_bed;
use samples::{asking, submission};

on_every_bed!(
    a_death_before_the_commit_loses_nothing,
    a_death_between_commit_and_acknowledgement_doubles_nothing,
    nothing_is_lost_while_the_state_database_refuses,
);

const PEOPLE: usize = 10;

fn messages() -> impl Iterator<Item = habeas_queue::Message> {
    (0..PEOPLE).map(|n| asking(&format!("m{n}"), &submission(n)))
}

/// Every publisher heard, each the same however often, and there is one request for each.
async fn check(bed: &Bed, answers: usize) -> Result<()> {
    let mut by_id: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (id, answer) in bed.answers(answers).await? {
        by_id.entry(id).or_default().push(answer);
    }
    assert_eq!(by_id.len(), PEOPLE);
    for (id, answers) in by_id {
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer["answer"] == "accepted"), "{id}");
    }
    assert_eq!(bed.count("request").await?, i64::try_from(PEOPLE)?);
    bed.public_queue_is_empty().await?;
    assert!(bed.dead_letters(0).await?.is_empty());
    Ok(())
}

async fn a_death_before_the_commit_loses_nothing(mut bed: Bed) -> Result<()> {
    let scenario = FailScenario::setup();
    fail::cfg("intake::before_accept", "1*panic").unwrap();
    bed.publish(messages()).await?;
    bed.start();
    check(&bed, PEOPLE).await?;
    scenario.teardown();
    bed.stop().await
}

async fn a_death_between_commit_and_acknowledgement_doubles_nothing(mut bed: Bed) -> Result<()> {
    let scenario = FailScenario::setup();
    fail::cfg("intake::after_accept", "1*panic").unwrap();
    bed.publish(messages()).await?;
    bed.start();
    // At least one message was stored, came again, and was answered again.
    check(&bed, PEOPLE + 1).await?;
    scenario.teardown();
    bed.stop().await
}

async fn nothing_is_lost_while_the_state_database_refuses(mut bed: Bed) -> Result<()> {
    let scenario = FailScenario::setup();
    let tries = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&tries);
    fail::cfg_callback("intake::after_accept", move || {
        counter.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    bed.db.execute_unprepared("ALTER TABLE request RENAME TO request_away").await?;
    bed.publish(messages()).await?;
    bed.start();
    wait::until("the intake to try again and again", SOON, || async { tries.load(Ordering::SeqCst) >= 3 })
        .await?;
    assert!(bed.dead_letters(0).await?.is_empty());
    bed.db.execute_unprepared("ALTER TABLE request_away RENAME TO request").await?;
    check(&bed, PEOPLE).await?;
    scenario.teardown();
    bed.stop().await
}
