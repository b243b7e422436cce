//! The usual reasons for keeping, by a word, in both languages.

use habeas_domain::Bilingual;

const REASONS: [(&str, &str, &str); 6] = [
    ("tax", "Tax law requires these records to be kept.", "税法により保存が義務付けられている記録のため"),
    ("billing", "Needed until open invoices and payments are settled.", "請求および支払いの処理に必要なため"),
    ("audit", "Needed for audits required by law.", "法令に基づく監査に必要なため"),
    ("law", "The law requires these records to be kept.", "法令により保存が義務付けられているため"),
    (
        "dispute",
        "Needed to establish, exercise or defend legal claims.",
        "法的な請求の立証、行使または防御に必要なため",
    ),
    ("security", "Needed to detect and prevent fraud and abuse.", "不正利用の検知および防止に必要なため"),
];

/// The text of a usual reason.
pub(crate) fn usual(word: &str) -> Option<Bilingual> {
    let (_, en, ja) = REASONS.iter().find(|(name, ..)| *name == word)?;
    Some(Bilingual { en: (*en).to_owned(), ja: (*ja).to_owned() })
}
