//! The one address in `From`, read more strictly than mail programs do.

use habeas_domain::EmailAddress;

use super::{Remark, domains, fields::Fields};

/// What `From` says.
#[derive(Debug, Default)]
pub(super) struct Author {
    /// The only address, if there is exactly one that every program reads alike.
    pub(super) address: Option<EmailAddress>,
    /// Its domain, in ASCII and lower case.
    pub(super) domain: Option<String>,
    /// What is odd about it.
    pub(super) remarks: Vec<Remark>,
}

impl Author {
    pub(super) fn read(fields: &Fields, imitated: &[String]) -> Self {
        let mut all = fields.named("from");
        let (field, further) = (all.next(), all.next());
        match (field, further) {
            (None, _) => Self::refused(Remark::NoFrom),
            (_, Some(_)) => Self::refused(Remark::SeveralFromFields),
            (Some(field), None) if !field.whole => Self::refused(Remark::AmbiguousFrom),
            (Some(field), None) => Self::of(&field.value, imitated),
        }
    }

    fn refused(why: Remark) -> Self {
        Self { remarks: vec![why], ..Self::default() }
    }

    fn of(value: &str, imitated: &[String]) -> Self {
        let (bare, beside) = match split(value) {
            Ok(parts) => parts,
            Err(why) => return Self::refused(why),
        };
        let Ok(address) = EmailAddress::parse(&bare) else { return Self::refused(Remark::AmbiguousFrom) };
        let domain = domains::of_address(address.as_str());
        let mut remarks = Vec::new();
        if names_another(&beside, &address) {
            remarks.push(Remark::NameHoldsAnotherAddress);
        }
        if let Some(domain) = &domain {
            if domains::has_lookalike_letters(domain) {
                remarks.push(Remark::LookalikeLetters);
            } else if domains::is_international(domain) {
                remarks.push(Remark::InternationalDomain);
            }
            let known = imitated.iter().filter_map(|known| domains::ascii(known));
            if known.into_iter().any(|known| domains::looks_like(domain, &known)) {
                remarks.push(Remark::LooksLikeKnownDomain);
            }
        }
        Self { address: Some(address), domain, remarks }
    }
}

/// The address, and all that stands beside it: the name, comments, quoted texts.
///
/// Comments and quoted texts hold whatever a stranger likes; outside of them exactly one `@` may stand, and no comma,
/// semicolon or second pair of angle brackets.
fn split(value: &str) -> Result<(String, String), Remark> {
    let (outside, beside) = outside_of_comments(value).ok_or(Remark::AmbiguousFrom)?;
    if outside.contains([',', ';', ':']) {
        return Err(Remark::SeveralFromAddresses);
    }
    let brackets = (outside.matches('<').count(), outside.matches('>').count());
    let (address, name) = match brackets {
        (0, 0) => (outside.trim(), ""),
        (1, 1) => {
            let (name, rest) = outside.split_once('<').ok_or(Remark::AmbiguousFrom)?;
            let (address, after) = rest.split_once('>').ok_or(Remark::AmbiguousFrom)?;
            if !after.trim().is_empty() {
                return Err(Remark::AmbiguousFrom);
            }
            (address.trim(), name)
        }
        _ => return Err(Remark::AmbiguousFrom),
    };
    if name.contains('@') && !name.contains("=?") {
        // A name with an address outside quotes: programs differ on which one is meant.
        return Err(Remark::AmbiguousFrom);
    }
    // An encoded word inside an address is not decoded by the standard, but it is by some programs.
    if address.contains("=?") {
        return Err(Remark::AmbiguousFrom);
    }
    Ok((address.to_owned(), format!("{name} {beside}")))
}

/// The text without comments and quoted texts, and those. Nothing if one does not end.
fn outside_of_comments(value: &str) -> Option<(String, String)> {
    let (mut outside, mut beside) = (String::new(), String::new());
    let (mut depth, mut quoted) = (0_usize, false);
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted || depth > 0 => beside.extend(letters.next()),
            '"' if depth == 0 => {
                quoted = !quoted;
                beside.push(' ');
            }
            '(' if !quoted => {
                depth += 1;
                beside.push(' ');
            }
            ')' if !quoted && depth > 0 => depth -= 1,
            _ if quoted || depth > 0 => beside.push(letter),
            _ => outside.push(letter),
        }
    }
    (depth == 0 && !quoted).then_some((outside, beside))
}

