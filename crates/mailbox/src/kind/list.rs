//! Mails to many: mailing lists and bulk mail (RFC 2369, RFC 2919).

use habeas_domain::received_mail::Verdict;

use super::Machine;
use crate::{mime::Mail, reader::Parts};

const FIELDS: [&str; 10] = [
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-subscribe",
    "list-owner",
    "mailing-list",
    "x-mailing-list",
    "x-ml-name",
    "x-mlserver",
];

pub(super) fn find(mail: &Mail<'_>, parts: &Parts) -> Option<Machine> {
    if is_way_to_us(mail, parts) {
        return None;
    }
    if let Some(field) = FIELDS.iter().find(|field| mail.fields.has(field)) {
        return Some(Machine::new(Verdict::List, format!("it went to a list, as {field} says")));
    }
    let precedence =
        mail.fields.token("precedence").filter(|value| matches!(value.as_str(), "list" | "bulk" | "junk"));
    precedence
        .map(|value| Machine::new(Verdict::List, format!("it went to many, as Precedence says: {value}")))
}

/// Whether the list is one of ours, such as a group behind privacy@ that hands mails on to us.
fn is_way_to_us(mail: &Mail<'_>, parts: &Parts) -> bool {
    let named = |field: &'static str| {
        mail.fields.all(field).map(|value| String::from_utf8_lossy(value).to_lowercase())
    };
    named("list-id").chain(named("list-post")).chain(named("mailing-list")).any(|value| {
        let of_address = parts
            .own_addresses
            .iter()
            .any(|own| value.contains(own.as_str()) || value.contains(&own.replace('@', ".")));
        let of_domain = parts.own_domains.iter().any(|domain| {
            let inner = value.rsplit('<').next().unwrap_or_default().trim_end_matches(['>', ' ', '\r', '\n']);
            inner.ends_with(&format!(".{domain}")) || inner.ends_with(&format!("@{domain}"))
        });
        of_address || of_domain
    })
}
