//! Whether a form was sent from one of our own pages.

use axum::http::{HeaderMap, header};

/// Protects forms against being sent from other sites, by what browsers say of themselves.
///
/// `Sec-Fetch-Site` decides where it is sent. Otherwise `Origin` must name our host. Since our pages send no
/// referrer, browsers write `Origin: null` for our own forms; that, like no header at all, is let through, because
/// no other site knows the 256-bit secret in the path.
pub(crate) fn is_allowed(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
        None | Some(Ok("null")) => true,
        Some(Ok(origin)) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            let named = origin.split_once("://").map(|(_, authority)| authority);
            named.zip(host).is_some_and(|(named, host)| named.eq_ignore_ascii_case(host))
        }
        Some(Err(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        is_allowed(&headers)
    }

    #[test]
    fn other_sites_are_refused() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(allowed(&[("origin", "https://privacy.example.jp"), ("host", "privacy.example.jp")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site"), ("origin", "null")]));
        assert!(!allowed(&[("origin", "https://evil.example.com"), ("host", "privacy.example.jp")]));
        assert!(!allowed(&[
            ("origin", "https://privacy.example.jp.example.com"),
            ("host", "privacy.example.jp")
        ]));
    }
}
