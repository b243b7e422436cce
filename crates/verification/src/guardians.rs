//! Parents and guardians of children: naming them, and their own link.

use std::sync::Arc;

use habeas_domain::{
    Actor, Calendars, Deadline, Regime, RegimeId, Regimes, RequestId,
    regime::ChildRule,
    submission::{Child, NamedGuardian},
    verification::VerificationPolicy,
};
use habeas_ledger::{Ledger, LedgerError, OpenRequest, Presented, Proof};
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
    /// A guardian presses the button. Whether the stores hold their address is looked up afterwards, when nobody waits for it;
    /// it is told nowhere.
    pub(crate) async fn guardian_confirms(&self, link: TokenHash) -> Result<Confirmation, DeskError> {
        Ok(match self.prove(Presented::Link(link)).await? {
            Proof::Proven(proven) => Confirmation::Confirmed(habeas_ledger::Proven { more: false, ..proven }),
            Proof::Used | Proof::NotValid => Confirmation::NotValid,
        })
    }
}

impl Challenges {
    /// What the mails of a request about a child begin with, beside the child's own: nothing if nobody is named.
    pub(crate) fn named_guardian(&self, of: &OpenRequest) -> Option<habeas_ledger::NewChallenge> {
        of.guardian().map(|guardian| self.guardian(of, &guardian.email))
    }
}
