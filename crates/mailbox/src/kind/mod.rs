//! What wrote a mail: a person, or a machine that must never be answered (RFC 3834, section 2).

mod bounce;
mod list;
mod machine;
mod returned;

pub(crate) use machine::is_of_a_program;

use habeas_domain::received_mail::Verdict;

use crate::{Bounced, mime::Mail, reader::Parts, rules::Findings};

/// A mail that no person wrote to us.
pub(crate) struct Machine {
    pub(crate) verdict: Verdict,
    /// In words for staff.
    pub(crate) reason: String,
    pub(crate) bounce: Option<Bounced>,
}

impl Machine {
    fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), bounce: None }
    }
}

/// Whether no person wrote this mail to us, and what it is then. Where the text asks for a right without doubt the weaker signs
/// of a machine do not count.
pub(crate) fn of_machine(mail: &Mail<'_>, text: &str, findings: &Findings, parts: &Parts) -> Option<Machine> {
    returned::find(mail, parts)
        .or_else(|| bounce::find(mail, parts))
        .or_else(|| machine::find(mail, text, findings, parts))
        .or_else(|| list::find(mail, parts))
}

/// The part of the sender's address before the `@`, in lower case.
fn sender_name(mail: &Mail<'_>) -> String {
    let from = mail.fields.mailboxes("from").into_iter().find_map(|from| from.address.or(from.name));
    let address = from.unwrap_or_default().to_lowercase();
    address.split('@').next().unwrap_or_default().to_owned()
}

/// Whether the envelope had no sender (RFC 5321, section 4.5.5).
fn has_null_sender(mail: &Mail<'_>) -> bool {
    mail.fields.all("return-path").next().is_some_and(|value| {
        let plain: Vec<u8> = value.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        plain == b"<>"
    })
}
