//! A mail as a submission, to be screened like any other.

use chrono::{DateTime, SecondsFormat, Utc};
use habeas_domain::{MailChoice, Personal, Right, text::FreeText};
use serde_json::{Map, Value, json};

use crate::{IdentifierKind, Understanding};

/// The most identifiers of a submission.
const IDENTIFIERS: usize = 20;

/// Whether a guardian writes, of whom neither the mail nor staff say the name, without which nobody can be written to as one.
pub fn lacks_a_guardians_name(mail: &Understanding, choice: &MailChoice) -> bool {
    choice.by_guardian && choice.guardian_name.is_none() && mail.sender.name.is_none()
}

/// The submission that a mail makes. `received_at` is when it reached the company.
///
/// Nothing in it is proven. Other addresses in the text are left out: they are never the sender's.
pub fn submission(mail: &Understanding, received_at: DateTime<Utc>, choice: &MailChoice) -> Personal<Value> {
    let own = choice.subject.is_none();
    let mut subject = Map::new();
    let address = choice.subject.as_ref().or(mail.sender.address.as_ref());
    subject.extend(address.map(|address| ("email".to_owned(), json!(address.as_str()))));
    // Name and numbers are those of the sender: they say nothing about somebody else.
    if own {
        subject.extend(mail.sender.name.as_ref().map(|name| ("name".to_owned(), json!(name.as_str()))));
        subject.extend(phone(mail));
        let identifiers = identifiers(mail);
        if !identifiers.is_empty() {
            subject.insert("identifiers".to_owned(), Value::Array(identifiers));
        }
    }
    let mut submission = json!({
        "subject": subject,
        "rights": rights(mail, choice),
        "received_at": received_at.to_rfc3339_opts(SecondsFormat::Micros, true),
    });
    if choice.by_guardian {
        submission["child"] = child(mail, choice);
    }
    if let Some(regime) = choice.regime.as_ref().or(mail.regime.as_ref()) {
        submission["regime"] = json!(regime.as_str());
    }
    if let Some(language) = mail.letters() {
        submission["language"] = json!(language);
    }
    if let Some(message) = message(mail) {
        submission["message"] = json!(message);
    }
    Personal::new(submission)
}

/// The sender as the guardian; where the mail has no address of theirs, staff find one out before anybody is written to.
fn child(mail: &Understanding, choice: &MailChoice) -> Value {
    let name = choice.guardian_name.as_ref().or(mail.sender.name.as_ref());
    let mut child = json!({});
    if let Some((name, email)) = name.zip(mail.sender.address.as_ref()) {
        child["guardian"] = json!({ "name": name.as_str(), "email": email.as_str() });
    }
    if let Some(age) = choice.child_age {
        child["age"] = json!(age);
    }
    child
}

fn rights(mail: &Understanding, choice: &MailChoice) -> Vec<Right> {
    let mut rights = choice
        .rights
        .clone()
        .unwrap_or_else(|| mail.rights.iter().filter(|right| right.sure).map(|right| right.right).collect());
    rights.sort_unstable();
    rights.dedup();
    rights
}

/// A number if there is one alone: of several, none is known to be the sender's.
fn phone(mail: &Understanding) -> Option<(String, Value)> {
    let mut phones = mail.identifiers.iter().filter(|found| found.kind == IdentifierKind::Phone);
    let phone = phones.next()?;
    phones.next().is_none().then(|| ("phone".to_owned(), json!(phone.value.expose())))
}

fn identifiers(mail: &Understanding) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for identifier in &mail.identifiers {
        let IdentifierKind::Key(key) = &identifier.kind else { continue };
        let one = json!({ "key": key, "value": identifier.value.expose() });
        if !found.contains(&one) && found.len() < IDENTIFIERS {
            found.push(one);
        }
    }
    found
}

/// What the person wrote, as far as a submission holds it. The whole is in the mail.
fn message(mail: &Understanding) -> Option<String> {
    let kept = |c: &char| !c.is_control() || *c == '\n' || *c == '\t';
    let text: String = mail.text.expose().chars().filter(kept).take(FreeText::MAX_CHARS).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
