//! Rotating keys without touching data.

use crate::support::{clock, owner, ring, vault};
use habeas_domain::{Retry, SeededEntropy};
use habeas_vault::{Context, VaultError, Verifier};

#[test]
fn old_data_opens_and_new_keys_are_wrapped_by_the_new_one() {
    let mut ring = ring(1);
    let vault = vault(&ring);
    let column = Context::new("request.personal", "1");
    let (key, before) = vault.new_request_key(&owner()).unwrap();
    let sealed = vault.seal(&key, &column, b"hanako@example.jp").unwrap();

    let fresh = ring.rotate_wrapping(&SeededEntropy::new(2), &clock());
    vault.reload(&ring).unwrap();
    assert_eq!(vault.active_wrapping_key(), fresh);
    assert_ne!(before.wrapped_by(), fresh);
    let key = vault.unwrap(&before, &owner()).unwrap();
    assert_eq!(vault.open(&key, &column, &sealed).unwrap().expose(), b"hanako@example.jp");
    assert_eq!(vault.new_request_key(&owner()).unwrap().1.wrapped_by(), fresh);
}

#[test]
fn a_rewrapped_key_outlives_the_old_wrapping_key() {
    let mut ring = ring(1);
    let vault = vault(&ring);
    let column = Context::new("request.personal", "1");
    let (key, before) = vault.new_request_key(&owner()).unwrap();
    let sealed = vault.seal(&key, &column, b"hanako@example.jp").unwrap();

    ring.rotate_wrapping(&SeededEntropy::new(2), &clock());
    vault.reload(&ring).unwrap();
    let after = vault.rewrap(&before, &owner()).unwrap();
    ring.remove_wrapping(before.wrapped_by()).unwrap();
    vault.reload(&ring).unwrap();

    let key = vault.unwrap(&after, &owner()).unwrap();
    assert_eq!(vault.open(&key, &column, &sealed).unwrap().expose(), b"hanako@example.jp");
    let error = vault.unwrap(&before, &owner()).unwrap_err();
    assert!(matches!(error, VaultError::UnknownKey { id } if id == before.wrapped_by()));
    assert_eq!(error.retry(), Retry::Later, "another instance may have rotated first");
}

#[test]
fn rewrapping_does_not_move_a_key_to_another_request() {
    let vault = vault(&ring(1));
    let (_, wrapped) = vault.new_request_key(&owner()).unwrap();
    assert!(vault.rewrap(&wrapped, &Context::new("request", "another")).is_err());
}

#[test]
fn lookups_stay_the_same() {
    let mut ring = ring(1);
    let vault = vault(&ring);
    let before = vault.lookup("email", "hanako@example.jp");
    ring.rotate_wrapping(&SeededEntropy::new(2), &clock());
    ring.rotate_signing(&SeededEntropy::new(3), &clock());
    vault.reload(&ring).unwrap();
    assert_eq!(vault.lookup("email", "hanako@example.jp"), before);
    assert_ne!(vault.lookup("phone", "hanako@example.jp"), before);
    assert_ne!(vault.lookup("email", "taro@example.jp"), before);
}

#[test]
fn another_installation_has_other_lookups_and_its_ring_is_refused() {
    let (one, two) = (vault(&ring(1)), vault(&ring(2)));
    assert_ne!(one.lookup("email", "hanako@example.jp"), two.lookup("email", "hanako@example.jp"));
    let active = one.active_wrapping_key();
    assert!(matches!(one.reload(&ring(2)), Err(VaultError::RingRule { .. })));
    assert_eq!(one.active_wrapping_key(), active, "a refused ring changes nothing");
}

#[test]
fn old_signatures_verify_after_a_rotation() {
    let mut ring = ring(1);
    let vault = vault(&ring);
    let old = vault.sign("receipt", b"done");
    let old_keys = Verifier::new(vault.public_keys());
    ring.rotate_signing(&SeededEntropy::new(2), &clock());
    vault.reload(&ring).unwrap();
    let new = vault.sign("receipt", b"done");
    assert_ne!(new.key_id, old.key_id);
    for signature in [old, new] {
        vault.verifier().verify("receipt", b"done", &signature).unwrap();
    }
    assert!(matches!(old_keys.verify("receipt", b"done", &new), Err(VaultError::UnknownKey { .. })));
}

#[tokio::test]
async fn codes_verify_after_a_rotation() {
    let mut ring = ring(1);
    let vault = vault(&ring);
    let code = vault.new_code();
    let hash = vault.hash_code(&code).await.unwrap();
    ring.rotate_wrapping(&SeededEntropy::new(2), &clock());
    vault.reload(&ring).unwrap();
    assert!(vault.verify_code(&code, &hash).await.unwrap());
    assert!(!vault.verify_code(&vault.new_code(), &hash).await.unwrap());
}
