//! What is done with a mail. Pure: one place, no input or output.

use habeas_domain::{EmailAddress, RequestId, received_mail::Verdict};

use super::MailboxRules;
use crate::{Understanding, kind::is_of_a_program};

/// What is to be done with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// Take it as a request.
    Take,
    /// Leave it to staff.
    Propose(String),
    /// Put it with its request.
    File(RequestId, String),
    /// Keep it and do nothing.
    SetAside(String),
    /// It asks for nothing: keep it and do nothing; the sender may be sent the address of the form.
    AsksNothing(String),
    /// Nobody could read it: keep it for staff to look at; the sender may be sent the address of the form.
    Park {
        /// Why.
        reason: String,
        /// Whether a person wrote it who could be answered.
        answerable: bool,
    },
}

impl Course {
    pub(super) fn of(mail: &Understanding, belongs_to: Option<RequestId>, rules: &MailboxRules) -> Self {
        let reason = mail.reason.clone();
        let own = mail.sender.address.as_ref().is_some_and(|sender| {
            rules.own_addresses.iter().any(|own| own.lookup_form().expose() == sender.lookup_form().expose())
        });
        if own {
            return Self::of_a_machine(mail, "it comes from an address of our own".to_owned());
        }
        match (mail.verdict, belongs_to) {
            (Verdict::Bounce, Some(request)) => Self::File(request, reason),
            (Verdict::Bounce | Verdict::AutoReply | Verdict::List | Verdict::Loop, _) => {
                Self::of_a_machine(mail, reason)
            }
            _ => Self::of_a_person(mail, belongs_to, reason),
        }
    }

    /// A company's form writes in its own name, and an agent through a bulk sender: what asks without doubt is for staff,
    /// however it was sent, unless a token shows that it is about a mail of ours. Nobody is written to because of it.
    fn of_a_machine(mail: &Understanding, reason: String) -> Self {
        if mail.is_sure() && !mail.is_ours {
            return Self::Propose(format!(
                "it asks for something, and no person seems to have sent it: {reason}"
            ));
        }
        Self::SetAside(reason)
    }

    fn of_a_person(mail: &Understanding, belongs_to: Option<RequestId>, reason: String) -> Self {
        let sure = mail.rights.iter().any(|right| right.sure);
        let reason = match (belongs_to, mail.other_address.as_slice()) {
            (Some(_), [_, ..]) => format!(
                "it wants answers to go to another address ({}), which is refused in an open case; {reason}",
                mail.other_address.join(", ")
            ),
            _ => reason,
        };
        if let Some(request) = belongs_to {
            if sure {
                let named = request.reference();
                return Self::Propose(format!(
                    "it answers a mail about {named} and asks for something: {reason}"
                ));
            }
            return Self::File(request, reason);
        }
        if mail.sender.address.is_none() {
            let reason = format!("it has no sender that could be answered: {reason}");
            return Self::Park { reason, answerable: false };
        }
        if mail.sender.address.as_ref().is_some_and(is_deaf) {
            let reason =
                format!("its sender takes no answers, so somebody else asks, as in a form: {reason}");
            return Self::Propose(reason);
        }
        if let Some(agent) = &mail.agent {
            let who = if agent.guardian {
                "a parent or guardian writes for a child"
            } else {
                "somebody writes for somebody else"
            };
            return Self::Propose(format!("{who} ({})", agent.words.join(", ")));
        }
        if mail.forwarded.is_some() {
            return Self::Propose("it was passed on: whose request it is must be decided".to_owned());
        }
        if sure && !mail.others.is_empty() {
            // A request would hold but a part of what is asked for, and the rest would be lost.
            return Self::Propose(format!("no job fulfils all that is asked for: {reason}"));
        }
        match mail.verdict {
            Verdict::Request | Verdict::Reply if sure => Self::Take,
            Verdict::Parked if mail.text.expose().is_empty() => Self::Park { reason, answerable: true },
            Verdict::Parked => Self::AsksNothing(reason),
            _ => Self::Propose(reason),
        }
    }
}

/// Whether nobody reads what is sent to an address, as its name says.
fn is_deaf(address: &EmailAddress) -> bool {
    let form = address.lookup_form().into_inner();
    is_of_a_program(form.split('@').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reader, ReaderOptions, understand};

    fn course(text: &str) -> Course {
        let reader = Reader::new(ReaderOptions::default()).expect("a reader");
        let raw = format!("From: ann@example.com\n\n{text}\n");
        Course::of(&understand(raw.as_bytes(), &reader), None, &MailboxRules::default())
    }

    #[test]
    fn what_jobs_fulfil_is_taken() {
        assert_eq!(course("Please send me a copy of my data. Then delete my account."), Course::Take);
    }

    #[test]
    fn what_came_through_a_form_is_not_taken_as_the_request_of_its_program() {
        let reader = Reader::new(ReaderOptions::default()).expect("a reader");
        let of = |name: &str, text: &str| {
            let raw = format!(
                "From: Shop <{name}@forms.example>\nReply-To: ann@example.com\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
            );
            Course::of(&understand(raw.as_bytes(), &reader), None, &MailboxRules::default())
        };
        for text in [
            "Please delete all my personal data.",
            "私の個人情報を見た人がいるようです。",
            "Right to erasure?",
        ] {
            assert!(matches!(of("noreply", text), Course::Propose(_)), "{text}");
        }
        assert!(matches!(of("wordpress", "Please delete all my personal data."), Course::Propose(_)));
        assert_eq!(of("ann.smith", "Please delete all my personal data."), Course::Take);
        assert!(matches!(of("no-reply", "Your parcel arrives today."), Course::SetAside(_)));
    }

    /// The letter with the address of the form says so.
    #[test]
    fn a_reply_that_asks_for_nothing_is_read_by_a_person() {
        let reader = Reader::new(ReaderOptions::default()).expect("a reader");
        for text in
            ["Thank you, but I only wondered when the shop opens.", "営業時間を知りたかっただけです。"]
        {
            let raw = format!(
                "From: ann@example.com\nContent-Type: text/plain; charset=utf-8\nIn-Reply-To: <form@example.jp>\n\n{text}\n"
            );
            let mail = understand(raw.as_bytes(), &reader);
            assert!(
                matches!(Course::of(&mail, None, &MailboxRules::default()), Course::Propose(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_no_job_fulfils_goes_to_staff_with_the_rest() {
        for text in [
            "Please delete my account. Also unsubscribe me from your newsletter.",
            "I request restriction of processing of my data under Article 18.",
        ] {
            assert!(matches!(course(text), Course::Propose(_)), "{text}");
        }
    }
}
