//! Signing in.

use async_imap::{Authenticator, Session};
use habeas_domain::Personal;

use super::{
    ImapError, ImapLogin, ImapOptions, ImapSecret, Step,
    command::in_time,
    connect::{Connected, Wire},
};

pub(super) type Signed = Session<Box<dyn Wire>>;

pub(super) async fn sign_in(options: &ImapOptions, client: Connected) -> Result<Signed, ImapError> {
    match &options.login {
        ImapLogin::Password(secret) => {
            let password = read(secret).await?;
            let signing =
                async { client.login(&options.user, password.expose()).await.map_err(|(error, _)| error) };
            in_time(options.limit, Step::SignIn, signing).await
        }
        ImapLogin::XOAuth2(secret) => by_token(options, client, &read(secret).await?).await,
        ImapLogin::Fetched(source) => {
            let signed = by_token(options, client, &source.token().await?).await;
            if matches!(signed, Err(ImapError::StaleToken)) {
                source.forget().await;
            }
            signed
        }
    }
}

async fn by_token(
    options: &ImapOptions,
    client: Connected,
    token: &Personal<String>,
) -> Result<Signed, ImapError> {
    let answer = XOAuth2::new(&options.user, token);
    let signing = async { client.authenticate("XOAUTH2", answer).await.map_err(|(error, _)| error) };
    match in_time(options.limit, Step::SignIn, signing).await {
        Err(ImapError::Refused(_)) => Err(ImapError::StaleToken),
        other => other,
    }
}

async fn read(secret: &ImapSecret) -> Result<Personal<String>, ImapError> {
    match secret {
        ImapSecret::Fixed(secret) => Ok(secret.clone()),
        ImapSecret::File(path) => {
            let text = tokio::fs::read_to_string(path).await.map_err(ImapError::Secret)?;
            Ok(Personal::new(text.trim().to_owned()))
        }
    }
}

/// The one answer of the mechanism: user and token. A second challenge explains a refusal and wants an empty answer.
struct XOAuth2(Option<Personal<String>>);

impl XOAuth2 {
    fn new(user: &str, token: &Personal<String>) -> Self {
        let answer = format!("user={user}\u{1}auth=Bearer {}\u{1}\u{1}", token.expose());
        Self(Some(Personal::new(answer)))
    }
}

impl Authenticator for XOAuth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().map(Personal::into_inner).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_answered_with_nothing() {
        let mut answer = XOAuth2::new("privacy@example.com", &Personal::new("t0ken".to_owned()));
        assert_eq!(answer.process(b""), "user=privacy@example.com\u{1}auth=Bearer t0ken\u{1}\u{1}");
        assert_eq!(answer.process(b"{\"status\":\"401\"}"), "");
    }
}
