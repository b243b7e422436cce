//! Signing and checking with the keys of the vault.

use habeas_vault::{Signature, Vault, VaultError, Verifier};

use crate::{BoxError, Check, Sign, SignatureBytes};

/// What a signature of a package is for: one for a receipt does not fit.
const PURPOSE: &str = "package";

const MESSAGE: &str = "The message is `habeas signature 1`, then `package`, then those bytes, each preceded by its \
    length as eight bytes, big end first.";

impl Sign for Vault {
    fn sign(&self, bytes: &[u8]) -> Result<SignatureBytes, BoxError> {
        let signature = Self::sign(self, PURPOSE, bytes);
        Ok(SignatureBytes { key_id: signature.key_id.to_string(), bytes: signature.bytes.to_vec() })
    }

    /// The public half of the key that signs now. The vault names that key only on its signatures.
    fn public_key_text(&self) -> String {
        let active = Self::sign(self, PURPOSE, &[]).key_id;
        let key = self.public_keys().into_iter().find(|key| key.id() == active);
        key.map(|key| key.to_string()).unwrap_or_default()
    }

    fn message_format(&self) -> String {
        MESSAGE.to_owned()
    }
}

impl Check for Verifier {
    fn check(&self, signature: &SignatureBytes, bytes: &[u8]) -> Result<(), BoxError> {
        let malformed = || VaultError::Malformed { what: "the signature", expected: "64 bytes" };
        let fixed = signature.bytes.as_slice().try_into().map_err(|_| malformed())?;
        let signature = Signature { key_id: signature.key_id.parse()?, bytes: fixed };
        Ok(self.verify(PURPOSE, bytes, &signature)?)
    }
}
