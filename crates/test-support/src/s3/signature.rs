//! Signature Version 4, as a server checks it.

use axum::http::{HeaderMap, Method, Uri};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::percent;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who may use the bucket.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) key_id: String,
    pub(super) secret: String,
    pub(super) region: String,
}

impl Credentials {
    /// Whether this request was signed with our secret and nothing that was signed has changed since.
    pub(super) fn signed(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
        self.check(method, uri, headers, body).unwrap_or(false)
    }

    fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<bool> {
        let header = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        let given = header("authorization")?.strip_prefix(ALGORITHM)?;
        let field = |name: &str| given.split(',').find_map(|part| part.trim().strip_prefix(name));
        let (credential, signed, signature) =
            (field("Credential=")?, field("SignedHeaders=")?, field("Signature=")?);
        let (key_id, scope) = credential.split_once('/')?;
        let moment = header("x-amz-date")?;
        let day = moment.get(..8)?;
        let expected_scope = format!("{day}/{}/s3/aws4_request", self.region);
        let body_hash = header("x-amz-content-sha256")?;
        let is_body_hash = body_hash == "UNSIGNED-PAYLOAD" || body_hash == hex::encode(Sha256::digest(body));
        let names: Vec<&str> = signed.split(';').collect();
        if key_id != self.key_id || scope != expected_scope || !is_body_hash || !names.contains(&"host") {
            return Some(false);
        }
        let lines: Option<Vec<String>> =
            names.iter().map(|name| header(name).map(|value| format!("{name}:{value}\n"))).collect();
        let (lines, query) = (lines?.concat(), canonical_query(uri));
        let canonical = format!("{method}\n{}\n{query}\n{lines}\n{signed}\n{body_hash}", uri.path());
        let to_sign = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
        let mut key = mac(format!("AWS4{}", self.secret).as_bytes(), day)?;
        for step in [self.region.as_str(), "s3", "aws4_request"] {
            key = mac(&key, step)?;
        }
        Some(hex::encode(mac(&key, &to_sign)?) == signature)
    }
}

/// The query as it is signed: every name and value percent-encoded alike, whichever way it was sent, and sorted.
fn canonical_query(uri: &Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<String> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| format!("{}={}", percent::encode(name), percent::encode(value)))
        .collect();
    pairs.sort_unstable();
    pairs.join("&")
}

fn mac(key: &[u8], text: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's own documentation: `GET ?lifecycle` on `examplebucket`.
    #[test]
    fn the_documented_example_is_accepted_and_a_changed_one_is_not() {
        let credentials = Credentials {
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("x-amz-date", "20130524T000000Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                 SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
                 Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let uri: Uri = "/?lifecycle".parse().unwrap();
        assert!(credentials.signed(&Method::GET, &uri, &headers, b""));
        assert!(!credentials.signed(&Method::DELETE, &uri, &headers, b""));
        assert!(!credentials.signed(&Method::GET, &"/?policy".parse().unwrap(), &headers, b""));
        assert!(!credentials.signed(&Method::GET, &uri, &headers, b"another body"));
        let thief = Credentials { secret: "guess".to_owned(), ..credentials };
        assert!(!thief.signed(&Method::GET, &uri, &headers, b""));
    }
}
