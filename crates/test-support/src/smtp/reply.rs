//! The replies of the server.

/// A complete reply.
pub(super) const GREETING: &str = "220 sink.example.test ESMTP\r\n";
pub(super) const OK: &str = "250 2.0.0 OK\r\n";
pub(super) const BYE: &str = "221 2.0.0 Bye\r\n";
pub(super) const GO_AHEAD: &str = "354 End with <CRLF>.<CRLF>\r\n";
pub(super) const TEMPORARY: &str = "451 4.3.0 Try again later\r\n";
pub(super) const PERMANENT: &str = "550 5.1.1 No such mailbox\r\n";
pub(super) const BAD_SEQUENCE: &str = "503 5.5.1 Bad sequence of commands\r\n";
pub(super) const UNKNOWN: &str = "500 5.5.2 Unknown command\r\n";
pub(super) const BAD_ADDRESS: &str = "501 5.1.7 Bad address\r\n";
pub(super) const TOO_BIG: &str = "552 5.3.4 Message too big\r\n";
pub(super) const LOGIN_NEEDED: &str = "530 5.7.0 Authentication required\r\n";
pub(super) const LOGIN_WRONG: &str = "535 5.7.8 Authentication failed\r\n";
pub(super) const LOGIN_OK: &str = "235 2.7.0 Authenticated\r\n";
pub(super) const ASK_USER: &str = "334 VXNlcm5hbWU6\r\n";
pub(super) const ASK_PASSWORD: &str = "334 UGFzc3dvcmQ6\r\n";
pub(super) const ASK_PLAIN: &str = "334 \r\n";

/// The largest mail that is taken, in bytes.
pub(super) const SIZE_LIMIT: usize = 26_214_400;

/// What the server can do, told after EHLO.
pub(super) fn capabilities(with_login: bool) -> String {
    let login = if with_login { "250-AUTH PLAIN LOGIN\r\n" } else { "" };
    format!(
        "250-sink.example.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n{login}250 SIZE {SIZE_LIMIT}\r\n"
    )
}
