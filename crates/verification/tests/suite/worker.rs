use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{Clock as _, Letter};
use habeas_runtime::Worker;

use crate::{
    bed::{BASE, Bed},
    both_states::on_both_states,
};

on_both_states!(
    every_request_of_a_group_is_sent_its_own_link_and_code,
    a_worker_that_lost_its_lease_leaves_nothing,
    a_request_that_ended_meanwhile_is_sent_nothing,
);

async fn every_request_of_a_group_is_sent_its_own_link_and_code(bed: Bed) -> Result<()> {
    for n in 0..30 {
        bed.request(n).await?;
    }
    let claimed = bed.claim("challenge", Duration::from_mins(1)).await?;
    assert!(bed.worker().run(claimed).await.is_empty());
    let mut links = std::collections::BTreeSet::new();
    for mail in bed.mails().await? {
        let Letter::Verify { link, link_expires_at, code, code_expires_at, rights } = &mail.letter else {
            continue;
        };
        assert!(link.expose().starts_with(&format!("{BASE}/ja/confirm/")));
        assert_eq!(*link_expires_at, bed.clock.now() + TimeDelta::hours(24));
        assert_eq!(*code_expires_at, bed.clock.now() + TimeDelta::minutes(10));
        assert_eq!((code.expose().len(), rights.len()), (8, 2));
        links.insert((link.expose().clone(), mail.to.expose().clone()));
    }
    assert_eq!(links.len(), 30);
    assert_eq!(bed.count("work WHERE kind = 'challenge' AND state = 'done'").await?, 30);
    assert_eq!(bed.count("challenge WHERE tries_left = 5 AND code_hash LIKE '$argon2id$%'").await?, 30);
    Ok(())
}

async fn a_worker_that_lost_its_lease_leaves_nothing(bed: Bed) -> Result<()> {
    bed.request(1).await?;
    let slow = bed.claim("challenge", Duration::ZERO).await?;
    let mut quick = Vec::new();
    while quick.is_empty() {
        quick = bed.claim("challenge", Duration::from_mins(1)).await?;
    }
    assert!(bed.worker().run(slow).await.is_empty());
    assert_eq!(bed.count("challenge").await?, 0);
    assert!(bed.worker().run(quick).await.is_empty());
    assert_eq!(bed.count("challenge").await?, 1);
    assert_eq!(bed.verify_mails().await?.len(), 1);
    Ok(())
}

async fn a_request_that_ended_meanwhile_is_sent_nothing(bed: Bed) -> Result<()> {
    bed.request(1).await?;
    let claimed = bed.claim("challenge", Duration::from_mins(1)).await?;
    bed.advance(TimeDelta::days(31));
    assert_eq!(bed.ledger.lapse_unverified(10).await?, 1);
    assert!(bed.worker().run(claimed).await.is_empty());
    assert_eq!(bed.count("challenge").await?, 0);
    assert!(bed.verify_mails().await?.is_empty());
    Ok(())
}
