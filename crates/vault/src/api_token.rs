//! The secret of a system or a staff member who calls the API.

use habeas_domain::Entropy;
use zeroize::Zeroizing;

use crate::{TokenHash, VaultError, secret::Secret, token};

/// A bearer token of the API (RFC 6750): `habeas_` and 43 characters of URL-safe base64. The prefix lets secret
/// scanners find leaked ones: `habeas_[A-Za-z0-9_-]{43}`. Only its [`TokenHash`] is stored.
#[derive(Debug, Clone)]
pub struct ApiToken(Secret);

impl ApiToken {
    /// What every API token starts with.
    pub const PREFIX: &'static str = "habeas_";

    /// A new token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::generate(entropy))
    }

    /// Reads a presented token. The error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        text.strip_prefix(Self::PREFIX).and_then(token::decode).map(Self).ok_or(VaultError::Malformed {
            what: "the API token",
            expected: "habeas_ and 43 characters of URL-safe base64",
        })
    }

    /// The text that its holder is given, once.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new([Self::PREFIX, token::encode(&self.0).as_str()].concat())
    }

    /// What is stored, and looked up by. It covers the prefix, so an API token never passes as a link's
    /// [`Token`](crate::Token).
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use habeas_domain::SeededEntropy;

    #[test]
    fn the_prefix_is_part_of_the_token() {
        let token = ApiToken::generate(&SeededEntropy::new(1));
        let text = token.expose();
        assert!(text.starts_with("habeas_") && text.len() == 50);
        assert_eq!(ApiToken::parse(&text).unwrap().hash(), token.hash());
        assert!(ApiToken::parse(&text[7..]).is_err());
        assert_ne!(Token::parse(&text[7..]).unwrap().hash(), token.hash());
    }
}
