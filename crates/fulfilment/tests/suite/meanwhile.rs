//! What comes between the plan of a deletion and its beginning goes with the rest.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{JobState, Letter, Personal, RequestId, Right, WorkKind, approval::ApprovalPolicy};
use habeas_fulfilment::{Fulfilment, FulfilmentOptions};
use habeas_ledger::{NewChallenge, Noticed, Purpose};
use habeas_test_support::wait;

use crate::company::{Company, HANAKO, Lanes, SOON, TARO, options};

const GRACE: Duration = Duration::from_hours(72);

impl Company {
    /// Starts all workers, and warns before deletions.
    pub(crate) fn start_with_grace(&self) {
        let options = Arc::new(FulfilmentOptions { deletion_grace: Some(GRACE), ..options() });
        self.start_with(&Fulfilment { options, ..self.fulfilment.clone() }, Lanes::All);
    }

    /// Warns of an approved deletion, and waits until the grace runs.
    pub(crate) async fn warned(&self, request: RequestId) -> Result<()> {
        self.warned_of(request, Right::Deletion).await
    }

    /// The same of an approved job of any right.
    async fn warned_of(&self, request: RequestId, right: Right) -> Result<()> {
        let job = self.job_becomes(request, right, JobState::AwaitingGrace).await?.id;
        let claimed = wait::value("warnings to be made", SOON, || async {
            let work = self.work(request, WorkKind::Challenge).await.ok()?;
            self.claim(&work).await.ok().filter(|claimed| !claimed.is_empty())
        });
        let claimed = claimed.await?;
        let now = self.now();
        let link_expires_at = now + TimeDelta::days(30);
        let notice = NewChallenge {
            purpose: Purpose::Stop,
            link: Some((self.ledger.vault().new_token().hash(), link_expires_at)),
            code: None,
            tries: 0,
            package: None,
            to: Personal::new(TARO.to_owned()),
            letter: Letter::DeletionNotice {
                right,
                word: habeas_domain::letter::Word::Person,
                received_at: now,
                not_before: now + TimeDelta::hours(72),
                copy_first: false,
                link: Personal::new("https://privacy.example.com/ja/confirm/stop".to_owned()),
                link_expires_at,
            },
        };
        let lease = claimed.first().context("nobody is warned")?.lease;
        self.ledger.noticed(vec![Noticed { lease, request, job, notices: vec![notice] }]).await?;
        wait::until("the grace to run", SOON, || async {
            let jobs = self.view(request).await.map(|view| view.jobs).unwrap_or_default();
            jobs.iter().any(|one| one.id == job && one.grace_until.is_some())
        })
        .await
    }

    /// An order with an item, and its invoice in another store: its number is a key that no earlier plan knows.
    async fn taro_orders_again(&self) -> Result<()> {
        let order =
            "INSERT INTO orders VALUES (90, 1, 5, '2001-01-01'); INSERT INTO item VALUES (90, 90, 'Tea')";
        self.sql("shop", order).await?;
        let invoice = "INSERT INTO invoice VALUES ('A90', 90, '山田太郎', '1-2-3 Shibuya', '2001-01-01')";
        self.sql("billing", invoice).await
    }

    async fn warnings(&self, request: RequestId) -> Result<usize> {
        let mails = self.view(request).await?.mails;
        Ok(mails.iter().filter(|mail| mail.kind == "deletion-notice").count())
    }
}

/// At the time of the plan neither billing nor support hold anything, and no key leads to billing at all.
#[tokio::test]
async fn a_first_order_and_a_first_ticket_in_the_grace_go_with_the_rest() -> Result<()> {
    let company = Company::new().await?;
    company
        .sql("shop", &format!("INSERT INTO customer VALUES (1, '{TARO}', NULL, '山田太郎', NULL, NULL)"))
        .await?;
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.warned(request).await?;
    company
        .sql("support", &format!("INSERT INTO ticket VALUES (9, '{TARO}', 'T', 'Where is it?', NULL)"))
        .await?;
    company.taro_orders_again().await?;
    company.end_grace(TimeDelta::hours(73)).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.rows("support", "SELECT address FROM ticket").await?.is_empty());
    assert!(company.rows("shop", "SELECT product FROM item").await?.is_empty());
    assert_eq!(company.rows("billing", "SELECT address FROM invoice").await?, ["anonymised"]);
    let [receipt] = &company.receipts(request).await?[..] else { panic!("one receipt") };
    let stores = receipt["stores"].as_array().context("no stores")?;
    assert_eq!(stores.len(), 3, "the proof covers every store: {receipt}");
    assert_eq!(company.warnings(request).await?, 1, "nobody is warned of it twice");
    Ok(())
}

