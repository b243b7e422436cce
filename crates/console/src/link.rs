//! The secret part of a link.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use habeas_domain::Personal;

/// Length of a link's secret: 256 bits in URL-safe base64 without padding.
const LENGTH: usize = 43;
/// Stands for anything that cannot be a secret, so that its page looks like every other.
const PLACEHOLDER: &str = "-";

/// The secret of a link, well-formed but not known to be right. Prints redacted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LinkSecret(Personal<String>);

impl LinkSecret {
    /// Reads a secret; nothing unless it has the right form.
    pub fn parse(text: &str) -> Option<Self> {
        let fit = text.len() == LENGTH
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        fit.then(|| Self(Personal::new(text.to_owned())))
    }

    /// The text, for looking up and for links to the same page.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The secret in the path of this call, or nothing where it has the wrong form. Never refuses, so that a mangled link
/// gives the same page as a used one.
pub(crate) struct Link(pub(crate) Option<LinkSecret>);

impl Link {
    /// What stands in the links of the page.
    pub(crate) fn in_path(&self) -> &str {
        self.0.as_ref().map_or(PLACEHOLDER, LinkSecret::expose)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Link {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        Ok(Self(params.and_then(|params| {
            params.iter().find(|(name, _)| *name == "link").and_then(|(_, text)| LinkSecret::parse(text))
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_secrets_are_looked_up() {
        assert!(LinkSecret::parse(&"a".repeat(43)).is_some());
        for text in ["", "-", &"a".repeat(42), &"a".repeat(44), &"\"".repeat(43), &"あ".repeat(43)] {
            assert_eq!(LinkSecret::parse(text), None);
        }
        assert!(!format!("{:?}", LinkSecret::parse(&"a".repeat(43))).contains("aaa"));
    }
}
