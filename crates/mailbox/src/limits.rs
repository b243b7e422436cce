//! How much of one mail is looked at.

/// How much of one mail is looked at, so that none takes more time or memory than its size is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest mail, in bytes.
    pub mail_bytes: usize,
    /// The longest header of a mail or part, in bytes.
    pub header_bytes: usize,
    /// The most parts.
    pub parts: usize,
    /// The most multiparts within each other.
    pub depth: usize,
    /// The longest text that is read, in bytes; what is behind it is kept and not looked at.
    pub text_bytes: usize,
    /// The most mail servers that a mail passed before it is taken to go round (RFC 5321, section 6.3, wants at least
    /// 100 where a mail is refused for it; here one is only not answered).
    pub hops: usize,
    /// The most of a kind that is listed: identifiers, recipients, references.
    pub listed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail_bytes: 50 << 20,
            header_bytes: 2 << 20,
            parts: 5_000,
            depth: 200,
            text_bytes: 256 << 10,
            hops: 50,
            listed: 200,
        }
    }
}
