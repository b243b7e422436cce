//! From the bytes of a mail to what it says.

use habeas_domain::{
    EmailAddress, PersonName, Personal,
    received_mail::{SenderAuthentication, Verdict},
};

use crate::{
    Forwarded, FoundWord, Marks, Reader, Sender, Understanding, attachments,
    forward::{self, Passed},
    identifiers,
    kind::{self, Machine},
    mime::{Fields, Mail, own_words},
    reader::Parts,
    rules::Findings,
    verdict,
};

/// The most characters of the text that is told.
const LONGEST_TEXT: usize = 100_000;

/// Reads a mail. It never fails: what cannot be read is parked, with the reason. Time and memory are bounded by the size of
/// the mail and the [`Limits`](crate::Limits); nothing in it is proven by this, and nothing is looked up.
pub fn understand(raw: &[u8], reader: &Reader) -> Understanding {
    let parts = reader.parts();
    if raw.len() > parts.limits.mail_bytes {
        let head = raw.get(..parts.limits.header_bytes).unwrap_or(raw);
        let (fields, _) = Fields::read(head, parts.limits.header_bytes);
        return parked(&Mail::header_only(fields), "it is larger than is looked at", parts);
    }
    let mail = Mail::read(raw, &parts.limits);
    if raw.trim_ascii().is_empty() {
        return parked(&mail, "it is empty", parts);
    }
    match mail.stopped {
        Some(reason) => parked(&mail, reason, parts),
        None => understood(&mail, parts),
    }
}

fn understood(mail: &Mail<'_>, parts: &Parts) -> Understanding {
    let subject = mail.subject();
    let marks = parts.rules.marks();
    let passed = forward::find(mail, &subject, &parts.limits, marks);
    let own = passed.as_ref().map_or_else(|| own_words(&mail.text, marks), |passed| passed.cover.clone());
    let findings = parts.rules.read(own_subject(&subject, passed.as_ref(), marks), &own);
    let of_original = passed
        .as_ref()
        .map(|passed| parts.rules.read(marks.plain_subject(&passed.subject), &passed.original));
    let machine = kind::of_machine(mail, &own, &findings, parts);
    let mut read = base(mail, parts);
    read.says = parts
        .rules
        .reply_word(&own)
        .map(|(word, words)| FoundWord { word, words: words.trim_end_matches('*').to_owned() });
    read.text = Personal::new(text_of(&own, passed.as_ref()));
    read.attachments = attached(mail, &mut read.remarks, parts);
    // The one who passes a mail on may ask for something too; then the original is only shown.
    let original = of_original.as_ref().filter(|_| !findings.is_sure());
    let told = original.unwrap_or(&findings);
    tell(&mut read, told, &findings, parts);
    read.forwarded = passed.map(|passed| passed.forwarded);
    settle(&mut read, machine, told, original.is_some(), parts);
    read.is_ours = bears_a_token(&read, parts);
    read
}

/// Whether any id or address in a mail bears a token of ours.
fn bears_a_token(read: &Understanding, parts: &Parts) -> bool {
    let returned = read.bounce.iter().flat_map(|bounce| &bounce.original_message_ids);
    let all = read.message_id.iter().chain(&read.references).chain(&read.recipients).chain(returned);
    all.into_iter().any(|one| parts.is_ours(one.expose()))
}

/// The subject as words of whoever sent the mail. One that was passed on brings the subject of the original with it.
fn own_subject<'s>(subject: &'s str, passed: Option<&Passed>, marks: &Marks) -> &'s str {
    let plain = marks.plain_subject(subject);
    let is_of_original = passed
        .is_some_and(|passed| marks.says_forward(subject) || plain == marks.plain_subject(&passed.subject));
    if is_of_original { "" } else { plain }
}

fn text_of(own: &str, passed: Option<&Passed>) -> String {
    let text = match passed {
        Some(passed) if own.is_empty() => passed.original.clone(),
        Some(passed) => format!("{own}\n\n{}", passed.original),
        None => own.to_owned(),
    };
    text.chars().take(LONGEST_TEXT).collect::<String>().trim().to_owned()
}

