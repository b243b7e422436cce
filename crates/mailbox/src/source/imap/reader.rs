use std::time::Duration;

use async_imap::{
    error::Error,
    imap_proto::{MailboxDatum, Response, ResponseCode, Status},
};
use habeas_ledger::{Ledger, MailboxPlace, MailboxPosition};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    ImapError, ImapOptions, Step,
    command::{in_time, run},
    connect::connect,
    fetch::search,
    folder_name::folder_name,
    login::{Signed, sign_in},
    news::wait,
    read::Look,
    spelling::{self, Spelling},
    tell::{capabilities, has},
    trouble::Trouble,
};
use crate::source::{Bell, standing::failures_in_a_row};

/// The longest delay before connecting again.
const LONGEST_RETRY: Duration = Duration::from_mins(5);

/// A connection that held this long was a good one: the next delay is the first again.
const HELD_WELL: Duration = Duration::from_mins(1);

/// Reads one folder of a mailbox for as long as the process lives.
#[derive(Debug, Clone)]
pub struct ImapReader {
    options: ImapOptions,
    ledger: Ledger,
    bell: Bell,
}

impl ImapReader {
    /// A reader that stores in `ledger` and rings `bell`.
    pub fn new(options: ImapOptions, ledger: Ledger, bell: Bell) -> Self {
        Self { options, ledger, bell }
    }

    /// Reads until `stop`, connecting again whenever that is needed.
    pub async fn run(self, stop: CancellationToken) {
        let mut standing = Standing::default();
        while !stop.is_cancelled() {
            let since = Instant::now();
            let Err(error) = self.connection(&stop, &mut standing).await else { continue };
            let delay = standing.failed(&self.options, since.elapsed());
            let mailbox = self.options.name.as_str();
            metrics::counter!("habeas_mailbox_failures_total", "mailbox" => mailbox.to_owned()).increment(1);
            failures_in_a_row(mailbox, standing.failures);
            tracing::warn!(
                mailbox,
                error = %error,
                again_in = ?delay,
                "a mailbox cannot be read now; nothing is lost, it is tried again"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(delay) => {}
            }
        }
    }

    /// Reads over one connection until `stop`.
    async fn connection(&self, stop: &CancellationToken, standing: &mut Standing) -> Result<(), ImapError> {
        let options = &self.options;
        let opened = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            opened = open(options) => opened?,
        };
        let Opened { mut session, spelling, uidvalidity, highest, exists, idles } = opened;
        let place = MailboxPlace { mailbox: options.name.clone(), folder: options.folder.clone() };
        let Standing { trouble, failures, .. } = standing;
        trouble.of(uidvalidity);
        let (ledger, bell) = (&self.ledger, &self.bell);
        let mut look =
            Look { options, ledger, bell, place, spelling, uidvalidity, highest, exists, trouble, stop };
        while !stop.is_cancelled() {
            tokio::select! {
                done = look.round(&mut session) => done?,
                // As if the connection broke: what is not stored yet is read by the next process.
                () = overdue(stop, options.end_of_group) => return Ok(()),
            }
            *failures = 0;
            failures_in_a_row(&options.name, 0);
            session = wait(session, options, idles, stop).await?;
        }
        // Good manners; the server notices in any case.
        let _goodbye = timeout(Duration::from_secs(2), session.logout()).await;
        Ok(())
    }
}

/// What is remembered from one connection to the next.
#[derive(Debug, Default)]
struct Standing {
    trouble: Trouble,
    /// How often reading failed since it last went well.
    failures: u32,
    /// How often the delay was doubled since a connection last held well.
    doublings: u32,
}

impl Standing {
    /// How long to wait after one more failure, of a connection that was there for `held`: twice as long each time, but after
    /// a look that went well no longer than until the next one was due. A server that often goes away is read as soon as it
    /// is back; one that hangs up after each look is not asked more often than by polling.
    fn failed(&mut self, options: &ImapOptions, held: Duration) -> Duration {
        if held > HELD_WELL {
            self.doublings = 0;
        }
        let longest = if self.failures == 0 { options.poll } else { LONGEST_RETRY };
        let delay = options.retry.saturating_mul(2_u32.saturating_pow(self.doublings));
        self.doublings = self.doublings.saturating_add(1);
        self.failures = self.failures.saturating_add(1);
        delay.min(longest)
    }
}

