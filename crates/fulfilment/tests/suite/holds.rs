//! Legal holds: the stores keep what a hold is about, and the deletion is whole after the lift.

use std::sync::Arc;

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::approval::ApprovalPolicy;
use habeas_domain::review::ReviewDecision;
use habeas_domain::{HeldKey, JobState, KeyName, Outcome, Personal, Right, WorkKind, WorkState};
use habeas_fulfilment::{FileRoom, WholeHolds};
use habeas_ledger::{HoldPlaced, NewHold};
use habeas_test_support::wait;

use crate::{
    company::{Company, HANAKO, SOON, TARO},
    refusals::stalled,
    sides::{self, ALL as ALL_CALLS},
    wrapped::Wrong,
};

impl Company {
    async fn hold(&self, key: &str, value: &str) -> Result<HoldPlaced> {
        let new = NewHold {
            keys: vec![HeldKey::new(KeyName::new(key)?, value.to_owned())],
            requests: Vec::new(),
            reason: Personal::new("a lawsuit".to_owned()),
            review_on: None,
        };
        Ok(self.ledger.place_hold(&new, self.staff()).await?)
    }

    async fn lift(&self, placed: &HoldPlaced) -> Result<()> {
        self.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), self.staff()).await?;
        Ok(())
    }

    /// Somebody else's deletion, from door to letter: by then whatever is due has been looked at.
    async fn somebody_else_is_deleted(&self) -> Result<()> {
        let request = self.submit(HANAKO, &[Right::Deletion], &[]).await?;
        self.closed(request).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_key_that_only_the_stores_know_holds_the_person() -> Result<()> {
    let company = Company::with_taro().await?;
    let before = company.everything().await?;
    let placed = company.hold("email", "taro.old@example.com").await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access, Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::Held).await?;
    company.job_becomes(request, Right::Access, JobState::Ended).await?;
    assert_eq!(company.everything().await?, before, "nothing is deleted against a hold");
    company.lift(&placed).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_ne!(company.everything().await?, before);
    assert_eq!(view.outcome, Some(Outcome::PartlyDone));
    Ok(())
}

/// The rows that led to the keys are gone by the time of the lift; the keys of the plan find the rest.
#[tokio::test]
async fn what_a_hold_left_of_a_deletion_is_done_after_the_lift() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    let request = stalled(&company).await?;
    let parked: Vec<_> = company.parked().await?.iter().map(|work| work.id).collect();
    let placed = company.hold("email", TARO).await?;
    company.job_becomes(request, Right::Deletion, JobState::HeldInPart).await?;
    company.stores["billing"].is_right_again();
    let kept = company.rows("billing", "SELECT payer FROM invoice WHERE payer LIKE '山田%'").await?;
    assert!(!kept.is_empty());
    assert_eq!(company.ledger.requeue(&parked, company.staff()).await?, 0);
    company.lift(&placed).await?;
    company.closed(request).await?;
    company.stop().await?;
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.stores, end.undone.len()), (3, 0), "the letter tells of all of it");
    Ok(())
}

#[tokio::test]
async fn what_a_keep_rule_put_off_stays_until_the_lift() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    let kept = "SELECT ifnull(payer, '-') FROM invoice ORDER BY no";
    let before = company.rows("billing", kept).await?;
    let placed = company.hold("email", TARO).await?;
    assert_eq!(placed.stopped.len(), 1);
    company.clock.advance(TimeDelta::days(25));
    company.make_due().await?;
    company.somebody_else_is_deleted().await?;
    let still = company.rows("billing", kept).await?;
    assert_eq!(still[..2], before[..2], "the rule has ended, the hold has not");
    company.lift(&placed).await?;
    company.make_due().await?;
    wait::until("the rest of the deletion", SOON, || async {
        let work = company.work(request, WorkKind::Deferred).await.unwrap();
        work.iter().any(|one| one.state == WorkState::Done)
    })
    .await?;
    wait::until("the payers to be gone", SOON, || async {
        company.rows("billing", kept).await.is_ok_and(|rows| rows[..2] == ["-", "-"])
    })
    .await?;
    company.stop().await
}

