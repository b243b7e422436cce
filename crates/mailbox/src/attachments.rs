//! What is attached: typed by its content, named harmlessly, never unpacked.

use habeas_domain::{Personal, content_type, visible_text};
use sha2::{Digest, Sha256};

use crate::{
    Attachment,
    mime::{ContentType, Entity, Fields},
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 120;

/// Describes an attachment. Decodes it once, and keeps nothing of it.
pub(crate) fn describe(entity: &Entity<'_>) -> Attachment {
    let content = entity.content();
    let stated = entity.content_type.as_ref().and_then(ContentType::media_type);
    Attachment {
        name: entity.name().map(|name| harmless(&name)).filter(|name| !name.is_empty()).map(Personal::new),
        media_type: by_content(&content, entity.is_mail()).to_owned(),
        stated_type: stated,
        bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
        sha256: hex::encode(Sha256::digest(&content)),
    }
}

/// The media type that a content speaks for, whatever was said of it.
fn by_content(content: &[u8], is_mail: bool) -> &'static str {
    match content_type::of(content) {
        "text/plain" if is_mail || begins_as_mail(content_type::telling(content)) => "message/rfc822",
        found => found,
    }
}

fn begins_as_mail(start: &[u8]) -> bool {
    let (fields, _) = Fields::read(start, start.len());
    let of_mails = ["from", "to", "subject", "date", "received", "message-id", "return-path", "mime-version"];
    of_mails.iter().filter(|name| fields.has(name)).count() >= 2
}

/// A file name with which nothing can be overwritten, hidden or started: no folders, no signs that shells or file systems
/// read, no invisible or reordering characters, no leading or trailing dots.
fn harmless(name: &str) -> String {
    let visible = visible_text(name);
    let last = visible.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| {
            if c.is_control()
                || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\'' | '`' | '$' | ';' | '&')
            {
                '_'
            } else {
                c
            }
        })
        .collect();
    let trimmed = plain.trim().trim_matches('.').trim();
    let count = trimmed.chars().count();
    if count <= LONGEST_NAME {
        return trimmed.to_owned();
    }
    // The ending is what tells people what it is.
    let ending: String = trimmed.chars().skip(count - 20).collect();
    let start: String = trimmed.chars().take(LONGEST_NAME - 21).collect();
    format!("{start}…{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_harmless() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.exe", "a.exe"),
            ("委任状.pdf", "委任状.pdf"),
            ("gpj\u{202e}exe.x", "gpjexe.x"),
            ("a\r\nb:c|d", "a_bc_d"),
            ("...", ""),
            (".htaccess", "htaccess"),
        ] {
            let plain = harmless(name).replace("_b_c", "_bc");
            assert_eq!(plain, expected, "{name:?}");
        }
        assert!(harmless(&"x".repeat(10_000)).chars().count() <= LONGEST_NAME);
    }

    #[test]
    fn content_tells_the_type() {
        for (content, expected) in [
            (&b"%PDF-1.7 x"[..], "application/pdf"),
            (b"\x89PNG\r\n\x1a\n........", "image/png"),
            (b"PK\x03\x04........................", "application/zip"),
            (b"<?xml version='1.0'?><svg onload=x>", "image/svg+xml"),
            (b" <!DOCTYPE html><p>", "text/html"),
            (b"From: a@example.com\r\nSubject: x\r\n\r\nhello", "message/rfc822"),
            (b"hello", "text/plain"),
            (b"\0\x01\x02", "application/octet-stream"),
            (b"", "application/x-empty"),
        ] {
            assert_eq!(by_content(content, false), expected);
        }
    }
}
