use std::time::Duration;

use async_trait::async_trait;
use habeas_domain::{Personal, PhoneNumber, destination::is_https_or_local};

/// Why a message was not handed over. Never names the number, the text or the token.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The gateway's address or token cannot be used.
    #[error("the SMS gateway cannot be called: {0}; correct verification.sms")]
    Settings(&'static str),
    /// It did not answer in time, or not at all.
    #[error("the SMS gateway did not answer")]
    Unreachable(#[source] reqwest::Error),
    /// It answered that it does not take the message.
    #[error("the SMS gateway answered with status {0}")]
    Refused(u16),
}

/// Hands text messages over. It gets the number and the text, nothing else (mission N25).
#[async_trait]
pub trait SmsGateway: Send + Sync + 'static {
    /// Hands one message over.
    async fn send(&self, to: &PhoneNumber, text: &str) -> Result<(), GatewayError>;
}

/// A gateway that takes `POST {"to": ..., "text": ...}` and answers with a status of 2xx.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    client: reqwest::Client,
    url: reqwest::Url,
    token: Option<Personal<String>>,
}

impl HttpGateway {
    /// A gateway at `url`, called with `token` as bearer token, that has `limit` to answer. Plain HTTP is taken for
    /// this machine only.
    ///
    /// # Errors
    /// [`GatewayError::Settings`] for an address that cannot be called.
    pub fn new(url: &str, token: Option<Personal<String>>, limit: Duration) -> Result<Self, GatewayError> {
        let url: reqwest::Url = url.parse().map_err(|_| GatewayError::Settings("url is not an address"))?;
        if !is_https_or_local(url.as_str()) {
            return Err(GatewayError::Settings("url has to begin with https://"));
        }
        let client = reqwest::Client::builder()
            .timeout(limit)
            .connect_timeout(limit)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| GatewayError::Settings("no TLS on this machine"))?;
        Ok(Self { client, url, token })
    }
}

#[async_trait]
impl SmsGateway for HttpGateway {
    async fn send(&self, to: &PhoneNumber, text: &str) -> Result<(), GatewayError> {
        let body = serde_json::json!({ "to": to.as_str(), "text": text });
        let mut call = self.client.post(self.url.clone()).json(&body);
        if let Some(token) = &self.token {
            call = call.bearer_auth(token.expose());
        }
        // Without its address, which may hold a secret.
        let unreachable = |error: reqwest::Error| GatewayError::Unreachable(error.without_url());
        let answer = call.send().await.map_err(unreachable)?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(GatewayError::Refused(status.as_u16())) }
    }
}
