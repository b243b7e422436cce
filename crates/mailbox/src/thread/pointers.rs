//! What in a mail may point at one of our threads.

use habeas_domain::Personal;
use uuid::Uuid;

/// The most addresses and the most references that are looked at.
pub(super) const MOST: usize = 50;

/// What stands after the `+` in the name of an address (RFC 5233, section 1).
pub(super) fn detail(address: &Personal<String>) -> Option<&str> {
    let (name, _) = address.expose().trim().rsplit_once('@')?;
    name.rsplit_once('+').map(|(_, detail)| detail)
}

/// What stands before the `@` of a Message-ID, with or without its brackets.
pub(super) fn left_half(message_id: &Personal<String>) -> Option<&str> {
    let inner = message_id.expose().trim().trim_start_matches('<').trim_end_matches('>');
    inner.split_once('@').map(|(left, _)| left)
}

/// The id in a Message-ID of ours that carries no token: the root of a thread.
pub(super) fn root(message_id: &Personal<String>) -> Option<Uuid> {
    let left = left_half(message_id)?;
    // Exactly the form that we write, so that no number that stands elsewhere is taken for an id.
    (left.len() == 36).then(|| Uuid::try_parse(left).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn personal(text: &str) -> Personal<String> {
        Personal::new(text.to_owned())
    }

    #[test]
    fn details_and_halves_are_found_where_they_stand() {
        assert_eq!(detail(&personal("privacy+abc@example.com")), Some("abc"));
        assert_eq!(detail(&personal("a+b+abc@example.com")), Some("abc"));
        assert_eq!(detail(&personal("privacy@example.com")), None);
        assert_eq!(detail(&personal("privacy+abc")), None);
        assert_eq!(left_half(&personal("<abc@example.com>")), Some("abc"));
        assert_eq!(left_half(&personal("abc@example.com")), Some("abc"));
    }

    #[test]
    fn only_the_written_form_of_an_id_is_a_root() {
        let id = "0193b5c0-0000-7000-8000-000000000001";
        assert!(root(&personal(&format!("{id}@example.com"))).is_some());
        assert!(root(&personal(&format!("{}@example.com", id.replace('-', "")))).is_none());
        assert!(root(&personal(&format!("{{{id}}}@example.com"))).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
            let text = personal(&text);
            let _ = (detail(&text), left_half(&text), root(&text));
        }
    }
}
