//! Signatures, checked with what was published alone.

use crate::support::{ring, vault};
use habeas_vault::{PublicKey, Signature, VaultError, Verifier};
use proptest::prelude::*;

/// A verifier made from the text form of the public keys.
fn offline() -> Verifier {
    let published: Vec<String> = vault(&ring(1)).public_keys().iter().map(ToString::to_string).collect();
    Verifier::new(published.iter().map(|text| text.parse::<PublicKey>().unwrap()))
}

proptest! {
    #[test]
    fn a_signature_fits_its_bytes_and_no_others(bytes: Vec<u8>, others: Vec<u8>) {
        let text = vault(&ring(1)).sign("receipt", &bytes).to_string();
        let signature: Signature = text.parse().unwrap();
        offline().verify("receipt", &bytes, &signature).unwrap();
        prop_assert_eq!(offline().verify("receipt", &others, &signature).is_ok(), others == bytes);
    }
}

#[test]
fn a_signature_for_one_purpose_does_not_fit_another() {
    let signature = vault(&ring(1)).sign("receipt", b"done");
    let error = offline().verify("checkpoint", b"done", &signature).unwrap_err();
    assert!(matches!(error, VaultError::BadSignature));
    assert!(offline().verify("receip", b"tdone", &signature).is_err());
}

#[test]
fn every_flipped_bit_is_refused() {
    let good = vault(&ring(1)).sign("receipt", b"done");
    for bit in 0..512 {
        let mut bad = good;
        bad.bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(offline().verify("receipt", b"done", &bad).is_err(), "bit {bit}");
    }
}

#[test]
fn a_key_of_another_installation_is_named_and_not_trusted() {
    let signature = vault(&ring(2)).sign("receipt", b"done");
    let error = offline().verify("receipt", b"done", &signature).unwrap_err();
    assert!(matches!(error, VaultError::UnknownKey { id } if id == signature.key_id));
}

#[test]
fn json_carries_the_text_form() {
    let signature = vault(&ring(1)).sign("receipt", b"done");
    let json = serde_json::to_string(&signature).unwrap();
    assert_eq!(json, format!("\"{signature}\""));
    assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
}

#[test]
fn malformed_texts_are_errors() {
    for text in ["", ".", "0123456789abcdef.", "x.y"] {
        assert!(text.parse::<Signature>().is_err(), "{text}");
    }
    for text in ["", "ed25519", "ed25519:0123456789abcdef:AAAA", "rsa:0123456789abcdef:AAAA"] {
        assert!(text.parse::<PublicKey>().is_err(), "{text}");
    }
}
