//! One spelling for texts that people take for the same.

use unicode_normalization::UnicodeNormalization;

/// Compatibility forms unified (full-width digits and letters, half-width kana), lower case.
pub(super) fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Letters and digits only, folded, with katakana as hiragana. The long-vowel mark stays: it is part of a word.
pub(super) fn plain(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric() || *c == 'ー').map(hiragana).collect()
}

const fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => match char::from_u32(c as u32 - 0x60) {
            Some(hiragana) => hiragana,
            None => c,
        },
        other => other,
    }
}

/// The first number of a folded text, in hundredths: with separators of thousands and at most two decimals.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}' | '、');
    let end = text.find(|c| !numeric(c)).unwrap_or(text.len());
    let text = text.get(..end)?.trim_end_matches(|c: char| !c.is_ascii_digit());
    let (whole, decimals) = match text.rfind(['.', ',']) {
        Some(place) if text.len() - place <= 3 => (text.get(..place)?, text.get(place + 1..)?),
        _ => (text, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let decimals: String = decimals.chars().filter(char::is_ascii_digit).collect();
    let hundredths = format!("{decimals:0<2}");
    if whole.len() > 15 || whole.is_empty() {
        return None;
    }
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(hundredths.get(..2)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_separators() {
        for (text, hundredths) in [
            ("1,234", Some(123_400)),
            ("1.234", Some(123_400)),
            ("1.234,50", Some(123_450)),
            ("1'234.5", Some(123_450)),
            ("about 7", Some(700)),
            ("19.90", Some(1_990)),
            ("none", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(number(text), hundredths, "{text}");
        }
    }
}
