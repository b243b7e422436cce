//! Mails that come in: what one can be taken to be, where it stands, and what stands behind its sender.

use serde::{Deserialize, Serialize};

use crate::{IllegalTransition, request::UnknownState, words};

/// What a mail is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It asks for at least one right, without doubt.
    Request,
    /// It may ask for something: staff decide.
    Proposal,
    /// It belongs to a request that is there already.
    Reply,
    /// A mail server says that a mail could not be delivered (RFC 3464, and the many that are not).
    Bounce,
    /// A machine answered: an absence note, a receipt (RFC 3834).
    AutoReply,
    /// It went to a list, or to many.
    List,
    /// One of our own mails came back, or a mail that goes round.
    Loop,
    /// Nothing that can be acted on: its reason says why.
    Parked,
}

words!(Verdict, or UnknownState:
    Request = "request", Proposal = "proposal", Reply = "reply", Bounce = "bounce", AutoReply = "auto-reply",
    List = "list", Loop = "loop", Parked = "parked",
);

impl Verdict {
    /// Whether a machine may answer a mail of this kind at all (RFC 3834, section 2).
    pub const fn may_be_answered(self) -> bool {
        matches!(self, Self::Request | Self::Proposal | Self::Reply | Self::Parked)
    }
}

/// Whether the domain of the sender stands behind a mail (RFC 7489, identifier alignment). Evidence that staff see;
/// never a verification of anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderAuthentication {
    /// A valid DKIM signature or SPF result of the very domain in `From`.
    Aligned,
    /// The domain in `From` says how its mails can be told, and this one cannot be.
    Unaligned,
    /// Nothing can be said: the domain publishes nothing, or it was not looked up.
    None,
}

words!(SenderAuthentication, or UnknownState:
    Aligned = "aligned", Unaligned = "unaligned", None = "none",
);

/// Who wrote a mail of a request, by the address in its `From`: evidence, never a proof, since `From` can say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writer {
    /// It names the address that the request is about.
    Subject,
    /// It names another address, or none. Such a mail is shown, and decides nothing by itself.
    Other,
}

words!(Writer, or UnknownState: Subject = "subject", Other = "other");

/// What a reply says of the request it belongs to, by the words of the rules. Until staff have read it, nothing begins that
/// cannot be undone; to end the request takes staff, or the person's own link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyWord {
    /// The writer takes the request back, or wants it to wait.
    TakesBack,
    /// The writer says that it was not them who asked.
    Disowns,
}

words!(ReplyWord, or UnknownState: TakesBack = "takes-back", Disowns = "disowns");

/// Where a mail that came in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceivedMailState {
    /// Stored; waits to be read.
    Stored,
    /// Waits for staff to decide.
    Proposal,
    /// It became a request.
    Request,
    /// It was put with the request it belongs to.
    Filed,
    /// Kept, with the reason why nothing was done.
    Ignored,
    /// It could not be read, or not be acted on; waits for staff to look.
    Parked,
}

words!(ReceivedMailState, or UnknownState:
    Stored = "stored", Proposal = "proposal", Request = "request", Filed = "filed", Ignored = "ignored",
    Parked = "parked",
);

/// What can happen to a mail that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceivedMailEvent {
    /// It was taken as a request: by itself, or by staff.
    Taken,
    /// It was left to staff.
    Proposed,
    /// It was put with a request that is there already.
    Filed,
    /// It was set aside, with a reason.
    SetAside,
    /// It could not be read or acted on.
    Parked,
    /// Staff want it read again.
    ReadAgain,
}

impl ReceivedMailEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taking",
            Self::Proposed => "proposing",
            Self::Filed => "filing",
            Self::SetAside => "setting aside",
            Self::Parked => "parking",
            Self::ReadAgain => "reading again",
        }
    }
}

impl ReceivedMailState {
    /// The state after `event`, or an error that changes nothing.
    pub const fn after(self, event: ReceivedMailEvent) -> Result<Self, IllegalTransition> {
        use {ReceivedMailEvent as E, ReceivedMailState as S};
        match (self, event) {
            (S::Stored | S::Proposal | S::Parked | S::Ignored, E::Taken) => Ok(S::Request),
            (S::Stored, E::Proposed) => Ok(S::Proposal),
            (S::Stored | S::Proposal | S::Parked | S::Ignored, E::Filed) => Ok(S::Filed),
            (S::Stored | S::Proposal | S::Parked, E::SetAside) => Ok(S::Ignored),
            (S::Stored, E::Parked) => Ok(S::Parked),
            (S::Proposal | S::Parked | S::Ignored, E::ReadAgain) => Ok(S::Stored),
            _ => Err(IllegalTransition { machine: "mail", state: self.as_str(), event: event.name() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [ReceivedMailEvent; 6] = [
        ReceivedMailEvent::Taken,
        ReceivedMailEvent::Proposed,
        ReceivedMailEvent::Filed,
        ReceivedMailEvent::SetAside,
        ReceivedMailEvent::Parked,
        ReceivedMailEvent::ReadAgain,
    ];

    #[test]
    fn a_mail_that_became_a_request_or_was_filed_stays_so() {
        for event in EVENTS {
            assert!(ReceivedMailState::Request.after(event).is_err());
            assert!(ReceivedMailState::Filed.after(event).is_err());
        }
    }

    #[test]
    fn names_parse_back() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.as_str().parse(), Ok(verdict));
        }
        for state in ReceivedMailState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn machines_are_not_answered() {
        for verdict in [Verdict::Bounce, Verdict::AutoReply, Verdict::List, Verdict::Loop] {
            assert!(!verdict.may_be_answered());
        }
    }
}
