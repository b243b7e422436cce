//! Finding a person's requests without storing who they are.

use habeas_domain::EmailAddress;

use crate::Ledger;

impl Ledger {
    /// The pseudonym under which requests of this address are kept.
    pub(crate) fn subject_lookup(&self, email: &EmailAddress) -> Vec<u8> {
        self.vault().lookup("email", email.lookup_form().expose()).as_bytes().to_vec()
    }
}
