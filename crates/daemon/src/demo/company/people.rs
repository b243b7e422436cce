//! The customers. Nobody of them exists: names are common ones put together, addresses are in domains that are
//! reserved for examples.

use habeas_domain::Language;

/// A customer.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Person {
    /// Where they stand in the list.
    pub(in crate::demo) index: usize,
    /// Their customer number.
    pub(in crate::demo) id: i64,
    /// Their name.
    pub(in crate::demo) name: String,
    /// How it is read; for Japanese names.
    pub(in crate::demo) kana: Option<String>,
    /// Their mail address.
    pub(in crate::demo) email: String,
    /// Their telephone number.
    pub(in crate::demo) phone: String,
    /// The language they are written to in.
    pub(in crate::demo) language: Language,
}

/// Who asks for a copy.
pub(in crate::demo) const ACCESS: usize = 0;
/// Who asks to be deleted.
pub(in crate::demo) const DELETION: usize = 1;
/// Whose address and name have changed.
pub(in crate::demo) const CORRECTION: usize = 2;
/// Who takes their data elsewhere.
pub(in crate::demo) const PORTABILITY: usize = 3;

/// Who asks by a mail for a copy and for a file to take elsewhere.
pub(in crate::demo) const BY_MAIL: usize = 4;

const FIRST_ID: i64 = 1001;

/// Family and given name: as written, as read, in Latin letters.
type Japanese = ([&'static str; 2], [&'static str; 2], [&'static str; 2]);

const JAPANESE: [Japanese; 8] = [
    (["山田", "花子"], ["やまだ", "はなこ"], ["yamada", "hanako"]),
    (["佐藤", "健"], ["さとう", "けん"], ["sato", "ken"]),
    (["鈴木", "美咲"], ["すずき", "みさき"], ["suzuki", "misaki"]),
    (["高橋", "蓮"], ["たかはし", "れん"], ["takahashi", "ren"]),
    (["田中", "陽菜"], ["たなか", "ひな"], ["tanaka", "hina"]),
    (["伊藤", "大和"], ["いとう", "やまと"], ["ito", "yamato"]),
    (["渡辺", "結衣"], ["わたなべ", "ゆい"], ["watanabe", "yui"]),
    (["中村", "翔太"], ["なかむら", "しょうた"], ["nakamura", "shota"]),
];

const ENGLISH: [[&str; 2]; 4] =
    [["Emma", "Brown"], ["Lukas", "Weber"], ["Sofia", "Rossi"], ["Noah", "Martin"]];

/// Everybody, the five who ask first.
pub(in crate::demo) fn people() -> Vec<Person> {
    let asking = [japanese(0, 0), japanese(1, 1), english(0, 0), english(1, 1)];
    let neighbours = (0..8).flat_map(|family| {
        // Namesakes among them: the same family names, and one whole name twice under other addresses.
        [
            japanese(family, (family + 3) % 8),
            japanese(family, (family + 5) % 8),
            english(family % 4, (family + 1) % 4),
        ]
    });
    let namesakes = [japanese(0, 0), japanese(1, 1)];
    let names = asking.into_iter().chain(neighbours).chain(namesakes);
    names.enumerate().map(|(index, name)| person(index, name)).collect()
}

struct Name {
    written: String,
    read: Option<String>,
    mailbox: String,
    language: Language,
}

fn person(index: usize, name: Name) -> Person {
    let number = i64::try_from(index).unwrap_or_default();
    // Those who ask keep plain addresses; everybody else's holds their number, so that each is its own.
    let (domain, mailbox) = match name.language {
        Language::Ja => ("example.jp", name.mailbox),
        Language::En => ("example.com", name.mailbox),
    };
    let mailbox = if index <= BY_MAIL { mailbox } else { format!("{mailbox}.{number:02}") };
    Person {
        index,
        id: FIRST_ID + number,
        name: name.written,
        kana: name.read,
        email: format!("{mailbox}@{domain}"),
        phone: format!("+81-90-0000-{number:04}"),
        language: name.language,
    }
}

fn japanese(family: usize, given: usize) -> Name {
    let (family, given) = (JAPANESE[family % JAPANESE.len()], JAPANESE[given % JAPANESE.len()]);
    Name {
        written: format!("{} {}", family.0[0], given.0[1]),
        read: Some(format!("{} {}", family.1[0], given.1[1])),
        mailbox: format!("{}.{}", given.2[1], family.2[0]),
        language: Language::Ja,
    }
}

fn english(given: usize, family: usize) -> Name {
    let (given, family) = (ENGLISH[given % ENGLISH.len()][0], ENGLISH[family % ENGLISH.len()][1]);
    Name {
        written: format!("{given} {family}"),
        read: None,
        mailbox: format!("{given}.{family}").to_lowercase(),
        language: Language::En,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_has_an_address_of_their_own() {
        let people = people();
        let addresses: BTreeSet<&str> = people.iter().map(|person| person.email.as_str()).collect();
        assert_eq!(addresses.len(), people.len());
        assert!(people.len() >= 24);
        assert_eq!(people[ACCESS].email, "hanako.yamada@example.jp");
        assert_eq!(people[DELETION].name, "佐藤 健");
    }
}
