//! `role` and `controller` of `[store]`.

use habeas_domain::{EmailAddress, Language};

use super::{Report, bilingual, entry::Entry, section::Section};
use crate::{Controller, Role};

/// The controller to whom people are referred; nothing for a store of our own.
pub(crate) fn controller(section: &mut Section<'_, '_>, report: &mut Report<'_>) -> Option<Controller> {
    let role = section.optional("role").and_then(|entry| entry.choice(report, &Role::ALL, Role::as_str));
    let named = section.optional("controller");
    match (role.unwrap_or(Role::Controller), named) {
        (Role::Processor, Some(entry)) => read(&entry, report),
        (Role::Processor, None) => {
            let fix = "add controller = { name = { en = \"...\", ja = \"...\" }, email = \"...\", url = \"https://...\" }";
            report.problem(section.offset(), "store.controller", "missing for role = \"processor\"", fix);
            None
        }
        (Role::Controller, Some(entry)) => {
            let fix = "add role = \"processor\", or drop controller";
            entry.problem(report, "names another controller, but the store is our own", fix);
            None
        }
        (Role::Controller, None) => None,
    }
}

fn read(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Controller> {
    let mut section = entry.section(report, "a table with name, email and url")?;
    let name = section.required("name", report).and_then(|entry| bilingual::read(&entry, report));
    let email = section.required("email", report).and_then(|entry| email(&entry, report));
    let url = section.required("url", report).and_then(|entry| url(&entry, report));
    let language = section
        .optional("language")
        .and_then(|entry| entry.choice(report, &Language::ALL, Language::as_str))
        .unwrap_or(Language::En);
    section.finish(report);
    Some(Controller { name: name?, email: email?, url: url?, language })
}

fn email(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<EmailAddress> {
    let text = entry.text(report)?;
    EmailAddress::parse(text)
        .map_err(|_| entry.problem(report, "not a mail address", "write one such as privacy@example.com"))
        .ok()
}

fn url(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<String> {
    let text = entry.text(report)?;
    let host = text.strip_prefix("https://").unwrap_or_default();
    let plain =
        text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\'));
    if plain && host.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Some(text.to_owned());
    }
    entry.problem(report, "not a web address", "write one that begins with https://");
    None
}
