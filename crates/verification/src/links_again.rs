//! Links that staff have mailed again, to whoever says that no mail came.

use habeas_domain::{Actor, Fault, RequestState, submission::Correction};
use habeas_ledger::{Ledger, OpenRequest};

use crate::Challenges;

/// Mails links again on the word of staff: to the addresses that the request has, and to no other.
#[derive(Debug, Clone)]
pub struct LinksAgain {
    ledger: Ledger,
    challenges: Challenges,
}

impl LinksAgain {
    /// Links as `challenges` makes them, for requests in `ledger`.
    pub const fn new(ledger: Ledger, challenges: Challenges) -> Self {
        Self { ledger, challenges }
    }

    /// Whether a request waits for its person, or a child's guardian, to press a link.
    pub fn waits(of: &OpenRequest) -> bool {
        of.state == RequestState::AwaitingVerification && !of.agent_waits
    }

    /// Mails the person of `of` a new link and code, and a child's guardian a new link. Older codes are void, older links
    /// live on. Returns false if the person was sent as many as may be sent in 24 hours, or nothing may be sent now.
    ///
    /// # Errors
    /// A [`Fault`] when nothing could be made or stored.
    pub async fn mail(&self, of: &OpenRequest, by: Actor) -> Result<bool, Fault> {
        let code = self.challenges.code().await?;
        let most = self.challenges.options().codes_a_day;
        let own = self.challenges.identity(of, &code);
        let mut sent = self.ledger.challenge_for(of.id, own, most, by).await?;
        if let Some(guardians) = self.challenges.named_guardian(of) {
            sent |= self.ledger.challenge_for(of.id, guardians, most, by).await?;
        }
        Ok(sent)
    }

    /// Mails a new link to each new address that a correction of `of` names; the links before end, and so does what was
    /// confirmed of several. Returns false if none is waited for, or as many were sent as may be sent in 24 hours.
    ///
    /// # Errors
    /// A [`Fault`] when nothing could be stored.
    pub async fn new_addresses(&self, of: &OpenRequest, by: Actor) -> Result<bool, Fault> {
        let addresses = of.submission.corrections.iter().filter_map(Correction::new_address);
        let links = addresses.map(|address| self.challenges.confirmation(&address, of.language)).collect();
        let most = self.challenges.options().codes_a_day;
        Ok(self.ledger.confirm_addresses_again(of.id, links, most, by).await?)
    }
}
