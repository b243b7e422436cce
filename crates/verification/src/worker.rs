use std::collections::HashMap;

use async_trait::async_trait;
use habeas_domain::{Fault, RequestId};
use habeas_ledger::{Claimed, Lease, Ledger, LedgerError, NewChallenge, OpenRequest};
use habeas_runtime::{Failure, Worker};

use crate::Challenges;

/// Makes the first link and code of every request, those of agents, and the warnings before a deletion, and has them
/// mailed.
#[derive(Debug, Clone)]
pub struct ChallengeWorker {
    pub(crate) ledger: Ledger,
    pub(crate) challenges: Challenges,
}

impl ChallengeWorker {
    /// A worker that stores in `ledger` what `challenges` makes.
    pub const fn new(ledger: Ledger, challenges: Challenges) -> Self {
        Self { ledger, challenges }
    }

    /// One mail, and for a child whose guardian is named a second.
    async fn challenge(&self, claimed: &Claimed, of: Option<&OpenRequest>) -> Result<Vec<Made>, Failure> {
        let of = of.ok_or_else(|| Failure::new(claimed, LedgerError::Erased))?;
        let code = self.challenges.code().await.map_err(|error| Failure::new(claimed, error))?;
        // Until an agent has shown who they are, nobody else is written to.
        if of.agent_waits {
            let own = self.challenges.agent(of, &code);
            return Ok(own.into_iter().map(|new| (claimed.lease, claimed.request, new)).collect());
        }
        let own = self.challenges.identity(of, &code);
        let all = std::iter::once(own).chain(self.challenges.named_guardian(of));
        Ok(all.map(|new| (claimed.lease, claimed.request, new)).collect())
    }

    /// Hashes the group's codes side by side, as far as the vault lets them.
    async fn make(
        &self,
        group: &[Claimed],
        open: &HashMap<RequestId, OpenRequest>,
    ) -> (Vec<Made>, Vec<Failure>) {
        let first = group.iter().filter(|claimed| claimed.job.is_none());
        let making = first.map(|claimed| self.challenge(claimed, open.get(&claimed.request)));
        let (mut made, mut failures) = (Vec::with_capacity(group.len()), Vec::new());
        for result in futures::future::join_all(making).await {
            match result {
                Ok(one) => made.extend(one),
                Err(failure) => failures.push(failure),
            }
        }
        (made, failures)
    }
}

type Made = (Lease, RequestId, NewChallenge);

#[async_trait]
impl Worker for ChallengeWorker {
    fn name(&self) -> &'static str {
        "challenge"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        let ids: Vec<RequestId> = group.iter().map(|claimed| claimed.request).collect();
        let open = match self.ledger.open_requests(&ids).await {
            Ok(open) => open,
            Err(error) => return Failure::all(&group, &Fault::from(error)),
        };
        let (made, mut failures) = self.make(&group, &open).await;
        failures.extend(self.warn(&group, &open).await);
        let stored: Vec<(Lease, RequestId)> =
            made.iter().map(|(lease, request, _)| (*lease, *request)).collect();
        fail::fail_point!("challenge::before_commit");
        let committed = self.ledger.challenged(made).await;
        fail::fail_point!("challenge::after_commit");
        if let Err(error) = committed {
            let fault = Fault::from(error);
            failures.extend(stored.into_iter().map(|(lease, request)| Failure {
                lease,
                request,
                fault: fault.clone(),
            }));
        }
        failures
    }
}
