//! Sealing data of any length in flat memory.
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015, <https://eprint.iacr.org/2015/189>) over
//! XChaCha20-Poly1305: chunks of 64 KiB, each authenticated with its position and with whether it is the last.
//! So truncation, reordering, duplication and appended bytes are all refused.
//!
//! Form: version (1), salt (32), then chunks of 64 KiB + 16; the last may be shorter, and there always is a last.
//! The key is derived from the request key, the salt and the [`Context`](crate::Context), so every stream has its
//! own key and opens only in its own place.
//!
//! Opened bytes are handed out chunk by chunk, before the end has been seen. Nothing may be done with them that
//! cannot be undone until the end is reached without an error.

mod header;
mod opener;
mod reader;
mod sealer;
mod writer;

pub use opener::StreamOpener;
pub use reader::OpeningReader;
pub use sealer::StreamSealer;
pub use writer::SealingWriter;

/// Plaintext bytes per chunk.
pub const CHUNK_LEN: usize = 64 * 1024;

const SEALED_CHUNK_LEN: usize = CHUNK_LEN + crate::aead::TAG_LEN;
const WHAT: &str = "the sealed stream";
