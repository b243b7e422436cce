//! What was understood of one mail: the contract between reading, judging and acting on it.

use chrono::{DateTime, Utc};
use habeas_domain::{
    EmailAddress, Language, LanguageTag, PersonName, Personal, RegimeId, Right, address,
    personal::in_the_clear,
    received_mail::{ReplyWord, SenderAuthentication, Verdict},
};
use serde::{Deserialize, Serialize};

use crate::OtherRight;

/// What was understood of one mail. Serialises in the clear: write it sealed only.
///
/// It is a reading, not a decision: nothing in it is proven, and none of it verifies anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understanding {
    /// What the mail is taken to be.
    pub verdict: Verdict,
    /// Why, in words for staff: which rule, which words. Holds nothing of the person.
    pub reason: String,
    /// The language it is written in, where one can be told.
    pub language: Option<LanguageTag>,
    /// In which language whoever writes in it is written to, as its rules say: see [`Understanding::letters`].
    #[serde(default)]
    pub letters: Option<Language>,
    /// Who sent it.
    pub sender: Sender,
    /// The rights that are asked for, the surest first.
    pub rights: Vec<FoundRight>,
    /// Rights that are asked for and that no job fulfils yet, the surest first: work for staff. Whoever takes the mail
    /// as a request must put these before staff as well, or they are lost: see [`Understanding::is_whole`].
    #[serde(default)]
    pub others: Vec<FoundOther>,
    /// Words that want answers to go to another address, from the rules rather than from the mail. Refused where the mail
    /// belongs to an open request; nothing otherwise.
    #[serde(default)]
    pub other_address: Vec<String>,
    /// What it says of the request that it answers, if it answers one: a word for staff, never a decision.
    #[serde(default)]
    pub says: Option<FoundWord>,
    /// Whether it bears a token of ours: in its Message-ID, in what it refers to, in what it returns, or in an address that it
    /// went to.
    #[serde(default)]
    pub is_ours: bool,
    /// Values in the text that may find a person.
    pub identifiers: Vec<FoundIdentifier>,
    /// Somebody writes for somebody else.
    pub agent: Option<FoundAgent>,
    /// The original of a mail that staff or a colleague passed on: a proposal to staff, never a substitute for the sender.
    pub forwarded: Option<Forwarded>,
    /// What a report about a mail that could not be delivered says.
    #[serde(default)]
    pub bounce: Option<Bounced>,
    /// A law that the text names.
    pub regime: Option<RegimeId>,
    /// Words that press for time.
    pub urgent: Vec<String>,
    /// When the mail says it was sent, if it says so in a way that can be read.
    pub sent_at: Option<DateTime<Utc>>,
    /// The Message-ID, without its angle brackets.
    #[serde(with = "in_the_clear::option", default)]
    pub message_id: Option<Personal<String>>,
    /// `In-Reply-To` and `References`, the nearest first, without angle brackets.
    #[serde(with = "in_the_clear::list", default)]
    pub references: Vec<Personal<String>>,
    /// Everybody it is addressed to (To, Cc, Delivered-To, X-Original-To), for plus-addresses.
    #[serde(with = "in_the_clear::list", default)]
    pub recipients: Vec<Personal<String>>,
    /// The subject, decoded.
    #[serde(with = "in_the_clear")]
    pub subject: Personal<String>,
    /// What the person wrote themselves: decoded, with quoted history and signature cut off.
    #[serde(with = "in_the_clear")]
    pub text: Personal<String>,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// What was repaired or could not be read, in words for staff.
    pub remarks: Vec<String>,
}

/// Who sent a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The address of `From`, if there is exactly one that can be used.
    #[serde(with = "address::in_the_clear::option", default)]
    pub address: Option<EmailAddress>,
    /// The name beside it.
    #[serde(with = "address::in_the_clear::option", default)]
    pub name: Option<PersonName>,
    /// An address in `Reply-To` that differs from `From`: shown, never used by itself.
    #[serde(with = "address::in_the_clear::option", default)]
    pub reply_to: Option<EmailAddress>,
    /// Whether the domain of the sender stands behind the mail (RFC 7489). Evidence, never a verification.
    pub authentication: SenderAuthentication,
}

