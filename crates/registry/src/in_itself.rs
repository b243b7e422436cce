//! Whether a manifest makes sense in itself. Runs on what could be read, and leaves out what could not.

use crate::{
    Collection, Field, Keep, Manifest, Meaning, START_KEY,
    effect_words::{repeats, word},
    read::Report,
    sides,
};

/// Reports what contradicts itself or leaves open what a deletion would do.
pub(crate) fn check(manifest: &Manifest, report: &mut Report<'_>) {
    for collection in &manifest.collections {
        let path = format!("collection.{}", collection.name);
        if report.is_clean_below(&path) {
            check_collection(manifest, collection, &path, report);
        }
    }
}

fn check_collection(manifest: &Manifest, collection: &Collection, path: &str, report: &mut Report<'_>) {
    for field in &collection.fields {
        let path = format!("{path}.fields.{}", field.name);
        contradictions(collection, field, &path, report);
        key_stays_distinct(manifest, field, &path, report);
        question(collection, field, &path, report);
    }
    if collection.is_personal() && collection.key_fields().next().is_none() {
        let fix = "give the field that says whose row it is a key, such as fields.customer_id = { key = \"customer_id\" }";
        report.problem_at(path, "no field holds a key, so nobody's rows can be found", fix);
    }
    if !collection.deletes_rows {
        deletion_is_said(manifest, collection, path, report);
    }
    keeps(collection, path, report);
    sides::check(collection, path, report);
}

/// Settings of one field that exclude each other.
fn contradictions(collection: &Collection, field: &Field, path: &str, report: &mut Report<'_>) {
    let says_something = field.key.is_some() || field.category.is_some() || field.delete.is_some();
    let mut wrong = |wrong: bool, message: &str, fix: &str| {
        if wrong {
            report.problem_at(path, message, fix);
        }
    };
    wrong(
        !says_something && !field.internal,
        "says nothing",
        "add a category, or internal = true if it is not personal",
    );
    wrong(
        says_something && field.internal,
        "internal, and yet described",
        "drop internal, or everything else",
    );
    wrong(
        field.alternate && field.key.is_none(),
        "alternate without a key",
        "add the key, or drop alternate",
    );
    let reaches = matches!(field.correct, Some(Meaning::Phone | Meaning::Email));
    wrong(
        field.is_own_contact() && !reaches,
        "own_contact, and yet no telephone number and no mail address",
        "add correct = \"phone\" or correct = \"email\", or drop own_contact",
    );
    let described = field.provided || field.correct.is_some() || field.remains.is_some();
    wrong(
        described && field.category.is_none(),
        "provided, correct and remains need a category",
        "add the category of personal data that it holds",
    );
    wrong(
        field.delete.is_some() && field.remains.is_some(),
        "changed by a deletion, and yet remains",
        "drop delete or remains",
    );
    wrong(
        field.keep.is_some() && field.delete.is_none() && !collection.deletes_rows,
        "kept until a day on which nothing happens",
        "add the delete that the keep holds back, such as delete = \"null\"",
    );
    let own = field.delete.is_some() || field.keep.is_some() || field.remains.is_some();
    wrong(
        own && collection.deletes_rows,
        "the collection's rows are deleted, so the field cannot have a deletion of its own",
        "move keep to the collection, and drop the field's delete and remains; or drop the collection's delete",
    );
}

/// A question must be about the person, must not be one that the address in the request answers, and must say which
/// row it means by a field that is there.
fn question(collection: &Collection, field: &Field, path: &str, report: &mut Report<'_>) {
    let Some(ask) = &field.ask else { return };
    let path = format!("{path}.ask");
    if field.category.is_none() {
        report.problem_at(
            &path,
            "asked about without a category",
            "add the field's category, so that what must never be asked is known",
        );
    }
    if field.key.as_ref().is_some_and(|key| key.as_str() == START_KEY) {
        report.problem_at(&path, "asks for what the request itself says", "ask about another field");
    }
    if let Some(newest) = ask.newest.as_ref().filter(|newest| collection.field(newest).is_none()) {
        let fix = "name a field of this collection, and mention it, if only as internal = true";
        report.problem_at(&path, format!("the collection has no field `{newest}`"), fix);
    }
}

