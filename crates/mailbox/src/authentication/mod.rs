//! Whether the domain in `From` stands behind a mail: SPF (RFC 7208), DKIM (RFC 6376), ARC (RFC 8617), DMARC alignment
//! (RFC 9989), and `Authentication-Results` (RFC 8601) of our own mail server.
//!
//! The verdict is evidence for staff. It verifies nobody: whoever can write from a mailbox passes all of this.
//!
//! # What is believed
//!
//! A header is text that anybody can write. An `Authentication-Results` counts only if all of these hold:
//! 1. it parses, and its authserv-id is one of the configured ones, compared without regard to case;
//! 2. at most [`AuthenticationOptions::received_above`] `Received` fields stand above it. The default is 0: above the
//!    first `Received`, which our own server wrote when it took the mail, nobody else can have written. A server that
//!    puts its results below needs a higher number, and must then remove what others wrote in its name (RFC 8601,
//!    section 5);
//! 3. a `Received` stands below it, so that the mail did pass a server;
//! 4. it belongs to the topmost unbroken run of such fields. Any other field ends the run.
//!
//! All others, wherever they stand and whomever they name, are ignored; those in our name leave a remark. What is
//! not known from there is looked up, if there is a [`Dns`].

mod author;
mod check;
mod delivery;
mod dns;
mod domains;
mod evidence;
mod fields;
mod judge;
mod remark;
mod results;

use std::{borrow::Cow, panic::AssertUnwindSafe};

use futures::FutureExt;
use habeas_domain::received_mail::SenderAuthentication;

pub use delivery::{Delivery, is_public};
pub use dns::{Dns, DnsError, DnsLimits};
pub use evidence::{Authenticated, Evidence, Method, Source};
pub use remark::Remark;
pub use results::{AuthResults, MethodResult, Property};

use author::Author;
use check::Checked;
use fields::Fields;
use judge::Judge;

/// Whom to believe.
#[derive(Debug, Clone, Default)]
pub struct AuthenticationOptions {
    /// The names under which our own mail server writes `Authentication-Results`. None: such fields are ignored.
    pub authserv_ids: Vec<String>,
    /// How many `Received` fields of our own systems may stand above a result that is believed.
    pub received_above: usize,
    /// Which `Received` our server wrote when it took the mail from outside, counted from the top with 0. It says the
    /// client's address and greeting, for SPF. None: SPF is checked only where the caller knows them.
    pub delivering_received: Option<usize>,
    /// Forwarders whose ARC seal is believed: their domains. A seal of anybody else is shown and counts for nothing.
    pub arc_sealers: Vec<String>,
    /// Domains that others may imitate, such as the company's own: a sender's domain that looks like one is remarked.
    pub imitated_domains: Vec<String>,
}

/// Judges senders. Cheap to share; keeps no state of a mail.
#[derive(Debug)]
pub struct Authenticator {
    options: AuthenticationOptions,
    dns: Option<Dns>,
}

impl Authenticator {
    /// An authenticator. Without `dns` only what our own mail server reported counts.
    pub const fn new(options: AuthenticationOptions, dns: Option<Dns>) -> Self {
        Self { options, dns }
    }

    /// Judges the sender of a mail. `delivery` is what is known of how it was handed in, such as from the environment of
    /// a pipe; without it the `Received` of the options is asked. Never fails: what cannot be told is told as such.
    pub async fn authenticate(&self, raw: &[u8], delivery: Option<&Delivery>) -> Authenticated {
        let raw = with_crlf(raw);
        // The libraries below read what strangers wrote. Whatever they do, one mail must not end the worker.
        let judged = AssertUnwindSafe(self.judge(&raw, delivery)).catch_unwind().await;
        judged.unwrap_or_else(|_| Authenticated {
            verdict: SenderAuthentication::None,
            from: None,
            evidence: Vec::new(),
            remarks: vec![Remark::Unreadable],
            try_again: false,
        })
    }

    async fn judge(&self, raw: &[u8], delivery: Option<&Delivery>) -> Authenticated {
        let fields = Fields::read(raw);
        let author = Author::read(&fields, &self.options.imitated_domains);
        let reported = results::believed(&fields, &self.options);
        let mut judge = Judge::new(&author, &self.options);
        judge.hear(&reported);
        if let (Some(domain), None, Some(dns)) = (&author.domain, judge.settled(), &self.dns) {
            let read;
            let delivery = match (delivery, self.options.delivering_received) {
                (Some(known), _) => Some(known),
                (None, Some(which)) => {
                    read = Delivery::read(&fields, which);
                    read.as_ref()
                }
                (None, None) => None,
            };
            let facts = check::Facts { raw, domain, delivery, spf_known: judge.knows_spf() };
            let checking = Box::pin(check::check(dns, &facts, judge.passes()));
            match tokio::time::timeout(dns.limits().whole, checking).await {
                Ok(checked) => judge.see(checked),
                Err(_) => judge.see(Checked::late()),
            }
        }
        judge.conclude()
    }
}

/// Signatures are made over lines that end in CR LF (RFC 5322, section 2.3); pipes and mboxes have LF alone.
fn with_crlf(raw: &[u8]) -> Cow<'_, [u8]> {
    let bare = |at: usize| at == 0 || raw.get(at - 1) != Some(&b'\r');
    if !raw.iter().enumerate().any(|(at, byte)| *byte == b'\n' && bare(at)) {
        return Cow::Borrowed(raw);
    }
    let mut whole = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut last = 0;
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            whole.push(b'\r');
        }
        whole.push(*byte);
        last = *byte;
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_line_ends_are_completed_and_others_left() {
        assert_eq!(with_crlf(b"a\nb\r\nc\n\n").as_ref(), b"a\r\nb\r\nc\r\n\r\n");
        assert!(matches!(with_crlf(b"a\r\nb\r\n"), Cow::Borrowed(_)));
    }
}
