//! One connection to the server.

use std::{future::Future, time::Duration};

use lettre::transport::smtp::{
    Error,
    authentication::DEFAULT_MECHANISMS,
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Rcpt},
    response::Response,
};
use tokio::time::Instant;

use super::{
    classify::classify,
    options::{Checked, Encryption, SmtpLimits},
};
use crate::{
    OutgoingMail,
    transport::{Stage, TransportError},
};

/// Servers close idle connections after minutes; ours are not used again after this long.
const LONGEST_IDLE: Duration = Duration::from_secs(45);

/// How long a connection that lies idle is taken for alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A connection that is greeted and logged in. Dropping it closes it.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    limits: SmtpLimits,
    used_at: Instant,
}

impl Session {
    /// Connects, switches to TLS where it must, and logs in.
    pub(super) async fn open(options: &Checked) -> Result<Self, TransportError> {
        let limits = options.limits;
        let mut connection = connect(options).await?;
        if let Encryption::StartTls(tls) = &options.encryption {
            let switched = connection.starttls(tls.clone(), &options.hello);
            within(limits.connect, Stage::StartTls, switched).await?;
        }
        if let Some(credentials) = &options.credentials {
            let login = connection.auth(DEFAULT_MECHANISMS, credentials);
            let answer = within(limits.command, Stage::Login, login).await?;
            expect(&answer, 235, Stage::Login)?;
        }
        Ok(Self { connection, limits, used_at: Instant::now() })
    }

    /// Whether the server still answers. A connection that was used a moment ago need not be asked, and one that was idle
    /// for long is not worth asking.
    pub(super) async fn is_alive(&mut self) -> bool {
        let idle = self.used_at.elapsed();
        idle < TRUSTED_FOR
            || idle < LONGEST_IDLE
                && tokio::time::timeout(self.limits.command, self.connection.test_connected())
                    .await
                    .unwrap_or(false)
    }

    /// Hands over one mail: sender, recipient, content, each with its own limit.
    pub(super) async fn deliver(&mut self, mail: &OutgoingMail) -> Result<(), TransportError> {
        let command = self.limits.command;
        let connection = &mut self.connection;
        let sender = Mail::new(mail.envelope_from.clone(), Vec::new());
        within(command, Stage::Sender, connection.command(sender)).await?;
        let recipient = Rcpt::new(mail.envelope_to.expose().clone(), Vec::new());
        within(command, Stage::Recipient, connection.command(recipient)).await?;
        let answer = within(command, Stage::Announce, connection.command(Data)).await?;
        expect(&answer, 354, Stage::Announce)?;
        let content = connection.message(mail.raw.expose());
        let answer = within(self.limits.content, Stage::Content, content).await?;
        expect(&answer, 250, Stage::Content)?;
        self.used_at = Instant::now();
        Ok(())
    }
}

async fn connect(options: &Checked) -> Result<AsyncSmtpConnection, TransportError> {
    let limit = options.limits.connect;
    let tls = match &options.encryption {
        Encryption::Implicit(tls) => Some(tls.clone()),
        Encryption::None | Encryption::StartTls(_) => None,
    };
    let server = (options.host.as_str(), options.port);
    let connected = AsyncSmtpConnection::connect_tokio1(server, Some(limit), &options.hello, tls, None);
    within(limit, Stage::Connect, connected).await
}

/// Checks that an answer is the one to what was asked. The mail library takes any positive reply, and keeps what was
/// read before TLS began: a reply slipped in there shifts every later one, and the mail would count as handed over
/// before the server has said so.
fn expect(answer: &Response, code: u16, stage: Stage) -> Result<(), TransportError> {
    if u16::from(answer.code()) == code { Ok(()) } else { Err(TransportError::Garbled { stage }) }
}

/// One step of the conversation, with a limit.
async fn within<T>(
    limit: Duration,
    stage: Stage,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, TransportError> {
    match tokio::time::timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(classify(&error, stage)),
        Err(_) => Err(TransportError::Timeout { stage, limit }),
    }
}
