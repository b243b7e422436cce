use habeas_domain::{Actor, Channel, EmailAddress, Submission, submission::Subject, text::FreeText};
use habeas_ledger::{Accepted, NewRequest, OpenRequest};

use super::{ReceiveError, Reception, unknown_regime};
use crate::measure;

impl Reception {
    /// Takes what was asked in a request once more, for an address that the stores hold with something its person named; but for
    /// corrections, whose values are those of one account.
    /// Whoever holds the address is asked whether they want it, and told nothing of what was written in the first request but its
    /// number. Asking again for the same address makes no second request.
    ///
    /// # Errors
    /// As for any submission.
    pub async fn receive_anew(
        &self,
        of: &OpenRequest,
        address: &EmailAddress,
    ) -> Result<Accepted, ReceiveError> {
        let key = format!("anew/{}/{}", of.id, address.lookup_form().expose());
        let submission = Submission {
            channel: Channel::Form,
            received_at: self.0.ledger.ids().now(),
            received_at_given: false,
            subject: Subject { email: address.clone(), name: None, phone: None, identifiers: Vec::new() },
            agent: None,
            child: None,
            rights: of.submission.rights.iter().copied().filter(|right| right.can_be_asked_anew()).collect(),
            corrections: Vec::new(),
            message: None,
            external_reference: FreeText::parse(&of.id.reference()).ok(),
            ..of.submission.clone()
        };
        let received = match self.request(submission, Actor::Subject.into(), Some(key)) {
            // The address is perhaps somebody else's, who would only be bothered by a receipt.
            Some(new) => self.accept(NewRequest { receipt: false, ..new }).await,
            None => Err(ReceiveError::Problems(vec![unknown_regime()])),
        };
        measure::outcome(Channel::Form, received.as_ref().map_or("failed", |_| "accepted"));
        received
    }
}
