//! The servers around a house: given ones, or what is shared by all tests.

use std::sync::Arc;

use anyhow::Result;
use habeas_test_support::{
    SmtpSink, TlsFront, TlsMode,
    shared::{self, TestDatabase, TestVhost},
};

/// The given one, or a new one on the shared server.
pub(super) async fn state(given: Option<String>) -> Result<(Option<TestDatabase>, String)> {
    if let Some(url) = given {
        return Ok((None, url));
    }
    let database = shared::postgres_database().await?;
    let url = database.url.clone();
    Ok((Some(database), url))
}

/// The given one, or a virtual host on the shared broker.
pub(super) async fn broker(given: Option<String>) -> Result<(Option<TestVhost>, String)> {
    if let Some(url) = given {
        return Ok((None, url));
    }
    let vhost = shared::amqp_vhost().await?;
    let url = vhost.url.clone();
    Ok((Some(vhost), url))
}

/// What the mail server lets in, and the password that it asks for behind TLS.
pub(super) const MAIL_LOGIN: (&str, &str) = ("habeas", "a password for tests");

pub(super) async fn mail(tls: Option<TlsMode>) -> Result<(Arc<SmtpSink>, Option<TlsFront>)> {
    let Some(mode) = tls else { return Ok((Arc::new(SmtpSink::start().await?), None)) };
    let sink = SmtpSink::start_with_login(MAIL_LOGIN.0, MAIL_LOGIN.1).await?;
    let front = TlsFront::start(format!("{}:{}", sink.host(), sink.port()), mode).await?;
    Ok((Arc::new(sink), Some(front)))
}
