use std::time::Duration;

use habeas_ledger::{Ledger, MailboxPlace};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    ImapError, ImapOptions, Step,
    connect::connect,
    login::{Signed, sign_in},
    news::wait,
    read::Look,
};
use crate::source::Bell;

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
        let mut delay = self.options.retry;
        while !stop.is_cancelled() {
            let since = Instant::now();
            let Err(error) = self.connection(&stop).await else { continue };
            if since.elapsed() > HELD_WELL {
                delay = self.options.retry;
            }
            let mailbox = self.options.name.as_str();
            metrics::counter!("habeas_mailbox_failures_total", "mailbox" => mailbox.to_owned()).increment(1);
            tracing::warn!(
                mailbox,
                error = %error,
                again_in = ?delay,
                "a mailbox cannot be read now; nothing is lost, it is tried again"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(delay) => {}
            }
            delay = (delay * 2).min(LONGEST_RETRY);
        }
    }

    /// Reads over one connection until `stop`.
    async fn connection(&self, stop: &CancellationToken) -> Result<(), ImapError> {
        let options = &self.options;
        let opened = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            opened = open(options) => opened?,
        };
        let Opened { mut session, uidvalidity, highest, idles } = opened;
        let place = MailboxPlace { mailbox: options.name.clone(), folder: options.folder.clone() };
        let mut look = Look { options, ledger: &self.ledger, bell: &self.bell, place, uidvalidity, highest };
        while !stop.is_cancelled() {
            look.round(&mut session).await?;
            // Later rounds learn of everything by searching.
            look.highest = 0;
            session = wait(session, options, idles, stop).await?;
        }
        // Good manners; the server notices in any case.
        let _goodbye = timeout(Duration::from_secs(2), session.logout()).await;
        Ok(())
    }
}

struct Opened {
    session: Signed,
    uidvalidity: u32,
    highest: u32,
    idles: bool,
}

async fn open(options: &ImapOptions) -> Result<Opened, ImapError> {
    let mut session = sign_in(options, connect(options).await?).await?;
    let able = timeout(options.limit, session.capabilities()).await;
    let able = able.map_err(|_| ImapError::TimedOut(Step::Select))?;
    let idles = able.map_err(|error| ImapError::of(Step::Select, &error))?.has_str("IDLE");
    let selecting = timeout(options.limit, session.select(&options.folder)).await;
    let folder = selecting
        .map_err(|_| ImapError::TimedOut(Step::Select))?
        .map_err(|error| ImapError::of(Step::Select, &error))?;
    Ok(Opened {
        session,
        uidvalidity: folder.uid_validity.filter(|validity| *validity > 0).ok_or(ImapError::NoUidValidity)?,
        highest: folder.uid_next.unwrap_or(0).saturating_sub(1),
        idles,
    })
}

/// Connects, signs in and opens the folder, and changes nothing: for `habeas doctor`.
pub async fn check(options: &ImapOptions) -> Result<(), ImapError> {
    let Opened { mut session, .. } = open(options).await?;
    let _goodbye = timeout(Duration::from_secs(2), session.logout()).await;
    Ok(())
}
