//! Values in a text that may find a person.

use habeas_domain::{EmailAddress, Personal, PhoneNumber};
use unicode_normalization::UnicodeNormalization;

use crate::{FoundIdentifier, IdentifierKind, reader::Parts, rules::Written};

/// Finds addresses, telephone numbers and keys, in this order, each once.
pub(crate) fn find(text: &str, written: Option<&Written>, parts: &Parts) -> Vec<FoundIdentifier> {
    let country = written.and_then(|written| written.calling_code.as_deref());
    let plain: String = text.nfkc().map(plain_dash).collect();
    let mut found = Found { list: Vec::new(), most: parts.limits.listed };
    for one in parts.patterns.email.find_iter(&plain) {
        if let Some(address) = email(one.as_str()).filter(|address| !parts.is_own_address(address)) {
            found.add(IdentifierKind::Email, address);
        }
    }
    for one in parts.patterns.phone.find_iter(&plain) {
        if stands_alone(&plain, one.start(), one.end())
            && let Some(number) = phone(one.as_str(), country)
        {
            found.add(IdentifierKind::Phone, number);
        }
    }
    for (key, regex) in &parts.keys {
        for captured in regex.captures_iter(&plain) {
            if let Some(value) = captured.get(1).or_else(|| captured.get(0)) {
                found.add(IdentifierKind::Key(key.clone()), value.as_str().to_owned());
            }
        }
    }
    found.list
}

struct Found {
    list: Vec<FoundIdentifier>,
    most: usize,
}

impl Found {
    fn add(&mut self, kind: IdentifierKind, value: String) {
        let found = FoundIdentifier { kind, value: Personal::new(value) };
        if self.list.len() < self.most && !found.value.expose().is_empty() && !self.list.contains(&found) {
            self.list.push(found);
        }
    }
}

/// Dashes of all kinds, as Japanese keyboards give them between digits.
fn plain_dash(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        other => other,
    }
}

fn email(raw: &str) -> Option<String> {
    let trimmed = raw.trim_matches(['.', '\'', '-', '*', '/', '=', '{', '}', '|', '~', '`']);
    EmailAddress::parse(trimmed).ok().map(|address| address.as_str().to_owned())
}

/// Whether no letter or digit touches a number, so that it is not a piece of a longer one.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let touches =
        |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '#'));
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !touches(before) && !touches(after) && before != Some('-')
}

/// A telephone number in E.164 where its country can be told, by itself or by the language of the mail, else its digits.
fn phone(raw: &str, country: Option<&str>) -> Option<String> {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    if let Some(international) = raw.strip_prefix('+') {
        return PhoneNumber::parse(&format!("+{international}"))
            .ok()
            .map(|number| number.as_str().to_owned());
    }
    if let Some(rest) = digits.strip_prefix("00") {
        let number = PhoneNumber::parse(&format!("+{rest}"));
        return number.ok().filter(|_| digits.len() >= 11).map(|number| number.as_str().to_owned());
    }
    let is_mobile = digits.len() == 11
        && ["090", "080", "070", "060", "050"].iter().any(|start| digits.starts_with(start));
    match digits.strip_prefix('0') {
        Some(rest) if (10..=11).contains(&digits.len()) => {
            let country = country.or((is_mobile && raw.contains('-')).then_some("81"));
            Some(country.map_or_else(|| digits.clone(), |country| format!("+{country}{rest}")))
        }
        Some(_) => None,
        None => north_american(raw, &digits),
    }
}

/// `(212) 555-0100`, `1-212-555-0100`: with separators only, for ten digits alone can be anything.
fn north_american(raw: &str, digits: &str) -> Option<String> {
    let ten = if digits.len() == 11 { digits.strip_prefix('1')? } else { digits };
    let groups: Vec<usize> =
        raw.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|len| *len > 0).collect();
    let is_grouped = matches!(groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4]);
    (is_grouped && ten.len() == 10 && !ten.starts_with(['0', '1'])).then(|| format!("+1{ten}"))
}

#[cfg(test)]
mod tests {
    use habeas_domain::Language;

    use super::*;
    use crate::{Reader, ReaderOptions};

    fn written(language: Language) -> Written {
        let calling_code = (language == Language::Ja).then(|| "81".to_owned());
        Written { tag: language.into(), letters: language, calling_code }
    }

    fn found(text: &str, language: Language) -> Vec<(String, String)> {
        let patterns = vec![("customer_id".to_owned(), r"\bC-(\d{6})\b".to_owned())];
        let reader = Reader::new(ReaderOptions { patterns, ..ReaderOptions::default() }).expect("a reader");
        find(text, Some(&written(language)), reader.parts())
            .into_iter()
            .map(|one| (String::from(one.kind), one.value.into_inner()))
            .collect()
    }

    fn values(text: &str, language: Language) -> Vec<String> {
        found(text, language).into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn addresses_of_all_kinds_are_found() {
        assert_eq!(
            values(
                "旧: Hanako+shop@Example.JPです。新：ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ、<a@b.example>",
                Language::Ja
            ),
            ["Hanako+shop@example.jp", "taro@example.com", "a@b.example"]
        );
        assert_eq!(values("x@例え.テスト", Language::Ja), ["x@xn--r8jz45g.xn--zckzah"]);
        assert!(values("@example.com a@b", Language::En).is_empty());
    }

    #[test]
    fn numbers_of_all_kinds_are_found() {
        for (text, language, value) in [
            ("０９０－００００－００００まで", Language::Ja, "+819000000000"),
            ("電話 03-0000-0000", Language::Ja, "+81300000000"),
            ("09000000000です", Language::Ja, "+819000000000"),
            ("call +44 20 7946 0000.", Language::En, "+442079460000"),
            ("call (212) 555-0100", Language::En, "+12125550100"),
            ("my mobile is 07700 900000", Language::En, "07700900000"),
        ] {
            assert_eq!(values(text, language), [value], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_telephones() {
        for text in [
            "2024-03-01 12:34",
            "〒100-0001",
            "order 1234567890",
            "ID0900000000001",
            "1.2.3.4",
            "12,345,678円",
        ] {
            assert!(values(text, Language::Ja).is_empty(), "{text}");
        }
    }

    #[test]
    fn keys_are_found_by_their_patterns() {
        assert_eq!(
            found("会員番号 Ｃ－１２３４５６", Language::Ja),
            [("customer_id".into(), "123456".into())]
        );
    }
}
