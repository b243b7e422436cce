//! Copies: all of the person's, and nobody else's.

use anyhow::Result;
use habeas_domain::{JobState, Outcome, Right};
use serde_json::json;

use crate::company::{Company, HANAKO, TARO};

#[tokio::test]
async fn a_package_holds_exactly_the_persons_rows() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done));
    let package = company.package(request, Right::Access).await?;
    assert_eq!((package.verified.content.rows, package.record.rows), (14, 14));
    let number = |store, collection| package.rows(store, collection).len();
    let numbers = [
        number("shop", "customer"),
        number("shop", "orders"),
        number("shop", "item"),
        number("shop", "refund"),
        number("billing", "invoice"),
        number("support", "ticket"),
    ];
    assert_eq!(numbers, [2, 3, 4, 2, 2, 1]);
    let totals: Vec<_> = package.rows("shop", "orders").iter().map(|row| row["total"].clone()).collect();
    assert!(totals.contains(&json!(0.300_000_000_000_000_04)), "to the last digit: {totals:?}");
    for foreign in [HANAKO, "佐藤花子", "Ueno", "Ink", "lost"] {
        assert!(!package.holds(foreign), "{foreign} is not Taro's");
    }
    assert!(!package.holds("Jiro"), "what no manifest mentions stays");
    for (path, content) in &package.files {
        let row = content.contains("\"agent\"") || content.contains("merged_into");
        assert!(!row, "{path} holds a field without a category");
    }
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    assert_eq!((end.rows, end.stores, end.undone.len()), (14, 3, 0));
    assert_eq!(company.objects("spool").len(), 0, "spools are of no use any more");
    Ok(())
}

#[tokio::test]
async fn a_portable_copy_holds_what_the_person_provided() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Portability], &[]).await?;
    company.closed(request).await?;
    company.stop().await?;
    let package = company.package(request, Right::Portability).await?;
    let collections: Vec<String> = package
        .verified
        .content
        .collections
        .iter()
        .map(|one| format!("{}/{} {}", one.store, one.collection, one.rows))
        .collect();
    assert_eq!(collections, ["shop/customer 2", "support/ticket 1"]);
    let rows = package.rows("shop", "customer");
    let fields: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["email", "email_2", "name", "phone"]);
    Ok(())
}

#[tokio::test]
async fn access_and_portability_of_one_request_run_in_one_group() -> Result<()> {
    let company = Company::with_taro().await?;
    let request = company.submit(TARO, &[Right::Access, Right::Portability], &[]).await?;
    company.start();
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.package(request, Right::Access).await?.record.rows, 14);
    assert_eq!(company.package(request, Right::Portability).await?.record.rows, 3);
    Ok(())
}

#[tokio::test]
async fn people_who_are_copied_together_get_their_own() -> Result<()> {
    let company = Company::with_taro().await?;
    let taro = company.submit(TARO, &[Right::Access], &[]).await?;
    let hanako = company.submit(HANAKO, &[Right::Access], &[]).await?;
    company.start();
    company.closed(taro).await?;
    company.closed(hanako).await?;
    company.stop().await?;
    let (hers, his) =
        (company.package(hanako, Right::Access).await?, company.package(taro, Right::Access).await?);
    assert_eq!((hers.record.rows, his.record.rows), (6, 14));
    assert!(!hers.holds(TARO) && !hers.holds("山田") && hers.holds("佐藤花子"));
    assert!(!his.holds(HANAKO) && !his.holds("佐藤") && his.holds("山田太郎"));
    Ok(())
}

#[tokio::test]
async fn whoever_is_not_known_is_told_so() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start();
    let everything = [Right::Access, Right::Deletion, Right::Portability];
    let request = company.submit("nobody@example.com", &everything, &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::NothingHeld));
    assert!(view.packages.is_empty() && company.receipts(request).await?.is_empty());
    for end in company.post.ends(request) {
        assert_eq!((end.outcome, end.stores, end.rows), (Outcome::NothingHeld, 3, 0), "all three were asked");
    }
    Ok(())
}

#[tokio::test]
async fn a_contradiction_stops_the_request_and_its_clearing_goes_on() -> Result<()> {
    let company = Company::with_taro().await?;
    company.sql("shop", "UPDATE customer SET email = 'other@example.com' WHERE id = 3").await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let reason = habeas_test_support::wait::value("a review", crate::company::SOON, || async {
        company.view(request).await.ok()?.review_reason
    })
    .await?;
    assert_eq!(reason, "a row of shop/customer carries another email than the one that was verified");
    company.sql("shop", &format!("UPDATE customer SET email = '{TARO}' WHERE id = 3")).await?;
    company.ledger.clear_review(request, company.staff()).await?;
    company.job_becomes(request, Right::Access, JobState::Ended).await?;
    company.closed(request).await?;
    company.stop().await
}
