//! What each right is called on a page.

use habeas_domain::{Language, Right};

/// As something a person asks for.
pub(crate) const fn right(right: Right, language: Language) -> &'static str {
    match (language, right) {
        (Language::En, Right::Access) => "a copy of your data",
        (Language::En, Right::Deletion) => "the deletion of your data",
        (Language::En, Right::Correction) => "the correction of your data",
        (Language::En, Right::Portability) => "your data in a form to take elsewhere",
        (Language::Ja, Right::Access) => "データの開示（写しの受け取り）",
        (Language::Ja, Right::Deletion) => "データの削除",
        (Language::Ja, Right::Correction) => "データの訂正",
        (Language::Ja, Right::Portability) => "データの移行（ほかのサービスで使える形式での受け取り）",
        (_, other) => other.as_str(),
    }
}
