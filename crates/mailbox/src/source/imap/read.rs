//! One look into a folder: everything new is stored, and then the server is told.

use chrono::{DateTime, TimeDelta, Utc};
use habeas_ledger::{Ledger, MailboxPlace, MailboxPosition, OpenMailbox};
use tokio_util::sync::CancellationToken;

use super::{
    ImapError, ImapOptions,
    fetch::{ASKED_AT_ONCE, search},
    login::Signed,
    spelling::Spelling,
    trouble::Trouble,
};
use crate::source::Bell;

/// How far a mail server's clock may be behind ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// A folder that is open.
pub(super) struct Look<'a> {
    pub(super) options: &'a ImapOptions,
    pub(super) ledger: &'a Ledger,
    pub(super) bell: &'a Bell,
    pub(super) place: MailboxPlace,
    pub(super) spelling: Spelling,
    pub(super) uidvalidity: u32,
    /// The highest UID that was there when the folder was opened.
    pub(super) highest: u32,
    /// How many mails were there then.
    pub(super) exists: u32,
    /// Mails that could not be had.
    pub(super) trouble: &'a mut Trouble,
    /// Cut short between two groups once this is cancelled.
    pub(super) stop: &'a CancellationToken,
}

/// How far a look has come.
pub(super) struct Progress {
    pub(super) position: MailboxPosition,
    pub(super) cut_off: DateTime<Utc>,
    /// How many mails were left alone because they came before the cut-off.
    pub(super) left_alone: u64,
}

impl Look<'_> {
    /// Stores what is new and tells the server what is stored.
    pub(super) async fn round(&mut self, session: &mut Signed) -> Result<(), ImapError> {
        let mut progress = self.begin().await?;
        self.tell_rest(session).await?;
        if let Some(query) = query(&progress) {
            let last = progress.position.last_uid;
            let found = search(session, self.options.limit, &query).await?;
            // `n:*` names the last mail even if its UID is below n.
            let found: Vec<u32> = found.into_iter().filter(|uid| *uid > last).collect();
            if last == 0 {
                let old = usize::try_from(self.exists).unwrap_or(0).saturating_sub(found.len());
                progress.left_alone += old as u64;
            }
            self.take_all(session, &mut progress, &found).await?;
        }
        self.report_left_alone(progress.left_alone);
        if self.stop.is_cancelled() {
            return Ok(());
        }
        self.pass(&mut progress, self.highest).await?;
        // Later rounds learn of everything by searching.
        (self.highest, self.exists) = (0, 0);
        self.ledger.mailbox_read(&self.place).await?;
        Ok(())
    }

    async fn take_all(
        &mut self,
        session: &mut Signed,
        progress: &mut Progress,
        found: &[u32],
    ) -> Result<(), ImapError> {
        let mut rest = found;
        while let [first, ..] = rest
            && !self.stop.is_cancelled()
        {
            let together = self.trouble.at_once(*first, ASKED_AT_ONCE).min(rest.len());
            let (now, later) = rest.split_at(together);
            self.take(session, progress, now).await?;
            rest = later;
        }
        Ok(())
    }

    /// Notes that everything up to a UID is dealt with.
    pub(super) async fn pass(&self, progress: &mut Progress, uid: u32) -> Result<(), ImapError> {
        if uid > progress.position.last_uid {
            progress.position.last_uid = uid;
            self.ledger.store_mails(&[], Some(&progress.position)).await?;
        }
        Ok(())
    }

    /// How far the folder was read. At the first connection everything that lies there is old, unless a cut-off is set: then
    /// what came since is read. Dates alone would not do, since the server's clock is not ours.
    async fn begin(&self) -> Result<Progress, ImapError> {
        let now = self.ledger.ids().now();
        let last_uid = if self.options.cut_off.is_some() { 0 } else { self.highest };
        let first = MailboxPosition {
            place: self.place.clone(),
            uidvalidity: self.uidvalidity,
            last_uid,
            dated_until: self.highest,
        };
        let cut_off = self.options.cut_off.unwrap_or_else(|| now - CLOCKS_DIFFER);
        let OpenMailbox { mut position, cut_off, is_new } = self.ledger.open_mailbox(&first, cut_off).await?;
        if position.uidvalidity != self.uidvalidity {
            // Every UID means another mail now. What is stored already is known by its bytes.
            position = MailboxPosition { last_uid: 0, ..first };
            self.ledger.store_mails(&[], Some(&position)).await?;
        }
        let left_alone = if is_new && position.last_uid > 0 { self.exists.into() } else { 0 };
        Ok(Progress { position, cut_off, left_alone })
    }

    fn report_left_alone(&self, mails: u64) {
        if mails == 0 {
            return;
        }
        let mailbox = self.options.name.as_str();
        metrics::counter!("habeas_mailbox_left_alone_total", "mailbox" => mailbox.to_owned())
            .increment(mails);
        tracing::info!(
            mailbox,
            mails,
            "mails that lay there before the cut-off are left alone; for them to be read, set `cut_off` before the first \
             connection, or hand them over by `habeas mail import`"
        );
    }
}

/// What to search for: every mail above the position. Of those that lay there at the first reading only those since the day
/// before the cut-off, since the server compares days of its own time zone. Nothing if there can be no higher UID.
fn query(progress: &Progress) -> Option<String> {
    let MailboxPosition { last_uid, dated_until, .. } = progress.position;
    let next = last_uid.checked_add(1)?;
    if last_uid >= dated_until {
        return Some(format!("UID {next}:*"));
    }
    let since = (progress.cut_off - TimeDelta::days(1)).format("SINCE %-d-%b-%Y");
    Some(match dated_until.checked_add(1) {
        Some(undated) => format!("UID {next}:* OR {since} UID {undated}:*"),
        None => format!("UID {next}:* {since}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(last_uid: u32, dated_until: u32) -> Option<String> {
        let place = MailboxPlace { mailbox: "privacy".to_owned(), folder: "INBOX".to_owned() };
        let position = MailboxPosition { place, uidvalidity: 1, last_uid, dated_until };
        let cut_off = "2026-04-01T00:00:00Z".parse().unwrap();
        query(&Progress { position, cut_off, left_alone: 0 })
    }

    #[test]
    fn dates_count_only_for_what_lay_there_at_first() {
        assert_eq!(searched(0, 0).unwrap(), "UID 1:*");
        assert_eq!(searched(0, 70).unwrap(), "UID 1:* OR SINCE 31-Mar-2026 UID 71:*");
        assert_eq!(searched(32, 70).unwrap(), "UID 33:* OR SINCE 31-Mar-2026 UID 71:*");
        assert_eq!(searched(70, 70).unwrap(), "UID 71:*");
        assert_eq!(searched(9, u32::MAX).unwrap(), "UID 10:* SINCE 31-Mar-2026");
        assert_eq!(searched(u32::MAX, 0), None);
    }
}
