use chrono::{DateTime, Utc};
use habeas_domain::{ReceivedMailId, TypedId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
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
    /// Up to this UID a mail counts only if it came after the cut-off: it lay there when the folder was first read under this
    /// validity. Those above it came since, whatever their dates say.
    pub dated_until: u32,
}

/// A folder whose reading begins or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMailbox {
    /// How far it was read.
    pub position: MailboxPosition,
    /// Since when the mails count that lay there at first.
    pub cut_off: DateTime<Utc>,
    /// Whether this is the first connection.
    pub is_new: bool,
}

/// How a folder of a mailbox stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxStanding {
    /// How far it was read.
    pub position: MailboxPosition,
    /// When it was last read to its end; nothing if it never was.
    pub read_at: Option<DateTime<Utc>>,
    /// Mails that are stored and neither marked nor moved on their server.
    pub untold: u64,
}

/// How each folder stands that was ever connected to: for checks that have no key ring.
pub async fn mailbox_standings(db: &impl ConnectionTrait) -> Result<Vec<MailboxStanding>, LedgerError> {
    let rows = mailbox::Entity::find().order_by_asc(mailbox::Column::Name).all(db).await?;
    let mut standings = Vec::with_capacity(rows.len());
    for row in rows {
        let (position, read_at) = (position(&row), row.read_at.map(clock::moment));
        let untold = untold(&position.place, position.uidvalidity).count(db).await?;
        standings.push(MailboxStanding { position, read_at, untold });
    }
    Ok(standings)
}

fn position(row: &mailbox::Model) -> MailboxPosition {
    let number = |number: i64| u32::try_from(number).unwrap_or(0);
    MailboxPosition {
        place: MailboxPlace { mailbox: row.name.clone(), folder: row.folder.clone() },
        uidvalidity: number(row.uidvalidity),
        last_uid: number(row.last_uid),
        dated_until: number(row.dated_until),
    }
}

/// Mails whose server has not been told that they are stored. Those of UIDs that are not valid any more cannot be told.
fn untold(place: &MailboxPlace, uidvalidity: u32) -> sea_orm::Select<received_mail::Entity> {
    use received_mail::Column as C;
    received_mail::Entity::find()
        .filter(C::ToldAt.is_null())
        .filter(C::Mailbox.eq(&place.mailbox))
        .filter(C::Folder.eq(&place.folder))
        .filter(C::Uidvalidity.eq(i64::from(uidvalidity)))
}

impl Ledger {
    /// How far a folder has been read, and since when its mails count. At the first connection these are `first` and
    /// `cut_off`; the cut-off then stays.
    pub async fn open_mailbox(
        &self,
        first: &MailboxPosition,
        cut_off: DateTime<Utc>,
    ) -> Result<OpenMailbox, LedgerError> {
        let place = &first.place;
        let row = mailbox::ActiveModel {
            name: Set(place.mailbox.clone()),
            folder: Set(place.folder.clone()),
            uidvalidity: Set(first.uidvalidity.into()),
            last_uid: Set(first.last_uid.into()),
            cut_off: Set(clock::stored(cut_off)),
            connected_at: Set(clock::stored(self.ids().now())),
            read_at: Set(None),
            dated_until: Set(first.dated_until.into()),
        };
        let once =
            OnConflict::columns([mailbox::Column::Name, mailbox::Column::Folder]).do_nothing().to_owned();
        let inserted =
            mailbox::Entity::insert(row).on_conflict(once).exec_without_returning(self.db()).await?;
        let row = find(place).one(self.db()).await?.ok_or(LedgerError::NotFound("mailbox"))?;
        Ok(OpenMailbox {
            position: position(&row),
            cut_off: clock::moment(row.cut_off),
            is_new: inserted > 0,
        })
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

    /// How each folder stands that was ever connected to.
    pub async fn mailbox_standings(&self) -> Result<Vec<MailboxStanding>, LedgerError> {
        mailbox_standings(self.db()).await
    }

    /// Mails above a UID that are stored and whose server has not been told yet, by their UIDs: after a crash in between,
    /// when the connection broke, or when the server refused.
    pub async fn mails_to_tell(
        &self,
        place: &MailboxPlace,
        uidvalidity: u32,
        above: u32,
        limit: u64,
    ) -> Result<Vec<(ReceivedMailId, u32)>, LedgerError> {
        use received_mail::Column as C;
        let rows: Vec<(uuid::Uuid, i64)> = untold(place, uidvalidity)
            .select_only()
            .columns([C::Id, C::Uid])
            .filter(C::Uid.gt(i64::from(above)))
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
        row.dated_until = Set(position.dated_until.into());
        row.update(&self.tx).await?;
        Ok(())
    }
}

fn find(place: &MailboxPlace) -> sea_orm::Select<mailbox::Entity> {
    mailbox::Entity::find_by_id((place.mailbox.clone(), place.folder.clone()))
}
