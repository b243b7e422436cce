//! How a server takes names that are not ASCII.

use async_imap::{
    error::Error,
    imap_proto::{Capability, Response},
};

use super::{
    ImapError, ImapOptions, Step,
    command::{in_time, run},
    login::Signed,
    tell::has,
};

/// How a server takes names that are not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Modified UTF-7 (RFC 3501, section 5.1.3).
    Modified,
    /// As they are (RFC 6855, section 3; RFC 9051, section 5.1).
    Utf8,
}

const ACCEPT: &str = "UTF8=ACCEPT";

/// Asks for UTF-8 where the server offers or demands it; to be called before a folder is opened (RFC 5161, section 3.1). A server
/// that refuses what it offered is spoken to in modified UTF-7.
pub(super) async fn agree(
    session: &mut Signed,
    options: &ImapOptions,
    able: &[String],
) -> Result<Spelling, ImapError> {
    if has(able, "IMAP4REV2") && !has(able, "IMAP4REV1") {
        return Ok(Spelling::Utf8);
    }
    if !has(able, ACCEPT) && !has(able, "UTF8=ONLY") {
        return Ok(Spelling::Modified);
    }
    match in_time(options.limit, Step::Select, enable(session)).await {
        Ok(true) => Ok(Spelling::Utf8),
        Ok(false) | Err(ImapError::Refused(_)) => Ok(Spelling::Modified),
        Err(broken) => Err(broken),
    }
}

/// Whether the server says that it is enabled.
async fn enable(session: &mut Signed) -> Result<bool, Error> {
    let mut is_enabled = false;
    run(session, &format!("ENABLE {ACCEPT}"), |answer| {
        if let Response::Capabilities(named) = answer {
            is_enabled |= named
                .iter()
                .any(|one| matches!(one, Capability::Atom(word) if word.eq_ignore_ascii_case(ACCEPT)));
        }
    })
    .await?;
    Ok(is_enabled)
}
