//! The addresses of the pages that a person is sent to. Pure: whoever makes a token and whoever serves the page
//! agree through this one place.

use crate::{Language, Personal};

/// Builds links to the person's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    base: String,
}

/// A text that cannot be the beginning of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedBaseUrl {
    /// No `http` or `https`.
    #[error("begin the base URL with https:// (or http:// behind a proxy that adds TLS)")]
    Scheme,
    /// No host.
    #[error("the base URL names no host; write it as https://privacy.example.com")]
    Host,
    /// User information, a query, a fragment, a space, or a character outside ASCII.
    #[error("the base URL may hold a host, a port and a path only, all in ASCII")]
    Character,
}

impl Links {
    /// Links below `base_url`, such as `https://privacy.example.com` or `https://example.com/privacy`. A slash at
    /// its end is ignored.
    pub fn new(base_url: &str) -> Result<Self, MalformedBaseUrl> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| base_url.strip_prefix(scheme));
        let rest = rest.ok_or(MalformedBaseUrl::Scheme)?;
        if rest.starts_with(['/', ':']) || rest.is_empty() {
            return Err(MalformedBaseUrl::Host);
        }
        let fit = |letter: char| letter.is_ascii_alphanumeric() || "-._~/:[]%".contains(letter);
        if !rest.chars().all(fit) {
            return Err(MalformedBaseUrl::Character);
        }
        Ok(Self { base: base_url.trim_end_matches('/').to_owned() })
    }

    /// The base, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The page on which the holder of `token` confirms something with a button. `token` is URL-safe text.
    pub fn confirm(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "confirm", token)
    }

    /// The page on which a person ends that somebody acts for them. `token` is URL-safe text.
    pub fn end_agent(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "agent", token)
    }

    /// The page of a package, which asks for a fresh code. `token` is URL-safe text.
    pub fn package(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "package", token)
    }

    /// The page on which a paper is handed in. `token` is URL-safe text.
    pub fn paper(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "paper", token)
    }

    /// The page that shows how a request stands. `token` is URL-safe text.
    pub fn status(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "status", token)
    }

    /// The page to which the company's own sign-in sends a person back. `token` is URL-safe text.
    pub fn sign_in(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "identity", token).map(|page| format!("{page}/sign-in"))
    }

    /// The page on which a person names something else that they are known by. `token` is URL-safe text.
    pub fn another(&self, language: Language, token: &str) -> Personal<String> {
        self.page(language, "identity", token).map(|page| format!("{page}/another"))
    }

    fn page(&self, language: Language, page: &str, token: &str) -> Personal<String> {
        Personal::new(format!("{}/{language}/{page}/{token}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_language_page_and_token() {
        for base in ["https://privacy.example.com", "https://privacy.example.com/"] {
            let links = Links::new(base).unwrap();
            assert_eq!(
                links.confirm(Language::Ja, "abc").expose(),
                "https://privacy.example.com/ja/confirm/abc"
            );
            assert_eq!(
                links.package(Language::En, "abc").expose(),
                "https://privacy.example.com/en/package/abc"
            );
            assert_eq!(
                links.status(Language::En, "abc").expose(),
                "https://privacy.example.com/en/status/abc"
            );
        }
        let below = Links::new("http://127.0.0.1:8080/privacy").unwrap();
        assert_eq!(
            below.confirm(Language::En, "abc").expose(),
            "http://127.0.0.1:8080/privacy/en/confirm/abc"
        );
    }

    #[test]
    fn a_base_that_cannot_carry_a_link_is_refused() {
        use MalformedBaseUrl as P;
        for (base, problem) in [
            ("", P::Scheme),
            ("privacy.example.com", P::Scheme),
            ("javascript:alert(1)", P::Scheme),
            ("https://", P::Host),
            ("https:///confirm", P::Host),
            ("https://:80", P::Host),
            ("https://example.com?x=1", P::Character),
            ("https://example.com#x", P::Character),
            ("https://user@example.com", P::Character),
            ("https://exa mple.com", P::Character),
            ("https://example.com\r\nx", P::Character),
            ("https://例え.テスト", P::Character),
        ] {
            assert_eq!(Links::new(base), Err(problem), "{base:?}");
        }
    }

    #[test]
    fn a_link_prints_redacted() {
        let links = Links::new("https://privacy.example.com").unwrap();
        assert!(!format!("{:?}", links.confirm(Language::En, "abc")).contains("abc"));
    }
}
