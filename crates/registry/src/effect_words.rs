//! What manifests call the effects, and what can be said of each without looking at a store.

use habeas_domain::Effect;

/// The words that stand alone.
pub(crate) const WORDS: [&str; 6] = ["null", "mask-email", "mask-phone", "mask-text", "hash", "anonymise"];

/// The effect that a word means.
pub(crate) fn effect(word: &str) -> Option<Effect> {
    Some(match word {
        "null" => Effect::Null,
        "mask-email" => Effect::MaskEmail,
        "mask-phone" => Effect::MaskPhone,
        "mask-text" => Effect::MaskText,
        "hash" => Effect::Hash,
        "anonymise" => Effect::Anonymise,
        _ => return None,
    })
}

/// The word for an effect.
pub(crate) const fn word(effect: &Effect) -> &'static str {
    match effect {
        Effect::Null => "null",
        Effect::MaskEmail => "mask-email",
        Effect::MaskPhone => "mask-phone",
        Effect::MaskText => "mask-text",
        Effect::Hash => "hash",
        Effect::Anonymise => "anonymise",
        Effect::Rewrite(_) => "rewrite",
    }
}

/// Whether it may give two rows that held different values the same value.
pub(crate) const fn repeats(effect: &Effect) -> bool {
    matches!(effect, Effect::MaskPhone | Effect::MaskText | Effect::Anonymise | Effect::Rewrite(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_its_effect() {
        for text in WORDS {
            assert_eq!(effect(text).as_ref().map(word), Some(text));
        }
    }
}
