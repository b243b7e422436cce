//! Whom a deletion warns before it begins.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use habeas_domain::{
    JobState, RequestState, Right,
    approval::ApprovalPolicy,
    review::{Opinion, ReviewDecision},
    text::FreeText,
};
use habeas_fulfilment::{Fulfilment, FulfilmentOptions};
use habeas_ledger::Notice;
use habeas_test_support::wait;

use crate::{
    company::{Company, Lanes, TARO, options},
    manifests::{BILLING, registry},
};

const GRACE: Duration = Duration::from_hours(72);

async fn notice(company: &Company, right: Right, grace: Option<Duration>) -> Result<Option<Notice>> {
    notice_with(company, right, grace, "correct = \"email\", own_contact = true").await
}

async fn notice_with(
    company: &Company,
    right: Right,
    grace: Option<Duration>,
    payer: &str,
) -> Result<Option<Notice>> {
    let payer_is_an_address = BILLING.replace("correct = \"name\"", payer);
    let fulfilment = Fulfilment {
        registry: Arc::new(registry(&payer_is_an_address)),
        options: Arc::new(FulfilmentOptions { deletion_grace: grace, ..options() }),
        ..company.fulfilment.clone()
    };
    company.start_with(&fulfilment, Lanes::All);
    let request = company.submit(TARO, &[right], &[]).await?;
    let job = company.job_becomes(request, right, JobState::AwaitingApproval).await?;
    company.stop().await?;
    Ok(company.ledger.job_plan(job.id).await?.0.notice)
}

async fn company() -> Result<Company> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    Ok(company)
}

#[tokio::test]
async fn a_deletion_warns_every_address_on_file_once() -> Result<()> {
    let company = company().await?;
    company
        .sql(
            "billing",
            "UPDATE invoice SET payer = CASE no WHEN 'A10' THEN 'Billing.Taro@example.net'
             WHEN 'A11' THEN 'no address' ELSE 'hanako.bills@example.net' END",
        )
        .await?;
    let notice = notice(&company, Right::Deletion, Some(GRACE)).await?.context("nobody is warned")?;
    let addresses: Vec<&str> = notice.addresses.iter().map(|address| address.expose().as_str()).collect();
    assert_eq!(
        addresses,
        [TARO, "taro.old@example.com", "Billing.Taro@example.net"],
        "the verified one first"
    );
    assert_eq!(notice.grace_seconds, 72 * 3600);
    Ok(())
}

/// Whoever pays for somebody may be anybody: unless a manifest says that it is the person, they read nothing of a deletion.
#[tokio::test]
async fn addresses_of_others_are_not_warned() -> Result<()> {
    let company = company().await?;
    company.sql("billing", "UPDATE invoice SET payer = 'somebody.else@example.net'").await?;
    let notice = notice_with(&company, Right::Deletion, Some(GRACE), "correct = \"email\"").await?;
    let notice = notice.context("nobody is warned")?;
    let addresses: Vec<&str> = notice.addresses.iter().map(|address| address.expose().as_str()).collect();
    assert_eq!(addresses, [TARO, "taro.old@example.com"]);
    Ok(())
}

/// Fifty addresses that somebody wrote into an account must not keep the warning from the one that is read.
#[tokio::test]
async fn more_addresses_than_are_warned_stop_for_a_person() -> Result<()> {
    let company = company().await?;
    company
        .sql(
            "billing",
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
             INSERT INTO invoice SELECT 'X' || i, 10, 'aaa' || i || '@example.net', '', '2020-01-01' FROM n",
        )
        .await?;
    let payer = BILLING.replace("correct = \"name\"", "correct = \"email\", own_contact = true");
    let fulfilment = Fulfilment {
        registry: Arc::new(registry(&payer)),
        options: Arc::new(FulfilmentOptions { deletion_grace: Some(GRACE), ..options() }),
        ..company.fulfilment.clone()
    };
    company.start_with(&fulfilment, Lanes::All);
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let reason = wait::value("the request to stop", Duration::from_mins(1), || async {
        let view = company.view(request).await.ok()?;
        view.review_reason.filter(|_| view.state == RequestState::AwaitingReview)
    });
    let reason = reason.await?;
    assert!(reason.contains("more than 50 mail addresses"), "{reason}");
    // All of them are warned once two people say so.
    let finding = company.view(request).await?.findings[0].finding;
    for _ in 0..2 {
        let opinion = Opinion { by: company.staff(), decision: ReviewDecision::Allow { up_to: 80 } };
        let why = FreeText::parse("All are hers.").unwrap();
        company.ledger.decide_finding(request, finding, opinion, why).await?;
    }
    let job = company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    company.stop().await?;
    let notice = company.ledger.job_plan(job.id).await?.0.notice.context("nobody is warned")?;
    assert_eq!(notice.addresses.len(), 62);
    Ok(())
}

#[tokio::test]
async fn nobody_is_warned_of_what_can_be_undone_or_when_it_is_turned_off() -> Result<()> {
    assert_eq!(notice(&company().await?, Right::Access, Some(GRACE)).await?, None);
    assert_eq!(notice(&company().await?, Right::Deletion, None).await?, None);
    Ok(())
}
