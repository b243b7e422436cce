use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use habeas_domain::{Personal, ReceivedMailId, TypedId, received_mail::ReceivedMailState};
use habeas_vault::{RequestKey, Vault};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use sha2::{Digest, Sha256};

use super::{MailDelivery, MailboxPosition, row};
use crate::{
    Ledger, LedgerError, clock,
    entity::{received_content, received_mail},
    race::again_after_race,
    unit::{Unit, chunks},
};

/// Where a mail lies in a mailbox (RFC 9051, section 2.3.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailPlace {
    /// The folder.
    pub folder: String,
    /// The validity of the folder's UIDs; 0 where there are none.
    pub uidvalidity: u32,
    /// Its UID, or another number that tells it from the others there.
    pub uid: u32,
}

/// A mail to be stored.
#[derive(Debug, Clone)]
pub struct NewReceivedMail {
    /// The name of the mailbox it came through, as the configuration calls it.
    pub mailbox: String,
    /// Where it lies there, if it can be found again by that.
    pub place: Option<MailPlace>,
    /// When it reached the company.
    pub received_at: DateTime<Utc>,
    /// The mail itself.
    pub content: MailContent,
    /// How it was handed in, where the program that handed it over said so.
    pub delivery: Option<MailDelivery>,
}

/// What there is of a mail.
#[derive(Debug, Clone)]
pub enum MailContent {
    /// Every byte of it.
    Whole(Personal<Vec<u8>>),
    /// It was left where it is, and waits for staff to look.
    LeftThere {
        /// How long it is, as its server says.
        bytes: u64,
        /// Why, in words for staff that hold nothing of the person.
        reason: String,
        /// Its header, by which staff can find it there, if that could be had.
        header: Option<Personal<Vec<u8>>>,
    },
}

impl MailContent {
    /// How many bytes of it are held here.
    pub fn held(&self) -> u64 {
        match self {
            Self::Whole(raw) => raw.expose().len() as u64,
            Self::LeftThere { .. } => 0,
        }
    }
}

/// A mail that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredMail {
    /// Its id.
    pub id: ReceivedMailId,
    /// Whether it was stored before.
    pub known: bool,
}

impl Ledger {
    /// Stores mails and how far their mailbox has been read, in one transaction. A mail whose very bytes are stored
    /// already, or whose place is, is not stored again; it is known under its new place from then on. The results are in
    /// the order of `mails`.
    pub async fn store_mails(
        &self,
        mails: &[NewReceivedMail],
        position: Option<&MailboxPosition>,
    ) -> Result<Vec<StoredMail>, LedgerError> {
        let digests: Vec<Option<Vec<u8>>> = mails.iter().map(|mail| self.digest(&mail.content)).collect();
        again_after_race(|| self.store_mails_once(mails, &digests, position)).await
    }

    async fn store_mails_once(
        &self,
        mails: &[NewReceivedMail],
        digests: &[Option<Vec<u8>>],
        position: Option<&MailboxPosition>,
    ) -> Result<Vec<StoredMail>, LedgerError> {
        let unit = self.begin().await?;
        let stored = unit.store(mails, digests).await?;
        if let Some(position) = position {
            unit.advance(position).await?;
        }
        unit.commit().await?;
        Ok(stored)
    }

    /// Keyed, since a mail that can be guessed could be tried out against a stolen table.
    fn digest(&self, content: &MailContent) -> Option<Vec<u8>> {
        let MailContent::Whole(raw) = content else { return None };
        let plain = hex::encode(Sha256::digest(raw.expose()));
        Some(self.vault().lookup("received-mail", &plain).as_bytes().to_vec())
    }
}

type Place = (String, String, i64, i64);

/// A mail's id, bytes and place, as they are read back.
type Found = (uuid::Uuid, Option<Vec<u8>>, String, Option<String>, Option<i64>, Option<i64>);

/// Mails that are stored, by their bytes and by their place.
#[derive(Default)]
struct Known {
    digests: HashMap<Vec<u8>, ReceivedMailId>,
    places: HashMap<Place, ReceivedMailId>,
}

