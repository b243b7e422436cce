//! Parents and guardians of children: naming them, and their own link.

use std::sync::Arc;

use habeas_domain::{
    Actor, Calendars, Deadline, Regime, RegimeId, Regimes, RequestId,
    regime::ChildRule,
    submission::{Child, NamedGuardian},
    verification::{Evidence, EvidenceOutcome, EvidenceRefused, Method, VerificationPolicy},
};
use habeas_ledger::{ChallengeRecord, Ledger, LedgerError, OpenRequest, Presented, Proof};
use habeas_vault::TokenHash;

use crate::{Challenges, Confirmation, Desk, DeskError};

/// Names guardians on behalf of staff. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Guardians {
    ledger: Ledger,
    challenges: Challenges,
    regimes: Arc<Regimes>,
    calendars: Arc<Calendars>,
}

impl Guardians {
    /// Over `ledger`, with links that `challenges` makes and what each of `regimes` takes for a child, counted by `calendars`.
    pub const fn new(
        ledger: Ledger,
        challenges: Challenges,
        regimes: Arc<Regimes>,
        calendars: Arc<Calendars>,
    ) -> Self {
        Self { ledger, challenges, regimes, calendars }
    }

    /// Takes a request for one about a child, names its guardian, and mails them their link. A child is answered sooner, where
    /// the law or the company says so.
    ///
    /// # Errors
    /// [`LedgerError::Evidence`] if it does not wait for proof, or a guardian is named already.
    pub async fn name(&self, request: RequestId, named: NamedGuardian, by: Actor) -> Result<(), LedgerError> {
        let of = self.ledger.open_request(request).await?;
        let regime = RegimeId::new(of.regime.clone()).ok().and_then(|id| self.regimes.get(&id));
        let policy = regime.map_or_else(VerificationPolicy::guardian, |one| one.child.verification.clone());
        // An age that is no child's is none: somebody has to look.
        let limit = regime.map_or_else(|| ChildRule::default().age_in(None), |one| one.child.age_in(None));
        let age_given = named.child_age.is_some_and(|age| age < limit);
        let policy = if age_given { policy } else { policy.with_guardian_looked_at() };
        let guardian = named.guardian;
        let deadline = regime.and_then(|regime| self.deadline(regime, &of));
        let link = self.challenges.guardian(&of, &guardian.email);
        let child = Child { guardian: Some(guardian), age_given };
        self.ledger.name_guardian(request, child, (&policy, deadline.as_ref()), link, by).await
    }

    /// By when a child's request is answered. Nothing if its law's calendar is gone; then the date stays.
    fn deadline(&self, regime: &Regime, of: &OpenRequest) -> Option<Deadline> {
        let calendar = self.calendars.of(regime).ok()?;
        let said = &of.submission;
        let usual = Deadline::compute(regime, &calendar, &said.rights, said.received_at, None);
        Some(usual.for_child(regime, &calendar))
    }
}

impl Desk {
    /// A guardian presses the button. Whether the stores hold their address is looked up first, so that a store which is
    /// away uses up no link; and it is told nowhere.
    pub(crate) async fn guardian_confirms(
        &self,
        record: &ChallengeRecord,
        link: TokenHash,
    ) -> Result<Confirmation, DeskError> {
        let on_file = self.is_on_file(record.request).await?;
        let proven = match self.prove(Presented::Link(link)).await? {
            Proof::Proven(proven) => proven,
            Proof::Used => return Ok(Confirmation::AlreadyUsed),
            Proof::NotValid => return Ok(Confirmation::NotValid),
        };
        if on_file && proven.more {
            self.record_on_file(record.request).await?;
        }
        Ok(Confirmation::Confirmed(habeas_ledger::Proven { more: false, ..proven }))
    }

    async fn is_on_file(&self, request: RequestId) -> Result<bool, DeskError> {
        let Some(of) = self.open(request).await? else { return Ok(false) };
        let policy = self.ledger().identity(request).await?.policy;
        let (Some(files), Some(guardian)) = (self.files(), of.guardian()) else { return Ok(false) };
        if !policy.counts(Method::GuardianOnFile) {
            return Ok(false);
        }
        let held = files.of(&of.submission.subject.email).await?;
        let own = guardian.email.lookup_form();
        Ok(held.guardians.iter().any(|address| address.lookup_form() == own))
    }

    async fn record_on_file(&self, request: RequestId) -> Result<(), DeskError> {
        let shown = Evidence {
            method: Method::GuardianOnFile,
            outcome: EvidenceOutcome::Passed,
            at: self.ledger().ids().now(),
            by: Actor::System,
            answers: 0,
            note: None,
        };
        match self.ledger().record_evidence(request, shown).await {
            // Staff were faster, or somebody took it back.
            Ok(_) | Err(LedgerError::Evidence(EvidenceRefused::NotAwaited)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Challenges {
    /// What the mails of a request about a child begin with, beside the child's own: nothing if nobody is named.
    pub(crate) fn named_guardian(&self, of: &OpenRequest) -> Option<habeas_ledger::NewChallenge> {
        of.guardian().map(|guardian| self.guardian(of, &guardian.email))
    }
}
