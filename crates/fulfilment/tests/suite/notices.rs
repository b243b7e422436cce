//! Whom a deletion warns before it begins.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use habeas_domain::{JobState, Right, approval::ApprovalPolicy};
use habeas_fulfilment::{Fulfilment, FulfilmentOptions};
use habeas_ledger::Notice;

use crate::{
    company::{Company, Lanes, TARO, options},
    manifests::{BILLING, registry},
};

const GRACE: Duration = Duration::from_hours(72);

async fn notice(company: &Company, right: Right, grace: Option<Duration>) -> Result<Option<Notice>> {
    let payer_is_an_address = BILLING.replace("correct = \"name\"", "correct = \"email\"");
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
    assert_eq!(addresses, ["Billing.Taro@example.net", "taro.old@example.com", TARO]);
    assert_eq!(notice.grace_seconds, 72 * 3600);
    Ok(())
}

#[tokio::test]
async fn nobody_is_warned_of_what_can_be_undone_or_when_it_is_turned_off() -> Result<()> {
    assert_eq!(notice(&company().await?, Right::Access, Some(GRACE)).await?, None);
    assert_eq!(notice(&company().await?, Right::Deletion, None).await?, None);
    Ok(())
}
