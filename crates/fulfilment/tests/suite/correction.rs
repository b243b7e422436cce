//! Correction: where the old value still stands, and nowhere else.

use std::sync::Arc;

use anyhow::Result;
use habeas_domain::{
    JobState, Outcome, Right, StoreName, WorkKind, approval::ApprovalPolicy, letter::WhyUnmet,
};
use habeas_fulfilment::{PlanDetail, TaskWorker};
use habeas_ledger::WorkView;
use habeas_runtime::Worker as _;
use habeas_test_support::wait;

use crate::{
    company::{Company, HANAKO, SOON, TARO},
    wrapped::Wrong,
};

const NAME: (&str, &str, &str) = ("user.name", "name", "山田 多朗");
const NEW: &str = "taro.new@example.com";
const EMAIL: (&str, &str, &str) = ("user.contact.email", "email", NEW);

#[tokio::test]
async fn a_name_is_corrected_in_every_store_that_holds_it() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Correction], &[NAME]).await?;
    let view = company.closed(request).await?;
    assert_eq!(view.outcome, Some(Outcome::Done), "{:?}", company.post.ends(request));
    let names = ["山田 多朗", "山田 多朗"];
    assert_eq!(company.rows("shop", "SELECT name FROM customer WHERE id < 4").await?, names);
    assert_eq!(company.rows("billing", "SELECT payer FROM invoice WHERE no <> 'A40'").await?, names);
    assert_eq!(company.rows("support", "SELECT name FROM ticket").await?, ["山田 多朗", "佐藤花子"]);
    assert_eq!(company.receipts(request).await?.len(), 1);
    let left = company.everything().await?;
    let again = company.submit(TARO, &[Right::Correction], &[NAME]).await?;
    let view = company.closed(again).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done), "it is right already");
    assert_eq!(company.everything().await?, left);
    Ok(())
}

#[tokio::test]
async fn what_was_written_after_the_approval_is_left_alone_and_told() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let request = company.submit(TARO, &[Right::Correction], &[NAME]).await?;
    let job = company.job_becomes(request, Right::Correction, JobState::AwaitingApproval).await?;
    let (plan, _) = company.ledger.job_plan(job.id).await?;
    assert_eq!(PlanDetail::read(&plan)?.changes.len(), 4, "two spellings in the shop");
    company.sql("support", "UPDATE ticket SET name = 'Somebody Else' WHERE id = 1").await?;
    company.approve(request, Right::Correction).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    let whys: Vec<WhyUnmet> = end.unmet.iter().map(|unmet| unmet.why).collect();
    assert_eq!(whys, [WhyUnmet::ChangedSince], "{:?}", end.unmet);
    assert_eq!(company.rows("support", "SELECT name FROM ticket WHERE id = 1").await?, ["Somebody Else"]);
    assert_eq!(company.rows("shop", "SELECT DISTINCT name FROM customer WHERE id < 4").await?, ["山田 多朗"]);
    Ok(())
}

/// Approved name corrections of Taro and of Hanako, and the work that they are in the support desk.
async fn two_in_one_store(company: &mut Company) -> Result<(Vec<WorkView>, TaskWorker)> {
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let his = company.submit(TARO, &[Right::Correction], &[NAME]).await?;
    let hers = company.submit(HANAKO, &[Right::Correction], &[("user.name", "name", "佐藤 はな")]).await?;
    for request in [his, hers] {
        company.job_becomes(request, Right::Correction, JobState::AwaitingApproval).await?;
    }
    company.stop().await?;
    let mut work = Vec::new();
    let support = StoreName::new("support")?;
    for request in [his, hers] {
        company.approve(request, Right::Correction).await?;
        work.extend(company.work(request, WorkKind::Task).await?);
    }
    work.retain(|task| task.store.as_ref() == Some(&support));
    assert_eq!(work.len(), 2);
    Ok((work, TaskWorker::new(company.fulfilment.clone(), support)))
}

#[tokio::test]
async fn many_people_are_corrected_in_one_step_each_as_shown() -> Result<()> {
    let mut company = Company::with_taro().await?;
    let (work, worker) = two_in_one_store(&mut company).await?;
    company.sql("support", "UPDATE ticket SET name = 'Written Since' WHERE id = 2").await?;
    let store = Arc::clone(&company.stores["support"]);
    let before = store.asked();
    assert!(worker.run(company.claim(&work).await?).await.is_empty());
    assert_eq!(store.asked() - before, 2, "one step for both, and one look at what it left");
    let names = company.rows("support", "SELECT name FROM ticket ORDER BY id").await?;
    assert_eq!(names, ["山田 多朗", "Written Since"], "hers was not the one that was approved");
    Ok(())
}

#[tokio::test]
async fn one_who_cannot_be_corrected_takes_no_other_with_them() -> Result<()> {
    let mut company = Company::with_taro().await?;
    let (work, worker) = two_in_one_store(&mut company).await?;
    company.stores["support"].goes(Wrong::Poison(HANAKO));
    let failures = worker.run(company.claim(&work).await?).await;
    assert_eq!(failures.len(), 1);
    assert_eq!(Some(failures[0].request), work.last().map(|task| task.request), "hers");
    let names = company.rows("support", "SELECT name FROM ticket ORDER BY id").await?;
    assert_eq!(names, ["山田 多朗", "佐藤花子"]);
    Ok(())
}

