//! Mails that came back: reports by the rules (RFC 3462, RFC 3464), and the many that are not.

use habeas_domain::{EmailAddress, Personal, received_mail::Verdict};

use super::{Machine, has_null_sender, sender_name};
use crate::{
    Bounced,
    mime::{Entity, Fields, Mail},
    reader::Parts,
};

/// How much of a report is looked at, in bytes.
const LOOKED_AT: usize = 32 << 10;
/// The most ids that are told.
const MOST_IDS: usize = 10;

const DAEMONS: [&str; 7] = [
    "mailer-daemon",
    "postmaster",
    "mail-daemon",
    "mdaemon",
    "maildaemon",
    "mail delivery subsystem",
    "mail delivery system",
];

pub(super) fn find(mail: &Mail<'_>, parts: &Parts) -> Option<Machine> {
    let report = Report::read(mail);
    let text = mail.text.get(..mail.text.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
    let reason = why(mail, &report, text, parts)?;
    let bounce = bounced(mail, &report, text, parts);
    Some(Machine { verdict: Verdict::Bounce, reason, bounce: Some(bounce) })
}

/// Why it is one: by form, or by at least two signs of a mail server.
fn why(mail: &Mail<'_>, report: &Report, text: &str, parts: &Parts) -> Option<String> {
    if report.is_one {
        return Some("a mail server reports about a mail of ours (RFC 3464)".to_owned());
    }
    let subject = mail.subject();
    let by_subject = parts.rules.bounce_subject(&subject);
    let by_text = parts.rules.bounce_words(text);
    let is_daemon = DAEMONS.iter().any(|name| sender_name(mail) == *name);
    let is_failed = mail.fields.has("x-failed-recipients");
    let is_null = has_null_sender(mail) && !mail.fields.has("auto-submitted");
    let has_code = parts.patterns.reply_code.is_match(text) || parts.patterns.status.is_match(text);
    let words = by_subject.or(by_text.map(|(words, _)| words)).unwrap_or("undelivered").to_owned();
    let is_one = is_failed
        || is_daemon && (by_subject.is_some() || by_text.is_some() || has_code)
        || is_null && (by_subject.is_some() || by_text.is_some() && has_code)
        || by_subject.is_some() && by_text.is_some() && has_code;
    is_one.then(|| format!("a mail server says that a mail came back: \"{words}\""))
}

fn bounced(mail: &Mail<'_>, report: &Report, text: &str, parts: &Parts) -> Bounced {
    let mut ids = report.original_ids.clone();
    ids.extend(
        parts
            .patterns
            .message_id
            .captures_iter(text)
            .filter_map(|found| Some(found.get(1)?.as_str().to_owned())),
    );
    // Without the original, what the report answers to is the best guess (Exchange, Gmail).
    ids.extend(mail.fields.ids("in-reply-to"));
    ids.extend(mail.fields.ids("references"));
    let mut unique: Vec<String> = Vec::new();
    for id in ids {
        if unique.len() < MOST_IDS && !unique.contains(&id) {
            unique.push(id);
        }
    }
    let status = report.status.clone().or_else(|| status_in(text, parts));
    let permanent =
        status.as_deref().map_or(!report.is_delayed, |status| !status.starts_with('4')) && !report.is_delayed;
    Bounced {
        original_message_ids: unique.into_iter().map(Personal::new).collect(),
        recipient: report.recipient.clone().or_else(|| recipient_in(mail, text, parts)),
        status,
        permanent,
    }
}

/// The status in a text: as it stands, by its words, or by the class of an SMTP answer.
fn status_in(text: &str, parts: &Parts) -> Option<String> {
    let written =
        parts.patterns.status.captures_iter(text).filter_map(|found| found.get(1)).map(|code| code.as_str());
    if let Some(code) = written.into_iter().find(|code| !code.starts_with('2')) {
        return Some(code.to_owned());
    }
    if let Some((_, status)) = parts.rules.bounce_words(text) {
        return Some(status.to_owned());
    }
    let answer = parts.patterns.reply_code.captures(text)?.get(1)?.as_str().chars().next()?;
    Some(format!("{answer}.0.0"))
}

/// The address in a report without form: by header, or the first that is not a mail server's or ours.
fn recipient_in(mail: &Mail<'_>, text: &str, parts: &Parts) -> Option<EmailAddress> {
    let failed = mail.fields.mailboxes("x-failed-recipients").into_iter().find_map(|one| one.address);
    if let Some(address) = failed.and_then(|address| EmailAddress::parse(&address).ok()) {
        return Some(address);
    }
    parts.patterns.email.find_iter(text).find_map(|found| {
        let address = EmailAddress::parse(found.as_str().trim_matches(['.', '\''])).ok()?;
        let local = address.as_str().split('@').next().unwrap_or_default().to_lowercase();
        let is_machine = DAEMONS.contains(&local.as_str());
        (!is_machine && !parts.is_own_address(address.as_str())).then_some(address)
    })
}

/// What the parts of a report say.
#[derive(Default)]
struct Report {
    is_one: bool,
    is_delayed: bool,
    original_ids: Vec<String>,
    recipient: Option<EmailAddress>,
    status: Option<String>,
}

impl Report {
    fn read(mail: &Mail<'_>) -> Self {
        let mut report = Self::default();
        let is_report = mail.fields.content_type("content-type").is_some_and(|own| {
            own.is("multipart", "report")
                && own
                    .parameter("report-type")
                    .is_none_or(|kind| kind.eq_ignore_ascii_case("delivery-status"))
        });
        for entity in mail.entities.iter().take(20) {
            if entity.is("message", "delivery-status") || entity.is("message", "global-delivery-status") {
                report.is_one = true;
                report.read_status(&entity.beginning(LOOKED_AT));
            } else if entity.is_mail() || is_report && holds_header(entity) {
                let content = entity.beginning(LOOKED_AT);
                let (fields, _) = Fields::read(&content, LOOKED_AT);
                report.original_ids.extend(fields.ids("message-id"));
            }
        }
        report
    }

    /// The groups of fields (RFC 3464, section 2.1): one for the mail, one for each recipient.
    fn read_status(&mut self, content: &[u8]) {
        let mut rest = content;
        for _ in 0..50 {
            let (fields, behind) = Fields::read(rest, LOOKED_AT);
            self.read_group(&fields);
            if behind.is_empty() || behind.len() == rest.len() {
                break;
            }
            rest = behind;
        }
    }

    fn read_group(&mut self, fields: &Fields<'_>) {
        let address = |name: &str| {
            let value = fields.text(name)?;
            let address =
                value.rsplit(';').next().unwrap_or_default().trim().trim_matches(['<', '>']).to_owned();
            EmailAddress::parse(&address).ok()
        };
        let action = fields.token("action");
        if action.as_deref().is_some_and(|action| matches!(action, "delivered" | "relayed" | "expanded")) {
            return;
        }
        let status =
            fields.token("status").filter(|status| status.split('.').count() == 3 && status.len() < 12);
        if self.recipient.is_none() {
            self.recipient = address("original-recipient").or_else(|| address("final-recipient"));
        }
        if self.status.is_none() {
            self.status = status.map(|status| status.split(' ').next().unwrap_or_default().to_owned());
        }
        self.is_delayed |= action.as_deref() == Some("delayed");
    }
}

/// Whether a part holds the header of the mail that came back.
fn holds_header(entity: &Entity<'_>) -> bool {
    entity.is("text", "rfc822-headers") || entity.is("message", "rfc822-headers")
}
