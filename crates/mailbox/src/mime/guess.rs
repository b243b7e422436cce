//! Which Japanese encoding bytes without a trustworthy label are in.

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS};

/// The bytes as `Shift_JIS` or EUC-JP, if they read as Japanese in one of them.
pub(crate) fn japanese(bytes: &[u8]) -> Option<String> {
    let candidates = [SHIFT_JIS, EUC_JP].map(|encoding| scored(bytes, encoding));
    let best = candidates.into_iter().flatten().max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score > 0).map(|(_, text)| text)
}

/// Whether a text holds kana or the usual kanji rather than chance.
pub(crate) fn reads_as_japanese(text: &str) -> bool {
    score(text) > 0
}

fn scored(bytes: &[u8], encoding: &'static Encoding) -> Option<(i64, String)> {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    // One broken character at the end may be our own cut.
    let broken = text.chars().filter(|c| *c == '\u{fffd}').count();
    if lossy && (broken > 1 || !text.ends_with('\u{fffd}')) {
        return None;
    }
    Some((score(&text), text))
}

/// Kana speak for Japanese, half-width kana and rare signs for chance: they are what the one encoding looks like when
/// read as the other.
fn score(text: &str) -> i64 {
    text.chars()
        .map(|c| match c {
            '\u{3040}'..='\u{30ff}' => 4,
            '\u{3000}'..='\u{3002}' => 3,
            '\u{4e00}'..='\u{9fff}' => 1,
            '\u{ff66}'..='\u{ff9f}' => -2,
            '\u{fffd}' | '\u{0080}'..='\u{00ff}' | '\u{e000}'..='\u{f8ff}' | '\u{0370}'..='\u{04ff}' => -4,
            _ => 0,
        })
        .sum()
}
