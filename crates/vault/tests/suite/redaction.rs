//! Nothing prints a secret.

use std::sync::Arc;

use crate::support::{clock, owner, ring, vault};
use habeas_domain::Entropy;
use habeas_vault::{ApiToken, Code, CodeOptions, Context, KeyRing, Token, Vault};

/// Every secret is `abababab...`, so that any trace of one is found.
struct Pattern;

impl Entropy for Pattern {
    fn fill(&self, bytes: &mut [u8]) {
        // Ids are public, and draws for codes must be below the fair limit: both are left out of the pattern.
        bytes.fill(if bytes.len() < 16 { 0x11 } else { 0xAB });
    }
}

/// The secret as hex, as a list of numbers, as base64.
const TRACES: [&str; 5] = ["abab", "ABAB", "171, 171", "q6ur", "0xab"];

fn assert_silent(name: &str, shown: &str) {
    for trace in TRACES {
        assert!(!shown.contains(trace), "{name} shows a secret: {shown}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let ring = KeyRing::generate(&Pattern, &clock());
    assert!(ring.expose().unwrap().contains("q6ur"), "the pattern is in the ring");
    let vault = Vault::new(&ring, Arc::new(Pattern), CodeOptions::default()).unwrap();
    let place = Context::new("request.personal", "1");
    let (key, _) = vault.new_request_key(&owner()).unwrap();
    let (token, api_token) = (Token::generate(&Pattern), ApiToken::generate(&Pattern));
    assert!(token.expose().contains("q6ur") && api_token.expose().contains("q6ur"));
    assert_silent("KeyRing", &format!("{ring:#?}"));
    assert_silent("keys of the ring", &format!("{:?}", ring.keys()));
    assert_silent("Vault", &format!("{vault:?}"));
    assert_silent("RequestKey", &format!("{key:?}"));
    assert_silent("Token", &format!("{token:?}"));
    assert_silent("ApiToken", &format!("{api_token:?}"));
    assert_silent("StreamSealer", &format!("{:?}", vault.sealer(&key, &place).unwrap()));
    assert_silent("StreamOpener", &format!("{:?}", vault.opener(&key, &place)));
    assert_silent("SealingWriter", &format!("{:?}", vault.sealing_writer(&key, &place, Vec::new()).unwrap()));
}

#[test]
fn a_reader_that_holds_opened_bytes_does_not_show_them() {
    let vault = vault(&ring(1));
    let place = Context::new("package", "1");
    let (key, _) = vault.new_request_key(&owner()).unwrap();
    let mut sealer = vault.sealer(&key, &place).unwrap();
    let mut stored = sealer.push(&[0xAB; 64]).unwrap();
    stored.extend(sealer.finish().unwrap());
    let mut reader = vault.opening_reader(&key, &place, stored.as_slice());
    std::io::Read::read_exact(&mut reader, &mut [0; 8]).unwrap();
    assert_silent("OpeningReader", &format!("{reader:?}"));
}

#[tokio::test]
async fn codes_hashes_and_lookups_do_not_show_themselves() {
    let vault = vault(&ring(1));
    let code = Code::parse("01234567").unwrap();
    let hash = vault.hash_code(&code).await.unwrap();
    let lookup = vault.lookup("email", "hanako@example.jp");
    let token_hash = vault.new_token().hash();
    let shown = format!("{code:?} {hash:?} {lookup:?} {token_hash:?}");
    for trace in ["0123", "argon2id", &lookup.to_hex()[..8], &token_hash.to_hex()[..8]] {
        assert!(!shown.contains(trace), "{shown}");
    }
}
