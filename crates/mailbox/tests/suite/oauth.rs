//! Signing in by an access token, against a peer that plays a server by a script.

use std::io::Write as _;

use habeas_mailbox::source::imap::{
    ImapError, ImapLogin, ImapOptions, ImapSecret, ImapSecurity, Step, check,
};
use habeas_test_support::Port;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
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
    assert!(matches!(refused, ImapError::Refused(Step::SignIn)), "{refused}");
    assert!(!refused.to_string().contains("hanako"), "{refused}");
    std::fs::write(token.path(), "good\n").unwrap();
    check(&options).await.unwrap();
    peer.await.unwrap();
}
