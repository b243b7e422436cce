//! `[verification]`

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf};

use habeas_domain::{RegimeId, Right, verification::Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, finding::Findings};

/// How people prove who they are, beyond the mailed link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Verification {
    /// How sure the company has to be, where it differs from the regime: `reasonable` or `high`, by regime and right. A request takes what the strictest of its rights takes.
    #[schemars(
        with = "BTreeMap<String, BTreeMap<String, String>>",
        example = serde_json::json!({ "us_ca": { "deletion": "high" } }),
    )]
    pub levels: BTreeMap<RegimeId, BTreeMap<Right, Level>>,
    /// Whether people may answer questions about the fields that the manifests mark with `ask`.
    pub recent_dealings: bool,
    /// How often a person may answer them in 24 hours, over all of their requests; right answers are not counted.
    #[schemars(range(max = 1000))]
    pub answers_a_day: NonZeroU32,
    /// After how many wrong answers in 30 days, over all of their requests, a person has to prove who they are in another way until those are older.
    #[schemars(range(max = 10_000))]
    pub wrong_answers_a_month: NonZeroU32,
    /// For how many days after somebody opened a package of a person the answers to these questions, which the package shows, prove nothing. 0 takes them all the same.
    #[schemars(range(max = 3_650))]
    pub disclosed_days: u32,
    /// How many codes a person may be sent by text message in 24 hours, over all of their requests.
    #[schemars(range(max = 1000))]
    pub sms_a_day: NonZeroU32,
    /// How many codes of one kind a person may type in 24 hours, over all of their requests.
    #[schemars(range(max = 10_000))]
    pub code_tries_a_day: NonZeroU32,
    /// For how many days a telephone number or a mail address that a correction wrote into a store proves nobody: no code goes there, and no call to it counts. 0 to let them count at once.
    #[schemars(range(max = 3_650))]
    pub changed_contact_days: u32,
    /// Whether staff may ask a person for a document that shows who they are, in a single case and with a written reason, where the regime's policy permits it. Two people judge it, and it is destroyed with their decision.
    pub documents: bool,
    /// The gateway for codes by text message. Without it, there are none.
    pub sms: Option<Sms>,
    /// The company's own sign-in. Without it, there is none.
    pub sign_in: Option<SignIn>,
}

/// The gateway for text messages. It gets the number and the text, nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Where messages are posted as `{"to": ..., "text": ...}`: `https`, or `http` on this machine.
    #[schemars(example = &"https://sms.example.com/messages")]
    pub url: Secret,
    /// The bearer token, if it wants one.
    #[schemars(example = &"token")]
    #[serde(default)]
    pub token: Option<Secret>,
    /// How long it may take.
    #[serde(default = "ten")]
    #[schemars(range(max = 300))]
    pub timeout_seconds: NonZeroU32,
}

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignInAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    #[default]
    Es256,
    /// RSA with SHA-256.
    Rs256,
    /// Ed25519.
    EdDsa,
}

/// The company's own sign-in: a signed token (JWT) binds a request to an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Its page. `nonce` and `return_to` are added to its query; it sends the person back to `return_to` with `token` added.
    #[schemars(example = &"https://shop.example.com/privacy/sign-in")]
    pub url: String,
    /// Who issues the tokens (`iss`).
    #[schemars(example = &"https://shop.example.com")]
    pub issuer: String,
    /// Whom they are for (`aud`).
    #[schemars(example = &"habeas")]
    pub audience: String,
    /// The one algorithm that is taken: `es256`, `rs256` or `eddsa`.
    #[serde(default)]
    pub algorithm: SignInAlgorithm,
    /// The claim that names the account.
    #[serde(default = "sub")]
    pub claim: String,
    /// The key under which the stores hold it.
    #[schemars(example = &"customer_id")]
    pub key: String,
    /// The file of the public key (PEM). Without it, `jwks_url` is needed.
    #[schemars(with = "Option<String>", example = &"/etc/habeas/sign-in.pem")]
    #[serde(default)]
    pub public_key: Option<PathBuf>,
    /// Where the public keys are listed (JWKS).
    #[schemars(example = &"https://shop.example.com/.well-known/jwks.json")]
    #[serde(default)]
    pub jwks_url: Option<String>,
}

fn sub() -> String {
    "sub".to_owned()
}

const fn ten() -> NonZeroU32 {
    match NonZeroU32::new(10) {
        Some(ten) => ten,
        None => NonZeroU32::MIN,
    }
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            levels: BTreeMap::new(),
            recent_dealings: true,
            answers_a_day: number(3),
            wrong_answers_a_month: number(9),
            disclosed_days: 90,
            sms_a_day: number(3),
            code_tries_a_day: number(20),
            changed_contact_days: 30,
            documents: false,
            sms: None,
            sign_in: None,
        }
    }
}

impl Verification {
    pub(crate) fn check(&self, findings: &mut Findings) {
        for (regime, rights) in &self.levels {
            if rights.is_empty() {
                findings.add(
                    &format!("verification.levels.{regime}"),
                    "names no right",
                    "write a line such as access = \"high\", or leave the table out",
                );
            }
        }
        let Some(sign_in) = &self.sign_in else { return };
        if sign_in.public_key.is_some() == sign_in.jwks_url.is_some() {
            findings.add(
                "verification.sign_in",
                "it is not clear which keys sign its tokens",
                "set either public_key or jwks_url",
            );
        }
    }
}
