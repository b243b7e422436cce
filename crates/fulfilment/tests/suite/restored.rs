//! A store is restored from a backup that is older than an erasure: whoever was erased is erased again.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{HeldKey, JobState, KeyName, Personal, Right, review::ReviewDecision};
use habeas_fulfilment::{ReErase, re_erase};
use habeas_ledger::{Back, NewHold, WaitsFor};

use crate::{
    backup::{Restored, shop},
    company::{Company, HANAKO},
    manifests::{CALL, registry_with_calls},
    sides::{ALL as ALL_CALLS, CALLS},
    wrapped::Wrong,
};

#[tokio::test]
async fn whoever_was_erased_is_erased_again_and_nobody_else() -> Result<()> {
    let restored = Restored::new().await?;
    restored.refuses_to_reopen().await;
    let did = restored.re_erase().await?;
    assert_eq!((did.back, did.re_erased, did.held, did.unclear, did.failed), (1, 1, 0, 0, 0));
    assert!(did.rows > 5 && did.scanned > 5, "{did:?}");
    assert_eq!(restored.company.everything().await?, restored.erased, "as the erasure left it");
    // His refund is tied to nothing else in the shop, and is found by itself.
    assert_eq!(restored.trail().await?, ["found-again", "re-erased", "re-erased"]);
    restored.reopen().await?;
    assert!(restored.company.ledger.closed_stores().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_second_run_finds_nothing() -> Result<()> {
    let restored = Restored::new().await?;
    restored.re_erase().await?;
    let again = restored.re_erase().await?;
    assert_eq!((again.back, again.rows), (0, 0), "what a rule keeps is nothing to do: {again:?}");
    assert_eq!(restored.trail().await?.len(), 3);
    restored.reopen().await?;
    Ok(())
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() -> Result<()> {
    let restored = Restored::new().await?;
    let order = ReErase { dry_run: true, ..restored.order() };
    let did = re_erase(&restored.company.fulfilment, &order, &|_| {}).await?;
    assert_eq!((did.back, did.re_erased, did.rows), (1, 0, 0));
    assert_eq!(restored.company.everything().await?, restored.now);
    assert!(restored.trail().await?.is_empty());
    restored.refuses_to_reopen().await;
    Ok(())
}

/// Rows that nothing in the store ties to the address: they are found by the order numbers alone.
#[tokio::test]
async fn rows_without_their_parents_are_found_by_their_own_keys() -> Result<()> {
    let restored = Restored::new().await?;
    restored.company.sql("shop", "DELETE FROM customer; DELETE FROM orders;").await?;
    let did = restored.re_erase().await?;
    assert_eq!((did.back, did.re_erased), (1, 1));
    let items = restored.company.rows("shop", "SELECT product FROM item ORDER BY id").await?;
    assert_eq!(items, ["Ink"]);
    Ok(())
}

/// An order that Taro's rows held at the time of the backup, and no more at the time of his erasure.
#[tokio::test]
async fn keys_that_only_the_backup_knows_are_found_through_its_rows() -> Result<()> {
    let company = Company::with_taro().await?;
    let old =
        "INSERT INTO orders VALUES (12, 1, 70, '2001-01-01'); INSERT INTO item VALUES (9, 12, 'Gone since');";
    company.sql("shop", old).await?;
    company.back_up().await?;
    company.sql("shop", "DELETE FROM orders WHERE id = 12; DELETE FROM item WHERE id = 9;").await?;
    let restored = Restored::without_backing_up(company).await?;
    restored.re_erase().await?;
    assert_eq!(restored.company.everything().await?, restored.erased);
    Ok(())
}

/// A row that a rule keeps is nothing to do by itself; what it leads to is.
#[tokio::test]
async fn what_hangs_on_a_row_that_is_kept_is_found_through_it() -> Result<()> {
    let restored = Restored::new().await?;
    restored.re_erase().await?;
    let company = &restored.company;
    let day = company.now().format("%Y-%m-%d");
    let back = format!(
        "INSERT INTO orders VALUES (12, 1, 70, '{day}'); INSERT INTO item VALUES (9, 12, 'Gone since');"
    );
    company.sql("shop", &back).await?;
    let looked =
        re_erase(&company.fulfilment, &ReErase { dry_run: true, ..restored.order() }, &|_| {}).await?;
    assert_eq!((looked.back, looked.unclear), (1, 0));
    let did = restored.re_erase().await?;
    assert_eq!((did.back, did.re_erased, did.unclear, did.rows), (1, 1, 0, 1), "{did:?}");
    assert_eq!(company.rows("shop", "SELECT product FROM item ORDER BY id").await?, ["Ink"]);
    assert_eq!(
        company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders WHERE id = 12").await?,
        ["12"],
        "tax keeps it"
    );
    assert_eq!(restored.re_erase().await?.back, 0);
    Ok(())
}

#[tokio::test]
async fn somebody_erased_before_the_backup_is_nobody_to_erase() -> Result<()> {
    let restored = Restored::new().await?;
    let order = ReErase { restored_to: restored.company.now(), ..restored.order() };
    let did = re_erase(&restored.company.fulfilment, &order, &|_| {}).await?;
    assert_eq!(did.back, 0, "he may have come back since");
    assert_eq!(restored.company.everything().await?, restored.now);
    Ok(())
}

#[tokio::test]
async fn a_hold_placed_since_stops_it_and_staff_are_told() -> Result<()> {
    let restored = Restored::new().await?;
    let new = NewHold {
        // Known by the shop alone, and only by the backup.
        keys: vec![HeldKey::new(KeyName::new("email")?, "taro.old@example.com".to_owned())],
        requests: Vec::new(),
        reason: Personal::new("a lawsuit".to_owned()),
        review_on: None,
    };
    let placed = restored.company.ledger.place_hold(&new, restored.company.staff()).await?;
    let did = restored.re_erase().await?;
    assert_eq!((did.back, did.held, did.re_erased), (1, 1, 0));
    assert_eq!(restored.company.everything().await?, restored.now, "nothing is deleted against a hold");
    let closing = restored.company.ledger.closed_store(&shop()).await?.unwrap();
    let [person] = &closing.back[..] else { panic!("one is back") };
    assert_eq!(
        (person.request, person.back, person.detail.clone()),
        (restored.request, Back::Held, placed.id.to_string())
    );
    restored.reopen().await?;
    assert_eq!(restored.company.ledger.count_people_back().await?, 1, "and stays on the list");
    // Years later: the hold is lifted, and whoever it kept is erased whatever moment is given.
    restored
        .company
        .ledger
        .lift_hold(placed.id, &Personal::new("settled".to_owned()), restored.company.staff())
        .await?;
    restored.company.ledger.close_store(&shop(), "after the lift", restored.company.staff()).await?;
    let order = ReErase { restored_to: restored.company.now(), ..restored.order() };
    let did = re_erase(&restored.company.fulfilment, &order, &|_| {}).await?;
    assert_eq!((did.re_erased, restored.company.ledger.count_people_back().await?), (1, 0));
    assert_eq!(restored.company.everything().await?, restored.erased);
    Ok(())
}

#[tokio::test]
async fn a_number_that_changed_hands_is_for_a_person_to_look_at() -> Result<()> {
    let restored = Restored::new().await?;
    let other = "UPDATE customer SET email = 'saburo@example.jp', email_2 = NULL WHERE id = 1";
    restored.company.sql("shop", other).await?;
    let now = restored.accounts().await?;
    let did = restored.re_erase().await?;
    assert_eq!((did.unclear, did.re_erased), (1, 0));
    assert_eq!(restored.accounts().await?, now, "it may be somebody else's account");
    restored.refuses_to_reopen().await;
    let order = ReErase { confirmed: BTreeSet::from([restored.request]), ..restored.order() };
    let did = re_erase(&restored.company.fulfilment, &order, &|_| {}).await?;
    assert_eq!((did.unclear, did.re_erased), (0, 1), "a person has looked: it was his address before");
    restored.reopen().await?;
    Ok(())
}

/// The account that was left to somebody else is found again beside Taro's, and nothing says any more what hangs on which.
#[tokio::test]
async fn whose_deletion_left_rows_to_somebody_else_is_not_erased_again_on_a_word() -> Result<()> {
    let company = Company::with_another().await?;
    let restored = Restored::decided(company, Some(ReviewDecision::AnotherPerson)).await?;
    let order = ReErase { confirmed: BTreeSet::from([restored.request]), ..restored.order() };
    let did = re_erase(&restored.company.fulfilment, &order, &|_| {}).await?;
    assert_eq!((did.unclear, did.re_erased), (1, 0));
    assert_eq!(restored.company.everything().await?, restored.now);
    restored.refuses_to_reopen().await;
    Ok(())
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_begun_again() -> Result<()> {
    let restored = Restored::new().await?;
    restored.company.stores["shop"].goes(Wrong::DoneThenTimeout);
    restored.re_erase().await.unwrap_err();
    restored.refuses_to_reopen().await;
    let accounts = restored.accounts().await?;
    restored.company.stores["shop"].is_right_again();
    restored.re_erase().await?;
    assert_eq!(restored.accounts().await?, accounts, "it was done, and nobody was told");
    assert_eq!(restored.company.everything().await?, restored.erased);
    assert_eq!(restored.trail().await?, ["found-again", "re-erased"]);
    restored.reopen().await?;
    Ok(())
}

#[tokio::test]
async fn whom_the_cut_off_run_had_finished_is_off_the_list() -> Result<()> {
    let restored = Restored::new().await?;
    restored.company.sql("shop", "DELETE FROM refund WHERE id = 1").await?;
    restored.company.stores["shop"].goes(Wrong::DoneThenTimeout);
    restored.re_erase().await.unwrap_err();
    assert_eq!(restored.company.ledger.count_people_back().await?, 1);
    restored.company.stores["shop"].is_right_again();
    restored.company.clock.advance(TimeDelta::seconds(1));
    assert_eq!(restored.re_erase().await?.rows, 0);
    assert_eq!(restored.trail().await?, ["found-again", "gone-again"]);
    assert_eq!(restored.company.ledger.count_people_back().await?, 0);
    restored.reopen().await?;
    Ok(())
}

#[tokio::test]
async fn two_runs_at_once_do_nothing_twice() -> Result<()> {
    let restored = Restored::new().await?;
    let (one, other) = tokio::join!(restored.re_erase(), restored.re_erase());
    // One of them may be refused by the store for a moment; it is begun again.
    let rows: u64 = [one, other].into_iter().flatten().map(|did| did.rows).sum();
    let again = restored.re_erase().await?;
    assert_eq!((again.back, again.rows), (0, 0));
    let alone = Restored::new().await?.re_erase().await?;
    assert!(rows <= alone.rows, "{rows} rows were changed where {} are to be", alone.rows);
    assert_eq!(restored.company.everything().await?, restored.erased);
    // Told twice only if one had looked before the other was through.
    let told = restored.trail().await?.iter().filter(|event| *event == "found-again").count();
    assert!((1..=2).contains(&told), "{told}");
    restored.reopen().await?;
    Ok(())
}

#[tokio::test]
async fn whom_the_store_will_not_let_go_is_named() -> Result<()> {
    let restored = Restored::new().await?;
    restored.company.stores["shop"].goes(Wrong::RefusesChanges);
    let did = restored.re_erase().await?;
    assert_eq!((did.failed, did.re_erased), (1, 0));
    restored.refuses_to_reopen().await;
    let closing = restored.company.ledger.closed_store(&shop()).await?.unwrap();
    assert_eq!(closing.back[0].back, Back::Failed);
    restored.company.stores["shop"].is_right_again();
    assert_eq!(restored.re_erase().await?.re_erased, 1);
    restored.reopen().await?;
    Ok(())
}

#[tokio::test]
async fn requests_wait_for_a_closed_store_and_go_on() -> Result<()> {
    let restored = Restored::new().await?;
    let company = &restored.company;
    company.start();
    let request = company.submit(HANAKO, &[Right::Deletion], &[]).await?;
    let view = company.view(request).await?;
    assert_eq!(view.jobs[0].state, JobState::AwaitingPlan);
    assert!(view.waits_for.contains(&WaitsFor::ClosedStore), "{:?}", view.waits_for);
    restored.re_erase().await?;
    assert_eq!(company.view(request).await?.jobs[0].state, JobState::AwaitingPlan);
    restored.reopen().await?;
    company.make_due().await?;
    company.closed(request).await?;
    company.stop().await
}

/// Calls between Taro and Hanako are back as well: of each Taro's side goes again, and hers stays.
#[tokio::test]
async fn a_side_that_is_back_goes_again_and_the_other_stays() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.sql("shop", CALLS).await?;
    company.fulfilment.registry = Arc::new(registry_with_calls(CALL));
    let restored = Restored::after(company).await?;
    let company = &restored.company;
    let erased = company.rows("shop", ALL_CALLS).await?;
    company.sql("shop", &format!("DROP TABLE call; {CALLS}")).await?;
    let did = restored.re_erase().await?;
    assert_eq!(did.re_erased, 1, "{did:?}");
    assert_eq!(company.rows("shop", ALL_CALLS).await?, erased);
    assert_eq!(erased[0], "1|-|-|-|4|090-4444|佐藤花子|60");
    Ok(())
}

/// A call between Taro and somebody on hold is back: his side of it is evidence about her.
#[tokio::test]
async fn a_row_shared_with_somebody_on_hold_stays_though_it_is_back() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.sql("shop", CALLS).await?;
    company.fulfilment.registry = Arc::new(registry_with_calls(CALL));
    let restored = Restored::after(company).await?;
    let company = &restored.company;
    company.sql("shop", &format!("DROP TABLE call; {CALLS}")).await?;
    let back = company.rows("shop", ALL_CALLS).await?;
    let new = NewHold {
        keys: vec![HeldKey::new(KeyName::new("customer_id")?, "4".to_owned())],
        requests: Vec::new(),
        reason: Personal::new("a lawsuit".to_owned()),
        review_on: None,
    };
    let placed = company.ledger.place_hold(&new, company.staff()).await?;
    let looked =
        re_erase(&company.fulfilment, &ReErase { dry_run: true, ..restored.order() }, &|_| {}).await?;
    assert_eq!((looked.held, looked.re_erased), (1, 0), "{looked:?}");
    let did = restored.re_erase().await?;
    assert_eq!((did.held, did.re_erased), (1, 0), "{did:?}");
    assert_eq!(company.rows("shop", ALL_CALLS).await?, back);
    company.ledger.lift_hold(placed.id, &Personal::new("settled".to_owned()), company.staff()).await?;
    assert_eq!(restored.re_erase().await?.re_erased, 1);
    Ok(())
}
