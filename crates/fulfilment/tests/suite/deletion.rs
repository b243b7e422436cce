//! Deletion: what goes, what stays and why, and the proof.

use anyhow::Result;
use habeas_domain::{JobState, Outcome, Right, WorkKind, WorkState, approval::ApprovalPolicy};
use habeas_fulfilment::TaskWorker;
use habeas_runtime::Worker;

use crate::company::{Company, TARO};

#[tokio::test]
async fn rows_go_masks_come_and_what_the_law_wants_stays() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    let left = company.everything().await?;
    let mut masked = left.clone();
    for line in masked.iter_mut().filter(|line| line.contains("@erased.invalid")) {
        let (start, end) = (line.find("erased-").unwrap(), line.find("@erased").unwrap());
        line.replace_range(start..end, "erased");
    }
    assert_eq!(
        masked,
        [
            "customer|1|erased@erased.invalid|-|-|00-0000-0000",
            "customer|3|erased@erased.invalid|-|-|-",
            "customer|4|hanako@example.jp|-|佐藤花子|03-0000-0000",
            "orders|11|1",
            "orders|40|4",
            "item|5|40|Ink",
            "refund|1|********",
            "refund|2|********",
            "refund|3|lost",
            "invoice|A10|-|anonymised",
            "invoice|A11|山田太郎|anonymised",
            "invoice|A40|佐藤花子|4-5-6 Ueno",
            "ticket|2|hanako@example.jp|佐藤花子|Ink",
        ]
    );
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    let kept: Vec<_> =
        end.kept.iter().map(|kept| (kept.what.en.as_str(), kept.rows, kept.until.is_some())).collect();
    assert_eq!(kept, [("Invoices", 1, true), ("orders", 1, true)]);
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    assert_eq!(receipt["outcome"], "partly-done");
    assert_eq!(receipt["number"].as_str(), end.receipt.as_deref());
    let text = receipt.to_string();
    assert!(!text.contains("taro") && !text.contains("山田") && !text.contains("Shibuya"), "no values");
    Ok(())
}

#[tokio::test]
async fn a_second_request_changes_nothing_more() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    let left = company.everything().await?;
    let again = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let view = company.closed(again).await?;
    company.stop().await?;
    assert_eq!(company.everything().await?, left);
    assert_eq!(view.outcome, Some(Outcome::NothingHeld), "no key leads to what is left");
    Ok(())
}

/// The rows that led to the keys are gone after the first run; the keys of the plan still find what is to be proven.
#[tokio::test]
async fn a_task_that_runs_again_after_its_rows_are_gone_still_proves() -> Result<()> {
    let company = Company::with_taro().await?;
    company.stores["billing"].goes(crate::wrapped::Wrong::DoneThenTimeout);
    company.stores["shop"].goes(crate::wrapped::Wrong::DoneThenTimeout);
    company.stores["support"].goes(crate::wrapped::Wrong::DoneThenTimeout);
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert!(company.stores.values().all(|store| store.changes() == 2), "each ran twice");
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    assert_eq!(end.kept.len(), 2, "what stays is told all the same");
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM item").await?, ["5"]);
    Ok(())
}

/// Nothing is kept, and the run that did it could not tell: that is not "we hold nothing about you".
#[tokio::test]
async fn a_deletion_that_was_done_by_a_cut_off_run_is_told_as_done() -> Result<()> {
    let company = Company::new().await?;
    company.sql("support", &format!("INSERT INTO ticket VALUES (1, '{TARO}', 'T', 'Hello', NULL)")).await?;
    company.stores["support"].goes(crate::wrapped::Wrong::DoneThenTimeout);
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done));
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    let support = receipt["stores"].as_array().unwrap().iter().find(|one| one["store"] == "support");
    assert_eq!(support.unwrap()["did"]["done_before"], true, "{receipt}");
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    assert_eq!((end.rows, end.uncounted), (0, 1));
    Ok(())
}

#[tokio::test]
async fn the_copy_comes_before_the_deletion() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access, Right::Deletion], &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.package(request, Right::Access).await?.record.rows, 14, "all that was there before");
    let rights: Vec<Right> = company.post.ends(request).iter().map(|end| end.right).collect();
    assert_eq!(rights, [Right::Access, Right::Deletion]);
    Ok(())
}

#[tokio::test]
async fn without_the_copy_nothing_is_deleted() -> Result<()> {
    let company = Company::with_taro().await?;
    let before = company.everything().await?;
    company.start_with(&company.fulfilment, crate::company::Lanes::NoConclusion);
    let request = company.submit(TARO, &[Right::Access, Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Access, JobState::Concluding).await?;
    company.job_becomes(request, Right::Deletion, JobState::AwaitingCopy).await?;
    company.stop().await?;
    assert_eq!(company.everything().await?, before);
    Ok(())
}

/// A withdrawal that comes before a task has entered its store wins, even over a worker that holds the task.
#[tokio::test]
async fn what_was_withdrawn_enters_no_store() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    company.stop().await?;
    company.approve(request, Right::Deletion).await?;
    let before = company.everything().await?;
    let tasks = company.work(request, WorkKind::Task).await?;
    let claimed = company.claim(&tasks).await?;
    assert_eq!(claimed.len(), 3);
    let withdrawn = company.ledger.withdraw(request, company.staff()).await?;
    assert_eq!((withdrawn.ended.len(), withdrawn.too_late.len()), (1, 0));
    for task in claimed {
        let worker = TaskWorker::new(company.fulfilment.clone(), task.store.clone().unwrap());
        assert!(worker.run(vec![task]).await.is_empty(), "left out for good");
    }
    assert_eq!(company.everything().await?, before);
    let states: Vec<_> = company.work(request, WorkKind::Task).await?.iter().map(|work| work.state).collect();
    assert_eq!(states, [WorkState::Cancelled; 3]);
    Ok(())
}

#[tokio::test]
async fn a_task_of_another_store_is_not_run() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit("nobody@example.com", &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    let before = company.everything().await?;
    let second = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let resolve = company.claim(&company.work(second, WorkKind::Resolve).await?).await?;
    assert!(habeas_fulfilment::ResolveWorker::new(company.fulfilment.clone()).run(resolve).await.is_empty());
    let tasks = company.claim(&company.work(second, WorkKind::Task).await?).await?;
    let shops: Vec<_> =
        tasks.into_iter().filter(|task| task.store.as_ref().unwrap().as_str() == "shop").collect();
    let stranger = TaskWorker::new(company.fulfilment.clone(), "support".parse()?);
    assert_eq!(stranger.run(shops).await.len(), 1);
    assert_eq!(company.everything().await?, before);
    Ok(())
}

/// Mail servers know an international domain by its ASCII form, and shops write it as people do.
#[tokio::test]
async fn whoever_has_an_international_domain_is_found_as_the_store_writes_it() -> Result<()> {
    let company = Company::with_taro().await?;
    company.sql("shop", "UPDATE customer SET email = 'Taro@例え.テスト' WHERE id = 1").await?;
    company.start();
    let request = company.submit("taro@xn--r8jz45g.xn--zckzah", &[Right::Deletion], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert!(view.jobs[0].tasks.iter().any(|task| task.rows > Some(0)), "{view:?}");
    let left = company.rows("shop", "SELECT email FROM customer WHERE id = 1").await?;
    assert!(left.iter().all(|email| !email.contains("例え")), "{left:?}");
    Ok(())
}
