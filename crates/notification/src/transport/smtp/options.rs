//! How to reach the SMTP server.

use std::{fmt, time::Duration};

use habeas_domain::destination::is_this_machine;
use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, TlsParameters},
    extension::ClientId,
};

/// How the connection is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte (RFC 8314), usually port 465.
    Tls,
    /// Starts in the open and must switch to TLS before anything is said (RFC 3207), usually port 587.
    StartTls,
    /// No TLS: only for a server on this machine.
    Plain,
}

/// User and password.
#[derive(Clone)]
pub struct SmtpLogin {
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpLogin")
    }
}

/// How long each wait may last.
#[derive(Debug, Clone, Copy)]
pub struct SmtpLimits {
    /// Connecting, TLS and greeting together; also waiting for a free connection.
    pub connect: Duration,
    /// One command and its answer.
    pub command: Duration,
    /// The content and its answer, where servers scan for spam.
    pub content: Duration,
}

impl Default for SmtpLimits {
    /// 15 s, 30 s, 2 min: shorter than RFC 5321, section 4.5.3.2, asks of a relay, since a retry costs us little.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(30),
            content: Duration::from_mins(2),
        }
    }
}

/// How to reach the SMTP server.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    /// The host, which its certificate must name.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is kept secret.
    pub security: SmtpSecurity,
    /// A host to which mails may go in plain text although it is another machine, such as a mail catcher in a test
    /// network. Never a server on the way to people.
    pub allow_plaintext_to: Option<String>,
    /// User and password, if the server wants them.
    pub login: Option<SmtpLogin>,
    /// The name we greet with (EHLO); nothing for this machine's host name.
    pub hello: Option<String>,
    /// A certificate authority to trust beside the machine's own, in PEM.
    pub extra_root: Option<Vec<u8>>,
    /// How many connections may be open at once; at least 1.
    pub connections: usize,
    /// How long each wait may last.
    pub limits: SmtpLimits,
}

/// Options that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SmtpOptionsError {
    /// Plain text to another machine.
    #[error(
        "SMTP without TLS is only for a server on this machine; use `tls` or `starttls`, or a loopback host, or name \
         a mail catcher in `allow_plaintext_to`"
    )]
    PlainToAnotherMachine,
    /// The greeting name has characters that do not belong into it.
    #[error("the SMTP greeting name must be a host name in ASCII")]
    Hello,
    /// The extra certificate authority or the host name.
    #[error(
        "the SMTP server's TLS settings are wrong; check its host name and the extra certificate authority"
    )]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// Checked options, in the mail library's terms.
#[derive(Clone)]
pub(super) struct Checked {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) credentials: Option<Credentials>,
    pub(super) hello: ClientId,
    pub(super) connections: usize,
    pub(super) limits: SmtpLimits,
}

/// [`SmtpSecurity`] with what it needs.
#[derive(Clone)]
pub(super) enum Encryption {
    None,
    Implicit(TlsParameters),
    StartTls(TlsParameters),
}

impl SmtpOptions {
    pub(super) fn checked(self) -> Result<Checked, SmtpOptionsError> {
        let is_allowed = is_this_machine(&self.host) || self.allow_plaintext_to.as_ref() == Some(&self.host);
        if self.security == SmtpSecurity::Plain && !is_allowed {
            return Err(SmtpOptionsError::PlainToAnotherMachine);
        }
        Ok(Checked {
            encryption: self.encryption()?,
            hello: self.client_id()?,
            host: self.host,
            port: self.port,
            credentials: self.login.map(|login| Credentials::new(login.user, login.password)),
            connections: self.connections.max(1),
            limits: self.limits,
        })
    }

    fn encryption(&self) -> Result<Encryption, SmtpOptionsError> {
        Ok(match self.security {
            SmtpSecurity::Plain => Encryption::None,
            SmtpSecurity::Tls => Encryption::Implicit(self.tls().map_err(SmtpOptionsError::Tls)?),
            SmtpSecurity::StartTls => Encryption::StartTls(self.tls().map_err(SmtpOptionsError::Tls)?),
        })
    }

    fn tls(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.extra_root {
            builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
        }
        builder.build()
    }

    fn client_id(&self) -> Result<ClientId, SmtpOptionsError> {
        let Some(name) = &self.hello else { return Ok(ClientId::default()) };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(SmtpOptionsError::Hello);
        }
        Ok(ClientId::Domain(name.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(host: &str, security: SmtpSecurity) -> SmtpOptions {
        SmtpOptions {
            host: host.to_owned(),
            port: 25,
            security,
            allow_plaintext_to: None,
            login: Some(SmtpLogin { user: "habeas".to_owned(), password: "secret".to_owned() }),
            hello: None,
            extra_root: None,
            connections: 0,
            limits: SmtpLimits::default(),
        }
    }

    #[test]
    fn plain_text_stays_on_this_machine() {
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(options(host, SmtpSecurity::Plain).checked().is_ok(), "{host}");
        }
        for host in ["mail.example.com", "192.0.2.1", "127.0.0.1.example.com"] {
            let refused = options(host, SmtpSecurity::Plain).checked();
            assert!(matches!(refused, Err(SmtpOptionsError::PlainToAnotherMachine)), "{host}");
        }
    }

    #[test]
    fn a_mail_catcher_is_allowed_by_name_only() {
        let caught = |host: &str| {
            let allow_plaintext_to = Some("mailpit".to_owned());
            SmtpOptions { allow_plaintext_to, ..options(host, SmtpSecurity::Plain) }.checked()
        };
        assert!(caught("mailpit").is_ok());
        assert!(matches!(caught("mailpit.example.com"), Err(SmtpOptionsError::PlainToAnotherMachine)));
    }

    #[test]
    fn a_password_is_not_shown() {
        assert!(!format!("{:?}", options("localhost", SmtpSecurity::Plain)).contains("secret"));
    }

    #[test]
    fn there_is_always_a_connection() {
        assert_eq!(options("localhost", SmtpSecurity::Plain).checked().unwrap().connections, 1);
    }

    #[test]
    fn a_greeting_name_holds_no_commands() {
        let hello = Some("mail\r\nRCPT TO:<x@example.com>".to_owned());
        let refused = SmtpOptions { hello, ..options("localhost", SmtpSecurity::Plain) }.checked();
        assert!(matches!(refused, Err(SmtpOptionsError::Hello)));
    }

    #[test]
    fn a_broken_certificate_authority_is_told() {
        let extra_root = Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec());
        let refused = SmtpOptions { extra_root, ..options("mail.example.com", SmtpSecurity::Tls) }.checked();
        assert!(matches!(refused, Err(SmtpOptionsError::Tls(_))));
    }
}