/// The key of the new order leads to rows in two stores that the first plan did not know of.
#[tokio::test]
async fn a_plan_that_grew_is_approved_anew_and_begins_without_a_second_warning() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.approve(request, Right::Deletion).await?;
    company.warned(request).await?;
    let first = company.view(request).await?.jobs[0].plan_hash;
    company.taro_orders_again().await?;
    company.end_grace(TimeDelta::hours(73)).await?;
    let grown = company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    assert_ne!(grown.plan_hash, first);
    company.approve(request, Right::Deletion).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Ink"], "Hanako's alone");
    assert_eq!(
        company.rows("billing", "SELECT address FROM invoice WHERE no = 'A90'").await?,
        ["anonymised"]
    );
    assert_eq!(company.warnings(request).await?, 1);
    Ok(())
}

/// An order was written down as Taro's and is Hanako's: staff mend it in the shop and have the job planned anew.
#[tokio::test]
async fn a_wrong_key_does_not_outlive_the_plan_that_staff_withdraw() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start_with_grace();
    company.sql("shop", "UPDATE orders SET customer_id = 1 WHERE id = 40").await?;
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let wrong = company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    company.sql("shop", "UPDATE orders SET customer_id = 4 WHERE id = 40").await?;
    company.ledger.replan(wrong.id, company.staff()).await?;
    wait::until("another plan", SOON, || async {
        let job = company.view(request).await.ok().and_then(|view| view.jobs.into_iter().next());
        job.is_some_and(|job| job.state == JobState::AwaitingApproval && job.plan_hash != wrong.plan_hash)
    })
    .await?;
    company.approve(request, Right::Deletion).await?;
    company.warned(request).await?;
    company.end_grace(TimeDelta::hours(73)).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Ink"], "it is Hanako's");
    Ok(())
}

/// Rows that led to keys are gone by the time the grace is over: what they led to is the person's all the same, and what
/// was agreed to still counts.
#[tokio::test]
async fn a_plan_never_shrinks_and_the_same_one_needs_no_new_approval() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.approve(request, Right::Deletion).await?;
    company.warned(request).await?;
    company.sql("shop", "DELETE FROM orders WHERE id = 10").await?;
    company.end_grace(TimeDelta::hours(73)).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(
        company.rows("shop", "SELECT product FROM item").await?,
        ["Ink"],
        "the items of the order too"
    );
    assert_eq!(company.view(request).await?.jobs[0].approvals.len(), 1);
    assert!(company.everything().await?.iter().any(|row| row.contains(HANAKO)));
    Ok(())
}

/// The new address is confirmed and written while the deletion waits for its grace: the rows bear it by then, and the address
/// that the plan knew finds none of them.
#[tokio::test]
async fn a_correction_beside_a_deletion_hides_no_row_from_it() -> Result<()> {
    const NEW: &str = "taro.new@example.com";
    let company = Company::with_taro().await?;
    company.start_with_grace();
    let rights = [Right::Correction, Right::Deletion];
    let request = company.submit(TARO, &rights, &[("user.contact.email", "email", NEW)]).await?;
    company.warned(request).await?;
    company.confirm_new_address(request).await?;
    company.warned_of(request, Right::Correction).await?;
    company.end_grace_of(Right::Correction).await?;
    company.job_becomes(request, Right::Correction, JobState::Ended).await?;
    assert_eq!(company.rows("support", "SELECT address FROM ticket WHERE id = 1").await?, [NEW]);
    company.end_grace(TimeDelta::zero()).await?;
    // The new address is on file by now, and nobody there was warned.
    company.warned(request).await?;
    company.end_grace(TimeDelta::hours(73)).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.warnings(request).await?, 3, "two of the deletion, and that of the correction");
    assert_eq!(company.rows("support", "SELECT address FROM ticket").await?, [HANAKO]);
    let left = company.everything().await?;
    assert!(!left.iter().any(|row| row.contains(NEW) || row.contains(TARO)), "{left:?}");
    Ok(())
}
