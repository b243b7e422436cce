//! Erased people who were found in a store again.

use std::fmt;

use chrono::{DateTime, Utc};
use habeas_domain::{Actor, RequestId, StoreName, TypedId, audit::AuditEvent};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Erasure, read_since, row_of};
use crate::{Ledger, LedgerError, ReErasing, clock, corrupt::corrupt_json, entity::erasure, unit::Unit};

/// The most people who are listed.
const MOST: u64 = 500;

/// What stands for a person who was erased again in a run that has not ended: the run goes on to find what else is theirs.
const ERASED: &str = "erased";

/// How an erased person who was found again stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Back {
    /// About to be erased again; or a run was cut off in its middle.
    Found,
    /// A legal hold was placed since the erasure.
    Held,
    /// A row carries an identifier that was not theirs when they were erased.
    Unclear,
    /// The store would not let go.
    Failed,
}

impl Back {
    /// The name used in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Held => "held",
            Self::Unclear => "unclear",
            Self::Failed => "failed",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Found, Self::Held, Self::Unclear, Self::Failed].into_iter().find(|one| one.as_str() == text)
    }
}

impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An erased person who is in a store again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonBack {
    /// By which request they were erased.
    pub request: RequestId,
    /// For what a keep rule had put off: when the deletion itself was proven.
    pub since: Option<DateTime<Utc>>,
    /// How they stand.
    pub back: Back,
    /// The holds, the reason, or the code of the fault. No personal data.
    pub detail: String,
    /// When they were found last.
    pub at: DateTime<Utc>,
}

impl Ledger {
    /// Notes before anything is changed that these people were found again, and why they stay if they do. Who was found
    /// before is audited no second time.
    pub async fn found_again(
        &self,
        run: &ReErasing,
        people: &[(Erasure, Back, String)],
    ) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        for (erasure, back, detail) in people {
            unit.mark(run, *erasure, *back, detail).await?;
        }
        unit.commit().await
    }

    /// Notes that these people were erased again and proven gone, each with the rows that this changed.
    pub async fn re_erased(&self, run: &ReErasing, people: &[(Erasure, u64)]) -> Result<(), LedgerError> {
        let mut unit = self.begin().await?;
        for (erasure, rows) in people {
            let changed = unit.mark_erased(run, *erasure).await?;
            if changed || *rows > 0 {
                unit.tell_gone(run, erasure.request, Some(*rows));
            }
        }
        unit.commit().await
    }

    /// Who is back in a store, as far as they were found; up to 500.
    pub async fn people_back(&self, store: &StoreName) -> Result<Vec<PersonBack>, LedgerError> {
        let rows = erasure::Entity::find()
            .filter(erasure::Column::Store.eq(store.as_str()))
            .filter(is_back())
            .order_by_asc(erasure::Column::RequestId)
            .limit(MOST)
            .all(self.db())
            .await?;
        rows.iter().map(read).collect()
    }

    /// How many erased people were found in stores again and are there still: for a hold, or because nobody went on.
    pub async fn count_people_back(&self) -> Result<u64, LedgerError> {
        Ok(erasure::Entity::find().filter(is_back()).count(self.db()).await?)
    }
}

fn is_back() -> Condition {
    Condition::all().add(erasure::Column::Back.is_not_null()).add(erasure::Column::Back.ne(ERASED))
}

fn read(row: &erasure::Model) -> Result<PersonBack, LedgerError> {
    let back = row.back.as_deref().and_then(Back::read);
    Ok(PersonBack {
        request: RequestId::from_uuid(row.request_id),
        since: read_since(row.since),
        back: back.ok_or_else(|| corrupt_json("erasure", "back", row.request_id))?,
        detail: row.back_detail.clone().unwrap_or_default(),
        at: clock::moment(row.back_at.unwrap_or_default()),
    })
}

impl Unit<'_> {
    pub(super) async fn mark(
        &mut self,
        run: &ReErasing,
        erasure: Erasure,
        back: Back,
        detail: &str,
    ) -> Result<(), LedgerError> {
        let which = row_of(&run.store, erasure.request, erasure.since);
        let before = erasure::Entity::find().filter(which.clone()).lock_exclusive().one(&self.tx).await?;
        let Some(before) = before else { return Ok(()) };
        erasure::Entity::update_many()
            .col_expr(erasure::Column::Back, Expr::value(back.as_str()))
            .col_expr(erasure::Column::BackDetail, Expr::value(detail))
            .col_expr(erasure::Column::BackAt, Expr::value(self.stored_now()))
            .filter(which)
            .exec(&self.tx)
            .await?;
        let same = Some(back.as_str());
        let goes_on = back == Back::Found && before.back.as_deref() == Some(ERASED);
        if before.back.as_deref() != same && !goes_on {
            let detail = json!({ "store": run.store, "closing": run.closing, "why": back, "more": detail });
            self.audit(erasure.request, AuditEvent::new("found-again", run.by).with(detail));
        }
        Ok(())
    }

    /// Whether they were found by this run or another that has not noted so yet.
    async fn mark_erased(&self, run: &ReErasing, erasure: Erasure) -> Result<bool, LedgerError> {
        let update = erasure::Entity::update_many()
            .col_expr(erasure::Column::Back, Expr::value(ERASED))
            .col_expr(erasure::Column::BackAt, Expr::value(self.stored_now()))
            .filter(row_of(&run.store, erasure.request, erasure.since))
            .filter(is_back());
        Ok(update.exec(&self.tx).await?.rows_affected > 0)
    }

    async fn unmark(&self, which: Condition) -> Result<(), LedgerError> {
        let nothing = || Expr::value(Option::<String>::None);
        let update = erasure::Entity::update_many()
            .col_expr(erasure::Column::Back, nothing())
            .col_expr(erasure::Column::BackDetail, nothing())
            .col_expr(erasure::Column::BackAt, Expr::value(Option::<i64>::None))
            .filter(which);
        update.exec(&self.tx).await?;
        Ok(())
    }

    fn tell_gone(&mut self, run: &ReErasing, request: RequestId, rows: Option<u64>) {
        let detail = json!({ "store": run.store, "closing": run.closing, "rows": rows });
        let event = if rows.is_some() { "re-erased" } else { "gone-again" };
        self.audit(request, AuditEvent::new(event, Actor::System).with(detail));
    }

    /// Takes off the list whom a run that looked at every row did not find: a run before it was cut off after it had erased
    /// them, or somebody took their rows away by hand.
    pub(crate) async fn forget_gone(&mut self, run: &ReErasing) -> Result<(), LedgerError> {
        let here = || Condition::all().add(erasure::Column::Store.eq(run.store.as_str()));
        let gone = here().add(is_back()).add(erasure::Column::BackAt.lt(clock::stored(run.began)));
        let rows = erasure::Entity::find().filter(gone.clone()).all(&self.tx).await?;
        self.unmark(gone).await?;
        self.unmark(here().add(erasure::Column::Back.eq(ERASED))).await?;
        for row in rows {
            self.tell_gone(run, RequestId::from_uuid(row.request_id), None);
        }
        Ok(())
    }
}
