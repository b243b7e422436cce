//! Mails for staff to look at.

use chrono::{DateTime, Utc};
use habeas_domain::{
    Personal, ReceivedMailId, RequestId, TypedId,
    received_mail::{ReceivedMailState, Verdict},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

use super::{ReadReceivedMail, ReceivedMailView, decide::SealedReading, reply::is_unread, row};
use crate::{
    Cursor, Ledger, LedgerError, Page, clock,
    entity::{received_content, received_mail},
    page::{MOST, cut},
};

/// Which mails to list. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedMailFilter {
    /// Only those in this state.
    pub state: Option<ReceivedMailState>,
    /// Only those taken to be this.
    pub verdict: Option<Verdict>,
    /// Only those of this mailbox.
    pub mailbox: Option<String>,
    /// Only those of this request.
    pub request: Option<RequestId>,
    /// Only those that staff have yet to read.
    pub unread: bool,
    /// Only those that reached the company before this.
    pub before: Option<DateTime<Utc>>,
    /// Only those whose reason holds these words, in whichever case they are written.
    pub reason_holds: Option<String>,
}

impl ReceivedMailFilter {
    pub(super) fn condition(&self) -> Condition {
        use received_mail::Column as C;
        Condition::all()
            .add_option(self.state.map(|state| C::State.eq(state.as_str())))
            .add_option(self.verdict.map(|verdict| C::Verdict.eq(verdict.as_str())))
            .add_option(self.mailbox.as_ref().map(|mailbox| C::Mailbox.eq(mailbox)))
            .add_option(self.request.map(|request| C::RequestId.eq(request.uuid())))
            .add_option(self.unread.then(is_unread))
            .add_option(self.before.map(|before| C::ReceivedAt.lt(clock::stored(before))))
            .add_option(self.reason_holds.as_ref().map(|words| {
                let pattern = LikeExpr::new(format!("%{}%", escaped(&words.to_lowercase()))).escape('\\');
                Func::lower(Expr::col(C::Reason)).like(pattern)
            }))
    }
}

/// Words in which nothing stands for other letters.
fn escaped(words: &str) -> String {
    words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl Ledger {
    /// Mails, newest first, from `cursor` on. At most 500 at a time.
    pub async fn list_mails(
        &self,
        filter: &ReceivedMailFilter,
        cursor: Option<Cursor>,
        limit: u64,
    ) -> Result<Page<ReceivedMailView>, LedgerError> {
        let limit = limit.clamp(1, MOST);
        // Ids begin with the time of their making, so that their order is that of age and needs no further index.
        let rows = received_mail::Entity::find()
            .filter(filter.condition())
            .filter(Condition::all().add_option(cursor.map(|cursor| received_mail::Column::Id.lt(cursor.id))))
            .order_by_desc(received_mail::Column::Id)
            .limit(limit + 1)
            .all(self.db())
            .await?;
        cut(rows, limit, |row| Cursor { at: row.stored_at, id: row.id })
            .read(|row| ReceivedMailView::read(&row))
    }

    /// One mail, without anything personal.
    pub async fn mail_view(&self, mail: ReceivedMailId) -> Result<ReceivedMailView, LedgerError> {
        ReceivedMailView::read(&self.mail_row(mail).await?)
    }

    /// One mail with what was understood of it. Holds personal data.
    pub async fn read_mail(&self, mail: ReceivedMailId) -> Result<ReadReceivedMail, LedgerError> {
        let row = self.mail_row(mail).await?;
        let view = ReceivedMailView::read(&row)?;
        if view.erased {
            return Err(LedgerError::Erased);
        }
        let key = row::key(self.vault(), &row)?;
        let content = received_content::Entity::find()
            .select_only()
            .columns([received_content::Column::Reading, received_content::Column::Header])
            .filter(received_content::Column::MailId.eq(mail.uuid()))
            .into_tuple::<(Option<Vec<u8>>, Option<Vec<u8>>)>()
            .one(self.db())
            .await?;
        let (reading, header) = content.unwrap_or_default();
        let reading = reading.map(|sealed| {
            self.vault()
                .open_json::<SealedReading>(&key, &row::reading(mail), &sealed)
                .map(Personal::into_inner)
        });
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let header = header.map(|sealed| self.vault().open(&key, &row::header(mail), &sealed)).transpose()?;
        let (understanding, evidence) =
            reading.transpose()?.map(|reading| (reading.understanding, reading.evidence)).unzip();
        let note = row.note.as_deref().map(|sealed| self.vault().open(&key, &row::note(mail), sealed));
        let note = note.transpose()?.map(|note| note.map(text));
        Ok(ReadReceivedMail {
            view,
            understanding: understanding.map(Personal::new),
            evidence: evidence.map(Personal::new),
            header: header.map(|header| header.map(text)),
            note,
        })
    }

    async fn mail_row(&self, mail: ReceivedMailId) -> Result<received_mail::Model, LedgerError> {
        let row = received_mail::Entity::find_by_id(mail.uuid()).one(self.db()).await?;
        row.ok_or(LedgerError::NotFound("mail"))
    }
}
