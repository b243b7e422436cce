use habeas_domain::RequestState;
use habeas_ledger::{ChallengeRecord, OpenRequest, Purpose};

use super::{Confirmation, Desk, DeskError, LinkState, count, presented};

impl Desk {
    /// What the page behind a link shows. Changes nothing, however often it is called.
    pub async fn look(&self, token: &str) -> Result<LinkState, DeskError> {
        self.within(async {
            let Some((record, of)) = self.found(token).await? else { return Ok(LinkState::NotValid) };
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
            Confirmation::AlreadyUsed => "already-used",
            Confirmation::NotValid => "not-valid",
        };
        count("link", outcome);
        Ok(confirmed)
    }

    async fn confirm_once(&self, token: &str) -> Result<Confirmation, DeskError> {
        let Some((record, of)) = self.found(token).await? else { return Ok(Confirmation::NotValid) };
        Ok(match standing(&record, of.state) {
            Standing::Open if self.ledger.prove(record.id).await? => Confirmation::Confirmed,
            Standing::Open | Standing::Used => Confirmation::AlreadyUsed,
            Standing::Ended => Confirmation::NotValid,
        })
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
        Purpose::Identity | Purpose::NewAddress | Purpose::Download => Standing::Ended,
    }
}
