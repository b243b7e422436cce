//! Whether a name can be put at the top of a letter.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::clean;

/// The longest name written out, in characters.
const LONGEST: usize = 60;

/// The name to greet with; nothing if it does not look like one.
///
/// A request can name anybody, and its first mails go out before anybody has proven anything. Without this check a
/// stranger could have us mail "WIN NOW at evil.example" to whomever they like.
pub(crate) fn usable_name(given: Option<&str>) -> Option<String> {
    let name: String = clean::line(given?).nfc().collect();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST;
    (fits && name.chars().all(belongs_to_a_name) && !has_inner_dot(&name)).then_some(name)
}

fn belongs_to_a_name(c: char) -> bool {
    c.is_alphabetic()
        || is_combining_mark(c)
        || matches!(c, ' ' | '.' | ',' | '\'' | '’' | '-' | '‐' | '・' | '゠')
}

/// `Dr. Lee` and `J. R. Jr.` pass; `evil.example`, which mail programs turn into a link, does not.
fn has_inner_dot(name: &str) -> bool {
    name.split(' ').any(|word| word.trim_end_matches(['.', ',']).contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_used() {
        for name in
            ["山田 花子", "佐々木　ルーシー・アン", "Anne-Marie O’Neil, Jr.", "Łukasz Żółć", "محمد", "हिन्दी"]
        {
            assert!(usable_name(Some(name)).is_some(), "{name}");
        }
        assert_eq!(usable_name(Some(" Hanako\r\n\u{202e}Yamada ")).as_deref(), Some("Hanako Yamada"));
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let long = "a".repeat(61);
        let texts =
            ["", " ", "evil.example", "see http://evil.example", "WIN 1000!", "a@b", "<b>x</b>", &long];
        for text in texts {
            assert_eq!(usable_name(Some(text)), None, "{text}");
        }
        assert_eq!(usable_name(None), None);
    }
}
