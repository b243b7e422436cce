//! The rest of a deletion, when a keep ends.

use std::sync::Arc;

use anyhow::Result;
use chrono::TimeDelta;
use habeas_domain::{
    Letter, Outcome, RequestId, Right, WorkKind, WorkState, approval::ApprovalPolicy, letter::JobReport,
};
use habeas_fulfilment::Fulfilment;
use habeas_test_support::wait;

use crate::{
    company::{Company, HANAKO, Lanes, SOON, TARO},
    manifests::{BILLING, CALL, registry, registry_with_calls},
    refusals::stalled,
    sides::{ALL as ALL_CALLS, CALLS},
};

async fn deleted() -> Result<(Company, RequestId)> {
    let company = Company::with_taro().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    Ok((company, request))
}

fn rests_told(company: &Company, request: RequestId) -> Vec<Letter> {
    let letters = company.post.letters(request);
    letters.into_iter().filter(|letter| matches!(letter, Letter::RestDeleted { .. })).collect()
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
    assert!(rests_told(&company, request).is_empty(), "a part is kept still");
    later(&company, request, 8 * 366).await?;
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id").await?, ["40"]);
    let open = company.work(request, WorkKind::Deferred).await?;
    assert!(open.iter().all(|work| work.state == WorkState::Done), "nothing is left to wait for");
    wait::until("the letter about the rest", SOON, || async { rests_told(&company, request).len() == 1 })
        .await?;
    company.stop().await?;
    let Letter::RestDeleted { rows, stores, receipt, kept } = &rests_told(&company, request)[0] else {
        panic!("another")
    };
    assert!(*rows > 1 && *stores == 2 && kept.is_empty(), "{rows} rows in {stores} stores, {kept:?}");
    assert_eq!(*receipt, format!("{}-D-R", request.reference()));
    let trail = company.ledger.audit_entries(request).await?;
    let signed = trail.iter().filter(|entry| entry.event == "receipt-signed").count();
    assert_eq!(signed, 2, "one for the deletion, one for the rest");
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

/// Neither a copy nor the word that nothing is held may pass over what a rule keeps, whether or not a key still finds it.
#[tokio::test]
async fn what_is_kept_is_named_to_whoever_asks_again() -> Result<()> {
    let (company, request) = deleted().await?;
    let again = company.submit(TARO, &[Right::Access], &[]).await?;
    company.closed(again).await?;
    let kept = |report: &JobReport| -> Vec<(String, u64, bool)> {
        report.kept.iter().map(|one| (one.what.en.clone(), one.rows, one.until.is_some())).collect()
    };
    let ended = |letter: Letter| if let Letter::JobEnded(report) = letter { Some(report) } else { None };
    let of = |request| company.post.letters(request).into_iter().find_map(ended).unwrap();
    let (first, second) = (of(request), of(again));
    assert!(!kept(&first).is_empty());
    assert_eq!(kept(&second), kept(&first), "with the same reasons and ends");
    assert_ne!(second.outcome, Outcome::PartlyDone, "nothing of this request is left undone");
    later(&company, request, 8 * 366).await?;
    let at_last = company.submit(TARO, &[Right::Access], &[]).await?;
    company.closed(at_last).await?;
    company.stop().await?;
    assert!(of(at_last).kept.is_empty(), "and no longer than it is kept");
    Ok(())
}

#[tokio::test]
async fn what_is_kept_of_others_is_named_to_nobody() -> Result<()> {
    let (company, _) = deleted().await?;
    let other = company.submit(HANAKO, &[Right::Access], &[]).await?;
    company.closed(other).await?;
    company.stop().await?;
    let letters = company.post.letters(other);
    assert!(
        letters.iter().any(|letter| matches!(letter, Letter::JobEnded(report) if report.kept.is_empty()))
    );
    Ok(())
}

const PAYERS: &str = "SELECT ifnull(payer, '-') FROM invoice WHERE no <> 'A40' ORDER BY no";

/// Goes on with another manifest of billing, when what its rule kept is due.
async fn with_another_rule(billing: &str) -> Result<(Company, RequestId)> {
    let (company, request) = deleted().await?;
    company.stop().await?;
    assert_eq!(company.rows("billing", PAYERS).await?, ["-", "山田太郎"], "kept for now");
    let registry = Arc::new(registry(billing));
    company.start_with(&Fulfilment { registry, ..company.fulfilment.clone() }, Lanes::All);
    company.clock.advance(TimeDelta::days(25));
    company.make_due().await?;
    Ok((company, request))
}

/// The rule is gone from the manifest: what it kept is deleted, and not forgotten.
#[tokio::test]
async fn what_a_dropped_rule_kept_goes() -> Result<()> {
    let rule = r#", keep = { reason = "billing", until = "issued_on + 30d" }"#;
    assert!(BILLING.contains(rule));
    let (company, _) = with_another_rule(&BILLING.replace(rule, "")).await?;
    wait::until("the payers to be gone", SOON, || async {
        company.rows("billing", PAYERS).await.is_ok_and(|rows| rows == ["-", "-"])
    })
    .await?;
    company.stop().await
}

/// No step of the manifest covers what was kept: somebody has to look.
#[tokio::test]
async fn what_no_step_covers_any_more_is_parked() -> Result<()> {
    let line = BILLING.lines().find(|line| line.starts_with("fields.payer")).unwrap_or_default();
    assert!(line.contains("keep"));
    let (company, request) = with_another_rule(&BILLING.replace(line, "")).await?;
    let parked = wait::value("the rest to be parked", SOON, || async {
        let parked = company.parked().await.ok()?;
        parked.into_iter().find(|work| work.kind == WorkKind::Deferred)
    })
    .await?;
    company.stop().await?;
    assert_eq!(parked.request, request);
    assert_eq!(parked.fault.map(|fault| fault.code).as_deref(), Some("plan-changed"));
    assert_eq!(company.rows("billing", PAYERS).await?, ["-", "山田太郎"]);
    Ok(())
}

/// Another store held the job up for longer than the rule ran: what it kept is gone before the letter goes out.
#[tokio::test]
async fn what_is_gone_before_the_letter_is_not_told_as_kept() -> Result<()> {
    let mut company = Company::with_taro().await?;
    company.policy = ApprovalPolicy::OnePerson;
    let request = stalled(&company).await?;
    later(&company, request, 8 * 366).await?;
    assert_eq!(company.rows("shop", "SELECT CAST(id AS TEXT) FROM orders ORDER BY id").await?, ["40"]);
    company.stores["billing"].is_right_again();
    company.ledger.requeue_by_fault("store-access-denied", company.staff()).await?;
    company.closed(request).await?;
    company.stop().await?;
    let [end] = &company.post.ends(request)[..] else { panic!("one end") };
    assert_eq!((end.stores, &end.kept[..]), (3, &[][..]), "each store once, and nothing is kept");
    Ok(())
}

/// A rule keeps who called, and not who was called: each side of a row of two people has an end of its own, and the other
/// person's none.
#[tokio::test]
async fn a_kept_side_goes_alone_when_its_keep_ends() -> Result<()> {
    let mut company = Company::with_taro().await?;
    let day = (company.now() - TimeDelta::days(10)).format("%Y-%m-%d");
    company
        .sql("shop", &format!("{CALLS} ALTER TABLE call ADD COLUMN at TEXT NOT NULL DEFAULT '{day}'"))
        .await?;
    let keep = "side = \"caller\", keep = { reason = \"law\", until = \"at + 30d\" }, ";
    let call = CALL.replace("side = \"caller\", ", keep) + "fields.at = { internal = true }\n";
    company.fulfilment.registry = Arc::new(registry_with_calls(&call));
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    assert_eq!(
        company.rows("shop", ALL_CALLS).await?,
        [
            "1|1|090-1111|山田太郎|4|090-4444|佐藤花子|60",
            "2|4|090-4445|佐藤 花子|-|-|-|70",
            "3|1|090-1111|山田太郎|-|-|-|80",
            "4|4|090-4444|佐藤花子|5|090-5555|鈴木一郎|90",
        ]
    );
    let [end] = &company.post.ends(request)[..] else { panic!("one letter") };
    let kept: Vec<_> = end.kept.iter().map(|kept| (kept.what.en.as_str(), kept.rows)).collect();
    assert!(kept.contains(&("Calls", 2)), "{kept:?}");
    later(&company, request, 25).await?;
    company.stop().await?;
    assert_eq!(
        company.rows("shop", ALL_CALLS).await?,
        [
            "1|-|-|-|4|090-4444|佐藤花子|60",
            "2|4|090-4445|佐藤 花子|-|-|-|70",
            "3|-|-|-|-|-|-|80",
            "4|4|090-4444|佐藤花子|5|090-5555|鈴木一郎|90",
        ]
    );
    Ok(())
}

/// What bears no date, or a later one than the deletion, stays when the rest goes. Nobody is told then that nothing is left.
#[tokio::test]
async fn what_stays_for_good_is_not_told_as_gone() -> Result<()> {
    let company = Company::with_taro().await?;
    let soon = (company.now() + TimeDelta::days(10)).format("%Y-%m-%d");
    company.sql("shop", "INSERT INTO orders VALUES (12, 1, 5, 'unknown')").await?;
    company
        .sql(
            "billing",
            &format!("INSERT INTO invoice VALUES ('A12', 11, '山田太郎', '1-2-3 Shibuya', '{soon}')"),
        )
        .await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.closed(request).await?;
    later(&company, request, 25).await?;
    later(&company, request, 8 * 366).await?;
    wait::until("the letter about the rest", SOON, || async { rests_told(&company, request).len() == 1 })
        .await?;
    company.stop().await?;
    let Letter::RestDeleted { kept, .. } = &rests_told(&company, request)[0] else { panic!("another") };
    let told: Vec<_> = kept.iter().map(|kept| (kept.what.en.as_str(), kept.rows, kept.until)).collect();
    assert_eq!(told, [("Invoices", 1, None), ("orders", 1, None)]);
    let held = company.rows("billing", "SELECT no FROM invoice WHERE payer = '山田太郎'").await?;
    assert_eq!(held, ["A12"], "it may have come since");
    Ok(())
}