#[tokio::test]
async fn a_new_address_is_confirmed_before_it_replaces_the_old_one() -> Result<()> {
    let company = Company::with_taro().await?;
    let before = company.everything().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Correction], &[EMAIL, NAME]).await?;
    company.job_becomes(request, Right::Correction, JobState::AwaitingApproval).await?;
    assert_eq!(company.everything().await?, before, "nobody has shown that the new address is theirs");
    company.confirm_new_address(request).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(
        view.outcome,
        Some(Outcome::Done),
        "other addresses are not in conflict: {:?}",
        company.post.ends(request)
    );
    assert_eq!(
        company
            .rows(
                "shop",
                "SELECT concat_ws('|', email, ifnull(email_2, '-'), name) FROM customer ORDER BY id"
            )
            .await?,
        [
            "taro.new@example.com|taro.old@example.com|山田 多朗".to_owned(),
            "|-|山田 多朗".to_owned(),
            format!("{HANAKO}|-|佐藤花子")
        ]
    );
    // The ticket is found by its address alone: its name is corrected although the address changes too.
    assert_eq!(
        company.rows("support", "SELECT concat_ws('|', address, name) FROM ticket WHERE id = 1").await?,
        ["taro.new@example.com|山田 多朗"]
    );
    Ok(())
}

/// Hanako pressed the button in a mail that she did not understand: Taro's account does not get her address, which would make
/// the two one person.
#[tokio::test]
async fn nobody_gets_an_address_by_which_somebody_else_is_known() -> Result<()> {
    let company = Company::with_taro().await?;
    let before = company.everything().await?;
    company.start();
    let hers = ("user.contact.email", "email", HANAKO);
    let request = company.submit(TARO, &[Right::Correction], &[hers]).await?;
    company.confirm_new_address(request).await?;
    company.job_becomes(request, Right::Correction, JobState::Stalled).await?;
    let parked = company.parked().await?;
    company.stop().await?;
    assert!(parked.iter().all(|work| work.fault.as_ref().is_some_and(|fault| fault.code == "review-needed")));
    assert_eq!(company.everything().await?, before);
    Ok(())
}

/// Her press of a button makes none of her rows his.
#[tokio::test]
async fn whoever_confirms_an_address_gives_nobody_their_rows() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let hers = ("user.contact.email", "email", HANAKO);
    let request = company.submit(TARO, &[Right::Correction, Right::Access], &[hers]).await?;
    let copy = company.job_becomes(request, Right::Access, JobState::AwaitingApproval).await?;
    company.confirm_new_address(request).await?;
    company.ledger.replan(copy.id, company.staff()).await?;
    let parked = wait::value("the resolve waits for ops", SOON, || async {
        let parked = company.parked().await.ok()?;
        parked.into_iter().find(|work| work.kind == WorkKind::Resolve)
    })
    .await?;
    let job = company.job_becomes(request, Right::Access, JobState::AwaitingPlan).await?;
    company.stop().await?;
    assert_eq!(parked.fault.map(|fault| fault.code).as_deref(), Some("review-needed"));
    assert_eq!(job.id, copy.id);
    Ok(())
}

#[tokio::test]
async fn a_correction_that_ran_twice_is_told_as_done() -> Result<()> {
    let company = Company::with_taro().await?;
    for store in company.stores.values() {
        store.goes(Wrong::DoneThenTimeout);
    }
    company.start();
    let request = company.submit(TARO, &[Right::Correction], &[EMAIL, NAME]).await?;
    company.confirm_new_address(request).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert!(company.stores.values().all(|store| store.changes() == 2));
    assert_eq!(view.outcome, Some(Outcome::Done));
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    assert_eq!((end.rows, end.uncounted), (0, 3), "it does not claim that there was nothing");
    Ok(())
}

#[tokio::test]
async fn what_no_field_holds_cannot_be_corrected_and_is_not_told_as_done() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Correction], &[("user.shoe", "number", "27")]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    let [unmet] = &end.unmet[..] else { panic!("one reason: {:?}", end.unmet) };
    assert_eq!((unmet.what.en.as_str(), unmet.why), ("About you (user.shoe)", WhyUnmet::NoField));
    assert!(
        company.receipts(request).await?.iter().all(|receipt| receipt["stores"] == serde_json::json!([]))
    );
    Ok(())
}

#[tokio::test]
async fn what_was_made_and_what_was_not_are_told_apart() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let wishes = [NAME, ("user.shoe", "number", "27")];
    let request = company.submit(TARO, &[Right::Correction], &wishes).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::PartlyDone), "half of it is not all of it");
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    assert!(end.rows > 0);
    assert_eq!(end.unmet.iter().map(|unmet| unmet.why).collect::<Vec<_>>(), [WhyUnmet::NoField]);
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    assert_eq!(receipt["unmet"][0]["why"], "no-field");
    Ok(())
}
