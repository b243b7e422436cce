//! The spellings of a key that a text column may hold.
//!
//! A key is in Unicode normal form C; text that came from a Mac may be in form D. A database compares bytes, so it
//! is asked for both. Whom a row belongs to is decided afterwards, by `Attribution`.

use habeas_connector_api::Compare;
use habeas_domain::KeyValue;
use unicode_normalization::UnicodeNormalization;

/// The texts to look for, when the column is compared as it is.
pub(crate) fn exact(keys: &[&KeyValue]) -> Vec<String> {
    let both = keys.iter().flat_map(|key| forms(key.as_str()));
    both.collect()
}

/// The texts to look for, when the column is made lower case first.
pub(crate) fn folded(keys: &[&KeyValue]) -> Vec<String> {
    keys.iter().flat_map(|key| forms(key.folded().as_str())).collect()
}

/// The texts to look for, when a database makes the column lower case that may know ASCII letters only (in PostgreSQL
/// the locale decides): other letters are then asked for in both cases.
pub(crate) fn lowered(keys: &[&KeyValue]) -> Vec<String> {
    let foreign = keys.iter().filter(|key| !key.as_str().is_ascii()).flat_map(|key| {
        let upper = key.as_str().to_uppercase().to_ascii_lowercase();
        forms(&key.as_str().to_ascii_lowercase()).into_iter().chain(forms(&upper))
    });
    folded(keys).into_iter().chain(foreign).collect()
}

/// The texts to look for in a column that ignores case by itself, or where both are asked for.
pub(crate) fn of(keys: &[&KeyValue], compare: Compare) -> Vec<String> {
    match compare {
        Compare::Exact => exact(keys),
        Compare::Caseless => folded(keys),
    }
}

fn forms(text: &str) -> Vec<String> {
    let decomposed = (!text.is_ascii()).then(|| text.nfd().collect::<String>()).filter(|other| other != text);
    std::iter::once(text.to_owned()).chain(decomposed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_normal_forms_are_asked_for() {
        let (plain, composed) = (KeyValue::new("Taro").unwrap(), KeyValue::new("がき").unwrap());
        assert_eq!(exact(&[&plain, &composed]), ["Taro", "がき", "か\u{3099}き"]);
        assert_eq!(of(&[&plain], Compare::Caseless), ["taro"]);
    }

    #[test]
    fn letters_beyond_ascii_are_asked_for_in_both_cases() {
        let key = KeyValue::new("Жук@EXAMPLE.com").unwrap();
        assert_eq!(
            lowered(&[&key]).iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
            ["жук@example.com", "Жук@example.com", "ЖУК@example.com"].into()
        );
    }
}
