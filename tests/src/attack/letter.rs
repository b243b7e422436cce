//! Mails that come in, written header by header: an attacker's mails keep to no library's rules.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::OURS;

/// Something attached.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// What the mail says it is.
    pub media_type: String,
    /// What it is.
    pub bytes: Vec<u8>,
}

/// Who stands behind a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The sender's domain does.
    Aligned,
    /// Somebody else sent it, and the sender's domain says so.
    Unaligned,
}

/// A mail to the company.
#[derive(Debug, Clone)]
pub struct Letter {
    from: String,
    to: String,
    subject: String,
    text: String,
    message_id: String,
    /// Who stands behind it; nothing if our own mail server did not look.
    standing: Option<Standing>,
    more: Vec<String>,
    attached: Vec<Attached>,
}

static NUMBER: AtomicU32 = AtomicU32::new(1);

impl Letter {
    /// A mail whose `From` says this, as it stands in the header.
    pub fn from(from: &str, text: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self {
            from: from.to_owned(),
            to: OURS.to_owned(),
            subject: "My data".to_owned(),
            text: text.to_owned(),
            message_id: format!("<{number}.{}@mail.test>", std::process::id()),
            standing: None,
            more: Vec::new(),
            attached: Vec::new(),
        }
    }

    /// With this subject, as it stands in the header.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        Self { subject: subject.to_owned(), ..self }
    }

    /// To another address of the company.
    #[must_use]
    pub fn to(self, to: &str) -> Self {
        Self { to: to.to_owned(), ..self }
    }

    /// With this Message-ID, as it stands in the header.
    #[must_use]
    pub fn message_id(self, id: &str) -> Self {
        Self { message_id: id.to_owned(), ..self }
    }

    /// With one more header line.
    #[must_use]
    pub fn header(mut self, line: &str) -> Self {
        self.more.push(line.to_owned());
        self
    }

    /// As our mail server hands it over when the sender's domain stands behind the mail.
    #[must_use]
    pub fn aligned(self) -> Self {
        Self { standing: Some(Standing::Aligned), ..self }
    }

    /// As our mail server hands it over when somebody else sent it.
    #[must_use]
    pub fn unaligned(self) -> Self {
        Self { standing: Some(Standing::Unaligned), ..self }
    }

    /// The domain of the sender, as the header spells it.
    pub fn domain(&self) -> &str {
        let address = self.from.rsplit_once('<').map_or(self.from.as_str(), |(_, address)| address);
        address.rsplit_once('@').map_or("", |(_, domain)| domain.trim_end_matches('>'))
    }

    /// The address of the sender, as the header spells it.
    pub fn address(&self) -> &str {
        let address = self.from.rsplit_once('<').map_or(self.from.as_str(), |(_, address)| address);
        address.trim_end_matches('>')
    }

    /// Where it goes.
    pub fn recipient(&self) -> &str {
        &self.to
    }

    /// Who stands behind it.
    pub const fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// With something attached.
    #[must_use]
    pub fn attach(mut self, name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let (name, media_type) = (name.to_owned(), media_type.to_owned());
        self.attached.push(Attached { name, media_type, bytes: bytes.to_vec() });
        self
    }

    /// Its Message-ID without the angle brackets.
    pub fn id(&self) -> &str {
        self.message_id.trim_matches(['<', '>'])
    }

    /// The mail as our mail server stores it, with what it found about the sender.
    pub fn raw(&self) -> String {
        let found = self.standing.map(|standing| {
            let result = if standing == Standing::Aligned { "pass" } else { "fail" };
            let domain = self.domain();
            format!("Authentication-Results: mx.mart.test; dmarc={result} header.from={domain}\r\n")
        });
        let received = "Received: from mail.test by mx.mart.test; Mon, 6 Apr 2026 09:00:00 +0900";
        format!("{}{received}\r\n{}", found.unwrap_or_default(), self.as_written())
    }

    /// The mail as its writer sends it.
    pub fn as_written(&self) -> String {
        let fields = [
            format!("From: {}", self.from),
            format!("To: {}", self.to),
            format!("Subject: {}", self.subject),
            format!("Message-ID: {}", self.message_id),
            "Date: Mon, 6 Apr 2026 09:00:00 +0900".to_owned(),
            "MIME-Version: 1.0".to_owned(),
        ];
        let lines: Vec<String> = fields.into_iter().chain(self.more.iter().cloned()).collect();
        let head = lines.join("\r\n") + "\r\n";
        format!("{head}{}", self.body())
    }

    fn body(&self) -> String {
        let text = format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            STANDARD.encode(&self.text)
        );
        if self.attached.is_empty() {
            return text;
        }
        let parts: String = self.attached.iter().map(part).collect();
        format!("Content-Type: multipart/mixed; boundary=\"cut\"\r\n\r\n--cut\r\n{text}{parts}--cut--\r\n")
    }
}

fn part(attached: &Attached) -> String {
    format!(
        "--cut\r\nContent-Type: {}\r\nContent-Disposition: attachment; filename=\"{}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        attached.media_type,
        attached.name,
        STANDARD.encode(&attached.bytes)
    )
}
