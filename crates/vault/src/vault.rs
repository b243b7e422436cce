//! The one handle to everything in this crate.

use std::{
    fmt,
    io::{Read, Write},
    sync::{Arc, PoisonError, RwLock},
};

use habeas_domain::{Entropy, Personal};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ApiToken, Code, CodeHash, CodeOptions, Context, KeyId, KeyRing, Lookup, OpeningReader, PublicKey,
    RequestKey, SealingWriter, Signature, StreamOpener, StreamSealer, ThreadOf, ThreadToken, Token,
    VaultError, Verifier, WrappedKey, code_hasher::CodeHasher, keys::Keys, lookup, sealed,
};

/// Seals, opens, finds again, signs. Cheap to clone; all clones share one set of keys.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    keys: RwLock<Arc<Keys>>,
    entropy: Arc<dyn Entropy>,
    codes: CodeHasher,
}

impl Vault {
    /// A vault that works with `ring`. Nonces, salts, tokens and codes come from `entropy`.
    pub fn new(ring: &KeyRing, entropy: Arc<dyn Entropy>, codes: CodeOptions) -> Result<Self, VaultError> {
        let keys = RwLock::new(Arc::new(Keys::derive(ring)?));
        Ok(Self(Arc::new(Inner { keys, entropy, codes: CodeHasher::new(codes)? })))
    }

    /// Goes over to a changed ring, after a rotation say. Refuses one with another lookup key.
    pub fn reload(&self, ring: &KeyRing) -> Result<(), VaultError> {
        let fresh = Arc::new(Keys::derive(ring)?);
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        if !fresh.finds_what_was_made_with(&keys) {
            return Err(VaultError::RingRule {
                problem: "its lookup key is not the one in use: nobody would be found",
            });
        }
        *keys = fresh;
        Ok(())
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.0.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.0.entropy
    }
}

/// Request keys.
impl Vault {
    /// A new data key for `owner`, such as `Context::new("request", id)`, and the form to store.
    pub fn new_request_key(&self, owner: &Context) -> Result<(RequestKey, WrappedKey), VaultError> {
        let key = RequestKey::generate(self.entropy());
        let wrapped = self.keys().wrapping.wrap(&key, owner, self.entropy())?;
        Ok((key, wrapped))
    }

    /// The data key of `owner`. Fails with [`VaultError::UnknownKey`] when the ring lacks the wrapping key, and
    /// with [`VaultError::Refused`] when the wrapped key was altered or is another owner's.
    pub fn unwrap(&self, wrapped: &WrappedKey, owner: &Context) -> Result<RequestKey, VaultError> {
        self.keys().wrapping.unwrap(wrapped, owner)
    }

    /// The same data key under the active wrapping key. The data stay as they are.
    pub fn rewrap(&self, wrapped: &WrappedKey, owner: &Context) -> Result<WrappedKey, VaultError> {
        let keys = self.keys();
        keys.wrapping.wrap(&keys.wrapping.unwrap(wrapped, owner)?, owner, self.entropy())
    }

    /// The wrapping key in use. What is wrapped by another one is due to be rewrapped.
    pub fn active_wrapping_key(&self) -> KeyId {
        self.keys().wrapping.active()
    }
}

/// Sealing and opening.
impl Vault {
    /// Seals `plaintext` for one place. The result is 41 bytes longer.
    pub fn seal(&self, key: &RequestKey, context: &Context, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        sealed::seal(key, context, plaintext, self.entropy())
    }

    /// Opens what was sealed with the same key for the same place.
    pub fn open(
        &self,
        key: &RequestKey,
        context: &Context,
        sealed: &[u8],
    ) -> Result<Personal<Vec<u8>>, VaultError> {
        sealed::open(key, context, sealed).map(|mut opened| Personal::new(std::mem::take(&mut *opened)))
    }

    /// Seals `value` as JSON.
    pub fn seal_json<T: Serialize>(
        &self,
        key: &RequestKey,
        context: &Context,
        value: &T,
    ) -> Result<Vec<u8>, VaultError> {
        sealed::seal_json(key, context, value, self.entropy())
    }

