//! Whom staff may call: the telephone numbers on file, looked up for somebody who has shown enough, and who looked.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, RequestId, TypedId,
    audit::AuditEvent,
    verification::{Evidence, EvidenceOutcome, EvidenceRefused, Method, may_be_looked_up},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::{
    Ledger, LedgerError, OpenRequest, clock, entity::audit, on_file::ON_FILE_PROVEN, seen::SEEN, unit::Unit,
};

/// How long a look at the number on file lets a call to it count.
const LOOK: TimeDelta = TimeDelta::hours(24);

/// The word for it in the audit trail.
const CONTACTS: &str = "contacts";

/// What the audit trail keeps of a look: how many numbers there were, and none of them.
#[derive(Serialize, Deserialize)]
struct Looked {
    what: String,
    #[serde(default)]
    numbers: usize,
}

impl Ledger {
    /// The request of somebody whose telephone number staff look up, to call them back.
    ///
    /// # Errors
    /// [`LedgerError::Evidence`] until they have shown enough for that.
    pub async fn to_be_called(&self, request: RequestId) -> Result<OpenRequest, LedgerError> {
        let identity = self.identity(request).await?;
        if !may_be_looked_up(&identity.policy, &identity.evidence) {
            return Err(EvidenceRefused::MailFirst.into());
        }
        self.open_request(request).await
    }

    /// Records in the audit trail that `by` is about to see so many telephone numbers on file, before they are shown. A call
    /// counts after that alone.
    pub async fn record_contacts_seen(
        &self,
        request: RequestId,
        by: Actor,
        numbers: usize,
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        if unit.lock([request]).await?.is_empty() {
            return Err(LedgerError::NotFound("request"));
        }
        let looked = Looked { what: CONTACTS.to_owned(), numbers };
        unit.audit(request, AuditEvent::new(SEEN, by).with(serde_json::json!(looked)));
        unit.commit().await
    }
}

impl Unit<'_> {
    /// A call that reached the person counts only to a number on file, and for whoever looked which one that is, since the person
    /// last proved another address: until then it may have been somebody else's.
    pub(crate) async fn called_on_file(
        &self,
        request: RequestId,
        shown: &Evidence,
    ) -> Result<(), LedgerError> {
        if shown.method != Method::CallBack || shown.outcome != EvidenceOutcome::Passed {
            return Ok(());
        }
        let of_request = audit::Entity::find()
            .filter(audit::Column::RequestId.eq(request.uuid()))
            .order_by_desc(audit::Column::Seq);
        let proven = of_request.clone().filter(audit::Column::Event.eq(ON_FILE_PROVEN)).one(&self.tx).await?;
        let looks = of_request
            .filter(audit::Column::Seq.gt(proven.map_or(i64::MIN, |row| row.seq)))
            .filter(audit::Column::Event.eq(SEEN))
            .filter(audit::Column::Actor.eq(shown.by.to_string()))
            .filter(audit::Column::At.gte(clock::stored(self.ledger.ids().now() - LOOK)))
            .all(&self.tx)
            .await?;
        let looks = looks.into_iter().filter_map(|row| serde_json::from_str::<Looked>(&row.detail).ok());
        match looks.filter(|look| look.what == CONTACTS).map(|look| look.numbers).next() {
            None => Err(EvidenceRefused::NotLookedUp.into()),
            Some(0) => Err(EvidenceRefused::NoNumberOnFile.into()),
            Some(_) => Ok(()),
        }
    }
}
