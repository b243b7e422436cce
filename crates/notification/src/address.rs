//! One mail address, checked once more where it goes into an envelope.

use habeas_domain::Personal;
use habeas_vault::ThreadToken;
use lettre::Address;

/// A text that is not one address we can send to. Says what is wrong, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not one `name@domain`.
    #[error("the mail address is not exactly one name@domain")]
    Malformed,
    /// Has control characters, such as line ends, or others that cannot be seen.
    #[error("the mail address has control or invisible characters")]
    Hidden,
    /// The part before the `@` is not ASCII, which needs servers with SMTPUTF8 (RFC 6531) all the way.
    #[error("the part of the mail address before the @ is not ASCII; ask the person for another address")]
    NotAscii,
}

/// Reads exactly one address. A domain in another script is written in its ASCII form (RFC 5890).
///
/// A quoted name may hold blanks, but nothing that a careless server could take for a second address.
pub(crate) fn read(address: &Personal<String>) -> Result<Address, AddressError> {
    let text = address.expose().as_str();
    if text.chars().any(char::is_control) || crate::clean::line(text) != text {
        return Err(AddressError::Hidden);
    }
    let (name, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
    if !name.is_ascii() {
        return Err(AddressError::NotAscii);
    }
    if name.contains(['@', ',', ';', ':', '<', '>', '(', ')', '[', ']', '\\', '%', '!']) {
        return Err(AddressError::Malformed);
    }
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::Malformed)?;
    Address::new(name, &domain).map_err(|_| AddressError::Malformed)
}

/// The address with a token after a `+`; the address itself where that would not fit (64 bytes before the `@`,
/// RFC 5321, section 4.5.3.1.1) or where the name is quoted.
pub(crate) fn plus(address: &Address, token: &ThreadToken) -> Address {
    let name = format!("{}+{}", address.user(), token.as_str());
    if name.len() > LONGEST_NAME || name.contains('"') {
        return address.clone();
    }
    Address::new(name, address.domain()).unwrap_or_else(|_| address.clone())
}

/// The longest part before the `@`, in bytes.
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<String, AddressError> {
        read(&Personal::new(text.to_owned())).map(|address| address.to_string())
    }

    #[test]
    fn single_addresses_pass() {
        for (text, read) in [
            ("hanako@example.jp", "hanako@example.jp"),
            ("o'neil+shop@mail.example.com", "o'neil+shop@mail.example.com"),
            ("\"hanako yamada\"@example.jp", "\"hanako yamada\"@example.jp"),
            ("hanako@例え.jp", "hanako@xn--r8jz45g.jp"),
        ] {
            assert_eq!(read_text(text).as_deref(), Ok(read));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, error) in [
            ("", AddressError::Malformed),
            ("hanako", AddressError::Malformed),
            ("@example.jp", AddressError::Malformed),
            ("a@example.jp, b@example.jp", AddressError::Malformed),
            ("a@example.jp b@example.jp", AddressError::Malformed),
            ("\"a@example.com\"@example.jp", AddressError::Malformed),
            ("Hanako <a@example.jp>", AddressError::Malformed),
            ("a@example.jp\r\nBcc: b@example.jp", AddressError::Hidden),
            ("a@example.jp\n", AddressError::Hidden),
            (" a@example.jp", AddressError::Hidden),
            ("a\0@example.jp", AddressError::Hidden),
            ("a\u{202e}@example.jp", AddressError::Hidden),
            ("花子@example.jp", AddressError::NotAscii),
        ] {
            assert_eq!(read_text(text), Err(error), "{text:?}");
        }
    }
}
