//! Referring people to the companies on whose orders data are held. Nothing here depends on what is held: everybody is
//! referred to every such company, so that a referral tells nothing.

use habeas_domain::{Letter, Outcome, Personal, letter::Referral};
use habeas_ledger::{NewReferral, OpenRequest};

use crate::Fulfilment;

impl Fulfilment {
    /// Whom every person is referred to.
    pub(crate) fn referrals(&self) -> Vec<Referral> {
        let controllers = self.registry.controllers();
        controllers
            .map(|(_, controller)| Referral {
                name: controller.name.clone(),
                email: controller.email.as_str().to_owned(),
                url: controller.url.clone(),
            })
            .collect()
    }

    /// Word to each of them that this person came to us: what was asked, and the address that the person has proven,
    /// without their name or message.
    pub(crate) fn notices_to_controllers(&self, request: &OpenRequest) -> Vec<NewReferral> {
        let controllers = self.registry.controllers();
        controllers
            .map(|(store, controller)| NewReferral {
                store: store.clone(),
                to: Personal::new(controller.email.as_str().to_owned()),
                letter: Letter::ControllerNotice {
                    rights: request.submission.rights.clone(),
                    received_at: request.received_at,
                    person: Personal::new(request.submission.subject.email.as_str().to_owned()),
                    language: controller.language,
                },
            })
            .collect()
    }

    /// What a job comes to in a company that holds nothing on its own account.
    pub(crate) fn unless_referred(&self, outcome: Outcome) -> Outcome {
        let ours = self.registry.own().next().is_some();
        if !ours && outcome == Outcome::NothingHeld { Outcome::Referred } else { outcome }
    }
}
