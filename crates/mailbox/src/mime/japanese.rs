//! ISO-2022-JP as it is found: with the extensions of Microsoft (cp50220 to cp50222, "ISO-2022-JP-MS"), half-width kana
//! by escape, by shift or by eighth bit, and JIS X 0212.
//!
//! The same characters stand in the same places of EUC-JP, which `encoding_rs` reads with the rows of NEC and IBM.

use encoding_rs::EUC_JP;

/// The set that is shifted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    /// JIS X 0201, half-width kana.
    Kana,
    /// JIS X 0208.
    Kanji,
    /// JIS X 0212.
    Supplement,
}

/// Whether there is an escape to a Japanese set.
pub(crate) fn is_shifted(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0x1b, bytes).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        escape(rest).is_some_and(|(set, _)| set != Set::Ascii)
    })
}

/// Decodes; what fits no set becomes a replacement character.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let euc = to_euc(bytes);
    EUC_JP.decode_without_bom_handling(&euc).0.into_owned()
}

fn to_euc(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 4);
    let (mut set, mut shifted) = (Set::Ascii, false);
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0x1b => match escape_after(after) {
                Some((next, length)) => {
                    set = next;
                    rest = after.get(length..).unwrap_or_default();
                }
                None => out.push(byte),
            },
            0x0e => shifted = true,
            0x0f => shifted = false,
            0xa1..=0xdf => out.extend([0x8e, byte]),
            0x21..=0x7e if shifted || set == Set::Kana => kana(&mut out, byte),
            0x21..=0x7e if set == Set::Ascii => out.push(byte),
            0x21..=0x7e => rest = double(&mut out, set, byte, after),
            // Lines end in ASCII (RFC 1468); a writer that forgot to say so is not punished for a whole mail.
            b'\n' => {
                (set, shifted) = (Set::Ascii, false);
                out.push(byte);
            }
            _ => out.push(byte),
        }
    }
    out
}

fn kana(out: &mut Vec<u8>, byte: u8) {
    if byte <= 0x5f {
        out.extend([0x8e, byte | 0x80]);
    } else {
        out.push(b'?');
    }
}

/// One character of two bytes; a lone first byte is dropped.
fn double<'b>(out: &mut Vec<u8>, set: Set, first: u8, after: &'b [u8]) -> &'b [u8] {
    match after.split_first() {
        Some((&second, behind)) if (0x21..=0x7e).contains(&second) => {
            if set == Set::Supplement {
                out.push(0x8f);
            }
            out.extend([first | 0x80, second | 0x80]);
            behind
        }
        _ => after,
    }
}

fn escape(bytes: &[u8]) -> Option<(Set, usize)> {
    bytes.split_first().and_then(|(_, after)| escape_after(after))
}

/// The set that the bytes behind an ESC call for, and how many there are.
fn escape_after(after: &[u8]) -> Option<(Set, usize)> {
    match after {
        [b'$', b'(', b'D', ..] => Some((Set::Supplement, 3)),
        [b'$', b'(', b'@' | b'B' | b'O' | b'Q', ..] => Some((Set::Kanji, 3)),
        [b'$', b'@' | b'B', ..] => Some((Set::Kanji, 2)),
        [b'(', b'I', ..] => Some((Set::Kana, 2)),
        [b'(', b'B' | b'J' | b'H', ..] => Some((Set::Ascii, 2)),
        [b'&', b'@', 0x1b, b'$', b'B', ..] => Some((Set::Kanji, 5)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_and_its_extensions_are_read() {
        assert_eq!(decode(b"\x1b$B:o=|\x1b(B ok"), "削除 ok");
        assert_eq!(decode(b"\x1b$@:o=|\x1b(J"), "削除");
        assert_eq!(decode(b"\x1b(I6E\x1b(B"), "ｶﾅ", "half-width kana by escape");
        assert_eq!(decode(b"\x0e6E\x0f."), "ｶﾅ.", "by shift");
        assert_eq!(decode(b"\xb6\xc5"), "ｶﾅ", "by the eighth bit");
        assert_eq!(decode(b"\x1b$B-!-j\x1b(B"), "①㈱", "row 13 of NEC");
        assert_eq!(decode(b"\x1b$Bbb|b\x1b(B").chars().count(), 2, "rows that IBM filled");
    }

    #[test]
    fn broken_text_ends_with_its_line() {
        assert_eq!(decode(b"\x1b$B:o=|:\nplain"), "削除\nplain");
        assert_eq!(decode(b"\x1b$B:o=|"), "削除");
        assert_eq!(decode(b"\x1b"), "\x1b");
        assert!(is_shifted(b"a\x1b$B:o") && !is_shifted(b"\x1b[31mred"));
    }
}
