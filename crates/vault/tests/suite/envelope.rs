//! Request keys, and sealing under them.

use crate::support::{owner, ring, vault};
use habeas_domain::Retry;
use habeas_vault::{Context, Vault, VaultError, WrappedKey};
use proptest::prelude::*;

fn any_vault() -> Vault {
    vault(&ring(1))
}

fn column(id: &str) -> Context {
    Context::new("request.personal", id)
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

proptest! {
    #[test]
    fn what_is_sealed_opens(plaintext: Vec<u8>, id: String) {
        let vault = any_vault();
        let (key, wrapped) = vault.new_request_key(&owner()).unwrap();
        let sealed = vault.seal(&key, &column(&id), &plaintext).unwrap();
        prop_assert_eq!(sealed.len(), plaintext.len() + 41);
        let stored = WrappedKey::from_bytes(&wrapped.to_bytes()).unwrap();
        let key = vault.unwrap(&stored, &owner()).unwrap();
        let opened = vault.open(&key, &column(&id), &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &plaintext);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(plaintext: Vec<u8>, place: prop::sample::Index) {
        let vault = any_vault();
        let (key, _) = vault.new_request_key(&owner()).unwrap();
        let sealed = vault.seal(&key, &column("1"), &plaintext).unwrap();
        let flipped = flip(&sealed, place.index(sealed.len() * 8));
        prop_assert!(vault.open(&key, &column("1"), &flipped).is_err());
    }

    #[test]
    fn a_cut_or_lengthened_record_is_refused(plaintext: Vec<u8>, cut: prop::sample::Index, more in 1_usize..9) {
        let vault = any_vault();
        let (key, _) = vault.new_request_key(&owner()).unwrap();
        let sealed = vault.seal(&key, &column("1"), &plaintext).unwrap();
        prop_assert!(vault.open(&key, &column("1"), &sealed[..cut.index(sealed.len())]).is_err());
        let longer = [sealed.as_slice(), &vec![0; more]].concat();
        prop_assert!(vault.open(&key, &column("1"), &longer).is_err());
    }
}

#[test]
fn every_flipped_bit_of_a_wrapped_key_is_refused() {
    let vault = any_vault();
    let (_, wrapped) = vault.new_request_key(&owner()).unwrap();
    let bytes = wrapped.to_bytes();
    for bit in 0..bytes.len() * 8 {
        let opened =
            WrappedKey::from_bytes(&flip(&bytes, bit)).and_then(|flipped| vault.unwrap(&flipped, &owner()));
        assert!(opened.is_err(), "bit {bit}");
    }
}

#[test]
fn a_value_moved_to_another_row_or_column_is_refused() {
    let vault = any_vault();
    let (key, _) = vault.new_request_key(&owner()).unwrap();
    let sealed = vault.seal(&key, &column("1"), b"hanako@example.jp").unwrap();
    for elsewhere in [column("2"), Context::new("request.notes", "1"), Context::new("request", ".personal1")]
    {
        let error = vault.open(&key, &elsewhere, &sealed).unwrap_err();
        assert!(matches!(error, VaultError::Refused { .. }));
        assert_eq!(error.retry(), Retry::Never);
    }
}

#[test]
fn a_wrapped_key_moved_to_another_request_is_refused() {
    let vault = any_vault();
    let (_, wrapped) = vault.new_request_key(&owner()).unwrap();
    let error = vault.unwrap(&wrapped, &Context::new("request", "another")).unwrap_err();
    assert!(matches!(error, VaultError::Refused { .. }));
}

#[test]
fn the_same_value_never_looks_the_same() {
    let vault = any_vault();
    let (key, _) = vault.new_request_key(&owner()).unwrap();
    let seal = || vault.seal(&key, &column("1"), b"same").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn without_its_wrapped_key_a_request_is_unreadable() {
    let vault = any_vault();
    let (key, wrapped) = vault.new_request_key(&owner()).unwrap();
    let sealed = vault.seal(&key, &column("1"), b"hanako@example.jp").unwrap();
    drop((key, wrapped));
    // What is left is the ring, the sealed bytes, and the keys of other requests: none of them opens it.
    let (other, _) = vault.new_request_key(&owner()).unwrap();
    assert!(matches!(vault.open(&other, &column("1"), &sealed), Err(VaultError::Refused { .. })));
}

#[test]
fn json_comes_back_as_personal_and_its_errors_quote_nothing() {
    let vault = any_vault();
    let (key, _) = vault.new_request_key(&owner()).unwrap();
    let sealed = vault.seal_json(&key, &column("1"), &vec!["hanako@example.jp"]).unwrap();
    let opened = vault.open_json::<Vec<String>>(&key, &column("1"), &sealed).unwrap();
    assert_eq!(opened.expose(), &["hanako@example.jp"]);
    assert!(!format!("{opened:?}").contains("hanako"));
    let error = vault.open_json::<Vec<u8>>(&key, &column("1"), &sealed).unwrap_err();
    assert!(matches!(error, VaultError::Json { line: 1, .. }));
    assert!(!format!("{error} {error:?}").contains("hanako"));
}
