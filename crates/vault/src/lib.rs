//! Envelope encryption, keyed pseudonyms, signing and key rotation.
//!
//! Every request has its own data key, a [`RequestKey`]. It is kept only in wrapped form ([`WrappedKey`]), under
//! the active wrapping key of the [`KeyRing`]. So rotating the wrapping key touches no data, and destroying one
//! wrapped key makes everything of that request unreadable for ever.
//!
//! [`Vault`] is the one handle: cheap to clone, it seals and opens fields and streams, computes keyed
//! [`Lookup`]s, makes and checks tokens and codes, and signs. Nothing here prints a secret: every secret's
//! `Debug` is redacted, no error repeats content, and keys are wiped from memory when dropped.

mod aead;
mod api_token;
mod code;
mod code_cost;
mod code_hash;
mod code_hasher;
mod context;
mod derive;
mod error;
mod key_id;
mod keys;
mod lookup;
mod request_key;
mod ring;
mod sealed;
mod secret;
pub mod signing;
pub mod stream;
mod thread_token;
mod token;
mod token_hash;
mod vault;
mod wrapped_key;
mod wrapping;

pub use api_token::ApiToken;
pub use code::Code;
pub use code_cost::{CodeCost, CodeOptions};
pub use code_hash::CodeHash;
pub use context::Context;
pub use error::VaultError;
pub use key_id::KeyId;
pub use lookup::Lookup;
pub use request_key::RequestKey;
pub use ring::{KeyInfo, KeyRing, KeyRole, KeyState};
pub use signing::{PublicKey, Signature, Signer, Verifier};
pub use stream::{OpeningReader, SealingWriter, StreamOpener, StreamSealer};
pub use thread_token::{ThreadOf, ThreadToken};
pub use token::Token;
pub use token_hash::TokenHash;
pub use vault::Vault;
pub use wrapped_key::WrappedKey;
