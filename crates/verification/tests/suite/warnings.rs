//! The warnings before a deletion, and the button in them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{Actor, Clock as _, JobState, Letter, Personal, RequestId, Right, approval::PlanHash};
use habeas_ledger::{JobPlan, Notice, Planned, PlannedJob};
use habeas_runtime::Worker as _;
use habeas_verification::{CodeAnswer, Confirmation, LinkState, StopStanding, Whose};

use crate::{
    bed::{BASE, Bed},
    both_states::on_both_states,
    mails::token_in,
};

on_both_states!(
    every_address_is_sent_a_link_of_its_own,
    looking_stops_nothing_and_pressing_stops_at_once,
    a_warning_of_a_request_that_was_withdrawn_is_not_sent,
);

const ADDRESSES: [&str; 3] = ["hanako+1@example.jp", "hanako.old@example.com", "hanako@example.net"];

/// Whom a plan before this one had warned.
const TOLD: &str = "hanako.told@example.net";

/// A deletion that staff approved, with its warnings still to be made.
async fn approved(bed: &Bed) -> Result<RequestId> {
    let (request, token, _) = bed.challenged(1).await?;
    assert!(matches!(bed.desk.confirm(&token).await?, Confirmation::Confirmed(_)));
    let resolve = bed.claim("resolve", Duration::from_mins(1)).await?.remove(0);
    let jobs = bed.ledger.request_view(request).await?.jobs;
    let job = jobs.iter().find(|job| job.right == Right::Deletion).context("no deletion")?.id;
    let on_file = ADDRESSES.into_iter().chain([TOLD]);
    let addresses = on_file.map(|address| Personal::new(address.to_owned())).collect();
    let plan = JobPlan {
        stores: vec!["shop".parse()?],
        detail: Personal::new(serde_json::Value::Null),
        notice: Some(Notice {
            grace_seconds: 72 * 3600,
            addresses,
            told: vec![Personal::new(TOLD.to_owned())],
        }),
    };
    let planned = Planned {
        lease: resolve.lease,
        request,
        keys: Personal::new(serde_json::Value::Null),
        jobs: vec![PlannedJob { job, hash: PlanHash([1; 32]), plan, confirmations: Vec::new() }],
        referrals: Vec::new(),
        removes: Vec::new(),
        again: false,
    };
    bed.ledger.planned(vec![planned]).await?;
    bed.ledger.approve(job, Actor::Token(bed.ledger.ids().fresh()), PlanHash([1; 32])).await?;
    bed.mails().await?;
    Ok(request)
}

async fn warn(bed: &Bed) -> Result<Vec<(String, String)>> {
    let claimed = bed.claim("challenge", Duration::from_mins(1)).await?;
    assert!(bed.worker().run(claimed).await.is_empty());
    let mut warned = Vec::new();
    for mail in bed.mails().await? {
        let Letter::DeletionNotice { link, not_before, link_expires_at, copy_first, .. } = &mail.letter
        else {
            continue;
        };
        assert_eq!(*not_before, bed.clock.now() + TimeDelta::hours(72));
        assert_eq!(*link_expires_at, *not_before + TimeDelta::days(30));
        assert!(copy_first, "the same request asks for a copy");
        assert!(link.expose().starts_with(&format!("{BASE}/ja/confirm/")));
        warned.push((mail.to.expose().clone(), token_in(link.expose())));
    }
    warned.sort();
    Ok(warned)
}

async fn every_address_is_sent_a_link_of_its_own(bed: Bed) -> Result<()> {
    approved(&bed).await?;
    let warned = warn(&bed).await?;
    let to: Vec<&str> = warned.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ADDRESSES, "and not whom a plan before had warned");
    let tokens: std::collections::BTreeSet<&str> = warned.iter().map(|(_, token)| token.as_str()).collect();
    assert_eq!(tokens.len(), ADDRESSES.len());
    Ok(())
}

async fn looking_stops_nothing_and_pressing_stops_at_once(bed: Bed) -> Result<()> {
    let request = approved(&bed).await?;
    let warned = warn(&bed).await?;
    let state = async || -> Result<JobState> {
        let jobs = bed.ledger.request_view(request).await?.jobs;
        Ok(jobs.iter().find(|job| job.right == Right::Deletion).context("no deletion")?.state)
    };
    let token = &warned[1].1;
    for _ in 0..3 {
        assert_eq!(bed.desk.look(token).await?, LinkState::Stop(StopStanding::Open));
    }
    assert_eq!(state().await?, JobState::AwaitingCopy);
    let typed = bed.desk.try_code(Whose::Link(token), "00000000").await?;
    assert_eq!(typed, CodeAnswer::Refused, "it proves nothing");
    assert_eq!(bed.desk.confirm(token).await?, Confirmation::Objected(StopStanding::Stopped));
    assert_eq!(state().await?, JobState::Disputed);
    assert_eq!(bed.desk.look(token).await?, LinkState::Stop(StopStanding::Stopped));
    let again = bed.desk.confirm(token).await?;
    assert_eq!(again, Confirmation::Objected(StopStanding::Stopped), "what the first press did");
    assert_eq!(bed.count("audit WHERE event = 'disputed'").await?, 1, "once");
    bed.advance(TimeDelta::days(40));
    assert_eq!(bed.desk.look(&warned[0].1).await?, LinkState::Stop(StopStanding::Ended));
    assert_eq!(bed.desk.confirm(&warned[0].1).await?, Confirmation::NotValid);
    Ok(())
}

async fn a_warning_of_a_request_that_was_withdrawn_is_not_sent(bed: Bed) -> Result<()> {
    let request = approved(&bed).await?;
    let claimed = bed.claim("challenge", Duration::from_mins(1)).await?;
    bed.ledger.withdraw(request, Actor::Subject).await?;
    assert!(bed.worker().run(claimed).await.is_empty());
    let mails = bed.mails().await?;
    assert!(mails.iter().all(|mail| mail.letter.kind() != "deletion-notice"));
    Ok(())
}
