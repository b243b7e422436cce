//! From words to the bytes of an internet message (RFC 5322, RFC 2045 to 2047).

use chrono::{DateTime, Utc};
use habeas_domain::{Language, MailId, Personal};
use habeas_vault::ThreadToken;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Body, Mailbox, MessageBuilder, MultiPart, MultiPartBuilder, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MessageId},
    },
};

use crate::{AddressError, Letterhead, MsgId, RenderedMail, address, clean};

/// The longest header text, in characters. Subjects of ours stay far below it.
const LONGEST_HEADER: usize = 250;

/// Where one mail goes, and how it is known.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The mail's id. Decides its `Message-ID`, its MIME boundary and, in a folder, its file name.
    pub mail: MailId,
    /// The one address it goes to.
    pub to: Personal<String>,
    /// The first mail of the request, or the person's own mail that this answers: the root of the thread.
    pub thread: Option<MsgId>,
    /// When it is sent.
    pub date: DateTime<Utc>,
    /// By what an answer to it, or a report about it, is known again.
    pub marks: Option<Marks>,
    /// Whether it is sent because the mail that `thread` names arrived (RFC 3834, section 3.1.7).
    pub auto_replied: bool,
    /// Where reports about it go.
    pub reports: Reports,
}

/// What marks a mail as one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// The token of this very mail: the left half of its `Message-ID`.
    pub mail: ThreadToken,
    /// The token of its request.
    pub request: ThreadToken,
    /// Whether the mail system delivers `name+token@domain` to `name@domain` (RFC 5233), so that the tokens can stand
    /// in the addresses for answers and reports as well.
    pub plus_addresses: bool,
}

/// Where a report goes if a mail cannot be delivered: its envelope sender (RFC 5321, section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// To us.
    Wanted,
    /// Nowhere: the null address (RFC 3834, section 3.3), so that nothing can answer at all.
    Nowhere,
}

/// A mail ready to be handed to a [`crate::Transport`].
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// The mail's id.
    pub id: MailId,
    /// The letter's kind.
    pub kind: &'static str,
    /// When it is sent.
    pub date: DateTime<Utc>,
    /// Its `Message-ID`.
    pub message_id: MsgId,
    /// Where reports of failed delivery go; nothing is the null address.
    pub envelope_from: Option<Address>,
    /// The one recipient.
    pub envelope_to: Personal<Address>,
    /// The message: 7-bit, lines that end in CR LF.
    pub raw: Personal<Vec<u8>>,
}

/// A mail that cannot be composed. No retry helps.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The person's address.
    #[error("the recipient cannot be written to")]
    Recipient(#[source] AddressError),
    /// The configured sender's address.
    #[error("the sender's address in the configuration is wrong")]
    Sender(#[source] AddressError),
    /// The configured contact address.
    #[error("the contact address in the configuration is wrong")]
    Contact(#[source] AddressError),
    /// The envelope or the message was refused by the mail library.
    #[error("the message cannot be built")]
    Build(#[from] lettre::error::Error),
}

/// Makes the bytes of one mail to one address. Nothing in the words, the names or the addresses can add a header or a
/// recipient: they are cleaned or refused, then encoded.
pub fn compose(
    mail: &RenderedMail,
    head: &Letterhead,
    posting: &Posting,
) -> Result<OutgoingMail, ComposeError> {
    let to = address::read(&posting.to).map_err(ComposeError::Recipient)?;
    let from = address::read(&Personal::new(head.from.address.clone())).map_err(ComposeError::Sender)?;
    let contact = address::read(&Personal::new(head.contact_email.clone())).map_err(ComposeError::Contact)?;
    let marks = posting.marks.as_ref();
    let plus = marks.filter(|marks| marks.plus_addresses);
    let contact = plus.map_or(contact.clone(), |marks| address::plus(&contact, &marks.request));
    let envelope_from = (posting.reports == Reports::Wanted)
        .then(|| plus.map_or(from.clone(), |marks| address::plus(&from, &marks.mail)));
    let message_id = marks.map_or_else(
        || head.msg_id(posting.mail),
        |marks| MsgId::with_token(&marks.mail, &head.from.address),
    );
    let message = headers(mail, posting, &message_id)
        .from(Mailbox::new(display_name(&head.from.name), from))
        .to(Mailbox::new(None, to.clone()))
        .reply_to(Mailbox::new(None, contact))
        .envelope(Envelope::new(envelope_from.clone(), vec![to.clone()])?)
        .multipart(body(mail, posting.mail))?;
    Ok(OutgoingMail {
        id: posting.mail,
        kind: mail.kind,
        date: posting.date,
        message_id,
        envelope_from,
        envelope_to: Personal::new(to),
        raw: Personal::new(message.formatted()),
    })
}

/// The headers that name no address.
fn headers(mail: &RenderedMail, posting: &Posting, message_id: &MsgId) -> MessageBuilder {
    let mut builder = Message::builder()
        .date(posting.date.into())
        .header(MessageId::from(message_id.to_string()))
        .subject(header_text(&mail.subject))
        .raw_header(fixed("Content-Language", mail.language.as_str()))
        // RFC 3834: answering machines must not answer. Some servers heed only the second.
        .raw_header(fixed(
            "Auto-Submitted",
            if posting.auto_replied { "auto-replied" } else { "auto-generated" },
        ))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"));
    if let Some(root) = posting.thread.as_ref().filter(|root| *root != message_id) {
        builder = builder.in_reply_to(root.to_string()).references(root.to_string());
    }
    builder
}

/// Text before HTML: the last part is the one preferred (RFC 2046, section 5.1.4).
fn body(mail: &RenderedMail, id: MailId) -> MultiPart {
    let part = |kind: ContentType, words: &Personal<String>| {
        SinglePart::builder().content_type(kind).body(encoded(words.expose().clone(), mail.language))
    };
    alternative(id)
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html))
}

/// The boundary comes from the id, so that the same mail is the same bytes each time.
fn alternative(id: MailId) -> MultiPartBuilder {
    MultiPart::alternative().boundary(format!("habeas-{id}"))
}

/// A body in 7-bit characters that any server since 1992 passes on unharmed: quoted-printable stays readable for
/// English, base64 is shorter for Japanese.
fn encoded(words: String, language: Language) -> Body {
    let encoding = match language {
        Language::En => ContentTransferEncoding::QuotedPrintable,
        Language::Ja => ContentTransferEncoding::Base64,
    };
    // Both encodings take any text; the fallback chooses by itself and cannot fail.
    Body::new_with_encoding(words.clone(), encoding).unwrap_or_else(|_| Body::new(words))
}

/// A text fit for a header: one line, no hidden characters, not too long, and nothing that would be read as an
/// encoded word (RFC 2047) that we did not write.
fn header_text(text: &str) -> String {
    clean::line(text).replace("=?", "= ?").chars().take(LONGEST_HEADER).collect()
}

fn display_name(name: &str) -> Option<String> {
    Some(header_text(name)).filter(|name| !name.is_empty())
}

/// A header with a name and a value that stand in this file or are a language tag.
fn fixed(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
