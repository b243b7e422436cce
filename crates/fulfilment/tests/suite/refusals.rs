//! Stores that refuse, people whose rows cannot be changed, and plans that are not what was approved.

use std::sync::Arc;

use anyhow::Result;
use habeas_domain::{
    JobState, Letter, Outcome, RequestId, Right, WorkKind, WorkState, approval::ApprovalPolicy,
};
use habeas_fulfilment::Fulfilment;
use habeas_test_support::wait;

use crate::{
    company::{Company, HANAKO, Lanes, SOON, TARO},
    manifests::{changed_billing, registry},
    wrapped::Wrong,
};

pub(crate) async fn stalled(company: &Company) -> Result<RequestId> {
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    company.stores["billing"].goes(Wrong::Refuses);
    company.approve(request, Right::Deletion).await?;
    company.job_becomes(request, Right::Deletion, JobState::Stalled).await?;
    Ok(request)
}

async fn told_of_delay(company: &Company, request: RequestId) -> Result<Vec<String>> {
    wait::value("the letter about the delay", SOON, || async {
        company.post.letters(request).into_iter().find_map(|letter| match letter {
            Letter::JobDelayed { stores_done: 2, open, .. } => Some(open),
            _ => None,
        })
    })
    .await
}

#[tokio::test]
async fn one_store_that_refuses_holds_up_no_other_and_finishes_later() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    let request = stalled(&company).await?;
    assert_eq!(told_of_delay(&company, request).await?, ["Billing"], "the letter names the product");
    assert!(company.post.ends(request).is_empty(), "nothing is claimed that did not happen");
    assert_eq!(
        company.rows("support", "SELECT CAST(id AS TEXT) FROM ticket").await?,
        ["2"],
        "the others are done"
    );
    let parked = company.parked().await?;
    assert_eq!(parked.len(), 1);
    company.stores["billing"].is_right_again();
    let ids: Vec<_> = parked.iter().map(|work| work.id).collect();
    assert_eq!(company.ledger.requeue(&ids, company.staff()).await?, 1);
    company.closed(request).await?;
    company.stop().await?;
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!(
        (end.outcome, end.stores, end.undone.len()),
        (Outcome::PartlyDone, 3, 0),
        "kept by law, nothing undone"
    );
    assert_eq!(
        company.rows("billing", "SELECT address FROM invoice WHERE no = 'A10'").await?,
        ["anonymised"]
    );
    Ok(())
}

#[tokio::test]
async fn a_part_that_is_accepted_names_what_was_not_done() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    let request = stalled(&company).await?;
    let job = company.view(request).await?.jobs[0].id;
    company.ledger.accept_part(job, company.staff()).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.stores, &end.undone[..]), (2, &["Billing".to_owned()][..]));
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    assert_eq!(receipt["undone"], serde_json::json!(["Billing"]));
    Ok(())
}

#[tokio::test]
async fn one_persons_bad_rows_hold_up_nobody_else() -> Result<()> {
    let company = Company::with_taro().await?;
    for number in 1..=5 {
        company
            .sql(
                "support",
                &format!("INSERT INTO ticket VALUES (10{number}, 'p{number}@example.com', 'P', 'x', NULL)"),
            )
            .await?;
    }
    // Only the tasks meet the poison, not the resolve: the group is in the queue before it is switched on.
    let mut requests = Vec::new();
    for number in 1..=5 {
        requests.push(company.submit(&format!("p{number}@example.com"), &[Right::Deletion], &[]).await?);
    }
    let resolver = habeas_fulfilment::ResolveWorker::new(company.fulfilment.clone());
    for request in &requests {
        let claimed = company.claim(&company.work(*request, WorkKind::Resolve).await?).await?;
        assert!(habeas_runtime::Worker::run(&resolver, claimed).await.is_empty());
    }
    company.stores["support"].goes(Wrong::Poison("p3@example.com"));
    company.start();
    for (number, request) in (1..).zip(&requests) {
        if number != 3 {
            company.closed(*request).await?;
        }
    }
    company.job_becomes(requests[2], Right::Deletion, JobState::Stalled).await?;
    assert_eq!(
        company.rows("support", "SELECT address FROM ticket WHERE id > 100").await?,
        ["p3@example.com"]
    );
    assert_eq!(company.parked().await?.len(), 1);
    company.stores["support"].is_right_again();
    company.ledger.requeue_by_fault("store-access-denied", company.staff()).await?;
    company.closed(requests[2]).await?;
    company.stop().await?;
    assert_eq!(company.rows("support", "SELECT CAST(id AS TEXT) FROM ticket ORDER BY id").await?, ["1", "2"]);
    Ok(())
}

#[tokio::test]
async fn what_was_approved_is_what_runs() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    company.stop().await?;
    company.approve(request, Right::Deletion).await?;
    let changed =
        Fulfilment { registry: Arc::new(registry(&changed_billing())), ..company.fulfilment.clone() };
    company.start_with(&changed, Lanes::All);
    company.job_becomes(request, Right::Deletion, JobState::Stalled).await?;
    company.stop().await?;
    let [parked] = &company.parked().await?[..] else { panic!("one parked task") };
    assert_eq!(parked.fault.as_ref().map(|fault| fault.code.as_str()), Some("plan-changed"));
    assert_eq!(
        company.rows("billing", "SELECT DISTINCT address FROM invoice WHERE no <> 'A40'").await?,
        ["1-2-3 Shibuya"]
    );
    Ok(())
}

/// A request that cannot be read takes no other of its group with it.
#[tokio::test]
async fn one_unreadable_request_holds_up_nobody_else() -> Result<()> {
    let company = Company::with_taro().await?;
    let bad = company.submit(TARO, &[Right::Access], &[]).await?;
    let good = company.submit(HANAKO, &[Right::Access], &[]).await?;
    company.break_request(bad).await?;
    company.start();
    company.closed(good).await?;
    let parked = wait::value("the other to be parked", SOON, || async {
        let parked = company.parked().await.ok()?;
        (!parked.is_empty()).then_some(parked)
    })
    .await?;
    company.stop().await?;
    let resolve: Vec<_> = parked.iter().filter(|work| work.kind == WorkKind::Resolve).collect();
    assert_eq!((resolve.len(), resolve[0].request, resolve[0].state), (1, bad, WorkState::Parked));
    Ok(())
}
