use serde::{Deserialize, Serialize};

use crate::words;

/// A way to show who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The link or the code that was mailed to the address in the request.
    MailLink,
    /// A code sent to a telephone number that the stores hold.
    SmsCode,
    /// Answers about recent dealings that the stores confirm.
    RecentDealings,
    /// The company's own sign-in, for an account that the stores hold.
    SignIn,
    /// A signed declaration, under penalty of perjury where the law knows it.
    Declaration,
    /// A document, looked at by different members of staff.
    Document,
    /// A call by staff to the telephone number on file.
    CallBack,
    /// For a child: the link that was mailed to the parent's or guardian's own address.
    GuardianLink,
    /// For a child: the stores hold that very address as the guardian's.
    GuardianOnFile,
    /// For a child: a document that shows who the parent or guardian is, looked at by different members of staff.
    GuardianProof,
    /// The document that empowers the agent who asks, looked at by different members of staff.
    Mandate,
}

// In the order in which people are offered them.
words!(Method, or UnknownMethod:
    MailLink = "mail-link", SignIn = "sign-in", SmsCode = "sms-code", RecentDealings = "recent-dealings",
    Declaration = "declaration", CallBack = "call-back", Document = "document",
    GuardianLink = "guardian-link", GuardianOnFile = "guardian-on-file", GuardianProof = "guardian-proof",
    Mandate = "mandate",
);

impl Method {
    /// Whether it is about the parent or guardian of a child.
    pub const fn is_of_a_guardian(self) -> bool {
        matches!(self, Self::GuardianLink | Self::GuardianOnFile | Self::GuardianProof)
    }

    /// Whether a request can begin with it: everything else is shown after the address, that of a child's guardian, or the
    /// agent's mandate, is.
    pub const fn begins(self) -> bool {
        matches!(self, Self::MailLink | Self::GuardianLink | Self::Mandate)
    }

    /// Whether staff judge it, and not what the person does by themselves.
    pub const fn is_judged_by_staff(self) -> bool {
        matches!(self, Self::Document | Self::CallBack | Self::GuardianProof | Self::Mandate)
    }
}

/// A text that names no method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown method; use mail-link, sms-code, recent-dealings, sign-in, declaration, document, call-back, guardian-link, guardian-on-file, guardian-proof or mandate"
)]
pub struct UnknownMethod;
