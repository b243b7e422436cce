use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use habeas_domain::{Clock, destination::is_https_or_local};

use jsonwebtoken::{Algorithm, DecodingKey, jwk::JwkSet};
use tokio::sync::Mutex;

/// How long fetched keys are believed without asking again.
const AGE: TimeDelta = TimeDelta::minutes(10);

/// How long they are believed where they cannot be fetched again: a key that the company took back must not live on.
const STALE: TimeDelta = TimeDelta::hours(24);

/// How soon keys are fetched again for a token whose key is not among them, so that made-up tokens fetch nothing.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// The largest set of keys, in bytes.
const LARGEST: usize = 256 * 1024;

/// Why the company's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The key is not a public key of the algorithm.
    #[error("the key is no public key (PEM) for {0:?}; correct verification.sign_in.public_key")]
    Key(Algorithm),
    /// Keys are fetched from an `https` address only.
    #[error("keys are fetched from an https address only; correct verification.sign_in.jwks_url")]
    Address,
    /// An algorithm with a shared secret, or none.
    #[error("use ES256, RS256 or EdDSA; correct verification.sign_in.algorithm")]
    Algorithm,
    /// No TLS on this machine.
    #[error("no HTTPS client can be made on this machine")]
    Client,
}

/// The keys that sign the company's tokens.
#[derive(Clone)]
pub struct SignInKeys(Source);

#[derive(Clone)]
enum Source {
    One(DecodingKey),
    Fetched { client: reqwest::Client, url: reqwest::Url, clock: Arc<dyn Clock>, kept: Arc<Mutex<Kept>> },
}

#[derive(Default)]
struct Kept {
    keys: Option<(JwkSet, DateTime<Utc>)>,
    asked: Option<DateTime<Utc>>,
}

impl SignInKeys {
    /// One public key, as PEM.
    ///
    /// # Errors
    /// [`SignInError::Key`] if it is not one of `algorithm`.
    pub fn pem(pem: &str, algorithm: Algorithm) -> Result<Self, SignInError> {
        let key = match algorithm {
            Algorithm::ES256 => DecodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::RS256 => DecodingKey::from_rsa_pem(pem.as_bytes()),
            Algorithm::EdDSA => DecodingKey::from_ed_pem(pem.as_bytes()),
            _ => return Err(SignInError::Algorithm),
        };
        key.map(|key| Self(Source::One(key))).map_err(|_| SignInError::Key(algorithm))
    }

    /// The keys that `url` lists (JWKS, RFC 7517), fetched at most every ten minutes within `limit`.
    ///
    /// # Errors
    /// [`SignInError::Address`] for an address that is not `https`; loopback may be `http`.
    pub fn fetched(url: &str, limit: Duration, clock: Arc<dyn Clock>) -> Result<Self, SignInError> {
        let url: reqwest::Url = url.parse().map_err(|_| SignInError::Address)?;
        if !is_https_or_local(url.as_str()) {
            return Err(SignInError::Address);
        }
        let client = reqwest::Client::builder()
            .timeout(limit)
            .connect_timeout(limit)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| SignInError::Client)?;
        Ok(Self(Source::Fetched { client, url, clock, kept: Arc::default() }))
    }

    /// The key that a token names.
    pub(super) async fn find(&self, id: Option<&str>) -> Option<DecodingKey> {
        let (client, url, clock, kept) = match &self.0 {
            Source::One(key) => return Some(key.clone()),
            Source::Fetched { client, url, clock, kept } => (client, url, clock, kept),
        };
        let id = id?;
        let mut kept = kept.lock().await;
        let now = clock.now();
        let among = |kept: &Kept| {
            let (keys, fetched) = kept.keys.as_ref()?;
            let key = keys.find(id).filter(|_| now - *fetched < STALE)?;
            DecodingKey::from_jwk(key).ok()
        };
        let age = kept.asked.map(|asked| now - asked);
        let known = among(&kept).filter(|_| age.is_some_and(|age| age < AGE));
        if known.is_some() || age.is_some_and(|age| age < PAUSE) {
            return known;
        }
        kept.asked = Some(now);
        if let Some(keys) = fetch(client, url).await {
            kept.keys = Some((keys, now));
        } else {
            tracing::warn!("the keys of the company's sign-in could not be fetched");
        }
        among(&kept)
    }
}

async fn fetch(client: &reqwest::Client, url: &reqwest::Url) -> Option<JwkSet> {
    let mut answer = client.get(url.clone()).send().await.ok()?.error_for_status().ok()?;
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.ok()? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGEST {
            return None;
        }
    }
    serde_json::from_slice(&bytes).ok()
}
