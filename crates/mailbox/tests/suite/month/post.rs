//! What the post brings: mails of every kind, and mails about the requests of the month.

use std::path::{Path, PathBuf};

use habeas_domain::{MailId, RequestId};
use habeas_ledger::Ledger;
use habeas_vault::ThreadOf;

/// Mails of every kind: those by which the rules are measured.
pub(super) fn corpus() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = Vec::new();
    for language in std::fs::read_dir(root).unwrap() {
        let folder = std::fs::read_dir(language.unwrap().path()).unwrap();
        files.extend(
            folder
                .map(|file| file.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "eml")),
        );
    }
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// The same mail from somebody else: its number stands in its Message-ID and in its sender.
pub(super) fn numbered(mail: &[u8], number: usize) -> Vec<u8> {
    let mut out = format!("X-Number: {number}\n").into_bytes();
    let (mut head, person) = (true, format!("<p{number}."));
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        head &= !line.trim_ascii().is_empty();
        let text = String::from_utf8_lossy(line);
        if head
            && (text.starts_with("Message-ID: <")
                || text.starts_with("From: ") && !text.contains("<privacy@"))
        {
            out.extend_from_slice(text.replacen('<', &person, 1).as_bytes());
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

/// What comes in about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// A reply to the address of ours that bears the request's token.
    Thanks,
    /// A reply to a mail of ours, by its Message-ID, that takes the request back.
    TakesBack,
    /// A report that a mail of ours could not be delivered.
    Bounce,
    /// A reply with a token that somebody made up.
    MadeUp,
}

impl About {
    pub(super) const ALL: [Self; 4] = [Self::Thanks, Self::TakesBack, Self::Bounce, Self::MadeUp];

    /// Its text, about a request and a mail of ours to its person. `number` tells it from others.
    pub(super) fn mail(self, ledger: &Ledger, request: RequestId, ours: MailId, number: usize) -> Vec<u8> {
        let token = |of| ledger.vault().thread_token(of).as_str().to_owned();
        let (of_request, of_mail) = (token(ThreadOf::Request(request)), token(ThreadOf::Mail(ours)));
        let id = format!("Message-ID: <about.{number}@mail.example.jp>\nX-Number: {number}");
        let reply = |to: &str, more: &str, text: &str| {
            format!(
                "From: <p{number}@example.jp>\nTo: {to}\n{id}\nSubject: Re: HB-7K3M-9QTX\n{more}\n{text}\n"
            )
        };
        let mail = match self {
            Self::Thanks => reply(&format!("privacy+{of_request}@example.com"), "", "Thank you, I got it."),
            Self::TakesBack => reply(
                "privacy@example.com",
                &format!("In-Reply-To: <{of_mail}@example.com>\n"),
                "I changed my mind, please wait.",
            ),
            Self::Bounce => format!(
                "From: MAILER-DAEMON@mx.example.net\nTo: privacy+{of_mail}@example.com\n{id}\n\
                 Subject: Undelivered Mail Returned to Sender\nReturn-Path: <>\nMIME-Version: 1.0\n\
                 Content-Type: multipart/report; report-type=delivery-status; boundary=part\n\n\
                 --part\nContent-Type: text/plain\n\nUser unknown\n\n\
                 --part\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n\
                 Final-Recipient: rfc822; p{number}@example.jp\nAction: failed\nStatus: 5.1.1\n\n--part--\n"
            ),
            Self::MadeUp => {
                let mut forged = of_request;
                let another = if forged.get(30..31) == Some("a") { "b" } else { "a" };
                forged.replace_range(30..31, another);
                reply(&format!("privacy+{forged}@example.com"), "", "Thank you, I got it.")
            }
        };
        mail.into_bytes()
    }
}
