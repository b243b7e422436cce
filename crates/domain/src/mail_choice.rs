//! What staff add to a mail that becomes a request.

use crate::{EmailAddress, PersonName, RegimeId, Right};

/// What staff decide about a mail where it does not say it, or says it wrong.
#[derive(Debug, Clone, Default)]
pub struct MailChoice {
    /// The rights; nothing means those that the mail asks for without doubt.
    pub rights: Option<Vec<Right>>,
    /// Whose request it is; nothing means the sender's.
    pub subject: Option<EmailAddress>,
    /// The law; nothing means what the mail names, or the default.
    pub regime: Option<RegimeId>,
    /// Whether the sender writes as the parent or guardian of the person, who is a child.
    pub by_guardian: bool,
    /// The name of that parent or guardian; nothing means the one that the mail gives its sender.
    pub guardian_name: Option<PersonName>,
    /// The child's age in years. Without it, that the stores hold the guardian is not enough.
    pub child_age: Option<u8>,
}
