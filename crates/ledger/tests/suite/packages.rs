//! Packages and their links.

use chrono::TimeDelta;
use habeas_domain::{Outcome, Right, WorkKind};
use habeas_ledger::PackageRecord;

use crate::{
    steps::staff,
    world::{World, start},
};

on_both!(
    downloads_are_used_up_once_each,
    a_link_ends_and_is_renewed,
    an_ended_package_is_forgotten,
    one_that_cannot_be_read_keeps_no_other_for_ever,
);

async fn stored(world: &World) -> (PackageRecord, habeas_vault::TokenHash) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    world.finish_tasks(request).await;
    let claimed = world.claim_one(request, WorkKind::Conclude).await;
    let conclusion = world.conclusion(&claimed, Some(Outcome::Done)).await;
    let token = conclusion.package.as_ref().unwrap().token;
    let job = conclusion.job;
    world.ledger.concluded(vec![conclusion]).await.unwrap();
    let record = world.ledger.package_by_token(&token).await.unwrap().unwrap();
    assert_eq!(world.ledger.package_of_job(job).await.unwrap().as_ref(), Some(&record));
    (record, token)
}

async fn downloads_are_used_up_once_each(world: World) {
    let (package, _) = stored(&world).await;
    assert!(package.is_open(start()));
    let fetches = (0..10).map(|_| {
        let (ledger, id) = (world.ledger.clone(), package.id);
        tokio::spawn(async move { ledger.use_download(id).await.unwrap() })
    });
    let mut left = Vec::new();
    for fetch in fetches.collect::<Vec<_>>() {
        left.extend(fetch.await.unwrap().map(|record| record.downloads_left));
    }
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2]);
    let events = world.events(package.request).await;
    assert_eq!(events.iter().filter(|event| *event == "package-fetched").count(), 3);
    world.assert_audit_whole().await;
}

async fn a_link_ends_and_is_renewed(world: World) {
    let (package, old) = stored(&world).await;
    world.clock.advance(TimeDelta::days(7));
    assert_eq!(world.ledger.use_download(package.id).await.unwrap(), None);
    let token = world.ledger.vault().new_token().hash();
    let ends = start() + TimeDelta::days(14);
    let renewed = world.ledger.renew_package(package.id, token, ends, 2, staff(2)).await.unwrap();
    assert_eq!((renewed.expires_at, renewed.downloads_left), (ends, 2));
    assert_eq!(world.ledger.package_by_token(&old).await.unwrap(), None, "the old link is gone");
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), Some(renewed));
    assert_eq!(world.ledger.use_download(package.id).await.unwrap().unwrap().downloads_left, 1);
}

async fn one_that_cannot_be_read_keeps_no_other_for_ever(world: World) {
    let (damaged, _) = stored(&world).await;
    let (whole, _) = stored(&world).await;
    world.clock.advance(TimeDelta::days(8));
    let of = format!(
        "job_id IN (SELECT id FROM job WHERE request_id IN (SELECT id FROM request WHERE reference = '{}'))",
        damaged.request.reference()
    );
    assert_eq!(
        world.run(&format!("UPDATE package SET sha256 = token_hash || token_hash WHERE {of}")).await,
        1
    );
    let ended = world.ledger.expired_packages(world.clock_now(), 10).await.unwrap();
    assert_eq!(ended.iter().map(|one| one.id).collect::<Vec<_>>(), [whole.id]);
}

async fn an_ended_package_is_forgotten(world: World) {
    let (package, token) = stored(&world).await;
    let ended = || async { world.ledger.expired_packages(world.ledger.ids().now(), 10).await.unwrap() };
    assert!(ended().await.is_empty());
    world.clock.advance(TimeDelta::days(8));
    assert_eq!(ended().await, std::slice::from_ref(&package));
    assert!(world.ledger.forget_package(package.id).await.unwrap());
    assert!(!world.ledger.forget_package(package.id).await.unwrap());
    assert!(ended().await.is_empty());
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None);
    assert_eq!(world.ledger.use_download(package.id).await.unwrap(), None);
    assert!(world.ledger.renew_package(package.id, token, start(), 1, staff(2)).await.is_err());
    world.assert_audit_whole().await;
}
