//! Mails of ours that came back.

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, MailId, RequestId, TypedId, audit::AuditEvent};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{Ledger, LedgerError, clock, entity::mail, unit::Unit};

/// What a report said about a mail that the mail server had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// When the report was read.
    pub at: DateTime<Utc>,
    /// The enhanced status code (RFC 3463), such as `5.1.1`, where there was one.
    pub status: Option<String>,
    /// Whether the mail will not arrive; otherwise it is late.
    pub for_good: bool,
}

/// A mail that was marked by a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailCameBack {
    /// The request that it was about.
    pub request: RequestId,
    /// What it was, such as `verify`.
    pub kind: String,
}

impl Ledger {
    /// Marks a mail of ours as undelivered. `mail` must come from a token that the vault has read: whoever got hold of
    /// no mail of ours can mark none. The request itself does not change; it shows that its mail came back.
    ///
    /// A repeat changes nothing, nor does a report of a delay after one that is final. Returns nothing if nothing
    /// changed: there is no such mail, or the same was known. Only a status code is kept of `status`.
    pub async fn mail_bounced(
        &self,
        mail: MailId,
        status: Option<&str>,
        for_good: bool,
    ) -> Result<Option<MailCameBack>, LedgerError> {
        let status = status.filter(|text| is_status(text));
        let Some(row) = mail::Entity::find_by_id(mail.uuid()).one(self.db()).await? else {
            return Ok(None);
        };
        let mut unit = self.begin().await?;
        unit.lock([RequestId::from_uuid(row.request_id)]).await?;
        let marked = unit.mark_undelivered(mail, status, for_good).await?;
        unit.commit().await?;
        if let Some(one) = &marked {
            let lasting = if for_good { "yes" } else { "no" };
            metrics::counter!("habeas_mails_undelivered_total", "kind" => one.kind.clone(), "for_good" => lasting)
                .increment(1);
            tracing::warn!(
                request = %one.request, %mail, kind = one.kind, status, for_good,
                "a mail to the person came back"
            );
        }
        Ok(marked)
    }
}

impl Unit<'_> {
    async fn mark_undelivered(
        &mut self,
        mail: MailId,
        status: Option<&str>,
        for_good: bool,
    ) -> Result<Option<MailCameBack>, LedgerError> {
        let unknown = if for_good {
            mail::Column::UndeliveredForGood.eq(false)
        } else {
            mail::Column::UndeliveredAt.is_null()
        };
        let rows = mail::Entity::update_many()
            .col_expr(mail::Column::UndeliveredAt, Expr::value(clock::stored(self.now)))
            .col_expr(mail::Column::UndeliveredStatus, Expr::value(status.map(str::to_owned)))
            .col_expr(mail::Column::UndeliveredForGood, Expr::value(for_good))
            .filter(mail::Column::Id.eq(mail.uuid()))
            .filter(unknown)
            .exec_with_returning(&self.tx)
            .await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let request = RequestId::from_uuid(row.request_id);
        let detail = json!({ "mail": row.id, "kind": row.kind, "status": status, "for_good": for_good });
        self.audit(request, AuditEvent::new("mail-undelivered", Actor::System).with(detail));
        Ok(Some(MailCameBack { request, kind: row.kind }))
    }
}

/// `class.subject.detail` (RFC 3463, section 2), so that no text of the report gets into columns and logs.
fn is_status(text: &str) -> bool {
    let mut parts = text.split('.');
    let class = parts.next().is_some_and(|class| matches!(class, "4" | "5"));
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    class && parts.clone().count() == 2 && parts.all(number)
}

#[cfg(test)]
mod tests {
    use super::is_status;

    #[test]
    fn only_status_codes_are_kept() {
        assert!(["5.1.1", "4.4.7", "5.7.999"].into_iter().all(is_status));
        let others =
            ["", "5", "2.0.0", "5.1", "5.1.1.1", "5.1.x", "5.1.1234", "5..1", "5.1.1 hanako@example.jp"];
        assert!(!others.into_iter().any(is_status));
    }
}
