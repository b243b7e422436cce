//! Mails that are not taken but listed for staff.

use habeas_domain::Personal;
use habeas_ledger::MailContent;

/// The most that is kept of a header.
const LONGEST_HEADER: usize = 64 * 1024;

/// A mail that is longer than the limit. `there` says where it is, and what to do.
pub(super) fn too_large(
    bytes: u64,
    max_bytes: u64,
    there: &str,
    header: Option<Personal<Vec<u8>>>,
) -> MailContent {
    let reason = format!("larger than max_bytes ({max_bytes} bytes); {there}");
    MailContent::LeftThere { bytes, reason, header }
}

/// The header at the start of a mail, up to the empty line (RFC 5322, section 2.1).
pub(super) fn header_of(start: &[u8]) -> Vec<u8> {
    let start = start.get(..LONGEST_HEADER).unwrap_or(start);
    let mut length = 0;
    for line in start.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        length += line.len();
    }
    start.get(..length).unwrap_or(start).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_at_the_empty_line_and_is_bounded() {
        assert_eq!(header_of(b"Subject: a\r\nTo: b\r\n\r\nbody\r\n"), b"Subject: a\r\nTo: b\r\n");
        assert_eq!(header_of(b"Subject: a\nTo: b"), b"Subject: a\nTo: b");
        assert_eq!(header_of(b"\nbody"), b"");
        assert_eq!(header_of(&vec![b'x'; 100_000]).len(), LONGEST_HEADER);
    }
}
