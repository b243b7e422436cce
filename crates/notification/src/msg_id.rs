//! `Message-ID`s (RFC 5322, section 3.6.4).

use std::{fmt, str::FromStr};

use habeas_domain::MailId;
use habeas_vault::ThreadToken;

/// The longest id taken, in bytes: it must fit a header line with its name.
const LONGEST: usize = 250;

/// A `Message-ID`, brackets included, safe to stand in a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MsgId(String);

/// A text that cannot be a `Message-ID`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Message-ID: expected <left@right> in printable ASCII without blanks")]
pub struct MalformedMsgId;

impl MsgId {
    /// The id of one of our mails: made from the mail's own id and the sender's domain and nothing else, so that a
    /// second sending after a lost answer carries the same one and the reader's mail program shows one mail.
    pub fn of_mail(mail: MailId, sender_address: &str) -> Self {
        Self(format!("<{mail}@{}>", ascii_domain(sender_address)))
    }

    /// The same with a token of ours on the left, by which an answer or a report is known again.
    pub fn with_token(token: &ThreadToken, sender_address: &str) -> Self {
        Self(format!("<{}@{}>", token.as_str(), ascii_domain(sender_address)))
    }

    /// An id that stands without its brackets.
    pub fn bare(text: &str) -> Result<Self, MalformedMsgId> {
        format!("<{text}>").parse()
    }

    /// The id as it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MsgId {
    type Err = MalformedMsgId;

    /// Reads an id that came from elsewhere, such as from a mail to be answered.
    fn from_str(text: &str) -> Result<Self, MalformedMsgId> {
        let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).ok_or(MalformedMsgId)?;
        let (left, right) = inner.split_once('@').ok_or(MalformedMsgId)?;
        let plain = inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
        if left.is_empty() || right.is_empty() || !plain || text.len() > LONGEST || text.contains("=?") {
            return Err(MalformedMsgId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn ascii_domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    idna::domain_to_ascii(domain).unwrap_or_else(|_| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_the_mail_and_the_domain_alone() {
        let mail: MailId = "0193b5c0-0000-7000-8000-000000000001".parse().unwrap();
        let id = MsgId::of_mail(mail, "privacy@例え.jp");
        assert_eq!(id.as_str(), "<0193b5c0-0000-7000-8000-000000000001@xn--r8jz45g.jp>");
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn ids_that_could_break_a_header_are_refused() {
        let long = format!("<{}@example.com>", "a".repeat(300));
        for text in
            ["", "a@b", "<a>", "<@b>", "<a@>", "<a@b>\r\nBcc: <c@d>", "<a b@c>", "<é@b>", "<a@b><c@d>", &long]
        {
            assert_eq!(text.parse::<MsgId>(), Err(MalformedMsgId), "{text}");
        }
    }
}
