//! No bytes make the parser or the classifier panic, run away, or say more than the limits allow.

#![no_main]

use std::sync::LazyLock;

use habeas_mailbox::{Limits, Reader, ReaderOptions, understand};
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(ReaderOptions::default()).expect("sound rules"));

fuzz_target!(|raw: &[u8]| {
    let read = understand(raw, &READER);
    assert!(!read.reason.is_empty());
    assert!(read.text.expose().len() <= Limits::default().text_bytes);
    let written = serde_json::to_vec(&read).expect("it can be written");
    let back = serde_json::from_slice(&written).expect("it can be read");
    assert_eq!(read, back);
});
