//! Signing in by an access token, against a peer that plays a server by a script.

use std::{io::Write as _, time::Duration};

use habeas_mailbox::source::imap::{
    ImapError, ImapLogin, ImapOptions, ImapSecret, ImapSecurity, TokenOptions, TokenSource, check,
};
use habeas_test_support::Port;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

/// `user=privacy@example.com`, `auth=Bearer <token>`, as the mechanism writes them.
fn expected(token: &str) -> String {
    use base64::Engine as _;
    let text = format!("user=privacy@example.com\u{1}auth=Bearer {token}\u{1}\u{1}");
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// Takes one connection and lets in whoever has the token `good`.
async fn serve(listener: &TcpListener) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"* OK ready\r\n").await.unwrap();
    let mut line = String::new();
    while stream.read_line(&mut line).await.unwrap() > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or(("", line.trim_end()));
        let tag = tag.to_owned();
        let answer = if command == "AUTHENTICATE XOAUTH2" {
            stream.write_all(b"+ \r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_line(&mut answer).await.unwrap();
            if answer.trim_end() == expected("good") {
                format!("{tag} OK welcome\r\n")
            } else {
                stream.write_all(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n").await.unwrap();
                answer.clear();
                stream.read_line(&mut answer).await.unwrap();
                assert_eq!(answer.trim_end(), "", "a refusal is answered with nothing");
                format!("{tag} NO [AUTHENTICATIONFAILED] token for hanako@example.jp\r\n")
            }
        } else if command == "CAPABILITY" {
            format!("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done\r\n")
        } else if command.starts_with("SELECT") {
            format!(
                "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK [READ-WRITE] done\r\n"
            )
        } else {
            format!("* BYE\r\n{tag} OK done\r\n")
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        line.clear();
    }
}

#[tokio::test]
async fn a_token_is_read_again_at_each_connection() {
    let port = Port::reserve().unwrap();
    let listener = TcpListener::bind(port.address()).await.unwrap();
    let peer = tokio::spawn(async move {
        serve(&listener).await;
        serve(&listener).await;
    });
    let mut token = tempfile::NamedTempFile::new().unwrap();
    token.write_all(b"old\n").unwrap();
    let secret = ImapSecret::File(token.path().to_owned());
    let mut options =
        ImapOptions::new("privacy", "127.0.0.1", "privacy@example.com", ImapLogin::XOAuth2(secret));
    options.port = port.number();
    options.security = ImapSecurity::Plain;
    let refused = check(&options).await.unwrap_err();
    assert!(matches!(refused, ImapError::StaleToken), "{refused}");
    assert!(!refused.to_string().contains("hanako"), "{refused}");
    std::fs::write(token.path(), "good\n").unwrap();
    check(&options).await.unwrap();
    peer.await.unwrap();
}

/// Answers token requests with what `give` makes of each form.
async fn endpoint(
    mut give: impl FnMut(&str) -> (u16, String) + Send + 'static,
) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let (mut line, mut length) = (String::new(), 0);
            while stream.read_line(&mut line).await.unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            let (status, json) = give(std::str::from_utf8(&body).unwrap());
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{json}",
                json.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, task)
}

fn source(url: &str, folder: &std::path::Path) -> TokenOptions {
    let _another_test_did = rustls::crypto::ring::default_provider().install_default();
    std::fs::write(folder.join("refresh"), "r-1\n").unwrap();
    std::fs::write(folder.join("secret"), "s3cret\n").unwrap();
    TokenOptions {
        url: url.to_owned(),
        client_id: "habeas".to_owned(),
        client_secret_file: Some(folder.join("secret")),
        refresh_token_file: Some(folder.join("refresh")),
        scope: Some("imap".to_owned()),
        limit: Duration::from_secs(30),
    }
}

/// A server that lets in whoever has the token `good`, `times` times.
async fn mail_server(times: usize) -> (ImapOptions, tokio::task::JoinHandle<()>) {
    let port = Port::reserve().unwrap();
    let listener = TcpListener::bind(port.address()).await.unwrap();
    let peer = tokio::spawn(async move {
        for _ in 0..times {
            serve(&listener).await;
        }
    });
    let login = ImapLogin::XOAuth2(ImapSecret::Fixed(habeas_domain::Personal::new(String::new())));
    let mut options = ImapOptions::new("privacy", "127.0.0.1", "privacy@example.com", login);
    options.port = port.number();
    options.security = ImapSecurity::Plain;
    (options, peer)
}

#[tokio::test]
async fn tokens_that_run_out_are_fetched_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, heard) = std::sync::mpsc::channel();
    // The first token ends at once, the second in an hour; the refresh token changes each time.
    let (url, _endpoint) = endpoint(move |form| {
        asked.send(form.to_owned()).unwrap();
        let (life, next) = if form.contains("refresh_token=r-1") { (1, "r-2") } else { (3_600, "r-3") };
        (200, format!("{{\"access_token\":\"good\",\"expires_in\":{life},\"refresh_token\":\"{next}\"}}"))
    })
    .await;
    let (mut options, peer) = mail_server(3).await;
    options.login = ImapLogin::Fetched(TokenSource::new(source(&url, folder.path())).unwrap());
    for _ in 0..3 {
        check(&options).await.unwrap();
    }
    peer.await.unwrap();
    let forms: Vec<String> = heard.try_iter().collect();
    assert_eq!(
        forms,
        [
            "client_id=habeas&client_secret=s3cret&scope=imap&grant_type=refresh_token&refresh_token=r-1",
            "client_id=habeas&client_secret=s3cret&scope=imap&grant_type=refresh_token&refresh_token=r-2",
        ]
    );
    assert_eq!(std::fs::read_to_string(folder.path().join("refresh")).unwrap(), "r-3\n");
    assert!(!folder.path().join("refresh.new").exists());
}

#[tokio::test]
async fn a_token_that_the_mail_server_refuses_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut times = 0;
    let (url, _endpoint) = endpoint(move |form| {
        assert!(form.ends_with("grant_type=client_credentials"), "{form}");
        times += 1;
        let token = if times == 1 { "stale" } else { "good" };
        (200, format!("{{\"access_token\":\"{token}\",\"expires_in\":3600}}"))
    })
    .await;
    let (mut options, peer) = mail_server(2).await;
    let no_user = TokenOptions { refresh_token_file: None, ..source(&url, folder.path()) };
    options.login = ImapLogin::Fetched(TokenSource::new(no_user).unwrap());
    assert!(matches!(check(&options).await, Err(ImapError::StaleToken)));
    check(&options).await.unwrap();
    peer.await.unwrap();
}

#[tokio::test]
async fn a_refused_token_names_the_fix_and_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (url, _endpoint) = endpoint(|_| {
        let told = "{\"error\":\"invalid_grant\",\"error_description\":\"hanako@example.jp has left\"}";
        (400, told.to_owned())
    })
    .await;
    let (mut options, _peer) = mail_server(1).await;
    options.login = ImapLogin::Fetched(TokenSource::new(source(&url, folder.path())).unwrap());
    let refused = check(&options).await.unwrap_err().to_string();
    assert!(refused.contains("consent again") && !refused.contains("hanako"), "{refused}");
    assert!(!format!("{options:?}").contains("s3cret"));
    let plain = source("http://login.example.com/token", folder.path());
    assert!(matches!(TokenSource::new(plain), Err(ImapError::TokenSettings(_))));
}