impl Company {
    /// A hold as staff place it: by the keys that they know, and by those that the stores add.
    async fn hold_whole(&self, key: &str, value: &str) -> Result<HoldPlaced> {
        let placed = self.hold(key, value).await?;
        let typed = [HeldKey::new(KeyName::new(key)?, value.to_owned())];
        let room = FileRoom::new(Arc::clone(&self.fulfilment.registry), self.fulfilment.stores.clone());
        let further = room.further_keys(&typed).await?;
        assert!(!further.is_empty());
        self.ledger.widen_hold(placed.id, &further, self.staff()).await?;
        Ok(placed)
    }
}

/// The person writes a new address into their account, and asks under that one: no row bears the address on hold any more.
#[tokio::test]
async fn a_hold_is_not_left_by_a_change_of_address() -> Result<()> {
    const NEW: &str = "taro.anew@example.com";
    let company = Company::with_taro().await?;
    let placed = company.hold_whole("email", TARO).await?;
    company.sql("shop", &format!("UPDATE customer SET email = '{NEW}', email_2 = NULL WHERE id = 1")).await?;
    let before = company.everything().await?;
    company.start();
    let request = company.submit(NEW, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::Held).await?;
    company.stop().await?;
    assert_eq!(company.everything().await?, before);
    assert!(company.ledger.hold(placed.id).await?.keys.len() > 3);
    Ok(())
}

/// Nobody has to place it again: what the stores know of the person is asked for until they are back.
#[tokio::test]
async fn a_hold_placed_while_a_store_is_away_is_completed_when_it_is_back() -> Result<()> {
    let company = Company::with_taro().await?;
    let room = FileRoom::new(Arc::clone(&company.fulfilment.registry), company.fulfilment.stores.clone());
    let keeper = WholeHolds::new(company.ledger.clone(), room.clone());
    company.stores["shop"].goes(Wrong::Refuses);
    let placed = company.hold("email", TARO).await?;
    assert!(
        room.further_keys(&company.ledger.hold(placed.id).await?.keys).await.is_err(),
        "as staff were told"
    );
    company.clock.advance(TimeDelta::minutes(2));
    assert_eq!(keeper.round().await?, 0);
    let shown = company.ledger.hold(placed.id).await?;
    assert!(!shown.whole && shown.keys.len() == 1, "staff see that it is about the typed key alone");
    company.stores["shop"].is_right_again();
    assert_eq!(keeper.round().await?, 0, "it was asked about a moment ago");
    company.clock.advance(TimeDelta::minutes(2));
    assert_eq!(keeper.round().await?, 1);
    let shown = company.ledger.hold(placed.id).await?;
    assert!(shown.whole && shown.keys.len() > 3, "{shown:?}");
    // No row bears the typed address any more.
    company
        .sql("shop", "UPDATE customer SET email = 'taro.anew@example.com', email_2 = NULL WHERE id = 1")
        .await?;
    let before = company.everything().await?;
    company.start();
    let request = company.submit("taro.anew@example.com", &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::Held).await?;
    company.stop().await?;
    assert_eq!(company.everything().await?, before);
    Ok(())
}

/// The same by a correction, where rows are found by the address and by nothing else.
#[tokio::test]
async fn a_hold_follows_a_correction() -> Result<()> {
    const NEW: &str = "taro.anew@example.com";
    let company = Company::new().await?;
    company.sql("support", &format!("INSERT INTO ticket VALUES (1, '{TARO}', 'T', 'Hello', NULL)")).await?;
    company.hold("email", TARO).await?;
    company.start();
    let wanted = [("user.contact.email", "email", NEW)];
    let request = company.submit(TARO, &[Right::Correction], &wanted).await?;
    company.confirm_new_address(request).await?;
    company.closed(request).await?;
    assert_eq!(company.rows("support", "SELECT address FROM ticket").await?, [NEW]);
    let deletion = company.submit(NEW, &[Right::Deletion], &[]).await?;
    company.job_becomes(deletion, Right::Deletion, JobState::Held).await?;
    company.stop().await?;
    assert_eq!(company.rows("support", "SELECT address FROM ticket").await?, [NEW]);
    Ok(())
}

