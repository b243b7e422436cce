//! Looking up in the stores what a person says that they are known by, and whether they hold a guardian's address. Nobody waits
//! for it: a page that did would be slower, or fail, exactly for whom the stores know.

use std::sync::Arc;

use async_trait::async_trait;
use habeas_domain::{
    Actor, EmailAddress, Fault, Personal, RequestState,
    verification::{Evidence, EvidenceOutcome, EvidenceRefused, Method},
};
use habeas_ledger::{Attempt, Claimed, Ledger, LedgerError, OpenRequest};
use habeas_runtime::{Failure, Worker};

use crate::{
    AskAnew, Challenges,
    on_file::{Files, is_somebody_else},
};

/// Looks up, and writes to the address on file, or records that a guardian's is.
#[derive(Clone)]
pub struct LookUpWorker {
    ledger: Ledger,
    challenges: Challenges,
    files: Arc<dyn Files>,
    anew: Arc<dyn AskAnew>,
}

impl std::fmt::Debug for LookUpWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LookUpWorker").field("challenges", &self.challenges).finish_non_exhaustive()
    }
}

impl LookUpWorker {
    /// A worker that asks `files`, sends codes that `challenges` makes, and has people asked anew by `anew`.
    pub fn new(
        ledger: Ledger,
        challenges: Challenges,
        files: Arc<dyn Files>,
        anew: Arc<dyn AskAnew>,
    ) -> Self {
        Self { ledger, challenges, files, anew }
    }

    async fn look_up(&self, of: &OpenRequest, named: Option<&Personal<String>>) -> Result<(), Fault> {
        match named {
            Some(named) => self.lead(of, named).await,
            None if of.state == RequestState::AwaitingVerification => self.guardian(of).await,
            None => Ok(()),
        }
    }

    /// Writes to the address on file to which `named` leads, unless it leads nowhere, or too much went there today.
    async fn lead(&self, of: &OpenRequest, named: &Personal<String>) -> Result<(), Fault> {
        let lead = self.files.lead(named).await?;
        let Some(address) = lead.filter(|address| of.proven_addresses().all(|own| own != address)) else {
            return Ok(());
        };
        // Whoever holds that address is not to be flooded by others who name it.
        let most = self.challenges.options().other_identifiers_a_day;
        if !self.ledger.attempt_at(&address, Attempt::OnFileCode, most).await? {
            return Ok(());
        }
        if of.state != RequestState::AwaitingVerification {
            return self.anew.ask_anew(of, &address).await;
        }
        // With what is on file about one person nobody proves themselves for the data of another.
        if is_somebody_else(&*self.files, of, &address).await? {
            return self.ask_beside(of, &address).await;
        }
        self.send_code(of, &address, most).await
    }

    /// Has the holder of an address asked by a request of its own, if anything of this one can be asked for them.
    async fn ask_beside(&self, of: &OpenRequest, address: &EmailAddress) -> Result<(), Fault> {
        let some = of.submission.rights.iter().any(|right| right.can_be_asked_anew());
        if some { self.anew.ask_anew(of, address).await } else { Ok(()) }
    }

    async fn send_code(&self, of: &OpenRequest, address: &EmailAddress, most: u64) -> Result<(), Fault> {
        let code = self.challenges.code().await.map_err(|error| Fault {
            code: "vault".to_owned(),
            detail: error.to_string(),
            retry: error.retry(),
        })?;
        let new = self.challenges.on_file(address, &code);
        self.ledger.challenge_on_file(of.id, address, new, most).await?;
        Ok(())
    }

    /// Records it where the stores hold the guardian's own address as that of the child's guardian.
    async fn guardian(&self, of: &OpenRequest) -> Result<(), Fault> {
        let Some(guardian) = of.guardian() else { return Ok(()) };
        let held = self.files.of(&of.submission.subject.email).await?;
        let own = guardian.email.lookup_form();
        if held.guardians.iter().all(|address| address.lookup_form() != own) {
            return Ok(());
        }
        let shown = Evidence {
            method: Method::GuardianOnFile,
            outcome: EvidenceOutcome::Passed,
            at: self.ledger.ids().now(),
            by: Actor::System,
            answers: 0,
            note: None,
        };
        match self.ledger.record_evidence(of.id, shown).await {
            // Staff were faster, or somebody took it back.
            Ok(_) | Err(LedgerError::Evidence(EvidenceRefused::NotAwaited)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn run_group(&self, group: &[Claimed]) -> Result<Vec<Failure>, LedgerError> {
        let ids: Vec<_> = group.iter().map(|claimed| claimed.request).collect();
        let open = self.ledger.open_requests(&ids).await?;
        let named = self.ledger.named(group, &open).await?;
        let (mut done, mut failures) = (Vec::with_capacity(group.len()), Vec::new());
        for claimed in group {
            let looked = match open.get(&claimed.request) {
                Some(of) => self.look_up(of, named.get(&claimed.lease.work)).await,
                None => Ok(()),
            };
            match looked {
                Ok(()) => done.push(claimed.clone()),
                Err(fault) => failures.push(Failure::new(claimed, fault)),
            }
        }
        self.ledger.looked_up(&done).await?;
        Ok(failures)
    }
}

#[async_trait]
impl Worker for LookUpWorker {
    fn name(&self) -> &'static str {
        "look-up"
    }

    async fn run(&self, group: Vec<Claimed>) -> Vec<Failure> {
        match self.run_group(&group).await {
            Ok(failures) => failures,
            Err(error) => Failure::all(&group, &Fault::from(error)),
        }
    }
}