    /// Opens what [`seal_json`](Self::seal_json) sealed.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        key: &RequestKey,
        context: &Context,
        sealed: &[u8],
    ) -> Result<Personal<T>, VaultError> {
        sealed::open_json(key, context, sealed)
    }

    /// Seals a stream by pushing, for async code.
    pub fn sealer(&self, key: &RequestKey, context: &Context) -> Result<StreamSealer, VaultError> {
        StreamSealer::new(key, context, self.entropy())
    }

    /// Opens a stream by pushing, for async code.
    pub fn opener(&self, key: &RequestKey, context: &Context) -> StreamOpener {
        StreamOpener::new(key, context)
    }

    /// Seals what is written to it into `inner`.
    pub fn sealing_writer<W: Write>(
        &self,
        key: &RequestKey,
        context: &Context,
        inner: W,
    ) -> Result<SealingWriter<W>, VaultError> {
        Ok(SealingWriter::new(inner, self.sealer(key, context)?))
    }

    /// Opens what is read from `inner`.
    pub fn opening_reader<R: Read>(&self, key: &RequestKey, context: &Context, inner: R) -> OpeningReader<R> {
        OpeningReader::new(inner, self.opener(key, context))
    }
}

/// Pseudonyms, tokens and codes.
impl Vault {
    /// The pseudonym of a normalised value among those of its kind, such as `("email", "hanako@example.jp")`.
    /// Stays the same when wrapping and signing keys are rotated.
    pub fn lookup(&self, kind: &str, normalised: &str) -> Lookup {
        lookup::lookup(&self.keys().lookup, kind, normalised)
    }

    /// The token that a mail of ours carries, so that an answer to it or a report about it is known again.
    pub fn thread_token(&self, of: ThreadOf) -> ThreadToken {
        self.keys().threads.token(of)
    }

    /// What a token names, if it is one of ours. Tokens made under a retired signing key still count.
    pub fn thread_of(&self, token: &str) -> Option<ThreadOf> {
        self.keys().threads.read(token)
    }

    /// A new secret for a link.
    pub fn new_token(&self) -> Token {
        Token::generate(self.entropy())
    }

    /// The secret of the one link of a kind to a thing, such as the request of that id: the same each time, so that
    /// every mail can carry it. Nobody can guess it without the key ring.
    pub fn standing_token(&self, kind: &str, of: &str) -> Token {
        Token::of(&self.lookup("standing-token", &format!("{kind}/{of}")))
    }

    /// A new secret for the API.
    pub fn new_api_token(&self) -> ApiToken {
        ApiToken::generate(self.entropy())
    }

    /// A new code for a person to type.
    pub fn new_code(&self) -> Code {
        Code::generate(self.entropy())
    }

    /// Hashes a code for storing. Takes its turn among the hashes that run, on a blocking thread; fails with
    /// [`VaultError::Busy`] when the turn does not come in time. Needs a tokio runtime.
    pub async fn hash_code(&self, code: &Code) -> Result<CodeHash, VaultError> {
        self.0.codes.hash(code, &self.keys().code_pepper, self.entropy()).await
    }

    /// Whether `code` is the one that was hashed. Otherwise as [`hash_code`](Self::hash_code).
    pub async fn verify_code(&self, code: &Code, hash: &CodeHash) -> Result<bool, VaultError> {
        self.0.codes.verify(code, hash, &self.keys().code_pepper).await
    }

    /// How many hashes of codes were computed since the start, for storing and for comparing. They are by far the dearest part of
    /// an answer: whoever has to be answered alike has to cost as many.
    pub fn codes_hashed(&self) -> u64 {
        self.0.codes.runs()
    }
}

/// Signatures.
impl Vault {
    /// Signs `bytes` for `purpose` with the active signing key.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> Signature {
        self.keys().signer.sign(purpose, bytes)
    }

    /// Checks signatures of every signing key in the ring.
    pub fn verifier(&self) -> Verifier {
        self.keys().verifier.clone()
    }

    /// The public halves of every signing key in the ring, for checking offline.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys().verifier.public_keys()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("active_wrapping_key", &self.active_wrapping_key())
            .finish_non_exhaustive()
    }
}
