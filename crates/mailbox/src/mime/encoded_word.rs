//! Encoded words (RFC 2047), adjacent ones decoded as one: many programs split a character between two of them,
//! which RFC 2047, section 5 (3), forbids.

use super::{
    charset,
    transfer::{base64, quoted_printable},
};

/// One encoded word.
#[derive(Debug, Clone, Copy)]
struct Word<'t> {
    charset: &'t str,
    is_base64: bool,
    data: &'t str,
}

/// A stretch of a field: as it stands, or the words of one run.
#[derive(Debug)]
pub(crate) enum Stretch<'t> {
    /// As it stands.
    Plain(&'t str),
    /// Decoded.
    Decoded(String),
}

/// A field of free text, decoded.
pub(crate) fn text(field: &str) -> String {
    stretches(field)
        .into_iter()
        .map(|stretch| match stretch {
            Stretch::Plain(text) => text.to_owned(),
            Stretch::Decoded(text) => text,
        })
        .collect()
}

/// The stretches of a field in their order.
pub(crate) fn stretches(field: &str) -> Vec<Stretch<'_>> {
    let mut out = Vec::new();
    let mut run: Vec<Word<'_>> = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        let (plain, word, behind) = next(rest);
        // Blanks between two words do not count (RFC 2047, section 6.2).
        let is_between = plain.trim().is_empty() && word.is_some() && !run.is_empty();
        if !plain.is_empty() && !is_between {
            finish(&mut out, &mut run);
            out.push(Stretch::Plain(plain));
        }
        run.extend(word);
        rest = behind;
    }
    finish(&mut out, &mut run);
    out
}

/// What stands before the next word, the word, and what is behind it.
fn next(text: &str) -> (&str, Option<Word<'_>>, &str) {
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("=?")).map(|at| at + from) {
        if let Some((word, length)) = text.get(start..).and_then(word_at) {
            let behind = text.get(start + length..).unwrap_or_default();
            return (text.get(..start).unwrap_or_default(), Some(word), behind);
        }
        from = start + 2;
    }
    (text, None, "")
}

/// The longest encoded word that is taken: RFC 2047 allows 75, programs write whole paragraphs.
const LONGEST_WORD: usize = 4_000;

/// The word at the beginning of `text`, and its length.
fn word_at(text: &str) -> Option<(Word<'_>, usize)> {
    let window = text.get(..text.floor_char_boundary(LONGEST_WORD))?;
    let after = window.strip_prefix("=?")?;
    // Looked for within reach only, so that many beginnings without an end cost little.
    let charset = after.get(..after.floor_char_boundary(60))?.split_once('?')?.0;
    let after = after.get(charset.len() + 1..)?;
    let is_base64 = match after.as_bytes() {
        [b'B' | b'b', b'?', ..] => true,
        [b'Q' | b'q', b'?', ..] => false,
        _ => return None,
    };
    let data_at = 2 + charset.len() + 1 + 2;
    let after = window.get(data_at..)?;
    let length = data_length(after)?;
    let data = after.get(..length)?;
    let charset = charset.split('*').next().unwrap_or_default();
    Some((Word { charset, is_base64, data }, data_at + length + 2))
}

/// Where `?=` ends the data. ISO-2022-JP in "Q" may hold `?=` inside, but never right before another byte of the word.
fn data_length(after: &str) -> Option<usize> {
    let end = after.find('?')?;
    if after.get(end..).is_some_and(|rest| rest.starts_with("?=")) {
        return Some(end);
    }
    let close = after.find("?=")?;
    let stray = after.get(..close)?;
    (!stray.contains([' ', '\t'])).then_some(close)
}

/// Decodes a run of words: the bytes of neighbours in one charset together.
fn finish(out: &mut Vec<Stretch<'_>>, run: &mut Vec<Word<'_>>) {
    let mut text = String::new();
    let mut words = run.as_slice();
    while let Some(first) = words.first() {
        let same = words.iter().take_while(|word| word.charset.eq_ignore_ascii_case(first.charset)).count();
        let (neighbours, others) = words.split_at(same.max(1));
        text.push_str(&charset::decode(&bytes_of(neighbours), Some(first.charset)).text);
        words = others;
    }
    if !run.is_empty() {
        out.push(Stretch::Decoded(text));
        run.clear();
    }
}

fn bytes_of(words: &[Word<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pending = String::new();
    for word in words {
        if word.is_base64 {
            pending.push_str(word.data);
            // A group of four that a careless writer split goes on in the next word.
            let digits = pending.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
            if digits % 4 == 0 || pending.ends_with('=') {
                bytes.extend(base64(pending.as_bytes()));
                pending.clear();
            }
        } else {
            bytes.extend(base64(pending.as_bytes()));
            pending.clear();
            bytes.extend(quoted_printable(word.data.replace('_', " ").as_bytes()));
        }
    }
    bytes.extend(base64(pending.as_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_among_text_are_decoded() {
        assert_eq!(text("=?iso-8859-1?q?caf=E9_cr=E8me?= =?utf-8?b?44GX?="), "café crèmeし");
        assert_eq!(text("a =?utf-8?B?5YmK6Zmk?= b"), "a 削除 b");
        assert_eq!(text("=?utf-8*ja?B?5YmK6Zmk?="), "削除");
        assert_eq!(text("=?x =?utf-8?Z?a?= 1=?2"), "=?x =?utf-8?Z?a?= 1=?2");
    }

    #[test]
    fn characters_split_between_words_are_joined() {
        assert_eq!(text("=?utf-8?B?5Yk=?=\t=?utf-8?B?iumZpA==?="), "削除");
        assert_eq!(text("=?UTF-8?Q?=E5=89?= =?utf-8?Q?=8A=E9=99=A4?="), "削除");
        assert_eq!(text("=?utf-8?B?5Y?= =?utf-8?B?mK6Zmk?="), "削除", "a group of four is split");
        assert_eq!(text("=?utf-8?Q?=E5?= =?utf-8?B?iYo=?="), "削", "by two encodings");
    }

    #[test]
    fn japanese_labels_are_known_here_too() {
        assert_eq!(text("=?ISO-2022-JP-MS?B?GyRCOm89fBsoQg==?="), "削除");
        assert_eq!(text("=?iso-2022-jp?Q?=1B$B:o=3D|=1B(B?="), "削除");
        assert_eq!(text("=?cp932?B?je2PnA==?="), "削除");
    }

    #[test]
    fn many_beginnings_without_an_end_cost_little() {
        let field = "=?aa?q?x".repeat(8_000);
        assert_eq!(text(&field), field);
    }
}
