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

/// Everybody's rows but one person's are gone and proven gone, in one statement: only this run could count them.
#[tokio::test]
async fn one_unproven_person_takes_no_count_from_the_others() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.attempts = 1;
    let mut requests = Vec::new();
    for number in 1..=3 {
        let person = format!("p{number}@example.com");
        company
            .sql("support", &format!("INSERT INTO ticket VALUES (10{number}, '{person}', 'P', 'x', NULL)"))
            .await?;
        requests.push(company.submit(&person, &[Right::Deletion], &[]).await?);
    }
    let resolver = habeas_fulfilment::ResolveWorker::new(company.fulfilment.clone());
    for request in &requests {
        let claimed = company.claim(&company.work(*request, WorkKind::Resolve).await?).await?;
        assert!(habeas_runtime::Worker::run(&resolver, claimed).await.is_empty());
    }
    company.stores["support"].goes(Wrong::Spares("p2@example.com"));
    company.start();
    company.closed(requests[0]).await?;
    company.closed(requests[2]).await?;
    company.job_becomes(requests[1], Right::Deletion, JobState::Stalled).await?;
    company.stop().await?;
    for request in [requests[0], requests[2]] {
        let [end] = &company.post.ends(request)[..] else { panic!("one end") };
        assert_eq!((end.outcome, end.rows, end.uncounted), (Outcome::Done, 1, 0));
    }
    let [parked] = &company.parked().await?[..] else { panic!("one parked task") };
    assert_eq!(parked.fault.as_ref().map(|fault| fault.code.as_str()), Some("not-proven"));
    Ok(())
}

/// The rows are gone, the store could not say so in time, and then the person took the request back: the letter says what
/// is gone, and not that nothing was done.
#[tokio::test]
async fn what_was_done_before_it_was_taken_back_is_told() -> Result<()> {
    let mut company = Company::new().await?;
    company.attempts = 1;
    company.sql("support", &format!("INSERT INTO ticket VALUES (1, '{TARO}', 'T', 'Hello', NULL)")).await?;
    for store in ["shop", "support"] {
        company.stores[store].goes(Wrong::DoneThenTimeout);
    }
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::Stalled).await?;
    let withdrawn = company.ledger.withdraw(request, company.staff()).await?;
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (0, 1));
    company.closed(request).await?;
    company.stop().await?;
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.outcome, end.uncounted, end.undone.len()), (Outcome::Done, 2, 0));
    Ok(())
}

/// The same where the store refused: nothing is claimed that did not happen.
#[tokio::test]
async fn what_was_not_done_before_it_was_taken_back_is_named() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    let request = stalled(&company).await?;
    company.stores["billing"].is_right_again();
    company.ledger.withdraw(request, company.staff()).await?;
    company.closed(request).await?;
    company.stop().await?;
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.outcome, &end.undone[..]), (Outcome::PartlyDone, &["Billing".to_owned()][..]));
    assert_eq!(
        company.rows("billing", "SELECT address FROM invoice WHERE no = 'A10'").await?,
        ["1-2-3 Shibuya"]
    );
    Ok(())
}

/// A correction that would take too many different values waits with its parked work; the copy is made all the same.
#[tokio::test]
async fn a_correction_that_cannot_be_planned_keeps_nothing_else_back() -> Result<()> {
    let company = Company::with_taro().await?;
    company
        .sql(
            "support",
            &format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
                 INSERT INTO ticket SELECT 1000 + i, '{TARO}', 'Name ' || i, 'x', NULL FROM n"
            ),
        )
        .await?;
    company.start();
    let wanted = [("user.name", "name", "山田 多朗")];
    let request = company.submit(TARO, &[Right::Access, Right::Correction], &wanted).await?;
    company.job_becomes(request, Right::Access, JobState::Ended).await?;
    let parked = wait::value("the resolve to be parked", SOON, || async {
        let parked = company.parked().await.ok()?;
        parked.into_iter().find(|work| work.kind == WorkKind::Resolve)
    })
    .await?;
    company.job_becomes(request, Right::Correction, JobState::AwaitingPlan).await?;
    company.stop().await?;
    assert_eq!(parked.fault.map(|fault| fault.code).as_deref(), Some("too-many-values"));
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