/// What two people share is evidence about the one as about the other. What is about neither goes on.
#[tokio::test]
async fn a_row_shared_with_somebody_on_hold_stays_until_the_lift() -> Result<()> {
    let company = sides::company().await?;
    let placed = company.hold_whole("email", HANAKO).await?;
    let calls = company.rows("shop", ALL_CALLS).await?;
    let accounts = "SELECT email FROM customer ORDER BY id";
    let before = company.rows("shop", accounts).await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.job_becomes(request, Right::Deletion, JobState::HeldInPart).await?;
    assert_eq!(company.rows("shop", ALL_CALLS).await?, calls, "nothing is changed against a hold");
    assert_eq!(company.rows("shop", accounts).await?, before, "nothing of a store that waits is half done");
    let tickets = "SELECT name FROM ticket ORDER BY id";
    assert_eq!(company.rows("support", tickets).await?, ["佐藤花子"], "the other stores go on");
    assert_eq!(company.post.ends(request).len(), 0, "nobody is told of an end");
    let [held] = &company.ledger.hold(placed.id).await?.jobs[..] else { panic!("staff see one job") };
    assert_eq!((held.request, held.state), (request, JobState::HeldInPart));
    company.lift(&placed).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(
        company.rows("shop", ALL_CALLS).await?[..2],
        ["1|-|-|-|4|090-4444|佐藤花子|60", "2|4|090-4445|佐藤 花子|-|-|-|70"]
    );
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.stores, end.undone.len(), end.uncounted), (3, 0, 0), "the letter tells of all of it");
    Ok(())
}

/// Whose rows are about nobody on hold is not kept waiting by it, though they are in one group with others.
#[tokio::test]
async fn a_hold_stops_nobody_who_shares_no_row() -> Result<()> {
    let company = sides::company().await?;
    company
        .sql("shop", "INSERT INTO customer VALUES (5, 'suzuki@example.jp', NULL, '鈴木一郎', NULL, NULL)")
        .await?;
    company.sql("shop", "UPDATE call SET from_id = 1, from_number = '090-1111' WHERE id = 4").await?;
    company.hold_whole("email", HANAKO).await?;
    let taro = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let suzuki = company.submit("suzuki@example.jp", &[Right::Deletion], &[]).await?;
    company.start();
    company.job_becomes(taro, Right::Deletion, JobState::HeldInPart).await?;
    let view = company.closed(suzuki).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done));
    let fourth = company.rows("shop", ALL_CALLS).await?.remove(3);
    assert_eq!(fourth, "4|1|090-1111|佐藤花子|-|-|-|90");
    Ok(())
}

const ORDERS: &str = "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + 0)
                      INSERT INTO orders SELECT i, 1, 1, '2001-01-01' FROM n";

/// Whoever has more orders than a request is let have is held by them all, and by their account.
#[tokio::test]
async fn a_hold_on_somebody_with_many_orders_is_about_all_their_keys() -> Result<()> {
    const NEW: &str = "taro.anew@example.com";
    let company = Company::with_taro().await?;
    company.sql("shop", &ORDERS.replace("+ 0", "+ 199")).await?;
    let placed = company.hold_whole("email", TARO).await?;
    assert!(company.ledger.hold(placed.id).await?.keys.len() > 200);
    company.sql("shop", &format!("UPDATE customer SET email = '{NEW}', email_2 = NULL WHERE id = 1")).await?;
    let before = company.everything().await?;
    company.start();
    let request = company.submit(NEW, &[Right::Deletion], &[]).await?;
    company.decided(request, ReviewDecision::Allow { up_to: 400 }).await?;
    company.job_becomes(request, Right::Deletion, JobState::Held).await?;
    company.stop().await?;
    assert_eq!(company.everything().await?, before);
    Ok(())
}

/// A hold whose keys lead on and on is never called whole.
#[tokio::test]
async fn a_hold_that_leads_to_more_than_one_person_can_have_is_not_called_whole() -> Result<()> {
    let company = Company::with_taro().await?;
    company.sql("shop", &ORDERS.replace("+ 0", "+ 5199")).await?;
    let room = FileRoom::new(Arc::clone(&company.fulfilment.registry), company.fulfilment.stores.clone());
    let placed = company.hold("email", TARO).await?;
    let error = room.further_keys(&company.ledger.hold(placed.id).await?.keys).await.unwrap_err();
    assert_eq!(error.to_fault().code, "review-needed");
    company.clock.advance(TimeDelta::minutes(2));
    assert_eq!(WholeHolds::new(company.ledger.clone(), room).round().await?, 0);
    assert!(!company.ledger.hold(placed.id).await?.whole);
    Ok(())
}
