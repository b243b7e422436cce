//! The private Dovecot: it answers, holds what is delivered, forgets UIDs, and comes back after a crash.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use habeas_test_support::{DOVECOT_PASSWORD, Dovecot};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

const MAIL: &[u8] = b"From: hanako@example.jp\r\nSubject: x\r\n\r\nhello\r\n";

/// What the server says to these commands, each answered by its tag.
async fn say(port: u16, commands: &[&str]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    let mut said = String::new();
    stream.read_line(&mut said).await.unwrap();
    for (place, command) in commands.iter().enumerate() {
        stream.write_all(format!("t{place} {command}\r\n").as_bytes()).await.unwrap();
        loop {
            let mut line = String::new();
            assert!(stream.read_line(&mut line).await.unwrap() > 0, "{said}");
            said.push_str(&line);
            if line.starts_with(&format!("t{place} ")) {
                break;
            }
        }
    }
    said
}

fn uidvalidity(said: &str) -> u32 {
    let (_, rest) = said.split_once("UIDVALIDITY ").unwrap();
    rest.split_once(']').unwrap().0.parse().unwrap()
}

#[tokio::test]
async fn mails_are_found_after_a_crash_and_under_other_uids() {
    let dovecot = Dovecot::start().await.unwrap();
    dovecot.deliver("privacy", MAIL).unwrap();
    let login = format!("LOGIN privacy {DOVECOT_PASSWORD}");
    let commands = [login.as_str(), "SELECT INBOX", "UID STORE 1 +FLAGS (\\Seen)", "LOGOUT"];
    let said = say(dovecot.port(), &commands).await;
    assert!(said.contains("* 1 EXISTS"), "{said}");
    assert_eq!(dovecot.seen("privacy", None).unwrap(), 1);
    let before = uidvalidity(&said);

    dovecot.kill().unwrap();
    dovecot.forget_uids("privacy").unwrap();
    dovecot.start_again().await.unwrap();
    let said = say(dovecot.port(), &commands[..2]).await;
    assert!(said.contains("* 1 EXISTS"), "{said}");
    assert_ne!(uidvalidity(&said), before);
    assert_eq!(dovecot.count("privacy", None).unwrap(), 1);
}
