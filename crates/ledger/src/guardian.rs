//! Requests about children: who stands for the child, and how far they are.

use habeas_domain::{
    Actor, RequestId, RequestState,
    audit::AuditEvent,
    submission::{Child, Guardian},
    verification::{EvidenceRefused, VerificationPolicy},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Ledger, LedgerError, NewChallenge, evidence, sealed, sealed::OpenRequest};

/// How far the guardian of a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardianStanding {
    /// Nobody is named. Waits for staff.
    Unnamed,
    /// Somebody is named, and was mailed a link.
    Named,
    /// They confirmed that they are the guardian. That proves nothing yet but that the address is theirs.
    Confirmed,
}

impl GuardianStanding {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Unnamed, Self::Named, Self::Confirmed];

    /// The name used in columns and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unnamed => "unnamed",
            Self::Named => "named",
            Self::Confirmed => "confirmed",
        }
    }

    pub(crate) const fn of(child: &Child) -> Self {
        if child.guardian.is_some() { Self::Named } else { Self::Unnamed }
    }
}

impl std::str::FromStr for GuardianStanding {
    type Err = habeas_domain::request::UnknownState;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(habeas_domain::request::UnknownState)
    }
}

impl Ledger {
    /// Takes an open request for one about a child whose guardian this is, and orders the guardian's mail. From then on
    /// the request takes what `policy` says, whatever it took before. Naming the same one again sends a new link.
    ///
    /// # Errors
    /// [`LedgerError::Evidence`] if it does not wait for proof, or another guardian is named already: the addresses of an open
    /// request are never changed.
    pub async fn name_guardian(
        &self,
        request: RequestId,
        guardian: Guardian,
        policy: &VerificationPolicy,
        link: NewChallenge,
        by: Actor,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        if row.state != RequestState::AwaitingVerification.as_str() {
            return Err(EvidenceRefused::NotAwaited.into());
        }
        let mut submission = OpenRequest::open(self.vault(), row)?.submission;
        let named = submission.child.as_ref().and_then(|child| child.guardian.as_ref());
        let again = named.map(|named| named.email.lookup_form() == guardian.email.lookup_form());
        match again {
            Some(false) => return Err(EvidenceRefused::GuardianNamed.into()),
            Some(true) => {}
            None => {
                submission.child = Some(Child { guardian: Some(guardian) });
                let key = sealed::key(self.vault(), row)?;
                row.personal = Some(self.vault().seal_json(&key, &sealed::personal(request), &submission)?);
                if row.guardian.is_none() {
                    row.verification = evidence::stored(policy)?;
                }
                row.guardian = Some(GuardianStanding::Named.as_str().to_owned());
                // Whatever the child said before about who gets the results.
                row.agent_receives_at = None;
                unit.changes.request(row);
            }
        }
        unit.challenge(row, None, link)?;
        let detail = json!({ "article": policy.article, "again": again.is_some() });
        unit.audit(request, AuditEvent::new("guardian-named", by).with(detail));
        unit.commit().await
    }
}
