//! A code as it is stored.

use std::fmt;

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use subtle::ConstantTimeEq;

use crate::{Code, VaultError, code_hasher::Memory, secret::Secret};

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
        params: &Params,
        salt: [u8; Self::SALT_LEN],
        memory: &mut Memory,
    ) -> Result<Self, VaultError> {
        let hash = digest(code, pepper, params, &salt, memory).ok_or(VaultError::CodeCost)?;
        Ok(Self(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(|_| VaultError::CodeCost)?,
            salt: Some(Salt::new(&salt).map_err(|_| VaultError::CodeCost)?),
            hash: Some(Output::new(&hash).map_err(|_| VaultError::CodeCost)?),
        }))
    }

    /// Whether `code` is the one. Compares in constant time, at the cost that the stored hash was made with.
    pub(crate) fn verify(
        &self,
        code: &Code,
        pepper: &Secret,
        memory: &mut Memory,
    ) -> Result<bool, VaultError> {
        let is_ours =
            self.0.algorithm == Algorithm::Argon2id.ident() && self.0.version == Some(Version::V0x13.into());
        let params = Params::try_from(&self.0).map_err(|_| malformed())?;
        let (salt, stored) = self.0.salt.as_ref().zip(self.0.hash.as_ref()).ok_or_else(malformed)?;
        if !is_ours || stored.len() != HASH_LEN {
            return Err(malformed());
        }
        let hash = digest(code, pepper, &params, salt, memory).ok_or_else(malformed)?;
        Ok(hash.ct_eq(stored.as_ref()).into())
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code hash]")
    }
}

/// Bytes of a hash.
const HASH_LEN: usize = Params::DEFAULT_OUTPUT_LEN;

/// The hash itself, in memory that is used again and again. Every hash overwrites all of the memory that it reads.
fn digest(
    code: &Code,
    pepper: &Secret,
    params: &Params,
    salt: &[u8],
    memory: &mut Memory,
) -> Option<[u8; HASH_LEN]> {
    let argon2 =
        Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params.clone()).ok()?;
    memory.resize(params.block_count(), Block::default());
    let mut hash = [0; HASH_LEN];
    argon2.hash_password_into_with_memory(code.expose().as_bytes(), salt, &mut hash, memory).ok()?;
    Some(hash)
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
        let mut memory = Memory::new();
        let (code, wrong) = (Code::parse("01234567").unwrap(), Code::parse("01234568").unwrap());
        let stored = CodeHash::compute(&code, &pepper, &cheap(), [5; 16], &mut memory).unwrap().to_phc();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{stored}");
        let read = CodeHash::parse(&stored).unwrap();
        assert!(read.verify(&code, &pepper, &mut memory).unwrap());
        assert!(!read.verify(&wrong, &pepper, &mut memory).unwrap());
        assert!(!read.verify(&code, &other, &mut memory).unwrap());
    }

    #[test]
    fn a_broken_stored_form_is_an_error_and_not_a_wrong_code() {
        assert!(CodeHash::parse("01234567").is_err());
        let foreign = CodeHash::parse("$scrypt$ln=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo").unwrap();
        assert!(
            foreign.verify(&Code::parse("01234567").unwrap(), &Secret::blank(), &mut Memory::new()).is_err()
        );
    }
}
