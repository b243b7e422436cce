//! What staff decide about a finding, from the stop to the stores: somebody else's rows stay as they are.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{
    Actor, JobState, KeyName, Outcome, Personal, RequestId, RequestState, Right,
    approval::ApprovalPolicy,
    review::{FindingHash, FindingKind, Opinion, ReviewDecision, ReviewRefused},
    text::FreeText,
};
use habeas_fulfilment::{Fulfilment, Person, Review, Terms, resolve};
use habeas_ledger::{DecidedFinding, FindingOutcome, FindingState, FindingView, LedgerError};
use habeas_test_support::wait;

use crate::{
    company::{Company, Lanes, SOON, TARO},
    manifests::registry_with_threads,
    memory::{World, keys, person},
};

const OTHER: &str = "other@example.com";
/// The account that hangs on Taro's, and what is theirs.
const THEIRS: [&str; 3] = ["customer|3|other@example.com|-|別人|-", "orders|30|3", "item|4|30|Rice"];

const ANOTHER: ReviewDecision = ReviewDecision::AnotherPerson;
const SAME: ReviewDecision = ReviewDecision::SamePerson;

impl Company {
    /// Taro's company, where the account that was merged into his carries another address.
    pub(crate) async fn with_another() -> Result<Self> {
        let company = Self::with_taro().await?;
        let another = format!("UPDATE customer SET email = '{OTHER}', name = '別人' WHERE id = 3");
        company.sql("shop", &another).await?;
        Ok(company)
    }

    /// What a request stopped at.
    async fn finding(&self, request: RequestId) -> Result<FindingView> {
        wait::value("a finding", SOON, || async {
            let view = self.view(request).await.ok()?;
            let waits = view.state == RequestState::AwaitingReview;
            view.findings.into_iter().find(|one| waits && one.state == FindingState::Open)
        })
        .await
    }

    async fn decide(
        &self,
        request: RequestId,
        finding: FindingHash,
        decision: ReviewDecision,
        by: Actor,
    ) -> Result<FindingOutcome, LedgerError> {
        let reason = FreeText::parse("The shop knows both.").unwrap();
        self.ledger.decide_finding(request, finding, Opinion { by, decision }, reason).await
    }

    /// Two people decide the open finding alike.
    pub(crate) async fn decided(&self, request: RequestId, decision: ReviewDecision) -> Result<FindingView> {
        let finding = self.finding(request).await?;
        for _ in 0..finding.needed {
            self.decide(request, finding.finding, decision, self.staff()).await?;
        }
        Ok(finding)
    }

    async fn has_all(&self, rows: &[&str]) -> Result<bool> {
        let all = self.everything().await?;
        Ok(rows.iter().all(|row| all.iter().any(|one| one == row)))
    }
}

#[tokio::test]
async fn somebody_elses_rows_are_not_in_the_copy() -> Result<()> {
    let company = Company::with_another().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let finding = company.decided(request, ANOTHER).await?;
    assert_eq!((finding.kind, finding.needed), (FindingKind::Contradiction, 2));
    assert_eq!(company.closed(request).await?.outcome, Some(Outcome::Done));
    company.stop().await?;
    let package = company.package(request, Right::Access).await?;
    let rows = |collection| package.rows("shop", collection).len();
    assert_eq!([rows("customer"), rows("orders"), rows("item")], [1, 2, 3]);
    assert!(!package.holds(OTHER) && !package.holds("別人") && !package.holds("Rice"));
    assert!(package.holds("taro.old@example.com"), "the rest is there");
    Ok(())
}

#[tokio::test]
async fn a_deletion_takes_two_people_and_leaves_somebody_elses_rows() -> Result<()> {
    let company = Company::with_another().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let finding = company.finding(request).await?.finding;
    let one = company.staff();
    let first = company.decide(request, finding, ANOTHER, one).await?;
    assert_eq!(first, FindingOutcome::Counted { missing: 1 });
    let twice = company.decide(request, finding, ANOTHER, one).await;
    assert!(matches!(twice, Err(LedgerError::Review(ReviewRefused::SamePersonTwice))));
    let waits = company.view(request).await?;
    assert_eq!(waits.state, RequestState::AwaitingReview, "one person opens nothing");
    assert_eq!(company.finding(request).await?.decisions.len(), 1);
    assert_eq!(company.decide(request, finding, ANOTHER, company.staff()).await?, FindingOutcome::Decided);
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.has_all(&THEIRS).await?, "{:?}", company.everything().await?);
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Rice", "Ink"]);
    assert!(!company.everything().await?.iter().any(|row| row.contains(TARO)));
    Ok(())
}