fn tell(read: &mut Understanding, told: &Findings, own: &Findings, parts: &Parts) {
    let written = told.written.as_ref().or(own.written.as_ref());
    read.language = written.map(|written| written.tag.clone());
    read.letters = written.map(|written| written.letters);
    read.rights = told.rights();
    read.others = told.others();
    read.other_address = own.other_address();
    read.agent = told.agent().or_else(|| own.agent());
    read.regime = told.regime.clone().or_else(|| own.regime.clone());
    read.urgent = if told.urgent.is_empty() { own.urgent.clone() } else { told.urgent.clone() };
    let searched = format!("{}\n{}", read.subject.expose(), read.text.expose());
    read.identifiers = identifiers::find(&searched, written, parts);
}

fn settle(
    read: &mut Understanding,
    machine: Option<Machine>,
    told: &Findings,
    is_passed_on: bool,
    parts: &Parts,
) {
    if let Some(machine) = machine {
        (read.verdict, read.reason, read.bounce) = (machine.verdict, machine.reason, machine.bounce);
        if read.bounce.is_some() {
            // What a mail server quotes is about mails, not about a person.
            read.identifiers.clear();
        }
        return;
    }
    (read.verdict, read.reason) = verdict::of_person(read, told, is_passed_on, parts);
}

fn parked(mail: &Mail<'_>, reason: &str, parts: &Parts) -> Understanding {
    Understanding { reason: reason.to_owned(), ..base(mail, parts) }
}

/// What its header says, as a mail that says nothing else.
fn base(mail: &Mail<'_>, parts: &Parts) -> Understanding {
    let most = parts.limits.listed;
    let mut remarks = mail.remarks.clone();
    let fields = &mail.fields;
    let mut references = fields.ids("in-reply-to");
    let mut chain = fields.ids("references");
    chain.reverse();
    references.extend(chain);
    Understanding {
        verdict: Verdict::Parked,
        reason: String::new(),
        language: None,
        letters: None,
        sender: sender(fields, &mut remarks),
        rights: Vec::new(),
        others: Vec::new(),
        other_address: Vec::new(),
        says: None,
        is_ours: false,
        identifiers: Vec::new(),
        agent: None,
        forwarded: None::<Forwarded>,
        bounce: None,
        regime: None,
        urgent: Vec::new(),
        sent_at: mail.sent_at(),
        message_id: fields.ids("message-id").into_iter().next().map(Personal::new),
        references: unique(references, most),
        recipients: unique(recipients(fields), most),
        subject: Personal::new(mail.subject()),
        text: Personal::default(),
        attachments: Vec::new(),
        remarks,
    }
}

fn unique(values: Vec<String>, most: usize) -> Vec<Personal<String>> {
    let mut seen = std::collections::HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).take(most).map(Personal::new).collect()
}

fn recipients(fields: &Fields<'_>) -> Vec<String> {
    ["to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to"]
        .iter()
        .flat_map(|name| fields.mailboxes(name))
        .filter_map(|one| one.address)
        .filter(|address| address.len() <= EmailAddress::MAX_BYTES * 2)
        .collect()
}

fn sender(fields: &Fields<'_>, remarks: &mut Vec<String>) -> Sender {
    let from = fields.mailboxes("from");
    let mut usable: Vec<EmailAddress> =
        from.iter().filter_map(|one| EmailAddress::parse(one.address.as_deref()?).ok()).collect();
    usable.dedup();
    if usable.len() > 1 || fields.all("from").count() > 1 {
        remarks.push("it names several senders".to_owned());
        usable.clear();
    } else if usable.is_empty() {
        remarks.push("it names no sender that can be answered".to_owned());
    }
    let address = usable.pop();
    let name = from.into_iter().find_map(|one| one.name).and_then(|name| {
        let short: String = habeas_domain::visible_text(&name)
            .replace(['\n', '\t'], " ")
            .chars()
            .take(PersonName::MAX_CHARS)
            .collect();
        PersonName::parse(&short).ok()
    });
    let reply_to = fields
        .mailboxes("reply-to")
        .into_iter()
        .find_map(|one| EmailAddress::parse(&one.address?).ok())
        .filter(|reply_to| address.as_ref().is_none_or(|from| from.lookup_form() != reply_to.lookup_form()));
    Sender { address, name, reply_to, authentication: SenderAuthentication::None }
}

fn attached(mail: &Mail<'_>, remarks: &mut Vec<String>, parts: &Parts) -> Vec<crate::Attachment> {
    let most = parts.limits.listed;
    if mail.files().nth(most).is_some() {
        remarks.push("it has more attachments than are listed".to_owned());
    }
    mail.files().take(most).map(attachments::describe).collect()
}
