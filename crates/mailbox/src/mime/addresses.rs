//! Addresses in header fields. Encoded words are taken out before the field is read and put back into names afterwards, so
//! that nothing decoded can pass for an address.

use std::fmt::Write as _;

use mail_parser::parsers::MessageStream;

use super::encoded_word::{Stretch, stretches};

/// A name and an address, either of which may be missing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// The name, decoded.
    pub(crate) name: Option<String>,
    /// The address as it stands.
    pub(crate) address: Option<String>,
}

/// Stands around the number of a word that was taken out. No mail holds it: it is no character.
const MARK: char = '\u{fdd0}';

/// The mailboxes of one unfolded field.
pub(crate) fn read(field: &str) -> Vec<Mailbox> {
    let mut words = Vec::new();
    let mut plain = String::with_capacity(field.len());
    for stretch in stretches(field) {
        match stretch {
            Stretch::Plain(text) => plain.extend(text.chars().filter(|c| *c != MARK)),
            Stretch::Decoded(word) => {
                let _ = write!(plain, "{MARK}{}{MARK}", words.len());
                words.push(word);
            }
        }
    }
    // Without a line end mail-parser takes the last address for unfinished.
    plain.push('\n');
    let parsed = MessageStream::new(plain.as_bytes()).parse_address();
    let Some(address) = parsed.as_address() else { return Vec::new() };
    address
        .iter()
        .map(|one| Mailbox {
            name: one.name.as_deref().map(|name| restored(name, &words)).filter(|name| !name.is_empty()),
            address: one.address.as_deref().map(|address| restored(address, &words)),
        })
        .collect()
}

fn restored(text: &str, words: &[String]) -> String {
    let pieces = text.split(MARK).enumerate().map(|(number, piece)| {
        let word =
            if number % 2 == 1 { piece.parse().ok().and_then(|at: usize| words.get(at)) } else { None };
        word.map_or(piece, String::as_str)
    });
    pieces.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(field: &str) -> Vec<(String, String)> {
        let text = |part: Option<String>| part.unwrap_or_default();
        read(field).into_iter().map(|one| (text(one.name), text(one.address))).collect()
    }

    fn pair(name: &str, address: &str) -> (String, String) {
        (name.to_owned(), address.to_owned())
    }

    #[test]
    fn names_are_decoded_and_split_characters_joined() {
        assert_eq!(
            pairs("=?utf-8?B?5bGx55Sw6Iqx?= =?utf-8?B?5a2Q?= <hanako@example.jp>"),
            [pair("山田花子", "hanako@example.jp")]
        );
        assert_eq!(
            pairs("\"=?utf-8?B?5bGx?= =?utf-8?B?55Sw?=\" <y@example.jp>, b@example.com"),
            [pair("山田", "y@example.jp"), pair("", "b@example.com")]
        );
    }

    #[test]
    fn what_is_decoded_is_never_an_address() {
        // The word decodes to: victim@example.com <victim@example.com>,
        let field = "=?utf-8?Q?victim=40example=2Ecom_=3Cvictim=40example=2Ecom=3E=2C?= <real@example.net>";
        assert_eq!(pairs(field), [pair("victim@example.com <victim@example.com>,", "real@example.net")]);
    }

    #[test]
    fn groups_and_ruins_are_read() {
        assert_eq!(pairs("friends: a@example.com, b@example.com;").len(), 2);
        assert_eq!(pairs("\"unclosed <a@example.com"), [pair("unclosed <a@example.com", "")]);
        assert!(pairs("").is_empty());
    }
}