/// The person's own row names the other account: what hangs on it was followed before it was known whose it is.
#[tokio::test]
async fn what_only_somebody_elses_row_leads_to_stays_with_them() -> Result<()> {
    let company = Company::with_another().await?;
    let turned = "UPDATE customer SET merged_into = CASE id WHEN 1 THEN 3 ELSE NULL END";
    company.sql("shop", turned).await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.decided(request, ANOTHER).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.has_all(&THEIRS).await?, "{:?}", company.everything().await?);
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Rice", "Ink"]);
    Ok(())
}

#[tokio::test]
async fn the_plan_of_the_day_obeys_the_decisions_too() -> Result<()> {
    let mut company = Company::with_another().await?;
    company.policy = ApprovalPolicy::OnePerson;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.decided(request, ANOTHER).await?;
    let planned = company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await?;
    // A second account of theirs, merged in the same way, and an order of Taro's that make the plan of the day another one.
    let more = format!(
        "INSERT INTO customer VALUES (5, '{OTHER}', NULL, '別人', NULL, 1);
         INSERT INTO orders VALUES (50, 5, 1, '2001-01-01'), (90, 1, 5, '2001-01-01');
         INSERT INTO item VALUES (50, 50, 'Salt'), (90, 90, 'Tea')"
    );
    company.sql("shop", &more).await?;
    company.clock.advance(TimeDelta::minutes(30));
    company.approve(request, Right::Deletion).await?;
    let again = wait::value("the plan of the day", SOON, || async {
        let job = company.job_becomes(request, Right::Deletion, JobState::AwaitingApproval).await.ok()?;
        (job.plan_hash != planned.plan_hash).then_some(job)
    });
    again.await?;
    company.approve(request, Right::Deletion).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.has_all(&THEIRS).await?, "{:?}", company.everything().await?);
    assert!(company.has_all(&["customer|5|other@example.com|-|別人|-", "orders|50|5"]).await?);
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Rice", "Ink", "Salt"]);
    Ok(())
}

#[tokio::test]
async fn a_decision_for_one_finding_opens_no_other() -> Result<()> {
    let company = Company::with_another().await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    let first = company.finding(request).await?.finding;
    company.decide(request, first, ANOTHER, company.staff()).await?;
    let third = "INSERT INTO customer VALUES (6, 'third@example.com', NULL, '第三者', NULL, 1)";
    company.sql("shop", third).await?;
    company.decide(request, first, ANOTHER, company.staff()).await?;
    let second = wait::value("another finding", SOON, || async {
        company.finding(request).await.ok().filter(|one| one.finding != first)
    });
    let second = second.await?;
    let stale = company.decide(request, first, ANOTHER, company.staff()).await;
    assert!(matches!(stale, Err(LedgerError::Review(ReviewRefused::FindingChanged))));
    assert!(second.decisions.is_empty());
    company.decided(request, ANOTHER).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert!(company.has_all(&THEIRS).await?, "the first decision is in force");
    assert!(company.has_all(&["customer|6|third@example.com|-|第三者|-"]).await?, "and the second");
    Ok(())
}

#[tokio::test]
async fn what_is_the_persons_after_all_is_theirs_with_all_it_leads_to() -> Result<()> {
    let company = Company::with_another().await?;
    let ticket = format!("INSERT INTO ticket VALUES (7, '{OTHER}', '山田太郎', 'My other address', NULL)");
    company.sql("support", &ticket).await?;
    company.start();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.decided(request, SAME).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.rows("shop", "SELECT product FROM item").await?, ["Ink"]);
    assert_eq!(company.rows("support", "SELECT subject FROM ticket").await?, ["Ink"]);
    assert!(!company.everything().await?.iter().any(|row| row.contains(OTHER)));
    Ok(())
}

