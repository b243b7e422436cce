//! From bytes to text, whatever the label says.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;

use super::{guess, japanese};

/// Text, and whether the label had to be overruled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The text.
    pub(crate) text: String,
    /// Whether it was not what the label said.
    pub(crate) overruled: bool,
    /// Whether some of it could not be read.
    pub(crate) lossy: bool,
}

impl Decoded {
    fn as_labelled(text: String) -> Self {
        let lossy = text.contains('\u{fffd}');
        Self { text, overruled: false, lossy }
    }

    fn overruled((text, lossy): (String, bool)) -> Self {
        Self { text, overruled: true, lossy }
    }
}

/// What a label stands for.
#[derive(Debug, Clone, Copy)]
enum Label {
    Utf8,
    /// ISO-2022-JP and its relatives of Microsoft.
    Jis,
    /// `Shift_JIS` or EUC-JP, with the extensions of NEC and IBM.
    Japanese(&'static Encoding),
    /// 8 bits that fit every byte, so that a wrong label goes unnoticed.
    Western,
    /// Another one that mail-parser or the WHATWG standard knows.
    Other(fn(&[u8]) -> String),
    Standard(&'static Encoding),
    /// No label, an unknown one, or ASCII, which is said of anything.
    Unknown,
}

impl Label {
    fn read(label: Option<&str>) -> Self {
        let Some(label) = label else { return Self::Unknown };
        let plain: String =
            label.trim_matches(['"', '\'', ' ']).to_ascii_lowercase().replace(['_', ' ', '.'], "-");
        match plain.as_str() {
            "utf-8" | "utf8" | "utf-8n" | "unicode-1-1-utf-8" | "x-unicode20utf8" => Self::Utf8,
            "us-ascii" | "ascii" | "ansi-x3-4-1968" | "unknown" | "x-unknown" | "unknown-8bit"
            | "default" | "x-user-defined" | "binary" | "8bit" | "7bit" | "" => Self::Unknown,
            "iso-2022-jp"
            | "iso-2022-jp-ms"
            | "iso-2022-jp-1"
            | "iso-2022-jp-2"
            | "iso-2022-jp-3"
            | "iso-2022-jp-2004"
            | "csiso2022jp"
            | "csiso2022jp2"
            | "cp50220"
            | "cp50221"
            | "cp50222"
            | "x-windows-iso2022jp"
            | "jis"
            | "jis7"
            | "junet" => Self::Jis,
            "shift-jis" | "shiftjis" | "x-shift-jis" | "sjis" | "x-sjis" | "sjis-win" | "x-sjis-cp932"
            | "cp932" | "ms932" | "windows-932" | "windows-31j" | "cswindows31j" | "csshiftjis"
            | "ms-kanji" | "mskanji" | "x-ms-cp932" | "shift-jis-2004" | "shift-jisx0213" | "sjis-docomo"
            | "sjis-kddi" | "sjis-softbank" | "ibm932" | "ibm-943" | "cp943" => Self::Japanese(SHIFT_JIS),
            "euc-jp"
            | "eucjp"
            | "x-euc-jp"
            | "x-eucjp"
            | "euc"
            | "x-euc"
            | "ujis"
            | "euc-jp-ms"
            | "eucjp-ms"
            | "eucjp-win"
            | "cp51932"
            | "cseucpkdfmtjapanese"
            | "euc-jis-2004"
            | "euc-jisx0213" => Self::Japanese(EUC_JP),
            "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" | "l1" | "windows-1252" | "cp1252"
            | "iso-8859-15" | "x-ansi" => Self::Western,
            _ => Self::other(label),
        }
    }

    fn other(label: &str) -> Self {
        if let Some(decoder) = charset_decoder(label.as_bytes()) {
            return Self::Other(decoder);
        }
        Encoding::for_label(label.as_bytes()).map_or(Self::Unknown, Self::Standard)
    }
}

/// Decodes a body or an encoded word that carries `label`.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> Decoded {
    let label = Label::read(label);
    let is_plain = bytes.is_ascii() && !bytes.contains(&0x1b);
    match label {
        Label::Other(decoder) => return Decoded::as_labelled(decoder(bytes)),
        Label::Standard(encoding) => return standard(bytes, encoding),
        // Shift outs can stand in what is plain otherwise.
        Label::Jis if is_plain && !bytes.contains(&0x0e) => {}
        Label::Jis if is_never_shifted(bytes) => return not_jis(bytes),
        Label::Jis => return Decoded::as_labelled(japanese::decode(bytes)),
        _ => {}
    }
    if is_plain {
        return Decoded { text: String::from_utf8_lossy(bytes).into_owned(), overruled: false, lossy: false };
    }
    if japanese::is_shifted(bytes) {
        return Decoded { text: japanese::decode(bytes), overruled: true, lossy: false };
    }
    by_content(bytes, label)
}

/// Whether nothing calls for a set of ISO-2022-JP, and there is more than the half-width kana that stand in eight bits.
fn is_never_shifted(bytes: &[u8]) -> bool {
    let is_foreign = |byte: &u8| !byte.is_ascii() && !matches!(byte, 0xa1..=0xdf);
    !japanese::is_shifted(bytes) && !bytes.contains(&0x0e) && bytes.iter().any(is_foreign)
}

/// Said to be ISO-2022-JP, as old forms say of whatever they send.
fn not_jis(bytes: &[u8]) -> Decoded {
    let utf8 = utf8_so_far(bytes).filter(|text| guess::reads_as_japanese(text)).map(str::to_owned);
    match utf8.or_else(|| guess::japanese(bytes)) {
        Some(text) => Decoded::overruled((text, false)),
        None => Decoded::as_labelled(japanese::decode(bytes)),
    }
}

/// Where the label may lie, what the bytes can be decides.
fn by_content(bytes: &[u8], label: Label) -> Decoded {
    let utf8 = utf8_so_far(bytes);
    match (label, utf8) {
        (Label::Utf8, Some(text)) => Decoded::as_labelled(text.to_owned()),
        (Label::Utf8, None) => broken_utf8(bytes),
        (Label::Unknown, Some(text)) => Decoded::overruled((text.to_owned(), false)),
        (Label::Western, Some(text)) if !bytes.is_ascii() => Decoded::overruled((text.to_owned(), false)),
        (Label::Japanese(_), Some(text)) if guess::reads_as_japanese(text) => {
            Decoded::overruled((text.to_owned(), false))
        }
        (Label::Japanese(encoding), _) => labelled_japanese(bytes, encoding),
        (Label::Western, _) => match guess::japanese(bytes) {
            Some(text) => Decoded::overruled((text, false)),
            None => standard(bytes, WINDOWS_1252),
        },
        (_, _) => match guess::japanese(bytes) {
            Some(text) => Decoded::overruled((text, false)),
            None => Decoded::overruled((standard(bytes, WINDOWS_1252).text, false)),
        },
    }
}

/// A text part may be cut in the middle of a character at our own limit: that is no reason to doubt its label.
fn utf8_so_far(bytes: &[u8]) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok())
        }
        Err(_) => None,
    }
}

