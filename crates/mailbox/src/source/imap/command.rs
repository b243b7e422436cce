//! Commands that are well only by an OK of their own.

use std::time::Duration;

use async_imap::{
    error::{Error, ParseError},
    imap_proto::{Response, Status},
};
use tokio::time::timeout;

use super::{ImapError, Step, login::Signed};

/// Runs a command and hands every other answer to `take`. A refusal, a goodbye and a connection that ends are errors here:
/// the library's own lists end at them as if they were complete.
pub(super) async fn run(
    session: &mut Signed,
    command: &str,
    mut take: impl FnMut(&Response<'_>),
) -> Result<(), Error> {
    let tag = session.run_command(command).await?;
    loop {
        let answer = session.read_response().await?.ok_or(Error::ConnectionLost)?;
        match answer.parsed() {
            Response::Done { tag: of, status, .. } if *of == tag => return ended(status),
            Response::Data { status: Status::Bye, .. } => return Err(Error::ConnectionLost),
            other => take(other),
        }
    }
}

/// The server's own words are left out: they could quote a mail.
fn ended(status: &Status) -> Result<(), Error> {
    match status {
        Status::Ok => Ok(()),
        Status::No => Err(Error::No(String::new())),
        Status::Bad => Err(Error::Bad(String::new())),
        Status::PreAuth | Status::Bye => Err(Error::Parse(ParseError::Invalid(Vec::new()))),
    }
}

/// Does a step, and gives up after so long.
pub(super) async fn in_time<T>(
    limit: Duration,
    step: Step,
    doing: impl Future<Output = Result<T, Error>>,
) -> Result<T, ImapError> {
    let done = timeout(limit, doing).await.map_err(|_| ImapError::TimedOut(step))?;
    done.map_err(|error| ImapError::of(step, &error))
}

/// A name as IMAP quotes it (RFC 3501, section 9, `quoted`).
pub(super) fn quoted(name: &str) -> String {
    let plain: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_line_or_its_quotes() {
        assert_eq!(quoted("INBOX"), "\"INBOX\"");
        assert_eq!(quoted("a\"b\\c\r\nA1 LOGOUT"), "\"a\\\"b\\\\cA1 LOGOUT\"");
    }
}
