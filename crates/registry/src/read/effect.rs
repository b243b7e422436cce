//! What a deletion does to a field.

use habeas_domain::Effect;

use super::{Report, entry::Entry};
use crate::{
    effect_words::{WORDS, effect},
    suggest::did_you_mean,
};

/// A word, or `{ rewrite = "..." }`.
pub(crate) fn read(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Effect> {
    if entry.as_text().is_none() {
        let mut section = entry.section(report, "an effect, or { rewrite = \"...\" }")?;
        let rewrite = section.required("rewrite", report).and_then(|entry| {
            let text = entry.as_text();
            if text.is_none() {
                entry.mistyped(report, "a text in quotes");
            }
            text
        });
        section.finish(report);
        return rewrite.map(|text| Effect::Rewrite(text.to_owned()));
    }
    let word = entry.text(report)?;
    let effect = effect(word);
    if effect.is_none() {
        let fix = if word == "rows" {
            "rows belong to the collection: write delete = \"rows\" beside its name".to_owned()
        } else {
            did_you_mean(word, &WORDS)
        };
        entry.problem(report, format!("unknown effect \"{word}\""), fix);
    }
    effect
}
