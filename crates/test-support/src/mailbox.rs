//! Mails as a person sees them, from the SMTP server of a test or from a folder of `.eml` files.

mod scan;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use mail_parser::{Message, MessageParser};

use crate::smtp::SmtpSink;

/// A mail, read: decoded subject and bodies, and the bytes that came.
#[derive(Debug, Clone)]
pub struct ReceivedMail {
    /// The addresses in `To`.
    pub to: Vec<String>,
    /// The decoded subject.
    pub subject: String,
    /// The decoded text part.
    pub text: String,
    /// The decoded HTML part; empty when there is none.
    pub html: String,
    /// The mail as it came.
    pub raw: Vec<u8>,
    /// Where it lies, if it came from a folder.
    pub file: Option<PathBuf>,
}

impl ReceivedMail {
    /// Reads a mail (RFC 5322).
    pub fn parse(raw: &[u8]) -> Result<Self> {
        let message = MessageParser::default().parse(raw).context("this is no mail")?;
        Ok(Self {
            to: recipients(&message),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: html(&message),
            raw: raw.to_vec(),
            file: None,
        })
    }

    /// All `http` and `https` links of the text part, in order, each once.
    pub fn links(&self) -> Vec<String> {
        scan::links(&self.text)
    }

    /// The first link whose text contains `part`.
    pub fn link_with(&self, part: &str) -> Result<String> {
        let found = self.links().into_iter().find(|link| link.contains(part));
        found.with_context(|| format!("no link with {part:?} in the mail {:?}:\n{}", self.subject, self.text))
    }

    /// All codes of exactly 8 digits in the text part (blanks and hyphens between groups of four do not count).
    pub fn codes(&self) -> Vec<String> {
        scan::codes(&self.text)
    }

    /// The one code in the mail.
    pub fn code(&self) -> Result<String> {
        let mut codes = self.codes();
        anyhow::ensure!(
            codes.len() == 1,
            "the mail {:?} holds {} codes:\n{}",
            self.subject,
            codes.len(),
            self.text
        );
        codes.pop().context("there is one")
    }

    /// A header's raw value, unfolded, without the blanks around it.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw)?;
        let raw = message.header_raw(name)?;
        Some(raw.lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned())
    }
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let addresses = message.to().into_iter().flat_map(mail_parser::Address::iter);
    addresses.filter_map(|address| address.address()).map(str::to_owned).collect()
}

/// The HTML part itself: `body_html` would convert a text part when there is none.
fn html(message: &Message<'_>) -> String {
    let is_html = message.html_part(0).is_some_and(mail_parser::MessagePart::is_text_html);
    if is_html { message.body_html(0).unwrap_or_default().into_owned() } else { String::new() }
}

/// The mails to one address that an SMTP server of a test has got, oldest first.
pub fn in_sink(sink: &SmtpSink, address: &str) -> Result<Vec<ReceivedMail>> {
    sink.mails_to(address).iter().map(|mail| ReceivedMail::parse(&mail.data)).collect()
}

/// The mails to one address among the `.eml` files of a folder, in the order of the file names.
pub fn in_folder(folder: &Path, address: &str) -> Result<Vec<ReceivedMail>> {
    let mails = all_in_folder(folder)?;
    Ok(mails.into_iter().filter(|mail| mail.to.iter().any(|to| to.eq_ignore_ascii_case(address))).collect())
}

/// All mails among the `.eml` files of a folder, in the order of the file names.
pub fn all_in_folder(folder: &Path) -> Result<Vec<ReceivedMail>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    files.into_iter().map(read_file).collect()
}

fn read_file(file: PathBuf) -> Result<ReceivedMail> {
    let raw = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    let mail = ReceivedMail::parse(&raw).with_context(|| file.display().to_string())?;
    Ok(ReceivedMail { file: Some(file), ..mail })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"From: privacy@example.com\r\nTo: Hana <hana@example.jp>\r\n\
        Subject: =?ISO-2022-JP?B?GyRCM05HJxsoQg==?=\r\nAuto-Submitted: auto-generated\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Open https://habeas.example.com/v/abc=\r\ndef or type 1234 5678.\r\n";

    #[test]
    fn a_mail_is_decoded() {
        let mail = ReceivedMail::parse(MAIL).unwrap();
        assert_eq!(mail.to, ["hana@example.jp"]);
        assert_eq!(mail.subject, "確認");
        assert_eq!(mail.link_with("/v/").unwrap(), "https://habeas.example.com/v/abcdef");
        assert_eq!(mail.code().unwrap(), "12345678");
        assert_eq!(mail.header("Auto-Submitted").unwrap(), "auto-generated");
        assert_eq!(mail.html, "");
    }

    #[test]
    fn a_folder_is_read_in_order_and_by_recipient() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("2.eml"), MAIL).unwrap();
        std::fs::write(folder.path().join("1.eml"), b"To: other@example.com\r\nSubject: other\r\n\r\nx\r\n")
            .unwrap();
        std::fs::write(folder.path().join("note.txt"), b"no mail").unwrap();
        assert_eq!(all_in_folder(folder.path()).unwrap().len(), 2);
        let mails = in_folder(folder.path(), "HANA@example.jp").unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails.first().unwrap().file.as_deref(), Some(folder.path().join("2.eml").as_path()));
    }
}
