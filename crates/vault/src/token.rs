//! The secret in a link that a person clicks.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use habeas_domain::Entropy;
use zeroize::Zeroizing;

use crate::{Lookup, TokenHash, VaultError, secret::Secret};

/// 256 random bits that open one door once: a link in a mail, a status page, a download. Only its
/// [`TokenHash`] is stored.
#[derive(Debug, Clone)]
pub struct Token(Secret);

impl Token {
    /// Length of the text form in characters.
    pub const TEXT_LEN: usize = 43;

    /// A new token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::generate(entropy))
    }

    /// A token that follows from a keyed hash, and so can be made again.
    pub(crate) fn of(lookup: &Lookup) -> Self {
        let mut secret = Secret::blank();
        secret.bytes_mut().copy_from_slice(lookup.as_bytes());
        Self(secret)
    }

    /// Reads a presented token. The error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        decode(text)
            .map(Self)
            .ok_or(VaultError::Malformed { what: "the token", expected: "43 characters of URL-safe base64" })
    }

    /// The text that goes into the link (RFC 4648, section 5, without padding). Every call is a place to ask
    /// where the text goes next.
    pub fn expose(&self) -> Zeroizing<String> {
        encode(&self.0)
    }

    /// What is stored, and compared with.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.expose())
    }
}

pub(crate) fn encode(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.bytes()))
}

/// `None` unless `text` is exactly the text form of 32 bytes.
pub(crate) fn decode(text: &str) -> Option<Secret> {
    if text.len() != Token::TEXT_LEN {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    Secret::from_slice(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_domain::SeededEntropy;

    #[test]
    fn a_presented_token_finds_its_hash() {
        let token = Token::generate(&SeededEntropy::new(1));
        let presented = Token::parse(&token.expose()).unwrap();
        assert_eq!(presented.hash(), token.hash());
        assert_ne!(Token::generate(&SeededEntropy::new(2)).hash(), token.hash());
        assert_eq!(token.hash().to_hex().parse::<TokenHash>().unwrap(), token.hash());
    }

    #[test]
    fn anything_else_is_refused_without_being_repeated() {
        let good = Token::generate(&SeededEntropy::new(1)).expose();
        let padded = format!("{}=", good.as_str());
        let stretched = format!("{}!", &good[..42]);
        // The last character carries four bits; a stray fifth would give one token two texts.
        let stray = format!("{}B", "A".repeat(42));
        for text in ["", "short", &good[..42], &padded, &stretched, &stray, "あ".repeat(43).as_str()] {
            let error = Token::parse(text).unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
    }
}
