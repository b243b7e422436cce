use habeas_domain::RequestState;
use habeas_ledger::{ChallengeRecord, Dispute, OpenRequest, Purpose, StopStanding};

use super::{Confirmation, Desk, DeskError, LinkState, count, presented};

impl Desk {
    /// What the page behind a link shows. Changes nothing, however often it is called.
    pub async fn look(&self, token: &str) -> Result<LinkState, DeskError> {
        self.within(async {
            let Some((record, of)) = self.found(token).await? else { return Ok(LinkState::NotValid) };
            if record.purpose == Purpose::Stop {
                return Ok(LinkState::Stop(self.ledger.stop_standing(&record).await?));
            }
            let state = standing(&record, of.state);
            Ok(match state {
                Standing::Open => LinkState::Open {
                    language: of.language,
                    rights: of.submission.rights,
                    purpose: record.purpose,
                },
                Standing::Used => LinkState::Used,
                Standing::Ended => LinkState::NotValid,
            })
        })
        .await
    }

    /// Does what the button on that page says: once, however many press it at the same time.
    pub async fn confirm(&self, token: &str) -> Result<Confirmation, DeskError> {
        let confirmed = self.within(Box::pin(self.confirm_once(token))).await?;
        let outcome = match confirmed {
            Confirmation::Confirmed => "confirmed",
            Confirmation::Objected(_) => "objected",
            Confirmation::AlreadyUsed => "already-used",
            Confirmation::NotValid => "not-valid",
        };
        count("link", outcome);
        Ok(confirmed)
    }

    async fn confirm_once(&self, token: &str) -> Result<Confirmation, DeskError> {
        let Some((record, of)) = self.found(token).await? else { return Ok(Confirmation::NotValid) };
        if record.purpose == Purpose::Stop {
            return self.object(&record).await;
        }
        Ok(match standing(&record, of.state) {
            Standing::Open if self.ledger.prove(record.id).await? => Confirmation::Confirmed,
            Standing::Open | Standing::Used => Confirmation::AlreadyUsed,
            Standing::Ended => Confirmation::NotValid,
        })
    }

    /// Stops what can be stopped, and has staff told. A second press shows what the first one did.
    async fn object(&self, record: &ChallengeRecord) -> Result<Confirmation, DeskError> {
        let (request, standing) = match self.ledger.dispute(record.id).await? {
            Dispute::Stopped(request) => (request, StopStanding::Stopped),
            Dispute::TooLate(request) => (request, StopStanding::TooLate),
            Dispute::NotValid => return Ok(Confirmation::NotValid),
        };
        let in_time = standing == StopStanding::Stopped;
        metrics::counter!("habeas_disputes_total", "in_time" => in_time.to_string()).increment(1);
        tracing::error!(%request, in_time, "somebody at an address on file says that a deletion was not asked for");
        Ok(Confirmation::Objected(standing))
    }

    /// The challenge of a link and its request. A download is never allowed by a link.
    async fn found(&self, token: &str) -> Result<Option<(ChallengeRecord, OpenRequest)>, DeskError> {
        let Some(hash) = presented(token) else { return Ok(None) };
        let record = self.ledger.challenge_by_token(&hash).await?;
        let Some(record) = record.filter(|record| record.purpose != Purpose::Download) else {
            return Ok(None);
        };
        Ok(self.open(record.request).await?.map(|of| (record, of)))
    }
}

enum Standing {
    Open,
    Used,
    Ended,
}

/// An identity is proven once for a request, by whichever of its links and codes comes first. In a closed request
/// nothing is left to prove.
fn standing(record: &ChallengeRecord, state: RequestState) -> Standing {
    if state == RequestState::Closed {
        return Standing::Ended;
    }
    match record.purpose {
        Purpose::Identity if state != RequestState::AwaitingVerification => Standing::Used,
        Purpose::Identity | Purpose::NewAddress if record.open => Standing::Open,
        Purpose::Identity | Purpose::NewAddress | Purpose::Download | Purpose::Stop => Standing::Ended,
    }
}
