//! Getting mails out of the folder and storing them.

use std::collections::HashSet;

use habeas_ledger::{MailContent, MailPlace, NewReceivedMail};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    ImapError,
    fetch::{self, Lying, search, set},
    login::Signed,
    read::{Look, Progress},
    trouble::GivenUp,
};
use crate::source::left_there::{header_of, too_large};

/// The most mails that are stored in one transaction.
const STORED_AT_ONCE: usize = 32;

/// The most bytes that are fetched at once, unless one mail alone is longer.
const FETCHED_AT_ONCE: u64 = 4_000_000;

/// Mails that are stored in one transaction, with the UID up to which everything is dealt with then.
#[derive(Default)]
struct Group {
    mails: Vec<NewReceivedMail>,
    up_to: u32,
    bytes: HashSet<[u8; 32]>,
}

impl Look<'_> {
    /// Stores these mails, in the order of their UIDs, so that a position that is stored says that everything below it is
    /// dealt with: stored, parked, older than the cut-off, or gone.
    pub(super) async fn take(
        &mut self,
        session: &mut Signed,
        progress: &mut Progress,
        uids: &[u32],
    ) -> Result<(), ImapError> {
        if let [uid] = *uids
            && let Some(mail) = self.trouble.given_up(uid, self.options.patience, Instant::now())
        {
            return self.give_up(progress, mail).await;
        }
        let now = self.ledger.ids().now();
        let looked = fetch::look(session, self.options, uids, now).await;
        let lying = self.all_that_lie_there(session, uids, looked).await?;
        let lying: Vec<Lying> = lying.into_iter().map(|(_, mail)| mail).collect();
        for mails in groups(&lying, self.options.max_bytes) {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            self.take_group(session, progress, mails).await?;
        }
        // Those at the end may be gone meanwhile.
        self.pass(progress, uids.last().copied().unwrap_or(0)).await
    }

    /// What the server gave of these mails, if it gave all that are there. What it keeps back is asked for one by one from
    /// the next connection on.
    async fn all_that_lie_there<T>(
        &mut self,
        session: &mut Signed,
        uids: &[u32],
        answer: Result<Vec<(u32, T)>, ImapError>,
    ) -> Result<Vec<(u32, T)>, ImapError> {
        let given = answer.inspect_err(|_| self.trouble.failed(uids, Instant::now()))?;
        let lacks = |uid: &u32| given.iter().all(|(known, _)| known != uid);
        let missing: Vec<u32> = uids.iter().copied().filter(lacks).collect();
        if missing.is_empty() {
            return Ok(given);
        }
        let mut there = search(session, self.options.limit, &format!("UID {}", set(&missing))).await?;
        there.retain(|uid| missing.contains(uid));
        if there.is_empty() {
            // Somebody else took them out of the folder.
            return Ok(given);
        }
        self.trouble.failed(&there, Instant::now());
        Err(ImapError::Withheld)
    }

    async fn take_group(
        &mut self,
        session: &mut Signed,
        progress: &mut Progress,
        mails: &[Lying],
    ) -> Result<(), ImapError> {
        let dated_until = progress.position.dated_until;
        let is_old = |mail: &Lying| mail.uid <= dated_until && mail.arrived_at < progress.cut_off;
        let wanted: Vec<&Lying> = mails.iter().filter(|mail| !is_old(mail)).collect();
        progress.left_alone += (mails.len() - wanted.len()) as u64;
        let fit: Vec<&Lying> =
            wanted.iter().copied().filter(|mail| mail.bytes <= self.options.max_bytes).collect();
        let uids: Vec<u32> = fit.iter().map(|mail| mail.uid).collect();
        let answer = fetch::bodies(session, self.options, &fit).await;
        let asked = self.all_that_lie_there(session, &uids, answer).await;
        if let ([mail], Err(_)) = (fit.as_slice(), &asked) {
            self.trouble.about(**mail);
        }
        let mut bodies = asked?.into_iter().peekable();
        let mut group = Group::default();
        for mail in wanted {
            let content = if mail.bytes > self.options.max_bytes {
                Some(self.too_large(session, mail).await?)
            } else {
                bodies.next_if(|(uid, _)| *uid == mail.uid).map(|(_, body)| MailContent::Whole(body))
            };
            if let Some(content) = content {
                if !group.bytes.insert(fingerprint(mail.uid, &content)) {
                    // The same mail twice has one row, which has one place: the first copy is marked before the second is found.
                    self.store(session, progress, std::mem::take(&mut group)).await?;
                    group.bytes.insert(fingerprint(mail.uid, &content));
                }
                group.mails.push(self.mail(mail, content));
            }
            group.up_to = mail.uid;
        }
        group.up_to = mails.last().map_or(group.up_to, |mail| mail.uid);
        self.store(session, progress, group).await
    }

    async fn store(
        &mut self,
        session: &mut Signed,
        progress: &mut Progress,
        group: Group,
    ) -> Result<(), ImapError> {
        progress.position.last_uid = group.up_to.max(progress.position.last_uid);
        fail::fail_point!("mailbox::before_store");
        let stored = self.ledger.store_mails(&group.mails, Some(&progress.position)).await?;
        fail::fail_point!("mailbox::after_store");
        if stored.iter().any(|mail| !mail.known) {
            self.bell.ring();
        }
        self.tell_rest(session).await
    }

    /// Lists a mail for staff that the server does not give, and goes on.
    async fn give_up(&mut self, progress: &mut Progress, mail: GivenUp) -> Result<(), ImapError> {
        let GivenUp { uid, about } = mail;
        let arrived_at = self.ledger.ids().now();
        let mail = about.unwrap_or(Lying { uid, bytes: 0, arrived_at });
        tracing::warn!(
            mailbox = self.options.name,
            folder = self.options.folder,
            uid,
            "a mail that the server does not give is left there and listed for staff"
        );
        let reason = "the mail server did not give it, though it was asked again and again; it was left in the mailbox, look at \
                      it there"
            .to_owned();
        let content = MailContent::LeftThere { bytes: mail.bytes, reason, header: None };
        progress.position.last_uid = uid.max(progress.position.last_uid);
        self.ledger.store_mails(&[self.mail(&mail, content)], Some(&progress.position)).await?;
        Ok(())
    }

    async fn too_large(&mut self, session: &mut Signed, mail: &Lying) -> Result<MailContent, ImapError> {
        let header = match fetch::header(session, self.options, mail.uid).await {
            Ok(header) => header,
            Err(ImapError::Refused(_)) => None,
            Err(error) => {
                self.trouble.failed(&[mail.uid], Instant::now());
                return Err(error);
            }
        };
        let there = "it was left in the mailbox, look at it there";
        let header = header.map(|raw| raw.map(|raw| header_of(&raw)));
        Ok(too_large(mail.bytes, self.options.max_bytes, there, header))
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
}

/// Tells a mail's bytes from others; one whose bytes are not known is like no other.
fn fingerprint(uid: u32, content: &MailContent) -> [u8; 32] {
    match content {
        MailContent::Whole(raw) => Sha256::digest(raw.expose()).into(),
        MailContent::LeftThere { .. } => Sha256::digest(format!("left there: {uid}")).into(),
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
    use chrono::DateTime;

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
