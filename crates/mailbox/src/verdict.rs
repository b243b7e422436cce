//! What a mail of a person is.

use habeas_domain::received_mail::Verdict;

use crate::{
    OtherRight, Understanding,
    reader::Parts,
    rules::{Findings, normal},
};

/// So few characters say nothing by themselves.
const LITTLE_TEXT: usize = 30;

/// The verdict on a mail that a person wrote, and why.
pub(crate) fn of_person(
    read: &Understanding,
    told: &Findings,
    is_passed_on: bool,
    parts: &Parts,
) -> (Verdict, String) {
    let is_ours =
        |values: &[habeas_domain::Personal<String>]| values.iter().any(|one| parts.is_ours(one.expose()));
    if is_ours(&read.recipients) || is_ours(&read.references) {
        return (Verdict::Reply, "it answers one of our mails".to_owned());
    }
    let asked = asked(read);
    if read.others.iter().any(|one| one.right == OtherRight::LegalDisclosure) {
        return (
            Verdict::Proposal,
            format!("it may be legal process about somebody, which only staff answer: it {asked}"),
        );
    }
    if told.is_sure() && is_passed_on {
        return (Verdict::Proposal, format!("a mail was passed on that {asked}"));
    }
    if told.is_sure() {
        return (Verdict::Request, format!("it {asked}"));
    }
    if told.asks() {
        return (Verdict::Proposal, format!("it may ask for something: it {asked}"));
    }
    without_rights(read, told, parts)
}

/// A mail in which the rules found no right.
fn without_rights(read: &Understanding, told: &Findings, parts: &Parts) -> (Verdict, String) {
    if !read.references.is_empty() {
        return (Verdict::Reply, "it answers a mail and asks for no right".to_owned());
    }
    if names_a_reference(read, parts) {
        return (Verdict::Proposal, "it names a request by its reference and asks for no right".to_owned());
    }
    if let Some(words) = told.unclear() {
        let reason = format!("it may ask for something that the rules do not know ({})", quoted(words));
        return (Verdict::Proposal, reason);
    }
    if read.regime.is_some() && !told.is_noisy() {
        return (Verdict::Proposal, "it names a law and asks for no right that the rules know".to_owned());
    }
    let is_short = read.text.expose().chars().count() < LITTLE_TEXT;
    let has_letter = read.attachments.iter().any(|one| {
        one.media_type == "application/pdf"
            || one.media_type.starts_with("image/")
            || one.media_type.contains("word")
    });
    if is_short && has_letter {
        return (Verdict::Proposal, "it says little, and a letter may be attached".to_owned());
    }
    if read.text.expose().is_empty() {
        return (Verdict::Parked, "it has no text".to_owned());
    }
    (Verdict::Parked, "it asks for no right that the rules know".to_owned())
}

/// Whether somebody names a request of ours as our letters and pages do. Anybody can: it tells staff what the mail may be about, and
/// belongs to no request by that.
fn names_a_reference(read: &Understanding, parts: &Parts) -> bool {
    [&read.subject, &read.text].iter().any(|text| parts.patterns.reference.is_match(&normal(text.expose())))
}

/// The rights and the words by which they were found.
fn asked(read: &Understanding) -> String {
    let rights = read.rights.iter().map(|one| (one.right.as_str(), one.sure, &one.words));
    let others = read.others.iter().map(|one| (one.right.as_str(), one.sure, &one.words));
    let told = rights.chain(others).map(|(right, sure, words)| {
        format!("{} {right} ({})", if sure { "asks for" } else { "may ask for" }, quoted(words))
    });
    told.collect::<Vec<_>>().join(" and ")
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
}