/// A right that a mail asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRight {
    /// Which.
    pub right: Right,
    /// Whether the words leave no doubt.
    pub sure: bool,
    /// The words that were matched, from the rules rather than from the mail.
    pub words: Vec<String>,
}

/// A right that a mail asks for and that no job fulfils yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundOther {
    /// Which.
    pub right: OtherRight,
    /// Whether the words leave no doubt.
    pub sure: bool,
    /// The words that were matched, from the rules rather than from the mail.
    pub words: Vec<String>,
}

impl Understanding {
    /// In which language its writer is written to: the one that they write in; English, which prevails, where there are no
    /// letters in that and its rules name no other; nothing where no language can be told.
    pub fn letters(&self) -> Option<Language> {
        self.letters.or_else(|| self.language.as_ref()?.of_letters())
    }

    /// Whether it asks for a right without doubt, one that staff deal with included.
    pub fn is_sure(&self) -> bool {
        self.rights.iter().any(|right| right.sure) || self.others.iter().any(|other| other.sure)
    }

    /// Whether a request made of [`Understanding::rights`] would hold all that the mail asks for. If not, staff must
    /// see the mail, whatever its verdict.
    pub const fn is_whole(&self) -> bool {
        self.others.is_empty() && !self.rights.is_empty()
    }
}

/// What a reply says of the request that it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundWord {
    /// What.
    pub word: ReplyWord,
    /// The words that were matched, from the rules rather than from the mail.
    pub words: String,
}

/// A value in a text that may find a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundIdentifier {
    /// What kind.
    pub kind: IdentifierKind,
    /// The value, in its usual form.
    #[serde(with = "in_the_clear")]
    pub value: Personal<String>,
}

/// The kinds of identifiers: addresses, telephone numbers, and the keys that a manifest gives a pattern for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum IdentifierKind {
    /// A mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A key of the manifests, by its name.
    Key(String),
}

impl From<String> for IdentifierKind {
    fn from(name: String) -> Self {
        match name.as_str() {
            "email" => Self::Email,
            "phone" => Self::Phone,
            _ => Self::Key(name),
        }
    }
}

impl From<IdentifierKind> for String {
    fn from(kind: IdentifierKind) -> Self {
        match kind {
            IdentifierKind::Email => "email".to_owned(),
            IdentifierKind::Phone => "phone".to_owned(),
            IdentifierKind::Key(name) => name,
        }
    }
}

/// Signs that somebody writes for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAgent {
    /// The words that were matched, from the rules rather than from the mail.
    pub words: Vec<String>,
    /// Whether the words speak of a parent or guardian of a child.
    pub guardian: bool,
}

/// The original of a mail that was passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// Who wrote it, as the forward says.
    #[serde(with = "address::in_the_clear::option", default)]
    pub sender: Option<EmailAddress>,
    /// When, as the forward says.
    pub sent_at: Option<DateTime<Utc>>,
    /// Its subject, as the forward says.
    #[serde(with = "in_the_clear::option", default)]
    pub subject: Option<Personal<String>>,
    /// Whether it is attached whole rather than quoted.
    pub attached: bool,
}

/// What a report about a mail that could not be delivered says (RFC 3464), or seems to say where it is not in that form.
/// Anybody can write one: it counts only with the token of one of our mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounced {
    /// The Message-IDs of the returned mail, or of its headers, without angle brackets.
    #[serde(with = "in_the_clear::list", default)]
    pub original_message_ids: Vec<Personal<String>>,
    /// Who could not be reached, as the report says.
    #[serde(with = "address::in_the_clear::option", default)]
    pub recipient: Option<EmailAddress>,
    /// The enhanced status code (RFC 3463), such as `5.1.1`, where there is one.
    pub status: Option<String>,
    /// Whether trying again would not help: a status of class 5, or words to that effect.
    pub permanent: bool,
}

/// Something attached to a mail. Kept sealed with the mail; never unpacked, run or shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its file name, as the mail says, made harmless.
    #[serde(with = "in_the_clear::option", default)]
    pub name: Option<Personal<String>>,
    /// What it is by its content, as a media type.
    pub media_type: String,
    /// What the mail says it is, as a media type.
    pub stated_type: Option<String>,
    /// How long it is, in bytes, decoded.
    pub bytes: u64,
    /// SHA-256 of the decoded bytes, in hexadecimal digits.
    pub sha256: String,
}