/// Said to be UTF-8 and is not: another encoding, or UTF-8 with some damage.
fn broken_utf8(bytes: &[u8]) -> Decoded {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let broken = text.chars().filter(|c| *c == '\u{fffd}').count();
    let sound = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
    if broken > sound {
        if let Some(guessed) = guess::japanese(bytes) {
            return Decoded::overruled((guessed, false));
        }
        if sound == 0 {
            return Decoded::overruled((standard(bytes, WINDOWS_1252).text, false));
        }
    }
    Decoded::as_labelled(text)
}

fn labelled_japanese(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let labelled = standard(bytes, encoding);
    if !labelled.lossy {
        return labelled;
    }
    match guess::japanese(bytes) {
        Some(text) => Decoded::overruled((text, false)),
        None => labelled,
    }
}

fn standard(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), overruled: false, lossy }
}

/// A raw header value: ASCII by the rules; UTF-8 by RFC 6532; anything else by old programs.
pub(crate) fn of_header(bytes: &[u8]) -> Cow<'_, str> {
    if !bytes.contains(&0x1b)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(decode(bytes, None).text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "個人情報を削除してください。①㈱髙";

    fn sjis(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }

    fn euc(text: &str) -> Vec<u8> {
        EUC_JP.encode(text).0.into_owned()
    }

    #[test]
    fn labels_of_microsoft_and_of_telephones_are_known() {
        for label in
            ["cp932", "CP932", "x-sjis", "windows-31j", "MS_Kanji", "Shift_JIS", "shift-jis", "\"sjis\""]
        {
            assert_eq!(decode(&sjis(TEXT), Some(label)).text, TEXT, "{label}");
        }
        for label in ["euc-jp", "x-euc-jp", "cp51932", "eucJP-ms"] {
            assert_eq!(decode(&euc("個人情報①"), Some(label)).text, "個人情報①", "{label}");
        }
    }

    #[test]
    fn wrong_and_missing_labels_are_seen_through() {
        let labels = [
            None,
            Some("us-ascii"),
            Some("utf-8"),
            Some("iso-8859-1"),
            Some("x-nonsense"),
            Some("euc-jp"),
            Some("iso-2022-jp"),
        ];
        for label in labels {
            assert_eq!(decode(&sjis(TEXT), label).text, TEXT, "sjis as {label:?}");
        }
        let kanji = "登録情報の削除をお願いします。";
        for label in [None, Some("us-ascii"), Some("utf-8"), Some("iso-8859-1"), Some("shift_jis")] {
            assert_eq!(decode(&euc(kanji), label).text, kanji, "euc as {label:?}");
            assert_eq!(decode(kanji.as_bytes(), label).text, kanji, "utf-8 as {label:?}");
        }
        assert_eq!(decode(kanji.as_bytes(), Some("iso-2022-jp")).text, kanji);
        assert_eq!(decode(b"\xb6\xc5", Some("iso-2022-jp")).text, "ｶﾅ", "eight bits of half-width kana");
    }

    #[test]
    fn western_text_stays_western() {
        assert_eq!(decode(b"caf\xe9 na\xefve", Some("iso-8859-1")).text, "café naïve");
        assert_eq!(decode(b"caf\xe9 na\xefve", None).text, "café naïve");
        assert_eq!(decode(b"\x93quoted\x94 \x80 5", Some("utf-8")).text, "\u{201c}quoted\u{201d} € 5");
        assert_eq!(decode(b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("windows-1251")).text, "Привет");
    }

    #[test]
    fn slightly_broken_utf8_stays_utf8() {
        let mut bytes = "データを削除".as_bytes().to_vec();
        bytes.push(0xff);
        let decoded = decode(&bytes, Some("utf-8"));
        assert!(decoded.text.starts_with("データを削除") && decoded.lossy);
    }
}
