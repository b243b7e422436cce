//! Texts that people read.

use habeas_domain::Bilingual;

use super::{Report, entry::Entry};

/// `{ en = "...", ja = "..." }`, or one text for both languages (which the checks then remark upon).
pub(crate) fn read(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Bilingual> {
    if entry.as_text().is_some() {
        return entry.text(report).map(same);
    }
    let mut section = entry.section(report, "a text, or { en = \"...\", ja = \"...\" }")?;
    let mut language = |name| section.required(name, report)?.text(report).map(str::to_owned);
    let (en, ja) = (language("en"), language("ja"));
    section.finish(report);
    Some(Bilingual { en: en?, ja: ja? })
}

/// The same text in both languages.
pub(crate) fn same(text: &str) -> Bilingual {
    Bilingual { en: text.to_owned(), ja: text.to_owned() }
}
