//! One look into a folder: everything new is stored, and then the server is told.

use chrono::{DateTime, TimeDelta, Utc};
use habeas_ledger::{Ledger, MailContent, MailPlace, MailboxPlace, MailboxPosition, NewReceivedMail};

use super::{
    ImapError, ImapOptions,
    fetch::{self, Lying},
    login::Signed,
    tell::tell,
};
use crate::source::Bell;

/// The most mails that are stored in one transaction.
const STORED_AT_ONCE: usize = 32;

/// The most bytes that are fetched at once, unless one mail alone is longer.
const FETCHED_AT_ONCE: u64 = 4_000_000;

/// How far a mail server's clock may be behind ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// How many mails the server is told about at once.
const TOLD_AT_ONCE: u64 = 200;

/// A folder that is open.
pub(super) struct Look<'a> {
    pub(super) options: &'a ImapOptions,
    pub(super) ledger: &'a Ledger,
    pub(super) bell: &'a Bell,
    pub(super) place: MailboxPlace,
    pub(super) uidvalidity: u32,
    /// The highest UID that was there when the folder was opened.
    pub(super) highest: u32,
}

impl Look<'_> {
    /// Stores what is new and tells the server what is stored.
    pub(super) async fn round(&self, session: &mut Signed) -> Result<(), ImapError> {
        let now = self.ledger.ids().now();
        let (mut position, cut_off) = self.position(now).await?;
        if position.uidvalidity != self.uidvalidity {
            // Every UID means another mail now. What is stored already is known by its bytes.
            position = MailboxPosition { uidvalidity: self.uidvalidity, last_uid: 0, ..position };
        }
        self.tell_rest(session).await?;
        let found = fetch::search(session, self.options, position.last_uid, cut_off).await?;
        if !found.is_empty() {
            let lying = fetch::look(session, self.options, &found, now).await?;
            self.store(session, &mut position, cut_off, &lying).await?;
        }
        let highest = found.last().copied().unwrap_or(0).max(self.highest);
        if highest > position.last_uid {
            position.last_uid = highest;
            self.ledger.store_mails(&[], Some(&position)).await?;
        }
        self.ledger.mailbox_read(&self.place).await?;
        self.measure(now);
        Ok(())
    }

    /// How far the folder was read. At the first connection everything that lies there is old, unless a cut-off is set: then
    /// what came since is read. Dates alone would not do, since the server's clock is not ours.
    async fn position(&self, now: DateTime<Utc>) -> Result<(MailboxPosition, DateTime<Utc>), ImapError> {
        let last_uid = if self.options.cut_off.is_some() { 0 } else { self.highest };
        let first = MailboxPosition { place: self.place.clone(), uidvalidity: self.uidvalidity, last_uid };
        let cut_off = self.options.cut_off.unwrap_or_else(|| now - CLOCKS_DIFFER);
        Ok(self.ledger.open_mailbox(&first, cut_off).await?)
    }

    fn measure(&self, now: DateTime<Utc>) {
        #[expect(clippy::cast_precision_loss, reason = "seconds fit a float until long after 2100")]
        let seconds = now.timestamp() as f64;
        let gauge =
            metrics::gauge!("habeas_mailbox_read_timestamp_seconds", "mailbox" => self.options.name.clone());
        gauge.set(seconds);
    }

    /// In the order of the UIDs, so that a position that is stored says that everything below it is dealt with.
    async fn store(
        &self,
        session: &mut Signed,
        position: &mut MailboxPosition,
        cut_off: DateTime<Utc>,
        lying: &[Lying],
    ) -> Result<(), ImapError> {
        for group in groups(lying, self.options.max_bytes) {
            let wanted: Vec<&Lying> = group.iter().filter(|mail| mail.arrived_at >= cut_off).collect();
            let fit: Vec<u32> = wanted
                .iter()
                .filter(|mail| mail.bytes <= self.options.max_bytes)
                .map(|mail| mail.uid)
                .collect();
            let bodies = fetch::bodies(session, self.options, &fit).await?;
            let mut mails = Vec::with_capacity(wanted.len());
            for mail in wanted {
                let body = bodies.iter().find(|(uid, _)| *uid == mail.uid).map(|(_, body)| body.clone());
                mails.extend(self.content(mail, body).map(|content| self.mail(mail, content)));
            }
            position.last_uid = group.last().map_or(position.last_uid, |mail| mail.uid);
            fail::fail_point!("mailbox::before_store");
            let stored = self.ledger.store_mails(&mails, Some(position)).await?;
            fail::fail_point!("mailbox::after_store");
            if stored.iter().any(|mail| !mail.known) {
                self.bell.ring();
            }
            self.tell_rest(session).await?;
        }
        Ok(())
    }

    /// What is stored of a mail; nothing if somebody else took it out of the folder meanwhile.
    fn content(&self, mail: &Lying, body: Option<habeas_domain::Personal<Vec<u8>>>) -> Option<MailContent> {
        if mail.bytes <= self.options.max_bytes {
            return body.map(MailContent::Whole);
        }
        let reason = format!(
            "larger than max_bytes ({} bytes); it was left in the mailbox, look at it there",
            self.options.max_bytes
        );
        Some(MailContent::LeftThere { bytes: mail.bytes, reason })
    }

    fn mail(&self, mail: &Lying, content: MailContent) -> NewReceivedMail {
        NewReceivedMail {
            mailbox: self.place.mailbox.clone(),
            place: Some(MailPlace {
                folder: self.place.folder.clone(),
                uidvalidity: self.uidvalidity,
                uid: mail.uid,
            }),
            // A server whose clock runs ahead must not make a mail arrive in the future.
            received_at: mail.arrived_at.min(self.ledger.ids().now()),
            content,
            delivery: None,
        }
    }

    /// Tells the server about everything that is stored and that it was not told, also by an earlier process.
    async fn tell_rest(&self, session: &mut Signed) -> Result<(), ImapError> {
        loop {
            let untold = self.ledger.mails_to_tell(&self.place, self.uidvalidity, TOLD_AT_ONCE).await?;
            let (ids, uids): (Vec<_>, Vec<u32>) = untold.into_iter().unzip();
            if ids.is_empty() {
                return Ok(());
            }
            fail::fail_point!("mailbox::before_tell");
            match tell(session, self.options, &uids).await {
                // The mails are safe; the next round tries again. Reading goes on.
                Err(ImapError::Refused(_)) => {
                    tracing::warn!(
                        mailbox = self.options.name,
                        mails = ids.len(),
                        "stored mails could not be marked or moved; check `after` and what this user may do"
                    );
                    return Ok(());
                }
                told => told?,
            }
            fail::fail_point!("mailbox::after_tell");
            self.ledger.mails_told(&ids).await?;
        }
    }
}

/// In groups that are fetched and stored together.
fn groups(lying: &[Lying], max_bytes: u64) -> Vec<&[Lying]> {
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, mail) in lying.iter().enumerate() {
        let size = if mail.bytes <= max_bytes { mail.bytes } else { 0 };
        let full = place - start >= STORED_AT_ONCE || bytes + size > FETCHED_AT_ONCE;
        if full && place > start {
            groups.push(&lying[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += size;
    }
    if start < lying.len() {
        groups.push(&lying[start..]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lying(sizes: &[u64]) -> Vec<Lying> {
        let mail = |(uid, bytes): (u32, &u64)| Lying { uid, bytes: *bytes, arrived_at: DateTime::UNIX_EPOCH };
        (1_u32..).zip(sizes).map(mail).collect()
    }

    #[test]
    fn groups_hold_every_mail_in_order_and_are_small() {
        let mut sizes = vec![1_000; 70];
        sizes.extend([9_000_000, 3_000_000, 2_000_000, 99_000_000]);
        let all = lying(&sizes);
        let groups = groups(&all, 40_000_000);
        assert_eq!(groups.concat(), all);
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        assert_eq!(lengths, [32, 32, 6, 1, 1, 2]);
    }
}