/// A group that is being fetched or stored may end after `stop`, but not wait for a server that says nothing.
async fn overdue(stop: &CancellationToken, end_of_group: Duration) {
    stop.cancelled().await;
    sleep(end_of_group).await;
}

struct Opened {
    session: Signed,
    spelling: Spelling,
    uidvalidity: u32,
    highest: u32,
    exists: u32,
    idles: bool,
}

/// What a server says of a folder that is opened.
#[derive(Default)]
struct Folder {
    uidvalidity: u32,
    next: Option<u32>,
    exists: u32,
}

async fn open(options: &ImapOptions) -> Result<Opened, ImapError> {
    let mut session = sign_in(options, connect(options).await?).await?;
    let able = in_time(options.limit, Step::Select, capabilities(&mut session)).await?;
    let spelling = spelling::agree(&mut session, options, &able).await?;
    let name = folder_name(&options.folder, spelling);
    let folder = in_time(options.limit, Step::Select, select(&mut session, &name)).await?;
    if folder.uidvalidity == 0 {
        return Err(ImapError::NoUidValidity);
    }
    let highest = match folder.next {
        Some(next) => next.saturating_sub(1),
        None => search(&mut session, options.limit, "UID *").await?.last().copied().unwrap_or(0),
    };
    let Folder { uidvalidity, exists, .. } = folder;
    Ok(Opened { session, spelling, uidvalidity, highest, exists, idles: has(&able, "IDLE") })
}

async fn select(session: &mut Signed, name: &str) -> Result<Folder, Error> {
    let mut folder = Folder::default();
    run(session, &format!("SELECT {name}"), |answer| match answer {
        Response::MailboxData(MailboxDatum::Exists(exists)) => folder.exists = *exists,
        Response::Data { status: Status::Ok, outcome } => match outcome.code {
            Some(ResponseCode::UidValidity(validity)) => folder.uidvalidity = validity,
            Some(ResponseCode::UidNext(next)) => folder.next = Some(next),
            _ => {}
        },
        _ => {}
    })
    .await?;
    Ok(folder)
}

/// Connects, signs in and opens the folder, and changes nothing: for `habeas doctor`.
pub async fn check(options: &ImapOptions) -> Result<(), ImapError> {
    let Opened { mut session, .. } = open(options).await?;
    let _goodbye = timeout(Duration::from_secs(2), session.logout()).await;
    Ok(())
}

/// How many mails wait on the server above a position; nothing where its UIDs are of another validity. Changes nothing: for
/// `habeas doctor`.
pub async fn backlog(options: &ImapOptions, position: &MailboxPosition) -> Result<Option<u64>, ImapError> {
    let Opened { mut session, uidvalidity, .. } = open(options).await?;
    let waiting = match position.last_uid.checked_add(1).filter(|_| position.uidvalidity == uidvalidity) {
        Some(next) => {
            let found = search(&mut session, options.limit, &format!("UID {next}:*")).await?;
            Some(found.iter().filter(|uid| **uid >= next).count() as u64)
        }
        None => None,
    };
    let _goodbye = timeout(Duration::from_secs(2), session.logout()).await;
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use habeas_domain::Personal;

    use super::{
        super::{ImapLogin, ImapSecret},
        *,
    };

    fn delays(standing: &mut Standing, held: Duration, count: usize) -> Vec<u64> {
        let secret = ImapSecret::Fixed(Personal::new(String::new()));
        let options = ImapOptions::new("privacy", "mail.test", "privacy", ImapLogin::Password(secret));
        (0..count).map(|_| standing.failed(&options, held).as_secs()).collect()
    }

    #[test]
    fn delays_grow_while_nothing_can_be_read() {
        let mut standing = Standing::default();
        let grown = delays(&mut standing, Duration::ZERO, 12);
        assert_eq!(grown, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(delays(&mut standing, HELD_WELL * 2, 2), [1, 1], "each held well");
    }

    #[test]
    fn a_server_that_can_be_read_and_goes_away_again_is_asked_as_often_as_by_polling() {
        let mut standing = Standing::default();
        let mut delay = 0;
        for _ in 0..20 {
            standing.failures = 0;
            delay = delays(&mut standing, Duration::ZERO, 1)[0];
        }
        assert_eq!(delay, 60);
    }
}
