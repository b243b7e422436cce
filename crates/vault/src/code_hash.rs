//! A code as it is stored.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::Error,
};

use crate::{Code, VaultError, secret::Secret};

/// Argon2id of a [`Code`], salted and mixed with a secret of the key ring, as a PHC string. Eight digits can be
/// guessed through; without the ring's secret a stolen table gives nothing to test a guess against.
#[derive(Clone)]
pub struct CodeHash(PasswordHash);

impl CodeHash {
    /// Length of the salt in bytes.
    pub(crate) const SALT_LEN: usize = 16;

    /// Reads the stored form.
    pub fn parse(phc: &str) -> Result<Self, VaultError> {
        PasswordHash::new(phc).map(Self).map_err(|_| malformed())
    }

    /// The form to store: `$argon2id$v=19$m=...,t=...,p=...$salt$hash`.
    pub fn to_phc(&self) -> String {
        self.0.to_string()
    }

    pub(crate) fn compute(
        code: &Code,
        pepper: &Secret,
        params: Params,
        salt: [u8; Self::SALT_LEN],
    ) -> Result<Self, VaultError> {
        let hash = argon2id(pepper, params)?.hash_password_with_salt(code.expose().as_bytes(), &salt);
        hash.map(Self).map_err(|_| VaultError::CodeCost)
    }

    /// Whether `code` is the one. Compares in constant time, at the cost that the stored hash was made with.
    pub(crate) fn verify(&self, code: &Code, pepper: &Secret) -> Result<bool, VaultError> {
        let argon2 = argon2id(pepper, Params::DEFAULT)?;
        match argon2.verify_password(code.expose().as_bytes(), &self.0) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(malformed()),
        }
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code hash]")
    }
}

fn argon2id(pepper: &Secret, params: Params) -> Result<Argon2<'_>, VaultError> {
    Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|_| VaultError::CodeCost)
}

const fn malformed() -> VaultError {
    VaultError::Malformed { what: "the code hash", expected: "an Argon2id PHC string" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeCost;

    fn cheap() -> Params {
        CodeCost { memory_kib: 8, passes: 1, lanes: 1 }.params().unwrap()
    }

    #[test]
    fn only_the_code_and_the_pepper_together_verify() {
        let (pepper, other) = (Secret::from_slice(&[1; 32]).unwrap(), Secret::blank());
        let (code, wrong) = (Code::parse("01234567").unwrap(), Code::parse("01234568").unwrap());
        let stored = CodeHash::compute(&code, &pepper, cheap(), [5; 16]).unwrap().to_phc();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        let read = CodeHash::parse(&stored).unwrap();
        assert!(read.verify(&code, &pepper).unwrap());
        assert!(!read.verify(&wrong, &pepper).unwrap());
        assert!(!read.verify(&code, &other).unwrap());
    }

    #[test]
    fn a_broken_stored_form_is_an_error_and_not_a_wrong_code() {
        assert!(CodeHash::parse("01234567").is_err());
        let foreign = CodeHash::parse("$scrypt$ln=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo").unwrap();
        assert!(foreign.verify(&Code::parse("01234567").unwrap(), &Secret::blank()).is_err());
    }
}
