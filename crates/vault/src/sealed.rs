//! Sealing one field or record.

use habeas_domain::{Entropy, Personal};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    Context, RequestKey, VaultError,
    aead::{self, NONCE_LEN, Nonce},
};

const VERSION: u8 = 1;
const FORMAT: &[u8] = b"habeas sealed 1";
const WHAT: &str = "the sealed record";

/// Stored form: version (1), nonce (24), ciphertext with tag (16 longer than the plaintext).
pub(crate) fn seal(
    key: &RequestKey,
    context: &Context,
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, VaultError> {
    let nonce = aead::fresh_nonce(entropy);
    let sealed = aead::encrypt(WHAT, &key.seal_key()?, nonce, &context.bind(FORMAT), plaintext)?;
    Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
}

pub(crate) fn open(
    key: &RequestKey,
    context: &Context,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, body) = split(sealed)?;
    aead::decrypt(WHAT, &key.seal_key()?, nonce, &context.bind(FORMAT), body)
}

pub(crate) fn seal_json<T: Serialize>(
    key: &RequestKey,
    context: &Context,
    value: &T,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, VaultError> {
    let text = Zeroizing::new(serde_json::to_vec(value).map_err(|error| json_error(&error))?);
    seal(key, context, &text, entropy)
}

pub(crate) fn open_json<T: DeserializeOwned>(
    key: &RequestKey,
    context: &Context,
    sealed: &[u8],
) -> Result<Personal<T>, VaultError> {
    let text = open(key, context, sealed)?;
    serde_json::from_slice(&text).map(Personal::new).map_err(|error| json_error(&error))
}

fn split(sealed: &[u8]) -> Result<(Nonce, &[u8]), VaultError> {
    match sealed.split_first() {
        Some((&VERSION, rest)) => rest
            .split_first_chunk::<NONCE_LEN>()
            .map(|(nonce, body)| (*nonce, body))
            .ok_or(VaultError::Malformed { what: WHAT, expected: "at least 41 bytes" }),
        Some((&version, _)) => Err(VaultError::UnknownVersion { what: WHAT, version: u32::from(version) }),
        None => Err(VaultError::Malformed { what: WHAT, expected: "at least 41 bytes" }),
    }
}

fn json_error(error: &serde_json::Error) -> VaultError {
    VaultError::Json { line: error.line(), column: error.column() }
}
