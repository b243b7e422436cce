//! Percent-encoding, as signatures want it.

/// Encodes all but letters, digits and `-._~`; what is encoded already stays so.
pub(super) fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let shown = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    decode(text).bytes().map(shown).collect()
}

/// Undoes it.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| *first == b'%').and_then(|code| hex::decode(code).ok());
        if let Some(code) = code {
            bytes.extend(code);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_way_of_sending_is_encoded_alike() {
        assert_eq!(decode("/habeas/a%20b%2Fc"), "/habeas/a b/c");
        assert_eq!(encode("production/a b"), "production%2Fa%20b");
        assert_eq!(encode("production%2Fa%20b"), "production%2Fa%20b");
        assert_eq!(encode("100%"), "100%25");
    }
}
