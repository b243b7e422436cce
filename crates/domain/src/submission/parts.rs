//! Screening the parts of a submission: subject, rights, corrections.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::{
    Correction, CorrectionKind, Identifier, Subject,
    fields::{self, MAX_CORRECTIONS, MAX_IDENTIFIERS},
    object::{Fault, Object, read_text},
    problem::Problems,
};
use crate::{
    Category, EmailAddress, KeyName, KeyValue, PersonName, PhoneNumber, Regime, Right,
    text::{is_control, is_invisible},
};

pub(super) fn subject(root: &Object<'_>, problems: &mut Problems) -> Option<Subject> {
    let value = root.required("subject", problems)?;
    let subject = Object::open("subject", value, fields::SUBJECT, problems)?;
    let email = subject.required_text("email", problems, |text| {
        EmailAddress::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
    });
    let name = subject.text("name", problems, |text| {
        PersonName::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
    });
    let phone = subject.text("phone", problems, |text| {
        PhoneNumber::parse(text).map_err(|problem| (problem.code(), problem.to_string()))
    });
    let identifiers = identifiers(&subject, problems);
    Some(Subject { email: email?, name, phone, identifiers })
}

fn identifiers(subject: &Object<'_>, problems: &mut Problems) -> Vec<Identifier> {
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for (path, value) in subject.list("identifiers", MAX_IDENTIFIERS, problems) {
        let Some(identifier) = identifier(&path, value, problems) else { continue };
        if seen.insert((identifier.key.clone(), identifier.value.clone())) {
            read.push(identifier);
        } else {
            problems.add(path, "duplicate", "this identifier is there already; leave it out");
        }
    }
    read
}

fn identifier(path: &str, value: &Value, problems: &mut Problems) -> Option<Identifier> {
    let object = Object::open(path, value, fields::IDENTIFIER, problems)?;
    let key = object.required_text("key", problems, |text| {
        KeyName::new(text).map_err(|error| ("malformed", error.to_string()))
    });
    let value = object.required_text("value", problems, key_value);
    Some(Identifier { key: key?, value: value? })
}

/// Nothing is taken out of an identifier: a changed one could be somebody else's.
fn key_value(text: &str) -> Result<KeyValue, Fault> {
    let fault = |code, message: &str| Err((code, message.to_owned()));
    if text.is_empty() {
        return fault("empty", "write the identifier, or leave it out");
    }
    if text.len() > KeyValue::MAX_BYTES {
        return Err(("too-long", format!("use at most {} bytes", KeyValue::MAX_BYTES)));
    }
    if text.chars().any(is_control) {
        return fault("control-character", "remove the control characters (line breaks, tabs, NUL)");
    }
    if text.trim() != text || text.chars().any(is_invisible) {
        return fault("malformed", "remove spaces around it and invisible characters");
    }
    KeyValue::new(text).ok_or_else(|| ("malformed", "this cannot be an identifier".to_owned()))
}

/// The rights, each once and in their usual order; nothing if any of them is wrong.
pub(super) fn rights(
    root: &Object<'_>,
    regime: Option<&Regime>,
    problems: &mut Problems,
) -> Option<Vec<Right>> {
    let value = root.required("rights", problems)?;
    if value.as_array().is_some_and(Vec::is_empty) {
        problems.add("rights", "too-few", format!("name at least one of: {}", names(Right::ALL)));
        return None;
    }
    let listed = root.list("rights", Right::ALL.len(), problems);
    let wanted = listed.len();
    let mut read = BTreeSet::new();
    for (path, value) in listed {
        let Some(right) = read_text(&path, value, problems, |text| right(text, regime)) else { continue };
        if !read.insert(right) {
            problems.add(path, "duplicate", format!("{right} is there already; leave it out"));
        }
    }
    (wanted > 0 && read.len() == wanted).then(|| read.into_iter().collect())
}

fn right(text: &str, regime: Option<&Regime>) -> Result<Right, Fault> {
    let right: Right =
        text.parse().map_err(|_| ("unknown-value", format!("use one of: {}", names(Right::ALL))))?;
    match regime {
        Some(regime) if !regime.offers(right) => {
            let offered = names(regime.rights.keys().copied());
            Err(("not-offered", format!("{} does not offer {right}; it offers: {offered}", regime.id)))
        }
        _ => Ok(right),
    }
}

fn names(rights: impl IntoIterator<Item = Right>) -> String {
    rights.into_iter().map(Right::as_str).collect::<Vec<_>>().join(", ")
}

/// The corrections. Whether there must be some is judged only where the rights are `known`.
pub(super) fn corrections(
    root: &Object<'_>,
    wanted: bool,
    known: bool,
    problems: &mut Problems,
) -> Vec<Correction> {
    let listed = root.list("corrections", MAX_CORRECTIONS, problems);
    let missing = root.get("corrections").is_none_or(|value| value.as_array().is_some_and(Vec::is_empty));
    if known && wanted && missing {
        problems.add(
            "corrections",
            "required",
            "say what is to be corrected: category, value and type of each",
        );
    }
    if known && !wanted && !missing {
        problems.add("corrections", "not-wanted", "add correction to the rights, or leave this out");
    }
    let mut categories = HashSet::new();
    let mut read = Vec::new();
    for (path, value) in listed {
        let Some(correction) = correction(&path, value, problems) else { continue };
        if categories.insert(correction.category.clone()) {
            read.push(correction);
        } else {
            problems.add(path, "duplicate", "this category is there already; correct each once");
        }
    }
    read
}

fn correction(path: &str, value: &Value, problems: &mut Problems) -> Option<Correction> {
    let object = Object::open(path, value, fields::CORRECTION, problems)?;
    let category = object.required_text("category", problems, |text| {
        Category::new(text).map_err(|error| ("malformed", error.to_string()))
    });
    let kind = object.required_text("type", problems, |text| {
        text.parse::<CorrectionKind>().map_err(|error| ("unknown-value", error.to_string()))
    });
    let value = object.required_text("value", problems, |text| match kind {
        Some(kind) => kind.clean(text).map(Some),
        None => Ok(None),
    });
    Some(Correction { category: category?, kind: kind?, value: value.flatten()? })
}
