//! Sealed streams: what went in comes out, and nothing else ever does.

use std::io::{self, Read, Write};

use crate::support::{owner, ring, vault};
use habeas_vault::{Context, RequestKey, StreamOpener, Vault, VaultError, stream::CHUNK_LEN};
use proptest::prelude::*;

const HEADER_LEN: usize = 33;
const SEALED_CHUNK_LEN: usize = CHUNK_LEN + 16;

struct Bench {
    vault: Vault,
    key: RequestKey,
    place: Context,
}

impl Bench {
    fn new() -> Self {
        let vault = vault(&ring(1));
        let (key, _) = vault.new_request_key(&owner()).unwrap();
        Self { vault, key, place: Context::new("package", "1") }
    }

    fn seal(&self, plaintext: &[u8]) -> Vec<u8> {
        let mut sealer = self.vault.sealer(&self.key, &self.place).unwrap();
        let mut stored = sealer.push(plaintext).unwrap();
        stored.extend(sealer.finish().unwrap());
        stored
    }

    fn opener(&self) -> StreamOpener {
        self.vault.opener(&self.key, &self.place)
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut opener = self.opener();
        let mut plaintext = opener.push(sealed)?.to_vec();
        plaintext.extend_from_slice(&opener.finish()?);
        Ok(plaintext)
    }
}

/// Bytes in which no two chunks are alike.
fn data(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_be_bytes).take(length).collect()
}

fn chunks(sealed: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (header, body) = sealed.split_at(HEADER_LEN);
    (header.to_vec(), body.chunks(SEALED_CHUNK_LEN).map(<[u8]>::to_vec).collect())
}

fn lengths() -> impl Strategy<Value = usize> {
    let edges = prop::sample::select(vec![0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 2 * CHUNK_LEN]);
    prop_oneof![edges, 0..3 * CHUNK_LEN]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_length_in_any_pieces_comes_back(length in lengths(), push in 1..100_000_usize, pull in 1..100_000_usize) {
        let bench = Bench::new();
        let plaintext = data(length);
        let mut sealer = bench.vault.sealer(&bench.key, &bench.place).unwrap();
        let mut sealed = Vec::new();
        for piece in plaintext.chunks(push) {
            sealed.extend(sealer.push(piece).unwrap());
        }
        sealed.extend(sealer.finish().unwrap());
        let mut opener = bench.opener();
        let mut opened = Vec::new();
        for piece in sealed.chunks(pull) {
            opened.extend_from_slice(&opener.push(piece).unwrap());
        }
        opened.extend_from_slice(&opener.finish().unwrap());
        prop_assert!(opened == plaintext);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(length in lengths(), place: prop::sample::Index) {
        let bench = Bench::new();
        let mut sealed = bench.seal(&data(length));
        let bit = place.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(bench.open(&sealed).is_err());
    }

    #[test]
    fn a_cut_anywhere_is_refused(length in lengths(), place: prop::sample::Index) {
        let bench = Bench::new();
        let sealed = bench.seal(&data(length));
        prop_assert!(bench.open(&sealed[..place.index(sealed.len())]).is_err());
    }

    #[test]
    fn appended_bytes_are_refused(length in lengths(), more in 1..40_usize) {
        let bench = Bench::new();
        let sealed = [bench.seal(&data(length)), vec![0; more]].concat();
        prop_assert!(bench.open(&sealed).is_err());
    }
}

#[test]
fn a_cut_at_a_chunk_boundary_is_refused() {
    let bench = Bench::new();
    let sealed = bench.seal(&data(3 * CHUNK_LEN));
    for count in 0..3 {
        let error = bench.open(&sealed[..HEADER_LEN + count * SEALED_CHUNK_LEN]).unwrap_err();
        assert!(matches!(error, VaultError::Refused { .. }), "{count} chunks");
    }
}

#[test]
fn chunks_in_another_order_or_twice_are_refused() {
    let bench = Bench::new();
    let (header, original) = chunks(&bench.seal(&data(3 * CHUNK_LEN)));
    for order in
        [vec![1, 0, 2], vec![0, 2, 1], vec![0, 0, 1, 2], vec![0, 1, 1, 2], vec![0, 2], vec![0, 1, 2, 2]]
    {
        let body = order.iter().map(|place| original[*place].clone());
        let sealed: Vec<u8> = std::iter::once(header.clone()).chain(body).flatten().collect();
        assert!(bench.open(&sealed).is_err(), "{order:?}");
    }
}

#[test]
fn chunks_of_another_stream_of_the_same_request_are_refused() {
    let bench = Bench::new();
    let (header, mut mixed) = chunks(&bench.seal(&data(2 * CHUNK_LEN)));
    let (_, other) = chunks(&bench.seal(&data(2 * CHUNK_LEN)));
    mixed[1].clone_from(&other[1]);
    assert!(bench.open(&[header, mixed.concat()].concat()).is_err());
}

#[test]
fn a_stream_in_another_place_is_refused() {
    let bench = Bench::new();
    let sealed = bench.seal(b"spool");
    let mut elsewhere = bench.vault.opener(&bench.key, &Context::new("package", "2"));
    let opened = elsewhere.push(&sealed).and_then(|_| elsewhere.finish());
    assert!(matches!(opened, Err(VaultError::Refused { .. })));
}

#[test]
fn nothing_comes_out_after_an_error() {
    let bench = Bench::new();
    let (header, original) = chunks(&bench.seal(&data(3 * CHUNK_LEN)));
    let mut bad = original[0].clone();
    bad[0] ^= 1;
    let mut opener = bench.opener();
    assert!(opener.push(&[header, bad, vec![0]].concat()).is_err());
    for chunk in &original {
        assert!(opener.push(chunk).is_err());
    }
    assert!(opener.finish().is_err());
}

#[test]
fn writer_and_reader_agree_with_the_push_form() {
    let bench = Bench::new();
    let plaintext = data(5 * CHUNK_LEN + 7);
    let mut writer = bench.vault.sealing_writer(&bench.key, &bench.place, Vec::new()).unwrap();
    writer.write_all(&plaintext).unwrap();
    let sealed = writer.finish().unwrap();
    assert!(bench.open(&sealed).unwrap() == plaintext);
    let mut opened = Vec::new();
    bench.vault.opening_reader(&bench.key, &bench.place, sealed.as_slice()).read_to_end(&mut opened).unwrap();
    assert!(opened == plaintext);
}

#[test]
fn a_reader_of_a_cut_stream_ends_in_an_error_and_stays_there() {
    let bench = Bench::new();
    let sealed = bench.seal(&data(2 * CHUNK_LEN));
    let cut = &sealed[..HEADER_LEN + SEALED_CHUNK_LEN];
    let mut reader = bench.vault.opening_reader(&bench.key, &bench.place, cut);
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<VaultError>));
    assert!(reader.read(&mut [0; 8]).is_err(), "an error must not be followed by a quiet end");
}

/// Takes a fixed number of bytes, then fails once, then takes everything.
struct Hiccup {
    room: usize,
    failed: bool,
}

impl Write for Hiccup {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 && !self.failed {
            self.failed = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = if self.failed { bytes.len() } else { bytes.len().min(self.room) };
        self.room = self.room.saturating_sub(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_does_not_go_on_after_a_gap() {
    let bench = Bench::new();
    let inner = Hiccup { room: 100, failed: false };
    let mut writer = bench.vault.sealing_writer(&bench.key, &bench.place, inner).unwrap();
    assert!(writer.write_all(&data(2 * CHUNK_LEN)).is_err());
    assert_eq!(writer.write(b"more").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    assert!(writer.finish().is_err());
}
