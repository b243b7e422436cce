use habeas_domain::RequestState;
use habeas_ledger::{
    ChallengeRecord, Dispute, OpenRequest, Presented, Proof, Purpose, Standing, StopStanding,
};

use super::{Confirmation, Desk, DeskError, LinkState, count, presented};

impl Desk {
    /// What the page behind a link shows. Changes nothing, however often it is called.
    pub async fn look(&self, token: &str) -> Result<LinkState, DeskError> {
        self.within(async {
            let Some((record, of)) = self.found(token).await? else { return Ok(LinkState::NotValid) };
            if record.purpose == Purpose::Stop {
                return Ok(LinkState::Stop(self.ledger.stop_standing(&record).await?));
            }
            Ok(match record.purpose.standing(of.state, record.open) {
                Standing::Open => LinkState::Open {
                    language: of.language,
                    rights: of.submission.rights,
                    purpose: record.purpose,
                },
                Standing::Used => LinkState::Used,
                Standing::Ended if takes_more(&record, &of) => LinkState::More,
                Standing::Ended => LinkState::NotValid,
            })
        })
        .await
    }

    /// Does what the button on that page says: once, however many press it at the same time.
    pub async fn confirm(&self, token: &str) -> Result<Confirmation, DeskError> {
        let confirmed = self.within(Box::pin(self.confirm_once(token))).await?;
        let outcome = match &confirmed {
            Confirmation::Confirmed(_) => "confirmed",
            Confirmation::Objected(_) => "objected",
            Confirmation::AlreadyUsed => "already-used",
            Confirmation::NotValid => "not-valid",
        };
        count("link", outcome);
        Ok(confirmed)
    }

    async fn confirm_once(&self, token: &str) -> Result<Confirmation, DeskError> {
        let Some(link) = presented(token) else { return Ok(Confirmation::NotValid) };
        match self.ledger.challenge_by_token(&link).await? {
            Some(record) if record.purpose == Purpose::Stop => return self.object(&record).await,
            Some(record) if record.purpose == Purpose::Guardian && record.open => {
                return self.paced(Box::pin(self.guardian_confirms(&record, link))).await;
            }
            _ => {}
        }
        Ok(match self.proofs.prove(Presented::Link(link)).await? {
            Proof::Proven(proven) => Confirmation::Confirmed(proven),
            Proof::Used => Confirmation::AlreadyUsed,
            Proof::NotValid => Confirmation::NotValid,
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

/// An identity link that was used proved the address; in a request that still waits it leads to the second step until
/// it ends.
fn takes_more(record: &ChallengeRecord, of: &OpenRequest) -> bool {
    record.purpose == Purpose::Identity && record.live && of.state == RequestState::AwaitingVerification
}
