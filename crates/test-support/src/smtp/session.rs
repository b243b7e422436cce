//! One connection to the SMTP server.

use std::sync::Arc;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::reply;
use super::state::State;
use super::{Refusal, SmtpMail, SmtpMode};

/// RFC 5321 allows 512 bytes for a command; AUTH and long addresses may need more.
const LINE_LIMIT: u64 = 16_384;

/// A connection and the mail that is being handed over on it.
pub(super) struct Session {
    stream: BufReader<TcpStream>,
    state: Arc<State>,
    from: Option<String>,
    to: Vec<String>,
    logged_in: bool,
}

enum Next {
    Continue,
    End,
}

impl Session {
    pub(super) fn new(stream: TcpStream, state: Arc<State>) -> Self {
        let logged_in = state.login().is_none();
        Self { stream: BufReader::new(stream), state, from: None, to: Vec::new(), logged_in }
    }

    /// Serves until the client leaves.
    pub(super) async fn run(mut self) -> Result<()> {
        self.answer(reply::GREETING).await?;
        while let Some(line) = self.line().await? {
            if matches!(self.command(&line).await?, Next::End) {
                break;
            }
        }
        Ok(())
    }

    async fn command(&mut self, line: &str) -> Result<Next> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.answer(&reply::capabilities(self.state.login().is_some())).await?,
            "HELO" | "NOOP" => self.answer(reply::OK).await?,
            "RSET" => {
                self.reset();
                self.answer(reply::OK).await?;
            }
            "AUTH" => self.login(rest).await?,
            "MAIL" => self.sender(rest).await?,
            "RCPT" => self.recipient(rest).await?,
            "DATA" => return self.data().await,
            "QUIT" => {
                self.answer(reply::BYE).await?;
                return Ok(Next::End);
            }
            _ => self.answer(reply::UNKNOWN).await?,
        }
        Ok(Next::Continue)
    }

    async fn sender(&mut self, rest: &str) -> Result<()> {
        let answer = if !self.logged_in {
            reply::LOGIN_NEEDED
        } else if self.from.is_some() {
            reply::BAD_SEQUENCE
        } else if let Some(address) = address(rest) {
            self.from = Some(address);
            reply::OK
        } else {
            reply::BAD_ADDRESS
        };
        self.answer(answer).await
    }

    async fn recipient(&mut self, rest: &str) -> Result<()> {
        let answer = match (&self.from, address(rest)) {
            (None, _) => reply::BAD_SEQUENCE,
            (_, None) => reply::BAD_ADDRESS,
            (_, Some(address)) => match self.state.refusal(&address) {
                Some(Refusal::Temporary) => reply::TEMPORARY,
                Some(Refusal::Permanent) => reply::PERMANENT,
                None => {
                    self.to.push(address);
                    reply::OK
                }
            },
        };
        self.answer(answer).await
    }

    async fn data(&mut self) -> Result<Next> {
        if self.from.is_none() || self.to.is_empty() {
            self.answer(reply::BAD_SEQUENCE).await?;
            return Ok(Next::Continue);
        }
        self.answer(reply::GO_AHEAD).await?;
        let Some(data) = self.body().await? else {
            self.reset();
            self.answer(reply::TOO_BIG).await?;
            return Ok(Next::Continue);
        };
        let acknowledged = self.state.mode() != SmtpMode::DropAfterData;
        let from = self.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.to);
        self.state.add(SmtpMail { from, to, data: data.into(), acknowledged });
        if !acknowledged {
            return Ok(Next::End);
        }
        self.answer(reply::OK).await?;
        Ok(Next::Continue)
    }

    /// The mail up to the lone dot, without the dots that RFC 5321 section 4.5.2 adds; nothing when it is too big.
    async fn body(&mut self) -> Result<Option<Vec<u8>>> {
        let mut body = Vec::new();
        let mut too_big = false;
        loop {
            let mut line = Vec::new();
            // A client that writes a mail in pieces waits for the acknowledgement of the first (Nagle), which the
            // kernel would hold back for 40 ms. The setting wears off, hence each time.
            self.stream.get_ref().set_quickack(true)?;
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                bail!("the client left in the middle of a mail");
            }
            if line == b".\r\n" {
                return Ok((!too_big).then_some(body));
            }
            too_big |= body.len() + line.len() > reply::SIZE_LIMIT;
            if !too_big {
                body.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
    }

    async fn login(&mut self, rest: &str) -> Result<()> {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => self.plain(initial).await?,
            "LOGIN" => self.user_then_password(initial).await?,
            _ => None,
        };
        self.logged_in = given.is_some() && given.as_ref() == self.state.login();
        let answer = if self.logged_in { reply::LOGIN_OK } else { reply::LOGIN_WRONG };
        self.answer(answer).await
    }

    /// RFC 4616: `authorisation NUL user NUL password`.
    async fn plain(&mut self, initial: &str) -> Result<Option<(String, String)>> {
        let given = if initial.is_empty() { self.ask(reply::ASK_PLAIN).await? } else { decode(initial) };
        let mut parts = given.split('\0').skip(1).map(str::to_owned);
        Ok(parts.next().zip(parts.next()))
    }

    async fn user_then_password(&mut self, initial: &str) -> Result<Option<(String, String)>> {
        let user = if initial.is_empty() { self.ask(reply::ASK_USER).await? } else { decode(initial) };
        let password = self.ask(reply::ASK_PASSWORD).await?;
        Ok(Some((user, password)))
    }

    async fn ask(&mut self, question: &str) -> Result<String> {
        self.answer(question).await?;
        Ok(self.line().await?.map(|line| decode(&line)).unwrap_or_default())
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn line(&mut self) -> Result<Option<String>> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(LINE_LIMIT).read_until(b'\n', &mut line).await?;
        if read > 0 && !line.ends_with(b"\n") {
            bail!("a command line that does not end");
        }
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    async fn answer(&mut self, text: &str) -> Result<()> {
        match self.state.mode() {
            SmtpMode::BlackHole => std::future::pending::<()>().await,
            SmtpMode::Slow(delay) => tokio::time::sleep(delay).await,
            _ => {}
        }
        self.stream.get_mut().write_all(text.as_bytes()).await?;
        Ok(())
    }
}

fn decode(text: &str) -> String {
    STANDARD.decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The address in `FROM:<address> PARAMETER=...`.
fn address(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once('<')?;
    let (address, _) = after.rsplit_once('>')?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_parameters_and_without() {
        assert_eq!(address("FROM:<a@example.com> SIZE=12").unwrap(), "a@example.com");
        assert_eq!(address("TO:<\"a>b\"@example.com>").unwrap(), "\"a>b\"@example.com");
        assert_eq!(address("FROM:<>").unwrap(), "");
        assert!(address("FROM:a@example.com").is_none());
    }
}
