//! The rest of a deletion, when a keep ends.

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{RequestId, Right, WorkKind, WorkState};
use habeas_test_support::wait;

use crate::company::{Company, SOON, TARO};

async fn deleted() -> Result<(Company, RequestId)> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    Ok((company, request))
}

/// Moves the clock, makes the deferred work due, and waits until it has run.
async fn later(company: &Company, request: RequestId, days: i64) -> Result<()> {
    let open = || async {
        let work = company.work(request, WorkKind::Deferred).await.unwrap();
        work.into_iter().filter(|one| one.state == WorkState::Waiting).map(|one| one.id).collect::<Vec<_>>()
    };
    company.clock.advance(TimeDelta::days(days));
    let before = open().await;
    assert!(!before.is_empty(), "nothing is deferred");
    company.make_due().await?;
    wait::until("the rest of the deletion", SOON, || async {
        let work = company.work(request, WorkKind::Deferred).await.unwrap();
        work.iter().filter(|one| before.contains(&one.id)).all(|one| one.state == WorkState::Done)
    })
    .await
}

#[tokio::test]
async fn a_kept_field_goes_when_its_keep_ends() -> Result<()> {
    let (company, request) = deleted().await?;
    let due: Vec<_> = company.work(request, WorkKind::Deferred).await?;
    assert_eq!(due.len(), 2, "one for the shop, one for billing");
    let soonest = due.iter().filter_map(|work| work.due_at).min().unwrap();
    let wait = soonest - company.now();
    assert!(wait > TimeDelta::days(20) && wait < TimeDelta::days(23), "30 days after 10 days ago: {wait}");
    later(&company, request, 25).await?;
    assert_eq!(
        company.rows("billing", "SELECT ifnull(payer, '-') FROM invoice ORDER BY no").await?,
        ["-", "-", "佐藤花子"]
    );
    assert_eq!(
        company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id").await?,
        ["11", "40"],
        "seven years"
    );
    later(&company, request, 8 * 366).await?;
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id").await?, ["40"]);
    let open = company.work(request, WorkKind::Deferred).await?;
    company.stop().await?;
    assert!(open.iter().all(|work| work.state == WorkState::Done), "nothing is left to wait for");
    Ok(())
}

/// Who comes back after a deletion is a customer again: the rest of the old deletion is not about their new data.
#[tokio::test]
async fn what_came_after_the_deletion_stays() -> Result<()> {
    let (company, request) = deleted().await?;
    company.clock.advance(TimeDelta::days(1));
    let today = company.now().format("%Y-%m-%d");
    company
        .sql(
            "shop",
            &format!(
                "INSERT INTO customer VALUES (9, '{TARO}', NULL, '山田太郎', '03-9999-9999', NULL); INSERT INTO orders VALUES (90, 1, 5, '{today}'); INSERT INTO item VALUES (90, 11, 'New');"
            ),
        )
        .await?;
    company
        .sql(
            "billing",
            &format!("INSERT INTO invoice VALUES ('A90', 11, '山田太郎', 'new address', '{today}');"),
        )
        .await?;
    later(&company, request, 60).await?;
    later(&company, request, 8 * 366).await?;
    let work = company.work(request, WorkKind::Deferred).await?;
    company.stop().await?;
    assert_eq!(company.rows("shop", "SELECT name FROM customer WHERE id = 9").await?, ["山田太郎"]);
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id").await?, ["40", "90"]);
    assert_eq!(company.rows("shop", "SELECT product FROM item ORDER BY id").await?, ["Ink", "New"]);
    assert_eq!(
        company
            .rows("billing", "SELECT concat_ws('|', no, payer, address) FROM invoice WHERE no = 'A90'")
            .await?,
        ["A90|山田太郎|new address"]
    );
    assert!(work.iter().all(|one| one.state == WorkState::Done), "and nothing is deferred for it");
    Ok(())
}
