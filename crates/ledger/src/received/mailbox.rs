use chrono::{DateTime, Utc};
use habeas_domain::{ReceivedMailId, TypedId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Ledger, LedgerError, clock,
    entity::{mailbox, received_mail},
    unit::Unit,
};

/// A folder of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailboxPlace {
    /// The mailbox's name in the configuration.
    pub mailbox: String,
    /// The folder.
    pub folder: String,
}

/// How far a folder has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxPosition {
    /// Which folder.
    pub place: MailboxPlace,
    /// The validity of its UIDs; 0 before the first reading.
    pub uidvalidity: u32,
    /// The highest UID that was dealt with; 0 before the first.
    pub last_uid: u32,
}

impl Ledger {
    /// How far a folder has been read, and since when its mails count. At the first connection these are `first` and
    /// `cut_off`; the cut-off then stays.
    pub async fn open_mailbox(
        &self,
        first: &MailboxPosition,
        cut_off: DateTime<Utc>,
    ) -> Result<(MailboxPosition, DateTime<Utc>), LedgerError> {
        let place = &first.place;
        let row = mailbox::ActiveModel {
            name: Set(place.mailbox.clone()),
            folder: Set(place.folder.clone()),
            uidvalidity: Set(first.uidvalidity.into()),
            last_uid: Set(first.last_uid.into()),
            cut_off: Set(clock::stored(cut_off)),
            connected_at: Set(clock::stored(self.ids().now())),
            read_at: Set(None),
        };
        let once =
            OnConflict::columns([mailbox::Column::Name, mailbox::Column::Folder]).do_nothing().to_owned();
        mailbox::Entity::insert(row).on_conflict(once).exec_without_returning(self.db()).await?;
        let row = find(place).one(self.db()).await?.ok_or(LedgerError::NotFound("mailbox"))?;
        let number = |number: i64| u32::try_from(number).unwrap_or(0);
        let position = MailboxPosition {
            place: place.clone(),
            uidvalidity: number(row.uidvalidity),
            last_uid: number(row.last_uid),
        };
        Ok((position, clock::moment(row.cut_off)))
    }

    /// Notes that a folder was read to its end just now.
    pub async fn mailbox_read(&self, place: &MailboxPlace) -> Result<(), LedgerError> {
        mailbox::Entity::update_many()
            .col_expr(mailbox::Column::ReadAt, Expr::value(clock::stored(self.ids().now())))
            .filter(mailbox::Column::Name.eq(&place.mailbox))
            .filter(mailbox::Column::Folder.eq(&place.folder))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// When each folder was last read to its end; nothing for one that never was.
    pub async fn mailboxes_read(&self) -> Result<Vec<(MailboxPlace, Option<DateTime<Utc>>)>, LedgerError> {
        let rows = mailbox::Entity::find().order_by_asc(mailbox::Column::Name).all(self.db()).await?;
        let read = |row: mailbox::Model| {
            (MailboxPlace { mailbox: row.name, folder: row.folder }, row.read_at.map(clock::moment))
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Mails that are stored and whose server has not been told yet, by their UIDs: after a crash in between, or when the
    /// connection broke.
    pub async fn mails_to_tell(
        &self,
        place: &MailboxPlace,
        uidvalidity: u32,
        limit: u64,
    ) -> Result<Vec<(ReceivedMailId, u32)>, LedgerError> {
        use received_mail::Column as C;
        let rows: Vec<(uuid::Uuid, i64)> = received_mail::Entity::find()
            .select_only()
            .columns([C::Id, C::Uid])
            .filter(C::ToldAt.is_null())
            .filter(C::Mailbox.eq(&place.mailbox))
            .filter(C::Folder.eq(&place.folder))
            .filter(C::Uidvalidity.eq(i64::from(uidvalidity)))
            .order_by_asc(C::Uid)
            .limit(limit)
            .into_tuple()
            .all(self.db())
            .await?;
        let read = |(id, uid)| (ReceivedMailId::from_uuid(id), u32::try_from(uid).unwrap_or(0));
        Ok(rows.into_iter().map(read).collect())
    }

    /// Notes that the server of these mails was told.
    pub async fn mails_told(&self, mails: &[ReceivedMailId]) -> Result<(), LedgerError> {
        use received_mail::Column as C;
        received_mail::Entity::update_many()
            .col_expr(C::ToldAt, Expr::value(clock::stored(self.ids().now())))
            .filter(C::Id.is_in(mails.iter().map(|id| id.uuid())))
            .exec(self.db())
            .await?;
        Ok(())
    }
}

impl Unit<'_> {
    /// Notes how far a folder has been read. Never goes back, except to UIDs of another validity.
    pub(super) async fn advance(&self, position: &MailboxPosition) -> Result<(), LedgerError> {
        let row = find(&position.place).lock_exclusive().one(&self.tx).await?;
        let row = row.ok_or(LedgerError::NotFound("mailbox"))?;
        let (uidvalidity, last_uid) = (i64::from(position.uidvalidity), i64::from(position.last_uid));
        if row.uidvalidity == uidvalidity && row.last_uid >= last_uid {
            return Ok(());
        }
        let mut row = row.into_active_model();
        row.uidvalidity = Set(uidvalidity);
        row.last_uid = Set(last_uid);
        row.update(&self.tx).await?;
        Ok(())
    }
}

fn find(place: &MailboxPlace) -> sea_orm::Select<mailbox::Entity> {
    mailbox::Entity::find_by_id((place.mailbox.clone(), place.folder.clone()))
}
