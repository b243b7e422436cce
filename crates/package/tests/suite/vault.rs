//! Packages signed with the vault's keys, and sealed on their way.

use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use habeas_domain::{Language, ManualClock, Right, SeededEntropy};
use habeas_package::{PackageWriter, VerifyError, verify};
use habeas_vault::{CodeOptions, Context, KeyRing, PublicKey, Vault, Verifier};

use super::common::{Table, info, moment, parts};

fn vault(seed: u64) -> Vault {
    let entropy = SeededEntropy::new(seed);
    let ring = KeyRing::generate(&entropy, &ManualClock::new(moment("2026-11-21T00:00:00Z")));
    Vault::new(&ring, Arc::new(entropy), CodeOptions::default()).unwrap()
}

#[test]
fn a_package_is_sealed_as_it_is_written_and_verifies_when_opened() {
    let vault = vault(1);
    let context = Context::new("package.archive", 42);
    let (key, _) = vault.new_request_key(&context).unwrap();
    let sealing = vault.sealing_writer(&key, &context, Vec::new()).unwrap();
    let mut writer = PackageWriter::new(sealing, info(Right::Access, Language::Ja)).unwrap();
    for (info, rows) in parts() {
        writer.collection(info, &mut Table(rows)).unwrap();
    }
    let (summary, sealing) = writer.finish(&vault).unwrap();
    let sealed = sealing.finish().unwrap();
    let mut package = Vec::new();
    vault.opening_reader(&key, &context, Cursor::new(sealed)).read_to_end(&mut package).unwrap();
    assert_eq!(summary.bytes, package.len() as u64);
    let verified = verify(Cursor::new(&package), &vault.verifier()).unwrap();
    let named: PublicKey = verified.content.signing.public_key.parse().unwrap();
    assert_eq!(named.id().to_string(), verified.key_id);
    verify(Cursor::new(&package), &Verifier::new([named]))
        .expect("the key that it names is the one that signed");
    let stranger = self::vault(2).verifier();
    assert!(matches!(verify(Cursor::new(&package), &stranger), Err(VerifyError::Signature(_))));
}
