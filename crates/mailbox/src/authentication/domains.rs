//! Domains: their usual form, how they are related, and how they look.

/// The domain in ASCII and lower case, without a dot at its end; nothing if it is none.
pub(super) fn ascii(domain: &str) -> Option<String> {
    let domain = domain.trim().trim_end_matches('.');
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let fit = (1..=253).contains(&ascii.len())
        && ascii.split('.').all(|label| (1..=63).contains(&label.len()))
        && ascii.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    fit.then(|| ascii.to_ascii_lowercase())
}

/// The domain of an address such as `@example.com` or `a@example.com`, or of a bare domain.
pub(super) fn of_address(text: &str) -> Option<String> {
    ascii(text.rsplit_once('@').map_or(text, |(_, domain)| domain))
}

/// Whether `domain` is `of` or lies above it. Who owns the domain above decides about those below; never the other way.
pub(super) fn covers(domain: &str, of: &str) -> bool {
    let below = || of.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    domain.contains('.') && (domain == of || below())
}

/// How many labels two domains share at their end.
pub(super) fn shared_labels(one: &str, other: &str) -> usize {
    one.rsplit('.').zip(other.rsplit('.')).take_while(|(one, other)| one == other).count()
}

/// Whether a domain has a label in another script.
pub(super) fn is_international(domain: &str) -> bool {
    domain.split('.').any(|label| label.starts_with("xn--"))
}

/// Whether a label in another script looks like one in Latin letters.
pub(super) fn has_lookalike_letters(domain: &str) -> bool {
    let (shown, _) = idna::domain_to_unicode(domain);
    shown
        .split('.')
        .any(|label| !label.is_ascii() && label.chars().map(latin).all(|letter| letter.is_ascii()))
}

/// Whether a domain looks like `known` and is another. `ascii` is its usual form.
pub(super) fn looks_like(ascii: &str, known: &str) -> bool {
    !covers(known, ascii) && look(ascii) == look(known)
}

/// A form that is the same for domains that the eye takes for the same.
fn look(domain: &str) -> String {
    let (shown, _) = idna::domain_to_unicode(domain);
    let latin: String = shown.to_lowercase().chars().map(latin).filter(|letter| *letter != '-').collect();
    latin
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
        .replace(['1', 'i', 'j'], "l")
        .replace('0', "o")
}

/// The Latin letter that a letter of another script looks like, or itself. After Unicode TS 39; the letters that were
/// used in known cases.
const fn latin(letter: char) -> char {
    match letter {
        'а' | 'α' | 'ɑ' | 'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' | 'ā' | 'ạ' => 'a',
        'ь' | 'Ь' | 'ƅ' => 'b',
        'с' | 'ϲ' | 'ç' | 'ć' | 'č' => 'c',
        'ԁ' | 'ɗ' | 'đ' => 'd',
        'е' | 'є' | 'ё' | 'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ẹ' => 'e',
        'ɡ' | 'ġ' | 'ğ' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ї' | 'ι' | 'ı' | 'ì' | 'í' | 'î' | 'ï' | 'ī' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' | 'ⅼ' | 'ł' => 'l',
        'м' | 'ⅿ' => 'm',
        'п' | 'ո' | 'ñ' | 'ń' => 'n',
        'о' | 'ο' | 'օ' | 'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ø' | 'ō' | 'ọ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ꭇ' => 'r',
        'ѕ' | 'ś' | 'š' | 'ş' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' | 'ù' | 'ú' | 'û' | 'ü' | 'ū' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' | 'ω' | 'ѡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        'ᴢ' | 'ź' | 'ž' | 'ż' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_one_form() {
        assert_eq!(ascii("Mail.Example.JP.").as_deref(), Some("mail.example.jp"));
        assert_eq!(ascii("例え.jp").as_deref(), Some("xn--r8jz45g.jp"));
        for wrong in ["", "a b.jp", "a..jp", "@", "exa\0mple.jp", &"a".repeat(300)] {
            assert_eq!(ascii(wrong), None, "{wrong:?}");
        }
        assert_eq!(of_address("@Example.JP").as_deref(), Some("example.jp"));
    }

    #[test]
    fn a_domain_covers_those_below_it_and_no_others() {
        assert!(covers("example.jp", "example.jp") && covers("example.jp", "mail.example.jp"));
        for (domain, of) in
            [("mail.example.jp", "example.jp"), ("ample.jp", "example.jp"), ("jp", "example.jp")]
        {
            assert!(!covers(domain, of), "{domain} {of}");
        }
    }

    #[test]
    fn imitations_are_seen_and_japanese_names_are_not_taken_for_them() {
        let cyrillic = ascii("ехаmple.com").unwrap();
        assert!(has_lookalike_letters(&cyrillic) && looks_like(&cyrillic, "example.com"));
        for imitation in ["exarnple.com", "examp1e.com", "ex-ample.com"] {
            assert!(looks_like(imitation, "example.com"), "{imitation}");
        }
        for other in ["example.com", "mail.example.com", "example.jp"] {
            assert!(!looks_like(other, "example.com"), "{other}");
        }
        assert!(!has_lookalike_letters(&ascii("日本語.jp").unwrap()));
    }
}
