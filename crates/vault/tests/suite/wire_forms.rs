//! The stored forms. What one version sealed, every later version must open: a change here needs a new version
//! byte beside the old one, never instead of it.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use habeas_domain::Entropy;
use habeas_vault::{CodeOptions, Context, KeyRing, Vault, WrappedKey};

const RING: &str = include_str!("wire_forms/ring.json");

/// Counts up, so that the forms do not depend on any generator.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn vault() -> Vault {
    Vault::new(&KeyRing::parse(RING).unwrap(), Arc::new(Counting::default()), CodeOptions::default()).unwrap()
}

fn owner() -> Context {
    Context::new("request", "1")
}

fn place() -> Context {
    Context::new("request.personal", "1")
}

#[test]
fn the_stored_forms_are_these() {
    let vault = vault();
    let (key, wrapped) = vault.new_request_key(&owner()).unwrap();
    let stream = vault.sealer(&key, &place()).unwrap().finish().unwrap();
    let forms = [
        ("wrapped key", hex::encode(wrapped.to_bytes())),
        ("sealed", hex::encode(vault.seal(&key, &place(), b"example").unwrap())),
        ("stream", hex::encode(stream)),
        ("lookup", vault.lookup("email", "hanako@example.jp").to_hex()),
        ("signature", vault.sign("receipt", b"done").to_string()),
        ("public key", vault.public_keys().iter().map(ToString::to_string).collect()),
        ("token", vault.new_token().expose().to_string()),
        ("token hash", vault.new_token().hash().to_hex()),
        ("API token", vault.new_api_token().expose().to_string()),
    ];
    let lines: Vec<_> = forms.iter().map(|(name, form)| format!("{name}: {form}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

fn stored(text: &str) -> Vec<u8> {
    hex::decode(text.trim()).unwrap()
}

#[test]
fn what_version_one_sealed_opens() {
    let vault = vault();
    let wrapped = WrappedKey::from_bytes(&stored(include_str!("wire_forms/wrapped.hex"))).unwrap();
    let key = vault.unwrap(&wrapped, &owner()).unwrap();
    let sealed = stored(include_str!("wire_forms/sealed.hex"));
    assert_eq!(vault.open(&key, &place(), &sealed).unwrap().expose(), b"example");
    let stream = stored(include_str!("wire_forms/stream.hex"));
    let mut opened = Vec::new();
    vault.opening_reader(&key, &place(), stream.as_slice()).read_to_end(&mut opened).unwrap();
    assert!(opened.is_empty());
}