#[tokio::test]
async fn more_values_are_allowed_for_one_request_and_no_more_than_that() -> Result<()> {
    let company = Company::with_taro().await?;
    let orders = "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1199)
                  INSERT INTO orders SELECT i, 1, 1, '2001-01-01' FROM n";
    company.sql("shop", orders).await?;
    company.start();
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let finding = company.finding(request).await?;
    assert_eq!((finding.kind, finding.allowed, finding.needed), (FindingKind::TooManyValues, 100, 1));
    company.decided(request, ReviewDecision::Allow { up_to: 150 }).await?;
    let second = wait::value("the next finding", SOON, || async {
        company.finding(request).await.ok().filter(|one| one.allowed == 150)
    });
    second.await?;
    company.decided(request, ReviewDecision::Allow { up_to: 400 }).await?;
    company.closed(request).await?;
    company.stop().await?;
    assert_eq!(company.package(request, Right::Access).await?.rows("shop", "orders").len(), 203);
    Ok(())
}

/// The store would delete a row of theirs by itself, because it refers to one of Taro's.
#[tokio::test]
async fn a_row_that_the_store_would_take_along_stops_the_deletion() -> Result<()> {
    let company = Company::with_taro().await?;
    let threads = format!(
        "DROP TABLE ticket;
         CREATE TABLE ticket (id INTEGER PRIMARY KEY, address TEXT, name TEXT, subject TEXT, agent TEXT,
                              thread INTEGER REFERENCES ticket (id) ON DELETE CASCADE);
         INSERT INTO ticket VALUES (1, '{TARO}', 'T', 'Where is my pot?', NULL, NULL),
                                   (2, '{OTHER}', 'O', 'Mine too', NULL, 1)"
    );
    company.sql("support", &threads).await?;
    let fulfilment = Fulfilment { registry: Arc::new(registry_with_threads()), ..company.fulfilment.clone() };
    company.start_with(&fulfilment, Lanes::All);
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.decided(request, ANOTHER).await?;
    company.job_becomes(request, Right::Deletion, JobState::Stalled).await?;
    company.stop().await?;
    let parked = company.parked().await?;
    let fault = parked.first().and_then(|work| work.fault.as_ref()).context("nothing is parked")?;
    assert_eq!(fault.code, "takes-others", "{fault:?}");
    assert_eq!(company.rows("support", "SELECT subject FROM ticket ORDER BY id").await?.len(), 2);
    Ok(())
}

const ACCOUNT: &str = r#"
[[collection]]
name = "account"
fields.email   = { key = "email" }
fields.id      = { key = "account" }
fields.parent  = { key = "account" }
fields.x       = { category = "user.x" }
delete = "rows"
"#;

fn decided(world: &World, decision: ReviewDecision) -> Terms {
    let one = DecidedFinding {
        kind: FindingKind::Contradiction,
        key: KeyName::new("email").ok(),
        found: vec![Personal::new("Other@example.com".to_owned())],
        decision,
    };
    Terms::of(&[one], &world.registry)
}

/// A store that does not say which of its fields name one row cannot say whose a key is that both hold.
#[tokio::test]
async fn a_key_of_which_nobody_can_say_whose_it_is_stops_again() {
    let world = World::new(&[("a", ACCOUNT)]);
    world.row("a", "account", &["t@example.com", "1", "-", "x"]);
    world.row("a", "account", &[OTHER, "9", "1", "x"]);
    let taro = person(&[("email", "t@example.com")]);
    let seek = |decision| {
        let who = Person { terms: decided(&world, decision), ..taro.clone() };
        async { resolve(&world.registry, &world.stores, vec![who]).await.unwrap().remove(0) }
    };
    let stopped = seek(ANOTHER).await.unwrap_err();
    assert!(matches!(stopped, Review::Entangled { .. }), "{stopped}");
    assert!(!stopped.to_string().contains("example.com"));
    let all = ["account=1", "account=9", "email=other@example.com", "email=t@example.com"];
    assert_eq!(keys(&seek(SAME).await.unwrap()), all);
}
