//! What each right is called in letters and on pages.

use crate::{Language, Right};

/// As something a person asks for: "you asked for ...".
pub const fn right(right: Right, language: Language) -> &'static str {
    match (language, right) {
        (Language::En, Right::Access) => "a copy of your data",
        (Language::En, Right::Deletion) => "the deletion of your data",
        (Language::En, Right::Correction) => "the correction of your data",
        (Language::En, Right::Portability) => "your data in a form to take elsewhere",
        (Language::Ja, Right::Access) => "データの開示（写しの受け取り）",
        (Language::Ja, Right::Deletion) => "データの削除",
        (Language::Ja, Right::Correction) => "データの訂正",
        (Language::Ja, Right::Portability) => "データの移行（ほかのサービスで使える形式での受け取り）",
    }
}

/// The same, told to somebody who is not the person: a guardian, or another controller.
pub const fn right_of_another(right: Right, language: Language) -> &'static str {
    match (language, right) {
        (Language::En, Right::Access) => "a copy of their data",
        (Language::En, Right::Deletion) => "the deletion of their data",
        (Language::En, Right::Correction) => "the correction of their data",
        (Language::En, Right::Portability) => "their data in a form to take elsewhere",
        (Language::Ja, _) => self::right(right, language),
    }
}

/// In a word or two, for a subject line.
pub const fn right_in_short(right: Right, language: Language) -> &'static str {
    match (language, right) {
        (Language::En, Right::Access) => "copy of your data",
        (Language::En, Right::Deletion) => "deletion",
        (Language::En, Right::Correction) => "correction",
        (Language::En, Right::Portability) => "data to take with you",
        (Language::Ja, Right::Access) => "開示",
        (Language::Ja, Right::Deletion) => "削除",
        (Language::Ja, Right::Correction) => "訂正",
        (Language::Ja, Right::Portability) => "移行",
    }
}
