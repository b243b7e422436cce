//! Access tokens that are fetched when they are needed: by a refresh token (RFC 6749, section 6), or by the client's own
//! secret (section 4.4), as mailboxes of programs without a user have it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use habeas_domain::{Personal, destination::is_https_or_local};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::ImapError;

/// A token that ends within this time is fetched anew: signing in takes its own while.
const LEFT_OVER: Duration = Duration::from_mins(1);

/// What a token is good for where its server does not say (RFC 6749, section 5.1, only recommends that it does).
const USUAL_LIFE: Duration = Duration::from_mins(5);

/// The largest answer that is read, in bytes.
const LARGEST: usize = 64 * 1024;

/// Where access tokens come from.
#[derive(Debug, Clone)]
pub struct TokenOptions {
    /// The token endpoint.
    pub url: String,
    /// The client's id there.
    pub client_id: String,
    /// A file that holds the client's secret alone, for clients that have one.
    pub client_secret_file: Option<PathBuf>,
    /// A file that holds a refresh token alone. Without it the client's own secret is enough (client credentials).
    pub refresh_token_file: Option<PathBuf>,
    /// What is asked for, where the server wants to be told.
    pub scope: Option<String>,
    /// How long the endpoint may take to answer.
    pub limit: Duration,
}

/// Fetches access tokens and keeps each for as long as it is good.
#[derive(Clone)]
pub struct TokenSource(Arc<Source>);

struct Source {
    options: TokenOptions,
    client: reqwest::Client,
    url: reqwest::Url,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The access token, and until when it is good.
    access: Option<(Personal<String>, Instant)>,
    /// The refresh token in the file, and the one that took its place and could not be written there.
    newer: Option<(Personal<String>, Personal<String>)>,
}

/// What the endpoint gives (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

/// Why it gives nothing (RFC 6749, section 5.2). Its description is left out: it could name somebody.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenSource").field(&self.0.options).finish()
    }
}

impl TokenSource {
    /// A source that has asked for nothing yet. Plain HTTP is taken for this machine only.
    ///
    /// # Errors
    /// [`ImapError::TokenSettings`] for an address that cannot be asked.
    pub fn new(options: TokenOptions) -> Result<Self, ImapError> {
        let url: reqwest::Url =
            options.url.parse().map_err(|_| ImapError::TokenSettings("token_url is no address"))?;
        if !is_https_or_local(url.as_str()) {
            return Err(ImapError::TokenSettings("token_url has to begin with https://"));
        }
        let client = reqwest::Client::builder()
            .timeout(options.limit)
            .connect_timeout(options.limit)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| ImapError::TokenSettings("no TLS on this machine"))?;
        Ok(Self(Arc::new(Source { options, client, url, kept: Mutex::default() })))
    }

    /// A token that is good for a while: the one that was fetched before, or a new one.
    pub(super) async fn token(&self) -> Result<Personal<String>, ImapError> {
        let mut kept = self.0.kept.lock().await;
        if let Some((token, until)) = &kept.access
            && Instant::now() + LEFT_OVER < *until
        {
            return Ok(token.clone());
        }
        self.0.fetch(&mut kept).await
    }

    /// The mail server did not take the token: the next one is fetched anew.
    pub(super) async fn forget(&self) {
        self.0.kept.lock().await.access = None;
    }
}

impl Source {
    async fn fetch(&self, kept: &mut Kept) -> Result<Personal<String>, ImapError> {
        let mut form = vec![("client_id", self.options.client_id.clone())];
        if let Some(file) = &self.options.client_secret_file {
            form.push(("client_secret", read(file).await?.into_inner()));
        }
        form.extend(self.options.scope.clone().map(|scope| ("scope", scope)));
        let in_file = match &self.options.refresh_token_file {
            Some(file) => Some(read(file).await?),
            None => None,
        };
        match &in_file {
            Some(in_file) => {
                let newer = kept.newer.as_ref().filter(|(old, _)| old.expose() == in_file.expose());
                let refresh = newer.map_or(in_file, |(_, newer)| newer).expose().clone();
                form.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh)]);
            }
            None => form.push(("grant_type", "client_credentials".to_owned())),
        }
        let given = self.ask(&form).await?;
        let life = given.expires_in.map_or(USUAL_LIFE, Duration::from_secs);
        let access = Personal::new(given.access_token);
        kept.access = Some((access.clone(), Instant::now() + life));
        if let (Some(in_file), Some(newer)) = (in_file, given.refresh_token)
            && newer != *in_file.expose()
        {
            self.keep(kept, in_file, newer).await;
        }
        Ok(access)
    }

    async fn ask(&self, form: &[(&str, String)]) -> Result<Given, ImapError> {
        // Without its address, which may hold a secret.
        let unreachable = |error: reqwest::Error| ImapError::TokenUnreachable(error.without_url());
        let mut answer = self.client.post(self.url.clone()).form(form).send().await.map_err(unreachable)?;
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > LARGEST {
                return Err(ImapError::TokenUnreadable);
            }
        }
        if answer.status().is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| ImapError::TokenUnreadable);
        }
        let refusal = serde_json::from_slice::<Refusal>(&bytes).ok();
        Err(ImapError::TokenRefused(fix(refusal.as_ref().map(|refusal| refusal.error.as_str()))))
    }

    /// Some servers give a new refresh token with each access token, and forget the old one.
    async fn keep(&self, kept: &mut Kept, in_file: Personal<String>, newer: String) {
        let newer = Personal::new(newer);
        let Some(file) = self.options.refresh_token_file.clone() else { return };
        let text = newer.clone();
        let written = tokio::task::spawn_blocking(move || replace(&file, text.expose())).await;
        if matches!(written, Ok(Ok(()))) {
            kept.newer = None;
            return;
        }
        tracing::warn!(
            "the authorisation server gave a new refresh token, which cannot be written to refresh_token_file; it is lost when \
             this process ends; let this user write the file and its folder"
        );
        kept.newer = Some((in_file, newer));
    }
}

async fn read(file: &Path) -> Result<Personal<String>, ImapError> {
    let text = tokio::fs::read_to_string(file).await.map_err(ImapError::Secret)?;
    Ok(Personal::new(text.trim().to_owned()))
}

/// Writes a secret in the place of another, wholly or not at all, readable by whoever could read it before.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut aside = file.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    let _left_by_a_crash = std::fs::remove_file(&aside);
    let mut new = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    new.set_permissions(std::fs::metadata(file)?.permissions())?;
    new.write_all(format!("{text}\n").as_bytes())?;
    new.sync_all()?;
    std::fs::rename(aside, file)
}

/// What to do about a refusal, by its code.
fn fix(code: Option<&str>) -> &'static str {
    match code {
        Some("invalid_grant") => {
            "the refresh token is not good any more: let the owner of the mailbox consent again, and write the new one to \
             refresh_token_file"
        }
        Some("invalid_client" | "unauthorized_client") => {
            "check client_id and client_secret_file; a client's secret may have run out"
        }
        Some("invalid_scope") => "check token_scope",
        Some("unsupported_grant_type") => "check token_url, and whether refresh_token_file is needed",
        _ => "check token_url, client_id and token_scope",
    }
}
