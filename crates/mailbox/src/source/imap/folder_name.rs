//! Names of folders as IMAP writes them: modified UTF-7 (RFC 3501, section 5.1.3).

use base64::{
    Engine as _,
    alphabet::IMAP_MUTF7,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};

use super::{command::quoted, spelling::Spelling};

/// Base64 with a comma in the place of the slash, and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// A folder's name for a command.
pub(super) fn folder_name(name: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Utf8 => quoted(&plain(name)),
        Spelling::Modified => quoted(&wire(name)),
    }
}

/// The name as somebody reads it. One that is written as IMAP writes it already, as older settings may be, is read so.
fn plain(name: &str) -> String {
    decoded(name).unwrap_or_else(|| name.to_owned())
}

/// The name as IMAP writes it.
fn wire(name: &str) -> String {
    encoded(&plain(name))
}

fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~')
}

/// In modified UTF-7.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        if is_plain(first) {
            out.push_str(if first == '&' { "&-" } else { rest.get(..1).unwrap_or_default() });
            rest = rest.get(1..).unwrap_or_default();
        } else {
            let (shifted, behind) = rest.split_at(rest.find(is_plain).unwrap_or(rest.len()));
            let units: Vec<u8> = shifted.encode_utf16().flat_map(u16::to_be_bytes).collect();
            out.push('&');
            BASE64.encode_string(units, &mut out);
            out.push('-');
            rest = behind;
        }
    }
    out
}

/// What a name in modified UTF-7 says; nothing if it is not exactly what [`encoded`] writes.
fn decoded(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut pieces = name.split('&');
    out.push_str(pieces.next()?);
    for piece in pieces {
        let (shifted, behind) = piece.split_once('-')?;
        if shifted.is_empty() {
            out.push('&');
        } else {
            let units = BASE64.decode(shifted).ok()?;
            let (pairs, odd) = units.as_chunks::<2>();
            if !odd.is_empty() {
                return None;
            }
            let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
            out.extend(char::decode_utf16(units).collect::<Result<Vec<_>, _>>().ok()?);
        }
        out.push_str(behind);
    }
    (encoded(&out) == name).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [(&str, &str); 6] = [
        ("INBOX", "INBOX"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("対応済み", "&W,5f3G4IMH8-"),
        ("受信 & 対応", "&U9dP4Q- &- &W,5f3A-"),
        ("R&D", "R&-D"),
        ("😀é", "&2D3eAADp-"),
    ];

    #[test]
    fn names_are_written_as_the_standard_says() {
        for (name, written) in NAMES {
            assert_eq!(encoded(name), written);
            assert_eq!(decoded(written).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_no_modified_utf_7_is_not_read_as_such() {
        // No end, base64 that is none, half a character, half a pair, two shifts for one, and ASCII that is shifted.
        for name in ["R&D", "a & b", "&!!-", "&AA-", "&2D0-", "&U,A-&U,A-", "&AGE-", "台北", "&U,BTFw"] {
            assert_eq!(decoded(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_goes_out_once_encoded_whichever_way_it_is_set() {
        for set in ["対応済み", "&W,5f3G4IMH8-"] {
            assert_eq!(folder_name(set, Spelling::Modified), "\"&W,5f3G4IMH8-\"", "{set}");
            assert_eq!(folder_name(set, Spelling::Utf8), "\"対応済み\"", "{set}");
        }
        assert_eq!(folder_name("Q&A \"old\"", Spelling::Modified), "\"Q&-A \\\"old\\\"\"");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in any::<String>()) {
            let written = encoded(&name);
            prop_assert!(written.chars().all(is_plain));
            prop_assert_eq!(decoded(&written), Some(name));
        }

        #[test]
        fn whatever_is_read_is_written_the_same(written in "[&a-zA-Z0-9+,-]{0,24}") {
            if let Some(name) = decoded(&written) {
                prop_assert_eq!(encoded(&name), written);
            }
        }
    }
}
