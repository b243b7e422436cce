//! What an error of the mail library means for the mail.

use std::{error::Error as _, io};

use lettre::transport::smtp::Error;

use super::super::{Stage, TransportError};

/// Reads codes and kinds out of an error and leaves its text behind, which may quote an address.
pub(super) fn classify(error: &Error, stage: Stage) -> TransportError {
    if let Some(code) = error.status() {
        return refused(u16::from(code), error.is_permanent(), stage);
    }
    if error.is_tls() || (stage == Stage::StartTls && error.is_client()) {
        return TransportError::Tls { stage };
    }
    if stage == Stage::Login && error.is_client() {
        return TransportError::LoginRefused;
    }
    if error.is_response() {
        return TransportError::Garbled { stage };
    }
    let source = system_error(error);
    match (stage, source.as_ref().map(io::Error::kind)) {
        // How the TLS library reports a certificate or a greeting that it does not accept.
        (Stage::Connect | Stage::StartTls, Some(io::ErrorKind::InvalidData)) => TransportError::Tls { stage },
        _ => TransportError::Connection { stage, source },
    }
}

fn refused(reply: u16, for_good: bool, stage: Stage) -> TransportError {
    match (for_good, stage) {
        (true, Stage::Recipient) if !is_about_login(reply) => TransportError::RecipientRefused { reply },
        (true, Stage::StartTls) => TransportError::Tls { stage },
        (true, Stage::Login) => TransportError::LoginRefused,
        (true, _) if is_about_login(reply) => TransportError::LoginRefused,
        // A server that turns everybody away says nothing about this mail.
        (true, Stage::Connect) | (false, _) => TransportError::Deferred { stage, reply },
        (true, _) => TransportError::Refused { stage, reply },
    }
}

/// 530, 534, 535, 538: authentication required, too weak, failed, or needs TLS (RFC 4954, section 6).
const fn is_about_login(reply: u16) -> bool {
    matches!(reply, 530 | 534 | 535 | 538)
}

/// The operating system's error inside, by its kind alone.
fn system_error(error: &Error) -> Option<io::Error> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(system) = inner.downcast_ref::<io::Error>() {
            return Some(io::Error::from(system.kind()));
        }
        source = inner.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_recipient_is_told_apart() {
        assert!(matches!(
            refused(550, true, Stage::Recipient),
            TransportError::RecipientRefused { reply: 550 }
        ));
        assert!(matches!(refused(550, true, Stage::Sender), TransportError::Refused { .. }));
        assert!(matches!(refused(554, true, Stage::Content), TransportError::Refused { .. }));
        assert!(matches!(refused(451, false, Stage::Recipient), TransportError::Deferred { reply: 451, .. }));
    }

    #[test]
    fn trouble_between_us_and_the_server_is_not_the_mails_fault() {
        assert!(matches!(refused(535, true, Stage::Login), TransportError::LoginRefused));
        assert!(matches!(refused(530, true, Stage::Sender), TransportError::LoginRefused));
        assert!(matches!(refused(530, true, Stage::Recipient), TransportError::LoginRefused));
        assert!(matches!(refused(554, true, Stage::Connect), TransportError::Deferred { .. }));
        assert!(matches!(refused(454, false, Stage::StartTls), TransportError::Deferred { .. }));
    }
}
