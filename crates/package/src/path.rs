//! Names of files that are safe on every system, whatever a collection is called.

use std::collections::HashSet;

use habeas_domain::{CollectionName, StoreName};

/// Longest part of a path, in bytes: file systems take 255, and an ending and a number are added.
const LONGEST: usize = 120;

/// Names that Windows keeps for devices, with any ending.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// The paths of one collection's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) json: String,
    pub(crate) csv: String,
    pub(crate) schema: String,
}

/// Gives out paths, none twice, not even for file systems that ignore case.
#[derive(Debug, Default)]
pub(crate) struct PathBook {
    taken: HashSet<String>,
}

impl PathBook {
    pub(crate) fn paths(&mut self, store: &StoreName, collection: &CollectionName) -> Paths {
        let wanted = format!("{}/{}", safe(store.as_str()), safe(collection.as_str()));
        let stem = self.distinct(&wanted);
        Paths {
            json: format!("data/{stem}.json"),
            csv: format!("data/{stem}.csv"),
            schema: format!("schema/{stem}.schema.json"),
        }
    }

    fn distinct(&mut self, wanted: &str) -> String {
        let mut stem = wanted.to_owned();
        let mut number = 1_u64;
        while !self.taken.insert(stem.to_lowercase()) {
            number += 1;
            stem = format!("{wanted}-{number}");
        }
        stem
    }
}

/// Letters and digits of any script, `-`, `_` and inner dots; everything else becomes `_`.
fn safe(name: &str) -> String {
    let fit = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let plain: String = name.chars().map(|c| if fit(c) { c } else { '_' }).collect();
    let plain = plain.trim_matches('.');
    let end = plain.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= LONGEST).last();
    let plain = plain.get(..end.unwrap_or_default()).unwrap_or_default().trim_end_matches('.');
    if plain.is_empty() || reserved(plain) { format!("_{plain}") } else { plain.to_owned() }
}

fn reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = |prefix: &&str| {
        base.strip_prefix(*prefix)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(char::is_numeric))
    };
    RESERVED.contains(&base.as_str()) || NUMBERED.iter().any(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(book: &mut PathBook, collection: &str) -> String {
        book.paths(&StoreName::new("shop").unwrap(), &CollectionName::new(collection).unwrap()).json
    }

    #[test]
    fn plain_names_stay() {
        let mut book = PathBook::default();
        let paths =
            book.paths(&StoreName::new("shop").unwrap(), &CollectionName::new("public.customer").unwrap());
        assert_eq!(paths.json, "data/shop/public.customer.json");
        assert_eq!(paths.csv, "data/shop/public.customer.csv");
        assert_eq!(paths.schema, "schema/shop/public.customer.schema.json");
        assert_eq!(json(&mut book, "顧客"), "data/shop/顧客.json");
    }

    #[test]
    fn nothing_climbs_or_hides() {
        let mut book = PathBook::default();
        assert_eq!(json(&mut book, "../../etc/passwd"), "data/shop/_.._etc_passwd.json");
        assert_eq!(json(&mut book, ".."), "data/shop/_.json");
        assert_eq!(json(&mut book, "a\"b'<c>\\d:e|f?*"), "data/shop/a_b__c__d_e_f__.json");
        assert_eq!(json(&mut book, "gpj.\u{202e}exe"), "data/shop/gpj._exe.json");
    }

    #[test]
    fn device_names_of_windows_are_avoided() {
        let mut book = PathBook::default();
        assert_eq!(json(&mut book, "NUL"), "data/shop/_NUL.json");
        assert_eq!(json(&mut book, "com1.orders"), "data/shop/_com1.orders.json");
        assert_eq!(json(&mut book, "lpt¹"), "data/shop/_lpt¹.json");
        assert_eq!(json(&mut book, "command"), "data/shop/command.json");
    }

    #[test]
    fn names_that_become_alike_stay_apart() {
        let mut book = PathBook::default();
        assert_eq!(json(&mut book, "a/b"), "data/shop/a_b.json");
        assert_eq!(json(&mut book, "a_b"), "data/shop/a_b-2.json");
        assert_eq!(json(&mut book, "A_B"), "data/shop/A_B-3.json");
        assert_eq!(json(&mut book, "a_b-2"), "data/shop/a_b-2-2.json");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let mut book = PathBook::default();
        let first = json(&mut book, &"顧".repeat(85));
        assert_eq!(first, format!("data/shop/{}.json", "顧".repeat(40)));
        assert_ne!(json(&mut book, &"顧".repeat(84)), first);
    }
}
