//! Transfer encodings (RFC 2045, section 6), read leniently: what is truncated or damaged is read as far as it goes.

use std::borrow::Cow;

/// How the bytes of a part are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// As they are.
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
}

impl Transfer {
    /// What a `Content-Transfer-Encoding` says.
    pub(crate) fn read(token: &str) -> Self {
        match token.trim_matches(['"', '\'', ' ']) {
            "base64" | "x-base64" => Self::Base64,
            "quoted-printable" | "quotedprintable" | "qp" => Self::QuotedPrintable,
            _ => Self::Plain,
        }
    }

    /// The bytes that are meant.
    pub(crate) fn decode(self, body: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(body),
            Self::Base64 => Cow::Owned(base64(body)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(body)),
        }
    }

    /// How many bytes of a body are needed for `wanted` bytes of content, at least.
    pub(crate) const fn enough(self, wanted: usize) -> usize {
        match self {
            Self::Plain => wanted,
            Self::Base64 => wanted.saturating_mul(3) / 2,
            Self::QuotedPrintable => wanted.saturating_mul(3),
        }
    }
}

const NOT_BASE64: u8 = 0xff;

const BASE64: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NOT_BASE64; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// Base64. Foreign bytes are skipped; padding in the middle ends a group, as where pieces were strung together.
pub(crate) fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &byte in body {
        let value = BASE64.get(usize::from(byte)).copied().unwrap_or(NOT_BASE64);
        if byte == b'=' {
            flush(&mut out, bits, count);
            (bits, count) = (0, 0);
        } else if value != NOT_BASE64 {
            bits = bits << 6 | u32::from(value);
            count += 1;
            if count == 4 {
                let [_, a, b, c] = bits.to_be_bytes();
                out.extend([a, b, c]);
                (bits, count) = (0, 0);
            }
        }
    }
    flush(&mut out, bits, count);
    out
}

/// The whole bytes of a group that ended early.
fn flush(out: &mut Vec<u8>, bits: u32, count: u32) {
    match count {
        2 => out.extend((bits >> 4).to_be_bytes().get(3)),
        3 => out.extend((bits >> 2).to_be_bytes().get(2..).unwrap_or_default()),
        _ => {}
    }
}

/// Quoted-printable. An `=` that escapes nothing stands for itself.
pub(crate) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        let (byte, length) = escaped(after);
        out.extend(byte);
        rest = after.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// The byte that follows an `=`, and how many bytes say it. Nothing for a soft line break.
fn escaped(after: &[u8]) -> (Option<u8>, usize) {
    match after {
        [b'\r', b'\n', ..] => (None, 2),
        [b'\n', ..] => (None, 1),
        [] => (None, 0),
        [high, low, ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => (Some(high << 4 | low), 2),
            _ => soft_break(after),
        },
        [_] => (Some(b'='), 0),
    }
}

/// A soft line break with blanks before the line's end, which some servers add.
fn soft_break(after: &[u8]) -> (Option<u8>, usize) {
    let blanks = after.iter().take(80).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    if blanks > 0 && after.get(blanks) == Some(&b'\n') { (None, blanks + 1) } else { (Some(b'='), 0) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_far_as_it_goes() {
        assert_eq!(base64(b"aGFiZWFz"), b"habeas");
        assert_eq!(base64(b"aGFi\r\nZW E="), b"habea");
        assert_eq!(base64(b"aGFiZW"), b"habe", "truncated");
        assert_eq!(base64(b"aA==aA=="), b"hh", "strung together");
        assert_eq!(base64(b"!!!"), b"");
    }

    #[test]
    fn quoted_printable_is_lenient() {
        assert_eq!(quoted_printable(b"a=3Db=\r\nc=\nd"), b"a=bcd");
        assert_eq!(quoted_printable(b"1 = 2 =ZZ ="), b"1 = 2 =ZZ ");
        assert_eq!(quoted_printable(b"a= \t\r\nb"), b"ab");
    }
}
