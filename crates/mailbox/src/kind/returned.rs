//! Our own mails come back, and mails that go round.

use habeas_domain::received_mail::Verdict;

use super::Machine;
use crate::{mime::Mail, reader::Parts};

/// The most deliveries to one address.
const DELIVERIES: usize = 3;

pub(super) fn find(mail: &Mail<'_>, parts: &Parts) -> Option<Machine> {
    why(mail, parts).map(|reason| Machine::new(Verdict::Loop, reason))
}

fn why(mail: &Mail<'_>, parts: &Parts) -> Option<&'static str> {
    let fields = &mail.fields;
    let from = fields.mailboxes("from");
    if from.iter().filter_map(|from| from.address.as_deref()).any(|address| parts.is_own_address(address)) {
        return Some("it comes from one of our own addresses");
    }
    if fields.ids("message-id").iter().any(|id| parts.is_ours(id)) {
        return Some("its Message-ID is one of ours");
    }
    let looped = fields.all("x-loop").map(|value| String::from_utf8_lossy(value).trim().to_owned());
    if looped.into_iter().any(|address| parts.is_own_address(&address)) {
        return Some("it passed here before, as X-Loop says");
    }
    if fields.all("received").count() > parts.limits.hops {
        return Some("it passed more mail servers than a mail does that goes somewhere");
    }
    let delivered: Vec<_> = fields.all("delivered-to").map(<[u8]>::trim_ascii).collect();
    let again = |address: &&[u8]| delivered.iter().filter(|other| other == &address).count() > DELIVERIES;
    delivered.iter().take(100).any(again).then_some("it was delivered to one address again and again")
}
