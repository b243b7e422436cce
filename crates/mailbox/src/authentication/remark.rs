//! What staff should know about a sender beside the verdict.

use serde::{Deserialize, Serialize};

/// Something odd about a sender, or something that could not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    /// No `From`.
    NoFrom,
    /// More than one `From` field (RFC 5322, section 3.6, allows one).
    SeveralFromFields,
    /// More than one address in `From`.
    SeveralFromAddresses,
    /// A `From` that programs read in different ways.
    AmbiguousFrom,
    /// A name beside the address that holds another address.
    NameHoldsAnotherAddress,
    /// A domain whose letters of another script look like Latin ones.
    LookalikeLetters,
    /// A domain that looks like one that others may imitate.
    LooksLikeKnownDomain,
    /// A domain in another script.
    InternationalDomain,
    /// An `Authentication-Results` in our server's name that stands where our server does not write.
    ResultsInOurName,
    /// A signature covers only the beginning of the text.
    PartlySigned,
    /// A signature does not cover `From`.
    FromNotSigned,
    /// More signatures than are looked at.
    ManySignatures,
    /// A signature made with SHA-1, which proves nothing any more (RFC 8301).
    WeakSignature,
    /// Only another domain stands behind the mail.
    OtherDomainOnly,
    /// It was passed on by a forwarder that nobody told us to believe.
    UnknownForwarder,
    /// The sender's name servers did not answer; the same check may say more later.
    DnsUnavailable,
    /// The mail's server says from which addresses it sends, but it is not known from which this one came.
    DeliveryUnknown,
    /// The header could not be read.
    Unreadable,
}

impl Remark {
    /// The remark in words for staff. Holds nothing of the mail.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoFrom => "The mail names no sender.",
            Self::SeveralFromFields => "The mail has several From fields; programs show different ones.",
            Self::SeveralFromAddresses => "From names several addresses.",
            Self::AmbiguousFrom => "From is written so that programs may read different addresses in it.",
            Self::NameHoldsAnotherAddress => {
                "The name beside the address holds another address; some programs show the name alone."
            }
            Self::LookalikeLetters => {
                "The sender's domain uses letters of another script that look like Latin ones."
            }
            Self::LooksLikeKnownDomain => "The sender's domain looks like a known domain and is another.",
            Self::InternationalDomain => "The sender's domain is written in another script.",
            Self::ResultsInOurName => {
                "The mail carries results in our mail server's name that our mail server did not write."
            }
            Self::PartlySigned => "A signature covers only the beginning of the text; it does not count.",
            Self::FromNotSigned => "A signature does not cover the sender; it does not count.",
            Self::ManySignatures => "The mail carries more signatures than were looked at.",
            Self::WeakSignature => "A signature uses SHA-1, which can be forged; it does not count.",
            Self::OtherDomainOnly => "Only another domain than the sender's stands behind the mail.",
            Self::UnknownForwarder => {
                "A forwarder vouches for the mail; it is not among those that are believed."
            }
            Self::DnsUnavailable => {
                "The sender's name servers did not answer; trying again later may say more."
            }
            Self::DeliveryUnknown => {
                "The sender's domain names its mail servers, but it is not known which server this mail came from."
            }
            Self::Unreadable => "The header of the mail could not be read.",
        }
    }
}
