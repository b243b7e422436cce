//! Envelope encryption, keyed pseudonyms, signing and key rotation.
