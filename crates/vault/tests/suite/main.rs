//! What the vault promises, seen from outside.

#![expect(clippy::unwrap_used, reason = "what the tests share may fail as a test does")]

mod envelope;
mod redaction;
mod rotation;
mod signatures;
mod streams;
mod support;
mod wire_forms;
