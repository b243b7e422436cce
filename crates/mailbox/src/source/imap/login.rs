//! Signing in.

use async_imap::{Authenticator, Session};
use habeas_domain::Personal;
use tokio::time::timeout;

use super::{
    ImapError, ImapLogin, ImapOptions, ImapSecret, Step,
    connect::{Connected, Wire},
};

pub(super) type Signed = Session<Box<dyn Wire>>;

pub(super) async fn sign_in(options: &ImapOptions, client: Connected) -> Result<Signed, ImapError> {
    let signing = async {
        match &options.login {
            ImapLogin::Password(secret) => {
                let password = read(secret).await?;
                client.login(&options.user, password.expose()).await.map_err(|(error, _)| error)
            }
            ImapLogin::XOAuth2(secret) => {
                let answer = XOAuth2::new(&options.user, &read(secret).await?);
                client.authenticate("XOAUTH2", answer).await.map_err(|(error, _)| error)
            }
        }
        .map_err(|error| ImapError::of(Step::SignIn, &error))
    };
    timeout(options.limit, signing).await.map_err(|_| ImapError::TimedOut(Step::SignIn))?
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
