use chrono::{DateTime, Utc};
use habeas_domain::{
    RequestState,
    verification::{Evidence, EvidenceOutcome, Method},
};
use habeas_ledger::{
    AgentEnded, ChallengeRecord, Dispute, OpenRequest, Presented, Proof, Purpose, Standing, StopStanding,
};

use habeas_vault::TokenHash;

use super::{Confirmation, Desk, DeskError, LinkState, count, presented};

impl Desk {
    /// What the page behind a link shows. Changes nothing, however often it is called.
    pub async fn look(&self, token: &str) -> Result<LinkState, DeskError> {
        self.within(self.look_once(token)).await
    }

    async fn look_once(&self, token: &str) -> Result<LinkState, DeskError> {
        let Some((record, of)) = self.found(token).await? else { return Ok(LinkState::NotValid) };
        if record.purpose == Purpose::Stop {
            return Ok(LinkState::Stop(self.ledger.stop_standing(&record).await?));
        }
        if matches!(record.purpose, Purpose::Agent | Purpose::AgentEnd) {
            return Ok(of_agent(&record, of));
        }
        if record.purpose.standing(of.state, record.open) == Standing::Open {
            let (language, rights) = (of.language, of.submission.rights);
            return Ok(LinkState::Open { language, rights, purpose: record.purpose });
        }
        if takes_more(&record, &of) {
            return Ok(LinkState::More);
        }
        let used = self.used_at(&record, &of).await?;
        Ok(used.map_or(LinkState::NotValid, |at| LinkState::Used { purpose: record.purpose, at }))
    }

    /// When that was confirmed for which this link was mailed, for as long as the link would live, whatever became of the request
    /// since: by the link itself, or by another of the same mailbox.
    async fn used_at(
        &self,
        record: &ChallengeRecord,
        of: &OpenRequest,
    ) -> Result<Option<DateTime<Utc>>, DeskError> {
        let shown = matches!(record.purpose, Purpose::Identity | Purpose::Guardian | Purpose::NewAddress);
        if !record.live || !shown {
            return Ok(None);
        }
        if record.used_at.is_some() || record.purpose == Purpose::NewAddress || !of.proven {
            return Ok(record.used_at);
        }
        let by = if record.purpose == Purpose::Guardian { Method::GuardianLink } else { Method::MailLink };
        let evidence = self.ledger.identity(of.id).await?.evidence;
        let passed = |one: &&Evidence| one.method == by && one.outcome == EvidenceOutcome::Passed;
        Ok(evidence.iter().find(passed).map(|one| one.at))
    }

    /// Does what the button on that page says: once, however many press it at the same time.
    pub async fn confirm(&self, token: &str) -> Result<Confirmation, DeskError> {
        self.confirm_with(token, Presented::Link).await
    }

    /// The same, and the person lets the agent who asked for them have the results, too. Where no agent acts it changes
    /// nothing.
    pub async fn confirm_for_agent(&self, token: &str) -> Result<Confirmation, DeskError> {
        self.confirm_with(token, Presented::LinkForAgent).await
    }

    async fn confirm_with(
        &self,
        token: &str,
        present: fn(TokenHash) -> Presented,
    ) -> Result<Confirmation, DeskError> {
        let confirmed = self.within(Box::pin(self.confirm_once(token, present))).await?;
        let outcome = match &confirmed {
            Confirmation::Confirmed(_) => "confirmed",
            Confirmation::Objected(_) => "objected",
            Confirmation::AgentProven => "agent-proven",
            Confirmation::AgentEnded => "agent-ended",
            Confirmation::AlreadyUsed(..) => "already-used",
            Confirmation::More => "more",
            Confirmation::NotValid => "not-valid",
        };
        count("link", outcome);
        Ok(confirmed)
    }

    async fn confirm_once(
        &self,
        token: &str,
        present: fn(TokenHash) -> Presented,
    ) -> Result<Confirmation, DeskError> {
        let Some(link) = presented(token) else { return Ok(Confirmation::NotValid) };
        let confirmed = self.use_link(link, present).await?;
        if confirmed != Confirmation::NotValid {
            return Ok(confirmed);
        }
        // Pressed again, perhaps because the first answer was lost on its way.
        Ok(match self.look_once(token).await? {
            LinkState::Used { purpose, at } => Confirmation::AlreadyUsed(purpose, at),
            LinkState::More => Confirmation::More,
            LinkState::AgentEnded => Confirmation::AgentEnded,
            LinkState::Stop(standing @ (StopStanding::Stopped | StopStanding::TooLate)) => {
                Confirmation::Objected(standing)
            }
            LinkState::Open { .. } | LinkState::Stop(_) | LinkState::NotValid => Confirmation::NotValid,
        })
    }

    async fn use_link(
        &self,
        link: TokenHash,
        present: fn(TokenHash) -> Presented,
    ) -> Result<Confirmation, DeskError> {
        if let Some(record) = self.ledger.challenge_by_token(&link).await? {
            match record.purpose {
                Purpose::Stop => return self.object(&record).await,
                Purpose::Agent => return self.agent_confirms(&record).await,
                Purpose::AgentEnd => return self.end_agent(&record).await,
                Purpose::Guardian if record.open => {
                    return self.guardian_confirms(link).await;
                }
                _ => {}
            }
        }
        Ok(match self.proofs.prove(present(link)).await? {
            Proof::Proven(proven) => Confirmation::Confirmed(proven),
            Proof::Used | Proof::NotValid => Confirmation::NotValid,
        })
    }

    /// The link of an agent, pressed in time or not.
    async fn agent_confirms(&self, record: &ChallengeRecord) -> Result<Confirmation, DeskError> {
        let proven = self.ledger.prove_agent(record.id, self.agent_pace()).await?;
        Ok(if proven { Confirmation::AgentProven } else { Confirmation::NotValid })
    }

    async fn end_agent(&self, record: &ChallengeRecord) -> Result<Confirmation, DeskError> {
        Ok(match self.ledger.end_agent(record.id).await? {
            AgentEnded::GoesOn(_) | AgentEnded::Closed(_) | AgentEnded::Stopped(_) => {
                Confirmation::AgentEnded
            }
            AgentEnded::NotValid => Confirmation::NotValid,
        })
    }

    /// Stops what can be stopped, and has staff told.
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
        let Some(record) = record.filter(|record| !record.purpose.is_of_download()) else {
            return Ok(None);
        };
        Ok(self.open(record.request).await?.map(|of| (record, of)))
    }
}

/// An agent's own link, or the one that ends their part.
fn of_agent(record: &ChallengeRecord, of: OpenRequest) -> LinkState {
    match record.purpose {
        purpose if record.open => {
            LinkState::Open { language: of.language, rights: of.submission.rights, purpose }
        }
        Purpose::AgentEnd if record.used_at.is_some() => LinkState::AgentEnded,
        purpose @ Purpose::Agent => match record.used_at.filter(|_| record.live) {
            Some(at) => LinkState::Used { purpose, at },
            None => LinkState::NotValid,
        },
        _ => LinkState::NotValid,
    }
}

/// An identity link that was used proved the address; in a request that still waits it leads to the second step until
/// it ends.
fn takes_more(record: &ChallengeRecord, of: &OpenRequest) -> bool {
    record.purpose == Purpose::Identity && record.live && of.state == RequestState::AwaitingVerification
}
