//! What a letter needs beside its content.

use habeas_domain::{Language, MailId, Personal, letter::Bilingual};

use crate::MsgId;

/// Who a mail comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name shown, such as `Example Shop Privacy`. May be empty.
    pub name: String,
    /// The mail address. Its domain is also the domain of every `Message-ID`.
    pub address: String,
}

/// Everything on a letter that is not its content: who writes to whom, in which language, about which request.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// The company that decides why and how the data is used; nothing if it shall not be named.
    pub controller_name: Option<Bilingual>,
    /// The address where a person answers.
    pub contact_email: String,
    /// More ways to reach a person, such as a telephone number with its hours.
    pub support: Option<Bilingual>,
    /// Where the pages of the data subject begin. Every link in a letter must lie below it.
    pub base_url: String,
    /// Who the mail comes from.
    pub from: Sender,
    /// Where the person can complain under the regime, in whole sentences (mission N10).
    pub complaint: Bilingual,
    /// The same for an independent dispute body, where there is one.
    pub dispute_body: Option<Bilingual>,
    /// What the law or the company says about using one's rights: that nothing else changes by it (mission N28).
    pub non_discrimination: Bilingual,
    /// The version of the privacy notice in force, if the company numbers it (mission N30).
    pub notice_version: Option<String>,
    /// The request's short reference, such as `HB-7K3M-9QTX`.
    pub reference: String,
    /// The person's name, if one is known. It is left out where it does not look like a name.
    pub person_name: Personal<Option<String>>,
    /// Whether the reader is the parent or guardian of the child whose data it is about, and is told so.
    pub for_child: bool,
    /// The page on which the person ends that somebody acts for them, where somebody does and the letter may say so.
    pub agent_end: Option<Personal<String>>,
    /// The page on which the person names something else that they may be known by, where nothing was found.
    pub another: Option<Personal<String>>,
    /// The language of the letter.
    pub language: Language,
    /// The regime's title, such as `UK General Data Protection Regulation`.
    pub regime_title: Bilingual,
    /// The regime's time zone, in which days and times are told.
    pub time_zone: chrono_tz::Tz,
}

impl Letterhead {
    /// The `Message-ID` of one mail: the same each time it is asked for.
    pub fn msg_id(&self, mail: MailId) -> MsgId {
        MsgId::of_mail(mail, &self.from.address)
    }
}