/// Whether the words beside an address hold another one, encoded words (RFC 2047) read as well.
fn names_another(beside: &str, address: &EmailAddress) -> bool {
    let decoded = decoded(beside);
    let mut words = decoded.split(|letter: char| letter.is_whitespace() || "<>\"(),;:[]".contains(letter));
    words.any(|word| {
        let looks = word.replace(['＠', '﹫'], "@");
        looks.contains('@') && !looks.trim_matches('.').eq_ignore_ascii_case(address.as_str())
    })
}

fn decoded(text: &str) -> String {
    let mail = format!("Subject: {text}\r\n\r\n");
    let parsed = mail_parser::MessageParser::new().parse(mail.as_bytes());
    let subject = parsed.as_ref().and_then(|message| message.subject());
    format!("{text} {}", subject.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(value: &str) -> Author {
        Author::read(&Fields::read(format!("From: {value}\r\n\r\n").as_bytes()), &["example.com".to_owned()])
    }

    fn address(value: &str) -> Option<String> {
        from(value).address.map(|address| address.as_str().to_owned())
    }

    #[test]
    fn plain_senders_are_read() {
        for value in [
            "hanako@example.jp",
            "<hanako@example.jp>",
            "Hanako Yamada <hanako@example.jp>",
            "\"Yamada, Hanako\" <hanako@example.jp>",
            "=?utf-8?B?5bGx55Sw6Iqx5a2Q?= <hanako@example.jp>",
            "hanako@example.jp (Hanako)",
        ] {
            assert_eq!(address(value).as_deref(), Some("hanako@example.jp"), "{value}");
            assert_eq!(from(value).remarks, [], "{value}");
        }
    }

    #[test]
    fn what_programs_read_differently_is_not_read() {
        use Remark as R;
        for (value, why) in [
            ("a@example.jp, b@example.jp", R::SeveralFromAddresses),
            ("group: a@example.jp;", R::SeveralFromAddresses),
            ("a@example.jp <b@example.jp>", R::AmbiguousFrom),
            ("<a@example.jp> <b@example.jp>", R::AmbiguousFrom),
            ("a@example.jp (never ends", R::AmbiguousFrom),
            ("\"never ends <a@example.jp>", R::AmbiguousFrom),
            ("<a@example.jp>b@example.jp", R::AmbiguousFrom),
            ("=?utf-8?Q?a=40example.jp?=", R::AmbiguousFrom),
            ("a@b@example.jp", R::AmbiguousFrom),
            ("", R::AmbiguousFrom),
        ] {
            assert_eq!((address(value), from(value).remarks), (None, vec![why]), "{value}");
        }
        let two = Fields::read(b"From: a@example.jp\r\nfrom: b@example.jp\r\n\r\n");
        assert_eq!(Author::read(&two, &[]).remarks, [R::SeveralFromFields]);
        assert_eq!(Author::read(&Fields::read(b"\r\n"), &[]).remarks, [R::NoFrom]);
    }

    #[test]
    fn tricks_are_remarked() {
        use Remark as R;
        for (value, remark) in [
            ("\"support@example.com\" <m@attacker.test>", R::NameHoldsAnotherAddress),
            ("m@attacker.test (support@example.com)", R::NameHoldsAnotherAddress),
            ("=?utf-8?Q?support=40example.com?= <m@attacker.test>", R::NameHoldsAnotherAddress),
            ("\"support＠example.com\" <m@attacker.test>", R::NameHoldsAnotherAddress),
            ("m@ехаmple.com", R::LookalikeLetters),
            ("m@exarnple.com", R::LooksLikeKnownDomain),
            ("m@例え.jp", R::InternationalDomain),
        ] {
            let from = from(value);
            assert!(from.address.is_some() && from.remarks.contains(&remark), "{value} {:?}", from.remarks);
        }
        assert_eq!(from("\"hanako@example.jp\" <hanako@example.jp>").remarks, []);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(value in "\\PC{0,80}") {
            let _ = from(&value);
        }

        #[test]
        fn at_most_one_address_outside_quotes(name in "[a-z\" ()<>@.,]{0,30}") {
            let read = from(&format!("{name} <hanako@example.jp>"));
            if let Some(address) = read.address {
                prop_assert_eq!(address.as_str(), "hanako@example.jp");
            }
        }
    }
}
