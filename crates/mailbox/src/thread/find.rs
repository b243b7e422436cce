//! From pointers to the request.

use habeas_domain::{MailId, Personal, RequestId};
use habeas_ledger::{Ledger, LedgerError, Threaded};
use habeas_vault::{ThreadOf, Vault};

use super::pointers::{MOST, detail, left_half, root};
use crate::Understanding;

/// By what a mail was found to belong to a request, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A token in an address that it went to.
    PlusAddress,
    /// A token in a Message-ID that it refers to.
    MessageId,
    /// A Message-ID of ours without a token.
    Reference,
}

impl By {
    /// The name used in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlusAddress => "plus-address",
            Self::MessageId => "message-id",
            Self::Reference => "reference",
        }
    }
}

/// The request that a mail belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thread {
    /// Which.
    pub request: RequestId,
    /// The mail of ours that it answers, where that is known.
    pub mail: Option<MailId>,
    /// How that is known.
    pub by: By,
    /// Whether `From` names the address that the request is about. A mail from another address is shown, and changes
    /// nothing by itself; nor does one from this address, since anybody can write it into `From`.
    pub from_subject: bool,
}

/// The request that a mail belongs to, if to any. A token of a request that is gone leads nowhere, and what comes after
/// it in the order is asked.
pub async fn thread_of(ledger: &Ledger, mail: &Understanding) -> Result<Option<Thread>, LedgerError> {
    let sender = mail.sender.address.as_ref();
    let thread = |found: Threaded, by| Thread {
        request: found.request,
        mail: found.mail,
        by,
        from_subject: found.from_subject,
    };
    for (of, by) in tokens(ledger.vault(), mail) {
        if let Some(found) = ledger.threaded(of, sender).await? {
            return Ok(Some(thread(found, by)));
        }
    }
    for id in mail.references.iter().take(MOST).filter_map(root) {
        if let Some(found) = ledger.threaded_by_id(id, sender).await? {
            return Ok(Some(thread(found, By::Reference)));
        }
    }
    Ok(None)
}

/// The tokens of ours in a mail.
fn tokens(vault: &Vault, mail: &Understanding) -> Vec<(ThreadOf, By)> {
    let addresses = mail.recipients.iter().take(MOST).filter_map(detail).map(|text| (text, By::PlusAddress));
    let ids = mail.references.iter().take(MOST).filter_map(left_half).map(|text| (text, By::MessageId));
    addresses.chain(ids).filter_map(|(text, by)| Some((vault.thread_of(text)?, by))).collect()
}

/// The mail of ours that a report is about: by the token in the address that the report went to, or in the Message-ID
/// of what it returns. Without such a token a report is nobody's, whatever it says.
pub fn bounced_mail(vault: &Vault, mail: &Understanding) -> Option<MailId> {
    let report = mail.bounce.as_ref()?;
    let addresses = mail.recipients.iter().take(MOST).filter_map(detail);
    let ids = report.original_message_ids.iter().take(MOST).filter_map(left_half);
    addresses.chain(ids).find_map(|text| match vault.thread_of(text) {
        Some(ThreadOf::Mail(id)) => Some(id),
        _ => None,
    })
}

/// Whether a Message-ID or an address carries a token of ours: nobody else can have made it. A mail that has one as its
/// own Message-ID is one of ours that came back.
pub fn is_ours(vault: &Vault, id_or_address: &Personal<String>) -> bool {
    let parts = [left_half(id_or_address), detail(id_or_address)];
    parts.into_iter().flatten().any(|text| vault.thread_of(text).is_some())
}
