//! What in a mail staff should look at twice: the signs of somebody who wants to be believed without a proof. They change
//! nothing about what becomes of it.

use crate::{IdentifierKind, Understanding};

/// The reason for a decision, with the signs behind it. Holds nothing of the mail.
pub(super) fn with_signs(reason: String, mail: &Understanding) -> String {
    let signs = signs(mail);
    if signs.is_empty() || !mail.verdict.may_be_answered() {
        return reason;
    }
    format!("{reason}; look out: {}", signs.join(", "))
}

fn signs(mail: &Understanding) -> Vec<&'static str> {
    let all = [
        (names_another_address(mail), "it names another address than the sender's"),
        (mail.sender.reply_to.is_some(), "it wants its answer at another address"),
        (!mail.urgent.is_empty(), "it presses for time"),
    ];
    all.into_iter().filter_map(|(is_there, words)| is_there.then_some(words)).collect()
}

fn names_another_address(mail: &Understanding) -> bool {
    let sender = mail.sender.address.as_ref().map(|sender| sender.lookup_form().into_inner());
    let addresses = mail.identifiers.iter().filter(|found| found.kind == IdentifierKind::Email);
    addresses.map(|found| found.value.expose().to_lowercase()).any(|named| Some(named) != sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reader, ReaderOptions, understand};

    fn reason(head: &str, text: &str) -> String {
        let reader = Reader::new(ReaderOptions::default()).expect("a reader");
        let raw = format!("From: ann@example.com\n{head}\n{text}\n");
        with_signs("asked".to_owned(), &understand(raw.as_bytes(), &reader))
    }

    #[test]
    fn whoever_wants_to_be_believed_is_pointed_out() {
        let text = "I lost my mailbox bob@example.com. Please send me a copy of my data.";
        assert_eq!(reason("", text), "asked; look out: it names another address than the sender's");
        let elsewhere = reason("Reply-To: eve@example.com\n", "Please send me a copy of my data.");
        assert_eq!(elsewhere, "asked; look out: it wants its answer at another address");
    }

    #[test]
    fn an_ordinary_mail_is_not() {
        let text = "Please send me a copy of my data. My address is Ann@example.com.";
        assert_eq!(reason("", text), "asked");
        let machine = reason("Auto-Submitted: auto-replied\n", "Write to bob@example.com instead.");
        assert_eq!(machine, "asked", "nobody looks at what a machine says");
    }
}
