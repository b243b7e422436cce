//! The real way of a mail: from its writer over SMTP to the company's mail server, and from there into a mailbox on a
//! Dovecot. What a domain says about itself stands on a name server; its provider signs with a key made for the test.

use std::{
    collections::HashMap,
    io::{BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use habeas_domain::EmailAddress;
use habeas_test_support::{DOVECOT_PASSWORD, DnsServer, Dovecot, SmtpMail, SmtpSink};
use mail_auth::{
    common::{crypto::Ed25519Key, headers::HeaderWriter as _},
    dkim::DkimSigner,
};

use super::{Letter, OURS, Standing};

/// The user whose mailbox the daemon reads.
const USER: &str = "privacy";

/// The longest that one line of SMTP may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The company's mail server with its mailboxes, and what the world says about domains.
pub(super) struct PostOffice {
    dovecot: Dovecot,
    /// Takes mails from everybody, as the mail server of a domain does.
    door: SmtpSink,
    names: DnsServer,
    keys: Mutex<HashMap<String, Vec<u8>>>,
}

impl PostOffice {
    /// Opens one. Every domain in these tests has its mails signed and wants all others refused.
    pub(super) async fn open() -> Result<Self> {
        let (dovecot, door) = (Dovecot::start().await?, SmtpSink::start().await?);
        Ok(Self { dovecot, door, names: DnsServer::start().await?, keys: Mutex::default() })
    }

    /// The section of the daemon's mailbox. Its password goes into `folder`.
    pub(super) fn mailbox(&self, folder: &Path) -> Result<String> {
        let password = folder.join("imap-password");
        std::fs::write(&password, DOVECOT_PASSWORD)?;
        Ok(format!(
            "kind = \"imap\"\nhost = \"localhost\"\nport = {}\nsecurity = \"tls\"\nca_file = \"{}\"\nuser = \"{USER}\"\n\
             password_file = \"{}\"\ncut_off = \"2020-01-01T00:00:00Z\"\nname_servers = [\"{}\"]\n",
            self.dovecot.tls_port(),
            self.dovecot.certificate().display(),
            password.display(),
            self.names.address(),
        ))
    }

    /// A mail from its writer to the mailbox.
    pub(super) fn send(&self, letter: &Letter) -> Result<()> {
        let domain = ascii_domain(letter);
        self.key(&domain)?;
        let written = letter.as_written();
        let whole = match letter.standing() {
            Some(Standing::Aligned) => format!("{}{written}", self.signature(&domain, &written)?),
            Some(Standing::Unaligned) | None => written,
        };
        self.post(&format!("bounces@{domain}"), letter.recipient(), whole.as_bytes())
    }

    /// The same for bytes that keep to no rule, with the null sender.
    pub(super) fn send_raw(&self, raw: &[u8]) -> Result<()> {
        self.post("", OURS, raw)
    }

    /// The provider of `domain` signs a mail.
    fn signature(&self, domain: &str, mail: &str) -> Result<String> {
        let key = Ed25519Key::from_pkcs8_der(&self.key(domain)?).context("a key")?;
        let signer = DkimSigner::from_key(key).domain(domain).selector("s1").headers([
            "From",
            "To",
            "Subject",
            "Message-ID",
        ]);
        Ok(signer.sign(mail.as_bytes()).context("signing")?.to_header())
    }

    /// The key of a domain, published with its policy when it is first asked for.
    fn key(&self, domain: &str) -> Result<Vec<u8>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = keys.get(domain) {
            return Ok(known.clone());
        }
        let pkcs8 = Ed25519Key::generate_pkcs8().context("making a key")?.clone();
        let public = Ed25519Key::from_pkcs8_der(&pkcs8).context("a key")?.public_key();
        let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(public));
        self.names.txt(&format!("s1._domainkey.{domain}"), &record);
        self.names.txt(&format!("_dmarc.{domain}"), "v=DMARC1; p=reject");
        self.names.txt(domain, "v=spf1 -all");
        keys.insert(domain.to_owned(), pkcs8.clone());
        Ok(pkcs8)
    }

    /// Over SMTP to the company's mail server, which puts it into the mailbox with its own trace above it.
    fn post(&self, from: &str, to: &str, raw: &[u8]) -> Result<()> {
        let before = self.door.count();
        let address = SocketAddr::from(([127, 0, 0, 1], self.door.port()));
        tokio::task::block_in_place(|| speak(address, (from, to), raw))?;
        let taken = self.door.mails().split_off(before);
        ensure!(taken.len() == 1, "one mail at a time: {}", taken.len());
        for mail in &taken {
            self.dovecot.deliver(USER, &with_trace(mail))?;
        }
        Ok(())
    }
}

/// As our server hands a mail on: `Return-Path` and `Received` are its own.
fn with_trace(mail: &SmtpMail) -> Vec<u8> {
    let trace = format!(
        "Return-Path: <{}>\r\nReceived: from mail.test (mail.test [127.0.0.1])\r\n\tby mx.mart.test (Postfix) with ESMTP id 1;\r\n\
         \tMon, 6 Apr 2026 09:00:00 +0900\r\n",
        mail.from
    );
    [trace.as_bytes(), &mail.data[..]].concat()
}

/// The domain of the sender as it stands in the domain name system.
fn ascii_domain(letter: &Letter) -> String {
    let address = EmailAddress::parse(letter.address());
    let domain = address.as_ref().map_or(letter.domain(), |address| {
        address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
    });
    domain.to_owned()
}

/// One mail in one session (RFC 5321).
fn speak(server: SocketAddr, (from, to): (&str, &str), raw: &[u8]) -> Result<()> {
    let stream = TcpStream::connect_timeout(&server, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let (mut lines, mut to_server) = (BufReader::new(stream.try_clone()?), stream);
    expect(&mut lines, "220")?;
    for (said, wanted) in [
        ("EHLO mail.test".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        to_server.write_all(format!("{said}\r\n").as_bytes())?;
        expect(&mut lines, wanted)?;
    }
    to_server.write_all(&stuffed(raw))?;
    expect(&mut lines, "250")?;
    to_server.write_all(b"QUIT\r\n")?;
    Ok(())
}

/// With a dot before each line that begins with one, and the end (RFC 5321, section 4.5.2).
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(raw.len() + 8);
    let mut begins = true;
    for byte in raw {
        if begins && *byte == b'.' {
            stuffed.push(b'.');
        }
        stuffed.push(*byte);
        begins = *byte == b'\n';
    }
    stuffed.extend_from_slice(if begins { b".\r\n" } else { b"\r\n.\r\n" });
    stuffed
}

/// Reads an answer to its last line.
fn expect(lines: &mut impl std::io::BufRead, wanted: &str) -> Result<()> {
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        ensure!(line.starts_with(wanted), "the mail server answered {line:?} in place of {wanted}");
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}
