//! The company's own sign-in: a signed token binds the request to an account that the stores hold.

mod keys;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{
    KeyName, Personal, RequestId,
    verification::{EvidenceOutcome, Method},
};
use habeas_ledger::Ledger;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

pub use keys::{SignInError, SignInKeys};

use super::{Case, HandedIn, Offered, Verdict, Way};
use crate::{
    DeskError,
    on_file::{Files, of_request},
};

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// How far the clocks may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// How the company's sign-in is trusted.
#[derive(Debug, Clone)]
pub struct SignInOptions {
    /// Its page. `nonce` is added to its query.
    pub url: String,
    /// The one algorithm. What the token itself says is compared with it, never believed.
    pub algorithm: Algorithm,
    /// Who has to have issued the token.
    pub issuer: String,
    /// Whom it has to be for.
    pub audience: String,
    /// The claim that names the account.
    pub claim: String,
    /// The key under which the stores hold it, such as `customer_id`.
    pub key: KeyName,
    /// The longest that a token may still have to live.
    pub longest_life: TimeDelta,
}

/// Judges tokens of the company's own sign-in. An account counts only if the stores lead to it from the address that
/// was proven, so that a stranger's own account proves nothing.
pub struct SignIn {
    ledger: Ledger,
    files: Arc<dyn Files>,
    keys: SignInKeys,
    options: SignInOptions,
}

impl SignIn {
    /// A sign-in whose tokens `keys` signed.
    pub fn new(ledger: Ledger, files: Arc<dyn Files>, keys: SignInKeys, options: SignInOptions) -> Self {
        Self { ledger, files, keys, options }
    }

    /// What binds a token to one request: it follows from the request and is not to be guessed.
    fn nonce(&self, request: RequestId) -> String {
        self.ledger.vault().lookup("sign-in-nonce", &request.to_string()).to_hex()
    }

    /// The account that a token names; nothing if anything about it is not as it has to be.
    async fn account(&self, token: &str, nonce: &str) -> Option<String> {
        if token.len() > LONGEST {
            return None;
        }
        let header = decode_header(token).ok()?;
        if header.alg != self.options.algorithm {
            return None;
        }
        let key = self.keys.find(header.kid.as_deref()).await?;
        let mut rules = Validation::new(self.options.algorithm);
        rules.set_audience(&[&self.options.audience]);
        rules.set_issuer(&[&self.options.issuer]);
        rules.set_required_spec_claims(&["exp", "aud", "iss"]);
        // Times are judged below, by the clock that was handed in.
        rules.validate_exp = false;
        let claims = decode::<Map<String, Value>>(token, &key, &rules).ok()?.claims;
        let same = claims.get("nonce").and_then(Value::as_str)?.as_bytes().ct_eq(nonce.as_bytes());
        (bool::from(same) && self.is_in_time(&claims)).then_some(())?;
        match claims.get(&self.options.claim)? {
            Value::String(account) => Some(account.clone()),
            Value::Number(account) => Some(account.to_string()),
            _ => None,
        }
    }

    fn is_in_time(&self, claims: &Map<String, Value>) -> bool {
        let now = self.ledger.ids().now();
        let at = |claim: &str| {
            let seconds = claims.get(claim)?.as_i64()?;
            chrono::DateTime::from_timestamp(seconds, 0)
        };
        let Some(ends) = at("exp") else { return false };
        let begun = !claims.contains_key("nbf") || at("nbf").is_some_and(|begins| begins <= now + LEEWAY);
        begun && now < ends + LEEWAY && ends <= now + self.options.longest_life + LEEWAY
    }
}

#[async_trait]
impl Way for SignIn {
    fn method(&self) -> Method {
        Method::SignIn
    }

    async fn begin(&self, _: Case<'_>) -> Result<(), DeskError> {
        Ok(())
    }

    async fn offer(&self, case: Case<'_>) -> Result<Offered, DeskError> {
        let mut url: reqwest::Url = self.options.url.parse().map_err(|_| DeskError::NotOffered)?;
        url.query_pairs_mut().append_pair("nonce", &self.nonce(case.request.id));
        Ok(Offered::SignIn(Personal::new(url.to_string())))
    }

    async fn judge(&self, case: Case<'_>, shown: HandedIn) -> Result<Verdict, DeskError> {
        let HandedIn::SignIn(token) = shown else { return Ok(Verdict::Nothing) };
        let account = self.account(token.expose(), &self.nonce(case.request.id)).await;
        let held = of_request(&*self.files, case.request).await?;
        let theirs = account.is_some_and(|account| {
            held.keys.iter().any(|(key, value)| *key == self.options.key && value.as_str() == account)
        });
        Ok(if theirs {
            Verdict::Shown { outcome: EvidenceOutcome::Passed, answers: 0 }
        } else {
            Verdict::Nothing
        })
    }
}