/// A key that a deletion makes equal in several people's rows would lead from one erased person to all others.
fn key_stays_distinct(manifest: &Manifest, field: &Field, path: &str, report: &mut Report<'_>) {
    let leads = field.key.as_ref().is_some_and(|key| !manifest.key_rules(key).shared);
    if let Some(effect) = field.delete.as_ref().filter(|effect| leads && repeats(effect)) {
        let message = format!("a key, and \"{}\" would give many people the same one", word(effect));
        let fix = "use \"null\", \"hash\" or \"mask-email\", which repeat no value; or declare the [[key]] as shared";
        report.problem_at(path, message, fix);
    }
}

/// Where rows stay, each personal field must say what becomes of it.
fn deletion_is_said(manifest: &Manifest, collection: &Collection, path: &str, report: &mut Report<'_>) {
    let identifies =
        |field: &Field| field.key.as_ref().is_some_and(|key| manifest.key_rules(key).identifying);
    let personal = |field: &&Field| field.category.is_some() || identifies(field);
    let open = |field: &&Field| field.delete.is_none() && field.remains.is_none();
    let all = collection.fields.iter().filter(personal).count();
    let unsaid: Vec<&Field> = collection.fields.iter().filter(personal).filter(open).collect();
    if unsaid.is_empty() {
        return;
    }
    if unsaid.len() == all {
        let fix = "write delete = \"rows\" for the collection, or an effect for each personal field";
        report.problem_at(path, "holds personal data, but says nothing of what a deletion does", fix);
        return;
    }
    for field in unsaid {
        let path = format!("{path}.fields.{}", field.name);
        let fix = "add an effect, such as delete = \"null\"; or remains = \"why\" if without the rest it identifies nobody";
        report.problem_at(&path, "personal, but a deletion would leave it as it is", fix);
    }
}

/// Every keep must hold something back, and the rows must still be found and dated when it ends.
fn keeps(collection: &Collection, path: &str, report: &mut Report<'_>) {
    if collection.keep.is_some() && !collection.deletes() {
        let fix = "add what the keep holds back, such as delete = \"rows\"";
        report.problem_at(path, "kept until a day on which nothing happens", fix);
    }
    for field in collection.fields.iter().filter(|field| field.delete.is_some()) {
        let Some(keep) = collection.keep_of(field) else { continue };
        let path = format!("{path}.fields.{}", field.name);
        if let Some(message) = date_is_lost(collection, field, keep) {
            report.problem_at(&path, message, "keep the date by the same rule, or give it no effect");
        }
        if key_is_lost(collection, field, keep) {
            let fix = "leave a key field as it is, or keep one by the same rule";
            report.problem_at(&path, "when the keep ends, no key field is left to find the row by", fix);
        }
    }
}

/// The date that a keep counts from must not change before the keep ends, nor by the deletion of another side.
fn date_is_lost(collection: &Collection, field: &Field, keep: &Keep) -> Option<String> {
    let date = collection.field(&keep.field)?;
    let alike = date.side == field.side && collection.keep_of(date) == Some(keep);
    let changes_earlier = date.delete.is_some() && !alike;
    changes_earlier.then(|| format!("the keep counts from `{}`, which a deletion changes before", keep.field))
}

/// The keys that find a row on the field's own side are those that have to stay.
fn key_is_lost(collection: &Collection, field: &Field, keep: &Keep) -> bool {
    let stays = |key: &&Field| key.delete.is_none() || collection.keep_of(key) == Some(keep);
    let mut keys = collection.key_fields().filter(|key| key.side == field.side).peekable();
    keys.peek().is_some() && !keys.any(|key| stays(&key))
}
