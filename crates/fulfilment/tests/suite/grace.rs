//! The end of a grace, as the housekeeper of a running process finds it: by this host's clock and by the database's.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use habeas_domain::{JobState, RequestId, RequestState, Right};
use habeas_ledger::NewRequest;
use habeas_test_support::wait;
use serde_json::json;

use crate::company::{Company, HANAKO, SOON, TARO};

impl Company {
    /// Waits until the housekeeper has looked at every grace by the clock as it stands now: that step comes after the one that
    /// lets requests lapse, so that it is over when a second one has lapsed.
    async fn a_round_passes(&self) -> Result<()> {
        for _ in 0..2 {
            let body = json!({ "subject": { "email": HANAKO }, "rights": ["access"] });
            let new = NewRequest { lapse_at: self.now() - TimeDelta::hours(1), ..self.screened(&body) };
            let accepted = self.ledger.accept(vec![new]).await?.remove(0)?;
            wait::until("a request that nobody confirmed to lapse", SOON, || async {
                self.view(accepted.id).await.is_ok_and(|view| view.state == RequestState::Closed)
            })
            .await?;
        }
        Ok(())
    }

    async fn deletion_is(&self, request: RequestId) -> Result<JobState> {
        Ok(self.view(request).await?.jobs[0].state)
    }
}

#[tokio::test]
async fn a_deletion_begins_when_its_grace_is_over_and_not_before() -> Result<()> {
    let company = Company::with_taro().await?;
    // The database's clock, which no test moves, is past the end of the grace already: ours decides.
    company.clock.advance(TimeDelta::hours(-80));
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.warned(request).await?;
    let until = company.view(request).await?.jobs[0].grace_until.context("no grace")?;
    let grace = until - company.now();
    assert!((grace - TimeDelta::hours(72)).abs() < TimeDelta::milliseconds(1), "{grace}");
    let before = company.everything().await?;
    company.a_round_passes().await?;
    assert_eq!(company.deletion_is(request).await?, JobState::AwaitingGrace);

    company.clock.advance(TimeDelta::hours(72) - TimeDelta::seconds(1));
    company.a_round_passes().await?;
    assert_eq!(
        company.deletion_is(request).await?,
        JobState::AwaitingGrace,
        "the last second is the person's"
    );
    assert_eq!(company.everything().await?, before);

    company.clock.advance(TimeDelta::seconds(1));
    company.closed(request).await?;
    company.stop().await?;
    assert!(!company.everything().await?.iter().any(|row| row.contains(TARO)));
    Ok(())
}

#[tokio::test]
async fn a_host_whose_clock_is_ahead_begins_nothing_early() -> Result<()> {
    let company = Company::with_taro().await?;
    company.start_with_grace();
    let request = company.submit(TARO, &[Right::Deletion], &[]).await?;
    company.warned(request).await?;
    let before = company.everything().await?;
    company.clock.advance(TimeDelta::hours(73));
    company.a_round_passes().await?;
    assert_eq!(company.deletion_is(request).await?, JobState::AwaitingGrace);
    company.stop().await?;
    assert_eq!(company.everything().await?, before);
    Ok(())
}