impl Unit<'_> {
    async fn store(
        &self,
        mails: &[NewReceivedMail],
        digests: &[Option<Vec<u8>>],
    ) -> Result<Vec<StoredMail>, LedgerError> {
        let mut known = self.known_mails(mails, digests).await?;
        let mut results = Vec::with_capacity(mails.len());
        let (mut rows, mut contents) = (Vec::new(), Vec::new());
        let mut fresh = HashSet::new();
        for (mail, digest) in mails.iter().zip(digests) {
            let place = place(mail);
            let by_place = place.as_ref().and_then(|place| known.places.get(place)).copied();
            let by_digest = digest.as_ref().and_then(|digest| known.digests.get(digest)).copied();
            let id = if let Some(id) = by_place.or(by_digest) {
                if by_place.is_none() && !fresh.contains(&id) {
                    self.found_again(id, mail).await?;
                }
                results.push(StoredMail { id, known: true });
                id
            } else {
                let id = self.ledger.ids().fresh();
                let (row, content) = self.new_row(id, mail, digest.clone())?;
                rows.push(row);
                contents.push(content);
                fresh.insert(id);
                results.push(StoredMail { id, known: false });
                id
            };
            known.places.extend(place.map(|place| (place, id)));
            known.digests.extend(digest.clone().map(|digest| (digest, id)));
        }
        for rows in chunks(rows) {
            received_mail::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        for rows in chunks(contents) {
            received_content::Entity::insert_many(rows).exec_without_returning(&self.tx).await?;
        }
        Ok(results)
    }

    async fn known_mails(
        &self,
        mails: &[NewReceivedMail],
        digests: &[Option<Vec<u8>>],
    ) -> Result<Known, LedgerError> {
        use received_mail::Column as C;
        let mut any = Condition::any().add(C::Digest.is_in(digests.iter().flatten().cloned()));
        for (mailbox, folder, uidvalidity, uid) in mails.iter().filter_map(place) {
            let here = C::Mailbox.eq(mailbox).and(C::Folder.eq(folder));
            any = any.add(here.and(C::Uidvalidity.eq(uidvalidity)).and(C::Uid.eq(uid)));
        }
        let rows: Vec<Found> = received_mail::Entity::find()
            .select_only()
            .columns([C::Id, C::Digest, C::Mailbox, C::Folder, C::Uidvalidity, C::Uid])
            .filter(any)
            .into_tuple()
            .all(&self.tx)
            .await?;
        let mut known = Known::default();
        for (id, digest, mailbox, folder, uidvalidity, uid) in rows {
            let id = ReceivedMailId::from_uuid(id);
            known.digests.extend(digest.map(|digest| (digest, id)));
            if let (Some(folder), Some(uidvalidity), Some(uid)) = (folder, uidvalidity, uid) {
                known.places.insert((mailbox, folder, uidvalidity, uid), id);
            }
        }
        Ok(known)
    }

    /// The same mail under another UID: its folder was made anew, or it was moved back. Its server is told again.
    async fn found_again(&self, id: ReceivedMailId, mail: &NewReceivedMail) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        let Some((mailbox, folder, uidvalidity, uid)) = place(mail) else { return Ok(()) };
        received_mail::Entity::update_many()
            .col_expr(C::Mailbox, Expr::value(mailbox))
            .col_expr(C::Folder, Expr::value(folder))
            .col_expr(C::Uidvalidity, Expr::value(uidvalidity))
            .col_expr(C::Uid, Expr::value(uid))
            .col_expr(C::ToldAt, Expr::value(Option::<i64>::None))
            .filter(C::Id.eq(id.uuid()))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    fn new_row(
        &self,
        id: ReceivedMailId,
        mail: &NewReceivedMail,
        digest: Option<Vec<u8>>,
    ) -> Result<(received_mail::ActiveModel, received_content::ActiveModel), LedgerError> {
        let vault = self.ledger.vault();
        let now = self.stored_now();
        let (key, wrapped) = vault.new_request_key(&row::owner(id))?;
        let Content { state, raw, bytes, reason, header } = Content::seal(vault, &key, id, &mail.content)?;
        let delivery = mail.delivery.as_ref();
        let delivery = delivery.map(|one| vault.seal_json(&key, &row::delivery(id), one)).transpose()?;
        let parked = state == ReceivedMailState::Parked;
        let untold = mail.place.is_some() && !parked;
        let verdict = parked.then(|| habeas_domain::received_mail::Verdict::Parked.as_str().to_owned());
        let content = received_content::ActiveModel {
            mail_id: Set(id.uuid()),
            raw: Set(raw),
            reading: Set(None),
            header: Set(header),
        };
        let row = received_mail::ActiveModel {
            id: Set(id.uuid()),
            mailbox: Set(mail.mailbox.clone()),
            folder: Set(mail.place.as_ref().map(|place| place.folder.clone())),
            uidvalidity: Set(mail.place.as_ref().map(|place| place.uidvalidity.into())),
            uid: Set(mail.place.as_ref().map(|place| place.uid.into())),
            digest: Set(digest),
            message_lookup: Set(None),
            sender_lookup: Set(None),
            wrapped_key: Set(Some(wrapped.to_bytes())),
            note: Set(None),
            bytes: Set(i64::try_from(bytes).unwrap_or(i64::MAX)),
            state: Set(state.as_str().to_owned()),
            verdict: Set(verdict),
            authentication: Set(None),
            reason: Set(reason),
            request_id: Set(None),
            attempts: Set(0),
            next_attempt_at: Set(0),
            lease_epoch: Set(0),
            lease_until: Set(None),
            received_at: Set(clock::stored(mail.received_at)),
            stored_at: Set(now),
            told_at: Set((!untold).then_some(now)),
            decided_at: Set(parked.then_some(now)),
            answered_at: Set(None),
            written_by: Set(None),
            delivery: Set(delivery),
            unread_since: Set(None),
            says: Set(None),
            due_at: Set(None),
            due_told_at: Set(None),
            put_off: Set(None),
        };
        Ok((row, content))
    }
}

/// What is kept of a mail, sealed.
struct Content {
    state: ReceivedMailState,
    raw: Option<Vec<u8>>,
    bytes: u64,
    reason: Option<String>,
    header: Option<Vec<u8>>,
}

impl Content {
    fn seal(
        vault: &Vault,
        key: &RequestKey,
        id: ReceivedMailId,
        content: &MailContent,
    ) -> Result<Self, LedgerError> {
        Ok(match content {
            MailContent::Whole(raw) => Self {
                state: ReceivedMailState::Stored,
                raw: Some(vault.seal(key, &row::raw(id), raw.expose())?),
                bytes: raw.expose().len() as u64,
                reason: None,
                header: None,
            },
            MailContent::LeftThere { bytes, reason, header } => {
                let sealed = |header: &Personal<Vec<u8>>| vault.seal(key, &row::header(id), header.expose());
                Self {
                    state: ReceivedMailState::Parked,
                    raw: None,
                    bytes: *bytes,
                    reason: Some(reason.clone()),
                    header: header.as_ref().map(sealed).transpose()?,
                }
            }
        })
    }
}

fn place(mail: &NewReceivedMail) -> Option<Place> {
    let place = mail.place.as_ref()?;
    Some((mail.mailbox.clone(), place.folder.clone(), place.uidvalidity.into(), place.uid.into()))
}
